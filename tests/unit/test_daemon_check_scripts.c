/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the checker may ask for, and what it is told. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/check_scripts.h"
#include "conf/conf.h"
#include "daemon/proc/script.h"
#include "lib/loop.h"

#define ANSWERS_MAX 8

static char *words_good[] = { (char *)(uintptr_t) "true", NULL };
static char *words_bad[] = { (char *)(uintptr_t) "/no/such/thing", NULL };
static char *words_hang[] = { (char *)(uintptr_t) "sleep",
			      (char *)(uintptr_t) "60", NULL };

static struct {
	struct loop *loop;
	struct loop_timer limit;
	struct scripts *scripts;
	struct check_scripts *all;
	struct conf conf;
	struct conf_check checks[4];
	struct conf_script runs[3];
	struct ipc_script_end answers[ANSWERS_MAX];
	size_t nr_answers, wanted;
} world;

static void take(void *arg, const struct ipc_script_end *end)
{
	cr_assert_lt(world.nr_answers, ANSWERS_MAX);
	world.answers[world.nr_answers++] = *end;
	if (world.nr_answers == world.wanted)
		loop_stop(world.loop);
}

static void on_limit(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

static void build(void)
{
	char **words[3] = { words_good, words_bad, words_hang };
	size_t i;

	memset(&world, 0, sizeof(world));
	world.loop = loop_new();
	world.scripts = scripts_new(world.loop);
	world.all = check_scripts_new(world.scripts, take, NULL);
	for (i = 0; i < 3; i++) {
		world.runs[i].argv = words[i];
		world.checks[i].timeout = USEC_PER_SEC / 2;
		world.checks[i].traits.script = &world.runs[i];
	}
	world.conf.checks = world.checks;
	world.conf.nr_checks = 4;
	check_scripts_configure(world.all, &world.conf, 7);
	loop_timer_init(world.loop, &world.limit, on_limit);
}

static void destroy(void)
{
	loop_timer_clear(&world.limit);
	check_scripts_free(world.all);
	scripts_free(world.scripts);
	loop_free(world.loop);
}

TestSuite(check_scripts, .init = build, .fini = destroy);

static void ask(uint64_t ticket, uint32_t generation, uint32_t check)
{
	struct ipc_script_run run = { .ticket = ticket, .check = check };

	check_scripts_run(world.all, generation, &run);
}

/* Until there are COUNT answers, or LIMIT is over. */
static void wait_answers(size_t count, usec_t limit)
{
	world.wanted = count;
	if (world.nr_answers >= count)
		return;
	loop_timer_set(&world.limit, loop_now_exact(world.loop) + limit);
	cr_assert_eq(loop_run(world.loop), 0);
}

Test(check_scripts, it_ran)
{
	ask(11, 7, 0);
	cr_expect_eq(world.nr_answers, 0);
	wait_answers(1, 20 * USEC_PER_SEC);
	cr_assert_eq(world.nr_answers, 1);
	cr_expect_eq(world.answers[0].ticket, 11);
	cr_expect_eq(world.answers[0].how, IPC_SCRIPT_EXITED);
	cr_expect_eq(world.answers[0].status, 0);
}

Test(check_scripts, it_cannot_be_run)
{
	ask(12, 7, 1);
	wait_answers(1, 20 * USEC_PER_SEC);
	cr_assert_eq(world.nr_answers, 1);
	cr_expect_eq(world.answers[0].how, IPC_SCRIPT_UNFIT);
	cr_expect(strstr(world.answers[0].why, "No such file"));
}

/* A checker that was taken over can ask for nothing that is not in the file. */
Test(check_scripts, nonsense)
{
	ask(1, 6, 0);
	ask(2, 8, 0);
	ask(3, 7, 3);
	ask(4, 7, 4);
	ask(5, 7, UINT32_MAX);
	check_scripts_stop(world.all, &(struct ipc_script_stop){ 99 });
	cr_assert_eq(world.nr_answers, 5);
	cr_expect_eq(world.answers[0].how, IPC_SCRIPT_STALE);
	cr_expect_eq(world.answers[1].how, IPC_SCRIPT_STALE);
	cr_expect_eq(world.answers[2].how, IPC_SCRIPT_UNFIT);
	cr_expect_eq(world.answers[3].how, IPC_SCRIPT_UNFIT);
	cr_expect_eq(world.answers[4].how, IPC_SCRIPT_UNFIT);
	cr_expect_eq(world.answers[4].ticket, 5);
}

/* Once at a time, whoever asks; late is said at once, and once. */
Test(check_scripts, busy_and_late)
{
	usec_t start = loop_now_exact(world.loop);

	ask(1, 7, 2);
	ask(2, 7, 2);
	cr_assert_eq(world.nr_answers, 1);
	cr_expect_eq(world.answers[0].ticket, 2);
	cr_expect_eq(world.answers[0].how, IPC_SCRIPT_BUSY);
	wait_answers(2, 20 * USEC_PER_SEC);
	cr_assert_eq(world.nr_answers, 2);
	cr_expect_eq(world.answers[1].ticket, 1);
	cr_expect_eq(world.answers[1].how, IPC_SCRIPT_TIMED_OUT);
	cr_expect_geq(loop_now_exact(world.loop) - start, USEC_PER_SEC / 2);
	wait_answers(3, USEC_PER_SEC / 2);
	cr_expect_eq(world.nr_answers, 2);
	/* It is gone: the next may run. */
	ask(3, 7, 2);
	cr_expect_eq(world.nr_answers, 2);
}

/* Asking and taking back must not make us fork as often as somebody likes. */
Test(check_scripts, what_is_stopped_keeps_its_turn_until_it_is_dead)
{
	uint64_t ticket;
	size_t i;

	ask(1, 7, 2);
	check_scripts_stop(world.all, &(struct ipc_script_stop){ 1 });
	for (ticket = 2; ticket < 6; ticket++)
		ask(ticket, 7, 2);
	cr_assert_eq(world.nr_answers, 4);
	for (i = 0; i < 4; i++)
		cr_expect_eq(world.answers[i].how, IPC_SCRIPT_BUSY);
	wait_answers(5, USEC_PER_SEC / 2);
	/* It is dead: the next one may run. */
	ask(6, 7, 2);
	cr_expect_eq(world.nr_answers, 4);
	wait_answers(5, 20 * USEC_PER_SEC);
	cr_assert_eq(world.nr_answers, 5);
	cr_expect_eq(world.answers[4].how, IPC_SCRIPT_TIMED_OUT);
}

Test(check_scripts, what_is_stopped_is_not_answered)
{
	ask(1, 7, 2);
	ask(2, 7, 0);
	check_scripts_stop(world.all, &(struct ipc_script_stop){ 1 });
	wait_answers(2, 2 * USEC_PER_SEC);
	cr_assert_eq(world.nr_answers, 1);
	cr_expect_eq(world.answers[0].ticket, 2);
	ask(3, 7, 2);
	check_scripts_stop_all(world.all);
	wait_answers(2, USEC_PER_SEC);
	cr_expect_eq(world.nr_answers, 1);
}
