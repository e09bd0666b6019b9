/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>

#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"
#include "daemon/doctor/judge.h"

/* Packets of clients that are far away. */
#define JUDGE_USUAL_MTU 1500
/* Strict: the way back has to lead out where the packet came in (RFC 3704). */
#define JUDGE_STRICT 1

static void judge_one_is_up(const struct doctor_host *host, const char *name,
			    const char *use, struct findings *findings)
{
	const struct doctor_link *link = doctor_link(host, name);
	char word[DOCTOR_WORD_MAX];

	if (!link)
		findings_add(findings, FINDING_ERROR, "interface",
			     "there is no interface %s, which %s needs", name,
			     use);
	else if (!link->up)
		finding_mend(findings_add(findings, FINDING_ERROR, "interface",
					  "the interface %s, which %s needs, "
					  "is down",
					  name, use),
			     "ip link set dev %s up", doctor_word(name, word));
}

static void judge_are_up(const struct conf *conf,
			 const struct doctor_host *host,
			 struct findings *findings)
{
	char use[128];
	uint32_t i;

	for (i = 0; i < conf->vrrp->nr_instances; i++) {
		const struct vrrp_conf_instance *one =
			&conf->vrrp->instances[i];

		if (!one->ifname[0])
			continue;
		snprintf(use, sizeof(use), "vrrp_instance %s", one->name);
		judge_one_is_up(host, one->ifname, use, findings);
	}
	if (conf->pair->sync.ifname)
		judge_one_is_up(host, conf->pair->sync.ifname,
				"lvs_sync_daemon", findings);
}

/*
 * The kernel takes the greater of the two values, so a 2 of the interface's
 * own loosens a 1 of all.
 */
static void judge_rp_filter(const struct doctor_host *host,
			    const struct doctor_link *link,
			    struct findings *findings)
{
	long all = doctor_sysctl(host, DOCTOR_RP_FILTER);
	long value = all > link->rp_filter ? all : link->rp_filter;
	char word[DOCTOR_WORD_MAX];

	if (!link->clients || value != JUDGE_STRICT ||
	    host->default_link == DOCTOR_NO_LINK ||
	    link == &host->links[host->default_link])
		return;
	finding_mend(findings_add(findings, FINDING_ERROR, "rp_filter",
				  "clients come in on %s, but the default "
				  "route leaves through %s, and rp_filter is "
				  "strict: packets of clients from elsewhere "
				  "are dropped without a word",
				  link->name,
				  host->links[host->default_link].name),
		     "sysctl -w net/ipv4/conf/%s/rp_filter=2",
		     doctor_word(link->name, word));
}

/* Servers behind NAT on the clients' own network: answers have to come back. */
static void judge_redirects(const struct conf *conf,
			    const struct doctor_host *host,
			    struct findings *findings)
{
	char server[ENDPOINT_TEXT_MAX], word[DOCTOR_WORD_MAX];
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *one = &conf->servers[i];
		const struct doctor_way *way = doctor_way(
			host->servers, host->nr_servers, &one->addr.addr);
		const struct doctor_link *link;

		if (one->forward.method != FORWARD_NAT || !way ||
		    way->addr.family != AF_INET || !way->on_link ||
		    way->link == DOCTOR_NO_LINK)
			continue;
		link = &host->links[way->link];
		if (!link->clients ||
		    (doctor_sysctl(host, DOCTOR_REDIRECTS) <= 0 &&
		     link->send_redirects <= 0))
			continue;
		finding_mend(
			findings_add(
				findings, FINDING_WARNING, "send_redirects",
				"%s is reached by NAT on %s, where clients "
				"are as well: this host tells the server "
				"of a shorter way to them (ICMP redirect), "
				"and then its answers pass by",
				endpoint_format(&one->addr, server),
				link->name),
			"sysctl -w %s=0 net/ipv4/conf/%s/send_redirects=0",
			doctor_sysctl_name(DOCTOR_REDIRECTS),
			doctor_word(link->name, word));
		return;
	}
}

