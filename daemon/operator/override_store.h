/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store of overrides: for each server the last word of an operator (drain,
 * ready, ...), here or on the other balancer, and its time. The younger of two
 * words counts, on both balancers, so that the stores agree in any order of
 * arrival; "ready" is a word too, and is kept.
 *
 * The terms of writers' seats are kept beside, in the same way: for each server
 * the youngest, with the term in the place of the time. So are the pauses of
 * virtual servers, of which "resume" is one that is over.
 *
 * Names are cut to the size of their field. Times are the wall clock's, since
 * two hosts have no other clock in common.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_OVERRIDE_STORE_H
#define EVENKEEL_DAEMON_OPERATOR_OVERRIDE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "balance/balance.h"
#include "lib/peer_ipc.h"

struct override_store;

/* Words of different classes do not replace each other. */
enum override_class {
	OVERRIDE_CLASS_SERVER, /* the operator's, on a server */
	OVERRIDE_CLASS_SEAT,
	OVERRIDE_CLASS_PAUSE,
	OVERRIDE_CLASSES, /* for a kind that makes no sense */
};

/* Of a word's kind, which may be any number. */
enum override_class override_store_class(uint32_t kind);

/* Empty; never NULL. */
struct override_store *override_store_new(void);
void override_store_free(struct override_store *store); /* NULL is allowed */

/* The wall clock, us. */
int64_t override_store_clock(void);

/* A word on server INDEX of CONF, without its time. */
void override_store_word(const struct conf *conf, uint32_t index,
			 enum balance_override_kind kind, uint32_t weight,
			 struct ipc_peer_word *word);
/* The word that server INDEX of CONF has the seat of TERM. */
void override_store_seat(const struct conf *conf, uint32_t index, int64_t term,
			 struct ipc_peer_word *word);
/* The word that virtual server VS is paused for so many ms. */
void override_store_pause(const struct conf *conf, uint32_t vs, uint32_t ms,
			  struct ipc_peer_word *word);
/* Whether WORD, of class PAUSE, speaks of virtual server VS of CONF. */
bool override_store_means_pool(const struct conf *conf, uint32_t vs,
			       const struct ipc_peer_word *word);
/* Whether WORD speaks of server INDEX of CONF. */
bool override_store_means(const struct conf *conf, uint32_t index,
			  const struct ipc_peer_word *word);

/*
 * Keep WORD if it is younger than the known word on its server; returns
 * whether. A known word from the future (by more than PEER_WINDOW) was said by
 * a clock that was wrong, and counts as older than any word.
 */
bool override_store_put(struct override_store *store,
			const struct ipc_peer_word *word);
/*
 * Enter a word that is said just now: WORD gets its time, which is younger than
 * that of the known word, even if the clock was set back.
 */
void override_store_say(struct override_store *store,
			struct ipc_peer_word *word);

/* The rest of the pause WORD, from now on; not above 0: it is over. */
usec_t override_store_left(const struct ipc_peer_word *word);

/* Whether WORD has a time that is more than PEER_WINDOW after NOW. */
bool override_store_is_future(const struct ipc_peer_word *word, int64_t now);
/*
 * The clock is known to be right NOW: words from the future get the time SAID,
 * so that the other balancer takes them too.
 */
void override_store_settle(struct override_store *store, int64_t now,
			   int64_t said);

/* The known word on the server of LIKE; NULL: none. */
const struct ipc_peer_word *
override_store_find(const struct override_store *store,
		    const struct ipc_peer_word *like);
/* Word number I, in the order of each server's first word; NULL: no more. */
const struct ipc_peer_word *
override_store_at(const struct override_store *store, size_t i);

#endif
