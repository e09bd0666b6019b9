/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/keeper.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/disk_job.h"
#include "lib/log.h"
#include "lib/replace.h"

struct keeper {
	struct loop *loop;
	const char *part;
	void (*settled)(void *arg);
	void *arg;
	struct disk_job job;
	struct loop_timer timer; /* the retry, or the end of the patience */
	char *path; /* of the last keeper_put(), likewise TEXT */
	char *text;
	bool news; /* it is not the text of the last write */
	int state;
	int told; /* the state that was logged */
};

/* The bag of a write. */
struct keeper_bag {
	size_t length; /* of the text, which is behind the path's NUL */
	bool remove;
	char path[];
};

static int keeper_work(void *arg)
{
	const struct keeper_bag *bag = arg;

	if (bag->remove)
		return unlink(bag->path) < 0 && errno != ENOENT ? -errno : 0;
	return replace_file(bag->path, bag->path + strlen(bag->path) + 1,
			    bag->length);
}

static void keeper_tell(struct keeper *keeper)
{
	if (keeper->state == keeper->told)
		return;
	keeper->told = keeper->state;
	if (keeper->state == 0)
		log_notice(keeper->part, "%s holds what was said",
			   keeper->path);
	else
		log_error(keeper->part,
			  "%s: %s; a restart would forget what was said. It is "
			  "tried again",
			  keeper->path,
			  keeper->state == -ETIMEDOUT ?
				  "the disk does not answer" :
				  strerror(-keeper->state));
}

static void keeper_settle(struct keeper *keeper, int state)
{
	keeper->state = state;
	keeper_tell(keeper);
	if (state < 0 && state != -ETIMEDOUT)
		loop_timer_set(&keeper->timer,
			       loop_now(keeper->loop) + KEEPER_RETRY);
	else
		loop_timer_clear(&keeper->timer);
	keeper->settled(keeper->arg);
}

static void keeper_begin(struct keeper *keeper)
{
	size_t room = strlen(keeper->path) + 1;
	size_t length = keeper->text ? strlen(keeper->text) : 0;
	struct keeper_bag *bag = xcalloc(1, sizeof(*bag) + room + length);
	int error;

	bag->length = length;
	bag->remove = !keeper->text;
	memcpy(bag->path, keeper->path, room);
	if (length)
		memcpy(bag->path + room, keeper->text, length);
	keeper->news = false;
	loop_timer_set(&keeper->timer,
		       loop_now(keeper->loop) + KEEPER_PATIENCE);
	error = disk_job_start(&keeper->job, keeper_work, bag);
	if (error < 0)
		keeper_settle(keeper, error);
}

static void keeper_done(struct disk_job *job, int result, const void *bag)
{
	struct keeper *keeper = container_of(job, struct keeper, job);

	(void)bag;
	if (keeper->news)
		keeper_begin(keeper);
	else
		keeper_settle(keeper, result);
}

static void keeper_timer(struct loop_timer *timer)
{
	struct keeper *keeper = container_of(timer, struct keeper, timer);

	if (disk_job_busy(&keeper->job))
		keeper_settle(keeper, -ETIMEDOUT);
	else
		keeper_begin(keeper);
}

void keeper_put(struct keeper *keeper, const char *path, char *text)
{
	if (!str_equal(keeper->path, path)) {
		free(keeper->path);
		keeper->path = xstrdup(path);
	}
	free(keeper->text);
	keeper->text = text;
	if (keeper->state != -ETIMEDOUT)
		keeper->state = -EINPROGRESS;
	if (disk_job_busy(&keeper->job))
		keeper->news = true;
	else
		keeper_begin(keeper);
}

int keeper_state(const struct keeper *keeper)
{
	return keeper->state;
}

struct keeper *keeper_new(struct loop *loop, const char *part,
			  void (*settled)(void *arg), void *arg)
{
	struct keeper *keeper = xcalloc(1, sizeof(*keeper));

	keeper->loop = loop;
	keeper->part = part;
	keeper->settled = settled;
	keeper->arg = arg;
	disk_job_init(&keeper->job, loop, keeper_done);
	loop_timer_init(loop, &keeper->timer, keeper_timer);
	return keeper;
}

static void keeper_nobody(void *arg)
{
	(void)arg;
}

void keeper_free(struct keeper *keeper)
{
	if (!keeper)
		return;
	keeper->settled = keeper_nobody;
	/* The write under way, and one of a text that was put meanwhile. */
	disk_job_wait(&keeper->job, KEEPER_PATIENCE);
	disk_job_wait(&keeper->job, KEEPER_PATIENCE);
	if (disk_job_busy(&keeper->job))
		log_error(
			keeper->part,
			"%s: the disk does not answer; a restart forgets what "
			"was said last",
			keeper->path);
	disk_job_stop(&keeper->job);
	loop_timer_clear(&keeper->timer);
	free(keeper->path);
	free(keeper->text);
	free(keeper);
}
