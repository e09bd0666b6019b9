/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slow start: the share of a cold server rises with time, and only while its
 * queue stays sane.
 *
 *	grows by dt/time	Threads_running <= limit, no "too many connections"
 *	holds			up to twice the limit
 *	x 0.7			above that, once for each new reading
 *	but never below a floor that rises to 1 over ten times the time, so that
 *	no server starves; without a gate or a reading only the clock counts
 *
 * The limit is 1.5 times the median of the warm peers, at least 12. The ramp
 * watches the queue and not the latency: a cold server is slow by nature, and
 * starves if judged by latency.
 *
 * A ramp is armed by a restart: the server was down, or its uptime jumped back.
 * A server that was away but kept running (by its uptime) kept its cache too
 * and starts at a half. The balancer's own start, reload or takeover arms no
 * ramp; a ramp found half-way in the kernel's table goes on from there. If half
 * of the pool is cold, equal ramps would change nothing and are skipped. A
 * server whose ramp was skipped counts as cold for as long as the ramp would
 * have taken, so that a wholly restarted pool is not taken for warm because its
 * servers answer one after the other.
 */
#include "balance/balance_internal.h"

#define RAMP_BLIP (SHARE_FULL / 2)
#define RAMP_FLOOR_TIMES 10
#define RAMP_WARM_TIMES 5 /* a server that runs for so many "time" is warm */
#define RAMP_LIMIT_MIN (12 * STATS_UNIT)
#define RAMP_STEP_MAX (2 * USEC_PER_SEC)
#define RAMP_STEP_MIN (200 * USEC_PER_MSEC)

static const struct conf_slow_start *ramp_conf(const struct balance *balance,
					       uint32_t server)
{
	return balance->conf->servers[server].slow_start;
}

bool ramp_runs(const struct ramp *ramp)
{
	return ramp->share < SHARE_FULL;
}

/* Whether the server's cache is not filled yet, with a ramp or without. */
static bool ramp_is_cold(const struct balance *balance, uint32_t server,
			 usec_t now)
{
	const struct server_state *state = &balance->servers[server];

	return ramp_runs(&state->ramp) || cold_runs(&state->cold) ||
	       (state->ramp.skipped &&
		now - state->ramp.skipped < ramp_conf(balance, server)->time);
}

static void ramp_arm(struct ramp *ramp, uint32_t share)
{
	/* The clock starts when the server serves. */
	ramp->share = share;
	ramp->since = 0;
	ramp->adopted = false;
}

static void ramp_end(struct ramp *ramp)
{
	ramp->share = SHARE_FULL;
	ramp->adopted = false;
}

void ramp_forget(struct ramp *ramp)
{
	ramp_end(ramp);
	ramp->skipped = 0;
}

static uint32_t ramp_from(const struct conf_slow_start *conf)
{
	uint64_t from = (uint64_t)conf->from * (SHARE_FULL / 100);

	return from < SHARE_FULL ? (uint32_t)from : SHARE_FULL;
}

/* The newest reading of the server's start time, of any of its checks. */
static const struct check_stats *ramp_boot(const struct balance *balance,
					   uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct check_stats *newest = NULL;
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		const struct check_stats *one =
			&balance->checks[use->check].stats;

		if (one->boot_seen &&
		    (!newest || one->boot_seen > newest->boot_seen))
			newest = one;
	}
	return newest;
}

bool ramp_is_young(const struct balance *balance, uint32_t server, usec_t now)
{
	const struct check_stats *boot = ramp_boot(balance, server);

	return boot &&
	       now - boot->booted <
		       RAMP_WARM_TIMES * ramp_conf(balance, server)->time;
}

/*
 * A server that was down and is back never ceased to run. When it was found to
 * be down says nothing: a supervisor starts it at once, and its recovery takes
 * long.
 */
static bool ramp_kept_running(const struct balance *balance, uint32_t server,
			      usec_t now)
{
	const struct server_state *state = &balance->servers[server];
	const struct check_stats *boot = ramp_boot(balance, server);

	if (!boot || boot->boot_seen <= state->since)
		return false;
	if (!state->ramp.boot_known)
		return !ramp_is_young(balance, server, now);
	return boot->booted <= state->ramp.booted + STATS_BOOT_BLUR;
}

