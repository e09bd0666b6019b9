/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plans between thousands of random tables, watched at every single step.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ipvs_world.h"

struct watch {
	struct ipvs_backend *fake;
	struct table before;
	struct table desired;
	struct table now;
	struct ipvs_keys ours; /* what may be touched */
	bool keeps[2]; /* a service of IPv4, IPv6 is there before and after */
	size_t steps;
	/* Errors thrown in: one in so many requests; 0: none. */
	uint32_t faults;
	struct world_random random;
};

static size_t count_weighted(const struct table *table,
			     const struct service_key *key)
{
	const struct table_service *svc = ipvs_find_service(table, key);
	struct ipvs_dests dest;
	size_t count = 0;

	if (!svc)
		return 0;
	for (dest = ipvs_dests(table, svc); dest.at < dest.end; dest.at++)
		count += dest.at->weight > 0;
	return count;
}

static size_t count_family(const struct table *table, uint16_t family)
{
	size_t i, count = 0;

	for (i = 0; i < table->nr_services; i++)
		count += table->services[i].key.family == family;
	return count;
}

static void check_families(struct watch *watch)
{
	if (watch->keeps[0])
		cr_assert_gt(count_family(&watch->now, AF_INET), 0,
			     "IPv4 lost its last service");
	if (watch->keeps[1])
		cr_assert_gt(count_family(&watch->now, AF_INET6), 0,
			     "IPv6 lost its last service");
}

/* Who had a server to go to, and will have one, has one now. */
static void check_servers(struct watch *watch)
{
	size_t i;

	for (i = 0; i < watch->before.nr_services; i++) {
		const struct service_key *key = &watch->before.services[i].key;

		if (count_weighted(&watch->before, key) &&
		    count_weighted(&watch->desired, key))
			cr_assert_gt(count_weighted(&watch->now, key), 0,
				     "a service was without a server");
	}
}

static int before_request(void *arg, const struct ipvs_request *request)
{
	static const int errors[] = { -ENOMEM, -EBUSY, -EINTR, -ENOBUFS };
	struct watch *watch = arg;

	cr_assert(ipvs_keys_has(&watch->ours, &request->service->key),
		  "a foreign service was touched");
	if (!watch->faults || world_random(&watch->random, watch->faults))
		return 0;
	/* A lost answer may belong to a request that was carried out. */
	if (world_random(&watch->random, 2)) {
		int err = ipvs_fake_submit(watch->fake, request->op,
					   request->service, request->dest);

		return err ? err : -ENOBUFS;
	}
	return errors[world_random(&watch->random, 4)];
}

static void after_request(void *arg, const struct ipvs_request *request)
{
	struct watch *watch = arg;

	(void)request;
	watch->steps++;
	ipvs_fake_snapshot(watch->fake, &watch->now);
	check_families(watch);
	if (!watch->faults)
		check_servers(watch);
}

/* Own a random part of what is there, and all that is wanted. */
static void choose_ours(struct watch *watch)
{
	size_t i;

	ipvs_keys_clear(&watch->ours);
	for (i = 0; i < watch->before.nr_services; i++)
		if (world_random(&watch->random, 3))
			ipvs_keys_add(&watch->ours,
				      &watch->before.services[i].key);
	ipvs_keys_add_table(&watch->ours, &watch->desired);
	ipvs_keys_sort(&watch->ours);
}

/* DESIRED and what is foreign: how the table shall be in the end. */
static void expected_end(struct watch *watch, struct table *end)
{
	const struct table *parts[] = { &watch->desired, &watch->before };
	size_t i, part;

	table_clear(end);
	for (part = 0; part < 2; part++)
		for (i = 0; i < parts[part]->nr_services; i++) {
			const struct table_service *from =
				&parts[part]->services[i];
			struct ipvs_dests dest = ipvs_dests(parts[part], from);
			struct table_service *svc;

			if (part == 1 &&
			    ipvs_keys_has(&watch->ours, &from->key))
				continue;
			svc = table_add_service(end);
			memcpy(svc, from,
			       offsetof(struct table_service, first_dest));
			for (; dest.at < dest.end; dest.at++)
				*table_add_dest(end) = *dest.at;
		}
}

static void set_up(struct watch *watch)
{
	const struct ipvs_fake_hooks hooks = { before_request, after_request,
					       NULL, watch };
	struct table end = { 0 };

	world_random_table(&watch->random, &watch->before, 8);
	world_random_table(&watch->random, &watch->desired, 8);
	choose_ours(watch);
	expected_end(watch, &end);
	watch->keeps[0] = count_family(&watch->before, AF_INET) &&
			  count_family(&end, AF_INET);
	watch->keeps[1] = count_family(&watch->before, AF_INET6) &&
			  count_family(&end, AF_INET6);
	watch->steps = 0;
	watch->fake = ipvs_fake_new(&watch->before);
	ipvs_fake_set_hooks(watch->fake, &hooks);
	table_free(&end);
}

static void tear_down(struct watch *watch)
{
	table_free(&watch->before);
	table_free(&watch->desired);
	table_free(&watch->now);
	ipvs_keys_free(&watch->ours);
}

