/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The knowledge of the daemon that runs: of the servers by its checks (the way that
 * clients take, grants, limits), of the other balancer by its report. The answer to
 * "status" has virtual servers, servers and checks in the order of the
 * configuration.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/doctor/judge.h"
#include "lib/util.h"
#include "lib/verdict.h"

/* More findings of this kind are counted only. */
#define JUDGE_SERVERS_MAX 100
/* Seconds; the measure includes the time on the network. */
#define JUDGE_CLOCK_S 2
#define JUDGE_WORD                   \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz" \
	"0123456789/._-"

struct judge_servers {
	const struct conf *conf;
	struct findings *findings;
	const struct conf_server *server; /* the one at hand */
	const char *pool; /* its virtual server's name */
	uint32_t told, more;
	enum finding_severity worst; /* of those that are counted only */
	uint32_t longest; /* wait_timeout */
	const struct conf_server *patient; /* the server that has it */
	bool other; /* the daemon has another configuration */
};

static const char *judge_text(struct json_object *obj, const char *name)
{
	struct json_object *value;
	const char *text = NULL;

	if (json_object_object_get_ex(obj, name, &value))
		text = json_object_get_string(value);
	return text ? text : "";
}

/* 0 for a value that is null or none. */
static int64_t judge_number(struct json_object *obj, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(obj, name, &value) ?
		       json_object_get_int64(value) :
		       0;
}

/* The array NAME of OBJ if it has NR elements, else NULL. */
static struct json_object *judge_array(struct json_object *obj,
				       const char *name, uint32_t nr)
{
	struct json_object *value;

	return json_object_object_get_ex(obj, name, &value) &&
			       json_object_is_type(value, json_type_array) &&
			       json_object_array_length(value) == nr ?
		       value :
		       NULL;
}

static enum outcome judge_outcome(const char *name)
{
	unsigned i;

	for (i = 0; i < PROBE_OUTCOMES; i++)
		if (strcmp(outcome_info(i)->name, name) == 0)
			return (enum outcome)i;
	return PROBE_NONE;
}

/* How bad it is for clients; FINDING_SEVERITIES: it is not bad. */
static enum finding_severity judge_outcome_severity(enum outcome outcome)
{
	switch (outcome_info(outcome)->class) {
	case OUTCOME_HARD:
	case OUTCOME_HOLD:
		return FINDING_ERROR;
	case OUTCOME_SOFT:
	case OUTCOME_SATURATED:
		return FINDING_WARNING;
	case OUTCOME_UNKNOWN:
		return outcome == PROBE_NONE ? FINDING_SEVERITIES :
					       FINDING_WARNING;
	case OUTCOME_GOOD:
	case OUTCOME_DRAIN:
	case OUTCOME_CLASSES:
		break;
	}
	return FINDING_SEVERITIES;
}

/* Whether one more finding of SEVERITY is told; else it is counted. */
static bool judge_may_tell(struct judge_servers *judge,
			   enum finding_severity severity)
{
	if (judge->told < JUDGE_SERVERS_MAX) {
		judge->told++;
		return true;
	}
	judge->more++;
	if (severity > judge->worst)
		judge->worst = severity;
	return false;
}

/* A server that does not answer at CHECK's service address. */
static void judge_mend_path(struct finding *one, const struct conf_check *check)
{
	char vip[ADDR_TEXT_MAX];
	bool v4 = check->service.addr.family == AF_INET;

	addr_format(&check->service.addr, vip);
	switch ((enum forward)check->forward.method) {
	case FORWARD_DR:
		one->host = check->dst.addr;
		if (v4)
			finding_mend(one,
				     "sysctl -w net.ipv4.conf.all.arp_ignore=1 "
				     "net.ipv4.conf.all.arp_announce=2 && "
				     "ip addr replace %s/32 dev lo",
				     vip);
		else
			finding_mend(one, "ip addr replace %s/128 dev lo nodad",
				     vip);
		break;
	case FORWARD_TUN:
		one->host = check->dst.addr;
		finding_mend(one, "ip addr show to %s; ip -d link show up",
			     vip);
		break;
	case FORWARD_NAT:
	case FORWARD_LOCAL:
		finding_mend(one, "nft list ruleset | grep -n mark");
		break;
	}
}

