/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The three whole packets were captured from keepalived 2.2.7 and judged right
 * by Wireshark's dissector, so that encoder and decoder are held against others'
 * work; packets to refuse are made from them by breaking one thing.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/packet.h"

/* VRID 51, priority 150, 300 ms, 192.0.2.100 and .101, from 192.0.2.1. */
static const uint8_t v3_ip4[] = {
	0x45, 0xc0, 0x00, 0x24, 0x00, 0x01, 0x00, 0x00, 0xff, 0x70, 0x18, 0x95,
	0xc0, 0x00, 0x02, 0x01, 0xe0, 0x00, 0x00, 0x12, 0x31, 0x33, 0x96, 0x02,
	0x00, 0x1e, 0x11, 0x4d, 0xc0, 0x00, 0x02, 0x64, 0xc0, 0x00, 0x02, 0x65,
};

/* VRID 53, priority 200, 1 s, 192.0.2.102, password "s3cret". */
static const uint8_t v2_ip4[] = {
	0x45, 0xc0, 0x00, 0x28, 0x00, 0x01, 0x00, 0x00, 0xff, 0x70,
	0x18, 0x91, 0xc0, 0x00, 0x02, 0x01, 0xe0, 0x00, 0x00, 0x12,
	0x21, 0x35, 0xc8, 0x01, 0x01, 0x01, 0x17, 0x47, 0xc0, 0x00,
	0x02, 0x66, 0x73, 0x33, 0x63, 0x72, 0x65, 0x74, 0x00, 0x00,
};

/* VRID 52, priority 100, 100 ms, fe80::100 and 2001:db8::100, from fe80::1. */
static const uint8_t v3_ip6[] = {
	0x31, 0x34, 0x64, 0x02, 0x00, 0x0a, 0x3e, 0x56, 0xfe, 0x80,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x01, 0x00, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
};

static struct addr addr_of(const char *text)
{
	struct addr addr;

	cr_assert_eq(addr_parse(&addr, text, strlen(text)), 0);
	return addr;
}

static struct vrrp_datagram datagram6(const uint8_t *data, size_t length)
{
	return (struct vrrp_datagram){
		.src = addr_of("fe80::1"),
		.dst = addr_of("ff02::12"),
		.ttl = 255,
		.data = data,
		.length = length,
	};
}

/* Decode a whole IPv4 packet from memory of exactly its size. */
static enum vrrp_drop decode4(const uint8_t *bytes, size_t length,
			      struct vrrp_advert *advert)
{
	static uint8_t *copy;
	struct vrrp_datagram in;
	enum vrrp_drop drop;

	free(copy);
	copy = malloc(length > 0 ? length : 1);
	cr_assert(copy);
	memcpy(copy, bytes, length);
	drop = vrrp_packet_parse_ip4(copy, length, &in);
	return drop == VRRP_DROP_NONE ? vrrp_packet_decode(&in, advert) : drop;
}

static void fix_checksum(uint8_t *message, size_t length)
{
	uint16_t sum;

	memset(message + 6, 0, 2);
	sum = vrrp_checksum_fold(0, message, length);
	message[6] = (uint8_t)(sum >> 8);
	message[7] = (uint8_t)sum;
}

Test(vrrp_packet, decodes_v3_ip4)
{
	static const uint8_t list[] = { 192, 0, 2, 100, 192, 0, 2, 101 };
	struct vrrp_advert got;

	cr_assert_eq(decode4(v3_ip4, sizeof(v3_ip4), &got), VRRP_DROP_NONE);
	cr_assert_eq(got.version, 3);
	cr_assert_eq(got.vrid, 51);
	cr_assert_eq(got.priority, 150);
	cr_assert_eq(got.interval, 300 * USEC_PER_MSEC);
	cr_assert_eq(got.count, 2);
	cr_assert_eq(memcmp(got.addresses, list, sizeof(list)), 0);
	cr_assert_eq(got.checksum, VRRP_CHECKSUM_PSEUDO);
}

