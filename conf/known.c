/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keywords of global_defs that are known and not acted on, and the file's own
 * level, which ties all blocks together.
 */
#include <stddef.h>

#include "conf/lvs/draft.h"
#include "conf/vrrp/vrrp_blocks.h"

/* "dynamic_interfaces [allow_if_changes]" */
static void known_bind_dynamic(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	(void)target;
	if (node->nr_words > 1 &&
	    !conf_is(conf_word(ctx, node, 1), "allow_if_changes"))
		conf_bad_value(ctx, kw, node, 1, "allow_if_changes");
}

static const struct conf_keyword global_idle_keywords[] = {
	/* LVS */
	KW_NOTHING("nftables_ipvs"),
	KW_NOTHING("nftables_ipvs_priority"),
	KW_NOTHING("nftables_ipvs_start_fwmark"),
	KW_NOTHING("lvs_netlink_cmd_rcv_bufs"),
	KW_NOTHING("lvs_netlink_cmd_rcv_bufs_force"),
	/* VRRP */
	KW_NOTHING("nftables"),
	KW_NOTHING("nftables_priority"),
	KW_NOTHING("nftables_counters"),
	KW_NOTHING("nftables_ifindex"),
	KW_MISSED("vmac_addr_prefix",
		  "the addresses have no interfaces of their own"),
	/* No more than evenkeel does already: interfaces come and go. */
	{ "dynamic_interfaces", known_bind_dynamic, .most = 1 },
	/* A file with errors is never taken. */
	{ .name = "reload_check_config", .most = KW_ANY },
	/* of keepalived's early versions */
	KW_MISSED("lvs_id", "the word is 'router_id' now"),
	/* processes */
	KW_NOTHING("process_monitor_rcv_bufs"),
	KW_NOTHING("process_monitor_rcv_bufs_force"),
	/* SNMP, DBus */
	KW_MISSED("enable_snmp_keepalived", "there is no SNMP"),
	KW_MISSED("enable_snmp_vrrp", "there is no SNMP"),
	KW_MISSED("enable_snmp_checker", "there is no SNMP"),
	KW_MISSED("enable_snmp_rfc", "there is no SNMP"),
	KW_MISSED("enable_snmp_rfcv2", "there is no SNMP"),
	KW_MISSED("enable_snmp_rfcv3", "there is no SNMP"),
	KW_MISSED("enable_traps", "there is no SNMP"),
	KW_NOTHING("snmp_socket"),
	KW_NOTHING("snmp_vs_stats_update_interval"),
	KW_NOTHING("snmp_rs_stats_update_interval"),
	KW_MISSED("enable_dbus", "there is no D-Bus"),
	KW_NOTHING("dbus_service_name"),
	KW_NOTHING("dbus_no_interface_name"),
	/* files, reload */
	/* Acted on as the file is read (find.c). */
	{ .name = "include_check", .most = KW_ANY },
	KW_MISSED("config_save_dir", "no copy is kept"),
	KW_NOTHING("tmp_config_directory"),
	KW_NOTHING("state_dump_file"),
	KW_NOTHING("stats_dump_file"),
	KW_NOTHING("json_dump_file"),
	KW_NOTHING("data_use_instance"),
	KW_NOTHING("json_version"),
};

const struct conf_block conf_block_global_idle = CONF_BLOCK(
	BLOCK_GLOBAL_IDLE, "global_defs", global_idle_keywords, NULL);

#define BLOCK_WITH_NAME(word, function, inside, kind)                         \
	{                                                                     \
		(word), (function), .block = (inside), .least = 1, .most = 1, \
				    .min = (kind),                            \
				    .flags = KW_BLOCK | KW_REPEAT             \
	}

