/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of a drill: the end of each attempt to reach a service, and
 * the longest time that a client would have been without an answer. Pure: time
 * is an argument, counted from the beginning of the drill.
 *
 * An attempt is a connection of its own, so several are under way at a time and
 * they end in any order. The gap is measured between answers as they arrive: a
 * service that answers one attempt in two is not gone, and a hung attempt hides
 * no answer of the next.
 */
#ifndef EVENKEEL_CTL_DRILL_STATS_H
#define EVENKEEL_CTL_DRILL_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/util.h"

enum drill_kind {
	DRILL_ANSWERED,
	DRILL_REFUSED,
	DRILL_UNREACHABLE,
	DRILL_NO_LOGIN, /* neither logged in nor refused in time */
	DRILL_NO_ANSWER, /* logged in, but the query was not answered in time */
	DRILL_LOST, /* connected, then closed or reset */
	DRILL_CLOSING, /* the server is being shut down */
	DRILL_FULL, /* too many connections */
	DRILL_BLOCKED, /* the server refuses this host */
	DRILL_LOGIN, /* wrong user or password, or no TLS */
	DRILL_NAME, /* the address is a name that is not known */
	DRILL_OTHER,
	DRILL_KINDS
};

#define DRILL_NAME_MAX 64
/* Servers that are told apart; the last one stands for all further ones. */
#define DRILL_SERVERS 16
#define DRILL_NO_SERVER UINT8_MAX

struct drill_server {
	char name[DRILL_NAME_MAX]; /* @@hostname */
	uint32_t id; /* @@server_id */
	bool read_only; /* as of its last answer */
	unsigned answers;
	usec_t first, last; /* when an answer arrived */
};

/* The end of one attempt. */
struct drill_result {
	usec_t start, end;
	enum drill_kind kind;
	/* Only if it was answered. */
	char name[DRILL_NAME_MAX];
	uint32_t id;
	bool read_only;
};

struct drill_attempt {
	usec_t start;
	uint32_t took; /* microseconds */
	uint8_t kind; /* enum drill_kind */
	uint8_t server; /* index, or DRILL_NO_SERVER */
};

/* A time without an answer. */
struct drill_gap {
	usec_t from, to;
	uint8_t before, after; /* servers; DRILL_NO_SERVER: none */
};

struct drill_stats {
	usec_t interval; /* between the starts of attempts */
	struct drill_attempt *attempts;
	size_t nr, room;
	struct drill_server servers[DRILL_SERVERS];
	unsigned nr_servers;
	unsigned counts[DRILL_KINDS];
	struct drill_gap longest;
	usec_t last_answer; /* 0: none */
	uint8_t last_server;
	usec_t last_of_kind[DRILL_KINDS]; /* -1: never */
	usec_t stood_still; /* the stopwatch itself could not go on */
	unsigned not_started; /* attempts, for a reason on this host */
	usec_t last_not_started; /* news of it; -1: never */
};

/* Text enough for drill_stats_add()'s NEWS. */
#define DRILL_NEWS_MAX 200

/* An attempt is started each INTERVAL. */
void drill_stats_init(struct drill_stats *stats, usec_t interval);
void drill_stats_free(struct drill_stats *stats);
/*
 * Count RESULT. Returns true if it is worth a line: a server's first answer, the
 * first failure of a kind for a second, an answer after a gap; NEWS, of
 * DRILL_NEWS_MAX bytes, has that line.
 */
bool drill_stats_add(struct drill_stats *stats,
		     const struct drill_result *result, char *news);
/*
 * An attempt that was due at DUE is started, or not, at NOW: what is much later
 * is no fault of the service. Returns when the next one is due; those that were
 * missed are not made up for.
 */
usec_t drill_stats_due(struct drill_stats *stats, usec_t due, usec_t now);
/* An attempt could not be started. Returns true if it is worth a line, which is
 * once a second. */
bool drill_stats_not_started(struct drill_stats *stats, usec_t now);
/* The drill ends at NOW: a gap that is open ends with it. */
void drill_stats_end(struct drill_stats *stats, usec_t now);
/* Whether the longest gap is longer than MAX; one of 0 allows any. */
bool drill_stats_gap_exceeds(const struct drill_stats *stats, usec_t max);
/* How long there has been no answer. */
usec_t drill_stats_waiting(const struct drill_stats *stats, usec_t now);
/* How many attempts failed. */
unsigned drill_stats_failed(const struct drill_stats *stats);
/*
 * The times that the answered attempts took, in order. Returns an array that the
 * caller frees, and their number in *NR; NULL if there are none.
 */
uint32_t *drill_stats_times(const struct drill_stats *stats, size_t *nr);
/* The time that PER_MILLE of the sorted TIMES do not exceed; NR is not 0. */
uint32_t drill_stats_quantile(const uint32_t *times, size_t nr,
			      unsigned per_mille);

/* "refused", for JSON; "connection refused", for people. */
const char *drill_kind_word(enum drill_kind kind);
const char *drill_kind_text(enum drill_kind kind);
/* "db1 (server_id 11)"; "none" for DRILL_NO_SERVER. */
const char *drill_server_text(const struct drill_stats *stats, uint8_t server,
			      char *out, size_t size);

/*
 * The meaning of an error of the client library. NUMBER and TEXT are the library's;
 * its text ends with an errno in parentheses if the connection failed.
 */
enum drill_kind drill_classify(unsigned number, const char *text);
/* Whether VALUE, of @@read_only, means that the server takes no writes: servers
 * say 0 and 1, OFF and ON, or NO_LOCK and the like for kinds of ON. */
bool drill_is_read_only(const char *value);
/* Whether such an error leaves open why the connection failed. */
bool drill_is_vague(unsigned number, const char *text);

#endif
