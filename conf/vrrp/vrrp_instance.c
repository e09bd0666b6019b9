/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vrrp_instance: its words. The combinations of values are settled later, see
 * vrrp_settle.c.
 */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

#define VI(member) offsetof(struct vrrp_instance_draft, member)
#define GARP(member) VI(vi.garp.member)

static const struct conf_choice want_names[] = {
	{ "MASTER", VRRP_WANT_MASTER },
	{ "BACKUP", VRRP_WANT_BACKUP },
	{ NULL, 0 },
};

static const struct conf_choice auth_names[] = {
	{ "PASS", VRRP_AUTH_SIMPLE },
	{ "AH", VRRP_AUTH_AH },
	{ NULL, 0 },
};

static void vrrp_instance_bind_unicast_source(struct conf_ctx *ctx,
					      const struct conf_keyword *kw,
					      const struct conf_node *node,
					      void *target)
{
	struct vrrp_instance_draft *draft = target;

	draft->unicast = true;
	conf_bind_addr(ctx, kw, node, target);
}

/* "use_vmac [NAME] [MAC]" */
static void vrrp_instance_bind_vmac(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	static const struct conf_keyword mac =
		KW_MISSED("use_vmac with a MAC address",
			  "the standard's address is taken");
	struct vrrp_instance_draft *draft = target;
	const struct conf_word *word;
	uint32_t i;

	(void)kw;
	draft->vi.use_vmac = true;
	for (i = 1; i < node->nr_words; i++) {
		word = conf_word(ctx, node, i);
		if (memchr(word->text, ':', word->len))
			conf_note_idle(ctx, &mac, node);
		else
			draft->vi.vmac_name = conf_vrrp_ifname(ctx, node, i);
	}
}

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

static const struct conf_keyword auth_keywords[] = {
	{ "auth_type", conf_bind_choice, .data = auth_names, .offset = VI(auth),
	  .least = 1, .most = 1 },
	{ "auth_pass", vrrp_instance_bind_password, .least = 1, .most = 1,
	  .flags = KW_SECRET | KW_WHOLE },
};

const struct conf_block conf_block_vrrp_auth =
	CONF_BLOCK(BLOCK_VRRP_AUTH, "authentication", auth_keywords, NULL);

#define BIND_GARP_REPEAT(word, member)                                        \
	{                                                                     \
		(word), conf_bind_u32, .offset = GARP(member), .least = 1,    \
				       .most = 1, .min = 0, .max = UINT16_MAX \
	}
#define BIND_GARP_TIME(word, member)                                         \
	{                                                                    \
		(word), conf_bind_time, .offset = GARP(member), .least = 1,  \
					.most = 1, .min = 0, .max = TIME_MAX \
	}
#define BIND_MAYBE(word, member)                                         \
	{                                                                \
		(word), conf_bind_maybe, .offset = VI(member), .most = 1 \
	}
/* OTHER is its opposite, or NULL. */
#define BIND_SAYS(word, member, value, other)                                 \
	{                                                                     \
		(word), conf_bind_says, .offset = VI(member), .min = (value), \
					.same = (other)                       \
	}

