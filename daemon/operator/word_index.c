/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/word_index.h"

#include <string.h>

#include "daemon/operator/override_store.h"

/* Of the subject of a word, whatever it says. */
static uint32_t word_index_hash(const struct ipc_peer_word *word)
{
	const uint32_t key[] = {
		addr_hash(&word->server.addr),
		word->server.port,
		hash_bytes(word->virtual_server,
			   strnlen(word->virtual_server, PEER_NAME_MAX)),
	};

	return hash_bytes(key, sizeof(key));
}

void word_index_free(struct word_index *words)
{
	index_free(&words->servers);
	index_free(&words->pools);
	*words = (struct word_index){ 0 };
}

void word_index_make(struct word_index *words, const struct conf *conf)
{
	word_index_free(words);
	words->conf = conf;
}

static void word_index_fill(struct word_index *words)
{
	const struct conf *conf = words->conf;
	struct ipc_peer_word like;
	uint32_t i;

	words->filled = true;
	index_reserve(&words->servers, conf->nr_servers);
	for (i = 0; i < conf->nr_servers; i++) {
		override_store_word(conf, i, OVERRIDE_NONE, 0, &like);
		index_put(&words->servers, word_index_hash(&like), i);
	}
	index_reserve(&words->pools, conf->nr_virtual_servers);
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		override_store_pause(conf, i, 0, &like);
		index_put(&words->pools, word_index_hash(&like), i);
	}
}

static uint32_t word_index_next(struct word_index *words,
				const struct index *index,
				const struct ipc_peer_word *word,
				struct index_walk *walk)
{
	if (!words->filled && words->conf)
		word_index_fill(words);
	return walk->index ? index_next(walk) :
			     index_first(index, word_index_hash(word), walk);
}

uint32_t word_index_server(struct word_index *words,
			   const struct ipc_peer_word *word,
			   struct index_walk *walk)
{
	uint32_t i;

	do
		i = word_index_next(words, &words->servers, word, walk);
	while (i != INDEX_END && !override_store_means(words->conf, i, word));
	return i;
}

uint32_t word_index_pool(struct word_index *words,
			 const struct ipc_peer_word *word,
			 struct index_walk *walk)
{
	uint32_t i;

	do
		i = word_index_next(words, &words->pools, word, walk);
	while (i != INDEX_END &&
	       !override_store_means_pool(words->conf, i, word));
	return i;
}
