/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/heartbeat.h"

void heartbeat_start(struct heartbeat *hb, unsigned patience)
{
	*hb = (struct heartbeat){ .patience = patience };
	heartbeat_busy(hb);
}

void heartbeat_busy(struct heartbeat *hb)
{
	/* Missed answers still count: reloads must not hide a silent child. */
	hb->busy = true;
	hb->busy_until = hb->number + 1;
}

void heartbeat_answer(struct heartbeat *hb, uint32_t number)
{
	/* The child chose the number, which may be of a question to come. */
	if (number <= hb->answered || number > hb->number)
		return;
	hb->answered = number;
	if (number >= hb->busy_until)
		hb->busy = false;
	hb->missed = 0;
	hb->doubted = false;
}

bool heartbeat_doubt(struct heartbeat *hb)
{
	if (hb->busy || hb->doubted)
		return false;
	hb->doubted = true;
	hb->doubts = 0;
	return true;
}

void heartbeat_unasked(struct heartbeat *hb)
{
	hb->number--;
}

static unsigned heartbeat_limit(const struct heartbeat *hb)
{
	return hb->busy && hb->patience < HEARTBEAT_BUSY ? HEARTBEAT_BUSY :
							   hb->patience;
}

enum heartbeat_step heartbeat_beat(struct heartbeat *hb)
{
	if (hb->missed >= heartbeat_limit(hb) ||
	    (hb->doubted && hb->doubts >= HEARTBEAT_DOUBTS))
		return HEARTBEAT_GIVE_UP;
	/* The beats of a doubt are shorter, and count by themselves. */
	if (hb->doubted)
		hb->doubts++;
	else
		hb->missed++;
	hb->number++;
	return HEARTBEAT_ASK;
}

usec_t heartbeat_pause(const struct heartbeat *hb)
{
	return hb->doubted ? HEARTBEAT_DOUBT_EVERY : HEARTBEAT_EVERY;
}

bool heartbeat_is_quiet(const struct heartbeat *hb)
{
	return !hb->busy && hb->missed > HEARTBEAT_QUIET;
}
