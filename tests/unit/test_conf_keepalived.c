/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much of keepalived's language is acted on. keepalived 2.4.3 installs 524
 * keywords in its blocks, counted in each block that has them (those of url once
 * below HTTP_GET and once below SSL_GET). Below are the places that were not acted
 * on when the count was made, 262; the 262 others were. A place of the list counts
 * as acted on when its row is not idle. The words left are on the manual's list of
 * such words (test_conf_manual.c), each with a reason.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "conf_world.h"
#include "conf/lvs/draft.h"

#define PLACES 524
#define ACTED_ON_AT_FIRST 262
/* 90 in 100. */
#define WANTED 479

struct places {
	enum conf_block_id block;
	const char *words;
};

static const struct places places_open[] = {
	{ BLOCK_FILE,
	  "linkbeat_use_polling net_namespace net_namespace_ipvs "
	  "namespace_with_ipsets use_pid_dir instance child_wait_time "
	  "SSL track_group garp_group linkbeat_interfaces "
	  "interface_up_down_delays bfd_instance" },
	{ BLOCK_GLOBAL,
	  "process_names process_name vrrp_process_name "
	  "checker_process_name lvs_process_name bfd_process_name "
	  "use_symlink_paths set_supplementary_groups "
	  "notification_email_from smtp_server smtp_helo_name "
	  "smtp_connect_timeout notification_email smtp_alert "
	  "startup_script startup_script_timeout shutdown_script "
	  "shutdown_script_timeout max_auto_priority "
	  "min_auto_priority_delay smtp_alert_vrrp smtp_alert_checker "
	  "dynamic_interfaces no_email_faults disable_local_igmp "
	  "vrrp_garp_extra_if vrrp_vmac_garp_intvl "
	  "vrrp_higher_prio_send_advert nftables nftables_priority "
	  "nftables_ifindex vrrp_cpu_affinity nftables_ipvs "
	  "nftables_ipvs_priority nftables_ipvs_start_fwmark "
	  "nftables_counters checker_priority checker_no_swap "
	  "checker_rt_priority checker_cpu_affinity "
	  "checker_rlimit_rttime checker_rlimit_rtime bfd_priority "
	  "bfd_no_swap bfd_rt_priority bfd_cpu_affinity "
	  "bfd_rlimit_rttime bfd_rlimit_rtime snmp_socket "
	  "enable_traps enable_snmp_vrrp enable_snmp_keepalived "
	  "enable_snmp_rfc enable_snmp_rfcv2 enable_snmp_rfcv3 "
	  "enable_snmp_checker snmp_vs_stats_update_interval "
	  "snmp_rs_stats_update_interval enable_dbus "
	  "dbus_service_name dbus_no_interface_name "
	  "vrrp_netlink_cmd_rcv_bufs vrrp_netlink_cmd_rcv_bufs_force "
	  "vrrp_netlink_monitor_rcv_bufs "
	  "vrrp_netlink_monitor_rcv_bufs_force "
	  "process_monitor_rcv_bufs process_monitor_rcv_bufs_force "
	  "lvs_netlink_cmd_rcv_bufs lvs_netlink_cmd_rcv_bufs_force "
	  "lvs_netlink_monitor_rcv_bufs "
	  "lvs_netlink_monitor_rcv_bufs_force rs_init_notifies "
	  "no_checker_emails vrrp_rx_bufs_policy "
	  "vrrp_rx_bufs_multiplier vrrp_delay_after_boot "
	  "log_unknown_vrids vrrp_owner_ignore_adverts vmac_prefix "
	  "vmac_addr_prefix umask random_seed reload_check_config "
	  "reload_time_file reload_repeat reload_file include_check "
	  "config_save_dir tmp_config_directory data_use_instance "
	  "json_version iproute_usr_dir iproute_etc_dir "
	  "state_dump_file stats_dump_file json_dump_file" },
	{ BLOCK_VIRTUAL_SERVER, "ha_suspend smtp_alert snmp_name" },
	{ BLOCK_REAL_SERVER,
	  "smtp_alert snmp_name SMTP_CHECK DNS_CHECK BFD_CHECK "
	  "UDP_CHECK PING_CHECK FILE_CHECK" },
	{ BLOCK_TCP_CHECK, "fwmark" },
	{ BLOCK_HTTP_CHECK, "fwmark sni_name fast_recovery" },
	{ BLOCK_HTTP_CHECK, "fwmark sni_name fast_recovery tls_compliant" },
	{ BLOCK_URL, "regex regex_no_match regex_options regex_min_offset "
		     "regex_max_offset regex_stack" },
	{ BLOCK_URL, "regex regex_no_match regex_options regex_min_offset "
		     "regex_max_offset regex_stack tls_compliant" },
	{ BLOCK_SMTP_CHECK,
	  "helo_name host connect_ip connect_port bindto bind_port "
	  "bind_if connect_timeout fwmark retry delay_before_retry "
	  "warmup delay_loop alpha log_all_failures" },
	{ BLOCK_SMTP_HOST, "connect_ip connect_port bindto bind_port bind_if "
			   "connect_timeout fwmark" },
	{ BLOCK_DNS_CHECK,
	  "type name connect_ip connect_port bindto bind_port bind_if "
	  "connect_timeout fwmark retry delay_before_retry warmup "
	  "delay_loop alpha log_all_failures" },
	{ BLOCK_UDP_CHECK,
	  "payload require_reply min_reply_length max_reply_length "
	  "connect_ip connect_port bindto bind_port bind_if "
	  "connect_timeout fwmark retry delay_before_retry warmup "
	  "delay_loop alpha log_all_failures" },
	{ BLOCK_PING_CHECK,
	  "connect_ip bindto bind_if connect_timeout fwmark retry "
	  "delay_before_retry warmup delay_loop alpha "
	  "log_all_failures" },
	{ BLOCK_FILE_CHECK, "track_file weight" },
	{ BLOCK_BFD_CHECK, "name alpha" },
	{ BLOCK_SSL, "password ca certificate key" },
	{ BLOCK_VRRP_INSTANCE,
	  "use_vmac_addr use_ipvlan unicast_fault_no_peer "
	  "old_unicast_checksum vrf track_src_ip no_virtual_ipaddress "
	  "promote_secondaries linkbeat_use_polling debug smtp_alert "
	  "timer_expired_backup thread_timer_expired garp_extra_if "
	  "higher_prio_send_advert owner_ignore_adverts "
	  "kernel_rx_buf_size track_bfd auth_hmac" },
	{ BLOCK_VRRP_HMAC, "key active_key time_window anti_replay mode" },
	{ BLOCK_VRRP_GROUP, "track_bfd smtp_alert" },
	{ BLOCK_BFD, "source_ip neighbor_ip neighbour_ip min_rx min_tx idle_tx "
		     "multiplier passive ttl hoplimit max_hops multihop weight "
		     "vrrp checker" },
	{ BLOCK_TRACK_GROUP, "group" },
	{ BLOCK_GARP_GROUP, "garp_interval gna_interval interface interfaces" },
	{ BLOCK_VRRP_INSTANCE, "vmac_garp_intvl" },
	{ BLOCK_VRRP_AUTH, "auth_type" },
};

