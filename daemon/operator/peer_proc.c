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

_Static_assert(CONF_OPERATOR_PEERS_MAX == PEER_CHANNELS_MAX,
	       "each operator_peer has a channel");

/* Another balancer, of one operator_peer. */
struct peer_proc_channel {
	struct peer_proc *all;
	struct endpoint other;
	char name[ENDPOINT_TEXT_MAX]; /* OTHER */
	uint32_t id; /* of this balancer, among all that were ever in the file */
	struct loop_timer silence; /* the other balancer is overdue */
	usec_t heard;
	bool silent; /* the silence was logged */
	struct peer_reports *reports;
};

struct peer_proc {
	struct peer_proc_needs needs;
	const struct config *config;
	struct process *process; /* NULL: the file had no operator_peer yet */
	struct peer_proc_channel *channels[PEER_CHANNELS_MAX];
	uint32_t nr_channels;
	uint32_t ids; /* given so far */
	struct ipc_peer_page *pages; /* this balancer's report */
	uint32_t nr_pages;
};

static void peer_proc_silence(struct loop_timer *timer)
{
	struct peer_proc_channel *channel =
		container_of(timer, struct peer_proc_channel, silence);

	channel->silent = true;
	log_warning("peer",
		    "nothing was heard of the other balancer (%s) for %lld s: "
		    "what operators say does not reach it, or not us",
		    channel->name, (long long)(PEER_SILENCE / USEC_PER_SEC));
	history_add(channel->all->needs.history,
		    "the other balancer (%s) is silent", channel->name);
}

static void peer_proc_listen(struct peer_proc_channel *channel)
{
	loop_timer_set(&channel->silence,
		       loop_now(channel->all->needs.loop) + PEER_SILENCE);
}

/* NULL: that balancer is in the file no more. */
static struct peer_proc_channel *peer_proc_find(const struct peer_proc *peer,
						uint32_t id)
{
	uint32_t i;

	for (i = 0; i < peer->nr_channels; i++)
		if (peer->channels[i]->id == id)
			return peer->channels[i];
	return NULL;
}

