/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of iptables' commands; the tool is the test itself. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/netfilter/firewall.h"
#include "daemon/proc/run_command.h"
#include "lib/log.h"
#include "lib/loop.h"

static struct loop *loop;
static struct firewall *firewall;
static struct command_job *running; /* NULL: no command is under way */
static char said[2048]; /* the commands so far, without "-w 1", a line each */
static char input[2048]; /* of the last iptables-restore */
static const char *printed; /* by the next command that ends */
static int refuses; /* -errno: no command can be started */
static int dones, rewritten;

int __wrap_command_start(struct command_job *command, const char *name,
			 char *const *argv, const char *text, usec_t limit);
void __wrap_command_output(const struct command_job *command, char *out,
			   size_t size);
void __wrap_command_stop(struct command_job *command);

int __wrap_command_start(struct command_job *command, const char *name,
			 char *const *argv, const char *text, usec_t limit)
{
	size_t used, i;

	cr_assert_null(running, "two at a time");
	cr_expect_gt(limit, 0);
	cr_expect_str_eq(argv[0], name);
	cr_expect_str_eq(argv[1], "-w");
	if (refuses)
		return refuses;
	running = command;
	for (i = 0; argv[i]; i += i ? 1 : 3) {
		used = strlen(said);
		snprintf(said + used, sizeof(said) - used, "%s%s", i ? " " : "",
			 argv[i]);
	}
	used = strlen(said);
	snprintf(said + used, sizeof(said) - used, "\n");
	if (text)
		snprintf(input, sizeof(input), "%s", text);
	return 0;
}

void __wrap_command_output(const struct command_job *command, char *out,
			   size_t size)
{
	snprintf(out, size, "%s", printed ? printed : "");
}

void __wrap_command_stop(struct command_job *command)
{
	running = NULL;
}

static void done(void *arg, bool again)
{
	dones++;
	rewritten += again;
}

