/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual router at work: events go into the state machine, and its actions
 * are carried out here, in the protocol's order: on a takeover the advert
 * first, so that the old Active Router leaves, then the addresses, then their
 * announcement.
 */
#include "vrrp/router.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "vrrp/group.h"
#include "vrrp/vips.h"
#include "vrrp/vmac.h"
#include "vrrp/vrrp_internal.h"

/* The other router may send adverts less often than this one. */
#define RECENT_MIN (5 * USEC_PER_SEC)

_Static_assert(VRRP_DROPS <= IPC_VRRP_DROPS, "every reason has a counter");

void vrrp_router_report_soon(struct vrrp_router *router)
{
	router->report_due = true;
	loop_task_want(&router->vrrp->report);
}

static void router_send_to(struct vrrp_router *router,
			   struct vrrp_advert *advert, const struct addr *dst)
{
	struct vrrp *vrrp = router->vrrp;
	uint8_t packet[VRRP_DATAGRAM_MAX];
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
	uint8_t trailer[VRRP_TRAILER_LENGTH];
	uint32_t i;

	if (!router->sock)
		return;
	memcpy(advert.auth_data, conf->auth_data, VRRP_AUTH_LENGTH);
	if (vrrp_signature_sign(&router->signature, &conf->hmac, &advert,
				&router->source, vrrp_signature_now(), trailer))
		advert.trailer = trailer;
	if (conf->nr_peers == 0)
		router_send_to(router, &advert, &conf->group);
	for (i = 0; i < conf->nr_peers; i++)
		router_send_to(router, &advert, &conf->peers[i].addr);
}

static const char *router_fault_text(const struct vrrp_router *router)
{
	if (router->faults & VRRP_FAULT_PEERS)
		return "unicast without a peer";
	if (router->faults & VRRP_FAULT_KEY)
		return "no key for auth_hmac";
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
		return router->vrrp->conf->trackers[router->fault_tracker].name;
	return "the sync group";
}

static void router_log_change(const struct vrrp_router *router,
			      enum vrrp_state before, enum vrrp_reason reason)
{
	const struct vrrp_fsm *fsm = &router->fsm;
	char peer[ADDR_TEXT_MAX];

	if (reason == VRRP_REASON_FAULT)
		log_notice("vrrp", "%s: %s -> FAULT (%s)", router->conf->name,
			   vrrp_state_name(before), router_fault_text(router));
	else if (reason == VRRP_REASON_HIGHER_PRIORITY ||
		 reason == VRRP_REASON_HIGHER_ADDRESS)
		log_notice("vrrp", "%s: %s -> %s (%s: %s has %u, we have %u)",
			   router->conf->name, vrrp_state_name(before),
			   vrrp_state_name(fsm->state),
			   vrrp_reason_text(reason),
			   addr_format(&router->report.peer, peer),
			   router->report.peer_priority, fsm->priority);
	else
		log_notice("vrrp", "%s: %s -> %s (%s, priority %u)",
			   router->conf->name, vrrp_state_name(before),
			   vrrp_state_name(fsm->state),
			   vrrp_reason_text(reason), fsm->priority);
}

/* An advert that arrived longer ago than this proves nothing of the present. */
static usec_t router_mismatch_recent(const struct vrrp_router *router)
{
	usec_t down = (router->conf->down_adverts + 1) * router->conf->interval;

	return down > RECENT_MIN ? down : RECENT_MIN;
}

void vrrp_router_warn_mismatch(struct vrrp_router *router)
{
	const struct vrrp_mismatch *mismatch = &router->mismatch;
	char text[ADDR_TEXT_MAX];

	if (!vrrp_mismatch_due(&router->mismatch,
			       router->fsm.state == VRRP_ACTIVE,
			       router_mismatch_recent(router),
			       loop_now(router->vrrp->loop)))
		return;
	log_warning("vrrp",
		    "%s: MASTER while adverts from %s are dropped (%s): %s",
		    router->conf->name, addr_format(&mismatch->src, text),
		    vrrp_drop_name(mismatch->drop),
		    vrrp_mismatch_advice(mismatch->drop));
}

