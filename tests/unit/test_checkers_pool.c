/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool of MySQL helpers on a host that is slow. Helpers, zygote, loop and
 * clock are the test's: a helper has one request at a time, and all that are busy
 * share one processor, on which a login costs several times a query.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/mysql/mysql_pool.h"
#include "lib/log.h"
#include "lib/loop.h"

#define HELPERS 20
#define JOBS 200
#define PERIOD USEC_PER_SEC
#define WARM_UP (20 * PERIOD)
#define TIMEOUT (2 * USEC_PER_SEC)
#define QUERY (4 * USEC_PER_MSEC)
#define LOGIN (20 * USEC_PER_MSEC)
#define STEP (USEC_PER_MSEC / 2)

struct played_helper {
	int sock; /* to the pool */
	uint64_t sessions[MYSQL_PLACES];
	uint64_t login; /* of the sessions */
	usec_t deadline; /* of the request, if its server hangs */
	struct mysql_request request;
	usec_t left; /* of processor time, for the request; 0: idle */
	unsigned mixed; /* times that it had sessions of two logins */
};

struct asker {
	struct mysql_job job;
	usec_t due;
	bool hangs; /* the server does */
	unsigned probes;
	unsigned logins;
};

static struct played_helper helpers[HELPERS];
static unsigned nr_helpers;
static struct asker askers[JOBS];
static struct mysql_pool *pool;
static usec_t now;
static struct loop_timer *alarm_clock;
static usec_t alarm_at;
static struct loop_io *watched[HELPERS + 1];
static unsigned owed;

usec_t __wrap_loop_now(struct loop *loop);
usec_t __wrap_loop_now(struct loop *loop)
{
	return now;
}

void __wrap_loop_timer_init(struct loop *loop, struct loop_timer *timer,
			    void (*expired)(struct loop_timer *timer));
void __wrap_loop_timer_init(struct loop *loop, struct loop_timer *timer,
			    void (*expired)(struct loop_timer *timer))
{
	timer->expired = expired;
}

void __wrap_loop_timer_set(struct loop_timer *timer, usec_t when);
void __wrap_loop_timer_set(struct loop_timer *timer, usec_t when)
{
	alarm_clock = timer;
	alarm_at = when;
}

void __wrap_loop_timer_clear(struct loop_timer *timer);
void __wrap_loop_timer_clear(struct loop_timer *timer)
{
	alarm_clock = NULL;
}

int __wrap_loop_io_start(struct loop *loop, struct loop_io *io, int fd,
			 unsigned what,
			 void (*ready)(struct loop_io *io, unsigned what));
int __wrap_loop_io_start(struct loop *loop, struct loop_io *io, int fd,
			 unsigned what,
			 void (*ready)(struct loop_io *io, unsigned what))
{
	size_t i = 0;

	while (watched[i])
		i++;
	watched[i] = io;
	io->fd = fd;
	io->ready = ready;
	return 0;
}

void __wrap_loop_io_stop(struct loop_io *io);
void __wrap_loop_io_stop(struct loop_io *io)
{
	size_t i = 0;

	while (watched[i] != io)
		i++;
	watched[i] = NULL;
}

int __wrap_zygote_ask(const struct zygote *zygote);
int __wrap_zygote_ask(const struct zygote *zygote)
{
	owed++;
	return 0;
}

void __wrap_zygote_leave(struct zygote *zygote);
void __wrap_zygote_leave(struct zygote *zygote)
{
	zygote->sock = -1;
}

int __wrap_zygote_take(const struct zygote *zygote, struct zygote_child *child);
int __wrap_zygote_take(const struct zygote *zygote, struct zygote_child *child)
{
	struct played_helper *helper = &helpers[nr_helpers++];
	int ends[2];

	cr_assert_leq(nr_helpers, HELPERS);
	cr_assert_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	helper->sock = ends[1];
	*child = (struct zygote_child){
		.sock = ends[0],
		.pidfd = open("/dev/null", O_RDONLY | O_CLOEXEC),
		.pid = (pid_t)nr_helpers,
	};
	return 1;
}

static bool begin(struct mysql_job *job, struct mysql_request *request)
{
	request->used = 0;
	return true;
}

static void done(struct mysql_job *job, const struct probe_result *result,
		 bool session_open)
{
	struct asker *asker = container_of(job, struct asker, job);

	cr_assert_eq(result->outcome, asker->hangs ? PROBE_HUNG : PROBE_OK);
	asker->probes++;
}

/* A request, or the word that a session is to be closed. */
static void helper_hears(struct played_helper *helper)
{
	struct mysql_request *request = &helper->request;
	struct asker *asker;
	unsigned i;

	while (!helper->left && recv(helper->sock, request, sizeof(*request),
				     MSG_DONTWAIT) > 0) {
		if (request->serial == 0) {
			helper->sessions[request->place] = 0;
			continue;
		}
		asker = &askers[request->session - 1];
		for (i = 0; i < MYSQL_PLACES; i++)
			helper->mixed += helper->sessions[i] &&
					 helper->login != request->login;
		helper->login = request->login;
		helper->deadline = now + TIMEOUT;
		helper->left = QUERY;
		if (helper->sessions[request->place] != request->session) {
			helper->left = LOGIN;
			asker->logins++;
		}
		helper->sessions[request->place] = request->session;
	}
}

