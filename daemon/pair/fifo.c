/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/proc/script.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/util.h"

#define FIFO_RESTART_MIN USEC_PER_SEC
#define FIFO_RESTART_MAX (60 * USEC_PER_SEC)

struct fifo {
	struct loop *loop;
	struct scripts *scripts;
	struct pair_fifo conf; /* of the present configuration */
	const struct conf_global *global;
	char *path;
	int fd;
	bool made; /* by us */
	unsigned long lost;
	struct script_run *run;
	struct loop_timer restart;
	usec_t started;
	usec_t backoff;
};

static void fifo_script_start(struct fifo *fifo);

static void fifo_script_later(struct fifo *fifo)
{
	usec_t now = loop_now(fifo->loop);

	if (now - fifo->started >= FIFO_RESTART_MAX || fifo->backoff == 0)
		fifo->backoff = FIFO_RESTART_MIN;
	loop_timer_set(&fifo->restart, now + fifo->backoff);
	fifo->backoff *= 2;
	if (fifo->backoff > FIFO_RESTART_MAX)
		fifo->backoff = FIFO_RESTART_MAX;
}

static void fifo_script_ended(void *arg, const struct script_result *result)
{
	struct fifo *fifo = arg;
	char text[192];

	fifo->run = NULL;
	script_describe(result, text, sizeof(text));
	log_warning("notify", "the reader of %s, %s, %s; it is started again",
		    fifo->path, fifo->conf.script->argv[0], text);
	fifo_script_later(fifo);
}

static void fifo_script_start(struct fifo *fifo)
{
	const char *extra[] = { fifo->path, NULL };
	struct script_order order = { .script = fifo->conf.script,
				      .extra = extra,
				      .global = fifo->global };
	int error;

	if (!fifo->conf.script || !fifo->conf.script->argv)
		return;
	fifo->started = loop_now(fifo->loop);
	error = script_start(fifo->scripts, &order, fifo_script_ended, fifo,
			     &fifo->run);
	if (error < 0) {
		fifo->run = NULL;
		log_error("notify", "the reader of %s cannot be started: %s",
			  fifo->path, strerror(-error));
		fifo_script_later(fifo);
	}
}

static void fifo_restart(struct loop_timer *timer)
{
	fifo_script_start(container_of(timer, struct fifo, restart));
}

/* The pipe's owner and group; -1 leaves the present one. */
static int fifo_owner(const struct pair_fifo *conf, uid_t *uid, gid_t *gid)
{
	const struct passwd *pw = conf->user ? getpwnam(conf->user) : NULL;
	const struct group *gr = conf->group ? getgrnam(conf->group) : NULL;

	if ((conf->user && !pw) || (conf->group && !gr))
		return -ENOENT;
	*uid = pw ? pw->pw_uid : (uid_t)-1;
	*gid = pw ? pw->pw_gid : (gid_t)-1;
	if (gr)
		*gid = gr->gr_gid;
	return 0;
}

/* Returns the descriptor or -errno; -EEXIST: PATH is no pipe. */
static int fifo_open(const struct pair_fifo *conf, bool *made)
{
	uid_t uid;
	gid_t gid;
	struct stat st;
	int fd, error = fifo_owner(conf, &uid, &gid);

	if (error < 0)
		return error;
	*made = mkfifo(conf->path, 0600) == 0;
	if (!*made && errno != EEXIST)
		return -errno;
	fd = open(conf->path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		error = -errno;
	else if (!S_ISFIFO(st.st_mode))
		error = -EEXIST;
	else if (*made && fchown(fd, uid, gid) < 0)
		error = -errno;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

struct fifo *fifo_new(struct loop *loop, struct scripts *scripts,
		      const struct pair_fifo *conf,
		      const struct conf_global *global)
{
	struct fifo *fifo;
	bool made;
	int fd;

	if (!conf->path)
		return NULL;
	fd = fifo_open(conf, &made);
	if (fd < 0) {
		log_error("notify", "no events are written to %s: %s",
			  conf->path,
			  fd == -EEXIST ? "it is there, and is no pipe" :
			  fd == -ENOENT ? "no such folder, user or group" :
					  strerror(-fd));
		return NULL;
	}
	fifo = xcalloc(1, sizeof(*fifo));
	fifo->loop = loop;
	fifo->scripts = scripts;
	fifo->conf = *conf;
	fifo->global = global;
	fifo->path = xstrdup(conf->path);
	fifo->fd = fd;
	fifo->made = made;
	loop_timer_init(loop, &fifo->restart, fifo_restart);
	fifo_script_start(fifo);
	return fifo;
}

void fifo_free(struct fifo *fifo)
{
	if (!fifo)
		return;
	loop_timer_clear(&fifo->restart);
	if (fifo->run)
		script_stop(fifo->run);
	close(fifo->fd);
	if (fifo->made)
		unlink(fifo->path);
	free(fifo->path);
	free(fifo);
}

static bool fifo_same_script(const struct conf_script *a,
			     const struct conf_script *b)
{
	size_t i;

	if (!a || !b || !a->argv || !b->argv)
		return (a && a->argv) == (b && b->argv);
	for (i = 0; a->argv[i] && b->argv[i]; i++)
		if (strcmp(a->argv[i], b->argv[i]) != 0)
			return false;
	return a->argv[i] == b->argv[i] && str_equal(a->user, b->user) &&
	       str_equal(a->group, b->group);
}

bool fifo_use(struct fifo *fifo, const struct pair_fifo *conf,
	      const struct conf_global *global)
{
	if (!conf->path || strcmp(conf->path, fifo->path) != 0 ||
	    !str_equal(conf->user, fifo->conf.user) ||
	    !str_equal(conf->group, fifo->conf.group) ||
	    !fifo_same_script(conf->script, fifo->conf.script))
		return false;
	fifo->conf = *conf;
	fifo->global = global;
	return true;
}

void fifo_write(struct fifo *fifo, const char *line)
{
	size_t length = strlen(line);

	if (!fifo)
		return;
	/* A write of up to PIPE_BUF bytes to a pipe is whole or fails. */
	if (write(fifo->fd, line, length) != (ssize_t)length) {
		if (fifo->lost++ == 0)
			log_error("notify",
				  "%s takes no more lines (%s): its reader "
				  "does not read, and events are lost",
				  fifo->path, strerror(errno));
		return;
	}
	if (fifo->lost > 0)
		log_warning("notify", "%s takes lines again; %lu were lost",
			    fifo->path, fifo->lost);
	fifo->lost = 0;
}
