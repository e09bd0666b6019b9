/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "conf/vrrp_conf.h"
#include "daemon/doctor/judge.h"

#define JUDGE_MAC_TEXT 18

static const char *judge_mac(const uint8_t mac[DOCTOR_MAC],
			     char out[JUDGE_MAC_TEXT])
{
	snprintf(out, JUDGE_MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0],
		 mac[1], mac[2], mac[3], mac[4], mac[5]);
	return out;
}

/* The server that has MAC, by its own address; NULL: none has. */
static const struct addr *judge_server_of(const struct doctor_host *host,
					  const uint8_t mac[DOCTOR_MAC])
{
	uint32_t i;

	for (i = 0; i < host->nr_answers; i++)
		if (memcmp(host->answers[i].mac, mac, DOCTOR_MAC) == 0 &&
		    doctor_way(host->servers, host->nr_servers,
			       &host->answers[i].addr))
			return &host->answers[i].addr;
	return NULL;
}

/* Whether MAC is this host's own: a host may answer itself on another link. */
static bool judge_is_own(const struct doctor_host *host,
			 const uint8_t mac[DOCTOR_MAC])
{
	uint32_t i;

	for (i = 0; i < host->nr_links; i++)
		if (memcmp(host->links[i].mac, mac, DOCTOR_MAC) == 0)
			return true;
	return false;
}

/* A balancer that is a server as well may hold the address. */
static bool judge_is_balancer(const struct conf *conf, const struct addr *addr)
{
	uint32_t i, p;

	for (i = 0; i < conf->global.nr_operator_peers; i++)
		if (addr_cmp(&conf->global.operator_peers[i].at.addr, addr) ==
		    0)
			return true;
	for (i = 0; i < conf->vrrp->nr_instances; i++)
		for (p = 0; p < conf->vrrp->instances[i].nr_peers; p++)
			if (addr_cmp(&conf->vrrp->instances[i].peers[p].addr,
				     addr) == 0)
				return true;
	return false;
}

static void judge_server_answers(const struct doctor_answer *answer,
				 const struct addr *server,
				 struct findings *findings)
{
	char mac[JUDGE_MAC_TEXT], vip[ADDR_TEXT_MAX], own[ADDR_TEXT_MAX];
	struct finding *one;

	one = findings_add(findings, FINDING_ERROR, "arp_server",
			   "the server %s (%s) answers ARP for %s: clients "
			   "that hear it go to this server alone, past every "
			   "check",
			   addr_format(server, own),
			   judge_mac(answer->mac, mac),
			   addr_format(&answer->addr, vip));
	one->host = *server;
	finding_mend(one, "sysctl -w net.ipv4.conf.all.arp_ignore=1 "
			  "net.ipv4.conf.all.arp_announce=2");
}

/* The answers for one service address. */
static void judge_address(const struct conf *conf,
			  const struct doctor_host *host,
			  const struct doctor_way *way,
			  struct findings *findings)
{
	const struct doctor_answer *holder = NULL;
	char first[JUDGE_MAC_TEXT], second[JUDGE_MAC_TEXT];
	char vip[ADDR_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < host->nr_answers; i++) {
		const struct doctor_answer *answer = &host->answers[i];
		const struct addr *server;

		if (addr_cmp(&answer->addr, &way->addr) != 0 ||
		    judge_is_own(host, answer->mac))
			continue;
		server = judge_server_of(host, answer->mac);
		if (server && !judge_is_balancer(conf, server)) {
			judge_server_answers(answer, server, findings);
			continue;
		}
		if (!holder && !way->local) {
			holder = answer;
			continue;
		}
		finding_mend(
			findings_add(findings, FINDING_ERROR, "duplicate",
				     "%s is on two hosts: %s has it, and %s "
				     "(%s) answers ARP for it as well; if the "
				     "latter is the other balancer, the two do "
				     "not hear each other's adverts",
				     addr_format(&way->addr, vip),
				     way->local ? "this host" :
						  judge_mac(holder->mac, first),
				     judge_mac(answer->mac, second),
				     host->links[answer->link].name),
			"ip neigh show | grep -i %s", second);
	}
}

void judge_wire(const struct conf *conf, const struct doctor_host *host,
		struct findings *findings)
{
	uint32_t i;

	if (host->wire_error < 0)
		findings_add(findings, FINDING_NOTE, "wire_unknown",
			     "nobody was asked on the wire: %s",
			     strerror(-host->wire_error));
	for (i = 0; i < host->nr_services; i++)
		judge_address(conf, host, &host->services[i], findings);
}
