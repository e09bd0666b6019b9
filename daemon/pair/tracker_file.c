/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrp_track_file: the number in a file. The folder is watched, not the file,
 * so that a file renamed into place is seen. Besides, the file is read every
 * few seconds, for the sake of network file systems, of a folder that is made
 * later, and of events that inotify lost. A file that is gone or cannot be read
 * counts as 0.
 *
 * Main has given up the right to read everything: the file must be readable for
 * its owner's or everybody's sake by root without capabilities.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/pair/tracker_impl.h"
#include "lib/log.h"

#define FILE_TEXT_MAX 128
#define FILE_LOOK (2 * USEC_PER_SEC)

struct file_tracker {
	struct tracker *tracker;
	struct loop_io io; /* fd -1: no inotify */
	struct loop_timer timer;
	char *folder;
	bool watched;
};

int32_t tracker_file_number(const char *text, size_t length)
{
	int64_t number = 0;
	bool negative = false;
	size_t i = 0;

	while (i < length && (text[i] == ' ' || text[i] == '\t'))
		i++;
	if (i < length && (text[i] == '-' || text[i] == '+'))
		negative = text[i++] == '-';
	for (; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
		number = number * 10 + (text[i] - '0');
		if (number > INT32_MAX)
			number = (int64_t)INT32_MAX + 1;
	}
	if (negative)
		return number > INT32_MAX ? INT32_MIN : (int32_t)-number;
	return number > INT32_MAX ? INT32_MAX : (int32_t)number;
}

/* Returns the number of bytes, or -errno. */
static ssize_t file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	ssize_t got;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		got = -errno;
	else if (!S_ISREG(st.st_mode))
		got = -EINVAL;
	else
		got = read(fd, text, size);
	if (got == -1)
		got = -errno;
	close(fd);
	return got;
}

static void file_look(struct file_tracker *self)
{
	const char *path = self->tracker->watch->file->path;
	char text[FILE_TEXT_MAX] = "";
	ssize_t got = file_read(path, text, sizeof(text));

	if (got < 0)
		tracker_report(self->tracker, 0,
			       got == -EINVAL ? "it is no regular file" :
						strerror((int)-got));
	else
		tracker_report(self->tracker,
			       tracker_file_number(text, (size_t)got), "");
}

static void file_watch_folder(struct file_tracker *self)
{
	if (self->watched || self->io.fd < 0)
		return;
	self->watched = inotify_add_watch(self->io.fd, self->folder,
					  IN_CLOSE_WRITE | IN_MOVE | IN_CREATE |
						  IN_DELETE | IN_DELETE_SELF |
						  IN_MOVE_SELF | IN_ONLYDIR) >=
			0;
}

static void file_timer(struct loop_timer *timer)
{
	struct file_tracker *self =
		container_of(timer, struct file_tracker, timer);

	file_watch_folder(self);
	file_look(self);
	loop_timer_set(timer,
		       loop_now(tracker_loop(self->tracker)) + FILE_LOOK);
}

static bool file_event_matters(struct file_tracker *self,
			       const struct inotify_event *event)
{
	const char *path = self->tracker->watch->file->path;
	const char *slash = strrchr(path, '/');

	if (event->mask & (IN_IGNORED | IN_MOVE_SELF | IN_Q_OVERFLOW)) {
		self->watched = false;
		return true;
	}
	return event->len > 0 &&
	       strcmp(event->name, slash ? slash + 1 : path) == 0;
}

static void file_news(struct loop_io *io, unsigned what)
{
	struct file_tracker *self = container_of(io, struct file_tracker, io);
	_Alignas(struct inotify_event) char buffer[4096];
	ssize_t got = read(io->fd, buffer, sizeof(buffer)), at = 0;
	bool matters = false;

	while (got > 0 && at < got) {
		const struct inotify_event *event = (const void *)(buffer + at);

		matters = file_event_matters(self, event) || matters;
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	if (matters)
		file_look(self);
}

/* init_file: an existing file stays, unless "overwrite" is given. */
static void file_make(const struct pair_file *conf)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int fd = open(conf->path, flags | (conf->overwrite ? O_TRUNC : O_EXCL),
		      0644);
	char text[32];
	int length = snprintf(text, sizeof(text), "%lld\n",
			      (long long)conf->init_value);

	if (fd < 0 && errno == EEXIST)
		return;
	if (fd < 0 || write(fd, text, (size_t)length) != length)
		log_error("track", "init_file %s: %s", conf->path,
			  strerror(errno));
	if (fd >= 0)
		close(fd);
}

static void file_open_inotify(struct file_tracker *self)
{
	struct loop *loop = tracker_loop(self->tracker);
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int error = fd < 0 ? -errno : 0;

	if (fd >= 0)
		error = loop_io_start(loop, &self->io, fd, LOOP_READ,
				      file_news);
	if (error < 0) {
		log_warning("track", "file %s: no inotify: %s",
			    self->tracker->who->name, strerror(-error));
		if (fd >= 0)
			close(fd);
		self->io.fd = -1;
	}
}

static char *file_folder(const char *path)
{
	char *folder = xstrdup(path);
	char *slash = strrchr(folder, '/');

	if (slash && slash != folder)
		*slash = '\0';
	else if (slash)
		slash[1] = '\0';
	else
		snprintf(folder, strlen(folder) + 1, ".");
	return folder;
}

static void file_stop(void *state)
{
	struct file_tracker *self = state;
	int fd = self->io.fd;

	loop_timer_clear(&self->timer);
	if (fd >= 0) {
		loop_io_stop(&self->io);
		close(fd);
	}
	free(self->folder);
	free(self);
}

static void *file_start(struct tracker *tracker, void *old)
{
	const struct pair_file *conf = tracker->watch->file;
	struct file_tracker *self;

	/*
	 * A new state is as cheap as the old one; the tracker keeps the value.
	 */
	if (old)
		file_stop(old);
	else if (conf->init)
		file_make(conf);
	self = xcalloc(1, sizeof(*self));
	self->tracker = tracker;
	self->io.fd = -1;
	self->folder = file_folder(conf->path);
	loop_timer_init(tracker_loop(tracker), &self->timer, file_timer);
	file_open_inotify(self);
	file_timer(&self->timer);
	return self;
}

const struct tracker_type tracker_file_type = {
	.start = file_start,
	.stop = file_stop,
};
