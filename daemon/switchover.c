/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "daemon/switchover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/balance.h"
#include "conf/digest.h"
#include "conf/sealed.h"
#include "conf/vrrp_conf.h"
#include "daemon/announcer.h"
#include "daemon/control/view.h"
#include "daemon/integrity.h"
#include "daemon/operator/overrides.h"
#include "daemon/operator/peer_reports.h"
#include "daemon/pair/pair.h"
#include "daemon/pair/vrrp_proc.h"
#include "lib/history.h"
#include "lib/log.h"
#include "vrrp/fsm.h"

#define SWITCHOVER_REPORT_EVERY USEC_PER_SEC

struct switchover {
	struct switchover_needs needs;
	const struct config *config;
	const struct balance *balance;
	struct loop_timer timer;
	bool complete; /* the kernel has the whole table */
	uint64_t digest; /* of the configuration; 0 without a channel */
	struct fitness_item
		*items; /* pools, instances, groups, payload, in order */
	size_t nr_items;
};

static const struct conf *switchover_conf(const struct switchover *switchover)
{
	return switchover->config->conf;
}

static uint8_t switchover_state(const struct ipc_vrrp_state *state)
{
	if (!state || state->state >= VRRP_STATES)
		return PEER_INSTANCE_OTHER;
	switch ((enum vrrp_state)state->state) {
	case VRRP_ACTIVE:
		return PEER_INSTANCE_MASTER;
	case VRRP_BACKUP:
		return PEER_INSTANCE_BACKUP;
	case VRRP_FAULT:
		return PEER_INSTANCE_FAULT;
	case VRRP_INIT:
	case VRRP_STATES:
		break;
	}
	return PEER_INSTANCE_OTHER;
}

/* The names and identities, which change with the configuration only. */
static void switchover_name_items(struct switchover *switchover)
{
	const struct conf *conf = switchover_conf(switchover);
	uint32_t pools = conf->nr_virtual_servers,
		 instances = conf->vrrp->nr_instances,
		 groups = conf->nr_announce_groups, i;
	uint64_t *ids = xcalloc(pools + 1, sizeof(*ids));
	struct fitness_item *items =
		xcalloc(pools + instances + groups + conf->nr_servers + 1,
			sizeof(*items));

	switchover->digest = conf_digest(conf, ids);
	for (i = 0; i < pools; i++)
		items[i] = (struct fitness_item){
			.name = conf->virtual_servers[i].name,
			.item = { .kind = PEER_ITEM_POOL, .id = ids[i] },
		};
	for (i = 0; i < instances; i++)
		items[pools + i] = (struct fitness_item){
			.name = conf->vrrp->instances[i].name,
			.item = { .kind = PEER_ITEM_INSTANCE,
				  .id = conf_digest_text(
					  conf->vrrp->instances[i].name) },
		};
	for (i = 0; i < groups; i++)
		items[pools + instances + i] = (struct fitness_item){
			.name = conf->announce_groups[i].name,
			.item = { .kind = PEER_ITEM_ANNOUNCE,
				  .id = conf_digest_announce(
					  &conf->announce_groups[i]) },
		};
	switchover->items = items;
	switchover->nr_items = pools + instances + groups;
	switchover->nr_items +=
		integrity_name_items(conf, items + switchover->nr_items);
	free(ids);
}

/* The figures, as they are now. */
static void switchover_fill_items(struct switchover *switchover)
{
	const struct conf *conf = switchover_conf(switchover);
	const struct vrrp_proc *child = pair_get_child(switchover->needs.pair);
	const struct ipc_vrrp_state *state;
	struct fitness_item *item = switchover->items;
	struct balance_vs_view view;
	uint32_t i;

	for (i = 0; i < conf->nr_virtual_servers; i++, item++) {
		balance_view_vs(switchover->balance, i, &view);
		item->item.up = view.up;
	}
	for (i = 0; i < conf->vrrp->nr_instances; i++, item++) {
		state = vrrp_proc_state(child, i);
		item->item.state = switchover_state(state);
		item->item.priority = state && state->own_priority > 0 ?
					      state->own_priority :
					      conf->vrrp->instances[i].priority;
	}
	for (i = 0; i < conf->nr_announce_groups; i++, item++)
		item->item.state = (uint8_t)announcer_says(
			switchover->needs.announcer, conf, i);
	integrity_fill_items(switchover->needs.integrity, item);
}

