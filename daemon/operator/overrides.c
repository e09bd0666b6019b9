/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/overrides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/sealed.h"
#include "lib/history.h"
#include "daemon/operator/keeper.h"
#include "daemon/operator/override_store.h"
#include "daemon/operator/peer_proc.h"
#include "daemon/operator/state.h"
#include "daemon/operator/word_index.h"
#include "lib/log.h"

struct overrides {
	struct loop *loop;
	struct history *history;
	const struct config *config;
	struct balance *balance;
	struct word_index index; /* of its configuration */
	struct loop_task *decide;
	struct override_store *store;
	struct peer_proc *peer;
	struct keeper *keeper; /* of the state file */
	uint64_t given; /* balance_terms_given() of what is shared */
	uint64_t falls; /* balance_falls() of what is kept */
	void (*reported)(void *arg); /* see struct overrides_needs */
	void *arg;
	char state_file[256]; /* unless the configuration has another one */
	bool replicate;
	bool news; /* words from the other balancer, not in the file yet */
	bool loaded; /* the state file has been read, and may be written */
};

static const char *overrides_path(const struct overrides *overrides)
{
	const char *path = overrides->config->conf->global.state_file;

	return path ? path : overrides->state_file;
}

static void overrides_save(struct overrides *overrides)
{
	overrides->falls = balance_falls(overrides->balance);
	keeper_put(overrides->keeper, overrides_path(overrides),
		   state_format(overrides->balance, overrides->store));
}

int overrides_kept(const struct overrides *overrides)
{
	return keeper_state(overrides->keeper);
}

/* The words get their time, and go to the other balancer. */
static void overrides_replicate(struct overrides *overrides,
				const struct operator_request *request)
{
	const struct conf *conf = overrides->config->conf;
	struct ipc_peer_word word;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		if (!operator_means(conf, request, i))
			continue;
		override_store_word(conf, i, request->kind, request->weight,
				    &word);
		override_store_say(overrides->store, &word,
				   override_store_clock());
		peer_proc_say(overrides->peer, &word, 1);
	}
}

/*
 * All servers that WORD means get its term; a younger one of theirs stays.
 * Returns whether it was new to any: a group may be used by several virtual
 * servers of one name.
 */
static bool overrides_seat(struct overrides *overrides,
			   const struct ipc_peer_word *word)
{
	struct balance_server_view view;
	struct index_walk walk;
	bool news = false;
	uint32_t i;

	word_index_for_each_server (&overrides->index, word, &walk, i) {
		balance_view_server(overrides->balance, i, &view);
		news = news || view.term < word->said;
		balance_seat(overrides->balance, i, word->said);
	}
	return news;
}

/* All pools that WORD means are paused for the rest of its time. */
static void overrides_pause_pools(struct overrides *overrides,
				  const struct ipc_peer_word *word)
{
	usec_t now = loop_now(overrides->loop);
	struct index_walk walk;
	uint32_t vs;

	word_index_for_each_pool (&overrides->index, word, &walk, vs)
		balance_pause(overrides->balance, vs,
			      now + override_store_left(word,
							override_store_clock()),
			      now);
}

void overrides_load(struct overrides *overrides)
{
	const struct ipc_peer_word *word;
	size_t i;

	if (overrides->loaded)
		return;
	state_load(overrides_path(overrides), overrides->balance,
		   overrides->store, loop_now(overrides->loop));
	overrides->loaded = true;
	/* The peer process may have been started before. */
	for (i = 0; (word = override_store_at(overrides->store, i)); i++)
		peer_proc_say(overrides->peer, word, 1);
}

/* An event for the operator's WORD. */
static void overrides_tell(struct overrides *overrides,
			   const struct operator_request *request,
			   const char *word)
{
	history_add(overrides->history, "operator: %s %s%s%s", word,
		    request->server, request->virtual_server ? " of " : "",
		    request->virtual_server ? request->virtual_server : "");
}

