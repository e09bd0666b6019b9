/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replication of operators' words: words said here are sent to the other
 * balancers, and their words count here, so that a takeover changes no weight,
 * and all that serve at the same time do it alike.
 *
 * The channel is not VRRP's: an advertisement has no room for words, and
 * version 3 has no password. Words cannot be recomputed from the servers, as
 * slow start and lag are: a server does not know that it is being drained. A
 * holder of a key may drain servers; datagrams without the key are ignored.
 *
 * One process has the channels to all other balancers, each by its operator_peer
 * of the file. A reload that leaves one as it was forgets nothing of it.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_PEER_PROC_H
#define EVENKEEL_DAEMON_OPERATOR_PEER_PROC_H

#include "daemon/operator/override_store.h"
#include "daemon/proc/process.h"
#include "lib/loop.h"

struct config;
struct history;
struct peer_proc;

/*
 * A word from the balancer FROM, for people; whether it counts is the receiver's
 * matter. The balancer itself may have learnt it from another one.
 */
typedef void peer_word(void *arg, const struct ipc_peer_word *word,
		       const char *from);

struct peer_reports;

struct peer_proc_needs {
	struct loop *loop;
	struct history *history;
	const struct override_store *store;
	peer_word *word;
	void (*heard)(void *arg); /* all words of a message were told */
	void (*reported)(void *arg); /* another one is master of something */
	/* WAS has got the time SAID, as its own was of a wrong clock. */
	void (*settled)(void *arg, const struct ipc_peer_word *was,
			int64_t said);
	void *arg; /* of all */
};

/*
 * The objects that NEEDS points to must outlive the peer; NEEDS itself is
 * copied.
 */
struct peer_proc *peer_proc_new(const struct peer_proc_needs *needs);
void peer_proc_free(
	struct peer_proc *peer); /* NULL is allowed; ends the process */

/* Start, change or end the process, as CONFIG has it. */
void peer_proc_configure(struct peer_proc *peer, const struct config *config);

/* The channel to one other balancer. */
struct peer_proc_view {
	struct process_view process; /* of all channels */
	struct endpoint peer;
	usec_t heard; /* the last time; 0: never */
	bool silent; /* the silence was logged */
	const struct peer_reports *reports; /* the other balancer's; never NULL */
};

/* Channel number I, in the order of the file; false: there is none. */
bool peer_proc_get(const struct peer_proc *peer, uint32_t i,
		   struct peer_proc_view *view);
/*
 * This balancer's report is COUNT pages, all others of which are zeroes. Those
 * that are news are sent.
 */
void peer_proc_report(struct peer_proc *peer, const struct ipc_peer_page *pages,
		      uint32_t count);
/* Send words that are new in the store, IPC_PEER_WORDS_MAX at most. */
void peer_proc_say(struct peer_proc *peer, const struct ipc_peer_word *words,
		   size_t count);

#endif
