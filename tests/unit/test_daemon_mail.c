/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Letters: about which changes, what they say, how they wait. */
#include <criterion/criterion.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "conf/pair_conf.h"
#include "daemon/pair/mail_queue.h"
#include "daemon/pair/mail_text.h"
#include "daemon/pair/notification.h"

#define SECONDS(n) ((n)*USEC_PER_SEC)
#define T0 SECONDS(1000)

static struct mail_queue *queue;

static void empty_queue(void)
{
	queue = mail_queue_new();
}

static void end_queue(void)
{
	mail_queue_free(queue);
}

static bool put(usec_t now)
{
	static const struct ipc_mail_letter letter = { .subject = "s" };

	return mail_queue_put(queue, &letter, now);
}

/* The number of the letter to send at NOW; 0: none. */
static uint64_t take(usec_t now)
{
	const struct ipc_mail_letter *letter =
		mail_queue_take(queue, now, SECONDS(120));

	return letter ? letter->number : 0;
}

static void expect(struct mail_outcome outcome, enum mail_news news,
		   unsigned given_up, unsigned waiting, usec_t wait)
{
	cr_assert_eq(outcome.news, news, "news %d", outcome.news);
	cr_assert_eq(outcome.given_up, given_up);
	cr_assert_eq(outcome.waiting, waiting, "%u wait", outcome.waiting);
	cr_assert_eq(outcome.wait, wait, "wait %lld", (long long)outcome.wait);
}

TestSuite(mail_queue, .init = empty_queue, .fini = end_queue);

Test(mail_queue, one_at_a_time_in_order)
{
	cr_assert_eq(take(T0), 0);
	cr_assert_eq(mail_queue_wake(queue), 0);
	put(T0);
	put(T0);
	cr_assert_gt(mail_queue_wake(queue), 0);
	cr_assert_eq(take(T0), 1);
	cr_assert_eq(take(T0), 0);
	cr_assert_eq(mail_queue_wake(queue), T0 + SECONDS(120));
	expect(mail_queue_done(queue, 1, IPC_MAIL_SENT, T0), MAIL_NEWS_SENT, 0,
	       1, 0);
	cr_assert_eq(take(T0), 2);
	expect(mail_queue_done(queue, 2, IPC_MAIL_SENT, T0), MAIL_NEWS_SENT, 0,
	       0, 0);
	cr_assert_eq(mail_queue_waiting(queue), 0);
}

Test(mail_queue, outcomes_of_other_letters_are_nothing)
{
	expect(mail_queue_done(queue, 1, IPC_MAIL_SENT, T0), MAIL_NEWS_NONE, 0,
	       0, 0);
	put(T0);
	expect(mail_queue_done(queue, 1, IPC_MAIL_SENT, T0), MAIL_NEWS_NONE, 0,
	       0, 0);
	cr_assert_eq(take(T0), 1);
	expect(mail_queue_done(queue, 2, IPC_MAIL_NEVER, T0), MAIL_NEWS_NONE, 0,
	       0, 0);
	cr_assert_eq(mail_queue_waiting(queue), 1);
	mail_queue_dropped(queue, T0);
	expect(mail_queue_dropped(queue, T0), MAIL_NEWS_NONE, 0, 0, 0);
}

/* Fails at NOW, and waits for WAIT then. */
static usec_t fail(usec_t now, enum mail_news news, usec_t wait)
{
	cr_assert_eq(take(now), 1);
	expect(mail_queue_done(queue, 1, IPC_MAIL_LATER, now), news, 0, 2,
	       wait);
	cr_assert_eq(take(now + wait - 1), 0);
	cr_assert_eq(mail_queue_wake(queue), now + wait);
	return now + wait;
}

Test(mail_queue, failures_are_tried_again_less_and_less_often)
{
	usec_t now;

	put(T0);
	put(T0);
	now = fail(T0, MAIL_NEWS_FAILS, SECONDS(15));
	cr_assert(mail_queue_fails(queue));
	now = fail(now, MAIL_NEWS_FAILS_STILL, SECONDS(30));
	now = fail(now, MAIL_NEWS_FAILS_STILL, SECONDS(60));
	now = fail(now, MAIL_NEWS_FAILS_STILL, SECONDS(120));
	now = fail(now, MAIL_NEWS_FAILS_STILL, SECONDS(240));
	now = fail(now, MAIL_NEWS_FAILS_STILL, SECONDS(300));
	now = fail(now, MAIL_NEWS_FAILS_STILL, SECONDS(300));
	cr_assert_eq(take(now), 1);
	expect(mail_queue_done(queue, 1, IPC_MAIL_SENT, now), MAIL_NEWS_AGAIN,
	       0, 1, 0);
	/* The next one goes at once, and the server's past is forgotten. */
	cr_assert_not(mail_queue_fails(queue));
	cr_assert_eq(take(now), 2);
	expect(mail_queue_done(queue, 2, IPC_MAIL_LATER, now), MAIL_NEWS_FAILS,
	       0, 1, SECONDS(15));
}

