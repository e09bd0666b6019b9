/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The datagram of a UDP check, and what an answer means. */
#include <criterion/criterion.h>
#include <string.h>

#include "checkers/udp_judge.h"

static const uint8_t sent[] = { 0x00, 0xff, 0x1a, 0xa1, 0x90 };

static struct probe_result judge(const struct conf_udp *udp, size_t length)
{
	struct datagram answer = { .bytes = sent,
				   .kept = length < sizeof(sent) ? length :
								   sizeof(sent),
				   .length = length };
	struct probe_result result = { .outcome = PROBE_OK };

	udp_judge(udp, &answer, &result);
	return result;
}

Test(udp, what_is_sent)
{
	static const struct conf_udp bytes = { .payload = "00FF1AA190" };
	static const struct conf_udp none = { .payload = NULL };
	uint8_t room[DATAGRAM_ROOM];

	cr_assert_eq(udp_ask(&bytes, room), sizeof(sent));
	cr_assert_arr_eq(room, sent, sizeof(sent));
	cr_assert_gt(udp_ask(&none, room), 0);
}

Test(udp, the_largest_payload_fits)
{
	char text[2 * CONF_UDP_BYTES_MAX + 1];
	struct conf_udp udp = { .payload = text };
	uint8_t room[DATAGRAM_ROOM];

	memset(text, 'A', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	cr_assert_eq(udp_ask(&udp, room), CONF_UDP_BYTES_MAX);
	cr_assert_eq(room[CONF_UDP_BYTES_MAX - 1], 0xaa);
}

Test(udp, answers)
{
	static const struct {
		struct conf_udp udp;
		size_t length;
		enum outcome outcome;
		const char *text; /* NULL: any */
	} rows[] = {
		{ { .max_reply = 255 }, 5, PROBE_OK, NULL },
		{ { .require_reply = true, .max_reply = 255 },
		  0,
		  PROBE_OK,
		  NULL },
		/* Lengths count for an answer with a pattern only. */
		{ { .require_reply = true, .min_reply = 9, .max_reply = 9 },
		  5,
		  PROBE_OK,
		  NULL },
		{ { "", "00FF1AA190", true, 0, 255 }, 5, PROBE_OK, NULL },
		{ { "", "XXFXXAAXX0", true, 0, 255 }, 5, PROBE_OK, NULL },
		{ { "", "XXXXXXXXXX", true, 0, 255 }, 5, PROBE_OK, NULL },
		{ { "", "00FE", true, 0, 255 },
		  5,
		  PROBE_STATUS,
		  "byte 2 of the answer is FF, not FE" },
		{ { "", "00FF1XX2", true, 0, 255 },
		  5,
		  PROBE_STATUS,
		  "byte 4 of the answer is A1, not X2" },
		/* As many bytes as both have. */
		{ { "", "00FF1A", true, 0, 255 }, 5, PROBE_OK, NULL },
		{ { "", "00FF1AA190FFFF", true, 0, 255 }, 5, PROBE_OK, NULL },
		{ { "", "00", true, 0, 255 }, 0, PROBE_OK, NULL },
		{ { "", "00", true, 1, 255 },
		  0,
		  PROBE_STATUS,
		  "the answer has 0 bytes, not 1 to 255" },
		{ { "", "00", true, 5, 5 }, 5, PROBE_OK, NULL },
		{ { "", "00", true, 0, 4 },
		  5,
		  PROBE_STATUS,
		  "the answer has 5 bytes, not 0 to 4" },
		/* More than was kept of it. */
		{ { "", "00", true, 0, 255 },
		  65507,
		  PROBE_STATUS,
		  "the answer has 65507 bytes, not 0 to 255" },
		{ { "", "00FF1AA190FF", true, 0, 65535 },
		  65507,
		  PROBE_OK,
		  NULL },
	};
	struct probe_result result;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		result = judge(&rows[i].udp, rows[i].length);
		cr_expect_eq(result.outcome, rows[i].outcome, "row %zu", i);
		if (rows[i].text)
			cr_expect_str_eq(result.text, rows[i].text);
	}
}
