/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The meaning of the number in a file. */
#include <criterion/criterion.h>
#include <string.h>

#include "checkers/file_judge.h"
#include "lib/util.h"

#define NONE INT32_MIN

Test(file, numbers)
{
	static const struct {
		int32_t weight;
		bool reverse;
		int32_t value;
		enum outcome outcome;
		int32_t added; /* NONE: it says no weight */
		const char *text;
	} rows[] = {
		{ 1, false, 0, PROBE_OK, 0, "it has 0: weight +0" },
		{ 1, false, 7, PROBE_OK, 7, "it has 7: weight +7" },
		{ 3, false, -7, PROBE_OK, -21, "it has -7: weight -21" },
		{ 3, true, -7, PROBE_OK, 21, "it has -7: weight +21" },
		{ -2, false, 5, PROBE_OK, -10, "it has 5: weight -10" },
		{ INT32_MAX, false, INT32_MAX, PROBE_OK, INT32_MAX,
		  "it has 2147483647: weight +2147483647" },
		{ 1, false, -INT32_MAX, PROBE_OK, -INT32_MAX,
		  "it has -2147483647: weight -2147483647" },
		{ 1, false, INT32_MIN, PROBE_FILE, NONE, "it has -2147483648" },
		{ 1, true, INT32_MIN, PROBE_OK, INT32_MAX,
		  "it has -2147483648: weight +2147483647" },
		{ 2, false, -1073741824, PROBE_FILE, NONE,
		  "it has -1073741824" },
		{ INT32_MAX, true, 2, PROBE_FILE, NONE, "it has 2" },
		{ 0, false, 0, PROBE_OK, NONE, "it has 0" },
		{ 0, false, 1, PROBE_FILE, NONE, "it has 1" },
		{ 0, false, -1, PROBE_FILE, NONE, "it has -1" },
		{ 0, true, 0, PROBE_FILE, NONE, "it has 0" },
		{ 0, true, 5, PROBE_OK, NONE, "it has 5" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_number conf = { .weight = rows[i].weight,
					    .reverse = rows[i].reverse };
		struct ipc_number news = { .value = rows[i].value };
		struct probe_result result;

		file_judge(&conf, &news, &result);
		cr_expect_eq(result.outcome, rows[i].outcome, "row %zu", i);
		cr_expect_str_eq(result.text, rows[i].text);
		cr_expect_eq(!!(result.facts.have & FACT_WEIGHT),
			     rows[i].added != NONE, "row %zu", i);
		if (rows[i].added != NONE)
			cr_expect_eq((int32_t)result.facts.weight,
				     rows[i].added, "row %zu", i);
	}
}

/* The reason comes from main, and still not a byte of it is trusted. */
Test(file, the_reason_is_told)
{
	struct conf_number conf = { .weight = 0, .reverse = true };
	struct ipc_number news = { .why = "it is no regular file" };
	struct probe_result result;

	file_judge(&conf, &news, &result);
	cr_assert_eq(result.outcome, PROBE_FILE);
	cr_assert_str_eq(result.text,
			 "it is no regular file, so it counts as 0");
	memset(news.why, 'x', sizeof(news.why));
	news.why[0] = '\033';
	file_judge(&conf, &news, &result);
	cr_assert_not(strchr(result.text, '\033'));
	cr_assert_lt(strlen(result.text), sizeof(result.text));
}
