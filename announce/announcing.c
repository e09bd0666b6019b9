/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "announce/announcing.h"

/* Until others are asked again whether they announce. */
#define ANNOUNCING_AGAIN (USEC_PER_SEC / 2)

const char *announcing_where_name(enum announcing_where where)
{
	static const char *const names[] = {
		[ANNOUNCING_NOWHERE] = "not announced",
		[ANNOUNCING_UP] = "announced",
		[ANNOUNCING_DRAIN] = "announced as worse",
	};

	return names[where];
}

const char *announcing_why_name(enum announcing_why why)
{
	static const char *const names[ANNOUNCING_WHYS] = {
		[ANNOUNCING_WHY_START] =
			"the table is not complete, or a first check has not ended",
		[ANNOUNCING_WHY_GOOD] = "its virtual servers work",
		[ANNOUNCING_WHY_BAD] = "a virtual server has failed",
		[ANNOUNCING_WHY_LAST] =
			"a virtual server has failed, but too few others announce",
		[ANNOUNCING_WHY_SILENT] =
			"a virtual server has failed, but another balancer is not heard and may be dead",
		[ANNOUNCING_WHY_DRAIN] = "the operator drains this balancer",
		[ANNOUNCING_WHY_TABLE] =
			"the kernel's table cannot be read, the log says why",
		[ANNOUNCING_WHY_LEASE] =
			"its lease ran out, as the daemon stood still",
	};

	return names[why];
}

void announcing_begin(struct announcing *state, enum announcing_where where,
		      usec_t now)
{
	*state = (struct announcing){ .where = where,
				      .next = where,
				      .why = ANNOUNCING_WHY_START,
				      .since = now,
				      .began = now };
}

void announcing_count(const struct announcing *state,
		      struct announcing_input *input, usec_t said)
{
	input->others++;
	if (state->failing != 0 && said >= state->failing + ANNOUNCING_HEARSAY)
		input->confirmed++;
}

/* Whether so few announce that the pools' health must not count. */
static bool announcing_few(const struct conf_announce_group *conf,
			   const struct announcing_input *input)
{
	return input->channel && input->others < conf->min_announcers;
}

/* Whether the start is over: nobody waits for ever for one check. */
static bool announcing_started(struct announcing *state,
			       const struct conf_announce_group *conf,
			       const struct announcing_input *input, usec_t now)
{
	bool enough = input->channel && !announcing_few(conf, input);

	state->complete = state->complete || input->complete;
	if (state->complete)
		return true;
	return !enough && now - state->began >= ANNOUNCING_PATIENCE;
}

static enum announcing_where
announcing_wish(struct announcing *state,
		const struct conf_announce_group *conf,
		const struct announcing_input *input, usec_t now,
		enum announcing_why *why)
{
	if (input->drained) {
		*why = ANNOUNCING_WHY_DRAIN;
		return conf->drain_ifname ? ANNOUNCING_DRAIN :
					    ANNOUNCING_NOWHERE;
	}
	if (!announcing_started(state, conf, input, now)) {
		*why = ANNOUNCING_WHY_START;
		return state->where;
	}
	if (input->good) {
		*why = ANNOUNCING_WHY_GOOD;
		return ANNOUNCING_UP;
	}
	if (announcing_few(conf, input)) {
		*why = input->silent ? ANNOUNCING_WHY_SILENT :
				       ANNOUNCING_WHY_LAST;
		return ANNOUNCING_UP;
	}
	*why = input->no_table ? ANNOUNCING_WHY_TABLE : ANNOUNCING_WHY_BAD;
	return ANNOUNCING_NOWHERE;
}

static usec_t announcing_delay(const struct conf_announce_group *conf,
			       const struct announcing_input *input,
			       enum announcing_where where,
			       enum announcing_why why)
{
	if (why == ANNOUNCING_WHY_DRAIN)
		return 0;
	if (why == ANNOUNCING_WHY_BAD && input->channel &&
	    conf->min_announcers > 0 &&
	    conf->withdraw_delay < ANNOUNCING_HEARSAY)
		return ANNOUNCING_HEARSAY;
	return where == ANNOUNCING_UP ? conf->announce_delay :
					conf->withdraw_delay;
}

/* Whether a withdrawal by WHY has to wait for reports of others. */
static bool announcing_unconfirmed(const struct announcing *state,
				   const struct conf_announce_group *conf,
				   const struct announcing_input *input,
				   enum announcing_why why)
{
	return state->where == ANNOUNCING_UP && why != ANNOUNCING_WHY_DRAIN &&
	       input->channel && input->confirmed < conf->min_announcers;
}

bool announcing_step(struct announcing *state,
		     const struct conf_announce_group *conf,
		     const struct announcing_input *input, usec_t now)
{
	enum announcing_why why = state->why;
	enum announcing_where wish =
		announcing_wish(state, conf, input, now, &why);
	bool changed = false;

	if (input->good)
		state->failing = 0;
	else if (state->failing == 0)
		state->failing = now;
	state->due = 0;
	if (why == ANNOUNCING_WHY_START &&
	    now - state->began < ANNOUNCING_PATIENCE)
		state->due = state->began + ANNOUNCING_PATIENCE;
	if (wish == state->where) {
		state->turning = 0;
		changed = state->why != why;
		state->why = why;
		return changed;
	}
	if (state->turning == 0 || state->next != wish) {
		state->turning = now;
		state->next = wish;
	}
	state->due = state->turning + announcing_delay(conf, input, wish, why);
	if (now < state->due)
		return false;
	if (announcing_unconfirmed(state, conf, input, why)) {
		state->due = now + ANNOUNCING_AGAIN;
		return false;
	}
	state->where = wish;
	state->why = why;
	state->since = now;
	state->turning = 0;
	state->due = 0;
	return true;
}

void announcing_lapse(struct announcing *state, usec_t now)
{
	state->where = state->next = ANNOUNCING_NOWHERE;
	state->why = ANNOUNCING_WHY_LEASE;
	state->since = now;
	state->turning = 0;
	state->due = 0;
}

usec_t announcing_lingers(const struct announcing *state,
			  const struct conf_announce_group *conf, usec_t now)
{
	usec_t until = state->since + conf->linger;

	if (state->where == ANNOUNCING_UP || now >= until)
		return 0;
	return until - now;
}
