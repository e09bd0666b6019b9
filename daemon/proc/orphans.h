/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processes that scripts leave running. A process that has left the group of
 * its script (setsid) cannot be found by that group. So orphaned processes of a
 * script become children of the script as long as it runs, and of main when it
 * has ended: a child in another process group that main did not start has come
 * from a script that is over.
 */
#ifndef EVENKEEL_DAEMON_PROC_ORPHANS_H
#define EVENKEEL_DAEMON_PROC_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

struct loop;
struct orphans;

/* A child of the caller's own. */
typedef bool orphans_ours(void *arg, pid_t pid);

/*
 * Make this process the parent of its children's orphans, and collect them when
 * they end. OURS is asked for the children that loop_has_child() does not know.
 */
struct orphans *orphans_new(struct loop *loop, orphans_ours *ours, void *arg);
void orphans_free(struct orphans *orphans);

/* Kill the orphans, and their orphans, until there are no more. */
void orphans_kill(struct orphans *orphans);
/* Orphans that exist now may stay. */
void orphans_spare(struct orphans *orphans);

#endif
