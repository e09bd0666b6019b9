/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/override_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/index.h"

/* Operators override few servers; a larger store is a mistake. */
#define OVERRIDE_STORE_MAX 65536

struct override_store {
	struct ipc_peer_word *words;
	size_t nr, room;
	struct index index; /* the words, by what they are about */
};

struct override_store *override_store_new(void)
{
	return xcalloc(1, sizeof(struct override_store));
}

void override_store_free(struct override_store *store)
{
	if (!store)
		return;
	index_free(&store->index);
	free(store->words);
	free(store);
}

int64_t override_store_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

static void override_store_cut_name(const char *name, char out[PEER_NAME_MAX])
{
	snprintf(out, PEER_NAME_MAX, "%s", name);
}

void override_store_word(const struct conf *conf, uint32_t index,
			 enum balance_override_kind kind, uint32_t weight,
			 struct ipc_peer_word *word)
{
	const struct conf_server *server = &conf->servers[index];

	memset(word, 0, sizeof(*word));
	word->server = server->addr;
	word->kind = kind;
	word->weight = kind == OVERRIDE_WEIGHT ? weight : 0;
	override_store_cut_name(conf->virtual_servers[server->vs].name,
				word->virtual_server);
}

void override_store_seat(const struct conf *conf, uint32_t index, int64_t term,
			 struct ipc_peer_word *word)
{
	override_store_word(conf, index, OVERRIDE_NONE, 0, word);
	word->kind = PEER_KIND_SEAT;
	word->said = term;
}

void override_store_pause(const struct conf *conf, uint32_t vs, uint32_t ms,
			  struct ipc_peer_word *word)
{
	memset(word, 0, sizeof(*word));
	word->server.addr.family = AF_INET;
	word->kind = PEER_KIND_PAUSE;
	word->weight = ms;
	override_store_cut_name(conf->virtual_servers[vs].name,
				word->virtual_server);
}

enum override_class override_store_class(uint32_t kind)
{
	if (kind <= OVERRIDE_WEIGHT)
		return OVERRIDE_CLASS_SERVER;
	if (kind == PEER_KIND_SEAT)
		return OVERRIDE_CLASS_SEAT;
	return kind == PEER_KIND_PAUSE ? OVERRIDE_CLASS_PAUSE :
					 OVERRIDE_CLASSES;
}

static bool override_store_same_server(const struct ipc_peer_word *a,
				       const struct ipc_peer_word *b)
{
	return override_store_class(a->kind) == override_store_class(b->kind) &&
	       endpoint_cmp(&a->server, &b->server) == 0 &&
	       strncmp(a->virtual_server, b->virtual_server, PEER_NAME_MAX) ==
		       0;
}

bool override_store_means_pool(const struct conf *conf, uint32_t vs,
			       const struct ipc_peer_word *word)
{
	struct ipc_peer_word own;

	override_store_pause(conf, vs, 0, &own);
	return override_store_same_server(&own, word);
}

bool override_store_means(const struct conf *conf, uint32_t index,
			  const struct ipc_peer_word *word)
{
	struct ipc_peer_word own;

	if (endpoint_cmp(&conf->servers[index].addr, &word->server) != 0)
		return false;
	override_store_word(conf, index, OVERRIDE_NONE, 0, &own);
	own.kind = word->kind;
	return override_store_same_server(&own, word);
}

/* Words that override_store_same_server() takes for the same have the same. */
static uint32_t override_store_hash(const struct ipc_peer_word *word)
{
	const uint32_t key[] = {
		(uint32_t)override_store_class(word->kind),
		addr_hash(&word->server.addr),
		word->server.port,
		hash_bytes(word->virtual_server,
			   strnlen(word->virtual_server, PEER_NAME_MAX)),
	};

	return hash_bytes(key, sizeof(key));
}

