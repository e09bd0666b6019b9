/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/timer.h"

usec_t vrrp_timer_skew(uint8_t version, uint8_t priority, usec_t interval)
{
	usec_t base = version == 2 ? USEC_PER_SEC : interval;

	return ((256 - priority) * base + 255) / 256;
}

usec_t vrrp_timer_down(uint8_t version, uint8_t priority, usec_t interval,
		       uint8_t adverts)
{
	return adverts * interval +
	       vrrp_timer_skew(version, priority, interval);
}