Test(vrrp_packet, decodes_v2_with_password)
{
	struct vrrp_advert got;

	cr_assert_eq(decode4(v2_ip4, sizeof(v2_ip4), &got), VRRP_DROP_NONE);
	cr_assert_eq(got.version, 2);
	cr_assert_eq(got.priority, 200);
	cr_assert_eq(got.interval, USEC_PER_SEC);
	cr_assert_eq(got.auth, VRRP_AUTH_SIMPLE);
	cr_assert_eq(memcmp(got.auth_data, "s3cret\0\0", 8), 0);
}

/* As keepalived 2.2.7 sends it, with a password in its file. */
Test(vrrp_packet, v2_over_ip6_has_no_password)
{
	static const uint8_t sent[] = {
		0x21, 0x07, 0x96, 0x01, 0x01, 0x01, 0x4a, 0xdf,
		0xfe, 0x80, 0,	  0,	0,    0,    0,	  0,
		0,    0,    0,	  0,	0,    0,    0,	  0x77,
	};
	struct vrrp_datagram in = datagram6(sent, sizeof(sent));
	struct vrrp_advert got;
	uint8_t out[64];

	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_NONE);
	cr_assert_eq(got.version, 2);
	cr_assert_eq(got.priority, 150);
	cr_assert_eq(got.count, 1);
	cr_assert_eq(got.auth, VRRP_AUTH_SIMPLE);
	cr_assert_eq(got.interval, USEC_PER_SEC);
	cr_assert_eq(vrrp_packet_encode(&got, &in.src, &in.dst, out,
					sizeof(out)),
		     sizeof(sent));
	cr_assert_arr_eq(out, sent, sizeof(sent));
	in.length -= 1;
	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_LENGTH);
}

Test(vrrp_packet, decodes_v3_ip6)
{
	struct vrrp_datagram in = datagram6(v3_ip6, sizeof(v3_ip6));
	struct vrrp_advert got;

	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_NONE);
	cr_assert_eq(got.vrid, 52);
	cr_assert_eq(got.priority, 100);
	cr_assert_eq(got.interval, 100 * USEC_PER_MSEC);
	cr_assert_eq(got.count, 2);
}

Test(vrrp_packet, encodes_what_others_encode)
{
	static const uint8_t two[] = { 192, 0, 2, 100, 192, 0, 2, 101 };
	static const uint8_t one[] = { 192, 0, 2, 102 };
	struct addr src = addr_of("192.0.2.1"), dst = addr_of("224.0.0.18");
	struct vrrp_advert v3 = { .family = AF_INET,
				  .version = 3,
				  .vrid = 51,
				  .priority = 150,
				  .count = 2,
				  .interval = 300000,
				  .addresses = two };
	struct vrrp_advert v2 = { .family = AF_INET,
				  .version = 2,
				  .vrid = 53,
				  .priority = 200,
				  .count = 1,
				  .interval = USEC_PER_SEC,
				  .addresses = one,
				  .auth = VRRP_AUTH_SIMPLE };
	struct vrrp_advert v6 = { .family = AF_INET6,
				  .version = 3,
				  .vrid = 52,
				  .priority = 100,
				  .count = 2,
				  .interval = 100000,
				  .addresses = v3_ip6 + 8 };
	uint8_t out[VRRP_PACKET_MAX];

	memcpy(v2.auth_data, "s3cret", 6);
	cr_assert_eq(vrrp_packet_encode(&v3, &src, &dst, out, sizeof(out)), 16);
	cr_assert_eq(memcmp(out, v3_ip4 + 20, 16), 0);
	cr_assert_eq(vrrp_packet_encode(&v2, &src, &dst, out, sizeof(out)), 20);
	cr_assert_eq(memcmp(out, v2_ip4 + 20, 20), 0);
	src = addr_of("fe80::1");
	dst = addr_of("ff02::12");
	cr_assert_eq(vrrp_packet_encode(&v6, &src, &dst, out, sizeof(out)), 40);
	cr_assert_eq(memcmp(out, v3_ip6, 40), 0);
}

Test(vrrp_packet, both_checksum_forms_of_v3_ip4)
{
	uint8_t bytes[sizeof(v3_ip4)];
	struct vrrp_advert got;

	memcpy(bytes, v3_ip4, sizeof(bytes));
	fix_checksum(bytes + 20, sizeof(bytes) - 20);
	cr_assert_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_NONE);
	cr_assert_eq(got.checksum, VRRP_CHECKSUM_MESSAGE);
}