static void router_note_change(struct vrrp_router *router,
			       enum vrrp_state before, enum vrrp_reason reason)
{
	if (router->fsm.state == before)
		return;
	/* A silent Active Router is recognised by its priority 0, before. */
	if (before == VRRP_BACKUP && reason == VRRP_REASON_SILENCE &&
	    router->report.heard > 0 && router->report.peer_priority == 0)
		reason = VRRP_REASON_ACTIVE_STOPPED;
	router->report.reason = (uint8_t)reason;
	router->report.since = loop_now(router->vrrp->loop);
	if (router->fsm.state == VRRP_ACTIVE)
		router->report.takeovers++;
	router_log_change(router, before, reason);
	vrrp_router_warn_mismatch(router);
	vrrp_router_report_soon(router);
}

/* A router of lower priority is Active too; not just in its last advert. */
static void router_note_lower(struct vrrp_router *router,
			      enum vrrp_reason reason)
{
	const struct vrrp_fsm *fsm = &router->fsm;
	usec_t now = loop_now(router->vrrp->loop);

	if (fsm->state != VRRP_ACTIVE || reason != VRRP_REASON_LOWER_PRIORITY ||
	    fsm->asserted != now || now - fsm->entered < router->conf->interval)
		return;
	router->report.lowers++;
	vrrp_router_report_soon(router);
}

static void router_carry_out(struct vrrp_router *router, unsigned actions)
{
	usec_t now = loop_now(router->vrrp->loop);

	if (actions & VRRP_SEND_ADVERT)
		router_send_advert(router, router->fsm.priority);
	if (actions & VRRP_SEND_STOP)
		router_send_advert(router, VRRP_PRIORITY_STOP);
	if (actions & VRRP_ADD_ADDRESSES) {
		vrrp_vips_add(router);
		vrrp_routes_add(&router->routes);
	}
	if (actions & VRRP_ANNOUNCE)
		vrrp_announcer_start(&router->announcer, &router->conf->garp,
				     now);
	if (actions & VRRP_ANNOUNCE_AGAIN)
		vrrp_announcer_again(&router->announcer, &router->conf->garp,
				     now);
	if (actions & VRRP_REMOVE_ADDRESSES) {
		vrrp_announcer_stop(&router->announcer);
		vrrp_routes_remove(&router->routes);
		vrrp_vips_remove(router);
	}
	if (actions & VRRP_ANNOUNCE_SELF)
		vrrp_vips_announce_self(router);
	if (actions &
	    (VRRP_ANNOUNCE | VRRP_ANNOUNCE_AGAIN | VRRP_REMOVE_ADDRESSES))
		vrrp_vips_announce(router);
}

static unsigned router_apply_trackers(struct vrrp_router *router);

void vrrp_router_end_yield(struct vrrp_router *router)
{
	if (router->behind == 0)
		return;
	router->behind = 0;
	log_notice("vrrp", "%s: the switchover is over", router->conf->name);
	router_apply_trackers(router);
	vrrp_router_report_soon(router);
}

/*
 * Trackers decide between the two routers again: in a sync group about all of its
 * members, since one that stayed behind would hold the others back.
 */
static void router_end_group_yield(struct vrrp_router *router)
{
	struct vrrp_router *member;

	for (member = router->group_first; member; member = member->group_next)
		vrrp_router_end_yield(member);
}

/* Whether an advert says that the other router is worse than it was. */
static bool router_ends_yield(const struct vrrp_router *router,
			      const struct vrrp_event *event)
{
	return router->behind > 0 && event->kind == VRRP_EVENT_ADVERT &&
	       event->advert.priority != VRRP_PRIORITY_STOP &&
	       event->advert.priority < router->behind;
}

void vrrp_router_step(struct vrrp_router *router,
		      const struct vrrp_event *event)
{
	enum vrrp_state before = router->fsm.state;
	struct vrrp_step step;

	if (router_ends_yield(router, event))
		router_end_group_yield(router);
	step = vrrp_fsm_step(&router->fsm, router->conf, event,
			     loop_now(router->vrrp->loop));
	if (event->kind == VRRP_EVENT_START)
		router->started = true;
	/* The other router is gone; the first advert says the own priority. */
	if (router->fsm.state == VRRP_ACTIVE && before != VRRP_ACTIVE)
		vrrp_router_end_yield(router);
	router_carry_out(router, step.actions);
	router_note_change(router, before, step.reason);
	router_note_lower(router, step.reason);
	if (router->fsm.timer > 0)
		loop_timer_set(&router->timer, router->fsm.timer);
	else
		loop_timer_clear(&router->timer);
}