static void judge_mend(struct finding *one, const struct conf_check *check,
		       enum outcome outcome, int64_t server_errno)
{
	char addr[ADDR_TEXT_MAX];

	if (outcome == PROBE_CLIENT_PATH &&
	    strstr(one->text, VERDICT_DROPPED_HERE)) {
		finding_mend(one, "nft list ruleset | grep -n mark");
	} else if (outcome == PROBE_CLIENT_PATH) {
		judge_mend_path(one, check);
	} else if (outcome == PROBE_UNREACHABLE) {
		finding_mend(one, "ip route get %s",
			     addr_format(&check->dst.addr, addr));
	} else if (outcome == PROBE_REFUSED) {
		one->host = check->dst.addr;
		finding_mend(one, "ss -ltn sport = :%u", check->dst.port);
	} else if (outcome == PROBE_BLOCKED) {
		one->host = check->dst.addr;
		finding_mend(one, "mysqladmin flush-hosts");
	} else if (outcome == PROBE_MISCONFIGURED && server_errno > 0) {
		one->host = check->dst.addr;
		finding_mend(one, "mysql -e 'SELECT user, host, plugin "
				  "FROM mysql.user'");
	}
}

/* The fault that CHECK finds, and its severity. */
static struct finding *judge_tell_check(struct judge_servers *judge,
					enum outcome outcome, const char *type,
					const char *text)
{
	enum finding_severity severity = judge_outcome_severity(outcome);
	char addr[ENDPOINT_TEXT_MAX];

	endpoint_format(&judge->server->addr, addr);
	if (outcome == PROBE_CLIENT_PATH)
		return findings_add(judge->findings, severity, "client_path",
				    "%s (pool %s) %s", addr, judge->pool, text);
	switch (outcome_info(outcome)->class) {
	case OUTCOME_HOLD:
	case OUTCOME_UNKNOWN:
		return findings_add(judge->findings, severity, "check",
				    "%s (pool %s) cannot be judged by its %s: "
				    "%s",
				    addr, judge->pool, type, text);
	case OUTCOME_HARD:
	case OUTCOME_SOFT:
	case OUTCOME_SATURATED:
	case OUTCOME_GOOD:
	case OUTCOME_DRAIN:
	case OUTCOME_CLASSES:
		break;
	}
	return findings_add(judge->findings, severity, "server",
			    "%s (pool %s) fails its %s: %s", addr, judge->pool,
			    type, text);
}

static void judge_check(struct judge_servers *judge,
			const struct conf_check *check, struct json_object *obj)
{
	enum outcome outcome = judge_outcome(judge_text(obj, "outcome"));
	enum finding_severity severity = judge_outcome_severity(outcome);

	if (severity == FINDING_SEVERITIES || !judge_may_tell(judge, severity))
		return;
	judge_mend(judge_tell_check(judge, outcome, judge_text(obj, "type"),
				    judge_text(obj, "text")),
		   check, outcome, judge_number(obj, "error"));
}

/* Limits of the server, beside those of this host. */
static void judge_limits(struct judge_servers *judge, struct json_object *obj)
{
	const struct conf_server *server = judge->server;
	int64_t most = judge_number(obj, "max_connections");
	int64_t patience = judge_number(obj, "wait_timeout_s");
	char addr[ENDPOINT_TEXT_MAX];
	struct finding *one;

	if (patience > judge->longest && patience <= UINT32_MAX) {
		judge->longest = (uint32_t)patience;
		judge->patient = server;
	}
	if (most <= 0 || server->u_threshold <= most ||
	    !judge_may_tell(judge, FINDING_WARNING))
		return;
	one = findings_add(judge->findings, FINDING_WARNING, "max_connections",
			   "%s (pool %s) has max_connections %u and gets up to "
			   "%u from here (uthreshold): the rest is refused",
			   endpoint_format(&server->addr, addr), judge->pool,
			   (unsigned)most, server->u_threshold);
	one->host = server->addr.addr;
	finding_mend(one, "mysql -e 'SET GLOBAL max_connections = %u'",
		     server->u_threshold);
}

