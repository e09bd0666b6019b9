/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When announced addresses are looked after, on virtual time. */
#include <criterion/criterion.h>

#include "announce/audit.h"

#define S USEC_PER_SEC
#define NOW (1000 * S)

Test(audit, a_change_is_answered_soon)
{
	struct audit audit = { 0 };

	audit_begin(&audit, NOW);
	audit_after(&audit, 5 * S);
	cr_assert_eq(audit.due, NOW + 5 * S);
	cr_assert(audit_changed(&audit, NOW + 2 * S));
	cr_assert_eq(audit.due, NOW + 2 * S + AUDIT_SOON);
}

Test(audit, but_not_at_full_speed)
{
	struct audit audit = { 0 };

	audit_begin(&audit, NOW);
	audit_after(&audit, 5 * S);
	cr_assert(audit_changed(&audit, NOW + 1));
	cr_assert_eq(audit.due, NOW + AUDIT_PAUSE);
}

Test(audit, changes_without_end_put_nothing_off)
{
	struct audit audit = { 0 };
	usec_t now, due;

	audit_begin(&audit, NOW);
	audit_after(&audit, 5 * S);
	audit_changed(&audit, NOW + 2 * S);
	due = audit.due;
	for (now = NOW + 2 * S; now < NOW + 6 * S; now += USEC_PER_MSEC) {
		cr_assert(!audit_changed(&audit, now));
		cr_assert_eq(audit.due, due);
	}
}

Test(audit, a_look_that_is_due_earlier_stays)
{
	struct audit audit = { 0 };

	audit_begin(&audit, NOW);
	audit_after(&audit, S);
	cr_assert(!audit_changed(&audit, NOW + S - 1));
	cr_assert_eq(audit.due, NOW + S);
}

Test(audit, before_the_first_look)
{
	struct audit audit = { 0 };

	cr_assert(audit_changed(&audit, NOW));
	cr_assert_eq(audit.due, NOW + AUDIT_SOON);
}
