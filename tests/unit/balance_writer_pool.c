/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/unit/balance_writer_pool.h"

struct world *writer_pool(uint32_t count, uint32_t writers)
{
	struct world *world = world_pool(count, CHECK_MYSQL);
	uint32_t i;

	world_needs_source(world);
	world->vs[0].writers = writers;
	for (i = 0; i < count; i++)
		world->checks[i].fall = 1;
	return world;
}

const char *hear(struct balance *balance, const char *results, usec_t now)
{
	uint32_t i;

	for (i = 0; results[i]; i++) {
		switch (results[i]) {
		case '+':
			say(balance, i, PROBE_OK, now);
			break;
		case 'r': /* read-only */
			say(balance, i, PROBE_ROLE, now);
			break;
		case 'x':
			say(balance, i, PROBE_REFUSED, now);
			break;
		case 'm': /* the check cannot log in */
			say(balance, i, PROBE_MISCONFIGURED, now);
			break;
		case 'd':
			say(balance, i, PROBE_DRAIN, now);
			break;
		case '0':
			say_lag(balance, i, 0, now);
			break;
		case 'l':
			say_lag(balance, i, 40, now);
			break;
		default:
			break;
		}
	}
	return weights(balance, now);
}

int64_t term_of(const struct balance *balance, uint32_t server)
{
	struct balance_server_view view;

	balance_view_server(balance, server, &view);
	return view.term;
}

void tell_terms(const struct balance *from, struct balance *to, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		balance_seat(to, i, term_of(from, i));
}

static void tell_falls(const struct balance *from, struct balance *to,
		       uint32_t count)
{
	struct balance_server_view view;
	uint32_t i;

	for (i = 0; i < count; i++) {
		balance_view_server(from, i, &view);
		if (view.fell)
			balance_fell(to, i);
	}
}

struct balance *restarted(const struct world *world,
			  const struct balance *before,
			  const struct table *actual, usec_t now)
{
	struct balance *balance = balance_new(&world->conf, now);

	tell_terms(before, balance, world->conf.nr_servers);
	tell_falls(before, balance, world->conf.nr_servers);
	balance_adopt(balance, actual, now);
	return balance;
}

unsigned host_of(const struct balance *balance, uint32_t server)
{
	return balance_conf(balance)->servers[server].addr.addr.bytes[3];
}

void share_seats(const struct balance *balance, struct seats *seats)
{
	uint32_t i;

	for (i = 0; i < balance_conf(balance)->nr_servers; i++) {
		int64_t *known = &seats->term[host_of(balance, i)];

		if (term_of(balance, i) > *known)
			*known = term_of(balance, i);
	}
}

void hear_seats(struct balance *balance, struct seats *seats,
		const struct seats *from)
{
	uint32_t i;

	for (i = 0; i < balance_conf(balance)->nr_servers; i++) {
		unsigned host = host_of(balance, i);

		if (from->term[host] <= seats->term[host])
			continue;
		seats->term[host] = from->term[host];
		balance_seat(balance, i, from->term[host]);
	}
}

struct balance *reloaded(struct balance *old, const struct world *world,
			 const struct seats *seats, usec_t now)
{
	struct balance *balance = balance_new(&world->conf, now);
	uint32_t i;

	balance_inherit(balance, old, now);
	for (i = 0; i < world->conf.nr_servers; i++)
		balance_seat(balance, i, seats->term[host_of(balance, i)]);
	balance_free(old);
	return balance;
}