static const struct conf_keyword *place_find(const struct places *places,
					     const char *word)
{
	struct conf_word text = { .text = word, .len = strlen(word) };

	return conf_keyword_find(conf_blocks[places->block], &text);
}

/* "auth_type AH" is the one value that is left out. */
static bool place_acted_on(const struct places *places, const char *word)
{
	const struct conf_keyword *kw = place_find(places, word);

	cr_assert(kw, "'%s' is not known in %s", word,
		  conf_blocks[places->block]->name);
	return !(kw->flags & KW_IDLE) && strcmp(word, "auth_type") != 0;
}

Test(conf_keepalived, nine_in_ten_places_are_acted_on)
{
	unsigned acted_on = ACTED_ON_AT_FIRST, open = 0;
	char words[2048], *word, *rest;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places_open); i++) {
		snprintf(words, sizeof(words), "%s", places_open[i].words);
		for (word = strtok_r(words, " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			if (place_acted_on(&places_open[i], word))
				acted_on++;
			else
				printf("left: %s: %s\n",
				       conf_blocks[places_open[i].block]->name,
				       word);
			open++;
		}
	}
	cr_assert_eq(open + ACTED_ON_AT_FIRST, PLACES);
	printf("acted on: %u of %u\n", acted_on, PLACES);
	cr_assert_geq(acted_on, WANTED);
}
