/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's switchover as main and its file have it; the vrrp process is us. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "conf/sealed.h"
#include "conf/vrrp_conf.h"
#include "daemon/pair/vrrp_proc.h"
#include "daemon/pair/yields.h"
#include "lib/ipc.h"
#include "lib/history.h"
#include "lib/vrrp_ipc.h"
#include "process_double.h"
#include "vrrp/fsm.h"

static struct vrrp_proc *child;
static struct ipc_vrrp_yield told; /* the last message to the process */
static size_t nr_behind; /* in it */
static struct vrrp_conf_instance instances[] = { { .name = "A 1" },
						 { .name = "B" } };
static struct vrrp_conf vrrp = { .instances = instances, .nr_instances = 2 };
static struct conf conf = { .vrrp = &vrrp };
static struct config config = { .conf = &conf, .generation = 4 };
static struct loop *loop;
static struct history *history;
static char path[64];
static int send_error; /* 0, or what the process answers */

static int take(enum ipc_type type, uint32_t generation, const void *body,
		size_t length, int fd)
{
	if (type != IPC_VRRP_YIELD)
		return 0;
	if (send_error < 0)
		return send_error;
	memcpy(&told, body, sizeof(told));
	nr_behind = (length - sizeof(told)) / sizeof(struct ipc_vrrp_behind);
	return 0;
}

static void ignore(void *arg, uint32_t instance,
		   const struct ipc_vrrp_state *before, bool known)
{
}

/* The process reports instance 0, having read message SERIAL. */
static void report(uint32_t serial, enum vrrp_state state, uint8_t behind)
{
	struct ipc_vrrp_state one = { .state = (uint8_t)state,
				      .behind = behind,
				      .serial = serial };

	process_double_say(IPC_VRRP_STATE, config.generation, &one,
			   sizeof(one));
}

static void setup(void)
{
	static const struct vrrp_proc_events events = { .state = ignore };

	process_double.send = take;
	loop = loop_new();
	history = history_new();
	child = vrrp_proc_new(loop, NULL, &events);
	vrrp_proc_allow(child);
	vrrp_proc_configure(child, &config);
	cr_assert_eq(process_double.role->send_conf(child), 0);
	snprintf(path, sizeof(path), "/tmp/evenkeel-yields.%d", getpid());
}

static void teardown(void)
{
	unlink(path);
	vrrp_proc_free(child);
	history_free(history);
	loop_free(loop);
}

TestSuite(yields, .init = setup, .fini = teardown);

/* A report that was on its way when main spoke says nothing of the new word. */
Test(yields, a_report_that_crossed_the_word_does_not_end_it)
{
	uint32_t before = told.serial;

	report(before, VRRP_ACTIVE, 0);
	vrrp_proc_yield(child, 0, 100);
	cr_assert_eq(vrrp_proc_tell_yields(child), 0);
	cr_assert_eq(nr_behind, 1);
	cr_assert(told.leave);
	report(before, VRRP_ACTIVE, 0);
	cr_expect_eq(vrrp_proc_behind(child, 0), 100);
	report(told.serial, VRRP_BACKUP, 100);
	cr_expect_eq(vrrp_proc_behind(child, 0), 100);
	report(told.serial, VRRP_ACTIVE, 0);
	cr_expect_eq(vrrp_proc_behind(child, 0), 0, "it serves alone again");
}

/* A process that is started anew is told, and not to leave anything. */
Test(yields, a_new_process_is_told)
{
	vrrp_proc_yield(child, 0, 100);
	cr_assert_eq(process_double.role->send_conf(child), 0);
	cr_expect_eq(nr_behind, 1);
	cr_expect_eq(told.leave, 0);
	report(told.serial - 1, VRRP_INIT, 0);
	cr_expect_eq(vrrp_proc_behind(child, 0), 100);
}

/* An operator who is told "no" must not get it at the next restart. */
Test(yields, a_word_that_is_not_taken_changes_nothing)
{
	vrrp_proc_yield(child, 1, 90);
	cr_assert_eq(vrrp_proc_tell_yields(child), 0);
	report(told.serial, VRRP_ACTIVE, 0);
	vrrp_proc_yield(child, 0, 100);
	send_error = -ENOBUFS;
	cr_expect_eq(vrrp_proc_tell_yields(child), -ENOBUFS);
	cr_expect_eq(vrrp_proc_behind(child, 0), 0, "it is Active still");
	cr_expect_eq(vrrp_proc_behind(child, 1), 90, "it left before");
	vrrp_proc_yield(child, 0, 100);
	report(told.serial, VRRP_ACTIVE, 0);
	cr_expect_eq(vrrp_proc_behind(child, 0), 0,
		     "its reports answer the word before");
}

