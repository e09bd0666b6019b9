/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Thousands of random lives of two or three routers on one simulated link, in
 * virtual time. They start, stop, crash, freeze, fail, change priority and lose
 * sight of each other; packets are late and get lost. These must hold:
 *
 * - on a link that loses nothing, two that see each other are Active at once
 *   only for as long as a packet and its answer take, which may wait for a
 *   quarter of an interval (a whole one after a cut was healed or a sleeper
 *   woke);
 * - members of a sync group are Active together or not at all;
 * - when all is quiet, exactly one is Active, and the one with the best
 *   priority where preemption is allowed;
 * - the same seed tells the same story.
 *
 * What is said of time is said here, where the clock is the protocol's own: when
 * a backup takes over from a master that died or stopped, to the microsecond, and
 * how late processes may get their turns before an address moves.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/fsm.h"
#include "vrrp/group.h"

#define NODES 3
#define MEMBERS 2
#define FLIGHTS 4096
#define DELAY_MAX 900

struct node {
	struct vrrp_conf_instance conf;
	struct vrrp_fsm fsm[MEMBERS];
	bool alive, broken;
	usec_t frozen; /* until then; 0: not */
};

struct flight {
	usec_t at;
	int from, to, member;
	uint8_t priority;
	usec_t interval;
};

struct sim {
	uint64_t random;
	usec_t now;
	int nodes, members;
	unsigned loss; /* percent */
	struct node node[NODES];
	bool cut[NODES][NODES];
	struct flight flight[FLIGHTS];
	int flights;
	usec_t disturbed; /* last heal or wake */
	usec_t heard[NODES]; /* when the last advert came */
	usec_t overlap[MEMBERS]; /* since when two are Active; 0: not */
	usec_t longest; /* overlap beyond what is allowed */
	uint64_t story;
	unsigned takeovers;
};

