/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A restart is a non-event. A pool lives a random history: verdicts, operators'
 * words, connections that come and go, reloads with edited files, time. At any
 * point the daemon is stopped, and one that knows nothing but the file (the same
 * or an edited one), the operators' words and the kernel's table takes over.
 * Beside it another goes on, by a reload with that file. Of every entry of the
 * kernel's table must hold:
 *
 *	at once, the same file		the entry is as it was, as with the other
 *	at once, an edited file		it is as the other makes it, or has not
 *					moved as far from what it was: the checks
 *					must say anew what the other knows of them
 *					and no table shows
 *	then, with the same results	a server or sorry server that serves all
 *					the while with the other serves here all
 *					the while; what is kept at weight 0 there
 *					is never cut here
 *	when the checks have spoken	both tables are equal
 *
 * What checks must say anew: which servers that are not in the table are up; why
 * one is at weight 0, and whether one that serves is soft-failed, about to fail,
 * or kept for min_serving; how late a replica was. Of what is not the checks', a
 * start does not know for how long a server has been draining already, so the
 * time of one that left the file begins anew. A pool whose first checks had not
 * ended starts again, and keepalived_compat starts as keepalived does; neither
 * is tried here. Rows of results that are begun anew let one of them come to a
 * quorum, or to a server that relieves its backup, before the other; within the
 * hysteresis of a quorum the way decides, and so it does among those that are
 * left in as the last resort. Weights by response time converge in
 * their own time, and are left out of the last comparison.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/balance_world.h"
#include "tests/unit/histories.h"

#define HISTORIES HISTORIES_OF(1200)
#define MEMBERS 6
#define ROUND s(2)
#define ROUNDS_SHORT 60
#define ROUND_LONG s(30)
#define ROUNDS_AFTER 90

/* A file as a person may write it; a world is made of it. */
struct member {
	unsigned host;
	uint32_t weight;
	bool mysql, misc, backup, inhibit, alpha, slow;
	uint32_t rise, fall, edits; /* of its checks */
};

struct plan {
	struct member members[MEMBERS];
	uint32_t count;
	unsigned sorry; /* a host, or 0 */
	bool sorry_inhibit, group, threshold, fastest;
	uint32_t base, quorum, hysteresis, min_serving, correlated;
};

struct word {
	enum balance_override_kind kind;
	uint32_t weight;
	usec_t when;
};

struct history {
	uint64_t seed;
	struct plan plan;
	struct world *world;
	struct balance *balance;
	struct table kernel;
	struct word words[32]; /* by host */
	usec_t now;
	unsigned next_host;
};

static void plan_member(struct history *history, struct member *member)
{
	uint64_t *seed = &history->seed;

	memset(member, 0, sizeof(*member));
	member->host = history->next_host++ % 20 + 1;
	member->weight = 1 + random_below(seed, 4);
	member->misc = !random_below(seed, 4);
	member->mysql = !member->misc || random_below(seed, 2);
	member->backup = !random_below(seed, 5);
	member->inhibit = !random_below(seed, 4);
	member->alpha = !random_below(seed, 4);
	member->slow = !random_below(seed, 4);
	member->rise = 1 + random_below(seed, 3);
	member->fall = 1 + random_below(seed, 3);
}

static void plan_sorry(struct history *history)
{
	uint64_t *seed = &history->seed;
	struct plan *plan = &history->plan;

	plan->sorry = random_below(seed, 3) ? 100 + random_below(seed, 2) : 0;
	if (plan->sorry && !random_below(seed, 4))
		plan->sorry = plan->members[0].host;
	plan->sorry_inhibit = !random_below(seed, 3);
}

static void plan_pool(struct history *history)
{
	uint64_t *seed = &history->seed;
	struct plan *plan = &history->plan;

	plan->quorum = 1 + random_below(seed, 4);
	plan->hysteresis = random_below(seed, plan->quorum);
	plan->min_serving = random_below(seed, 101);
	plan->correlated = random_below(seed, 2) * 60;
}