static size_t router_collect(const struct vrrp_router *router,
			     struct vrrp_member *members)
{
	const struct vrrp_router *member;
	size_t count = 0;

	for (member = router->group_first; member; member = member->group_next)
		members[count++] = (struct vrrp_member){
			.state = member->fsm.state,
			.ready = member->fsm.ready,
			.broken = member->faults != 0,
		};
	return count;
}

static size_t router_count_members(const struct vrrp_router *router)
{
	const struct vrrp_router *member;
	size_t count = 0;

	for (member = router->group_first; member; member = member->group_next)
		count++;
	return count;
}

void vrrp_router_sync_group(struct vrrp_router *router)
{
	size_t count = router_count_members(router), i;
	struct vrrp_member *members = xcalloc(count, sizeof(*members));
	enum vrrp_event_kind *events = xcalloc(count, sizeof(*events));
	struct vrrp_router *member;
	struct vrrp_event event;

	while (vrrp_group_judge(members, router_collect(router, members),
				events)) {
		member = router->group_first;
		for (i = 0; i < count; i++, member = member->group_next) {
			if (events[i] == VRRP_EVENT_NONE)
				continue;
			event = (struct vrrp_event){ .kind = events[i] };
			vrrp_router_step(member, &event);
		}
	}
	free(members);
	free(events);
}

void vrrp_router_event(struct vrrp_router *router,
		       const struct vrrp_event *event)
{
	enum vrrp_state before = router->fsm.state;
	bool ready = router->fsm.ready;

	vrrp_router_step(router, event);
	if (router->fsm.state != before || router->fsm.ready != ready)
		vrrp_router_sync_group(router);
}

/* Unicast comes to the parent's own address, and so to the parent. */
static int router_socket_port(const struct vrrp_router *router)
{
	return router->conf->nr_peers > 0 ? router->link :
					    vrrp_router_port(router);
}

/* An interface need not be named if peers are reached by the routing table. */
static bool router_is_unbound(const struct vrrp_conf_instance *conf)
{
	return conf->nr_peers > 0 && conf->ifname[0] == '\0';
}

static bool router_find_source(const struct vrrp_router *router,
			       struct addr *out)
{
	const struct vrrp_conf_instance *conf = router->conf;
	const struct vrrp_net *net = &router->vrrp->net;
	size_t i;

	if (!addr_is_set(&conf->source))
		return vrrp_net_source(net, router->link, conf->family,
				       conf->priority == VRRP_PRIORITY_OWNER,
				       vrrp_vips_is_virtual, router->vrrp, out);
	*out = conf->source;
	if (router->link > 0 && !conf->vrf)
		return vrrp_net_ifaddr(net, router->link, &conf->source) !=
		       NULL;
	for (i = 0; i < net->nr_ifaddrs; i++) {
		if (addr_cmp(&net->ifaddrs[i].addr, &conf->source) == 0)
			return true;
	}
	return false;
}

/* SOCK is not used by ROUTER any more. */
static void router_leave_socket(struct vrrp_router *router,
				struct vrrp_sock *sock, void **by_vrid)
{
	struct vrrp *vrrp = router->vrrp;
	size_t i;

	if (by_vrid[router->conf->vrid] == router)
		by_vrid[router->conf->vrid] = NULL;
	for (i = 0; sock->users == 1 && i < vrrp->nr_socks; i++) {
		if (vrrp->socks[i] == sock)
			vrrp->socks[i] = vrrp->socks[--vrrp->nr_socks];
	}
	vrrp_sock_release(sock);
}

static void router_close_other(struct vrrp_router *router)
{
	struct vrrp_sock *other = router->other_sock;

	router->other_sock = NULL;
	if (other)
		router_leave_socket(router, other, other->other_cast);
}

static void router_close_sockets(struct vrrp_router *router)
{
	struct vrrp_sock *sock = router->sock;

	router_close_other(router);
	router->sock = NULL;
	if (!sock)
		return;
	vrrp_sock_want(sock, router->rx_wanted, 0);
	router->rx_wanted = 0;
	router_leave_socket(router, sock, sock->by_vrid);
}

