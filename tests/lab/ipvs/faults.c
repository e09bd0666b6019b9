/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What goes wrong with a real kernel: errors in the middle of a batch, a table
 * that others change, dumps that miss what is there.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ipvs/request.h"
#include "roundtrip.h"

static int submit_one(struct ipvs_backend *backend, enum ipvs_op op,
		      const struct table_service *svc,
		      const struct table_dest *dest)
{
	struct ipvs_request request = { .op = op,
					.service = svc,
					.dest = dest };
	int err = backend->ops->submit(backend, &request, 1);

	return err < 0 ? err : request.result;
}

static void expect(const char *what, int want, int seen)
{
	if (want != seen)
		give_up("%s: %s instead of %s", what, strerror(-seen),
			strerror(-want));
}

/* The kernel refuses this, and only the kernel: it is no address of the host. */
static void make_bad(struct table_dest *dest)
{
	memset(&dest->rip.addr, 0, sizeof(dest->rip.addr));
	dest->rip.addr.family = AF_INET6;
	dest->rip.addr.bytes[0] = 0xfe;
	dest->rip.addr.bytes[1] = 0x80;
	dest->rip.addr.bytes[15] = 0x77;
	dest->forward = FORWARD_TUN;
}

/* One bad server among 200: it alone fails, by its name, and is tried again. */
void test_errors(struct ipvs_backend *backend)
{
	struct ipvs_report report = { 0 };
	struct table desired = { 0 };
	uint32_t i;

	add_service(&desired, 0);
	for (i = 0; i < 200; i++)
		add_dest(&desired, i);
	make_bad(&desired.dests[100]);
	bring_to(backend, &desired, NULL, &report);
	if (report.nr_failures != 1 || report.done != 200)
		give_up("%zu failures, %zu done", report.nr_failures,
			report.done);
	expect("the bad server", -EINVAL, report.failures[0].error);
	if (distance(backend, &desired, true) != 1)
		give_up("more than the bad server is missing");
	/* Mended, it takes one request. */
	desired.nr_dests = 0;
	desired.services[0].nr_dests = 0;
	for (i = 0; i < 200; i++)
		add_dest(&desired, i);
	bring_to(backend, &desired, NULL, &report);
	if (report.requests != 1 || report.nr_failures)
		give_up("mending took %zu requests", report.requests);
	if (distance(backend, &desired, true))
		give_up("the mended table differs");
	expect("flush", 0, ipvs_flush(backend));
	table_free(&desired);
	ipvs_report_free(&report);
}

/* All of them bad: as many answers as there can be, and none is lost. */
void test_all_errors(struct ipvs_backend *backend)
{
	struct ipvs_report report = { 0 };
	struct table desired = { 0 };
	uint32_t i;

	add_service(&desired, 0);
	for (i = 0; i < 1000; i++) {
		struct table_dest *dest = add_dest(&desired, i);

		make_bad(dest);
		dest->rip.addr.bytes[14] = (uint8_t)(i >> 8);
		dest->rip.addr.bytes[15] = (uint8_t)i;
	}
	bring_to(backend, &desired, NULL, &report);
	if (report.nr_failures != 1000 || report.unknown || report.reread)
		give_up("%zu failures, %zu unknown", report.nr_failures,
			report.unknown);
	for (i = 0; i < 1000; i++)
		expect("each bad server", -EINVAL, report.failures[i].error);
	expect("flush", 0, ipvs_flush(backend));
	table_free(&desired);
	ipvs_report_free(&report);
}

