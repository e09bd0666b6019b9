/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrp_instance: its words. The combinations of values are settled later, see
 * vrrp_settle.c.
 */
#include <stddef.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"
#include "conf/vrrp/vrrp_line.h"

/* Where a word is bound, and where the final struct has its value. */
#define BOUND(member) .offset = offsetof(struct vrrp_instance_draft, member)
#define KEPT(member) .kept = CONF_KEPT(struct vrrp_conf_instance, member)
#define VI(member)                                                           \
	CONF_BOTH(struct vrrp_instance_draft, vi, struct vrrp_conf_instance, \
		  member)
#define LIST(member) .offset = offsetof(struct vrrp_draft, member)

static const struct conf_choice initial_names[] = {
	{ "MASTER", VRRP_INITIAL_MASTER },
	{ "BACKUP", VRRP_INITIAL_BACKUP },
	{ NULL, 0 },
};

static const struct conf_choice auth_names[] = {
	{ "PASS", VRRP_AUTH_SIMPLE },
	{ "AH", VRRP_AUTH_AH },
	{ NULL, 0 },
};

/* Unicast can do without. */
static void instance_print_interface(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *final)
{
	const struct vrrp_conf_instance *vi = final;

	if (vi->ifname[0])
		conf_print_quoted(out, indent, vi->vrf ? "vrf" : kw->name,
				  vi->ifname);
}

static bool instance_equal_interface(const void *a, const void *b)
{
	const struct vrrp_conf_instance *one = a, *other = b;

	return one->vrf == other->vrf && str_equal(one->ifname, other->ifname);
}

static const struct conf_type instance_interface = {
	.bind = conf_bind_interface,
	.print = instance_print_interface,
	.equal = instance_equal_interface,
};

/* Addresses say the family, where there are any. */
static void instance_print_native(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *final)
{
	const struct vrrp_conf_instance *vi = final;

	if (vi->family == AF_INET6 && vi->nr_addresses == 0)
		fprintf(out, "%s%s\n", indent, kw->name);
}

static bool instance_equal_native(const void *a, const void *b)
{
	const struct vrrp_conf_instance *one = a, *other = b;

	return one->family == other->family;
}

static const struct conf_type instance_native = {
	.bind = conf_bind_true,
	.print = instance_print_native,
	.equal = instance_equal_native,
};

/* The source of adverts: one member, with a word for each way to send. */

static void vrrp_instance_bind_unicast_source(struct conf_ctx *ctx,
					      const struct conf_keyword *kw,
					      const struct conf_node *node,
					      void *target)
{
	struct vrrp_instance_draft *draft = target;

	draft->unicast = true;
	conf_bind_addr(ctx, kw, node, target);
}

static void instance_print_unicast_source(FILE *out, const char *indent,
					  const struct conf_keyword *kw,
					  const void *final)
{
	const struct vrrp_conf_instance *vi = final;

	if (vi->nr_peers)
		conf_print_addr(out, indent, kw, &vi->source);
}

static void instance_print_mcast_source(FILE *out, const char *indent,
					const struct conf_keyword *kw,
					const void *final)
{
	const struct vrrp_conf_instance *vi = final;

	if (!vi->nr_peers)
		conf_print_addr(out, indent, kw, &vi->source);
}

static bool instance_equal_source(const void *a, const void *b)
{
	const struct vrrp_conf_instance *one = a, *other = b;

	return conf_equal_addr(&one->source, &other->source);
}

static const struct conf_type instance_unicast_source = {
	.bind = vrrp_instance_bind_unicast_source,
	.print = instance_print_unicast_source,
	.equal = instance_equal_source,
};

static const struct conf_type instance_mcast_source = {
	.bind = conf_bind_addr,
	.print = instance_print_mcast_source,
};

/* The TTL of multicast is the protocol's. */
static void instance_print_ttl(FILE *out, const char *indent,
			       const struct conf_keyword *kw, const void *final)
{
	const struct vrrp_conf_instance *vi = final;

	if (vi->nr_peers)
		conf_print_u8(out, indent, kw, &vi->ttl);
}

static bool instance_equal_ttl(const void *a, const void *b)
{
	const struct vrrp_conf_instance *one = a, *other = b;

	return one->ttl == other->ttl;
}

static const struct conf_type instance_ttl = {
	.bind = conf_bind_u8,
	.print = instance_print_ttl,
	.equal = instance_equal_ttl,
};

