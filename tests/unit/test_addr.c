/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <string.h>

#include "lib/addr.h"

Test(addr, endpoints_round_trip)
{
	static const struct {
		const char *in;
		const char *out; /* NULL: refused */
	} cases[] = {
		{ "192.0.2.1:3306", "192.0.2.1:3306" },
		{ "[2001:db8::1]:3306", "[2001:db8::1]:3306" },
		{ "2001:DB8:0::1", "2001:db8::1" },
		{ "[::1]", "::1" },
		{ "192.0.2.1", "192.0.2.1" },
		{ "192.0.2.1:65535", "192.0.2.1:65535" },
		{ "192.0.2.1:65536", NULL },
		{ "192.0.2.1:", NULL },
		{ "192.0.2.1:-1", NULL },
		{ "192.0.2.1:00080", "192.0.2.1:80" },
		{ "192.0.2.1:000080", NULL },
		{ "192.0.2", NULL },
		{ "host", NULL },
		{ "", NULL },
		{ "[::1", NULL },
		{ "[::1]80", NULL },
		{ ":80", NULL },
	};
	char out[ENDPOINT_TEXT_MAX];
	struct endpoint ep;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int error = endpoint_parse(&ep, cases[i].in);

		cr_assert_eq(error == 0, cases[i].out != NULL, "'%s'",
			     cases[i].in);
		if (cases[i].out)
			cr_assert_str_eq(endpoint_format(&ep, out),
					 cases[i].out);
	}
}

Test(addr, order_is_by_family_then_address_then_port)
{
	static const char *const sorted[] = { "10.0.0.1:1", "10.0.0.1:2",
					      "10.0.1.0:1", "192.0.2.1:1",
					      "[::1]:1",    "[2001:db8::]:9" };
	struct endpoint a, b;
	size_t i, j;

	for (i = 0; i < 6; i++) {
		for (j = 0; j < 6; j++) {
			int order;

			endpoint_parse(&a, sorted[i]);
			endpoint_parse(&b, sorted[j]);
			order = endpoint_cmp(&a, &b);
			cr_assert_eq(order < 0, i < j);
			cr_assert_eq(order == 0, i == j);
		}
	}
}

Test(addr, equal_endpoints_are_equal_bytes)
{
	struct endpoint a, b;

	memset(&a, 0xff, sizeof(a));
	memset(&b, 0, sizeof(b));
	endpoint_parse(&a, "192.0.2.1:80");
	endpoint_parse(&b, "192.0.2.1:80");
	cr_assert_arr_eq(&a, &b, sizeof(a));
	cr_assert_eq(endpoint_hash(&a), endpoint_hash(&b));
}