static void plan_new(struct history *history)
{
	struct plan *plan = &history->plan;
	uint64_t *seed = &history->seed;
	uint32_t i;

	plan->count = 1 + random_below(seed, MEMBERS - 1);
	for (i = 0; i < plan->count; i++)
		plan_member(history, &plan->members[i]);
	plan_sorry(history);
	plan_pool(history);
	plan->base = random_below(seed, 2) ? 100 : 1;
	plan->group = !random_below(seed, 4);
	plan->threshold = !random_below(seed, 4);
	plan->fastest = plan->base == 100 && !random_below(seed, 4);
}

/* Edit the file in one to three places, as a person does. */
static void plan_edit(struct history *history)
{
	struct plan *plan = &history->plan;
	uint64_t *seed = &history->seed;
	uint32_t edits = 1 + random_below(seed, 3), at;

	while (edits--) {
		struct member *member =
			&plan->members[at = random_below(seed, plan->count)];

		switch (random_below(seed, 9)) {
		case 0:
			if (plan->count == MEMBERS)
				break;
			plan_member(history, &plan->members[plan->count++]);
			break;
		case 1:
			if (plan->count == 1)
				break;
			memset(&history->words[member->host], 0,
			       sizeof(struct word));
			memmove(member, member + 1,
				(plan->count - at - 1) * sizeof(*member));
			plan->count--;
			break;
		case 2:
			member->weight = 1 + random_below(seed, 4);
			break;
		case 3:
		case 4:
			member->edits++;
			break;
		case 5:
			member->backup = !random_below(seed, 3);
			break;
		case 6:
			member->inhibit = !random_below(seed, 2);
			break;
		case 7:
			plan_sorry(history);
			break;
		case 8:
			plan_pool(history);
			break;
		}
	}
}

static void world_member(struct world *world, const struct member *member)
{
	uint32_t server = world_server(world, member->host), k;
	struct conf_server *conf = &world->servers[server];

	conf->weight = member->weight;
	conf->backup = member->backup;
	conf->inhibit = member->inhibit;
	if (member->slow)
		conf->slow_start = &world->slow_start;
	if (member->misc)
		world_check(world, server, CHECK_MISC);
	if (member->mysql)
		world_check(world, server, CHECK_MYSQL);
	for (k = 0; k < conf->nr_uses; k++) {
		struct conf_check *check =
			&world->checks[world->uses[server][k].check];

		world->uses[server][k].alpha = member->alpha;
		check->rise = member->rise;
		check->fall = member->fall;
		check->timeout += member->edits;
	}
}

static struct world *world_of(const struct plan *plan)
{
	struct world *world = world_new();
	uint32_t vs = world_vs(world), i;
	struct conf_virtual_server *conf = &world->vs[vs];
	char text[64];

	if (plan->group)
		world_key(world, vs);
	for (i = 0; i < plan->count; i++)
		world_member(world, &plan->members[i]);
	conf->base_weight = plan->base;
	conf->quorum = plan->quorum;
	conf->hysteresis = plan->hysteresis;
	conf->min_serving = (struct conf_share){ plan->min_serving, true };
	conf->correlated = plan->correlated;
	conf->headroom.threshold = plan->threshold;
	conf->fastest = plan->fastest;
	if (plan->sorry) {
		snprintf(text, sizeof(text), "10.0.0.%u:3306", plan->sorry);
		cr_assert_eq(endpoint_parse(&conf->sorry.addr, text), 0);
		conf->sorry.forward.method = FORWARD_DR;
		conf->sorry.inhibit = plan->sorry_inhibit;
	}
	return world;
}

static const struct table_dest *find(const struct table *table,
				     const struct service_key *key,
				     const struct endpoint *rip)
{
	size_t i, d;

	for (i = 0; i < table->nr_services; i++) {
		const struct table_service *svc = &table->services[i];

		if (service_key_cmp(&svc->key, key) != 0)
			continue;
		for (d = svc->first_dest; d < svc->first_dest + svc->nr_dests;
		     d++)
			if (endpoint_cmp(&table->dests[d].rip, rip) == 0)
				return &table->dests[d];
	}
	return NULL;
}