static const struct conf_keyword file_keywords[] = {
	{ "global_defs", conf_bind_global_defs, .flags = KW_BLOCK | KW_REPEAT },
	{ "virtual_server_group", conf_bind_group, .least = 1, .most = 1,
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "virtual_server", conf_bind_virtual_server, .least = 1, .most = 2,
	  .flags = KW_BLOCK | KW_LATE | KW_REPEAT },
	BLOCK_WITH_NAME("announce_group", conf_bind_announce_group, NULL, 0),
	BLOCK_WITH_NAME("vrrp_instance", conf_bind_vrrp_instance, NULL, 0),
	BLOCK_WITH_NAME("vrrp_sync_group", conf_bind_vrrp_group, NULL, 0),
	BLOCK_WITH_NAME("vrrp_script", conf_bind_vrrp_source,
			&conf_block_vrrp_script, VRRP_TRACK_SCRIPT),
	BLOCK_WITH_NAME("track_file", conf_bind_vrrp_source,
			&conf_block_track_file, VRRP_TRACK_FILE),
	BLOCK_WITH_NAME("vrrp_track_file", conf_bind_vrrp_source,
			&conf_block_track_file, VRRP_TRACK_FILE),
	BLOCK_WITH_NAME("vrrp_track_process", conf_bind_vrrp_source,
			&conf_block_track_process, VRRP_TRACK_PROCESS),
	BLOCK_WITH_NAME("track_group", conf_bind_track_group, NULL, 0),
	BLOCK_WITH_NAME("bfd_instance", conf_bind_vrrp_source, &conf_block_bfd,
			VRRP_TRACK_BFD),
	{ "SSL", conf_bind_ssl, .flags = KW_BLOCK | KW_REPEAT },
};

const struct conf_block conf_block_file = CONF_BLOCK(
	BLOCK_FILE, "the file", file_keywords, &conf_block_vrrp_static);

#define KNOWN_BLOCK(number, name, word) \
	[BLOCK_##number##_CHECK] = &conf_block_##name##_check,

const struct conf_block *const conf_blocks[BLOCK_IDS] = {
	[BLOCK_FILE] = &conf_block_file,
	[BLOCK_GLOBAL] = &conf_block_global,
	[BLOCK_GLOBAL_IDLE] = &conf_block_global_idle,
	[BLOCK_VIRTUAL_SERVER] = &conf_block_virtual_server,
	[BLOCK_REAL_SERVER] = &conf_block_real_server,
	[BLOCK_CHECKS] = &conf_block_checks,
	[BLOCK_TIMING] = &conf_block_timing,
	[BLOCK_CONNECT] = &conf_block_connect,
	[BLOCK_URL] = &conf_block_url,
	[BLOCK_SMTP_HOST] = &conf_block_smtp_host,
	[BLOCK_SLOW_START] = &conf_block_slow_start,
	[BLOCK_FASTEST] = &conf_block_fastest,
	[BLOCK_INTEGRITY] = &conf_block_integrity,
	[BLOCK_HEADROOM] = &conf_block_headroom,
	[BLOCK_ANNOUNCE] = &conf_block_announce,
	[BLOCK_SSL] = &conf_block_ssl,
	[BLOCK_VRRP_GLOBAL] = &conf_block_vrrp_global,
	[BLOCK_PAIR_GLOBAL] = &conf_block_pair_global,
	[BLOCK_SETS] = &conf_block_sets,
	[BLOCK_MAIL] = &conf_block_mail,
	[BLOCK_PROCESS] = &conf_block_process,
	[BLOCK_PROCESS_FILE] = &conf_block_process_file,
	[BLOCK_VRRP_STATIC] = &conf_block_vrrp_static,
	[BLOCK_VRRP_MEMBER] = &conf_block_vrrp_member,
	[BLOCK_VRRP_INSTANCE] = &conf_block_vrrp_instance,
	[BLOCK_VRRP_AUTH] = &conf_block_vrrp_auth,
	[BLOCK_VRRP_HMAC] = &conf_block_vrrp_hmac,
	[BLOCK_VRRP_GROUP] = &conf_block_vrrp_group,
	[BLOCK_VRRP_SCRIPT] = &conf_block_vrrp_script,
	[BLOCK_TRACK_FILE] = &conf_block_track_file,
	[BLOCK_TRACK_PROCESS] = &conf_block_track_process,
	[BLOCK_TRACK_BFD] = NULL,
	[BLOCK_BFD] = &conf_block_bfd,
	[BLOCK_TRACK_GROUP] = &conf_block_track_group,
	[BLOCK_GARP_GROUP] = &conf_block_garp_group,
	[BLOCK_VRRP_ADDRESS_IDLE] = &conf_block_address_idle,
	[BLOCK_VRRP_ROUTE_IDLE] = &conf_block_route_idle,
	CONF_CHECK_KINDS(KNOWN_BLOCK, CONF_KIND_NOTHING)
};
