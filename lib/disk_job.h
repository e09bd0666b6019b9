/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Work on files that may stand as long as their disk does: a state file that is
 * synced, a file on a server that is gone. The loop never waits for it, since each
 * job is done in a thread of its own, which lives for that job alone. A disk that
 * stands still holds its own jobs and no other's.
 *
 * The thread shares nothing with the loop but the bag that it is given. It makes
 * system calls and nothing else: no memory is asked for and nothing is logged
 * there, so that a fork of the process finds no lock held. Its descriptors are its
 * own, so that a process that ends while a thread hangs in the kernel holds no
 * lock and no socket any longer.
 */
#ifndef EVENKEEL_LIB_DISK_JOB_H
#define EVENKEEL_LIB_DISK_JOB_H

#include <stddef.h>

#include "lib/loop.h"

struct disk_run;

/* In the thread, with the job's bag; returns 0 or -errno. */
typedef int disk_work(void *bag);

/* A worker that does one piece of work at a time; the struct is its owner's part. */
struct disk_job {
	struct loop *loop;
	struct disk_run *run; /* NULL: idle */
	/* RESULT is the work's; the BAG is freed afterwards. */
	void (*done)(struct disk_job *job, int result, const void *bag);
};

/* LOOP must outlive the job; DONE is called by it. */
void disk_job_init(struct disk_job *job, struct loop *loop,
		   void (*done)(struct disk_job *job, int result,
				const void *bag));
/*
 * Have WORK done with BAG, made by malloc() and taken over in every case. Returns
 * 0, and done() is called later; or -errno, and it is not: -EBUSY while the job
 * does other work.
 */
int disk_job_start(struct disk_job *job, disk_work *work, void *bag);
static inline bool disk_job_busy(const struct disk_job *job)
{
	return job->run != NULL;
}
/* Wait for the work under way, at most LIMIT; then done() is called as usual. */
void disk_job_wait(struct disk_job *job, usec_t limit);
/* Work under way goes on, and nothing is reported. */
void disk_job_stop(struct disk_job *job);

#endif
