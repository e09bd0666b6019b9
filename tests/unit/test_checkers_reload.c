/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker process from within: configurations and passwords come in, checks
 * live on or end, verdicts go out. Main is played by the other end of the
 * socket, servers by a port of loopback that nobody listens on.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "checker_conf.h"
#include "checkers/check.h"
#include "checkers/checker_process.h"
#include "checkers/mysql/zygote.h"
#include "lib/log.h"

static struct checker *checker;
static int ends[2];
static struct ipc_message msg;
static struct loop_timer alarm_clock;

static void setup(void)
{
	struct zygote none = { .sock = -1 };

	log_set_level(LOG_LEVEL_ERROR);
	cr_assert_eq(ipc_pair(ends), 0);
	checker = checker_new(ends[1], &none);
	cr_assert_not_null(checker);
}

static void teardown(void)
{
	checker_free(checker);
	close(ends[0]);
	close(ends[1]);
}

TestSuite(checkers_reload, .init = setup, .fini = teardown);

/* Real servers 127.0.0.N, one letter each, with a TCP (t) or MySQL (m) check. */
static void configure(uint32_t generation, const char *servers,
		      const char *extra)
{
	char text[4096];
	size_t used;
	size_t i;

	used = (size_t)snprintf(text, sizeof(text),
				"virtual_server 192.0.2.1 3306 {\nlvs_sched "
				"rr\nlvs_method NAT\nprotocol TCP\n%s\n",
				extra);
	for (i = 0; servers[i]; i += 2)
		used += (size_t)snprintf(
			text + used, sizeof(text) - used,
			"real_server 127.0.0.%c 9 {\n%s {\n%s\n}\n}\n",
			servers[i],
			servers[i + 1] == 'm' ? "MYSQL_CHECK" : "TCP_CHECK",
			servers[i + 1] == 'm' ?
				"username u\npassword_file /nowhere" :
				"");
	used += (size_t)snprintf(text + used, sizeof(text) - used, "}\n");
	cr_assert_lt(used, sizeof(text));
	checker_conf_message(&msg, generation, text);
	checker_handle(checker, &msg);
	cr_assert_eq(msg.fd, -1);
}

static void tell_secret(uint32_t generation, uint32_t check, uint32_t last,
			const char *text)
{
	struct ipc_secret secret = { .check = check,
				     .last = last,
				     .length = (uint32_t)strlen(text) };

	snprintf(secret.text, sizeof(secret.text), "%s", text);
	checker_add_secret(checker, generation, &secret);
}

static void time_is_up(struct loop_timer *timer)
{
	loop_stop(checker->loop);
}

static void run_for(usec_t time)
{
	loop_timer_init(checker->loop, &alarm_clock, time_is_up);
	loop_timer_set(&alarm_clock, loop_now_exact(checker->loop) + time);
	loop_run(checker->loop);
}

/* A count of the messages with verdicts to main, and of the verdicts. */
struct told {
	uint32_t messages, verdicts;
};

/*
 * Run until main has been told of at least LEAST verdicts, with EACH for each of
 * the messages. How long that takes is the host's matter.
 */
static struct told run_until_told(uint32_t least, void (*each)(void))
{
	const struct ipc_verdicts *head = (const void *)msg.body;
	struct told told = { 0 };
	unsigned rounds;

	for (rounds = 0; rounds < 500 && told.verdicts < least; rounds++) {
		run_for(20 * USEC_PER_MSEC);
		while (ipc_recv(ends[0], &msg) == 1) {
			cr_assert_eq(msg.header.type, IPC_VERDICTS);
			told.messages += head->count > 0;
			told.verdicts += head->count;
			each();
		}
	}
	cr_assert_geq(told.verdicts, least);
	return told;
}

static void accept_any(void)
{
}

