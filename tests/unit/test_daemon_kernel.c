/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's table kept equal to the wanted one, against the model of a kernel. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balance/balance.h"
#include "lib/history.h"
#include "daemon/kernel.h"
#include "daemon/owned.h"
#include "tests/unit/ipvs_fake.h"
#include "lib/log.h"

static struct kernel *kernel;
static struct ipvs_backend *fake;
static struct table wanted, seen;
static char dir[] = "/tmp/evenkeel-kernel-XXXXXX";
static char owned[64];
static int fail_port; /* requests for this server's port fail */
static int fail_error;
static unsigned requests;

static bool reason(void *arg, const struct ipvs_change *change, char *out,
		   size_t size)
{
	snprintf(out, size, "test");
	return true;
}

static int before(void *arg, const struct ipvs_request *request)
{
	requests++;
	if (fail_port && request->dest && request->dest->rip.port == fail_port)
		return fail_error;
	return 0;
}

static const struct ipvs_fake_hooks hooks = { .before = before };

static void setup(void)
{
	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	cr_assert_neq(mkdtemp(dir), NULL);
	snprintf(owned, sizeof(owned), "%s/services", dir);
	kernel = kernel_new(owned, reason, NULL);
	fake = ipvs_fake_new(NULL);
	ipvs_fake_set_hooks(fake, &hooks);
	kernel_use(kernel, fake);
}

static void teardown(void)
{
	kernel_free(kernel);
	table_free(&wanted);
	table_free(&seen);
	unlink(owned);
	rmdir(dir);
}

TestSuite(kernel, .init = setup, .fini = teardown);

static void service(struct table *table, const char *key)
{
	struct table_service *svc = table_add_service(table);

	cr_assert_eq(owned_parse_key(key, &svc->key), 0);
	strcpy(svc->scheduler, "wlc");
	svc->prefix = 32;
}

static void server(struct table *table, const char *rip, uint32_t weight)
{
	struct table_dest *dest = table_add_dest(table);

	cr_assert_eq(endpoint_parse(&dest->rip, rip), 0);
	dest->weight = weight;
}

static void want_pool(unsigned servers, uint32_t weight)
{
	char rip[32];
	unsigned i;

	table_clear(&wanted);
	service(&wanted, "TCP 192.0.2.1:3306");
	for (i = 0; i < servers; i++) {
		snprintf(rip, sizeof(rip), "10.0.0.%u:%u", i / 200 + 1,
			 3000 + i);
		server(&wanted, rip, weight);
	}
}

static void assert_kernel_is_wanted(void)
{
	size_t i;

	ipvs_fake_snapshot(fake, &seen);
	ipvs_sort_table(&wanted, NULL);
	cr_assert_eq(seen.nr_services, wanted.nr_services);
	cr_assert_eq(seen.nr_dests, wanted.nr_dests);
	for (i = 0; i < wanted.nr_dests; i++) {
		cr_assert_eq(endpoint_cmp(&seen.dests[i].rip,
					  &wanted.dests[i].rip),
			     0);
		cr_assert_eq(seen.dests[i].weight, wanted.dests[i].weight);
	}
}

Test(kernel, an_ordinary_change_costs_one_request)
{
	want_pool(1000, 100);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	assert_kernel_is_wanted();
	want_pool(1000, 100);
	wanted.dests[500].weight = 40;
	requests = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	cr_assert_eq(requests, 1);
	assert_kernel_is_wanted();
	requests = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	cr_assert_eq(requests, 0);
}

Test(kernel, one_refused_server_does_not_hinder_the_others)
{
	want_pool(200, 100);
	fail_port = 3100;
	fail_error = -EINVAL;
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	ipvs_fake_snapshot(fake, &seen);
	cr_assert_eq(seen.nr_dests, 199);
	/* Still refused: nothing but it is tried again. */
	requests = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	cr_assert_eq(requests, 1);
	fail_port = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	assert_kernel_is_wanted();
}

/*
 * The kernel does not let go of a server of an exclusive service: no other one
 * is put in, not even as a repair, until it does.
 */
