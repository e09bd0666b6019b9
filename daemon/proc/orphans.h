/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What scripts leave running. A process that has left the group of its script
 * (setsid) cannot be found by that group. So a script is the new parent of all
 * that its processes leave behind, as long as it runs, and main is when it has
 * ended: a child in another process group that main did not start has come from
 * a script that is over.
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
 * This process becomes the parent of what its children leave behind, and
 * collects it when it ends. OURS is asked for the children that loop_has_child()
 * does not know.
 */
struct orphans *orphans_new(struct loop *loop, orphans_ours *ours, void *arg);
void orphans_free(struct orphans *orphans);

/* Kill what has been left, and what that leaves, until there is no more. */
void orphans_kill(struct orphans *orphans);
/* What has been left so far may stay. */
void orphans_spare(struct orphans *orphans);

#endif
