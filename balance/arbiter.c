/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arbiter: one authority per pool, which selects the serving servers from
 * one snapshot of all servers. Single servers never decide for themselves, so
 * the order in which verdicts arrive cannot matter.
 *
 * In this order, until `min_serving` are found:
 *	1. servers that are up, soft failures that are excused included (see
 *	   correlate.c): all of them serve, however many;
 *	2. `backup` servers that are up: all of them;
 *	3. soft-failed servers, the least bad first, and no more than needed.
 * Only if steps 1 to 3 select no server:
 *	4. servers that answer but could not be judged, since the check itself is
 *	   misconfigured: a wrong password in our file must not empty a pool;
 *	5. the last resort: the servers that served last, even if down. That
 *	   costs nothing against a refusal, and hedges against a blind checker.
 *	   Not under keepalived_compat, and not beside a sorry server. When
 *	   others take their place again, those not asked since then wait for
 *	   a word of their checks with weight 0 (build.c): what makes one
 *	   server return, a repaired network say, makes the others return.
 * Hard-failed servers are out as long as any server of 1 to 4 is left. With
 * `role source`, steps 4 and 5 exclude servers whose role was never seen: an
 * empty pool is better than a second writer.
 *
 * With `writers`, servers beyond the seats are passed over in each step, and the
 * seats decide between primaries and backups: see writers.c. Step 4 is left out.
 * With `failback manual`, servers that wait for the operator are passed over:
 * see failback.c.
 *
 * The result is then checked once more against the newest verdicts: a server
 * whose last probe failed is still up (`fall`), but does not count as remaining
 * when another server is to be ejected for a soft failure.
 */
#include "balance/balance_internal.h"

/* Rounds within which servers left to count as the last serving set. */
#define ARBITER_LAST_ROUNDS 3

struct pool {
	struct balance *balance;
	const struct conf_virtual_server *conf;
	struct vs_state *state;
	uint32_t vs;
	usec_t now;
	uint32_t need;
	uint32_t taken; /* servers that serve, those of weight 0 included */
	uint32_t found; /* servers that serve and have a weight */
	uint32_t solid; /* of `found`: the newest verdict is no failure */
};

static uint32_t arbiter_pool_need(const struct pool *pool)
{
	const struct conf_share *share = &pool->conf->min_serving;
	uint32_t i, count = 0;
	uint64_t need = share->value;

	balance_for_each_server (pool->conf, i)
		count += !pool->balance->conf->servers[i].backup &&
			 pool->balance->servers[i].share > 0;
	if (share->percent)
		need = ((uint64_t)count * share->value + 99) / 100;
	if (need > count)
		need = count;
	if (pool->conf->writers && need > pool->conf->writers)
		need = pool->conf->writers;
	return need ? (uint32_t)need : 1;
}

/* Whether the newest verdict on any of the server's checks is a failure. */
static bool arbiter_server_is_shaky(const struct balance *balance,
				    uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	const struct conf_use *use;

	balance_for_each_use (conf, use)
		if (balance->checks[use->check].failing)
			return true;
	return false;
}

static void arbiter_pool_take(struct pool *pool, uint32_t server)
{
	struct server_state *state = &pool->balance->servers[server];

	if (state->seat.barred)
		return;
	state->choice.next = true;
	pool->taken++;
	if (state->share == 0)
		return;
	pool->found++;
	pool->solid += !arbiter_server_is_shaky(pool->balance, server);
}

/*
 * True for a backup too: the kernel's table does not show why a backup serves.
 */
bool server_goes_on(const struct balance *balance, uint32_t server)
{
	return balance->servers[server].adopted &&
	       balance->conf->servers[server].nr_uses > 0 &&
	       !server_is_proven(balance, server);
}

/* Take servers that are up (or excused), of the primaries or of the backups. */
static void arbiter_pool_take_good(struct pool *pool, bool backup)
{
	uint32_t i;

	balance_for_each_server (pool->conf, i) {
		const struct server_state *state = &pool->balance->servers[i];

		bool second = pool->balance->conf->servers[i].backup &&
			      pool->conf->writers == 0 &&
			      !server_goes_on(pool->balance, i);

		if (second != backup || override_takes_out(&state->override))
			continue;
		if (state->standing == STANDING_UP ||
		    (state->standing == STANDING_SOFT &&
		     correlate_excuses(pool->balance, pool->vs, i, pool->now)))
			arbiter_pool_take(pool, i);
	}
}

