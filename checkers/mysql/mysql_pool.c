/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/check.h"
#include "checkers/mysql/mysql_pool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "checkers/leftover.h"
#include "checkers/mysql/mysql_helper.h"
#include "checkers/mysql/mysql_usual.h"
#include "checkers/mysql/mysql_watchdog.h"
#include "confine/confine.h"
#include "lib/log.h"
#include "lib/loop.h"

/* After a failed fork there is no use in trying again at once. */
#define POOL_BACKOFF USEC_PER_SEC
/* A crowded pool gets along with this part of the helpers that it may have. */
#define POOL_CROWDED_PART 4
/* A job that waits so long for any helper shows that a crowd has too few. */
#define POOL_SHORTAGE USEC_PER_SEC
/* A checker ends for a zygote that never worked, but not sooner than this. */
#define POOL_ALONE (60 * USEC_PER_SEC)
/* Of a helper's descriptors: all but those of its sessions. */
#define POOL_FDS_OTHER (MYSQL_WATCHDOG_BEYOND + 8)

struct mysql_helper {
	struct loop_io io;
	struct mysql_pool *pool;
	struct zygote_child child;
	struct mysql_job *job; /* NULL: idle */
	struct mysql_job **kept; /* by place: the jobs with their session here */
	size_t nr_kept;
	struct mysql_jobs waiting; /* for their session here */
	uint64_t login; /* of all of them; 0: of none yet */
	uint64_t serial;
	usec_t since; /* it began to be idle, or with its job */
	bool slow; /* its last job took longer than others wait for it */
	bool logs_in; /* for its job, or did for the last one */
};

struct mysql_pool {
	struct loop *loop;
	struct loop_io zygote_io;
	struct zygote zygote;
	struct mysql_helper **helpers;
	size_t used;
	size_t max;
	size_t few; /* helpers that will do in a crowd, as far as we know */
	size_t places; /* sessions in a helper, at most */
	size_t joined; /* checks that have jobs */
	size_t asked; /* helpers that the zygote still owes */
	usec_t ask_after;
	usec_t born;
	bool works; /* the zygote has made a helper, or was killed too early */
	uint64_t serial;
	struct mysql_jobs waiting; /* for any helper */
	size_t nr_waiting;
	struct mysql_usual usual;
	struct loop_timer patience; /* set while somebody waits in a crowd */
	bool is_set;
	struct mysql_request request; /* wiped after each use */
	char trouble[64];
};

const struct zygote_kind mysql_zygote_kind = {
	.name = "evenkeel-mysql",
	.prepare = mysql_helper_prepare,
	.run = mysql_helper_run,
	.zygote = &confine_zygote,
	.helper = &confine_helper,
};

static void pool_serve_waiting(struct mysql_pool *pool);
static void pool_ask(struct mysql_pool *pool);
static void pool_helper_go_on(struct mysql_helper *helper);
static void pool_patience_ends(struct loop_timer *timer);
static size_t pool_places(void);

/* Whether checks share helpers; see mysql_pool.h. */
static bool pool_is_crowded(const struct mysql_pool *pool)
{
	return pool->joined > pool->max;
}

/* Whether the job that HELPER has, or had, is one of those that take long. */
static bool pool_helper_takes_long(const struct mysql_helper *helper)
{
	return mysql_usual_is_long(&helper->pool->usual, helper->logs_in,
				   loop_now(helper->pool->loop) -
					   helper->since);
}

/* JOB's session, if there is one, is not at home any more. */
static void pool_job_move_out(struct mysql_job *job)
{
	if (!job->home)
		return;
	job->home->kept[job->place] = NULL;
	job->home->nr_kept--;
	job->home = NULL;
	job->known = job->open = job->lent = false;
}

/* HELPER has a place. */
static void pool_job_move_in(struct mysql_job *job, struct mysql_helper *helper)
{
	size_t place = 0;

	while (helper->kept[place])
		place++;
	helper->kept[place] = job;
	helper->nr_kept++;
	job->home = helper;
	job->place = (uint16_t)place;
}