/* The raw numbers that ipvs_apply() depends on, as this kernel gives them. */
static void test_numbers(struct ipvs_backend *backend)
{
	struct table t = { 0 };
	struct table_service *svc = add_service(&t, 7);
	struct table_dest *dest = add_dest(&t, 7);

	expect("set without service", -ESRCH,
	       submit_one(backend, IPVS_SET_SERVICE, svc, NULL));
	expect("delete without service", -ESRCH,
	       submit_one(backend, IPVS_DEL_SERVICE, svc, NULL));
	expect("server without service", -ESRCH,
	       submit_one(backend, IPVS_NEW_DEST, svc, dest));
	expect("new service", 0,
	       submit_one(backend, IPVS_NEW_SERVICE, svc, NULL));
	expect("new service again", -EEXIST,
	       submit_one(backend, IPVS_NEW_SERVICE, svc, NULL));
	expect("set without server", -ENOENT,
	       submit_one(backend, IPVS_SET_DEST, svc, dest));
	expect("delete without server", -ENOENT,
	       submit_one(backend, IPVS_DEL_DEST, svc, dest));
	expect("new server", 0, submit_one(backend, IPVS_NEW_DEST, svc, dest));
	expect("new server again", -EEXIST,
	       submit_one(backend, IPVS_NEW_DEST, svc, dest));
	strcpy(svc->scheduler, "nonesuch");
	expect("set unknown scheduler", -ENOENT,
	       submit_one(backend, IPVS_SET_SERVICE, svc, NULL));
	expect("delete", 0, submit_one(backend, IPVS_DEL_SERVICE, svc, NULL));
	table_free(&t);
}

static void apply_stale(struct ipvs_backend *backend,
			const struct table *believed,
			const struct table *desired, struct ipvs_report *report)
{
	struct ipvs_keys owned = { 0 };
	struct ipvs_plan plan = { 0 };

	ipvs_keys_add_table(&owned, believed);
	ipvs_keys_sort(&owned);
	if (ipvs_diff(believed, desired, &owned, &plan) < 0 ||
	    ipvs_apply(backend, &plan, report) < 0)
		give_up("applying a stale plan");
	ipvs_plan_free(&plan);
	ipvs_keys_free(&owned);
}

/* The module goes and comes back, and the family gets another number. */
void test_module_reload(struct ipvs_backend *backend)
{
	struct ipvs_report report = { 0 };
	struct table desired = { 0 }, seen = { 0 };
	struct ipvs_info info;

	if (system("modprobe -r ip_vs && modprobe ip_vs") != 0)
		give_up("the module cannot be reloaded");
	expect("dump after a reload", 0, ipvs_dump(backend, NULL, NULL, &seen));
	if (system("modprobe -r ip_vs && modprobe ip_vs") != 0)
		give_up("the module cannot be reloaded");
	expect("get after a reload", 0, ipvs_get_info(backend, &info));
	if (system("modprobe -r ip_vs && modprobe ip_vs") != 0)
		give_up("the module cannot be reloaded");
	add_service(&desired, 0);
	add_dest(&desired, 0);
	if (ipvs_sort_table(&desired, NULL) < 0)
		give_up("duplicates");
	apply_stale(backend, &seen, &desired, &report);
	if (report.nr_failures || distance(backend, &desired, true))
		give_up("nothing was added after a reload");
	expect("flush", 0, ipvs_flush(backend));
	table_free(&desired);
	table_free(&seen);
	ipvs_report_free(&report);
}

/* A plan from a table that is no longer so must still lead to the wanted one. */
void test_stale_plans(struct ipvs_backend *backend)
{
	struct table empty = { 0 }, first = { 0 }, second = { 0 };
	struct ipvs_report report = { 0 };
	uint32_t i;

	test_numbers(backend);
	for (i = 0; i < 20; i++) {
		add_service(&first, i);
		add_dest(&first, 1);
		add_dest(&first, 2);
		strcpy(add_service(&second, i)->scheduler, "wlc");
		add_dest(&second, 1)->weight = 5;
		add_dest(&second, 2)->weight = 0;
	}
	/* All of it is there already, and other: additions become edits. */
	bring_to(backend, &first, NULL, &report);
	apply_stale(backend, &empty, &second, &report);
	if (report.nr_failures || !report.reread ||
	    distance(backend, &second, true))
		give_up("additions did not become edits");
	/* All of it is gone: edits of services become additions. */
	expect("flush", 0, ipvs_flush(backend));
	apply_stale(backend, &first, &second, &report);
	if (report.nr_failures || !report.reread)
		give_up("%zu edits failed", report.nr_failures);
	bring_to(backend, &second, NULL, &report);
	if (report.nr_failures || distance(backend, &second, true))
		give_up("edits did not become additions");
	/* Removing what is gone succeeds. */
	expect("flush", 0, ipvs_flush(backend));
	apply_stale(backend, &second, &empty, &report);
	if (report.nr_failures || report.already != 20)
		give_up("%zu removals were known to be done", report.already);
	table_free(&first);
	table_free(&second);
	ipvs_report_free(&report);
}

