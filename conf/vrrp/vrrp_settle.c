/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An instance becomes definite: its own words, then the words of global_defs,
 * then the defaults; impossible settings are refused. Under keepalived_compat
 * the file goes on without the word, or without the instance, as keepalived
 * does.
 */
#include <stdio.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

#define INTERVAL_STEP (10 * USEC_PER_MSEC)
#define INTERVAL_MAX (4095 * INTERVAL_STEP)

/* Complain about the line of the instance that has this keyword. */
#define say_line(ctx, class, draft, keyword, ...)                            \
	conf_say(ctx, class, conf_line_of(ctx, (draft)->node, (keyword)), 0, \
		 __VA_ARGS__)

/*
 * Drop an instance, which cannot be without KEYWORD (NULL: any reason). If the
 * keyword is there, its bad value has been reported, but not the loss of the
 * instance.
 */
static void vrrp_settle_drop(struct conf_ctx *ctx,
			     struct vrrp_instance_draft *draft,
			     const char *keyword, const char *why)
{
	bool there = keyword &&
		     conf_line_of(ctx, draft->node, keyword) != draft->node;

	draft->dropped = true;
	if (there)
		conf_say(ctx, CLASS_WARNING, draft->node, 1,
			 "'%s' is left out: its '%s' cannot be used",
			 draft->vi.name, keyword);
	else
		conf_say(ctx, CLASS_FAULT, draft->node, 1, "'%s' %s",
			 draft->vi.name, why);
}

static bool vrrp_settle_have_dev(const struct vrrp_conf_address *addresses,
				 uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		if (!addresses[i].dev)
			return false;
	}
	return true;
}

/*
 * Without addresses the states alone count: scripts move an address of a cloud,
 * and excluded addresses are held.
 */
static void settle_no_addresses(struct conf_ctx *ctx,
				struct vrrp_instance_draft *draft)
{
	struct vrrp_conf_instance *vi = &draft->vi;

	if (vi->nr_addresses == 0 && !vi->no_addresses)
		conf_say(
			ctx, CLASS_FAULT, draft->node, 1,
			"'%s' has no virtual_ipaddress, so that its adverts name none; if that is meant, say 'no_virtual_ipaddress'",
			vi->name);
	else if (vi->nr_addresses && vi->no_addresses)
		say_line(
			ctx, CLASS_WARNING, draft, "no_virtual_ipaddress",
			"'%s' has addresses, and 'no_virtual_ipaddress' is ignored",
			vi->name);
	vi->no_addresses = vi->nr_addresses == 0;
}

static void settle_identity(struct conf_ctx *ctx,
			    struct vrrp_instance_draft *draft)
{
	struct vrrp_conf_instance *vi = &draft->vi;

	if (vi->vrid == 0)
		vrrp_settle_drop(
			ctx, draft, "virtual_router_id",
			"needs a 'virtual_router_id' from 1 to 255, the same one on both balancers");
	if (!vi->ifname && vi->nr_peers == 0)
		vrrp_settle_drop(
			ctx, draft, "interface",
			"needs an 'interface'; only unicast works without one");
	if (vi->ifname && draft->vrf)
		say_line(ctx, CLASS_WARNING, draft, "vrf",
			 "'vrf' does nothing beside 'interface'");
	if (vi->ifname && draft->linkbeat)
		conf_vrrp_add_linkbeat(ctx->draft->vrrp, vi->ifname,
				       VRRP_LINKBEAT_MII);
	if (vi->ifname)
		return;
	vi->vrf = draft->vrf;
	vi->ifname = draft->vrf ? draft->vrf : "";
	if (draft->dropped ||
	    (vrrp_settle_have_dev(vi->addresses, vi->nr_addresses) &&
	     vrrp_settle_have_dev(vi->excluded, vi->nr_excluded)))
		return;
	conf_say(
		ctx, CLASS_FAULT, draft->node, 1,
		"'%s' has no interface, so that each of its addresses needs a 'dev'",
		vi->name);
	draft->dropped = true;
}

static bool vrrp_settle_pick(int8_t own, int8_t global, bool otherwise)
{
	if (own != UNSET_BOOL)
		return own;
	return global != UNSET_BOOL ? global : otherwise;
}

static void settle_version(struct conf_ctx *ctx,
			   struct vrrp_instance_draft *draft)
{
	const struct vrrp_global_draft *global = &ctx->draft->vrrp->global.vrrp;
	struct vrrp_conf_instance *vi = &draft->vi;
	bool strict = vrrp_settle_pick(draft->strict, global->strict, false);