/*
 * The same, and the helper, if it knows of the job, closes the session when it
 * gets round to it. If the message is lost, the session is closed when its place
 * is used again.
 */
static void pool_job_evict(struct mysql_job *job)
{
	const struct mysql_request request = { .place = job->place };

	if (job->known)
		(void)send(job->home->child.sock, &request,
			   offsetof(struct mysql_request, text),
			   MSG_NOSIGNAL | MSG_DONTWAIT);
	pool_job_move_out(job);
}

static void pool_set_patience(struct mysql_pool *pool)
{
	if (!pool->is_set && pool_is_crowded(pool))
		loop_timer_set(&pool->patience,
			       loop_now(pool->loop) + MYSQL_PATIENCE);
	pool->is_set = pool_is_crowded(pool);
}

/* At home, or where there is none, for any helper. */
static void pool_wait(struct mysql_pool *pool, struct mysql_job *job)
{
	if (job->home) {
		TAILQ_INSERT_TAIL(&job->home->waiting, job, entry);
	} else {
		TAILQ_INSERT_TAIL(&pool->waiting, job, entry);
		pool->nr_waiting++;
	}
	job->waiting = true;
	pool_set_patience(pool);
}

static void pool_wait_no_more(struct mysql_pool *pool, struct mysql_job *job)
{
	if (job->home) {
		TAILQ_REMOVE(&job->home->waiting, job, entry);
	} else {
		TAILQ_REMOVE(&pool->waiting, job, entry);
		pool->nr_waiting--;
	}
	job->waiting = false;
}

static void pool_helper_close(struct mysql_helper *helper)
{
	size_t place;

	for (place = 0; place < helper->pool->places; place++) {
		if (helper->kept[place])
			pool_job_move_out(helper->kept[place]);
	}
	free(helper->kept);
	loop_io_stop(&helper->io);
	close(helper->child.sock);
	close(helper->child.pidfd);
	free(helper);
}

/* Closing the socket ends a helper that is idle; a busy one is killed. */
static void pool_helper_free(struct mysql_helper *helper, bool and_kill)
{
	struct mysql_pool *pool = helper->pool;
	struct mysql_job *job;
	size_t place = 0;

	if (and_kill)
		syscall(SYS_pidfd_send_signal, helper->child.pidfd, SIGKILL,
			NULL, 0);
	while (pool->helpers[place] != helper)
		place++;
	pool->helpers[place] = pool->helpers[--pool->used];
	while ((job = TAILQ_FIRST(&helper->waiting))) {
		pool_wait_no_more(pool, job);
		pool_job_move_out(job);
		pool_wait(pool, job);
	}
	pool_helper_close(helper);
}

/* The job's helper is gone or not to be trusted: that is our own fault. */
static void pool_job_fail(struct mysql_job *job, const char *why)
{
	struct probe_result result;

	probe_result_fill(&result, PROBE_LOCAL_FAULT, 0);
	snprintf(result.text, sizeof(result.text), "%s", why);
	job->running = false;
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

/* False: HELPER is not there any more. */
static bool pool_helper_reply(struct mysql_helper *helper, const void *message,
			      size_t length)
{
	struct mysql_job *job = helper->job;
	struct probe_result result;
	struct mysql_kept kept;

	if (!job || mysql_reply_read(message, length, helper->serial, &result,
				     &kept) < 0) {
		pool_helper_lost(helper, "a MySQL helper does not make sense");
		return false;
	}
	helper->job = NULL;
	helper->slow = pool_helper_takes_long(helper);
	mysql_usual_note(&helper->pool->usual, helper->logs_in,
			 loop_now(helper->pool->loop) - helper->since);
	helper->since = loop_now(helper->pool->loop);
	job->running = false;
	job->lent = kept.socket;
	job->open = kept.session;
	job->found = kept.found;
	if (!kept.session && !kept.leftovers)
		pool_job_move_out(job);
	job->done(job, &result, kept.session);
	return true;
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
	else if (pool_helper_reply(helper, message, (size_t)got))
		pool_helper_go_on(helper);
	pool_serve_waiting(pool);
}

/* The request, and the job's socket if there is one. As send(). */
static ssize_t pool_helper_send(struct mysql_helper *helper,
				struct mysql_job *job,
				struct mysql_request *request)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr header;
	} control = { { 0 } };
	struct iovec part = { request, mysql_request_size(request) };
	struct msghdr msg = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t sent;

	if (job->socket >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &job->socket, sizeof(int));
	}
	sent = sendmsg(helper->child.sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (job->socket >= 0)
		close(job->socket);
	job->socket = -1;
	return sent;
}

