/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of the VRRP process: plain data, immutable, every default
 * and inheritance resolved, so that no reader ever asks "was it set?". The
 * parser fills it; main and the vrrp process get the same indices from the same
 * text, and name instances and trackers to each other by them.
 *
 * The vrrp_conf lives in the memory of the configuration that it belongs to.
 */
#ifndef EVENKEEL_CONF_VRRP_CONF_H
#define EVENKEEL_CONF_VRRP_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/scheduling.h"
#include "lib/util.h"

#define VRRP_PRIORITY_OWNER 255
#define VRRP_PRIORITY_STOP 0
/* Most addresses that one advertisement can carry. */
#define VRRP_ADDRESSES_MAX 255
#define VRRP_NO_GROUP UINT32_MAX

/*
 * The input of the checksum of a version 3 IPv4 advertisement: RFC 9568 says
 * the message alone (v3_checksum_as_v2), most of today's peers read RFC 5798 as
 * with a pseudo-header. A receiver accepts either checksum. Version 2 and IPv6
 * leave no choice.
 */
enum vrrp_checksum {
	VRRP_CHECKSUM_PSEUDO, /* the default */
	VRRP_CHECKSUM_MESSAGE,
};

/* As on the wire; IP authentication headers (2) are not supported. */
enum vrrp_auth {
	VRRP_AUTH_NONE = 0,
	VRRP_AUTH_SIMPLE = 1, /* auth_type PASS */
};

#define VRRP_AUTH_LENGTH 8

/* auth_hmac: bytes of a key. */
#define VRRP_KEY_MIN 32
#define VRRP_KEY_MAX 64

/* The word mode of auth_hmac. */
enum vrrp_signing {
	VRRP_SIGNING_ENFORCE, /* an advert without signature is dropped */
	VRRP_SIGNING_PERMISSIVE, /* it counts; ours are signed */
	VRRP_SIGNING_RECEIVE, /* it counts; ours are not signed */
};

struct vrrp_conf_key {
	uint8_t id; /* 1..255 */
	uint8_t length; /* of DATA; 0: main reads FILE, see IPC_VRRP_KEY */
	uint8_t data[VRRP_KEY_MAX];
	const char *file; /* NULL: none */
};

/* auth_hmac: a signed trailer behind each advert. */
struct vrrp_conf_hmac {
	const struct vrrp_conf_key *keys; /* each of another id */
	uint32_t nr_keys; /* 0: adverts are neither signed nor verified */
	uint8_t active_key; /* the id of the key that ours are signed with */
	bool monotonic; /* times are not compared with the clock */
	enum vrrp_signing mode;
	uint32_t window; /* s; how far clocks may be apart */
};

/* preferred_lft: for ever, except for an IPv6 /128, which is deprecated (0). */
#define VRRP_LFT_DEFAULT UINT32_MAX
/* "preferred_lft forever": for ever, a /128 too. */
#define VRRP_LFT_FOREVER (UINT32_MAX - 1)

/* An address of virtual_ipaddress or virtual_ipaddress_excluded. */
struct vrrp_conf_address {
	struct addr addr;
	uint8_t prefix; /* length; 32 or 128 unless the file has another */
	uint8_t scope; /* RT_SCOPE_UNIVERSE, RT_SCOPE_LINK, ... */
	struct addr broadcast; /* AF_UNSPEC: none */
	struct addr peer; /* AF_UNSPEC: none */
	const char *dev; /* NULL: the instance's interface, or its vmac */
	const char *label; /* NULL: none; IPv4 only, under IFNAMSIZ bytes */
	uint32_t flags; /* IFA_F_HOMEADDRESS, IFA_F_NOPREFIXROUTE, ... */
	uint32_t preferred_lft; /* s, VRRP_LFT_DEFAULT or _FOREVER */
	bool dad; /* -nodad: let the kernel look for duplicates first */
	bool no_track; /* DEV may be down; else that is a fault */
	const char *track_group; /* of static ones, for the parse; or NULL */
};

struct vrrp_conf_peer {
	struct addr addr;
	uint8_t min_ttl; /* required of its packets; 0 and 255: any */
	uint8_t max_ttl;
};

/* The garp_* and gna_* words: gratuitous ARP, unsolicited neighbour adverts. */
struct vrrp_conf_garp {
	uint32_t master_repeat; /* garp_master_repeat: 5 */
	usec_t master_delay; /* garp_master_delay: 5 s; 0: no second burst */
	usec_t master_refresh; /* garp_master_refresh: 0, off */
	uint32_t master_refresh_repeat; /* 1 */
	uint32_t lower_repeat; /* garp_lower_prio_repeat: global master_repeat */
	usec_t lower_delay; /* garp_lower_prio_delay: global master_delay */
	usec_t arp_interval; /* garp_interval: pause between two; 0 */
	usec_t na_interval; /* gna_interval: 0 */
	uint32_t group; /* 1: the first garp_group; 0: none */
	usec_t extra_interval; /* garp_extra_if: 0, off */
	bool extra_all; /* not only on virtual MACs */
};

