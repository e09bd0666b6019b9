/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every rule of reception that needs to know the instance, one row each. */
#include <criterion/criterion.h>
#include <string.h>

#include "vrrp/limit.h"
#include "vrrp/receive.h"

static struct vrrp_conf_address vips[2];
static struct vrrp_conf_peer peers[1];
static struct vrrp_conf_instance conf;
static struct addr self, peer, known;
static uint8_t list[32];
static uint8_t bytes[VRRP_PACKET_MAX];
static struct vrrp_advert sent, got;
static struct vrrp_datagram in;
static unsigned odd;

static struct addr addr_of(const char *text)
{
	struct addr addr;

	cr_assert_eq(addr_parse(&addr, text, strlen(text)), 0);
	return addr;
}

static void setup(void)
{
	self = addr_of("192.0.2.1");
	peer = addr_of("192.0.2.2");
	known = (struct addr){ 0 };
	vips[0].addr = addr_of("192.0.2.100");
	vips[1].addr = addr_of("192.0.2.101");
	conf = (struct vrrp_conf_instance){
		.name = "V",
		.family = AF_INET,
		.version = 3,
		.vrid = 51,
		.priority = 100,
		.interval = USEC_PER_SEC,
		.group = addr_of("224.0.0.18"),
		.addresses = vips,
		.nr_addresses = 2,
		.check_unicast_src = true,
	};
	memcpy(list, vips[0].addr.bytes, 4);
	memcpy(list + 4, vips[1].addr.bytes, 4);
	sent = (struct vrrp_advert){
		.family = AF_INET,
		.version = 3,
		.vrid = 51,
		.priority = 200,
		.count = 2,
		.interval = USEC_PER_SEC,
		.addresses = list,
	};
	in = (struct vrrp_datagram){
		.src = peer, .dst = conf.group, .ttl = 255, .data = bytes
	};
}

TestSuite(vrrp_receive, .init = setup);

static enum vrrp_drop receive(void)
{
	int length = vrrp_packet_encode(&sent, &in.src, &in.dst, bytes,
					sizeof(bytes));

	cr_assert_gt(length, 0);
	in.length = (size_t)length;
	return vrrp_receive(&conf, &self, &known, &in, &got, &odd);
}

static void use_v2(void)
{
	conf.version = sent.version = 2;
	conf.auth = VRRP_AUTH_SIMPLE;
	memcpy(conf.auth_data, "s3cret", 6);
	sent.auth = VRRP_AUTH_SIMPLE;
	memcpy(sent.auth_data, "s3cret", 6);
}

static void use_unicast(void)
{
	peers[0] = (struct vrrp_conf_peer){ peer, 0, 255 };
	conf.peers = peers;
	conf.nr_peers = 1;
	in.dst = self;
}

Test(vrrp_receive, a_peer_counts)
{
	cr_assert_eq(receive(), VRRP_DROP_NONE);
	cr_assert_eq(odd, 0);
	cr_assert_eq(got.priority, 200);
}

/* no_virtual_ipaddress */
Test(vrrp_receive, adverts_without_addresses)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		setup();
		if (i == 1)
			use_v2();
		sent.count = 0;
		cr_expect_eq(receive(), VRRP_DROP_COUNT);
		conf.nr_addresses = 0;
		cr_expect_eq(receive(), VRRP_DROP_NONE);
		conf.same_addresses = true;
		cr_expect_eq(receive(), VRRP_DROP_NONE);
		sent.count = 2;
		cr_expect_eq(receive(), VRRP_DROP_FOREIGN);
	}
	setup();
	conf.family = sent.family = AF_INET6;
	in.src = addr_of("fe80::2");
	in.dst = conf.group = addr_of("ff02::12");
	self = addr_of("fe80::1");
	conf.nr_addresses = sent.count = 0;
	conf.strict = true;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
}

