/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP in the configuration language, between its files:
 *
 *   vrrp_blocks.c           the blocks, and the order of all steps
 *   vrrp_global.c    the words of global_defs
 *   address_sets.c           its words about ipset and the firewall
 *   vrrp_instance.c  vrrp_instance
 *   vrrp_hmac.c      its auth_hmac
 *   vrrp_address.c   lines of virtual_ipaddress and unicast_peer
 *   vrrp_route.c     lines of virtual_routes and static_routes
 *   vrrp_rule.c      lines of virtual_rules and static_rules
 *   vrrp_group.c     vrrp_sync_group
 *   vrrp_track.c     vrrp_script and the like, and the use of them
 *   vrrp_bfd.c       bfd_instance
 *   vrrp_notify.c    notify words, pipes, lvs_sync_daemon
 *   vrrp_value.c     words as values
 *   vrrp_lists.c     an instance's lists: family, room in an advert
 *   vrrp_settle.c    defaults and inheritance of an instance
 *   vrrp_sync.c      the instance of lvs_sync_daemon
 *   vrrp_tracker.c   trackers, found by name
 *   vrrp_resolve.c   members of groups, tracks of instances and groups
 *   vrrp_advise.c    settings that are legal but rarely intended
 *
 * Blocks are bound to drafts in the order of the file. When all is known, the
 * drafts are settled: defaults, then names, then the final arrays.
 */
#ifndef EVENKEEL_CONF_VRRP_VRRP_BLOCKS_H
#define EVENKEEL_CONF_VRRP_VRRP_BLOCKS_H

#include "conf/bfd_conf.h"
#include "conf/lvs/draft.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"

#define UNSET_WEIGHT INT32_MIN
#define VRRP_NO_INSTANCE UINT32_MAX

/* Room for IFNAMSIZ bytes, the NUL included. */
#define VRRP_IFNAME_MAX 15

/* The most addresses of an IPv6 advert of 1500 bytes: 40 and 8 are headers. */
#define VRRP_ADDRESSES_MAX_V6 ((1500 - 40 - 8) / 16)
/* The same with the trailer of auth_hmac, 28 bytes. */
#define VRRP_ADDRESSES_MAX_SIGNED_V6 ((1500 - 40 - 8 - 28) / 16)

/* lvs_sync_daemon, before its instance is known. */
struct sync_draft {
	struct pair_sync sync;
	const struct conf_node *node; /* NULL: none */
	uint32_t instance; /* the word that names it; 0: none */
	bool id_set;
};

/* VRRP's part of global_defs; unset members hold an unset value. */
struct vrrp_global_draft {
	uint32_t version; /* 0: unset */
	struct vrrp_conf_garp garp;
	bool min_garp;
	uint32_t down_adverts;
	int8_t strict, skip_check_adv_addr, check_unicast_src;
	int8_t lower_prio_no_advert, checksum_as_v2;
	int8_t higher_prio_send_advert, owner_ignore_adverts;
	struct addr group4, group6;
	struct vrrp_conf conf; /* its settings of the process */
	struct pair_conf pair; /* its notifications */
	const char *default_ifname; /* of static addresses; NULL: unset */
	const char *vmac_prefix; /* of names of interfaces; NULL: unset */
	struct sync_draft sync;
};

/* The target of global_defs; its first member is that of conf/lvs/'s table. */
struct global_draft {
	struct conf_global global;
	struct vrrp_global_draft vrrp;
};

/* A line of track_script and the like. */
struct track_ref {
	const struct conf_node *node; /* its first words are the name */
	uint32_t word; /* index of the name */
	enum vrrp_tracker_kind kind;
	int32_t weight; /* or UNSET_WEIGHT */
	int8_t reverse; /* or UNSET_BOOL */
};

/* A list that lives until the instance at hand is complete. */
struct vrrp_address_list {
	struct vrrp_conf_address *items;
	const struct conf_node **nodes; /* where each stands */
	size_t nr, room, room_nodes;
};

struct vrrp_route_list {
	struct vrrp_conf_route *items;
	size_t nr, room;
};

struct vrrp_rule_list {
	struct vrrp_conf_rule *items;
	size_t nr, room;
};

enum vrrp_initial {
	VRRP_INITIAL_NOTHING,
	VRRP_INITIAL_MASTER,
	VRRP_INITIAL_BACKUP,
};

/* A part of vrrp_draft.refs. */
struct track_refs {
	uint32_t first, nr;
};

