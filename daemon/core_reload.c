/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reload. Main reads the files itself, all at once, since a configuration is
 * taken whole; but a disk may stand still, or be on a server that is gone. So a
 * rehearsal comes first, in a process of its own: it handles the files just as
 * main is about to, those that are included for the first time and those that are
 * only looked at with them, which brings all of them into memory and shows that
 * their disks answer. While it does not come to its end, the configuration of
 * before stays in force and main goes on. A rehearsal that a signal ended has shown
 * nothing, and another one is begun; one that is late, since its disk or the
 * process itself stands still, makes way for the next reload.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"
#include "daemon/configuration.h"
#include "daemon/control/control.h"
#include "daemon/core.h"
#include "daemon/core_internal.h"
#include "daemon/options.h"
#include "daemon/proc/secret_file.h"
#include "daemon/proc/systemd.h"
#include "lib/log.h"

/* A disk that takes longer does not answer. */
#define RELOAD_PATIENCE (5 * USEC_PER_SEC)
/* Rehearsals in a row that signals end: the text itself may be too much. */
#define RELOAD_TRIES 3

static int reload_make_mark(const char *path)
{
	int fd = open(path,
		      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW |
			      O_NONBLOCK,
		      0644);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

/* The files that CONF names, which main's parts will read. */
static void reload_look_at_all(const struct conf *conf)
{
	const struct conf_check *check;
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		check = &conf->checks[i];
		if (check->traits.number)
			secret_file_look(check->traits.number->file->path,
					 true);
	}
	for (i = 0; i < conf->pair->nr_watches; i++)
		if (conf->pair->watches[i].file)
			secret_file_look(conf->pair->watches[i].file->path,
					 true);
	secret_file_look_checker(conf, true);
	secret_file_look_peer(conf, true);
	secret_file_look_vrrp(conf->vrrp, true);
}

static void reload_say_nothing(struct conf_report *report,
			       const struct conf_message *message)
{
	(void)report;
	(void)message;
}

/* reload_file, which is there, and empty, while the file is read. */
static bool reload_mark(const struct core *core, char *mark, unsigned size)
{
	const struct conf_global *global = &core->config->conf->global;

	if (!global->reload_marked)
		return false;
	if (global->reload_file)
		snprintf(mark, size, "%s", global->reload_file);
	else
		options_run_path(core->options, "evenkeel.reload", mark, size);
	return true;
}

/*
 * The process of a rehearsal. It shares no descriptor with main, so that one whose
 * disk stands holds neither main's socket nor its lock. Its exit status is the
 * error number of the MARK, which is "" if there is to be none.
 */
static void reload_rehearse(const struct options *options, const char *mark)
{
	struct conf *conf;
	int status, error = 0;

	prctl(PR_SET_NAME, "evenkeel-reload");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)syscall(SYS_close_range, 0, INT_MAX, 0);
	for (error = 0; error >= 0 && error < 2;)
		error = open("/dev/null", O_RDWR);
	error = 0;
	if (*mark)
		error = reload_make_mark(mark);
	if (config_try(options, reload_say_nothing, &conf, &status) == 0)
		reload_look_at_all(conf);
	_exit(-error);
}

static void reload_rehearsed(struct loop_child *child, int status);

/* Returns 0, and reload_rehearsed() is called later; or -errno. */
static int reload_begin_rehearsal(struct core *core)
{
	struct core_reload *reload = &core->reload;
	char mark[sizeof(reload->mark)] = "";
	pid_t pid;
	int error;

	reload->marked = reload_mark(core, mark, sizeof(mark));
	memcpy(reload->mark, mark, sizeof(mark));
	pid = loop_fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		reload_rehearse(core->options, mark);
	error = loop_child_start(core->loop, &reload->rehearsal, pid,
				 reload_rehearsed);
	reload->rehearses = error == 0;
	return error;
}

/* The files, which have just been looked at. Returns 0 or -errno. */
static int reload_read(struct core *core)
{
	const char *file = options_config_file(core->options);
	const struct conf *conf;
	struct conf_changes changes;
	struct config *config;
	int status, error = config_load(core->options, core->config,
					conf_report_log, &config, &status);

	core->file = (struct view_file){ .read = loop_now(core->loop),
					 .refused = error < 0 };
	if (error < 0) {
		log_error(
			"conf",
			"%s is refused; the configuration of before stays in force",
			file);
		return error;
	}
	conf = config->conf;
	changes = conf_compare(core->config->conf, conf,
			       config->parts[CONF_PART_CHECKS].since !=
				       config->generation);
	if (!str_equal(core->config->conf->global.net_namespace,
		       conf->global.net_namespace))
		log_warning(
			"conf",
			"another net_namespace counts after the next start only");
	if (!str_equal(core->config->conf->global.net_namespace_ipvs,
		       conf->global.net_namespace_ipvs))
		log_warning(
			"conf",
			"another net_namespace_ipvs counts after the next start only");
	if (!str_equal(core->config->conf->global.instance,
		       conf->global.instance))
		log_warning(
			"conf",
			"another instance counts after the next start only");
	core_use_config(core, config);
	log_notice(
		"conf",
		"%s is in force: %u virtual servers (%u new, %u changed, %u gone), %u real servers, %u checks",
		file, conf->nr_virtual_servers, changes.added, changes.changed,
		changes.gone, conf->nr_servers, conf->nr_checks);
	return 0;
}

