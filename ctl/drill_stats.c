/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/drill_stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/mysql_greeting.h"

/* A kind of failure that was silent for so long is news when it comes back. */
#define DRILL_QUIET USEC_PER_SEC
/* Without an answer for so many intervals, the next answer is news. */
#define DRILL_GAP_INTERVALS 5
/* Later than so many intervals, the stopwatch stood still itself. */
#define DRILL_LATE_INTERVALS 5

static const struct {
	const char *word, *text;
} drill_kinds[DRILL_KINDS] = {
	[DRILL_ANSWERED] = { "answered", "answered" },
	[DRILL_REFUSED] = { "refused", "connection refused" },
	[DRILL_UNREACHABLE] = { "unreachable", "no route to the address" },
	[DRILL_NO_LOGIN] = { "no-login", "no login in time" },
	[DRILL_NO_ANSWER] = { "no-answer", "logged in, but no answer in time" },
	[DRILL_LOST] = { "lost", "connection lost" },
	[DRILL_CLOSING] = { "closing", "the server is shutting down" },
	[DRILL_FULL] = { "full", "too many connections" },
	[DRILL_BLOCKED] = { "blocked", "the server refuses this host" },
	[DRILL_LOGIN] = { "login", "login refused" },
	[DRILL_NAME] = { "name", "the name is not known" },
	[DRILL_OTHER] = { "other", "another error" },
};

const char *drill_kind_word(enum drill_kind kind)
{
	return drill_kinds[kind].word;
}

const char *drill_kind_text(enum drill_kind kind)
{
	return drill_kinds[kind].text;
}

void drill_stats_init(struct drill_stats *stats, usec_t interval)
{
	unsigned kind;

	memset(stats, 0, sizeof(*stats));
	stats->interval = interval;
	stats->last_server = DRILL_NO_SERVER;
	stats->last_not_started = -1;
	stats->longest.before = stats->longest.after = DRILL_NO_SERVER;
	for (kind = 0; kind < DRILL_KINDS; kind++)
		stats->last_of_kind[kind] = -1;
}

void drill_stats_free(struct drill_stats *stats)
{
	free(stats->attempts);
	memset(stats, 0, sizeof(*stats));
}

/* The index of the server that gave RESULT, which may be a new one. */
static uint8_t drill_stats_server(struct drill_stats *stats,
				  const struct drill_result *result)
{
	struct drill_server *server = stats->servers;
	unsigned i;

	for (i = 0; i < stats->nr_servers; i++, server++)
		if (server->id == result->id &&
		    strcmp(server->name, result->name) == 0)
			return (uint8_t)i;
	if (i == DRILL_SERVERS)
		return DRILL_SERVERS - 1;
	stats->nr_servers++;
	server->first = result->end;
	server->id = result->id;
	if (i == DRILL_SERVERS - 1)
		snprintf(server->name, sizeof(server->name), "all others");
	else
		snprintf(server->name, sizeof(server->name), "%s",
			 result->name);
	return (uint8_t)i;
}

const char *drill_server_text(const struct drill_stats *stats, uint8_t server,
			      char *out, size_t size)
{
	if (server >= stats->nr_servers)
		snprintf(out, size, "none");
	else if (server == DRILL_SERVERS - 1)
		snprintf(out, size, "%s", stats->servers[server].name);
	else
		snprintf(out, size, "%s (server_id %u)",
			 stats->servers[server].name,
			 stats->servers[server].id);
	return out;
}

static void drill_stats_gap(struct drill_stats *stats, usec_t to, uint8_t after)
{
	struct drill_gap *longest = &stats->longest;

	if (to - stats->last_answer <= longest->to - longest->from)
		return;
	longest->from = stats->last_answer;
	longest->to = to;
	longest->before = stats->last_server;
	longest->after = after;
}

/* An answer has arrived; an earlier one may be counted after a later one. */
static bool drill_stats_answer(struct drill_stats *stats,
			       const struct drill_result *result, uint8_t index,
			       char *news)
{
	struct drill_server *server = &stats->servers[index];
	usec_t gap = result->end - stats->last_answer;
	char name[DRILL_NAME_MAX + 32];
	bool first = server->answers++ == 0;

	if (result->end < server->first)
		server->first = result->end;
	if (result->end >= server->last) {
		server->last = result->end;
		server->read_only = result->read_only;
	}
	drill_stats_gap(stats, result->end, index);
	if (result->end >= stats->last_answer) {
		stats->last_answer = result->end;
		stats->last_server = index;
	}
	drill_server_text(stats, index, name, sizeof(name));
	if (gap > DRILL_GAP_INTERVALS * stats->interval)
		snprintf(news, DRILL_NEWS_MAX,
			 "%s answers, after %.2f s without an answer", name,
			 (double)gap / 1e6);
	else
		snprintf(news, DRILL_NEWS_MAX, "%s answers%s", name,
			 result->read_only ? ", read-only" : "");
	return first || gap > DRILL_GAP_INTERVALS * stats->interval;
}

