/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Main's side of the recorder: the balance's inputs go to a recording
 * (record/recording.h has the format).
 *
 *	balance -> listener -> frames in memory -> the recorder's process -> disk
 *
 * Nothing here waits. The listener adds some bytes to a buffer; a few times a
 * second the buffer goes as a message to a process of its own (recorder_main.h),
 * and large things, a configuration or a snapshot, as a memfd. The process says
 * how much it has taken. If it is behind by more than RECORDER_BEHIND, since
 * the disk is slow or the process stands still, or if it says that it cannot
 * write, then inputs are dropped and counted. When it has caught up, or after a
 * while, the recording begins again with the number of lost inputs and a
 * snapshot of the decision's memory: a gap.
 *
 * If main is killed, its buffer of a tenth of a second is lost; the contents of
 * the channel are written, since the process ends after that.
 */
#ifndef EVENKEEL_DAEMON_RECORDER_H
#define EVENKEEL_DAEMON_RECORDER_H

#include "balance/balance.h"
#include "lib/loop.h"

struct history;
struct recorder;

struct recorder_view {
	const char *file; /* NULL: nothing is to be recorded */
	bool writing; /* false: inputs are dropped now */
	int error; /* why, if the file is at fault: an errno */
	uint64_t lost; /* inputs, since the recorder was switched on */
	uint64_t size; /* of the present file, bytes */
};

/* HISTORY must outlive the recorder; its lines are recorded. */
struct recorder *recorder_new(struct loop *loop, struct history *history);
/* The process gets the rest, and writes it. NULL is allowed. */
void recorder_free(struct recorder *recorder);

/*
 * Listen to BALANCE, if its configuration says so: FRESH, new since NOW, or
 * made by a reload at NOW. To be called before the balance's next input, and
 * before BALANCE or its configuration go.
 */
void recorder_follow(struct recorder *recorder, struct balance *balance,
		     bool fresh, usec_t now);
/* Start the process, unless it runs. */
void recorder_start(struct recorder *recorder);

/* Texts in VIEW are good until the next call of recorder_follow(). */
void recorder_get(const struct recorder *recorder, struct recorder_view *view);

#endif