static const struct addr *router_local_address(const struct vrrp_router *router)
{
	return router->conf->nr_peers > 0 ? &router->source :
					    &router->conf->group;
}

/* The local address for adverts by the other cast. */
static const struct addr *router_other_local(const struct vrrp_router *router)
{
	return router->conf->nr_peers > 0 ? &router->conf->group :
					    &router->source;
}

static struct vrrp_sock *router_share_socket(struct vrrp *vrrp, int index,
					     const struct addr *local)
{
	size_t i;

	for (i = 0; i < vrrp->nr_socks; i++) {
		if (vrrp->socks[i]->index != index ||
		    addr_cmp(&vrrp->socks[i]->local, local) != 0)
			continue;
		vrrp->socks[i]->users++;
		return vrrp->socks[i];
	}
	return NULL;
}

static struct vrrp_sock *router_open_socket(struct vrrp_router *router,
					    int port, const struct addr *local,
					    int *error)
{
	struct vrrp *vrrp = router->vrrp;
	const struct vrrp_link *link = vrrp_net_link_at(&vrrp->net, port);
	struct vrrp_sock *sock;

	sock = vrrp_sock_open(vrrp->loop, port, link ? link->name : "", local,
			      vrrp->drain, error);
	if (!sock)
		return NULL;
	vrrp->socks = array_grow(vrrp->socks, vrrp->nr_socks, &vrrp->room_socks,
				 sizeof(struct vrrp_sock *));
	vrrp->socks[vrrp->nr_socks++] = sock;
	return sock;
}

/*
 * A failure is no fault: the socket only tells of a disagreement. A router that
 * need not name its interface has no link to listen on.
 */
static void router_use_other(struct vrrp_router *router)
{
	const struct addr *local = router_other_local(router);
	struct vrrp_sock *other = router->other_sock;
	int error = 0;

	if (router->link <= 0 || (other && other->index == router->link &&
				  addr_cmp(&other->local, local) == 0))
		return;
	router_close_other(router);
	other = router_share_socket(router->vrrp, router->link, local);
	if (!other)
		other = router_open_socket(router, router->link, local, &error);
	if (!other) {
		log_debug("vrrp", "%s: cannot receive adverts by %s: %s",
			  router->conf->name,
			  router->conf->nr_peers ? "multicast" : "unicast",
			  strerror(-error));
		return;
	}
	if (!other->other_cast[router->conf->vrid])
		other->other_cast[router->conf->vrid] = router;
	router->other_sock = other;
}

/* The socket stays while its interface and its address stay. */
static bool router_use_socket(struct vrrp_router *router)
{
	const struct addr *local = router_local_address(router);
	struct vrrp_sock *sock = router->sock;
	int error = 0;

	if (sock && sock->index == router_socket_port(router) &&
	    addr_cmp(&sock->local, local) == 0)
		return true;
	router_close_sockets(router);
	sock = router_share_socket(router->vrrp, router_socket_port(router),
				   local);
	if (!sock)
		sock = router_open_socket(router, router_socket_port(router),
					  local, &error);
	if (!sock) {
		log_error("vrrp", "%s: cannot open a socket: %s",
			  router->conf->name, strerror(-error));
		return false;
	}
	if (sock->by_vrid[router->conf->vrid])
		log_error(
			"vrrp",
			"%s: another instance has its virtual_router_id on this socket",
			router->conf->name);
	sock->by_vrid[router->conf->vrid] = router;
	router->sock = sock;
	return true;
}

/* vrrp_rx_bufs_policy: the router's part of the socket's receive buffer. */
static void router_want_buffer(struct vrrp_router *router)
{
	const struct vrrp_link *link =
		vrrp_net_link_at(&router->vrrp->net, router->link);
	uint32_t wanted = vrrp_sock_room(router->conf, router->vrrp->conf,
					 link ? link->mtu : 0);

	vrrp_sock_want(router->sock, router->rx_wanted, wanted);
	router->rx_wanted = wanted;
}

