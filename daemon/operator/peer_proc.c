/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/peer_proc.h"

#include <stdlib.h>
#include <string.h>

#include "conf/sealed.h"
#include "lib/history.h"
#include "daemon/proc/process.h"
#include "daemon/operator/peer_reports.h"
#include "daemon/proc/secret_file.h"
#include "lib/log.h"

/* The peer sends every two seconds; after so long without a datagram, warn. */
#define PEER_SILENCE (30 * USEC_PER_SEC)

struct peer_proc {
	struct peer_proc_needs needs;
	const struct config *config;
	struct process *process; /* NULL: the file has no operator_peer */
	struct endpoint other; /* operator_peer; zeroes: the file has none */
	uint32_t generation; /* of OTHER */
	struct loop_timer silence; /* the other balancer is overdue */
	usec_t heard;
	bool silent; /* the silence was logged */
	struct ipc_peer_page *pages; /* this balancer's report */
	uint32_t nr_pages;
	struct peer_reports *reports;
};

static void peer_proc_silence(struct loop_timer *timer)
{
	struct peer_proc *peer = container_of(timer, struct peer_proc, silence);
	char text[ENDPOINT_TEXT_MAX];

	endpoint_format(&peer->config->conf->global.operator_peer, text);
	peer->silent = true;
	log_warning("peer",
		    "nothing was heard of the other balancer (%s) for %lld s: "
		    "what operators say does not reach it, or not us",
		    text, (long long)(PEER_SILENCE / USEC_PER_SEC));
	history_add(peer->needs.history, "the other balancer (%s) is silent",
		    text);
}

static void peer_proc_listen(struct peer_proc *peer)
{
	loop_timer_set(&peer->silence,
		       loop_now(peer->needs.loop) + PEER_SILENCE);
}

static void peer_proc_take_heard(void *arg, const struct ipc_message *msg)
{
	struct peer_proc *peer = arg;
	const struct ipc_peer_heard *news = (const void *)msg->body;

	if (msg->header.generation != peer->generation)
		return;
	if (news->strangers > 0)
		peer_reports_note_clock(peer->reports,
					loop_now(peer->needs.loop));
	if (news->datagrams == 0)
		return;
	peer->heard = loop_now(peer->needs.loop);
	peer_proc_listen(peer);
	if (!peer->silent)
		return;
	peer->silent = false;
	log_notice("peer", "the other balancer speaks again");
	history_add(peer->needs.history, "the other balancer speaks again");
}

static void peer_proc_send_words(struct peer_proc *peer)
{
	struct ipc_peer_word words[IPC_PEER_WORDS_MAX];
	const struct ipc_peer_word *word;
	size_t at = 0, count;

	do {
		for (count = 0; count < IPC_PEER_WORDS_MAX; count++) {
			word = override_store_at(peer->needs.store, at);
			if (!word)
				break;
			words[count] = *word;
			at++;
		}
		/*
		 * If the process ends now, the words are sent when it is back.
		 */
		if (count > 0 &&
		    process_send(peer->process, IPC_PEER_WORDS, 0, words,
				 count * sizeof(words[0]), -1) < 0)
			return;
	} while (count == IPC_PEER_WORDS_MAX);
}

static void peer_proc_send_page(struct peer_proc *peer, uint32_t page)
{
	/* The others are sent again when the process is back. */
	(void)process_send(peer->process, IPC_PEER_PAGE, 0, &peer->pages[page],
			   sizeof(peer->pages[page]), -1);
}

/* With the words: a child that was just started knows none. */
static int peer_proc_send_conf(void *arg)
{
	struct peer_proc *peer = arg;
	const struct conf_global *global = &peer->config->conf->global;
	struct ipc_peer_conf conf = { .peer = global->operator_peer };
	int got = secret_file_read_key(global->operator_key_file, conf.key,
				       sizeof(conf.key));
	uint32_t i;
	int error;

	if (got < PEER_KEY_MIN) {
		log_error("peer",
			  "%s holds no key of %d to %d bytes: what operators "
			  "say stays here",
			  global->operator_key_file, PEER_KEY_MIN,
			  PEER_KEY_MAX);
		got = 0;
	}
	conf.length = (uint32_t)got;
	error = process_send(peer->process, IPC_PEER_CONF, peer->generation,
			     &conf, sizeof(conf), -1);
	explicit_bzero(&conf, sizeof(conf));
	if (error < 0)
		return error;
	peer_proc_send_words(peer);
	for (i = 0; i < peer->nr_pages; i++)
		peer_proc_send_page(peer, i);
	return 0;
}

