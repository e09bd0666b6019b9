/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual router at work: events go into the state machine, and its actions
 * are carried out here, in the protocol's order: on a takeover the advert
 * first, so that the old Active Router leaves, then the addresses, then their
 * announcement.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "vrrp/group.h"
#include "vrrp/vrrp_internal.h"
#include "vrrp/vmac.h"

_Static_assert(VRRP_DROPS <= IPC_VRRP_DROPS, "every reason has a counter");

/* Once a minute for one kind of line. */
bool vrrp_limit_ok(struct vrrp_limit *limit, usec_t now, uint64_t *skipped)
{
	if (now < limit->next) {
		limit->skipped++;
		return false;
	}
	*skipped = limit->skipped;
	limit->skipped = 0;
	limit->next = now + 60 * USEC_PER_SEC;
	return true;
}

static void router_send_to(struct vrrp_router *router,
			   struct vrrp_advert *advert, const struct addr *dst)
{
	struct vrrp *vrrp = router->vrrp;
	uint8_t packet[VRRP_PACKET_MAX + VRRP_AUTH_LENGTH];
	char text[ADDR_TEXT_MAX];
	uint64_t skipped;
	int result;

	result = vrrp_packet_encode(advert, &router->source, dst, packet,
				    sizeof(packet));
	if (result > 0)
		result = vrrp_sock_send(router->sock, &router->source, dst,
					router->conf->ttl, packet,
					(size_t)result);
	if (result == 0) {
		router->report.sent++;
		if (advert->priority == VRRP_PRIORITY_STOP)
			router->report.stops_sent++;
		return;
	}
	router->report.send_errors++;
	if (vrrp_limit_ok(&router->send_limit, loop_now(vrrp->loop), &skipped))
		log_warning("vrrp", "%s: cannot send to %s: %s",
			    router->conf->name, addr_format(dst, text),
			    strerror(-result));
}

static void router_send_advert(struct vrrp_router *router, uint8_t priority)
{
	const struct vrrp_conf_instance *conf = router->conf;
	struct vrrp_advert advert = {
		.family = conf->family,
		.version = conf->version,
		.vrid = conf->vrid,
		.priority = priority,
		.count = (uint8_t)conf->nr_addresses,
		.interval = conf->interval,
		.addresses = router->packed,
		.checksum = conf->checksum,
		.auth = conf->auth,
	};
	uint32_t i;

	if (!router->sock)
		return;
	memcpy(advert.auth_data, conf->auth_data, VRRP_AUTH_LENGTH);
	if (conf->nr_peers == 0)
		router_send_to(router, &advert, &conf->group);
	for (i = 0; i < conf->nr_peers; i++)
		router_send_to(router, &advert, &conf->peers[i].addr);
}

static const char *router_fault_text(const struct vrrp_router *router)
{
	if (router->faults & VRRP_FAULT_INTERFACE)
		return "there is no such interface";
	if (router->faults & VRRP_FAULT_LINK)
		return "its link is down";
	if (router->faults & VRRP_FAULT_VMAC)
		return "its virtual MAC's interface is not ready";
	if (router->faults & VRRP_FAULT_SOURCE)
		return "no address to send from";
	if (router->faults & VRRP_FAULT_SOCKET)
		return "no socket";
	if (router->faults & (VRRP_FAULT_TRACKER | VRRP_FAULT_WAITING))
		return router->vrrp->conf->trackers[router->culprit].name;
	return "the sync group";
}

static void router_log_change(const struct vrrp_router *router,
			      enum vrrp_state before, enum vrrp_why why)
{
	const struct vrrp_fsm *fsm = &router->fsm;
	char peer[ADDR_TEXT_MAX];

	if (why == VRRP_WHY_FAULT)
		log_notice("vrrp", "%s: %s -> FAULT (%s)", router->conf->name,
			   vrrp_state_name(before), router_fault_text(router));
	else if (why == VRRP_WHY_HIGHER_PRIORITY ||
		 why == VRRP_WHY_HIGHER_ADDRESS)
		log_notice("vrrp", "%s: %s -> %s (%s: %s has %u, we have %u)",
			   router->conf->name, vrrp_state_name(before),
			   vrrp_state_name(fsm->state), vrrp_why_text(why),
			   addr_format(&router->report.peer, peer),
			   router->report.peer_priority, fsm->priority);
	else
		log_notice("vrrp", "%s: %s -> %s (%s, priority %u)",
			   router->conf->name, vrrp_state_name(before),
			   vrrp_state_name(fsm->state), vrrp_why_text(why),
			   fsm->priority);
}

