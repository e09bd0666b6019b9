/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The helpers, from the checker's side: which are idle, which sessions each
 * holds, which are past the deadline.
 *
 * A helper is a process, because the client library blocks. A helper costs a few
 * hundred kilobytes of memory, and buys isolation: a server that hangs delays no
 * other check, and a server that breaks the client library breaks no other
 * session. So as long as there are enough of them, each check has a helper to
 * itself, which holds its session from one round to the next.
 *
 * With more checks than helpers the sessions are kept all the same, since a
 * login costs both ends several times a query: then the pool is crowded, and
 * each of fewer helpers holds the sessions of many checks, at numbered places.
 * They all have the same login, so that no helper ever holds the passwords of
 * two. One probe runs in a helper at a time. A check whose helper is busy waits
 * for it a moment, for the others there take less than a millisecond; if the
 * helper is still busy then, it is at a server that hangs, and the check logs in
 * anew through another. In this way a server that hangs has its helper to itself
 * after a round. How long is long is measured: on a slow host all take long, and
 * then waiting costs less than logins, which would make the host slower still.
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

/* A probe that needs a helper. The job is embedded in its owner's struct; all
 * zero but the functions, before its first use. */
struct mysql_job {
	uint64_t session; /* never 0, never another job's */
	uint64_t login; /* jobs that log in with the same secrets have the same */
	struct mysql_helper *home; /* the holder of its session; NULL: none */
	uint16_t place; /* of the session at home */
	usec_t since; /* it was submitted */
	bool waiting; /* for a helper, or for home to be idle */
	bool running; /* at home */
	bool known; /* home has had a request of it */
	bool open; /* its session at home, by the last reply */
	bool lent; /* home has a socket for its next login */
	struct payload_found found; /* by the last reply */
	int socket; /* to go with the request, taken; begin() sets it; -1: none */
	TAILQ_ENTRY(mysql_job) entry; /* while it waits */
	/* A helper is there: fill in the request, except serial, session, login
	 * and place. False: the job has ended itself instead. */
	bool (*begin)(struct mysql_job *job, struct mysql_request *request);
	/* The job is over; called once. RESULT is valid during the call. */
	void (*done)(struct mysql_job *job, const struct probe_result *result,
		     bool session_open);
};

TAILQ_HEAD(mysql_jobs, mysql_job);

/* The kind of zygote that the pool needs; start it before the loop exists. */
extern const struct zygote_kind mysql_zygote_kind;

/* ZYGOTE is taken; the zygote may have failed to start. MAX: helpers. */
struct mysql_pool *mysql_pool_new(struct loop *loop, struct zygote *zygote,
				  unsigned max);
/* Leaves the helpers to end by themselves. No job may be left. NULL is fine. */
void mysql_pool_free(struct mysql_pool *pool);

/* Count one check more, or one less, that will have jobs: the checks decide
 * whether the pool is crowded. A check joins before it submits a job. */
void mysql_pool_join(struct mysql_pool *pool);
void mysql_pool_leave(struct mysql_pool *pool);

/* Run JOB as soon as there is a helper; begin() or more may be called at once. */
void mysql_pool_submit(struct mysql_pool *pool, struct mysql_job *job);

/* End JOB without done(): if it runs, its helper is killed. */
void mysql_pool_withdraw(struct mysql_pool *pool, struct mysql_job *job);

/* The session of JOB, which does not run, is not needed any more. */
void mysql_pool_forget(struct mysql_pool *pool, struct mysql_job *job);

/* Why there was no helper lately, for a verdict's text. */
const char *mysql_pool_trouble(const struct mysql_pool *pool);

#endif