static uint64_t draw(struct sim *sim)
{
	uint64_t z = sim->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static usec_t between(struct sim *sim, usec_t low, usec_t high)
{
	return low + (usec_t)(draw(sim) % (uint64_t)(high - low + 1));
}

static void tell(struct sim *sim, int node, int member, unsigned what)
{
	uint64_t word = (uint64_t)sim->now << 12 | (unsigned)node << 10 |
			(unsigned)member << 8 | what;

	sim->story = (sim->story ^ word) * 0x100000001b3u;
}

static void transmit(struct sim *sim, int from, int member, uint8_t priority)
{
	struct flight *flight;
	int to;

	for (to = 0; to < sim->nodes; to++) {
		if (to == from || sim->cut[from][to] ||
		    (unsigned)between(sim, 0, 99) < sim->loss)
			continue;
		cr_assert_lt(sim->flights, FLIGHTS);
		flight = &sim->flight[sim->flights++];
		*flight = (struct flight){
			.at = sim->now + between(sim, 10, DELAY_MAX),
			.from = from,
			.to = to,
			.member = member,
			.priority = priority,
			.interval = sim->node[from].conf.interval,
		};
	}
}

static void deliver(struct sim *sim, int n, int m,
		    const struct vrrp_event *event)
{
	struct node *node = &sim->node[n];
	enum vrrp_state before = node->fsm[m].state;
	struct vrrp_step step;

	step = vrrp_fsm_step(&node->fsm[m], &node->conf, event, sim->now);
	if (step.actions & VRRP_SEND_ADVERT)
		transmit(sim, n, m, node->fsm[m].priority);
	if (step.actions & VRRP_SEND_STOP)
		transmit(sim, n, m, VRRP_PRIORITY_STOP);
	/* Addresses are taken and dropped exactly with the state. */
	cr_assert_eq((step.actions & VRRP_ADD_ADDRESSES) != 0,
		     before != VRRP_ACTIVE &&
			     node->fsm[m].state == VRRP_ACTIVE);
	cr_assert_eq((step.actions & VRRP_REMOVE_ADDRESSES) != 0,
		     before == VRRP_ACTIVE &&
			     node->fsm[m].state != VRRP_ACTIVE);
	if (before != VRRP_ACTIVE && node->fsm[m].state == VRRP_ACTIVE)
		sim->takeovers++;
	tell(sim, n, m, node->fsm[m].state << 4 | step.reason);
}

static void judge(struct sim *sim, int n)
{
	struct vrrp_member members[MEMBERS];
	enum vrrp_event_kind events[MEMBERS];
	struct node *node = &sim->node[n];
	struct vrrp_event event;
	int m, rounds = 0;

	for (;;) {
		for (m = 0; m < sim->members; m++)
			members[m] = (struct vrrp_member){
				.state = node->fsm[m].state,
				.ready = node->fsm[m].ready,
				.broken = node->broken && m == 0,
			};
		if (!vrrp_group_judge(members, (size_t)sim->members, events))
			break;
		cr_assert_lt(rounds++, 3);
		for (m = 0; m < sim->members; m++) {
			event = (struct vrrp_event){ .kind = events[m] };
			deliver(sim, n, m, &event);
		}
	}
	for (m = 1; m < sim->members; m++)
		cr_assert_eq(node->fsm[m].state == VRRP_ACTIVE,
			     node->fsm[0].state == VRRP_ACTIVE);
}

static void give(struct sim *sim, int n, int m, struct vrrp_event event)
{
	deliver(sim, n, m, &event);
	if (event.kind != VRRP_EVENT_STOP && event.kind != VRRP_EVENT_START)
		judge(sim, n);
}

static void give_all(struct sim *sim, int n, struct vrrp_event event)
{
	int m;

	for (m = 0; m < sim->members; m++)
		deliver(sim, n, m, &event);
	if (event.kind != VRRP_EVENT_STOP)
		judge(sim, n);
}

static void start(struct sim *sim, int n)
{
	struct node *node = &sim->node[n];
	int m;

	node->alive = true;
	node->broken = false;
	for (m = 0; m < sim->members; m++)
		vrrp_fsm_init(&node->fsm[m], &node->conf);
	give_all(sim, n, (struct vrrp_event){ .kind = VRRP_EVENT_START });
}

static void die(struct sim *sim, int n)
{
	int m;

	sim->node[n].alive = false;
	for (m = 0; m < sim->members; m++)
		vrrp_fsm_init(&sim->node[n].fsm[m], &sim->node[n].conf);
}

static void set_cut(struct sim *sim, int a, int b, bool cut)
{
	sim->cut[a][b] = sim->cut[b][a] = cut;
	if (!cut)
		sim->disturbed = sim->now;
}

static void disturb(struct sim *sim)
{
	int n = (int)between(sim, 0, sim->nodes - 1);
	struct vrrp_event event = { .kind = VRRP_EVENT_NONE };
	struct node *node = &sim->node[n];

	switch (between(sim, 0, 7)) {
	case 0:
		if (node->alive)
			give_all(
				sim, n,
				(struct vrrp_event){ .kind = VRRP_EVENT_STOP });
		die(sim, n);
		break;
	case 1:
		die(sim, n);
		break;
	case 2:
	case 3:
		if (!node->alive)
			start(sim, n);
		break;
	case 4:
		if (!node->alive || node->conf.priority == 255)
			break;
		event.kind = VRRP_EVENT_PRIORITY;
		event.priority = (uint8_t)between(sim, 1, 254);
		give_all(sim, n, event);
		break;
	case 5:
		node->broken = !node->broken && node->alive;
		if (node->alive)
			judge(sim, n);
		break;
	case 6:
		set_cut(sim, n, (n + 1) % sim->nodes, between(sim, 0, 1));
		break;
	case 7:
		if (node->alive && node->frozen == 0)
			node->frozen = sim->now + between(sim, 1, 8000000);
		break;
	}
}

static bool seen_active(const struct sim *sim, int n, int m)
{
	return sim->node[n].alive && sim->node[n].frozen == 0 &&
	       sim->node[n].fsm[m].state == VRRP_ACTIVE;
}

/* How long have two been Active that see each other? */
static void watch(struct sim *sim)
{
	usec_t interval = 0, allowed, since;
	bool two;
	int m, a, b;

	for (a = 0; a < sim->nodes; a++)
		if (sim->node[a].conf.interval > interval)
			interval = sim->node[a].conf.interval;
	for (m = 0; m < sim->members; m++) {
		two = false;
		for (a = 0; a < sim->nodes; a++)
			for (b = a + 1; b < sim->nodes; b++)
				two = two || (seen_active(sim, a, m) &&
					      seen_active(sim, b, m) &&
					      !sim->cut[a][b]);
		if (!two) {
			sim->overlap[m] = 0;
			continue;
		}
		if (sim->overlap[m] == 0)
			sim->overlap[m] = sim->now;
		since = sim->overlap[m];
		allowed = interval / 4 + 3 * DELAY_MAX;
		if (since < sim->disturbed + interval + 4 * DELAY_MAX) {
			since = sim->disturbed;
			allowed = interval + 8 * DELAY_MAX;
		}
		if (sim->now - since > allowed &&
		    sim->now - since > sim->longest)
			sim->longest = sim->now - since;
	}
}

/* A sleeper's packets wait for it, and are read before its timers fire. */
static usec_t ready_at(const struct sim *sim, int n, usec_t at)
{
	return sim->node[n].frozen > at ? sim->node[n].frozen : at;
}

static bool fly(struct sim *sim, int k)
{
	struct flight flight = sim->flight[k];
	struct vrrp_event event = { .kind = VRRP_EVENT_ADVERT };

	sim->flight[k] = sim->flight[--sim->flights];
	if (!sim->node[flight.to].alive || sim->cut[flight.from][flight.to])
		return false;
	event.advert.priority = flight.priority;
	event.advert.interval = flight.interval;
	event.advert.order = flight.from - flight.to;
	sim->heard[flight.to] = sim->now;
	give(sim, flight.to, flight.member, event);
	return true;
}

/* The next thing that happens before END; false if there is none. */
static bool turn(struct sim *sim, usec_t end)
{
	usec_t first = end, at;
	int n, m, k, packet = -1, node = -1, member = 0;

	for (k = 0; k < sim->flights; k++) {
		at = ready_at(sim, sim->flight[k].to, sim->flight[k].at);
		if (at < first) {
			first = at;
			packet = k;
		}
	}
	for (n = 0; n < sim->nodes; n++) {
		for (m = 0; m < sim->members; m++) {
			if (!sim->node[n].alive ||
			    sim->node[n].fsm[m].timer == 0)
				continue;
			at = ready_at(sim, n, sim->node[n].fsm[m].timer);
			if (at < first) {
				first = at;
				packet = -1;
				node = n;
				member = m;
			}
		}
	}
	if (first > sim->now)
		sim->now = first;
	for (n = 0; n < sim->nodes; n++) {
		if (sim->node[n].frozen && sim->node[n].frozen <= sim->now) {
			sim->node[n].frozen = 0;
			sim->disturbed = sim->now;
		}
	}
	if (packet >= 0)
		fly(sim, packet);
	else if (node >= 0)
		give(sim, node, member,
		     (struct vrrp_event){ .kind = VRRP_EVENT_TIMER });
	watch(sim);
	return packet >= 0 || node >= 0;
}

static void run_until(struct sim *sim, usec_t end)
{
	while (turn(sim, end))
		;
	sim->now = end;
}

static void build(struct sim *sim, uint64_t seed, unsigned loss, int members)
{
	struct vrrp_conf_instance *conf;
	int n;

	memset(sim, 0, sizeof(*sim));
	sim->random = seed;
	sim->now = USEC_PER_SEC;
	sim->story = 0xcbf29ce484222325u;
	sim->nodes = (int)between(sim, 2, NODES);
	sim->members = members;
	sim->loss = loss;
	for (n = 0; n < sim->nodes; n++) {
		conf = &sim->node[n].conf;
		conf->version = 3;
		conf->down_adverts = 3;
		conf->higher_prio_send_advert = true;
		conf->priority = (uint8_t)between(sim, 1, 254);
		conf->interval = 10000 * between(sim, 1, 150);
		conf->preempt = between(sim, 0, 3) != 0;
		conf->preempt_delay = between(sim, 0, 3) == 0 ? 2500000 : 0;
		conf->sync_group = members > 1 ? 0 : VRRP_NO_GROUP;
	}
	if (between(sim, 0, 9) == 0)
		sim->node[0].conf.priority = 255;
}

/* Wake, heal and start everybody, and wait until all of it has settled. */
static void settle(struct sim *sim)
{
	int n, k;

	sim->loss = 0;
	for (n = 0; n < sim->nodes; n++)
		for (k = 0; k < sim->nodes; k++)
			sim->cut[n][k] = false;
	for (n = 0; n < sim->nodes; n++) {
		sim->node[n].frozen = 0;
		sim->node[n].broken = false;
		if (!sim->node[n].alive)
			start(sim, n);
		else
			judge(sim, n);
	}
	sim->disturbed = sim->now;
	run_until(sim, sim->now + 30 * USEC_PER_SEC);
}

static void check_settled(struct sim *sim, uint64_t seed)
{
	int n, m, active, who = -1;
	bool preempt = true;
	uint8_t best = 0;

	for (n = 0; n < sim->nodes; n++) {
		preempt = preempt && sim->node[n].conf.preempt;
		if (sim->node[n].fsm[0].priority > best)
			best = sim->node[n].fsm[0].priority;
	}
	for (m = 0; m < sim->members; m++) {
		active = 0;
		for (n = 0; n < sim->nodes; n++) {
			if (sim->node[n].fsm[m].state != VRRP_ACTIVE)
				continue;
			active++;
			cr_assert(m == 0 || who == n, "seed %lu: split group",
				  (unsigned long)seed);
			who = n;
		}
		cr_assert_eq(active, 1, "seed %lu: %d are Active",
			     (unsigned long)seed, active);
		if (preempt)
			cr_assert_eq(sim->node[who].fsm[m].priority, best,
				     "seed %lu: not the best",
				     (unsigned long)seed);
	}
}

static struct sim sim;

/* Two routers, A (0) Active and B its Backup, for ten intervals. */
static void build_pair(int version, usec_t interval, uint8_t a, uint8_t b)
{
	int n;

	build(&sim, 1, 0, 1);
	sim.nodes = 2;
	for (n = 0; n < 2; n++) {
		sim.node[n].conf = (struct vrrp_conf_instance){
			.version = (uint8_t)version,
			.down_adverts = 3,
			.higher_prio_send_advert = true,
			.priority = n == 0 ? a : b,
			.interval = interval,
			.preempt = true,
			.sync_group = VRRP_NO_GROUP,
		};
		start(&sim, n);
	}
	run_until(&sim, sim.now + 20 * interval + 4 * USEC_PER_SEC);
	cr_assert_eq(sim.node[0].fsm[0].state, VRRP_ACTIVE);
	cr_assert_eq(sim.node[1].fsm[0].state, VRRP_BACKUP);
}

static void until_active(int n)
{
	usec_t end = sim.now + 1000 * USEC_PER_SEC;

	while (sim.node[n].fsm[0].state != VRRP_ACTIVE)
		cr_assert(turn(&sim, end));
}

/* RFC 9568 and RFC 3768, section 6.1, in microseconds, rounded as they are. */
static usec_t skew(int version, usec_t interval, uint8_t priority)
{
	usec_t base = version == 2 ? USEC_PER_SEC : interval;

	return base * (256 - priority) / 256;
}

static const struct {
	usec_t interval;
	int version;
	uint8_t priority;
} pairs[] = {
	{ 10000, 3, 100 },   { 100000, 3, 100 },      { 1000000, 3, 100 },
	{ 200000, 3, 1 },    { 200000, 3, 254 },      { 40950000, 3, 100 },
	{ 1000000, 2, 100 }, { 2 * 1000000, 2, 100 }, { 255000000, 2, 1 },
};

Test(vrrp_sim, a_dead_master_is_replaced_after_the_down_interval)
{
	usec_t wanted;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		build_pair(pairs[i].version, pairs[i].interval, 255,
			   pairs[i].priority);
		die(&sim, 0);
		sim.flights = 0;
		until_active(1);
		wanted = 3 * pairs[i].interval + skew(pairs[i].version,
						      pairs[i].interval,
						      pairs[i].priority);
		cr_expect_leq(llabs(sim.now - sim.heard[1] - wanted), 1,
			      "row %zu: %ld us, not %ld", i,
			      (long)(sim.now - sim.heard[1]), (long)wanted);
	}
}

