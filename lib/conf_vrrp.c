/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of VRRP, BFD and tracking: known, so that a file that has them
 * loads and a misspelt one is found, but not acted on.
 */
#include "lib/conf_vrrp.h"

#include <stddef.h>

static const struct conf_keyword vrrp_auth_keywords[] = {
	KW_NOTHING("auth_type"),
	{ "auth_pass", NULL, .flags = KW_IDLE | KW_SECRET, .most = KW_ANY },
};

const struct conf_block conf_block_vrrp_auth =
	CONF_BLOCK(BLOCK_VRRP_AUTH, "authentication", vrrp_auth_keywords, NULL);

static const struct conf_keyword vrrp_hmac_keywords[] = {
	{ "key", NULL, .flags = KW_IDLE | KW_SECRET | KW_REPEAT,
	  .most = KW_ANY },
	KW_NOTHING("active_key"),
	KW_NOTHING("anti_replay"),
	KW_NOTHING("time_window"),
	KW_NOTHING("mode"),
};

const struct conf_block conf_block_vrrp_hmac =
	CONF_BLOCK(BLOCK_VRRP_HMAC, "auth_hmac", vrrp_hmac_keywords, NULL);

static const struct conf_keyword vrrp_instance_keywords[] = {
	KW_NOTHING("state"),
	KW_NOTHING("interface"),
	KW_NOTHING("virtual_router_id"),
	KW_NOTHING("priority"),
	KW_NOTHING("advert_int"),
	KW_NOTHING("version"),
	KW_NOTHING("native_ipv6"),
	KW_NOTHING_BLOCK("authentication", &conf_block_vrrp_auth),
	KW_NOTHING_BLOCK("auth_hmac", &conf_block_vrrp_hmac),
	KW_NOTHING_VALUES("virtual_ipaddress"),
	KW_NOTHING_VALUES("virtual_ipaddress_excluded"),
	KW_NOTHING_VALUES("virtual_routes"),
	KW_NOTHING_VALUES("virtual_rules"),
	KW_NOTHING_VALUES("unicast_peer"),
	KW_NOTHING_VALUES("track_interface"),
	KW_NOTHING_VALUES("track_script"),
	KW_NOTHING_VALUES("track_file"),
	KW_NOTHING_VALUES("track_process"),
	KW_NOTHING_VALUES("track_bfd"),
	{ "track_virtual_server", NULL, .flags = KW_IDLE | KW_REPEAT,
	  .least = 2, .most = 4 },
	KW_NOTHING("no_virtual_ipaddress"),
	KW_NOTHING("promote_secondaries"),
	KW_NOTHING("nopreempt"),
	KW_NOTHING("preempt"),
	KW_NOTHING("preempt_delay"),
	KW_NOTHING("unicast_src_ip"),
	KW_NOTHING("unicast_ttl"),
	KW_NOTHING("unicast_fault_no_peer"),
	KW_NOTHING("mcast_src_ip"),
	KW_NOTHING("mcast_dst_ip"),
	KW_NOTHING("track_src_ip"),
	KW_NOTHING("check_unicast_src"),
	KW_NOTHING("old_unicast_checksum"),
	KW_NOTHING("v3_checksum_as_v2"),
	KW_NOTHING("use_vmac"),
	KW_NOTHING("use_vmac_addr"),
	KW_NOTHING("vmac_xmit_base"),
	KW_NOTHING("use_ipvlan"),
	KW_NOTHING("vrf"),
	KW_NOTHING("dont_track_primary"),
	KW_NOTHING("linkbeat_use_polling"),
	KW_NOTHING("accept"),
	KW_NOTHING("no_accept"),
	KW_NOTHING("strict_mode"),
	KW_NOTHING("skip_check_adv_addr"),
	KW_NOTHING("lower_prio_no_advert"),
	KW_NOTHING("higher_prio_send_advert"),
	KW_NOTHING("owner_ignore_adverts"),
	KW_NOTHING("down_timer_adverts"),
	KW_NOTHING("timer_expired_backup"),
	KW_NOTHING("thread_timer_expired"),
	KW_NOTHING("kernel_rx_buf_size"),
	KW_NOTHING("debug"),
	KW_NOTHING("garp_master_delay"),
	KW_NOTHING("garp_master_repeat"),
	KW_NOTHING("garp_master_refresh"),
	KW_NOTHING("garp_master_refresh_repeat"),
	KW_NOTHING("garp_lower_prio_delay"),
	KW_NOTHING("garp_lower_prio_repeat"),
	KW_NOTHING("garp_extra_if"),
	KW_NOTHING("lvs_sync_daemon_interface"),
	KW_NOTHING("notify"),
	KW_NOTHING("notify_master"),
	KW_NOTHING("notify_backup"),
	KW_NOTHING("notify_fault"),
	KW_NOTHING("notify_stop"),
	KW_NOTHING("notify_deleted"),
	KW_NOTHING("notify_master_rx_lower_pri"),
	KW_NOTHING("notify_priority_changes"),
	KW_NOTHING("smtp_alert"),
};

