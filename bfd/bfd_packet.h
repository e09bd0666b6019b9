/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD control packets as bytes: RFC 5880 section 4.1, without an authentication
 * section. The functions are pure: bytes in, a struct or a reason out. They judge
 * a packet by itself; bfd_session.h says whether a packet is
 * for a session, and bfd.c where it came from.
 */
#ifndef EVENKEEL_BFD_BFD_PACKET_H
#define EVENKEEL_BFD_BFD_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a packet of ours, and the least that a packet can have. */
#define BFD_PACKET_LENGTH 24

/* On the wire. */
enum bfd_state {
	BFD_ADMIN_DOWN,
	BFD_DOWN,
	BFD_INIT,
	BFD_UP,
};

/* Why a session left Up, as far as we say or show it; on the wire. */
enum bfd_diag {
	BFD_DIAG_NONE = 0,
	BFD_DIAG_EXPIRED = 1, /* the detection time passed */
	BFD_DIAG_NEIGHBOR_DOWN = 3, /* the neighbour said so */
	BFD_DIAG_ADMIN_DOWN = 7,
};

/* Why a packet changes nothing. */
enum bfd_drop {
	BFD_TAKEN, /* not dropped */
	BFD_DROP_SHORT, /* fewer bytes than a header, or than it says itself */
	BFD_DROP_VERSION,
	BFD_DROP_LENGTH, /* the length it says is less than a header */
	BFD_DROP_MULTIPLIER, /* 0 */
	BFD_DROP_MULTIPOINT, /* of RFC 8562, not for such sessions */
	BFD_DROP_DISCRIMINATOR, /* its own is 0, or ours is not this session's */
	BFD_DROP_STATE, /* a state that needs our discriminator, without it */
	BFD_DROP_AUTHENTICATION, /* none is agreed upon */
	BFD_DROPS,
};

struct bfd_packet {
	enum bfd_state state; /* of the sender */
	uint8_t diag; /* enum bfd_diag, or another of RFC 5880 */
	bool poll, final, demand;
	uint8_t multiplier; /* never 0 */
	uint32_t mine; /* the sender's discriminator, never 0 */
	uint32_t yours; /* the receiver's; 0: the sender knows none */
	uint32_t min_tx; /* us; desired by the sender */
	uint32_t min_rx; /* us; required by the sender; 0: it wants no packets */
};

/* The SIZE bytes of DATA into PACKET, which is whole if BFD_TAKEN is returned. */
enum bfd_drop bfd_packet_decode(const uint8_t *data, size_t size,
				struct bfd_packet *packet);
void bfd_packet_encode(const struct bfd_packet *packet,
		       uint8_t out[BFD_PACKET_LENGTH]);

#endif