bool drill_stats_add(struct drill_stats *stats,
		     const struct drill_result *result, char *news)
{
	usec_t last = stats->last_of_kind[result->kind];
	struct drill_attempt *attempt;
	uint8_t server = DRILL_NO_SERVER;

	if (result->kind == DRILL_ANSWERED)
		server = drill_stats_server(stats, result);
	stats->attempts = array_grow(stats->attempts, stats->nr, &stats->room,
				     sizeof(*stats->attempts));
	attempt = &stats->attempts[stats->nr++];
	attempt->start = result->start;
	attempt->took = (uint32_t)(result->end - result->start);
	attempt->kind = (uint8_t)result->kind;
	attempt->server = server;
	stats->counts[result->kind]++;
	stats->last_of_kind[result->kind] = result->end;
	if (result->kind == DRILL_ANSWERED)
		return drill_stats_answer(stats, result, server, news);
	snprintf(news, DRILL_NEWS_MAX, "%s", drill_kind_text(result->kind));
	return last < 0 || result->end - last > DRILL_QUIET;
}

usec_t drill_stats_due(struct drill_stats *stats, usec_t due, usec_t now)
{
	if (now - due > DRILL_LATE_INTERVALS * stats->interval)
		stats->stood_still += now - due;
	due += stats->interval;
	return due < now ? now + stats->interval : due;
}

bool drill_stats_not_started(struct drill_stats *stats, usec_t now)
{
	stats->not_started++;
	if (stats->last_not_started >= 0 &&
	    now - stats->last_not_started < DRILL_QUIET)
		return false;
	stats->last_not_started = now;
	return true;
}

void drill_stats_end(struct drill_stats *stats, usec_t now)
{
	drill_stats_gap(stats, now, DRILL_NO_SERVER);
}

bool drill_stats_gap_exceeds(const struct drill_stats *stats, usec_t max)
{
	return max && stats->longest.to - stats->longest.from > max;
}

usec_t drill_stats_waiting(const struct drill_stats *stats, usec_t now)
{
	return now > stats->last_answer ? now - stats->last_answer : 0;
}

unsigned drill_stats_failed(const struct drill_stats *stats)
{
	return (unsigned)stats->nr - stats->counts[DRILL_ANSWERED];
}

static int drill_stats_compare(const void *a, const void *b)
{
	uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;

	return (first > second) - (first < second);
}

uint32_t *drill_stats_times(const struct drill_stats *stats, size_t *nr)
{
	uint32_t *times;
	size_t i;

	*nr = 0;
	if (stats->counts[DRILL_ANSWERED] == 0)
		return NULL;
	times = xcalloc(stats->counts[DRILL_ANSWERED], sizeof(*times));
	for (i = 0; i < stats->nr; i++)
		if (stats->attempts[i].kind == DRILL_ANSWERED)
			times[(*nr)++] = stats->attempts[i].took;
	qsort(times, *nr, sizeof(*times), drill_stats_compare);
	return times;
}

uint32_t drill_stats_quantile(const uint32_t *times, size_t nr,
			      unsigned per_mille)
{
	size_t rank = (nr * per_mille + 999) / 1000;

	return times[rank > 0 ? rank - 1 : 0];
}

/* The errno at the end of the library's TEXT: "... (111)". 0: none. */
static int drill_errno(const char *text)
{
	const char *open = strrchr(text, '(');

	return open ? (int)strtol(open + 1, NULL, 10) : 0;
}

static enum drill_kind drill_classify_connect(int error)
{
	switch (error) {
	case ECONNREFUSED:
		return DRILL_REFUSED;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EADDRNOTAVAIL:
	case EPERM: /* a packet filter here */
	case EACCES:
		return DRILL_UNREACHABLE;
	case ECONNRESET:
	case EPIPE:
		return DRILL_LOST;
	}
	return DRILL_NO_LOGIN;
}

bool drill_is_read_only(const char *value)
{
	return value[0] && strcmp(value, "0") != 0 &&
	       strcasecmp(value, "OFF") != 0;
}

bool drill_is_vague(unsigned number, const char *text)
{
	return (number == 2002 || number == 2003) &&
	       drill_errno(text) == EINPROGRESS;
}

enum drill_kind drill_classify(unsigned number, const char *text)
{
	static const struct {
		unsigned number;
		enum drill_kind kind;
	} known[] = {
		{ 1040, DRILL_FULL },	 { 1203, DRILL_FULL },
		{ 1226, DRILL_FULL },	 { 1044, DRILL_LOGIN },
		{ 1045, DRILL_LOGIN },	 { 1698, DRILL_LOGIN },
		{ 3159, DRILL_LOGIN },	 { 2026, DRILL_LOGIN },
		{ 2061, DRILL_LOGIN },	 { 1053, DRILL_CLOSING },
		{ 1927, DRILL_LOST },	 { 1129, DRILL_BLOCKED },
		{ 1130, DRILL_BLOCKED }, { 2005, DRILL_NAME },
		{ 2006, DRILL_LOST },	 { 2012, DRILL_LOST },
		{ 2013, DRILL_LOST },	 { 2055, DRILL_LOST },
	};
	size_t i;

	if (mysql_is_method_refused(number, text))
		return DRILL_LOGIN;
	if (number == 2002 || number == 2003)
		return drill_classify_connect(drill_errno(text));
	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].number == number)
			return known[i].kind;
	return DRILL_OTHER;
}