/* The kernel carries out WANTED; for a server that leaves nothing is added. */
static void kernel_apply(struct table *kernel, const struct table *wanted)
{
	struct table next = { 0 };
	size_t i, d;

	for (i = 0; i < wanted->nr_services; i++) {
		const struct table_service *from = &wanted->services[i];

		table_add_service(&next)->key = from->key;
		for (d = from->first_dest;
		     d < from->first_dest + from->nr_dests; d++) {
			const struct table_dest *dest = &wanted->dests[d];
			struct table_dest *to;

			if (dest->ref == REF_LEAVING &&
			    !find(kernel, &from->key, &dest->rip))
				continue;
			to = table_add_dest(&next);
			*to = *dest;
			to->ref = TABLE_NO_REF;
		}
	}
	table_swap(kernel, &next);
	table_free(&next);
}

static void decide(struct balance *balance, usec_t now, struct table *kernel)
{
	struct balance_notice notice;
	struct balance_event event;
	struct table wanted = { 0 };

	balance_decide(balance, now, &wanted);
	table_assert_valid(balance_conf(balance), &wanted);
	kernel_apply(kernel, &wanted);
	table_free(&wanted);
	while (balance_next_event(balance, &event))
		;
	while (balance_next_notice(balance, &notice))
		;
}

static void connections(struct balance *balance, struct table *kernel,
			uint32_t active)
{
	size_t i;

	for (i = 0; i < kernel->nr_dests; i++)
		kernel->dests[i].active = active;
	balance_note_connections(balance, kernel);
}

static struct facts random_facts(uint64_t *seed, enum check_kind kind)
{
	struct facts facts = { 0 };

	if (kind == CHECK_MISC) {
		facts.have = random_below(seed, 3) ? FACT_WEIGHT : 0;
		facts.weight = random_below(seed, 12);
		return facts;
	}
	facts.have = FACT_MAX_CONNECTIONS | FACT_THREADS_CONNECTED;
	facts.max_connections = 100;
	facts.threads_connected = random_below(seed, 3) ? 10 : 89;
	if (random_below(seed, 2)) {
		facts.have |= FACT_LAG | FACT_UPTIME;
		facts.lag = s(random_below(seed, 60));
		facts.uptime = s(random_below(seed, 1000));
	}
	return facts;
}

static void history_verdicts(struct history *history)
{
	static const enum outcome common[] = { PROBE_OK,	PROBE_OK,
					       PROBE_OK,	PROBE_REFUSED,
					       PROBE_SATURATED, PROBE_DRAIN };
	uint64_t *seed = &history->seed;
	uint32_t i;

	for (i = 0; i < history->world->conf.nr_checks; i++) {
		enum check_kind kind = history->world->checks[i].kind;
		struct facts facts = random_facts(seed, kind);
		enum outcome outcome =
			random_below(seed, 4) ?
				common[random_below(seed, ARRAY_SIZE(common))] :
				(enum outcome)random_below(seed,
							   PROBE_OUTCOMES);

		if (kind == CHECK_MISC && outcome == PROBE_SATURATED)
			outcome = PROBE_OK;
		say_facts(history->balance, i, outcome, &facts, history->now);
	}
}

static void history_word(struct history *history)
{
	struct world *world = history->world;
	uint64_t *seed = &history->seed;
	uint32_t server = random_below(seed, world->conf.nr_servers);
	unsigned host = world->servers[server].addr.addr.bytes[3];
	struct word *word = &history->words[host];
	enum balance_override_kind kind =
		(enum balance_override_kind)random_below(seed, 4);

	if (word->kind != kind)
		word->when = history->now;
	word->kind = kind;
	word->weight = random_below(seed, 9);
	balance_override(history->balance, server, kind, word->weight,
			 history->now);
}

static struct balance *going_on(const struct history *history,
				struct world *world)
{
	struct balance *balance = balance_new(&world->conf, history->now);

	balance_inherit(balance, history->balance, history->now);
	return balance;
}

