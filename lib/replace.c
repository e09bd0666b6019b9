/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The name itself is in the folder, and not on the disk before that is. */
static int replace_sync_folder(const char *path)
{
	char folder[PATH_MAX];
	char *slash;
	int fd, error;

	if (snprintf(folder, sizeof(folder), "%s", path) >= (int)sizeof(folder))
		return -ENAMETOOLONG;
	slash = strrchr(folder, '/');
	if (!slash)
		strcpy(folder, ".");
	else
		slash[slash == folder] = '\0';
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	error = fsync(fd) < 0 ? -errno : 0;
	close(fd);
	return error;
}

int replace_file(const char *temp, const char *path)
{
	int error;

	if (rename(temp, path) < 0) {
		error = -errno;
		unlink(temp);
		return error;
	}
	error = replace_sync_folder(path);
	/* A file system whose folders cannot be synced needs none of it. */
	return error == -EINVAL || error == -EACCES ? 0 : error;
}
