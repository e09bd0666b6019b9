/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/describe_log.h"

#include <stdio.h>
#include <string.h>

#include "daemon/probe_marks.h"
#include "lib/history.h"
#include "lib/log.h"
#include "lib/log_limit.h"

/* The server of VS with this address; TABLE_NO_REF if the file has none. */
static uint32_t describe_find_server(const struct conf *conf, uint32_t vs,
				     const struct service_key *key,
				     const struct endpoint *rip)
{
	const struct conf_virtual_server *cvs = &conf->virtual_servers[vs];
	uint32_t i;

	for (i = cvs->first_server; i < cvs->first_server + cvs->nr_servers;
	     i++) {
		struct endpoint addr;

		conf_dest_endpoint(key, &conf->servers[i].addr,
				   &conf->servers[i].forward, &addr);
		if (endpoint_cmp(&addr, rip) == 0)
			return i;
	}
	return TABLE_NO_REF;
}

static void describe_place(const struct conf *conf, const struct conf_pos *pos,
			   char *out, size_t size)
{
	const char *file = pos->file < conf->nr_files ? conf->files[pos->file] :
							"?";

	snprintf(out, size, "as %s line %u says", file, pos->line);
}

static void describe_server_change(const struct conf *conf,
				   const struct balance *balance,
				   const struct ipvs_change *change, usec_t now,
				   char *out, size_t size)
{
	uint32_t vs = change->service->ref, server = change->dest->ref;

	/*
	 * A server that is being removed was read from the kernel, without a
	 * reference.
	 */
	if (server == TABLE_NO_REF || change->op == IPVS_DEL_DEST)
		server = describe_find_server(conf, vs, &change->service->key,
					      &change->dest->rip);
	if (server == TABLE_NO_REF &&
	    addr_cmp(&change->dest->rip.addr,
		     &conf->virtual_servers[vs].sorry.addr.addr) == 0)
		server = REF_SORRY;
	if (change->dest->ref == REF_LEAVING)
		snprintf(out, size,
			 "it is not in the configuration any more, and drains");
	else if (server == TABLE_NO_REF)
		snprintf(out, size, "the configuration does not name it");
	else
		balance_reason(balance, vs, server, now, out, size);
}

/* A service of the marks, or the server in it. */
static bool describe_is_probe(const struct conf *conf,
			      const struct ipvs_change *change)
{
	return change->service && change->service->ref == TABLE_NO_REF &&
	       probe_marks_has(conf, &change->service->key);
}

bool describe_is_move(const struct conf *conf, const struct balance *balance,
		      const struct ipvs_change *change)
{
	const uint32_t moving = IPVS_FIELD_WEIGHT | IPVS_FIELD_THRESHOLDS;
	struct balance_server_view view;

	if (describe_is_probe(conf, change))
		return true;
	if (change->op != IPVS_SET_DEST || (change->fields & ~moving) != 0 ||
	    change->dest->weight == 0 || change->old_dest->weight == 0 ||
	    change->dest->ref >= conf->nr_servers)
		return false;
	balance_view_server(balance, change->dest->ref, &view);
	return view.moves;
}

void describe_change(const struct conf *conf, const struct balance *balance,
		     const struct ipvs_change *change, usec_t now, char *out,
		     size_t size)
{
	uint32_t vs = change->service->ref;

	if (describe_is_probe(conf, change))
		snprintf(
			out, size, "%s",
			change->op == IPVS_DEL_SERVICE ?
				"no check with probe_path client needs this mark any more" :
				"for checks with probe_path client, whose packets have this mark");
	else if (change->op == IPVS_DEL_SERVICE ||
		 vs >= conf->nr_virtual_servers)
		snprintf(out, size,
			 "the configuration does not name it any more");
	else if (change->dest)
		describe_server_change(conf, balance, change, now, out, size);
	else
		describe_place(conf, &conf->virtual_servers[vs].pos, out, size);
}

static void describe_server_event(const struct conf *conf,
				  const struct balance *balance,
				  const struct balance_event *event, usec_t now,
				  struct history *history)
{
	const struct conf_server *server = &conf->servers[event->server];
	const char *vs = conf->virtual_servers[event->vs].name;
	char addr[ENDPOINT_TEXT_MAX], change[64], why[512];

	endpoint_format(&server->addr, addr);
	if (event->before == event->after)
		snprintf(change, sizeof(change), "%s, begins to serve",
			 standing_name(event->after));
	else
		snprintf(change, sizeof(change), "%s -> %s",
			 standing_name(event->before),
			 standing_name(event->after));
	balance_reason(balance, event->vs, event->server, now, why,
		       sizeof(why));
	log_info("server", "%s of %s: %s: %s", addr, vs, change, why);
	history_add(history, "server %s of %s: %s: %s", addr, vs, change, why);
}

static void describe_vs_event(const struct conf *conf,
			      const struct balance *balance,
			      const struct balance_event *event, usec_t now,
			      struct history *history)
{
	const char *name = conf->virtual_servers[event->vs].name;
	struct balance_vs_view view;
	char why[512];

	balance_view_vs(balance, event->vs, &view);
	balance_reason(balance, event->vs, TABLE_NO_REF, now, why, sizeof(why));
	log_notice("service", "%s: level %s -> %s, quorum %s%s", name,
		   level_name(event->before), level_name(event->after),
		   view.quorum ? "reached" : "not reached", why);
	history_add(history, "%s: level %s -> %s, quorum %s%s", name,
		    level_name(event->before), level_name(event->after),
		    view.quorum ? "reached" : "not reached", why);
}