const struct conf_block conf_block_vrrp_instance = CONF_BLOCK(
	BLOCK_VRRP_INSTANCE, "vrrp_instance", vrrp_instance_keywords, NULL);

static const struct conf_keyword vrrp_group_keywords[] = {
	KW_NOTHING_VALUES("group"),
	KW_NOTHING_VALUES("track_interface"),
	KW_NOTHING_VALUES("track_script"),
	KW_NOTHING_VALUES("track_file"),
	KW_NOTHING_VALUES("track_process"),
	KW_NOTHING_VALUES("track_bfd"),
	KW_NOTHING("notify"),
	KW_NOTHING("notify_master"),
	KW_NOTHING("notify_backup"),
	KW_NOTHING("notify_fault"),
	KW_NOTHING("notify_stop"),
	KW_NOTHING("notify_deleted"),
	KW_NOTHING("notify_priority_changes"),
	KW_NOTHING("smtp_alert"),
	KW_NOTHING("global_tracking"),
	KW_NOTHING("sync_group_tracking_weight"),
};

const struct conf_block conf_block_vrrp_group = CONF_BLOCK(
	BLOCK_VRRP_GROUP, "vrrp_sync_group", vrrp_group_keywords, NULL);

static const struct conf_keyword vrrp_script_keywords[] = {
	KW_NOTHING("script"), KW_NOTHING("interval"),  KW_NOTHING("timeout"),
	KW_NOTHING("weight"), KW_NOTHING("rise"),      KW_NOTHING("fall"),
	KW_NOTHING("user"),   KW_NOTHING("init_fail"),
};

const struct conf_block conf_block_vrrp_script = CONF_BLOCK(
	BLOCK_VRRP_SCRIPT, "vrrp_script", vrrp_script_keywords, NULL);

static const struct conf_keyword track_file_keywords[] = {
	KW_NOTHING("file"),
	KW_NOTHING("weight"),
	KW_NOTHING("init_file"),
};

const struct conf_block conf_block_track_file =
	CONF_BLOCK(BLOCK_TRACK_FILE, "track_file", track_file_keywords, NULL);

static const struct conf_keyword track_process_keywords[] = {
	KW_NOTHING("process"),	    KW_NOTHING("param_match"),
	KW_NOTHING("weight"),	    KW_NOTHING("quorum"),
	KW_NOTHING("quorum_max"),   KW_NOTHING("delay"),
	KW_NOTHING("fork_delay"),   KW_NOTHING("terminate_delay"),
	KW_NOTHING("full_command"),
};

const struct conf_block conf_block_track_process =
	CONF_BLOCK(BLOCK_TRACK_PROCESS, "vrrp_track_process",
		   track_process_keywords, NULL);

static const struct conf_keyword track_group_keywords[] = {
	KW_NOTHING_VALUES("group"),
};

const struct conf_block conf_block_track_group = CONF_BLOCK(
	BLOCK_TRACK_GROUP, "track_group", track_group_keywords, NULL);

static const struct conf_keyword bfd_keywords[] = {
	KW_NOTHING("neighbor_ip"), KW_NOTHING("neighbour_ip"),
	KW_NOTHING("source_ip"),   KW_NOTHING("min_rx"),
	KW_NOTHING("min_tx"),	   KW_NOTHING("idle_tx"),
	KW_NOTHING("multiplier"),  KW_NOTHING("passive"),
	KW_NOTHING("ttl"),	   KW_NOTHING("hoplimit"),
	KW_NOTHING("max_hops"),	   KW_NOTHING("multihop"),
	KW_NOTHING("weight"),	   KW_NOTHING("vrrp"),
	KW_NOTHING("checker"),
};

const struct conf_block conf_block_bfd =
	CONF_BLOCK(BLOCK_BFD, "bfd_instance", bfd_keywords, NULL);

static const struct conf_keyword garp_group_keywords[] = {
	KW_NOTHING("garp_interval"),
	KW_NOTHING("gna_interval"),
	KW_NOTHING("interface"),
	KW_NOTHING_VALUES("interfaces"),
};

const struct conf_block conf_block_garp_group =
	CONF_BLOCK(BLOCK_GARP_GROUP, "garp_group", garp_group_keywords, NULL);