static void instance_print_checksum(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	fprintf(out, "%s%s %s\n", indent, kw->name,
		*(const enum vrrp_checksum *)member == VRRP_CHECKSUM_MESSAGE ?
			"on" :
			"off");
}

static const struct conf_type instance_checksum = {
	.bind = conf_bind_maybe,
	.print = instance_print_checksum,
	.equal = conf_equal_u32,
	.preset = vrrp_preset_switch,
};

/* "use_vmac [[name] NAME] [MAC] [group N] [netlink_notify_msg]" */
static void vrrp_instance_bind_vmac(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	static const struct conf_keyword mac =
		KW_MISSED("use_vmac with a MAC address",
			  "the standard's address is taken");
	static const struct conf_keyword group = KW_MISSED(
		"use_vmac with a group", "the interface is put into none");
	struct vrrp_instance_draft *draft = target;
	const struct conf_word *word;
	uint32_t i;

	(void)kw;
	draft->vi.use_vmac = true;
	for (i = 1; i < node->nr_words; i++) {
		word = conf_word(ctx, node, i);
		if (memchr(word->text, ':', word->len)) {
			conf_note_idle(ctx, &mac, node);
		} else if (conf_is(word, "group") && i + 1 < node->nr_words) {
			conf_note_idle(ctx, &group, node);
			i++;
		} else if (!conf_is(word, "netlink_notify_msg")) {
			i += conf_is(word, "name") && i + 1 < node->nr_words;
			draft->vi.vmac_name = conf_vrrp_ifname(ctx, node, i);
		}
	}
}

static void instance_print_vmac(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *final)
{
	const struct vrrp_conf_instance *vi = final;

	if (vi->use_vmac && vi->vmac_name)
		conf_print_quoted(out, indent, kw->name, vi->vmac_name);
	else if (vi->use_vmac)
		fprintf(out, "%s%s\n", indent, kw->name);
}

static bool instance_equal_vmac(const void *a, const void *b)
{
	const struct vrrp_conf_instance *one = a, *other = b;

	return one->use_vmac == other->use_vmac &&
	       str_equal(one->vmac_name, other->vmac_name);
}

static const struct conf_type instance_vmac = {
	.bind = vrrp_instance_bind_vmac,
	.print = instance_print_vmac,
	.equal = instance_equal_vmac,
};

static void vrrp_instance_bind_password(struct conf_ctx *ctx,
					const struct conf_keyword *kw,
					const struct conf_node *node,
					void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct vrrp_instance_draft *draft = target;

	conf_say_quotes(ctx, kw, node);
	if (word->len > VRRP_AUTH_LENGTH)
		conf_say(
			ctx, CLASS_WARNING, node, 1,
			"a packet has room for 8 bytes of 'auth_pass'; what follows them is cut off");
	draft->password = conf_string(
		ctx, word->text,
		word->len > VRRP_AUTH_LENGTH ? VRRP_AUTH_LENGTH : word->len);
}

/* A password is shown to be there. */
static void instance_print_password(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	(void)member;
	fprintf(out, "%s%s ***\n", indent, kw->name);
}

static bool instance_equal_password(const void *a, const void *b)
{
	return memcmp(a, b, VRRP_AUTH_LENGTH) == 0;
}

static const struct conf_type instance_password = {
	.bind = vrrp_instance_bind_password,
	.print = instance_print_password,
	.equal = instance_equal_password,
};

static const struct conf_keyword auth_keywords[] = {
	{ "auth_type", .type = &conf_type_choice, .data = auth_names,
	  BOUND(auth), KEPT(auth), .least = 1, .most = 1 },
	{ "auth_pass", .type = &instance_password, KEPT(auth_data), .least = 1,
	  .most = 1, .flags = KW_SECRET | KW_WHOLE },
};

const struct conf_block conf_block_vrrp_auth =
	CONF_BLOCK(BLOCK_VRRP_AUTH, "authentication", auth_keywords, NULL);

static void instance_print_auth(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *final)
{
	const struct vrrp_conf_instance *vi = final;

	if (vi->auth != VRRP_AUTH_NONE)
		conf_type_inner.print(out, indent, kw, final);
}

static bool instance_equal_auth(const void *a, const void *b)
{
	return conf_block_equal(&conf_block_vrrp_auth, a, b);
}

static const struct conf_type instance_auth = {
	.bind = conf_bind_inner,
	.print = instance_print_auth,
	.equal = instance_equal_auth,
};

