/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts that tell the world of a change (quorum_up, notify_down, ...): run in
 * the order of the changes, one at a time, as their user, never waited for by
 * anything else. One that takes longer than 30 s is ended with its whole
 * process group.
 */
#ifndef EVENKEEL_DAEMON_PAIR_NOTIFY_H
#define EVENKEEL_DAEMON_PAIR_NOTIFY_H

#include "conf/conf.h"

struct notify;
struct scripts;

/* SCRIPTS must outlive it. */
struct notify *notify_new(struct scripts *scripts);
/*
 * What waits is not run any more; what runs must not end before the end of
 * SCRIPTS, which is to follow at once.
 */
void notify_free(struct notify *notify);

/*
 * Queue SCRIPT (copied; NULL is allowed and does nothing). GLOBAL gives the
 * default user and says whether scripts must be safe to run.
 */
void notify_run(struct notify *notify, const struct conf_script *script,
		const struct conf_global *global);
/* The same with arguments behind the file's: EXTRA is ended by NULL, copied. */
void notify_run_with(struct notify *notify, const struct conf_script *script,
		     const char *const *extra,
		     const struct conf_global *global);

/* Nothing runs and nothing waits. */
bool notify_idle(const struct notify *notify);

#endif
