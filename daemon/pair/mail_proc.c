/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/mail_proc.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "conf/sealed.h"
#include "daemon/pair/mail_queue.h"
#include "daemon/pair/mail_text.h"
#include "lib/history.h"
#include "lib/log.h"
#include "lib/log_limit.h"

#define MAIL_TIMEOUT (30 * USEC_PER_SEC)
/* The process ends an attempt by itself after two timeouts. */
#define MAIL_PATIENCE(timeout) (2 * (timeout) + 60 * USEC_PER_SEC)

struct mail_proc {
	struct loop *loop;
	struct history *history;
	const struct config *config;
	struct ipc_mail_conf conf; /* as the process has it */
	struct process *process; /* NULL: no mail is sent */
	struct mail_queue *queue;
	struct loop_timer timer; /* the next attempt */
	struct log_limit lines; /* caused by the server of mail */
	unsigned lost; /* since the queue became full */
	char host[HOST_NAME_MAX + 1];
};

/* Give the process the letter that is due, if any. */
static void mail_proc_turn(struct mail_proc *mail)
{
	const struct ipc_mail_letter *letter;
	usec_t wake;

	loop_timer_clear(&mail->timer);
	if (!mail->process || !process_running(mail->process))
		return;
	letter = mail_queue_take(mail->queue, loop_now(mail->loop),
				 MAIL_PATIENCE(mail->conf.timeout));
	/* A process that ends now is followed by another, and by its ended(). */
	if (letter)
		(void)process_send(mail->process, IPC_MAIL_LETTER, 0, letter,
				   sizeof(*letter), -1);
	wake = mail_queue_wake(mail->queue);
	if (wake > 0)
		loop_timer_set(&mail->timer, wake);
}

static void mail_proc_due(struct loop_timer *timer)
{
	struct mail_proc *mail = container_of(timer, struct mail_proc, timer);

	/* If main stood still, the outcome waits in the channel. */
	if (mail_queue_overdue(mail->queue, loop_now(mail->loop)))
		process_hear(mail->process);
	if (mail_queue_overdue(mail->queue, loop_now(mail->loop)))
		process_kill(mail->process,
			     "it does not say what became of a mail");
	else
		mail_proc_turn(mail);
}

static void mail_proc_say_lost(struct mail_proc *mail)
{
	if (mail->lost == 0 ||
	    mail_queue_waiting(mail->queue) > MAIL_QUEUE_MAX / 2)
		return;
	log_error("mail", "%u mails were not sent: too many were waiting",
		  mail->lost);
	mail->lost = 0;
}

/* WHY is for people. */
static void mail_proc_say(struct mail_proc *mail,
			  const struct mail_outcome *outcome, const char *why)
{
	const struct ipc_mail_conf *conf = &mail->conf;
	long long wait = outcome->wait / USEC_PER_SEC;

	/* Mails that are sent must not use up the lines of failures. */
	if (outcome->news != MAIL_NEWS_NONE &&
	    outcome->news != MAIL_NEWS_SENT &&
	    !log_limit_pass(&mail->lines, loop_now(mail->loop)))
		return;
	switch (outcome->news) {
	case MAIL_NEWS_NONE:
		break;
	case MAIL_NEWS_SENT:
		log_debug("mail", "a mail was taken by %s", conf->server);
		break;
	case MAIL_NEWS_AGAIN:
		log_notice("mail", "%s takes mail again", conf->server);
		break;
	case MAIL_NEWS_REFUSED:
		log_error("mail",
			  "%s port %u refuses a mail, which is given up: %s",
			  conf->server, conf->port, why);
		history_add(mail->history, "a mail was refused: %s", why);
		break;
	case MAIL_NEWS_FAILS:
		log_warning("mail",
			    "%s port %u takes no mail: %s; %u wait, the next "
			    "attempt is in %lld s",
			    conf->server, conf->port, why, outcome->waiting,
			    wait);
		break;
	case MAIL_NEWS_FAILS_STILL:
		log_info("mail", "%s port %u: %s; %u wait, again in %lld s",
			 conf->server, conf->port, why, outcome->waiting, wait);
		break;
	case MAIL_NEWS_OLD:
		log_error("mail",
			  "%u mails are given up after an hour: %s port %u "
			  "takes none: %s; %u wait",
			  outcome->given_up, conf->server, conf->port, why,
			  outcome->waiting);
		history_add(mail->history, "%u mails were given up: %s",
			    outcome->given_up, why);
		break;
	}
}

