/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BFD packets as bytes: good ones, and the reason against each bad one. */
#include <criterion/criterion.h>
#include <string.h>

#include "bfd/bfd_packet.h"

/* Of RFC 5880, 4.1: Up, diagnostic 3, P, multiplier 5. */
static const uint8_t good[] = {
	0x23, 0xe0, 0x05, 0x18, 0x01, 0x02, 0x03, 0x04, 0xff, 0xfe, 0xfd, 0xfc,
	0x00, 0x0f, 0x42, 0x40, 0x00, 0x00, 0x27, 0x10, 0x00, 0x00, 0x00, 0x00,
};

Test(bfd_packet, whole)
{
	struct bfd_packet packet;
	uint8_t out[BFD_PACKET_LENGTH];

	cr_assert_eq(bfd_packet_decode(good, sizeof(good), &packet), BFD_TAKEN);
	cr_expect_eq(packet.state, BFD_UP);
	cr_expect_eq(packet.diag, BFD_DIAG_NEIGHBOR_DOWN);
	cr_expect(packet.poll);
	cr_expect_not(packet.final);
	cr_expect_not(packet.demand);
	cr_expect_eq(packet.multiplier, 5);
	cr_expect_eq(packet.mine, 0x01020304);
	cr_expect_eq(packet.yours, 0xfffefdfc);
	cr_expect_eq(packet.min_tx, 1000000);
	cr_expect_eq(packet.min_rx, 10000);
	bfd_packet_encode(&packet, out);
	cr_expect_arr_eq(out, good, sizeof(good));
}

Test(bfd_packet, every_flag_goes_there_and_back)
{
	struct bfd_packet packet = { .multiplier = 1, .mine = 1 }, back;
	uint8_t out[BFD_PACKET_LENGTH];
	unsigned i;

	for (i = 0; i < 32; i++) {
		packet.state = (enum bfd_state)(i & 3);
		packet.poll = i & 4;
		packet.final = i & 8;
		packet.demand = i & 16;
		bfd_packet_encode(&packet, out);
		cr_assert_eq(bfd_packet_decode(out, sizeof(out), &back),
			     BFD_TAKEN);
		cr_expect_eq(back.state, packet.state);
		cr_expect_eq(back.poll, packet.poll);
		cr_expect_eq(back.final, packet.final);
		cr_expect_eq(back.demand, packet.demand);
	}
}

Test(bfd_packet, bad)
{
	static const struct {
		unsigned at;
		uint8_t byte;
		enum bfd_drop drop;
	} cases[] = {
		{ 0, 0x03, BFD_DROP_VERSION },
		{ 0, 0x43, BFD_DROP_VERSION },
		{ 1, 0xe1, BFD_DROP_MULTIPOINT },
		{ 1, 0xe4, BFD_DROP_AUTHENTICATION },
		{ 2, 0, BFD_DROP_MULTIPLIER },
		{ 3, 0, BFD_DROP_LENGTH },
		{ 3, 23, BFD_DROP_LENGTH },
		{ 3, 25, BFD_DROP_SHORT },
		{ 3, 255, BFD_DROP_SHORT },
	};
	struct bfd_packet packet;
	uint8_t bytes[sizeof(good)];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memcpy(bytes, good, sizeof(good));
		bytes[cases[i].at] = cases[i].byte;
		cr_expect_eq(bfd_packet_decode(bytes, sizeof(bytes), &packet),
			     cases[i].drop, "byte %u: %02x", cases[i].at,
			     cases[i].byte);
	}
	memcpy(bytes, good, sizeof(good));
	memset(bytes + 4, 0, 4);
	cr_expect_eq(bfd_packet_decode(bytes, sizeof(bytes), &packet),
		     BFD_DROP_DISCRIMINATOR);
}

Test(bfd_packet, every_length)
{
	struct bfd_packet packet;
	size_t i;

	for (i = 0; i < sizeof(good); i++)
		cr_expect_eq(bfd_packet_decode(good, i, &packet),
			     BFD_DROP_SHORT, "%zu bytes", i);
}

/* UDP may carry more bytes than the packet says. */
Test(bfd_packet, bytes_behind_it)
{
	uint8_t bytes[sizeof(good) + 8] = { 0 };
	struct bfd_packet packet;

	memcpy(bytes, good, sizeof(good));
	cr_expect_eq(bfd_packet_decode(bytes, sizeof(bytes), &packet),
		     BFD_TAKEN);
}
