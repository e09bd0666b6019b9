/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lag has two thresholds, and an ejection takes a second look: who is left over
 * must not be about to fail. Both against random results.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/balance_world.h"

#define HISTORIES 1500
#define STEPS 60
#define SERVERS 5
#define UNKNOWN (-1)

/*
 * What evenkeel.conf(5) says of max_lag (30 s) and resume_lag (10 s), once more:
 * a row of `fall` results ejects, a row of `rise` lets back.
 */
struct model {
	int rise, fall;
	bool known, out;
	int last; /* the lag of before, in s, or UNKNOWN */
	int bad, good; /* in a row */
};

static void model_bad(struct model *model)
{
	model->good = 0;
	model->bad++;
	/* The first result of all decides. */
	if (!model->known || model->bad >= model->fall)
		model->out = true;
	model->known = model->known || model->out;
}

static void model_good(struct model *model)
{
	model->bad = 0;
	model->good++;
	if (model->good < model->rise)
		return;
	model->out = false;
	model->known = true;
}

static void model_step(struct model *model, int lag)
{
	bool falls = model->last != UNKNOWN && lag < model->last;

	if (lag == UNKNOWN) {
		/* NULL is never a number: it lets nobody back for lag. */
		if (!model->out)
			model_good(model);
		return;
	}
	if (lag > 30 && (model->out || !model->known || !falls))
		model_bad(model);
	else if (lag <= 30 && (!model->out || lag <= 10))
		model_good(model);
	else if (lag <= 30)
		model_bad(model);
	model->last = lag;
}

/* Around both thresholds, now and then far away, now and then not known. */
static int random_lag(uint64_t *seed, int last)
{
	switch (random_below(seed, 8)) {
	case 0:
		return UNKNOWN;
	case 1:
		return (int)random_below(seed, 90);
	case 2:
		return 30 + (int)random_below(seed, 2);
	case 3:
		return 10 + (int)random_below(seed, 2);
	default:
		return last == UNKNOWN || last < 3 ?
			       (int)random_below(seed, 12) :
			       last - 3 + (int)random_below(seed, 7);
	}
}

static void lag_history(uint64_t seed)
{
	struct world *world = world_pool(1, CHECK_MYSQL);
	struct model model = { .last = UNKNOWN };
	struct balance *balance;
	unsigned step;
	int last = 0;

	model.rise = 1 + (int)random_below(&seed, 3);
	model.fall = 1 + (int)random_below(&seed, 3);
	world->checks[0].rise = (uint32_t)model.rise;
	world->checks[0].fall = (uint32_t)model.fall;
	balance = balance_new(&world->conf, 0);
	for (step = 0; step < STEPS; step++) {
		bool before = model.out;
		usec_t now = s(2 + 2 * step);

		last = random_lag(&seed, last);
		model_step(&model, last);
		if (last == UNKNOWN)
			say(balance, 0, PROBE_OK, now);
		else
			say_lag(balance, 0, last, now);
		weight_of(balance, 0, now);
		if (standing_is(balance, 0) != STANDING_UNKNOWN)
			cr_assert_eq(standing_is(balance, 0) == STANDING_SOFT,
				     model.out, "step %u, lag %d", step, last);
		/* Between the thresholds nobody comes and nobody goes. */
		if (last > 10 && last <= 30 && step > 0 && model.known)
			cr_assert_eq(model.out, before);
	}
	balance_free(balance);
	world_free(world);
}

Test(balance_lag, two_thresholds_as_the_manual_has_them)
{
	uint64_t seed;

	for (seed = 0; seed < HISTORIES; seed++)
		lag_history(seed);
}

struct second {
	struct world *world;
	struct balance *balance;
	bool failing[SERVERS]; /* by its newest result that could judge */
	bool served[SERVERS];
	usec_t now;
};

static void second_say(struct second *second, uint64_t *seed)
{
	static const enum outcome outcomes[] = {
		PROBE_OK,      PROBE_OK,      PROBE_REFUSED,	 PROBE_LAGGING,
		PROBE_LAGGING, PROBE_LAGGING, PROBE_NOT_REPLICA, PROBE_ROLE,
		PROBE_HUNG,    PROBE_BLOCKED, PROBE_SATURATED,	 PROBE_NONE,
	};
	uint32_t i;

	second->now += s(2);
	for (i = 0; i < SERVERS; i++) {
		enum outcome outcome =
			outcomes[random_below(seed, ARRAY_SIZE(outcomes))];
		enum outcome_class class = outcome_info(outcome)->class;

		if (!random_below(seed, 3))
			continue; /* its check is slower */
		say(second->balance, i, outcome, second->now);
		if (class == OUTCOME_GOOD || class == OUTCOME_SOFT)
			second->failing[i] = false;
		else if (class == OUTCOME_HARD)
			second->failing[i] = true;
	}
}

/* Whoever is ejected softly leaves enough that are well by their newest result. */
static void second_check(struct second *second)
{
	struct balance_server_view views[SERVERS];
	struct balance_vs_view pool;
	uint32_t i, solid = 0, ejected = 0;

	weight_of(second->balance, 0, second->now);
	balance_view_vs(second->balance, 0, &pool);
	for (i = 0; i < SERVERS; i++) {
		balance_view_server(second->balance, i, &views[i]);
		solid += views[i].serves && !second->failing[i];
		ejected += second->served[i] && !views[i].serves &&
			   views[i].standing == STANDING_SOFT;
		second->served[i] = views[i].serves;
	}
	cr_assert(ejected == 0 || solid >= pool.need,
		  "%u ejected, %u are solid, %u must serve", ejected, solid,
		  pool.need);
}

Test(balance_lag, nobody_is_ejected_for_one_that_is_about_to_fail)
{
	struct second second;
	uint64_t round;
	uint32_t i;

	for (round = 0; round < HISTORIES; round++) {
		uint64_t seed = round + 900;

		second = (struct second){ .world = world_pool(SERVERS,
							      CHECK_MYSQL) };
		second.world->vs[0].min_serving =
			(struct conf_share){ random_below(&seed, 101), true };
		second.world->vs[0].correlated = random_below(&seed, 2) * 60;
		for (i = 0; i < SERVERS; i++) {
			second.world->checks[i].rise =
				1 + random_below(&seed, 2);
			second.world->checks[i].fall =
				1 + random_below(&seed, 4);
		}
		second.balance = balance_new(&second.world->conf, 0);
		for (i = 0; i < STEPS; i++) {
			second_say(&second, &seed);
			second_check(&second);
		}
		balance_free(second.balance);
		world_free(second.world);
	}
}
