/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as a file: every value in force is spelt out, inherited or
 * not, and the file parses to an equal configuration.
 */
#include <stdio.h>
#include <string.h>

#include "conf/conf_print.h"
#include "conf/lvs/draft.h"

static void print_share(FILE *out, const char *indent, const char *word,
			struct conf_share share)
{
	fprintf(out, "%s%s %u%s\n", indent, word, share.value,
		share.percent ? "%" : "");
}

static void print_forward(FILE *out, const char *indent, const char *word,
			  const struct conf_forward *forward)
{
	fprintf(out, "%s%s ", indent, word);
	switch (forward->method) {
	case FORWARD_NAT:
		fputs("NAT", out);
		break;
	case FORWARD_DR:
		fputs("DR", out);
		break;
	case FORWARD_TUN:
		fputs("TUN", out);
		if (forward->tun_type == TUNNEL_GUE)
			fprintf(out, " type gue port %u", forward->tun_port);
		else if (forward->tun_type == TUNNEL_GRE)
			fputs(" type gre", out);
		if (forward->tun_flags & TUNNEL_CSUM)
			fputs(" csum", out);
		else if (forward->tun_flags & TUNNEL_REMCSUM)
			fputs(" remcsum", out);
		break;
	}
	fputc('\n', out);
}

static void print_slow_start(FILE *out, const char *indent,
			     const struct conf_slow_start *slow)
{
	fprintf(out, "%sslow_start {\n", indent);
	fprintf(out, "%s", indent);
	conf_print_time(out, "\t", "time", slow->time);
	fprintf(out, "%s\tfrom %u%%\n", indent, slow->from);
	fprintf(out, "%s\tgate %s\n%s}\n", indent,
		slow->gate ? "threads_running" : "none", indent);
}

static void print_server(FILE *out, const struct conf *conf,
			 const struct conf_server *server)
{
	const char *in = "\t\t";
	uint32_t i;

	fputs("\treal_server ", out);
	conf_print_endpoint(out, &server->addr);
	fprintf(out, " {\n%sweight %u\n", in, server->weight);
	print_forward(out, in, "lvs_method", &server->forward);
	if (server->u_threshold)
		fprintf(out, "%suthreshold %u\n", in, server->u_threshold);
	if (server->l_threshold)
		fprintf(out, "%slthreshold %u\n", in, server->l_threshold);
	fprintf(out, "%sinhibit_on_failure %s\n", in,
		server->inhibit ? "on" : "off");
	if (server->backup)
		fprintf(out, "%sbackup\n", in);
	fprintf(out, "%salpha %s\n", in, server->alpha ? "on" : "off");
	conf_print_time(out, in, "drain_timeout", server->drain_timeout);
	print_slow_start(out, in, server->slow_start);
	conf_print_script(out, in, "notify_up", server->notify_up);
	conf_print_script(out, in, "notify_down", server->notify_down);
	for (i = 0; i < server->nr_uses + server->nr_idle_uses; i++)
		conf_print_check(out, &conf->checks[server->uses[i].check],
				 server->uses[i].alpha);
	fputs("\t}\n", out);
}

static bool conf_print_vs_is_group(const struct conf_virtual_server *vs)
{
	return strncmp(vs->name, "group ", 6) == 0;
}

/* Several virtual servers can be of one group. */
static bool conf_print_group_is_printed(const struct conf *conf,
					const struct conf_virtual_server *vs)
{
	const struct conf_virtual_server *other;

	for (other = conf->virtual_servers; other < vs; other++) {
		if (strcmp(other->name, vs->name) == 0)
			return true;
	}
	return false;
}

static void print_group(FILE *out, const struct conf_virtual_server *vs)
{
	const struct service_key *key;
	uint32_t i;

	fprintf(out, "virtual_server_group %s {\n", vs->name + 6);
	for (i = 0; i < vs->nr_keys; i++) {
		key = &vs->keys[i];
		fputc('\t', out);
		if (key->fwmark)
			fprintf(out, "fwmark %u %s", key->fwmark,
				key->family == AF_INET6 ? "inet6" : "inet");
		else
			conf_print_endpoint(out, &key->vip);
		fputc('\n', out);
	}
	fputs("}\n", out);
}

static void print_flags(FILE *out, const struct conf_virtual_server *vs)
{
	uint32_t flags = vs->flags;

	if (strcmp(vs->sched_word, "random") == 0)
		flags &= ~(uint32_t)SERVICE_SCHED2;
	if (flags & SERVICE_ONEPACKET)
		fputs("\tops\n", out);
	if (flags & SERVICE_SCHED1)
		fputs("\tflag-1\n", out);
	if (flags & SERVICE_SCHED2)
		fputs("\tflag-2\n", out);
	if (flags & SERVICE_SCHED3)
		fputs("\tflag-3\n", out);
	if (!(flags & SERVICE_PERSISTENT))
		return;
	fprintf(out, "\tpersistence_timeout %u\n", vs->persistence);
	if (vs->group_prefix_set)
		fprintf(out, "\tpersistence_granularity %u\n", vs->prefix);
	if (vs->pe_name[0])
		fprintf(out, "\tpersistence_engine %s\n", vs->pe_name);
}