static void mail_proc_take_done(void *arg, const struct ipc_message *msg)
{
	struct mail_proc *mail = arg;
	struct ipc_mail_done done = *(const struct ipc_mail_done *)msg->body;
	char why[IPC_MAIL_WHY_MAX];
	struct mail_outcome outcome;

	text_copy_printable(why, sizeof(why), done.why,
			    strnlen(done.why, sizeof(done.why)));
	if (done.how > IPC_MAIL_NEVER) {
		log_warning("mail", "an outcome makes no sense");
		return;
	}
	outcome = mail_queue_done(mail->queue, done.number,
				  (enum ipc_mail_how)done.how,
				  loop_now(mail->loop));
	mail_proc_say(mail, &outcome, why);
	if (done.how == IPC_MAIL_SENT && done.refused > 0 &&
	    outcome.news != MAIL_NEWS_NONE &&
	    log_limit_pass(&mail->lines, loop_now(mail->loop)))
		log_warning("mail",
			    "%s refuses %u addresses of notification_email: "
			    "%s; the others got the mail",
			    mail->conf.server, done.refused, why);
	mail_proc_say_lost(mail);
	mail_proc_turn(mail);
}

static int mail_proc_send_conf(void *arg)
{
	struct mail_proc *mail = arg;
	int error = process_send(mail->process, IPC_MAIL_CONF, 0, &mail->conf,
				 sizeof(mail->conf), -1);

	if (error == 0)
		mail_proc_turn(mail);
	return error;
}

static void mail_proc_ended(void *arg, const char *why)
{
	struct mail_proc *mail = arg;
	struct mail_outcome outcome =
		mail_queue_dropped(mail->queue, loop_now(mail->loop));

	log_error("mail", "%s; %u mails wait until it is back", why,
		  mail_queue_waiting(mail->queue));
	mail_proc_say(mail, &outcome, "the mail process ended");
}

static const struct ipc_handler mail_proc_messages[] = {
	{ IPC_MAIL_DONE, mail_proc_take_done },
	{ IPC_NONE, NULL },
};

static const struct process_role mail_proc_role = {
	.name = "mail",
	.patience = 10,
	.messages = mail_proc_messages,
	.send_conf = mail_proc_send_conf,
	.ended = mail_proc_ended,
};

/* A name that SMTP and addresses can hold. */
static void mail_proc_find_host(struct mail_proc *mail)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789.-_";
	char *host = mail->host;

	if (gethostname(host, sizeof(mail->host) - 1) < 0 || !host[0] ||
	    host[strspn(host, allowed)])
		snprintf(host, sizeof(mail->host), "localhost");
}

struct mail_proc *mail_proc_new(struct loop *loop, struct history *history)
{
	struct mail_proc *mail = xcalloc(1, sizeof(*mail));

	mail->loop = loop;
	mail->history = history;
	mail->queue = mail_queue_new();
	mail->lines = (struct log_limit){ .part = "mail",
					  .what = "fates of mails",
					  .most = 60 };
	loop_timer_init(loop, &mail->timer, mail_proc_due);
	return mail;
}

static void mail_proc_end(struct mail_proc *mail, const char *why)
{
	unsigned waiting = mail_queue_waiting(mail->queue) + mail->lost;

	if (waiting > 0)
		log_warning("mail", "%u mails were not sent: %s", waiting, why);
	loop_timer_clear(&mail->timer);
	process_free(mail->process);
	mail_queue_free(mail->queue);
	mail->process = NULL;
	mail->queue = NULL;
	mail->lost = 0;
}

void mail_proc_free(struct mail_proc *mail)
{
	if (!mail)
		return;
	mail_proc_end(mail, "the daemon ends");
	free(mail);
}

