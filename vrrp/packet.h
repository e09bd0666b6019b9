/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP packets as bytes: RFC 3768 section 5 (version 2, IPv4) and RFC 9568
 * section 5 (version 3, both families), with RFC 9568's errata. The functions
 * here are pure: bytes and addresses in, a struct or a reason out. sock.c
 * receives and sends packets; receive.c says whether a packet may count for an
 * instance.
 */
#ifndef EVENKEEL_VRRP_PACKET_H
#define EVENKEEL_VRRP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/addr.h"
#include "conf/vrrp_conf.h"

#define VRRP_PROTOCOL 112
#define VRRP_HEADER_LENGTH 8
#define VRRP_PACKET_MAX (VRRP_HEADER_LENGTH + VRRP_ADDRESSES_MAX * 16)
#define VRRP_CENTISECOND (USEC_PER_SEC / 100)
/* Of auth_hmac, behind the message; see signature.c. */
#define VRRP_TRAILER_LENGTH 28
/* The longest message with all that can be behind it. */
#define VRRP_DATAGRAM_MAX \
	(VRRP_PACKET_MAX + VRRP_AUTH_LENGTH + VRRP_TRAILER_LENGTH)

/* The reason of a drop. Drops are counted, per instance if one is known. */
enum vrrp_drop {
	VRRP_DROP_NONE, /* not dropped */
	VRRP_DROP_IP_HEADER, /* an IPv4 header that contradicts itself */
	VRRP_DROP_FRAGMENT,
	VRRP_DROP_SHORT,
	VRRP_DROP_VERSION, /* neither 2 nor 3, or not ours */
	VRRP_DROP_TYPE,
	VRRP_DROP_VRID, /* 0, or no instance of ours here */
	VRRP_DROP_COUNT, /* no address at all, and we have some */
	VRRP_DROP_LENGTH, /* not that of so many addresses */
	VRRP_DROP_CHECKSUM,
	VRRP_DROP_INTERVAL, /* 0; version 2: not ours */
	VRRP_DROP_TTL,
	VRRP_DROP_DESTINATION, /* neither our group nor our address */
	VRRP_DROP_SOURCE, /* unicast, and no listed peer */
	VRRP_DROP_OWN_ADDRESS, /* our own address: looped, or a conflict */
	VRRP_DROP_AUTH_TYPE,
	VRRP_DROP_AUTH, /* the wrong password */
	VRRP_DROP_OWNER, /* version 2: an owner ignores adverts */
	VRRP_DROP_ADDRESS_LIST, /* version 2, compat: not just our addresses */
	VRRP_DROP_LINK_LOCAL, /* strict: first IPv6 address not link-local */
	VRRP_DROP_FOREIGN, /* none of our addresses: another pair's */
	VRRP_DROP_OTHER_VRID, /* one of our addresses, another VRID */
	VRRP_DROP_CAST, /* unicast, and we listen to multicast, or vice versa */
	VRRP_DROP_SIGNED, /* with a trailer, and we have no auth_hmac */
	VRRP_DROP_UNSIGNED, /* without, and our auth_hmac asks for one */
	VRRP_DROP_SIGNATURE, /* a wrong one, or of a key that we do not have */
	VRRP_DROP_STALE, /* signed at a time that is too far from our clock */
	VRRP_DROP_REPLAY, /* not younger than the sender's last one */
	VRRP_DROPS,
};

/* Words for a log: "bad checksum". */
const char *vrrp_drop_name(enum vrrp_drop drop);

/* A received datagram: the fields of its IP header, and the VRRP message. */
struct vrrp_datagram {
	struct addr src;
	struct addr dst;
	uint8_t ttl; /* or hop limit */
	const uint8_t *data;
	size_t length;
};

/* An advertisement, decoded or to be encoded. */
struct vrrp_advert {
	uint16_t family;
	uint8_t version;
	uint8_t vrid;
	uint8_t priority;
	uint8_t count; /* of addresses; 0: no_virtual_ipaddress */
	usec_t interval;
	const uint8_t *addresses; /* COUNT times 4 or 16 bytes, packed */
	enum vrrp_checksum checksum; /* decoded: the form that was seen */
	uint8_t auth; /* version 2: enum vrrp_auth, or the value sent */
	uint8_t auth_data[VRRP_AUTH_LENGTH]; /* version 2 over IPv6: none */
	const uint8_t *trailer; /* VRRP_TRAILER_LENGTH bytes; NULL: none */
};

/*
 * Take apart a datagram of an IPv4 raw socket: LENGTH bytes that begin with the
 * IP header. OUT points into BYTES.
 */
enum vrrp_drop vrrp_packet_parse_ip4(const uint8_t *bytes, size_t length,
				     struct vrrp_datagram *out);

/* Decode a message; on VRRP_DROP_NONE, ADVERT points into IN. */
enum vrrp_drop vrrp_packet_decode(const struct vrrp_datagram *in,
				  struct vrrp_advert *advert);

/*
 * The VRID of a message that may be wrong in every other route, 0 if it is too
 * short to have one: for counting only.
 */
uint8_t vrrp_packet_vrid(const struct vrrp_datagram *datagram);

/*
 * Encode ADVERT as sent from SRC to DST (which the checksum may cover) into
 * OUT. The interval must fit: version 2 in whole seconds 1..255, version 3 in
 * centiseconds 1..4095. The trailer is copied as it is. Returns the length with
 * it; -EINVAL for values that no packet
 * can hold, -EMSGSIZE if SIZE is too small.
 */
int vrrp_packet_encode(const struct vrrp_advert *advert, const struct addr *src,
		       const struct addr *dst, uint8_t *out, size_t size);

/* The Internet checksum (RFC 1071) of DATA, added to SUM and folded. */
uint16_t vrrp_checksum_fold(uint32_t sum, const uint8_t *data, size_t length);
/* The sum of a pseudo-header (IPv4, or RFC 8200 8.1), to start from. */
uint32_t vrrp_checksum_pseudo(const struct addr *src, const struct addr *dst,
			      uint32_t length, uint8_t protocol);

#endif
