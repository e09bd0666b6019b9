/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrp_track_process: are enough processes of a kind there? A tracker looks
 * through /proc once a second. A change counts at once, or after it has lasted
 * for fork_delay (enough are there again) or terminate_delay (too few are
 * left).
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/pair/tracker_impl.h"
#include "lib/log.h"

#define PROCESS_LOOK USEC_PER_SEC
#define PROCESS_COMM_MAX 15 /* bytes that the kernel keeps of a name */
#define PROCESS_CMDLINE_MAX 4096

struct process_tracker {
	struct tracker *tracker;
	struct loop_timer timer;
	struct tracker_quorum quorum;
};

static const char *tracker_process_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The arguments after the first: *CMDLINE moves along. */
static const char *tracker_process_next_argument(const char **cmdline,
						 const char *end)
{
	const char *argument = *cmdline;

	if (argument >= end)
		return NULL;
	*cmdline = argument + strnlen(argument, (size_t)(end - argument)) + 1;
	return argument;
}

static bool tracker_process_arguments_match(const struct pair_process *conf,
					    const char *cmdline,
					    const char *end)
{
	char **wanted = conf->arguments;
	const char *seen;

	for (; wanted && *wanted; wanted++) {
		seen = tracker_process_next_argument(&cmdline, end);
		if (!seen)
			return false;
		if (conf->match_partial && !wanted[1]) {
			if (strncmp(seen, *wanted, strlen(*wanted)) != 0)
				return false;
		} else if (strcmp(seen, *wanted) != 0) {
			return false;
		}
	}
	return conf->match_initial ||
	       !tracker_process_next_argument(&cmdline, end);
}

bool tracker_process_matches(const struct pair_process *conf, const char *comm,
			     const char *cmdline, size_t length)
{
	/* A process without a command line may have no memory for it either. */
	const char *end = length ? cmdline + length : cmdline, *first;
	bool by_arguments = conf->arguments || conf->match_initial ||
			    conf->match_partial;

	if (!conf->full_command && !by_arguments)
		return strncmp(comm, tracker_process_base_name(conf->path),
			       PROCESS_COMM_MAX) == 0;
	first = tracker_process_next_argument(&cmdline, end);
	if (!first)
		return false;
	if (strcmp(strchr(conf->path, '/') ? first :
					     tracker_process_base_name(first),
		   conf->path) != 0)
		return false;
	return !by_arguments ||
	       tracker_process_arguments_match(conf, cmdline, end);
}

void tracker_quorum_step(struct tracker_quorum *quorum,
			 const struct pair_process *conf, uint32_t count,
			 usec_t now)
{
	bool enough = count >= conf->quorum && count <= conf->quorum_max;
	usec_t delay = enough ? conf->fork_delay : conf->terminate_delay;

	if (!quorum->known) {
		quorum->known = true;
		quorum->up = enough;
	}
	if (enough == quorum->up) {
		quorum->other = 0;
		return;
	}
	if (quorum->other == 0)
		quorum->other = now;
	if (now - quorum->other < delay)
		return;
	quorum->up = enough;
	quorum->other = 0;
}

/* Returns how many bytes; 0: the process is gone, or has none. */
static size_t tracker_process_read_proc(int proc, const char *pid,
					const char *what, char *out,
					size_t size)
{
	char path[64];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), "%.20s/%s", pid, what);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, out, size - 1);
		close(fd);
	}
	if (got < 0)
		got = 0;
	out[got] = '\0';
	return (size_t)got;
}

static bool process_counts(const struct pair_process *conf, int proc,
			   const char *pid)
{
	char comm[32], cmdline[PROCESS_CMDLINE_MAX];
	bool short_name = !conf->full_command && !conf->arguments &&
			  !conf->match_initial && !conf->match_partial;
	size_t length = 0;

	comm[0] = '\0';
	if (short_name) {
		tracker_process_read_proc(proc, pid, "comm", comm,
					  sizeof(comm));
		comm[strcspn(comm, "\n")] = '\0';
	} else {
		length = tracker_process_read_proc(proc, pid, "cmdline",
						   cmdline, sizeof(cmdline));
	}
	return tracker_process_matches(conf, comm, cmdline, length);
}

/* Returns how many there are, or -errno. */
static int64_t process_find(const struct pair_process *conf)
{
	DIR *dir = opendir("/proc");
	const struct dirent *entry;
	int64_t count = 0;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    process_counts(conf, dirfd(dir), entry->d_name))
			count++;
	closedir(dir);
	return count;
}

static void process_look(struct loop_timer *timer)
{
	struct process_tracker *self =
		container_of(timer, struct process_tracker, timer);
	const struct pair_process *conf = self->tracker->watch->process;
	usec_t now = loop_now(tracker_loop(self->tracker));
	int64_t count = process_find(conf);
	char why[64];

	loop_timer_set(timer, now + PROCESS_LOOK);
	if (count < 0) {
		log_warning("track", "process %s: /proc cannot be read: %s",
			    self->tracker->who->name, strerror((int)-count));
		return;
	}
	tracker_quorum_step(&self->quorum, conf, (uint32_t)count, now);
	snprintf(why, sizeof(why), "%lld found, quorum %u", (long long)count,
		 conf->quorum);
	tracker_report(self->tracker, self->quorum.up, why);
}

static void process_stop_tracker(void *state)
{
	struct process_tracker *self = state;

	loop_timer_clear(&self->timer);
	free(self);
}

static void *process_begin(struct tracker *tracker, void *old)
{
	struct process_tracker *self = old;

	if (self) {
		self->tracker = tracker;
		return self;
	}
	self = xcalloc(1, sizeof(*self));
	self->tracker = tracker;
	loop_timer_init(tracker_loop(tracker), &self->timer, process_look);
	process_look(&self->timer);
	return self;
}

const struct tracker_type tracker_process_type = {
	.start = process_begin,
	.stop = process_stop_tracker,
};
