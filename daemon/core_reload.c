/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reload. Main reads the files itself, all at once, since a configuration is
 * taken whole; but a disk may stand still, or be on a server that is gone. So the
 * files that were read the last time are first read beside the loop, which brings
 * them into memory and shows that their disk answers. While it does not, the
 * configuration of before stays in force and main goes on.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/vrrp_conf.h"
#include "daemon/configuration.h"
#include "daemon/control/control.h"
#include "daemon/core.h"
#include "daemon/core_internal.h"
#include "daemon/options.h"
#include "daemon/proc/systemd.h"
#include "lib/log.h"

/* A disk that takes longer does not answer. */
#define RELOAD_PATIENCE (5 * USEC_PER_SEC)

/* The bag of a look: paths, each ended by NUL. */
struct reload_look {
	size_t length;
	int error; /* of the mark */
	bool marked; /* the first path is to be made, and is no file to read */
	char paths[];
};

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

static void reload_look_at(const char *path)
{
	char page[4096];
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		while (read(fd, page, sizeof(page)) > 0)
			;
	close(fd);
}

static int reload_look(void *arg)
{
	struct reload_look *look = arg;
	const char *path = look->paths, *end = path + look->length;

	if (look->marked) {
		look->error = reload_make_mark(path);
		path += strlen(path) + 1;
	}
	for (; path < end; path += strlen(path) + 1)
		reload_look_at(path);
	return 0;
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

static struct reload_look *reload_look_new(const struct core *core)
{
	const struct conf *conf = core->config->conf;
	const char *file = options_config_file(core->options);
	struct reload_look *look;
	char mark[512];
	bool marked = reload_mark(core, mark, sizeof(mark));
	size_t length = marked ? strlen(mark) + 1 : 0;
	char *to;
	uint32_t i;

	length += strlen(file) + 1;
	for (i = 0; i < conf->nr_files; i++)
		length += strlen(conf->files[i]) + 1;
	look = xcalloc(1, sizeof(*look) + length);
	look->length = length;
	look->marked = marked;
	to = look->paths;
	if (marked)
		to = stpcpy(to, mark) + 1;
	to = stpcpy(to, file) + 1;
	for (i = 0; i < conf->nr_files; i++)
		to = stpcpy(to, conf->files[i]) + 1;
	return look;
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

static void reload_begin(struct core *core)
{
	int error;

	core->reload.again = false;
	core->reload.result = -EINPROGRESS;
	loop_timer_set(&core->reload.patience,
		       loop_now(core->loop) + RELOAD_PATIENCE);
	error = disk_job_start(&core->reload.look, reload_look,
			       reload_look_new(core));
	if (error < 0) {
		log_error("conf", "the configuration cannot be read: %s",
			  strerror(-error));
		reload_settle(core, error);
	}
}

static void reload_looked(struct disk_job *job, int result, const void *bag)
{
	struct core *core = container_of(job, struct core, reload.look);
	const struct reload_look *look = bag;
	const char *mark = look->paths;
	int error;

	if (look->error < 0)
		log_warning("conf", "reload_file %s cannot be made: %s", mark,
			    strerror(-look->error));
	error = reload_read(core);
	if (look->marked && look->error == 0 && unlink(mark) < 0)
		log_warning("conf", "reload_file %s stays: %s", mark,
			    strerror(errno));
	/* Whoever asked meanwhile may have written something else. */
	if (core->reload.again)
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
	if (!disk_job_busy(&core->reload.look))
		reload_begin(core);
	else
		core->reload.again = true;
}

int core_reloaded(const struct core *core)
{
	return core->reload.result;
}

void core_reload_init(struct core *core)
{
	disk_job_init(&core->reload.look, core->loop, reload_looked);
	loop_timer_init(core->loop, &core->reload.patience, reload_late);
}

void core_reload_end(struct core *core)
{
	disk_job_stop(&core->reload.look);
	loop_timer_clear(&core->reload.patience);
}
