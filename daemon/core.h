/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core owns the parts of main and is the glue between them; it decides
 * nothing itself.
 *
 *	a verdict, a reload, the start	-> "decide" is wanted
 *	at the end of the loop's turn	-> balance_decide(), events logged,
 *					   kernel_apply()
 *	every few seconds		-> kernel_audit()
 *	something failed		-> the same again after a back-off
 */
#ifndef EVENKEEL_DAEMON_CORE_H
#define EVENKEEL_DAEMON_CORE_H

#include "lib/loop.h"

struct config;
struct core;
struct options;

/*
 * Takes CONFIG over (frees it at the end). The kernel's table is adopted before
 * the first change. Does not fail: a kernel that cannot be reached is tried
 * again.
 */
struct core *core_new(struct loop *loop, const struct options *options,
		      struct config *config);
/*
 * The configuration in force becomes the caller's, for config_free() after
 * core_free(), which leaves it alone then.
 */
struct config *core_leave_config(struct core *core);
/* Leaves the kernel's table as it is; ends the children. NULL is allowed. */
void core_free(struct core *core);

/*
 * Read the file again, as soon as its disk answers; if it is refused, the old
 * configuration stays.
 */
void core_reload(struct core *core);

/*
 * Begin to stop: the vrrp process gives its addresses up, the notifications of
 * its end run, then the loop stops.
 */
void core_end(struct core *core);

/*
 * Finish: with lvs_flush_on_stop (or keepalived_compat), unless -I was given,
 * remove our services from the kernel.
 */
void core_release(struct core *core);

/* SIGUSR1: log the state. */
void core_log_state(struct core *core);

#endif
