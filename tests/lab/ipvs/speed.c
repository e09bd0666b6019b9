/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the parts take for a table of so many services with so many servers
 * each; beside it, the same table is sent by tests/lab/tools/bareloop.c.
 */
#include <stdio.h>
#include <string.h>

#include "lib/util.h"
#include "roundtrip.h"

static double since(usec_t start)
{
	return (double)(clock_now() - start) / 1000;
}

static void build(struct table *table, uint32_t services, uint32_t dests)
{
	uint32_t i, j;

	for (i = 0; i < services; i++) {
		add_service(table, i);
		for (j = 0; j < dests; j++)
			add_dest(table, i * dests + j);
	}
}

static void must(int err)
{
	if (err < 0)
		give_up("%s", strerror(-err));
}

/* Read, compare and apply; prints one line. */
static void round_trip(struct ipvs_backend *backend, const char *name,
		       const struct table *desired,
		       const struct ipvs_keys *owned)
{
	struct ipvs_report report = { 0 };
	struct ipvs_plan plan = { 0 };
	struct table actual = { 0 };
	usec_t start = clock_now();
	double read, diff, apply;
	size_t nr;

	must(ipvs_read(backend, owned, desired, NULL, &actual));
	read = since(start);
	start = clock_now();
	must(ipvs_diff(&actual, desired, owned, &plan));
	diff = since(start);
	start = clock_now();
	must(ipvs_apply(backend, &plan, &report));
	apply = since(start);
	if (report.nr_failures || report.reread)
		give_up("%zu changes failed", report.nr_failures);
	nr = plan.nr;
	start = clock_now();
	ipvs_update_actual(&actual, &plan);
	printf("%-24s %6zu changes: read %8.2f ms, diff %6.2f ms, "
	       "apply %8.2f ms, update %6.2f ms\n",
	       name, nr, read, diff, apply, since(start));
	ipvs_plan_free(&plan);
	table_free(&actual);
	ipvs_report_free(&report);
}

void bench_fill(struct ipvs_backend *backend, uint32_t services, uint32_t dests)
{
	struct table desired = { 0 }, empty = { 0 };
	struct ipvs_keys owned = { 0 };

	build(&desired, services, dests);
	must(ipvs_sort_table(&desired, NULL));
	ipvs_keys_add_table(&owned, &desired);
	ipvs_keys_sort(&owned);
	round_trip(backend, "from empty", &desired, &owned);
	round_trip(backend, "unchanged", &desired, &owned);
	desired.dests[desired.nr_dests / 2].weight = 50;
	round_trip(backend, "one weight", &desired, &owned);
	round_trip(backend, "to empty", &empty, &owned);
	table_free(&desired);
	ipvs_keys_free(&owned);
}
