/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ipc.h"

/* A message: the layout that IPC_VERDICTS promises. */
struct outbox_message {
	struct ipc_verdicts head;
	struct verdict verdicts[IPC_VERDICTS_MAX];
};

_Static_assert(offsetof(struct outbox_message, verdicts) ==
		       sizeof(struct ipc_verdicts),
	       "the verdicts must follow the head without a gap");

/* Move the unsent entries to the front, so that the room before them is used. */
static void outbox_compact(struct outbox *outbox)
{
	size_t i, kept = 0;

	for (i = outbox->head; i < outbox->used; i++) {
		if (!outbox->entries[i].place)
			continue;
		if (kept != i)
			outbox->entries[kept] = outbox->entries[i];
		*outbox->entries[kept].place = (uint32_t)kept + 1;
		kept++;
	}
	outbox->head = 0;
	outbox->used = kept;
}

void outbox_put(struct outbox *outbox, uint32_t *place,
		const struct verdict *verdict)
{
	if (*place > 0) {
		outbox->entries[*place - 1].verdict = *verdict;
		return;
	}
	if (outbox->used == outbox->room)
		outbox_compact(outbox);
	outbox->entries = array_grow(outbox->entries, outbox->used,
				     &outbox->room, sizeof(*outbox->entries));
	outbox->entries[outbox->used].place = place;
	outbox->entries[outbox->used].verdict = *verdict;
	outbox->used++;
	*place = (uint32_t)outbox->used;
}

void outbox_renumber(struct outbox *outbox, const uint32_t *place,
		     uint32_t check)
{
	if (*place > 0)
		outbox->entries[*place - 1].verdict.check = check;
}

void outbox_drop(struct outbox *outbox, uint32_t *place)
{
	if (*place > 0)
		outbox->entries[*place - 1].place = NULL;
	*place = 0;
}

void outbox_ready(struct outbox *outbox, uint32_t checks)
{
	outbox->ready_due = true;
	outbox->ready_checks = checks;
}

bool outbox_is_empty(const struct outbox *outbox)
{
	return outbox->head == outbox->used && !outbox->ready_due;
}

/* Copy a message's worth of verdicts; returns the entry after the last one. */
static size_t outbox_fill(const struct outbox *outbox,
			  struct outbox_message *message)
{
	size_t i;

	message->head.count = 0;
	for (i = outbox->head; i < outbox->used; i++) {
		if (!outbox->entries[i].place)
			continue;
		if (message->head.count == IPC_VERDICTS_MAX)
			break;
		message->verdicts[message->head.count++] =
			outbox->entries[i].verdict;
	}
	return i;
}

static void outbox_sent(struct outbox *outbox, size_t end)
{
	for (; outbox->head < end; outbox->head++) {
		if (outbox->entries[outbox->head].place)
			*outbox->entries[outbox->head].place = 0;
	}
	if (outbox->head == outbox->used)
		outbox->head = outbox->used = 0;
}

static int outbox_send_ready(struct outbox *outbox, int sock,
			     uint32_t generation)
{
	struct ipc_ready ready = { .checks = outbox->ready_checks };
	int error;

	if (!outbox->ready_due)
		return 0;
	error = ipc_send(sock, IPC_READY, generation, &ready, sizeof(ready),
			 -1);
	if (error == 0)
		outbox->ready_due = false;
	return error;
}

int outbox_send(struct outbox *outbox, int sock, uint32_t generation,
		usec_t next_by, bool even_empty)
{
	struct outbox_message message = { .head = { .next_by = next_by } };
	int error = outbox_send_ready(outbox, sock, generation);
	size_t end;

	while (error == 0 && (outbox->head < outbox->used || even_empty)) {
		end = outbox_fill(outbox, &message);
		if (message.head.count > 0 || even_empty)
			error = ipc_send(sock, IPC_VERDICTS, generation,
					 &message,
					 sizeof(message.head) +
						 message.head.count *
							 sizeof(struct verdict),
					 -1);
		if (error == 0)
			outbox_sent(outbox, end);
		even_empty = false;
	}
	return error;
}

void outbox_free(struct outbox *outbox)
{
	free(outbox->entries);
	*outbox = (struct outbox){ 0 };
}
