/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <ifaddrs.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "conf/vrrp_conf.h"
#include "daemon/doctor/collect.h"
#include "daemon/doctor/iptables.h"
#include "daemon/proc/own_address.h"
#include "daemon/proc/run_command.h"
#include "daemon/proc/sysctl.h"

#define COLLECT_TOOL_LIMIT (3 * USEC_PER_SEC)
#define COLLECT_RULES_MAX (8u << 20)

static bool collect_there(const char *path)
{
	struct stat about;

	return stat(path, &about) == 0;
}

/* Whether a line of FILE names the module, as a path or alone. */
static bool collect_listed(const char *file, const char *module)
{
	FILE *in = fopen(file, "re");
	char *line = NULL, end[64];
	bool found = false;
	size_t size = 0;

	if (!in)
		return false;
	snprintf(end, sizeof(end), "/%s.ko", module);
	while (!found && getline(&line, &size, in) > 0)
		found = strstr(line, end) != NULL;
	free(line);
	fclose(in);
	return found;
}

static enum doctor_module collect_module(const char *module)
{
	struct utsname kernel;
	char path[256];

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	if (collect_there(path))
		return DOCTOR_MODULE_LOADED;
	if (uname(&kernel) < 0)
		return DOCTOR_MODULE_UNKNOWN;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.builtin",
		 kernel.release);
	if (collect_listed(path, module))
		return DOCTOR_MODULE_LOADED;
	snprintf(path, sizeof(path), "/lib/modules/%s/modules.dep",
		 kernel.release);
	if (!collect_there(path))
		return DOCTOR_MODULE_UNKNOWN;
	return collect_listed(path, module) ? DOCTOR_MODULE_LOADABLE :
					      DOCTOR_MODULE_MISSING;
}

/* The kernel knows a dozen schedulers; each is looked for once. */
#define COLLECT_SCHEDULERS 32

static void collect_schedulers(struct doctor_host *host,
			       const struct conf *conf)
{
	struct {
		const char *name;
		enum doctor_module found;
	} seen[COLLECT_SCHEDULERS];
	char module[TABLE_NAME_MAX + 8];
	uint32_t i, nr = 0, s;

	host->schedulers = xcalloc(conf->nr_virtual_servers + 1,
				   sizeof(*host->schedulers));
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		const char *name = conf->virtual_servers[i].scheduler;

		for (s = 0; s < nr && strcmp(seen[s].name, name) != 0; s++)
			;
		if (s == COLLECT_SCHEDULERS)
			continue;
		if (s == nr) {
			snprintf(module, sizeof(module), "ip_vs_%s", name);
			seen[nr].name = name;
			seen[nr++].found = collect_module(module);
		}
		host->schedulers[i] = seen[s].found;
	}
}

static int collect_way_cmp(const void *a, const void *b)
{
	const struct doctor_way *x = a, *y = b;

	return addr_cmp(&x->addr, &y->addr);
}

/* Sort, and keep each address once. Returns the number that is left. */
static uint32_t collect_once(struct doctor_way *ways, uint32_t nr)
{
	uint32_t i, kept = 0;

	if (nr == 0)
		return 0;
	qsort(ways, nr, sizeof(*ways), collect_way_cmp);
	for (i = 1; i < nr; i++)
		if (addr_cmp(&ways[i].addr, &ways[kept].addr) != 0)
			ways[++kept] = ways[i];
	return kept + 1;
}

static void collect_service_list(struct doctor_host *host,
				 const struct conf *conf)
{
	uint32_t i, k, nr = 0, room = 0;

	for (i = 0; i < conf->nr_virtual_servers; i++)
		room += conf->virtual_servers[i].nr_keys;
	host->services = xcalloc(room + 1, sizeof(*host->services));
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		for (k = 0; k < conf->virtual_servers[i].nr_keys; k++) {
			const struct service_key *key =
				&conf->virtual_servers[i].keys[k];

			if (addr_is_set(&key->vip.addr))
				host->services[nr++].addr = key->vip.addr;
		}
	}
	host->nr_services = collect_once(host->services, nr);
	collect_ways(host, host->services, host->nr_services);
}

