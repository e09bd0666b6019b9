/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of global_defs about VRRP, most of them defaults of instances, and
 * about notifications.
 */
#include <stddef.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"

#define VRRP(member) .offset = offsetof(struct global_draft, vrrp.member)
#define PROCESS(member) \
	CONF_BOTH(struct global_draft, vrrp.conf, struct vrrp_conf, member)
#define PAIR(member) \
	CONF_BOTH(struct global_draft, vrrp.pair, struct pair_conf, member)

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

/* "MTU", "ADVERT" or a number of bytes. */
static void global_bind_rx_policy(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	uint32_t *policy = (void *)((char *)target + kw->offset);
	const struct conf_word *word = conf_word(ctx, node, 1);
	uint64_t number;

	if (conf_is(word, "MTU"))
		*policy = VRRP_RX_BY_MTU;
	else if (conf_is(word, "ADVERT"))
		*policy = VRRP_RX_BY_ADVERT;
	else if (conf_get_number(word, INT32_MAX, &number) && number > 0)
		*policy = (uint32_t)number;
	else
		conf_bad_value(ctx, kw, node, 1,
			       "MTU, ADVERT or a number of bytes");
}

static void global_print_rx_policy(FILE *out, const char *indent,
				   const struct conf_keyword *kw,
				   const void *member)
{
	uint32_t policy = *(const uint32_t *)member;

	if (policy == VRRP_RX_BY_MTU || policy == VRRP_RX_BY_ADVERT)
		fprintf(out, "%s%s %s\n", indent, kw->name,
			policy == VRRP_RX_BY_MTU ? "MTU" : "ADVERT");
	else if (policy)
		fprintf(out, "%s%s %u\n", indent, kw->name, policy);
}

static const struct conf_type global_rx_policy = {
	.bind = global_bind_rx_policy,
	.print = global_print_rx_policy,
	.equal = conf_equal_u32,
};

#define GLOBAL_PAUSE(word, member)                                     \
	{                                                              \
		(word), .type = &conf_type_time, PROCESS(member),      \
			.flags = KW_ZERO_UNSET, .least = 1, .most = 1, \
			.min = 0, .max = TIME_MAX                      \
	}
#define GLOBAL_BYTES(word, member)                                     \
	{                                                              \
		(word), .type = &conf_type_u32, PROCESS(member),       \
			.flags = KW_ZERO_UNSET, .least = 1, .most = 1, \
			.min = 1, .max = INT32_MAX                     \
	}
#define GLOBAL_FLAG(word, member)                                           \
	{                                                                   \
		(word), .type = &conf_type_flag, PROCESS(member), .most = 1 \
	}

/* Defaults of instances are printed there. Unset: the instances' own default. */
#define GLOBAL_REPEAT(word, member, lowest)                         \
	{                                                           \
		(word), .type = &conf_type_u32, VRRP(member),       \
			.preset = UNSET_U32, .least = 1, .most = 1, \
			.min = (lowest), .max = UINT16_MAX          \
	}
#define GLOBAL_DELAY(word, member)                                             \
	{                                                                      \
		(word), .type = &conf_type_time, VRRP(member),                 \
			.preset = UNSET_TIME, .least = 1, .most = 1, .min = 0, \
			.max = TIME_MAX                                        \
	}
#define GLOBAL_SWITCH(word, member)                             \
	{                                                       \
		(word), .type = &conf_type_maybe, VRRP(member), \
			.preset = UNSET_BOOL, .most = 1         \
	}

/* Without a number the highest; keepalived's -1 is as its 0: none. */
static void global_bind_auto_priority(struct conf_ctx *ctx,
				      const struct conf_keyword *kw,
				      const struct conf_node *node,
				      void *target)
{
	uint32_t *priority = (void *)((char *)target + kw->offset);

	if (node->nr_words == 1)
		*priority = (uint32_t)kw->max;
	else if (conf_is(conf_word(ctx, node, 1), "-1"))
		*priority = 0;
	else
		conf_bind_u32(ctx, kw, node, target);
}

