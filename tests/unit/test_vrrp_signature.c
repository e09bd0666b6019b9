/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * auth_hmac: the bytes that keepalived and its draft have for two adverts, and when
 * an advert is believed. The clock is a number here.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vrrp/receive.h"
#include "vrrp/signature.h"

#define SECOND (UINT64_C(1) << 32)
#define START (UINT64_C(0x6800000080000000))
#define WINDOW 5

static struct vrrp_conf_key keys[2];
static struct vrrp_conf_peer peers[20];
static struct vrrp_conf_instance conf;
static struct vrrp_signature ours, theirs;
static struct vrrp_datagram in;
static uint8_t bytes[VRRP_DATAGRAM_MAX], trailer[VRRP_TRAILER_LENGTH];
static uint8_t vip[4] = { 192, 0, 2, 100 };
static struct vrrp_advert advert, got;
static struct addr group;
static uint64_t now;
static bool skewed;

static struct addr addr_of(const char *text)
{
	struct addr addr;

	cr_assert_eq(addr_parse(&addr, text, strlen(text)), 0);
	return addr;
}

static void setup(void)
{
	unsigned i;

	memset(keys, 0, sizeof(keys));
	for (i = 0; i < 32; i++) {
		keys[0].data[i] = (uint8_t)i;
		keys[1].data[i] = (uint8_t)(i + 100);
	}
	keys[0].id = 1;
	keys[1].id = 9;
	keys[0].length = keys[1].length = 32;
	conf = (struct vrrp_conf_instance){
		.hmac = { .keys = keys,
			  .nr_keys = 2,
			  .active_key = 1,
			  .window = WINDOW },
	};
	advert = (struct vrrp_advert){ .family = AF_INET,
				       .version = 3,
				       .vrid = 51,
				       .priority = 200,
				       .count = 1,
				       .interval = USEC_PER_SEC,
				       .addresses = vip,
				       .checksum = VRRP_CHECKSUM_MESSAGE };
	group = addr_of("224.0.0.18");
	in = (struct vrrp_datagram){ .src = addr_of("198.51.100.10"),
				     .dst = group,
				     .ttl = 255,
				     .data = bytes };
	memset(&ours, 0, sizeof(ours));
	memset(&theirs, 0, sizeof(theirs));
	vrrp_signature_use(&ours, &conf, 0, NULL, 0);
	vrrp_signature_use(&theirs, &conf, 0, NULL, 0);
	now = START;
}

static void teardown(void)
{
	vrrp_signature_free(&ours);
	vrrp_signature_free(&theirs);
}

TestSuite(vrrp_signature, .init = setup, .fini = teardown);

/* They sign at WHEN, and the datagram is on its way. */
static void send_at(uint64_t when)
{
	int length;

	advert.trailer = NULL;
	cr_assert(vrrp_signature_sign(&theirs, &conf.hmac, &advert, &in.src,
				      when, trailer));
	advert.trailer = trailer;
	length = vrrp_packet_encode(&advert, &in.src, &in.dst, bytes,
				    sizeof(bytes));
	cr_assert_gt(length, 0);
	in.length = (size_t)length;
}

static enum vrrp_drop hear(void)
{
	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_NONE);
	cr_assert_not_null(got.trailer);
	return vrrp_signature_check(&ours, &conf.hmac, &in, &got, now, &skewed);
}

static void read_hex(const char *hex)
{
	char digits[3] = "", *end;
	size_t i;

	in.length = strlen(hex) / 2;
	for (i = 0; i < in.length; i++) {
		memcpy(digits, hex + 2 * i, 2);
		bytes[i] = (uint8_t)strtoul(digits, &end, 16);
		cr_assert_eq(*end, '\0');
	}
}

/* Of the draft: key 00 to 1f, VRID 51, priority 200, sent at START. */
static const char vector4[] = "3133c80100644402c0000264"
			      "010100006800000080000000"
			      "1b84bc4e8e43892dc6d98448f8ee2265";
static const char vector6[] = "3133c8010064a2e9"
			      "fe800000000000000000000000000100"
			      "010100006800000080000000"
			      "c8c56146ebfd66ee10ec4d8186461b78";

static void use_vector6(void)
{
	read_hex(vector6);
	in.src = addr_of("fe80::10");
	in.dst = addr_of("fe80::20");
}

Test(vrrp_signature, the_bytes_of_the_draft)
{
	uint8_t made[VRRP_DATAGRAM_MAX];

	read_hex(vector4);
	memcpy(made, bytes, in.length);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	send_at(START);
	cr_expect_eq(in.length, strlen(vector4) / 2);
	cr_expect_arr_eq(bytes, made, in.length);

	use_vector6();
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect_eq(hear(), VRRP_DROP_REPLAY);
}

