/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that is put together piece by piece, and strings that are compared. */
#include <criterion/criterion.h>
#include <string.h>

#include "lib/text.h"

Test(text, grows_piece_by_piece)
{
	char out[64];
	struct text text = text_in(out, sizeof(out));

	cr_assert_str_eq(out, "");
	text_add(&text, "%s weight %u,", "10.0.0.1", 5);
	text_add(&text, " lag ");
	text_add_seconds(&text, 12 * USEC_PER_SEC + 980 * USEC_PER_MSEC);
	cr_assert_str_eq(out, "10.0.0.1 weight 5, lag 12.9 s");
	cr_assert_eq(text.used, strlen(out));
}

Test(text, stops_at_its_end)
{
	char out[8];
	struct text text;

	memset(out, 'x', sizeof(out));
	text = text_in(out, 6);
	text_add(&text, "123");
	text_add(&text, "%s", "45678");
	cr_assert_str_eq(out, "12345");
	cr_assert_eq(text.used, 5);
	text_add(&text, "9");
	cr_assert_str_eq(out, "12345");
	cr_assert_eq(out[6], 'x', "a byte behind the buffer was written");
	text = text_in(out, 1);
	text_add(&text, "1");
	cr_assert_str_eq(out, "");
}

Test(text, loses_a_comma_at_its_end)
{
	char out[8];
	struct text text = text_in(out, sizeof(out));

	text_drop_end(&text, ',');
	cr_assert_str_eq(out, "");
	text_add(&text, "a,b,,");
	text_drop_end(&text, ',');
	cr_assert_str_eq(out, "a,b,");
	text_drop_end(&text, 'b');
	cr_assert_str_eq(out, "a,b,");
	cr_assert_eq(text.used, 4);
}

Test(text, strings_are_equal_by_content)
{
	char a[] = "eth0", b[] = "eth0";

	cr_assert(str_equal(a, b));
	cr_assert(str_equal(NULL, NULL));
	cr_assert_not(str_equal(a, "eth1"));
	cr_assert_not(str_equal(a, NULL));
	cr_assert_not(str_equal(NULL, ""));
}
