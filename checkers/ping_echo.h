/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PING_CHECK: an echo request, RFC 792 and RFC 4443, and its answer, as a
 * datagram socket of ICMP has them: without the header of IP; the identifier
 * and the checksum are the kernel's. Pure.
 */
#ifndef EVENKEEL_CHECKERS_PING_ECHO_H
#define EVENKEEL_CHECKERS_PING_ECHO_H

#include "checkers/datagram.h"

/* Of a request, header included. */
#define PING_ECHO_LENGTH 128

/* Write a request into ROOM; returns its length. */
size_t ping_echo_ask(bool v6, uint64_t token, uint8_t *room);

/*
 * Fill RESULT, which says "ok" beforehand. Returns false if ANSWER is none to
 * the request with TOKEN.
 */
bool ping_echo_judge(bool v6, uint64_t token, const struct datagram *answer,
		     struct probe_result *result);

#endif
