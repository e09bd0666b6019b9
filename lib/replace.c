/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

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

/* Returns fd or -errno. Nobody can have put a link there. */
static int replace_open(const char *temp)
{
	int fd;

	unlink(temp);
	fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	return fd < 0 ? -errno : fd;
}

static int replace_write(const char *temp, const void *bytes, size_t length)
{
	int fd = replace_open(temp), error;

	if (fd < 0)
		return fd;
	error = write_whole(fd, bytes, length);
	if (error == 0 && fsync(fd) < 0)
		error = -errno;
	if (close(fd) < 0 && error == 0)
		error = -errno;
	return error;
}

int replace_file(const char *path, const void *bytes, size_t length)
{
	char temp[PATH_MAX];
	int error;

	if (snprintf(temp, sizeof(temp), "%s.new", path) >= (int)sizeof(temp))
		return -ENAMETOOLONG;
	error = replace_write(temp, bytes, length);
	if (error == 0 && rename(temp, path) < 0)
		error = -errno;
	if (error < 0) {
		unlink(temp);
		return error;
	}
	error = replace_sync_folder(path);
	/* A file system whose folders cannot be synced needs none of it. */
	return error == -EINVAL || error == -EACCES ? 0 : error;
}
