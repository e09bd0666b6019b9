/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/sealed.h"
#include "daemon/control/answer.h"
#include "daemon/control/feed.h"
#include "daemon/control/overview.h"
#include "daemon/control/view.h"
#include "daemon/web_proc.h"
#include "lib/web_ipc.h"
#include "process_double.h"

#define QUESTIONS 50

/* The web process is this test: its end of the channel is fds[1]. */
static int fds[2];
static unsigned answers, asked;
static struct ipc_message msg;
static struct loop *loop;
static unsigned wanted; /* answers that end the loop; 0: any number */

static bool is_behind(void)
{
	return ipc_unread(fds[0]);
}

static int take(enum ipc_type type, uint32_t generation, const void *body,
		size_t length, int fd)
{
	answers++;
	if (answers == wanted)
		loop_stop(loop);
	return ipc_send(fds[0], type, generation, body, length, fd);
}

struct json_object *__wrap_answer_request(const struct control_ops *ops,
					  void *arg, char *request,
					  bool may_change);
struct json_object *__wrap_answer_request(const struct control_ops *ops,
					  void *arg, char *request,
					  bool may_change)
{
	return json_object_new_object();
}

/* A step of either takes a while, and there are SLICES of them. */
#define SLICES 4
static unsigned overview_steps, feed_steps;

bool __wrap_overview_step(struct overview *overview);
bool __wrap_overview_step(struct overview *overview)
{
	usleep(3000);
	return ++overview_steps % SLICES == 0;
}

const char *__wrap_overview_text(const struct overview *overview,
				 size_t *length);
const char *__wrap_overview_text(const struct overview *overview,
				 size_t *length)
{
	*length = 2;
	return "{}";
}

bool __wrap_feed_step(struct feed *feed);
bool __wrap_feed_step(struct feed *feed)
{
	return ++feed_steps % SLICES == 0;
}

const char *__wrap_feed_text(const struct feed *feed, size_t *length);
const char *__wrap_feed_text(const struct feed *feed, size_t *length)
{
	*length = 1;
	return "x";
}

static void ask(struct loop_timer *timer)
{
	struct ipc_web_ask question = { .kind = IPC_WEB_OVERVIEW,
					.number = ++asked };

	process_double_say(IPC_WEB_ASK, 0, &question, sizeof(question));
	if (asked == QUESTIONS)
		loop_stop(loop);
	else
		loop_timer_set(timer, loop_now_exact(loop) + 2 * USEC_PER_MSEC);
}

static void too_late(struct loop_timer *timer)
{
	loop_stop(loop);
	cr_assert_fail("no answer");
}

static void wait_for_answers(unsigned count)
{
	struct loop_timer limit;

	wanted = count;
	loop_timer_init(loop, &limit, too_late);
	loop_timer_set(&limit, loop_now_exact(loop) + 60 * USEC_PER_SEC);
	cr_assert_eq(loop_run(loop), 0);
	loop_timer_clear(&limit);
}

static bool vrrp_is_asked;

static bool ask_vrrp(void *arg)
{
	return vrrp_is_asked;
}

static const struct control_ops ops = { .ask = ask_vrrp };

/* Each answer is a memfd until it is read. */
Test(web_proc, no_answer_is_made_while_an_earlier_one_is_not_read)
{
	struct conf conf = { 0 };
	struct config config = { .conf = &conf };
	struct web_proc *web;
	struct loop_timer asker;

	conf.global.metrics_listen.at.addr.family = AF_INET;
	cr_assert_eq(ipc_pair(fds), 0);
	process_double.send = take;
	process_double.behind = is_behind;
	loop = loop_new();
	web = web_proc_new(loop, NULL, &ops, NULL);
	web_proc_configure(web, &config);
	loop_timer_init(loop, &asker, ask);
	loop_timer_set(&asker, loop_now_exact(loop));
	cr_assert_eq(loop_run(loop), 0);
	cr_assert_eq(asked, QUESTIONS);
	cr_assert_eq(answers, 1, "%u answers are kept", answers);

	/* The newest question is kept, and answered when there is room. */
	cr_assert_eq(ipc_recv(fds[1], &msg), 1);
	close(msg.fd);
	wait_for_answers(2);
	cr_assert_eq(ipc_recv(fds[1], &msg), 1);
	close(msg.fd);
	cr_assert_eq(((struct ipc_web_answer *)(void *)msg.body)->number,
		     QUESTIONS);
	web_proc_free(web);
	loop_free(loop);
}

