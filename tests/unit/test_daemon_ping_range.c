/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whom the kernel lets ping, and what that becomes for one group more. */
#include <criterion/criterion.h>

#include "daemon/proc/ping_range.h"
#include "lib/util.h"

Test(ping_range, one_group_more)
{
	static const struct {
		const char *text;
		gid_t group;
		const char
			*becomes; /* NULL: the group is in, or it is no range */
	} rows[] = {
		{ "1 0", 110, "110 110" },
		{ "0 2147483647", 110, NULL },
		{ "110 110", 110, NULL },
		{ "0 0", 110, "0 110" },
		{ "1000 2000", 110, "110 2000" },
		{ "1 99", 110, "1 110" },
		{ "0 4294967294", 65534, NULL },
		{ "1 0", 4294967294u, "4294967294 4294967294" },
		{ "", 110, NULL },
		{ "1", 110, NULL },
		{ "1 ", 110, NULL },
		{ "a b", 110, NULL },
		{ "1 2 3", 110, NULL },
	};
	char out[PING_RANGE_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		bool changes =
			ping_range_with(rows[i].text, rows[i].group, out);

		cr_expect_eq(changes, rows[i].becomes != NULL, "'%s'",
			     rows[i].text);
		if (changes && rows[i].becomes)
			cr_expect_str_eq(out, rows[i].becomes);
	}
}
