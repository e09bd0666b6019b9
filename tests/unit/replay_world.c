/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/replay_world.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORLD_START (1000 * USEC_PER_SEC)

uint32_t replay_world_below(uint64_t *seed, uint32_t limit)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33) % limit;
}

static uint32_t below(struct replay_world *world, uint32_t limit)
{
	return replay_world_below(&world->seed, limit);
}

struct conf *replay_world_parse(const char *text)
{
	struct conf_options options = { .config_id = "test" };
	struct conf_report report = { .say = NULL };
	struct conf *conf = NULL;

	cr_assert_eq(conf_parse(text, strlen(text), &options, &conf, &report),
		     0, "%s", text);
	return conf;
}

static void add(char **at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void add(char **at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*at += vsprintf(*at, fmt, ap);
	va_end(ap);
}

static void world_check_block(struct replay_world *world, char **at)
{
	switch (below(world, 4)) {
	case 0:
		add(at, "TCP_CHECK {\nconnect_timeout 1\n}\n");
		break;
	case 1:
		add(at,
		    "MISC_CHECK {\nmisc_path \"/bin/true\"\nmisc_dynamic\n}\n");
		break;
	case 2:
	case 3:
		add(at,
		    "MYSQL_CHECK {\nusername u\npassword \"geheim\"\n"
		    "max_lag %u\nresume_lag 5\nrise %u\nfall %u\n}\n",
		    10 + below(world, 60), 1 + below(world, 3),
		    1 + below(world, 3));
		break;
	}
}

static void world_servers(struct replay_world *world, char **at, unsigned vs)
{
	unsigned i, count = 1 + below(world, 5);

	for (i = 0; i < count; i++) {
		/* After a reload some are gone, and others are back. */
		unsigned host = 1 + i * 2 + below(world, 2);

		add(at, "real_server 10.0.%u.%u 3306 {\nweight %u\n", vs, host,
		    below(world, 4));
		if (below(world, 4) == 0)
			add(at, "backup\n");
		if (below(world, 4) == 0)
			add(at, "inhibit_on_failure\n");
		if (below(world, 2))
			add(at, "slow_start {\ntime %u\n}\n",
			    5 + below(world, 60));
		world_check_block(world, at);
		if (below(world, 5) == 0)
			add(at, "TCP_CHECK {\nconnect_port 9200\n}\n");
		add(at, "}\n");
	}
}

static struct conf *world_conf(struct replay_world *world)
{
	static char text[65536];
	unsigned vs, count = 1 + below(world, 3);
	char *at = text;
	struct conf *conf;

	add(&at, "global_defs {\nrouter_id x\n%s}\n",
	    below(world, 4) ? "" : "keepalived_compat\n");
	for (vs = 0; vs < count; vs++) {
		add(&at,
		    "virtual_server 192.0.2.%u 3306 {\nprotocol TCP\n"
		    "delay_loop 2\nlvs_sched %s\nlvs_method DR\n"
		    "min_serving %u%%\n",
		    vs + 1, below(world, 2) ? "wlc" : "fastest",
		    below(world, 101));
		if (below(world, 3) == 0)
			add(&at, "writers %u\n", 1 + below(world, 2));
		if (below(world, 3) == 0)
			add(&at, "failback manual\n");
		if (below(world, 3) == 0)
			add(&at, "on_leave %s\n",
			    below(world, 2) ? "cut" : "keep");
		if (below(world, 3) == 0)
			add(&at, "sorry_server 10.9.9.9 3306\n");
		if (below(world, 3) == 0)
			add(&at, "quorum %u\n", 1 + below(world, 3));
		if (below(world, 2))
			add(&at, "headroom {\nsurvive 1\nthreshold on\n}\n");
		world_servers(world, &at, vs);
		add(&at, "}\n");
	}
	conf = replay_world_parse(text);
	return conf;
}

static void world_take_effects(struct replay_world *world)
{
	struct balance_event event;
	struct balance_notice notice;

	while (balance_next_event(world->balance, &event))
		;
	while (balance_next_notice(world->balance, &notice))
		;
}

void replay_world_flush(struct replay_world *world)
{
	size_t length;
	const unsigned char *bytes =
		recording_writer_take(world->writer, &length);

	if (length > 0)
		memcpy(pack_room(&world->file, length), bytes, length);
}

void replay_world_begin(struct replay_world *world, enum record_reason reason)
{
	struct recording_begin begin = { .reason = reason,
					 .now = world->now,
					 .lost = 3,
					 .lost_since = world->now };

	recording_writer_begin(world->writer, &begin, world->balance);
}

void replay_world_init(struct replay_world *world, uint64_t seed)
{
	memset(world, 0, sizeof(*world));
	world->seed = seed;
	world->now = WORLD_START + below(world, 1000000);
	world->writer = recording_writer_new();
	recording_writer_clock(world->writer, 1700000000 * USEC_PER_SEC);
	world->conf = world_conf(world);
	world->balance = balance_new(world->conf, world->now);
	replay_world_begin(world, RECORD_START);
	balance_listen(world->balance, recording_writer_hear, world->writer);
}

void replay_world_free(struct replay_world *world)
{
	balance_free(world->balance);
	conf_free(world->conf);
	recording_writer_free(world->writer);
	table_free(&world->wanted);
	pack_free(&world->file);
}

static void world_verdict(struct replay_world *world)
{
	struct verdict verdict = {
		.check = below(world, world->conf->nr_checks),
		.outcome = (uint16_t)(below(world, 3) ?
					      PROBE_OK :
					      below(world, PROBE_OUTCOMES)),
		.when = world->now - below(world, 3000),
		.duration = below(world, 2000000),
	};
	struct facts *facts = &verdict.facts;

	if (verdict.outcome != PROBE_OK) {
		verdict.failures = 1 + below(world, 3);
		snprintf(verdict.text, sizeof(verdict.text), "text %u",
			 below(world, 3));
		verdict.server_errno = (uint16_t)below(world, 2000);
	}
	facts->have = below(world, 2) ? below(world, 1 << 13) : 0;
	facts->lag = below(world, 100) * USEC_PER_SEC;
	facts->threads_running = below(world, 60);
	facts->threads_connected = below(world, 200);
	facts->max_connections = 150 + below(world, 3);
	facts->max_used = below(world, 200);
	facts->uptime = below(world, 4) ? world->now : below(world, 1000000);
	facts->weight = below(world, 256);
	facts->http_status = 200;
	facts->channels = (uint8_t)below(world, 3);
	facts->is_replica = (uint8_t)below(world, 2);
	facts->read_only = (uint8_t)below(world, 2);
	verdict_sanitize(&verdict);
	balance_verdict(world->balance, &verdict, world->now);
}

/* The kernel has about what is wanted, and some connections. */
static void world_kernel(struct replay_world *world, bool adopt)
{
	struct table actual = { 0 };
	size_t s, d;

	for (s = 0; s < world->wanted.nr_services; s++) {
		const struct table_service *svc = &world->wanted.services[s];

		if (below(world, 8) == 0)
			continue;
		table_add_service(&actual)->key = svc->key;
		for (d = 0; d < svc->nr_dests; d++) {
			struct table_dest *dest;

			if (below(world, 8) == 0)
				continue;
			dest = table_add_dest(&actual);
			*dest = world->wanted.dests[svc->first_dest + d];
			dest->ref = TABLE_NO_REF;
			dest->active = below(world, 4);
			dest->inactive = below(world, 4);
			if (adopt && below(world, 4) == 0)
				dest->rip.port = 3307; /* nobody's */
		}
	}
	if (adopt)
		balance_adopt(world->balance, &actual, world->now);
	else
		balance_note_connections(world->balance, &actual);
	table_free(&actual);
}

static void world_reload(struct replay_world *world)
{
	struct conf *conf = world_conf(world);
	struct balance *balance = balance_new(conf, world->now);

	balance_inherit(balance, world->balance, world->now);
	balance_free(world->balance);
	conf_free(world->conf);
	world->balance = balance;
	world->conf = conf;
	recording_writer_reload(world->writer, balance, world->now);
	balance_listen(balance, recording_writer_hear, world->writer);
}

static void world_word(struct replay_world *world)
{
	uint32_t server = below(world, world->conf->nr_servers);

	switch (below(world, 7)) {
	case 6:
		balance_seat_left(world->balance,
				  below(world, world->conf->nr_virtual_servers),
				  (int64_t)below(world, 40));
		break;
	case 5:
		balance_fell(world->balance, server);
		break;
	case 4:
		balance_pause(world->balance,
			      below(world, world->conf->nr_virtual_servers),
			      world->now + below(world, 20000000), world->now);
		break;
	case 0:
		balance_override(world->balance, server,
				 (enum balance_override_kind)below(world, 4),
				 below(world, 10), world->now);
		break;
	case 1:
		balance_seat(world->balance, server, (int64_t)below(world, 40));
		break;
	case 2:
		balance_failback(world->balance, server);
		break;
	case 3:
		balance_reserve(world->balance, below(world, 2));
		break;
	}
}

void replay_world_step(struct replay_world *world)
{
	uint32_t i, count = below(world, 6);

	world->now += below(world, 3000000);
	for (i = 0; i < count; i++)
		world_verdict(world);
	if (below(world, 6) == 0)
		world_word(world);
	if (below(world, 10) == 0)
		world_kernel(world, below(world, 20) == 0);
	if (below(world, 60) == 0)
		world_reload(world);
	if (below(world, 20) == 0)
		recording_writer_note(world->writer, world->now, "a note");
	if (below(world, 4) == 0)
		return;
	balance_decide(world->balance, world->now, &world->wanted);
	world_take_effects(world);
	if (below(world, 8) == 0)
		replay_world_flush(world);
}