	if (vi->family == AF_INET6) {
		if (vi->version == 2)
			say_line(
				ctx, CLASS_FAULT, draft, "version",
				"IPv6 needs version 3; keepalived speaks version 2 all the same, and with keepalived_compat so does this balancer");
		if (vi->version != 2 || strict ||
		    !(ctx->compat || ctx->conf->global.compat))
			vi->version = 3;
	} else if (draft->native_ipv6) {
		say_line(ctx, CLASS_WARNING, draft, "native_ipv6",
			 "the addresses of '%s' are IPv4; this is ignored",
			 vi->name);
	}
	if (vi->version == 0)
		vi->version = global->version ? (uint8_t)global->version : 2;
}

static void settle_interval(struct conf_ctx *ctx,
			    struct vrrp_instance_draft *draft)
{
	struct vrrp_conf_instance *vi = &draft->vi;
	usec_t step = vi->version == 2 ? USEC_PER_SEC : INTERVAL_STEP;

	if (vi->version == 3 && vi->interval > INTERVAL_MAX) {
		say_line(ctx, CLASS_FAULT, draft, "advert_int",
			 "version 3 counts up to 40.95 seconds");
		vi->interval = INTERVAL_MAX;
	}
	if (vi->interval % step == 0)
		return;
	say_line(
		ctx, CLASS_FAULT, draft, "advert_int",
		vi->version == 2 ?
			"version 2 counts whole seconds; with 'version 3' it can be a part of one" :
			"version 3 counts in steps of 0.01 seconds");
	vi->interval = (vi->interval + step / 2) / step * step;
	if (vi->interval == 0)
		vi->interval = step;
}

static void settle_priority(struct conf_ctx *ctx,
			    struct vrrp_instance_draft *draft)
{
	struct vrrp_conf_instance *vi = &draft->vi;

	if (vi->priority == 0 && draft->initial == VRRP_INITIAL_MASTER) {
		conf_say(
			ctx, CLASS_WARNING, draft->node, 1,
			"'%s' has state MASTER and no priority, which makes it 255: the owner of the addresses, which always takes over; give it a 'priority'",
			vi->name);
		vi->priority = VRRP_PRIORITY_OWNER;
	}
	if (vi->priority == 0)
		vi->priority = 100;
}

static void settle_preempt(struct conf_ctx *ctx,
			   struct vrrp_instance_draft *draft)
{
	struct vrrp_conf_instance *vi = &draft->vi;
	bool master = draft->initial == VRRP_INITIAL_MASTER;

	if (!vi->preempt && vi->priority == VRRP_PRIORITY_OWNER) {
		say_line(
			ctx, CLASS_WARNING, draft, "nopreempt",
			"priority 255 always takes over: 'nopreempt' needs a lower one, and is ignored");
		vi->preempt = true;
	} else if (!vi->preempt && master) {
		say_line(
			ctx, CLASS_WARNING, draft, "nopreempt",
			"'nopreempt' needs 'state BACKUP' on both balancers: with MASTER this one says that it takes over, and 'nopreempt' is ignored");
		vi->preempt = true;
	}
	if (vi->preempt_delay && (master || !vi->preempt)) {
		say_line(
			ctx, CLASS_WARNING, draft, "preempt_delay",
			master ?
				"'preempt_delay' needs 'state BACKUP': with MASTER this one says that it takes over at once, and does" :
				"with 'nopreempt' there is nothing to be delayed; this is ignored");
		vi->preempt_delay = 0;
	}
}

static void settle_auth(struct conf_ctx *ctx, struct vrrp_instance_draft *draft,
			bool strict)
{
	struct vrrp_conf_instance *vi = &draft->vi;

	if (draft->auth == VRRP_AUTH_NONE && !draft->password)
		return;
	if (vi->hmac.nr_keys > 0) {
		say_line(
			ctx, CLASS_WARNING, draft, "authentication",
			"'auth_hmac' takes the place of 'authentication'; this is ignored");
		return;
	}
	if (draft->auth == VRRP_AUTH_AH) {
		say_line(
			ctx, CLASS_WARNING, draft, "authentication",
			"auth_type AH is not acted on, nor is it in any RFC since 2004: adverts go without, and a balancer that asks for it drops them; 'auth_hmac' signs them");
		return;
	}
	if (vi->version == 3 || strict) {
		say_line(ctx, CLASS_WARNING, draft, "authentication",
			 "%s has no authentication; this is ignored",
			 strict ? "strict mode" : "version 3");
		return;
	}
	if (draft->auth == VRRP_AUTH_NONE || !draft->password ||
	    !draft->password[0]) {
		say_line(ctx, CLASS_FAULT, draft, "authentication",
			 draft->auth == VRRP_AUTH_NONE ?
				 "'auth_pass' needs 'auth_type PASS'" :
				 "'auth_type PASS' needs an 'auth_pass'");
		return;
	}
	vi->auth = VRRP_AUTH_SIMPLE;
	memcpy(vi->auth_data, draft->password, strlen(draft->password));
}

