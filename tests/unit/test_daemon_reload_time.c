/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The line of reload_time_file as a time. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/reload_time.h"

/* 2026-11-28 12:00:00 UTC. */
#define NOON 1795867200
#define DAY 86400

static const struct {
	const char *line;
	bool good;
	time_t when;
} rows[] = {
	{ "12:00:00Z", true, NOON },
	{ "12:00:01Z", true, NOON + 1 },
	{ "11:59:59Z", true, NOON + DAY - 1 },
	{ "00:00:00Z", true, NOON + DAY / 2 },
	{ "2026-11-28 12:00:00Z", true, NOON },
	{ "26-11-28 12:00:05Z", true, NOON + 5 },
	{ "2026-11-28 11:59:59Z", true, 0 },
	{ "1999-01-01 00:00:00Z", true, 0 },
	{ "2028-02-29 12:00:00Z", true, NOON + 458 * DAY },
	/* Local time is two hours and a half ahead. */
	{ "14:30:00", true, NOON },
	{ "14:29:59", true, NOON + DAY - 1 },
	{ "2026-11-28 14:30:07", true, NOON + 7 },
	{ "", false, 0 },
	{ "Z", false, 0 },
	{ "12:00", false, 0 },
	{ "12:00:00 Z", false, 0 },
	{ " 12:00:00Z", false, 0 },
	{ "12:00:00ZZ", false, 0 },
	{ "24:00:00Z", false, 0 },
	{ "12:60:00Z", false, 0 },
	{ "12:00:60Z", false, 0 },
	{ "2026-13-01 12:00:00Z", false, 0 },
	{ "2026-00-10 12:00:00Z", false, 0 },
	{ "2027-02-29 12:00:00Z", false, 0 },
	{ "2026-11-28  12:00:00Z", false, 0 },
	{ "2026-11-28T12:00:00Z", false, 0 },
	{ "226-11-28 12:00:00Z", false, 0 },
	{ "aa:bb:cc", false, 0 },
	{ "9999999999999999999999999999999999999999999999999999999999999999Z",
	  false, 0 },
};

Test(daemon_reload_time, lines)
{
	time_t when;
	size_t i;

	setenv("TZ", "TST-2:30", 1);
	tzset();
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		when = 0;
		cr_expect_eq(reload_time_parse(rows[i].line, NOON, &when),
			     rows[i].good, "%s", rows[i].line);
		if (rows[i].good)
			cr_expect_eq(when, rows[i].when, "%s: %lld",
				     rows[i].line, (long long)(when - NOON));
	}
}

/* The clocks of Central Europe go back an hour on 25 October 2026. */
Test(daemon_reload_time, a_day_of_25_hours)
{
	const time_t noon_before = 1792836000; /* 24 October, 10:00 UTC */
	time_t when = 0;

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	cr_expect(reload_time_parse("03:30:00", noon_before, &when));
	/* 02:30 UTC of the next day. */
	cr_expect_eq(when - noon_before, 59400, "%lld",
		     (long long)(when - noon_before));
}