static void switchover_report(struct switchover *switchover)
{
	const struct conf *conf = switchover_conf(switchover);
	uint32_t count = (uint32_t)(switchover->nr_items / PEER_ITEMS_MAX + 1);
	struct ipc_peer_page *pages, *page;
	uint32_t flags = 0;
	size_t i;

	/* An empty table is nowhere incomplete. */
	if (switchover->complete || conf->nr_virtual_servers == 0)
		flags |= PEER_REPORT_TABLE;
	if (pair_all_known(conf, switchover->balance))
		flags |= PEER_REPORT_VERDICTS;
	if (count > PEER_PAGES_MAX)
		count = PEER_PAGES_MAX;
	pages = xcalloc(count, sizeof(*pages));
	for (i = 0; i < count; i++) {
		page = &pages[i];
		page->digest = switchover->digest;
		page->page = (uint32_t)i;
		page->pages = count;
		page->pools = conf->nr_virtual_servers;
		page->flags = flags;
		snprintf(page->version, sizeof(page->version), "%s",
			 PACKAGE_VERSION);
	}
	for (i = 0; i < switchover->nr_items && i / PEER_ITEMS_MAX < count;
	     i++) {
		page = &pages[i / PEER_ITEMS_MAX];
		page->items[page->count++] = switchover->items[i].item;
	}
	overrides_report(switchover->needs.overrides, pages, count);
	free(pages);
}

static void switchover_expired(struct loop_timer *timer)
{
	struct switchover *switchover =
		container_of(timer, struct switchover, timer);

	switchover_fill_items(switchover);
	switchover_report(switchover);
	loop_timer_set(timer, loop_now(switchover->needs.loop) +
				      SWITCHOVER_REPORT_EVERY);
}

struct switchover *switchover_new(const struct switchover_needs *needs)
{
	struct switchover *switchover = xcalloc(1, sizeof(*switchover));

	switchover->needs = *needs;
	loop_timer_init(needs->loop, &switchover->timer, switchover_expired);
	return switchover;
}

void switchover_free(struct switchover *switchover)
{
	if (!switchover)
		return;
	loop_timer_clear(&switchover->timer);
	free(switchover->items);
	free(switchover);
}

void switchover_configure(struct switchover *switchover,
			  const struct config *config,
			  const struct balance *balance)
{
	struct peer_proc_view peer;

	switchover->config = config;
	switchover->balance = balance;
	free(switchover->items);
	switchover->items = NULL;
	switchover->nr_items = 0;
	loop_timer_clear(&switchover->timer);
	/* Without a channel nobody is told, and the digest costs time. */
	if (!overrides_peer(switchover->needs.overrides, 0, &peer))
		return;
	switchover_name_items(switchover);
	loop_timer_set(&switchover->timer, loop_now(switchover->needs.loop));
}

void switchover_decided(struct switchover *switchover, bool complete)
{
	switchover->complete = complete;
}

void switchover_moved(struct switchover *switchover)
{
	if (switchover->items)
		loop_timer_set(&switchover->timer,
			       loop_now(switchover->needs.loop));
}

void switchover_reported(struct switchover *switchover)
{
	const struct conf *conf = switchover_conf(switchover);
	struct vrrp_proc *child = pair_get_child(switchover->needs.pair);
	usec_t now = loop_now(switchover->needs.loop);
	struct fitness_item *own = switchover->items;
	uint32_t nr = conf->vrrp->nr_instances, i;
	struct peer_proc_view peer;
	bool master = false;

	if (!own)
		return;
	own += conf->nr_virtual_servers;
	for (i = 0; i < nr; i++) {
		own[i].item.state = switchover_state(vrrp_proc_state(child, i));
		master |= own[i].item.state == PEER_INSTANCE_MASTER;
	}
	for (i = 0;
	     master && overrides_peer(switchover->needs.overrides, i, &peer);
	     i++)
		if (fitness_is_double(own, nr, peer.reports, now)) {
			vrrp_proc_doubt(child);
			return;
		}
}