static void print_pool_words(FILE *out, const struct conf_virtual_server *vs)
{
	print_share(out, "\t", "min_serving", vs->min_serving);
	if (vs->correlated)
		fprintf(out, "\tcorrelated_failure %u%%\n", vs->correlated);
	else
		fputs("\tcorrelated_failure off\n", out);
	fprintf(out, "\tbase_weight %u\n", vs->base_weight);
	fputs("\theadroom {\n", out);
	print_share(out, "\t\t", "survive", vs->headroom.survive);
	fprintf(out, "\t\treserve %u\n\t\thigh %u%%\n\t\tthreshold %s\n\t}\n",
		vs->headroom.reserve, vs->headroom.high,
		vs->headroom.threshold ? "on" : "off");
	if (!vs->fastest)
		return;
	fprintf(out,
		"\tfastest_response {\n\t\trange %u%% %u%%\n\t\tstep %u%%\n\t\tdead_band %u%%\n\t}\n",
		vs->fastest_response.low, vs->fastest_response.high,
		vs->fastest_response.step, vs->fastest_response.dead_band);
}

static void print_identity(FILE *out, const struct conf *conf,
			   const struct conf_virtual_server *vs)
{
	if (conf_print_vs_is_group(vs)) {
		if (!conf_print_group_is_printed(conf, vs))
			print_group(out, vs);
		fprintf(out, "virtual_server %s {\n", vs->name);
	} else if (vs->keys[0].fwmark) {
		fprintf(out, "virtual_server fwmark %u {\n\tip_family %s\n",
			vs->keys[0].fwmark,
			vs->keys[0].family == AF_INET6 ? "inet6" : "inet");
	} else {
		fputs("virtual_server ", out);
		conf_print_endpoint(out, &vs->keys[0].vip);
		fputs(" {\n", out);
	}
}

static void print_protocol(FILE *out, const struct conf_virtual_server *vs)
{
	uint32_t i;

	for (i = 0; i < vs->nr_keys; i++) {
		if (vs->keys[i].fwmark)
			continue;
		fprintf(out, "\tprotocol %s\n",
			vs->keys[i].protocol == IPPROTO_TCP ? "TCP" :
			vs->keys[i].protocol == IPPROTO_UDP ? "UDP" :
							      "SCTP");
		return;
	}
}

static void print_vs(FILE *out, const struct conf *conf,
		     const struct conf_virtual_server *vs)
{
	uint32_t i;

	print_identity(out, conf, vs);
	print_protocol(out, vs);
	fprintf(out, "\tlvs_sched %s\n", vs->sched_word);
	print_forward(out, "\t", "lvs_method", &vs->forward);
	print_flags(out, vs);
	if (vs->alpha)
		fputs("\talpha\n", out);
	if (vs->omega)
		fputs("\tomega\n", out);
	if (vs->ha_suspend)
		fputs("\tha_suspend\n", out);
	fprintf(out, "\tquorum %u\n\thysteresis %u\n", vs->quorum,
		vs->hysteresis);
	conf_print_script(out, "\t", "quorum_up", vs->quorum_up);
	conf_print_script(out, "\t", "quorum_down", vs->quorum_down);
	if (addr_is_set(&vs->sorry.addr.addr)) {
		fputs("\tsorry_server ", out);
		conf_print_endpoint(out, &vs->sorry.addr);
		fputc('\n', out);
		print_forward(out, "\t", "sorry_server_lvs_method",
			      &vs->sorry.forward);
		if (vs->sorry.inhibit)
			fputs("\tsorry_server_inhibit\n", out);
	}
	print_pool_words(out, vs);
	for (i = 0; i < vs->nr_servers; i++)
		print_server(out, conf, &conf->servers[vs->first_server + i]);
	fputs("}\n", out);
}

static void print_global(FILE *out, const struct conf *conf)
{
	fputs("global_defs {\n", out);
	conf_block_print(out, "\t", &conf_block_global, &conf->global);
	conf_print_vrrp_global(out, conf);
	conf_print_sets(out, &conf->global.sets);
	fputs("}\n", out);
}

void conf_print(const struct conf *conf, FILE *out)
{
	uint32_t i;

	print_global(out, conf);
	for (i = 0; i < conf->nr_virtual_servers; i++)
		print_vs(out, conf, &conf->virtual_servers[i]);
	conf_print_vrrp(out, conf);
}