static const struct conf_keyword vrrp_global_keywords[] = {
	{ "vrrp_version", .type = &conf_type_u32, VRRP(version), .least = 1,
	  .most = 1, .min = 2, .max = 3 },
	{ "vrrp_mcast_group4", vrrp_global_bind_group, VRRP(group4), .least = 1,
	  .most = 1, .min = AF_INET },
	{ "vrrp_mcast_group6", vrrp_global_bind_group, VRRP(group6), .least = 1,
	  .most = 1, .min = AF_INET6 },
	GLOBAL_DELAY("vrrp_garp_master_delay", garp.master_delay),
	{ "vrrp_garp_master_repeat", .type = &vrrp_type_repeat,
	  VRRP(garp.master_repeat), .preset = UNSET_U32, .least = 1, .most = 1,
	  .min = 0, .max = UINT16_MAX },
	GLOBAL_DELAY("vrrp_garp_master_refresh", garp.master_refresh),
	GLOBAL_REPEAT("vrrp_garp_master_refresh_repeat",
		      garp.master_refresh_repeat, 1),
	GLOBAL_DELAY("vrrp_garp_lower_prio_delay", garp.lower_delay),
	GLOBAL_REPEAT("vrrp_garp_lower_prio_repeat", garp.lower_repeat, 0),
	GLOBAL_PAUSE("vrrp_garp_interval", arp_interval),
	GLOBAL_PAUSE("vrrp_gna_interval", na_interval),
	{ "vrrp_garp_extra_if", .type = &vrrp_type_extra, VRRP(garp),
	  .preset = UNSET_TIME, .least = 1, .most = 2 },
	{ "vrrp_vmac_garp_intvl", .type = &vrrp_type_extra, VRRP(garp),
	  .preset = UNSET_TIME, .least = 1, .most = 2,
	  .same = "vrrp_garp_extra_if" },
	{ "vrrp_min_garp", .type = &conf_type_bool, VRRP(min_garp), .most = 1 },
	{ "vrrp_down_timer_adverts", .type = &conf_type_u32, VRRP(down_adverts),
	  .preset = 3, .least = 1, .most = 1, .min = 1, .max = 100 },
	GLOBAL_SWITCH("vrrp_strict", strict),
	GLOBAL_SWITCH("vrrp_skip_check_adv_addr", skip_check_adv_addr),
	GLOBAL_SWITCH("vrrp_check_unicast_src", check_unicast_src),
	GLOBAL_SWITCH("vrrp_lower_prio_no_advert", lower_prio_no_advert),
	GLOBAL_SWITCH("vrrp_higher_prio_send_advert", higher_prio_send_advert),
	GLOBAL_SWITCH("vrrp_owner_ignore_adverts", owner_ignore_adverts),
	GLOBAL_SWITCH("v3_checksum_as_v2", checksum_as_v2),
	{ "vrrp_delay_after_boot", .type = &conf_type_u32,
	  PROCESS(delay_after_boot), .flags = KW_ZERO_UNSET, .least = 1,
	  .most = 1, .min = 0, .max = 86400 },
	{ "vmac_prefix", conf_bind_interface, VRRP(vmac_prefix), .least = 1,
	  .most = 1 },
	{ "log_unknown_vrids", .type = &conf_type_flag,
	  PROCESS(log_unknown_vrids), .most = 1 },
	{ "vrrp_startup_delay", .type = &conf_type_time, PROCESS(startup_delay),
	  .flags = KW_ZERO_UNSET, .least = 1, .most = 1, .min = 0,
	  .max = TIME_MAX },
	{ "vrrp_rt_priority", .type = &conf_type_u32,
	  PROCESS(scheduling.rt_priority), .flags = KW_ZERO_UNSET, .least = 1,
	  .most = 1, .min = 1, .max = 99 },
	{ "vrrp_rlimit_rttime", .type = &conf_type_u32,
	  PROCESS(scheduling.rlimit_rttime), .flags = KW_ZERO_UNSET, .least = 1,
	  .most = 1, .min = 1, .max = INT32_MAX },
	{ "vrrp_rlimit_rtime", .type = &conf_type_u32,
	  VRRP(conf.scheduling.rlimit_rttime), .least = 1, .most = 1, .min = 1,
	  .max = INT32_MAX },
	{ "max_auto_priority", global_bind_auto_priority,
	  .type = &conf_type_u32, PROCESS(auto_priority),
	  .flags = KW_ZERO_UNSET, .most = 1, .min = 0, .max = 99 },
	{ "min_auto_priority_delay", .type = &conf_type_u32,
	  PROCESS(auto_priority_delay), .flags = KW_USUAL_UNSET,
	  .preset = USEC_PER_SEC, .least = 1, .most = 1, .min = 1,
	  .max = 10 * USEC_PER_SEC },
	{ "vrrp_priority", .type = &vrrp_type_nice, PROCESS(scheduling.nice),
	  .least = 1, .most = 1 },
	{ "vrrp_no_swap", .type = &conf_type_flag,
	  PROCESS(scheduling.lock_memory), .most = 1 },
	{ "vrrp_cpu_affinity", .type = &conf_type_cpus,
	  PROCESS(scheduling.cpus), .least = 1, .most = KW_ANY },
	{ "vrrp_process_name", .type = &conf_type_title, PROCESS(process_name),
	  .least = 1, .most = 1 },
	GLOBAL_FLAG("disable_local_igmp", disable_local_igmp),
	GLOBAL_BYTES("vrrp_netlink_cmd_rcv_bufs", netlink_requests.size),
	GLOBAL_FLAG("vrrp_netlink_cmd_rcv_bufs_force", netlink_requests.force),
	GLOBAL_BYTES("vrrp_netlink_monitor_rcv_bufs", netlink_monitor.size),
	GLOBAL_FLAG("vrrp_netlink_monitor_rcv_bufs_force",
		    netlink_monitor.force),
	{ "vrrp_rx_bufs_policy", .type = &global_rx_policy, PROCESS(rx_buffers),
	  .least = 1, .most = 1 },
	{ "vrrp_rx_bufs_multiplier", .type = &conf_type_u32,
	  PROCESS(rx_multiplier), .flags = KW_USUAL_UNSET, .preset = 3,
	  .least = 1, .most = 1, .min = 1, .max = 1000 },
	{ "default_interface", conf_bind_interface, VRRP(default_ifname),
	  .least = 1, .most = 1 },
};

