/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>

#include "lib/history.h"

Test(daemon_history, is_followed_by_its_numbers)
{
	struct history *history = history_new();
	unsigned i;

	cr_assert_null(history_next(history, 0));
	for (i = 1; i <= HISTORY_SIZE + 5; i++)
		history_add(history, "event %u", i);
	/* The oldest are gone, the last is followed by nothing. */
	cr_assert_eq(history_next(history, 0)->number, 6);
	cr_assert_str_eq(history_next(history, 500)->text, "event 501");
	cr_assert_null(history_next(history, HISTORY_SIZE + 5));
	/* Who comes with a number of a daemon before sees what this one has. */
	cr_assert_eq(history_next(history, 5000)->number, 6);
	history_free(history);
}