/* A message has an end; the rest would stay where they are, unsaid. */
Test(yields, more_instances_than_a_message_has_room_for)
{
	static struct vrrp_conf_instance many[IPC_VRRP_YIELDS_MAX + 1];
	static struct vrrp_conf all = { .instances = many,
					.nr_instances = ARRAY_SIZE(many) };
	static struct conf all_conf = { .vrrp = &all };
	static struct config big = { .conf = &all_conf, .generation = 4 };
	static char names[ARRAY_SIZE(many)][8];
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(many); i++) {
		snprintf(names[i], sizeof(names[i]), "i%u", i);
		many[i].name = names[i];
	}
	vrrp_proc_configure(child, &big);
	for (i = 0; i < IPC_VRRP_YIELDS_MAX; i++)
		vrrp_proc_yield(child, i, 100);
	cr_expect_eq(vrrp_proc_tell_yields(child), 0);
	cr_expect_eq(nr_behind, IPC_VRRP_YIELDS_MAX);
	vrrp_proc_yield(child, i, 100);
	cr_expect_eq(vrrp_proc_tell_yields(child), -E2BIG);
}

static struct yields *begin(void)
{
	struct yields *new = yields_new(loop, history, path, child);

	vrrp_proc_yield(child, 0, 0);
	vrrp_proc_yield(child, 1, 0);
	yields_configure(new, &vrrp);
	return new;
}

static void file_says(const char *text)
{
	FILE *out = fopen(path, "w");

	fputs(text, out);
	fclose(out);
}

static bool file_is(const char *text)
{
	char got[64] = "";
	FILE *in = fopen(path, "r");

	if (!in)
		return text == NULL;
	got[fread(got, 1, sizeof(got) - 1, in)] = '\0';
	fclose(in);
	return text && strcmp(got, text) == 0;
}

/* How many are behind by the file TEXT; NOW: what is kept of it. */
static uint32_t load(const char *text, const char *now)
{
	file_says(text);
	yields_free(begin());
	cr_expect(file_is(now), "'%s'", text);
	return vrrp_proc_count_behind(child);
}

Test(yields, the_file)
{
	struct yields *yields = begin();

	vrrp_proc_yield(child, 0, 100);
	cr_expect_eq(yields_keep(yields), 0);
	yields_free(yields);
	yields = begin();
	cr_expect_eq(vrrp_proc_behind(child, 0), 100, "a name with a space");
	cr_expect_eq(vrrp_proc_behind(child, 1), 0);
	vrrp_proc_yield(child, 0, 0);
	cr_expect_eq(yields_keep(yields), 0);
	cr_expect(file_is(NULL), "nothing is left of it");
	yields_free(yields);
	yields_free(begin());
	cr_expect_eq(vrrp_proc_count_behind(child), 0);
}

/* The rest would count when its name is in the configuration again, in a year. */
Test(yields, a_file_that_makes_no_sense)
{
	cr_expect_eq(load("", ""), 0);
	cr_expect_eq(load("100 A 1\n7 B", "100 A 1\n7 B"), 2);
	cr_expect_eq(vrrp_proc_behind(child, 1), 7);
	cr_expect_eq(load("100\n0 B\n256 B\n-1 B\nB\n5x B\n\n 9 C\n100 A\n",
			  NULL),
		     0);
	cr_expect_eq(load("300 B\n20 B\n", "20 B\n"), 1);
	cr_expect_eq(load("20 B\n30 B\n", "30 B\n"), 1, "instances, not lines");
	cr_expect_eq(load("100 C\n", NULL), 0);
}

static void look(struct loop_timer *timer)
{
	if (file_is(NULL) || file_is("9 B\n"))
		loop_timer_set(timer, loop_now(loop) + 10 * USEC_PER_MSEC);
	else
		loop_stop(loop);
}

/* A limit of the file's size is a disk that is full. */
Test(yields, a_full_disk, .timeout = 60)
{
	struct rlimit none = { 0, RLIM_INFINITY };
	struct loop_timer timer;
	struct yields *yields;
	char temp[80];

	file_says("9 B\n");
	yields = begin();
	snprintf(temp, sizeof(temp), "%s.new", path);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	vrrp_proc_yield(child, 0, 100);
	cr_expect_eq(yields_keep(yields), -EFBIG);
	cr_expect_eq(access(temp, F_OK), -1, "nothing lies about");
	cr_expect(file_is("9 B\n"));
	cr_expect_eq(yields_keep(yields), -EFBIG, "still");
	none.rlim_cur = RLIM_INFINITY;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	loop_timer_init(loop, &timer, look);
	loop_timer_set(&timer, loop_now(loop));
	cr_assert_eq(loop_run(loop), 0);
	cr_expect(file_is("100 A 1\n9 B\n"), "it is tried again");
	loop_timer_clear(&timer);
	yields_free(yields);
}