static void mail_proc_fill(struct mail_proc *mail, struct ipc_mail_conf *conf)
{
	const struct conf_mail *from = &mail->config->conf->global.mail;
	const char *at = from->to;
	size_t length;

	mail_proc_find_host(mail);
	memset(conf, 0, sizeof(*conf));
	snprintf(conf->server, sizeof(conf->server), "%s", from->server);
	snprintf(conf->helo, sizeof(conf->helo), "%s",
		 from->helo ? from->helo : mail->host);
	if (from->from)
		snprintf(conf->from, sizeof(conf->from), "%s", from->from);
	else
		snprintf(conf->from, sizeof(conf->from), "root@%s", mail->host);
	conf->timeout = from->timeout > 0 ? from->timeout : MAIL_TIMEOUT;
	conf->port = from->port;
	for (; *at && conf->nr_to < IPC_MAIL_TO_MAX; at += length + 1) {
		length = strcspn(at, "\n");
		snprintf(conf->to[conf->nr_to++], IPC_MAIL_NAME_MAX, "%.*s",
			 (int)length, at);
	}
}

void mail_proc_configure(struct mail_proc *mail, const struct config *config)
{
	const struct conf_global *global = &config->conf->global;
	struct ipc_mail_conf conf;

	mail->config = config;
	if (!global->mail.server || !global->mail.to) {
		mail_proc_end(mail, "the file says no longer where to");
		mail->queue = mail_queue_new();
		return;
	}
	mail_proc_fill(mail, &conf);
	if (!mail->process)
		mail->process = process_new(mail->loop, &mail_proc_role,
					    mail->history, mail);
	else if (memcmp(&conf, &mail->conf, sizeof(conf)) != 0)
		mail_queue_hurry(mail->queue);
	mail->conf = conf;
	process_configure(mail->process, global->checker_user);
	mail_proc_turn(mail);
}

static void mail_proc_put(struct mail_proc *mail,
			  struct ipc_mail_letter *letter)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	letter->written =
		(int64_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
	if (mail_queue_put(mail->queue, letter, loop_now(mail->loop)))
		mail_proc_turn(mail);
	else if (mail->lost++ == 0)
		log_error("mail",
			  "a mail is not sent: %u are waiting already; others "
			  "that come now are not, either",
			  MAIL_QUEUE_MAX);
}

void mail_proc_vrrp(struct mail_proc *mail,
		    const struct vrrp_notification *notification,
		    const char *why)
{
	struct ipc_mail_letter letter = { 0 };

	if (mail->process && mail_text_vrrp(mail->config->conf, notification,
					    mail->host, why, &letter))
		mail_proc_put(mail, &letter);
}

void mail_proc_lvs(struct mail_proc *mail, const struct balance *balance,
		   const struct balance_event *event)
{
	const struct conf *conf;
	struct ipc_mail_letter letter = { 0 };
	bool server = event->kind != EVENT_QUORUM_UP &&
		      event->kind != EVENT_QUORUM_DOWN;
	char why[512] = "";

	if (!mail->process || !mail_text_wants(mail->config->conf, event))
		return;
	conf = mail->config->conf;
	if (server)
		balance_reason(balance, event->vs, event->server,
			       loop_now(mail->loop), why, sizeof(why));
	mail_text_lvs(conf, event, mail->host, why, &letter);
	mail_proc_put(mail, &letter);
}

bool mail_proc_idle(const struct mail_proc *mail)
{
	return !mail->process || mail_queue_waiting(mail->queue) == 0 ||
	       mail_queue_fails(mail->queue);
}

bool mail_proc_get(const struct mail_proc *mail, struct mail_proc_view *view)
{
	if (!mail->process)
		return false;
	*view = (struct mail_proc_view){
		.server = mail->conf.server,
		.port = mail->conf.port,
		.waiting = mail_queue_waiting(mail->queue),
		.failing = mail_queue_fails(mail->queue),
	};
	process_get(mail->process, &view->process);
	return true;
}
