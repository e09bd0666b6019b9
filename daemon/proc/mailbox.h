/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages for a child that its socket has no room for, in their order. Bounded:
 * a child that answers and never reads would make main keep all that it is sent.
 */
#ifndef EVENKEEL_DAEMON_PROC_MAILBOX_H
#define EVENKEEL_DAEMON_PROC_MAILBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "lib/ipc.h"

/* As much as the passwords of 100,000 checks with a file each; and files of a few
 * reloads. */
#define MAILBOX_BYTES ((size_t)32 << 20)
#define MAILBOX_FDS 256

struct mailbox_letter {
	STAILQ_ENTRY(mailbox_letter) entry;
	struct ipc_header header;
	int fd; /* a copy, or -1 */
	size_t length;
	unsigned char body[];
};

struct mailbox {
	STAILQ_HEAD(, mailbox_letter) letters;
	size_t bytes;
	size_t nr_fds;
};

void mailbox_init(struct mailbox *box);
/*
 * Keep a copy of a message, and of its FD unless that is -1. Returns 0; -ENOBUFS:
 * there is no room for it; or another -errno.
 */
int mailbox_put(struct mailbox *box, const struct ipc_header *header,
		const void *body, size_t length, int fd);
/* The message that has waited longest; NULL: there is none. */
struct mailbox_letter *mailbox_first(const struct mailbox *box);
/* Forget that message, and wipe it: it may have held a secret. */
void mailbox_drop_first(struct mailbox *box);
void mailbox_clear(struct mailbox *box);
bool mailbox_is_empty(const struct mailbox *box);

#endif
