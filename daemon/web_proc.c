/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/web_proc.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "conf/sealed.h"
#include "daemon/control/answer.h"
#include "daemon/control/feed.h"
#include "daemon/control/overview.h"
#include "daemon/control/view.h"
#include "daemon/proc/process.h"
#include "lib/log.h"
#include "lib/web_ipc.h"

/*
 * Answers of one kind may take one part of main's time in so many. Each kind has its
 * own, so that a page which asks for much does not keep a scraper waiting.
 */
#define WEB_PROC_SHARE 8
/* When to look again whether the last answer was read. */
#define WEB_PROC_PAUSE (20 * USEC_PER_MSEC)

struct web_proc {
	struct loop *loop;
	const struct control_ops *ops;
	void *arg;
	const struct config *config;
	struct history *history;
	struct process *process; /* NULL: the file has no listener */
	struct ipc_web_ask asks[IPC_WEB_KINDS];
	bool asked[IPC_WEB_KINDS];
	struct loop_timer turn; /* answers one question, or a slice of it */
	usec_t next[IPC_WEB_KINDS]; /* no answer before */
	unsigned last; /* the kind that had the last turn */
	bool begun; /* it has had slices, and needs more */
	bool waits; /* for the vrrp process, before the answer whose turn it is */
	bool told; /* by it, for that answer */
	usec_t took; /* for the slices until now */
	/* The ones that are being made; NULL: none. */
	struct feed *feed;
	struct overview *overview;
};

/* The texts of an answer. */
struct web_proc_texts {
	const char *text[IPC_WEB_PARTS]; /* NULL: no more */
	size_t length[IPC_WEB_PARTS];
};

