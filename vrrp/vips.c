/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/vips.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "vrrp/address.h"
#include "vrrp/vmac.h"
#include "vrrp/vrrp_internal.h"

#define REPAIR_SOON (20 * USEC_PER_MSEC)
#define REPAIR_PAUSE USEC_PER_SEC

void vrrp_vips_free(struct vrrp_router *router)
{
	free(router->vips);
	free(router->packed);
	router->vips = NULL;
	router->packed = NULL;
	router->nr_vips = 0;
}

void vrrp_vips_set(struct vrrp_router *router)
{
	const struct vrrp_conf_instance *conf = router->conf;
	size_t size = conf->family == AF_INET6 ? 16 : 4;
	uint32_t i;

	router->nr_vips = conf->nr_addresses + conf->nr_excluded;
	router->vips = xcalloc(router->nr_vips, sizeof(*router->vips));
	router->packed = xcalloc(conf->nr_addresses, size);
	for (i = 0; i < conf->nr_addresses; i++) {
		router->vips[i].conf = &conf->addresses[i];
		memcpy(router->packed + i * size, conf->addresses[i].addr.bytes,
		       size);
	}
	for (i = 0; i < conf->nr_excluded; i++)
		router->vips[conf->nr_addresses + i].conf = &conf->excluded[i];
}

static bool vips_has_address(const struct vrrp_conf_instance *conf,
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

bool vrrp_vips_is_virtual(const void *arg, const struct addr *addr)
{
	const struct vrrp *vrrp = arg;
	uint32_t i;

	for (i = 0; i < vrrp->conf->nr_instances; i++) {
		if (vips_has_address(&vrrp->conf->instances[i], addr))
			return true;
	}
	return false;
}

int vrrp_vips_link(const struct vrrp_router *router, const struct vrrp_vip *vip)
{
	const struct vrrp_link *link;

	if (!vip->conf->dev)
		return vrrp_router_port(router);
	link = vrrp_net_link(&router->vrrp->net, vip->conf->dev);
	return link ? link->index : 0;
}

static void vips_add_one(struct vrrp_router *router, struct vrrp_vip *vip)
{
	int index = vrrp_vips_link(router, vip);
	struct vrrp_net *net = &router->vrrp->net;
	usec_t now = loop_now(router->vrrp->loop);
	const struct vrrp_ifaddr *ifaddr;
	char text[ADDR_TEXT_MAX];
	uint64_t skipped;
	int error;

	ifaddr = index > 0 ? vrrp_net_ifaddr(net, index, &vip->conf->addr) :
			     NULL;
	if (ifaddr && ifaddr->proto != VRRP_ADDRESS_PROTO && !vip->added)
		return;
	error = index > 0 ? vrrp_address_add(net, index, vip->conf) : -ENODEV;
	vip->added = error == 0;
	if (error == 0)
		return;
	if (vrrp_limit_ok(&router->vip_limit, now, &skipped))
		log_error("vrrp", "%s: cannot add %s: %s", router->conf->name,
			  addr_format(&vip->conf->addr, text),
			  strerror(-error));
	loop_timer_set(&router->repair, now + REPAIR_PAUSE);
}

/* A setting of the interface IFNAME, where TREE is "ipv4" or "ipv6". */
static bool vips_host_switch(const char *tree, const char *ifname,
			     const char *what)
{
	char path[64 + 2 * IFNAMSIZ], value = '0';
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/conf/%s/%s", tree,
		 ifname, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, &value, 1) != 1)
		value = '0';
	close(fd);
	return value != '0';
}

/* Whether another router of ours has switched it on for the same interface. */
static bool vips_is_promoted(const struct vrrp_router *router)
{
	const struct vrrp *vrrp = router->vrrp;
	uint32_t i;

	for (i = 0; i < vrrp->nr_routers; i++)
		if (vrrp->routers[i] != router && vrrp->routers[i]->promotes &&
		    str_equal(vrrp->routers[i]->conf->ifname,
			      router->conf->ifname))
			return true;
	return false;
}

/*
 * promote_secondaries, so that other addresses of a subnet stay when the first one
 * goes. The host's own setting comes back when no router here needs it.
 */
static void vips_promote(struct vrrp_router *router, bool on)
{
	const char *ifname = router->conf->ifname;

	if (router->promotes == on)
		return;
	if (on && (!router->conf->promote_secondaries || !ifname[0] ||
		   (!vips_is_promoted(router) &&
		    vips_host_switch("ipv4", ifname, "promote_secondaries"))))
		return;
	router->promotes = on;
	if (!vips_is_promoted(router))
		vrrp_vmac_write_setting(ifname, "promote_secondaries",
					on ? '1' : '0');
}

void vrrp_vips_add(struct vrrp_router *router)
{
	uint32_t i;

	vips_promote(router, true);
	for (i = 0; i < router->nr_vips; i++)
		vips_add_one(router, &router->vips[i]);
}

