/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Printing of VRRP. Inherited values stand in each instance; values that only
 * global_defs can hold are printed there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf_print.h"
#include "conf/pair_conf.h"
#include "conf/vrrp/vrrp_line.h"
#include "conf/vrrp_conf.h"

static void print_switch(FILE *out, const char *word, bool value)
{
	fprintf(out, "\t%s %s\n", word, value ? "on" : "off");
}

static void print_addr(FILE *out, const char *word, const struct addr *addr)
{
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(addr))
		fprintf(out, "\t%s %s\n", word, addr_format(addr, text));
}

/* A further word of the same line, with its value. */
static void print_word(FILE *out, const char *word, const char *value)
{
	if (value)
		fprintf(out, " %s \"%s\"", word, value);
}

/* Global words */

static void print_fifo(FILE *out, const char *word,
		       const struct pair_fifo *fifo)
{
	char script_word[64];

	if (fifo->path) {
		fprintf(out, "\t%s \"%s\"", word, fifo->path);
		if (fifo->user)
			fprintf(out, " \"%s\"", fifo->user);
		if (fifo->user && fifo->group)
			fprintf(out, " \"%s\"", fifo->group);
		fputc('\n', out);
	}
	snprintf(script_word, sizeof(script_word), "%s_script", word);
	conf_print_script(out, "\t", script_word, fifo->script);
}

static void print_sync(FILE *out, const struct vrrp_conf *vrrp,
		       const struct pair_sync *sync)
{
	char text[ADDR_TEXT_MAX];

	if (!sync->ifname)
		return;
	fprintf(out, "\tlvs_sync_daemon \"%s\"", sync->ifname);
	if (sync->instance != VRRP_NO_INSTANCE)
		print_word(out, "inst", vrrp->instances[sync->instance].name);
	fprintf(out, " id %u", sync->id);
	if (sync->maxlen != PAIR_SYNC_MAXLEN)
		fprintf(out, " maxlen %u", sync->maxlen);
	fprintf(out, " port %u ttl %u group %s\n", sync->port, sync->ttl,
		addr_format(&sync->group, text));
}

/* The pauses are of global_defs alone; all instances have the same. */
static void print_pauses(FILE *out, const struct vrrp_conf *vrrp)
{
	const struct vrrp_conf_garp *garp;

	if (vrrp->nr_instances == 0)
		return;
	garp = &vrrp->instances[0].garp;
	if (garp->arp_interval)
		conf_print_time(out, "\t", "vrrp_garp_interval",
				garp->arp_interval);
	if (garp->na_interval)
		conf_print_time(out, "\t", "vrrp_gna_interval",
				garp->na_interval);
}

void conf_print_vrrp_global(FILE *out, const struct conf *conf)
{
	const struct vrrp_conf *vrrp = conf->vrrp;
	const struct pair_conf *pair = conf->pair;

	print_pauses(out, vrrp);
	if (vrrp->startup_delay)
		conf_print_time(out, "\t", "vrrp_startup_delay",
				vrrp->startup_delay);
	if (vrrp->rt_priority)
		fprintf(out, "\tvrrp_rt_priority %d\n", vrrp->rt_priority);
	if (vrrp->rlimit_rttime)
		fprintf(out, "\tvrrp_rlimit_rttime %" PRId64 "\n",
			vrrp->rlimit_rttime);
	if (vrrp->nice)
		fprintf(out, "\tvrrp_priority %d\n", vrrp->nice);
	if (vrrp->lock_memory)
		fputs("\tvrrp_no_swap\n", out);
	if (pair->priority_changes)
		fputs("\tvrrp_notify_priority_changes\n", out);
	if (pair->fifo_on_reload)
		fputs("\tfifo_write_vrrp_states_on_reload\n", out);
	print_fifo(out, "notify_fifo", &pair->fifo);
	print_fifo(out, "vrrp_notify_fifo", &pair->vrrp_fifo);
	print_fifo(out, "lvs_notify_fifo", &pair->lvs_fifo);
	print_sync(out, vrrp, &pair->sync);
}

/* Trackers */

static void print_process(FILE *out, const struct pair_process *process)
{
	char **argument;

	fprintf(out, "\tprocess \"%s\"", process->path);
	for (argument = process->arguments; argument && *argument; argument++)
		fprintf(out, " \"%s\"", *argument);
	fputc('\n', out);
	if (process->match_initial)
		fputs("\tparam_match initial\n", out);
	if (process->match_partial)
		fputs("\tparam_match partial\n", out);
	if (process->full_command)
		fputs("\tfull_command\n", out);
	fprintf(out, "\tquorum %u\n", process->quorum);
	if (process->quorum_max != UINT32_MAX)
		fprintf(out, "\tquorum_max %u\n", process->quorum_max);
	conf_print_time(out, "\t", "fork_delay", process->fork_delay);
	conf_print_time(out, "\t", "terminate_delay", process->terminate_delay);
}

