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

void tls_trusts_take(struct tls_trusts *trusts, const struct ipc_message *msg)
{
	const struct ipc_trust *trust = (const void *)msg->body;

	trusts->list = array_grow(trusts->list, trusts->nr, &trusts->room,
				  sizeof(*trusts->list));
	/* The files stand at the beginning of the message, as an identity's. */
	trusts->list[trusts->nr++] = (struct tls_trust){
		.files = tls_identity_take(msg),
		.check = trust->check,
	};
}

void tls_trusts_name(struct tls_trusts *trusts, const struct conf *conf)
{
	struct tls_trust *trust;
	size_t i;

	for (i = 0; i < trusts->nr; i++) {
		trust = &trusts->list[i];
		if (trust->check < conf->nr_checks)
			trust->path =
				conf->checks[trust->check].traits.trust_file;
		if (trust->path)
			index_put(&trusts->by_path, hash_text(trust->path),
				  (uint32_t)i);
	}
}

struct checker_identity *tls_trusts_find(const struct tls_trusts *trusts,
					 const char *path)
{
	struct index_walk walk;
	uint32_t i;

	index_for_each (&trusts->by_path, hash_text(path), &walk, i)
		if (str_equal(trusts->list[i].path, path))
			return trusts->list[i].files;
	return NULL;
}

void tls_trusts_clear(struct tls_trusts *trusts)
{
	size_t i;

	for (i = 0; i < trusts->nr; i++)
		tls_identity_leave(trusts->list[i].files);
	free(trusts->list);
	index_free(&trusts->by_path);
	memset(trusts, 0, sizeof(*trusts));
}
