/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/feed.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "balance/balance.h"
#include "balance/health.h"
#include "conf/conf.h"
#include "daemon/control/dest_counts.h"
#include "daemon/control/feed_internal.h"
#include "daemon/control/probe_times.h"
#include "daemon/control/tallies.h"
#include "daemon/control/view.h"
#include "daemon/operator/operator.h"

void feed_when(struct feed *feed, const char *key, usec_t when)
{
	usec_t moment = (when + feed->wall) / USEC_PER_MSEC * USEC_PER_MSEC;

	sheet_known(&feed->sheet, key, when > 0, moment);
}

/*
 * The same to the second: the two clocks drift and are read one after the other,
 * so finer moments of thousands of servers would be other values in each scrape.
 */
static void feed_second(struct feed *feed, const char *key, usec_t when)
{
	usec_t moment = (when + feed->wall) / USEC_PER_SEC * USEC_PER_SEC;

	sheet_known(&feed->sheet, key, when > 0, moment);
}

/* Columns of a histogram, "le=0.001" and on: bounds as both formats want them. */
static void feed_name_bounds(struct feed *feed)
{
	unsigned i;

	for (i = 0; i < DURATIONS_BOUNDS; i++) {
		usec_t bound = durations_bounds[i];

		snprintf(feed->bounds[i], sizeof(feed->bounds[i]), "le=%.9g%s",
			 (double)bound / (double)USEC_PER_SEC,
			 bound % USEC_PER_SEC == 0 ? ".0" : "");
	}
	snprintf(feed->bounds[i], sizeof(feed->bounds[i]), "le=+Inf");
}

static const char *feed_protocol(const struct service_key *key)
{
	if (key->fwmark)
		return key->family == AF_INET6 ? "FWM6" : "FWM";
	switch (key->protocol) {
	case IPPROTO_TCP:
		return "TCP";
	case IPPROTO_UDP:
		return "UDP";
	case IPPROTO_SCTP:
		return "SCTP";
	}
	return "";
}

static void feed_result(struct feed *feed, const struct view *view,
			uint32_t check)
{
	uint32_t count;
	unsigned i;

	/* An outcome has a row when it has come; a good one is sure to. */
	for (i = PROBE_OK; i < PROBE_OUTCOMES; i++) {
		count = tallies_results(view->tallies, check, (enum outcome)i);
		if (count == 0 && i != PROBE_OK)
			continue;
		sheet_begin(&feed->sheet, "result");
		sheet_text(&feed->sheet, "outcome", outcome_info(i)->name);
		sheet_number(&feed->sheet, "count", count);
		sheet_end(&feed->sheet);
	}
}

/* The NUMBERth check of SERVER, counted from 1 among those of its kind. */
static unsigned feed_number(const struct view *view,
			    const struct conf_server *server, uint32_t use)
{
	enum check_kind kind = view->conf->checks[server->uses[use].check].kind;
	unsigned number = 1;
	uint32_t i;

	for (i = 0; i < use; i++)
		number += view->conf->checks[server->uses[i].check].kind ==
			  kind;
	return number;
}

static void feed_check(struct feed *feed, const struct view *view,
		       const struct conf_server *server, uint32_t use)
{
	uint32_t check = server->uses[use].check;
	struct sheet *sheet = &feed->sheet;
	struct balance_check_view one;
	char number[12];

	balance_view_check(view->balance, check, view->now, &one);
	snprintf(number, sizeof(number), "%u", feed_number(view, server, use));
	sheet_begin(sheet, "check");
	sheet_text(sheet, "type",
		   check_kind_name(view->conf->checks[check].kind));
	sheet_text(sheet, "number", number);
	sheet_number(sheet, "up", one.state == HEALTH_UP);
	sheet_number(sheet, "duration", one.duration);
	sheet_number(sheet, "failures", one.failures);
	sheet_end(sheet);
	feed_result(feed, view, check);
}

static void feed_transitions(struct feed *feed, const struct view *view,
			     uint32_t server)
{
	uint32_t count;
	unsigned from, to;

	for (from = 0; from < STANDINGS; from++)
		for (to = 0; to < STANDINGS; to++) {
			count = tallies_transitions(view->tallies, server,
						    (enum standing)from,
						    (enum standing)to);
			if (count == 0)
				continue;
			sheet_begin(&feed->sheet, "transition");
			sheet_text(&feed->sheet, "from",
				   standing_name((enum standing)from));
			sheet_text(&feed->sheet, "to",
				   standing_name((enum standing)to));
			sheet_number(&feed->sheet, "count", count);
			sheet_end(&feed->sheet);
		}
}

