/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/identity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/proc/secret_file.h"
#include "lib/util.h"

bool identity_read(const struct conf_identity *ssl, struct identity *identity)
{
	const char *const paths[IPC_IDENTITY_PARTS] = {
		[IPC_IDENTITY_CA] = ssl->ca,
		[IPC_IDENTITY_CERTIFICATE] = ssl->certificate,
		[IPC_IDENTITY_KEY] = ssl->key,
	};
	int part, got;

	memset(identity, 0, sizeof(*identity));
	if (!ssl->ca && !ssl->certificate && !ssl->key)
		return false;
	identity->text = xcalloc(IPC_IDENTITY_PARTS, IPC_IDENTITY_MAX);
	for (part = 0; part < IPC_IDENTITY_PARTS; part++) {
		if (!paths[part])
			continue;
		got = secret_file_read_all(paths[part],
					   part == IPC_IDENTITY_KEY,
					   identity->text + identity->length,
					   IPC_IDENTITY_MAX);
		if (got < 0) {
			identity_clear(identity);
			identity->message.error = (uint32_t)-got;
			return true;
		}
		identity->message.lengths[part] = (uint32_t)got;
		identity->length += (size_t)got;
	}
	return true;
}

int identity_memfd(const struct identity *identity)
{
	int fd = memfd_create("evenkeel.pem", MFD_CLOEXEC);
	int error;

	if (fd < 0)
		return -errno;
	error = write_whole(fd, identity->text, identity->length);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

void identity_clear(struct identity *identity)
{
	if (identity->text)
		explicit_bzero(identity->text,
			       (size_t)IPC_IDENTITY_PARTS * IPC_IDENTITY_MAX);
	free(identity->text);
	memset(identity, 0, sizeof(*identity));
}