unsigned overrides_apply(struct overrides *overrides,
			 const struct operator_request *request)
{
	unsigned said;

	/* Load first: saving would lose words that are only in the file. */
	overrides_load(overrides);
	said = operator_apply(overrides->balance, request,
			      loop_now(overrides->loop));
	if (said == 0)
		return 0;
	log_notice("operator", "%s %s: %u servers",
		   operator_word(request->kind), request->server, said);
	overrides_tell(overrides, request, operator_word(request->kind));
	overrides_replicate(overrides, request);
	overrides_save(overrides);
	loop_task_want(overrides->decide);
	return said;
}

/* The list of fallen servers is for a restart of this balancer alone. */
static void overrides_keep_falls(struct overrides *overrides)
{
	if (balance_falls(overrides->balance) != overrides->falls &&
	    overrides->loaded)
		overrides_save(overrides);
}

void overrides_share_seats(struct overrides *overrides)
{
	const struct conf *conf = overrides->config->conf;
	struct balance_server_view view;
	struct ipc_peer_word words[IPC_PEER_WORDS_MAX];
	size_t count = 0;
	uint32_t i;

	if (balance_terms_given(overrides->balance) == overrides->given) {
		overrides_keep_falls(overrides);
		return;
	}
	overrides->given = balance_terms_given(overrides->balance);
	for (i = 0; i < conf->nr_servers; i++) {
		balance_view_server(overrides->balance, i, &view);
		if (view.term == 0)
			continue;
		override_store_seat(conf, i, view.term, &words[count]);
		if (!override_store_put(overrides->store, &words[count],
					override_store_clock()))
			continue;
		if (overrides_seat(overrides, &words[count]))
			loop_task_want(overrides->decide);
		if (++count < IPC_PEER_WORDS_MAX)
			continue;
		peer_proc_say(overrides->peer, words, count);
		count = 0;
	}
	peer_proc_say(overrides->peer, words, count);
	if (overrides->loaded)
		overrides_save(overrides);
}

unsigned overrides_failback(struct overrides *overrides,
			    const struct operator_request *request,
			    unsigned *meant)
{
	const struct conf *conf = overrides->config->conf;
	unsigned done = 0;
	uint32_t i;

	overrides_load(overrides);
	*meant = 0;
	for (i = 0; i < conf->nr_servers; i++) {
		if (!operator_means(conf, request, i))
			continue;
		++*meant;
		done += balance_failback(overrides->balance, i);
	}
	if (done == 0)
		return 0;
	log_notice("operator", "failback %s: %u servers", request->server,
		   done);
	overrides_tell(overrides, request, "failback");
	overrides_share_seats(overrides);
	loop_task_want(overrides->decide);
	return done;
}

/* An event for the pause of POOL, said here or, with FROM, told by a balancer. */
static void overrides_tell_pause(struct overrides *overrides, const char *pool,
				 usec_t left, const char *from)
{
	char where[ENDPOINT_TEXT_MAX + 64] = "";

	if (from)
		snprintf(where, sizeof(where),
			 ", said on the other balancer, by way of %s", from);

	if (left > 0)
		log_notice("operator",
			   "pause %s for %lld s: its table stays as it is%s",
			   pool, (long long)(left / USEC_PER_SEC), where);
	else
		log_notice("operator", "resume %s: the checks decide again%s",
			   pool, where);
	history_add(overrides->history, "operator%s: %s %s",
		    from ? " on the other balancer" : "",
		    left > 0 ? "pause" : "resume", pool);
}

/*
 * A pause keeps the table of the last decision. The words before it count, on
 * both balancers, even if all arrive at once. The events are the next decision's.
 */
static void overrides_decide_first(struct overrides *overrides)
{
	struct table table = { 0 };

	if (!overrides->loaded)
		return;
	balance_decide(overrides->balance, loop_now(overrides->loop), &table);
	table_free(&table);
}

