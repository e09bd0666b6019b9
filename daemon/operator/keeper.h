/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small file that must hold the last thing that was said, on a disk that may be
 * full or stand still. It is written beside the loop (lib/disk_job.h), the newest
 * text only; a write that fails is tried again every KEEPER_RETRY.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_KEEPER_H
#define EVENKEEL_DAEMON_OPERATOR_KEEPER_H

#include "lib/loop.h"

#define KEEPER_RETRY (5 * USEC_PER_SEC)
/* A disk that takes longer does not answer. */
#define KEEPER_PATIENCE (2 * USEC_PER_SEC)

struct keeper;

/*
 * PART is the log's word; SETTLED(ARG) is called whenever keeper_state() became
 * another one than -EINPROGRESS.
 */
struct keeper *keeper_new(struct loop *loop, const char *part,
			  void (*settled)(void *arg), void *arg);
/* Waits for the last write, at most KEEPER_PATIENCE. NULL is allowed. */
void keeper_free(struct keeper *keeper);

/* PATH is to hold TEXT, which is taken over; NULL: there is to be no such file. */
void keeper_put(struct keeper *keeper, const char *path, char *text);

/*
 * 0: the file holds the last text; -EINPROGRESS: it is being written;
 * -ETIMEDOUT: the disk has not answered yet; another -errno: it refused, and is
 * tried again. In the last two a restart would lose the text.
 */
int keeper_state(const struct keeper *keeper);

#endif