/* Each byte of the message and of the trailer is signed, but for the checksum. */
Test(vrrp_signature, each_byte_counts)
{
	enum vrrp_drop drop;
	size_t i;

	use_vector6();
	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_NONE);
	for (i = 0; i < in.length; i++) {
		if (i == 1)
			continue; /* another VRID is another router's */
		bytes[i] ^= 1;
		drop = vrrp_signature_check(&ours, &conf.hmac, &in, &got, now,
					    &skewed);
		bytes[i] ^= 1;
		if (i >= 24 + 4 && i < 24 + 8)
			cr_expect(drop == VRRP_DROP_STALE ||
					  drop == VRRP_DROP_SIGNATURE,
				  "byte %zu", i);
		else if (i == 6 || i == 7)
			cr_expect_neq(drop, VRRP_DROP_SIGNATURE, "byte %zu", i);
		else
			cr_expect_eq(drop, VRRP_DROP_SIGNATURE, "byte %zu", i);
	}
}

Test(vrrp_signature, the_source_and_the_router_are_signed)
{
	send_at(START);
	in.src = addr_of("198.51.100.11");
	cr_expect_eq(hear(), VRRP_DROP_SIGNATURE);
	in.src = addr_of("198.51.100.10");
	bytes[1] = 52;
	cr_assert_eq(vrrp_packet_decode(&in, &got), VRRP_DROP_CHECKSUM);
	bytes[7] -= 1; /* the sum is right again */
	cr_expect_eq(hear(), VRRP_DROP_SIGNATURE);
}

Test(vrrp_signature, another_destination_is_not)
{
	send_at(START);
	in.dst = addr_of("192.0.2.7");
	cr_expect_eq(hear(), VRRP_DROP_NONE);
}

Test(vrrp_signature, an_advert_counts_once)
{
	send_at(START);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect_eq(hear(), VRRP_DROP_REPLAY);
	send_at(START); /* the clock stands still */
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	send_at(START - SECOND); /* it was set back a little */
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect_eq(hear(), VRRP_DROP_REPLAY);
}

Test(vrrp_signature, times_outside_the_window_are_stale)
{
	send_at(START);
	now = START + WINDOW * SECOND;
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect(skewed);
	now += SECOND;
	cr_expect_eq(hear(), VRRP_DROP_STALE);
	now = START - (WINDOW + 1) * SECOND;
	cr_expect_eq(hear(), VRRP_DROP_STALE);
	now = START + 2 * SECOND;
	send_at(START + SECOND);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect_not(skewed);
}

/* A captured advert is of no use when the memory of it ends. */
Test(vrrp_signature, an_old_one_stays_stale)
{
	uint64_t later;

	send_at(START);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	for (later = 0; later < 3 * WINDOW; later++) {
		now = START + later * SECOND;
		cr_expect_eq(hear(), later > WINDOW ? VRRP_DROP_STALE :
						      VRRP_DROP_REPLAY);
	}
}

/* The clock of the other was an hour ahead, as was ours, and both are put right. */
Test(vrrp_signature, clocks_that_are_put_right)
{
	now = START + 3600 * SECOND;
	send_at(now);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	now = START;
	send_at(START);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect_eq(hear(), VRRP_DROP_REPLAY);
}

Test(vrrp_signature, monotonic_has_no_clock)
{
	conf.hmac.monotonic = true;
	now = START + 100000 * SECOND;
	send_at(START);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect_not(skewed);
	send_at(START - 3600 * SECOND); /* goes on from the last */
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	theirs.sent = 0; /* begun anew, with a clock that was set back */
	send_at(START - 3600 * SECOND);
	cr_expect_eq(hear(), VRRP_DROP_REPLAY);
}

Test(vrrp_signature, the_seconds_begin_anew_in_2106)
{
	now = UINT64_C(0xffffffff00000000);
	send_at(now);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	now += 2 * SECOND;
	send_at(now);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect_eq(hear(), VRRP_DROP_REPLAY);
}

Test(vrrp_signature, keys_are_changed_without_a_gap)
{
	struct vrrp_conf_key other = keys[1];

	conf.hmac.active_key = 9;
	send_at(START);
	cr_expect_eq(bytes[12 + 1], 9);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	/* We do not have it, or another with its number. */
	other.data[0] ^= 1;
	conf.hmac.keys = &other;
	conf.hmac.nr_keys = 1;
	vrrp_signature_use(&ours, &conf, 0, NULL, 0);
	send_at(START);
	cr_expect_eq(hear(), VRRP_DROP_SIGNATURE);
	other.id = 10;
	vrrp_signature_use(&ours, &conf, 0, NULL, 0);
	cr_expect_eq(hear(), VRRP_DROP_SIGNATURE);
}

Test(vrrp_signature, keys_of_files)
{
	struct ipc_vrrp_key given[] = { { 2, 1, 32, { 0 } },
					{ 3, 9, 32, { 0 } },
					{ 3, 1, 32, { 0 } } };

	memcpy(given[2].data, keys[0].data, 32);
	keys[0] = (struct vrrp_conf_key){ .id = 1, .file = "/k" };
	vrrp_signature_use(&ours, &conf, 3, NULL, 0);
	cr_expect_not(vrrp_signature_ready(&ours, &conf.hmac));
	cr_expect_not(vrrp_signature_sign(&ours, &conf.hmac, &advert, &in.src,
					  now, trailer));
	send_at(START);
	cr_expect_eq(hear(), VRRP_DROP_SIGNATURE);
	conf.hmac.mode = VRRP_SIGNING_RECEIVE;
	cr_expect(vrrp_signature_ready(&ours, &conf.hmac));
	conf.hmac.mode = VRRP_SIGNING_ENFORCE;
	vrrp_signature_use(&ours, &conf, 3, given, 3);
	cr_expect(vrrp_signature_ready(&ours, &conf.hmac));
	cr_expect_eq(hear(), VRRP_DROP_NONE);
}

