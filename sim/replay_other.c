/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/replay_other.h"

#include <stdlib.h>

#include "balance/name.h"

#define OTHER_NONE UINT32_MAX

struct replay_other {
	const struct conf *conf;
	struct balance *balance;
	struct table wanted;
	usec_t now; /* of the last input */
	bool due; /* an input asks for a decision */
	/* From recorded checks to ours: a first one, and chains behind it. */
	uint32_t *first_check; /* by recorded check */
	uint32_t *next_check; /* by our check */
	bool *heard; /* by our check: some recorded check has fed it */
	uint32_t *server; /* by recorded server: ours */
	uint32_t *vs; /* by recorded virtual server: ours */
	uint32_t nr_checks, nr_servers, nr_services; /* recorded */
};

struct replay_other *replay_other_new(const struct conf *conf)
{
	struct replay_other *other = xcalloc(1, sizeof(*other));

	other->conf = conf;
	other->next_check = xcalloc(conf->nr_checks, sizeof(uint32_t));
	other->heard = xcalloc(conf->nr_checks, sizeof(*other->heard));
	return other;
}

void replay_other_free(struct replay_other *other)
{
	if (!other)
		return;
	balance_free(other->balance);
	table_free(&other->wanted);
	free(other->first_check);
	free(other->next_check);
	free(other->heard);
	free(other->server);
	free(other->vs);
	free(other);
}

/* SERVER of CONF among the names of IX. */
static uint32_t other_find(struct name_index *ix, const struct conf *conf,
			   uint32_t server)
{
	const struct conf_server *one = &conf->servers[server];
	const struct conf_virtual_server *vs = &conf->virtual_servers[one->vs];
	uint32_t k, at;

	for (k = 0; k < vs->nr_keys; k++) {
		at = name_find_server(ix, &vs->keys[k], &one->addr);
		if (at != INDEX_END)
			return at;
	}
	return OTHER_NONE;
}

static void other_map_services(struct replay_other *other,
			       const struct conf *recorded,
			       const struct name_index *ix)
{
	uint32_t i, k, at;

	free(other->vs);
	other->nr_services = recorded->nr_virtual_servers;
	other->vs = xcalloc(recorded->nr_virtual_servers, sizeof(uint32_t));
	for (i = 0; i < recorded->nr_virtual_servers; i++)
		other->vs[i] = OTHER_NONE;
	for (i = 0; i < other->conf->nr_virtual_servers; i++)
		for (k = 0; k < other->conf->virtual_servers[i].nr_keys; k++) {
			at = name_find_service(
				ix, &other->conf->virtual_servers[i].keys[k]);
			if (at != INDEX_END)
				other->vs[at] = i;
		}
}

/* The NTH check of KIND that SERVER uses. */
static uint32_t other_nth_check(const struct conf *conf, uint32_t server,
				enum check_kind kind, uint32_t nth)
{
	const struct conf_server *one = &conf->servers[server];
	uint32_t i;

	for (i = 0; i < one->nr_uses; i++)
		if (conf->checks[one->uses[i].check].kind == kind && nth-- == 0)
			return one->uses[i].check;
	return OTHER_NONE;
}

/* Which of SERVER's checks of its kind is use U? */
static uint32_t other_ordinal(const struct conf *conf, uint32_t server,
			      uint32_t u)
{
	const struct conf_server *one = &conf->servers[server];
	enum check_kind kind = conf->checks[one->uses[u].check].kind;
	uint32_t i, nth = 0;

	for (i = 0; i < u; i++)
		nth += conf->checks[one->uses[i].check].kind == kind;
	return nth;
}

/* Feed the checks of our SERVER, unless another server's use did so. */
static void other_feed(struct replay_other *other, uint32_t server,
		       const struct conf *recorded, uint32_t there, bool *fed)
{
	const struct conf_server *one = &other->conf->servers[server];
	uint32_t u, check, from;

	for (u = 0; u < one->nr_uses; u++) {
		check = one->uses[u].check;
		if (fed[check])
			continue;
		from = other_nth_check(recorded, there,
				       other->conf->checks[check].kind,
				       other_ordinal(other->conf, server, u));
		if (from == OTHER_NONE)
			continue;
		fed[check] = true;
		other->heard[check] = true;
		other->next_check[check] = other->first_check[from];
		other->first_check[from] = check;
	}
}

