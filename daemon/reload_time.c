/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/reload_time.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/conf.h"
#include "lib/disk_job.h"
#include "lib/log.h"
#include "lib/loop.h"

#define RELOAD_LOOK USEC_PER_SEC
#define RELOAD_LINE_MAX 64
/* Seconds that the file's disk may stand at the time of the reload. */
#define RELOAD_PATIENCE 3

struct reload_time {
	struct loop *loop;
	struct loop_timer timer;
	struct disk_job job;
	char *path; /* NULL: none */
	bool repeat;
	char line[RELOAD_LINE_MAX]; /* as it was read last */
	time_t when; /* 0: no reload is planned */
	void (*fire)(void *arg);
	void *arg;
};

/* FORMAT has '9' for a digit; any other byte stands for itself. */
static bool reload_time_looks(const char *line, const char *format)
{
	for (; *format; line++, format++)
		if (*format == '9' ? *line < '0' || *line > '9' :
				     *line != *format)
			return false;
	return *line == '\0';
}

static int reload_time_two(const char *digits)
{
	return (digits[0] - '0') * 10 + digits[1] - '0';
}

/* The date of DATE, which has YEAR digits of the year, into TM. */
static void reload_time_date(const char *date, int year, struct tm *tm)
{
	tm->tm_year = year == 4 ? reload_time_two(date) * 100 +
					  reload_time_two(date + 2) - 1900 :
				  reload_time_two(date) + 100;
	tm->tm_mon = reload_time_two(date + year + 1) - 1;
	tm->tm_mday = reload_time_two(date + year + 4);
}

static time_t reload_time_make(const struct tm *wanted, bool utc)
{
	struct tm tm = *wanted;
	time_t when;

	tm.tm_isdst = -1;
	when = utc ? timegm(&tm) : mktime(&tm);
	/* 25:00:00 and 31 June would become another time. */
	if (tm.tm_hour != wanted->tm_hour || tm.tm_min != wanted->tm_min ||
	    tm.tm_sec != wanted->tm_sec || tm.tm_mday != wanted->tm_mday ||
	    tm.tm_mon != wanted->tm_mon)
		return -1;
	return when;
}

/* The same time of the day after TM's; a day may have 23 or 25 hours. */
static time_t reload_time_tomorrow(const struct tm *today, bool utc)
{
	struct tm tm = *today;

	tm.tm_mday++;
	tm.tm_isdst = -1;
	return utc ? timegm(&tm) : mktime(&tm);
}

bool reload_time_parse(const char *line, time_t now, time_t *when)
{
	char text[RELOAD_LINE_MAX];
	size_t length = strlen(line);
	bool utc = length > 0 && line[length - 1] == 'Z';
	const char *clock = text;
	struct tm tm = { 0 };
	int year = 0;

	if (length >= sizeof(text))
		return false;
	memcpy(text, line, length + 1);
	if (utc)
		text[length - 1] = '\0';
	if (reload_time_looks(text, "9999-99-99 99:99:99"))
		year = 4;
	else if (reload_time_looks(text, "99-99-99 99:99:99"))
		year = 2;
	else if (!reload_time_looks(text, "99:99:99"))
		return false;
	if (utc)
		gmtime_r(&now, &tm);
	else
		localtime_r(&now, &tm);
	if (year) {
		reload_time_date(text, year, &tm);
		clock += year + 7;
	}
	tm.tm_hour = reload_time_two(clock);
	tm.tm_min = reload_time_two(clock + 3);
	tm.tm_sec = reload_time_two(clock + 6);
	*when = reload_time_make(&tm, utc);
	if (*when == -1)
		return false;
	if (*when < now)
		*when = year ? 0 : reload_time_tomorrow(&tm, utc);
	return true;
}

/* The bag of a look at the file. */
struct reload_time_look {
	char line[RELOAD_LINE_MAX]; /* the first of the file; empty: no file */
	bool remove;
	char path[];
};