static struct ipc_peer_word *
override_store_find_one(const struct override_store *store,
			const struct ipc_peer_word *like)
{
	struct index_walk walk;
	uint32_t i;

	index_for_each (&store->index, override_store_hash(like), &walk, i)
		if (override_store_same_server(&store->words[i], like))
			return &store->words[i];
	return NULL;
}

static void override_store_append(struct override_store *store,
				  const struct ipc_peer_word *word)
{
	if (store->nr == OVERRIDE_STORE_MAX)
		return;
	if (store->nr == store->room) {
		store->room = store->room ? store->room * 2 : 16;
		store->words = xrealloc_array(store->words, store->room,
					      sizeof(*word));
	}
	index_put(&store->index, override_store_hash(word),
		  (uint32_t)store->nr);
	store->words[store->nr++] = *word;
}

bool override_store_is_future(const struct ipc_peer_word *word, int64_t now)
{
	return word->said > now + PEER_WINDOW;
}

usec_t override_store_left(const struct ipc_peer_word *word, int64_t now)
{
	/* The clock of another balancer may be ahead: "resume" has no time. */
	return word->weight == 0 ?
		       0 :
		       word->said + (usec_t)word->weight * USEC_PER_MSEC - now;
}

bool override_store_settle(struct override_store *store, int64_t now,
			   int64_t said, size_t *at, struct ipc_peer_word *was)
{
	while (*at < store->nr) {
		struct ipc_peer_word *word = &store->words[(*at)++];

		if (!override_store_is_future(word, now))
			continue;
		*was = *word;
		word->said = said;
		return true;
	}
	return false;
}

bool override_store_settled(struct override_store *store,
			    const struct ipc_peer_word *was, int64_t said)
{
	struct ipc_peer_word *known = override_store_find_one(store, was);

	if (!known || known->said != was->said || known->kind != was->kind ||
	    known->weight != was->weight)
		return false;
	known->said = said;
	return true;
}

/* The order of all words on one server: below 0 if A is the older one. */
static int override_store_compare(const struct ipc_peer_word *a,
				  const struct ipc_peer_word *b)
{
	if (a->said != b->said)
		return a->said < b->said ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight < b->weight ? -1 : 1;
	return 0;
}

bool override_store_is_news(const struct override_store *store,
			    const struct ipc_peer_word *word, int64_t now)
{
	const struct ipc_peer_word *known =
		override_store_find_one(store, word);

	return !known || override_store_is_future(known, now) ||
	       override_store_compare(known, word) < 0;
}

bool override_store_put(struct override_store *store,
			const struct ipc_peer_word *word, int64_t now)
{
	struct ipc_peer_word *known = override_store_find_one(store, word);

	if (!override_store_is_news(store, word, now))
		return false;
	if (known)
		*known = *word;
	else
		override_store_append(store, word);
	return true;
}

bool override_store_take(struct override_store *store,
			 const struct ipc_peer_word *word, int64_t now)
{
	return !override_store_is_future(word, now) &&
	       override_store_put(store, word, now);
}

void override_store_say(struct override_store *store,
			struct ipc_peer_word *word, int64_t now)
{
	const struct ipc_peer_word *known =
		override_store_find_one(store, word);

	word->said = now;
	if (known && known->said >= now &&
	    !override_store_is_future(known, now))
		word->said = known->said + 1;
	override_store_put(store, word, now);
}

size_t override_store_collect(const struct override_store *store,
			      enum override_class class, size_t *at,
			      struct ipc_peer_word *words, size_t count)
{
	const struct ipc_peer_word *word;
	size_t got = 0;

	while (got < count && (word = override_store_at(store, *at))) {
		if (override_store_class(word->kind) == class)
			words[got++] = *word;
		++*at;
	}
	return got;
}

const struct ipc_peer_word *
override_store_find(const struct override_store *store,
		    const struct ipc_peer_word *like)
{
	return override_store_find_one(store, like);
}

const struct ipc_peer_word *
override_store_at(const struct override_store *store, size_t i)
{
	return i < store->nr ? &store->words[i] : NULL;
}