Test(kernel, no_repair_beside_a_server_that_cannot_be_taken_out)
{
	struct table stranger = { 0 };

	want_pool(1, 100);
	wanted.services[0].exclusive = true;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	service(&stranger, "TCP 192.0.2.1:3306");
	server(&stranger, "10.9.9.9:1", 7);
	ipvs_fake_submit(fake, IPVS_NEW_DEST, &stranger.services[0],
			 &stranger.dests[0]);
	fail_port = 1;
	fail_error = -EPERM;
	cr_assert_eq(kernel_audit(kernel, &wanted, 1, clock_now), -EAGAIN);
	ipvs_fake_submit(fake, IPVS_DEL_DEST, &wanted.services[0],
			 &wanted.dests[0]);
	cr_assert_eq(kernel_audit(kernel, &wanted, 2, clock_now), -EAGAIN);
	ipvs_fake_snapshot(fake, &seen);
	cr_assert_eq(seen.nr_dests, 1);
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	ipvs_fake_snapshot(fake, &seen);
	cr_assert_eq(seen.nr_dests, 1);
	cr_assert_eq(kernel_audit(kernel, &wanted, 3, clock_now), -EAGAIN);
	fail_port = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	assert_kernel_is_wanted();
	table_free(&stranger);
}

Test(kernel, what_others_change_is_repaired)
{
	struct table other = { 0 };

	want_pool(3, 100);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	ipvs_sort_table(&wanted, NULL);
	wanted.dests[0].weight = 1;
	ipvs_fake_submit(fake, IPVS_SET_DEST, &wanted.services[0],
			 &wanted.dests[0]);
	ipvs_fake_submit(fake, IPVS_DEL_DEST, &wanted.services[0],
			 &wanted.dests[1]);
	wanted.dests[0].weight = 100;
	service(&other, "TCP 192.0.2.1:3306");
	server(&other, "10.9.9.9:1", 7);
	ipvs_fake_submit(fake, IPVS_NEW_DEST, &other.services[0],
			 &other.dests[0]);
	cr_assert_eq(kernel_audit(kernel, &wanted, 1, clock_now), 0);
	assert_kernel_is_wanted();
	cr_assert_eq(kernel_counters(kernel)->repairs, 3);
	ipvs_flush(fake);
	cr_assert_eq(kernel_audit(kernel, &wanted, 1, clock_now), 0);
	assert_kernel_is_wanted();
	table_free(&other);
}

static unsigned marked_reads; /* servers of marks in dumps */

static bool count_marked(void *arg, const struct service_key *key,
			 const struct table_dest *dest)
{
	marked_reads += dest && key->fwmark;
	return false;
}

/* For its probes a server has a service of a mark. */
static void want_marks(unsigned nr)
{
	char rip[32];
	unsigned i;

	want_pool(3, 100);
	wanted.services[0].ref = 0;
	for (i = 0; i < nr; i++) {
		struct table_service *svc = table_add_service(&wanted);

		svc->key.fwmark = 0x45560000 + i;
		svc->key.family = AF_INET;
		strcpy(svc->scheduler, "rr");
		svc->prefix = 32;
		snprintf(rip, sizeof(rip), "10.1.0.%u:0", i + 1);
		server(&wanted, rip, 1);
	}
}

/* As often as the pool's own they would cost more than the probes may. */
Test(kernel, servers_of_marks_are_read_in_turn)
{
	const struct ipvs_fake_hooks counting = { .hide = count_marked };
	unsigned nr = 100, i;

	want_marks(nr);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	ipvs_fake_set_hooks(fake, &counting);
	marked_reads = 0;
	for (i = 0; i < 5; i++)
		cr_assert_eq(kernel_audit(kernel, &wanted, i, clock_now), 0);
	cr_expect_eq(marked_reads, nr, "%u", marked_reads);
	cr_expect_eq(kernel_counters(kernel)->repairs, 0);
	/* A service that is gone is seen at once, a server in its turn. */
	ipvs_fake_submit(fake, IPVS_DEL_SERVICE, &wanted.services[50], NULL);
	cr_assert_eq(kernel_audit(kernel, &wanted, i, clock_now), 0);
	assert_kernel_is_wanted();
	ipvs_fake_submit(fake, IPVS_DEL_DEST, &wanted.services[50],
			 &wanted.dests[wanted.services[50].first_dest]);
	for (i = 0; i < 5; i++)
		cr_assert_eq(kernel_audit(kernel, &wanted, i, clock_now), 0);
	assert_kernel_is_wanted();
	cr_expect_eq(kernel_counters(kernel)->repairs, 3);
}

/*
 * A server that left the file drains, if the kernel has it. One that the kernel
 * refused, or that somebody took out, has nothing to drain.
 */
