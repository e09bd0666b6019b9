/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * UDP_CHECK: a datagram is sent, and the network or the server answers or not.
 *
 * Without require_reply silence is good: only the report that nobody listens at
 * the port, or that the host cannot be reached, is a failure. So a good probe
 * lasts as long as its time limit, unless an answer comes.
 */
#include <netinet/in.h>

#include "checkers/datagram.h"
#include "checkers/check.h"
#include "checkers/udp_judge.h"

static int udp_protocol(sa_family_t family)
{
	return IPPROTO_UDP;
}

static size_t udp_question(const struct conf_check *conf, uint64_t token,
			   uint8_t *room)
{
	return udp_ask(conf->udp, room);
}

static bool udp_answer(const struct conf_check *conf, uint64_t token,
		       const struct datagram *answer,
		       struct probe_result *result)
{
	udp_judge(conf->udp, answer, result);
	return true;
}

static void udp_silence(const struct conf_check *conf,
			struct probe_result *result)
{
	if (conf->udp->require_reply)
		datagram_no_answer(conf, result);
	else
		probe_result_fill(result, PROBE_OK, 0);
}

static const struct datagram_kind udp_kind = {
	.protocol = udp_protocol,
	.ask = udp_question,
	.judge = udp_answer,
	.silence = udp_silence,
};

static int udp_start(struct check *check)
{
	return datagram_start(check, &udp_kind);
}

const struct probe_type probe_udp = {
	.name = "udp",
	.sockets = 1,
	.start = udp_start,
	.cancel = datagram_cancel,
	.expire = datagram_expire,
};
