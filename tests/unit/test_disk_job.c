/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Work in a thread of its own, while the loop goes on. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/disk_job.h"

struct bag {
	int number;
	int fd; /* of the process */
	bool open; /* in the thread */
};

static struct loop *loop;
static struct disk_job job;
static struct loop_timer timer;
/* The disk: it stands still while somebody else holds it. */
static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;
static int turns, ended, result, number;
static bool seen_open;

static int use_disk(void *arg)
{
	struct bag *bag = arg;

	pthread_mutex_lock(&disk);
	pthread_mutex_unlock(&disk);
	bag->open = fcntl(bag->fd, F_GETFD) >= 0;
	bag->number *= 2;
	return -ENOSPC;
}

static void over(struct disk_job *its, int error, const void *arg)
{
	const struct bag *bag = arg;

	cr_assert_eq(its, &job);
	cr_assert(!disk_job_busy(its));
	ended++;
	result = error;
	number = bag->number;
	seen_open = bag->open;
	loop_stop(loop);
}

static void turn(struct loop_timer *its)
{
	if (++turns < 20)
		loop_timer_set(its, loop_now(loop) + 1000);
	else
		loop_stop(loop);
}

static void setup(void)
{
	loop = loop_new();
	disk_job_init(&job, loop, over);
	loop_timer_init(loop, &timer, turn);
}

static struct bag *fill(int with)
{
	struct bag *bag = calloc(1, sizeof(*bag));

	bag->number = with;
	bag->fd = STDERR_FILENO;
	return bag;
}

TestSuite(disk_job, .init = setup, .timeout = 60);

Test(disk_job, its_result_comes_to_the_loop)
{
	cr_assert_eq(disk_job_start(&job, use_disk, fill(21)), 0);
	cr_assert(disk_job_busy(&job));
	loop_run(loop);
	cr_expect_eq(ended, 1);
	cr_expect_eq(result, -ENOSPC);
	cr_expect_eq(number, 42);
	loop_free(loop);
}

/* Some containers forbid it, and then the descriptors are shared. */
static bool may_part(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(unshare(CLONE_FILES) < 0);
	waitpid(pid, &status, 0);
	return status == 0;
}

/* A process that ends while its disk hangs must not hold its locks. */
Test(disk_job, the_thread_has_none_of_the_descriptors)
{
	cr_assert_eq(disk_job_start(&job, use_disk, fill(1)), 0);
	loop_run(loop);
	cr_expect_eq(ended, 1);
	cr_expect(!seen_open || !may_part());
	cr_expect_geq(fcntl(STDERR_FILENO, F_GETFD), 0);
	loop_free(loop);
}

Test(disk_job, the_loop_goes_on_while_the_disk_stands)
{
	pthread_mutex_lock(&disk);
	cr_assert_eq(disk_job_start(&job, use_disk, fill(21)), 0);
	cr_expect_eq(disk_job_start(&job, use_disk, fill(1)), -EBUSY);
	loop_timer_set(&timer, loop_now(loop));
	loop_run(loop);
	cr_expect_eq(turns, 20);
	cr_expect_eq(ended, 0);
	disk_job_wait(&job, 1000);
	cr_expect_eq(ended, 0);
	pthread_mutex_unlock(&disk);
	loop_run(loop);
	cr_expect_eq(ended, 1);
	cr_expect_eq(number, 42);
	loop_free(loop);
}

Test(disk_job, the_end_can_be_waited_for)
{
	cr_assert_eq(disk_job_start(&job, use_disk, fill(21)), 0);
	disk_job_wait(&job, 60 * USEC_PER_SEC);
	cr_expect_eq(ended, 1);
	cr_expect(!disk_job_busy(&job));
	loop_free(loop);
}

/* And the memory is freed by then: the sanitizer looks. */
Test(disk_job, one_that_is_stopped_reports_nothing)
{
	pthread_mutex_lock(&disk);
	cr_assert_eq(disk_job_start(&job, use_disk, fill(1)), 0);
	disk_job_stop(&job);
	cr_expect(!disk_job_busy(&job));
	cr_assert_eq(disk_job_start(&job, use_disk, fill(4)), 0);
	pthread_mutex_unlock(&disk);
	loop_run(loop);
	cr_expect_eq(ended, 1);
	cr_expect_eq(number, 8);
	loop_timer_set(&timer, loop_now(loop));
	loop_run(loop);
	cr_expect_eq(ended, 1);
	loop_free(loop);
}
