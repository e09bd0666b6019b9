/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Landlock, by system calls of its own: the C libraries in use have no names for
 * them yet. Numbers and layout are those of linux/landlock.h, which older
 * systems lack.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine/confine_internal.h"

#define LANDLOCK_CREATE 444 /* the same number on every architecture */
#define LANDLOCK_ADD 445
#define LANDLOCK_RESTRICT 446
#define LANDLOCK_GET_VERSION 1
#define LANDLOCK_PATH_BENEATH 1

/* Of a file: execute, write, read; read a folder; then changes of folders. */
#define LANDLOCK_WRITE_FILE (1u << 1)
#define LANDLOCK_READ_FILE (1u << 2)
#define LANDLOCK_READ_DIR (1u << 3)
#define LANDLOCK_MAKE_REG (1u << 8)
#define LANDLOCK_FIRST ((1u << 13) - 1) /* all rights of version 1 */
#define LANDLOCK_REFER (1u << 13) /* version 2 */
#define LANDLOCK_TRUNCATE (1u << 14) /* version 3 */
#define LANDLOCK_CONNECT_TCP (1u << 1) /* version 4, of the net */

struct landlock_rules {
	uint64_t files;
	uint64_t net;
};

struct __attribute__((packed)) landlock_beneath {
	uint64_t allowed;
	int32_t parent;
};

/* Returns 0 or -errno; a path that does not exist needs no rule. */
static int confine_allow(int rules, const char *path, uint64_t allowed)
{
	struct landlock_beneath beneath = { .allowed = allowed };
	struct stat st;
	int error = 0;

	beneath.parent = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent < 0)
		return 0;
	if (fstat(beneath.parent, &st) == 0 && !S_ISDIR(st.st_mode))
		beneath.allowed &= LANDLOCK_READ_FILE | LANDLOCK_WRITE_FILE;
	if (syscall(LANDLOCK_ADD, rules, LANDLOCK_PATH_BENEATH, &beneath, 0) <
	    0)
		error = -errno;
	close(beneath.parent);
	return error;
}

static int confine_allow_all(int rules, const char *const *paths)
{
	int error = 0;

	for (; paths && *paths && error == 0; paths++)
		error = confine_allow(rules, *paths,
				      LANDLOCK_READ_FILE | LANDLOCK_READ_DIR);
	return error;
}

static int confine_allow_extra(int rules)
{
	char path[512];
	const char *folder = confine_extra_folder(path, sizeof(path));

	if (!folder)
		return 0;
	return confine_allow(rules, folder,
			     LANDLOCK_READ_FILE | LANDLOCK_READ_DIR |
				     LANDLOCK_WRITE_FILE | LANDLOCK_MAKE_REG);
}

/* Returns the rules' descriptor, or -errno. */
static int confine_rules(const struct confine *confine)
{
	long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_GET_VERSION);
	struct landlock_rules rules = { .files = LANDLOCK_FIRST };
	size_t size = sizeof(rules.files);
	int fd;

	if (version < 1)
		return -EOPNOTSUPP;
	if (version >= 2)
		rules.files |= LANDLOCK_REFER;
	if (version >= 3)
		rules.files |= LANDLOCK_TRUNCATE;
	if (version >= 4) {
		size = sizeof(rules);
		if (!(confine->flags & CONFINE_CONNECTS))
			rules.net = LANDLOCK_CONNECT_TCP;
	}
	fd = (int)syscall(LANDLOCK_CREATE, &rules, size, 0);
	return fd < 0 ? -errno : fd;
}

int confine_files(const struct confine *confine)
{
	int rules, error;

	if (confine->flags & CONFINE_SEES_ALL)
		return 0;
	/* Landlock asks for this of all but root; a filter sets it anyway. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	rules = confine_rules(confine);
	if (rules < 0)
		return rules == -EOPNOTSUPP ? 0 : rules;
	error = confine_allow_all(rules, confine->paths);
	if (error == 0)
		error = confine_allow_all(rules, confine_extra.paths);
	if (error == 0)
		error = confine_allow_extra(rules);
	if (error == 0 && syscall(LANDLOCK_RESTRICT, rules, 0) < 0)
		error = -errno;
	close(rules);
	return error;
}