unsigned overrides_pause(struct overrides *overrides, const char *pool,
			 usec_t length)
{
	const struct conf *conf = overrides->config->conf;
	struct ipc_peer_word word;
	unsigned meant = 0;
	uint32_t vs;

	overrides_load(overrides);
	overrides_decide_first(overrides);
	for (vs = 0; vs < conf->nr_virtual_servers; vs++) {
		const char *name = conf->virtual_servers[vs].name;

		if (pool && strcmp(name, pool) != 0)
			continue;
		override_store_pause(conf, vs,
				     (uint32_t)(length / USEC_PER_MSEC), &word);
		override_store_say(overrides->store, &word,
				   override_store_clock());
		peer_proc_say(overrides->peer, &word, 1);
		overrides_pause_pools(overrides, &word);
		overrides_tell_pause(overrides, name, length, NULL);
		meant++;
	}
	if (meant == 0)
		return 0;
	overrides_save(overrides);
	loop_task_want(overrides->decide);
	return meant;
}

/* The balance counts the term if it is younger than its own. */
static void overrides_receive_seat(struct overrides *overrides,
				   const struct ipc_peer_word *word,
				   const char *from)
{
	char addr[ENDPOINT_TEXT_MAX];

	overrides_seat(overrides, word);
	log_info("operator",
		 "the other balancer gave the writer's seat %lld of %s to %s, "
		 "by way of %s",
		 (long long)word->said, word->virtual_server,
		 endpoint_format(&word->server, addr), from);
}

/* A group may be used by several virtual servers of one name. */
static void overrides_receive_override(struct overrides *overrides,
				       const struct ipc_peer_word *word,
				       const char *from)
{
	enum balance_override_kind kind =
		(enum balance_override_kind)word->kind;
	char addr[ENDPOINT_TEXT_MAX];
	struct index_walk walk;
	uint32_t i;

	word_index_for_each_server (&overrides->index, word, &walk, i)
		balance_override(overrides->balance, i, kind, word->weight,
				 loop_now(overrides->loop));
	endpoint_format(&word->server, addr);
	log_notice("operator",
		   "%s %s, said on the other balancer, by way of %s",
		   operator_word(kind), addr, from);
	history_add(overrides->history, "operator on the other balancer: %s %s",
		    operator_word(kind), addr);
}

static void overrides_receive_pause(struct overrides *overrides,
				    const struct ipc_peer_word *word,
				    const char *from)
{
	overrides_decide_first(overrides);
	overrides_pause_pools(overrides, word);
	overrides_tell_pause(overrides, word->virtual_server,
			     override_store_left(word, override_store_clock()),
			     from);
}

/* Whether our configuration has the server or pool of WORD. */
static bool overrides_knows(struct overrides *overrides,
			    const struct ipc_peer_word *word)
{
	struct index_walk walk = { 0 };

	if (override_store_class(word->kind) == OVERRIDE_CLASS_PAUSE)
		return word_index_pool(&overrides->index, word, &walk) !=
		       INDEX_END;
	return word_index_server(&overrides->index, word, &walk) != INDEX_END;
}

/*
 * A word on a server that only other balancers have is ignored, and not passed
 * on; the word comes again and again, and counts once our configuration has the
 * server.
 */
static void overrides_receive(void *arg, const struct ipc_peer_word *word,
			      const char *from)
{
	struct overrides *overrides = arg;

	if (!overrides_knows(overrides, word) ||
	    !override_store_take(overrides->store, word,
				 override_store_clock()))
		return;
	switch (override_store_class(word->kind)) {
	case OVERRIDE_CLASS_SERVER:
		overrides_receive_override(overrides, word, from);
		break;
	case OVERRIDE_CLASS_SEAT:
		overrides_receive_seat(overrides, word, from);
		break;
	case OVERRIDE_CLASS_PAUSE:
		overrides_receive_pause(overrides, word, from);
		break;
	case OVERRIDE_CLASSES:
		break;
	}
	peer_proc_say(overrides->peer, word, 1);
	overrides->news = true;
	loop_task_want(overrides->decide);
}

/*
 * A word that was said here by a wrong clock has the same time here as in the
 * process, which others hear; else it could come to be the younger one here. A
 * term is the balance's as well, and stays.
 */