/* Keep the least bad soft-failed servers, as many as needed. */
static void arbiter_pool_keep_soft(struct pool *pool)
{
	struct balance *balance = pool->balance;
	struct candidate *candidates = balance->candidates;
	uint32_t i, count = 0;

	balance_for_each_server (pool->conf, i) {
		const struct server_state *state = &balance->servers[i];

		if (state->standing != STANDING_SOFT || state->choice.next ||
		    state->seat.barred || state->share == 0 ||
		    override_takes_out(&state->override))
			continue;
		candidates[count].key =
			soft_badness(balance, i, state->choice.serves);
		candidates[count++].server = i;
	}
	if (pool->solid >= pool->need)
		return;
	candidates_sort(candidates, count);
	for (i = 0; i < count; i++) {
		uint32_t server = candidates[i].server;

		/*
		 * Beyond the need, keep only serving ones, while others are
		 * shaky.
		 */
		if (pool->found >= pool->need &&
		    (pool->solid >= pool->need ||
		     !balance->servers[server].choice.serves))
			continue;
		arbiter_pool_take(pool, server);
		pool->state->kept++;
	}
}

static void arbiter_pool_take_held(struct pool *pool)
{
	uint32_t i;

	balance_for_each_server (pool->conf, i) {
		const struct server_state *state = &pool->balance->servers[i];

		if (state->standing == STANDING_HELD &&
		    !override_takes_out(&state->override) &&
		    standing_may_write(pool->balance, i))
			arbiter_pool_take(pool, i);
	}
}

static bool arbiter_server_may_be_last(const struct balance *balance,
				       uint32_t server)
{
	const struct server_state *state = &balance->servers[server];

	return state->standing == STANDING_DOWN && state->choice.left != 0 &&
	       !state->seat.barred && !override_takes_out(&state->override) &&
	       standing_may_write(balance, server);
}

static void arbiter_pool_take_last(struct pool *pool)
{
	struct server_state *servers = pool->balance->servers;
	usec_t newest = 0, oldest;
	uint32_t i;

	if (pool->balance->conf->global.compat ||
	    quorum_has_sorry(pool->balance, pool->vs))
		return;
	balance_for_each_server (pool->conf, i) {
		/* A server that serves now stops with this decision. */
		if (servers[i].choice.serves && !pool->state->last_resort)
			servers[i].choice.left = pool->now;
		if (arbiter_server_may_be_last(pool->balance, i) &&
		    servers[i].choice.left > newest)
			newest = servers[i].choice.left;
	}
	oldest = newest - ARBITER_LAST_ROUNDS * pool->state->round;
	balance_for_each_server (pool->conf, i)
		if (arbiter_server_may_be_last(pool->balance, i) &&
		    servers[i].choice.left >= oldest)
			arbiter_pool_take(pool, i);
}

/*
 * A server that could serve counts for the quorum, even if ejected for a soft
 * failure.
 */
static bool arbiter_server_counts(const struct server_state *state, bool held)
{
	if (override_takes_out(&state->override))
		return false;
	return state->standing == STANDING_UP ||
	       state->standing == STANDING_SOFT ||
	       (held && state->standing == STANDING_HELD);
}

static void arbiter_pool_settle(struct pool *pool, bool last_resort, bool held)
{
	struct vs_state *state = pool->state;
	uint32_t i;

	state->up = state->soft = state->serving = 0;
	state->backups = 0;
	state->up_weight = state->unjudged = 0;
	balance_for_each_server (pool->conf, i) {
		struct server_state *one = &pool->balance->servers[i];

		if (one->choice.serves && !one->choice.next) {
			if (!state->last_resort)
				one->choice.left = pool->now;
			else if (pool->taken > 0)
				one->choice.relieved = pool->now;
		}
		one->choice.serves = one->choice.next;
		state->up += one->standing == STANDING_UP;
		state->soft += one->standing == STANDING_SOFT;
		state->serving += one->choice.serves;
		state->backups += one->choice.serves &&
				  pool->balance->conf->servers[i].backup;
		if (arbiter_server_counts(one, held))
			state->up_weight += one->share;
		else if (one->adopted_zero && build_is_unjudged(one) &&
			 !override_takes_out(&one->override))
			state->unjudged += one->share;
	}
	state->last_resort = last_resort;
	state->held = held;
}

void arbiter_choose(struct balance *balance, uint32_t vs, usec_t now)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct pool pool = { .balance = balance,
			     .conf = conf,
			     .state = &balance->services[vs],
			     .vs = vs,
			     .now = now };
	bool last_resort = false, held = false;
	uint32_t i;

	balance_for_each_server (conf, i)
		balance->servers[i].choice.next = false;
	pool.need = arbiter_pool_need(&pool);
	pool.state->need = pool.need;
	pool.state->kept = 0;
	correlate_decide(balance, vs, now);
	writers_admit(balance, vs, now);
	failback_admit(balance, vs, now);
	arbiter_pool_take_good(&pool, false);
	if (pool.found < pool.need)
		arbiter_pool_take_good(&pool, true);
	arbiter_pool_keep_soft(&pool);
	if (pool.taken == 0) {
		arbiter_pool_take_held(&pool);
		held = pool.taken > 0;
	}
	if (pool.taken == 0) {
		arbiter_pool_take_last(&pool);
		last_resort = pool.taken > 0;
	}
	failback_settle(balance, vs, last_resort);
	writers_settle(balance, vs, last_resort);
	arbiter_pool_settle(&pool, last_resort, held);
}
