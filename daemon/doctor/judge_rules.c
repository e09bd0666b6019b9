/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets that the service lives on, each held against the firewall: VRRP,
 * connection sync, checks, clients, and servers' answers behind NAT.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"
#include "daemon/doctor/judge.h"
#include "daemon/doctor/ruleset.h"

#define JUDGE_VRRP 112
/* A source port as the kernel picks it for a socket without bind(). */
#define JUDGE_OWN_PORT 49152
/* So many of each kind of packet are held against the rules. */
#define JUDGE_PACKETS_MAX 256

static const char *const judge_in[RULESET_HOOKS] = { "prerouting", "input" };
static const char *const judge_out[RULESET_HOOKS] = { "output", "postrouting" };
static const char *const judge_through[RULESET_HOOKS] = { "prerouting",
							  "forward",
							  "postrouting" };

/* Packets of one kind, and the first that is dropped. */
struct judge_kind {
	const struct ruleset *rules;
	const char *id;
	unsigned asked, dropped;
	char first[192]; /* for people: what, from where to where */
	/* The condition of a rule that lets it pass, for nft and iptables. */
	char let[160], let_tables[160];
	struct ruleset_drop drop;
};

static struct ruleset_packet judge_packet(const char *const *hooks,
					  uint16_t family, uint8_t protocol)
{
	struct ruleset_packet packet = { .family = family,
					 .protocol = protocol,
					 .state = "new" };

	memcpy(packet.hooks, hooks, sizeof(packet.hooks));
	return packet;
}

/* Returns true if PACKET is the first of its kind that is dropped. */
static bool judge_ask(struct judge_kind *kind,
		      const struct ruleset_packet *packet)
{
	struct ruleset_drop drop;

	if (kind->asked++ >= JUDGE_PACKETS_MAX ||
	    !ruleset_drops(kind->rules, packet, &drop))
		return false;
	if (kind->dropped++ > 0)
		return false;
	kind->drop = drop;
	return true;
}

static bool judge_is_plain(const char *name)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";

	return name[0] && name[strspn(name, plain)] == '\0';
}

static void judge_tell(const struct judge_kind *kind, const char *harm,
		       struct findings *findings)
{
	const struct ruleset_drop *drop = &kind->drop;
	char more[32] = "", table[32], tool[32];
	struct finding *one;

	if (kind->dropped == 0)
		return;
	if (kind->dropped > 1)
		snprintf(more, sizeof(more), " (and %u more)",
			 kind->dropped - 1);
	one = findings_add(findings, FINDING_ERROR, kind->id,
			   "the firewall drops %s%s, in the chain %s of %s %s "
			   "(%s): %s",
			   kind->first, more, drop->chain, drop->family,
			   drop->table, drop->policy ? "its policy" : "a rule",
			   harm);
	if (!judge_is_plain(drop->chain))
		return;
	if (sscanf(drop->table, "%31s (%31[a-z0-9-])", table, tool) == 2)
		finding_mend(one, "%s -t %s -I %s %s -j ACCEPT", tool, table,
			     drop->chain, kind->let_tables);
	else if (judge_is_plain(drop->table))
		finding_mend(one, "nft insert rule %s %s %s %s accept",
			     drop->family, drop->table, drop->chain, kind->let);
}

static const char *judge_ip(uint16_t family)
{
	return family == AF_INET6 ? "ip6" : "ip";
}

static void judge_let_vrrp(struct judge_kind *kind)
{
	snprintf(kind->let, sizeof(kind->let), "meta l4proto %u", JUDGE_VRRP);
	snprintf(kind->let_tables, sizeof(kind->let_tables), "-p %u",
		 JUDGE_VRRP);
}

/* Let packets pass that come FROM that address, else go to it. */
static void judge_let_addr(struct judge_kind *kind, const struct addr *addr,
			   bool from)
{
	char text[ADDR_TEXT_MAX];

	addr_format(addr, text);
	snprintf(kind->let, sizeof(kind->let), "%s %s %s",
		 judge_ip(addr->family), from ? "saddr" : "daddr", text);
	snprintf(kind->let_tables, sizeof(kind->let_tables), "-%c %s",
		 from ? 's' : 'd', text);
}

static void judge_vrrp_in(struct judge_kind *kind,
			  const struct vrrp_conf_instance *one)
{
	struct ruleset_packet packet =
		judge_packet(judge_in, one->family, JUDGE_VRRP);
	uint32_t i;

	packet.iif = one->ifname[0] ? one->ifname : NULL;
	packet.multicast = one->nr_peers == 0;
	packet.to = one->nr_peers ? one->source : one->group;
	for (i = 0; i < (one->nr_peers ? one->nr_peers : 1); i++) {
		if (one->nr_peers)
			packet.from = one->peers[i].addr;
		if (!judge_ask(kind, &packet))
			continue;
		snprintf(kind->first, sizeof(kind->first),
			 "adverts of the other balancer for %s", one->name);
		judge_let_vrrp(kind);
	}
}