/* For the advice: a wrong version or password of the own pair's. */
Test(vrrp_receive, the_own_pair_without_addresses)
{
	struct vrrp_advert theirs = { .family = AF_INET };

	conf.nr_addresses = 0;
	cr_expect(vrrp_receive_is_of_pair(&conf, &theirs));
	cr_expect_not(vrrp_receive_shares(&conf, &theirs));
	theirs.family = AF_INET6;
	cr_expect_not(vrrp_receive_is_of_pair(&conf, &theirs));
	setup();
	theirs.family = AF_INET;
	cr_expect_not(vrrp_receive_is_of_pair(&conf, &theirs));
}

Test(vrrp_receive, others_do_not)
{
	sent.vrid = 52;
	cr_expect_eq(receive(), VRRP_DROP_VRID);
	setup();
	in.ttl = 254;
	cr_expect_eq(receive(), VRRP_DROP_TTL);
	setup();
	in.dst = self;
	cr_expect_eq(receive(), VRRP_DROP_DESTINATION);
	setup();
	in.src = self;
	cr_expect_eq(receive(), VRRP_DROP_OWN_ADDRESS);
	setup();
	sent.version = 2;
	cr_expect_eq(receive(), VRRP_DROP_VERSION);
}

Test(vrrp_receive, version_3_tolerates_a_peer_in_the_middle_of_a_change)
{
	list[3] = 1;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, VRRP_DEVIATION_ADDRESS_LIST);
	setup();
	sent.count = 1;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, VRRP_DEVIATION_ADDRESS_LIST);
}

/* Another pair that happens to use our virtual_router_id. */
Test(vrrp_receive, version_3_obeys_no_stranger)
{
	list[2]++;
	list[6]++;
	cr_expect_eq(receive(), VRRP_DROP_FOREIGN);
	sent.priority = VRRP_PRIORITY_OWNER;
	cr_expect_eq(receive(), VRRP_DROP_FOREIGN);
	sent.priority = VRRP_PRIORITY_STOP;
	cr_expect_eq(receive(), VRRP_DROP_FOREIGN);
	/* Longer lists do not make it a peer, nor do shorter ones. */
	sent.count = 1;
	cr_expect_eq(receive(), VRRP_DROP_FOREIGN);
}

Test(vrrp_receive, version_2_tells_strangers_from_peers)
{
	use_v2();
	sent.count = 1;
	cr_expect_eq(receive(), VRRP_DROP_ADDRESS_LIST);
	list[2]++;
	cr_expect_eq(receive(), VRRP_DROP_FOREIGN);
}

/* As keepalived does it: any difference, in either version. */
Test(vrrp_receive, compat_wants_the_same_list)
{
	conf.same_addresses = true;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	list[3] = 1;
	cr_expect_eq(receive(), VRRP_DROP_ADDRESS_LIST);
	setup();
	conf.same_addresses = true;
	sent.count = 1;
	cr_expect_eq(receive(), VRRP_DROP_ADDRESS_LIST);
}

/* The list of whom we listen to already is not compared again. */
Test(vrrp_receive, skip_check_adv_addr_trusts_whom_it_knows)
{
	conf.skip_check_adv_addr = true;
	list[2]++;
	list[6]++;
	cr_expect_eq(receive(), VRRP_DROP_FOREIGN);
	known = addr_of("192.0.2.3");
	cr_expect_eq(receive(), VRRP_DROP_FOREIGN);
	known = peer;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, 0);
	conf.same_addresses = true;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
}

Test(vrrp_receive, the_order_of_addresses_is_free)
{
	memcpy(list, vips[1].addr.bytes, 4);
	memcpy(list + 4, vips[0].addr.bytes, 4);
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, 0);
}

Test(vrrp_receive, the_other_checksum_form_is_told)
{
	sent.checksum = VRRP_CHECKSUM_MESSAGE;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, VRRP_DEVIATION_CHECKSUM);
	conf.checksum = VRRP_CHECKSUM_MESSAGE;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, 0);
	sent.checksum = VRRP_CHECKSUM_PSEUDO;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, VRRP_DEVIATION_CHECKSUM);
}