/* Interfaces whose announcements share the pauses between two. */
struct vrrp_conf_garp_group {
	usec_t arp_interval, na_interval;
	const char *const *ifnames;
	uint32_t nr_ifnames;
};

/* interface_up_down_delays: a change of IFNAME counts when it has lasted. */
struct vrrp_conf_delay {
	const char *ifname;
	usec_t down, up;
};

/* The receive buffer of a socket; 0: the usual one. */
struct vrrp_conf_buffer {
	uint32_t size; /* bytes */
	bool force; /* beyond net.core.rmem_max */
};

/* vrrp_rx_bufs_policy, beside a number of bytes. */
#define VRRP_RX_BY_MTU UINT32_MAX
#define VRRP_RX_BY_ADVERT (UINT32_MAX - 1)

enum vrrp_tracker_kind {
	VRRP_TRACK_INTERFACE, /* watched by the vrrp process itself */
	/* The values of the other kinds come from main, see IPC_VRRP_TRACK. */
	/* 1: up, 0: down, rise and fall already counted; VRRP_TRACK_NO_EFFECT */
	VRRP_TRACK_SCRIPT,
	VRRP_TRACK_PROCESS, /* 1: up, 0: down */
	VRRP_TRACK_POOL, /* track_virtual_server; 1: up, 0: down */
	VRRP_TRACK_FILE, /* the number in the file */
	VRRP_TRACK_FIREWALL, /* 1: the rules of no_accept are in place */
	VRRP_TRACK_BFD, /* 1: the session is up, 0: down */
};

/*
 * The value of a script that could not be run even once: it says nothing of
 * this host, and counts for nothing.
 */
#define VRRP_TRACK_NO_EFFECT (-1)

/* "script", "virtual server": for people and for JSON. */
const char *vrrp_tracker_kind_name(enum vrrp_tracker_kind kind);

struct vrrp_conf_tracker {
	const char *name; /* of the script, file, process, "ADDR PORT" */
	enum vrrp_tracker_kind kind;
	const char *ifname; /* VRRP_TRACK_INTERFACE only, else NULL */
	bool init_fail; /* down until the first report, instead of unknown */
};

/* An instance's (or group's) use of a tracker. */
struct vrrp_conf_track {
	uint32_t tracker; /* index into trackers */
	int32_t weight; /* -253..253; 0: down means Fault */
	bool reverse;
};

/* A route in a place with others alike, as ip-route(8) has it. */
enum vrrp_route_place {
	VRRP_ROUTE_ALONE, /* refused if there is one */
	VRRP_ROUTE_BEHIND, /* append */
	VRRP_ROUTE_BEFORE, /* prepend */
};

/* Numbers from FIRST to LAST. */
struct vrrp_conf_range {
	bool set;
	uint32_t first, last;
};

/* A nexthop of a multipath route. */
struct vrrp_conf_nexthop {
	struct addr via; /* AF_UNSPEC: the link itself */
	const char *dev; /* NULL: found by VIA */
	uint32_t weight; /* 1..256 */
	uint32_t realms; /* FROM << 16 | TO; 0: none */
	bool onlink;
};

#define VRRP_SCOPE_FOUND (-1)

/* A line of virtual_routes or static_routes; numbers as rtnetlink has them. */
struct vrrp_conf_route {
	uint16_t family; /* AF_INET or AF_INET6 */
	uint8_t type; /* RTN_UNICAST, RTN_BLACKHOLE, RTN_UNREACHABLE, ... */
	uint8_t prefix; /* of DST; 0: the default route */
	uint8_t tos;
	uint8_t protocol; /* RTPROT_*; 0: not said */
	int16_t scope; /* RT_SCOPE_*, or VRRP_SCOPE_FOUND: by TYPE and VIA */
	bool onlink;
	bool no_track; /* as that of an address, for all its interfaces */
	struct addr dst; /* its host bits are 0 */
	struct addr via; /* AF_UNSPEC: none; can be of the other family */
	struct addr from; /* IPv6: sources that it is for; AF_UNSPEC: all */
	uint8_t from_prefix;
	struct addr src; /* preferred source; AF_UNSPEC: none */
	const char *dev; /* NULL: found by VIA, else the instance's */
	uint32_t table; /* RT_TABLE_MAIN */
	uint32_t metric; /* 0: the kernel's own */
	uint32_t mtu; /* 0: the link's */
	uint32_t advmss; /* 0: by the MTU */
	/* As of ip-route(8); 0: the kernel's own. */
	uint32_t hoplimit, initcwnd, initrwnd, window, reordering, quickack;
	uint32_t rtt, rttvar, rto_min; /* ms */
	uint32_t cwnd, ssthresh, features, fastopen_no_cookie;
	uint32_t locked; /* a bit for each RTAX_* that the kernel leaves alone */
	const char *congctl; /* TCP's congestion control; NULL: the usual one */
	uint32_t realms; /* FROM << 16 | TO; 0: none */
	uint8_t pref; /* of IPv6: one more than ICMPV6_ROUTER_PREF_*; 0: unset */
	uint8_t place; /* enum vrrp_route_place */
	const struct vrrp_conf_nexthop *nexthops; /* instead of VIA and DEV */
	uint32_t nr_nexthops;
	const char *track_group; /* as that of an address */
};