VRRP_LINES_TYPE(instance_addresses, conf_bind_addresses, vrrp_conf_instance,
		addresses, nr_addresses, vrrp_address_lines);
VRRP_LINES_TYPE(instance_excluded, conf_bind_addresses, vrrp_conf_instance,
		excluded, nr_excluded, vrrp_address_lines);
VRRP_LINES_TYPE(instance_peers, conf_bind_peers, vrrp_conf_instance, peers,
		nr_peers, vrrp_peer_lines);
VRRP_LINES_TYPE(instance_routes, conf_bind_routes, vrrp_conf_instance, routes,
		nr_routes, vrrp_route_lines);
VRRP_LINES_TYPE(instance_rules, conf_bind_rules, vrrp_conf_instance, rules,
		nr_rules, vrrp_rule_lines);

#define INSTANCE_LINES(word, lines, list)                                      \
	{                                                                      \
		(word), .type = &(lines), LIST(list), .kept = CONF_KEPT_WHOLE, \
			.flags = KW_BLOCK | KW_VALUES | KW_REPEAT              \
	}
/* Unset: as global_defs has it. */
#define INSTANCE_REPEAT(word, member, lowest)                       \
	{                                                           \
		(word), .type = &conf_type_u32, VI(garp.member),    \
			.preset = UNSET_U32, .least = 1, .most = 1, \
			.min = (lowest), .max = UINT16_MAX          \
	}
#define INSTANCE_DELAY(word, member)                                           \
	{                                                                      \
		(word), .type = &conf_type_time, VI(garp.member),              \
			.preset = UNSET_TIME, .least = 1, .most = 1, .min = 0, \
			.max = TIME_MAX                                        \
	}
#define INSTANCE_SWITCH(word, member)                                 \
	{                                                             \
		(word), .type = &vrrp_type_switch, BOUND(member),     \
			KEPT(member), .preset = UNSET_BOOL, .most = 1 \
	}

/* Without a priority that of the highest backup. */
static void instance_bind_expired(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	struct vrrp_instance_draft *draft = target;

	if (node->nr_words > 1)
		conf_type_u8.bind(ctx, kw, node, target);
	else
		draft->vi.timer_expired_backup = VRRP_PRIORITY_OWNER - 1;
}

/* With the block that says unicast, for it is empty. */
static void instance_print_no_peer(FILE *out, const char *indent,
				   const struct conf_keyword *kw,
				   const void *member)
{
	if (*(const bool *)member)
		fprintf(out, "%sunicast_peer {\n%s}\n%s%s\n", indent, indent,
			indent, kw->name);
}

static const struct conf_type instance_no_peer = {
	.bind = conf_bind_true,
	.print = instance_print_no_peer,
	.equal = conf_equal_bool,
};

/* A word and its opposite are two rows of one member. */
#define INSTANCE_DEBUG_MAX 4

/* keepalived does nothing with the number either. */
static void vrrp_instance_bind_debug(struct conf_ctx *ctx,
				     const struct conf_keyword *kw,
				     const struct conf_node *node, void *target)
{
	uint64_t level;

	(void)target;
	if (!conf_get_number(conf_word(ctx, node, 1), INSTANCE_DEBUG_MAX,
			     &level))
		conf_bad_value(ctx, kw, node, 1, "a number from 0 to 4");
}

