/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/check.h"
#include "checkers/mysql/mysql_pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "checkers/mysql/mysql_helper.h"
#include "lib/log.h"
#include "lib/loop.h"

/* After a failed fork there is no use in trying again at once. */
#define POOL_BACKOFF USEC_PER_SEC

struct mysql_helper {
	struct loop_io io;
	struct mysql_pool *pool;
	struct zygote_child child;
	struct mysql_job *job; /* NULL: idle */
	uint64_t session; /* that is open in it, or not yet over; 0: none */
	bool leftovers; /* it waits for the end of earlier sessions */
	uint64_t serial;
	usec_t idle_since;
};

struct mysql_pool {
	struct loop *loop;
	struct loop_io zygote_io;
	struct zygote zygote;
	struct mysql_helper **helpers;
	size_t used;
	size_t max;
	size_t asked; /* helpers that the zygote still owes */
	usec_t ask_after;
	uint64_t serial;
	TAILQ_HEAD(, mysql_job) waiting;
	size_t nr_waiting;
	struct mysql_request request; /* wiped after each use */
	char trouble[64];
};

const struct zygote_kind mysql_zygote_kind = {
	.name = "evenkeel-mysql",
	.prepare = mysql_helper_prepare,
	.run = mysql_helper_run,
};

static void pool_serve_waiting(struct mysql_pool *pool);
static void pool_ask(struct mysql_pool *pool);

static void pool_helper_close(struct mysql_helper *helper)
{
	loop_io_stop(&helper->io);
	close(helper->child.sock);
	close(helper->child.pidfd);
	free(helper);
}

/* Closing the socket ends a helper that is idle; a busy one is killed. */
static void pool_helper_free(struct mysql_helper *helper, bool and_kill)
{
	struct mysql_pool *pool = helper->pool;
	size_t place = 0;

	if (and_kill)
		syscall(SYS_pidfd_send_signal, helper->child.pidfd, SIGKILL,
			NULL, 0);
	while (pool->helpers[place] != helper)
		place++;
	pool->helpers[place] = pool->helpers[--pool->used];
	pool_helper_close(helper);
}

/* The job's helper is gone or not to be trusted: that is our own fault. */
static void pool_job_fail(struct mysql_job *job, const char *why)
{
	struct probe_result result;

	probe_result_fill(&result, PROBE_LOCAL_FAULT, 0);
	snprintf(result.text, sizeof(result.text), "%s", why);
	job->helper = NULL;
	job->done(job, &result, false);
}

static void pool_helper_lost(struct mysql_helper *helper, const char *why)
{
	struct mysql_job *job = helper->job;

	log_warning("mysql", "helper %d: %s", (int)helper->child.pid, why);
	pool_helper_free(helper, true);
	if (job)
		pool_job_fail(job, why);
}

static void pool_helper_reply(struct mysql_helper *helper, const void *message,
			      size_t length)
{
	struct mysql_job *job = helper->job;
	struct probe_result result;
	struct mysql_kept kept;

	if (!job || mysql_reply_read(message, length, helper->serial, &result,
				     &kept) < 0) {
		pool_helper_lost(helper, "a MySQL helper does not make sense");
		return;
	}
	helper->job = NULL;
	helper->session = kept.session || kept.leftovers ? job->session : 0;
	helper->leftovers = kept.leftovers;
	helper->idle_since = loop_now(helper->pool->loop);
	job->helper = NULL;
	job->done(job, &result, kept.session);
}

static void pool_helper_ready(struct loop_io *io, unsigned what)
{
	struct mysql_helper *helper = container_of(io, struct mysql_helper, io);
	struct mysql_pool *pool = helper->pool;
	char message[sizeof(struct mysql_reply) + 1];
	ssize_t got = recv(helper->child.sock, message, sizeof(message),
			   MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0)
		pool_helper_lost(helper, "a MySQL helper ended unexpectedly");
	else
		pool_helper_reply(helper, message, (size_t)got);
	pool_serve_waiting(pool);
}

