/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of global_defs about VRRP, most of them defaults of instances, and
 * about notifications.
 */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

#define VRRP(member) offsetof(struct global_draft, vrrp.member)

/* A multicast address of the family that is kw->min. */
static void vrrp_global_bind_group(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct addr addr;

	if (!conf_get_host(ctx, node, 1, &addr))
		return;
	if (addr.family == kw->min && conf_vrrp_is_multicast(&addr))
		*(struct addr *)(void *)((char *)target + kw->offset) = addr;
	else
		conf_bad_value(ctx, kw, node, 1,
			       kw->min == AF_INET ?
				       "an IPv4 multicast address" :
				       "an IPv6 multicast address");
}

/* As of nice(1). */
static void vrrp_global_bind_nice(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	struct global_draft *draft = target;
	int64_t value;

	if (conf_vrrp_signed(conf_word(ctx, node, 1), -20, 19, &value))
		draft->vrrp.nice = (int32_t)value;
	else
		conf_bad_value(ctx, kw, node, 1, "a number from -20 to 19");
}

#define BIND_REPEAT(word, member)                                             \
	{                                                                     \
		(word), conf_bind_u32, .offset = VRRP(member), .least = 1,    \
				       .most = 1, .min = 0, .max = UINT16_MAX \
	}
#define BIND_TIME(word, member)                                              \
	{                                                                    \
		(word), conf_bind_time, .offset = VRRP(member), .least = 1,  \
					.most = 1, .min = 0, .max = TIME_MAX \
	}
#define BIND_MAYBE(word, member)                                           \
	{                                                                  \
		(word), conf_bind_maybe, .offset = VRRP(member), .most = 1 \
	}
#define BIND_BOOL(word, member)                                           \
	{                                                                 \
		(word), conf_bind_bool, .offset = VRRP(member), .most = 1 \
	}
#define BIND_FIFO(word, member)                                             \
	{                                                                   \
		(word), conf_bind_fifo, .offset = VRRP(member), .least = 1, \
					.most = 3                           \
	}
#define BIND_FIFO_SCRIPT(word, member)                                        \
	{                                                                     \
		(word), conf_bind_script, .offset = VRRP(member), .least = 1, \
					  .most = 3, .flags = KW_SCRIPT       \
	}

static const struct conf_keyword vrrp_global_keywords[] = {
	{ "vrrp_version", conf_bind_u32, .offset = VRRP(version), .least = 1,
	  .most = 1, .min = 2, .max = 3 },
	{ "vrrp_mcast_group4", vrrp_global_bind_group, .offset = VRRP(group4),
	  .least = 1, .most = 1, .min = AF_INET },
	{ "vrrp_mcast_group6", vrrp_global_bind_group, .offset = VRRP(group6),
	  .least = 1, .most = 1, .min = AF_INET6 },
	BIND_TIME("vrrp_garp_master_delay", garp.master_delay),
	BIND_REPEAT("vrrp_garp_master_repeat", garp.master_repeat),
	BIND_TIME("vrrp_garp_master_refresh", garp.master_refresh),
	BIND_REPEAT("vrrp_garp_master_refresh_repeat",
		    garp.master_refresh_repeat),
	BIND_TIME("vrrp_garp_lower_prio_delay", garp.lower_delay),
	BIND_REPEAT("vrrp_garp_lower_prio_repeat", garp.lower_repeat),
	BIND_TIME("vrrp_garp_interval", garp.arp_interval),
	BIND_TIME("vrrp_gna_interval", garp.na_interval),
	BIND_BOOL("vrrp_min_garp", min_garp),
	{ "vrrp_down_timer_adverts", conf_bind_u32,
	  .offset = VRRP(down_adverts), .least = 1, .most = 1, .min = 1,
	  .max = 100 },
	BIND_MAYBE("vrrp_strict", strict),
	BIND_MAYBE("vrrp_skip_check_adv_addr", skip_check_adv_addr),
	BIND_MAYBE("vrrp_check_unicast_src", check_unicast_src),
	BIND_MAYBE("vrrp_lower_prio_no_advert", lower_prio_no_advert),
	BIND_MAYBE("v3_checksum_as_v2", checksum_as_v2),
	BIND_TIME("vrrp_startup_delay", startup_delay),
	{ "vrrp_rt_priority", conf_bind_u32, .offset = VRRP(rt_priority),
	  .least = 1, .most = 1, .min = 1, .max = 99 },
	{ "vrrp_rlimit_rttime", conf_bind_u32, .offset = VRRP(rttime),
	  .least = 1, .most = 1, .min = 1, .max = INT32_MAX },
	{ "vrrp_rlimit_rtime", conf_bind_u32, .offset = VRRP(rttime),
	  .least = 1, .most = 1, .min = 1, .max = INT32_MAX },
	{ "vrrp_priority", vrrp_global_bind_nice, .least = 1, .most = 1 },
	BIND_BOOL("vrrp_no_swap", no_swap),
	BIND_BOOL("vrrp_notify_priority_changes", priority_changes),
	BIND_BOOL("fifo_write_vrrp_states_on_reload", fifo_on_reload),
	BIND_FIFO("notify_fifo", fifo),
	BIND_FIFO_SCRIPT("notify_fifo_script", fifo.script),
	BIND_FIFO("vrrp_notify_fifo", vrrp_fifo),
	BIND_FIFO_SCRIPT("vrrp_notify_fifo_script", vrrp_fifo.script),
	BIND_FIFO("lvs_notify_fifo", lvs_fifo),
	BIND_FIFO_SCRIPT("lvs_notify_fifo_script", lvs_fifo.script),
	{ "default_interface", conf_bind_interface,
	  .offset = VRRP(default_ifname), .flags = KW_IDLE, .least = 1,
	  .most = 1, .missed = "instances and static lines need their own" },
	{ "lvs_sync_daemon", conf_bind_sync_daemon, .offset = VRRP(sync),
	  .least = 1, .most = 13 },
};

const struct conf_block conf_block_vrrp_global =
	CONF_BLOCK(BLOCK_VRRP_GLOBAL, "global_defs", vrrp_global_keywords,
		   &conf_block_sets);

/* The rest of the parser looks at the configuration, not at the draft. */
void conf_bind_global_defs(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	struct global_draft *draft = &ctx->draft->vrrp->global;

	(void)kw;
	(void)target;
	conf_bind_block(ctx, &conf_block_global, node, draft);
	ctx->conf->global = draft->global;
}
