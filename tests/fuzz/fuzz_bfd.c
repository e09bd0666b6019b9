/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes that a neighbour could send by BFD: each 25 bytes of the input are a packet and
 * the time until it comes. After each, the invariants of a session are checked.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bfd/bfd_session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_MINE 0x01010101u

static void fuzz_must(bool holds)
{
	if (!holds)
		abort();
}

static void fuzz_look(struct bfd_session *session, usec_t now, unsigned want)
{
	struct bfd_packet packet, back;
	uint8_t bytes[BFD_PACKET_LENGTH];
	bool final = want & BFD_WANT_ANSWER;

	fuzz_must(session->discriminator == FUZZ_MINE);
	fuzz_must(session->state >= BFD_DOWN && session->state <= BFD_UP);
	fuzz_must(session->next == 0 || session->next >= session->sent);
	fuzz_must(bfd_session_detection(session) >= 0);
	if (!bfd_session_packet(session, final, 7, now, &packet))
		return;
	bfd_packet_encode(&packet, bytes);
	fuzz_must(bfd_packet_decode(bytes, sizeof(bytes), &back) == BFD_TAKEN);
	fuzz_must(back.mine == FUZZ_MINE && back.final == final);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct bfd_terms terms = { .min_rx = 10000,
						.min_tx = 10000,
						.idle_tx = USEC_PER_SEC,
						.multiplier = 5 };
	struct bfd_session session;
	struct bfd_packet packet;
	usec_t now = USEC_PER_SEC;
	unsigned want = 0;
	size_t length;

	bfd_session_begin(&session, &terms, FUZZ_MINE, now);
	while (size > 1) {
		now += (usec_t)data[0] * data[0] * 100;
		length = size - 1 > 64 ? 64 : size - 1;
		want = bfd_session_expire(&session, now);
		if (bfd_packet_decode(data + 1, length, &packet) == BFD_TAKEN)
			bfd_session_receive(&session, &packet, now, &want);
		fuzz_look(&session, now, want);
		length = length > BFD_PACKET_LENGTH ? BFD_PACKET_LENGTH :
						      length;
		data += length + 1;
		size -= length + 1;
	}
	return 0;
}
