/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sheet is read as it was written. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "lib/sheet.h"

static struct sheet sheet;
static struct sheet_row row;

static void setup(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		sheet_begin(&sheet, "server");
		sheet_text(&sheet, "name", "a\tb\nc\\d");
		sheet_number(&sheet, "least", INT64_MIN + 1 + i);
		sheet_known(&sheet, "unknown", false, 7);
		sheet_number(&sheet, "most", INT64_MAX - i);
		sheet_end(&sheet);
		sheet_begin(&sheet, "end");
		sheet_end(&sheet);
	}
}

static void teardown(void)
{
	sheet_free(&sheet);
}

TestSuite(sheet, .init = setup, .fini = teardown);

static void assert_row(struct sheet_reader *reader, bool head, size_t nr,
		       const char *kind)
{
	cr_assert_eq(sheet_read(reader, &row), 1);
	cr_assert_eq(row.head, head);
	cr_assert_eq(row.nr, nr);
	cr_assert(sheet_is(&row.fields[0], kind));
}

Test(sheet, a_kind_has_one_head_and_each_row_its_fields)
{
	struct sheet_reader reader = { sheet.out.bytes,
				       sheet.out.bytes + sheet.out.length };
	char text[16];
	int64_t number;
	int i;

	assert_row(&reader, true, 5, "server");
	cr_expect(sheet_is(&row.fields[2], "least"));
	for (i = 0; i < 2; i++) {
		assert_row(&reader, false, 5, "server");
		cr_expect_str_eq(sheet_read_text(&row.fields[1], text,
						 sizeof(text)),
				 "a\tb\nc\\d");
		cr_expect_str_eq(sheet_read_text(&row.fields[1], text, 4),
				 "a\tb");
		cr_expect(sheet_read_number(&row.fields[2], &number));
		cr_expect_eq(number, INT64_MIN + 1 + i);
		cr_expect_not(sheet_read_number(&row.fields[3], &number));
		cr_expect(sheet_read_number(&row.fields[4], &number));
		cr_expect_eq(number, INT64_MAX - i);
		if (i == 0)
			assert_row(&reader, true, 1, "end");
		assert_row(&reader, false, 1, "end");
	}
	cr_expect_eq(sheet_read(&reader, &row), 0);
}

Test(sheet, what_is_no_number_is_none)
{
	static const char *const texts[] = { "",
					     "-",
					     "a",
					     "1a",
					     "1 ",
					     "+1",
					     "--",
					     "0x",
					     "1.5",
					     "9223372036854775808",
					     "99999999999999999999" };
	int64_t number = 7;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct sheet_field field = { texts[i], strlen(texts[i]) };

		cr_expect_not(sheet_read_number(&field, &number), "%s",
			      texts[i]);
	}
	cr_expect_eq(number, 7);
}

Test(sheet, a_line_that_is_cut_or_too_wide_is_refused)
{
	struct sheet_reader reader = { "server\t1", NULL };
	char wide[SHEET_FIELDS + 2];

	reader.end = reader.at + 8;
	cr_expect_eq(sheet_read(&reader, &row), -EBADMSG);
	memset(wide, '\t', sizeof(wide));
	wide[SHEET_FIELDS - 1] = '\n';
	reader = (struct sheet_reader){ wide, wide + SHEET_FIELDS };
	cr_expect_eq(sheet_read(&reader, &row), 1);
	cr_expect_eq(row.nr, SHEET_FIELDS);
	wide[SHEET_FIELDS - 1] = '\t';
	wide[SHEET_FIELDS] = '\n';
	reader = (struct sheet_reader){ wide, wide + SHEET_FIELDS + 1 };
	cr_expect_eq(sheet_read(&reader, &row), -EBADMSG);
}