static struct balance *starting(const struct history *history,
				struct world *world)
{
	struct balance *balance = balance_new(&world->conf, history->now);
	uint32_t i;

	for (i = 0; i < world->conf.nr_servers; i++) {
		const struct word *word =
			&history->words[world->servers[i].addr.addr.bytes[3]];

		balance_override(balance, i, word->kind, word->weight,
				 word->when);
	}
	balance_adopt(balance, &history->kernel, history->now);
	return balance;
}

static void history_restart(struct history *history)
{
	struct balance *balance = starting(history, history->world);

	balance_free(history->balance);
	history->balance = balance;
}

static void history_reload(struct history *history)
{
	struct world *world;
	struct balance *balance;

	plan_edit(history);
	world = world_of(&history->plan);
	balance = going_on(history, world);
	balance_free(history->balance);
	world_free(history->world);
	history->balance = balance;
	history->world = world;
}

static void history_step(struct history *history)
{
	uint64_t *seed = &history->seed;

	switch (random_below(seed, 14)) {
	case 0:
		history_word(history);
		break;
	case 1:
		connections(history->balance, &history->kernel,
			    random_below(seed, 2));
		break;
	case 2:
		history_reload(history);
		break;
	case 3:
		history->now += s(random_below(seed, 200));
		break;
	case 4:
		history_restart(history);
		break;
	default:
		history->now += ROUND;
		history_verdicts(history);
		break;
	}
	decide(history->balance, history->now, &history->kernel);
}

static void history_begin(struct history *history, uint64_t seed)
{
	uint32_t i;

	*history = (struct history){ .seed = seed, .now = s(1000) };
	plan_new(history);
	history->world = world_of(&history->plan);
	history->balance = balance_new(&history->world->conf, history->now);
	for (i = 0; i < 4; i++) {
		uint32_t c;

		history->now += ROUND;
		for (c = 0; c < history->world->conf.nr_checks; c++)
			say(history->balance, c, PROBE_OK, history->now);
		decide(history->balance, history->now, &history->kernel);
	}
	for (i = random_below(&history->seed, 25); i > 0; i--)
		history_step(history);
}

static void history_end(struct history *history)
{
	balance_free(history->balance);
	world_free(history->world);
	table_free(&history->kernel);
}

static int weight_at(const struct table *table, const struct service_key *key,
		     const struct endpoint *rip)
{
	const struct table_dest *dest = find(table, key, rip);

	return dest ? (int)dest->weight : OUT;
}

static bool same_at(const struct table *a, const struct table *b,
		    const struct service_key *key, const struct endpoint *rip)
{
	const struct table_dest *x = find(a, key, rip), *y = find(b, key, rip);

	if (!x || !y)
		return !x && !y;
	return x->weight == y->weight && x->u_threshold == y->u_threshold;
}

/* Print the tables of both daemons beside the kernel's. */
struct restart {
	uint64_t seed;
	bool edited;
	usec_t now;
	struct balance *on_balance, *new_balance;
	struct table was, on, new;
};

/* For whoever has to find out why: everything that is known of the pool. */
static void restart_explain(void *arg, const char *step, const char *text)
{
	printf("%s %s: %s\n", (const char *)arg, step, text);
}

static void restart_tell(struct balance *balance, char *who, usec_t now)
{
	struct balance_vs_view view;
	uint32_t i;

	balance_view_vs(balance, 0, &view);
	printf("%s: sorry server %d, inhibit %d\n", who,
	       balance_conf(balance)
		       ->virtual_servers[0]
		       .sorry.addr.addr.bytes[3],
	       balance_conf(balance)->virtual_servers[0].sorry.inhibit);
	printf("%s: level %s quorum %d\n", who, level_name(view.level),
	       view.quorum);
	for (i = 0; i < balance_conf(balance)->nr_servers; i++)
		balance_explain(balance, i, now, restart_explain, who);
}

