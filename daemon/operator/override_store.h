/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger: for each server the last word of an operator (drain, ready, ...),
 * here or on the other balancer, and its time. The younger of two words counts,
 * on both balancers, so that the ledgers agree in any order of arrival; "ready"
 * is a word too, and is kept.
 *
 * Names are cut to the size of their field. Times are the wall clock's, since
 * two hosts have no other clock in common.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_LEDGER_H
#define EVENKEEL_DAEMON_OPERATOR_LEDGER_H

#include <stdbool.h>
#include <stddef.h>

#include "balance/balance.h"
#include "lib/peer_ipc.h"

struct ledger;

struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger); /* NULL is allowed */

/* The wall clock, us. */
int64_t ledger_clock(void);

/* A word on server INDEX of CONF, without its time. */
void ledger_word(const struct conf *conf, uint32_t index,
		 enum balance_override_kind kind, uint32_t weight,
		 struct ipc_peer_word *word);
/* Whether WORD speaks of server INDEX of CONF. */
bool ledger_means(const struct conf *conf, uint32_t index,
		  const struct ipc_peer_word *word);

/*
 * Keep WORD if it is younger than the known word on its server; returns
 * whether. A known word from the future (by more than PEER_WINDOW) was said by
 * a clock that was wrong, and counts as older than any word.
 */
bool ledger_put(struct ledger *ledger, const struct ipc_peer_word *word);
/*
 * Enter a word that is said just now: WORD gets its time, which is younger than
 * that of the known word, even if the clock was set back.
 */
void ledger_say(struct ledger *ledger, struct ipc_peer_word *word);

/* Whether WORD has a time that is more than PEER_WINDOW after NOW. */
bool ledger_is_future(const struct ipc_peer_word *word, int64_t now);
/*
 * The clock is known to be right NOW: words from the future get the time SAID,
 * so that the other balancer takes them too.
 */
void ledger_settle(struct ledger *ledger, int64_t now, int64_t said);

/* The known word on the server of LIKE; NULL: none. */
const struct ipc_peer_word *ledger_find(const struct ledger *ledger,
					const struct ipc_peer_word *like);
/* Word number I, in the order of each server's first word; NULL: no more. */
const struct ipc_peer_word *ledger_at(const struct ledger *ledger, size_t i);

#endif