Test(checkers_reload, unchanged_checks_live_on_under_new_numbers)
{
	struct check *one, *two;
	usec_t due;

	configure(1, "1t2t3t", "delay_loop 30");
	cr_assert_eq(checker->nr_checks, 3);
	one = checker->checks[0];
	two = checker->checks[1];
	two->failures = 7;
	due = two->item.when;
	configure(2, "4t2t1t", "delay_loop 30");
	cr_assert_eq(checker->generation, 2);
	cr_expect_eq(checker->checks[1], two);
	cr_expect_eq(checker->checks[2], one);
	cr_expect_eq(one->index, 2);
	cr_expect_eq(two->failures, 7);
	cr_expect_eq(two->item.when, due);
	cr_expect_eq(two->conf, &checker->conf->checks[1]);
	cr_expect_eq(checker->sched.used, 3);
	/* Another interval is another check, perhaps in the old one's memory. */
	configure(3, "4t2t1t", "delay_loop 31");
	cr_expect_eq(checker->checks[1]->failures, 0);
}

/*
 * Servers come, go and change places at random. A check that stays is known by
 * its count of failures, which is its server's number here; a new one has none.
 */
Test(checkers_reload, checks_are_found_wherever_they_go)
{
	char servers[2 * 9 + 1], moved[2];
	bool before[10] = { false }, now[10];
	unsigned round, left, i, k, number;
	uint64_t dice = 1;

	for (round = 0; round < 300; round++) {
		memset(now, 0, sizeof(now));
		for (i = 0, left = 0; i < 9; i++) {
			dice = dice * 6364136223846793005u +
			       1442695040888963407u;
			if ((dice >> 40) % 8 == 0)
				continue;
			servers[left] = (char)('1' + i);
			servers[left + 1] = 't';
			left += 2;
		}
		servers[left] = '\0';
		/* Every other round one of them goes to the place of another. */
		i = left ? 2 * (unsigned)((dice >> 45) % (left / 2)) : 0;
		k = left ? 2 * (unsigned)((dice >> 50) % (left / 2)) : 0;
		if (left && round % 2 == 0) {
			memcpy(moved, servers + i, 2);
			memmove(servers + i, servers + i + 2, left - i - 2);
			memmove(servers + k + 2, servers + k, left - k - 2);
			memcpy(servers + k, moved, 2);
		}
		configure(round + 1, servers, "delay_loop 30");
		cr_assert_eq(checker->nr_checks, left / 2);
		for (i = 0; i < checker->nr_checks; i++) {
			number = (unsigned)(servers[2 * i] - '0');
			cr_assert_eq(checker->checks[i]->index, i);
			cr_assert_eq(checker->checks[i]->failures,
				     before[number] ? number : 0,
				     "round %u, %s", round, servers);
			checker->checks[i]->failures = number;
			now[number] = true;
		}
		memcpy(before, now, sizeof(before));
	}
}

Test(checkers_reload, passwords_belong_to_their_configuration)
{
	struct check *check;

	tell_secret(1, 0, 0, "first");
	tell_secret(1, 7, 7, "nobody's");
	configure(1, "1m2m", "");
	cr_expect_str_eq(checker->checks[0]->secret, "first");
	cr_expect_null(checker->checks[1]->secret);
	cr_expect_null(checker->secrets.list);
	/* The same again: the check lives on. Another password: a new one. */
	check = checker->checks[0];
	tell_secret(2, 0, 0, "first");
	configure(2, "1m2m", "");
	cr_expect_eq(checker->checks[0], check);
	tell_secret(3, 0, 0, "second");
	configure(3, "1m2m", "");
	cr_expect_str_eq(checker->checks[0]->secret, "second");
	/* One for many, of which one has no file, and one past the end. */
	tell_secret(4, 0, UINT32_MAX, "many's");
	configure(4, "1m2t3m", "");
	cr_expect_str_eq(checker->checks[0]->secret, "many's");
	cr_expect_null(checker->checks[1]->secret);
	cr_expect_str_eq(checker->checks[2]->secret, "many's");
	/* Those of another configuration are not used. */
	tell_secret(9, 0, 0, "stray");
	configure(5, "1m2m", "");
	cr_expect_null(checker->checks[0]->secret);
}