/* The host's own address stays with its owner. */
static bool vips_is_native(const struct vrrp_router *router,
			   const struct vrrp_vip *vip)
{
	return router->conf->priority == VRRP_PRIORITY_OWNER && !vip->added;
}

/* The host's address may depend on a virtual address put there before it. */
static void vips_warn_dependent(const struct vrrp_router *router, int index,
				const struct addr *addr)
{
	const struct vrrp_net *net = &router->vrrp->net;
	const struct vrrp_ifaddr *ifaddr = vrrp_net_ifaddr(net, index, addr);
	const struct vrrp_link *link = vrrp_net_link_at(net, index);
	char text[ADDR_TEXT_MAX], other[ADDR_TEXT_MAX];
	const struct vrrp_ifaddr *gone;

	gone = ifaddr ? vrrp_net_dependent(net, ifaddr, vrrp_vips_is_virtual,
					   router->vrrp) :
			NULL;
	if (!gone || !link ||
	    vips_host_switch("ipv4", "all", "promote_secondaries") ||
	    vips_host_switch("ipv4", link->name, "promote_secondaries"))
		return;
	log_warning(
		"vrrp",
		"%s: %s was added to %s before %s, which is secondary to it "
		"and is removed with it: set net.ipv4.conf.%s."
		"promote_secondaries to 1, and let nothing else configure "
		"virtual addresses",
		router->conf->name, addr_format(addr, text), link->name,
		addr_format(&gone->addr, other), link->name);
}

/*
 * Another program may have given the address another prefix than the file has,
 * and the kernel removes an address by its exact prefix only.
 */
static int vips_remove_others(struct vrrp_net *net, int index,
			      const struct vrrp_conf_address *conf)
{
	struct vrrp_conf_address other = *conf;
	int error = 0;
	size_t i;

	other.peer = (struct addr){ 0 };
	for (i = 0; error == 0 && i < net->nr_ifaddrs; i++) {
		const struct vrrp_ifaddr *ifaddr = &net->ifaddrs[i];

		if (ifaddr->index != index || ifaddr->prefix == conf->prefix ||
		    addr_cmp(&ifaddr->addr, &conf->addr) != 0)
			continue;
		other.prefix = ifaddr->prefix;
		error = vrrp_address_del(net, index, &other);
	}
	return error;
}

static void vips_remove_one(struct vrrp_router *router, struct vrrp_vip *vip)
{
	int index = vrrp_vips_link(router, vip);
	char text[ADDR_TEXT_MAX];
	int error;

	if (index == 0 || vips_is_native(router, vip))
		return;
	vips_warn_dependent(router, index, &vip->conf->addr);
	error = vrrp_address_del(&router->vrrp->net, index, vip->conf);
	if (error == 0)
		error = vips_remove_others(&router->vrrp->net, index,
					   vip->conf);
	if (error == 0)
		vip->added = false;
	else
		log_error("vrrp", "%s: cannot remove %s: %s",
			  router->conf->name,
			  addr_format(&vip->conf->addr, text),
			  strerror(-error));
}

void vrrp_vips_remove(struct vrrp_router *router)
{
	uint32_t i;

	for (i = 0; i < router->nr_vips; i++)
		vips_remove_one(router, &router->vips[i]);
	vips_promote(router, false);
}

static bool vips_is_leftover(const struct vrrp_router *router,
			     const struct vrrp_vip *vip)
{
	int index = vrrp_vips_link(router, vip);
	const struct vrrp_ifaddr *ifaddr;

	if (index == 0)
		return false;
	ifaddr = vrrp_net_ifaddr(&router->vrrp->net, index, &vip->conf->addr);
	return ifaddr && (ifaddr->proto == VRRP_ADDRESS_PROTO ||
			  router->conf->priority != VRRP_PRIORITY_OWNER);
}

void vrrp_vips_clean(struct vrrp_router *router)
{
	char text[ADDR_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < router->nr_vips; i++) {
		if (router->fsm.state == VRRP_ACTIVE ||
		    !vips_is_leftover(router, &router->vips[i]))
			continue;
		log_notice("vrrp",
			   "%s: removing %s, left by an earlier process",
			   router->conf->name,
			   addr_format(&router->vips[i].conf->addr, text));
		router->vips[i].added = true;
		vips_remove_one(router, &router->vips[i]);
	}
}

static bool vips_is_wrong(const struct vrrp_router *router,
			  const struct vrrp_vip *vip)
{
	int index = vrrp_vips_link(router, vip);
	bool present = index > 0 && vrrp_net_ifaddr(&router->vrrp->net, index,
						    &vip->conf->addr);

	if (router->fsm.state == VRRP_ACTIVE)
		return index > 0 && !present;
	return present && !vips_is_native(router, vip);
}

