/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PING_CHECK: the server's kernel answers an echo request.
 *
 * The socket is the kernel's datagram socket of ICMP (ping_group_range in the
 * kernel's ip-sysctl.rst), with which one can send echo requests and nothing
 * else. A raw socket, opened by main and handed over, would let a process that
 * reads from the network send redirects and read the host's every echo; so main
 * lets the checker's group in instead, see daemon/proc/ping_range.h.
 */
#include <netinet/in.h>

#include "checkers/datagram.h"
#include "checkers/ping_echo.h"

static int ping_protocol(sa_family_t family)
{
	return family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
}

static bool ping_is_v6(const struct conf_check *conf)
{
	return conf->dst.addr.family == AF_INET6;
}

static size_t ping_question(const struct conf_check *conf, uint64_t token,
			    uint8_t *room)
{
	return ping_echo_ask(ping_is_v6(conf), token, room);
}

static bool ping_answer(const struct conf_check *conf, uint64_t token,
			const struct datagram *answer,
			struct probe_result *result)
{
	return ping_echo_judge(ping_is_v6(conf), token, answer, result);
}

static const struct datagram_kind ping_kind = {
	.protocol = ping_protocol,
	.denied =
		"the kernel refuses the socket: is the checker's group in net.ipv4.ping_group_range?",
	.ask = ping_question,
	.judge = ping_answer,
	.silence = datagram_no_answer,
};

static int ping_start(struct check *check)
{
	return datagram_start(check, &ping_kind);
}

const struct probe_type probe_ping = {
	.name = "ping",
	.start = ping_start,
	.cancel = datagram_cancel,
	.expire = datagram_expire,
};