const struct conf_block conf_block_vrrp_global =
	CONF_BLOCK(BLOCK_VRRP_GLOBAL, "global_defs", vrrp_global_keywords,
		   &conf_block_pair_global);

#define PAIR_FIFO(word, member)                                            \
	{                                                                  \
		(word), .type = &vrrp_type_fifo, PAIR(member), .least = 1, \
			.most = 3                                          \
	}
#define PAIR_FIFO_SCRIPT(word, member)                                       \
	{                                                                    \
		(word), .type = &conf_type_script, PAIR(member), .least = 1, \
			.most = 3, .flags = KW_SCRIPT                        \
	}

static const struct conf_keyword pair_global_keywords[] = {
	{ "vrrp_notify_priority_changes", .type = &conf_type_flag,
	  PAIR(priority_changes), .most = 1 },
	{ "fifo_write_vrrp_states_on_reload", .type = &conf_type_flag,
	  PAIR(fifo_on_reload), .most = 1 },
	PAIR_FIFO("notify_fifo", fifo),
	PAIR_FIFO_SCRIPT("notify_fifo_script", fifo.script),
	PAIR_FIFO("vrrp_notify_fifo", vrrp_fifo),
	PAIR_FIFO_SCRIPT("vrrp_notify_fifo_script", vrrp_fifo.script),
	PAIR_FIFO("lvs_notify_fifo", lvs_fifo),
	PAIR_FIFO_SCRIPT("lvs_notify_fifo_script", lvs_fifo.script),
	{ "lvs_sync_daemon", .type = &vrrp_type_sync, VRRP(sync),
	  .kept = CONF_KEPT(struct pair_conf, sync), .least = 1, .most = 13 },
};

const struct conf_block conf_block_pair_global =
	CONF_BLOCK(BLOCK_PAIR_GLOBAL, "global_defs", pair_global_keywords,
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
