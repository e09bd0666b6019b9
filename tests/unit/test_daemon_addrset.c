/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of addresses as data: names, members, what the kernel's tool lists. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "daemon/netfilter/addrset.h"
#include "lib/util.h"

static void add(struct addrset *set, const char *text, uint16_t protocol)
{
	struct endpoint ep;

	cr_assert_eq(endpoint_parse(&ep, text), 0);
	addrset_add(set, &ep, protocol);
}

Test(ipvs_addrset, members_are_sorted_and_there_once)
{
	struct addrset a = { .family = AF_INET, .ports = true };
	struct addrset b = { .family = AF_INET, .ports = true };

	add(&a, "192.0.2.2:3306", IPPROTO_TCP);
	add(&a, "192.0.2.1:3306", IPPROTO_UDP);
	add(&a, "192.0.2.1:3306", IPPROTO_TCP);
	add(&a, "192.0.2.2:3306", IPPROTO_TCP);
	add(&a, "[2001:db8::1]:3306", IPPROTO_TCP);
	addrset_settle(&a);
	cr_assert_eq(a.nr, 3);
	add(&b, "192.0.2.1:3306", IPPROTO_TCP);
	add(&b, "192.0.2.1:3306", IPPROTO_UDP);
	add(&b, "192.0.2.2:3306", IPPROTO_TCP);
	addrset_settle(&b);
	cr_assert(addrset_equal(&a, &b));
	b.members[2].ep.port = 3307;
	cr_assert_not(addrset_equal(&a, &b));
	addrset_clear(&a);
	addrset_clear(&b);
}

Test(ipvs_addrset, a_set_of_addresses_has_no_ports)
{
	struct addrset set = { .family = AF_INET6 };

	add(&set, "[2001:db8::1]:3306", IPPROTO_TCP);
	add(&set, "[2001:db8::1]:3307", IPPROTO_UDP);
	addrset_settle(&set);
	cr_assert_eq(set.nr, 1);
	cr_assert_eq(set.members[0].ep.port, 0);
	cr_assert_eq(set.members[0].protocol, 0);
	addrset_clear(&set);
}

Test(ipvs_addrset, an_empty_set_is_settled)
{
	struct addrset set = { .family = AF_INET };

	addrset_settle(&set);
	cr_assert_eq(set.nr, 0);
}

Test(ipvs_addrset, names)
{
	static const struct {
		const char *prefix, *what, *name;
		uint16_t family;
		bool taken;
	} cases[] = {
		{ "evenkeel", "served", "evenkeel-served", AF_INET, false },
		{ "evenkeel", "served", "evenkeel6-served", AF_INET6, false },
		{ "ek", "192.0.2.1:3306", "ek-192.0.2.1:3306", AF_INET, false },
		{ "ek", "group my pool", "ek-group_my_pool", AF_INET, false },
		/* exactly 31 */
		{ "evenkeel", "2001:db8::1234:123456",
		  "evenkeel6-2001:db8::1234:123456", AF_INET6, false },
	};
	char name[ADDRSET_NAME_MAX];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		addrset_derive_name(name, cases[i].prefix, cases[i].family,
				    cases[i].what, cases[i].taken);
		cr_assert_str_eq(name, cases[i].name);
	}
}

/* Nothing is longer than the kernel's limit, and nothing becomes the same. */
Test(ipvs_addrset, long_names_differ)
{
	char a[ADDRSET_NAME_MAX], b[ADDRSET_NAME_MAX], c[ADDRSET_NAME_MAX];

	addrset_derive_name(a, "evenkeel", AF_INET6,
			    "2001:db8:1111:2222:3333:4444:5555:6666:3306",
			    false);
	addrset_derive_name(b, "evenkeel", AF_INET6,
			    "2001:db8:1111:2222:3333:4444:5555:6667:3306",
			    false);
	cr_assert_eq(strlen(a), 31);
	cr_assert_eq(strlen(b), 31);
	cr_assert_eq(strncmp(a, "evenkeel6-2001:db8:111~", 23), 0);
	cr_assert_str_neq(a, b);
	addrset_derive_name(a, "evenkeel", AF_INET, "group x", false);
	addrset_derive_name(b, "evenkeel", AF_INET, "group_x", false);
	cr_assert_str_eq(a, b);
	addrset_derive_name(c, "evenkeel", AF_INET, "group_x", true);
	cr_assert_str_neq(c, a);
	cr_assert_eq(strncmp(c, "evenkeel-group_x~", 17), 0);
	cr_assert_leq(strlen(c), 31);
}

Test(ipvs_addrset, listed_members_are_read)
{
	struct addrset set = { .family = AF_INET, .ports = true };
	const char *text = "192.0.2.1,tcp:3306";

	cr_assert_eq(addrset_parse_member(&set, text, strlen(text)), 0);
	text = "192.0.2.1,17:53";
	cr_assert_eq(addrset_parse_member(&set, text, strlen(text)), 0);
	text = "192.0.2.1,sctp:1 rest";
	cr_assert_eq(addrset_parse_member(&set, text, 16), 0);
	cr_assert_eq(set.nr, 3);
	cr_assert_eq(set.members[0].protocol, IPPROTO_TCP);
	cr_assert_eq(set.members[0].ep.port, 3306);
	cr_assert_eq(set.members[1].protocol, IPPROTO_UDP);
	cr_assert_eq(set.members[2].protocol, IPPROTO_SCTP);
	addrset_clear(&set);
}

Test(ipvs_addrset, what_is_no_member_is_refused)
{
	static const char *const bad[] = { "",
					   "192.0.2.1",
					   "2001:db8::1,tcp:1",
					   "192.0.2.1,tcp:",
					   "192.0.2.1,tcp:65536",
					   "192.0.2.1,tcp:1x",
					   "192.0.2.1,256:1",
					   "192.0.2.256,tcp:1",
					   "192.0.2.1,:1" };
	struct addrset set = { .family = AF_INET, .ports = true };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		cr_assert_eq(addrset_parse_member(&set, bad[i], strlen(bad[i])),
			     -EINVAL, "%s", bad[i]);
	cr_assert_eq(set.nr, 0);
	set.ports = false;
	cr_assert_eq(addrset_parse_member(&set, "192.0.2.1,tcp:1", 15),
		     -EINVAL);
}

Test(ipvs_addrset, sets_are_found_by_name)
{
	struct addrsets sets = { 0 }, other = { 0 };

	addrsets_add(&sets, "one", AF_INET, true);
	addrsets_add(&sets, "two", AF_INET6, false);
	cr_assert_eq(addrsets_find(&sets, "two")->family, AF_INET6);
	cr_assert_null(addrsets_find(&sets, "three"));
	addrsets_swap(&sets, &other);
	cr_assert_eq(sets.nr, 0);
	cr_assert_eq(other.nr, 2);
	addrsets_free(&other);
}
