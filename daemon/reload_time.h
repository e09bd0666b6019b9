/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reload_time_file: a file whose first line is the time of the next reload. The
 * file is read once a second, so that a new, changed or removed one counts, and a
 * clock that is set counts too.
 */
#ifndef EVENKEEL_DAEMON_RELOAD_TIME_H
#define EVENKEEL_DAEMON_RELOAD_TIME_H

#include <stdbool.h>
#include <time.h>

struct conf_global;
struct loop;
struct reload_time;

/*
 * LINE, "HH:MM:SS", "YY-MM-DD HH:MM:SS" or "YYYY-MM-DD HH:MM:SS", each as local
 * time or with a Z behind it as UTC, as a time from NOW on into *WHEN: without a
 * date that of the day that comes first. Returns false if the line is none of
 * these; *WHEN is 0 for a date that is over.
 */
bool reload_time_parse(const char *line, time_t now, time_t *when);

/* FIRE(ARG) is called at the time. Never NULL. */
struct reload_time *reload_time_new(struct loop *loop, void (*fire)(void *arg),
				    void *arg);
/* NULL is allowed; a file that is being read is forgotten. */
void reload_time_free(struct reload_time *reload);
/* The file of GLOBAL, if any, counts from now on. */
void reload_time_configure(struct reload_time *reload,
			   const struct conf_global *global);

#endif