static const struct conf_keyword instance_keywords[] = {
	{ "state", .type = &conf_type_choice, .data = initial_names,
	  BOUND(initial), .least = 1, .most = 1 },
	{ "interface", .type = &instance_interface, BOUND(vi.ifname),
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 1 },
	{ "virtual_router_id", .type = &conf_type_u8, VI(vrid), .least = 1,
	  .most = 1, .min = 1, .max = 255 },
	{ "priority", .type = &conf_type_u8, VI(priority), .least = 1,
	  .most = 1, .min = 1, .max = 255 },
	{ "version", .type = &conf_type_u8, VI(version), .least = 1, .most = 1,
	  .min = 2, .max = 3 },
	{ "native_ipv6", .type = &instance_native, BOUND(native_ipv6),
	  .kept = CONF_KEPT_WHOLE },
	{ "advert_int", .type = &conf_type_time, VI(interval),
	  .preset = USEC_PER_SEC, .least = 1, .most = 1,
	  .min = 10 * USEC_PER_MSEC, .max = 255 * USEC_PER_SEC },
	{ "down_timer_adverts", .type = &conf_type_u8, VI(down_adverts),
	  .least = 1, .most = 1, .min = 1, .max = 100 },
	{ "nopreempt", .type = &vrrp_type_word, VI(preempt), .min = false },
	{ "preempt", .type = &vrrp_type_word, VI(preempt), .min = true,
	  .preset = true, .same = "nopreempt" },
	{ "preempt_delay", .type = &conf_type_time, VI(preempt_delay),
	  .flags = KW_ZERO_UNSET, .least = 1, .most = 1, .min = 0,
	  .max = 1000 * USEC_PER_SEC },
	{ "authentication", .type = &instance_auth, .kept = CONF_KEPT_WHOLE,
	  .block = &conf_block_vrrp_auth, .flags = KW_BLOCK },
	{ "auth_hmac", .type = &vrrp_type_hmac, .kept = CONF_KEPT_WHOLE,
	  .block = &conf_block_vrrp_hmac, .flags = KW_BLOCK },
	{ "accept", .type = &vrrp_type_word, BOUND(accept), KEPT(accept),
	  .min = true, .preset = UNSET_BOOL },
	{ "no_accept", .type = &vrrp_type_word, BOUND(accept), KEPT(accept),
	  .min = false, .same = "accept" },
	INSTANCE_SWITCH("strict_mode", strict),
	INSTANCE_SWITCH("skip_check_adv_addr", skip_check_adv_addr),
	INSTANCE_SWITCH("check_unicast_src", check_unicast_src),
	INSTANCE_SWITCH("lower_prio_no_advert", lower_prio_no_advert),
	INSTANCE_SWITCH("higher_prio_send_advert", higher_prio_send_advert),
	INSTANCE_SWITCH("owner_ignore_adverts", owner_ignore_adverts),
	{ "timer_expired_backup", instance_bind_expired, .type = &conf_type_u8,
	  VI(timer_expired_backup), .flags = KW_ZERO_UNSET, .most = 1, .min = 1,
	  .max = 254 },
	{ "thread_timer_expired", instance_bind_expired,
	  .offset =
		  offsetof(struct vrrp_instance_draft, vi.timer_expired_backup),
	  .flags = KW_ZERO_UNSET, .most = 1, .min = 1, .max = 254,
	  .same = "timer_expired_backup" },
	{ "promote_secondaries", .type = &conf_type_true,
	  VI(promote_secondaries) },
	{ "v3_checksum_as_v2", .type = &instance_checksum,
	  BOUND(checksum_as_v2), KEPT(checksum), .preset = UNSET_BOOL,
	  .most = 1 },
	{ "dont_track_primary", .type = &vrrp_type_word, VI(track_primary),
	  .min = false, .preset = true },
	{ "use_vmac", .type = &instance_vmac, .kept = CONF_KEPT_WHOLE,
	  .most = 6 },
	{ "vmac_xmit_base", .type = &conf_type_true, VI(vmac_xmit_base) },
	{ "unicast_src_ip", .type = &instance_unicast_source,
	  BOUND(unicast_source), .kept = CONF_KEPT_WHOLE, .least = 1,
	  .most = 1 },
	{ "mcast_src_ip", .type = &instance_mcast_source, BOUND(vi.source),
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 1 },
	{ "mcast_dst_ip", .type = &conf_type_addr, VI(group), .least = 1,
	  .most = 1 },
	{ "unicast_ttl", .type = &instance_ttl, BOUND(vi.ttl),
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 1, .min = 0,
	  .max = 255 },
	{ "unicast_peer", .type = &instance_peers, .kept = CONF_KEPT_WHOLE,
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "unicast_fault_no_peer", .type = &instance_no_peer,
	  BOUND(fault_no_peer), KEPT(fault_no_peer) },
	/* A source that the host has not is a fault in any case. */
	{ .name = "track_src_ip" },
	INSTANCE_LINES("virtual_ipaddress", instance_addresses, addresses),
	{ "no_virtual_ipaddress", .type = &conf_type_true, VI(no_addresses) },
	INSTANCE_LINES("virtual_ipaddress_excluded", instance_excluded,
		       excluded),
	INSTANCE_LINES("virtual_routes", instance_routes, routes),
	INSTANCE_LINES("virtual_rules", instance_rules, rules),
	{ "garp_master_repeat", .type = &vrrp_type_repeat,
	  VI(garp.master_repeat), .preset = UNSET_U32, .least = 1, .most = 1,
	  .min = 0, .max = UINT16_MAX },
	INSTANCE_DELAY("garp_master_delay", master_delay),
	INSTANCE_DELAY("garp_master_refresh", master_refresh),
	INSTANCE_REPEAT("garp_master_refresh_repeat", master_refresh_repeat, 1),
	INSTANCE_REPEAT("garp_lower_prio_repeat", lower_repeat, 0),
	INSTANCE_DELAY("garp_lower_prio_delay", lower_delay),
	{ "garp_extra_if", .type = &vrrp_type_extra, VI(garp),
	  .preset = UNSET_TIME, .least = 1, .most = 2 },
	{ "vmac_garp_intvl", .type = &vrrp_type_extra,
	  .offset = offsetof(struct vrrp_instance_draft, vi.garp),
	  .preset = UNSET_TIME, .least = 1, .most = 2,
	  .same = "garp_extra_if" },
	{ "kernel_rx_buf_size", .type = &conf_type_u32, VI(rx_buffer),
	  .flags = KW_ZERO_UNSET, .least = 1, .most = 1, .min = 1,
	  .max = INT32_MAX },
	{ "debug", vrrp_instance_bind_debug, .least = 1, .most = 1 },
	{ "lvs_sync_daemon_interface", conf_bind_interface, BOUND(sync_ifname),
	  .least = 1, .most = 1 },
	KW_MISSED("old_unicast_checksum",
		  "adverts have the standard's checksum"),
	KW_MISSED("use_vmac_addr",
		  "the addresses have no interfaces of their own"),
	KW_MISSED(
		"use_ipvlan",
		"no such interface is made: the addresses go to the interface itself"),
	{ "vrf", conf_bind_interface, BOUND(vrf), .least = 1, .most = 1 },
	{ "linkbeat_use_polling", .type = &conf_type_true, BOUND(linkbeat) },
	KW_MISSED("lvs_sync_daemon_inteface",
		  "the word is 'lvs_sync_daemon_interface'"),
};

