/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Main's name and umask by the file, and the scripts of its start and its end. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "daemon/life.h"
#include "lib/loop.h"

static mode_t umask_now(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return mask;
}

Test(daemon_life, umask_is_the_files_and_then_that_of_before)
{
	struct life_self self = { 0 };
	struct conf_global left = { .file_mask = CONF_UMASK_LEFT },
			   one = { .file_mask = 027 }, other = { 0 };

	umask(031);
	life_become(&self, &left);
	cr_expect_eq(umask_now(), 031);
	life_become(&self, &one);
	cr_expect_eq(umask_now(), 027);
	life_become(&self, &other);
	cr_expect_eq(umask_now(), 0);
	life_become(&self, &left);
	cr_expect_eq(umask_now(), 031,
		     "that of the start, not of the file before");
	/* Somebody else's umask is left alone from now on. */
	umask(033);
	life_become(&self, &left);
	cr_expect_eq(umask_now(), 033);
	life_become(&self, &one);
	life_become(&self, &left);
	cr_expect_eq(umask_now(), 033);
}

Test(daemon_life, name_is_the_files_or_its_own)
{
	struct life_self self = { 0 };
	struct conf_global named = { .file_mask = CONF_UMASK_LEFT,
				     .process_name = "director" },
			   usual = { .file_mask = CONF_UMASK_LEFT };
	char name[16];

	life_become(&self, &named);
	prctl(PR_GET_NAME, name);
	cr_expect_str_eq(name, "director");
	life_become(&self, &usual);
	prctl(PR_GET_NAME, name);
	cr_expect_str_eq(name, "evenkeeld");
}

static void stop_loop(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

/* Does life go on after COMMAND? STOPPED: somebody else stops the loop at once. */
static bool run_script(const char *command, uint32_t seconds, bool stopped)
{
	char shell[] = "/bin/sh", option[] = "-c";
	char *argv[] = { shell, option, (char *)(uintptr_t)command, NULL };
	struct conf_script script = { .argv = argv, .command = command };
	struct conf_life_script life = { .script = &script,
					 .seconds = seconds };
	struct conf_global global = { 0 };
	struct loop *loop = loop_new();
	struct loop_timer timer;
	bool goes_on;

	loop_timer_init(loop, &timer, stop_loop);
	if (stopped)
		loop_timer_set(&timer, loop_now(loop));
	goes_on = life_run(loop, "startup_script", &life, &global);
	loop_timer_clear(&timer);
	loop_free(loop);
	return goes_on;
}

Test(daemon_life, goes_on_when_the_script_has_ended_however, .timeout = 60)
{
	struct conf_life_script none = { 0 };
	struct conf_global global = { 0 };

	cr_expect(life_run(NULL, "startup_script", &none, &global));
	cr_expect(run_script("exit 0", 60, false));
	cr_expect(run_script("exit 3", 60, false));
	cr_expect(run_script("kill -9 $$", 60, false));
	cr_expect(run_script("sleep 1000", 1, false),
		  "killed when its time is over");
	cr_expect(!run_script("sleep 1000", 1000, true),
		  "the daemon is to end: so does the script");
}