static void judge_server(struct judge_servers *judge, struct json_object *obj)
{
	const struct conf_server *server = judge->server;
	struct json_object *checks;
	char addr[ENDPOINT_TEXT_MAX];
	uint32_t i;

	endpoint_format(&server->addr, addr);
	checks = judge_array(obj, "checks", server->nr_uses);
	if (!checks || strcmp(judge_text(obj, "address"), addr) != 0) {
		judge->other = true;
		return;
	}
	for (i = 0; i < server->nr_uses; i++)
		judge_check(judge, &judge->conf->checks[server->uses[i].check],
			    json_object_array_get_idx(checks, i));
	judge_limits(judge, obj);
}

static void judge_pool(struct judge_servers *judge,
		       const struct conf_virtual_server *vs,
		       struct json_object *obj)
{
	struct json_object *servers =
		judge_array(obj, "servers", vs->nr_servers);
	uint32_t i;

	if (!servers || strcmp(judge_text(obj, "name"), vs->name) != 0) {
		judge->other = true;
		return;
	}
	judge->pool = vs->name;
	for (i = 0; i < vs->nr_servers; i++) {
		judge->server = &judge->conf->servers[vs->first_server + i];
		judge_server(judge, json_object_array_get_idx(servers, i));
	}
}

static void judge_timeouts(const struct judge_servers *judge,
			   struct json_object *daemon)
{
	char addr[ENDPOINT_TEXT_MAX];
	struct json_object *kernel;
	int64_t tcp = 0;

	if (json_object_object_get_ex(daemon, "kernel", &kernel))
		tcp = judge_number(kernel, "tcp_timeout_s");
	if (tcp <= 0 || judge->longest <= tcp)
		return;
	finding_mend(
		findings_add(judge->findings, FINDING_WARNING, "wait_timeout",
			     "the kernel forgets a connection that is idle for "
			     "%u s, %s keeps it for %u s (wait_timeout): its "
			     "next query is refused; 'lvs_timeouts tcp %u' in "
			     "the file is for good",
			     (unsigned)tcp,
			     endpoint_format(&judge->patient->addr, addr),
			     judge->longest, judge->longest),
		"ipvsadm --set %u 0 0", judge->longest);
}

static void judge_servers_rest(const struct judge_servers *judge)
{
	if (judge->more > 0)
		finding_mend(findings_add(judge->findings, judge->worst,
					  "more_servers",
					  "%u more findings of servers are not "
					  "shown",
					  judge->more),
			     "evenkeel status");
	if (judge->other)
		finding_mend(
			findings_add(judge->findings, FINDING_NOTE,
				     "other_configuration",
				     "the daemon that runs has another "
				     "configuration than this file: of virtual "
				     "servers that differ, nothing is said of "
				     "what its checks find"),
			"evenkeel reload");
}

static void judge_servers(const struct conf *conf, struct json_object *status,
			  struct json_object *daemon, struct findings *findings)
{
	struct judge_servers judge = { .conf = conf, .findings = findings };
	struct json_object *pools = judge_array(status, "virtual_servers",
						conf->nr_virtual_servers);
	uint32_t i;

	judge.other = !pools;
	for (i = 0; pools && i < conf->nr_virtual_servers; i++)
		judge_pool(&judge, &conf->virtual_servers[i],
			   json_object_array_get_idx(pools, i));
	judge_timeouts(&judge, daemon);
	judge_servers_rest(&judge);
}

/* Whether NAME of OBJ is known, and false. */
static bool judge_is_false(struct json_object *obj, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(obj, name, &value) &&
	       json_object_is_type(value, json_type_boolean) &&
	       !json_object_get_boolean(value);
}

