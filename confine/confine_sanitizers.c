/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The second list: a build with sanitizers. At its end the search for leaks stops
 * the process by a thread that traces it and reads its memory; a report is
 * written to a file, with names that a program of others may look up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confine/confine_internal.h"
#include "lib/util.h"

static const char *const confine_extra_calls[] = {
	"clone fork vfork wait4 waitid kill tgkill tkill ptrace "
	"process_vm_readv getdents getdents64 getppid sched_getaffinity prlimit64 "
	"getrlimit setrlimit arch_prctl set_tid_address fstatfs statfs",
	"open openat readlink readlinkat stat lstat access faccessat pread64 "
	"getcwd ioctl fcntl pipe pipe2 dup dup2 dup3 execve poll sysinfo "
	"mincore msync unlink mkdir ftruncate personality close_range",
	NULL,
};
static const char *const confine_extra_paths[] = { "/proc",  "/usr", "/lib",
						   "/lib64", "/sys", NULL };

const struct confine confine_extra = {
	.name = "sanitizers",
	.flags = CONFINE_WRITES | CONFINE_LOADS | CONFINE_FORKS |
		 CONFINE_SIGNALS,
	.families = UINT64_C(1) << 1, /* AF_UNIX */
	.calls = confine_extra_calls,
	.paths = confine_extra_paths,
};

const char *confine_extra_folder(char *out, size_t size)
{
	static const char word[] = "log_path=";
	const char *options = getenv("ASAN_OPTIONS");
	const char *path = options ? strstr(options, word) : NULL;
	char *end;

	if (!path)
		return NULL;
	snprintf(out, size, "%s", path + strlen(word));
	out[strcspn(out, ":")] = '\0';
	end = strrchr(out, '/');
	if (end)
		*end = '\0';
	return out;
}