/* Bytes that a tunnel to SERVER puts before each packet. */
static uint32_t judge_overhead(const struct conf_server *server)
{
	uint32_t outer = server->addr.addr.family == AF_INET6 ? 40 : 20;

	if (server->forward.method != FORWARD_TUN)
		return 0;
	switch ((enum tunnel)server->forward.tun_type) {
	case TUNNEL_IPIP:
		return outer;
	case TUNNEL_GUE:
		/* UDP and GUE; the latter grows with remote checksums. */
		return outer + 8 + 4 +
		       (server->forward.tun_flags & TUNNEL_REMCSUM ? 12 : 0);
	case TUNNEL_GRE:
		return outer + 4 +
		       (server->forward.tun_flags & TUNNEL_CSUM ? 4 : 0);
	}
	return outer;
}

/* The largest packet that a client can send to VS, by the interfaces here. */
static uint32_t judge_client_mtu(const struct doctor_host *host,
				 const struct conf_virtual_server *vs,
				 const struct doctor_link *to)
{
	uint32_t largest = 0, k;

	for (k = 0; k < vs->nr_keys; k++) {
		const struct doctor_way *way =
			doctor_way(host->services, host->nr_services,
				   &vs->keys[k].vip.addr);
		uint32_t mtu;

		if (!way || way->link == DOCTOR_NO_LINK)
			continue;
		mtu = host->links[way->link].mtu;
		/*
		 * The server sits behind the tunnel itself: no network below
		 * can be larger than its own tunnel, so count it as usual.
		 */
		if (&host->links[way->link] == to && mtu > JUDGE_USUAL_MTU)
			mtu = JUDGE_USUAL_MTU;
		if (mtu > largest)
			largest = mtu;
	}
	return largest;
}

static void judge_mtu(const struct conf *conf, const struct doctor_host *host,
		      struct findings *findings)
{
	const struct doctor_link *told = NULL;
	char server[ENDPOINT_TEXT_MAX], word[DOCTOR_WORD_MAX];
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *one = &conf->servers[i];
		const struct doctor_way *way = doctor_way(
			host->servers, host->nr_servers, &one->addr.addr);
		const struct doctor_link *link;
		uint32_t need;

		if (!way || way->link == DOCTOR_NO_LINK || way->local)
			continue;
		link = &host->links[way->link];
		need = judge_client_mtu(host, &conf->virtual_servers[one->vs],
					link);
		if (need == 0 || link == told ||
		    need + judge_overhead(one) <= link->mtu)
			continue;
		need += judge_overhead(one);
		told = link;
		finding_mend(
			findings_add(findings, FINDING_WARNING, "mtu",
				     "full packets of clients, %u bytes on the "
				     "way to %s%s, do not fit %s (mtu %u): "
				     "clients that do not hear ICMP hang when "
				     "they send much",
				     need, endpoint_format(&one->addr, server),
				     judge_overhead(one) ?
					     " with the tunnel's header" :
					     "",
				     link->name, link->mtu),
			"ip link set dev %s mtu %u",
			doctor_word(link->name, word), need);
	}
}

/* Segments are merged before IPVS sees them. */
static void judge_offload(const struct doctor_link *link,
			  struct findings *findings)
{
	char word[DOCTOR_WORD_MAX];

	if (!link->clients && !link->servers)
		return;
	doctor_word(link->name, word);
	if (link->lro > 0)
		finding_mend(findings_add(findings, FINDING_ERROR, "lro",
					  "%s merges segments for good (LRO): "
					  "the result is larger than the way "
					  "to a server takes, and is dropped",
					  link->name),
			     "ethtool -K %s lro off", word);
	if (link->gro > 0)
		finding_mend(
			findings_add(findings, FINDING_NOTE, "gro",
				     "%s merges segments (GRO) and gives "
				     "them a new checksum when they leave: "
				     "a byte that this host spoils is "
				     "sealed with it; without GRO the "
				     "receiver would notice",
				     link->name),
			"ethtool -K %s gro off", word);
}

void judge_links(const struct conf *conf, const struct doctor_host *host,
		 struct findings *findings)
{
	uint32_t i;

	judge_are_up(conf, host, findings);
	for (i = 0; i < host->nr_links; i++)
		judge_rp_filter(host, &host->links[i], findings);
	judge_redirects(conf, host, findings);
	judge_mtu(conf, host, findings);
	for (i = 0; i < host->nr_links; i++)
		judge_offload(&host->links[i], findings);
}
