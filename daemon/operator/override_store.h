/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store of overrides: for each server the last word of an operator (drain,
 * ready, ...), said on any balancer, and its time. "ready" is a word too, and is
 * kept, so that no older word comes back.
 *
 * The terms of writers' seats are kept beside, in the same way: for each server
 * the youngest, with the term in the place of the time. So are the pauses of
 * virtual servers, of which "resume" is one that is over.
 *
 * Among any number of balancers
 *
 * The younger of two words counts, and of two that were said in the same
 * microsecond the one of the higher kind and weight: an order of all words, so
 * that stores which have seen the same words hold the same, in whatever order
 * and however often the words came. So a word needs no mark of its origin, and
 * no memory of its readers: each balancer tells each of its peers all words
 * that it holds, its own and those of others, again and again. Words are thus
 * passed on, and reach every balancer that is joined to the speaker by a chain
 * of channels; a full mesh is not needed for them. After a partition the two
 * parts exchange whole stores, as two balancers do when one was away.
 *
 * A word that is said here gets a time after that of the word which it replaces,
 * so it wins everywhere over all that its speaker knew, whatever the clocks are.
 * Of two words whose speakers did not know each other's, the one with the later
 * time wins; that can be the earlier one by as much as the two clocks differ.
 *
 * A word from the future was said by a clock that was wrong: no store takes it
 * from a peer, and any word replaces it. With a chain of channels two clocks can
 * be twice PEER_WINDOW apart; a word then waits on its way until the clock of the
 * next balancer has come near enough.
 *
 * Names are cut to the size of their field. Times are the wall clock's, since
 * hosts have no other clock in common; the caller says the time.
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
 * Keep WORD, at NOW, if it is younger than the known word on its server; returns
 * whether. A known word from the future (by more than PEER_WINDOW) was said by
 * a clock that was wrong, and counts as older than any word.
 */
bool override_store_put(struct override_store *store,
			const struct ipc_peer_word *word, int64_t now);
/* The same with a peer's WORD, which is not taken from the future. */
bool override_store_take(struct override_store *store,
			 const struct ipc_peer_word *word, int64_t now);
/*
 * Enter a word that is said NOW: WORD gets its time, which is younger than that
 * of the known word, even if the clock was set back.
 */
void override_store_say(struct override_store *store,
			struct ipc_peer_word *word, int64_t now);
/* Whether WORD would be kept if it were put: the process's store asks. */
bool override_store_is_news(const struct override_store *store,
			    const struct ipc_peer_word *word, int64_t now);
/*
 * The next words of CLASS from *AT on, COUNT at most, into WORDS; *AT moves on.
 * Returns how many: fewer than COUNT are the last.
 */
size_t override_store_collect(const struct override_store *store,
			      enum override_class class, size_t *at,
			      struct ipc_peer_word *words, size_t count);

/* The rest of the pause WORD, from NOW on; not above 0: it is over. */
usec_t override_store_left(const struct ipc_peer_word *word, int64_t now);

/* Whether WORD has a time that is more than PEER_WINDOW after NOW. */
bool override_store_is_future(const struct ipc_peer_word *word, int64_t now);
/*
 * The clock is known to be right NOW: the next word from the future, from *AT on,
 * gets the time SAID, so that other balancers take it too; *AT moves behind it.
 * Returns false if there is none, else WAS is the word as it was before.
 */
bool override_store_settle(struct override_store *store, int64_t now,
			   int64_t said, size_t *at, struct ipc_peer_word *was);
/*
 * The other store of this balancer has settled WAS, which gets the time SAID
 * here as well, if it is still held. Returns whether.
 */
bool override_store_settled(struct override_store *store,
			    const struct ipc_peer_word *was, int64_t said);

/* The known word on the server of LIKE; NULL: none. */
const struct ipc_peer_word *
override_store_find(const struct override_store *store,
		    const struct ipc_peer_word *like);
/* Word number I, in the order of each server's first word; NULL: no more. */
const struct ipc_peer_word *
override_store_at(const struct override_store *store, size_t i);

#endif