static void stop(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

/* All that is to be done at the end of this turn. */
static void turn(void)
{
	struct loop_timer timer;

	loop_timer_init(loop, &timer, stop);
	loop_timer_set(&timer, loop_now(loop));
	cr_assert_eq(loop_run(loop), 0);
	loop_timer_clear(&timer);
}

/* The command under way ends. */
static void ends(int result, const char *text)
{
	struct command_job *command = running;

	cr_assert_not_null(command, "none is under way, after\n%s", said);
	running = NULL;
	printed = text;
	command->ended(command, result);
}

/* Since the last time, exactly these were started. */
static void started(const char *words)
{
	cr_expect_str_eq(said, words);
	said[0] = '\0';
}

static void want(uint16_t family, const char *drop)
{
	struct firewall_plan plan = {
		.family = family, .chain = "MINE", .drop = drop, .accept = "s"
	};

	firewall_set(firewall, &plan);
}

static void setup(void)
{
	log_set_level(LOG_LEVEL_ERROR);
	loop = loop_new();
	firewall = firewall_new(loop, "MINE", "INPUT", done, NULL);
}

static void teardown(void)
{
	firewall_free(firewall);
	loop_free(loop);
}

TestSuite(firewall, .init = setup, .fini = teardown);

/* The rules of IPv4 are there, as "listed". */
static void write_v4(void)
{
	want(AF_INET, "d");
	turn();
	ends(0, "");
	ends(0, "");
	ends(0, "listed");
	said[0] = '\0';
	cr_assert_eq(firewall_state(firewall), FIREWALL_READY);
	cr_assert_not(firewall_is_busy(firewall));
	cr_assert_eq(dones, 1);
	dones = 0;
}

Test(firewall, rules_are_in_place_when_the_tool_has_listed_them)
{
	want(AF_INET, "d");
	want(AF_INET6, "d6");
	cr_expect_eq(firewall_state(firewall), FIREWALL_TRYING);
	cr_expect(firewall_is_busy(firewall));
	turn();
	started("iptables -C INPUT -j MINE\n");
	ends(1, "no such rule");
	started("iptables-restore --noflush\n");
	cr_expect_not_null(strstr(input, "-I INPUT 1 -j MINE\nCOMMIT\n"));
	ends(0, "");
	started("iptables -S MINE\n");
	ends(0, "listed");
	started("ip6tables -C INPUT -j MINE\n");
	cr_expect_eq(firewall_state(firewall), FIREWALL_TRYING);
	ends(0, "");
	cr_expect_null(strstr(input, "-I INPUT"), "it is hooked");
	ends(0, "");
	ends(0, "listed");
	cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
	cr_expect_not(firewall_is_busy(firewall));
	cr_expect_eq(dones, 1);
	cr_expect_eq(rewritten, 0);
	cr_expect_null(running);
}

Test(firewall, what_is_asked_for_twice_costs_nothing)
{
	write_v4();
	want(AF_INET, "d");
	want(AF_INET6, NULL);
	turn();
	started("");
}

Test(firewall, other_rules_that_come_meanwhile_are_written_next)
{
	want(AF_INET, "d");
	turn();
	ends(0, "");
	want(AF_INET, "other");
	ends(0, "");
	ends(0, "the old ones");
	cr_expect_eq(firewall_state(firewall), FIREWALL_TRYING);
	said[0] = '\0';
	ends(0, "");
	started("iptables-restore --noflush\n");
	cr_expect_not_null(strstr(input, "--match-set other "));
	ends(0, "");
	ends(0, "listed");
	cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
	cr_expect_eq(dones, 1);
}

Test(firewall, rules_that_shall_go_meanwhile_are_taken_out)
{
	want(AF_INET, "d");
	turn();
	want(AF_INET, NULL);
	said[0] = '\0';
	ends(0, "");
	started("iptables -D INPUT -j MINE\n");
	ends(0, "");
	started("iptables -D INPUT -j MINE\n");
	ends(1, "no such rule");
	started("iptables -F MINE\n");
	ends(1, "no chain");
	started("iptables -X MINE\n");
	ends(1, "no chain");
	started("");
	cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
	cr_expect_eq(dones, 1);
}

Test(firewall, a_jump_that_is_always_there_is_not_deleted_for_ever)
{
	unsigned deletes = 0;

	write_v4();
	want(AF_INET, NULL);
	turn();
	while (strstr(said, "-D")) {
		said[0] = '\0';
		ends(0, "");
		cr_assert_lt(++deletes, 100);
	}
	started("iptables -F MINE\n");
}

Test(firewall, an_audit_that_finds_all_as_it_was_changes_nothing)
{
	write_v4();
	firewall_audit(firewall);
	turn();
	started("iptables -S MINE\n");
	ends(0, "listed");
	started("iptables -C INPUT -j MINE\n");
	ends(0, "");
	started("");
	cr_expect_eq(dones, 1);
	cr_expect_eq(rewritten, 0);
}

Test(firewall, an_audit_writes_what_others_changed)
{
	write_v4();
	firewall_audit(firewall);
	turn();
	ends(0, "somebody's");
	said[0] = '\0';
	cr_expect_eq(firewall_state(firewall), FIREWALL_TRYING);
	ends(0, "");
	started("iptables-restore --noflush\n");
	ends(0, "");
	ends(0, "listed");
	cr_expect_eq(rewritten, 1);
	/* The jump alone is gone. */
	firewall_audit(firewall);
	turn();
	ends(0, "listed");
	ends(1, "no such rule");
	said[0] = '\0';
	ends(1, "no such rule");
	started("iptables-restore --noflush\n");
}

Test(firewall, a_held_lock_is_no_change)
{
	write_v4();
	firewall_audit(firewall);
	turn();
	said[0] = '\0';
	ends(4, "Another app is currently holding the xtables lock");
	started("");
	cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
}

Test(firewall, a_failure_is_tried_again_by_the_audits_and_two_are_told)
{
	want(AF_INET, "d");
	turn();
	ends(0, "");
	ends(2, "refused");
	cr_expect_eq(firewall_state(firewall), FIREWALL_TRYING);
	firewall_audit(firewall);
	turn();
	ends(0, "");
	ends(2, "refused");
	cr_expect_eq(firewall_state(firewall), FIREWALL_FAILED);
	firewall_audit(firewall);
	turn();
	ends(0, "");
	ends(0, "");
	ends(0, "listed");
	cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
	cr_expect_eq(dones, 3);
	cr_expect_eq(rewritten, 1);
}

Test(firewall, a_tool_that_hangs_is_left_alone_for_longer_each_time)
{
	unsigned audits;

	want(AF_INET, "d");
	turn();
	ends(-ETIMEDOUT, "");
	said[0] = '\0';
	for (audits = 1; !running; audits++) {
		firewall_audit(firewall);
		turn();
		cr_assert_lt(audits, 100);
	}
	cr_expect_eq(audits, 4 + 2);
	/* Meanwhile other rules are wanted: they wait as well. */
	ends(-ETIMEDOUT, "");
	cr_expect_eq(firewall_state(firewall), FIREWALL_FAILED);
	want(AF_INET, "other");
	turn();
	for (audits = 1; !running; audits++) {
		firewall_audit(firewall);
		turn();
		cr_assert_lt(audits, 100);
	}
	cr_expect_eq(audits, 8 + 2);
}

Test(firewall, without_the_tool_it_is_told_at_once)
{
	refuses = -ENOENT;
	want(AF_INET, "d");
	cr_expect_eq(dones, 0, "not into the call");
	turn();
	cr_expect_eq(dones, 1);
	cr_expect_eq(firewall_state(firewall), FIREWALL_FAILED);
	cr_expect_not(firewall_is_busy(firewall));
}

Test(firewall, the_jump_is_nowhere_before_it_is_elsewhere)
{
	write_v4();
	firewall_move(firewall, "FORWARD");
	cr_expect_eq(firewall_state(firewall), FIREWALL_TRYING);
	turn();
	started("iptables -D INPUT -j MINE\n");
	ends(1, "");
	ends(0, "");
	said[0] = '\0';
	ends(0, "");
	started("ip6tables -D INPUT -j MINE\n");
	ends(1, "");
	ends(0, "");
	said[0] = '\0';
	ends(0, "");
	started("iptables -C FORWARD -j MINE\n");
	ends(1, "");
	cr_expect_not_null(strstr(input, "-I FORWARD 1 -j MINE"));
	ends(0, "");
	ends(0, "listed");
	cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
}

Test(firewall, an_audit_that_is_overtaken_by_other_rules_rewrites_nothing)
{
	write_v4();
	firewall_audit(firewall);
	turn();
	want(AF_INET, "other");
	said[0] = '\0';
	ends(0, "listed");
	started("iptables -C INPUT -j MINE\n");
	ends(0, "");
	started("iptables-restore --noflush\n");
	cr_expect_eq(rewritten, 0);
}

/* The rules were in place all the time; only nobody saw them. */
Test(firewall, rules_that_nobody_can_look_at_count_as_in_place)
{
	static const int results[] = { -ETIMEDOUT, -EINTR, -EIO, -EINTR };
	size_t i;

	write_v4();
	refuses = -EAGAIN; /* fork() */
	firewall_audit(firewall);
	turn();
	cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
	refuses = 0;
	for (i = 0; i < ARRAY_SIZE(results); i++) {
		while (!running) {
			firewall_audit(firewall);
			turn();
		}
		ends(results[i], "");
		cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
	}
	/* Others are wanted: now it counts that they cannot be written. */
	want(AF_INET, "other");
	turn();
	ends(1, "");
	ends(-EINTR, "");
	cr_expect_eq(firewall_state(firewall), FIREWALL_TRYING);
	firewall_audit(firewall);
	turn();
	ends(1, "");
	ends(-EINTR, "");
	cr_expect_eq(firewall_state(firewall), FIREWALL_FAILED);
}

/* Rules that somebody removes could never be written again. */
Test(firewall, a_host_that_loses_the_tool_is_in_fault_until_it_is_back)
{
	static const int missing[] = { -ENOENT, -EACCES, -ENOEXEC };
	size_t i;

	write_v4();
	for (i = 0; i < ARRAY_SIZE(missing); i++) {
		refuses = missing[i];
		firewall_audit(firewall);
		turn();
		cr_expect_eq(firewall_state(firewall), FIREWALL_FAILED);
		refuses = 0;
		firewall_audit(firewall);
		turn();
		ends(0, "listed");
		ends(0, "");
		cr_expect_eq(firewall_state(firewall), FIREWALL_READY);
	}
}

/* The last command of a removal ends with RESULT; the log has the line WANTED. */
static void removal_is_told(int result, const char *wanted)
{
	char line[256] = "";
	FILE *log = tmpfile();
	int fd = dup(STDERR_FILENO);

	cr_assert_not_null(log);
	write_v4();
	want(AF_INET, NULL);
	turn();
	ends(1, "no such rule");
	ends(0, "");
	log_set_level(LOG_LEVEL_NOTICE);
	dup2(fileno(log), STDERR_FILENO);
	ends(result, "");
	dup2(fd, STDERR_FILENO);
	close(fd);
	rewind(log);
	cr_assert_not_null(fgets(line, sizeof(line), log));
	cr_expect_not_null(strstr(line, wanted), "%s", line);
	fclose(log);
}

Test(firewall, rules_that_are_gone_are_told_as_gone)
{
	removal_is_told(0, "the rules are gone (iptables)");
}

Test(firewall, rules_that_may_be_there_are_not_told_as_gone)
{
	removal_is_told(-ETIMEDOUT, "may still be there");
}