/*
 * Hand JOB to HELPER, its home, which is idle. False: the helper is not there
 * any more, and JOB has no home.
 */
static bool pool_helper_give(struct mysql_helper *helper, struct mysql_job *job)
{
	struct mysql_pool *pool = helper->pool;
	struct mysql_request *request = &pool->request;
	bool logs_in;
	ssize_t sent;

	job->socket = -1;
	if (!job->begin(job, request)) {
		pool_job_evict(job);
		return true;
	}
	request->serial = ++pool->serial;
	request->session = job->session;
	request->login = job->login;
	request->place = job->place;
	logs_in = request->fresh || !job->open;
	sent = pool_helper_send(helper, job, request);
	explicit_bzero(request, mysql_request_size(request));
	if (sent < 0) {
		pool_helper_lost(helper, "a MySQL helper takes no request");
		return false;
	}
	helper->serial = pool->serial;
	helper->since = loop_now(pool->loop);
	helper->job = job;
	helper->logs_in = logs_in;
	job->running = job->known = true;
	return true;
}

/* How much is lost when an idle HELPER gets JOB's login as well. */
enum pool_price {
	POOL_NOTHING, /* it holds no session */
	POOL_SHARED, /* sessions of the same login, and there is a place */
	POOL_SLOW, /* the same, and one of the servers may hang */
	POOL_SESSIONS, /* sessions have to go */
};

static enum pool_price pool_helper_price(const struct mysql_helper *helper,
					 const struct mysql_job *job)
{
	if (helper->nr_kept == 0)
		return POOL_NOTHING;
	if (!pool_is_crowded(helper->pool) || helper->login != job->login ||
	    helper->nr_kept == helper->pool->places)
		return POOL_SESSIONS;
	return helper->slow ? POOL_SLOW : POOL_SHARED;
}

/* Of the idle helpers: the best for JOB, at PRICE at most. Of equals: the one
 * with the fewest sessions, then the one idle longest. */
static struct mysql_helper *pool_find_idle(const struct mysql_pool *pool,
					   const struct mysql_job *job,
					   enum pool_price price)
{
	struct mysql_helper *best = NULL;
	struct mysql_helper *helper;
	enum pool_price its;
	size_t i;

	for (i = 0; i < pool->used; i++) {
		helper = pool->helpers[i];
		if (helper->job || !TAILQ_EMPTY(&helper->waiting))
			continue;
		its = pool_helper_price(helper, job);
		if (its > price || (best && its == price &&
				    (helper->nr_kept > best->nr_kept ||
				     (helper->nr_kept == best->nr_kept &&
				      helper->since >= best->since))))
			continue;
		price = its;
		best = helper;
	}
	return best;
}

/* Make HELPER, which is idle, the home of JOB, whatever has to go for it. */
static void pool_helper_take_in(struct mysql_helper *helper,
				struct mysql_job *job)
{
	size_t places = helper->pool->places;
	bool all = helper->login != job->login ||
		   !pool_is_crowded(helper->pool);
	size_t place;

