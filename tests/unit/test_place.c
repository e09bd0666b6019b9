/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announced addresses: from what the kernel has to what is wanted. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "announce/place.h"
#include "lib/util.h"

static struct addr address(const char *text)
{
	struct addr addr = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	cr_assert_eq(inet_pton(addr.family, text, addr.bytes), 1);
	return addr;
}

static void has(struct place_kernel *kernel, const char *addr, unsigned prefix,
		const char *ifname, bool marked, uint32_t valid)
{
	struct place_found *found;

	kernel->addresses = array_grow(kernel->addresses, kernel->nr_addresses,
				       &kernel->room_addresses, sizeof(*found));
	found = &kernel->addresses[kernel->nr_addresses++];
	memset(found, 0, sizeof(*found));
	found->addr = address(addr);
	found->prefix = (uint8_t)prefix;
	found->marked = marked;
	found->valid = valid;
	snprintf(found->ifname, sizeof(found->ifname), "%s", ifname);
}

static void delivers(struct place_kernel *kernel, const char *addr)
{
	kernel->routes = array_grow(kernel->routes, kernel->nr_routes,
				    &kernel->room_routes, sizeof(struct addr));
	kernel->routes[kernel->nr_routes++] = address(addr);
}

static struct place_wanted wants(const char *addr, const char *ifname)
{
	return (struct place_wanted){ .addr = address(addr),
				      .ifname = ifname,
				      .managed = { "evk-up", "evk-drain" },
				      .lease = PLACE_FOREVER };
}

/* The changes as text, and the memory back. */
static const char *plan(struct place_kernel *kernel,
			struct place_wanted *wanted, size_t nr)
{
	static const char *const words[] = { "route", "off",	 "on",
					     "renew", "unroute", "conflict" };
	static char text[1024];
	struct place_plan out = { 0 };
	char addr[ADDR_TEXT_MAX];
	size_t i, n = 0;

	text[0] = '\0';
	place_sort(kernel);
	place_plan(kernel, wanted, nr, &out);
	for (i = 0; i < out.nr; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "%s%s %s/%u%s%s", n ? ", " : "",
				      words[out.changes[i].kind],
				      addr_format(&out.changes[i].addr, addr),
				      out.changes[i].prefix,
				      out.changes[i].ifname[0] ? " " : "",
				      out.changes[i].ifname);
	place_plan_free(&out);
	place_free(kernel);
	return text;
}

Test(place, announced_from_nothing)
{
	struct place_wanted wanted[] = { wants("203.0.113.2", "evk-up"),
					 wants("2001:db8::1", "evk-up"),
					 wants("203.0.113.1", NULL) };
	struct place_kernel kernel = { 0 };

	cr_assert_str_eq(plan(&kernel, wanted, 3),
			 "route 203.0.113.1/32, route 203.0.113.2/32, "
			 "route 2001:db8::1/128, on 203.0.113.2/32 evk-up, "
			 "on 2001:db8::1/128 evk-up");
}

Test(place, as_wanted_is_no_change)
{
	struct place_wanted wanted[] = { wants("203.0.113.2", "evk-up"),
					 wants("203.0.113.1", NULL) };
	struct place_kernel kernel = { 0 };

	has(&kernel, "203.0.113.2", 32, "evk-up", true, PLACE_FOREVER);
	has(&kernel, "192.0.2.1", 24, "eth0", false, PLACE_FOREVER);
	delivers(&kernel, "203.0.113.2");
	delivers(&kernel, "203.0.113.1");
	cr_assert_str_eq(plan(&kernel, wanted, 2), "");
}

/* It is deleted first: else the routing daemon keeps the old attributes. */
Test(place, moved_to_the_other_interface)
{
	struct place_wanted wanted[] = { wants("203.0.113.2", "evk-drain") };
	struct place_kernel kernel = { 0 };

	has(&kernel, "203.0.113.2", 32, "evk-up", false, PLACE_FOREVER);
	delivers(&kernel, "203.0.113.2");
	cr_assert_str_eq(plan(&kernel, wanted, 1),
			 "off 203.0.113.2/32 evk-up, "
			 "on 203.0.113.2/32 evk-drain");
}

Test(place, withdrawn_goes_on_to_deliver)
{
	struct place_wanted wanted[] = { wants("203.0.113.2", NULL) };
	struct place_kernel kernel = { 0 };

	has(&kernel, "203.0.113.2", 32, "evk-up", true, PLACE_FOREVER);
	delivers(&kernel, "203.0.113.2");
	cr_assert_str_eq(plan(&kernel, wanted, 1), "off 203.0.113.2/32 evk-up");
}

Test(place, another_prefix_is_the_administrators)
{
	struct place_wanted wanted[] = { wants("203.0.113.2", "evk-up") };
	struct place_kernel kernel = { 0 };

	has(&kernel, "203.0.113.2", 24, "evk-up", false, PLACE_FOREVER);
	delivers(&kernel, "203.0.113.2");
	cr_assert_str_eq(plan(&kernel, wanted, 1),
			 "on 203.0.113.2/32 evk-up, "
			 "conflict 203.0.113.2/24 evk-up");
}

Test(place, an_administrators_prefix_stays_at_a_withdrawal)
{
	struct place_wanted wanted[] = { wants("203.0.113.2", NULL) };
	struct place_kernel kernel = { 0 };

	has(&kernel, "203.0.113.2", 24, "evk-up", false, PLACE_FOREVER);
	delivers(&kernel, "203.0.113.2");
	cr_assert_str_eq(plan(&kernel, wanted, 1),
			 "conflict 203.0.113.2/24 evk-up");
}