Test(mail_queue, another_server_is_tried_at_once)
{
	put(T0);
	cr_assert_eq(take(T0), 1);
	mail_queue_done(queue, 1, IPC_MAIL_LATER, T0);
	mail_queue_hurry(queue);
	cr_assert_eq(take(T0), 1);
	expect(mail_queue_done(queue, 1, IPC_MAIL_LATER, T0), MAIL_NEWS_FAILS,
	       0, 1, SECONDS(15));
	mail_queue_hurry(queue);
	cr_assert_eq(take(T0), 1);
	expect(mail_queue_done(queue, 1, IPC_MAIL_SENT, T0), MAIL_NEWS_AGAIN, 0,
	       0, 0);
}

Test(mail_queue, a_refused_letter_is_given_up_alone)
{
	put(T0);
	put(T0);
	cr_assert_eq(take(T0), 1);
	expect(mail_queue_done(queue, 1, IPC_MAIL_NEVER, T0), MAIL_NEWS_REFUSED,
	       1, 1, 0);
	cr_assert_eq(take(T0), 2);
}

Test(mail_queue, old_letters_are_given_up_together)
{
	usec_t now = T0 + MAIL_AGE_MAX;

	put(T0 - 2);
	put(T0 - 1);
	put(T0);
	cr_assert_eq(take(now), 1);
	expect(mail_queue_done(queue, 1, IPC_MAIL_LATER, now), MAIL_NEWS_OLD, 2,
	       1, SECONDS(15));
	/* Not for their age alone: the server may be back. */
	now += MAIL_AGE_MAX;
	cr_assert_eq(take(now), 3);
	expect(mail_queue_done(queue, 3, IPC_MAIL_SENT, now), MAIL_NEWS_AGAIN,
	       0, 0, 0);
}

Test(mail_queue, a_process_that_ends_loses_nothing)
{
	put(T0);
	cr_assert_eq(take(T0), 1);
	expect(mail_queue_dropped(queue, T0), MAIL_NEWS_FAILS, 0, 1,
	       SECONDS(15));
	cr_assert_eq(take(T0 + SECONDS(15)), 1);
}

/* One that answers and never says what became of a letter stops no other. */
Test(mail_queue, an_outcome_is_not_waited_for_without_end)
{
	put(T0);
	cr_assert_not(mail_queue_overdue(queue, T0 + SECONDS(1000)));
	cr_assert_eq(take(T0), 1);
	cr_assert_eq(mail_queue_wake(queue), T0 + SECONDS(120));
	cr_assert_not(mail_queue_overdue(queue, T0 + SECONDS(120) - 1));
	cr_assert(mail_queue_overdue(queue, T0 + SECONDS(120)));
	expect(mail_queue_dropped(queue, T0 + SECONDS(120)), MAIL_NEWS_FAILS, 0,
	       1, SECONDS(15));
	cr_assert_not(mail_queue_overdue(queue, T0 + SECONDS(121)));
	cr_assert_eq(take(T0 + SECONDS(135)), 1);
	mail_queue_done(queue, 1, IPC_MAIL_SENT, T0 + SECONDS(136));
	cr_assert_eq(mail_queue_wake(queue), 0);
}

Test(mail_queue, is_bounded)
{
	unsigned i;

	for (i = 0; i < MAIL_QUEUE_MAX; i++)
		cr_assert(put(T0));
	cr_assert_not(put(T0));
	cr_assert_eq(mail_queue_waiting(queue), MAIL_QUEUE_MAX);
	cr_assert_eq(take(T0), 1);
	mail_queue_done(queue, 1, IPC_MAIL_SENT, T0);
	cr_assert(put(T0));
}

Test(mail_text, whose_changes_are_worth_a_mail)
{
	struct conf_mail mail = { .alert = -1,
				  .alert_vrrp = -1,
				  .alert_checker = -1 };

	/* Without a word: real servers alone. */
	cr_assert(conf_mail_wanted(&mail, CONF_MAIL_SERVER, -1));
	cr_assert_not(conf_mail_wanted(&mail, CONF_MAIL_QUORUM, -1));
	cr_assert_not(conf_mail_wanted(&mail, CONF_MAIL_VRRP, -1));
	/* Its own word counts before all others. */
	mail.alert = mail.alert_vrrp = mail.alert_checker = 1;
	cr_assert_not(conf_mail_wanted(&mail, CONF_MAIL_SERVER, 0));
	cr_assert_not(conf_mail_wanted(&mail, CONF_MAIL_QUORUM, 0));
	cr_assert_not(conf_mail_wanted(&mail, CONF_MAIL_VRRP, 0));
	/* The kind's word counts before the general one. */
	mail.alert_checker = 0;
	cr_assert_not(conf_mail_wanted(&mail, CONF_MAIL_SERVER, -1));
	cr_assert_not(conf_mail_wanted(&mail, CONF_MAIL_QUORUM, -1));
	cr_assert(conf_mail_wanted(&mail, CONF_MAIL_VRRP, -1));
	mail.alert = 0;
	mail.alert_checker = -1;
	cr_assert_not(conf_mail_wanted(&mail, CONF_MAIL_SERVER, -1));
	cr_assert(conf_mail_wanted(&mail, CONF_MAIL_VRRP, -1));
	cr_assert(conf_mail_wanted(&mail, CONF_MAIL_QUORUM, 1));
}

