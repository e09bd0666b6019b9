/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/scheduling.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "lib/log.h"
#include "lib/util.h"

bool scheduling_has_cpus(const struct scheduling_cpus *cpus)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cpus->bits); i++)
		if (cpus->bits[i])
			return true;
	return false;
}

static bool scheduling_same_cpus(const struct scheduling_cpus *a,
				 const struct scheduling_cpus *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool scheduling_equal(const struct scheduling *a, const struct scheduling *b)
{
	return a->nice == b->nice && a->rt_priority == b->rt_priority &&
	       a->rlimit_rttime == b->rlimit_rttime &&
	       a->lock_memory == b->lock_memory &&
	       scheduling_same_cpus(&a->cpus, &b->cpus);
}

/* The usual are all; the kernel leaves out those that the host has not. */
static int scheduling_set_cpus(const struct scheduling_cpus *cpus)
{
	bool all = !scheduling_has_cpus(cpus);
	cpu_set_t set;
	size_t i;

	_Static_assert(CPU_SETSIZE <= SCHEDULING_CPUS, "each has a bit");
	CPU_ZERO(&set);
	for (i = 0; i < CPU_SETSIZE; i++)
		if (all || cpus->bits[i / 64] >> i % 64 & 1)
			CPU_SET(i, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

static int scheduling_set_memory(bool lock)
{
	/* Without rights it is needed for the memory of later. */
	struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };

	if (!lock)
		return munlockall();
	(void)setrlimit(RLIMIT_MEMLOCK, &all);
	return mlockall(MCL_CURRENT | MCL_FUTURE);
}

static int scheduling_set_real_time(uint32_t priority)
{
	struct sched_param param = { .sched_priority = (int)priority };

	return sched_setscheduler(
		0, priority ? SCHED_RR | SCHED_RESET_ON_FORK : SCHED_OTHER,
		&param);
}

static int scheduling_set_limit(uint32_t limit)
{
	/* The hard limit stays: it cannot be raised again. */
	struct rlimit time = { limit ? limit : RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(RLIMIT_RTTIME, &time);
}

void scheduling_apply(const struct scheduling *wanted,
		      const struct scheduling *before, const char *part)
{
	if (wanted->lock_memory != before->lock_memory &&
	    scheduling_set_memory(wanted->lock_memory) < 0)
		log_warning(part, "cannot lock memory: %s", strerror(errno));
	if (!scheduling_same_cpus(&wanted->cpus, &before->cpus) &&
	    scheduling_set_cpus(&wanted->cpus) < 0)
		log_warning(part, "cannot choose its processors: %s",
			    strerror(errno));
	if (wanted->nice != before->nice &&
	    setpriority(PRIO_PROCESS, 0, wanted->nice) < 0)
		log_warning(part, "cannot set priority %d: %s", wanted->nice,
			    strerror(errno));
	if (wanted->rlimit_rttime != before->rlimit_rttime &&
	    scheduling_set_limit(wanted->rlimit_rttime) < 0)
		log_warning(part, "cannot limit real time: %s",
			    strerror(errno));
	if (wanted->rt_priority != before->rt_priority &&
	    scheduling_set_real_time(wanted->rt_priority) < 0)
		log_warning(part, "cannot get real-time priority %u: %s",
			    wanted->rt_priority, strerror(errno));
}

void scheduling_format(const struct scheduling *scheduling,
		       char out[SCHEDULING_TEXT_MAX])
{
	int at = snprintf(out, SCHEDULING_TEXT_MAX, "%d,%u,%u,%d,",
			  scheduling->nice, scheduling->rt_priority,
			  scheduling->rlimit_rttime, scheduling->lock_memory);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scheduling->cpus.bits); i++)
		at += snprintf(out + at, SCHEDULING_TEXT_MAX - (size_t)at,
			       "%016" PRIx64, scheduling->cpus.bits[i]);
}

/* The number at *TEXT, with a comma behind it, which *TEXT is moved over. */
static bool scheduling_number(const char **text, long long *value)
{
	char *end;

	errno = 0;
	*value = strtoll(*text, &end, 10);
	if (errno || end == *text || *end != ',')
		return false;
	*text = end + 1;
	return true;
}

bool scheduling_parse(struct scheduling *scheduling, const char *text)
{
	long long nice, priority, limit, lock;
	char digits[17];
	size_t i;

	memset(scheduling, 0, sizeof(*scheduling));
	if (!scheduling_number(&text, &nice) ||
	    !scheduling_number(&text, &priority) ||
	    !scheduling_number(&text, &limit) ||
	    !scheduling_number(&text, &lock) ||
	    strlen(text) != ARRAY_SIZE(scheduling->cpus.bits) * 16)
		return false;
	scheduling->nice = (int)nice;
	scheduling->rt_priority = (uint32_t)priority;
	scheduling->rlimit_rttime = (uint32_t)limit;
	scheduling->lock_memory = lock != 0;
	for (i = 0; i < ARRAY_SIZE(scheduling->cpus.bits); i++, text += 16) {
		memcpy(digits, text, 16);
		digits[16] = '\0';
		if (strspn(digits, "0123456789abcdef") != 16)
			return false;
		scheduling->cpus.bits[i] = strtoull(digits, NULL, 16);
	}
	return true;
}
