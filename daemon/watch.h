/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker as main sees it: started, given its configuration and secrets,
 * listened to, and watched. With every message the checker promises when it
 * will speak again; one that does not keep its word (stopped, stuck) is killed
 * and started anew. Meanwhile the last verdicts hold.
 */
#ifndef EVENKEEL_DAEMON_WATCH_H
#define EVENKEEL_DAEMON_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/loop.h"
#include "lib/verdict.h"

struct config;
struct options;
struct scripts;
struct watch;

struct watch_view {
	bool running;
	bool ready; /* it uses the present configuration */
	pid_t pid;
	unsigned restarts;
	usec_t spoke; /* when it last said something; 0: never */
	uint64_t verdicts;
	uint64_t dropped; /* verdicts on a configuration that is not the present one */
};

/* VERDICT is sanitized and speaks of the present configuration. */
typedef void watch_verdict(void *arg, const struct verdict *verdict);

/* SCRIPTS run what MISC_CHECK names; they must outlive the watch. */
struct watch *watch_new(struct loop *loop, const struct options *options,
			struct scripts *scripts, watch_verdict *verdict,
			void *arg);
void watch_free(struct watch *watch); /* NULL is allowed; ends the checker */

/*
 * Use CONFIG, which must live until the next call: the checker is started if
 * there is something to check, told the new configuration, or ended.
 */
void watch_configure(struct watch *watch, const struct config *config);

/* Take in what the checker has said already, without a turn of the loop. */
void watch_hear(struct watch *watch);
void watch_get(const struct watch *watch, struct watch_view *view);

#endif
