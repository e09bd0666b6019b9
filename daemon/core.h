/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The director owns the parts of main and is the glue between them; it decides
 * nothing itself.
 *
 *	a verdict, a reload, the start	-> "decide" is wanted
 *	at the end of the loop's turn	-> balance_decide(), events told,
 *					   kernel_apply()
 *	every few seconds		-> kernel_audit()
 *	something failed		-> the same again after a back-off
 */
#ifndef EVENKEEL_DAEMON_DIRECTOR_H
#define EVENKEEL_DAEMON_DIRECTOR_H

#include "lib/loop.h"

struct config;
struct director;
struct options;

/*
 * Takes CONFIG over (frees it at the end). The kernel's table is adopted before
 * the first change. Does not fail: a kernel that cannot be reached is tried
 * again.
 */
struct director *director_new(struct loop *loop, const struct options *options,
			      struct config *config);
/* Leaves the kernel's table as it is; ends the children. NULL is allowed. */
void director_free(struct director *director);

/*
 * Read the file again; if it is refused, the old configuration stays. Returns 0
 * or -errno.
 */
int director_reload(struct director *director);

/*
 * Begin to stop: the vrrp process gives its addresses up, the notifications of
 * its end run, then the loop stops.
 */
void director_end(struct director *director);

/*
 * Finish: with lvs_flush_on_stop (or keepalived_compat), unless -I was given,
 * remove our services from the kernel.
 */
void director_release(struct director *director);

/* SIGUSR1: log the state. */
void director_log_state(struct director *director);

#endif
