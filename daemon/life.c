/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/life.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "conf/conf.h"
#include "daemon/proc/namespace.h"
#include "daemon/proc/script.h"
#include "daemon/proc/systemd.h"
#include "lib/log.h"
#include "lib/loop.h"

#define LIFE_PROCESS_NAME "evenkeeld"

struct life_run {
	struct loop *loop;
	const char *what;
	const char *command;
	struct loop_timer watchdog;
	bool ended;
};

static void life_watchdog(struct loop_timer *timer)
{
	struct life_run *run = container_of(timer, struct life_run, watchdog);

	systemd_watchdog();
	loop_timer_set(timer,
		       loop_now(run->loop) + systemd_watchdog_interval());
}

static void life_finish(struct life_run *run)
{
	run->ended = true;
	loop_stop(run->loop);
}

static void life_late(void *arg)
{
	struct life_run *run = arg;

	log_warning("main", "%s: %s takes too long, and is killed", run->what,
		    run->command);
	life_finish(run);
}

static void life_ended(void *arg, const struct script_result *result)
{
	struct life_run *run = arg;
	char text[192];

	script_describe(result, text, sizeof(text));
	if (result->end == SCRIPT_EXITED && result->status == 0)
		log_info("main", "%s: %s has ended", run->what, run->command);
	else
		log_warning("main", "%s: %s %s", run->what, run->command, text);
	life_finish(run);
}

bool life_run(struct loop *loop, const char *what,
	      const struct conf_life_script *life,
	      const struct conf_global *global)
{
	struct life_run run = { .loop = loop, .what = what };
	struct script_order order = {
		.script = life->script,
		.global = global,
		.timeout = life->seconds * USEC_PER_SEC,
		.late = life_late,
	};
	struct script_run *started = NULL;
	struct scripts *scripts;
	int error;

	if (!life->script)
		return true;
	run.command = life->script->argv[0];
	log_notice("main", "%s: %s is run", what, run.command);
	scripts = scripts_new(loop);
	error = script_start(scripts, &order, life_ended, &run, &started);
	if (error < 0) {
		log_error("main", "%s: %s cannot be run: %s", what, run.command,
			  strerror(-error));
		scripts_free(scripts);
		return true;
	}
	loop_timer_init(loop, &run.watchdog, life_watchdog);
	if (systemd_watchdog_interval() > 0)
		loop_timer_set(&run.watchdog, loop_now(loop));
	(void)loop_run(loop);
	loop_timer_clear(&run.watchdog);
	if (!run.ended)
		script_stop(started);
	scripts_free(scripts);
	return run.ended;
}

int life_enter_namespace(const struct conf_global *global)
{
	int error = 0;

	if (global->net_namespace)
		error = namespace_enter("net_namespace", global->net_namespace);
	return error < 0 ? error :
			   namespace_use_for_ipvs(global->net_namespace_ipvs);
}

static void life_set_umask(struct life_self *self, uint32_t mask)
{
	mode_t before;

	if (mask == CONF_UMASK_LEFT && !self->changed)
		return;
	before = umask(mask == CONF_UMASK_LEFT ? self->usual : (mode_t)mask);
	if (!self->changed)
		self->usual = before;
	self->changed = mask != CONF_UMASK_LEFT;
}

void life_become(struct life_self *self, const struct conf_global *global)
{
	prctl(PR_SET_NAME,
	      global->process_name ? global->process_name : LIFE_PROCESS_NAME);
	life_set_umask(self, global->file_mask);
}
