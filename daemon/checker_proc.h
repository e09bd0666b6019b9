/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of the checker: main starts it, sends it configuration and
 * secrets, and takes its verdicts. A checker that ends or does not answer is
 * started anew (see process.h); meanwhile the last verdicts hold.
 */
#ifndef EVENKEEL_DAEMON_CHECKER_PROC_H
#define EVENKEEL_DAEMON_CHECKER_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/proc/process.h"
#include "lib/loop.h"
#include "lib/verdict.h"

struct balance;
struct bfd_proc;
struct bfd_proc_view;
struct config;
struct history;
struct ipc_payload;
struct ipc_payload_ask;
struct probe_paths;
struct scripts;
struct checker_proc;

struct checker_proc_view {
	struct process_view process;
	bool ready; /* the checker uses the present checks */
	uint64_t verdicts;
	uint64_t dropped; /* verdicts on checks that are not the present ones */
};

/* VERDICT is sanitized and speaks of a check of the present configuration. */
typedef void checker_proc_verdict(void *arg, const struct verdict *verdict);

/* SCRIPTS runs the scripts of MISC_CHECK, and must outlive the checker_proc. */
struct checker_proc *checker_proc_new(struct loop *loop,
				      struct scripts *scripts,
				      struct history *history,
				      checker_proc_verdict *verdict, void *arg);
void checker_proc_free(
	struct checker_proc *proc); /* NULL is allowed; ends the checker */

/*
 * Use CONFIG, which must live until the next call has returned: the checker is
 * started if there is something to check, replaced if its user is another, and
 * told the configuration if its checks or their passwords are others. A checker
 * that has it all is not disturbed.
 */
void checker_proc_configure(struct checker_proc *proc,
			    const struct config *config);

/*
 * Tell the checker the news: in which servers the sessions of clients are to
 * end, by BALANCE, or not any more. To be called often: a checker that is not
 * ready is told later.
 */
void checker_proc_evict(struct checker_proc *proc,
			const struct balance *balance);

/*
 * Where sockets for `probe_path client` come from; PATHS must outlive the
 * checker_proc. Without it those checks go to the servers' own addresses.
 */
void checker_proc_set_paths(struct checker_proc *proc,
			    struct probe_paths *paths);
/* Sockets handed out before are of no use any more. */
void checker_proc_renew_sockets(struct checker_proc *proc);

/*
 * What is known of neighbours, for BFD_CHECK; NEIGHBORS must outlive the
 * checker_proc.
 */
void checker_proc_set_neighbors(struct checker_proc *proc,
				const struct bfd_proc *neighbors);
/* VIEW is news. */
void checker_proc_tell_neighbor(struct checker_proc *proc,
				const struct bfd_proc_view *view);

/* Let the checker probe CHECK at once. */
void checker_proc_probe_now(struct checker_proc *proc, uint32_t check);
/*
 * Let the checker do ASK (lib/ipc.h), with the socket FD or -1, which stays the
 * caller's. Returns 0, or -errno: it is not ready, or does not read.
 */
int checker_proc_send_payload(struct checker_proc *proc,
			      const struct ipc_payload_ask *ask, int fd);
/* The checker's answers on payload go to TAKE, sanitized. */
typedef void checker_proc_payload(void *arg, const struct ipc_payload *answer);
void checker_proc_take_payloads(struct checker_proc *proc,
				checker_proc_payload *take, void *arg);

/* Take in the checker's pending messages, without a turn of the loop. */
void checker_proc_hear(struct checker_proc *proc);
void checker_proc_get(const struct checker_proc *proc,
		      struct checker_proc_view *view);

#endif
