// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * holdclock - keeps a counted clock from running away while the host is asked.
 *
 * In a machine that counts instructions, time passes only while something runs;
 * when nothing does, the clock jumps to the next timer. That is what makes
 * waiting cheap. But a process that reads a file of the host's waits too, and
 * the clock would jump for it, again and again, as long as the host takes: a
 * program's first start could last minutes. So this program runs, at the lowest
 * priority there is, from the moment a request leaves for the host until its
 * answer is here, and then the machine is not idle.
 *
 * The kernel's own tracepoints tell: 9p_client_req and 9p_client_res, counted by
 * perf, the first of them with a wake-up for each event.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EVENTS "/sys/kernel/tracing/events/9p/"

/* Milliseconds without any answer after which none will come. */
#define GIVE_UP_MS 5000

static int event_id(const char *name)
{
	char path[256];
	FILE *file;
	int id = -1;

	snprintf(path, sizeof(path), EVENTS "%s/id", name);
	file = fopen(path, "re");
	if (!file || fscanf(file, "%d", &id) != 1)
		perror(path);
	if (file)
		fclose(file);
	return id;
}

static int event_open(const char *name, int wake)
{
	struct perf_event_attr attr;
	int id = event_id(name);
	int fd;

	if (id < 0)
		exit(1);
	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.type = PERF_TYPE_TRACEPOINT;
	attr.config = (uint64_t)id;
	attr.sample_period = wake;
	attr.wakeup_events = wake ? 1 : 0;
	fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1,
			  PERF_FLAG_FD_CLOEXEC);
	if (fd < 0) {
		perror("perf_event_open");
		exit(1);
	}
	/* Read only: the kernel overwrites, and nobody has to empty it. */
	if (wake && mmap(NULL, (size_t)sysconf(_SC_PAGESIZE) * 2, PROT_READ,
			 MAP_SHARED, fd, 0) == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return fd;
}

static uint64_t count(int fd)
{
	uint64_t value = 0;

	if (read(fd, &value, sizeof(value)) != sizeof(value))
		exit(1);
	return value;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Returns when every request has its answer, but those that never get one: a
 * request whose process was killed. They are known by that nothing at all was
 * answered for long, and by what remains open ever after.
 */
static int64_t wait_answers(int asked, int answered, int64_t lost)
{
	int64_t since = now_ms();
	uint64_t before = 0;

	for (;;) {
		uint64_t done = count(answered);
		int64_t open = (int64_t)(count(asked) - done);

		if (open < lost)
			lost = open;
		if (open == lost)
			return lost;
		if (done != before) {
			before = done;
			since = now_ms();
		}
		if (now_ms() - since > GIVE_UP_MS)
			return open;
	}
}

int main(void)
{
	struct sched_param lowest = { 0 };
	struct pollfd asked = { .events = POLLIN };
	int64_t lost = 0;
	int answered;

	asked.fd = event_open("9p_client_req", 1);
	answered = event_open("9p_client_res", 0);
	if (sched_setscheduler(0, SCHED_IDLE, &lowest) < 0)
		perror("sched_setscheduler");
	for (;;) {
		lost = wait_answers(asked.fd, answered, lost);
		poll(&asked, 1, -1);
	}
}