Test(vrrp_sim, a_master_that_stops_is_replaced_after_the_skew)
{
	usec_t wanted;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		build_pair(pairs[i].version, pairs[i].interval, 255,
			   pairs[i].priority);
		give_all(&sim, 0,
			 (struct vrrp_event){ .kind = VRRP_EVENT_STOP });
		until_active(1);
		wanted = skew(pairs[i].version, pairs[i].interval,
			      pairs[i].priority);
		cr_expect_leq(llabs(sim.now - sim.heard[1] - wanted), 1,
			      "row %zu: %ld us, not %ld", i,
			      (long)(sim.now - sim.heard[1]), (long)wanted);
	}
}

/* As router.c: the lowest priority first, then the word of priority 0. */
static void yield(int n, uint8_t priority)
{
	give_all(&sim, n,
		 (struct vrrp_event){ .kind = VRRP_EVENT_PRIORITY,
				      .priority = priority });
	give_all(&sim, n, (struct vrrp_event){ .kind = VRRP_EVENT_YIELD });
}

/*
 * The operator's switchover: the other one takes over after the skew, with or
 * without preemption, and is never disturbed by the one that yields, until it
 * dies; never are two Active.
 */
Test(vrrp_sim, a_master_that_yields_is_replaced_after_the_skew_for_good)
{
	usec_t wanted, yielded;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		if (pairs[i].priority == 254)
			continue;
		build_pair(pairs[i].version, pairs[i].interval, 254,
			   pairs[i].priority);
		sim.node[1].conf.preempt = i % 2;
		run_until(&sim, sim.now + 5 * pairs[i].interval);
		yielded = sim.now;
		yield(0, 1);
		cr_assert_eq(sim.node[0].fsm[0].state, VRRP_BACKUP);
		until_active(1);
		wanted = skew(pairs[i].version, pairs[i].interval,
			      pairs[i].priority);
		cr_expect_leq(llabs(sim.now - sim.heard[1] - wanted), 1,
			      "row %zu", i);
		cr_expect_leq(sim.now - yielded,
			      wanted + DELAY_MAX + USEC_PER_MSEC, "row %zu", i);
		sim.takeovers = 0;
		run_until(&sim, sim.now + 1000 * pairs[i].interval);
		cr_expect_eq(sim.takeovers, 0, "row %zu: it came back", i);
		cr_expect_eq(sim.node[0].fsm[0].state, VRRP_BACKUP);
		cr_expect_eq(sim.node[1].fsm[0].state, VRRP_ACTIVE);
		cr_expect_eq(sim.longest, 0, "row %zu: two were Active", i);
		die(&sim, 1);
		until_active(0);
		cr_expect_leq(sim.now - sim.heard[0], 4 * pairs[i].interval + 1,
			      "row %zu", i);
	}
}

