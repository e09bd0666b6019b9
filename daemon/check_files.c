/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/check_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/pair_conf.h"
#include "daemon/proc/number_file.h"
#include "lib/index.h"
#include "lib/log.h"
#include "lib/util.h"

struct check_file {
	struct check_files *all;
	struct number_file *file;
	char *path;
	bool seen;
	int32_t value;
	char why[sizeof(((struct ipc_number *)0)->why)];
};

struct check_files {
	struct loop *loop;
	check_files_tell *tell;
	void *arg;
	const struct conf *conf; /* NULL: none yet */
	struct check_file **list;
	uint32_t nr;
	struct index by_path;
};

struct check_files *check_files_new(struct loop *loop, check_files_tell *tell,
				    void *arg)
{
	struct check_files *files = xcalloc(1, sizeof(*files));

	files->loop = loop;
	files->tell = tell;
	files->arg = arg;
	return files;
}

static void check_file_free(struct check_file *file)
{
	if (!file)
		return;
	number_file_leave(file->file);
	free(file->path);
	free(file);
}

static void check_files_clear(struct check_files *files)
{
	uint32_t i;

	for (i = 0; i < files->nr; i++)
		check_file_free(files->list[i]);
	free(files->list);
	index_free(&files->by_path);
}

void check_files_free(struct check_files *files)
{
	if (!files)
		return;
	check_files_clear(files);
	free(files);
}

static uint32_t check_files_find(const struct check_files *files,
				 const char *path)
{
	struct index_walk walk;
	uint32_t i;

	index_for_each (&files->by_path, hash_text(path), &walk, i)
		if (files->list[i] && strcmp(files->list[i]->path, path) == 0)
			return i;
	return INDEX_END;
}

static void check_file_tell(const struct check_file *file, uint32_t check)
{
	struct ipc_number news = { .check = check, .value = file->value };

	snprintf(news.why, sizeof(news.why), "%s", file->why);
	file->all->tell(file->all->arg, &news);
}

static void check_file_tell_all(const struct check_file *file)
{
	const struct conf *conf = file->all->conf;
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		const struct conf_number *number =
			conf->checks[i].traits.number;

		if (number && strcmp(number->file->path, file->path) == 0)
			check_file_tell(file, i);
	}
}

static void check_file_seen(void *arg, int32_t value, const char *why)
{
	struct check_file *file = arg;

	if (file->seen && file->value == value && strcmp(file->why, why) == 0)
		return;
	file->seen = true;
	file->value = value;
	snprintf(file->why, sizeof(file->why), "%s", why);
	log_notice("check", "file %s has %d%s%s", file->path, value,
		   why[0] ? ": " : "", why);
	check_file_tell_all(file);
}

void check_files_tell_all(const struct check_files *files)
{
	const struct conf *conf = files->conf;
	uint32_t i;

	for (i = 0; conf && i < conf->nr_checks; i++) {
		const struct conf_number *number =
			conf->checks[i].traits.number;

		if (number)
			check_file_tell(files->list[check_files_find(
						files, number->file->path)],
					i);
	}
}

/* Whether an instance tracks it too, whose tracker sees to init_file. */
static bool check_files_is_tracked(const struct conf *conf, const char *path)
{
	uint32_t i;

	for (i = 0; i < conf->pair->nr_watches; i++) {
		const struct pair_file *file = conf->pair->watches[i].file;

		if (file && strcmp(file->path, path) == 0)
			return true;
	}
	return false;
}

static struct check_file *check_file_new(struct check_files *files,
					 const struct pair_file *conf)
{
	struct check_file *file = xcalloc(1, sizeof(*file));

	file->all = files;
	file->path = xstrdup(conf->path);
	if (conf->init && !check_files_is_tracked(files->conf, conf->path))
		number_file_make(conf);
	return file;
}

/* The file of CONF: the one in BEFORE, which is taken out there, or a new one. */
static struct check_file *check_files_take(struct check_files *files,
					   struct check_files *before,
					   const struct pair_file *conf)
{
	uint32_t at = check_files_find(before, conf->path);
	struct check_file *file;

	if (at == INDEX_END)
		return check_file_new(files, conf);
	file = before->list[at];
	before->list[at] = NULL;
	return file;
}

void check_files_configure(struct check_files *files, const struct conf *conf)
{
	struct check_files before = *files;
	uint32_t i;

	files->conf = conf;
	files->list = xcalloc(conf->nr_checks + 1, sizeof(struct check_file *));
	files->nr = 0;
	files->by_path = (struct index){ 0 };
	for (i = 0; i < conf->nr_checks; i++) {
		const struct conf_number *number =
			conf->checks[i].traits.number;
		const char *path;

		if (!number)
			continue;
		path = number->file->path;
		if (check_files_find(files, path) != INDEX_END)
			continue;
		index_put(&files->by_path, hash_text(path), files->nr);
		files->list[files->nr++] =
			check_files_take(files, &before, number->file);
	}
	check_files_clear(&before);
	/* Only now, for the first look tells its checks. */
	for (i = 0; i < files->nr; i++)
		if (!files->list[i]->file)
			files->list[i]->file = number_file_watch(
				files->loop, files->list[i]->path,
				check_file_seen, files->list[i]);
}
