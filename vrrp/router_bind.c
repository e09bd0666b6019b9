/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The needs of a router for taking part: its interface, up and with an address
 * to send from; its socket; and trackers that do not forbid it. The needs are
 * looked at again whenever one of them may have changed; an unmet need is a
 * fault.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "vrrp/vrrp_internal.h"
#include "vrrp/vmac.h"

int vrrp_router_port(const struct vrrp_router *router)
{
	return router->vmac > 0 ? router->vmac : router->link;
}

/* Unicast comes to the parent's own address, and so to the parent. */
static int bind_socket_port(const struct vrrp_router *router)
{
	return router->conf->nr_peers > 0 ? router->link :
					    vrrp_router_port(router);
}

/* An interface need not be named if peers are reached by the routing table. */
static bool bind_is_unbound(const struct vrrp_conf_instance *conf)
{
	return conf->nr_peers > 0 && conf->ifname[0] == '\0';
}

static bool bind_has_address(const struct vrrp_conf_instance *conf,
			     const struct addr *addr)
{
	uint32_t i;

	for (i = 0; i < conf->nr_addresses; i++) {
		if (addr_cmp(&conf->addresses[i].addr, addr) == 0)
			return true;
	}
	for (i = 0; i < conf->nr_excluded; i++) {
		if (addr_cmp(&conf->excluded[i].addr, addr) == 0)
			return true;
	}
	return false;
}

bool vrrp_is_virtual(const void *arg, const struct addr *addr)
{
	const struct vrrp *vrrp = arg;
	uint32_t i;

	for (i = 0; i < vrrp->conf->nr_instances; i++) {
		if (bind_has_address(&vrrp->conf->instances[i], addr))
			return true;
	}
	return false;
}

static bool bind_find_source(const struct vrrp_router *router, struct addr *out)
{
	const struct vrrp_conf_instance *conf = router->conf;
	const struct vrrp_net *net = &router->vrrp->net;
	size_t i;

	if (!addr_is_set(&conf->source))
		return vrrp_net_source(net, router->link, conf->family,
				       conf->priority == VRRP_PRIORITY_OWNER,
				       vrrp_is_virtual, router->vrrp, out);
	*out = conf->source;
	if (router->link > 0)
		return vrrp_net_held(net, router->link, &conf->source) != NULL;
	for (i = 0; i < net->nr_held; i++) {
		if (addr_cmp(&net->held[i].addr, &conf->source) == 0)
			return true;
	}
	return false;
}

/* SOCK is not used by ROUTER any more. */
static void bind_leave_socket(struct vrrp_router *router,
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
	vrrp_sock_put(sock);
}

static void bind_unbind_ear(struct vrrp_router *router)
{
	struct vrrp_sock *ear = router->ear;

	router->ear = NULL;
	if (ear)
		bind_leave_socket(router, ear, ear->ears);
}

void vrrp_router_unbind(struct vrrp_router *router)
{
	struct vrrp_sock *sock = router->sock;

	bind_unbind_ear(router);
	router->sock = NULL;
	if (sock)
		bind_leave_socket(router, sock, sock->by_vrid);
}

static const struct addr *bind_local_of(const struct vrrp_router *router)
{
	return router->conf->nr_peers > 0 ? &router->source :
					    &router->conf->group;
}

/* Where a peer would be heard that is for the other cast than we are. */
static const struct addr *bind_ear_of(const struct vrrp_router *router)
{
	return router->conf->nr_peers > 0 ? &router->conf->group :
					    &router->source;
}

