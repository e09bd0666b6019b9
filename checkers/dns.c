/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS_CHECK: the server answers a query without an error. An answer without
 * records is as good: the server works.
 */
#include <netinet/in.h>

#include "checkers/datagram.h"
#include "checkers/dns_query.h"

static int dns_protocol(sa_family_t family)
{
	return IPPROTO_UDP;
}

static size_t dns_question(const struct conf_check *conf, uint64_t token,
			   uint8_t *room)
{
	return dns_query(conf->dns, (uint16_t)token, room);
}

static bool dns_answer(const struct conf_check *conf, uint64_t token,
		       const struct datagram *answer,
		       struct probe_result *result)
{
	return dns_query_judge(conf->dns, (uint16_t)token, answer, result);
}

static const struct datagram_kind dns_kind = {
	.protocol = dns_protocol,
	.ask = dns_question,
	.judge = dns_answer,
	.silence = datagram_no_answer,
};

static int dns_start(struct check *check)
{
	return datagram_start(check, &dns_kind);
}

const struct probe_type probe_dns = {
	.name = "dns",
	.sockets = 1,
	.start = dns_start,
	.cancel = datagram_cancel,
	.expire = datagram_expire,
};
