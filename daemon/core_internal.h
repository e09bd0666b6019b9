/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core's inside:
 *
 *	core.c		its parts, their start and reload, and the decision
 *	core_reload.c	how the file is read again
 *	core_control.c	what control asks of it (control/view.h)
 */
#ifndef EVENKEEL_DAEMON_CORE_INTERNAL_H
#define EVENKEEL_DAEMON_CORE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/control/view.h"
#include "daemon/life.h"
#include "daemon/proc/nodest.h"
#include "daemon/proc/sloppy.h"
#include "lib/disk_job.h"
#include "lib/log_limit.h"
#include "lib/loop.h"
#include "lib/table.h"

struct ipvs_change;

struct core_reload {
	struct loop_child rehearsal; /* with the files, before main reads them */
	bool rehearses;
	struct disk_job unmark; /* removes the mark */
	char mark[512]; /* of the rehearsal */
	bool marked;
	struct loop_timer patience;
	bool again; /* asked for once more, while it looks */
	unsigned tries; /* rehearsals begun since the last that came to its end */
	int result; /* core_reloaded() */
};

struct core {
	struct loop *loop;
	const struct options *options;
	struct config *config;
	struct balance *balance;
	struct kernel *kernel;
	struct checker_proc *checker;
	struct scripts *scripts;
	struct notify *notify;
	struct control *control;
	struct web_proc *web;
	struct bfd_proc *bfd;
	struct history *history;
	struct pair *pair;
	struct sync *sync;
	struct sets *sets;
	struct overrides *overrides;
	struct switchover *switchover;
	struct advice *advice;
	struct announcer *announcer;
	struct nodest nodest;
	struct sloppy sloppy;
	struct recorder *recorder;
	struct probe_paths *paths;
	struct integrity *integrity;
	struct table wanted;
	struct loop_task decide;
	struct loop_timer wake; /* the decision changes by time alone */
	struct loop_timer audit;
	struct loop_timer retry;
	struct loop_timer watchdog;
	struct log_limit verdict_lines; /* caused by the checker */
	struct log_limit event_lines;
	usec_t backoff;
	usec_t started;
	struct view_file file;
	struct probe_times *probe_times;
	struct tallies *tallies;
	usec_t moved; /* the last change of an address between balancers */
	uint32_t stale; /* number of late checks, as last logged */
	bool adopted;
	bool config_left; /* core_leave_config() */
	struct life_self self;
	struct reload_time *reload_time;
	struct core_reload reload;
};

/* Have CONFIG, which is taken over, in force instead of the one of before. */
void core_use_config(struct core *core, struct config *config);
/* Before the first core_reload(). */
void core_reload_init(struct core *core);
/* A reload under way is forgotten. */
void core_reload_end(struct core *core);
/*
 * The last reload: 0; -EINPROGRESS; -ETIMEDOUT if the file's disk does not answer,
 * and the file will be read when it does; or another -errno: it was refused.
 */
int core_reloaded(const struct core *core);

/* Decide as of now; the result is the core's. */
struct table *core_wanted(struct core *core);

/* Why CHANGE of the kernel's table is made, into OUT; ARG is the core. */
bool core_reason(void *arg, const struct ipvs_change *change, char *out,
		 size_t size);

extern const struct control_ops core_control_ops;

#endif
