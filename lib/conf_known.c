/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keywords of global_defs that are known and not acted on, and the file's own
 * level, which ties all blocks together.
 */
#include <stddef.h>

#include "lib/conf_draft.h"
#include "lib/conf_vrrp.h"

static const struct conf_keyword global_idle_keywords[] = {
	/* mail */
	KW_NOTHING_VALUES("notification_email"),
	KW_NOTHING("notification_email_from"),
	KW_NOTHING("smtp_server"),
	KW_NOTHING("smtp_helo_name"),
	KW_NOTHING("smtp_connect_timeout"),
	KW_NOTHING("smtp_alert"),
	KW_NOTHING("smtp_alert_vrrp"),
	KW_NOTHING("smtp_alert_checker"),
	KW_NOTHING("no_email_faults"),
	KW_NOTHING("no_checker_emails"),
	/* scripts */
	KW_NOTHING("use_symlink_paths"),
	KW_NOTHING("set_supplementary_groups"),
	KW_NOTHING("umask"),
	KW_NOTHING("startup_script"),
	KW_NOTHING("startup_script_timeout"),
	KW_NOTHING("shutdown_script"),
	KW_NOTHING("shutdown_script_timeout"),
	KW_NOTHING("rs_init_notifies"),
	/* LVS */
	KW_NOTHING("nftables_ipvs"),
	KW_NOTHING("nftables_ipvs_priority"),
	KW_NOTHING("nftables_ipvs_start_fwmark"),
	KW_NOTHING("lvs_netlink_cmd_rcv_bufs"),
	KW_NOTHING("lvs_netlink_cmd_rcv_bufs_force"),
	KW_NOTHING("lvs_netlink_monitor_rcv_bufs"),
	KW_NOTHING("lvs_netlink_monitor_rcv_bufs_force"),
	/* VRRP */
	KW_NOTHING("vrrp_vmac_garp_intvl"),
	KW_NOTHING("vrrp_garp_extra_if"),
	KW_NOTHING("vrrp_higher_prio_send_advert"),
	KW_NOTHING("vrrp_owner_ignore_adverts"),
	KW_NOTHING("vrrp_delay_after_boot"),
	KW_NOTHING("nftables"),
	KW_NOTHING("nftables_priority"),
	KW_NOTHING("nftables_counters"),
	KW_NOTHING("nftables_ifindex"),
	KW_NOTHING("vrrp_rx_bufs_policy"),
	KW_NOTHING("vrrp_rx_bufs_multiplier"),
	KW_NOTHING("vrrp_netlink_cmd_rcv_bufs"),
	KW_NOTHING("vrrp_netlink_cmd_rcv_bufs_force"),
	KW_NOTHING("vrrp_netlink_monitor_rcv_bufs"),
	KW_NOTHING("vrrp_netlink_monitor_rcv_bufs_force"),
	KW_NOTHING("vmac_prefix"),
	KW_NOTHING("vmac_addr_prefix"),
	KW_NOTHING("log_unknown_vrids"),
	KW_NOTHING("disable_local_igmp"),
	KW_NOTHING("dynamic_interfaces"),
	/* processes */
	KW_NOTHING("checker_priority"),
	KW_NOTHING("bfd_priority"),
	KW_NOTHING("checker_rt_priority"),
	KW_NOTHING("bfd_rt_priority"),
	KW_NOTHING("checker_rlimit_rttime"),
	KW_NOTHING("bfd_rlimit_rttime"),
	KW_NOTHING("checker_rlimit_rtime"),
	KW_NOTHING("bfd_rlimit_rtime"),
	KW_NOTHING("checker_no_swap"),
	KW_NOTHING("bfd_no_swap"),
	KW_NOTHING("vrrp_cpu_affinity"),
	KW_NOTHING("checker_cpu_affinity"),
	KW_NOTHING("bfd_cpu_affinity"),
	KW_NOTHING("max_auto_priority"),
	KW_NOTHING("min_auto_priority_delay"),
	KW_NOTHING("process_names"),
	KW_NOTHING("process_name"),
	KW_NOTHING("vrrp_process_name"),
	KW_NOTHING("lvs_process_name"),
	KW_NOTHING("checker_process_name"),
	KW_NOTHING("bfd_process_name"),
	KW_NOTHING("process_monitor_rcv_bufs"),
	KW_NOTHING("process_monitor_rcv_bufs_force"),
	KW_NOTHING("random_seed"),
	/* SNMP, DBus */
	KW_NOTHING("enable_snmp_keepalived"),
	KW_NOTHING("enable_snmp_vrrp"),
	KW_NOTHING("enable_snmp_checker"),
	KW_NOTHING("enable_snmp_rfc"),
	KW_NOTHING("enable_snmp_rfcv2"),
	KW_NOTHING("enable_snmp_rfcv3"),
	KW_NOTHING("enable_traps"),
	KW_NOTHING("snmp_socket"),
	KW_NOTHING("snmp_vs_stats_update_interval"),
	KW_NOTHING("snmp_rs_stats_update_interval"),
	KW_NOTHING("enable_dbus"),
	KW_NOTHING("dbus_service_name"),
	KW_NOTHING("dbus_no_interface_name"),
	/* files, reload */
	KW_NOTHING("reload_check_config"),
	KW_NOTHING("reload_time_file"),
	KW_NOTHING("reload_repeat"),
	KW_NOTHING("reload_file"),
	KW_NOTHING("include_check"),
	KW_NOTHING("config_save_dir"),
	KW_NOTHING("tmp_config_directory"),
	KW_NOTHING("state_dump_file"),
	KW_NOTHING("stats_dump_file"),
	KW_NOTHING("json_dump_file"),
	KW_NOTHING("data_use_instance"),
	KW_NOTHING("json_version"),
	KW_NOTHING("iproute_usr_dir"),
	KW_NOTHING("iproute_etc_dir"),
};