struct vrrp_instance_draft {
	struct pair_notify notify; /* first, as in vrrp_group_draft */
	struct vrrp_conf_instance vi;
	const char *vrf; /* for unicast without an interface; NULL: none */
	bool linkbeat; /* linkbeat_use_polling */
	const struct conf_node *node;
	int32_t initial; /* enum vrrp_initial: the word state */
	int32_t auth; /* enum vrrp_auth, or VRRP_AUTH_AH */
	const char *password;
	const struct conf_node *hmac; /* auth_hmac; NULL: none */
	int8_t strict, skip_check_adv_addr, check_unicast_src;
	int8_t lower_prio_no_advert, checksum_as_v2, accept;
	int8_t higher_prio_send_advert, owner_ignore_adverts;
	bool native_ipv6, unicast, fault_no_peer;
	struct addr unicast_source;
	const char *sync_ifname; /* lvs_sync_daemon_interface */
	struct track_refs refs;
	/* The last of its static_devs, from 1 on; 0: none. */
	uint32_t static_devs;
	uint32_t name_len;
	bool dropped; /* complained about */
};

/* AH is implemented by keepalived only. */
#define VRRP_AUTH_AH 2

struct vrrp_group_draft {
	struct pair_notify notify;
	struct vrrp_conf_group group;
	const struct conf_node *node;
	uint32_t first_member, nr_members; /* in vrrp_draft.members */
	struct track_refs refs;
	uint32_t name_len;
	bool global_tracking, weights;
	bool dropped;
};

struct vrrp_group_member {
	const struct conf_node *node;
	uint32_t word;
	uint32_t instance; /* VRRP_NO_INSTANCE: dropped */
};

/* vrrp_script, track_file, vrrp_track_process, bfd_instance. */
struct vrrp_source_draft {
	enum vrrp_tracker_kind kind;
	const struct conf_node *node;
	const char *name;
	uint32_t name_len;
	int32_t weight;
	bool reverse;
	bool init_fail;
	bool used;
	bool dropped;
	const char *user, *group;
	struct pair_script script;
	struct pair_file file;
	struct pair_process process;
	struct bfd_conf_instance bfd;
};

struct vrrp_track_group_draft {
	const char *name;
	const struct conf_node *node;
	uint32_t first_member, nr_members; /* in vrrp_draft.members */
};

/* A line that names a track_group. */
struct vrrp_group_use {
	const char *name;
	struct conf_node node; /* the option: its word 1 is the name */
};

/* An interface of a static line that an instance depends on. */
struct vrrp_static_dev {
	const char *dev;
	uint32_t next; /* as the instance's STATIC_DEVS */
};

struct vrrp_draft {
	struct global_draft global;
	struct vrrp_instance_draft *instances;
	size_t nr_instances, room_instances;
	struct vrrp_group_draft *groups;
	size_t nr_groups, room_groups;
	struct vrrp_group_member *members;
	size_t nr_members, room_members;
	struct vrrp_source_draft *sources;
	size_t nr_sources, room_sources;
	struct track_ref *refs;
	size_t nr_refs, room_refs;
	struct vrrp_track_group_draft *track_groups;
	size_t nr_track_groups, room_track_groups;
	struct vrrp_group_use *group_uses;
	size_t nr_group_uses, room_group_uses;
	struct vrrp_static_dev *static_devs;
	size_t nr_static_devs, room_static_devs;
	struct index instance_set, group_set, source_set; /* by name */
	struct index track_group_set; /* likewise */
	struct index bfd_set; /* sources, by neighbour */
	uint32_t nr_bfd;

	/* Of the instance being bound. */
	struct vrrp_address_list addresses, excluded;
	struct vrrp_conf_peer *peers;
	size_t nr_peers, room_peers;
	struct vrrp_route_list routes;
	struct vrrp_rule_list rules;
	uint32_t nr_unnumbered[2]; /* rules without a priority; IPv6: [1] */

	/* The host's. */
	struct vrrp_address_list static_addresses;
	struct vrrp_route_list static_routes;
	struct vrrp_rule_list static_rules;
	struct vrrp_conf_delay *delays;
	size_t nr_delays, room_delays;
	struct vrrp_conf_linkbeat *linkbeats;
	size_t nr_linkbeats, room_linkbeats;
	bool linkbeat_all;
	struct vrrp_conf_garp_group *garp_groups;
	size_t nr_garp_groups, room_garp_groups;
	const char **garp_ifnames; /* of the garp_group being bound */
	size_t nr_garp_ifnames, room_garp_ifnames;