Test(vrrp_receive, version_2_is_strict)
{
	use_v2();
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	sent.interval = 2 * USEC_PER_SEC;
	cr_expect_eq(receive(), VRRP_DROP_INTERVAL);
	setup();
	use_v2();
	sent.count = 1;
	cr_expect_eq(receive(), VRRP_DROP_ADDRESS_LIST);
	sent.priority = VRRP_PRIORITY_OWNER;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	setup();
	use_v2();
	conf.priority = VRRP_PRIORITY_OWNER;
	cr_expect_eq(receive(), VRRP_DROP_OWNER);
}

Test(vrrp_receive, passwords)
{
	unsigned type;

	use_v2();
	sent.auth_data[7] = 'x';
	cr_expect_eq(receive(), VRRP_DROP_AUTH);
	sent.auth_data[7] = 0;
	sent.auth_data[0] = 'S';
	cr_expect_eq(receive(), VRRP_DROP_AUTH);
	sent.auth_data[0] = 's';
	for (type = 0; type < 256; type++) {
		sent.auth = (uint8_t)type;
		cr_expect_eq(receive(), type == VRRP_AUTH_SIMPLE ?
						VRRP_DROP_NONE :
						VRRP_DROP_AUTH_TYPE);
	}
	conf.auth = VRRP_AUTH_NONE;
	sent.auth = VRRP_AUTH_SIMPLE;
	cr_expect_eq(receive(), VRRP_DROP_AUTH_TYPE);
}

Test(vrrp_receive, a_version_3_owner_listens)
{
	conf.priority = VRRP_PRIORITY_OWNER;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, 0);
	sent.priority = VRRP_PRIORITY_OWNER;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, VRRP_DEVIATION_OWNER);
}

Test(vrrp_receive, unicast_listens_to_listed_peers)
{
	use_unicast();
	in.ttl = 3;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	peers[0].min_ttl = 254;
	cr_expect_eq(receive(), VRRP_DROP_TTL);
	in.ttl = 254;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	in.dst = conf.group;
	cr_expect_eq(receive(), VRRP_DROP_DESTINATION);
	in.dst = self;
	in.src = addr_of("192.0.2.3");
	cr_expect_eq(receive(), VRRP_DROP_SOURCE);
	conf.check_unicast_src = false;
	cr_expect_eq(receive(), VRRP_DROP_NONE);
}

Test(vrrp_receive, ip6_begins_with_a_link_local_address)
{
	conf.family = sent.family = AF_INET6;
	self = addr_of("fe80::1");
	in.src = addr_of("fe80::2");
	in.dst = conf.group = addr_of("ff02::12");
	vips[0].addr = addr_of("fe80::100");
	vips[1].addr = addr_of("2001:db8::100");
	memcpy(list, vips[0].addr.bytes, 16);
	memcpy(list + 16, vips[1].addr.bytes, 16);
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, 0);
	memcpy(list, vips[1].addr.bytes, 16);
	memcpy(list + 16, vips[0].addr.bytes, 16);
	cr_expect_eq(receive(), VRRP_DROP_NONE);
	cr_expect_eq(odd, VRRP_DEVIATION_LINK_LOCAL);
	conf.strict = true;
	cr_expect_eq(receive(), VRRP_DROP_LINK_LOCAL);
}

/* Whoever floods the network fills no log, and how much is known all the same. */
Test(vrrp_receive, a_line_a_minute_that_counts_the_others)
{
	struct vrrp_limit limit = { 0 };
	const usec_t start = 1000 * USEC_PER_SEC;
	uint64_t skipped = 7;
	usec_t i;

	cr_assert(vrrp_limit_ok(&limit, start, &skipped));
	cr_expect_eq(skipped, 0);
	for (i = 1; i < 60; i++)
		cr_expect_not(vrrp_limit_ok(&limit, start + i * USEC_PER_SEC,
					    &skipped));
	cr_assert(vrrp_limit_ok(&limit, start + 60 * USEC_PER_SEC, &skipped));
	cr_expect_eq(skipped, 59);
	cr_assert(vrrp_limit_ok(&limit, start + 120 * USEC_PER_SEC, &skipped));
	cr_expect_eq(skipped, 0);
}