static void ramp_down(struct balance *balance, uint32_t server)
{
	struct server_state *state = &balance->servers[server];
	const struct check_stats *boot = ramp_boot(balance, server);

	state->ramp.boot_known = boot;
	state->ramp.booted = boot ? boot->booted : 0;
}

/* BEFORE is its standing until now; STATE->since when that began. */
void ramp_standing(struct balance *balance, uint32_t server,
		   enum standing before, enum standing after, usec_t now)
{
	struct server_state *state = &balance->servers[server];
	const struct conf_slow_start *conf = ramp_conf(balance, server);

	if (after == STANDING_DOWN)
		ramp_down(balance, server);
	if (conf->time == 0 ||
	    (after != STANDING_UP && after != STANDING_SOFT &&
	     after != STANDING_DRAIN))
		return;
	if (before == STANDING_DOWN) {
		bool kept = ramp_kept_running(balance, server, now);

		ramp_arm(&state->ramp, kept && ramp_from(conf) < RAMP_BLIP ?
					       RAMP_BLIP :
					       ramp_from(conf));
	} else if ((before == STANDING_UNKNOWN || before == STANDING_HELD) &&
		   state->prior == PRIOR_NEW &&
		   ramp_is_young(balance, server, now)) {
		ramp_arm(&state->ramp, ramp_from(conf));
	}
}

void ramp_adopt(struct balance *balance, uint32_t server, uint32_t share)
{
	struct server_state *state = &balance->servers[server];

	if (ramp_conf(balance, server)->time == 0 || share >= SHARE_FULL)
		return;
	ramp_arm(&state->ramp, share);
	state->ramp.adopted = true;
}

static uint32_t ramp_restarts(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;
	uint32_t restarts = 0;

	balance_for_each_use (conf, use)
		restarts += balance->checks[use->check].stats.restarts;
	return restarts;
}

void ramp_sync(struct balance *balance, uint32_t server)
{
	balance->servers[server].ramp.restarts = ramp_restarts(balance, server);
}

/* News of the server's checks: a restart that no probe saw, the first uptime. */
static void ramp_news(struct balance *balance, uint32_t server, usec_t now)
{
	struct server_state *state = &balance->servers[server];
	uint32_t restarts = ramp_restarts(balance, server);

	if (restarts > state->ramp.restarts &&
	    ramp_conf(balance, server)->time && !ramp_runs(&state->ramp))
		ramp_arm(&state->ramp, ramp_from(ramp_conf(balance, server)));
	state->ramp.restarts = restarts;
	if (state->ramp.adopted && server_is_proven(balance, server)) {
		state->ramp.adopted = false;
		if (!ramp_is_young(balance, server, now))
			ramp_end(&state->ramp);
	}
}

/* Threads_running of a server; NULL if none of its checks reads it. */
static const struct check_stats *ramp_running(const struct balance *balance,
					      uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		const struct check_stats *one =
			&balance->checks[use->check].stats;

		if (one->runnings)
			return one;
	}
	return NULL;
}

uint32_t ramp_limit(struct balance *balance,
		    const struct conf_virtual_server *vs)
{
	uint32_t i, count = 0;
	uint64_t limit;

	balance_for_each_server (vs, i) {
		const struct check_stats *one = ramp_running(balance, i);

		if (one && balance->servers[i].choice.serves &&
		    !ramp_runs(&balance->servers[i].ramp) &&
		    !cold_runs(&balance->servers[i].cold))
			balance->values[count++] = one->running_slow;
	}
	if (count == 0)
		return RAMP_LIMIT_MIN;
	limit = (uint64_t)median_of(balance->values, count) * 3 / 2;
	if (limit > UINT32_MAX)
		limit = UINT32_MAX;
	return limit > RAMP_LIMIT_MIN ? (uint32_t)limit : RAMP_LIMIT_MIN;
}

/* Look at the queue; a new reading is used up by that. */
enum gate ramp_gate(struct balance *balance, uint32_t server, uint32_t limit)
{
	struct server_state *state = &balance->servers[server];
	const struct check_stats *one = ramp_running(balance, server);
	bool fresh;