static void collect_server_list(struct doctor_host *host,
				const struct conf *conf)
{
	uint32_t i;

	host->servers = xcalloc(conf->nr_servers + 1, sizeof(*host->servers));
	for (i = 0; i < conf->nr_servers; i++)
		host->servers[i].addr = conf->servers[i].addr.addr;
	host->nr_servers = collect_once(host->servers, conf->nr_servers);
	collect_ways(host, host->servers, host->nr_servers);
	for (i = 0; i < host->nr_servers; i++)
		if (host->servers[i].link != DOCTOR_NO_LINK)
			host->links[host->servers[i].link].servers = true;
}

/* Clients come in where VRRP holds the address, on either balancer. */
static void collect_held(struct doctor_host *host,
			 const struct vrrp_conf_instance *instance,
			 const struct vrrp_conf_address *list, uint32_t nr)
{
	const struct doctor_link *link;
	const struct doctor_way *way;
	uint32_t i;

	for (i = 0; i < nr; i++) {
		way = doctor_way(host->services, host->nr_services,
				 &list[i].addr);
		link = doctor_link(host, list[i].dev ? list[i].dev :
						       instance->ifname);
		if (way && link)
			host->services[way - host->services].link =
				(uint32_t)(link - host->links);
	}
}

/* An address that this host has, on which interface it is. */
static void collect_owned(struct doctor_host *host)
{
	struct ifaddrs *all = NULL, *one;

	if (getifaddrs(&all) < 0)
		return;
	for (one = all; one; one = one->ifa_next) {
		const struct doctor_link *link;
		const struct doctor_way *way;
		struct addr addr = { 0 };
		char name[IF_NAMESIZE];

		if (!one->ifa_addr)
			continue;
		addr.family = one->ifa_addr->sa_family;
		if (addr.family == AF_INET)
			addr.v4 = ((struct sockaddr_in *)(void *)one->ifa_addr)
					  ->sin_addr;
		else if (addr.family == AF_INET6)
			addr.v6 = ((struct sockaddr_in6 *)(void *)one->ifa_addr)
					  ->sin6_addr;
		else
			continue;
		way = doctor_way(host->services, host->nr_services, &addr);
		link = doctor_link(host, own_address_link(one, name));
		if (way && link)
			host->services[way - host->services].link =
				(uint32_t)(link - host->links);
	}
	freeifaddrs(all);
}

static void collect_clients(struct doctor_host *host, const struct conf *conf)
{
	const struct vrrp_conf *vrrp = conf->vrrp;
	uint32_t i;

	collect_owned(host);
	for (i = 0; i < vrrp->nr_instances; i++) {
		const struct vrrp_conf_instance *one = &vrrp->instances[i];

		collect_held(host, one, one->addresses, one->nr_addresses);
		collect_held(host, one, one->excluded, one->nr_excluded);
	}
	for (i = 0; i < host->nr_services; i++)
		if (host->services[i].link != DOCTOR_NO_LINK)
			host->links[host->services[i].link].clients = true;
}

/* Whether a line of /proc/net/route, cut after its first word, is to 0.0.0.0/0. */
static bool collect_is_default(char *rest)
{
	static const unsigned to = 1, mask = 7; /* words behind the name */
	unsigned word;
	char *one;

	for (word = 1; (one = strsep(&rest, "\t")); word++)
		if ((word == to || word == mask) &&
		    one[strspn(one, "0 ")] != '\0')
			return false;
	return word > mask;
}

/* The interface of IPv4's default route: the first line to 0.0.0.0. */
static uint32_t collect_default(const struct doctor_host *host)
{
	FILE *in = fopen("/proc/net/route", "re");
	uint32_t found = DOCTOR_NO_LINK;
	const struct doctor_link *link;
	char line[256], *rest, *name;

	while (in && found == DOCTOR_NO_LINK && fgets(line, sizeof(line), in)) {
		rest = line;
		name = strsep(&rest, "\t");
		if (!rest || !collect_is_default(rest))
			continue;
		link = doctor_link(host, name);
		if (link)
			found = (uint32_t)(link - host->links);
	}
	if (in)
		fclose(in);
	return found;
}