static struct vrrp_sock *bind_share_socket(struct vrrp *vrrp, int index,
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

static struct vrrp_sock *bind_open_socket(struct vrrp_router *router, int port,
					  const struct addr *local, int *error)
{
	struct vrrp *vrrp = router->vrrp;
	const struct vrrp_link *link = vrrp_net_link_at(&vrrp->net, port);
	struct vrrp_sock *sock;

	sock = vrrp_sock_open(vrrp->loop, port, link ? link->name : "", local,
			      vrrp_input_ready, error);
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
static void bind_ear(struct vrrp_router *router)
{
	const struct addr *local = bind_ear_of(router);
	struct vrrp_sock *ear = router->ear;
	int error = 0;

	if (router->link <= 0 || (ear && ear->index == router->link &&
				  addr_cmp(&ear->local, local) == 0))
		return;
	bind_unbind_ear(router);
	ear = bind_share_socket(router->vrrp, router->link, local);
	if (!ear)
		ear = bind_open_socket(router, router->link, local, &error);
	if (!ear) {
		log_debug("vrrp",
			  "%s: adverts of the other cast go unheard: %s",
			  router->conf->name, strerror(-error));
		return;
	}
	if (!ear->ears[router->conf->vrid])
		ear->ears[router->conf->vrid] = router;
	router->ear = ear;
}

/* The socket stays while its interface and its address stay. */
static bool bind_socket(struct vrrp_router *router)
{
	const struct addr *local = bind_local_of(router);
	struct vrrp_sock *sock = router->sock;
	int error = 0;

	if (sock && sock->index == bind_socket_port(router) &&
	    addr_cmp(&sock->local, local) == 0)
		return true;
	vrrp_router_unbind(router);
	sock = bind_share_socket(router->vrrp, bind_socket_port(router), local);
	if (!sock)
		sock = bind_open_socket(router, bind_socket_port(router), local,
					&error);
	if (!sock) {
		log_error("vrrp", "%s: cannot open a socket: %s",
			  router->conf->name, strerror(-error));
		return false;
	}
	if (sock->by_vrid[router->conf->vrid])
		log_error("vrrp", "%s: its virtual_router_id is used twice",
			  router->conf->name);
	sock->by_vrid[router->conf->vrid] = router;
	router->sock = sock;
	return true;
}

/* Fails, without a lasting fault, until the news of its changes comes in. */
static bool bind_vmac(struct vrrp_router *router,
		      const struct vrrp_link *parent)
{
	struct vrrp_net *net = &router->vrrp->net;
	int index = vrrp_vmac_ensure(net, router->conf, parent);

	router->vmac = index > 0 ? index : 0;
	if (index < 0 && index != -EAGAIN)
		log_error("vrrp", "%s: cannot have its virtual MAC: %s",
			  router->conf->name, strerror(-index));
	return index > 0;
}

/*
 * Over IPv6, the sending interface must have the source itself; a source that
 * is not in the settings is made for it.
 */
static bool bind_find_vmac_source(struct vrrp_router *router,
				  const struct vrrp_link *parent,
				  struct addr *out)
{
	struct vrrp_net *net = &router->vrrp->net;

	if (addr_is_set(&router->conf->source))
		*out = router->conf->source;
	else
		vrrp_vmac_link_local(parent->mac, router->conf->vrid, out);
	return vrrp_net_held(net, router->vmac, out) ||
	       vrrp_vmac_source(net, router->vmac, out) == 0;
}

/*
 * Look at interface, virtual MAC, source and socket, and open what is missing.
 * Returns the first fault: a need only makes sense when those before it are met.
 */
static unsigned bind_find_faults(struct vrrp_router *router)
{
	const struct vrrp_conf_instance *conf = router->conf;
	const struct vrrp_link *link = NULL;
	struct addr source;
	bool found;

	if (!bind_is_unbound(conf)) {
		link = vrrp_net_link(&router->vrrp->net, conf->ifname);
		router->link = link ? link->index : 0;
		if (!link)
			return VRRP_FAULT_INTERFACE;
		if (!link->running && conf->track_primary)
			return VRRP_FAULT_LINK;
		if (conf->use_vmac && !bind_vmac(router, link))
			return VRRP_FAULT_VMAC;
	}
	if (router->vmac > 0 && conf->family == AF_INET6 && conf->nr_peers == 0)
		found = bind_find_vmac_source(router, link, &source);
	else
		found = bind_find_source(router, &source);
	if (!found)
		return VRRP_FAULT_SOURCE;
	if (addr_cmp(&router->source, &source) != 0)
		vrrp_touch(router);
	router->source = source;
	if (!bind_socket(router))
		return VRRP_FAULT_SOCKET;
	bind_ear(router);
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
static unsigned bind_apply_trackers(struct vrrp_router *router)
{
	struct vrrp *vrrp = router->vrrp;
	uint32_t group = router->conf->sync_group;
	struct vrrp_event event = { .kind = VRRP_EVENT_PRIORITY };
	struct vrrp_track_result result;

	result = vrrp_track_judge(
		vrrp->conf, router->conf,
		group == VRRP_NO_GROUP ? NULL : &vrrp->conf->groups[group],
		vrrp->values);
	if (result.priority != router->fsm.priority) {
		log_notice("vrrp", "%s: priority %u -> %u", router->conf->name,
			   router->fsm.priority, result.priority);
		event.priority = result.priority;
		vrrp_router_step(router, &event);
		vrrp_touch(router);
	}
	router->culprit = result.culprit;
	if (!result.fault)
		return 0;
	if (!result.waiting)
		return VRRP_FAULT_TRACKER;
	return router->fsm.state == VRRP_BACKUP ||
			       router->fsm.state == VRRP_ACTIVE ?
		       0 :
		       VRRP_FAULT_WAITING;
}

/* A fault that comes or goes is the whole sync group's. */
static void bind_set_faults(struct vrrp_router *router, unsigned faults)
{
	unsigned before = router->faults;

	router->faults = faults;
	vrrp_vips_clean(router);
	if (faults == before)
		return;
	vrrp_touch(router);
	if (router->started)
		vrrp_router_settle(router);
}

void vrrp_router_update_link(struct vrrp_router *router)
{
	bind_set_faults(router, (router->faults & TRACKER_FAULTS) |
					bind_find_faults(router));
}

void vrrp_router_update_priority(struct vrrp_router *router)
{
	bind_set_faults(router, (router->faults & ~TRACKER_FAULTS) |
					bind_apply_trackers(router));
}

void vrrp_router_update(struct vrrp_router *router)
{
	unsigned faults = bind_find_faults(router);

	bind_set_faults(router, faults | bind_apply_trackers(router));
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