static int reload_time_work(void *arg)
{
	struct reload_time_look *look = arg;
	ssize_t got;
	int fd;

	if (look->remove)
		return unlink(look->path) < 0 ? -errno : 0;
	fd = open(look->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	got = fd < 0 ? 0 : read(fd, look->line, RELOAD_LINE_MAX - 1);
	look->line[got > 0 ? got : 0] = '\0';
	look->line[strcspn(look->line, "\n")] = '\0';
	if (fd >= 0)
		close(fd);
	return 0;
}

static void reload_time_fire(struct reload_time *reload)
{
	reload->when = 0;
	reload->fire(reload->arg);
}

static void reload_time_removed(struct reload_time *reload, int error)
{
	if (error < 0)
		log_warning("conf", "reload_time_file %s stays: %s",
			    reload->path, strerror(-error));
	if (reload->when > 0)
		reload_time_fire(reload);
}

static void reload_time_begin(struct reload_time *reload, bool remove)
{
	size_t length = strlen(reload->path) + 1;
	struct reload_time_look *look = xcalloc(1, sizeof(*look) + length);
	int error;

	memcpy(look->path, reload->path, length);
	look->remove = remove;
	error = disk_job_start(&reload->job, reload_time_work, look);
	/* A look that could not begin is followed by the next. */
	if (error < 0 && remove)
		reload_time_removed(reload, error);
}

static void reload_time_plan(struct reload_time *reload, time_t now)
{
	char text[32];
	struct tm tm;

	reload->when = 0;
	if (reload->line[0] &&
	    !reload_time_parse(reload->line, now, &reload->when))
		log_warning(
			"conf",
			"reload_time_file %s: '%s' is none of HH:MM:SS, YY-MM-DD HH:MM:SS and YYYY-MM-DD HH:MM:SS",
			reload->path, reload->line);
	if (reload->when == 0)
		return;
	localtime_r(&reload->when, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	log_notice("conf", "reload_time_file: the next reload is at %s", text);
}

static void reload_time_over(struct reload_time *reload)
{
	if (!reload->repeat) {
		reload_time_begin(reload, true);
		return;
	}
	reload->line[0] = '\0'; /* read as if it were new */
	reload_time_fire(reload);
}

static void reload_time_seen(struct reload_time *reload, const char *line)
{
	time_t now = time(NULL);

	if (strcmp(line, reload->line) != 0) {
		snprintf(reload->line, sizeof(reload->line), "%s", line);
		reload_time_plan(reload, now);
	}
	if (reload->when > 0 && now >= reload->when)
		reload_time_over(reload);
}

static void reload_time_done(struct disk_job *job, int result, const void *bag)
{
	struct reload_time *reload = container_of(job, struct reload_time, job);
	const struct reload_time_look *look = bag;

	if (look->remove)
		reload_time_removed(reload, result);
	else
		reload_time_seen(reload, look->line);
}

/* The disk stands, and the plan of before counts. */
static void reload_time_late(struct reload_time *reload)
{
	if (reload->when == 0 || time(NULL) < reload->when + RELOAD_PATIENCE)
		return;
	log_warning("conf",
		    "reload_time_file %s: its disk does not answer; the reload "
		    "is done at its time all the same",
		    reload->path);
	reload_time_fire(reload);
}

static void reload_time_look(struct loop_timer *timer)
{
	struct reload_time *reload =
		container_of(timer, struct reload_time, timer);

	loop_timer_set(timer, loop_now(reload->loop) + RELOAD_LOOK);
	if (disk_job_busy(&reload->job))
		reload_time_late(reload);
	else
		reload_time_begin(reload, false);
}

struct reload_time *reload_time_new(struct loop *loop, void (*fire)(void *arg),
				    void *arg)
{
	struct reload_time *reload = xcalloc(1, sizeof(*reload));

	reload->loop = loop;
	reload->fire = fire;
	reload->arg = arg;
	loop_timer_init(loop, &reload->timer, reload_time_look);
	disk_job_init(&reload->job, loop, reload_time_done);
	return reload;
}

void reload_time_free(struct reload_time *reload)
{
	if (!reload)
		return;
	loop_timer_clear(&reload->timer);
	disk_job_stop(&reload->job);
	free(reload->path);
	free(reload);
}

void reload_time_configure(struct reload_time *reload,
			   const struct conf_global *global)
{
	reload->repeat = global->reload_repeat;
	if (str_equal(reload->path, global->reload_time_file))
		return;
	disk_job_stop(&reload->job);
	free(reload->path);
	reload->path = global->reload_time_file ?
			       xstrdup(global->reload_time_file) :
			       NULL;
	reload->line[0] = '\0';
	reload->when = 0;
	if (reload->path)
		loop_timer_set(&reload->timer, loop_now(reload->loop));
	else
		loop_timer_clear(&reload->timer);
}
