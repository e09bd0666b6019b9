/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which servers get payload: the rest of daemon/integrity.c is tested by processes. */
#include <criterion/criterion.h>

#include "balance/balance.h"
#include "daemon/integrity.h"

#define WHOLE 1000000

static struct balance_server_view sound(void)
{
	return (struct balance_server_view){ .standing = STANDING_UP,
					     .judged = true,
					     .ramp = WHOLE,
					     .saturation = WHOLE };
}

Test(integrity, payload_goes_to_servers_that_bear_it)
{
	struct balance_server_view view = sound();
	int standing;

	for (standing = 0; standing < STANDINGS; standing++) {
		view.standing = (enum standing)standing;
		cr_expect_eq(integrity_may_take(&view),
			     standing == STANDING_UP ||
				     standing == STANDING_SOFT ||
				     standing == STANDING_SPARE,
			     "standing %d", standing);
	}
	view = sound();
	view.judged = false;
	cr_expect_not(integrity_may_take(&view), "nothing is known of it");
	view = sound();
	view.ramp = WHOLE - 1;
	cr_expect_not(integrity_may_take(&view), "it is cold");
	view = sound();
	view.saturation = WHOLE - 1;
	cr_expect_not(integrity_may_take(&view), "it is nearly full");
}