	for (place = 0; helper->nr_kept > 0 && all && place < places; place++) {
		if (helper->kept[place])
			pool_job_evict(helper->kept[place]);
	}
	if (places > 0 && helper->nr_kept == places) {
		place = job->session % places;
		if (helper->kept[place])
			pool_job_evict(helper->kept[place]);
	}
	helper->login = job->login;
	pool_job_move_in(job, helper);
}

static void pool_set_trouble(struct mysql_pool *pool, int error)
{
	snprintf(pool->trouble, sizeof(pool->trouble),
		 "cannot start a MySQL helper: %s",
		 pool->zygote.sock < 0 ? "their parent is gone" :
					 strerror(error));
	log_warning("mysql", "%s", pool->trouble);
	pool->ask_after = loop_now(pool->loop) + POOL_BACKOFF;
}

/*
 * A confined process forks no other zygote: it ends, and main starts both. A
 * zygote that never works must not end all other checks again and again; one that
 * somebody killed before it had anything to do is no such one.
 */
static void pool_miss_zygote(struct mysql_pool *pool)
{
	if (!pool->works && loop_now(pool->loop) - pool->born < POOL_ALONE)
		return;
	log_error(
		"mysql",
		"without the parent of the MySQL helpers the checker ends, to "
		"be started again with a new one");
	loop_stop(pool->loop);
}

static void pool_add_helper(struct mysql_pool *pool,
			    const struct zygote_child *child)
{
	struct mysql_helper *helper = xcalloc(1, sizeof(*helper));
	int error;

	helper->pool = pool;
	helper->child = *child;
	helper->since = loop_now(pool->loop);
	helper->kept = xcalloc(pool->places, sizeof(struct mysql_job *));
	TAILQ_INIT(&helper->waiting);
	pool->helpers[pool->used++] = helper;
	pool->works = true;
	error = loop_io_start(pool->loop, &helper->io, child->sock, LOOP_READ,
			      pool_helper_ready);
	if (error < 0) {
		pool_helper_free(helper, false);
		pool_set_trouble(pool, -error);
	}
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
		loop_io_stop(&pool->zygote_io);
		zygote_leave(&pool->zygote);
		pool->works |= zygote_was_killed(&pool->zygote);
		pool->asked = 0;
		pool_set_trouble(pool, EPIPE);
		pool_miss_zygote(pool);
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
		zygote_leave(&pool->zygote);
	return error;
}

/*
 * How many helpers there may be for JOB, which waits for one. In a crowd those
 * count that can be of use to it.
 */
static size_t pool_limit(const struct mysql_pool *pool,
			 const struct mysql_job *job)
{
	const struct mysql_helper *helper;
	size_t limit = pool->few;
	size_t i;

	if (!pool_is_crowded(pool))
		return pool->max;
	for (i = 0; i < pool->used; i++) {
		helper = pool->helpers[i];
		limit += (helper->job && pool_helper_takes_long(helper)) ||
			 helper->slow || helper->nr_kept == pool->places ||
			 helper->login != job->login;
	}
	return limit < pool->max ? limit : pool->max;
}

/* Ask for a helper for each that waits, as far as there may be more. */
static void pool_ask(struct mysql_pool *pool)
{
	const struct mysql_job *job = TAILQ_FIRST(&pool->waiting);
	size_t limit = job ? pool_limit(pool, job) : 0;
	int error = 0;

	while (error == 0 && pool->asked < pool->nr_waiting &&
	       pool->used + pool->asked < limit &&
	       loop_now(pool->loop) >= pool->ask_after) {
		error = zygote_ask(&pool->zygote);
		if (error == 0)
			pool->asked++;
		else
			pool_set_trouble(pool, -error);
		if (pool->zygote.sock < 0)
			pool_miss_zygote(pool);
	}
}

/*
 * A helper of JOB's login that has a place and is not at a server that hangs,
 * busy or not: of several, one with the fewest sessions. NULL: there is none.
 */
