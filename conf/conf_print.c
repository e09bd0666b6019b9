/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration as a file: every value in force is spelt out, inherited or
 * not, and the file parses to an equal configuration.
 */
#include <stdio.h>
#include <string.h>

#include "conf/conf_print.h"
#include "conf/vrrp/vrrp_blocks.h"

static void print_server(FILE *out, const struct conf *conf,
			 const struct conf_server *server)
{
	uint32_t i;

	fputs("\treal_server ", out);
	conf_print_endpoint(out, &server->addr);
	fputs(" {\n", out);
	conf_block_print(out, "\t\t", &conf_block_real_server, server);
	for (i = 0; i < server->nr_uses; i++)
		conf_print_check(out, &conf->checks[server->uses[i].check],
				 server->uses[i].alpha);
	fputs("\t}\n", out);
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

static void print_keys(FILE *out, const struct conf_virtual_server *vs)
{
	const struct service_key *key;
	uint32_t i;

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
}

static void print_identity(FILE *out, const struct conf *conf,
			   const struct conf_virtual_server *vs)
{
	if (conf_vs_group(vs)) {
		if (!conf_print_group_is_printed(conf, vs)) {
			fprintf(out, "virtual_server_group %s {\n",
				conf_vs_group(vs));
			print_keys(out, vs);
			fputs("}\n", out);
		}
		fprintf(out, "virtual_server %s {\n", vs->name);
	} else if (vs->keys[0].fwmark) {
		fprintf(out, "virtual_server fwmark %u {\n",
			vs->keys[0].fwmark);
	} else {
		fputs("virtual_server ", out);
		conf_print_endpoint(out, &vs->keys[0].vip);
		fputs(" {\n", out);
	}
}

static void print_vs_block(FILE *out, const struct conf *conf,
			   const struct conf_virtual_server *vs)
{
	uint32_t i;

	conf_block_print(out, "\t", &conf_block_virtual_server, vs);
	for (i = 0; i < vs->nr_servers; i++)
		print_server(out, conf, &conf->servers[vs->first_server + i]);
	fputs("}\n", out);
}

static void print_vs(FILE *out, const struct conf *conf,
		     const struct conf_virtual_server *vs)
{
	print_identity(out, conf, vs);
	print_vs_block(out, conf, vs);
}

void conf_print_pool(FILE *out, const struct conf *conf,
		     const struct conf_virtual_server *vs)
{
	fprintf(out, "%s {\n", vs->name);
	print_keys(out, vs);
	print_vs_block(out, conf, vs);
}

static void print_announce(FILE *out, const struct conf_announce_group *group)
{
	fprintf(out, "announce_group \"%s\" {\n", group->name);
	conf_block_print(out, "\t", &conf_block_announce, group);
	fputs("}\n", out);
}

static void print_global(FILE *out, const struct conf *conf)
{
	fputs("global_defs {\n", out);
	conf_block_print(out, "\t", &conf_block_global, &conf->global);
	conf_print_vrrp_global(out, conf);
	conf_block_print(out, "\t", &conf_block_sets, &conf->global.sets);
	conf_block_print(out, "\t", &conf_block_mail, &conf->global.mail);
	conf_block_print(out, "\t", &conf_block_process, &conf->global);
	fputs("}\n", out);
}

static void print_ssl(FILE *out, const struct conf_identity *ssl)
{
	if (!ssl->ca && !ssl->certificate && !ssl->key && !ssl->password)
		return;
	fputs("SSL {\n", out);
	conf_block_print(out, "\t", &conf_block_ssl, ssl);
	fputs("}\n", out);
}

void conf_print(const struct conf *conf, FILE *out)
{
	uint32_t i;

	conf_block_print(out, "", &conf_block_process_file, &conf->global);
	print_global(out, conf);
	print_ssl(out, &conf->global.ssl);
	for (i = 0; i < conf->nr_announce_groups; i++)
		print_announce(out, &conf->announce_groups[i]);
	for (i = 0; i < conf->nr_virtual_servers; i++)
		print_vs(out, conf, &conf->virtual_servers[i]);
	conf_print_vrrp(out, conf);
}