/* The files can be compared if the path is one word of any shell. */
static void judge_mend_file(struct finding *one, const struct addr *peer,
			    const char *file)
{
	char addr[ADDR_TEXT_MAX];

	if (!file[0] || !addr_is_set(peer) ||
	    file[strspn(file, JUDGE_WORD)] != '\0')
		return;
	finding_mend(one, "ssh %s cat %s | diff - %s", addr_format(peer, addr),
		     file, file);
}

/* " (192.0.2.3:8850)" where there are several others, into OUT; else "". */
static const char *judge_peer_name(struct json_object *peer, bool several,
				   char out[ENDPOINT_TEXT_MAX + 4])
{
	out[0] = '\0';
	if (several)
		snprintf(out, ENDPOINT_TEXT_MAX + 4, " (%s)",
			 judge_text(peer, "address"));
	return out;
}

static void judge_clock(struct json_object *peer, const char *name,
			struct findings *findings)
{
	struct json_object *value;
	double ahead = 0;

	if (json_object_object_get_ex(peer, "clock_ahead_s", &value))
		ahead = json_object_get_double(value);
	if (ahead > -JUDGE_CLOCK_S && ahead < JUDGE_CLOCK_S)
		return;
	finding_mend(
		findings_add(findings, FINDING_WARNING, "clock",
			     "the clock of the other balancer%s is %.1f s %s "
			     "this one: of two operators' words the wrong "
			     "one may count, and logs do not fit together",
			     name, ahead < 0 ? -ahead : ahead,
			     ahead < 0 ? "behind" : "ahead of"),
		"timedatectl set-ntp true");
}

/* Another balancer, AT, of SEVERAL or alone, as the daemon knows it. */
static void judge_peer(const struct addr *at, bool several,
		       struct json_object *peer, struct json_object *daemon,
		       struct findings *findings)
{
	char name[ENDPOINT_TEXT_MAX + 4];

	judge_peer_name(peer, several, name);
	if (judge_is_false(peer, "same_version"))
		findings_add(findings, FINDING_WARNING, "peer_version",
			     "the other balancer%s runs evenkeel %s, this one "
			     "%s",
			     name, judge_text(peer, "version"),
			     judge_text(daemon, "version"));
	if (judge_is_false(peer, "same_configuration"))
		judge_mend_file(
			findings_add(findings, FINDING_WARNING,
				     "peer_configuration",
				     "the file of the other balancer%s says "
				     "something else of the virtual servers: "
				     "after a takeover they are others",
				     name),
			at, judge_text(daemon, "config_file"));
	judge_clock(peer, name, findings);
}

/* The daemon's file may be another one than CONF by now. */
static void judge_peers(const struct conf *conf, struct json_object *daemon,
			struct findings *findings)
{
	struct json_object *list = NULL, *peer;
	struct endpoint at;
	size_t i, count = 0;

	if (json_object_object_get_ex(daemon, "peers", &list) && list)
		count = json_object_array_length(list);
	for (i = 0; i < count; i++) {
		peer = json_object_array_get_idx(list, i);
		if (endpoint_parse(&at, judge_text(peer, "address")) < 0)
			continue;
		judge_peer(&at.addr, count > 1, peer, daemon, findings);
	}
	/* A daemon from before there were several. */
	if (!list && json_object_object_get_ex(daemon, "peer", &peer) && peer)
		judge_peer(&conf->global.operator_peers[0].at.addr, false, peer,
			   daemon, findings);
}

void judge_daemon(const struct conf *conf, const struct doctor_host *host,
		  struct findings *findings)
{
	struct json_object *daemon = NULL;

	if (!host->daemon) {
		findings_add(findings, FINDING_NOTE, "servers_unknown",
			     "what checks find is not known: %s",
			     host->daemon_why);
		return;
	}
	json_object_object_get_ex(host->daemon, "daemon", &daemon);
	judge_servers(conf, host->daemon, daemon, findings);
	judge_peers(conf, daemon, findings);
}