static void print_watch(FILE *out, const struct vrrp_conf_tracker *tracker,
			const struct pair_watch *watch)
{
	if (watch->script) {
		fprintf(out, "vrrp_script \"%s\" {\n", tracker->name);
		conf_print_script(out, "\t", "script", watch->script->script);
		conf_print_time(out, "\t", "interval", watch->script->interval);
		conf_print_time(out, "\t", "timeout", watch->script->timeout);
		fprintf(out, "\trise %u\n\tfall %u\n", watch->script->rise,
			watch->script->fall);
		if (tracker->init_fail)
			fputs("\tinit_fail\n", out);
	} else if (watch->file) {
		fprintf(out, "track_file \"%s\" {\n\tfile \"%s\"\n",
			tracker->name, watch->file->path);
		if (watch->file->init)
			fprintf(out, "\tinit_file %" PRId64 "%s\n",
				watch->file->init_value,
				watch->file->overwrite ? " overwrite" : "");
	} else if (watch->process) {
		fprintf(out, "vrrp_track_process \"%s\" {\n", tracker->name);
		print_process(out, watch->process);
	} else {
		return;
	}
	fputs("}\n", out);
}

static void print_track(FILE *out, const struct vrrp_conf *vrrp,
			const struct vrrp_conf_track *track)
{
	const struct vrrp_conf_tracker *tracker =
		&vrrp->trackers[track->tracker];

	if (tracker->kind != VRRP_TRACK_POOL)
		fprintf(out, "\t\t\"%s\"", tracker->name);
	else if (strncmp(tracker->name, "group ", 6) == 0)
		fprintf(out, "\ttrack_virtual_server group \"%s\"",
			tracker->name + 6);
	else
		fprintf(out, "\ttrack_virtual_server %s", tracker->name);
	fprintf(out, " weight %d %sreverse\n", track->weight,
		track->reverse ? "" : "no");
}

static const char *const track_words[] = {
	[VRRP_TRACK_INTERFACE] = "track_interface",
	[VRRP_TRACK_SCRIPT] = "track_script",
	[VRRP_TRACK_PROCESS] = "track_process",
	[VRRP_TRACK_POOL] = NULL,
	[VRRP_TRACK_FILE] = "track_file",
};

/* Every tracker gets a block of its own, so that the order stays. */
static void print_tracks(FILE *out, const struct vrrp_conf *vrrp,
			 const struct vrrp_conf_track *tracks, uint32_t nr)
{
	const char *word;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		/* The firewall tracker is no word of the language. */
		if (vrrp->trackers[tracks[i].tracker].kind ==
		    VRRP_TRACK_FIREWALL)
			continue;
		word = track_words[vrrp->trackers[tracks[i].tracker].kind];
		if (word)
			fprintf(out, "\t%s {\n", word);
		print_track(out, vrrp, &tracks[i]);
		if (word)
			fputs("\t}\n", out);
	}
}

/* Instances and groups */

static void print_notify(FILE *out, const struct pair_notify *notify)
{
	conf_print_script(out, "\t", "notify", notify->any);
	conf_print_script(out, "\t", "notify_master", notify->master);
	conf_print_script(out, "\t", "notify_backup", notify->backup);
	conf_print_script(out, "\t", "notify_fault", notify->fault);
	conf_print_script(out, "\t", "notify_stop", notify->stop);
	conf_print_script(out, "\t", "notify_deleted", notify->deleted);
	conf_print_script(out, "\t", "notify_master_rx_lower_pri",
			  notify->master_rx_lower_pri);
	if (notify->priority_changes)
		fputs("\tnotify_priority_changes on\n", out);
}

static void print_peers(FILE *out, const struct vrrp_conf_instance *vi)
{
	char text[ADDR_TEXT_MAX];
	uint32_t i;

	print_addr(out, vi->nr_peers ? "unicast_src_ip" : "mcast_src_ip",
		   &vi->source);
	print_addr(out, "mcast_dst_ip", &vi->group);
	if (vi->nr_peers == 0)
		return;
	fprintf(out, "\tunicast_ttl %u\n\tunicast_peer {\n", vi->ttl);
	for (i = 0; i < vi->nr_peers; i++)
		fprintf(out, "\t\t%s min_ttl %u max_ttl %u\n",
			addr_format(&vi->peers[i].addr, text),
			vi->peers[i].min_ttl, vi->peers[i].max_ttl);
	fputs("\t}\n", out);
}

static void print_garp(FILE *out, const struct vrrp_conf_garp *garp)
{
	fprintf(out, "\tgarp_master_repeat %u\n", garp->master_repeat);
	conf_print_time(out, "\t", "garp_master_delay", garp->master_delay);
	conf_print_time(out, "\t", "garp_master_refresh", garp->master_refresh);
	fprintf(out, "\tgarp_master_refresh_repeat %u\n",
		garp->master_refresh_repeat);
	fprintf(out, "\tgarp_lower_prio_repeat %u\n", garp->lower_repeat);
	conf_print_time(out, "\t", "garp_lower_prio_delay", garp->lower_delay);
}