/* Fails, without a lasting fault, until the news of its changes comes in. */
static bool router_use_vmac(struct vrrp_router *router,
			    const struct vrrp_link *parent)
{
	struct vrrp_net *net = &router->vrrp->net;
	int index = vrrp_vmac_ensure(net, router->conf, parent);

	router->vmac = index > 0 ? index : 0;
	if (index < 0 && index != -EAGAIN)
		log_error(
			"vrrp",
			"%s: cannot make the interface of its virtual MAC: %s",
			router->conf->name, strerror(-index));
	return index > 0;
}

/*
 * Over IPv6, the sending interface must have the source itself; a source that
 * is not in the settings is made for it.
 */
static bool router_find_vmac_source(struct vrrp_router *router,
				    const struct vrrp_link *parent,
				    struct addr *out)
{
	struct vrrp_net *net = &router->vrrp->net;

	if (addr_is_set(&router->conf->source))
		*out = router->conf->source;
	else
		vrrp_vmac_link_local(parent->mac, router->conf->vrid, out);
	return vrrp_net_ifaddr(net, router->vmac, out) ||
	       vrrp_vmac_source(net, router->vmac, out) == 0;
}

/*
 * Look at interface, virtual MAC, source and socket, and open the sockets that are missing.
 * Returns the first fault: a need only makes sense when those before it are met.
 */
static unsigned router_find_faults(struct vrrp_router *router)
{
	const struct vrrp_conf_instance *conf = router->conf;
	const struct vrrp_link *link = NULL;
	struct addr source;
	bool found;

	if (conf->fault_no_peer)
		return VRRP_FAULT_PEERS;
	if (!vrrp_signature_ready(&router->signature, &conf->hmac))
		return VRRP_FAULT_KEY;
	if (!router_is_unbound(conf)) {
		link = vrrp_net_link(&router->vrrp->net, conf->ifname);
		router->link = link ? link->index : 0;
		if (!link)
			return VRRP_FAULT_INTERFACE;
		if (!link->running && conf->track_primary)
			return VRRP_FAULT_LINK;
		if (conf->use_vmac && !router_use_vmac(router, link))
			return VRRP_FAULT_VMAC;
	}
	if (router->vmac > 0 && conf->family == AF_INET6 && conf->nr_peers == 0)
		found = router_find_vmac_source(router, link, &source);
	else
		found = router_find_source(router, &source);
	if (!found)
		return VRRP_FAULT_SOURCE;
	if (addr_cmp(&router->source, &source) != 0)
		vrrp_router_report_soon(router);
	router->source = source;
	if (!router_use_socket(router))
		return VRRP_FAULT_SOCKET;
	router_want_buffer(router);
	router_use_other(router);
	return 0;
}

/* The faults that trackers make; the others are the link's. */
#define TRACKER_FAULTS (VRRP_FAULT_TRACKER | VRRP_FAULT_WAITING)

void vrrp_track_interfaces(struct vrrp *vrrp)
{
	const struct vrrp_link *link;
	uint32_t i;

	for (i = 0; i < vrrp->conf->nr_trackers; i++) {
		if (vrrp->conf->trackers[i].kind != VRRP_TRACK_INTERFACE)
			continue;
		link = vrrp_net_link(&vrrp->net,
				     vrrp->conf->trackers[i].ifname);
		vrrp->values[i].known = true;
		vrrp->values[i].value = link && link->running;
	}
}

/*
 * Feed the priority of the configuration and the trackers to the state machine.
 * Returns the faults that trackers make; a tracker that has not reported yet
 * keeps no running router from going on.
 */
static unsigned router_apply_trackers(struct vrrp_router *router)
{
	struct vrrp *vrrp = router->vrrp;
	uint32_t group = router->conf->sync_group;
	struct vrrp_event event = { .kind = VRRP_EVENT_PRIORITY };
	struct vrrp_track_result result;

	result = vrrp_track_judge(
		vrrp->conf, router->conf,
		group == VRRP_NO_GROUP ? NULL : &vrrp->conf->groups[group],
		vrrp->values);
	router->own_priority = result.priority;
	if (router->behind)
		result.priority = VRRP_YIELD_PRIORITY;
	if (result.priority != router->fsm.priority) {
		log_notice("vrrp", "%s: priority %u -> %u", router->conf->name,
			   router->fsm.priority, result.priority);
		event.priority = result.priority;
		vrrp_router_step(router, &event);
		vrrp_router_report_soon(router);
	}
	router->fault_tracker = result.fault_tracker;
	if (!result.fault)
		return 0;
	if (!result.waiting)
		return VRRP_FAULT_TRACKER;
	return router->fsm.state == VRRP_BACKUP ||
			       router->fsm.state == VRRP_ACTIVE ?
		       0 :
		       VRRP_FAULT_WAITING;
}

