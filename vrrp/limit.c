/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/limit.h"

bool vrrp_limit_ok(struct vrrp_limit *limit, usec_t now, uint64_t *skipped)
{
	if (now < limit->next) {
		limit->skipped++;
		return false;
	}
	*skipped = limit->skipped;
	limit->skipped = 0;
	limit->next = now + 60 * USEC_PER_SEC;
	return true;
}
