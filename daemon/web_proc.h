/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of the web process, which serves metrics and the status page.
 *
 * The web process asks for one of the kinds of answers of lib/web_ipc.h, which
 * are those of the control socket that change nothing; main makes the text and
 * hands it over in a memfd. Most questions cost main as much as `evenkeel
 * status` does, and those for figures come in slices, so questions are paced: after an answer that took a while,
 * the next one waits for several times that long. The web process gets a fixed
 * share of main's time, however many clients it has.
 */
#ifndef EVENKEEL_DAEMON_WEB_PROC_H
#define EVENKEEL_DAEMON_WEB_PROC_H

#include "lib/loop.h"

struct config;
struct control_ops;
struct history;
struct web_proc;

/* LOOP, HISTORY and OPS must outlive the result; ARG is that of OPS. */
struct web_proc *web_proc_new(struct loop *loop, struct history *history,
			      const struct control_ops *ops, void *arg);
void web_proc_free(struct web_proc *web); /* NULL is allowed; ends the process */

/*
 * Start, change or end the process, as CONFIG has it; CONFIG must live until the
 * next call.
 */
void web_proc_configure(struct web_proc *web, const struct config *config);

/* The question of control_ops.ask is over, and an answer may be waiting for it. */
void web_proc_told(struct web_proc *web);

#endif