static void overrides_settled(void *arg, const struct ipc_peer_word *was,
			      int64_t said)
{
	struct overrides *overrides = arg;

	if (override_store_class(was->kind) == OVERRIDE_CLASS_SEAT ||
	    !override_store_settled(overrides->store, was, said))
		return;
	log_notice("operator",
		   "a word on %s was said by a clock that was wrong: it counts "
		   "as one of %lld s ago",
		   was->virtual_server,
		   (long long)((override_store_clock() - said) / USEC_PER_SEC));
	/* Before the state file is loaded, saving would lose its words. */
	if (overrides->loaded)
		overrides_save(overrides);
}

/* Once a message, since each word would be a write. */
static void overrides_heard(void *arg)
{
	struct overrides *overrides = arg;

	if (!overrides->news)
		return;
	overrides->news = false;
	/* Before the state file is loaded, saving would lose its words. */
	if (overrides->loaded)
		overrides_save(overrides);
}

static void overrides_reported(void *arg)
{
	struct overrides *overrides = arg;

	overrides->reported(overrides->arg);
}

struct overrides *overrides_new(const struct overrides_needs *needs)
{
	struct loop *loop = needs->loop;
	struct history *history = needs->history;
	struct overrides *overrides = xcalloc(1, sizeof(*overrides));

	overrides->loop = loop;
	snprintf(overrides->state_file, sizeof(overrides->state_file), "%s",
		 needs->state_file);
	overrides->replicate = needs->replicate;
	overrides->reported = needs->reported;
	overrides->arg = needs->arg;
	overrides->history = history;
	overrides->store = override_store_new();
	overrides->keeper =
		keeper_new(loop, "operator", needs->kept, needs->arg);
	overrides->peer = peer_proc_new(&(struct peer_proc_needs){
		.loop = loop,
		.history = history,
		.store = overrides->store,
		.word = overrides_receive,
		.heard = overrides_heard,
		.reported = overrides_reported,
		.settled = overrides_settled,
		.arg = overrides,
	});
	return overrides;
}

void overrides_free(struct overrides *overrides)
{
	if (!overrides)
		return;
	keeper_free(overrides->keeper);
	peer_proc_free(overrides->peer);
	override_store_free(overrides->store);
	word_index_free(&overrides->index);
	free(overrides);
}

/* A pool that goes on is paused already, and keeps its table. */
static void overrides_pause_returned(struct overrides *overrides,
				     const struct ipc_peer_word *word)
{
	usec_t now = loop_now(overrides->loop);
	struct balance_vs_view view;
	struct index_walk walk;
	uint32_t vs;

	word_index_for_each_pool (&overrides->index, word, &walk, vs) {
		balance_view_vs(overrides->balance, vs, &view);
		if (view.paused_until == 0)
			balance_pause(overrides->balance, vs,
				      now + override_store_left(
						    word,
						    override_store_clock()),
				      now);
	}
}

/*
 * A server that is in the file again has the seat of its last term, and a pool
 * the rest of its pause.
 */
static void overrides_take_returned(struct overrides *overrides)
{
	const struct ipc_peer_word *word;
	size_t i;

	for (i = 0; (word = override_store_at(overrides->store, i)); i++) {
		if (word->kind == PEER_KIND_SEAT)
			overrides_seat(overrides, word);
		else if (word->kind == PEER_KIND_PAUSE)
			overrides_pause_returned(overrides, word);
	}
}

void overrides_configure(struct overrides *overrides,
			 const struct config *config, struct balance *balance,
			 struct loop_task *decide)
{
	overrides->config = config;
	overrides->balance = balance;
	word_index_make(&overrides->index, config->conf);
	overrides->decide = decide;
	overrides_take_returned(overrides);
	if (overrides->replicate)
		peer_proc_configure(overrides->peer, config);
}

void overrides_report(struct overrides *overrides,
		      const struct ipc_peer_page *pages, uint32_t count)
{
	peer_proc_report(overrides->peer, pages, count);
}

bool overrides_peer(const struct overrides *overrides, uint32_t i,
		    struct peer_proc_view *view)
{
	return peer_proc_get(overrides->peer, i, view);
}
