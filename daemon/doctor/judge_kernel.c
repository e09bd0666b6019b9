/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "conf/pair_conf.h"
#include "daemon/doctor/judge.h"

/* Conntrack is told to be full above this share, in percent. */
#define JUDGE_TRACKED_HIGH 80

static void judge_modules(const struct conf *conf,
			  const struct doctor_host *host,
			  struct findings *findings)
{
	const char *before = "";
	uint32_t i;

	if (host->ip_vs != DOCTOR_MODULE_LOADED) {
		finding_mend(findings_add(findings, FINDING_ERROR, "ip_vs",
					  "the kernel's module ip_vs is not "
					  "loaded: there is nothing to balance "
					  "with%s",
					  host->ip_vs == DOCTOR_MODULE_MISSING ?
						  ", and this kernel's package "
						  "does not have it" :
						  ""),
			     "modprobe ip_vs");
		return;
	}
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[i];

		if (host->schedulers[i] != DOCTOR_MODULE_MISSING ||
		    strcmp(before, vs->scheduler) == 0)
			continue;
		before = vs->scheduler;
		finding_mend(findings_add(findings, FINDING_ERROR, "scheduler",
					  "this kernel has no module ip_vs_%s: "
					  "%s cannot be programmed with "
					  "'lvs_sched %s'",
					  vs->scheduler, vs->name,
					  vs->sched_word),
			     "modprobe ip_vs_%s", vs->scheduler);
	}
}

/* A server that is reached by METHOD and is of FAMILY; NULL: there is none. */
static const struct conf_server *judge_any(const struct conf *conf,
					   enum forward method, uint16_t family)
{
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++)
		if (conf->servers[i].forward.method == method &&
		    conf->servers[i].addr.addr.family == family)
			return &conf->servers[i];
	return NULL;
}

static void judge_set(struct finding *finding, enum doctor_sysctl sysctl,
		      const char *value)
{
	finding_mend(finding, "sysctl -w %s=%s", doctor_sysctl_name(sysctl),
		     value);
}

static void judge_forwarding(const struct conf *conf,
			     const struct doctor_host *host,
			     struct findings *findings)
{
	static const struct {
		uint16_t family;
		enum doctor_sysctl sysctl;
	} families[] = { { AF_INET, DOCTOR_IP_FORWARD },
			 { AF_INET6, DOCTOR_IP6_FORWARD } };
	char server[ENDPOINT_TEXT_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		const struct conf_server *one =
			judge_any(conf, FORWARD_NAT, families[i].family);

		if (!one || doctor_sysctl(host, families[i].sysctl) != 0)
			continue;
		judge_set(findings_add(findings, FINDING_ERROR, "ip_forward",
				       "this host does not forward: answers of "
				       "servers behind NAT, such as %s, end "
				       "here",
				       endpoint_format(&one->addr, server)),
			  families[i].sysctl, "1");
	}
}

static void judge_conntrack(const struct conf *conf,
			    const struct doctor_host *host,
			    struct findings *findings)
{
	long used = doctor_sysctl(host, DOCTOR_TRACKED);
	long room = doctor_sysctl(host, DOCTOR_TRACKED_MAX);

	if (used < 0 || room <= 0 || used < room / 100 * JUDGE_TRACKED_HIGH)
		return;
	finding_mend(findings_add(findings, FINDING_WARNING, "conntrack_full",
				  "conntrack follows %ld connections and has "
				  "room for %ld: when it is full, new "
				  "connections are dropped",
				  used, room),
		     "sysctl -w %s=%ld", doctor_sysctl_name(DOCTOR_TRACKED_MAX),
		     room * 2);
}

static bool judge_is_persistent(const struct conf *conf)
{
	uint32_t i;

	for (i = 0; i < conf->nr_virtual_servers; i++)
		if (conf->virtual_servers[i].persistence)
			return true;
	return false;
}

static void judge_connections(const struct conf *conf,
			      const struct doctor_host *host,
			      struct findings *findings)
{
	if (doctor_sysctl(host, DOCTOR_VS_NODEST) == 0)
		judge_set(findings_add(findings, FINDING_WARNING,
				       "expire_nodest_conn",
				       "clients of a server that was taken out "
				       "hang until TCP gives up; with 1 they "
				       "get a reset and connect anew"),
			  DOCTOR_VS_NODEST, "1");
	if (doctor_sysctl(host, DOCTOR_VS_REUSE) == 0)
		judge_set(findings_add(findings, FINDING_WARNING,
				       "conn_reuse_mode",
				       "a client that uses its port again "
				       "reaches the server of before, even one "
				       "that is drained or out"),
			  DOCTOR_VS_REUSE, "1");
	if (judge_is_persistent(conf) &&
	    doctor_sysctl(host, DOCTOR_VS_QUIESCENT) == 0)
		judge_set(findings_add(findings, FINDING_WARNING,
				       "expire_quiescent_template",
				       "with persistence_timeout a drained "
				       "server goes on getting new connections "
				       "from clients it knows"),
			  DOCTOR_VS_QUIESCENT, "1");
}

static void judge_sync(const struct conf *conf, const struct doctor_host *host,
		       struct findings *findings)
{
	if (doctor_sysctl(host, DOCTOR_VS_BACKUP_ONLY) > 0)
		judge_set(findings_add(findings, FINDING_ERROR, "backup_only",
				       "a host that receives connection sync "
				       "does not balance with backup_only, and "
				       "both balancers receive"),
			  DOCTOR_VS_BACKUP_ONLY, "0");
	if (doctor_sysctl(host, DOCTOR_VS_THRESHOLD) > 0 &&
	    !conf->global.lvs_sync_tuning)
		judge_set(findings_add(
				  findings, FINDING_WARNING, "sync_threshold",
				  "the other balancer is told of a "
				  "connection at its packet number %ld "
				  "only: sessions that are idle after "
				  "their login are lost at a takeover; "
				  "'lvs_sync_tuning on' in global_defs "
				  "sets this for good",
				  doctor_sysctl(host, DOCTOR_VS_THRESHOLD)),
			  DOCTOR_VS_THRESHOLD, "\"0 0\"");
}

void judge_kernel(const struct conf *conf, const struct doctor_host *host,
		  struct findings *findings)
{
	judge_conntrack(conf, host, findings);
	if (conf->nr_virtual_servers == 0)
		return;
	judge_modules(conf, host, findings);
	judge_forwarding(conf, host, findings);
	judge_connections(conf, host, findings);
	if (conf->pair->sync.ifname)
		judge_sync(conf, host, findings);
}
