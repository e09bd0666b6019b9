/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/number_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/pair_conf.h"
#include "lib/disk_job.h"
#include "lib/log.h"
#include "lib/loop.h"

#define NUMBER_TEXT_MAX 128
#define NUMBER_LOOK (2 * USEC_PER_SEC)

struct number_file {
	struct loop *loop;
	struct loop_io io; /* fd -1: no inotify */
	struct loop_timer timer;
	struct disk_job job; /* a look, from the second on */
	bool again; /* one more is wanted after it */
	char *path;
	char *folder;
	int watch; /* the folder's; -1: it is not watched */
	number_file_seen *seen;
	void *arg;
};

/* The bag of a look. */
struct number_look {
	ssize_t got;
	char text[NUMBER_TEXT_MAX];
	char path[];
};

static bool number_file_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int32_t number_file_parse(const char *text, size_t length, const char **why)
{
	int64_t number = 0;
	bool negative = false;
	size_t i = 0;

	while (i < length && (text[i] == ' ' || text[i] == '\t'))
		i++;
	if (i < length && (text[i] == '-' || text[i] == '+'))
		negative = text[i++] == '-';
	*why = i < length && number_file_is_digit(text[i]) ?
		       "" :
		       "there is no number in it";
	for (; i < length && number_file_is_digit(text[i]); i++) {
		number = number * 10 + (text[i] - '0');
		if (number > INT32_MAX)
			number = (int64_t)INT32_MAX + 1;
	}
	if (negative)
		return number > INT32_MAX ? INT32_MIN : (int32_t)-number;
	return number > INT32_MAX ? INT32_MAX : (int32_t)number;
}

/* Returns the number of bytes, or -errno. */
static ssize_t number_file_read(const char *path, char *text, size_t size)
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

/* GOT is the result of a look: bytes of TEXT, or -errno. */
static void number_file_tell(struct number_file *file, ssize_t got,
			     const char *text)
{
	int32_t value = 0;
	const char *why;

	if (got >= 0)
		value = number_file_parse(text, (size_t)got, &why);
	else
		why = got == -EINVAL ? "it is no regular file" :
				       strerror((int)-got);
	file->seen(file->arg, value, why);
}

static int number_file_work(void *bag)
{
	struct number_look *look = bag;

	look->got =
		number_file_read(look->path, look->text, sizeof(look->text));
	return 0;
}

/* While a disk stands, the value of before counts. */
static void number_file_look(struct number_file *file)
{
	size_t length = strlen(file->path) + 1;
	struct number_look *look;

	file->again = disk_job_busy(&file->job);
	if (file->again)
		return;
	look = xcalloc(1, sizeof(*look) + length);
	memcpy(look->path, file->path, length);
	/* A look that could not begin is followed by the next. */
	(void)disk_job_start(&file->job, number_file_work, look);
}

static void number_file_watch_folder(struct number_file *file)
{
	if (file->watch >= 0 || file->io.fd < 0)
		return;
	file->watch = inotify_add_watch(file->io.fd, file->folder,
					IN_CLOSE_WRITE | IN_MOVE | IN_CREATE |
						IN_DELETE | IN_DELETE_SELF |
						IN_MOVE_SELF | IN_ONLYDIR);
}

/* The disk has just answered, so that the folder is at hand. */
static void number_file_looked(struct disk_job *job, int result,
			       const void *bag)
{
	struct number_file *file = container_of(job, struct number_file, job);
	const struct number_look *look = bag;

	(void)result;
	number_file_watch_folder(file);
	if (file->again)
		number_file_look(file);
	number_file_tell(file, look->got, look->text);
}

static void number_file_timer(struct loop_timer *timer)
{
	struct number_file *file =
		container_of(timer, struct number_file, timer);

	number_file_look(file);
	loop_timer_set(timer, loop_now(file->loop) + NUMBER_LOOK);
}

/* A folder that was moved is another one; its watch would stay for ever. */
static bool number_file_matters(struct number_file *file,
				const struct inotify_event *event)
{
	const char *slash = strrchr(file->path, '/');

	if (event->mask & IN_Q_OVERFLOW)
		return true;
	if (event->wd != file->watch)
		return false;
	if (event->mask & IN_MOVE_SELF)
		(void)inotify_rm_watch(file->io.fd, file->watch);
	if (event->mask & (IN_IGNORED | IN_MOVE_SELF)) {
		file->watch = -1;
		return true;
	}
	return event->len > 0 &&
	       strcmp(event->name, slash ? slash + 1 : file->path) == 0;
}

static void number_file_news(struct loop_io *io, unsigned what)
{
	struct number_file *file = container_of(io, struct number_file, io);
	_Alignas(struct inotify_event) char buffer[4096];
	ssize_t got = read(io->fd, buffer, sizeof(buffer)), at = 0;
	bool matters = false;

	while (got > 0 && at < got) {
		const struct inotify_event *event = (const void *)(buffer + at);

		matters = number_file_matters(file, event) || matters;
		at += (ssize_t)(sizeof(*event) + event->len);
	}
	if (matters)
		number_file_look(file);
}

void number_file_make(const struct pair_file *conf)
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

static void number_file_open_inotify(struct number_file *file)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	int error = fd < 0 ? -errno : 0;

	if (fd >= 0)
		error = loop_io_start(file->loop, &file->io, fd, LOOP_READ,
				      number_file_news);
	if (error < 0) {
		log_warning("track", "file %s: no inotify: %s", file->path,
			    strerror(-error));
		if (fd >= 0)
			close(fd);
		file->io.fd = -1;
	}
}

static char *number_file_folder(const char *path)
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

struct number_file *number_file_watch(struct loop *loop, const char *path,
				      number_file_seen *seen, void *arg)
{
	struct number_file *file = xcalloc(1, sizeof(*file));
	char text[NUMBER_TEXT_MAX] = "";

	file->loop = loop;
	file->path = xstrdup(path);
	file->folder = number_file_folder(path);
	file->watch = -1;
	file->io.fd = -1;
	file->seen = seen;
	file->arg = arg;
	loop_timer_init(loop, &file->timer, number_file_timer);
	disk_job_init(&file->job, loop, number_file_looked);
	number_file_open_inotify(file);
	number_file_watch_folder(file);
	number_file_tell(file, number_file_read(path, text, sizeof(text)),
			 text);
	loop_timer_set(&file->timer, loop_now(loop) + NUMBER_LOOK);
	return file;
}

void number_file_leave(struct number_file *file)
{
	int fd;

	if (!file)
		return;
	fd = file->io.fd;
	loop_timer_clear(&file->timer);
	disk_job_stop(&file->job);
	if (fd >= 0) {
		loop_io_stop(&file->io);
		close(fd);
	}
	free(file->folder);
	free(file->path);
	free(file);
}
