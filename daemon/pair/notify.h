/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts that tell the world of a change (quorum_up, notify_down, ...): run in
 * the order of the changes, one at a time, as their user, and the daemon never
 * waits for one. A script that takes longer than 30 s is ended with its whole
 * process group.
 */
#ifndef EVENKEEL_DAEMON_PAIR_NOTIFY_H
#define EVENKEEL_DAEMON_PAIR_NOTIFY_H

#include "conf/conf.h"

struct notify;
struct scripts;

/* SCRIPTS must outlive the result. */
struct notify *notify_new(struct scripts *scripts);
/*
 * Waiting scripts are not run any more. A running one must not end before
 * scripts_free(SCRIPTS), which is to follow at once.
 */
void notify_free(struct notify *notify);

/*
 * Queue SCRIPT (copied; NULL is allowed and does nothing). GLOBAL gives the
 * default user and says whether scripts must be safe to run.
 */
void notify_run(struct notify *notify, const struct conf_script *script,
		const struct conf_global *global);
/*
 * Like notify_run(), with arguments behind the file's: EXTRA is ended by NULL,
 * copied.
 */
void notify_run_with(struct notify *notify, const struct conf_script *script,
		     const char *const *extra,
		     const struct conf_global *global);

/* Whether no script runs or waits. */
bool notify_idle(const struct notify *notify);

#endif