Test(vrrp_packet, no_message_checksum_over_ip6)
{
	uint8_t bytes[sizeof(v3_ip6)] = { 0 };
	struct vrrp_datagram in = datagram6(bytes, sizeof(bytes));
	struct vrrp_advert got;

	memcpy(bytes, v3_ip6, sizeof(bytes));
	fix_checksum(bytes, sizeof(bytes));
	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_CHECKSUM);
}

/* One byte of a good packet changed, the message's checksum made right again. */
struct broken {
	size_t at;
	uint8_t value;
	enum vrrp_drop want;
};

Test(vrrp_packet, refuses_what_is_broken)
{
	static const struct broken cases[] = {
		{ 20, 0x11, VRRP_DROP_VERSION },
		{ 20, 0x41, VRRP_DROP_VERSION },
		{ 20, 0x32, VRRP_DROP_TYPE },
		{ 20, 0x30, VRRP_DROP_TYPE },
		{ 20, 0x21, VRRP_DROP_LENGTH }, /* no room for v2's trailer */
		{ 21, 0, VRRP_DROP_VRID },
		{ 23, 0, VRRP_DROP_LENGTH },
		{ 23, 1, VRRP_DROP_LENGTH },
		{ 23, 3, VRRP_DROP_LENGTH },
		{ 23, 200, VRRP_DROP_LENGTH },
		{ 25, 0, VRRP_DROP_INTERVAL },
	};
	uint8_t bytes[sizeof(v3_ip4)];
	struct vrrp_advert got;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(bytes, v3_ip4, sizeof(bytes));
		bytes[cases[i].at] = cases[i].value;
		fix_checksum(bytes + 20, sizeof(bytes) - 20);
		cr_expect_eq(decode4(bytes, sizeof(bytes), &got), cases[i].want,
			     "byte %zu = %#x", cases[i].at, cases[i].value);
	}
}

Test(vrrp_packet, any_changed_byte_breaks_the_checksum)
{
	uint8_t bytes[sizeof(v3_ip4)];
	struct vrrp_advert got;
	size_t i;

	for (i = 20; i < sizeof(bytes); i++) {
		memcpy(bytes, v3_ip4, sizeof(bytes));
		bytes[i] ^= 0x04;
		cr_expect_neq(decode4(bytes, sizeof(bytes), &got),
			      VRRP_DROP_NONE, "byte %zu", i);
	}
}

Test(vrrp_packet, reserved_bits_are_not_part_of_the_interval)
{
	uint8_t bytes[sizeof(v3_ip4)];
	struct vrrp_advert got;

	memcpy(bytes, v3_ip4, sizeof(bytes));
	bytes[24] |= 0xf0;
	fix_checksum(bytes + 20, sizeof(bytes) - 20);
	cr_assert_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_NONE);
	cr_assert_eq(got.interval, 300 * USEC_PER_MSEC);
}

Test(vrrp_packet, every_length_but_the_right_one_is_refused)
{
	uint8_t bytes[1600];
	struct vrrp_advert got;
	size_t length;

	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, v3_ip4, sizeof(v3_ip4));
	for (length = 0; length <= 1500; length++) {
		bytes[2] = (uint8_t)(length >> 8);
		bytes[3] = (uint8_t)length;
		/* With a trailer it is looked at later. */
		if (length != sizeof(v3_ip4) &&
		    length != sizeof(v3_ip4) + VRRP_TRAILER_LENGTH)
			cr_expect_neq(decode4(bytes, length, &got),
				      VRRP_DROP_NONE, "length %zu", length);
	}
}

Test(vrrp_packet, the_ip_header_may_lie)
{
	uint8_t bytes[sizeof(v3_ip4)];
	struct vrrp_advert got;

	memcpy(bytes, v3_ip4, sizeof(bytes));
	bytes[3] = 0xff; /* total length beyond what came */
	cr_expect_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_IP_HEADER);
	bytes[3] = 0x10; /* and shorter than the header */
	cr_expect_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_IP_HEADER);
	memcpy(bytes, v3_ip4, sizeof(bytes));
	bytes[0] = 0x4f; /* sixty bytes of header */
	cr_expect_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_IP_HEADER);
	bytes[0] = 0x44;
	cr_expect_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_IP_HEADER);
	bytes[0] = 0x65;
	cr_expect_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_IP_HEADER);
	memcpy(bytes, v3_ip4, sizeof(bytes));
	bytes[6] = 0x20; /* more fragments */
	cr_expect_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_FRAGMENT);
}