const struct conf_block conf_block_vrrp_instance =
	CONF_BLOCK(BLOCK_VRRP_INSTANCE, "vrrp_instance", instance_keywords,
		   &conf_block_vrrp_member);

static bool vrrp_instance_same_name(const struct conf_ctx *ctx, uint32_t index,
				    const void *key)
{
	const struct vrrp_instance_draft *draft =
		&ctx->draft->vrrp->instances[index];
	const struct conf_word *name = key;

	return conf_word_is(name, draft->vi.name, draft->name_len);
}

uint32_t conf_vrrp_find_instance(const struct conf_ctx *ctx,
				 const struct conf_word *name)
{
	return conf_index_find(ctx, &ctx->draft->vrrp->instance_set,
			       conf_hash(name->text, name->len),
			       vrrp_instance_same_name, name);
}

static void instance_begin(struct vrrp_instance_draft *draft)
{
	memset(draft, 0, sizeof(*draft));
	conf_block_preset(&conf_block_vrrp_instance, draft);
	draft->vi.ttl = 255;
	draft->vi.sync_group = VRRP_NO_GROUP;
}

void conf_bind_vrrp_instance(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_instance_draft draft;
	bool known = conf_vrrp_find_instance(ctx, name) != UINT32_MAX;

	(void)kw;
	(void)target;
	if (known)
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is a vrrp_instance '%.*s' already",
			 CONF_SHOW(name));
	instance_begin(&draft);
	draft.node = node;
	draft.vi.name = conf_string(ctx, name->text, name->len);
	draft.name_len = name->len;
	draft.refs.first = (uint32_t)all->nr_refs;
	all->addresses.nr = all->excluded.nr = all->nr_peers = 0;
	all->routes.nr = all->rules.nr = 0;
	conf_bind_block(ctx, &conf_block_vrrp_instance, node, &draft);
	draft.refs.nr = (uint32_t)all->nr_refs - draft.refs.first;
	conf_vrrp_settle_addresses(ctx, &draft);
	if (known)
		return;
	all->instances = array_grow(all->instances, all->nr_instances,
				    &all->room_instances, sizeof(draft));
	index_put(&all->instance_set, conf_hash(name->text, name->len),
		  (uint32_t)all->nr_instances);
	all->instances[all->nr_instances++] = draft;
}
