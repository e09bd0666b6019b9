/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/yields.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/vrrp_conf.h"
#include "daemon/pair/vrrp_proc.h"
#include "lib/carry.h"
#include "lib/history.h"
#include "lib/log.h"
#include "lib/replace.h"
#include "lib/util.h"

/* A file that is longer was not written by a daemon. */
#define YIELDS_LINES_MAX 65536
/* The time to the next try if the file could not be written. */
#define YIELDS_RETRY USEC_PER_SEC

struct yields {
	struct loop *loop;
	struct history *history;
	struct vrrp_proc *child;
	const struct vrrp_conf *conf; /* NULL: none yet */
	char *path;
	uint32_t count; /* instances behind, as last kept */
	bool differs; /* the file has something else */
	int error; /* of the last try, 0 or -errno */
	struct loop_timer retry;
};

static int yields_write(const struct yields *yields)
{
	const struct vrrp_conf *conf = yields->conf;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	int error;
	uint32_t i;

	if (!out)
		return -errno;
	for (i = 0; i < conf->nr_instances; i++)
		if (vrrp_proc_behind(yields->child, i) > 0)
			fprintf(out, "%u %s\n",
				vrrp_proc_behind(yields->child, i),
				conf->instances[i].name);
	error = fclose(out) != 0 ? -ENOMEM :
				   replace_file(yields->path, text, length);
	free(text);
	return error;
}

static void yields_save(struct yields *yields)
{
	int error = 0;

	if (yields->count > 0)
		error = yields_write(yields);
	else if (unlink(yields->path) < 0 && errno != ENOENT)
		error = -errno;
	if (error < 0 && error != yields->error)
		log_error("vrrp",
			  "%s: %s; a restart of the daemon would go by what "
			  "the file said before. It is tried again",
			  yields->path, strerror(-error));
	else if (error == 0 && yields->error < 0)
		log_notice("vrrp", "%s is right again", yields->path);
	yields->error = error;
	yields->differs = error < 0;
	if (error < 0)
		loop_timer_set(&yields->retry,
			       loop_now(yields->loop) + YIELDS_RETRY);
	else
		loop_timer_clear(&yields->retry);
}

static void yields_expired(struct loop_timer *timer)
{
	yields_save(container_of(timer, struct yields, retry));
}

int yields_keep(struct yields *yields)
{
	uint32_t count = vrrp_proc_count_behind(yields->child);
	bool changed = count != yields->count;

	if (count < yields->count)
		history_add(yields->history,
			    "the switchover is over: %u of %u instances have "
			    "their own priority again",
			    yields->count - count, yields->count);
	yields->differs = yields->differs || changed;
	yields->count = count;
	/* States of instances come often: a full disk has its own time. */
	if (changed || (yields->differs && !yields->retry.set))
		yields_save(yields);
	return yields->error;
}

/* The name first, for carry_by_name. */
struct yields_line {
	const char *name; /* in LINE */
	char *line;
	uint8_t priority;
};

static bool yields_parse(char *text, struct yields_line *line)
{
	char *name = text, *end;
	const char *number = strsep(&name, " ");
	long priority = strtol(number, &end, 10);

	if (!name || *end || priority < 1 || priority > 255)
		return false;
	*line = (struct yields_line){ name, text, (uint8_t)priority };
	return true;
}

/* The lines that make sense, and their number into *COUNT; *ALL: of all lines. */
static struct yields_line *yields_read(FILE *in, uint32_t *count, uint32_t *all)
{
	struct yields_line *lines = NULL;
	size_t nr = 0, room_lines = 0, room = 0;
	char *text = NULL;

	*all = 0;
	while (nr < YIELDS_LINES_MAX && getline(&text, &room, in) > 0) {
		++*all;
		text[strcspn(text, "\n")] = '\0';
		lines = array_grow(lines, nr, &room_lines, sizeof(*lines));
		if (yields_parse(text, &lines[nr])) {
			text = NULL;
			nr++;
		}
	}
	free(text);
	*count = (uint32_t)nr;
	return lines;
}

static void yields_load(struct yields *yields)
{
	const struct vrrp_conf *conf = yields->conf;
	FILE *in = fopen(yields->path, "re");
	struct yields_line *lines;
	uint32_t *places, count, all, i;

	if (!in)
		return;
	lines = yields_read(in, &count, &all);
	fclose(in);
	places = carry_find((struct carry_list){ lines, count, sizeof(*lines) },
			    (struct carry_list){ conf->instances,
						 conf->nr_instances,
						 sizeof(*conf->instances) },
			    &carry_by_name);
	for (i = 0; i < count; i++) {
		if (places[i] != INDEX_END)
			vrrp_proc_yield(yields->child, places[i],
					lines[i].priority);
		free(lines[i].line);
	}
	free(places);
	free(lines);
	yields->count = vrrp_proc_count_behind(yields->child);
	/* A name that comes back with a later reload begins anew. */
	yields->differs = all != yields->count;
}

void yields_configure(struct yields *yields, const struct vrrp_conf *conf)
{
	bool first = !yields->conf;

	yields->conf = conf;
	if (first)
		yields_load(yields);
	yields_keep(yields);
}

struct yields *yields_new(struct loop *loop, struct history *history,
			  const char *path, struct vrrp_proc *child)
{
	struct yields *yields = xcalloc(1, sizeof(*yields));

	yields->loop = loop;
	yields->history = history;
	yields->child = child;
	yields->path = xstrdup(path);
	loop_timer_init(loop, &yields->retry, yields_expired);
	return yields;
}

void yields_free(struct yields *yields)
{
	if (!yields)
		return;
	loop_timer_clear(&yields->retry);
	free(yields->path);
	free(yields);
}