static void settle_source(struct conf_ctx *ctx,
			  struct vrrp_instance_draft *draft)
{
	struct vrrp_conf_instance *vi = &draft->vi;
	bool unicast = vi->nr_peers > 0;

	vi->fault_no_peer = draft->fault_no_peer && draft->unicast && !unicast;
	if (draft->unicast && !unicast && !vi->fault_no_peer)
		say_line(
			ctx, CLASS_FAULT, draft, "unicast_src_ip",
			"unicast needs a 'unicast_peer { }' with the other balancer's address in it");
	if (addr_is_set(&draft->unicast_source) &&
	    (unicast || !addr_is_set(&vi->source)))
		vi->source = draft->unicast_source;
	if (addr_is_set(&vi->source) && vi->source.family != vi->family) {
		say_line(
			ctx, CLASS_FAULT, draft,
			draft->unicast_source.family ? "unicast_src_ip" :
						       "mcast_src_ip",
			"the addresses of '%s' are %s, the source of its adverts must be as well",
			vi->name, vi->family == AF_INET6 ? "IPv6" : "IPv4");
		vi->source = (struct addr){ 0 };
	}
	if (!unicast)
		vi->ttl = 255;
	if (unicast && vi->use_vmac && !vi->vmac_xmit_base) {
		say_line(
			ctx, CLASS_WARNING, draft, "use_vmac",
			"with unicast 'use_vmac' needs 'vmac_xmit_base', which is set");
		vi->vmac_xmit_base = true;
	}
}

static void settle_group(struct conf_ctx *ctx,
			 struct vrrp_instance_draft *draft)
{
	const struct vrrp_global_draft *global = &ctx->draft->vrrp->global.vrrp;
	struct vrrp_conf_instance *vi = &draft->vi;
	bool v6 = vi->family == AF_INET6;

	if (addr_is_set(&vi->group) && (vi->group.family != vi->family ||
					!conf_vrrp_is_multicast(&vi->group))) {
		say_line(ctx, CLASS_FAULT, draft, "mcast_dst_ip",
			 "'mcast_dst_ip' must be an %s multicast address",
			 v6 ? "IPv6" : "IPv4");
		vi->group = (struct addr){ 0 };
	}
	if (!addr_is_set(&vi->group))
		vi->group = v6 ? global->group6 : global->group4;
}

/* vmac_prefix: the interface gets a name as if use_vmac said it. */
static void settle_vmac_name(struct conf_ctx *ctx,
			     struct vrrp_instance_draft *draft)
{
	const char *prefix = ctx->draft->vrrp->global.vrrp.vmac_prefix;
	struct vrrp_conf_instance *vi = &draft->vi;
	char name[2 * VRRP_IFNAME_MAX];

	if (!prefix || !vi->use_vmac || vi->vmac_name)
		return;
	snprintf(name, sizeof(name), "%s%s.%u", prefix,
		 vi->family == AF_INET6 ? "6" : "", vi->vrid);
	if (strlen(name) > VRRP_IFNAME_MAX)
		say_line(
			ctx, CLASS_WARNING, draft, "use_vmac",
			"with this 'vmac_prefix' the name '%s' would be too long: the interface gets the usual one",
			name);
	else
		vi->vmac_name = conf_string(ctx, name, strlen(name));
}

static void settle_switches(struct conf_ctx *ctx,
			    struct vrrp_instance_draft *draft)
{
	const struct vrrp_global_draft *global = &ctx->draft->vrrp->global.vrrp;
	struct vrrp_conf_instance *vi = &draft->vi;

	settle_vmac_name(ctx, draft);
	vi->strict = vrrp_settle_pick(draft->strict, global->strict, false);
	vi->skip_check_adv_addr = vrrp_settle_pick(
		draft->skip_check_adv_addr, global->skip_check_adv_addr, false);
	vi->same_addresses = ctx->compat || ctx->conf->global.compat;
	vi->check_unicast_src = vrrp_settle_pick(
		draft->check_unicast_src, global->check_unicast_src, true);
	vi->lower_prio_no_advert = vrrp_settle_pick(
		draft->lower_prio_no_advert, global->lower_prio_no_advert,
		vi->strict && vi->version == 2);
	vi->higher_prio_send_advert = vrrp_settle_pick(
		draft->higher_prio_send_advert, global->higher_prio_send_advert,
		!vi->lower_prio_no_advert);
	vi->owner_ignore_adverts =
		vrrp_settle_pick(draft->owner_ignore_adverts,
				 global->owner_ignore_adverts, false);
	vi->checksum = vrrp_settle_pick(draft->checksum_as_v2,
					global->checksum_as_v2, false) ?
			       VRRP_CHECKSUM_MESSAGE :
			       VRRP_CHECKSUM_PSEUDO;
	vi->accept = vrrp_settle_pick(
		draft->accept, UNSET_BOOL,
		!vi->strict || vi->priority == VRRP_PRIORITY_OWNER);
	if (vi->down_adverts == 0)
		vi->down_adverts = (uint8_t)global->down_adverts;
	if (!vi->strict || vi->down_adverts == 3)
		return;
	say_line(ctx, CLASS_WARNING, draft, "down_timer_adverts",
		 "in strict mode a backup waits for 3 adverts");
	vi->down_adverts = 3;
}