Test(checkers_reload, bad_messages_change_nothing)
{
	struct ipc_secret secret = { .length = sizeof(secret.text) };
	struct check *check;

	configure(1, "1t", "");
	check = checker->checks[0];
	/* no descriptor, a text that is too short, one that is no file */
	memset(&msg, 0, sizeof(msg));
	msg.header = (struct ipc_header){ IPC_CONF, 2 };
	msg.length = sizeof(struct ipc_conf);
	((struct ipc_conf *)(void *)msg.body)->length = 10;
	msg.fd = -1;
	checker_handle(checker, &msg);
	msg.fd = memfd_create("conf", MFD_CLOEXEC);
	checker_handle(checker, &msg);
	msg.fd = dup(ends[0]);
	checker_handle(checker, &msg);
	configure(2, "", "lvs_sched nonsense\n{ {");
	checker_add_secret(checker, 3, &secret);
	cr_expect_eq(checker->generation, 1);
	cr_expect_eq(checker->nr_checks, 1);
	cr_expect_eq(checker->checks[0], check);
	cr_expect_eq(checker->secrets.used, 0);
}

static void expect_of_generation_5(void)
{
	const struct ipc_verdicts *head = (const void *)msg.body;

	cr_assert_eq(msg.header.generation, 5);
	cr_assert_gt(head->next_by, 0);
}

Test(checkers_reload, ready_goes_before_the_verdicts)
{
	configure(5, "1t2t3t4t", "delay_loop 0.05");
	run_for(100 * USEC_PER_MSEC);
	cr_assert_eq(ipc_recv(ends[0], &msg), 1);
	cr_assert_eq(msg.header.type, IPC_READY);
	cr_assert_eq(msg.header.generation, 5);
	run_until_told(4, expect_of_generation_5);
}

/* However long the first round takes: main knows when to expect a word. */
Test(checkers_reload, a_promise_is_made_at_once)
{
	static const char *const servers[] = { "1t2t", "" };
	const struct ipc_verdicts *head = (const void *)msg.body;
	usec_t now = loop_now_exact(checker->loop);
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(servers); i++) {
		configure(i + 1, servers[i], "delay_loop 900\nwarmup 900");
		run_for(50 * USEC_PER_MSEC);
		cr_assert_eq(ipc_recv(ends[0], &msg), 1);
		cr_assert_eq(msg.header.type, IPC_READY);
		cr_assert_eq(ipc_recv(ends[0], &msg), 1);
		cr_assert_eq(msg.header.type, IPC_VERDICTS);
		cr_assert_eq(head->count, 0);
		cr_assert_gt(head->next_by, now);
		cr_assert_lt(ipc_recv(ends[0], &msg), 0);
	}
}

/* A type whose probes never hear of anybody. */
static enum outcome deaf_outcome;

static int deaf_start(struct check *check)
{
	return 0;
}

static void deaf_cancel(struct check *check)
{
}

static void deaf_expire(struct check *check, struct probe_result *result)
{
	probe_result_fill(result, deaf_outcome, 0);
}

static const struct probe_type deaf = {
	.name = "deaf",
	.start = deaf_start,
	.cancel = deaf_cancel,
	.expire = deaf_expire,
};

static const struct probe_type *deaf_type(enum check_kind kind)
{
	return &deaf;
}

/* A probe's deadline was LATE ago. Returns what is said of the server. */
static enum outcome expire(struct check *check, usec_t late,
			   enum outcome outcome)
{
	deaf_outcome = outcome;
	check_run_now(check);
	checker_run_due(checker);
	cr_assert_neq(check->started, 0);
	sched_set(&checker->sched, &check->item,
		  loop_now_exact(checker->loop) - late);
	checker_run_due(checker);
	cr_assert_eq(check->started, 0);
	return check->reported;
}

/*
 * A deadline that we reach late ourselves proves no silence: what the server
 * said may be in the socket, unread. What was read counts.
 */
Test(checkers_reload, our_own_standstill_is_not_the_servers)
{
	usec_t hour = 3600 * USEC_PER_SEC;
	struct check *check;
	unsigned tries = 0;

	checker->probe_type = deaf_type;
	configure(1, "1t", "delay_loop 900\nwarmup 0\nconnect_timeout 900");
	check = checker->checks[0];
	cr_expect_eq(expire(check, hour, PROBE_HUNG), PROBE_LOCAL_FAULT);
	cr_expect_eq(expire(check, hour, PROBE_TIMEOUT), PROBE_LOCAL_FAULT);
	cr_expect_eq(check->failures, 0);
	cr_expect_eq(expire(check, hour, PROBE_STATUS), PROBE_STATUS);
	cr_expect_eq(expire(check, hour, PROBE_OK), PROBE_OK);
	/* The host may stand still just now, but not for ever. */
	while (expire(check, 0, PROBE_HUNG) != PROBE_HUNG)
		cr_assert_lt(++tries, 100);
	cr_expect_eq(check->failures, 1);
}