/* Twenty peers are all remembered, and a twenty-first costs the oldest. */
Test(vrrp_signature, many_senders)
{
	unsigned i, round;

	conf.nr_peers = ARRAY_SIZE(peers);
	conf.peers = peers;
	vrrp_signature_use(&ours, &conf, 0, NULL, 0);
	for (round = 0; round < 2; round++)
		for (i = 0; i < conf.nr_peers; i++) {
			in.src.bytes[3] = (uint8_t)(i + 1);
			theirs.sent = 0;
			send_at(START);
			cr_expect_eq(hear(),
				     round ? VRRP_DROP_REPLAY : VRRP_DROP_NONE);
		}
	in.src.bytes[3] = 99;
	send_at(START);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	cr_expect_eq(ours.nr_senders, ARRAY_SIZE(peers));
	/* A reload to fewer peers forgets nobody. */
	conf.nr_peers = 1;
	vrrp_signature_use(&ours, &conf, 0, NULL, 0);
	cr_expect_eq(hear(), VRRP_DROP_REPLAY);
}

Test(vrrp_signature, receive_only_signs_nothing)
{
	conf.hmac.mode = VRRP_SIGNING_RECEIVE;
	cr_expect_not(vrrp_signature_sign(&theirs, &conf.hmac, &advert, &in.src,
					  now, trailer));
	conf.hmac = (struct vrrp_conf_hmac){ 0 };
	cr_expect_not(vrrp_signature_sign(&theirs, &conf.hmac, &advert, &in.src,
					  now, trailer));
	cr_expect(vrrp_signature_ready(&theirs, &conf.hmac));
}

Test(vrrp_signature, version_2_has_its_eight_bytes_before)
{
	advert.version = 2;
	send_at(START);
	cr_expect_eq(in.length, 8 + 4 + 8 + VRRP_TRAILER_LENGTH);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
}

/* A flood of adverts moves no memory but the sender's own, after its signature. */
Test(vrrp_signature, forged_adverts_leave_no_trace)
{
	struct vrrp_sender before[8];

	send_at(START);
	cr_expect_eq(hear(), VRRP_DROP_NONE);
	memcpy(before, ours.senders, sizeof(before));
	send_at(START + SECOND);
	bytes[in.length - 1] ^= 1;
	cr_expect_eq(hear(), VRRP_DROP_SIGNATURE);
	cr_expect_arr_eq(before, ours.senders, sizeof(before));
}

/* The demands on an advert before its signature is looked at. */
Test(vrrp_signature, unsigned_and_unexpected)
{
	static const struct {
		bool block, sent;
		enum vrrp_signing mode;
		enum vrrp_drop drop;
		unsigned odd;
	} rows[] = {
		{ false, false, VRRP_SIGNING_ENFORCE, VRRP_DROP_NONE, 0 },
		{ false, true, VRRP_SIGNING_ENFORCE, VRRP_DROP_SIGNED, 0 },
		{ true, true, VRRP_SIGNING_ENFORCE, VRRP_DROP_NONE, 0 },
		{ true, false, VRRP_SIGNING_ENFORCE, VRRP_DROP_UNSIGNED, 0 },
		{ true, true, VRRP_SIGNING_PERMISSIVE, VRRP_DROP_NONE, 0 },
		{ true, false, VRRP_SIGNING_PERMISSIVE, VRRP_DROP_NONE,
		  VRRP_DEVIATION_UNSIGNED },
		{ true, true, VRRP_SIGNING_RECEIVE, VRRP_DROP_NONE, 0 },
		{ true, false, VRRP_SIGNING_RECEIVE, VRRP_DROP_NONE,
		  VRRP_DEVIATION_UNSIGNED },
	};
	struct vrrp_conf_address address = { .addr = addr_of("192.0.2.100") };
	struct addr self = addr_of("198.51.100.1"), known = { 0 };
	struct vrrp_conf_instance own;
	unsigned odd;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		send_at(START + i * SECOND);
		own = conf;
		own.family = AF_INET;
		own.version = 3;
		own.vrid = 51;
		own.group = group;
		own.checksum = VRRP_CHECKSUM_MESSAGE;
		own.addresses = &address;
		own.nr_addresses = 1;
		own.hmac.mode = rows[i].mode;
		if (!rows[i].block)
			own.hmac.nr_keys = 0;
		if (!rows[i].sent)
			in.length -= VRRP_TRAILER_LENGTH;
		cr_expect_eq(vrrp_receive(&own, &self, &known, &in, &got, &odd),
			     rows[i].drop, "row %zu", i);
		if (rows[i].drop == VRRP_DROP_NONE)
			cr_expect_eq(odd, rows[i].odd, "row %zu", i);
	}
}