	/* Results. */
	struct vrrp_conf_tracker *trackers;
	struct pair_watch *watches;
	size_t nr_trackers, room_trackers, nr_watches, room_watches;
	struct index tracker_set, pool_set, vrid_set;
	struct index vmac_set; /* instances, by their virtual MAC's interface */
	struct vrrp_conf_track *tracks; /* of the instance or group at hand */
	size_t nr_tracks, room_tracks;
	/* For each tracker, the number of the newest list that it is on. */
	uint32_t *on_list;
	size_t nr_on_list, room_on_list;
	uint32_t list; /* the number of the list at hand */
};

extern const struct conf_block conf_block_vrrp_instance, conf_block_vrrp_auth,
	conf_block_vrrp_hmac, conf_block_vrrp_group, conf_block_vrrp_script,
	conf_block_track_file, conf_block_track_process, conf_block_track_group,
	conf_block_bfd, conf_block_garp_group, conf_block_vrrp_global,
	conf_block_pair_global, conf_block_vrrp_static, conf_block_vrrp_member,
	conf_block_sets, conf_block_mail, conf_block_process,
	conf_block_process_file, conf_block_address_idle, conf_block_route_idle;

/* For the table of the file's own level. */
conf_bind_fn conf_bind_global_defs, conf_bind_vrrp_instance,
	conf_bind_vrrp_group, conf_bind_vrrp_source, conf_bind_track_group;

/* vrrp_group.c: the names in NODE's block become members of vrrp_draft. */
void conf_vrrp_bind_members(struct conf_ctx *ctx, const struct conf_node *node);

/* vrrp_track_group.c */
/* "track_group NAME" of a static line: const char * at OFFSET */
extern const struct conf_type vrrp_type_line_group;
/* At the file's end: the static_devs of the instances of each group. */
void conf_vrrp_resolve_track_groups(struct conf_ctx *ctx);

/* vrrp_linkbeat.c */
extern const struct conf_type vrrp_type_linkbeats, vrrp_type_linkbeat_all;
/* The link of IFNAME is asked for. */
void conf_vrrp_add_linkbeat(struct vrrp_draft *all, const char *ifname,
			    enum vrrp_linkbeat first);

/* vrrp_links.c: words about interfaces. */
extern const struct conf_type vrrp_type_delays, vrrp_type_garp_group;
/* The garp_group that IFNAME is in, from 1 on; 0: none. */
uint32_t conf_vrrp_garp_group(const struct vrrp_draft *all, const char *ifname);

/* vrrp_blocks.c */
void conf_vrrp_begin(struct conf_ctx *ctx, struct vrrp_draft *draft);
/* After all blocks are bound: fill conf->vrrp and conf->pair. */
void conf_vrrp_finish(struct conf_ctx *ctx);
void conf_vrrp_free(struct vrrp_draft *draft);

/* vrrp_value.c */
/* int8_t in the draft, UNSET_BOOL being unset; bool in the final struct. */
extern const struct conf_type vrrp_type_switch;
/* struct vrrp_conf_garp: "[all] SECONDS", EXTRA_INTERVAL and EXTRA_ALL. */
extern const struct conf_type vrrp_type_extra;
/* vrrp_hmac.c: the block auth_hmac. */
extern const struct conf_type vrrp_type_hmac;
/* Complain of words that do not fit together in it, and set the usual window. */
void conf_vrrp_settle_hmac(struct conf_ctx *ctx,
			   struct vrrp_instance_draft *draft);
/* int, as of nice(1). */
extern const struct conf_type vrrp_type_nice;
/* uint32_t: a number of announcements, 1 at least. */
extern const struct conf_type vrrp_type_repeat;
void vrrp_preset_switch(const struct conf_keyword *kw, void *member);
conf_bind_fn conf_bind_interface; /* const char * at OFFSET */
/* An interface's name; NULL after complaining. */
const char *conf_vrrp_ifname(struct conf_ctx *ctx, const struct conf_node *node,
			     uint32_t word);
/* "ADDRESS[/LENGTH]" at index WORD; false after complaining. */
bool conf_vrrp_prefix(struct conf_ctx *ctx, const struct conf_node *node,
		      uint32_t word, struct addr *addr, uint8_t *prefix);
/* conf_vrrp_prefix(), with "default" and "any", and host bits 0. */
bool conf_vrrp_network(struct conf_ctx *ctx, const struct conf_node *node,
		       uint32_t word, struct addr *addr, uint8_t *prefix);
/* A scope's name or number. */
bool conf_vrrp_scope(const struct conf_word *word, uint8_t *scope);
/* A routing table's number, or a name that every host has, or this one. */
bool conf_vrrp_table(const struct conf_ctx *ctx, const struct conf_word *word,
		     uint32_t *table);
