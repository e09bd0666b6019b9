/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of the feed that are not of a pool: see feed.h. */
#include <stdio.h>

#include "announce/announcing.h"
#include "balance/balance.h"
#include "conf/bfd_conf.h"
#include "conf/conf.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"
#include "config.h"
#include "daemon/control/feed_internal.h"
#include "daemon/control/view.h"
#include "daemon/pair/mail_proc.h"
#include "daemon/pair/vrrp_proc.h"
#include "lib/log.h"
#include "lib/peer_ipc.h"
#include "vrrp/fsm.h"
#include "vrrp/packet.h"

static void feed_checker(struct feed *feed, const struct view *view)
{
	struct sheet *sheet = &feed->sheet;

	sheet_number(sheet, "checker_answering",
		     view->checker.process.answering);
	sheet_number(sheet, "checker_restarts", view->checker.process.restarts);
	sheet_number(sheet, "verdicts", (int64_t)view->checker.verdicts);
	sheet_number(sheet, "stale_checks",
		     balance_stale_checks(view->balance, view->now));
}

static void feed_kernel(struct feed *feed, const struct view *view)
{
	const struct view_kernel *kernel = &view->kernel;
	struct sheet *sheet = &feed->sheet;
	bool known = !view->only_vrrp;

	sheet_known(sheet, "kernel_reached", known, view->reached);
	sheet_known(sheet, "kernel_changes", known, (int64_t)kernel->changes);
	sheet_known(sheet, "kernel_failures", known, (int64_t)kernel->failures);
	sheet_known(sheet, "kernel_repairs", known, (int64_t)kernel->repairs);
	feed_when(feed, "kernel_audited", known ? kernel->last_audit : 0);
}

/* The channel to another balancer, and its report. */
static void feed_peer(struct feed *feed, const struct view *view, uint32_t i)
{
	const struct peer_proc_view *channel = &view->peers[i].channel;
	const struct other_view *other = &view->peers[i].report;
	const struct ipc_peer_page *page = other->page;
	struct sheet *sheet = &feed->sheet;
	char text[ENDPOINT_TEXT_MAX] = "";

	if (view->nr_peers > 1)
		endpoint_format(&channel->peer, text);
	sheet_begin(sheet, "peer");
	sheet_text(sheet, "address", text);
	sheet_number(sheet, "running", channel->process.running);
	sheet_number(sheet, "silent", channel->silent);
	feed_when(feed, "heard", channel->heard);
	sheet_number(sheet, "reports", other->reports);
	sheet_known(sheet, "same_configuration", page, other->same_pools);
	sheet_known(sheet, "same_version", page, other->same_version);
	sheet_known(sheet, "table_complete", other->reports,
		    page && page->flags & PEER_REPORT_TABLE);
	sheet_known(sheet, "clock_ahead", other->reports, other->ahead);
	sheet_number(sheet, "clocks_apart", other->clocks_apart);
	sheet_end(sheet);
}

static void feed_mail(struct feed *feed, const struct view *view)
{
	struct sheet *sheet = &feed->sheet;
	struct mail_proc_view mail = { .waiting = 0 };
	bool is = mail_proc_get(view->mail, &mail);

	sheet_known(sheet, "mail_running", is, mail.process.running);
	sheet_known(sheet, "mail_waiting", is, mail.waiting);
	sheet_known(sheet, "mail_failing", is, mail.failing);
}

static void feed_bfd(struct feed *feed, const struct view *view)
{
	struct sheet *sheet = &feed->sheet;
	char text[ADDR_TEXT_MAX];
	uint32_t i;

	for (i = 0; view->neighbors && i < view->conf->bfd->nr_instances; i++) {
		const struct bfd_conf_instance *conf =
			&view->conf->bfd->instances[i];

		sheet_begin(sheet, "bfd");
		sheet_text(sheet, "name", conf->name);
		sheet_text(sheet, "neighbor",
			   addr_format(&conf->neighbor, text));
		sheet_text(sheet, "state",
			   view_neighbor_state(&view->neighbors[i]));
		feed_when(feed, "since", view->neighbors[i].since);
		sheet_end(sheet);
	}
}

