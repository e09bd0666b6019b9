/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/mailbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

void mailbox_init(struct mailbox *box)
{
	STAILQ_INIT(&box->letters);
	box->bytes = 0;
	box->nr_fds = 0;
}

int mailbox_put(struct mailbox *box, const struct ipc_header *header,
		const void *body, size_t length, int fd)
{
	size_t size = sizeof(struct mailbox_letter) + length;
	struct mailbox_letter *letter;
	int copy = -1;

	if (size > MAILBOX_BYTES - box->bytes ||
	    (fd >= 0 && box->nr_fds == MAILBOX_FDS))
		return -ENOBUFS;
	if (fd >= 0) {
		copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
		if (copy < 0)
			return -errno;
		box->nr_fds++;
	}
	letter = xcalloc(1, size);
	letter->header = *header;
	letter->fd = copy;
	letter->length = length;
	if (length > 0)
		memcpy(letter->body, body, length);
	box->bytes += size;
	STAILQ_INSERT_TAIL(&box->letters, letter, entry);
	return 0;
}

struct mailbox_letter *mailbox_first(const struct mailbox *box)
{
	return STAILQ_FIRST(&box->letters);
}

void mailbox_drop_first(struct mailbox *box)
{
	struct mailbox_letter *letter = STAILQ_FIRST(&box->letters);

	STAILQ_REMOVE_HEAD(&box->letters, entry);
	box->bytes -= sizeof(*letter) + letter->length;
	if (letter->fd >= 0) {
		close(letter->fd);
		box->nr_fds--;
	}
	explicit_bzero(letter->body, letter->length);
	free(letter);
}

void mailbox_clear(struct mailbox *box)
{
	while (!mailbox_is_empty(box))
		mailbox_drop_first(box);
}

bool mailbox_is_empty(const struct mailbox *box)
{
	return STAILQ_EMPTY(&box->letters);
}