const struct conf_block conf_block_global_idle = CONF_BLOCK(
	BLOCK_GLOBAL_IDLE, "global_defs", global_idle_keywords, NULL);

/* The certificates of SSL_GET's own side. */
static const struct conf_keyword ssl_keywords[] = {
	{ "password", NULL, .flags = KW_IDLE | KW_SECRET, .most = KW_ANY },
	KW_NOTHING("ca"),
	KW_NOTHING("certificate"),
	KW_NOTHING("key"),
};

const struct conf_block conf_block_ssl =
	CONF_BLOCK(BLOCK_SSL, "SSL", ssl_keywords, NULL);

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
	KW_NOTHING_BLOCK("track_group", &conf_block_track_group),
	KW_NOTHING_BLOCK("bfd_instance", &conf_block_bfd),
	KW_NOTHING_BLOCK("garp_group", &conf_block_garp_group),
	KW_NOTHING_BLOCK("SSL", &conf_block_ssl),
	{ "static_ipaddress", conf_bind_addresses,
	  .offset = offsetof(struct vrrp_draft, static_addresses),
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "static_routes", conf_bind_routes,
	  .offset = offsetof(struct vrrp_draft, static_routes),
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	{ "static_rules", conf_bind_rules,
	  .offset = offsetof(struct vrrp_draft, static_rules),
	  .flags = KW_BLOCK | KW_VALUES | KW_REPEAT },
	KW_NOTHING_VALUES("linkbeat_interfaces"),
	KW_NOTHING_VALUES("interface_up_down_delays"),
	KW_NOTHING("net_namespace"),
	KW_NOTHING("net_namespace_ipvs"),
	KW_NOTHING("namespace_with_ipsets"),
	KW_NOTHING("instance"),
	KW_NOTHING("use_pid_dir"),
	KW_NOTHING("child_wait_time"),
	KW_NOTHING("linkbeat_use_polling"),
};

const struct conf_block conf_block_file =
	CONF_BLOCK(BLOCK_FILE, "the file", file_keywords, NULL);

const struct conf_block *const conf_blocks[BLOCK_IDS] = {
	[BLOCK_FILE] = &conf_block_file,
	[BLOCK_GLOBAL] = &conf_block_global,
	[BLOCK_GLOBAL_IDLE] = &conf_block_global_idle,
	[BLOCK_VIRTUAL_SERVER] = &conf_block_virtual_server,
	[BLOCK_REAL_SERVER] = &conf_block_real_server,
	[BLOCK_TIMING] = &conf_block_timing,
	[BLOCK_CONNECT] = &conf_block_connect,
	[BLOCK_TCP] = &conf_block_tcp,
	[BLOCK_MYSQL] = &conf_block_mysql,
	[BLOCK_HTTP] = &conf_block_http,
	[BLOCK_URL] = &conf_block_url,
	[BLOCK_MISC] = &conf_block_misc,
	[BLOCK_SMTP] = &conf_block_smtp,
	[BLOCK_SMTP_HOST] = &conf_block_smtp_host,
	[BLOCK_DNS] = &conf_block_dns,
	[BLOCK_UDP] = &conf_block_udp,
	[BLOCK_PING] = &conf_block_ping,
	[BLOCK_BFD_CHECK] = &conf_block_bfd_check,
	[BLOCK_FILE_CHECK] = &conf_block_file_check,
	[BLOCK_SLOW_START] = &conf_block_slow_start,
	[BLOCK_FASTEST] = &conf_block_fastest,
	[BLOCK_HEADROOM] = &conf_block_headroom,
	[BLOCK_SSL] = &conf_block_ssl,
	[BLOCK_VRRP_GLOBAL] = &conf_block_vrrp_global,
	[BLOCK_SETS] = &conf_block_sets,
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
};