static void judge_vrrp_out(struct judge_kind *kind,
			   const struct vrrp_conf_instance *one)
{
	struct ruleset_packet packet =
		judge_packet(judge_out, one->family, JUDGE_VRRP);
	uint32_t i;

	packet.oif = one->ifname[0] ? one->ifname : NULL;
	packet.multicast = one->nr_peers == 0;
	packet.from = one->source;
	for (i = 0; i < (one->nr_peers ? one->nr_peers : 1); i++) {
		packet.to = one->nr_peers ? one->peers[i].addr : one->group;
		if (!judge_ask(kind, &packet))
			continue;
		snprintf(kind->first, sizeof(kind->first), "our adverts for %s",
			 one->name);
		judge_let_vrrp(kind);
	}
}

static void judge_vrrp(const struct conf *conf, const struct ruleset *rules,
		       struct findings *findings)
{
	struct judge_kind in = { .rules = rules, .id = "vrrp_in" };
	struct judge_kind out = { .rules = rules, .id = "vrrp_out" };
	uint32_t i;

	for (i = 0; i < conf->vrrp->nr_instances; i++) {
		judge_vrrp_in(&in, &conf->vrrp->instances[i]);
		judge_vrrp_out(&out, &conf->vrrp->instances[i]);
	}
	judge_tell(&in, "both balancers will hold the address", findings);
	judge_tell(&out, "both balancers will hold the address", findings);
}

static void judge_synced(const struct conf *conf, const struct ruleset *rules,
			 struct findings *findings)
{
	const struct pair_sync *sync = &conf->pair->sync;
	struct judge_kind in = { .rules = rules, .id = "sync_in" };
	struct judge_kind out = { .rules = rules, .id = "sync_out" };
	const char *harm = "connections are lost at a takeover";
	struct ruleset_packet packet;

	if (!sync->ifname)
		return;
	packet = judge_packet(judge_in, sync->group.family, IPPROTO_UDP);
	packet.to = sync->group;
	packet.dport = sync->port;
	packet.multicast = true;
	packet.iif = sync->ifname;
	snprintf(in.let, sizeof(in.let), "udp dport %u", sync->port);
	snprintf(in.let_tables, sizeof(in.let_tables), "-p udp --dport %u",
		 sync->port);
	snprintf(in.first, sizeof(in.first),
		 "connection sync that comes in on %s", sync->ifname);
	judge_ask(&in, &packet);
	memcpy(packet.hooks, judge_out, sizeof(packet.hooks));
	packet.iif = NULL;
	packet.oif = sync->ifname;
	memcpy(out.let, in.let, sizeof(out.let));
	memcpy(out.let_tables, in.let_tables, sizeof(out.let_tables));
	snprintf(out.first, sizeof(out.first),
		 "connection sync that leaves through %s", sync->ifname);
	judge_ask(&out, &packet);
	judge_tell(&in, harm, findings);
	judge_tell(&out, harm, findings);
}

/* The name of LINK among HOST's; NULL: not known. */
static const char *judge_link_name(const struct doctor_host *host,
				   const struct doctor_way *way)
{
	return way && way->link != DOCTOR_NO_LINK && !way->local ?
		       host->links[way->link].name :
		       NULL;
}

static void judge_clients(const struct conf *conf,
			  const struct doctor_host *host,
			  const struct ruleset *rules,
			  struct findings *findings)
{
	struct judge_kind kind = { .rules = rules, .id = "clients" };
	char text[SERVICE_TEXT_MAX];
	uint32_t i, k;

	for (i = 0; i < conf->nr_virtual_servers; i++) {
		for (k = 0; k < conf->virtual_servers[i].nr_keys; k++) {
			const struct service_key *key =
				&conf->virtual_servers[i].keys[k];
			struct ruleset_packet packet = judge_packet(
				judge_in, key->family, (uint8_t)key->protocol);

			if (key->fwmark)
				continue;
			packet.to = key->vip.addr;
			packet.dport = key->vip.port;
			packet.sport = JUDGE_OWN_PORT;
			packet.iif = judge_link_name(
				host,
				doctor_way(host->services, host->nr_services,
					   &key->vip.addr));
			if (!judge_ask(&kind, &packet))
				continue;
			snprintf(kind.first, sizeof(kind.first),
				 "clients of %s",
				 service_key_format(key, text));
			judge_let_addr(&kind, &key->vip.addr, false);
		}
	}
	judge_tell(&kind, "nobody reaches the service", findings);
}