/* The web process says to its clients that it got no answer. */
static void web_proc_send(struct web_proc *web, const struct ipc_web_ask *ask,
			  const struct web_proc_texts *texts)
{
	struct ipc_web_answer head = { .kind = ask->kind,
				       .number = ask->number };
	int fd = memfd_create("evenkeel-answer", MFD_CLOEXEC);
	int error = fd < 0 ? -errno : 0;
	struct timespec now;
	size_t i;

	for (i = 0; i < IPC_WEB_PARTS && texts->text[i] && error == 0; i++) {
		error = write_whole(fd, texts->text[i], texts->length[i]);
		head.lengths[i] = texts->length[i];
	}
	clock_gettime(CLOCK_REALTIME, &now);
	head.generated =
		(int64_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
	if (error == 0)
		error = process_send(web->process, IPC_WEB_ANSWER, 0, &head,
				     sizeof(head), fd);
	if (error < 0 && error != -ENOTCONN && error != -EPIPE)
		log_warning("web", "an answer cannot be handed over: %s",
			    strerror(-error));
	if (fd >= 0)
		close(fd);
}

static struct json_object *web_proc_ask(struct web_proc *web, const char *word,
					const char *argument)
{
	char request[IPC_WEB_ARGUMENT_MAX + 16];

	snprintf(request, sizeof(request), "%s%s%s", word, *argument ? " " : "",
		 argument);
	return answer_request(web->ops, web->arg, request, false);
}

/* TEXTS and the objects of PARTS, which are given up, as the answer to ASK. */
static void web_proc_send_parts(struct web_proc *web,
				const struct ipc_web_ask *ask,
				struct web_proc_texts *texts,
				struct json_object *parts[IPC_WEB_PARTS])
{
	size_t i;

	for (i = 0; i < IPC_WEB_PARTS; i++)
		if (parts[i])
			texts->text[i] = json_object_to_json_string_length(
				parts[i], JSON_C_TO_STRING_PLAIN,
				&texts->length[i]);
	web_proc_send(web, ask, texts);
	for (i = 0; i < IPC_WEB_PARTS; i++)
		json_object_put(parts[i]);
}

static bool web_proc_overview(struct web_proc *web,
			      const struct ipc_web_ask *ask)
{
	struct json_object *parts[IPC_WEB_PARTS] = { NULL };
	struct web_proc_texts texts = { .text = { NULL } };

	if (!web->overview)
		web->overview = overview_new(web->ops, web->arg);
	if (!overview_step(web->overview))
		return false;
	texts.text[IPC_WEB_STATUS] =
		overview_text(web->overview, &texts.length[IPC_WEB_STATUS]);
	parts[IPC_WEB_HEADROOM] = web_proc_ask(web, "headroom", "");
	parts[IPC_WEB_VRRP] = web_proc_ask(web, "vrrp", "");
	web_proc_send_parts(web, ask, &texts, parts);
	overview_free(web->overview);
	web->overview = NULL;
	return true;
}

static bool web_proc_figures(struct web_proc *web,
			     const struct ipc_web_ask *ask)
{
	struct web_proc_texts texts = { .text = { NULL } };

	if (!web->feed)
		web->feed = feed_new(web->ops, web->arg);
	if (!feed_step(web->feed))
		return false;
	texts.text[0] = feed_text(web->feed, &texts.length[0]);
	web_proc_send(web, ask, &texts);
	feed_free(web->feed);
	web->feed = NULL;
	return true;
}

static bool web_proc_word(struct web_proc *web, const struct ipc_web_ask *ask,
			  const char *word)
{
	struct json_object *parts[IPC_WEB_PARTS] = { NULL };
	struct web_proc_texts texts = { .text = { NULL } };

	parts[0] = web_proc_ask(web, word, ask->argument);
	web_proc_send_parts(web, ask, &texts, parts);
	return true;
}

/* The answer to ASK, or a slice of it. Returns true if that was the last. */
static bool web_proc_answer(struct web_proc *web, const struct ipc_web_ask *ask)
{
	switch ((enum ipc_web_kind)ask->kind) {
	case IPC_WEB_OVERVIEW:
		return web_proc_overview(web, ask);
	case IPC_WEB_FIGURES:
		return web_proc_figures(web, ask);
	case IPC_WEB_EVENTS:
		return web_proc_word(web, ask, "events");
	case IPC_WEB_EXPLAIN:
		return web_proc_word(web, ask, "explain");
	case IPC_WEB_KINDS:
		break;
	}
	return true;
}

/* Until the first of the questions may have its turn. */
static void web_proc_plan(struct web_proc *web)
{
	bool any = false;
	usec_t first = 0;
	size_t i;

	for (i = 0; i < IPC_WEB_KINDS; i++) {
		if (!web->asked[i] || (any && web->next[i] >= first))
			continue;
		first = web->next[i];
		any = true;
	}
	if (any)
		loop_timer_set(&web->turn, first);
}

/*
 * The kind that has its turn at NOW, or IPC_WEB_KINDS. A kind that is begun goes on;
 * else they take turns, since one that is asked for without a pause would leave
 * none to the others.
 */
static size_t web_proc_next(const struct web_proc *web, usec_t now)
{
	size_t i, kind;

	if (web->begun)
		return web->last;
	for (i = 1; i <= IPC_WEB_KINDS; i++) {
		kind = (web->last + i) % IPC_WEB_KINDS;
		if (web->asked[kind] && web->next[kind] <= now)
			return kind;
	}
	return IPC_WEB_KINDS;
}

/* Nobody reads: look again later. */
static void web_proc_pause(struct web_proc *web, usec_t now)
{
	loop_timer_set(&web->turn, now + WEB_PROC_PAUSE);
}

/* The figures and the overview show counters of the vrrp process. */
static bool web_proc_asks(struct web_proc *web, size_t kind)
{
	if (web->begun || web->told ||
	    (kind != IPC_WEB_OVERVIEW && kind != IPC_WEB_FIGURES))
		return false;
	web->told = true;
	web->waits = web->ops->ask(web->arg);
	return web->waits;
}

void web_proc_told(struct web_proc *web)
{
	if (!web->waits)
		return;
	web->waits = false;
	loop_timer_set(&web->turn, loop_now(web->loop));
}

/*
 * Each answer is a file in memory until the web process has read it, so there
 * is one at a time: a web process that asks without reading gets no more.
 * The slices of one answer follow each other at once, with other events between
 * them, and the pause after the last is by the time that all have taken.
 */
static void web_proc_turn(struct loop_timer *timer)
{
	struct web_proc *web = container_of(timer, struct web_proc, turn);
	usec_t before = loop_now_exact(web->loop), now;
	size_t kind;

	if (!web->process || !process_running(web->process) || web->waits)
		return;
	if (process_is_behind(web->process)) {
		web_proc_pause(web, before);
		return;
	}
	kind = web_proc_next(web, before);
	if (kind == IPC_WEB_KINDS) {
		web_proc_plan(web);
		return;
	}
	if (web_proc_asks(web, kind))
		return;
	web->told = false;
	web->last = (unsigned)kind;
	web->begun = !web_proc_answer(web, &web->asks[kind]);
	now = loop_now_exact(web->loop);
	web->took += now - before;
	if (web->begun) {
		loop_timer_set(&web->turn, now);
		return;
	}
	web->asked[kind] = false;
	web->next[kind] = now + web->took * (WEB_PROC_SHARE - 1);
	web->took = 0;
	web_proc_plan(web);
}

/* An argument becomes part of a request, which is one line of words. */
static bool web_proc_is_plain(const char *argument)
{
	for (; *argument; argument++)
		if ((unsigned char)*argument < ' ' || *argument == 0x7f)
			return false;
	return true;
}

static void web_proc_take_ask(void *arg, const struct ipc_message *msg)
{
	struct web_proc *web = arg;
	const struct ipc_web_ask *ask = (const void *)msg->body;

	if (ask->kind >= IPC_WEB_KINDS ||
	    !memchr(ask->argument, '\0', sizeof(ask->argument)) ||
	    !web_proc_is_plain(ask->argument)) {
		log_warning("web", "a question makes no sense");
		return;
	}
	web->asks[ask->kind] = *ask;
	web->asked[ask->kind] = true;
	if (!web->begun && !web->waits)
		web_proc_plan(web);
}

static void web_proc_listen(struct ipc_web_listen *to,
			    const struct conf_web_listen *listen)
{
	size_t i;

	_Static_assert(IPC_WEB_NAMES == CONF_WEB_NAMES &&
			       IPC_WEB_NAME_MAX == CONF_HOST_MAX,
		       "all names of the file have room in the message");
	to->at = listen->at;
	for (i = 0; i < IPC_WEB_NAMES && listen->names[i]; i++)
		snprintf(to->names[i], sizeof(to->names[i]), "%s",
			 listen->names[i]);
}

static int web_proc_send_conf(void *arg)
{
	struct web_proc *web = arg;
	const struct conf_global *global = &web->config->conf->global;
	struct ipc_web_conf conf = { 0 };

	web_proc_listen(&conf.metrics, &global->metrics_listen);
	web_proc_listen(&conf.status, &global->status_listen);
	return process_send(web->process, IPC_WEB_CONF, 0, &conf, sizeof(conf),
			    -1);
}

static void web_proc_forget(struct web_proc *web)
{
	memset(web->asked, 0, sizeof(web->asked));
	feed_free(web->feed);
	web->feed = NULL;
	overview_free(web->overview);
	web->overview = NULL;
	web->begun = web->waits = web->told = false;
	web->took = 0;
	loop_timer_clear(&web->turn);
}

static void web_proc_ended(void *arg, const char *why)
{
	struct web_proc *web = arg;

	web_proc_forget(web);
	log_error("web",
		  "%s; metrics and status page are missing until it is back",
		  why);
}

static const struct ipc_handler web_proc_messages[] = {
	{ IPC_WEB_ASK, web_proc_take_ask },
	{ IPC_NONE, NULL },
};

static const struct process_role web_proc_role = {
	.name = "web",
	.patience = 10,
	.messages = web_proc_messages,
	.send_conf = web_proc_send_conf,
	.ended = web_proc_ended,
};

struct web_proc *web_proc_new(struct loop *loop, struct history *history,
			      const struct control_ops *ops, void *arg)
{
	struct web_proc *web = xcalloc(1, sizeof(*web));

	web->loop = loop;
	web->history = history;
	web->ops = ops;
	web->arg = arg;
	loop_timer_init(loop, &web->turn, web_proc_turn);
	return web;
}

static void web_proc_end(struct web_proc *web)
{
	web_proc_forget(web);
	process_free(web->process);
	web->process = NULL;
}

void web_proc_free(struct web_proc *web)
{
	if (!web)
		return;
	web_proc_end(web);
	free(web);
}

void web_proc_configure(struct web_proc *web, const struct config *config)
{
	const struct conf_global *global = &config->conf->global;

	web->config = config;
	if (!addr_is_set(&global->metrics_listen.at.addr) &&
	    !addr_is_set(&global->status_listen.at.addr)) {
		web_proc_end(web);
		return;
	}
	if (!web->process)
		web->process = process_new(web->loop, &web_proc_role,
					   web->history, web);
	process_configure(web->process, global->checker_user);
}
