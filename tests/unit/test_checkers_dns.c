/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A query of DNS, and what an answer means as far as it is looked at. */
#include <criterion/criterion.h>
#include <string.h>

#include "checkers/dns_query.h"

#define ID 0x1234

static const struct conf_dns dns = { .name = "Ab.example", .type = 28 };
static const uint8_t wire[] = {
	0x12, 0x34, 0x01, 0,   0,   1,	 0,   0,   0,	0, 0, 0,  2, 'A',
	'b',  7,    'e',  'x', 'a', 'm', 'p', 'l', 'e', 0, 0, 28, 0, 1,
};

static uint8_t bytes[600];

/* Our question, answered without a record. */
static void answer(void)
{
	memset(bytes, 0, sizeof(bytes));
	memcpy(bytes, wire, sizeof(wire));
	bytes[2] = 0x81;
	bytes[3] = 0x80;
}

static bool judge(size_t length, struct probe_result *result)
{
	struct datagram datagram = { .bytes = bytes,
				     .kept = length,
				     .length = length };

	*result = (struct probe_result){ .outcome = PROBE_OK };
	return dns_query_judge(&dns, ID, &datagram, result);
}

Test(dns, queries)
{
	static const struct conf_dns root = { .name = ".", .type = 6 };
	static const struct conf_dns dot = { .name = "ab.", .type = 1 };
	uint8_t room[DNS_QUERY_MAX];

	cr_assert_eq(dns_query(&dns, ID, room), sizeof(wire));
	cr_assert_arr_eq(room, wire, sizeof(wire));
	cr_assert_eq(dns_query(&root, 0xffff, room), 12 + 1 + 4);
	cr_assert_arr_eq(room + 12, ((uint8_t[]){ 0, 0, 6, 0, 1 }), 5);
	cr_assert_eq(dns_query(&dot, ID, room), 12 + 4 + 4);
	cr_assert_arr_eq(room + 12, ((uint8_t[]){ 2, 'a', 'b', 0, 0, 1 }), 6);
}

Test(dns, the_longest_name_fits)
{
	char name[254];
	struct conf_dns longest = { .name = name, .type = 1 };
	uint8_t room[DNS_QUERY_MAX];
	size_t i;

	for (i = 0; i < sizeof(name) - 1; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[i] = '\0';
	cr_assert_eq(dns_query(&longest, ID, room), DNS_QUERY_MAX);
}

Test(dns, answers)
{
	static const struct {
		size_t at;
		uint8_t byte;
		bool is_ours;
		enum outcome outcome;
		const char *text; /* NULL: any */
	} rows[] = {
		{ 0, 0x12, true, PROBE_OK, NULL },
		{ 0, 0x13, false, PROBE_OK, NULL }, /* another id */
		{ 1, 0, false, PROBE_OK, NULL },
		{ 2, 0x01, false, PROBE_OK, NULL }, /* a query */
		{ 2, 0x91, false, PROBE_OK, NULL }, /* of another sort */
		{ 3, 0x82, true, PROBE_STATUS,
		  "the answer is an error: SERVFAIL" },
		{ 3, 0x83, true, PROBE_STATUS,
		  "the answer is an error: NXDOMAIN" },
		{ 3, 0x8f, true, PROBE_STATUS, "the answer is error 15" },
		{ 4, 1, true, PROBE_GARBAGE,
		  "the answer does not repeat its question" },
		{ 5, 0, true, PROBE_GARBAGE, NULL },
		{ 5, 2, true, PROBE_GARBAGE, NULL },
		/* The name in other letters, and another name, type, class. */
		{ 13, 'a', true, PROBE_OK, NULL },
		{ 13, 'c', false, PROBE_OK, NULL },
		{ 12, 0xc0, false, PROBE_OK, NULL },
		{ 12, 0, false, PROBE_OK, NULL },
		{ 25, 1, false, PROBE_OK, NULL },
		{ 27, 3, false, PROBE_OK, NULL },
		/* Records are not looked at, however many are promised. */
		{ 6, 0xff, true, PROBE_OK, NULL },
	};
	struct probe_result result;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		answer();
		bytes[rows[i].at] = rows[i].byte;
		cr_expect_eq(judge(sizeof(wire), &result), rows[i].is_ours,
			     "row %zu", i);
		cr_expect_eq(result.outcome, rows[i].outcome, "row %zu", i);
		if (rows[i].text)
			cr_expect_str_eq(result.text, rows[i].text);
	}
}

Test(dns, an_error_without_the_question_is_an_error)
{
	struct probe_result result;

	answer();
	bytes[3] = 0x85;
	bytes[5] = 0;
	cr_assert(judge(12, &result));
	cr_assert_str_eq(result.text, "the answer is an error: REFUSED");
}

Test(dns, lengths)
{
	struct probe_result result;
	size_t i;

	answer();
	for (i = 0; i < 12; i++)
		cr_expect_not(judge(i, &result), "length %zu", i);
	for (; i < sizeof(wire); i++) {
		cr_expect(judge(i, &result));
		cr_expect_str_eq(result.text,
				 "the answer ends within its question");
	}
	cr_assert(judge(sizeof(bytes), &result));
	cr_assert_eq(result.outcome, PROBE_OK);
}