/* The protocol of a check's packets; 0: the kind sends none, or unknown ones. */
static uint8_t judge_check_protocol(const struct conf_check *check)
{
	if (check->traits.sends_echoes)
		return check->dst.addr.family == AF_INET6 ? IPPROTO_ICMPV6 :
							    IPPROTO_ICMP;
	if (check->traits.script || !addr_is_set(&check->dst.addr))
		return 0;
	return check->traits.datagrams ? IPPROTO_UDP : IPPROTO_TCP;
}

static struct ruleset_packet judge_question(const struct doctor_host *host,
					    const struct conf_check *check)
{
	struct ruleset_packet packet = judge_packet(
		judge_out, check->dst.addr.family, judge_check_protocol(check));
	const struct doctor_way *way =
		doctor_way(host->servers, host->nr_servers, &check->dst.addr);

	packet.to = check->dst.addr;
	packet.from = check->bind.addr;
	if (way && !addr_is_set(&packet.from))
		packet.from = way->source;
	packet.oif = judge_link_name(host, way);
	if (check->traits.sends_echoes) {
		packet.icmp = "echo-request";
		return packet;
	}
	packet.sport = check->bind.port ? check->bind.port : JUDGE_OWN_PORT;
	packet.dport = check->dst.port;
	return packet;
}

/* The answer to QUESTION. */
static struct ruleset_packet judge_answer(const struct ruleset_packet *question)
{
	struct ruleset_packet answer = *question;

	memcpy(answer.hooks, judge_in, sizeof(answer.hooks));
	answer.iif = question->oif;
	answer.oif = NULL;
	answer.from = question->to;
	answer.to = question->from;
	answer.sport = question->dport;
	answer.dport = question->sport;
	answer.state = "established";
	if (question->icmp)
		answer.icmp = "echo-reply";
	return answer;
}

static void judge_checks(const struct conf *conf,
			 const struct doctor_host *host,
			 const struct ruleset *rules, struct findings *findings)
{
	struct judge_kind out = { .rules = rules, .id = "checks_out" };
	struct judge_kind in = { .rules = rules, .id = "checks_in" };
	char target[ENDPOINT_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		const struct conf_check *check = &conf->checks[i];
		struct ruleset_packet question = judge_question(host, check);
		struct ruleset_packet answer = judge_answer(&question);

		if (question.protocol == 0)
			continue;
		if (judge_ask(&out, &question)) {
			snprintf(out.first, sizeof(out.first), "the %s of %s",
				 check_kind_name(check->kind),
				 endpoint_format(&check->dst, target));
			judge_let_addr(&out, &check->dst.addr, false);
		}
		if (judge_ask(&in, &answer)) {
			snprintf(in.first, sizeof(in.first),
				 "the answers of %s to the %s",
				 endpoint_format(&check->dst, target),
				 check_kind_name(check->kind));
			judge_let_addr(&in, &check->dst.addr, true);
		}
	}
	judge_tell(&out, "the servers will seem to be down", findings);
	judge_tell(&in, "the servers will seem to be down", findings);
}

/* Packets with a mark of `probe_path client` pass, to any destination. */
static void judge_let_marks(struct judge_kind *kind, uint32_t first,
			    uint32_t last)
{
	snprintf(kind->let, sizeof(kind->let), "meta mark 0x%08x-0x%08x", first,
		 last);
	snprintf(kind->let_tables, sizeof(kind->let_tables),
		 "-m mark --mark 0x%08x/0x%08x", first, ~(first ^ last));
}

