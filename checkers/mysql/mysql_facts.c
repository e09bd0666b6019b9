/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/util.h"

static const struct {
	const char *name;
	enum fact fact;
	size_t offset; /* of the uint32_t in struct facts */
} facts_numbers[] = {
	{ "Threads_running", FACT_THREADS_RUNNING,
	  offsetof(struct facts, threads_running) },
	{ "Threads_connected", FACT_THREADS_CONNECTED,
	  offsetof(struct facts, threads_connected) },
	{ "Max_used_connections", FACT_MAX_USED,
	  offsetof(struct facts, max_used) },
	{ "max_connections", FACT_MAX_CONNECTIONS,
	  offsetof(struct facts, max_connections) },
	{ "wait_timeout", FACT_WAIT_TIMEOUT,
	  offsetof(struct facts, wait_timeout) },
};

static bool facts_parse(const char *text, uint64_t most, uint64_t *number)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*number = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *number <= most;
}

/* Three variables make a server read-only; any of them does. */
static bool facts_is_read_only(const char *name)
{
	return strcasecmp(name, "read_only") == 0 ||
	       strcasecmp(name, "super_read_only") == 0 ||
	       strcasecmp(name, "innodb_read_only") == 0;
}

static void facts_take_read_only(struct facts *facts, const char *value)
{
	if (!value[0])
		return;
	/* ON, and MariaDB's stronger words */
	if (strcasecmp(value, "OFF") != 0 && strcmp(value, "0") != 0)
		facts->read_only = 1;
	facts->have |= FACT_READ_ONLY;
}

void mysql_facts_take(struct facts *facts, const char *name, const char *value)
{
	uint32_t *field;
	uint64_t number;
	size_t i;

	if (facts_is_read_only(name)) {
		facts_take_read_only(facts, value);
		return;
	}
	if (strcasecmp(name, "Uptime") == 0 &&
	    facts_parse(value, INT64_MAX / USEC_PER_SEC, &number)) {
		facts->uptime = (usec_t)number * USEC_PER_SEC;
		facts->have |= FACT_UPTIME;
		return;
	}
	for (i = 0; i < ARRAY_SIZE(facts_numbers); i++) {
		if (strcasecmp(name, facts_numbers[i].name) != 0 ||
		    !facts_parse(value, UINT32_MAX, &number))
			continue;
		field = (void *)((char *)facts + facts_numbers[i].offset);
		*field = (uint32_t)number;
		facts->have |= facts_numbers[i].fact;
		return;
	}
}
