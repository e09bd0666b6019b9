/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bfd/bfd_packet.h"

#include <string.h>

#define BFD_VERSION 1

/* Of the second byte, below the two bits of the state. */
enum bfd_flag {
	BFD_FLAG_MULTIPOINT = 1 << 0,
	BFD_FLAG_DEMAND = 1 << 1,
	BFD_FLAG_AUTHENTICATION = 1 << 2,
	BFD_FLAG_FINAL = 1 << 4,
	BFD_FLAG_POLL = 1 << 5,
};

static uint32_t bfd_packet_get(const uint8_t *data)
{
	return (uint32_t)data[0] << 24 | (uint32_t)data[1] << 16 |
	       (uint32_t)data[2] << 8 | data[3];
}

static void bfd_packet_put(uint8_t *data, uint32_t value)
{
	data[0] = (uint8_t)(value >> 24);
	data[1] = (uint8_t)(value >> 16);
	data[2] = (uint8_t)(value >> 8);
	data[3] = (uint8_t)value;
}

/* The checks of RFC 5880, 6.8.6, in its order. */
enum bfd_drop bfd_packet_decode(const uint8_t *data, size_t size,
				struct bfd_packet *packet)
{
	if (size < BFD_PACKET_LENGTH)
		return BFD_DROP_SHORT;
	if (data[0] >> 5 != BFD_VERSION)
		return BFD_DROP_VERSION;
	if (data[3] < BFD_PACKET_LENGTH)
		return BFD_DROP_LENGTH;
	if (data[3] > size)
		return BFD_DROP_SHORT;
	if (data[2] == 0)
		return BFD_DROP_MULTIPLIER;
	if (data[1] & BFD_FLAG_MULTIPOINT)
		return BFD_DROP_MULTIPOINT;
	if (data[1] & BFD_FLAG_AUTHENTICATION)
		return BFD_DROP_AUTHENTICATION;
	*packet = (struct bfd_packet){
		.state = (enum bfd_state)(data[1] >> 6),
		.diag = data[0] & 0x1f,
		.poll = data[1] & BFD_FLAG_POLL,
		.final = data[1] & BFD_FLAG_FINAL,
		.demand = data[1] & BFD_FLAG_DEMAND,
		.multiplier = data[2],
		.mine = bfd_packet_get(data + 4),
		.yours = bfd_packet_get(data + 8),
		.min_tx = bfd_packet_get(data + 12),
		.min_rx = bfd_packet_get(data + 16),
	};
	return packet->mine ? BFD_TAKEN : BFD_DROP_DISCRIMINATOR;
}

/* The last four bytes, the interval of echo packets, stay 0: none are wanted. */
void bfd_packet_encode(const struct bfd_packet *packet,
		       uint8_t out[BFD_PACKET_LENGTH])
{
	unsigned flags = (unsigned)packet->state << 6;

	if (packet->poll)
		flags |= BFD_FLAG_POLL;
	if (packet->final)
		flags |= BFD_FLAG_FINAL;
	if (packet->demand)
		flags |= BFD_FLAG_DEMAND;
	memset(out, 0, BFD_PACKET_LENGTH);
	out[0] = (uint8_t)(BFD_VERSION << 5 | (packet->diag & 0x1f));
	out[1] = (uint8_t)flags;
	out[2] = packet->multiplier;
	out[3] = BFD_PACKET_LENGTH;
	bfd_packet_put(out + 4, packet->mine);
	bfd_packet_put(out + 8, packet->yours);
	bfd_packet_put(out + 12, packet->min_tx);
	bfd_packet_put(out + 16, packet->min_rx);
}