/* Checks that go through the service address. */
static void judge_marked(const struct conf *conf,
			 const struct doctor_host *host,
			 const struct ruleset *rules, struct findings *findings)
{
	struct judge_kind out = { .rules = rules, .id = "probes_out" };
	uint32_t first = conf->global.probe_marks ? conf->global.probe_marks :
						    CONF_PROBE_MARKS_FIRST;
	uint32_t last = first + CONF_PROBE_MARKS - 1, i;
	char target[ENDPOINT_TEXT_MAX];
	struct ruleset_drop where;

	if (!conf_probes_as_client(conf))
		return;
	for (i = 0; i < conf->nr_checks; i++) {
		const struct conf_check *check = &conf->checks[i];
		struct ruleset_packet question;

		if (!check->client)
			continue;
		question = judge_question(host, check);
		question.to = check->service.addr;
		question.mark_first = first;
		question.mark_last = last;
		/* Whichever interface the routes give the address. */
		question.oif = NULL;
		/* By NAT it is another one behind IPVS. */
		if (check->forward.method == FORWARD_NAT)
			question.to = (struct addr){ 0 };
		if (!judge_ask(&out, &question))
			continue;
		snprintf(out.first, sizeof(out.first),
			 "the %s of %s by the clients' way",
			 check_kind_name(check->kind),
			 endpoint_format(&check->dst, target));
		judge_let_marks(&out, first, last);
	}
	judge_tell(&out, "the way to the servers will seem to be broken",
		   findings);
	if (ruleset_sets_mark(rules, first, last, &where))
		findings_add(findings, FINDING_WARNING, "probe_marks",
			     "a rule in the chain %s of %s %s sets a mark from "
			     "0x%08x on, and such packets go where probes of "
			     "'probe_path client' do; give evenkeel a range of "
			     "its own with 'probe_marks FIRST' in global_defs",
			     where.chain, where.family, where.table, first);
}

/* Answers of a server behind NAT are forwarded here. */
static void judge_forwarded(const struct conf *conf,
			    const struct doctor_host *host,
			    const struct ruleset *rules,
			    struct findings *findings)
{
	struct judge_kind kind = { .rules = rules, .id = "nat_answers" };
	char server[ENDPOINT_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *one = &conf->servers[i];
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[one->vs];
		struct ruleset_packet packet;

		if (one->forward.method != FORWARD_NAT || vs->keys[0].fwmark)
			continue;
		packet = judge_packet(judge_through, one->addr.addr.family,
				      (uint8_t)vs->keys[0].protocol);
		packet.from = one->addr.addr;
		packet.sport = one->addr.port;
		packet.dport = JUDGE_OWN_PORT;
		/* Conntrack does not see such a connection begin. */
		packet.state = NULL;
		packet.iif = judge_link_name(host, doctor_way(host->servers,
							      host->nr_servers,
							      &one->addr.addr));
		if (!judge_ask(&kind, &packet))
			continue;
		snprintf(kind.first, sizeof(kind.first),
			 "answers of %s, which this host forwards (NAT)",
			 endpoint_format(&one->addr, server));
		judge_let_addr(&kind, &one->addr.addr, true);
	}
	judge_tell(&kind, "clients get no answer", findings);
}

static void judge_masquerade(const struct conf *conf,
			     const struct doctor_host *host,
			     const struct ruleset *rules,
			     struct findings *findings)
{
	uint32_t i;

	if (!ruleset_masquerades(rules) ||
	    doctor_sysctl(host, DOCTOR_VS_CONNTRACK) != 0)
		return;
	for (i = 0; i < conf->nr_servers; i++)
		if (conf->servers[i].forward.method == FORWARD_NAT)
			break;
	if (i == conf->nr_servers)
		return;
	finding_mend(
		findings_add(findings, FINDING_WARNING, "masquerade",
			     "the firewall rewrites sources (masquerade or "
			     "snat), but connections of IPVS are left out "
			     "of that while net.ipv4.vs.conntrack is 0"),
		"sysctl -w %s=1", doctor_sysctl_name(DOCTOR_VS_CONNTRACK));
}

/* The part of the rules that could not be looked at. */
static void judge_unseen(const struct doctor_host *host,
			 struct findings *findings)
{
	if (!host->root)
		finding_mend(findings_add(findings, FINDING_NOTE, "not_root",
					  "only root can look at the firewall "
					  "and ask on the wire"),
			     "sudo evenkeel doctor");
	else if (!host->rules)
		findings_add(findings, FINDING_NOTE, "firewall_unknown",
			     "the firewall was not looked at: %s",
			     host->rules_error == -ENOENT ?
				     "there is no nft on this host" :
				     "nft does not list its rules");
	if (host->legacy_unseen)
		finding_mend(findings_add(findings, FINDING_NOTE,
					  "firewall_legacy",
					  "rules of iptables-legacy are in "
					  "force beside nftables and were not "
					  "looked at"),
			     "iptables-legacy-save");
}

void judge_rules(const struct conf *conf, const struct doctor_host *host,
		 struct findings *findings)
{
	struct ruleset *rules;

	judge_unseen(host, findings);
	if (!host->rules)
		return;
	rules = ruleset_new(host->rules);
	judge_vrrp(conf, rules, findings);
	judge_synced(conf, rules, findings);
	judge_clients(conf, host, rules, findings);
	judge_checks(conf, host, rules, findings);
	judge_marked(conf, host, rules, findings);
	judge_forwarded(conf, host, rules, findings);
	judge_masquerade(conf, host, rules, findings);
	ruleset_free(rules);
}
