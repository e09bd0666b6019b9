/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <string.h>

#include "vrrp/announce.h"

#define S USEC_PER_SEC

static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
static struct vrrp_conf_garp garp;
static struct vrrp_announcer announcer;
static usec_t now;
static usec_t *shared; /* NULL: the pause is its own */

static void setup(void)
{
	garp = (struct vrrp_conf_garp){
		.master_repeat = 5,
		.master_delay = 5 * S,
		.master_refresh_repeat = 1,
		.lower_repeat = 2,
		.lower_delay = 3 * S,
	};
	memset(&announcer, 0, sizeof(announcer));
	shared = NULL;
	now = 100 * S;
}

TestSuite(vrrp_announce, .init = setup);

/* How many announcements are made now for each of two addresses. */
static void expect(int first, int second)
{
	int seen[2] = { 0, 0 }, index, limit = 1000;

	while ((index = vrrp_announcer_next(&announcer, &garp, AF_INET, 2, now,
					    shared)) >= 0) {
		cr_assert_lt(index, 2);
		cr_assert_gt(limit--, 0);
		seen[index]++;
	}
	cr_expect_eq(seen[0], first);
	cr_expect_eq(seen[1], second);
}

Test(vrrp_announce, gratuitous_arp)
{
	static const uint8_t want[VRRP_ARP_FRAME] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,	 0, 0,	 0,   0,
		1,    8,    6,	  0,	1,    8,    0,	 6, 4,	 0,   1,
		2,    0,    0,	  0,	0,    1,    192, 0, 2,	 100, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 192,  0,	 2, 100,
	};
	uint8_t out[VRRP_NA_FRAME];
	struct addr addr;

	addr_parse(&addr, "192.0.2.100", 11);
	cr_assert_eq(vrrp_announce_frame(&addr, mac, true, out), sizeof(want));
	cr_assert_eq(memcmp(out, want, sizeof(want)), 0);
}

/* The checksum was computed by Wireshark. */
Test(vrrp_announce, unsolicited_neighbour_advertisement)
{
	static const uint8_t want[VRRP_NA_FRAME] = {
		0x33, 0x33, 0,	  0,	0, 1,	 2, 0,	  0,  0,   0,
		1,    0x86, 0xdd, 0x60, 0, 0,	 0, 0,	  32, 58,  255,
		0x20, 1,    0xd,  0xb8, 0, 0,	 0, 0,	  0,  0,   0,
		0,    0,    0,	  1,	0, 0xff, 2, 0,	  0,  0,   0,
		0,    0,    0,	  0,	0, 0,	 0, 0,	  0,  1,   136,
		0,    0x77, 0x2c, 0xa0, 0, 0,	 0, 0x20, 1,  0xd, 0xb8,
		0,    0,    0,	  0,	0, 0,	 0, 0,	  0,  0,   1,
		0,    2,    1,	  2,	0, 0,	 0, 0,	  1,
	};
	uint8_t out[VRRP_NA_FRAME];
	struct addr addr;

	addr_parse(&addr, "2001:db8::100", 13);
	cr_assert_eq(vrrp_announce_frame(&addr, mac, true, out), sizeof(want));
	cr_assert_arr_eq(out, want, sizeof(want));
	vrrp_announce_frame(&addr, mac, false, out);
	cr_assert_eq(out[58], 0x20);
}

Test(vrrp_announce, a_takeover_is_told_twice)
{
	vrrp_announcer_start(&announcer, &garp, now);
	expect(5, 5);
	cr_expect_eq(vrrp_announcer_when(&announcer), now + 5 * S);
	now += 5 * S - 1;
	expect(0, 0);
	now += 1;
	expect(5, 5);
	cr_expect_eq(vrrp_announcer_when(&announcer), 0);
}

Test(vrrp_announce, a_pause_between_two)
{
	int i;

	garp.arp_interval = 1000;
	vrrp_announcer_start(&announcer, &garp, now);
	for (i = 0; i < 10; i++) {
		cr_expect_eq(vrrp_announcer_when(&announcer), now);
		expect(i % 2 == 0, i % 2 == 1);
		now += 1000;
	}
	expect(0, 0);
}

Test(vrrp_announce, refreshed_while_active)
{
	int i;

	garp.master_refresh = 60 * S;
	garp.master_refresh_repeat = 2;
	garp.master_delay = 0;
	vrrp_announcer_start(&announcer, &garp, now);
	expect(5, 5);
	for (i = 0; i < 3; i++) {
		cr_expect_eq(vrrp_announcer_when(&announcer), now + 60 * S);
		now += 60 * S;
		expect(2, 2);
	}
}