static struct mysql_helper *pool_find_kin(const struct mysql_pool *pool,
					  const struct mysql_job *job)
{
	struct mysql_helper *best = NULL;
	struct mysql_helper *helper;
	size_t i;

	if (!pool_is_crowded(pool))
		return NULL;
	for (i = 0; i < pool->used; i++) {
		helper = pool->helpers[i];
		if (helper->login != job->login || helper->nr_kept == 0 ||
		    helper->nr_kept == pool->places || helper->slow ||
		    (helper->job && pool_helper_takes_long(helper)))
			continue;
		if (!best || helper->nr_kept < best->nr_kept)
			best = helper;
	}
	return best;
}

/* HELPER, which is idle, becomes the home of JOB, which waits. */
static void pool_move(struct mysql_job *job, struct mysql_helper *helper)
{
	struct mysql_pool *pool = helper->pool;

	pool_wait_no_more(pool, job);
	pool_job_evict(job);
	pool_helper_take_in(helper, job);
	if (!pool_helper_give(helper, job))
		mysql_pool_submit(pool, job);
}

/*
 * A helper for the first that waits. While more are on their way, the sessions
 * of idle helpers are left in peace; and when none is, one more in the queue of a
 * helper costs less than the logins of all sessions that an idle one has.
 */
static void pool_serve_waiting(struct mysql_pool *pool)
{
	struct mysql_helper *helper, *kin;
	struct mysql_job *job;

	while ((job = TAILQ_FIRST(&pool->waiting))) {
		helper = pool_find_idle(pool, job, POOL_SHARED);
		kin = helper || pool->asked > 0 ? NULL :
						  pool_find_kin(pool, job);
		if (kin) {
			pool_wait_no_more(pool, job);
			pool_job_move_in(job, kin);
			pool_wait(pool, job);
			continue;
		}
		if (!helper && pool->asked == 0)
			helper = pool_find_idle(pool, job, POOL_SESSIONS);
		if (!helper)
			return;
		pool_move(job, helper);
	}
}

/* HELPER has become idle: on with those that wait for their sessions there. */
static void pool_helper_go_on(struct mysql_helper *helper)
{
	struct mysql_pool *pool = helper->pool;
	struct mysql_job *job;

	while (!helper->job && (job = TAILQ_FIRST(&helper->waiting))) {
		pool_wait_no_more(pool, job);
		if (pool_helper_give(helper, job))
			continue;
		pool_wait(pool, job);
		return;
	}
}

/* JOB waits for any helper from now on, and its session is given up. */
static void pool_leave(struct mysql_pool *pool, struct mysql_job *job)
{
	pool_wait_no_more(pool, job);
	pool_job_evict(job);
	pool_wait(pool, job);
	pool_ask(pool);
}

/*
 * JOB has waited long for its helper, which works: there are too few, or this
 * one has too many sessions. A login is worth it if another helper comes, or if an
 * idle one has far fewer; else it would make a slow host slower. Returns whether
 * JOB waits there no more.
 */
static bool pool_relieve(struct mysql_pool *pool, struct mysql_job *job)
{
	bool more = pool->used + pool->asked < pool->max;
	struct mysql_helper *idle =
		pool_find_idle(pool, job, more ? POOL_SHARED : POOL_SESSIONS);

	if (idle && 2 * idle->nr_kept < job->home->nr_kept) {
		pool_move(job, idle);
		return true;
	}
	if (pool->used + pool->asked >= pool_limit(pool, job) ||
	    loop_now(pool->loop) < pool->ask_after)
		return false;
	pool_leave(pool, job);
	return true;
}

/*
 * Those that wait at a helper whose job takes long, and some of those that have
 * waited for too long, leave their homes, the first in each queue first.
 */
