/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The helpers, from the checker's side: which are idle, which session each
 * holds, which are past the deadline.
 *
 * A helper holds one session, so there is one helper for each MySQL check, up
 * to a limit. A helper costs a few hundred kilobytes of memory, and buys
 * isolation: a server that hangs delays no other check, a server that breaks
 * the client library breaks no other session, and no helper ever holds
 * passwords of two servers. Beyond the limit the helper idle longest is given
 * away, at the price of a login; when all helpers are busy, probes wait.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_POOL_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_POOL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "checkers/mysql/mysql_msg.h"
#include "checkers/mysql/zygote.h"

struct loop;
struct mysql_helper;
struct mysql_pool;

/* A probe that needs a helper. The job is embedded in its owner's struct. */
struct mysql_job {
	uint64_t session; /* never 0; a helper that holds it is preferred */
	struct mysql_helper *helper; /* while it runs */
	bool waiting; /* for a helper */
	TAILQ_ENTRY(mysql_job) entry;
	/* A helper is there: fill in the request, serial and session excepted.
	 * False: the job has ended itself instead. */
	bool (*begin)(struct mysql_job *job, struct mysql_request *request);
	/* The job is over; called once. RESULT is valid during the call. */
	void (*done)(struct mysql_job *job, const struct probe_result *result,
		     bool session_open);
};

/* The kind of zygote that the pool needs; start it before the loop exists. */
extern const struct zygote_kind mysql_zygote_kind;

/* ZYGOTE is taken; the zygote may have failed to start. MAX: helpers. */
struct mysql_pool *mysql_pool_new(struct loop *loop, struct zygote *zygote,
				  unsigned max);
/* Leaves the helpers to end by themselves. No job may be left. NULL is fine. */
void mysql_pool_free(struct mysql_pool *pool);

/* Run JOB as soon as there is a helper; begin() or more may be called at once. */
void mysql_pool_submit(struct mysql_pool *pool, struct mysql_job *job);

/* End JOB without done(): if it runs, its helper is killed. */
void mysql_pool_withdraw(struct mysql_pool *pool, struct mysql_job *job);

/* The session is not needed any more: its helper may go. */
void mysql_pool_forget(struct mysql_pool *pool, uint64_t session);

/* Why there was no helper lately, for a verdict's text. */
const char *mysql_pool_trouble(const struct mysql_pool *pool);

#endif
