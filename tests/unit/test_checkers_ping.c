/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An echo request, and what may come back. */
#include <criterion/criterion.h>
#include <string.h>

#include "checkers/ping_echo.h"

#define TOKEN 0x0123456789abcdefu

static uint8_t bytes[256];

/* The right answer to a request with TOKEN. */
static void echo(bool v6)
{
	memset(bytes, 0, sizeof(bytes));
	cr_assert_eq(ping_echo_ask(v6, TOKEN, bytes), PING_ECHO_LENGTH);
	bytes[0] = v6 ? 129 : 0;
	/* The kernel's: its sockets know the answer by the identifier. */
	bytes[2] = 0x12;
	bytes[4] = 0x34;
}

static bool judge(bool v6, size_t length, struct probe_result *result)
{
	struct datagram answer = { .bytes = bytes,
				   .kept = length < sizeof(bytes) ?
						   length :
						   sizeof(bytes),
				   .length = length };

	*result = (struct probe_result){ .outcome = PROBE_OK };
	return ping_echo_judge(v6, TOKEN, &answer, result);
}

Test(ping, a_request)
{
	uint8_t room[DATAGRAM_ROOM];

	cr_assert_eq(ping_echo_ask(false, TOKEN, room), 128);
	cr_assert_eq(room[0], 8);
	cr_assert_eq(room[1], 0);
	cr_assert_eq(room[6], 0xcd);
	cr_assert_eq(room[7], 0xef);
	cr_assert_eq(ping_echo_ask(true, TOKEN, room), 128);
	cr_assert_eq(room[0], 128);
}

Test(ping, the_right_answer)
{
	struct probe_result result;
	int v6;

	for (v6 = 0; v6 < 2; v6++) {
		echo(v6);
		cr_assert(judge(v6, PING_ECHO_LENGTH, &result));
		cr_assert_eq(result.outcome, PROBE_OK);
	}
}

/* Whatever is not the echo of this request is passed over. */
Test(ping, answers_to_others)
{
	static const struct {
		size_t at;
		uint8_t byte;
	} rows[] = {
		{ 0, 8 }, { 0, 3 }, { 0, 129 }, { 1, 1 },
		{ 6, 0 }, { 7, 0 }, { 8, 0 },	{ 15, 0x7f },
	};
	struct probe_result result;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		echo(false);
		bytes[rows[i].at] = rows[i].byte;
		cr_expect_not(judge(false, PING_ECHO_LENGTH, &result),
			      "row %zu", i);
	}
	echo(false);
	for (i = 0; i < 16; i++)
		cr_expect_not(judge(false, i, &result), "length %zu", i);
	echo(true);
	cr_expect_not(judge(false, PING_ECHO_LENGTH, &result));
}

Test(ping, echoes_that_lie)
{
	struct probe_result result;

	echo(false);
	cr_assert(judge(false, 16, &result));
	cr_expect_eq(result.outcome, PROBE_GARBAGE);
	cr_expect_str_eq(result.text, "the echo of 128 bytes has 16");
	cr_assert(judge(false, 129, &result));
	cr_expect_eq(result.outcome, PROBE_GARBAGE);
	cr_assert(judge(false, 65507, &result));
	cr_expect_str_eq(result.text, "the echo of 128 bytes has 65507");
	bytes[127] ^= 1;
	cr_assert(judge(false, PING_ECHO_LENGTH, &result));
	cr_expect_eq(result.outcome, PROBE_GARBAGE);
	cr_expect_str_eq(result.text,
			 "the echo does not bring back what was sent");
}