static void router_note_change(struct vrrp_router *router,
			       enum vrrp_state before, enum vrrp_why why)
{
	if (router->fsm.state == before)
		return;
	/* A silent Active Router is recognised by its priority 0, before. */
	if (before == VRRP_BACKUP && why == VRRP_WHY_SILENCE &&
	    router->report.heard > 0 && router->report.peer_priority == 0)
		why = VRRP_WHY_ACTIVE_STOPPED;
	router->report.why = (uint8_t)why;
	router->report.since = loop_now(router->vrrp->loop);
	if (router->fsm.state == VRRP_ACTIVE)
		router->report.takeovers++;
	router_log_change(router, before, why);
	vrrp_input_warn(router);
	vrrp_touch(router);
}

/* A router of lower priority is Active too; not just in its last advert. */
static void router_note_lower(struct vrrp_router *router, enum vrrp_why why)
{
	const struct vrrp_fsm *fsm = &router->fsm;
	usec_t now = loop_now(router->vrrp->loop);

	if (fsm->state != VRRP_ACTIVE || why != VRRP_WHY_LOWER_PRIORITY ||
	    fsm->asserted != now || now - fsm->entered < router->conf->interval)
		return;
	router->report.lowers++;
	vrrp_touch(router);
}

static void router_carry_out(struct vrrp_router *router, unsigned actions)
{
	usec_t now = loop_now(router->vrrp->loop);

	if (actions & VRRP_SEND_ADVERT)
		router_send_advert(router, router->fsm.priority);
	if (actions & VRRP_SEND_STOP)
		router_send_advert(router, VRRP_PRIORITY_STOP);
	if (actions & VRRP_TAKE_ADDRESSES) {
		vrrp_vips_take(router);
		vrrp_ways_take(&router->ways);
	}
	if (actions & VRRP_ANNOUNCE)
		vrrp_announcer_start(&router->announcer, &router->conf->garp,
				     now);
	if (actions & VRRP_ANNOUNCE_AGAIN)
		vrrp_announcer_again(&router->announcer, &router->conf->garp,
				     now);
	if (actions & VRRP_DROP_ADDRESSES) {
		vrrp_announcer_stop(&router->announcer);
		vrrp_ways_drop(&router->ways);
		vrrp_vips_drop(router);
	}
	if (actions & VRRP_ANNOUNCE_SELF)
		vrrp_announce_self(router);
	if (actions &
	    (VRRP_ANNOUNCE | VRRP_ANNOUNCE_AGAIN | VRRP_DROP_ADDRESSES))
		vrrp_announce_run(router);
}

void vrrp_router_step(struct vrrp_router *router,
		      const struct vrrp_event *event)
{
	enum vrrp_state before = router->fsm.state;
	struct vrrp_step step;

	step = vrrp_fsm_step(&router->fsm, router->conf, event,
			     loop_now(router->vrrp->loop));
	if (event->kind == VRRP_EVENT_START)
		router->started = true;
	router_carry_out(router, step.actions);
	router_note_change(router, before, step.why);
	router_note_lower(router, step.why);
	if (router->fsm.timer > 0)
		loop_timer_set(&router->timer, router->fsm.timer);
	else
		loop_timer_clear(&router->timer);
}

static bool router_same_group(const struct vrrp_router *a,
			      const struct vrrp_router *b)
{
	return a == b || (a->conf->sync_group != VRRP_NO_GROUP &&
			  a->conf->sync_group == b->conf->sync_group);
}

static size_t router_collect(const struct vrrp_router *router,
			     struct vrrp_router **routers,
			     struct vrrp_member *members)
{
	struct vrrp *vrrp = router->vrrp;
	size_t count = 0;
	uint32_t i;

	for (i = 0; i < vrrp->nr_routers; i++) {
		if (!router_same_group(router, vrrp->routers[i]))
			continue;
		routers[count] = vrrp->routers[i];
		members[count++] = (struct vrrp_member){
			.state = vrrp->routers[i]->fsm.state,
			.ready = vrrp->routers[i]->fsm.ready,
			.broken = vrrp->routers[i]->faults != 0,
		};
	}
	return count;
}