void switchover_end(struct switchover *switchover)
{
	if (!switchover->items) /* without a channel nobody is told */
		return;
	switchover_fill_items(switchover);
	switchover_report(switchover);
}

static void switchover_note_unkept(struct fitness *fitness, int error)
{
	size_t length = strlen(fitness->note);

	snprintf(fitness->note + length, sizeof(fitness->note) - length,
		 "%sit cannot be written down (%s): until it can, a restart of "
		 "this daemon takes the addresses back",
		 length > 0 ? "; " : "", strerror(-error));
}

static void switchover_do(struct switchover *switchover,
			  const uint8_t *priorities, struct fitness *fitness)
{
	uint32_t pools = switchover_conf(switchover)->nr_virtual_servers;
	int kept, error = pair_yield(switchover->needs.pair, priorities + pools,
				     &kept);

	if (error == -E2BIG) {
		snprintf(fitness->refused, sizeof(fitness->refused),
			 "%u instances at most can be behind the other "
			 "balancer: stop the daemon instead, which hands over "
			 "all of them",
			 IPC_VRRP_YIELDS_MAX);
		return;
	}
	if (error < 0) {
		snprintf(fitness->refused, sizeof(fitness->refused),
			 "the vrrp process does not take it (%s): try again in "
			 "a moment",
			 strerror(-error));
		return;
	}
	if (kept < 0)
		switchover_note_unkept(fitness, kept);
	log_notice(
		"operator",
		"switchover: %u instances leave their addresses to the other "
		"balancer",
		fitness->moves);
	history_add(
		switchover->needs.history,
		"operator: switchover of %u instances to the other balancer",
		fitness->moves);
}

/*
 * Of several balancers the one that would take over: it has the instances that
 * are master here, with the highest priority. NULL: there is no channel.
 */
static const struct peer_reports *
switchover_other(const struct switchover *switchover,
		 const struct fitness_own *own)
{
	usec_t now = loop_now(switchover->needs.loop);
	const struct peer_reports *best = NULL;
	struct peer_proc_view peer;
	unsigned rank, highest = 0;
	uint32_t i;

	for (i = 0; overrides_peer(switchover->needs.overrides, i, &peer);
	     i++) {
		rank = fitness_rank(own, peer.reports, now);
		if (best && rank <= highest)
			continue;
		best = peer.reports;
		highest = rank;
	}
	return best;
}

void switchover_ask(struct switchover *switchover, struct fitness *fitness)
{
	struct fitness_own own = { .digest = switchover->digest,
				   .version = PACKAGE_VERSION };
	const struct peer_reports *other;
	uint8_t *priorities;

	*fitness = (struct fitness){ 0 };
	if (switchover->items) /* there are none without a channel */
		switchover_fill_items(switchover);
	own.items = switchover->items;
	own.nr_items = switchover->nr_items;
	other = switchover_other(switchover, &own);
	if (!other) {
		snprintf(fitness->refused, sizeof(fitness->refused),
			 "there is no channel to the other balancer: the file "
			 "needs 'operator_peer ADDRESS PORT KEYFILE' in "
			 "global_defs, and the daemon both VRRP and checks");
		return;
	}
	priorities = xcalloc(own.nr_items + 1, 1);
	fitness_judge(&own, other, loop_now(switchover->needs.loop), priorities,
		      fitness);
	if (fitness->refused[0])
		log_notice("operator", "switchover refused: %s",
			   fitness->refused);
	else
		switchover_do(switchover, priorities, fitness);
	free(priorities);
}

void switchover_view(const struct switchover *switchover,
		     const struct peer_reports *reports,
		     struct other_view *view)
{
	usec_t now = loop_now(switchover->needs.loop);
	const struct ipc_peer_page *page;

	*view = (struct other_view){ .all = reports };
	page = peer_reports_last(reports, &view->when);
	view->reports = page && now - view->when <= PEER_REPORTS_AGE;
	view->clocks_apart = !view->reports &&
			     peer_reports_has_other_clock(reports, now);
	if (!page)
		return;
	view->page = page;
	view->same_pools = page->digest == switchover->digest;
	view->same_version = strcmp(page->version, PACKAGE_VERSION) == 0;
	view->ahead = peer_reports_ahead(reports);
	view->own = switchover->items;
	view->nr_own = switchover->nr_items;
}
