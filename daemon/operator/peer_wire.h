/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operators' words as a datagram between two balancers. Pure.
 *
 *	4  "EKOP"		8  the sender's wall clock, us
 *	1  version, see below	n times 128 bytes, a word each:
 *	1  n			   8 said, us	1 family, 4 or 6   1 kind
 *	2  zero			   2 port	4 weight  16 address  96 name
 *				32 HMAC-SHA-256 of all before it
 *
 * Version 1 has operators' words on servers, version 2 the terms of writers'
 * seats, version 3 the pauses of pools, so that a balancer that knows version 1
 * only still takes the first. Numbers are big endian. A datagram is not parsed
 * before its HMAC is verified.
 *
 * Version 4 is a page of the sender's report on itself; instead of words it has
 *
 *	32 version	8 digest	4 page	4 pages	4 pools	4 flags	72 zero
 *	n times 16 bytes, a pool or an instance each:
 *	8 id	1 kind	1 state	1 priority	1 zero	4 up
 *
 * A replayed datagram changes nothing: a word counts only if it is younger than
 * the known one. A datagram older than PEER_WINDOW is never accepted, so that a
 * balancer that has lost its memory cannot be fed last year's words. A word
 * from the future could never be taken back: it is passed over, and the other
 * words of its datagram count.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_PEER_WIRE_H
#define EVENKEEL_DAEMON_OPERATOR_PEER_WIRE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/peer_ipc.h"
#include "lib/util.h"

#define PEER_WORDS_MAX 10 /* in one datagram, which no link cuts */
#define PEER_PACKET_MAX (16 + PEER_WORDS_MAX * 128 + 32)

/*
 * COUNT words, up to PEER_WORDS_MAX, of one class, into OUT. NOW: wall
 * clock. Returns the length.
 */
size_t peer_encode(const struct ipc_peer_conf *conf,
		   const struct ipc_peer_word *words, size_t count, int64_t now,
		   uint8_t out[PEER_PACKET_MAX]);

/* The words of a datagram. */
struct peer_heard {
	struct ipc_peer_word words[PEER_WORDS_MAX];
	size_t count; /* of them */
	size_t future; /* words from the future, passed over */
	bool has_page; /* it was a page, which has no words */
	struct ipc_peer_page page;
};

/* PAGE, with PEER_ITEMS_MAX items at most, into OUT; returns the length. */
size_t peer_encode_page(const struct ipc_peer_conf *conf,
			const struct ipc_peer_page *page, int64_t now,
			uint8_t out[PEER_PACKET_MAX]);

/*
 * The words of a datagram into HEARD. Returns 0, -EKEYREJECTED for a wrong HMAC,
 * -ETIME for a clock that is too far from NOW, or -EBADMSG.
 */
int peer_decode(const struct ipc_peer_conf *conf, const uint8_t *data,
		size_t length, int64_t now, struct peer_heard *heard);

#endif