void vrrp_router_settle(struct vrrp_router *router)
{
	uint32_t most = router->vrrp->nr_routers;
	struct vrrp_router **routers =
		xcalloc(most, sizeof(struct vrrp_router *));
	struct vrrp_member *members = xcalloc(most, sizeof(*members));
	enum vrrp_event_kind *events = xcalloc(most, sizeof(*events));
	struct vrrp_event event;
	size_t count, i;

	for (;;) {
		count = router_collect(router, routers, members);
		if (!vrrp_group_judge(members, count, events))
			break;
		for (i = 0; i < count; i++) {
			if (events[i] == VRRP_EVENT_NONE)
				continue;
			event = (struct vrrp_event){ .kind = events[i] };
			vrrp_router_step(routers[i], &event);
		}
	}
	free(routers);
	free(members);
	free(events);
}

void vrrp_router_give(struct vrrp_router *router,
		      const struct vrrp_event *event)
{
	enum vrrp_state before = router->fsm.state;
	bool ready = router->fsm.ready;

	vrrp_router_step(router, event);
	if (router->fsm.state != before || router->fsm.ready != ready)
		vrrp_router_settle(router);
}

/*
 * Before the router believes that its peers are silent, it reads the waiting
 * datagrams: this process may not have been scheduled for a while.
 */
static void router_timer_expired(struct loop_timer *timer)
{
	struct vrrp_router *router =
		container_of(timer, struct vrrp_router, timer);
	struct vrrp_event event = { .kind = VRRP_EVENT_TIMER };

	if (router->sock)
		vrrp_input_drain(router->sock);
	vrrp_router_give(router, &event);
}

static void router_announce_expired(struct loop_timer *timer)
{
	vrrp_announce_run(container_of(timer, struct vrrp_router, announce));
}

static void router_repair_expired(struct loop_timer *timer)
{
	vrrp_vips_repair(container_of(timer, struct vrrp_router, repair));
}

struct vrrp_lines vrrp_router_lines(const struct vrrp_conf_instance *conf)
{
	return (struct vrrp_lines){
		.routes = conf->routes,
		.rules = conf->rules,
		.nr_routes = conf->nr_routes,
		.nr_rules = conf->nr_rules,
	};
}

struct vrrp_router *vrrp_router_new(struct vrrp *vrrp,
				    const struct vrrp_conf_instance *conf)
{
	struct vrrp_router *router = xcalloc(1, sizeof(*router));
	struct vrrp_lines lines = vrrp_router_lines(conf);

	router->vrrp = vrrp;
	router->conf = conf;
	vrrp_fsm_init(&router->fsm, conf);
	router->report.since = loop_now(vrrp->loop);
	loop_timer_init(vrrp->loop, &router->timer, router_timer_expired);
	loop_timer_init(vrrp->loop, &router->announce, router_announce_expired);
	loop_timer_init(vrrp->loop, &router->repair, router_repair_expired);
	vrrp_vips_set(router);
	vrrp_ways_init(&router->ways, vrrp, router);
	vrrp_ways_change(&router->ways, &lines);
	return router;
}

void vrrp_router_free(struct vrrp_router *router)
{
	loop_timer_clear(&router->timer);
	loop_timer_clear(&router->announce);
	loop_timer_clear(&router->repair);
	vrrp_router_unbind(router);
	if (router->conf->use_vmac &&
	    vrrp_vmac_remove(&router->vrrp->net, router->conf) < 0)
		log_warning("vrrp", "%s: cannot remove its virtual MAC",
			    router->conf->name);
	vrrp_ways_free(&router->ways);
	vrrp_vips_free(router);
	free(router);
}

void vrrp_router_report(struct vrrp_router *router)
{
	struct ipc_vrrp_state *report = &router->report;

	report->instance = router->index;
	report->state = (uint8_t)router->fsm.state;
	report->priority = router->fsm.priority;
	report->faults = router->faults;
	report->culprit = router->culprit;
	report->interval = router->fsm.interval;
	report->timer = router->fsm.timer;
	report->source = router->source;
	report->strays = router->sock ? router->sock->strays : 0;
}
