/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When adverts that do not count are worth a warning. */
#include <criterion/criterion.h>
#include <string.h>

#include "vrrp/mismatch.h"

#define S USEC_PER_SEC
#define RECENT (5 * S)

static struct vrrp_mismatch mismatch;
static struct addr other;
static usec_t now;

static void setup(void)
{
	memset(&mismatch, 0, sizeof(mismatch));
	cr_assert_eq(addr_parse(&other, "192.0.2.2", 9), 0);
	now = 1000 * S;
}

TestSuite(vrrp_mismatch, .init = setup);

static bool hear(enum vrrp_drop drop, bool active)
{
	vrrp_mismatch_note(&mismatch, drop, &other, now);
	return vrrp_mismatch_due(&mismatch, active, RECENT, now);
}

Test(vrrp_mismatch, a_master_warns_at_once_and_once_a_minute)
{
	int i, warnings = 0;

	for (i = 0; i < 600; i++) {
		warnings += hear(VRRP_DROP_AUTH, true);
		cr_assert(i > 0 || warnings == 1);
		now += S;
	}
	cr_expect_eq(warnings, 10);
}

Test(vrrp_mismatch, a_backup_does_not)
{
	int i;

	for (i = 0; i < 600; i++) {
		cr_assert_not(hear(VRRP_DROP_VERSION, false));
		now += S;
	}
}

Test(vrrp_mismatch, becoming_master_is_the_moment_to_say_it)
{
	hear(VRRP_DROP_INTERVAL, false);
	now += S;
	cr_expect(vrrp_mismatch_due(&mismatch, true, RECENT, now));
	cr_expect_eq(mismatch.drop, VRRP_DROP_INTERVAL);
	cr_expect_eq(addr_cmp(&mismatch.src, &other), 0);
	now += S;
	cr_expect_not(vrrp_mismatch_due(&mismatch, true, RECENT, now));
}

Test(vrrp_mismatch, what_was_heard_long_ago_is_no_danger)
{
	cr_expect_not(vrrp_mismatch_due(&mismatch, true, RECENT, now));
	hear(VRRP_DROP_INTERVAL, false);
	now += RECENT + 1;
	cr_expect_not(vrrp_mismatch_due(&mismatch, true, RECENT, now));
}

/* Whatever a broken packet or a replay can be says nothing of another file. */
Test(vrrp_mismatch, broken_packets_are_no_router)
{
	static const enum vrrp_drop broken[] = {
		VRRP_DROP_IP_HEADER, VRRP_DROP_FRAGMENT, VRRP_DROP_SHORT,
		VRRP_DROP_TYPE,	     VRRP_DROP_COUNT,	 VRRP_DROP_LENGTH,
		VRRP_DROP_CHECKSUM,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(broken); i++) {
		cr_expect_not(hear(broken[i], true));
		cr_expect_eq(mismatch.seen, 0);
	}
}