Test(place, an_interface_has_an_ipv6_address_once)
{
	struct place_wanted wanted[] = { wants("2001:db8::1", "evk-up") };
	struct place_kernel kernel = { 0 };

	has(&kernel, "2001:db8::1", 64, "evk-up", false, PLACE_FOREVER);
	delivers(&kernel, "2001:db8::1");
	cr_assert_str_eq(plan(&kernel, wanted, 1),
			 "conflict 2001:db8::1/64 evk-up");
}

Test(place, a_marked_address_with_another_prefix_is_put_right)
{
	struct place_wanted wanted[] = { wants("203.0.113.2", "evk-up") };
	struct place_kernel kernel = { 0 };

	has(&kernel, "203.0.113.2", 24, "evk-up", true, PLACE_FOREVER);
	delivers(&kernel, "203.0.113.2");
	cr_assert_str_eq(plan(&kernel, wanted, 1), "off 203.0.113.2/24 evk-up, "
						   "on 203.0.113.2/32 evk-up");
}

Test(place, the_hosts_own_address_is_only_reported)
{
	struct place_wanted wanted[] = { wants("203.0.113.2", "evk-up") };
	struct place_kernel kernel = { 0 };

	has(&kernel, "203.0.113.2", 32, "lo", false, PLACE_FOREVER);
	delivers(&kernel, "203.0.113.2");
	cr_assert_str_eq(plan(&kernel, wanted, 1),
			 "on 203.0.113.2/32 evk-up, "
			 "conflict 203.0.113.2/32 lo");
}

Test(place, leftovers_of_a_process_before)
{
	struct place_kernel kernel = { 0 };

	has(&kernel, "203.0.113.9", 32, "evk-up", true, PLACE_FOREVER);
	has(&kernel, "203.0.113.8", 32, "evk-up", false, PLACE_FOREVER);
	delivers(&kernel, "203.0.113.9");
	cr_assert_str_eq(plan(&kernel, NULL, 0),
			 "off 203.0.113.9/32 evk-up, unroute 203.0.113.9/32");
}

Test(place, a_lease_is_renewed_after_a_third)
{
	static const struct {
		uint32_t lease, valid;
		bool renewed;
	} rows[] = {
		{ 60, 60, false },
		{ 60, 41, false },
		{ 60, 40, true },
		{ 60, 1, true },
		{ 60, 61, true },
		{ 60, PLACE_FOREVER, true },
		{ PLACE_FOREVER, 60, true },
		{ 3, 3, false },
		{ 3, 2, true },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct place_wanted wanted = wants("203.0.113.2", "evk-up");
		struct place_kernel kernel = { 0 };

		wanted.lease = rows[i].lease;
		has(&kernel, "203.0.113.2", 32, "evk-up", true, rows[i].valid);
		delivers(&kernel, "203.0.113.2");
		cr_assert_str_eq(
			plan(&kernel, &wanted, 1),
			rows[i].renewed ? "renew 203.0.113.2/32 evk-up" : "",
			"row %zu", i);
	}
}

Test(place, found_where_it_was_left)
{
	const char *const managed[2] = { "evk-up", "evk-drain" };
	const char *const alone[2] = { "evk-up", NULL };
	struct place_kernel kernel = { 0 };
	struct addr addr = address("203.0.113.2");

	has(&kernel, "203.0.113.2", 32, "evk-drain", true, PLACE_FOREVER);
	has(&kernel, "203.0.113.2", 32, "eth0", false, PLACE_FOREVER);
	place_sort(&kernel);
	cr_assert_eq(place_where(&kernel, &addr, managed), 1);
	cr_assert_eq(place_where(&kernel, &addr, alone), -1);
	place_free(&kernel);
}

/* Ten thousand announced addresses are not held against each other. */
Test(place, addresses_of_hosts_are_no_networks)
{
	struct place_kernel kernel = { 0 };
	struct addr addr = address("203.0.113.2");

	has(&kernel, "203.0.113.2", 32, "evk-up", true, PLACE_FOREVER);
	has(&kernel, "203.0.113.1", 24, "lo", false, PLACE_FOREVER);
	has(&kernel, "192.0.2.1", 24, "eth0", false, PLACE_FOREVER);
	has(&kernel, "2001:db8::1", 128, "evk-up", true, PLACE_FOREVER);
	has(&kernel, "2001:db8:1::1", 64, "eth0", false, PLACE_FOREVER);
	place_sort(&kernel);
	cr_assert_eq(kernel.nr_networks, 2);
	cr_assert_null(place_network(&kernel, &addr));
	place_sort(&kernel);
	cr_assert_eq(kernel.nr_networks, 2);
	place_free(&kernel);
}

Test(place, the_network_that_an_address_is_in)
{
	static const struct {
		const char *own;
		unsigned prefix;
		const char *addr;
		bool in;
	} rows[] = {
		{ "192.0.2.1", 24, "192.0.2.200", true },
		{ "192.0.2.1", 24, "192.0.3.1", false },
		{ "192.0.2.1", 25, "192.0.2.200", false },
		{ "192.0.2.129", 25, "192.0.2.200", true },
		{ "192.0.2.1", 32, "192.0.2.1", false },
		{ "0.0.0.0", 0, "192.0.2.1", false },
		{ "2001:db8::1", 64, "2001:db8::2", true },
		{ "2001:db8::1", 64, "192.0.2.1", false },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct addr addr = address(rows[i].addr);
		struct place_kernel kernel = { 0 };

		has(&kernel, rows[i].own, rows[i].prefix, "eth0", false,
		    PLACE_FOREVER);
		place_sort(&kernel);
		cr_assert_eq(place_network(&kernel, &addr) != NULL, rows[i].in,
			     "row %zu", i);
		place_free(&kernel);
	}
}
