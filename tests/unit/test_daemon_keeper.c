/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that holds the last thing that was said: on a disk that stands still, is
 * full, and comes back. The disk is the test's own fsync().
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/operator/keeper.h"
#include "lib/log.h"

static struct loop *loop;
static struct keeper *keeper;
static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;
static atomic_int refusal; /* an errno */
static atomic_int writes;
static int last, settled;
static char path[64];

int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	(void)fd;
	writes++;
	pthread_mutex_lock(&disk);
	pthread_mutex_unlock(&disk);
	errno = refusal;
	return errno ? -1 : 0;
}

static void settle(void *arg)
{
	(void)arg;
	last = keeper_state(keeper);
	settled++;
	loop_stop(loop);
}

static void put(const char *text)
{
	keeper_put(keeper, path, text ? strdup(text) : NULL);
}

static const char *kept(void)
{
	static char text[64];
	FILE *file = fopen(path, "re");

	if (!file)
		return NULL;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void setup(void)
{
	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	loop = loop_new();
	keeper = keeper_new(loop, "test", settle, NULL);
	snprintf(path, sizeof(path), "/tmp/test-keeper-%d", (int)getpid());
}

static void teardown(void)
{
	keeper_free(keeper);
	unlink(path);
	loop_free(loop);
}

TestSuite(keeper, .init = setup, .fini = teardown, .timeout = 120);

Test(keeper, what_is_put_is_on_the_disk)
{
	put("a word");
	cr_expect_eq(keeper_state(keeper), -EINPROGRESS);
	loop_run(loop);
	cr_expect_eq(last, 0);
	cr_expect_str_eq(kept(), "a word");
	put(NULL);
	loop_run(loop);
	cr_expect_eq(last, 0);
	cr_expect_null(kept());
}

Test(keeper, a_disk_that_stands_is_said_and_the_newest_word_is_written)
{
	pthread_mutex_lock(&disk);
	put("first");
	put("second");
	put("third");
	cr_expect_eq(keeper_state(keeper), -EINPROGRESS);
	loop_run(loop);
	cr_expect_eq(last, -ETIMEDOUT);
	cr_expect_null(kept());
	put("fourth");
	cr_expect_eq(keeper_state(keeper), -ETIMEDOUT);
	pthread_mutex_unlock(&disk);
	loop_run(loop);
	cr_expect_eq(last, 0);
	cr_expect_eq(settled, 2);
	cr_expect_str_eq(kept(), "fourth");
}

/* The file and its folder are synced: two for the first text, two for the last. */
Test(keeper, what_was_overtaken_is_not_written)
{
	int i;

	pthread_mutex_lock(&disk);
	put("first");
	for (i = 0; i < 100; i++)
		put("one of many");
	put("last");
	pthread_mutex_unlock(&disk);
	loop_run(loop);
	cr_expect_eq(last, 0);
	cr_expect_str_eq(kept(), "last");
	cr_expect_eq(writes, 4);
}

Test(keeper, a_disk_that_refuses_is_tried_again)
{
	refusal = ENOSPC;
	put("a word");
	loop_run(loop);
	cr_expect_eq(last, -ENOSPC);
	cr_expect_null(kept());
	refusal = 0;
	loop_run(loop); /* until the next try */
	cr_expect_eq(last, 0);
	cr_expect_str_eq(kept(), "a word");
}

Test(keeper, the_end_waits_for_the_last_word)
{
	put("first");
	put("last");
	keeper_free(keeper);
	keeper = NULL;
	cr_expect_str_eq(kept(), "last");
}