/* A line of virtual_rules or static_rules. */
struct vrrp_conf_rule {
	uint16_t family;
	uint8_t action; /* FR_ACT_TO_TBL, FR_ACT_BLACKHOLE, ... */
	uint8_t from_prefix;
	uint8_t to_prefix;
	uint8_t tos;
	bool invert; /* not */
	bool priority_set; /* else the kernel finds one */
	bool no_track; /* as that of an address, for IIF and OIF */
	struct addr from; /* AF_UNSPEC: all */
	struct addr to;
	const char *iif; /* NULL: any */
	const char *oif;
	uint32_t fwmark;
	uint32_t fwmask; /* 0: the mark does not count */
	uint32_t table; /* FR_ACT_TO_TBL */
	uint32_t priority;
	/* One more than the number of suppress_*; 0: none. */
	uint32_t suppress_prefix, suppress_group;
	bool l3mdev; /* the table of the interface's VRF */
	uint32_t realms; /* FROM << 16 | TO; 0: none */
	uint32_t jump; /* FR_ACT_GOTO: the priority to go on at */
	uint64_t tunnel; /* tun_id; 0: any */
	struct vrrp_conf_range uids, sports, dports;
	uint8_t protocol; /* RTPROT_*; 0: not said */
	uint8_t transport; /* IPPROTO_*; 0: any */
	const char *track_group; /* as that of an address */
};

/* How linkbeat_interfaces asks an interface for its link. */
enum vrrp_linkbeat {
	VRRP_LINKBEAT_MII,
	VRRP_LINKBEAT_ETHTOOL,
	VRRP_LINKBEAT_IOCTL,
	VRRP_LINKBEATS,
};

/* An interface whose link is asked for, beside what the kernel tells of it. */
struct vrrp_conf_linkbeat {
	const char *ifname;
	enum vrrp_linkbeat first; /* the others follow, if it cannot say */
};

struct vrrp_conf_instance {
	const char *name; /* unique; never NULL */
	const char *ifname; /* never NULL; unicast without interface: "" */
	bool vrf; /* IFNAME is a VRF, whose members have the addresses; unicast */
	uint16_t family; /* AF_INET or AF_INET6; all advertised addresses are */
	uint8_t version; /* 2 or 3; IPv6 is 3, unless compat and said */
	uint8_t vrid; /* 1..255 */
	uint8_t priority; /* 1..255; 255: the owner of the addresses */
	uint8_t down_adverts; /* down_timer_adverts: 3 */
	uint8_t ttl; /* of our adverts: 255, or unicast_ttl */
	uint8_t auth_data[VRRP_AUTH_LENGTH]; /* padded with zeros */
	bool preempt;
	bool accept; /* no_accept is for main's firewall; not acted on here */
	bool strict;
	bool lower_prio_no_advert; /* RFC 5798: no advert at once to a lower one */
	bool higher_prio_send_advert; /* one more when a higher one takes over */
	bool owner_ignore_adverts; /* priority 255 heeds no other router */
	bool fault_no_peer; /* unicast is meant, and there is no peer */
	bool promote_secondaries; /* the setting of its interface, while Active */
	/*
	 * A priority: an Active Router silent for longer than the down interval of
	 * one with it steps back; 0: it never does.
	 */
	uint8_t timer_expired_backup;
	bool skip_check_adv_addr; /* of whom we listen to already */
	bool same_addresses; /* compat: an advert has just ours, or is dropped */
	bool check_unicast_src; /* only listed peers; true unless switched off */
	bool track_primary; /* the interface's link; !dont_track_primary */
	bool use_vmac;
	bool vmac_xmit_base; /* adverts leave through the parent */
	enum vrrp_checksum checksum;
	enum vrrp_auth auth;
	struct vrrp_conf_hmac hmac;
	usec_t interval; /* v2: 1..255 s; v3: 10 ms..40.95 s in steps of 10 ms */
	usec_t preempt_delay; /* 0..1000 s */