static void vrrp_says(const struct conf *conf, bool group,
		      enum vrrp_notify_state state, const char *subject,
		      const char *body)
{
	static const struct pair_notify scripts = { .smtp_alert = 1 };
	struct vrrp_notification notification = { .group = group,
						  .name = "VI_1",
						  .state = state,
						  .scripts = &scripts };
	struct ipc_mail_letter letter = { 0 };
	bool wanted =
		mail_text_vrrp(conf, &notification, "box", "why", &letter);

	cr_assert_eq(wanted, subject != NULL, "%d", state);
	if (!wanted)
		return;
	cr_assert_str_eq(letter.subject, subject);
	cr_assert_str_eq(letter.body, body);
}

Test(mail_text, instances_and_groups)
{
	struct conf conf = { .global.router_id = NULL };

	vrrp_says(&conf, false, VRRP_NOTIFY_MASTER,
		  "[box] VRRP Instance VI_1 - Entering MASTER state",
		  "=> VRRP Instance is now owning VRRP VIPs <=\n\nwhy\n");
	conf.global.router_id = "lb 1";
	vrrp_says(&conf, true, VRRP_NOTIFY_BACKUP,
		  "[lb 1] VRRP Group VI_1 - Entering BACKUP state",
		  "=> All VRRP group instances are now in BACKUP state "
		  "<=\n\nwhy\n");
	vrrp_says(&conf, false, VRRP_NOTIFY_STOP,
		  "[lb 1] VRRP Instance VI_1 - Stopping",
		  "=> VRRP Instance stopping <=\n\nwhy\n");
	vrrp_says(&conf, false, VRRP_NOTIFY_FAULT,
		  "[lb 1] VRRP Instance VI_1 - Entering FAULT state",
		  "=> VRRP Instance is no longer owning VRRP VIPs <=\n\nwhy\n");
	conf.global.mail.no_faults = true;
	vrrp_says(&conf, false, VRRP_NOTIFY_FAULT, NULL, NULL);
	vrrp_says(&conf, true, VRRP_NOTIFY_FAULT, NULL, NULL);
	vrrp_says(&conf, false, VRRP_NOTIFY_MASTER_PRIORITY, NULL, NULL);
	vrrp_says(&conf, false, VRRP_NOTIFY_MASTER_RX_LOWER_PRI, NULL, NULL);
}

static struct endpoint endpoint_of(const char *text)
{
	struct endpoint endpoint;

	cr_assert_eq(endpoint_parse(&endpoint, text), 0);
	return endpoint;
}

Test(mail_text, pools_and_servers)
{
	struct service_key key = { .vip = endpoint_of("[2001:db8::1]:3306"),
				   .family = AF_INET6,
				   .protocol = IPPROTO_TCP };
	struct conf_virtual_server vs = { .name = "x",
					  .keys = &key,
					  .nr_keys = 1,
					  .nr_servers = 1,
					  .smtp_alert = 1 };
	struct conf_server server = { .addr = endpoint_of("192.0.2.9:3306"),
				      .smtp_alert = 1 };
	struct conf conf = { .virtual_servers = &vs,
			     .nr_virtual_servers = 1,
			     .servers = &server,
			     .nr_servers = 1 };
	struct balance_event event = { .kind = EVENT_SERVER_DOWN };
	struct ipc_mail_letter letter = { 0 };

	cr_assert(mail_text_wants(&conf, &event));
	mail_text_lvs(&conf, &event, "box", "refused", &letter);
	cr_assert_str_eq(letter.subject,
			 "[box] Realserver [192.0.2.9]:tcp:3306 of virtual "
			 "server [2001:db8::1]:tcp:3306 - DOWN");
	cr_assert_str_eq(letter.body,
			 "=> CHECK failed on service <=\n\nrefused\n");
	event.kind = EVENT_SERVER_SPARE;
	mail_text_lvs(&conf, &event, "box", "", &letter);
	cr_assert(strstr(letter.subject, " - SPARE"));
	event.kind = EVENT_QUORUM_UP;
	cr_assert(mail_text_wants(&conf, &event));
	mail_text_lvs(&conf, &event, "box", "", &letter);
	cr_assert_str_eq(letter.subject,
			 "[box] Virtualserver [2001:db8::1]:tcp:3306 - UP");
	cr_assert_str_eq(letter.body, "=> Gained quorum <=\n");
	event.kind = EVENT_LEVEL;
	cr_assert_not(mail_text_wants(&conf, &event));
	event.kind = EVENT_SERVER_OTHER;
	cr_assert_not(mail_text_wants(&conf, &event));
	event.kind = EVENT_SERVER_UP;
	server.smtp_alert = 0;
	cr_assert_not(mail_text_wants(&conf, &event));
}