static void peer_proc_take_words(void *arg, const struct ipc_message *msg)
{
	struct peer_proc *peer = arg;
	const struct ipc_peer_word *words = (const void *)msg->body;
	struct ipc_peer_word word;
	size_t i;

	for (i = 0; i < msg->length / sizeof(*words); i++) {
		word = words[i];
		word.virtual_server[PEER_NAME_MAX - 1] = '\0';
		if (override_store_class(word.kind) != OVERRIDE_CLASSES &&
		    word.weight <= INT32_MAX)
			peer->needs.word(peer->needs.arg, &word);
	}
	peer->needs.heard(peer->needs.arg);
}

static void peer_proc_take_page(void *arg, const struct ipc_message *msg)
{
	struct peer_proc *peer = arg;

	if (msg->header.generation == peer->generation)
		peer_reports_take(peer->reports, (const void *)msg->body,
				  loop_now(peer->needs.loop));
}

static void peer_proc_ended(void *arg, const char *why)
{
	log_error("peer", "%s; what operators say stays here until it is back",
		  why);
}

static const struct ipc_handler peer_proc_messages[] = {
	{ IPC_PEER_HEARD, peer_proc_take_heard },
	{ IPC_PEER_WORDS, peer_proc_take_words },
	{ IPC_PEER_PAGE, peer_proc_take_page },
	{ IPC_NONE, NULL },
};

static const struct process_role peer_proc_role = {
	.name = "peer",
	.patience = 10,
	.messages = peer_proc_messages,
	.send_conf = peer_proc_send_conf,
	.ended = peer_proc_ended,
};

struct peer_proc *peer_proc_new(const struct peer_proc_needs *needs)
{
	struct peer_proc *peer = xcalloc(1, sizeof(*peer));

	peer->needs = *needs;
	peer->reports = peer_reports_new();
	loop_timer_init(needs->loop, &peer->silence, peer_proc_silence);
	return peer;
}

void peer_proc_free(struct peer_proc *peer)
{
	if (!peer)
		return;
	loop_timer_clear(&peer->silence);
	process_free(peer->process);
	peer_reports_free(peer->reports);
	free(peer->pages);
	free(peer);
}

/*
 * The other balancer is another one, or none: nothing that the one of before
 * said of itself may count, even if it is still on its way.
 */
static void peer_proc_meet(struct peer_proc *peer, const struct endpoint *other)
{
	peer->other = *other;
	peer->generation++;
	peer->heard = 0;
	peer->silent = false;
	peer_reports_forget(peer->reports);
	if (addr_is_set(&other->addr))
		peer_proc_listen(peer);
	else
		loop_timer_clear(&peer->silence);
}

void peer_proc_configure(struct peer_proc *peer, const struct config *config)
{
	const struct conf_global *global = &config->conf->global;

	peer->config = config;
	if (endpoint_cmp(&peer->other, &global->operator_peer) != 0)
		peer_proc_meet(peer, &global->operator_peer);
	if (!addr_is_set(&global->operator_peer.addr)) {
		process_free(peer->process);
		peer->process = NULL;
		return;
	}
	if (!peer->process)
		peer->process = process_new(peer->needs.loop, &peer_proc_role,
					    peer->needs.history, peer);
	process_configure(peer->process, global->checker_user);
}

void peer_proc_say(struct peer_proc *peer, const struct ipc_peer_word *words,
		   size_t count)
{
	if (count > 0 && peer->process && process_running(peer->process))
		(void)process_send(peer->process, IPC_PEER_WORDS, 0, words,
				   count * sizeof(*words), -1);
}

void peer_proc_report(struct peer_proc *peer, const struct ipc_peer_page *pages,
		      uint32_t count)
{
	struct ipc_peer_page *before = peer->pages;
	uint32_t nr_before = peer->nr_pages, i;

	/* A process that is busy is told the next time. */
	if (!peer->process || !process_running(peer->process) ||
	    process_is_behind(peer->process))
		return;
	peer->pages = xcalloc(count, sizeof(*pages));
	memcpy(peer->pages, pages, count * sizeof(*pages));
	peer->nr_pages = count;
	for (i = 0; i < count; i++)
		if (i >= nr_before ||
		    memcmp(&before[i], &pages[i], sizeof(*pages)) != 0)
			peer_proc_send_page(peer, i);
	free(before);
}

bool peer_proc_get(const struct peer_proc *peer, struct peer_proc_view *view)
{
	if (!peer->process)
		return false;
	process_get(peer->process, &view->process);
	view->peer = peer->config->conf->global.operator_peer;
	view->heard = peer->heard;
	view->silent = peer->silent;
	view->reports = peer->reports;
	return true;
}