	if (!ramp_conf(balance, server)->gate || !one)
		return GATE_OPEN;
	fresh = one->runnings != state->ramp.runnings;
	state->ramp.runnings = one->runnings;
	if (one->running_quick > (uint64_t)limit * 2)
		return fresh ? GATE_CUTS : GATE_HOLDS;
	if (one->running_quick > limit || state->saturation.factor < SHARE_FULL)
		return GATE_HOLDS;
	return GATE_OPEN;
}

static uint32_t ramp_floor(const struct conf_slow_start *conf, usec_t age)
{
	uint32_t from = ramp_from(conf);
	usec_t whole = conf->time * RAMP_FLOOR_TIMES;

	if (age >= whole)
		return SHARE_FULL;
	return from + (uint32_t)((double)(SHARE_FULL - from) * (double)age /
				 (double)whole);
}

usec_t ramp_interval(const struct conf_slow_start *conf)
{
	usec_t step = conf->time / 30;

	if (step > RAMP_STEP_MAX)
		return RAMP_STEP_MAX;
	return step < RAMP_STEP_MIN ? RAMP_STEP_MIN : step;
}

static void ramp_step(struct balance *balance, uint32_t server, uint32_t limit,
		      usec_t now)
{
	struct server_state *state = &balance->servers[server];
	const struct conf_slow_start *conf = ramp_conf(balance, server);
	usec_t dt, interval = ramp_interval(conf);
	uint64_t ramp = state->ramp.share;
	uint32_t floor;

	state->ramp.limit = limit;
	if (state->ramp.since == 0)
		state->ramp.since = state->ramp.stepped = now;
	dt = now - state->ramp.stepped;
	if (dt >= interval) {
		state->ramp.stepped = now;
		/* A late decision must not make the ramp jump. */
		if (dt > 2 * interval)
			dt = 2 * interval;
		state->ramp.gate = (uint8_t)ramp_gate(balance, server, limit);
		if (state->ramp.gate == GATE_OPEN)
			ramp += (uint64_t)SHARE_FULL * (uint64_t)dt /
				(uint64_t)conf->time;
		else if (state->ramp.gate == GATE_CUTS)
			ramp = ramp * 7 / 10;
		floor = ramp_floor(conf, now - state->ramp.since);
		if (ramp < floor)
			ramp = floor;
		state->ramp.share = ramp < SHARE_FULL ? (uint32_t)ramp :
							SHARE_FULL;
	}
	if (ramp_runs(&state->ramp))
		balance_wake_at(balance, state->ramp.stepped + interval);
}

/*
 * Whether half of the serving servers are cold; RAMPING: those with a ramp;
 * WHOLE: none of them is warm.
 */
static bool ramp_skips(const struct balance *balance,
		       const struct conf_virtual_server *vs, usec_t now,
		       uint32_t *ramping, bool *whole)
{
	uint32_t i, serve = 0, cold = 0;
	bool adopted = false;

	*ramping = 0;
	balance_for_each_server (vs, i) {
		const struct server_state *state = &balance->servers[i];

		if (!state->choice.serves || state->share == 0)
			continue;
		serve++;
		*ramping += ramp_runs(&state->ramp);
		adopted |= state->ramp.adopted;
		cold += ramp_is_cold(balance, i, now);
	}
	*whole = cold == serve;
	/* A weight found in the kernel is not known to be a ramp's yet. */
	return !adopted && cold * 2 >= serve && (cold > 1 || serve == 1);
}

void ramp_decide(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t i, ramping, limit;
	bool skip, whole;

	balance_for_each_server (conf, i)
		ramp_news(balance, i, now);
	skip = ramp_skips(balance, conf, now, &ramping, &whole);
	balance->services[vs].ramping = skip ? 0 : ramping;
	if (ramping == 0)
		return;
	limit = skip ? 0 : ramp_limit(balance, conf);
	balance_for_each_server (conf, i) {
		struct server_state *state = &balance->servers[i];

		if (!state->choice.serves || state->share == 0 ||
		    !ramp_runs(&state->ramp))
			continue;
		if (skip) {
			if (whole)
				cold_begin(balance, i, state->ramp.share);
			ramp_end(&state->ramp);
			state->ramp.skipped = now;
		} else {
			ramp_step(balance, i, limit, now);
		}
	}
}