/* A number up to 255, decimal or with 0x. */
bool conf_vrrp_byte(const struct conf_word *word, uint8_t *byte);
/* A decimal number with a sign or without. */
bool conf_vrrp_signed(const struct conf_word *word, int64_t min, int64_t max,
		      int64_t *value);
bool conf_vrrp_is_multicast(const struct addr *addr);

/* vrrp_address.c */
conf_bind_fn conf_bind_addresses; /* struct vrrp_address_list in vrrp_draft */
conf_bind_fn conf_bind_peers;
/* The line NODE as an address; false after complaining. */
bool conf_vrrp_address(struct conf_ctx *ctx, const struct conf_node *node,
		       struct vrrp_conf_address *address);

/* vrrp_route.c: struct vrrp_route_list at OFFSET in vrrp_draft */
conf_bind_fn conf_bind_routes;
/* vrrp_rule.c: struct vrrp_rule_list at OFFSET in vrrp_draft */
conf_bind_fn conf_bind_rules;
/* At the file's end: the priorities of NR rules that have none of their own. */
void conf_vrrp_number_rules(const struct conf_ctx *ctx,
			    const struct vrrp_conf_rule *rules, uint32_t nr);

/* vrrp_instance.c: index of the draft, or UINT32_MAX. */
uint32_t conf_vrrp_find_instance(const struct conf_ctx *ctx,
				 const struct conf_word *name);

/*
 * "N [reverse|noreverse]" from index WORD of NODE on, N from -LIMIT to LIMIT; a
 * REVERSE that is not said stays as it is. False after complaining.
 */
bool conf_vrrp_weight(struct conf_ctx *ctx, const struct conf_node *node,
		      uint32_t word, int32_t limit, int32_t *weight,
		      int8_t *reverse);

/* vrrp_track.c */
conf_bind_fn conf_bind_tracks, conf_bind_track_pool;
uint32_t conf_vrrp_find_source(const struct conf_ctx *ctx,
			       enum vrrp_tracker_kind kind,
			       const struct conf_word *name);

/* "weight N [reverse]" of a block that describes a tracker. */
conf_bind_fn conf_bind_source_weight;

/* vrrp_bfd.c */
/* At the end of a bfd_instance; false after complaining. */
bool conf_bfd_settle(struct conf_ctx *ctx, struct vrrp_source_draft *draft);
/*
 * Whether it may be used by NODE: by a BFD_CHECK, with CHECK, or by a line of
 * track_bfd. False after complaining.
 */
bool conf_bfd_is_for(struct conf_ctx *ctx,
		     const struct vrrp_source_draft *draft,
		     const struct conf_node *node, bool check);
/* At the end of the file: fill conf->bfd. */
void conf_bfd_finish(struct conf_ctx *ctx);

/* vrrp_notify.c */
extern const struct conf_type vrrp_type_deleted, /* struct conf_script * */
	vrrp_type_fifo, /* struct pair_fifo */
	vrrp_type_sync; /* struct pair_sync, bound to a struct sync_draft */
void conf_vrrp_unset_sync(struct pair_sync *sync);

/* vrrp_lists.c */
/* At the end of a vrrp_instance: move its lists to their place, find its family. */
void conf_vrrp_settle_addresses(struct conf_ctx *ctx,
				struct vrrp_instance_draft *draft);

/* vrrp_settle.c */
/* Settle the rest of an instance when global_defs is known. */
void conf_vrrp_settle(struct conf_ctx *ctx, struct vrrp_instance_draft *draft);

/* vrrp_tracker.c */
struct vrrp_found {
	struct vrrp_conf_tracker tracker;
	const struct vrrp_source_draft *source; /* script, file, process */
	uint32_t vs; /* pool */
};

/*
 * Find the tracker of the line, with its own block's weight if the line has
 * none; complains.
 */
bool conf_vrrp_find_tracker(struct conf_ctx *ctx, struct track_ref *ref,
			    struct vrrp_found *found);
/* The tracker's number; a new one if no line tracked it before. */
uint32_t conf_vrrp_get_tracker(struct conf_ctx *ctx,
			       const struct vrrp_found *found);

/* vrrp_resolve.c */
void conf_vrrp_resolve_groups(struct conf_ctx *ctx);
void conf_vrrp_resolve_tracks(struct conf_ctx *ctx);

/* vrrp_sync.c: VRRP must have its instances already. */
void conf_vrrp_resolve_sync(struct conf_ctx *ctx, const struct vrrp_conf *vrrp,
			    struct pair_sync *sync);

/* vrrp_advise.c */
void conf_vrrp_advise(struct conf_ctx *ctx);

#endif