/* The only service goes only once its successor is there. */
void test_last_service(struct ipvs_backend *backend)
{
	struct table old = { 0 }, new = { 0 };
	struct ipvs_report report = { 0 };
	struct ipvs_keys owned = { 0 };

	add_service(&old, 1);
	add_dest(&old, 1);
	strcpy(add_service(&new, 2)->scheduler, "nonesuch");
	add_dest(&new, 1);
	ipvs_keys_add_table(&owned, &old);
	ipvs_keys_sort(&owned);
	bring_to(backend, &old, NULL, &report);
	bring_to(backend, &new, &owned, &report);
	if (report.held != 1 || report.nr_failures != 1)
		give_up("%zu removals were held back", report.held);
	if (distance(backend, &old, true))
		give_up("the last service is gone");
	strcpy(new.services[0].scheduler, "rr");
	bring_to(backend, &new, &owned, &report);
	if (report.held || report.nr_failures || distance(backend, &new, true))
		give_up("the service was not replaced");
	expect("flush", 0, ipvs_flush(backend));
	table_free(&old);
	table_free(&new);
	ipvs_keys_free(&owned);
	ipvs_report_free(&report);
}

#define STEADY 2000
#define FLEETING 2000

/* In a child: add and remove every second service, for ever. */
static _Noreturn void disturb(const struct table *fleeting)
{
	struct ipvs_backend *backend = open_kernel();
	struct ipvs_report report = { 0 };
	struct ipvs_plan add = { 0 }, remove = { 0 };
	struct ipvs_keys owned = { 0 };
	struct table empty = { 0 };

	ipvs_keys_add_table(&owned, fleeting);
	ipvs_keys_sort(&owned);
	if (ipvs_diff(&empty, fleeting, NULL, &add) < 0 ||
	    ipvs_diff(fleeting, &empty, &owned, &remove) < 0)
		give_up("the disturber's plans");
	for (;;)
		if (ipvs_apply(backend, &add, &report) < 0 ||
		    ipvs_apply(backend, &remove, &report) < 0)
			give_up("the disturber's changes");
}

static size_t count_missing(const struct table *seen,
			    const struct table *wanted)
{
	size_t i, missing = 0;

	for (i = 0; i < wanted->nr_services; i++)
		if (!ipvs_find_service(seen, &wanted->services[i].key))
			missing++;
	return missing;
}

/* One dump; returns how many of STEADY it missed, confirmed to be there. */
static size_t dump_once(struct ipvs_backend *backend,
			const struct table *steady, struct table *seen)
{
	const struct ipvs_keys nothing = { .sorted = true };
	size_t missed;
	int found;

	if (ipvs_dump(backend, &nothing, NULL, seen) < 0)
		give_up("dump");
	missed = count_missing(seen, steady);
	found = ipvs_confirm_absent(backend, NULL, steady, seen);
	if (found < 0)
		give_up("confirming: %s", strerror(-found));
	if (count_missing(seen, steady))
		give_up("a service that is there was not confirmed");
	return missed;
}

/*
 * 2000 services stay while a neighbour of each comes and goes. Plain dumps must
 * be seen to miss some (else this shows nothing), and confirmed ones must not.
 */
void test_dump_misses(struct ipvs_backend *backend)
{
	struct table steady = { 0 }, fleeting = { 0 }, seen = { 0 };
	struct ipvs_report report = { 0 };
	size_t missed = 0, rounds;
	uint32_t i;
	pid_t child;

	for (i = 0; i < STEADY; i++)
		add_service(&steady, 2 * i);
	for (i = 0; i < FLEETING; i++)
		add_service(&fleeting, 2 * i + 1);
	bring_to(backend, &steady, NULL, &report);
	child = fork();
	if (child < 0)
		give_up("fork: %s", strerror(errno));
	if (child == 0)
		disturb(&fleeting);
	for (rounds = 0; rounds < 20 || (missed == 0 && rounds < 400); rounds++)
		missed += dump_once(backend, &steady, &seen);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	expect("flush", 0, ipvs_flush(backend));
	if (missed == 0)
		give_up("no dump missed anything");
	printf("%zu dumps missed %zu services that were there\n", rounds,
	       missed);
	table_free(&steady);
	table_free(&fleeting);
	table_free(&seen);
	ipvs_report_free(&report);
}