void collect_host(struct doctor_host *host, const struct conf *conf)
{
	unsigned i;

	*host = (struct doctor_host){ .root = geteuid() == 0 };
	host->ip_vs = collect_there("/proc/sys/net/ipv4/vs") ?
			      DOCTOR_MODULE_LOADED :
			      collect_module("ip_vs");
	collect_schedulers(host, conf);
	for (i = 0; i < DOCTOR_SYSCTLS; i++)
		if (sysctl_read(doctor_sysctl_name(i), host->sysctls[i],
				sizeof(host->sysctls[i])) < 0)
			host->sysctls[i][0] = '\0';
	collect_links(host);
	host->default_link = collect_default(host);
	collect_service_list(host, conf);
	collect_server_list(host, conf);
	collect_clients(host, conf);
}

static bool collect_has_text(const char *path)
{
	FILE *in = fopen(path, "re");
	bool has = in && fgetc(in) != EOF;

	if (in)
		fclose(in);
	return has;
}

/* The output of TOOL goes into SAID; returns its status, or -errno. */
static int collect_tool(const char *tool, const char *options, char *said)
{
	char words[3][16] = { "", "", "" }, name[32];
	char *argv[] = { name, words[0], words[1], words[2], NULL };

	snprintf(name, sizeof(name), "%s", tool);
	if (sscanf(options, "%15s %15s %15s", words[0], words[1], words[2]) < 1)
		argv[1] = NULL;
	return command_run(tool, argv, NULL, said, COLLECT_RULES_MAX,
			   COLLECT_TOOL_LIMIT);
}

/* The rules of iptables, of both families and, if wanted, of both makes. */
static void collect_iptables(struct doctor_host *host, char *said)
{
	static const struct {
		const char *save, *family, *tool;
		bool legacy;
	} tools[] = {
		{ "iptables-nft-save", "ip", "iptables-nft", false },
		{ "ip6tables-nft-save", "ip6", "ip6tables-nft", false },
		{ "iptables-legacy-save", "ip", "iptables-legacy", true },
		{ "ip6tables-legacy-save", "ip6", "ip6tables-legacy", true },
	};
	struct json_object *list;
	size_t i;

	if (!json_object_object_get_ex(host->rules, "nftables", &list) ||
	    !json_object_is_type(list, json_type_array))
		return;
	for (i = 0; i < ARRAY_SIZE(tools); i++) {
		/* Asking would load modules for rules that nobody has. */
		if (tools[i].legacy && !host->legacy_rules)
			continue;
		if (collect_tool(tools[i].save, "", said) == 0)
			iptables_add(list, said, tools[i].family,
				     tools[i].tool);
		else if (tools[i].legacy)
			host->legacy_unseen = true;
	}
}

void collect_rules(struct doctor_host *host)
{
	char *said = xcalloc(1, COLLECT_RULES_MAX);

	host->rules_error = collect_tool("nft", "-j list ruleset", said);
	if (host->rules_error == 0) {
		host->rules = json_tokener_parse(said);
		host->rules_error = host->rules ? 0 : -EBADMSG;
	}
	host->legacy_rules = collect_has_text("/proc/net/ip_tables_names") ||
			     collect_has_text("/proc/net/ip6_tables_names");
	host->legacy_unseen = host->legacy_rules && !host->rules;
	if (host->rules)
		collect_iptables(host, said);
	free(said);
}

void collect_routing(struct doctor_host *host)
{
	static const char *const options[2] = { "-4 -j rule", "-6 -j rule" };
	char *said = xcalloc(1, COLLECT_RULES_MAX);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (collect_tool("ip", options[i], said) == 0)
			host->routing[i] = json_tokener_parse(said);
	free(said);
}

void collect_free(struct doctor_host *host)
{
	free(host->schedulers);
	free(host->links);
	free(host->services);
	free(host->servers);
	free(host->answers);
	json_object_put(host->rules);
	json_object_put(host->routing[0]);
	json_object_put(host->routing[1]);
	json_object_put(host->daemon);
	*host = (struct doctor_host){ 0 };
}