void replay_other_map(struct replay_other *other, const struct conf *conf)
{
	bool *fed = xcalloc(other->conf->nr_checks, sizeof(*fed));
	struct name_index ix;
	uint32_t i, there;

	free(other->first_check);
	free(other->server);
	other->nr_checks = conf->nr_checks;
	other->nr_servers = conf->nr_servers;
	other->first_check = xcalloc(conf->nr_checks, sizeof(uint32_t));
	other->server = xcalloc(conf->nr_servers, sizeof(uint32_t));
	for (i = 0; i < conf->nr_checks; i++)
		other->first_check[i] = OTHER_NONE;
	for (i = 0; i < conf->nr_servers; i++)
		other->server[i] = OTHER_NONE;
	name_index_init(&ix, conf);
	for (i = 0; i < other->conf->nr_servers; i++) {
		there = other_find(&ix, other->conf, i);
		if (there == OTHER_NONE)
			continue;
		other->server[there] = i;
		other_feed(other, i, conf, there, fed);
	}
	other_map_services(other, conf, &ix);
	name_index_free(&ix);
	free(fed);
}

void replay_other_begin(struct replay_other *other,
			const struct balance *recorded, bool fresh, usec_t now)
{
	balance_free(other->balance);
	other->balance = balance_new(other->conf, now);
	if (!fresh)
		balance_inherit(other->balance, recorded, now);
	other->now = now;
	other->due = true;
	replay_other_map(other, balance_conf(recorded));
}

static void other_decide(struct replay_other *other, usec_t now)
{
	struct balance_event event;
	struct balance_notice notice;

	other->due = false;
	balance_decide(other->balance, now, &other->wanted);
	while (balance_next_event(other->balance, &event))
		;
	while (balance_next_notice(other->balance, &notice))
		;
}

/* The decisions by time alone that come between the last input and NOW. */
static void other_catch_up(struct replay_other *other, usec_t now)
{
	usec_t wake;

	if (now <= other->now)
		return;
	if (other->due)
		other_decide(other, other->now);
	for (;;) {
		wake = balance_next_wake(other->balance);
		if (!wake || wake >= now || wake <= other->now)
			break;
		other->now = wake;
		other_decide(other, wake);
	}
	other->now = now;
}

static void other_verdict(struct replay_other *other,
			  const struct balance_input *input)
{
	struct verdict verdict = *input->verdict;
	uint32_t check;

	if (verdict.check >= other->nr_checks)
		return;
	for (check = other->first_check[verdict.check]; check != OTHER_NONE;
	     check = other->next_check[check]) {
		verdict.check = check;
		other->due |=
			balance_verdict(other->balance, &verdict, input->now);
	}
}

void replay_other_take(struct replay_other *other,
		       const struct balance_input *input, usec_t now)
{
	struct balance_input ours = *input;

	other_catch_up(other, now);
	switch (input->kind) {
	case INPUT_VERDICT:
		other_verdict(other, input);
		return;
	case INPUT_OVERRIDE:
	case INPUT_SEAT:
	case INPUT_FAILBACK:
	case INPUT_FELL:
		if (input->server >= other->nr_servers ||
		    other->server[input->server] == OTHER_NONE)
			return;
		ours.server = other->server[input->server];
		break;
	case INPUT_PAUSE:
	case INPUT_SEAT_LEFT:
		if (input->vs >= other->nr_services ||
		    other->vs[input->vs] == OTHER_NONE)
			return;
		ours.vs = other->vs[input->vs];
		break;
	case INPUT_DECIDE:
		other_decide(other, input->now);
		return;
	case INPUT_ADOPT:
	case INPUT_RESERVE:
	case INPUT_CONNECTIONS:
	case INPUT_DECIDED:
	case INPUTS:
		break;
	}
	balance_take(other->balance, &ours, &other->wanted);
	other->due |= input->kind != INPUT_RESERVE;
}

const struct table *replay_other_table(const struct replay_other *other)
{
	return &other->wanted;
}

const struct conf *replay_other_is(const struct replay_other *other)
{
	return other->conf;
}

uint32_t replay_other_nr_unheard(const struct replay_other *other)
{
	uint32_t i, unheard = 0;

	for (i = 0; i < other->conf->nr_checks; i++)
		unheard += !other->heard[i];
	return unheard;
}
