/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Verdicts on their way to main. Verdicts are collected during a turn of the
 * loop and sent up to IPC_VERDICTS_MAX in a message. If main does not read, the
 * newest verdict of each check is kept: memory is bounded by the number of
 * checks, and main finds the present state when it reads again.
 */
#ifndef EVENKEEL_CHECKERS_OUTBOX_H
#define EVENKEEL_CHECKERS_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/util.h"
#include "lib/verdict.h"

struct outbox_entry {
	/* Where the check remembers this entry's place; NULL: not to be sent. */
	uint32_t *place;
	struct verdict verdict;
};

struct outbox {
	struct outbox_entry *entries;
	size_t head; /* the first unsent one */
	size_t used;
	size_t room;
	bool ready_due; /* IPC_READY goes before the verdicts */
	uint32_t ready_checks;
};

/*
 * Queue VERDICT (copied), or put it into the place of this check's unsent one.
 * *PLACE is the check's, 0 at first, and valid until the verdict is sent.
 */
void outbox_put(struct outbox *outbox, uint32_t *place,
		const struct verdict *verdict);

/* The check has a new index, or (outbox_drop) is no more. */
void outbox_renumber(struct outbox *outbox, const uint32_t *place,
		     uint32_t check);
void outbox_drop(struct outbox *outbox, uint32_t *place);

/* Say IPC_READY with the number of CHECKS before any further verdict. */
void outbox_ready(struct outbox *outbox, uint32_t checks);

/* Whether nothing waits to be sent, neither a verdict nor "ready". */
bool outbox_is_empty(const struct outbox *outbox);

/*
 * Send the queued verdicts to SOCK; with EVEN_EMPTY a message goes out in any
 * case. NEXT_BY and GENERATION go into the headers. Returns 0, or -errno of the
 * message that could not be sent, -EAGAIN if main does not read; unsent
 * verdicts stay queued.
 */
int outbox_send(struct outbox *outbox, int sock, uint32_t generation,
		usec_t next_by, bool even_empty);

/* Frees the content, not OUTBOX; verdicts that were not sent are lost. */
void outbox_free(struct outbox *outbox);

#endif