static void feed_weights(struct feed *feed, const struct conf_server *conf,
			 const struct conf_virtual_server *vs,
			 const struct balance_server_view *view)
{
	struct sheet *sheet = &feed->sheet;

	sheet_text(sheet, "state", standing_name(view->standing));
	feed_second(feed, "since", view->since);
	sheet_number(sheet, "weight_configured", conf->weight);
	sheet_number(sheet, "weight_wanted", view->wanted ? view->weight : 0);
	sheet_number(sheet, "slow_start", view->ramp);
	sheet_known(sheet, "response", vs->fastest, view->latency_factor);
	sheet_number(sheet, "saturation", view->saturation);
	sheet_known(sheet, "let_in", vs->cold_pool_limit > 0, view->let_in);
	sheet_text(sheet, "operator",
		   view->override == OVERRIDE_NONE ?
			   "" :
			   operator_word(view->override));
}

/* A counter outside the table is 0, and not known while no table can be read. */
static void feed_counts(struct feed *feed, bool known,
			const struct dest_counts *counts)
{
	struct sheet *sheet = &feed->sheet;

	sheet_known(sheet, "weight_kernel", known, counts->weight);
	sheet_number(sheet, "active", counts->active);
	sheet_number(sheet, "inactive", counts->inactive);
	sheet_known(sheet, "connections", known, counts->conns);
	sheet_known(sheet, "bytes_in", known, counts->in_bytes);
	sheet_known(sheet, "bytes_out", known, counts->out_bytes);
	sheet_known(sheet, "packets_in", known, counts->in_packets);
	sheet_known(sheet, "packets_out", known, counts->out_packets);
}

static void feed_server(void *arg, const struct view *view,
			const struct table *actual, uint32_t server)
{
	struct feed *feed = arg;
	const struct conf_server *conf = &view->conf->servers[server];
	const struct conf_virtual_server *vs =
		&view->conf->virtual_servers[conf->vs];
	const struct dest_counts counts =
		dest_counts_get(actual, vs, &conf->addr, &conf->forward);
	struct sheet *sheet = &feed->sheet;
	struct balance_server_view one;
	struct facts facts;
	char text[ENDPOINT_TEXT_MAX];
	uint32_t i;

	balance_view_server(view->balance, server, &one);
	balance_view_facts(view->balance, server, &facts);
	sheet_begin(sheet, "server");
	sheet_text(sheet, "address", endpoint_format(&conf->addr, text));
	feed_weights(feed, conf, vs, &one);
	feed_counts(feed, actual != NULL, &counts);
	sheet_known(sheet, "lag", facts.have & FACT_LAG, facts.lag);
	sheet_known(sheet, "read_only", facts.have & FACT_READ_ONLY,
		    facts.read_only);
	sheet_end(sheet);
	feed_transitions(feed, view, server);
	for (i = 0; i < conf->nr_uses; i++)
		feed_check(feed, view, conf, i);
}

/* How many servers of a pool are in which state; none is 0 and not missing. */
static void feed_states(struct feed *feed, const struct view *view, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&view->conf->virtual_servers[vs];
	unsigned counts[STANDINGS] = { 0 }, state;
	struct balance_server_view one;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		balance_view_server(view->balance, conf->first_server + i,
				    &one);
		counts[one.standing]++;
	}
	for (state = 0; state < STANDINGS; state++) {
		sheet_begin(&feed->sheet, "state");
		sheet_text(&feed->sheet, "state",
			   standing_name((enum standing)state));
		sheet_number(&feed->sheet, "servers", counts[state]);
		sheet_end(&feed->sheet);
	}
}

/* How long the probes took, by kind; each bound has those below it as well. */
static void feed_probes(struct feed *feed, const struct view *view, uint32_t vs)
{
	const struct durations *times;
	unsigned kind, i;
	uint64_t count;

	for (kind = 0; kind < CHECK_KINDS; kind++) {
		times = probe_times_get(view->probe_times, vs,
					(enum check_kind)kind);
		if (!times)
			continue;
		sheet_begin(&feed->sheet, "probes");
		sheet_text(&feed->sheet, "type",
			   check_kind_name((enum check_kind)kind));
		for (i = 0, count = 0; i <= DURATIONS_BOUNDS; i++) {
			count += times->counts[i];
			sheet_number(&feed->sheet, feed->bounds[i],
				     (int64_t)count);
		}
		sheet_number(&feed->sheet, "sum", (int64_t)times->sum);
		sheet_end(&feed->sheet);
	}
}

