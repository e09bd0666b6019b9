/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replication of operators' words: words said here are sent to the other
 * balancer, and its words count here, so that a takeover changes no weight.
 *
 * The channel is not VRRP's: an advertisement has no room for words, and
 * version 3 has no password. Words cannot be recomputed from the servers, as
 * slow start and lag are: a server does not know that it is being drained. A
 * holder of the key may drain servers; datagrams without the key are ignored.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_PEER_PROC_H
#define EVENKEEL_DAEMON_OPERATOR_PEER_PROC_H

#include "daemon/operator/override_store.h"
#include "daemon/proc/process.h"
#include "lib/loop.h"

struct config;
struct history;
struct peer_proc;

/* A word from the other balancer; whether it counts is the receiver's matter. */
typedef void peer_word(void *arg, const struct ipc_peer_word *word);

struct peer_reports;

struct peer_proc_needs {
	struct loop *loop;
	struct history *history;
	const struct override_store *store;
	peer_word *word;
	void (*heard)(void *arg); /* all words of a message were told */
	void *arg; /* of both */
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
struct peer_proc_view {
	struct process_view process;
	struct endpoint peer;
	usec_t heard; /* the last time; 0: never */
	bool silent; /* the silence was logged */
	const struct peer_reports *reports; /* the other balancer's; never NULL */
};

/* False: there is no channel. */
bool peer_proc_get(const struct peer_proc *peer, struct peer_proc_view *view);
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
