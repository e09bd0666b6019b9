/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/tls_identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

static struct checker_identity *tls_identity_new(size_t length, int error)
{
	struct checker_identity *identity =
		xcalloc(1, sizeof(*identity) + length + 1);

	identity->users = 1;
	identity->length = length;
	identity->error = error;
	return identity;
}

static int tls_identity_read_text(int fd, char *text, size_t length)
{
	size_t have = 0;
	ssize_t got;

	while (have < length) {
		got = pread(fd, text + have, length - have, (off_t)have);
		if (got <= 0)
			return got < 0 ? -errno : -EBADMSG;
		have += (size_t)got;
	}
	return 0;
}

struct checker_identity *tls_identity_take(const struct ipc_message *msg)
{
	const struct ipc_identity *head = (const void *)msg->body;
	struct checker_identity *identity;
	size_t length = 0, at = 0;
	int error, i;

	for (i = 0; i < IPC_IDENTITY_PARTS; i++) {
		if (head->lengths[i] > IPC_IDENTITY_MAX)
			return tls_identity_new(0, EBADMSG);
		length += head->lengths[i];
	}
	if (head->error || msg->fd < 0 || length == 0)
		return tls_identity_new(0, head->error ? (int)head->error :
							 EBADMSG);
	identity = tls_identity_new(length, 0);
	error = tls_identity_read_text(msg->fd, identity->text, length);
	if (error < 0) {
		tls_identity_leave(identity);
		return tls_identity_new(0, -error);
	}
	for (i = 0; i < IPC_IDENTITY_PARTS; i++) {
		identity->lengths[i] = head->lengths[i];
		identity->parts[i] = identity->text + at;
		at += head->lengths[i];
	}
	return identity;
}

struct checker_identity *tls_identity_hold(struct checker_identity *identity)
{
	if (identity)
		identity->users++;
	return identity;
}

void tls_identity_leave(struct checker_identity *identity)
{
	if (!identity || --identity->users > 0)
		return;
	explicit_bzero(identity->text, identity->length);
	free(identity);
}