void describe_event(const struct conf *conf, const struct balance *balance,
		    const struct balance_event *event, usec_t now,
		    struct history *history)
{
	switch (event->kind) {
	case EVENT_SERVER_UP:
	case EVENT_SERVER_DOWN:
	case EVENT_SERVER_SPARE:
	case EVENT_SERVER_OTHER:
		describe_server_event(conf, balance, event, now, history);
		return;
	case EVENT_QUORUM_UP:
	case EVENT_QUORUM_DOWN:
	case EVENT_LEVEL:
		describe_vs_event(conf, balance, event, now, history);
		return;
	}
}

static void describe_notice(enum balance_notice_kind kind, const char *text)
{
	switch (kind) {
	case NOTICE_SOURCES_MANY:
		log_error("service", "%s", text);
		break;
	case NOTICE_SOURCES_ONE:
	case NOTICE_PAUSE_OVER:
		log_notice("service", "%s", text);
		break;
	case NOTICE_POOL_TIGHT:
	case NOTICE_POOL_ROOMY:
	case NOTICE_SERVER_TIGHT:
	case NOTICE_SERVER_ROOMY:
		log_warning("headroom", "%s", text);
		break;
	}
}

void describe_notices(struct balance *balance, struct history *history)
{
	struct balance_notice notice;
	char text[512];

	while (balance_next_notice(balance, &notice)) {
		balance_notice_text(balance, &notice, text, sizeof(text));
		describe_notice(notice.kind, text);
		history_add(history, "%s", text);
	}
}

void describe_stale(const struct balance *balance, usec_t now, uint32_t *before)
{
	uint32_t stale = balance_stale_checks(balance, now);

	if (stale > *before)
		log_warning("check",
			    "%u checks have not ended for more than three "
			    "intervals; their last verdicts hold",
			    stale);
	else if (stale == 0 && *before > 0)
		log_notice("check", "all checks are on time again");
	*before = stale;
}

const struct conf_script *describe_script(const struct conf *conf,
					  const struct balance_event *event)
{
	switch (event->kind) {
	case EVENT_SERVER_UP:
		return conf->servers[event->server].notify_up;
	case EVENT_SERVER_DOWN:
		return conf->servers[event->server].notify_down;
	case EVENT_SERVER_SPARE:
		return conf->servers[event->server].notify_spare;
	case EVENT_QUORUM_UP:
		return conf->virtual_servers[event->vs].quorum_up;
	case EVENT_QUORUM_DOWN:
		return conf->virtual_servers[event->vs].quorum_down;
	case EVENT_SERVER_OTHER:
	case EVENT_LEVEL:
		return NULL;
	}
	return NULL;
}

void describe_verdict(const struct conf *conf, const struct balance *balance,
		      const struct verdict *verdict, struct log_limit *limit,
		      usec_t now)
{
	const struct outcome_info *info = outcome_info(verdict->outcome);
	const struct conf_check *check;
	struct balance_check_view before;
	char room[ENDPOINT_TEXT_MAX];
	const char *kind, *target;

	if (verdict->check >= conf->nr_checks || info->class == OUTCOME_GOOD)
		return;
	check = &conf->checks[verdict->check];
	balance_view_check(balance, verdict->check, verdict->when, &before);
	if (before.outcome == verdict->outcome && !check->log_all_failures)
		return;
	if (!log_limit_pass(limit, now))
		return;
	kind = check_kind_name(check->kind);
	target = conf_check_target(check, room);
	/* A check that cannot judge causes no outage, and is easily missed. */
	if (info->class == OUTCOME_HOLD || info->class == OUTCOME_UNKNOWN)
		log_warning("check", "%s %s: %s: %s", kind, target, info->text,
			    verdict->text);
	else
		log_info("check", "%s %s: %s: %s", kind, target, info->text,
			 verdict->text);
}

void describe_state(const struct conf *conf, const struct balance *balance,
		    usec_t now)
{
	struct balance_server_view view;
	struct balance_vs_view vs_view;
	char addr[ENDPOINT_TEXT_MAX], why[512];
	uint32_t vs, i;

	for (vs = 0; vs < conf->nr_virtual_servers; vs++) {
		const struct conf_virtual_server *cvs =
			&conf->virtual_servers[vs];

		balance_view_vs(balance, vs, &vs_view);
		log_notice(
			"state",
			"virtual server %s: level %s, %u of %u servers up, %u serving",
			cvs->name, level_name(vs_view.level), vs_view.up,
			cvs->nr_servers, vs_view.serving);
		for (i = cvs->first_server;
		     i < cvs->first_server + cvs->nr_servers; i++) {
			balance_view_server(balance, i, &view);
			balance_reason(balance, vs, i, now, why, sizeof(why));
			log_notice(
				"state", "  server %s: %s, weight %u%s: %s",
				endpoint_format(&conf->servers[i].addr, addr),
				standing_name(view.standing), view.weight,
				view.wanted ? "" : " (not in the table)", why);
		}
	}
}

void describe_evicted(const struct conf *conf, const struct verdict *verdict,
		      struct history *history)
{
	const struct facts *facts = &verdict->facts;
	char addr[ENDPOINT_TEXT_MAX];

	if (!(facts->have & FACT_EVICTED) || verdict->check >= conf->nr_checks)
		return;
	conf_check_target(&conf->checks[verdict->check], addr);
	log_notice("server", "%s: on_leave kill: %u sessions of clients ended",
		   addr, facts->evicted);
	history_add(history, "server %s: on_leave kill: %u sessions ended",
		    addr, facts->evicted);
	if (facts->evict_errno)
		log_error("server",
			  "%s: on_leave kill: not all sessions of clients "
			  "could be ended (error %u); the check's user needs "
			  "PROCESS and CONNECTION ADMIN, see "
			  "evenkeel.conf(5), KILL",
			  addr, facts->evict_errno);
}
