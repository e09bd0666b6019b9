/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/orphans.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/loop.h"

/* A killed orphan leaves orphans of its own: the delay of the next look. */
#define ORPHANS_AGAIN (20 * USEC_PER_MSEC)
/* Children looked at in one turn; with more, the next turn sees the rest. */
#define ORPHANS_MAX 1024

struct orphans {
	struct loop *loop;
	orphans_ours *ours;
	void *arg;
	struct loop_timer again;
	struct loop_signal ended;
	pid_t *spared;
	size_t nr_spared, room;
};

static bool orphans_is_spared(const struct orphans *orphans, pid_t pid)
{
	size_t i;

	for (i = 0; i < orphans->nr_spared; i++)
		if (orphans->spared[i] == pid)
			return true;
	return false;
}

/*
 * Scripts run in groups of their own. A process in our group was started by
 * main without telling this file (modprobe), or by a child of main (a checker's
 * helper).
 */
static bool orphans_may_live(const struct orphans *orphans, pid_t pid)
{
	return getpgid(pid) == getpgrp() || orphans_is_spared(orphans, pid);
}

static void orphans_forget(struct orphans *orphans, pid_t pid)
{
	size_t i;

	for (i = 0; i < orphans->nr_spared; i++)
		if (orphans->spared[i] == pid)
			orphans->spared[i] =
				orphans->spared[--orphans->nr_spared];
}

/* The children that main did not start, into OUT. A kernel may not tell: none. */
static size_t orphans_find(const struct orphans *orphans,
			   pid_t out[ORPHANS_MAX])
{
	size_t count = 0;
	char path[64];
	char *word = NULL;
	size_t size = 0;
	FILE *file;
	pid_t pid;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children",
		 (int)getpid());
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (count < ORPHANS_MAX && getdelim(&word, &size, ' ', file) > 0) {
		pid = (pid_t)strtol(word, NULL, 10);
		if (pid > 0 && !loop_has_child(orphans->loop, pid) &&
		    !orphans->ours(orphans->arg, pid))
			out[count++] = pid;
	}
	free(word);
	fclose(file);
	return count;
}

/* Collects dead orphans, after a SIGKILL if AND_KILL. Returns how many live. */
static size_t orphans_tend(struct orphans *orphans, bool and_kill)
{
	pid_t pids[ORPHANS_MAX];
	size_t count = orphans_find(orphans, pids), left = 0, i;

	for (i = 0; i < count; i++) {
		if (and_kill && !orphans_may_live(orphans, pids[i]))
			kill(pids[i], SIGKILL);
		if (waitpid(pids[i], NULL, WNOHANG) == pids[i])
			orphans_forget(orphans, pids[i]);
		else
			left += !orphans_may_live(orphans, pids[i]);
	}
	return left;
}

void orphans_kill(struct orphans *orphans)
{
	if (orphans_tend(orphans, true) > 0)
		loop_timer_set(&orphans->again,
			       loop_now(orphans->loop) + ORPHANS_AGAIN);
}

static void orphans_again(struct loop_timer *timer)
{
	orphans_kill(container_of(timer, struct orphans, again));
}

void orphans_spare(struct orphans *orphans)
{
	pid_t pids[ORPHANS_MAX];
	size_t count = orphans_find(orphans, pids), i;

	for (i = 0; i < count; i++) {
		if (orphans_is_spared(orphans, pids[i]))
			continue;
		orphans->spared = array_grow(orphans->spared,
					     orphans->nr_spared, &orphans->room,
					     sizeof(*orphans->spared));
		orphans->spared[orphans->nr_spared++] = pids[i];
	}
}

static void orphans_one_ended(struct loop_signal *sig, int signo)
{
	orphans_tend(container_of(sig, struct orphans, ended), false);
}

struct orphans *orphans_new(struct loop *loop, orphans_ours *ours, void *arg)
{
	struct orphans *orphans = xcalloc(1, sizeof(*orphans));

	orphans->loop = loop;
	orphans->ours = ours;
	orphans->arg = arg;
	loop_timer_init(loop, &orphans->again, orphans_again);
	/* If this fails, orphans are init's as usual. */
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)loop_signal_start(loop, &orphans->ended, SIGCHLD,
				orphans_one_ended);
	/* A script that main has killed may have ended before the signal was heard. */
	(void)orphans_tend(orphans, false);
	return orphans;
}

void orphans_free(struct orphans *orphans)
{
	if (!orphans)
		return;
	loop_timer_clear(&orphans->again);
	loop_signal_stop(&orphans->ended);
	free(orphans->spared);
	free(orphans);
}
