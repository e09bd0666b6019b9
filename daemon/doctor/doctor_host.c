/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/doctor/doctor_host.h"

#include <stdlib.h>
#include <string.h>

static const char *const doctor_sysctl_names[DOCTOR_SYSCTLS] = {
	[DOCTOR_IP_FORWARD] = "net/ipv4/ip_forward",
	[DOCTOR_IP6_FORWARD] = "net/ipv6/conf/all/forwarding",
	[DOCTOR_RP_FILTER] = "net/ipv4/conf/all/rp_filter",
	[DOCTOR_REDIRECTS] = "net/ipv4/conf/all/send_redirects",
	[DOCTOR_TRACKED] = "net/netfilter/nf_conntrack_count",
	[DOCTOR_TRACKED_MAX] = "net/netfilter/nf_conntrack_max",
	[DOCTOR_VS_CONNTRACK] = "net/ipv4/vs/conntrack",
	[DOCTOR_VS_NODEST] = "net/ipv4/vs/expire_nodest_conn",
	[DOCTOR_VS_QUIESCENT] = "net/ipv4/vs/expire_quiescent_template",
	[DOCTOR_VS_REUSE] = "net/ipv4/vs/conn_reuse_mode",
	[DOCTOR_VS_THRESHOLD] = "net/ipv4/vs/sync_threshold",
	[DOCTOR_VS_BACKUP_ONLY] = "net/ipv4/vs/backup_only",
};

const char *doctor_sysctl_name(enum doctor_sysctl sysctl)
{
	return doctor_sysctl_names[sysctl];
}

long doctor_sysctl(const struct doctor_host *host, enum doctor_sysctl sysctl)
{
	const char *value = host->sysctls[sysctl];

	return value[0] ? strtol(value, NULL, 10) : -1;
}

static int doctor_way_cmp(const void *key, const void *way)
{
	return addr_cmp(key, &((const struct doctor_way *)way)->addr);
}

const struct doctor_way *doctor_way(const struct doctor_way *ways, uint32_t nr,
				    const struct addr *addr)
{
	if (nr == 0)
		return NULL;
	return bsearch(addr, ways, nr, sizeof(*ways), doctor_way_cmp);
}

struct doctor_link *doctor_link(const struct doctor_host *host,
				const char *name)
{
	uint32_t i;

	for (i = 0; i < host->nr_links; i++)
		if (strcmp(host->links[i].name, name) == 0)
			return &host->links[i];
	return NULL;
}

const char *doctor_word(const char *name, char out[DOCTOR_WORD_MAX])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";
	char *to = out;

	if (name[0] && name[strspn(name, plain)] == '\0' &&
	    strlen(name) < IF_NAMESIZE) {
		memcpy(out, name, strlen(name) + 1);
		return out;
	}
	*to++ = '\'';
	for (; *name && to - out < DOCTOR_WORD_MAX - 7; name++) {
		if (*name == '\'') {
			memcpy(to, "'\\''", 4);
			to += 4;
		} else {
			*to++ = *name;
		}
	}
	*to++ = '\'';
	*to = '\0';
	return out;
}