static void feed_room(struct feed *feed, const struct view *view,
		      const struct table *actual, uint32_t vs)
{
	const struct dest_counts counts =
		dest_counts_service(actual, &view->conf->virtual_servers[vs]);
	struct sheet *sheet = &feed->sheet;
	bool known = actual != NULL;
	struct balance_headroom room;

	balance_view_headroom(view->balance, vs, &room);
	sheet_number(sheet, "survives", room.survives);
	sheet_number(sheet, "survives_wanted", room.target);
	sheet_number(sheet, "connections", (int64_t)room.used);
	sheet_number(sheet, "connections_room", (int64_t)room.room);
	sheet_known(sheet, "new_connections", known, counts.conns);
	sheet_known(sheet, "bytes_in", known, counts.in_bytes);
	sheet_known(sheet, "bytes_out", known, counts.out_bytes);
}

static void feed_pool(void *arg, const struct view *view,
		      const struct table *actual, uint32_t vs)
{
	struct feed *feed = arg;
	const struct conf_virtual_server *conf =
		&view->conf->virtual_servers[vs];
	struct sheet *sheet = &feed->sheet;
	struct balance_vs_view one;

	balance_view_vs(view->balance, vs, &one);
	sheet_begin(sheet, "pool");
	sheet_text(sheet, "name", conf->name);
	sheet_text(sheet, "protocol", feed_protocol(&conf->keys[0]));
	sheet_text(sheet, "level", level_name(one.level));
	sheet_number(sheet, "quorum", one.quorum);
	sheet_number(sheet, "up", one.up);
	sheet_number(sheet, "serving", one.serving);
	sheet_number(sheet, "min_serving", one.need);
	sheet_number(sheet, "sources", one.sources);
	sheet_number(sheet, "writers", one.writers);
	sheet_number(sheet, "spares", one.spares);
	sheet_number(sheet, "paused", one.paused_until > view->now);
	feed_room(feed, view, actual, vs);
	sheet_end(sheet);
	feed_states(feed, view, vs);
	feed_probes(feed, view, vs);
}

static usec_t feed_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (usec_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

static void feed_begin(void *arg, const struct view *view)
{
	struct feed *feed = arg;

	feed->wall = feed_clock(CLOCK_REALTIME) - view->now;
	sheet_clear(&feed->sheet);
	feed_daemon(feed, view);
}

static const struct walk_visitor feed_visitor = {
	.parts = VIEW_VRRP,
	.begin = feed_begin,
	.open = feed_pool,
	.server = feed_server,
};

/* The price of the sheet: all of it, and its longest slice. */
static void feed_end(struct feed *feed)
{
	struct sheet *sheet = &feed->sheet;
	usec_t now = feed_clock(CLOCK_MONOTONIC);

	if (now - feed->turn > feed->held)
		feed->held = now - feed->turn;
	sheet_begin(sheet, "scrape");
	sheet_number(sheet, "took", now - feed->started);
	sheet_number(sheet, "held", feed->held);
	sheet_end(sheet);
	sheet_begin(sheet, "end");
	sheet_end(sheet);
}

bool feed_step(struct feed *feed)
{
	usec_t took;
	bool whole;

	feed->turn = feed_clock(CLOCK_MONOTONIC);
	if (!feed->started)
		feed->started = feed->turn;
	whole = walk_step(&feed->walk, &feed_visitor, feed);
	if (whole)
		feed_end(feed);
	took = feed_clock(CLOCK_MONOTONIC) - feed->turn;
	if (took > feed->held)
		feed->held = took;
	return whole;
}

struct feed *feed_new(const struct control_ops *ops, void *arg)
{
	struct feed *feed = xcalloc(1, sizeof(*feed));

	feed->walk.ops = ops;
	feed->walk.ops_arg = arg;
	feed_name_bounds(feed);
	return feed;
}

void feed_free(struct feed *feed)
{
	if (!feed)
		return;
	sheet_free(&feed->sheet);
	walk_free(&feed->walk);
	free(feed);
}

const char *feed_text(const struct feed *feed, size_t *length)
{
	*length = feed->sheet.out.length;
	return feed->sheet.out.bytes;
}