/* Nobody takes over: the one that yielded serves again after its silence. */
Test(vrrp_sim, a_yield_to_nobody_ends_by_itself)
{
	build_pair(3, 1000000, 200, 100);
	die(&sim, 1);
	sim.flights = 0;
	yield(0, 1);
	cr_assert_eq(sim.node[0].fsm[0].state, VRRP_BACKUP);
	run_until(&sim, sim.now + 4 * USEC_PER_SEC);
	cr_expect_eq(sim.node[0].fsm[0].state, VRRP_ACTIVE);
}

/* A split that heals ends with the first advert that gets through. */
Test(vrrp_sim, a_healed_split_ends_within_an_interval)
{
	usec_t healed;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		build_pair(pairs[i].version, pairs[i].interval, 255,
			   pairs[i].priority);
		set_cut(&sim, 0, 1, true);
		until_active(1);
		run_until(&sim, sim.now + pairs[i].interval * 7 / 3);
		cr_assert_eq(sim.node[0].fsm[0].state, VRRP_ACTIVE);
		set_cut(&sim, 0, 1, false);
		healed = sim.now;
		while (sim.node[1].fsm[0].state == VRRP_ACTIVE)
			cr_assert(turn(&sim, healed + 2 * pairs[i].interval));
		cr_expect_leq(sim.now - healed, pairs[i].interval + DELAY_MAX);
		cr_expect_eq(sim.node[0].fsm[0].state, VRRP_ACTIVE);
	}
}

