/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/balance_world.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world *world_new(void)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->conf.virtual_servers = world->vs;
	world->conf.servers = world->servers;
	world->conf.checks = world->checks;
	world->slow_start = (struct conf_slow_start){ s(60), 2, true };
	world->mysql.username = "check";
	world->mysql.query = "SELECT 1";
	world->mysql.max_lag = s(30);
	world->mysql.resume_lag = s(10);
	world->misc.dynamic = true;
	return world;
}

void world_free(struct world *world)
{
	free(world);
}

void world_key(struct world *world, uint32_t vs)
{
	struct conf_virtual_server *conf = &world->vs[vs];
	struct service_key *key = &world->keys[vs][conf->nr_keys];
	char text[64];

	snprintf(text, sizeof(text), "192.0.2.%u:3306",
		 vs * 10 + conf->nr_keys + 1);
	cr_assert_eq(endpoint_parse(&key->vip, text), 0);
	key->family = AF_INET;
	key->protocol = IPPROTO_TCP;
	conf->nr_keys++;
}

uint32_t world_vs(struct world *world)
{
	uint32_t index = world->conf.nr_virtual_servers++;
	struct conf_virtual_server *vs = &world->vs[index];

	vs->name = "pool";
	vs->keys = world->keys[index];
	vs->first_server = world->conf.nr_servers;
	snprintf(vs->scheduler, sizeof(vs->scheduler), "wlc");
	vs->sched_word = vs->scheduler;
	vs->quorum = 1;
	vs->min_serving = (struct conf_share){ 50, true };
	vs->correlated = 60;
	vs->base_weight = 1;
	vs->fastest_response = (struct conf_fastest){ 50, 150, 5, 15 };
	vs->headroom = (struct conf_headroom){ { 50, true }, 10, 80, false };
	world_key(world, index);
	return index;
}

uint32_t world_server(struct world *world, unsigned host)
{
	uint32_t index = world->conf.nr_servers++;
	struct conf_server *server = &world->servers[index];
	char text[64];

	snprintf(text, sizeof(text), "10.0.%u.%u:3306", host >> 8, host & 255);
	cr_assert_eq(endpoint_parse(&server->addr, text), 0);
	server->vs = world->conf.nr_virtual_servers - 1;
	server->weight = 1;
	server->forward.method = FORWARD_DR;
	server->uses = world->uses[index];
	server->drain_timeout = s(300);
	server->slow_start = &world->no_slow_start;
	world->vs[server->vs].nr_servers++;
	return index;
}

void world_use(struct world *world, uint32_t server, uint32_t check)
{
	struct conf_server *conf = &world->servers[server];

	world->uses[server][conf->nr_uses++].check = check;
	world->checks[check].nr_users++;
}

static void world_mysql(struct world *world, struct conf_check *check)
{
	check->mysql = &world->mysql;
	check->traits = (struct conf_traits){
		.max_lag = world->mysql.max_lag,
		.resume_lag = world->mysql.resume_lag,
		.counts_connections = true,
		.times_server = true,
	};
}

static void world_misc(struct world *world, struct conf_check *check)
{
	check->misc = &world->misc;
	check->traits.script = &world->misc.script;
	check->traits.reports_weight = world->misc.dynamic;
}

void world_needs_source(struct world *world)
{
	uint32_t i;

	world->mysql.role = MYSQL_ROLE_SOURCE;
	for (i = 0; i < world->conf.nr_checks; i++)
		world->checks[i].traits.needs_source = world->checks[i].kind ==
						       CHECK_MYSQL;
}

uint32_t world_check(struct world *world, uint32_t server, enum check_kind kind)
{
	uint32_t index = world->conf.nr_checks++;
	struct conf_check *check = &world->checks[index];

	check->kind = kind;
	check->dst = world->servers[server].addr;
	check->timeout = s(1);
	check->delay_loop = s(2);
	check->delay_before_retry = s(1);
	check->rise = 1;
	check->fall = 2;
	if (kind == CHECK_MYSQL)
		world_mysql(world, check);
	else if (kind == CHECK_HTTP)
		check->http = &world->http;
	else if (kind == CHECK_MISC)
		world_misc(world, check);
	world_use(world, server, index);
	return index;
}

struct world *world_pool(uint32_t count, enum check_kind kind)
{
	struct world *world = world_new();
	uint32_t i;

	world_vs(world);
	for (i = 0; i < count; i++)
		world_check(world, world_server(world, i + 1), kind);
	return world;
}

void say_facts(struct balance *balance, uint32_t check, enum outcome outcome,
	       const struct facts *facts, usec_t now)
{
	struct verdict verdict = { .check = check,
				   .outcome = (uint16_t)outcome,
				   .when = now,
				   .duration = 1500 };
	struct balance_check_view view;

	balance_view_check(balance, check, now, &view);
	if (outcome != PROBE_OK && outcome != PROBE_DRAIN)
		verdict.failures = view.failures + 1;
	if (facts)
		verdict.facts = *facts;
	balance_verdict(balance, &verdict, now);
}