/* Hand the job to an idle helper. False: the helper is not there any more. */
static bool pool_helper_give(struct mysql_helper *helper, struct mysql_job *job)
{
	struct mysql_pool *pool = helper->pool;
	struct mysql_request *request = &pool->request;
	ssize_t sent;

	job->helper = helper;
	if (!job->begin(job, request)) {
		job->helper = NULL;
		return true;
	}
	request->serial = ++pool->serial;
	request->session = job->session;
	sent = send(helper->child.sock, request, mysql_request_size(request),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
	explicit_bzero(request, sizeof(*request));
	if (sent < 0) {
		job->helper = NULL;
		pool_helper_lost(helper, "a MySQL helper takes no request");
		return false;
	}
	helper->serial = pool->serial;
	helper->job = job;
	return true;
}

/*
 * Whether A is a better one to give away than B: it holds nothing, or no more
 * than a session, or it was idle longer.
 */
static bool pool_helper_is_freer(const struct mysql_helper *a,
				 const struct mysql_helper *b)
{
	int held_a = !!a->session + a->leftovers;
	int held_b = !!b->session + b->leftovers;

	if (held_a != held_b)
		return held_a < held_b;
	return a->idle_since < b->idle_since;
}

/* Of the idle helpers: the session's, else one without, or ANY. */
static struct mysql_helper *pool_find_idle(const struct mysql_pool *pool,
					   uint64_t session, bool any)
{
	struct mysql_helper *best = NULL;
	struct mysql_helper *helper;
	size_t i;

	for (i = 0; i < pool->used; i++) {
		helper = pool->helpers[i];
		if (helper->job)
			continue;
		if (helper->session == session)
			return helper;
		if (helper->session != 0 && !any)
			continue;
		if (!best || pool_helper_is_freer(helper, best))
			best = helper;
	}
	return best;
}

static void pool_set_trouble(struct mysql_pool *pool, int error)
{
	snprintf(pool->trouble, sizeof(pool->trouble),
		 "cannot start a MySQL helper: %s", strerror(error));
	log_warning("mysql", "%s", pool->trouble);
	pool->ask_after = loop_now(pool->loop) + POOL_BACKOFF;
}

static void pool_add_helper(struct mysql_pool *pool,
			    const struct zygote_child *child)
{
	struct mysql_helper *helper = xcalloc(1, sizeof(*helper));
	int error;

	helper->pool = pool;
	helper->child = *child;
	helper->idle_since = loop_now(pool->loop);
	pool->helpers[pool->used++] = helper;
	error = loop_io_start(pool->loop, &helper->io, child->sock, LOOP_READ,
			      pool_helper_ready);
	if (error < 0) {
		pool_helper_free(helper, false);
		pool_set_trouble(pool, -error);
	}
}

static void pool_close_zygote(struct mysql_pool *pool)
{
	if (pool->zygote.sock >= 0)
		loop_io_stop(&pool->zygote_io);
	zygote_kill(&pool->zygote);
	pool->asked = 0;
}

static void pool_zygote_ready(struct loop_io *io, unsigned what)
{
	struct mysql_pool *pool =
		container_of(io, struct mysql_pool, zygote_io);
	struct zygote_child child;
	int got = zygote_take(&pool->zygote, &child);

	if (got == -EAGAIN)
		return;
	if (got == 0) {
		log_warning("mysql", "the parent of the helpers is gone");
		pool_close_zygote(pool);
		pool_ask(pool);
		return;
	}
	if (pool->asked > 0)
		pool->asked--;
	if (child.error == 0)
		pool_add_helper(pool, &child);
	else
		pool_set_trouble(pool, child.error);
	pool_serve_waiting(pool);
}

static int pool_watch_zygote(struct mysql_pool *pool)
{
	int error = loop_io_start(pool->loop, &pool->zygote_io,
				  pool->zygote.sock, LOOP_READ,
				  pool_zygote_ready);

	if (error < 0)
		zygote_kill(&pool->zygote);
	return error;
}

/* The zygote died: the next one is a fork of this larger process. */
static int pool_revive_zygote(struct mysql_pool *pool)
{
	int error;

	if (pool->zygote.sock >= 0)
		return 0;
	error = zygote_start(&pool->zygote, &mysql_zygote_kind);
	return error < 0 ? error : pool_watch_zygote(pool);
}

/* Ask for a helper for each that waits, as far as there may be more. */
static void pool_ask(struct mysql_pool *pool)
{
	int error = 0;

	while (error == 0 && pool->asked < pool->nr_waiting &&
	       pool->used + pool->asked < pool->max &&
	       loop_now(pool->loop) >= pool->ask_after) {
		error = pool_revive_zygote(pool);
		if (error == 0)
			error = zygote_ask(&pool->zygote);
		if (error == 0)
			pool->asked++;
		else
			pool_set_trouble(pool, -error);
	}
}

static void pool_wait(struct mysql_pool *pool, struct mysql_job *job)
{
	TAILQ_INSERT_TAIL(&pool->waiting, job, entry);
	job->waiting = true;
	pool->nr_waiting++;
}

static void pool_wait_no_more(struct mysql_pool *pool, struct mysql_job *job)
{
	TAILQ_REMOVE(&pool->waiting, job, entry);
	job->waiting = false;
	pool->nr_waiting--;
}

/*
 * A helper for the first that waits. While more are on their way, the sessions
 * of idle helpers are left in peace.
 */
static void pool_serve_waiting(struct mysql_pool *pool)
{
	struct mysql_helper *helper;
	struct mysql_job *job;

	while ((job = TAILQ_FIRST(&pool->waiting))) {
		helper = pool_find_idle(pool, job->session, pool->asked == 0);
		if (!helper)
			return;
		pool_wait_no_more(pool, job);
		if (!pool_helper_give(helper, job))
			mysql_pool_submit(pool, job);
	}
}

void mysql_pool_submit(struct mysql_pool *pool, struct mysql_job *job)
{
	struct mysql_helper *helper;

	while ((helper = pool_find_idle(pool, job->session, false))) {
		if (pool_helper_give(helper, job))
			return;
	}
	pool_wait(pool, job);
	pool_ask(pool);
	pool_serve_waiting(pool);
}

void mysql_pool_withdraw(struct mysql_pool *pool, struct mysql_job *job)
{
	struct mysql_helper *helper = job->helper;

	if (job->waiting)
		pool_wait_no_more(pool, job);
	if (!helper)
		return;
	job->helper = NULL;
	helper->job = NULL;
	pool_helper_free(helper, true);
}

void mysql_pool_forget(struct mysql_pool *pool, uint64_t session)
{
	size_t i;

	for (i = 0; i < pool->used; i++) {
		if (!pool->helpers[i]->job &&
		    pool->helpers[i]->session == session) {
			pool_helper_free(pool->helpers[i], false);
			return;
		}
	}
}

const char *mysql_pool_trouble(const struct mysql_pool *pool)
{
	return pool->trouble[0] ? pool->trouble : "all MySQL helpers are busy";
}

struct mysql_pool *mysql_pool_new(struct loop *loop, struct zygote *zygote,
				  unsigned max)
{
	struct mysql_pool *pool = xcalloc(1, sizeof(*pool));
	int error;

	pool->loop = loop;
	pool->zygote = *zygote;
	zygote->sock = -1;
	pool->max = max;
	pool->helpers = xcalloc(max, sizeof(struct mysql_helper *));
	TAILQ_INIT(&pool->waiting);
	if (pool->zygote.sock >= 0) {
		error = pool_watch_zygote(pool);
		if (error < 0)
			pool_set_trouble(pool, -error);
	}
	return pool;
}

void mysql_pool_free(struct mysql_pool *pool)
{
	if (!pool)
		return;
	while (pool->used > 0)
		pool_helper_close(pool->helpers[--pool->used]);
	if (pool->zygote.sock >= 0)
		loop_io_stop(&pool->zygote_io);
	zygote_leave(&pool->zygote);
	free(pool->helpers);
	free(pool);
}