/*
 * Both processes get their turns late, again and again, by up to two intervals:
 * on a busy host no address moves. With four, it does.
 */
static unsigned late_turns(uint64_t seed, usec_t interval, usec_t late)
{
	struct node *node;
	int i;

	build_pair(3, interval, 150, 100);
	sim.random = seed;
	sim.takeovers = 0;
	for (i = 0; i < 1000; i++) {
		node = &sim.node[between(&sim, 0, 1)];
		if (node->frozen == 0)
			node->frozen = sim.now + between(&sim, 1, late);
		run_until(&sim, sim.now + between(&sim, 0, interval));
	}
	return sim.takeovers;
}

Test(vrrp_sim, late_turns_move_no_address, .timeout = 60)
{
	unsigned moved = 0;
	uint64_t seed;

	for (seed = 1; seed <= 50; seed++) {
		cr_assert_eq(late_turns(seed, 10000, 2 * 10000), 0,
			     "seed %lu, 10 ms", (unsigned long)seed);
		cr_assert_eq(late_turns(seed, 100000, 2 * 100000), 0,
			     "seed %lu, 100 ms", (unsigned long)seed);
		moved += late_turns(seed, 10000, 4 * 10000);
	}
	cr_assert_gt(moved, 0);
}

static uint64_t live(uint64_t seed, unsigned loss, int members)
{
	int i, events;

	build(&sim, seed, loss, members);
	events = (int)between(&sim, 1, 25);
	for (i = 0; i < sim.nodes; i++)
		start(&sim, i);
	for (i = 0; i < events; i++) {
		run_until(&sim, sim.now + between(&sim, 1000, 6000000));
		disturb(&sim);
		watch(&sim);
	}
	settle(&sim);
	check_settled(&sim, seed);
	return sim.story;
}

