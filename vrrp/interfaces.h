/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's interfaces and addresses, as rtnetlink reports them, and the requests
 * that change them. A first socket monitors (links, IPv4 and IPv6 addresses), a
 * second one sends requests; the kernel carries a request out before send()
 * returns, so waiting for its answer does not wait for anything else.
 *
 * The picture is complete after vrrp_net_open() and follows every change. If
 * the kernel had to drop a notification, all is read anew.
 */
#ifndef EVENKEEL_VRRP_INTERFACES_H
#define EVENKEEL_VRRP_INTERFACES_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/loop.h"
#include "conf/vrrp_conf.h"

struct nl_sock;
struct nl_msg;

#define VRRP_MAC_LENGTH 6

struct vrrp_link {
	int index;
	int parent; /* of a macvlan; 0: none */
	char name[IFNAMSIZ];
	char kind[16]; /* "macvlan", "" */
	bool running; /* up, and its carrier too; after its delay */
	bool up; /* the same as the kernel or the driver says it now */
	bool wanted_up; /* the administrator's: IFF_UP */
	bool kernel_up; /* UP as the kernel says it */
	usec_t settles; /* when RUNNING becomes UP; 0: it is */
	uint32_t mtu;
	bool noarp;
	bool loopback;
	uint8_t mac_length; /* 6, or there is nothing to announce */
	uint8_t mac[VRRP_MAC_LENGTH];
};

/* An address of an interface. */
struct vrrp_ifaddr {
	int index; /* of the interface */
	struct addr addr;
	uint8_t prefix;
	uint8_t scope;
	uint8_t proto; /* IFA_PROTO; 0 before Linux 5.18 */
	uint32_t flags; /* IFA_F_... */
};

/* The owner's callbacks for changes; INDEX 0: anything may have changed. */
struct vrrp_net_events {
	void (*link)(void *arg, int index);
	void (*address)(void *arg, const struct vrrp_ifaddr *ifaddr,
			bool present);
	/* Somebody else removed a route or (RULE) a rule that has our mark. */
	void (*route)(void *arg, bool rule);
	void *arg;
};

struct vrrp_net {
	struct nl_sock *nl_request;
	struct nl_sock *nl_monitor;
	struct loop_io io;
	struct vrrp_net_events events;
	struct vrrp_link *links;
	size_t nr_links, room_links;
	struct vrrp_ifaddr *ifaddrs;
	size_t nr_ifaddrs, room_ifaddrs;
	bool reporting; /* EVENTS is called for changes */
	bool routes; /* routes and rules are monitored */
	/* Of the configuration in force, vrrp_net_follow(). */
	const struct vrrp_conf_delay *delays;
	uint32_t nr_delays;
	struct vrrp_conf_buffer requests, monitor;
	struct loop_timer settle; /* the first change of a link to count */
	const struct vrrp_conf_linkbeat *linkbeats;
	uint32_t nr_linkbeats;
	bool linkbeat_all;
	struct loop_timer poll; /* the next round of questions to drivers */
	bool polling;
	int poll_sock; /* if POLLING */
};

/*
 * Open and read everything. EVENTS is copied, and called from LOOP. Returns 0 or
 * -errno; after a failure nothing is open.
 */
int vrrp_net_open(struct vrrp_net *net, struct loop *loop,
		  const struct vrrp_net_events *events);
/* Take delays of links and sizes of buffers from CONF, which lives as long. */
void vrrp_net_follow(struct vrrp_net *net, const struct vrrp_conf *conf);
/*
 * LINK as the kernel says it now (UP), after OLD: RUNNING follows after DELAY, and
 * SETTLES says when. A change that is taken back before leaves no trace.
 */
void vrrp_link_debounce(const struct vrrp_link *old, struct vrrp_link *link,
			usec_t delay, usec_t now);
/* Close the sockets and forget everything; fine if it is not open. */
void vrrp_net_close(struct vrrp_net *net);

/*
 * The interface called NAME, NULL if there is none. NET's own, and not to be
 * kept over a loop turn.
 */
const struct vrrp_link *vrrp_net_link(const struct vrrp_net *net,
				      const char *name);
/* vrrp_net_link() by the interface's index. */
const struct vrrp_link *vrrp_net_link_at(const struct vrrp_net *net, int index);
/*
 * The address ADDR of the interface INDEX, or NULL. NET's own, and not to be kept
 * over a loop turn.
 */
const struct vrrp_ifaddr *vrrp_net_ifaddr(const struct vrrp_net *net, int index,
					  const struct addr *addr);

/*
 * The address that adverts of FAMILY leave INDEX from: the first primary IPv4
 * address, else the first secondary one, or the first usable link-local IPv6
 * address, that is not virtual (by IS_VIRTUAL(ARG, ...)). An OWNER may have
 * none but the virtual address: then an address that is not ours by origin. For
 * anybody else a virtual address is no source: its peer, which has it in turn,
 * would take the adverts for its own. False if there is none.
 */
bool vrrp_net_source(const struct vrrp_net *net, int index, uint16_t family,
		     bool owner,
		     bool (*is_virtual)(const void *arg,
					const struct addr *addr),
		     const void *arg, struct addr *out);

/*
 * An address of the host's own that is secondary to PRIMARY, and that the kernel
 * removes with it unless promote_secondaries is set; NULL if there is none.
 */
const struct vrrp_ifaddr *
vrrp_net_dependent(const struct vrrp_net *net,
		   const struct vrrp_ifaddr *primary,
		   bool (*is_virtual)(const void *arg, const struct addr *addr),
		   const void *arg);

/*
 * From now on monitor routes and rules too; a failure is logged. Only for
 * configurations with routes or rules: a host with all routes of the Internet
 * sends many notifications.
 */
void vrrp_net_monitor_routes(struct vrrp_net *net);

/*
 * Send the request MSG, which is freed (NULL: -ENOMEM), and wait for the answer.
 * Returns 0 or the kernel's -errno.
 */
int vrrp_net_request(struct vrrp_net *net, struct nl_msg *msg);

#endif
