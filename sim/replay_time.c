/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/replay_main.h"

#define REPLAY_DAY (24 * 3600 * USEC_PER_SEC)

/* TEXT by one of FORMATS, over the members of TM. */
static bool replay_time_read(const char *text, const char *const *formats,
			     struct tm *tm)
{
	struct tm read;
	const char *end;

	for (; *formats; formats++) {
		read = *tm;
		end = strptime(text, *formats, &read);
		if (end && *end == '\0') {
			*tm = read;
			return true;
		}
	}
	return false;
}

static bool replay_time_make(struct tm *tm, usec_t *time)
{
	time_t seconds;

	tm->tm_isdst = -1;
	seconds = mktime(tm);
	*time = (usec_t)seconds * USEC_PER_SEC;
	return seconds != (time_t)-1;
}

static bool replay_time_epoch(const char *text, usec_t *time)
{
	char *end;
	long long seconds = strtoll(text, &end, 10);

	*time = seconds * USEC_PER_SEC;
	return end > text && *end == '\0' && seconds >= 0 &&
	       seconds < 1LL << 40;
}

bool replay_time(const char *text, usec_t last, usec_t *time)
{
	static const char *const dates[] = { "%Y-%m-%d %H:%M:%S",
					     "%Y-%m-%d %H:%M",
					     "%Y-%m-%dT%H:%M:%S",
					     "%Y-%m-%dT%H:%M", NULL };
	static const char *const clocks[] = { "%H:%M:%S", "%H:%M", NULL };
	time_t seconds = (time_t)(last / USEC_PER_SEC);
	struct tm tm = { 0 };

	if (text[0] == '@')
		return replay_time_epoch(text + 1, time);
	if (replay_time_read(text, dates, &tm))
		return replay_time_make(&tm, time);
	localtime_r(&seconds, &tm);
	tm.tm_sec = 0;
	if (!replay_time_read(text, clocks, &tm) ||
	    !replay_time_make(&tm, time))
		return false;
	if (*time > last)
		*time -= REPLAY_DAY;
	return true;
}