Test(vrrp_packet, ip_options_are_skipped)
{
	uint8_t bytes[sizeof(v3_ip4) + 40];
	struct vrrp_advert got;

	memcpy(bytes, v3_ip4, 20);
	memset(bytes + 20, 1, 40); /* no operation */
	memcpy(bytes + 60, v3_ip4 + 20, sizeof(v3_ip4) - 20);
	bytes[0] = 0x4f;
	bytes[3] = sizeof(bytes);
	cr_assert_eq(decode4(bytes, sizeof(bytes), &got), VRRP_DROP_NONE);
	cr_assert_eq(got.vrid, 51);
}

Test(vrrp_packet, version_2_over_ip6_has_no_trailer)
{
	uint8_t bytes[8 + 16 + 8] = { 0x21, 1, 100, 1, 0, 1 };
	struct vrrp_datagram in = datagram6(bytes, sizeof(bytes));
	struct vrrp_advert got;

	fix_checksum(bytes, sizeof(bytes));
	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_LENGTH);
}

Test(vrrp_packet, the_largest_packet_survives_a_round_trip)
{
	static uint8_t list[255 * 16], out[VRRP_PACKET_MAX];
	struct vrrp_advert sent = { .family = AF_INET6,
				    .version = 3,
				    .vrid = 255,
				    .priority = 1,
				    .count = 255,
				    .interval = 4095 * VRRP_CENTISECOND,
				    .addresses = list };
	struct addr src = addr_of("fe80::1"), dst = addr_of("ff02::12");
	struct vrrp_datagram in = datagram6(out, sizeof(out));
	struct vrrp_advert got;
	size_t i;

	for (i = 0; i < sizeof(list); i++)
		list[i] = (uint8_t)(i * 7);
	cr_assert_eq(vrrp_packet_encode(&sent, &src, &dst, out, sizeof(out)),
		     (int)sizeof(out));
	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_NONE);
	cr_assert_eq(got.count, 255);
	cr_assert_eq(got.interval, sent.interval);
	cr_assert_eq(memcmp(got.addresses, list, sizeof(list)), 0);
	cr_assert_eq(vrrp_packet_encode(&sent, &src, &dst, out, 100),
		     -EMSGSIZE);
}

Test(vrrp_packet, what_cannot_be_said_is_not_encoded)
{
	static const uint8_t list[16];
	struct addr src = addr_of("192.0.2.1"), dst = addr_of("224.0.0.18");
	const struct vrrp_advert good = { .family = AF_INET,
					  .version = 3,
					  .vrid = 1,
					  .count = 1,
					  .interval = VRRP_CENTISECOND,
					  .addresses = list };
	struct vrrp_advert bad;
	uint8_t out[64];

	cr_assert_eq(vrrp_packet_encode(&good, &src, &dst, out, 64), 12);
	bad = good;
	bad.interval = 0;
	cr_expect_eq(vrrp_packet_encode(&bad, &src, &dst, out, 64), -EINVAL);
	bad.interval = 4096 * VRRP_CENTISECOND;
	cr_expect_eq(vrrp_packet_encode(&bad, &src, &dst, out, 64), -EINVAL);
	bad.interval = VRRP_CENTISECOND + 1;
	cr_expect_eq(vrrp_packet_encode(&bad, &src, &dst, out, 64), -EINVAL);
	bad = good;
	bad.version = 2; /* 10 ms cannot be said in seconds */
	cr_expect_eq(vrrp_packet_encode(&bad, &src, &dst, out, 64), -EINVAL);
	bad = good;
	bad.vrid = 0;
	cr_expect_eq(vrrp_packet_encode(&bad, &src, &dst, out, 64), -EINVAL);
	bad = good;
	bad.family = AF_INET6;
	cr_expect_eq(vrrp_packet_encode(&bad, &src, &dst, out, 64), -EINVAL);
}
