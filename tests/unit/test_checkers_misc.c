/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the end of a script means, and which probe it belongs to. */
#include <criterion/criterion.h>
#include <string.h>

#include "checkers/misc_judge.h"
#include "checkers/misc_table.h"

Test(misc, exit_status)
{
	static const struct {
		bool dynamic;
		int status;
		enum outcome outcome;
		int weight; /* -1: none */
		const char *text;
	} rows[] = {
		{ false, 0, PROBE_OK, -1, "exit status 0" },
		{ false, 1, PROBE_SCRIPT, -1, "exit status 1" },
		{ false, 2, PROBE_SCRIPT, -1, "exit status 2" },
		{ false, 255, PROBE_SCRIPT, -1, "exit status 255" },
		{ true, 0, PROBE_OK, -1, "exit status 0" },
		{ true, 1, PROBE_SCRIPT, -1, "exit status 1" },
		{ true, 2, PROBE_OK, 0, "exit status 2: weight 0" },
		{ true, 127, PROBE_OK, 125, "exit status 127: weight 125" },
		{ true, 255, PROBE_OK, 253, "exit status 255: weight 253" },
	};
	struct ipc_script_end end = { .how = IPC_SCRIPT_EXITED };
	struct probe_result result;
	struct conf_misc misc;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		misc = (struct conf_misc){ .dynamic = rows[i].dynamic };
		end.status = rows[i].status;
		misc_judge(&misc, &end, &result);
		cr_expect_eq(result.outcome, rows[i].outcome, "row %zu", i);
		cr_expect_str_eq(result.text, rows[i].text);
		cr_expect(result.facts.have & FACT_EXIT_STATUS);
		cr_expect_eq(result.facts.exit_status, rows[i].status);
		cr_expect_eq(!!(result.facts.have & FACT_WEIGHT),
			     rows[i].weight >= 0, "row %zu", i);
		if (rows[i].weight >= 0)
			cr_expect_eq(result.facts.weight,
				     (uint32_t)rows[i].weight);
	}
}

/* Only what the script said or did counts against the server. */
Test(misc, other_ends)
{
	static const struct {
		unsigned how;
		enum outcome outcome;
		const char *text;
	} rows[] = {
		{ IPC_SCRIPT_SIGNALLED, PROBE_SCRIPT,
		  "it was ended by signal 11" },
		{ IPC_SCRIPT_TIMED_OUT, PROBE_SCRIPT,
		  "it did not end within 1.5 s" },
		{ IPC_SCRIPT_BUSY, PROBE_SCRIPT,
		  "its last run is past its time limit and still there" },
		{ IPC_SCRIPT_UNFIT, PROBE_MISCONFIGURED, "why?" },
		{ IPC_SCRIPT_SHORTAGE, PROBE_LOCAL_FAULT, "why?" },
		{ IPC_SCRIPT_STALE, PROBE_LOCAL_FAULT, "why?" },
		{ 4711, PROBE_LOCAL_FAULT, "why?" },
	};
	struct conf_misc misc = { .dynamic = true, .timeout = 1500000 };
	struct ipc_script_end end = { .status = 11 };
	struct probe_result result;
	size_t i;

	memcpy(end.why, "why\n", 4);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		end.how = rows[i].how;
		misc_judge(&misc, &end, &result);
		cr_expect_eq(result.outcome, rows[i].outcome, "row %zu", i);
		cr_expect_str_eq(result.text, rows[i].text);
		cr_expect_eq(result.facts.have, 0);
	}
	/* Words without an end. */
	memset(end.why, 'x', sizeof(end.why));
	end.how = IPC_SCRIPT_UNFIT;
	misc_judge(&misc, &end, &result);
	cr_expect_lt(strlen(result.text), sizeof(result.text));
}

Test(misc, tickets)
{
	struct misc_table table = { 0 };
	struct check checks[3];
	uint64_t a, b, c;

	a = misc_table_add(&table, &checks[0]);
	b = misc_table_add(&table, &checks[1]);
	cr_expect_neq(a, 0);
	cr_expect_neq(a, b);
	cr_expect_eq(misc_table_find(&table, a), &checks[0]);
	cr_expect_eq(misc_table_find(&table, b), &checks[1]);
	misc_table_drop(&table, a);
	misc_table_drop(&table, a);
	cr_expect_null(misc_table_find(&table, a));
	c = misc_table_add(&table, &checks[2]);
	cr_expect_neq(c, a);
	cr_expect_eq(table.used, 2);
	cr_expect_null(misc_table_find(&table, a));
	cr_expect_eq(misc_table_find(&table, c), &checks[2]);
	cr_expect_null(misc_table_find(&table, 0));
	cr_expect_null(misc_table_find(&table, UINT64_MAX));
	misc_table_drop(&table, b);
	misc_table_drop(&table, c);
	misc_table_free(&table);
}
