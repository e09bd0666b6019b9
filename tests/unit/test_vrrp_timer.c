/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "vrrp/timer.h"

Test(vrrp_timer, version_2_skew_knows_no_interval)
{
	cr_expect_eq(vrrp_timer_skew(2, 100, USEC_PER_SEC), 609375);
	cr_expect_eq(vrrp_timer_skew(2, 100, 255 * USEC_PER_SEC), 609375);
	cr_expect_eq(vrrp_timer_skew(2, 254, USEC_PER_SEC), 7813);
	cr_expect_eq(vrrp_timer_skew(2, 1, USEC_PER_SEC), 996094);
	cr_expect_eq(vrrp_timer_down(2, 100, USEC_PER_SEC, 3), 3609375);
	cr_expect_eq(vrrp_timer_down(2, 255, 2 * USEC_PER_SEC, 3), 6003907);
}

Test(vrrp_timer, version_3_skew_is_a_share_of_the_interval)
{
	cr_expect_eq(vrrp_timer_skew(3, 254, 10000), 79); /* 78.125 us */
	cr_expect_eq(vrrp_timer_skew(3, 255, 10000), 40); /* 39.0625 us */
	cr_expect_eq(vrrp_timer_skew(3, 1, 40950000), 40790040);
	cr_expect_eq(vrrp_timer_down(3, 100, 10000, 3), 36094);
	cr_expect_eq(vrrp_timer_down(3, 100, USEC_PER_SEC, 3), 3609375);
	cr_expect_eq(vrrp_timer_down(3, 100, USEC_PER_SEC, 2), 2609375);
	cr_expect_eq(vrrp_timer_down(3, 1, 40950000, 3), 163640040);
}

/* Never early, never a microsecond late, and lower priority waits longer. */
Test(vrrp_timer, exact_for_every_priority_and_interval)
{
	usec_t interval, last, skew;
	int priority;

	for (interval = 10000; interval <= 40950000; interval += 10000) {
		last = 0;
		for (priority = 255; priority >= 1; priority--) {
			skew = vrrp_timer_skew(3, (uint8_t)priority, interval);
			cr_assert(skew * 256 >= (256 - priority) * interval &&
				  (skew - 1) * 256 <
					  (256 - priority) * interval);
			cr_assert_gt(skew, last);
			last = skew;
		}
	}
}