static void restart_say(const struct restart *restart, const char *what,
			const struct service_key *key,
			const struct endpoint *rip)
{
	char text[ENDPOINT_TEXT_MAX];

	restart_tell(restart->on_balance, (char[]){ "goes on" }, restart->now);
	restart_tell(restart->new_balance, (char[]){ "starts" }, restart->now);
	fflush(stdout);
	cr_assert_fail("seed %u%s, %s: %s was %d, goes on with %d, starts "
		       "with %d",
		       (unsigned)restart->seed,
		       restart->edited ? ", edited" : "",
		       endpoint_format(rip, text), what,
		       weight_at(&restart->was, key, rip),
		       weight_at(&restart->on, key, rip),
		       weight_at(&restart->new, key, rip));
}

/* CHECK for every entry of any of the three. */
static void restart_each(struct restart *restart,
			 void (*check)(struct restart *restart,
				       const struct service_key *key,
				       const struct endpoint *rip))
{
	const struct table *tables[] = { &restart->was, &restart->on,
					 &restart->new };
	size_t t, i, d;

	for (t = 0; t < ARRAY_SIZE(tables); t++) {
		for (i = 0; i < tables[t]->nr_services; i++) {
			const struct table_service *svc =
				&tables[t]->services[i];

			for (d = svc->first_dest;
			     d < svc->first_dest + svc->nr_dests; d++)
				check(restart, &svc->key,
				      &tables[t]->dests[d].rip);
		}
	}
}

/* Not beyond either: from what was to what the other makes of it. */
static bool is_between(const struct restart *restart,
		       const struct service_key *key,
		       const struct endpoint *rip)
{
	int was = weight_at(&restart->was, key, rip);
	int on = weight_at(&restart->on, key, rip);
	int new = weight_at(&restart->new, key, rip);

	return was < on ? was <= new &&new <= on : on <= new &&new <= was;
}

static void check_at_once(struct restart *restart,
			  const struct service_key *key,
			  const struct endpoint *rip)
{
	if (!restart->edited && !same_at(&restart->was, &restart->on, key, rip))
		restart_say(restart, "not even going on", key, rip);
	if (!restart->edited && !same_at(&restart->new, &restart->on, key, rip))
		restart_say(restart, "at once", key, rip);
	if (!is_between(restart, key, rip))
		restart_say(restart, "at once", key, rip);
}

/* Relieved by a server that is well, which one of them may know sooner. */
static bool is_backup(const struct restart *restart, const struct endpoint *rip)
{
	const struct conf *conf = balance_conf(restart->new_balance);
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++)
		if (endpoint_cmp(&conf->servers[i].addr, rip) == 0)
			return conf->servers[i].backup;
	return false;
}

/* WAS holds what has gone on in ON until now: -1 is "not all the while". */
static void check_meanwhile(struct restart *restart,
			    const struct service_key *key,
			    const struct endpoint *rip)
{
	const struct table_dest *found = find(&restart->was, key, rip);
	struct table_dest *was;
	int on = weight_at(&restart->on, key, rip);
	int new = weight_at(&restart->new, key, rip);

	if (!found)
		return;
	was = &restart->was.dests[found - restart->was.dests];
	/* A sorry server is replaced, also where it is one of the servers. */
	if (on == OUT || (level_of(restart->on_balance, 0) != LEVEL_SORRY &&
			  endpoint_cmp(rip, &balance_conf(restart->new_balance)
						     ->virtual_servers[0]
						     .sorry.addr) == 0)) {
		was->inactive = 1; /* cut there too, by now */
		return;
	}
	if (was->inactive)
		return;
	if (on == 0 || was->weight == 0 || is_backup(restart, rip))
		was->weight = 0;
	/* The sorry server replaces what is up: one may be up there already. */
	if (new == OUT && on == 0 &&
	    level_of(restart->new_balance, 0) == LEVEL_SORRY)
		was->inactive = 1;
	else if (new == OUT || (was->weight > 0 && new == 0))
		restart_say(restart, "meanwhile", key, rip);
}

static void check_in_the_end(struct restart *restart,
			     const struct service_key *key,
			     const struct endpoint *rip)
{
	if (!same_at(&restart->new, &restart->on, key, rip))
		restart_say(restart, "in the end", key, rip);
}

