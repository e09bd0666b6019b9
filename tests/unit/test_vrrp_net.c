/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which address adverts leave from, and who goes along with one that is removed. */
#include <criterion/criterion.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "vrrp/address.h"
#include "vrrp/interfaces.h"

static struct vrrp_net net;
static struct vrrp_ifaddr ifaddr[8];
static struct addr got;

static struct addr addr_of(const char *text)
{
	struct addr addr;

	cr_assert_eq(addr_parse(&addr, text, strlen(text)), 0);
	return addr;
}

/* All of eth0 (2); its own are .1 and .2, all others are virtual. */
static void hold(const char *text, uint8_t prefix, uint32_t flags)
{
	ifaddr[net.nr_ifaddrs++] = (struct vrrp_ifaddr){
		.index = 2,
		.addr = addr_of(text),
		.prefix = prefix,
		.scope = text[0] == 'f' ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
		.flags = flags,
	};
}

static bool is_virtual(const void *arg, const struct addr *addr)
{
	(void)arg;
	return addr->family == AF_INET6 ? addr->bytes[14] > 0 :
					  addr->bytes[3] >= 100;
}

static bool source(bool owner)
{
	memset(&got, 0, sizeof(got));
	return vrrp_net_source(
		&net, 2, ifaddr[0].addr.family == AF_INET6 ? AF_INET6 : AF_INET,
		owner, is_virtual, NULL, &got);
}

static bool is(const char *text)
{
	struct addr addr = addr_of(text);

	return addr_cmp(&got, &addr) == 0;
}

static void setup(void)
{
	memset(&net, 0, sizeof(net));
	memset(ifaddr, 0, sizeof(ifaddr));
	net.ifaddrs = ifaddr;
}

TestSuite(vrrp_net, .init = setup);

Test(vrrp_net, the_first_own_address_is_the_source)
{
	hold("192.0.2.100", 32, 0);
	hold("192.0.2.1", 24, 0);
	hold("192.0.2.2", 24, IFA_F_SECONDARY);
	cr_assert(source(false));
	cr_expect(is("192.0.2.1"));
}

/* A service address that was put there first makes the host's own secondary. */
Test(vrrp_net, an_own_secondary_address_is_better_than_none)
{
	hold("192.0.2.100", 24, 0);
	hold("192.0.2.1", 24, IFA_F_SECONDARY);
	cr_assert(source(false));
	cr_expect(is("192.0.2.1"));
	cr_assert(source(true));
	cr_expect(is("192.0.2.1"));
}

/* Else a peer takes our adverts for its own, and both are master for ever. */
Test(vrrp_net, nobody_but_an_owner_sends_from_a_virtual_address)
{
	hold("192.0.2.100", 24, 0);
	cr_expect_not(source(false));
	cr_assert(source(true));
	cr_expect(is("192.0.2.100"));
	ifaddr[0].proto = VRRP_ADDRESS_PROTO;
	cr_expect_not(source(true));
}

Test(vrrp_net, over_ip6_it_is_link_local)
{
	hold("fe80::100", 64, 0);
	cr_expect_not(source(false));
	cr_expect(source(true));
	hold("fe80::1", 64, IFA_F_TENTATIVE);
	cr_expect_not(source(false));
	hold("fe80::2", 64, 0);
	cr_assert(source(false));
	cr_expect(is("fe80::2"));
}

Test(vrrp_net, secondary_addresses_go_with_their_primary_one)
{
	const struct vrrp_ifaddr *gone;

	hold("192.0.2.100", 24, 0);
	hold("192.0.3.1", 24, 0);
	hold("192.0.2.101", 24, IFA_F_SECONDARY);
	hold("192.0.2.1", 24, IFA_F_SECONDARY);
	hold("192.0.2.2", 25, IFA_F_SECONDARY);
	gone = vrrp_net_dependent(&net, &ifaddr[0], is_virtual, NULL);
	cr_assert_not_null(gone);
	cr_expect_eq(gone, &ifaddr[3]);
	cr_expect_null(vrrp_net_dependent(&net, &ifaddr[1], is_virtual, NULL));
	/* A secondary one takes nobody along. */
	cr_expect_null(vrrp_net_dependent(&net, &ifaddr[2], is_virtual, NULL));
}

/* The kernel says UP at NOW, of LINK with a delay of 2 s. */
static void say_up(struct vrrp_link *link, bool up, usec_t now)
{
	struct vrrp_link next = { .up = up, .running = up };

	vrrp_link_debounce(link, &next, 2 * USEC_PER_SEC, now);
	*link = next;
}

Test(vrrp_net, a_link_that_bounces)
{
	struct vrrp_link link = { .up = true, .running = true }, at_once;

	say_up(&link, false, 100);
	cr_assert(link.running, "it does not count yet");
	cr_assert_eq(link.settles, 100 + 2 * USEC_PER_SEC);
	say_up(&link, false, 200);
	cr_assert_eq(link.settles, 100 + 2 * USEC_PER_SEC, "as before");
	say_up(&link, true, 300);
	cr_assert(link.running);
	cr_assert_eq(link.settles, 0, "it is taken back");
	say_up(&link, false, 400);
	cr_assert_eq(link.settles, 400 + 2 * USEC_PER_SEC, "anew");
	at_once = (struct vrrp_link){ .up = false, .running = false };
	vrrp_link_debounce(&link, &at_once, 0, 500);
	cr_assert(!at_once.running && at_once.settles == 0);
}
