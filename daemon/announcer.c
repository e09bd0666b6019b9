/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/announcer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/digest.h"
#include "daemon/announcer_internal.h"
#include "daemon/operator/overrides.h"
#include "daemon/operator/peer_proc.h"
#include "daemon/operator/peer_reports.h"
#include "lib/history.h"
#include "lib/log.h"

#define ANNOUNCER_LISTEN USEC_PER_SEC

/* The other balancers */

void announcer_listen(struct announcer *announcer,
		      const struct overrides *overrides)
{
	announcer->overrides = overrides;
}

enum peer_announce_state announcer_says(const struct announcer *announcer,
					const struct conf *conf, uint32_t group)
{
	const struct announcer_group *one;

	if (conf != announcer->conf || group >= announcer->nr_groups)
		return PEER_ANNOUNCE_OFF;
	one = &announcer->groups[group];
	if (!one->settled || one->state.where != ANNOUNCING_UP || one->failed)
		return PEER_ANNOUNCE_OFF;
	return one->state.why == ANNOUNCING_WHY_GOOD && one->input.good &&
			       one->state.complete ?
		       PEER_ANNOUNCE_WORKS :
		       PEER_ANNOUNCE_FAILED;
}

/* The balancer of PEER says of GROUP, as ITEMS have it. */
static void announcer_hear_one(struct announcer_group *group,
			       const struct peer_proc_view *peer,
			       const struct peer_item *items, size_t count,
			       usec_t now)
{
	struct view_announce_other *other = &group->others[group->nr_others++];
	const struct peer_item *item;
	usec_t when = 0;

	*other = (struct view_announce_other){ .at = peer->peer };
	other->heard = peer_reports_last(peer->reports, &when) &&
		       now - when <= PEER_REPORTS_AGE;
	item = peer_reports_find(items, count, PEER_ITEM_ANNOUNCE,
				 group->digest);
	group->input.channel = true;
	group->input.silent = group->input.silent || !other->heard;
	if (!item)
		return;
	other->known = true;
	other->state = (enum peer_announce_state)item->state;
	if (other->state == PEER_ANNOUNCE_WORKS)
		announcing_count(&group->state, &group->input,
				 peer_reports_said(peer->reports, now,
						   PEER_ITEM_ANNOUNCE,
						   group->digest));
}

/* The facts that others have told. Returns whether there is a channel. */
static bool announcer_hear(struct announcer *announcer)
{
	usec_t now = loop_now(announcer->loop);
	struct peer_proc_view peer;
	struct peer_item *items;
	size_t count = 0;
	uint32_t g, i;

	for (g = 0; g < announcer->nr_groups; g++) {
		struct announcer_group *group = &announcer->groups[g];

		group->nr_others = 0;
		group->input.channel = group->input.silent = false;
		group->input.others = group->input.confirmed = 0;
	}
	for (i = 0; announcer->overrides &&
		    overrides_peer(announcer->overrides, i, &peer);
	     i++) {
		items = peer_reports_items(peer.reports, now, &count);
		for (g = 0; g < announcer->nr_groups; g++)
			announcer_hear_one(&announcer->groups[g], &peer, items,
					   count, now);
		free(items);
	}
	return i > 0;
}

/* The decision */

void announcer_say(struct announcer *announcer,
		   const struct announcer_group *group,
		   enum announcing_where before)
{
	const struct announcing *state = &group->state;
	const char *where = announcing_where_name(state->where);
	const char *why = announcing_why_name(state->why);

	if (state->why == ANNOUNCING_WHY_LAST ||
	    state->why == ANNOUNCING_WHY_SILENT ||
	    state->why == ANNOUNCING_WHY_LEASE)
		log_warning("announce", "%s: %s: %s", group->conf->name, where,
			    why);
	else
		log_notice("announce", "%s: %s: %s", group->conf->name, where,
			   why);
	if (before != state->where)
		history_add(announcer->history, "announce %s: %s: %s",
			    group->conf->name, where, why);
}