static void pool_patience_ends(struct loop_timer *timer)
{
	struct mysql_pool *pool =
		container_of(timer, struct mysql_pool, patience);
	usec_t since = loop_now(pool->loop) - POOL_SHORTAGE;
	struct mysql_helper *helper;
	bool more = false, few = false;
	struct mysql_job *job;
	size_t i;

	for (i = 0; i < pool->used; i++) {
		helper = pool->helpers[i];
		while ((job = TAILQ_FIRST(&helper->waiting))) {
			if (pool_helper_takes_long(helper))
				pool_leave(pool, job);
			else if (job->since > since || !pool_relieve(pool, job))
				break;
		}
		few |= job && job->since <= since;
		more |= job != NULL;
	}
	job = TAILQ_FIRST(&pool->waiting);
	few |= job && job->since <= since;
	if (few && pool->few < pool->max)
		pool->few++;
	pool_ask(pool);
	pool_serve_waiting(pool);
	pool->is_set = false;
	if (more || pool->nr_waiting > 0)
		pool_set_patience(pool);
}

void mysql_pool_submit(struct mysql_pool *pool, struct mysql_job *job)
{
	struct mysql_helper *helper = job->home;

	job->since = loop_now(pool->loop);
	/* There are enough helpers again. */
	if (helper && helper->nr_kept > 1 && !pool_is_crowded(pool)) {
		pool_job_evict(job);
		helper = NULL;
	}
	if (helper && helper->job) {
		pool_wait(pool, job);
		return;
	}
	if (helper && pool_helper_give(helper, job))
		return;
	while ((helper = pool_find_idle(pool, job, POOL_SHARED))) {
		pool_helper_take_in(helper, job);
		if (pool_helper_give(helper, job))
			return;
	}
	pool_wait(pool, job);
	pool_ask(pool);
	pool_serve_waiting(pool);
}

void mysql_pool_withdraw(struct mysql_pool *pool, struct mysql_job *job)
{
	struct mysql_helper *helper = job->home;

	if (job->waiting)
		pool_wait_no_more(pool, job);
	if (!job->running)
		return;
	job->running = false;
	helper->job = NULL;
	pool_helper_free(helper, true);
}

void mysql_pool_join(struct mysql_pool *pool)
{
	pool->joined++;
}

void mysql_pool_leave(struct mysql_pool *pool)
{
	pool->joined--;
}

void mysql_pool_forget(struct mysql_pool *pool, struct mysql_job *job)
{
	struct mysql_helper *helper = job->home;

	if (!helper)
		return;
	pool_job_evict(job);
	if (helper->nr_kept == 0 && !helper->job)
		pool_helper_free(helper, false);
}

const char *mysql_pool_trouble(const struct mysql_pool *pool)
{
	return pool->trouble[0] ? pool->trouble : "all MySQL helpers are busy";
}

/* A helper inherits our limit; a session has one descriptor, and one for each
 * of the earlier ones that are not over. */
static size_t pool_places(void)
{
	struct rlimit limit;
	rlim_t places = 0;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur > POOL_FDS_OTHER)
		places =
			(limit.rlim_cur - POOL_FDS_OTHER) / (2 + LEFTOVERS_MAX);
	if (places < 1)
		return 1;
	return places < MYSQL_PLACES ? (size_t)places : MYSQL_PLACES;
}

struct mysql_pool *mysql_pool_new(struct loop *loop, struct zygote *zygote,
				  unsigned max)
{
	struct mysql_pool *pool = xcalloc(1, sizeof(*pool));
	int error;

	pool->loop = loop;
	pool->born = loop_now(loop);
	pool->zygote = *zygote;
	zygote->sock = -1;
	pool->max = max;
	pool->few = max / POOL_CROWDED_PART + 1;
	pool->places = pool_places();
	mysql_usual_init(&pool->usual);
	pool->helpers = xcalloc(max, sizeof(struct mysql_helper *));
	TAILQ_INIT(&pool->waiting);
	loop_timer_init(loop, &pool->patience, pool_patience_ends);
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
	loop_timer_clear(&pool->patience);
	while (pool->used > 0)
		pool_helper_close(pool->helpers[--pool->used]);
	if (pool->zygote.sock >= 0)
		loop_io_stop(&pool->zygote_io);
	zygote_leave(&pool->zygote);
	free(pool->helpers);
	free(pool);
}
