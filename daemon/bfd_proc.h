/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of the bfd process (bfd/bfd.h): main names the bfd_instances of the
 * file to it as sessions, and keeps the last word on each. A process that ends is
 * started anew (see process.h); meanwhile, and until the new one knows something of a
 * neighbour, the last word on the neighbour holds.
 */
#ifndef EVENKEEL_DAEMON_BFD_PROC_H
#define EVENKEEL_DAEMON_BFD_PROC_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/proc/process.h"
#include "lib/bfd_ipc.h"

struct config;
struct history;
struct loop;
struct view;
struct bfd_proc;

/* The state of the neighbour of an instance. */
struct bfd_proc_view {
	const char *name; /* of the bfd_instance */
	bool up;
	char why[96]; /* for people */
};

/* Something new is known of the neighbour of an instance. */
typedef void bfd_proc_said(void *arg, const struct bfd_proc_view *view);

struct bfd_proc *bfd_proc_new(struct loop *loop, struct history *history,
			      bfd_proc_said *said, void *arg);
void bfd_proc_free(
	struct bfd_proc *proc); /* NULL is allowed; ends the process */

/*
 * Watch the bfd_instances of CONFIG, which must live until the next call has
 * returned; without one, end the process. The state of an instance of the same
 * name is kept.
 */
void bfd_proc_configure(struct bfd_proc *proc, const struct config *config);

/* False: nothing is known of the neighbour of NAME. */
bool bfd_proc_get(const struct bfd_proc *proc, const char *name,
		  struct bfd_proc_view *view);
/* Fill the parts of VIEW that are about BFD; good until the next call. */
void bfd_proc_show(const struct bfd_proc *proc, struct view *view);
/* Say the state of each known instance once more. */
void bfd_proc_repeat(const struct bfd_proc *proc);

#endif
