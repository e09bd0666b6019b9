/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP_CHECK: the datagram that is sent, and the meaning of an answer. Pure. */
#ifndef EVENKEEL_CHECKERS_UDP_JUDGE_H
#define EVENKEEL_CHECKERS_UDP_JUDGE_H

#include "checkers/datagram.h"

/* Write the datagram into ROOM, of DATAGRAM_ROOM bytes; returns its length. */
size_t udp_ask(const struct conf_udp *udp, uint8_t *room);

/* Fill RESULT, which says "ok" beforehand. */
void udp_judge(const struct conf_udp *udp, const struct datagram *answer,
	       struct probe_result *result);

#endif
