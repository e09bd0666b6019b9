/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pool of MySQL helpers on a host that is slow, and with far more servers than
 * helpers. Helpers, zygote, loop and clock are the test's: a helper has one request
 * at a time, and all that are busy share one processor, on which a login costs
 * several times a query.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/mysql/mysql_pool.h"
#include "checkers/mysql/mysql_usual.h"
#include "lib/log.h"
#include "lib/loop.h"

#define HELPERS 256
#define JOBS 5000
#define PERIOD USEC_PER_SEC
#define WARM_UP (20 * PERIOD)
#define TIMEOUT (2 * USEC_PER_SEC)
/* As `fresh_login` of the file: each of so many rounds is a login. */
#define FRESH_LOGIN 5

struct scale {
	unsigned helpers; /* at most */
	unsigned jobs; /* one for each server */
	usec_t query, login; /* processor time */
	usec_t step; /* of the clock */
	bool logs_in; /* by FRESH_LOGIN */
};

static const struct scale slow_host = {
	.helpers = 20,
	.jobs = 200,
	.query = 4 * USEC_PER_MSEC,
	.login = 20 * USEC_PER_MSEC,
	.step = USEC_PER_MSEC / 2,
};

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
	unsigned rounds; /* since the last login */
	usec_t submitted;
	usec_t slowest; /* from then until the verdict */
};

static struct scale scale;
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

	cr_assert_leq(nr_helpers, scale.helpers);
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
	const struct asker *asker = container_of(job, struct asker, job);

	request->used = 0;
	request->fresh = scale.logs_in &&
			 (asker->rounds == 0 || asker->rounds >= FRESH_LOGIN);
	return true;
}

static void done(struct mysql_job *job, const struct probe_result *result,
		 bool session_open)
{
	struct asker *asker = container_of(job, struct asker, job);

	cr_assert_eq(result->outcome, asker->hangs ? PROBE_HUNG : PROBE_OK);
	asker->probes++;
	if (asker->rounds >= FRESH_LOGIN)
		asker->rounds = 0;
	asker->rounds = session_open ? asker->rounds + 1 : 0;
	if (now - asker->submitted > asker->slowest)
		asker->slowest = now - asker->submitted;
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
		helper->left = scale.query;
		if (request->fresh ||
		    helper->sessions[request->place] != request->session) {
			helper->left = scale.login;
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

	now += scale.step;
	for (i = 0; i < nr_helpers; i++) {
		helper_hears(&helpers[i]);
		busy += helpers[i].left && !hangs(&helpers[i]);
	}
	share = busy > 0 ? scale.step / busy : scale.step;
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
		for (i = 0; i < scale.jobs; i++) {
			if (now < askers[i].due || askers[i].job.running ||
			    askers[i].job.waiting)
				continue;
			askers[i].due = now + PERIOD;
			askers[i].submitted = now;
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

	for (i = 0; i < scale.jobs; i++)
		askers[i].probes = askers[i].logins = 0;
	run_for(20 * PERIOD);
	for (i = 0; i < scale.jobs; i++) {
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

static void begin_with(const struct scale *size, unsigned nr_logins)
{
	struct zygote zygote = { .sock = 0 };
	unsigned i;

	log_set_level(LOG_LEVEL_ERROR);
	scale = *size;
	now = 1000 * USEC_PER_SEC;
	pool = mysql_pool_new(NULL, &zygote, scale.helpers);
	for (i = 0; i < scale.jobs; i++) {
		askers[i].job = (struct mysql_job){
			.session = i + 1,
			.login = 1 + i * nr_logins / scale.jobs,
			.socket = -1,
			.begin = begin,
			.done = done,
		};
		askers[i].due = now + i * PERIOD / scale.jobs;
		mysql_pool_join(pool);
	}
}

static void end(void)
{
	unsigned i;

	for (i = 0; i < scale.jobs; i++) {
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
	begin_with(&slow_host, 1);
	run_for(WARM_UP);
	expect_kept_sessions();
}

Test(checkers_pool, on_a_slow_host_sessions_of_two_passwords_are_kept)
{
	begin_with(&slow_host, 2);
	run_for(WARM_UP);
	expect_kept_sessions();
}

Test(checkers_pool, a_host_that_stood_still_finds_its_sessions_again)
{
	begin_with(&slow_host, 1);
	run_for(WARM_UP);
	now += 5 * PERIOD;
	expect_kept_sessions();
}

Test(checkers_pool, servers_that_hang_cost_the_others_no_sessions)
{
	unsigned i;

	begin_with(&slow_host, 1);
	run_for(WARM_UP);
	for (i = 0; i < scale.jobs; i += scale.jobs / 5)
		askers[i].hangs = true;
	run_for(5 * PERIOD);
	expect_kept_sessions();
}

/*
 * What happens in ten seconds, one probe a second each: a login in FRESH_LOGIN
 * rounds, and MORE besides; nobody waits longer than a helper is believed to be at
 * work; and half of the helpers will do.
 */
static void expect_cheap_probes(unsigned more)
{
	unsigned i, probes = 0, logins = 0, least = UINT_MAX;
	usec_t slowest = 0;

	for (i = 0; i < scale.jobs; i++) {
		askers[i].probes = askers[i].logins = 0;
		askers[i].slowest = 0;
	}
	run_for(10 * PERIOD);
	for (i = 0; i < scale.jobs; i++) {
		if (askers[i].hangs)
			continue;
		probes += askers[i].probes;
		logins += askers[i].logins;
		if (askers[i].probes < least)
			least = askers[i].probes;
		if (askers[i].slowest > slowest)
			slowest = askers[i].slowest;
	}
	cr_log_info("%u servers: %u probes, %u logins, %u helpers, the slowest "
		    "%llu us",
		    scale.jobs, probes, logins, nr_helpers,
		    (unsigned long long)slowest);
	cr_expect_geq(least, 9, "one was asked %u times", least);
	/* A tenth more, for rounds that began before. */
	cr_expect_leq(logins * FRESH_LOGIN,
		      probes + probes / 10 + more * FRESH_LOGIN,
		      "%u logins for %u probes", logins, probes);
	cr_expect_leq(nr_helpers, HELPERS / 2);
	cr_expect_leq(slowest, 3 * MYSQL_PATIENCE, "the slowest took %llu us",
		      (unsigned long long)slowest);
}

static void crowd(unsigned jobs)
{
	const struct scale size = {
		.helpers = HELPERS,
		.jobs = jobs,
		.query = 20,
		.login = 100,
		.step = USEC_PER_MSEC,
		.logs_in = true,
	};
	unsigned i;

	begin_with(&size, 1);
	run_for(6 * PERIOD);
	expect_cheap_probes(0);
	for (i = 0; i < scale.jobs; i += scale.jobs / 10)
		askers[i].hangs = true;
	/* Jobs that shared a helper with one that hangs log in once elsewhere. */
	expect_cheap_probes(scale.jobs);
}

/* A crowd is one job more than there may be helpers. */
Test(checkers_pool, with_257_servers_a_check_costs_what_one_of_few_does)
{
	crowd(HELPERS + 1);
}

Test(checkers_pool, with_1000_servers_a_check_costs_what_one_of_few_does)
{
	crowd(1000);
}

Test(checkers_pool, with_5000_servers_a_check_costs_what_one_of_few_does)
{
	crowd(5000);
}