/* Step all groups, carry the turns out, and set the timer. */
static void announcer_step(struct announcer *announcer)
{
	usec_t now = loop_now(announcer->loop), due = 0;
	bool moved = false;
	uint32_t g;

	if (announcer->ended) /* nothing said now brings an address back */
		return;
	if (announcer->nr_groups && announcer_hear(announcer))
		due = now + ANNOUNCER_LISTEN;
	for (g = 0; g < announcer->nr_groups; g++) {
		struct announcer_group *group = &announcer->groups[g];
		enum announcing_where before = group->state.where;

		if (!group->begun)
			continue;
		group->input.drained = announcer->drained;
		if (announcing_step(&group->state, group->conf, &group->input,
				    now))
			announcer_say(announcer, group, before);
		if (group->state.where != before) {
			moved = true;
			group->settled = false;
		}
		if (group->state.due && (!due || group->state.due < due))
			due = group->state.due;
	}
	if (due)
		loop_timer_set(&announcer->step, due);
	else
		loop_timer_clear(&announcer->step);
	if (moved)
		announcer_tend(announcer);
}

static void announcer_step_again(struct loop_timer *timer)
{
	announcer_step(container_of(timer, struct announcer, step));
}

/* Without the kernel's table VIEW is that of the last request for the status. */
static bool announcer_works(const struct announcer_group *group,
			    const struct balance_vs_view *view)
{
	bool decided = !group->input.no_table;

	switch (group->conf->when) {
	case ANNOUNCE_QUORUM:
		return decided && view->quorum;
	case ANNOUNCE_SERVING:
		return decided &&
		       (view->serving > 0 || view->level == LEVEL_SORRY);
	case ANNOUNCE_ALWAYS:
		break;
	}
	return true;
}

static void announcer_look_at(struct announcer_group *group,
			      const struct balance *balance, uint32_t vs)
{
	const struct conf *conf = balance_conf(balance);
	const struct conf_virtual_server *one = &conf->virtual_servers[vs];
	struct balance_server_view server;
	struct balance_vs_view view;
	uint32_t i;

	balance_view_vs(balance, vs, &view);
	group->input.good = group->input.good && announcer_works(group, &view);
	for (i = 0; i < one->nr_servers; i++) {
		balance_view_server(balance, one->first_server + i, &server);
		/* A server that was taken over as serving may be dead by now. */
		if (server.standing == STANDING_UNKNOWN || !server.judged)
			group->input.complete = false;
	}
}

void announcer_decided(struct announcer *announcer,
		       const struct balance *balance, bool read, bool complete)
{
	const struct conf *conf = balance_conf(balance);
	struct announcer_group *group;
	uint32_t g, vs;

	if (announcer->off || announcer->ended ||
	    conf != announcer->conf) /* a reload is on its way */
		return;
	for (g = 0; g < announcer->nr_groups; g++) {
		group = &announcer->groups[g];
		group->input.complete = complete;
		group->input.no_table = !read;
		group->input.good = true;
	}
	for (vs = 0; announcer->nr_groups && vs < conf->nr_virtual_servers;
	     vs++) {
		g = conf->virtual_servers[vs].announce_group;
		if (g != CONF_NO_GROUP)
			announcer_look_at(&announcer->groups[g], balance, vs);
	}
	announcer_step(announcer);
}

/* A group of the same name goes on. */
static void announcer_carry(struct announcer_group *to,
			    const struct announcer *from)
{
	uint32_t g;

	for (g = 0; g < from->nr_groups; g++) {
		const struct announcer_group *old = &from->groups[g];
		const struct conf_announce_group *conf = to->conf;

		if (strcmp(old->conf->name, conf->name) != 0)
			continue;
		*to = *old;
		to->conf = conf;
		/* The moves that follow from the new file are no repairs. */
		to->settled = false;
		if (to->state.where == ANNOUNCING_DRAIN && !conf->drain_ifname)
			to->state.where = ANNOUNCING_NOWHERE;
		return;
	}
}

void announcer_configure(struct announcer *announcer, const struct conf *conf)
{
	bool first = !announcer->conf;
	struct announcer_group *groups;
	uint32_t g, nr = conf->nr_announce_groups, had = announcer->nr_groups;

	if (announcer->off)
		return;
	groups = xcalloc(nr + 1, sizeof(*groups));
	for (g = 0; g < nr; g++) {
		groups[g].conf = &conf->announce_groups[g];
		announcer_carry(&groups[g], announcer);
		groups[g].digest =
			conf_digest_announce(&conf->announce_groups[g]);
	}
	free(announcer->groups);
	free(announcer->views);
	announcer->groups = groups;
	announcer->views = xcalloc(nr + 1, sizeof(*announcer->views));
	announcer->nr_groups = nr;
	announcer->conf = conf;
	announcer_follow_buffer(announcer);
	announcer_move_file(announcer, conf);
	if (first)
		announcer_recall(announcer);
	if (nr > 0 || had > 0 || first)
		announcer_tend(announcer);
}