static uint32_t vrrp_settle_garp_count(uint32_t own, uint32_t global,
				       uint32_t otherwise)
{
	if (own != UNSET_U32)
		return own;
	return global != UNSET_U32 ? global : otherwise;
}

static usec_t vrrp_settle_garp_time(usec_t own, usec_t global, usec_t otherwise)
{
	if (own != UNSET_TIME)
		return own;
	return global != UNSET_TIME ? global : otherwise;
}

/* No RFC has announcements after an advert with a lower priority. */
static void settle_garp_strict(struct conf_ctx *ctx,
			       struct vrrp_instance_draft *draft)
{
	struct vrrp_conf_garp *garp = &draft->vi.garp;

	if (!draft->vi.strict)
		return;
	if (garp->lower_repeat != UNSET_U32 && garp->lower_repeat != 0)
		say_line(
			ctx, CLASS_WARNING, draft, "garp_lower_prio_repeat",
			"in strict mode no announcements follow an advert with a lower priority; this is ignored");
	garp->lower_repeat = 0;
	garp->lower_delay = 0;
}

/*
 * vrrp_min_garp: a single announcement where the file has no number.
 */
static void settle_garp(const struct vrrp_draft *draft,
			struct vrrp_conf_instance *vi)
{
	const struct vrrp_global_draft *global = &draft->global.vrrp;
	const struct vrrp_conf_garp *all = &global->garp;
	struct vrrp_conf_garp *own = &vi->garp;
	const struct vrrp_conf_garp_group *group;
	bool min = global->min_garp;

	own->master_repeat = vrrp_settle_garp_count(
		own->master_repeat, all->master_repeat, min ? 1 : 5);
	own->master_delay = vrrp_settle_garp_time(own->master_delay,
						  all->master_delay,
						  min ? 0 : 5 * USEC_PER_SEC);
	own->master_refresh = vrrp_settle_garp_time(own->master_refresh,
						    all->master_refresh, 0);
	own->master_refresh_repeat = vrrp_settle_garp_count(
		own->master_refresh_repeat, all->master_refresh_repeat, 1);
	/* Not the instance's own master_*: as in keepalived. */
	own->lower_repeat = vrrp_settle_garp_count(
		own->lower_repeat, all->lower_repeat,
		vrrp_settle_garp_count(all->master_repeat, UNSET_U32,
				       min ? 1 : 5));
	own->lower_delay = vrrp_settle_garp_time(
		own->lower_delay, all->lower_delay,
		vrrp_settle_garp_time(all->master_delay, UNSET_TIME,
				      min ? 0 : 5 * USEC_PER_SEC));
	if (own->extra_interval == UNSET_TIME)
		own->extra_all = all->extra_all;
	own->extra_interval = vrrp_settle_garp_time(own->extra_interval,
						    all->extra_interval, 0);
	own->group = conf_vrrp_garp_group(draft, vi->ifname);
	group = own->group ? &draft->garp_groups[own->group - 1] : NULL;
	own->arp_interval = group && group->arp_interval ?
				    group->arp_interval :
				    global->conf.arp_interval;
	own->na_interval = group && group->na_interval ?
				   group->na_interval :
				   global->conf.na_interval;
}

void conf_vrrp_settle(struct conf_ctx *ctx, struct vrrp_instance_draft *draft)
{
	settle_identity(ctx, draft);
	settle_no_addresses(ctx, draft);
	settle_version(ctx, draft);
	settle_interval(ctx, draft);
	settle_priority(ctx, draft);
	settle_preempt(ctx, draft);
	settle_switches(ctx, draft);
	conf_vrrp_settle_hmac(ctx, draft);
	settle_auth(ctx, draft, draft->vi.strict);
	settle_source(ctx, draft);
	settle_group(ctx, draft);
	settle_garp_strict(ctx, draft);
	settle_garp(ctx->draft->vrrp, &draft->vi);
	if (ctx->draft->vrrp->global.vrrp.pair.priority_changes)
		draft->notify.priority_changes = true;
}
