/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The servers and pools of a configuration by the address and the name that words
 * have, of operators, of the state file and of the other balancer: there may be a
 * word on each server, and all come at once.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_WORD_INDEX_H
#define EVENKEEL_DAEMON_OPERATOR_WORD_INDEX_H

#include "conf/conf.h"
#include "lib/index.h"
#include "lib/peer_ipc.h"

/* All zero is one of no configuration. */
struct word_index {
	const struct conf *conf;
	struct index servers, pools;
	bool filled; /* by the first search: most balancers have no words */
};

/* CONF must live as long as it is used; a configuration of before is forgotten. */
void word_index_make(struct word_index *words, const struct conf *conf);
void word_index_free(struct word_index *words);

/* The next position in the walk that WORD means; INDEX_END: no more. */
uint32_t word_index_server(struct word_index *words,
			   const struct ipc_peer_word *word,
			   struct index_walk *walk);
uint32_t word_index_pool(struct word_index *words,
			 const struct ipc_peer_word *word,
			 struct index_walk *walk);

/* Walk the servers, or the pools, that WORD means, in the order of the file. */
#define word_index_for_each_server(words, word, walk, i) \
	for (*(walk) = (struct index_walk){ 0 };         \
	     ((i) = word_index_server((words), (word), (walk))) != INDEX_END;)
#define word_index_for_each_pool(words, word, walk, i) \
	for (*(walk) = (struct index_walk){ 0 };       \
	     ((i) = word_index_pool((words), (word), (walk))) != INDEX_END;)

#endif