Test(kernel, nothing_is_added_for_a_server_that_leaves)
{
	want_pool(3, 100);
	fail_port = 3002;
	fail_error = -EINVAL;
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	want_pool(3, 100);
	wanted.dests[1].weight = wanted.dests[2].weight = 0;
	wanted.dests[1].ref = wanted.dests[2].ref = REF_LEAVING;
	requests = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	cr_assert_eq(requests, 1, "its weight");
	ipvs_fake_snapshot(fake, &seen);
	cr_assert_eq(seen.nr_dests, 2);
	cr_assert_eq(seen.dests[1].weight, 0);
	/* The model knows that it is not there: nothing is to be removed. */
	want_pool(2, 100);
	wanted.dests[1].weight = 0;
	wanted.dests[1].ref = REF_LEAVING;
	requests = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	cr_assert_eq(requests, 0);
	/* Somebody helps: that is no difference to be repaired. */
	ipvs_fake_submit(fake, IPVS_DEL_DEST, &wanted.services[0],
			 &wanted.dests[1]);
	cr_assert_eq(kernel_audit(kernel, &wanted, 1, clock_now), 0);
	cr_assert_eq(kernel_counters(kernel)->repairs, 0);
	ipvs_fake_snapshot(fake, &seen);
	cr_assert_eq(seen.nr_dests, 1);
}

Test(kernel, foreign_services_are_never_touched)
{
	struct table foreign = { 0 };

	service(&foreign, "TCP 198.51.100.1:80");
	server(&foreign, "10.9.9.9:80", 7);
	ipvs_fake_submit(fake, IPVS_NEW_SERVICE, &foreign.services[0], NULL);
	ipvs_fake_submit(fake, IPVS_NEW_DEST, &foreign.services[0],
			 &foreign.dests[0]);
	want_pool(2, 100);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	cr_assert_eq(kernel_audit(kernel, &wanted, 1, clock_now), 0);
	table_clear(&wanted);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	ipvs_fake_snapshot(fake, &seen);
	cr_assert_eq(seen.nr_services, 1);
	cr_assert_eq(service_key_cmp(&seen.services[0].key,
				     &foreign.services[0].key),
		     0);
	cr_assert_eq(seen.nr_dests, 1);
	table_free(&foreign);
}

Test(kernel, a_service_that_vanished_from_the_file_during_a_stop_is_removed)
{
	struct table before_stop = { 0 };

	want_pool(2, 100);
	service(&wanted, "TCP 192.0.2.9:3306");
	server(&wanted, "10.0.0.1:3306", 1);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	ipvs_fake_snapshot(fake, &before_stop);
	kernel_free(kernel);
	kernel = kernel_new(owned, reason, NULL);
	fake = ipvs_fake_new(&before_stop);
	kernel_use(kernel, fake);
	want_pool(2, 100);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	assert_kernel_is_wanted();
	table_free(&before_stop);
}

Test(kernel, a_reader_changes_no_file)
{
	struct kernel *reader = kernel_new_reader(owned, reason, NULL);

	kernel_use(reader, ipvs_fake_new(NULL));
	want_pool(2, 100);
	cr_assert_neq(kernel_plan(reader, &wanted), NULL);
	cr_assert_eq(kernel_plan(reader, &wanted)->nr, 3);
	cr_assert_lt(access(owned, F_OK), 0);
	kernel_free(reader);
}

Test(kernel, removing_ours_leaves_nothing)
{
	want_pool(300, 5);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	requests = 0;
	cr_assert_eq(kernel_remove_ours(kernel), 0);
	cr_assert_eq(requests, 1, "one DEL_SERVICE takes its servers along");
	ipvs_fake_snapshot(fake, &seen);
	cr_assert_eq(seen.nr_services, 0);
}

/* How many events say WORD. */
static unsigned told(const struct history *history, const char *word)
{
	const struct history_event *event = NULL;
	unsigned count = 0;

	while ((event = history_next(history, event ? event->number : 0)))
		count += strstr(event->text, word) != NULL;
	return count;
}

/* Three servers, of which the kernel refuses the second. */
static void refuse_one(void)
{
	want_pool(3, 100);
	fail_port = 3001;
	fail_error = -EINVAL;
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
}

Test(kernel, repairs_and_counts_go_on_beside_a_refusal)
{
	const struct table *counts;

	refuse_one();
	ipvs_fake_submit(fake, IPVS_DEL_DEST, &wanted.services[0],
			 &wanted.dests[2]);
	requests = 0;
	cr_assert_eq(kernel_audit(kernel, &wanted, 1, clock_now), -EAGAIN);
	/* What was refused is left to the next try. */
	cr_assert_eq(requests, 1);
	cr_assert_eq(kernel_counters(kernel)->repairs, 1);
	counts = kernel_last_audit(kernel);
	cr_assert_neq(counts, NULL);
	cr_assert_eq(counts->nr_dests, 2);
	kernel_forget_audit(kernel);
	ipvs_fake_snapshot(fake, &seen);
	cr_assert_eq(seen.nr_dests, 2);
	cr_assert_eq(kernel_audit(kernel, &wanted, 2, clock_now), -EAGAIN);
	cr_assert_eq(kernel_counters(kernel)->repairs, 1);
	cr_assert_neq(kernel_last_audit(kernel), NULL);
	fail_port = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	assert_kernel_is_wanted();
	cr_assert_eq(kernel_audit(kernel, &wanted, 3, clock_now), 0);
	cr_assert_eq(kernel_counters(kernel)->repairs, 1);
}