static void peer_proc_take_heard(void *arg, const struct ipc_message *msg)
{
	struct peer_proc *peer = arg;
	const struct ipc_peer_heard *news = (const void *)msg->body;
	struct peer_proc_channel *channel =
		peer_proc_find(peer, msg->header.generation);

	if (!channel)
		return;
	if (news->strangers > 0)
		peer_reports_note_clock(channel->reports,
					loop_now(peer->needs.loop));
	if (news->datagrams == 0)
		return;
	channel->heard = loop_now(peer->needs.loop);
	peer_proc_listen(channel);
	if (!channel->silent)
		return;
	channel->silent = false;
	log_notice("peer", "the other balancer speaks again: %s",
		   channel->name);
	history_add(peer->needs.history, "the other balancer (%s) speaks again",
		    channel->name);
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

/* Without a key nothing is sent there, and nothing is heard. */
static void peer_proc_fill_conf(const struct peer_proc_channel *channel,
				const struct conf_operator_peer *from,
				struct ipc_peer_conf *conf)
{
	int got = secret_file_read_key(from->key_file, conf->key,
				       sizeof(conf->key));

	if (got < PEER_KEY_MIN) {
		log_error("peer",
			  "%s holds no key of %d to %d bytes: what operators "
			  "say stays here",
			  from->key_file, PEER_KEY_MIN, PEER_KEY_MAX);
		got = 0;
	}
	conf->id = channel->id;
	conf->peer = from->at;
	conf->length = (uint32_t)got;
}

/* With the words: a child that was just started knows none. */
static int peer_proc_send_conf(void *arg)
{
	struct peer_proc *peer = arg;
	const struct conf_global *global = &peer->config->conf->global;
	struct ipc_peer_conf conf[PEER_CHANNELS_MAX] = { 0 };
	uint32_t i;
	int error;

	for (i = 0; i < peer->nr_channels; i++)
		peer_proc_fill_conf(peer->channels[i],
				    &global->operator_peers[i], &conf[i]);
	error = process_send(peer->process, IPC_PEER_CONF, 0, conf,
			     peer->nr_channels * sizeof(conf[0]), -1);
	explicit_bzero(conf, sizeof(conf));
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
	const struct peer_proc_channel *channel =
		peer_proc_find(peer, msg->header.generation);
	struct ipc_peer_word word;
	size_t i;

	if (!channel)
		return;

	for (i = 0; i < msg->length / sizeof(*words); i++) {
		word = words[i];
		word.virtual_server[PEER_NAME_MAX - 1] = '\0';
		if (override_store_class(word.kind) != OVERRIDE_CLASSES &&
		    word.weight <= INT32_MAX)
			peer->needs.word(peer->needs.arg, &word, channel->name);
	}
	peer->needs.heard(peer->needs.arg);
}

static void peer_proc_take_settled(void *arg, const struct ipc_message *msg)
{
	struct peer_proc *peer = arg;
	const struct ipc_peer_settled *settled = (const void *)msg->body;
	struct ipc_peer_word was = settled->was;

	was.virtual_server[PEER_NAME_MAX - 1] = '\0';
	if (settled->said > 0 && settled->said < was.said)
		peer->needs.settled(peer->needs.arg, &was, settled->said);
}

/* Pages of pools alone are most, and are of no news to the vrrp process. */
static bool peer_proc_names_master(const struct ipc_peer_page *page)
{
	uint32_t i;

	for (i = 0; i < page->count && i < PEER_ITEMS_MAX; i++)
		if (page->items[i].kind == PEER_ITEM_INSTANCE &&
		    page->items[i].state == PEER_INSTANCE_MASTER)
			return true;
	return false;
}

static void peer_proc_take_page(void *arg, const struct ipc_message *msg)
{
	struct peer_proc *peer = arg;
	const struct peer_proc_channel *channel =
		peer_proc_find(peer, msg->header.generation);

	if (!channel)
		return;
	peer_reports_take(channel->reports, (const void *)msg->body,
			  loop_now(peer->needs.loop));
	if (peer_proc_names_master((const void *)msg->body))
		peer->needs.reported(peer->needs.arg);
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
	{ IPC_PEER_SETTLED, peer_proc_take_settled },
	{ IPC_NONE, NULL },
};

static bool peer_proc_look(void *arg, bool read)
{
	const struct peer_proc *peer = arg;

	return secret_file_look_peer(peer->config->conf, read);
}

static const struct process_role peer_proc_role = {
	.name = "peer",
	.patience = 10,
	.messages = peer_proc_messages,
	.send_conf = peer_proc_send_conf,
	.look = peer_proc_look,
	.ended = peer_proc_ended,
};

struct peer_proc *peer_proc_new(const struct peer_proc_needs *needs)
{
	struct peer_proc *peer = xcalloc(1, sizeof(*peer));

	peer->needs = *needs;
	return peer;
}

static void peer_proc_free_channel(struct peer_proc_channel *channel)
{
	if (!channel)
		return;
	loop_timer_clear(&channel->silence);
	peer_reports_free(channel->reports);
	free(channel);
}

void peer_proc_free(struct peer_proc *peer)
{
	uint32_t i;

	if (!peer)
		return;
	for (i = 0; i < peer->nr_channels; i++)
		peer_proc_free_channel(peer->channels[i]);
	process_free(peer->process);
	free(peer->pages);
	free(peer);
}

/*
 * A balancer that was not in the file before: nothing that another one said of
 * itself may count for it, even if it is still on its way.
 */
static struct peer_proc_channel *peer_proc_meet(struct peer_proc *peer,
						const struct endpoint *other)
{
	struct peer_proc_channel *channel = xcalloc(1, sizeof(*channel));

	channel->all = peer;
	channel->other = *other;
	endpoint_format(other, channel->name);
	channel->id = ++peer->ids;
	channel->reports = peer_reports_new();
	loop_timer_init(peer->needs.loop, &channel->silence, peer_proc_silence);
	peer_proc_listen(channel);
	return channel;
}

/* Takes the channel to OTHER out of the COUNT ones OLD; NULL: there is none. */
static struct peer_proc_channel *
peer_proc_take_over(struct peer_proc_channel **old, uint32_t count,
		    const struct endpoint *other)
{
	struct peer_proc_channel *channel;
	uint32_t i;

	for (i = 0; i < count; i++) {
		channel = old[i];
		if (!channel || endpoint_cmp(&channel->other, other) != 0)
			continue;
		old[i] = NULL;
		return channel;
	}
	return NULL;
}

/* The channels in the order of the file; known ones go on. */
static void peer_proc_arrange(struct peer_proc *peer,
			      const struct conf_global *global)
{
	struct peer_proc_channel *old[PEER_CHANNELS_MAX], *channel;
	uint32_t nr_old = peer->nr_channels, i;

	for (i = 0; i < nr_old; i++)
		old[i] = peer->channels[i];
	for (i = 0; i < global->nr_operator_peers; i++) {
		const struct endpoint *other = &global->operator_peers[i].at;

		channel = peer_proc_take_over(old, nr_old, other);
		peer->channels[i] = channel ? channel :
					      peer_proc_meet(peer, other);
	}
	peer->nr_channels = global->nr_operator_peers;
	for (i = 0; i < nr_old; i++)
		peer_proc_free_channel(old[i]);
}

void peer_proc_configure(struct peer_proc *peer, const struct config *config)
{
	const struct conf_global *global = &config->conf->global;

	peer->config = config;
	peer_proc_arrange(peer, global);
	if (peer->nr_channels == 0) {
		if (peer->process)
			process_rest(peer->process);
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

	/*
	 * A process that stands still is told the next time. A question that it has
	 * not read yet says nothing: main asks as often as it reports, and in the
	 * same turn of the loop, each time.
	 */
	if (!peer->process || !process_running(peer->process) ||
	    process_has_mail(peer->process))
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

bool peer_proc_get(const struct peer_proc *peer, uint32_t i,
		   struct peer_proc_view *view)
{
	const struct peer_proc_channel *channel;

	if (!peer->process || i >= peer->nr_channels)
		return false;
	channel = peer->channels[i];
	process_get(peer->process, &view->process);
	view->peer = channel->other;
	view->heard = channel->heard;
	view->silent = channel->silent;
	view->reports = channel->reports;
	return true;
}