	bool no_addresses; /* no_virtual_ipaddress */
	const struct vrrp_conf_address *addresses; /* advertised, 0..255 */
	const struct vrrp_conf_address *excluded; /* held, not advertised */
	const struct vrrp_conf_peer *peers; /* unicast if there are any */
	const struct vrrp_conf_track *tracks;
	uint32_t nr_addresses;
	uint32_t nr_excluded;
	uint32_t nr_peers;
	uint32_t nr_tracks;
	const struct vrrp_conf_route *routes; /* there while Active */
	const struct vrrp_conf_rule *rules;
	uint32_t nr_routes;
	uint32_t nr_rules;

	struct addr source; /* mcast_src_ip or unicast_src_ip; AF_UNSPEC: found */
	struct addr group; /* mcast_dst_ip, else 224.0.0.18 or ff02::12 */
	uint32_t sync_group; /* index into groups, or VRRP_NO_GROUP */
	uint32_t rx_buffer; /* kernel_rx_buf_size, bytes; 0: by vrrp_conf.rx_buffers */
	const char *vmac_name; /* NULL: "vrrp.VRID", IPv6 "vrrp6.VRID" */
	struct vrrp_conf_garp garp;
};

struct vrrp_conf_group {
	const char *name;
	const struct vrrp_conf_track *tracks; /* count for every member */
	uint32_t nr_tracks;
};

struct vrrp_conf {
	const struct vrrp_conf_instance *instances;
	uint32_t nr_instances;
	const struct vrrp_conf_group *groups;
	uint32_t nr_groups;
	const struct vrrp_conf_tracker *trackers;
	uint32_t nr_trackers;
	/* static_ipaddress and the like: there from the start to the end. */
	const struct vrrp_conf_address *addresses; /* each has its dev */
	const struct vrrp_conf_route *routes;
	const struct vrrp_conf_rule *rules;
	uint32_t nr_addresses;
	uint32_t nr_routes;
	uint32_t nr_rules;
	usec_t startup_delay; /* vrrp_startup_delay: before the first start */
	uint32_t delay_after_boot; /* s after the host's, before the first start */
	bool log_unknown_vrids;
	bool disable_local_igmp;
	usec_t arp_interval, na_interval; /* of interfaces in no garp_group */
	const struct vrrp_conf_garp_group *garp_groups;
	uint32_t nr_garp_groups;
	const struct vrrp_conf_delay *delays;
	uint32_t nr_delays;
	const struct vrrp_conf_linkbeat *linkbeats;
	uint32_t nr_linkbeats;
	bool linkbeat_all; /* linkbeat_use_polling, at the file's level */
	struct vrrp_conf_buffer netlink_requests, netlink_monitor;
	uint32_t rx_buffers; /* bytes or VRRP_RX_*; 0: the usual */
	uint32_t rx_multiplier; /* of MTUs and adverts: 3 */
	struct scheduling scheduling; /* vrrp_priority and the like */
	/* max_auto_priority: of SCHED_RR, after delays; 0: none */
	uint32_t auto_priority;
	uint32_t auto_priority_delay; /* us that a timer is late; 1 s */
	const char *process_name; /* vrrp_process_name; NULL: the usual one */
};

/*
 * A key as a file or a line has it: "hex:" and digits, or the bytes themselves.
 * LENGTH bytes of TEXT into KEY; its id and file are left. Returns NULL, or the
 * mistake, for people; the text is not in it.
 */
const char *vrrp_conf_key_read(struct vrrp_conf_key *key, const char *text,
			       size_t length);

/*
 * Whether two lines are equal, though of two configurations that share no
 * string.
 */
bool vrrp_address_equal(const struct vrrp_conf_address *a,
			const struct vrrp_conf_address *b);
bool vrrp_addresses_equal(const struct vrrp_conf_address *a, uint32_t nr_a,
			  const struct vrrp_conf_address *b, uint32_t nr_b);
bool vrrp_route_equal(const struct vrrp_conf_route *a,
		      const struct vrrp_conf_route *b);
bool vrrp_rule_equal(const struct vrrp_conf_rule *a,
		     const struct vrrp_conf_rule *b);

/*
 * Every member of every instance, group and tracker, in the order of the file:
 * then a reload is not sent to the vrrp process. An irrelevant difference may
 * be reported; a relevant one is never missed.
 */
bool vrrp_conf_equal(const struct vrrp_conf *a, const struct vrrp_conf *b);

#endif