static const struct conf_keyword instance_keywords[] = {
	{ "state", conf_bind_choice, .data = want_names, .offset = VI(want),
	  .least = 1, .most = 1 },
	{ "interface", conf_bind_interface, .offset = VI(vi.ifname), .least = 1,
	  .most = 1 },
	{ "virtual_router_id", conf_bind_u32, .offset = VI(vrid), .least = 1,
	  .most = 1, .min = 1, .max = 255 },
	{ "priority", conf_bind_u32, .offset = VI(priority), .least = 1,
	  .most = 1, .min = 1, .max = 255 },
	{ "advert_int", conf_bind_time, .offset = VI(vi.interval), .least = 1,
	  .most = 1, .min = 10 * USEC_PER_MSEC, .max = 255 * USEC_PER_SEC },
	{ "version", conf_bind_u32, .offset = VI(version), .least = 1,
	  .most = 1, .min = 2, .max = 3 },
	{ "native_ipv6", conf_bind_true, .offset = VI(native_ipv6) },
	{ "authentication", conf_bind_inner, .block = &conf_block_vrrp_auth,
	  .flags = KW_BLOCK },
	{ "auth_hmac", NULL,
	  .flags = KW_IDLE | KW_BLOCK | KW_REPEAT | KW_REFUSED, .most = KW_ANY,
	  .block = &conf_block_vrrp_hmac,
	  .missed =
		  "adverts are not authenticated, so that the other balancer drops them" },
	{ "virtual_ipaddress", conf_bind_addresses,
	  .offset = offsetof(struct vrrp_draft, addresses),
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "virtual_ipaddress_excluded", conf_bind_addresses,
	  .offset = offsetof(struct vrrp_draft, excluded),
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "unicast_peer", conf_bind_peers,
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "unicast_src_ip", vrrp_instance_bind_unicast_source,
	  .offset = VI(unicast_source), .least = 1, .most = 1 },
	{ "unicast_ttl", conf_bind_u32, .offset = VI(ttl), .least = 1,
	  .most = 1, .min = 0, .max = 255 },
	{ "mcast_src_ip", conf_bind_addr, .offset = VI(vi.source), .least = 1,
	  .most = 1 },
	{ "mcast_dst_ip", conf_bind_addr, .offset = VI(vi.group), .least = 1,
	  .most = 1 },
	BIND_SAYS("nopreempt", preempt, 0, NULL),
	BIND_SAYS("preempt", preempt, 1, "nopreempt"),
	{ "preempt_delay", conf_bind_time, .offset = VI(vi.preempt_delay),
	  .least = 1, .most = 1, .min = 0, .max = 1000 * USEC_PER_SEC },
	BIND_SAYS("accept", accept, 1, NULL),
	BIND_SAYS("no_accept", accept, 0, "accept"),
	BIND_MAYBE("strict_mode", strict),
	BIND_MAYBE("skip_check_adv_addr", skip_check_adv_addr),
	BIND_MAYBE("check_unicast_src", check_unicast_src),
	BIND_MAYBE("lower_prio_no_advert", lower_prio_no_advert),
	BIND_MAYBE("v3_checksum_as_v2", checksum_as_v2),
	BIND_SAYS("dont_track_primary", dont_track_primary, 1, NULL),
	{ "down_timer_adverts", conf_bind_u32, .offset = VI(down_adverts),
	  .least = 1, .most = 1, .min = 1, .max = 100 },
	{ "use_vmac", vrrp_instance_bind_vmac, .most = 2 },
	{ "vmac_xmit_base", conf_bind_true, .offset = VI(vi.vmac_xmit_base) },
	BIND_GARP_TIME("garp_master_delay", master_delay),
	BIND_GARP_REPEAT("garp_master_repeat", master_repeat),
	BIND_GARP_TIME("garp_master_refresh", master_refresh),
	BIND_GARP_REPEAT("garp_master_refresh_repeat", master_refresh_repeat),
	BIND_GARP_TIME("garp_lower_prio_delay", lower_delay),
	BIND_GARP_REPEAT("garp_lower_prio_repeat", lower_repeat),
	{ "lvs_sync_daemon_interface", conf_bind_interface,
	  .offset = VI(sync_ifname), .least = 1, .most = 1 },
	{ "virtual_routes", conf_bind_routes,
	  .offset = offsetof(struct vrrp_draft, routes),
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "virtual_rules", conf_bind_rules,
	  .offset = offsetof(struct vrrp_draft, rules),
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	KW_MISSED_VALUES("track_bfd", "its loss never gives the addresses up"),
	KW_NOTHING("no_virtual_ipaddress"),
	KW_MISSED("promote_secondaries",
		  "the interface's setting stays as it is"),
	KW_MISSED("unicast_fault_no_peer", "having no peer is no fault"),
	KW_MISSED("track_src_ip", "losing the source address is no fault"),
	KW_MISSED("old_unicast_checksum",
		  "adverts have the standard's checksum"),
	KW_MISSED("use_vmac_addr",
		  "the addresses have no interfaces of their own"),
	KW_MISSED(
		"use_ipvlan",
		"no such interface is made: the addresses go to the interface itself"),
	KW_MISSED("vrf", "the addresses are not put into it"),
	KW_NOTHING("linkbeat_use_polling"),
	KW_MISSED("higher_prio_send_advert",
		  "a master that gives way says nothing any more"),
	KW_MISSED("owner_ignore_adverts",
		  "an owner listens to adverts as others do"),
	KW_MISSED("timer_expired_backup",
		  "a timer that is late makes a master all the same"),
	KW_NOTHING("thread_timer_expired"),
	KW_NOTHING("kernel_rx_buf_size"),
	KW_NOTHING("debug"),
	KW_MISSED("garp_extra_if", "nothing is announced on other interfaces"),
	KW_MISSED("smtp_alert", "no mail is sent"),
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
	return conf_set_find(ctx, &ctx->draft->vrrp->instance_set,
			     conf_hash(name->text, name->len),
			     vrrp_instance_same_name, name);
}

static void instance_begin(struct vrrp_instance_draft *draft)
{
	memset(draft, 0, sizeof(*draft));
	conf_vrrp_unset_garp(&draft->vi.garp);
	draft->vi.interval = UNSET_TIME;
	draft->vi.sync_group = VRRP_NO_GROUP;
	draft->priority = draft->down_adverts = draft->ttl = UNSET_U32;
	draft->strict = draft->skip_check_adv_addr = UNSET_BOOL;
	draft->check_unicast_src = draft->lower_prio_no_advert = UNSET_BOOL;
	draft->checksum_as_v2 = draft->accept = draft->preempt = UNSET_BOOL;
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
	conf_set_add(&all->instance_set, conf_hash(name->text, name->len),
		     (uint32_t)all->nr_instances);
	all->instances[all->nr_instances++] = draft;
}