/* Leftovers of a killed daemon are removed once, when the interface is found. */
static void router_clean(struct vrrp_router *router)
{
	if (router->cleaned ||
	    router->faults & (VRRP_FAULT_INTERFACE | VRRP_FAULT_VMAC))
		return;
	router->cleaned = true;
	vrrp_routes_clean(&router->routes);
	vrrp_vips_clean(router);
}

/* A fault that comes or goes is the whole sync group's. */
static void router_set_faults(struct vrrp_router *router, unsigned faults)
{
	unsigned before = router->faults;

	router->faults = faults;
	router_clean(router);
	if (faults == before)
		return;
	vrrp_router_report_soon(router);
	if (router->started)
		vrrp_router_sync_group(router);
}

void vrrp_router_update_link(struct vrrp_router *router)
{
	router_set_faults(router, (router->faults & TRACKER_FAULTS) |
					  router_find_faults(router));
}

void vrrp_router_update_priority(struct vrrp_router *router)
{
	router_set_faults(router, (router->faults & ~TRACKER_FAULTS) |
					  router_apply_trackers(router));
}

void vrrp_router_update(struct vrrp_router *router)
{
	unsigned faults = router_find_faults(router);

	router_set_faults(router, faults | router_apply_trackers(router));
}

void vrrp_trackers_set(struct vrrp *vrrp, const struct ipc_vrrp_track *tracks,
		       size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (tracks[i].tracker >= vrrp->conf->nr_trackers)
			continue;
		vrrp->values[tracks[i].tracker] = (struct vrrp_track_value){
			.known = true,
			.value = tracks[i].value,
		};
	}
	for (i = 0; i < vrrp->nr_routers; i++)
		vrrp_router_update_priority(vrrp->routers[i]);
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

	vrrp_hurry(router->vrrp,
		   loop_now(router->vrrp->loop) - router->fsm.timer);
	if (router->sock)
		router->sock->drain(router->sock);
	vrrp_router_event(router, &event);
}

static void router_announce_expired(struct loop_timer *timer)
{
	vrrp_vips_announce(container_of(timer, struct vrrp_router, announce));
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
	router->group_first = router;
	vrrp_fsm_init(&router->fsm, conf);
	router->own_priority = conf->priority;
	router->report.since = loop_now(vrrp->loop);
	loop_timer_init(vrrp->loop, &router->timer, router_timer_expired);
	loop_timer_init(vrrp->loop, &router->announce, router_announce_expired);
	loop_timer_init(vrrp->loop, &router->repair, router_repair_expired);
	vrrp_vips_set(router);
	vrrp_routes_init(&router->routes, vrrp, router);
	vrrp_routes_change(&router->routes, &lines);
	return router;
}

void vrrp_router_free(struct vrrp_router *router)
{
	loop_timer_clear(&router->timer);
	loop_timer_clear(&router->announce);
	loop_timer_clear(&router->repair);
	router_close_sockets(router);
	if (router->conf->use_vmac &&
	    vrrp_vmac_remove(&router->vrrp->net, router->conf) < 0)
		log_warning(
			"vrrp",
			"%s: cannot remove the interface of its virtual MAC",
			router->conf->name);
	vrrp_routes_free(&router->routes);
	vrrp_vips_free(router);
	vrrp_signature_free(&router->signature);
	free(router);
}

void vrrp_router_report(struct vrrp_router *router)
{
	struct ipc_vrrp_state *report = &router->report;

	report->instance = router->index;
	report->state = (uint8_t)router->fsm.state;
	report->priority = router->fsm.priority;
	report->own_priority = router->own_priority;
	report->behind = router->behind;
	report->serial = router->vrrp->yield_serial;
	report->faults = router->faults;
	report->fault_tracker = router->fault_tracker;
	report->interval = router->fsm.interval;
	report->timer = router->fsm.timer;
	report->source = router->source;
	report->strays = router->sock ? router->sock->strays : 0;
}