/* The fewest requests that can do it, counted without ipvs_diff(). */
static size_t fewest_requests(struct watch *watch)
{
	size_t i, count = 0;

	for (i = 0; i < watch->before.nr_services; i++) {
		const struct table_service *svc = &watch->before.services[i];

		/* A service takes its servers along. */
		if (ipvs_keys_has(&watch->ours, &svc->key) &&
		    !ipvs_find_service(&watch->desired, &svc->key))
			count++;
	}
	for (i = 0; i < watch->desired.nr_services; i++) {
		const struct table_service *svc = &watch->desired.services[i];
		const struct table_service *old =
			ipvs_find_service(&watch->before, &svc->key);
		struct ipvs_dests dest = ipvs_dests(&watch->desired, svc);

		count += !old || ipvs_compare_services(old, svc);
		for (; dest.at < dest.end; dest.at++) {
			const struct table_dest *have = NULL;

			if (old)
				have = ipvs_find_dest(&watch->before, old,
						      &dest.at->rip);
			count += !have || ipvs_compare_dests(have, dest.at);
		}
		for (dest = ipvs_dests(&watch->before, old); dest.at < dest.end;
		     dest.at++)
			count += !ipvs_find_dest(&watch->desired, svc,
						 &dest.at->rip);
	}
	return count;
}

static void check_end(struct watch *watch, struct table *end)
{
	struct ipvs_plan plan = { 0 };

	ipvs_fake_snapshot(watch->fake, &watch->now);
	cr_assert_eq(world_distance(&watch->now, end), 0);
	cr_assert_eq(ipvs_diff(&watch->now, &watch->desired, &watch->ours,
			       &plan),
		     0);
	cr_assert_eq(plan.nr, 0);
	ipvs_plan_free(&plan);
}

Test(ipvs_random, every_step_is_safe_and_the_end_is_right)
{
	struct watch watch = { .random = { 20240611 } };
	struct ipvs_report report = { 0 };
	struct ipvs_plan plan = { 0 };
	struct table end = { 0 };
	size_t round, steps = 0;

	for (round = 0; round < 4000; round++) {
		set_up(&watch);
		expected_end(&watch, &end);
		cr_assert_eq(ipvs_diff(&watch.before, &watch.desired,
				       &watch.ours, &plan),
			     0);
		cr_assert_eq(plan.nr, fewest_requests(&watch));
		cr_assert_eq(ipvs_apply(watch.fake, &plan, &report), 0);
		cr_assert_eq(report.nr_failures, 0);
		cr_assert_eq(report.done, plan.nr);
		cr_assert_eq(report.requests, plan.nr);
		cr_assert_not(report.reread);
		cr_assert_eq(watch.steps, plan.nr);
		ipvs_update_actual(&watch.before, &plan);
		cr_assert(ipvs_is_sorted(&watch.before));
		cr_assert_eq(world_distance(&watch.before, &end), 0);
		check_end(&watch, &end);
		steps += watch.steps;
		ipvs_close(watch.fake);
	}
	/* The tables must not have been alike or empty. */
	cr_assert_gt(steps, 40000);
	ipvs_plan_free(&plan);
	ipvs_report_free(&report);
	table_free(&end);
	tear_down(&watch);
}

/* What the results say of the table is what the table says of itself. */
static void check_update(struct watch *watch, struct table *actual,
			 struct ipvs_plan *plan,
			 const struct ipvs_report *report)
{
	if (report->reread)
		return;
	ipvs_update_actual(actual, plan);
	cr_assert(ipvs_is_sorted(actual));
	ipvs_fake_snapshot(watch->fake, &watch->now);
	cr_assert_eq(world_distance(actual, &watch->now), 0);
}

static void try_once(struct watch *watch, struct table *actual,
		     struct ipvs_plan *plan, struct ipvs_report *report)
{
	cr_assert_eq(
		ipvs_read(watch->fake, NULL, &watch->desired, NULL, actual), 0);
	cr_assert_eq(ipvs_diff(actual, &watch->desired, &watch->ours, plan), 0);
	cr_assert_eq(ipvs_apply(watch->fake, plan, report), 0);
	cr_assert_eq(report->done + report->nr_failures + report->skipped +
			     report->held + report->unknown,
		     plan->nr);
}

/* With errors thrown in, reading again and trying again gets there. */
Test(ipvs_random, errors_do_no_harm)
{
	struct watch watch = { .random = { 7 } };
	struct ipvs_report report = { 0 };
	struct ipvs_plan plan = { 0 };
	struct table actual = { 0 }, end = { 0 };
	size_t round, tries, failures = 0, updates = 0;

	for (round = 0; round < 2000; round++) {
		watch.faults = 4;
		set_up(&watch);
		expected_end(&watch, &end);
		for (tries = 0; tries < 3; tries++) {
			try_once(&watch, &actual, &plan, &report);
			failures += report.nr_failures + report.unknown;
			updates += report.nr_failures && !report.reread;
			check_update(&watch, &actual, &plan, &report);
			if (tries == 1)
				watch.faults = 0;
			/* From here on the table before is another. */
			ipvs_fake_snapshot(watch.fake, &watch.before);
		}
		check_end(&watch, &end);
		ipvs_close(watch.fake);
	}
	cr_assert_gt(failures, 1000);
	cr_assert_gt(updates, 100);
	ipvs_plan_free(&plan);
	ipvs_report_free(&report);
	table_free(&actual);
	table_free(&end);
	tear_down(&watch);
}