Test(kernel, counts_come_with_repairs_too)
{
	struct table initial = { 0 };
	const struct table *counts;

	service(&initial, "TCP 192.0.2.1:3306");
	server(&initial, "10.0.0.1:3000", 100);
	initial.dests[0].active = 7;
	fake = ipvs_fake_new(&initial);
	kernel_use(kernel, fake);
	want_pool(1, 100);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	want_pool(1, 100);
	wanted.dests[0].weight = 1;
	ipvs_fake_submit(fake, IPVS_SET_DEST, &wanted.services[0],
			 &wanted.dests[0]);
	wanted.dests[0].weight = 100;
	cr_assert_eq(kernel_audit(kernel, &wanted, 1, clock_now), 0);
	cr_assert_eq(kernel_counters(kernel)->repairs, 1);
	counts = kernel_last_audit(kernel);
	cr_assert_neq(counts, NULL);
	cr_assert_eq(counts->dests[0].active, 7);
	table_free(&initial);
}

Test(kernel, a_refusal_is_told_once_a_state)
{
	struct history *history = history_new();
	int i;

	kernel_keep_history(kernel, history);
	refuse_one();
	for (i = 0; i < 10; i++) {
		cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
		kernel_audit(kernel, &wanted, i + 1, clock_now);
	}
	cr_assert_eq(told(history, "failed to"), 1);
	fail_error = -ENOMEM;
	for (i = 0; i < 10; i++)
		cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	cr_assert_eq(told(history, "failed to"), 2);
	/* It succeeds, and is refused once more: that is new again. */
	fail_port = 0;
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	fail_port = 3001;
	want_pool(3, 50);
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	cr_assert_eq(told(history, "failed to"), 3);
	cr_assert_eq(kernel_counters(kernel)->repairs, 0);
	history_free(history);
}

Test(kernel, the_servers_of_a_refused_service_are_no_repairs)
{
	struct history *history = history_new();

	kernel_keep_history(kernel, history);
	want_pool(2, 100);
	service(&wanted, "TCP 192.0.2.9:3306");
	strcpy(wanted.services[1].scheduler, "");
	server(&wanted, "10.0.0.1:3306", 1);
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	requests = 0;
	cr_assert_eq(kernel_audit(kernel, &wanted, 1, clock_now), -EAGAIN);
	cr_assert_eq(requests, 0);
	cr_assert_eq(kernel_counters(kernel)->repairs, 0);
	cr_assert_eq(told(history, "failed to"), 1);
	/* The file does not want it any more. */
	want_pool(2, 100);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	cr_assert_eq(kernel_audit(kernel, &wanted, 2, clock_now), 0);
	assert_kernel_is_wanted();
	history_free(history);
}

Test(kernel, only_a_new_refusal_is_news)
{
	refuse_one();
	cr_assert(kernel_take_news(kernel));
	cr_assert_not(kernel_take_news(kernel));
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	cr_assert_not(kernel_take_news(kernel));
	want_pool(4, 100);
	fail_error = -ENOMEM;
	cr_assert_eq(kernel_apply(kernel, &wanted), -EAGAIN);
	cr_assert(kernel_take_news(kernel));
}

/* A view asks for its services only, and is told when nobody answers. */
Test(kernel, some_services_are_read_alone)
{
	const struct table *some;
	struct service_key key;

	service(&wanted, "TCP 192.0.2.1:3306");
	server(&wanted, "10.0.0.1:3306", 5);
	service(&wanted, "TCP 192.0.2.2:3306");
	server(&wanted, "10.0.0.2:3306", 7);
	cr_assert_eq(kernel_apply(kernel, &wanted), 0);
	cr_assert(kernel_is_reached(kernel));
	key = wanted.services[1].key;
	some = kernel_read_some(kernel, &key, 1, &wanted);
	cr_assert(some);
	cr_expect_eq(some->nr_services, 1);
	cr_expect_eq(some->nr_dests, 1);
	cr_expect_eq(some->dests[0].weight, 7);
}
