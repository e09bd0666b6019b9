/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a child still answers: a pure state machine, one for each child. Main
 * asks once a beat and counts the beats since the last answer. Beats are
 * counted, not seconds: a main that was stopped itself, or a host that stood
 * still, misses one beat however long the pause was, and holds nothing against
 * the child.
 *
 * A child that was given a configuration reads it before it answers again, and
 * may take HEARTBEAT_BUSY beats for that.
 *
 * A child may be doubted: there is a sign that it stands still. It is asked more
 * often then, and gives the sign the lie with its next answer, or is given up after
 * a few beats.
 */
#ifndef EVENKEEL_DAEMON_PROC_HEARTBEAT_H
#define EVENKEEL_DAEMON_PROC_HEARTBEAT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

#define HEARTBEAT_EVERY USEC_PER_SEC
#define HEARTBEAT_BUSY 30
/* While a child is doubted, and the beats without an answer that are too many. */
#define HEARTBEAT_DOUBT_EVERY (100 * USEC_PER_MSEC)
#define HEARTBEAT_DOUBTS 3
/* Unanswered beats after which the child is reported as not answering. */
#define HEARTBEAT_QUIET 3

struct heartbeat {
	uint32_t number; /* of the last question; the first is 1 */
	uint32_t answered; /* the last question that was */
	uint32_t busy_until; /* answers to earlier questions were given too early */
	unsigned patience; /* unanswered beats that are too many */
	unsigned missed;
	unsigned doubts; /* beats since the child is doubted */
	bool busy;
	bool doubted;
};

enum heartbeat_step {
	HEARTBEAT_ASK, /* send a question with hb->number */
	HEARTBEAT_GIVE_UP, /* end the child */
};

/* A child that is being started; PATIENCE in beats. */
void heartbeat_start(struct heartbeat *hb, unsigned patience);
/* The child was given work that keeps it from answering for a while. */
void heartbeat_busy(struct heartbeat *hb);
/*
 * There is a sign that the child stands still. Returns whether it counts: a child
 * that is busy, or doubted already, is left as it is.
 */
bool heartbeat_doubt(struct heartbeat *hb);
/* The last question could not be sent, so an answer to it is none. */
void heartbeat_unasked(struct heartbeat *hb);
/*
 * The child answered the question NUMBER. An answer counts once: a child that
 * repeats one, or says a number that no question had, is as good as silent.
 */
void heartbeat_answer(struct heartbeat *hb, uint32_t number);
/* A beat; the child's messages so far must have been taken in before. */
enum heartbeat_step heartbeat_beat(struct heartbeat *hb);
/* The time from this beat to the next. */
usec_t heartbeat_pause(const struct heartbeat *hb);
/* The child owes answers for longer than a loaded host explains. */
bool heartbeat_is_quiet(const struct heartbeat *hb);

#endif