void say(struct balance *balance, uint32_t check, enum outcome outcome,
	 usec_t now)
{
	say_facts(balance, check, outcome, NULL, now);
}

void say_lag(struct balance *balance, uint32_t check, double lag, usec_t now)
{
	struct facts facts = { .have = FACT_LAG | FACT_IS_REPLICA,
			       .is_replica = 1,
			       .lag = s(lag) };

	say_facts(balance, check, PROBE_OK, &facts, now);
}

static int weight_in(const struct table *table, uint32_t server)
{
	size_t i;

	for (i = 0; i < table->nr_dests; i++)
		if (table->dests[i].ref == server)
			return (int)table->dests[i].weight;
	return OUT;
}

int weight_of(struct balance *balance, uint32_t server, usec_t now)
{
	struct table table = { 0 };
	int weight;

	balance_decide(balance, now, &table);
	weight = weight_in(&table, server);
	table_free(&table);
	return weight;
}

const char *weights(struct balance *balance, usec_t now)
{
	static char text[WORLD_SERVERS * 8];
	struct table table = { 0 };
	size_t used = 0;
	uint32_t i;

	balance_decide(balance, now, &table);
	text[0] = '\0';
	for (i = 0; i < balance_conf(balance)->nr_servers; i++) {
		int weight = weight_in(&table, i);

		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 weight == OUT ? "%s-" : "%s%d",
					 i ? " " : "", weight);
	}
	table_assert_valid(balance_conf(balance), &table);
	table_free(&table);
	return text;
}

uint32_t serving(const struct table *table)
{
	uint32_t count = 0;
	size_t i;

	for (i = 0; i < table->nr_dests; i++)
		count += table->dests[i].weight > 0;
	return count;
}

enum level level_of(const struct balance *balance, uint32_t vs)
{
	struct balance_vs_view view;

	balance_view_vs(balance, vs, &view);
	return view.level;
}

enum standing standing_is(const struct balance *balance, uint32_t server)
{
	struct balance_server_view view;

	balance_view_server(balance, server, &view);
	return view.standing;
}

static int dest_order(const void *a, const void *b)
{
	const struct table_dest *x = a, *y = b;

	return endpoint_cmp(&x->rip, &y->rip);
}

static void service_assert_valid(const struct conf *conf,
				 const struct table *table,
				 const struct table_service *svc)
{
	struct table_dest *sorted = xcalloc(svc->nr_dests, sizeof(*sorted));
	size_t i;

	cr_assert_leq(svc->first_dest + svc->nr_dests, table->nr_dests);
	for (i = 0; i < svc->nr_dests; i++) {
		sorted[i] = table->dests[svc->first_dest + i];
		cr_assert_leq(sorted[i].weight, (uint32_t)INT32_MAX);
		cr_assert_leq(sorted[i].l_threshold, sorted[i].u_threshold);
		cr_assert(sorted[i].rip.port != 0);
		cr_assert(sorted[i].ref < conf->nr_servers ||
			  sorted[i].ref >= REF_LOWEST);
	}
	qsort(sorted, svc->nr_dests, sizeof(*sorted), dest_order);
	for (i = 1; i < svc->nr_dests; i++)
		cr_assert_neq(endpoint_cmp(&sorted[i - 1].rip, &sorted[i].rip),
			      0, "one server twice in a service");
	free(sorted);
}

void table_assert_valid(const struct conf *conf, const struct table *table)
{
	size_t i, j, dests = 0;

	for (i = 0; i < table->nr_services; i++) {
		for (j = 0; j < i; j++)
			cr_assert_neq(service_key_cmp(&table->services[i].key,
						      &table->services[j].key),
				      0, "one service twice");
		cr_assert_lt(table->services[i].ref, conf->nr_virtual_servers);
		cr_assert_eq(table->services[i].first_dest, dests);
		dests += table->services[i].nr_dests;
		service_assert_valid(conf, table, &table->services[i]);
	}
	cr_assert_eq(dests, table->nr_dests);
}

bool table_same(const struct table *a, const struct table *b)
{
	return a->nr_services == b->nr_services && a->nr_dests == b->nr_dests &&
	       (a->nr_services == 0 ||
		memcmp(a->services, b->services,
		       a->nr_services * sizeof(*a->services)) == 0) &&
	       (a->nr_dests == 0 ||
		memcmp(a->dests, b->dests, a->nr_dests * sizeof(*a->dests)) ==
			0);
}

uint32_t random_below(uint64_t *seed, uint32_t limit)
{
	uint64_t z = (*seed += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) % limit);
}
