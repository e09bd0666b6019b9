/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ipvs_world.h"

Test(ipvs_sort, services_and_servers)
{
	struct table t = { 0 };
	struct table_service *svc;

	world_service(&t, 3);
	world_dest(&t, 9, 1);
	world_dest(&t, 1, 2);
	world_dest(&t, 5, 3);
	world_service(&t, 1);
	world_service(&t, 2);
	world_dest(&t, 2, 4);
	cr_assert_not(ipvs_is_sorted(&t));
	cr_assert_eq(ipvs_sort_table(&t, NULL), 0);
	cr_assert(ipvs_is_sorted(&t));
	cr_assert_eq(t.nr_services, 3);
	svc = &t.services[2];
	cr_assert_eq(svc->nr_dests, 3);
	cr_assert_eq(t.dests[svc->first_dest].weight, 2);
	cr_assert_eq(t.dests[svc->first_dest + 1].weight, 3);
	cr_assert_eq(t.dests[svc->first_dest + 2].weight, 1);
	cr_assert_eq(t.services[1].nr_dests, 1);
	cr_assert_eq(t.dests[t.services[1].first_dest].weight, 4);
	cr_assert_eq(t.services[0].nr_dests, 0);
	table_free(&t);
}

Test(ipvs_sort, an_ordered_table_is_not_touched)
{
	struct table t = { 0 };
	const struct table_dest *dests;
	unsigned i;

	for (i = 0; i < 3; i++) {
		world_service(&t, i + 1);
		world_dest(&t, 1, i);
		world_dest(&t, 2, i);
	}
	dests = t.dests;
	cr_assert_eq(ipvs_sort_table(&t, NULL), 0);
	cr_assert_eq(t.dests, dests);
	for (i = 0; i < 3; i++) {
		cr_assert_eq(t.services[i].first_dest, 2 * i);
		cr_assert_eq(t.dests[2 * i].weight, i);
	}
	table_free(&t);
}

Test(ipvs_sort, empty)
{
	struct table t = { 0 };

	cr_assert_eq(ipvs_sort_table(&t, NULL), 0);
	cr_assert(ipvs_is_sorted(&t));
	cr_assert_eq(ipvs_drop_duplicates(&t), 0);
}

Test(ipvs_sort, duplicate_server)
{
	struct ipvs_duplicate duplicate;
	struct table t = { 0 };

	world_service(&t, 1);
	world_dest(&t, 4, 1);
	world_dest(&t, 2, 1);
	world_dest(&t, 4, 7);
	cr_assert_eq(ipvs_sort_table(&t, &duplicate), -EEXIST);
	cr_assert_eq(duplicate.service, &t.services[0]);
	cr_assert_eq(duplicate.dest, &t.dests[2]);
	cr_assert_not(ipvs_is_sorted(&t));
	cr_assert_eq(ipvs_drop_duplicates(&t), 1);
	cr_assert(ipvs_is_sorted(&t));
	cr_assert_eq(t.services[0].nr_dests, 2);
	table_free(&t);
}

Test(ipvs_sort, duplicate_service_keeps_the_first)
{
	struct ipvs_duplicate duplicate;
	struct table t = { 0 };

	world_service(&t, 2);
	world_dest(&t, 1, 10);
	world_service(&t, 1);
	world_service(&t, 2);
	world_dest(&t, 1, 20);
	cr_assert_eq(ipvs_sort_table(&t, &duplicate), -EEXIST);
	cr_assert_eq(duplicate.service, &t.services[2]);
	cr_assert_null(duplicate.dest);
	cr_assert_eq(ipvs_drop_duplicates(&t), 1);
	cr_assert_eq(t.nr_services, 2);
	cr_assert_eq(t.dests[t.services[1].first_dest].weight, 10);
	table_free(&t);
}

Test(ipvs_sort, find)
{
	struct table t = { 0 }, other = { 0 };
	struct table_service *svc;
	unsigned i;

	for (i = 1; i <= 9; i++) {
		world_service(&t, 2 * i);
		world_dest(&t, 2 * i, i);
	}
	for (i = 1; i <= 9; i++) {
		svc = ipvs_find_service(&t, &t.services[i - 1].key);
		cr_assert_eq(svc, &t.services[i - 1]);
		cr_assert_eq(ipvs_find_dest(&t, svc, &t.dests[i - 1].rip),
			     &t.dests[i - 1]);
		cr_assert_null(ipvs_find_dest(&t, svc, &t.dests[i % 9].rip));
	}
	for (i = 0; i <= 9; i++)
		cr_assert_null(ipvs_find_service(
			&t, &world_service(&other, 2 * i + 1)->key));
	cr_assert_null(
		ipvs_find_dest(&other, &other.services[0], &t.dests[0].rip));
	table_free(&t);
	table_free(&other);
}

Test(ipvs_sort, sets)
{
	struct table t = { 0 };
	struct ipvs_keys set = { 0 };

	world_service(&t, 3);
	world_service(&t, 1);
	world_service(&t, 3);
	cr_assert_not(ipvs_keys_has(&set, &t.services[0].key));
	ipvs_keys_add_table(&set, &t);
	ipvs_keys_sort(&set);
	cr_assert_eq(set.nr, 2);
	cr_assert(ipvs_keys_has(&set, &t.services[0].key));
	cr_assert(ipvs_keys_has(&set, &t.services[1].key));
	cr_assert_not(ipvs_keys_has(&set, &world_service(&t, 2)->key));
	ipvs_keys_clear(&set);
	cr_assert_not(ipvs_keys_has(&set, &t.services[0].key));
	ipvs_keys_free(&set);
	table_free(&t);
}

/* The same entries in any order become the same table. */
Test(ipvs_sort, random_orders)
{
	struct world_random random = { 42 };
	struct table sorted = { 0 }, mixed = { 0 };
	size_t i, j, round;

	for (round = 0; round < 500; round++) {
		world_random_table(&random, &sorted, 12);
		table_clear(&mixed);
		for (i = sorted.nr_services; i-- > 0;) {
			const struct table_service *from = &sorted.services[i];
			struct table_service *svc = table_add_service(&mixed);

			svc->key = from->key;
			memcpy(svc->scheduler, from->scheduler,
			       sizeof(svc->scheduler));
			svc->flags = from->flags;
			svc->timeout = from->timeout;
			svc->prefix = from->prefix;
			for (j = from->nr_dests; j-- > 0;)
				*table_add_dest(&mixed) =
					sorted.dests[from->first_dest + j];
		}
		cr_assert_eq(ipvs_sort_table(&mixed, NULL), 0);
		cr_assert(ipvs_is_sorted(&mixed));
		cr_assert_eq(world_distance(&mixed, &sorted), 0);
	}
	table_free(&sorted);
	table_free(&mixed);
}