static void reload_settle(struct core *core, int result)
{
	core->reload.result = result;
	loop_timer_clear(&core->reload.patience);
	systemd_ready("balancing");
	control_settled(core->control);
}

static void reload_wait(struct core *core)
{
	core->reload.result = -EINPROGRESS;
	loop_timer_set(&core->reload.patience,
		       loop_now(core->loop) + RELOAD_PATIENCE);
}

static void reload_begin(struct core *core)
{
	int error;

	core->reload.again = false;
	core->reload.tries++;
	reload_wait(core);
	error = reload_begin_rehearsal(core);
	if (error < 0) {
		log_error("conf", "the configuration cannot be read: %s",
			  strerror(-error));
		reload_settle(core, error);
	}
}

/* The bag is the path of the mark. */
static int reload_remove_mark(void *path)
{
	return unlink(path) < 0 ? -errno : 0;
}

static void reload_mark_removed(struct disk_job *job, int result,
				const void *path)
{
	if (result < 0)
		log_warning("conf", "reload_file %s stays: %s",
			    (const char *)path, strerror(-result));
}

static void reload_broke_off(struct core *core, int signo)
{
	struct core_reload *reload = &core->reload;
	const char *file = options_config_file(core->options);

	if (reload->again)
		reload->tries = 0;
	else
		log_warning("conf",
			    "%s: the process that tries the file was ended by "
			    "signal %d (%s)",
			    file, signo, strsignal(signo));
	if (reload->tries < RELOAD_TRIES) {
		reload_begin(core);
		return;
	}
	log_error("conf",
		  "%s cannot be tried, so it is not read; the configuration of "
		  "before stays in force until a reload succeeds: does "
		  "'evenkeeld -t' come to its end?",
		  file);
	reload_settle(core, -EINTR);
}

static void reload_rehearsed(struct loop_child *child, int status)
{
	struct core *core = container_of(child, struct core, reload.rehearsal);
	struct core_reload *reload = &core->reload;
	int mark, error;

	reload->rehearses = false;
	if (!WIFEXITED(status)) {
		reload_broke_off(core, WTERMSIG(status));
		return;
	}
	mark = WEXITSTATUS(status);
	if (reload->marked && mark != 0)
		log_warning("conf", "reload_file %s cannot be made: %s",
			    reload->mark, strerror(mark));
	error = reload_read(core);
	/* A removal that still waits for the disk is of the same file. */
	if (reload->marked && mark == 0)
		(void)disk_job_start(&reload->unmark, reload_remove_mark,
				     xstrdup(reload->mark));
	/* A request that came meanwhile may mean a file that is another by now. */
	reload->tries = 0;
	if (reload->again)
		reload_begin(core);
	else
		reload_settle(core, error);
}

static void reload_late(struct loop_timer *timer)
{
	struct core *core = container_of(timer, struct core, reload.patience);

	log_error("conf",
		  "%s: its disk does not answer; the configuration of before "
		  "stays in force, and the file is read as soon as it does",
		  options_config_file(core->options));
	reload_settle(core, -ETIMEDOUT);
}

void core_reload(struct core *core)
{
	struct core_reload *reload = &core->reload;

	if (!reload->rehearses) {
		reload->tries = 0;
		reload_begin(core);
		return;
	}
	reload->again = true;
	if (reload->result != -ETIMEDOUT)
		return;
	reload_wait(core);
	kill(reload->rehearsal.pid, SIGKILL);
}

int core_reloaded(const struct core *core)
{
	return core->reload.result;
}

void core_reload_init(struct core *core)
{
	disk_job_init(&core->reload.unmark, core->loop, reload_mark_removed);
	loop_timer_init(core->loop, &core->reload.patience, reload_late);
}

void core_reload_end(struct core *core)
{
	if (core->reload.rehearses) {
		kill(core->reload.rehearsal.pid, SIGKILL);
		loop_child_stop(&core->reload.rehearsal);
	}
	core->reload.rehearses = false;
	disk_job_stop(&core->reload.unmark);
	loop_timer_clear(&core->reload.patience);
}