static void print_vrrp_protocol(FILE *out, const struct vrrp_conf_instance *vi)
{
	if (vi->ifname[0])
		fprintf(out, "\tinterface \"%s\"\n", vi->ifname);
	fprintf(out, "\tvirtual_router_id %u\n\tpriority %u\n\tversion %u\n",
		vi->vrid, vi->priority, vi->version);
	conf_print_time(out, "\t", "advert_int", vi->interval);
	fprintf(out, "\tdown_timer_adverts %u\n", vi->down_adverts);
	fprintf(out, "\t%s\n", vi->preempt ? "preempt" : "nopreempt");
	if (vi->preempt_delay)
		conf_print_time(out, "\t", "preempt_delay", vi->preempt_delay);
	if (vi->auth == VRRP_AUTH_SIMPLE)
		fputs("\tauthentication {\n\t\tauth_type PASS\n\t\tauth_pass ***\n\t}\n",
		      out);
	fprintf(out, "\t%s\n", vi->accept ? "accept" : "no_accept");
	print_switch(out, "strict_mode", vi->strict);
	print_switch(out, "skip_check_adv_addr", vi->skip_check_adv_addr);
	print_switch(out, "check_unicast_src", vi->check_unicast_src);
	print_switch(out, "lower_prio_no_advert", vi->lower_prio_no_advert);
	print_switch(out, "v3_checksum_as_v2",
		     vi->checksum == VRRP_CHECKSUM_MESSAGE);
	if (!vi->track_primary)
		fputs("\tdont_track_primary\n", out);
	if (vi->use_vmac && vi->vmac_name)
		fprintf(out, "\tuse_vmac \"%s\"\n", vi->vmac_name);
	else if (vi->use_vmac)
		fputs("\tuse_vmac\n", out);
	if (vi->vmac_xmit_base)
		fputs("\tvmac_xmit_base\n", out);
}

static void print_instance(FILE *out, const struct vrrp_conf *vrrp,
			   const struct vrrp_conf_instance *vi,
			   const struct pair_notify *notify)
{
	fprintf(out, "vrrp_instance \"%s\" {\n", vi->name);
	print_vrrp_protocol(out, vi);
	print_peers(out, vi);
	vrrp_lines_print(out, "\t", "virtual_ipaddress", &vrrp_address_lines,
			 vi->addresses, vi->nr_addresses);
	vrrp_lines_print(out, "\t", "virtual_ipaddress_excluded",
			 &vrrp_address_lines, vi->excluded, vi->nr_excluded);
	vrrp_lines_print(out, "\t", "virtual_routes", &vrrp_route_lines,
			 vi->routes, vi->nr_routes);
	vrrp_lines_print(out, "\t", "virtual_rules", &vrrp_rule_lines,
			 vi->rules, vi->nr_rules);
	print_garp(out, &vi->garp);
	print_tracks(out, vrrp, vi->tracks, vi->nr_tracks);
	print_notify(out, notify);
	fputs("}\n", out);
}

/* Members in the order of the file; and whether their weights count. */
static void print_vrrp_group(FILE *out, const struct vrrp_conf *vrrp,
			     uint32_t index, const struct pair_notify *notify)
{
	const struct vrrp_conf_group *group = &vrrp->groups[index];
	const struct vrrp_conf_instance *vi;
	bool weights = false;
	uint32_t i, k;

	fprintf(out, "vrrp_sync_group \"%s\" {\n\tgroup {\n", group->name);
	for (i = 0; i < vrrp->nr_instances; i++) {
		vi = &vrrp->instances[i];
		if (vi->sync_group != index)
			continue;
		fprintf(out, "\t\t\"%s\"\n", vi->name);
		for (k = 0; k < vi->nr_tracks; k++)
			weights = weights || vi->tracks[k].weight;
	}
	fputs("\t}\n", out);
	if (weights)
		fputs("\tsync_group_tracking_weight\n", out);
	print_tracks(out, vrrp, group->tracks, group->nr_tracks);
	print_notify(out, notify);
	fputs("}\n", out);
}

void conf_print_vrrp(FILE *out, const struct conf *conf)
{
	const struct vrrp_conf *vrrp = conf->vrrp;
	const struct pair_conf *pair = conf->pair;
	uint32_t i;

	vrrp_lines_print(out, "", "static_ipaddress", &vrrp_address_lines,
			 vrrp->addresses, vrrp->nr_addresses);
	vrrp_lines_print(out, "", "static_routes", &vrrp_route_lines,
			 vrrp->routes, vrrp->nr_routes);
	vrrp_lines_print(out, "", "static_rules", &vrrp_rule_lines, vrrp->rules,
			 vrrp->nr_rules);
	for (i = 0; i < pair->nr_watches; i++)
		print_watch(out, &vrrp->trackers[pair->watches[i].tracker],
			    &pair->watches[i]);
	for (i = 0; i < vrrp->nr_instances; i++)
		print_instance(out, vrrp, &vrrp->instances[i],
			       &pair->instances[i]);
	for (i = 0; i < vrrp->nr_groups; i++)
		print_vrrp_group(out, vrrp, i, &pair->groups[i]);
}
