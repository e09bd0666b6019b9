/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of FILE_CHECK: the number that is read, and the checks that are told. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf.h"
#include "conf/pair_conf.h"
#include "daemon/check_files.h"
#include "lib/log.h"
#include "lib/loop.h"

#define TOLD_MAX 16

static struct {
	char folder[64], path[2][96], aside[96];
	struct loop *loop;
	struct loop_timer limit;
	struct check_files *files;
	struct conf conf;
	struct pair_conf pair;
	struct pair_watch watch;
	struct conf_check checks[4];
	struct conf_number numbers[3];
	struct pair_file pairs[2];
	struct ipc_number told[TOLD_MAX];
	size_t nr_told, wanted;
} world;

static void tell(void *arg, const struct ipc_number *news)
{
	(void)arg;
	cr_assert_lt(world.nr_told, TOLD_MAX);
	world.told[world.nr_told++] = *news;
	if (world.nr_told == world.wanted)
		loop_stop(world.loop);
}

static void on_limit(struct loop_timer *timer)
{
	loop_stop(timer->loop);
}

/* Checks 0 and 2 are of the first file, check 3 of the second, 1 of none. */
static void build(void)
{
	static const uint32_t file_of[3] = { 0, 0, 1 };
	static const uint32_t check_of[3] = { 0, 2, 3 };
	size_t i;

	memset(&world, 0, sizeof(world));
	log_set_level((enum log_level) - 1);
	snprintf(world.folder, sizeof(world.folder), "/tmp/numbers.XXXXXX");
	cr_assert(mkdtemp(world.folder));
	for (i = 0; i < 2; i++) {
		snprintf(world.path[i], sizeof(world.path[i]), "%s/%zu",
			 world.folder, i);
		world.pairs[i].path = world.path[i];
	}
	snprintf(world.aside, sizeof(world.aside), "%s/new", world.folder);
	world.loop = loop_new();
	for (i = 0; i < 3; i++) {
		world.numbers[i].file = &world.pairs[file_of[i]];
		world.checks[check_of[i]].traits.number = &world.numbers[i];
	}
	world.conf.checks = world.checks;
	world.conf.nr_checks = 4;
	world.conf.pair = &world.pair;
	world.files = check_files_new(world.loop, tell, NULL);
	loop_timer_init(world.loop, &world.limit, on_limit);
}

static void destroy(void)
{
	size_t i;

	loop_timer_clear(&world.limit);
	check_files_free(world.files);
	loop_free(world.loop);
	unlink(world.aside);
	for (i = 0; i < 2; i++)
		unlink(world.path[i]);
	rmdir(world.folder);
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	cr_assert(file);
	fputs(text, file);
	fclose(file);
}

/* Run until NR more were told, or for a minute. */
static void hear(size_t nr)
{
	world.nr_told = 0;
	world.wanted = nr;
	loop_timer_set(&world.limit, loop_now(world.loop) + 60 * USEC_PER_SEC);
	loop_run(world.loop);
	cr_assert_eq(world.nr_told, nr);
}

static void is_told(size_t i, uint32_t check, int32_t value, const char *why)
{
	cr_expect_eq(world.told[i].check, check);
	cr_expect_eq(world.told[i].value, value);
	cr_expect_str_eq(world.told[i].why, why);
}

Test(check_files, each_check_of_a_file_is_told, .init = build, .fini = destroy)
{
	put(world.path[0], "5\n");
	check_files_configure(world.files, &world.conf);
	cr_assert_eq(world.nr_told, 3);
	is_told(0, 0, 5, "");
	is_told(1, 2, 5, "");
	is_told(2, 3, 0, "No such file or directory");
	world.nr_told = 0;
	check_files_tell_all(world.files);
	cr_assert_eq(world.nr_told, 3);
	is_told(1, 2, 5, "");
}

Test(check_files, what_becomes_of_a_file, .init = build, .fini = destroy)
{
	world.conf.nr_checks = 1;
	put(world.path[0], "5");
	check_files_configure(world.files, &world.conf);
	put(world.path[0], "6");
	hear(1);
	is_told(0, 0, 6, "");
	put(world.aside, "-7");
	cr_assert_eq(rename(world.aside, world.path[0]), 0);
	hear(1);
	is_told(0, 0, -7, "");
	put(world.path[0], "full");
	hear(1);
	is_told(0, 0, 0, "there is no number in it");
	unlink(world.path[0]);
	hear(1);
	is_told(0, 0, 0, "No such file or directory");
	/* A pipe would block its reader. */
	cr_assert_eq(mkfifo(world.path[0], 0600), 0);
	hear(1);
	is_told(0, 0, 0, "it is no regular file");
	/* A gigabyte, of which the first bytes count. */
	put(world.aside, "12 ");
	cr_assert_eq(truncate(world.aside, 1 << 30), 0);
	cr_assert_eq(rename(world.aside, world.path[0]), 0);
	hear(1);
	is_told(0, 0, 12, "");
	/* The folder with it, and another one in its place. */
	unlink(world.path[0]);
	hear(1);
	cr_assert_eq(rmdir(world.folder), 0);
	cr_assert_eq(mkdir(world.folder, 0700), 0);
	put(world.path[0], "8");
	hear(1);
	is_told(0, 0, 8, "");
}

Test(check_files, a_reload_keeps_what_is_known, .init = build, .fini = destroy)
{
	put(world.path[0], "5");
	put(world.path[1], "9");
	check_files_configure(world.files, &world.conf);
	world.nr_told = 0;
	/* Other numbers of checks, and one file less. */
	world.checks[1].traits.number = &world.numbers[0];
	world.conf.nr_checks = 2;
	check_files_configure(world.files, &world.conf);
	cr_assert_eq(world.nr_told, 0);
	check_files_tell_all(world.files);
	cr_assert_eq(world.nr_told, 2);
	is_told(1, 1, 5, "");
	put(world.path[1], "10");
	put(world.path[0], "6");
	hear(2);
	is_told(0, 0, 6, "");
}

Test(check_files, init_file, .init = build, .fini = destroy)
{
	world.pairs[0].init = world.pairs[1].init = true;
	world.pairs[0].init_value = 4;
	world.pairs[1].overwrite = true;
	put(world.path[1], "9");
	world.pair.watches = &world.watch;
	world.pair.nr_watches = 1;
	world.watch.file = &world.pairs[1];
	check_files_configure(world.files, &world.conf);
	/* The second one is made by the tracker of an instance. */
	is_told(0, 0, 4, "");
	is_told(2, 3, 9, "");
}