/* The probe that makes a server down is the last of the quick ones. */
Test(checkers_reload, retries_end_when_the_server_is_down)
{
	struct check *check;
	unsigned rounds;

	configure(1, "1t",
		  "delay_loop 3600\nwarmup 0\ndelay_before_retry 0.02\n"
		  "retry 2");
	check = checker->checks[0];
	check->timing.spread = false; /* else the first interval is by chance */
	for (rounds = 0; rounds < 500 && check->failures < 3; rounds++)
		run_for(20 * USEC_PER_MSEC);
	cr_assert_eq(check->failures, 3);
	cr_expect_gt(check->item.when,
		     loop_now_exact(checker->loop) + 3000 * USEC_PER_SEC);
}

static void expect_check_1(void)
{
	const struct verdict *verdicts =
		(const void *)(msg.body + sizeof(struct ipc_verdicts));

	cr_assert_eq(verdicts->check, 1);
}

Test(checkers_reload, main_can_ask_for_a_probe_at_once)
{
	struct ipc_probe_now now = { .check = 1 };
	struct told told;

	configure(1, "1t2t", "delay_loop 3600\nwarmup 3600");
	run_for(50 * USEC_PER_MSEC);
	cr_assert_eq(ipc_recv(ends[0], &msg), 1); /* ready */
	cr_assert_eq(ipc_recv(ends[0], &msg), 1); /* and a promise */
	cr_assert_lt(ipc_recv(ends[0], &msg), 0);
	memset(&msg, 0, sizeof(msg));
	msg.fd = -1;
	msg.header = (struct ipc_header){ IPC_PROBE_NOW, 1 };
	msg.length = sizeof(now);
	memcpy(msg.body, &now, sizeof(now));
	checker_handle(checker, &msg);
	now.check = 2; /* out of range, and of another configuration */
	memcpy(msg.body, &now, sizeof(now));
	checker_handle(checker, &msg);
	now.check = 0;
	memcpy(msg.body, &now, sizeof(now));
	msg.header.generation = 2;
	checker_handle(checker, &msg);
	told = run_until_told(1, expect_check_1);
	cr_assert_eq(told.verdicts, 1);
	run_for(50 * USEC_PER_MSEC);
	cr_assert_lt(ipc_recv(ends[0], &msg), 0);
}

static void expect_local_faults(void)
{
	const struct ipc_verdicts *head = (const void *)msg.body;
	const struct verdict *verdicts =
		(const void *)(msg.body + sizeof(struct ipc_verdicts));
	uint32_t i;

	for (i = 0; i < head->count; i++) {
		cr_assert_eq(verdicts[i].outcome, PROBE_LOCAL_FAULT);
		cr_assert_eq(verdicts[i].failures, 0);
	}
}

/* Our own shortage is told, once an interval, and is nobody's failure. */
Test(checkers_reload, without_descriptors_main_still_hears_of_us)
{
	usec_t began = loop_now_exact(checker->loop);
	struct told told;
	usec_t rounds;

	checker->cap = 0; /* as if all were taken */
	configure(1, "1t2t", "delay_loop 0.1");
	run_for(20 * USEC_PER_MSEC);
	cr_assert_eq(ipc_recv(ends[0], &msg), 1); /* ready */
	told = run_until_told(6, expect_local_faults);
	/* One each in every interval that has begun. */
	rounds = (loop_now_exact(checker->loop) - began) / (USEC_PER_SEC / 10);
	cr_assert_leq(told.verdicts, 2 * (rounds + 1), "%u", told.verdicts);
}

/* Main works for each message: what is no news travels in company. */
Test(checkers_reload, repeated_verdicts_are_gathered)
{
	struct told told;

	configure(1, "1t2t3t4t5t6t7t8t9t",
		  "delay_loop 0.04\ndelay_before_retry 0.04");
	run_for(100 * USEC_PER_MSEC);
	while (ipc_recv(ends[0], &msg) == 1)
		;
	told = run_until_told(100, accept_any);
	cr_assert_lt(told.messages * 3, told.verdicts,
		     "%u messages, %u verdicts", told.messages, told.verdicts);
}