Test(vrrp_sim, one_active_on_a_good_link, .timeout = 60)
{
	unsigned takeovers = 0;
	uint64_t seed;

	for (seed = 1; seed <= 3000; seed++) {
		live(seed, 0, 1);
		takeovers += sim.takeovers;
		cr_assert_eq(sim.longest, 0,
			     "seed %lu: two were Active for %ld us",
			     (unsigned long)seed, (long)sim.longest);
	}
	cr_assert_gt(takeovers, 6000);
}

Test(vrrp_sim, a_lossy_link_settles, .timeout = 60)
{
	uint64_t seed;

	for (seed = 1; seed <= 1500; seed++)
		live(seed, (unsigned)(seed % 60), 1);
}

Test(vrrp_sim, sync_groups_move_as_one, .timeout = 60)
{
	uint64_t seed;

	for (seed = 1; seed <= 1500; seed++)
		live(seed, (unsigned)(seed % 3) * 15, MEMBERS);
}

Test(vrrp_sim, the_same_seed_tells_the_same_story, .timeout = 60)
{
	uint64_t seed, story;

	for (seed = 1; seed <= 100; seed++) {
		story = live(seed, 10, MEMBERS);
		cr_assert_eq(live(seed, 10, MEMBERS), story);
		cr_assert_neq(live(seed + 1, 10, MEMBERS), story);
	}
}