static void feed_sync(struct feed *feed, const struct view *view)
{
	const struct {
		const char *role;
		bool runs;
	} roles[] = {
		{ "master", view->sync.sends },
		{ "backup", view->sync.receives },
	};
	size_t i;

	if (!view->conf->pair->sync.ifname)
		return;
	for (i = 0; i < ARRAY_SIZE(roles); i++) {
		sheet_begin(&feed->sheet, "sync");
		sheet_text(&feed->sheet, "role", roles[i].role);
		sheet_number(&feed->sheet, "running", roles[i].runs);
		sheet_end(&feed->sheet);
	}
}

/* All reasons, also those without a dropped datagram yet. */
static void feed_drops(struct feed *feed, const struct ipc_vrrp_state *state)
{
	unsigned i;

	for (i = 1; i < VRRP_DROPS; i++) {
		sheet_begin(&feed->sheet, "drop");
		sheet_text(&feed->sheet, "reason",
			   vrrp_drop_name((enum vrrp_drop)i));
		sheet_number(&feed->sheet, "count",
			     state ? (int64_t)state->drops[i] : 0);
		sheet_end(&feed->sheet);
	}
}

static void feed_instance(struct feed *feed, const struct view *view,
			  uint32_t index)
{
	const struct vrrp_conf_instance *conf =
		&view->conf->vrrp->instances[index];
	const struct ipc_vrrp_state *state = vrrp_proc_state(view->vrrp, index);
	struct sheet *sheet = &feed->sheet;
	char vrid[8];

	snprintf(vrid, sizeof(vrid), "%u", conf->vrid);
	sheet_begin(sheet, "vrrp");
	sheet_text(sheet, "name", conf->name);
	sheet_text(sheet, "vrid", vrid);
	sheet_text(sheet, "interface", conf->ifname);
	sheet_text(sheet, "state",
		   state && state->state < VRRP_STATES ?
			   vrrp_state_name((enum vrrp_state)state->state) :
			   "");
	sheet_known(sheet, "priority", state, state ? state->priority : 0);
	sheet_number(sheet, "priority_configured", conf->priority);
	sheet_number(sheet, "takeovers", state ? (int64_t)state->takeovers : 0);
	sheet_number(sheet, "adverts_sent", state ? (int64_t)state->sent : 0);
	sheet_number(sheet, "adverts_received",
		     state ? (int64_t)state->received : 0);
	sheet_number(sheet, "send_errors",
		     state ? (int64_t)state->send_errors : 0);
	feed_when(feed, "heard", state ? state->heard : 0);
	sheet_end(sheet);
	feed_drops(feed, state);
}

static void feed_group(struct feed *feed, const struct view *view,
		       uint32_t index)
{
	const struct view_announce *one = &view->announces[index];
	struct sheet *sheet = &feed->sheet;

	sheet_begin(sheet, "announce");
	sheet_text(sheet, "name", view->conf->announce_groups[index].name);
	sheet_number(sheet, "announced", one->state->where == ANNOUNCING_UP);
	sheet_number(sheet, "works", one->good);
	sheet_known(sheet, "others", view_announce_is_heard(one), one->others);
	sheet_number(sheet, "trouble", one->trouble != NULL);
	sheet_end(sheet);
}

void feed_daemon(struct feed *feed, const struct view *view)
{
	struct sheet *sheet = &feed->sheet;
	uint32_t i;

	sheet_begin(sheet, "daemon");
	sheet_text(sheet, "version", PACKAGE_VERSION);
	feed_when(feed, "started", view->started);
	sheet_number(sheet, "generation", view->generation);
	sheet_number(sheet, "config_accepted", !view->file.refused);
	feed_when(feed, "config_read", view->file.read);
	sheet_number(sheet, "log_lines_lost", (int64_t)log_lost());
	feed_checker(feed, view);
	feed_kernel(feed, view);
	feed_mail(feed, view);
	sheet_known(sheet, "bfd_running", view->neighbors != NULL,
		    view->bfd.running);
	sheet_end(sheet);
	for (i = 0; i < view->nr_peers; i++)
		feed_peer(feed, view, i);
	feed_sync(feed, view);
	feed_bfd(feed, view);
	for (i = 0; i < view->conf->vrrp->nr_instances; i++)
		feed_instance(feed, view, i);
	for (i = 0; view->announces && i < view->conf->nr_announce_groups; i++)
		feed_group(feed, view, i);
}