static bool hangs(const struct played_helper *helper)
{
	return askers[helper->request.session - 1].hangs;
}

static void helper_answers(struct played_helper *helper, struct loop_io *io)
{
	struct mysql_reply reply = {
		.serial = helper->request.serial,
		.outcome = hangs(helper) ? PROBE_HUNG : PROBE_OK,
		.session_open = !hangs(helper),
	};

	if (hangs(helper))
		helper->sessions[helper->request.place] = 0;
	helper->left = 0;
	cr_assert_eq(send(helper->sock, &reply, sizeof(reply), MSG_NOSIGNAL),
		     sizeof(reply));
	io->ready(io, LOOP_READ);
}

static struct loop_io *io_of(const struct played_helper *helper)
{
	return watched[helper - helpers + 1];
}

/* One moment: the processor's time is shared by those that work. */
static void pass(void)
{
	unsigned i, busy = 0;
	usec_t share;

	now += STEP;
	for (i = 0; i < nr_helpers; i++) {
		helper_hears(&helpers[i]);
		busy += helpers[i].left && !hangs(&helpers[i]);
	}
	share = busy > 0 ? STEP / busy : STEP;
	for (i = 0; i < nr_helpers; i++) {
		if (!helpers[i].left)
			continue;
		if (hangs(&helpers[i]) ? now >= helpers[i].deadline :
					 helpers[i].left <= share)
			helper_answers(&helpers[i], io_of(&helpers[i]));
		else if (!hangs(&helpers[i]))
			helpers[i].left -= share;
	}
	while (owed > 0) {
		owed--;
		watched[0]->ready(watched[0], LOOP_READ);
	}
	if (alarm_clock && now >= alarm_at)
		alarm_clock->expired(alarm_clock);
}

static void run_for(usec_t time)
{
	usec_t end = now + time;
	unsigned i;

	for (; now < end; pass()) {
		for (i = 0; i < JOBS; i++) {
			if (now < askers[i].due || askers[i].job.running ||
			    askers[i].job.waiting)
				continue;
			askers[i].due = now + PERIOD;
			mysql_pool_submit(pool, &askers[i].job);
		}
	}
}

/*
 * What happens in 20 seconds: a probe a second is too much to ask of some, but
 * nobody is forgotten, and a login is the exception.
 */
static void expect_kept_sessions(void)
{
	unsigned i, probes = 0, logins = 0, least = UINT_MAX;

	for (i = 0; i < JOBS; i++)
		askers[i].probes = askers[i].logins = 0;
	run_for(20 * PERIOD);
	for (i = 0; i < JOBS; i++) {
		if (askers[i].hangs)
			continue;
		probes += askers[i].probes;
		logins += askers[i].logins;
		least = askers[i].probes < least ? askers[i].probes : least;
	}
	cr_expect_geq(least, 10, "one was asked %u times", least);
	cr_expect_leq(logins * 10, probes, "%u logins for %u probes", logins,
		      probes);
}

static void begin_with(unsigned nr_logins)
{
	struct zygote zygote = { .sock = 0 };
	unsigned i;

	log_set_level(LOG_LEVEL_ERROR);
	now = 1000 * USEC_PER_SEC;
	pool = mysql_pool_new(NULL, &zygote, HELPERS);
	for (i = 0; i < JOBS; i++) {
		askers[i].job = (struct mysql_job){
			.session = i + 1,
			.login = 1 + i * nr_logins / JOBS,
			.socket = -1,
			.begin = begin,
			.done = done,
		};
		askers[i].due = now + i * PERIOD / JOBS;
		mysql_pool_join(pool);
	}
}

static void end(void)
{
	unsigned i;

	for (i = 0; i < JOBS; i++) {
		mysql_pool_withdraw(pool, &askers[i].job);
		mysql_pool_forget(pool, &askers[i].job);
	}
	mysql_pool_free(pool);
	for (i = 0; i < nr_helpers; i++) {
		cr_expect_eq(helpers[i].mixed, 0);
		close(helpers[i].sock);
	}
}

TestSuite(checkers_pool, .fini = end);

Test(checkers_pool, on_a_slow_host_sessions_are_kept)
{
	begin_with(1);
	run_for(WARM_UP);
	expect_kept_sessions();
}

Test(checkers_pool, on_a_slow_host_sessions_of_two_passwords_are_kept)
{
	begin_with(2);
	run_for(WARM_UP);
	expect_kept_sessions();
}

Test(checkers_pool, a_host_that_stood_still_finds_its_sessions_again)
{
	begin_with(1);
	run_for(WARM_UP);
	now += 5 * PERIOD;
	expect_kept_sessions();
}

Test(checkers_pool, servers_that_hang_cost_the_others_no_sessions)
{
	unsigned i;

	begin_with(1);
	run_for(WARM_UP);
	for (i = 0; i < JOBS; i += JOBS / 5)
		askers[i].hangs = true;
	run_for(5 * PERIOD);
	expect_kept_sessions();
}