/* From now on every check says the same; the first server is well. */
static void say_final(struct balance *balance, const struct world *world,
		      uint64_t seed, usec_t now)
{
	uint32_t i;

	for (i = 0; i < world->conf.nr_checks; i++) {
		bool dead = random_below(&seed, 3) == 0 &&
			    i >= world->servers[0].nr_uses;
		struct facts facts = { .have = FACT_MAX_CONNECTIONS |
					       FACT_THREADS_CONNECTED |
					       FACT_UPTIME | FACT_LAG,
				       .max_connections = 100,
				       .uptime = now };

		if (world->checks[i].kind == CHECK_MISC)
			facts = (struct facts){ .have = FACT_WEIGHT,
						.weight = 1 + i };
		say_facts(balance, i, dead ? PROBE_REFUSED : PROBE_OK, &facts,
			  now);
	}
}

static void restart_go_on(struct restart *restart, struct history *history,
			  struct world *world, struct balance *on,
			  struct balance *new)
{
	unsigned round;
	usec_t now = history->now;
	bool apart = false;

	for (round = 0; round < ROUNDS_AFTER; round++) {
		now += round < ROUNDS_SHORT ? ROUND : ROUND_LONG;
		say_final(on, world, restart->seed, now);
		say_final(new, world, restart->seed, now);
		if (round % 4 == 0) {
			connections(on, &restart->on, round < 20);
			connections(new, &restart->new, round < 20);
		}
		decide(on, now, &restart->on);
		decide(new, now, &restart->new);
		restart->now = now;
		/* Rows of results that were not full may end the other's first. */
		apart |= level_of(new, 0) == LEVEL_SORRY &&
			 level_of(on, 0) != LEVEL_SORRY;
		apart |= level_of(on, 0) == LEVEL_LAST_RESORT;
		/* Within the hysteresis the way there decides. */
		apart |= history->plan.hysteresis &&
			 level_of(on, 0) == LEVEL_SORRY &&
			 level_of(new, 0) != LEVEL_SORRY;
		if (!apart)
			restart_each(restart, check_meanwhile);
	}
	/* So it is in the end. */
	apart = (level_of(new, 0) == LEVEL_SORRY) !=
		(level_of(on, 0) == LEVEL_SORRY);
	apart = apart && history->plan.hysteresis;
	/* Who served last is older than what a table shows. */
	apart |= level_of(on, 0) == LEVEL_LAST_RESORT;
	if (!history->plan.fastest && !apart)
		restart_each(restart, check_in_the_end);
}

static void restart_once(struct history *history, bool edited, uint64_t seed)
{
	struct restart restart = { .seed = seed, .edited = edited };
	struct balance *on, *new;
	struct world *world;

	if (edited)
		plan_edit(history);
	world = world_of(&history->plan);
	on = going_on(history, world);
	new = starting(history, world);
	table_copy(&restart.was, &history->kernel);
	table_copy(&restart.on, &history->kernel);
	table_copy(&restart.new, &history->kernel);
	decide(on, history->now, &restart.on);
	decide(new, history->now, &restart.new);
	restart.on_balance = on;
	restart.new_balance = new;
	restart.now = history->now;
	restart_each(&restart, check_at_once);
	table_copy(&restart.was, &restart.new);
	restart_go_on(&restart, history, world, on, new);
	table_free(&restart.was);
	table_free(&restart.on);
	table_free(&restart.new);
	balance_free(on);
	balance_free(new);
	world_free(world);
}

static void restart_many(bool edited, uint64_t first)
{
	struct history history;
	uint64_t seed;

	for (seed = first; seed < first + HISTORIES; seed++) {
		history_begin(&history, seed);
		restart_once(&history, edited, seed);
		history_end(&history);
	}
}

Test(balance_restart, with_the_same_file_is_a_non_event)
{
	restart_many(false, 0);
}

Test(balance_restart, with_an_edited_file_is_as_a_reload)
{
	restart_many(true, 100000);
}
