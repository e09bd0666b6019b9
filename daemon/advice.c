/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/advice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/proc/sysctl.h"
#include "lib/log.h"

#define ADVICE_TEXT_MAX 320

struct advice {
	char text[ADVICES][ADVICE_TEXT_MAX]; /* "": no advice */
	uint32_t tcp_timeout;
};

struct advice *advice_new(void)
{
	return xcalloc(1, sizeof(struct advice));
}

void advice_free(struct advice *advice)
{
	free(advice);
}

static const char *advice_over(enum advice_kind kind)
{
	switch (kind) {
	case ADVICE_TIMEOUT:
		return "the kernel's TCP timeout fits the servers' "
		       "wait_timeout now";
	case ADVICE_NODEST:
		return "net.ipv4.vs.expire_nodest_conn is all right now";
	case ADVICE_QUIESCENT:
		return "net.ipv4.vs.expire_quiescent_template is all right now";
	case ADVICE_REUSE:
		return "net.ipv4.vs.conn_reuse_mode is all right now";
	case ADVICES:
		break;
	}
	return "";
}

static void advice_say(struct advice *advice, enum advice_kind kind,
		       const char *text)
{
	if (strcmp(advice->text[kind], text) == 0)
		return;
	if (text[0])
		log_warning("ipvs", "%s", text);
	else
		log_notice("ipvs", "%s", advice_over(kind));
	snprintf(advice->text[kind], ADVICE_TEXT_MAX, "%s", text);
}

static void advice_timeout(struct advice *advice, struct ipvs_backend *backend,
			   const struct conf *conf,
			   const struct balance *balance)
{
	struct ipvs_timeouts timeouts;
	char addr[ENDPOINT_TEXT_MAX], text[ADVICE_TEXT_MAX] = "";
	uint32_t i, longest = 0, who = 0;
	struct facts facts;

	if (ipvs_get_timeouts(backend, &timeouts) < 0)
		return;
	advice->tcp_timeout = timeouts.tcp;
	for (i = 0; i < conf->nr_servers; i++) {
		balance_view_facts(balance, i, &facts);
		if ((facts.have & FACT_WAIT_TIMEOUT) &&
		    facts.wait_timeout > longest) {
			longest = facts.wait_timeout;
			who = i;
		}
	}
	if (longest > timeouts.tcp)
		snprintf(text, sizeof(text),
			 "the kernel forgets a connection that is idle for "
			 "%u s, %s keeps it for %u s (wait_timeout): its next "
			 "query is refused; 'lvs_timeouts tcp %u' helps, or "
			 "clients with TCP keepalive below %u s",
			 timeouts.tcp,
			 endpoint_format(&conf->servers[who].addr, addr),
			 longest, longest, timeouts.tcp);
	advice_say(advice, ADVICE_TIMEOUT, text);
}

static bool advice_any_persistent(const struct conf *conf)
{
	uint32_t i;

	for (i = 0; i < conf->nr_virtual_servers; i++)
		if (conf->virtual_servers[i].persistence)
			return true;
	return false;
}

/* TEXT applies while the sysctl NAME is 0. */
static void advice_sysctl(struct advice *advice, enum advice_kind kind,
			  const char *name, const char *text)
{
	char value[64];

	if (sysctl_read(name, value, sizeof(value)) < 0)
		return;
	advice_say(advice, kind, strcmp(value, "0") == 0 ? text : "");
}

void advice_check(struct advice *advice, struct ipvs_backend *backend,
		  const struct conf *conf, const struct balance *balance)
{
	if (conf->nr_virtual_servers == 0)
		return;
	advice_timeout(advice, backend, conf, balance);
	advice_sysctl(advice, ADVICE_NODEST, "expire_nodest_conn",
		      "net.ipv4.vs.expire_nodest_conn is 0: clients of a "
		      "server that was taken out hang until TCP gives up; with "
		      "1 they get a reset and connect anew");
	advice_sysctl(advice, ADVICE_REUSE, "conn_reuse_mode",
		      "net.ipv4.vs.conn_reuse_mode is 0: a client that uses "
		      "its port again reaches the server of before, even one "
		      "that is drained or out; 1 is the kernel's default");
	if (advice_any_persistent(conf))
		advice_sysctl(
			advice, ADVICE_QUIESCENT, "expire_quiescent_template",
			"net.ipv4.vs.expire_quiescent_template is 0: with "
			"persistence_timeout a drained server (weight 0) goes "
			"on getting new connections from clients it knows");
	else
		advice_say(advice, ADVICE_QUIESCENT, "");
}

uint32_t advice_tcp_timeout(const struct advice *advice)
{
	return advice->tcp_timeout;
}

const char *advice_get(const struct advice *advice, enum advice_kind kind)
{
	return advice->text[kind][0] ? advice->text[kind] : NULL;
}