Test(vrrp_announce, leaving_drops_what_is_pending)
{
	vrrp_announcer_start(&announcer, &garp, now);
	vrrp_announcer_stop(&announcer);
	cr_expect_eq(vrrp_announcer_when(&announcer), 0);
	now += 10 * S;
	expect(0, 0);
}

Test(vrrp_announce, another_speaker_is_answered)
{
	vrrp_announcer_start(&announcer, &garp, now);
	vrrp_announcer_again(&announcer, &garp, now);
	expect(5, 5); /* the burst under way is enough */
	now += 10 * S;
	expect(5, 5);
	vrrp_announcer_again(&announcer, &garp, now);
	expect(2, 2);
	now += 3 * S;
	expect(2, 2);
	cr_expect_eq(vrrp_announcer_when(&announcer), 0);
}

Test(vrrp_announce, none_wanted)
{
	garp.master_repeat = garp.lower_repeat = 0;
	vrrp_announcer_start(&announcer, &garp, now);
	vrrp_announcer_again(&announcer, &garp, now);
	expect(0, 0);
	cr_expect_eq(vrrp_announcer_when(&announcer), 0);
}

/* garp_extra_if: a round again and again, which only some addresses are for. */
Test(vrrp_announce, rounds_for_other_interfaces)
{
	int i;

	garp.master_delay = 0;
	garp.extra_interval = 100 * S;
	vrrp_announcer_start(&announcer, &garp, now);
	expect(5, 5);
	cr_expect(!announcer.extra_round);
	for (i = 0; i < 3; i++) {
		cr_expect_eq(vrrp_announcer_when(&announcer), now + 100 * S);
		now += 100 * S - 1;
		expect(0, 0);
		now++;
		expect(1, 1);
		cr_expect(announcer.extra_round);
	}
	vrrp_announcer_again(&announcer, &garp, now);
	cr_expect(!announcer.extra_round);
	expect(2, 2);
}

Test(vrrp_announce, such_a_round_holds_no_answer_up)
{
	garp.master_delay = 0;
	garp.arp_interval = S;
	garp.extra_interval = 100 * S;
	vrrp_announcer_start(&announcer, &garp, now);
	while (vrrp_announcer_next(&announcer, &garp, AF_INET, 2, now, NULL) >=
		       0 ||
	       announcer.left > 0)
		now += S;
	now = announcer.extra;
	expect(1, 0);
	cr_expect(announcer.extra_round);
	vrrp_announcer_again(&announcer, &garp, now);
	cr_expect(!announcer.extra_round);
	cr_expect_eq(announcer.left, 2);
}

Test(vrrp_announce, a_reload_begins_and_ends_what_is_done_again)
{
	vrrp_announcer_start(&announcer, &garp, now);
	expect(5, 5);
	now += 10 * S;
	expect(5, 5);
	cr_expect_eq(vrrp_announcer_when(&announcer), 0);
	garp.master_refresh = 60 * S;
	garp.extra_interval = 90 * S;
	vrrp_announcer_change(&announcer, &garp, now);
	cr_expect_eq(vrrp_announcer_when(&announcer), now + 60 * S);
	/* The same again leaves the times as they are. */
	vrrp_announcer_change(&announcer, &garp, now + 20 * S);
	cr_expect_eq(announcer.refresh, now + 60 * S);
	cr_expect_eq(announcer.extra, now + 90 * S);
	garp.extra_interval = 5 * S;
	vrrp_announcer_change(&announcer, &garp, now);
	cr_expect_eq(announcer.extra, now + 5 * S, "a shorter one counts now");
	garp.master_refresh = garp.extra_interval = 0;
	vrrp_announcer_change(&announcer, &garp, now);
	cr_expect_eq(vrrp_announcer_when(&announcer), 0);
}

/* garp_group: two announcers take turns, one announcement in each pause. */
Test(vrrp_announce, a_pause_that_two_share)
{
	struct vrrp_announcer other = { 0 };
	usec_t next = 0;
	int i, sent = 0;

	shared = &next;
	garp.master_delay = 0;
	garp.arp_interval = S;
	vrrp_announcer_start(&announcer, &garp, now);
	vrrp_announcer_start(&other, &garp, now);
	for (i = 0; i < 20; i++, now += S) {
		sent = 0;
		while (vrrp_announcer_next(&other, &garp, AF_INET, 2, now,
					   shared) >= 0)
			sent++;
		while (vrrp_announcer_next(&announcer, &garp, AF_INET, 2, now,
					   shared) >= 0)
			sent++;
		cr_expect_eq(sent, 1, "in second %d: %d", i, sent);
	}
	cr_expect_eq(other.left + announcer.left, 0);
	expect(0, 0);
}
