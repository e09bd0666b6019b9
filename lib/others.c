/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/others.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool others_own(const struct stat *st)
{
	return st->st_uid != 0 && st->st_uid != geteuid();
}

/* Whether others may write. A link's mode means nothing, its owner counts. */
static bool others_may_write(const struct stat *st)
{
	if (S_ISLNK(st->st_mode))
		return others_own(st);
	if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX))
		return false;
	return others_own(st) || (st->st_mode & S_IWOTH) ||
	       ((st->st_mode & S_IWGRP) && st->st_gid != 0);
}

static bool others_may_write_to(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return false;
	if (others_may_write(&st))
		return true;
	return S_ISLNK(st.st_mode) && stat(path, &st) == 0 &&
	       others_may_write(&st);
}

bool others_can_change(const char *path, bool file_too, char *which,
		       size_t size)
{
	char part[PATH_MAX];
	struct stat st;
	size_t len;

	for (len = 1; path[len - 1]; len++) {
		if (path[len] != '/' && path[len] != '\0')
			continue;
		if (snprintf(part, sizeof(part), "%.*s", (int)len, path) >=
		    (int)sizeof(part))
			break;
		/* The target of the last part counts with FILE_TOO only. */
		if (path[len] == '\0' && !file_too &&
		    (lstat(part, &st) < 0 || !S_ISLNK(st.st_mode) ||
		     !others_own(&st)))
			break;
		if (!others_may_write_to(part))
			continue;
		if (which)
			snprintf(which, size, "%s", part);
		return true;
	}
	if (path[0] == '/' || !others_may_write_to("."))
		return false;
	if (which)
		snprintf(which, size, ".");
	return true;
}