void vrrp_vips_check(struct vrrp_router *router, const struct addr *addr)
{
	usec_t now = loop_now(router->vrrp->loop);
	usec_t when = now + REPAIR_SOON;
	uint32_t i;

	if (!router->started || router->repair.set)
		return;
	for (i = 0; i < router->nr_vips; i++) {
		const struct vrrp_vip *vip = &router->vips[i];

		if ((addr && addr_cmp(&vip->conf->addr, addr) != 0) ||
		    !vips_is_wrong(router, vip))
			continue;
		if (router->repaired > 0 &&
		    when < router->repaired + REPAIR_PAUSE)
			when = router->repaired + REPAIR_PAUSE;
		loop_timer_set(&router->repair, when);
		return;
	}
}

static void vips_log_repair(const struct vrrp_router *router,
			    const struct vrrp_vip *vip)
{
	bool active = router->fsm.state == VRRP_ACTIVE;
	char text[ADDR_TEXT_MAX];

	addr_format(&vip->conf->addr, text);
	if (active && vip->added)
		log_warning(
			"vrrp",
			"%s: %s was removed by somebody else, adding it again",
			router->conf->name, text);
	else if (active)
		log_info("vrrp", "%s: adding %s", router->conf->name, text);
	else
		log_warning("vrrp",
			    "%s: %s was added by somebody else, removing it",
			    router->conf->name, text);
}

void vrrp_vips_repair(struct vrrp_router *router)
{
	bool active = router->fsm.state == VRRP_ACTIVE;
	bool added = false;
	uint32_t i;

	router->repaired = loop_now(router->vrrp->loop);
	for (i = 0; i < router->nr_vips; i++) {
		struct vrrp_vip *vip = &router->vips[i];

		if (!vips_is_wrong(router, vip))
			continue;
		vips_log_repair(router, vip);
		if (active)
			vips_add_one(router, vip);
		else
			vips_remove_one(router, vip);
		added = active;
	}
	if (!added)
		return;
	vrrp_announcer_again(&router->announcer, &router->conf->garp,
			     router->repaired);
	vrrp_vips_announce(router);
}

static void vips_announce_one(struct vrrp_router *router, int index,
			      const struct addr *addr, bool forwards)
{
	struct vrrp *vrrp = router->vrrp;
	const struct vrrp_link *link = vrrp_net_link_at(&vrrp->net, index);
	char text[ADDR_TEXT_MAX];
	uint64_t skipped;
	int error;

	if (!link || !link->running)
		return;
	error = vrrp_announce_send(vrrp->announce_fd, link, addr, forwards);
	if (error < 0 &&
	    vrrp_limit_ok(&router->send_limit, loop_now(vrrp->loop), &skipped))
		log_warning("vrrp", "%s: cannot announce %s: %s",
			    router->conf->name, addr_format(addr, text),
			    strerror(-error));
}

/* garp_extra_if: an interface beside the instance's own, a virtual MAC or any. */
static bool vips_is_extra(const struct vrrp_router *router, int index)
{
	const struct vrrp_link *link =
		vrrp_net_link_at(&router->vrrp->net, index);

	return link && index != router->link &&
	       (router->conf->garp.extra_all ||
		strcmp(link->kind, "macvlan") == 0);
}

/* The pause that the instances of a garp_group share; NULL: none. */
static usec_t *vips_shared_pause(const struct vrrp_router *router)
{
	uint32_t group = router->conf->garp.group;
	struct vrrp_pace *pace = group ? &router->vrrp->paces[group - 1] : NULL;

	if (!pace)
		return NULL;
	return router->conf->family == AF_INET6 ? &pace->na : &pace->arp;
}

void vrrp_vips_announce(struct vrrp_router *router)
{
	usec_t now = loop_now(router->vrrp->loop), when;
	const struct vrrp_conf_instance *conf = router->conf;
	/* The R flag means that the host forwards, so it must be true. */
	bool forwards = conf->family == AF_INET6 &&
			vips_host_switch("ipv6", conf->ifname, "forwarding");
	usec_t *shared = vips_shared_pause(router);
	int i, index;

	for (;;) {
		i = vrrp_announcer_next(&router->announcer, &conf->garp,
					conf->family, router->nr_vips, now,
					shared);
		if (i < 0)
			break;
		index = vrrp_vips_link(router, &router->vips[i]);
		if (!router->announcer.extra_round ||
		    vips_is_extra(router, index))
			vips_announce_one(router, index,
					  &router->vips[i].conf->addr,
					  forwards);
	}
	when = vrrp_announcer_when(&router->announcer);
	if (when > 0)
		loop_timer_set(&router->announce, when);
	else
		loop_timer_clear(&router->announce);
}

void vrrp_vips_announce_self(struct vrrp_router *router)
{
	if (router->conf->nr_peers > 0)
		vips_announce_one(router, router->link, &router->source, false);
}
