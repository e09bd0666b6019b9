/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of the mail process: it owns the letters that wait (mail_queue), and
 * gives them to the process one by one. There is a process if the file says to whom
 * and to which host mail goes; without, nothing is written.
 */
#ifndef EVENKEEL_DAEMON_PAIR_MAIL_PROC_H
#define EVENKEEL_DAEMON_PAIR_MAIL_PROC_H

#include <stdbool.h>

#include "balance/balance.h"
#include "daemon/proc/process.h"
#include "lib/loop.h"

struct config;
struct history;
struct mail_proc;
struct vrrp_notification;

/* For `evenkeel status`; the texts are good until the next turn of the loop. */
struct mail_proc_view {
	struct process_view process;
	const char *server;
	uint32_t port;
	unsigned waiting; /* mails, the one on its way included */
	bool failing; /* the last attempt failed */
};

/* LOOP and HISTORY must outlive the result. */
struct mail_proc *mail_proc_new(struct loop *loop, struct history *history);
/* Letters that wait are lost, and counted in the log. NULL is allowed. */
void mail_proc_free(struct mail_proc *mail);

/*
 * Start, change or end the process, as CONFIG has it; CONFIG must live until the
 * next call. Letters that wait go to whom CONFIG says.
 */
void mail_proc_configure(struct mail_proc *mail, const struct config *config);

/* Write the letters that are wanted about a change; see mail_text.h. */
void mail_proc_vrrp(struct mail_proc *mail,
		    const struct vrrp_notification *notification,
		    const char *why);
void mail_proc_lvs(struct mail_proc *mail, const struct balance *balance,
		   const struct balance_event *event);

/* No letter waits, or there is no point in waiting: the last attempt failed. */
bool mail_proc_idle(const struct mail_proc *mail);

/* False: no mail is sent, so that there is nothing to see. */
bool mail_proc_get(const struct mail_proc *mail, struct mail_proc_view *view);

#endif
