/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/disk_job.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/util.h"

/* Some paths are made on it; sanitizers need much more than the work does. */
#define DISK_STACK ((size_t)256 * 1024)

struct disk_run {
	struct disk_job *job; /* NULL: stopped, nobody wants the result */
	struct loop_io io;
	disk_work *work;
	void *bag;
	int result;
	int tell; /* eventfd: readable when the thread needs the run no more */
};

static void disk_run_free(struct disk_run *run)
{
	if (run->tell >= 0)
		close(run->tell);
	free(run->bag);
	free(run);
}

/* From now on its descriptors are not the process's; only TELL stays open. */
static void disk_run_part(int tell)
{
	if (unshare(CLONE_FILES) < 0)
		return;
	if (tell > 0)
		(void)syscall(SYS_close_range, 0, tell - 1, 0);
	(void)syscall(SYS_close_range, tell + 1, INT_MAX, 0);
}

static void *disk_run_main(void *arg)
{
	struct disk_run *run = arg;
	int tell = run->tell;
	uint64_t one = 1;

	prctl(PR_SET_NAME, "evenkeel-disk");
	disk_run_part(tell);
	run->result = run->work(run->bag);
	/* From here on the loop may free the run at any time. */
	(void)!write(tell, &one, sizeof(one));
	return NULL;
}

static void disk_run_ready(struct loop_io *io, unsigned what)
{
	struct disk_run *run = container_of(io, struct disk_run, io);
	struct disk_job *job = run->job;

	loop_io_stop(io);
	if (job) {
		job->run = NULL;
		job->done(job, run->result, run->bag);
	}
	disk_run_free(run);
}

static int disk_run_thread(struct disk_run *run)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, DISK_STACK);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, disk_run_main, run);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -error;
}

void disk_job_init(struct disk_job *job, struct loop *loop,
		   void (*done)(struct disk_job *job, int result,
				const void *bag))
{
	*job = (struct disk_job){ .loop = loop, .done = done };
}

int disk_job_start(struct disk_job *job, disk_work *work, void *bag)
{
	struct disk_run *run = xcalloc(1, sizeof(*run));
	int error;

	run->job = job;
	run->work = work;
	run->bag = bag;
	run->tell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	error = job->run ? -EBUSY : run->tell < 0 ? -errno : 0;
	if (error == 0)
		error = loop_io_start(job->loop, &run->io, run->tell, LOOP_READ,
				      disk_run_ready);
	if (error == 0) {
		error = disk_run_thread(run);
		if (error < 0)
			loop_io_stop(&run->io);
	}
	if (error < 0)
		disk_run_free(run);
	else
		job->run = run;
	return error;
}

void disk_job_wait(struct disk_job *job, usec_t limit)
{
	struct pollfd end = { .events = POLLIN };

	if (!job->run)
		return;
	end.fd = job->run->tell;
	if (poll(&end, 1, (int)(limit / USEC_PER_MSEC)) > 0)
		disk_run_ready(&job->run->io, LOOP_READ);
}

void disk_job_stop(struct disk_job *job)
{
	/* The loop frees the run when its thread ends. */
	if (job->run)
		job->run->job = NULL;
	job->run = NULL;
}
