/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two intervals that VRRP computes, in whole microseconds: divided last,
 * and rounded up, so that nothing fires before the formula says. (Priority 254
 * at 10 ms has a skew of 78.125 us; in whole milliseconds it would be none.)
 */
#ifndef EVENKEEL_VRRP_TIMER_H
#define EVENKEEL_VRRP_TIMER_H

#include <stdint.h>

#include "lib/util.h"

/*
 * Skew_Time. Version 2 (RFC 3768 6.1): (256 - priority) / 256 s, for any
 * interval; version 3 (RFC 9568 6.1): ((256 - priority) x interval) / 256,
 * where INTERVAL is the Active Router's. PRIORITY is 1..255.
 */
usec_t vrrp_timer_skew(uint8_t version, uint8_t priority, usec_t interval);

/*
 * Master_Down_Interval, Active_Down_Interval: ADVERTS (3 unless configured)
 * times INTERVAL, plus the skew.
 */
usec_t vrrp_timer_down(uint8_t version, uint8_t priority, usec_t interval,
		       uint8_t adverts);

#endif