int announcer_drain(struct announcer *announcer, bool drain)
{
	if (announcer->nr_groups == 0 && (drain || !announcer->drained))
		return -ENOENT;
	if (announcer->drained != drain) {
		log_notice("operator", "%s this balancer",
			   drain ? "drain" : "ready:");
		history_add(announcer->history, "operator: %s this balancer",
			    drain ? "drain" : "ready:");
	}
	announcer->drained = drain;
	announcer_step(announcer);
	return announcer_keep(announcer);
}

void announcer_end(struct announcer *announcer)
{
	bool any = false;
	uint32_t g;

	if (announcer->ended)
		return;
	announcer->ended = true;
	loop_timer_clear(&announcer->step);
	for (g = 0; g < announcer->nr_groups; g++) {
		struct announcer_group *group = &announcer->groups[g];

		any = any || group->state.where != ANNOUNCING_NOWHERE ||
		      group->held;
		group->state.where = ANNOUNCING_NOWHERE;
		group->settled = false;
	}
	if (any) {
		log_notice("announce",
			   "the end: no address is announced any more");
		announcer_tend(announcer);
	}
	loop_timer_clear(&announcer->tend);
}

void announcer_release(struct announcer *announcer)
{
	announcer_end(announcer);
	announcer->nr_groups = 0;
	if (announcer_is_open(announcer))
		announcer_tend(announcer);
	loop_timer_clear(&announcer->tend);
}

/* The connections of a group's virtual servers, as the kernel counted them. */
static void announcer_count(const struct balance *balance,
			    struct view_announce *views)
{
	const struct conf *conf = balance_conf(balance);
	struct balance_server_view server;
	uint32_t i, g;

	for (i = 0; i < conf->nr_servers; i++) {
		g = conf->virtual_servers[conf->servers[i].vs].announce_group;
		if (g == CONF_NO_GROUP)
			continue;
		balance_view_server(balance, i, &server);
		views[g].counted = views[g].counted && server.counted;
		views[g].active += server.counted ? server.active : 0;
	}
}

void announcer_view(const struct announcer *announcer,
		    const struct balance *balance, struct view *view)
{
	usec_t now = loop_now(announcer->loop);
	uint32_t g;

	if (announcer->off || balance_conf(balance) != announcer->conf)
		return;
	for (g = 0; g < announcer->nr_groups; g++) {
		const struct announcer_group *group = &announcer->groups[g];

		announcer->views[g] = (struct view_announce){
			.state = &group->state,
			.trouble = group->trouble[0] ? group->trouble : NULL,
			.lingers = announcing_lingers(&group->state,
						      group->conf, now),
			.held = group->held,
			.counted = true,
			.good = group->input.good,
			.channel = group->input.channel,
			.silent = group->input.silent,
			.others = group->input.others,
			.told = group->others,
			.nr_told = group->nr_others,
		};
	}
	announcer_count(balance, announcer->views);
	view->announces = announcer->views;
	view->drained = announcer->drained;
}

struct announcer *announcer_new(struct loop *loop, struct history *history,
				const char *state_file, bool off)
{
	struct announcer *announcer = xcalloc(1, sizeof(*announcer));

	announcer->loop = loop;
	announcer->history = history;
	announcer->off = off;
	snprintf(announcer->state_file, sizeof(announcer->state_file), "%s",
		 state_file);
	snprintf(announcer->arp_file, sizeof(announcer->arp_file),
		 "%s.arp_ignore", state_file);
	loop_timer_init(loop, &announcer->step, announcer_step_again);
	loop_timer_init(loop, &announcer->tend, announcer_tend_again);
	announcer_keep_begin(announcer);
	return announcer;
}

void announcer_free(struct announcer *announcer)
{
	if (!announcer)
		return;
	loop_timer_clear(&announcer->step);
	loop_timer_clear(&announcer->tend);
	announcer_keep_end(announcer);
	rtnl_close(&announcer->rtnl);
	place_free(&announcer->kernel);
	place_plan_free(&announcer->plan);
	free(announcer->groups);
	free(announcer->views);
	free(announcer);
}
