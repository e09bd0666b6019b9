/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Soft failures of one check: the server serves, but worse than it should (lag,
 * role, lost source). Soft failures have a rise and fall of their own, beside
 * the health that tells whether the server serves at all; the arbiter decides
 * on the consequences.
 *
 * Lag has two thresholds and a direction:
 *
 *	above max_lag			bad; but a lag that falls is left alone,
 *					unless the server is out already
 *	up to resume_lag		good
 *	between			good for a server that is in, bad for one
 *					that is out for its lag
 *	unknown			says nothing: NULL is never a number
 *
 * A server that went down is judged anew when it returns: the first result
 * decides.
 */
#include <string.h>

#include "balance/balance_internal.h"

enum soft_word {
	SOFT_SAYS_NOTHING,
	SOFT_SAYS_GOOD,
	SOFT_SAYS_BAD,
};

bool soft_is_bad(const struct check_state *state,
		 const struct conf_check *check)
{
	return health_state(&state->soft, check->rise) == HEALTH_DOWN;
}

static enum soft_word soft_judge_lag(const struct check_state *state,
				     const struct conf_check *check,
				     const struct facts *facts)
{
	bool out = soft_is_bad(state, check);
	bool for_lag = out && state->soft_outcome == PROBE_LAGGING;

	if (!(facts->have & FACT_LAG))
		return for_lag ? SOFT_SAYS_NOTHING : SOFT_SAYS_GOOD;
	if (facts->lag > check->traits.max_lag) {
		if (!out && state->soft.known && state->lag_known &&
		    facts->lag < state->lag)
			return SOFT_SAYS_NOTHING;
		return SOFT_SAYS_BAD;
	}
	if (for_lag && facts->lag > check->traits.resume_lag)
		return SOFT_SAYS_BAD;
	return SOFT_SAYS_GOOD;
}

static enum soft_word soft_judge(const struct check_state *state,
				 const struct conf_check *check,
				 enum outcome_class class,
				 const struct facts *facts)
{
	switch (class) {
	case OUTCOME_SOFT:
		return SOFT_SAYS_BAD;
	case OUTCOME_GOOD:
		if (check->traits.max_lag > 0)
			return soft_judge_lag(state, check, facts);
		return SOFT_SAYS_GOOD;
	case OUTCOME_UNKNOWN:
	case OUTCOME_HARD:
	case OUTCOME_SATURATED:
	case OUTCOME_HOLD:
	case OUTCOME_DRAIN:
	case OUTCOME_CLASSES:
		break;
	}
	return SOFT_SAYS_NOTHING;
}

bool soft_step(struct check_state *state, const struct conf_check *check,
	       enum outcome_class class, const struct verdict *verdict)
{
	enum soft_word word = soft_judge(state, check, class, &verdict->facts);
	usec_t lag = state->lag;
	bool changed = false;

	if (word == SOFT_SAYS_BAD) {
		state->soft_outcome = class == OUTCOME_SOFT ? verdict->outcome :
							      PROBE_LAGGING;
	}
	if (word != SOFT_SAYS_NOTHING)
		changed = health_step(&state->soft, word == SOFT_SAYS_GOOD,
				      check->rise, check->fall);
	if (verdict->facts.have & FACT_LAG) {
		state->lag = verdict->facts.lag;
		state->lag_known = true;
	}
	/* Among soft-failed servers, the lag decides which are kept. */
	return changed || (soft_is_bad(state, check) && lag != state->lag);
}

void soft_forget(struct check_state *state)
{
	memset(&state->soft, 0, sizeof(state->soft));
	state->lag_known = false;
}

enum outcome soft_outcome(const struct balance *balance, uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		uint32_t check = use->check;

		if (soft_is_bad(&balance->checks[check],
				&balance->conf->checks[check]))
			return balance->checks[check].soft_outcome;
	}
	return PROBE_NONE;
}

/*
 * The badness of a soft failure, for "worst first": a role costs no freshness,
 * a lost source makes the data old everywhere alike, lag is measured, and data
 * without replication is ever older.
 */
static unsigned soft_rank(unsigned outcome)
{
	if (outcome == PROBE_ROLE)
		return 0;
	if (outcome == PROBE_SOURCE_LOST)
		return 1;
	return outcome == PROBE_LAGGING ? 2 : 3;
}

#define SOFT_LAG_MAX ((uint64_t)1 << 56)

uint64_t soft_badness(const struct balance *balance, uint32_t server,
		      bool incumbent)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	uint64_t worst = 0;
	const struct conf_use *use;

	balance_for_each_use (conf, use) {
		uint32_t check = use->check;
		const struct check_state *state = &balance->checks[check];
		uint64_t lag = SOFT_LAG_MAX, one;

		if (!soft_is_bad(state, &balance->conf->checks[check]))
			continue;
		if (state->lag_known && (uint64_t)state->lag < SOFT_LAG_MAX)
			lag = (uint64_t)state->lag;
		/* A serving server gives way only to a clearly better one. */
		if (incumbent)
			lag = lag / 3 * 2;
		one = ((uint64_t)soft_rank(state->soft_outcome) << 60) |
		      (lag << 1) | !incumbent;
		if (one > worst)
			worst = one;
	}
	return worst;
}