/* The kinds of the answers in the order in which they came. */
static unsigned came[64], nr_came;

/* Each answer to an overview is followed by the next question at once. */
static int take_and_ask(enum ipc_type type, uint32_t generation,
			const void *body, size_t length, int fd)
{
	const struct ipc_web_answer *head = body;
	struct ipc_web_ask again = { .kind = head->kind };

	if (type != IPC_WEB_ANSWER)
		return 0;
	came[nr_came++] = head->kind;
	if (nr_came == 8 || head->kind == IPC_WEB_FIGURES)
		loop_stop(loop);
	else
		process_double_say(IPC_WEB_ASK, 0, &again, sizeof(again));
	return 0;
}

static bool is_read(void)
{
	return false;
}

/*
 * A page of many servers is asked for again as soon as it came. A scrape that is
 * asked for meanwhile comes after the answer at hand, and not after all of them.
 */
Test(web_proc, a_page_of_much_work_leaves_a_scrape_its_turn)
{
	struct ipc_web_ask page = { .kind = IPC_WEB_OVERVIEW };
	struct ipc_web_ask scrape = { .kind = IPC_WEB_FIGURES };
	struct conf conf = { 0 };
	struct config config = { .conf = &conf };
	struct web_proc *web;

	conf.global.metrics_listen.at.addr.family = AF_INET;
	process_double.send = take_and_ask;
	process_double.behind = is_read;
	loop = loop_new();
	web = web_proc_new(loop, NULL, &ops, NULL);
	web_proc_configure(web, &config);
	process_double_say(IPC_WEB_ASK, 0, &page, sizeof(page));
	process_double_say(IPC_WEB_ASK, 0, &scrape, sizeof(scrape));
	cr_assert_eq(loop_run(loop), 0);
	cr_expect_leq(nr_came, 2);
	cr_expect_eq(came[nr_came - 1], IPC_WEB_FIGURES);
	/* Neither is begun before the other one is whole. */
	cr_expect_eq(overview_steps % SLICES, 0);
	cr_expect_eq(feed_steps, SLICES);
	web_proc_free(web);
	loop_free(loop);
}

static struct web_proc *waiting;
static unsigned said_before = 99; /* nothing was told */

static void tell(struct loop_timer *timer)
{
	said_before = nr_came;
	web_proc_told(waiting);
}

/* The loop goes on while the vrrp process is asked for its counters. */
Test(web_proc, an_overview_waits_for_the_vrrp_process)
{
	struct ipc_web_ask page = { .kind = IPC_WEB_FIGURES };
	struct conf conf = { 0 };
	struct config config = { .conf = &conf };
	struct loop_timer timer;

	conf.global.metrics_listen.at.addr.family = AF_INET;
	process_double.send = take_and_ask;
	process_double.behind = is_read;
	vrrp_is_asked = true;
	loop = loop_new();
	waiting = web_proc_new(loop, NULL, &ops, NULL);
	web_proc_configure(waiting, &config);
	process_double_say(IPC_WEB_ASK, 0, &page, sizeof(page));
	loop_timer_init(loop, &timer, tell);
	loop_timer_set(&timer, loop_now_exact(loop) + 50 * USEC_PER_MSEC);
	cr_assert_eq(loop_run(loop), 0);
	cr_expect_eq(said_before, 0);
	cr_expect_eq(nr_came, 1);
	web_proc_free(waiting);
	loop_free(loop);
}
