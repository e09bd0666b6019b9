/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the checker process: shared by checker.c (messages), checker_reload.c
 * (a new configuration) and check.c (running the checks). Probe types see
 * probe.h only.
 */
#ifndef EVENKEEL_CHECKERS_CHECKER_PROCESS_H
#define EVENKEEL_CHECKERS_CHECKER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checkers/tls_identity.h"
#include "checkers/outbox.h"
#include "checkers/probe.h"
#include "checkers/mysql/zygote.h"
#include "checkers/sched.h"
#include "lib/ipc.h"
#include "lib/log_pump.h"
#include "lib/loop.h"

/* Passwords that came before the configuration they belong to. */
struct secrets {
	struct ipc_secret *list;
	size_t used;
	size_t room;
	uint32_t generation;
};

struct probe_shared {
	const struct probe_type *type; /* NULL: none from here on */
	void *data;
};

struct checker {
	struct loop *loop;
	int sock; /* to main */
	struct log_pump pump;
	struct loop_io input;
	struct loop_io output; /* started only while main does not read */
	bool output_blocked;
	struct outbox outbox;
	bool unreported; /* the outbox holds something that main does not know */
	usec_t send_by; /* gathered verdicts go out by then; 0: none wait */
	usec_t promise; /* the next_by that main was told last; 0: none yet */

	/* NULL for a kind that is not run; probe_type() of probe.h. */
	const struct probe_type *(*probe_type)(enum check_kind kind);
	struct sched sched; /* all checks, by their next event */
	struct loop_timer timer; /* for the first of them */
	usec_t wake; /* when the timer fires, if it is set */
	struct loop_task flush; /* at a turn's end: send, set the timer */

	struct conf *conf; /* NULL until the first came */
	struct check **checks; /* by index */
	uint32_t nr_checks;
	uint32_t generation;
	struct secrets secrets;
	/* Of the block SSL; NULL: none. The next one came before its IPC_CONF. */
	struct checker_identity *identity, *next_identity;
	uint32_t next_generation; /* of NEXT_IDENTITY */
	/* Of tls_ca; the next ones came before their IPC_CONF as well. */
	struct tls_trusts trusts, next_trusts;
	uint32_t next_trusts_generation;
	struct zygote zygote;
	struct probe_means means;
	struct probe_shared shared[CHECK_KINDS + 1]; /* ended by a NULL type */

	uint64_t seed;
	uint32_t in_flight;
	bool starting; /* a probe that ends now ends within its own start */
	uint32_t cap; /* of probes at a time, by the limit of descriptors */
};

/* SOCK stays the caller's, ZYGOTE is taken. NULL if the kernel refuses. */
struct checker *checker_new(int sock, const struct zygote *zygote);
void checker_free(struct checker *checker);

/* Act on one message from main; a descriptor in it is taken. */
void checker_handle(struct checker *checker, struct ipc_message *msg);

/* checker_reload.c: put CONF (taken) into use; the waiting secrets belong to it. */
void checker_apply(struct checker *checker, struct conf *conf,
		   uint32_t generation);
void checker_add_secret(struct checker *checker, uint32_t generation,
			const struct ipc_secret *secret);
void secrets_clear(struct secrets *secrets);

/*
 * checker_flush.c: send what is to be sent to main, and set the timer for the
 * next event; the task of checker->flush.
 */
void checker_flush(struct loop_task *task);

/* Have checker_flush() run at the end of this turn of the loop. */
static inline void checker_schedule_flush(struct checker *checker)
{
	loop_task_want(&checker->flush);
}

#endif
