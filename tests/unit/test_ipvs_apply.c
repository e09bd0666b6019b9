/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What ipvs_apply() makes of the kernel's answers, one by one.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ipvs_world.h"
#include "lib/util.h"

/* A script of errors for the first requests; 0 lets one through. */
struct script {
	int errors[8];
	size_t at;
	enum ipvs_op ops[300];
	size_t nr;
};

static int next_error(void *arg, const struct ipvs_request *request)
{
	struct script *script = arg;

	if (script->nr < 300)
		script->ops[script->nr++] = request->op;
	if (script->at >= 8)
		return 0;
	return script->errors[script->at++];
}

static struct ipvs_backend *scripted(const struct table *initial,
				     struct script *script)
{
	const struct ipvs_fake_hooks hooks = { next_error, NULL, NULL, script };
	struct ipvs_backend *fake = ipvs_fake_new(initial);

	ipvs_fake_set_hooks(fake, &hooks);
	return fake;
}

/* Apply the plan from ACTUAL to DESIRED, whatever FAKE really holds. */
static void apply(struct ipvs_backend *fake, const struct table *actual,
		  const struct table *desired, struct ipvs_report *report)
{
	struct ipvs_keys owned = world_keys(actual);
	struct ipvs_plan plan = { 0 };

	cr_assert_eq(ipvs_diff(actual, desired, &owned, &plan), 0);
	cr_assert_eq(ipvs_apply(fake, &plan, report), 0);
	ipvs_plan_free(&plan);
	ipvs_keys_free(&owned);
}

static size_t distance(struct ipvs_backend *fake, const struct table *desired)
{
	struct table now = { 0 };
	size_t result;

	ipvs_fake_snapshot(fake, &now);
	result = world_distance(&now, desired);
	table_free(&now);
	return result;
}

static void one_service(struct table *t, uint32_t weight)
{
	world_service(t, 1);
	world_dest(t, 1, weight);
}

Test(ipvs_apply, additions_become_edits)
{
	struct table empty = { 0 }, there = { 0 }, desired = { 0 };
	struct script script = { 0 };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake;

	one_service(&there, 3);
	one_service(&desired, 8);
	strcpy(desired.services[0].scheduler, "mh");
	fake = scripted(&there, &script);
	apply(fake, &empty, &desired, &report);
	cr_assert_eq(report.done, 2);
	cr_assert_eq(report.nr_failures, 0);
	cr_assert_eq(report.requests, 4);
	/* There may be servers that the plan knew nothing of. */
	cr_assert(report.reread);
	cr_assert_eq(distance(fake, &desired), 0);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&there);
	table_free(&desired);
}

Test(ipvs_apply, edits_become_additions)
{
	struct table actual = { 0 }, without = { 0 }, desired = { 0 };
	struct script script = { 0 };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake;

	one_service(&actual, 3);
	one_service(&desired, 8);
	world_service(&without, 1);
	fake = scripted(&without, &script);
	apply(fake, &actual, &desired, &report);
	cr_assert_eq(report.done, 1);
	cr_assert_eq(script.nr, 2);
	cr_assert_eq(script.ops[1], IPVS_NEW_DEST);
	/* The rest of the table was as the plan took it to be. */
	cr_assert_not(report.reread);
	cr_assert_eq(distance(fake, &desired), 0);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&actual);
	table_free(&without);
	table_free(&desired);
}

Test(ipvs_apply, a_vanished_service_is_made_again)
{
	struct table actual = { 0 }, desired = { 0 };
	struct script script = { 0 };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake = scripted(NULL, &script);

	one_service(&actual, 3);
	one_service(&desired, 8);
	strcpy(desired.services[0].scheduler, "rr");
	apply(fake, &actual, &desired, &report);
	/* The server came too early and is left to the next plan. */
	cr_assert_eq(report.done, 1);
	cr_assert_eq(report.skipped, 1);
	cr_assert_eq(report.nr_failures, 0);
	cr_assert(report.reread);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&actual);
	table_free(&desired);
}

Test(ipvs_apply, removing_what_is_gone_succeeds)
{
	struct table actual = { 0 }, desired = { 0 }, kernel = { 0 };
	struct script script = { 0 };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake;

	one_service(&actual, 3);
	world_dest(&actual, 2, 1);
	world_service(&actual, 2);
	one_service(&desired, 3);
	one_service(&kernel, 3);
	fake = scripted(&kernel, &script);
	apply(fake, &actual, &desired, &report);
	cr_assert_eq(report.done, 2);
	cr_assert_eq(report.already, 2);
	cr_assert_eq(report.nr_failures, 0);
	cr_assert_not(report.reread);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&actual);
	table_free(&desired);
	table_free(&kernel);
}

Test(ipvs_apply, one_error_in_a_batch)
{
	struct table empty = { 0 }, desired = { 0 };
	struct script script = { .errors = { 0, 0, 0, -ENOMEM } };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake = scripted(NULL, &script);
	unsigned i;

	world_service(&desired, 1);
	for (i = 0; i < 200; i++)
		world_dest(&desired, i + 1, 1);
	apply(fake, &empty, &desired, &report);
	cr_assert_eq(report.done, 200);
	cr_assert_eq(report.nr_failures, 1);
	cr_assert_eq(report.failures[0].change, 3);
	cr_assert_eq(report.failures[0].error, -ENOMEM);
	cr_assert_not(report.reread);
	cr_assert_eq(distance(fake, &desired), 1);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&desired);
}

Test(ipvs_apply, busy_is_asked_again)
{
	static const int errors[] = { -EBUSY, -EAGAIN, -EINTR };
	struct table empty = { 0 }, desired = { 0 };
	struct ipvs_report report = { 0 };
	size_t i;

	world_service(&desired, 1);
	for (i = 0; i < 3; i++) {
		struct script script = { .errors = { errors[i], errors[i],
						     errors[i] } };
		struct ipvs_backend *fake = scripted(NULL, &script);

		apply(fake, &empty, &desired, &report);
		cr_assert_eq(report.done, 1);
		cr_assert_eq(report.requests, 4);
		ipvs_close(fake);
	}
	ipvs_report_free(&report);
	table_free(&desired);
}

Test(ipvs_apply, but_not_for_ever)
{
	struct table empty = { 0 }, desired = { 0 };
	struct script script = { .errors = { -EBUSY, -EBUSY, -EBUSY, -EBUSY,
					     -EBUSY, -EBUSY, -EBUSY, -EBUSY } };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake = scripted(NULL, &script);

	world_service(&desired, 1);
	apply(fake, &empty, &desired, &report);
	cr_assert_eq(report.done, 0);
	cr_assert_eq(report.nr_failures, 1);
	cr_assert_eq(report.failures[0].error, -EBUSY);
	cr_assert_lt(report.requests, 8);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&desired);
}

Test(ipvs_apply, a_lost_answer_means_read_again)
{
	struct table empty = { 0 }, desired = { 0 };
	struct script script = { .errors = { 0, -ENOBUFS } };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake = scripted(NULL, &script);

	one_service(&desired, 1);
	apply(fake, &empty, &desired, &report);
	cr_assert_eq(report.done, 1);
	cr_assert_eq(report.unknown, 1);
	cr_assert_eq(report.nr_failures, 0);
	cr_assert(report.reread);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&desired);
}

/* An unknown scheduler is one failure, however many servers hang on it. */
Test(ipvs_apply, servers_of_a_failed_service_are_skipped)
{
	struct table empty = { 0 }, desired = { 0 };
	struct script script = { 0 };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake = scripted(NULL, &script);
	unsigned i;

	strcpy(world_service(&desired, 1)->scheduler, "nonesuch");
	for (i = 0; i < 100; i++)
		world_dest(&desired, i + 1, 1);
	world_service(&desired, 2);
	world_dest(&desired, 1, 1);
	apply(fake, &empty, &desired, &report);
	cr_assert_eq(report.nr_failures, 1);
	cr_assert_eq(report.failures[0].change, 0);
	cr_assert_eq(report.failures[0].error, -ENOENT);
	cr_assert_eq(report.skipped, 100);
	cr_assert_eq(report.done, 2);
	cr_assert_not(report.reread);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&desired);
}

Test(ipvs_apply, what_is_wrong_is_not_sent)
{
	struct table empty = { 0 }, desired = { 0 };
	struct script script = { 0 };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake = scripted(NULL, &script);
	struct ipvs_change change = { .op = IPVS_NEW_SERVICE };
	char text[IPVS_TEXT_MAX];

	world_service(&desired, 1)->key.protocol = IPPROTO_ICMP;
	world_dest(&desired, 1, 1);
	world_service(&desired, 2);
	world_dest(&desired, 1, 1)->forward = 7;
	apply(fake, &empty, &desired, &report);
	cr_assert_eq(script.nr, 1);
	cr_assert_eq(report.done, 1);
	cr_assert_eq(report.nr_failures, 2);
	cr_assert_eq(report.skipped, 1);
	cr_assert_eq(report.failures[0].error, -EINVAL);
	change.service = &desired.services[0];
	cr_assert_str_eq(ipvs_error_text(&change, report.failures[0].error,
					 report.failures[0].text, text),
			 "the protocol is none of TCP, UDP and SCTP");
	cr_assert_str_eq(report.failures[1].text,
			 "the forwarding method is unknown");
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&desired);
}

Test(ipvs_apply, failures_are_in_the_order_of_changes)
{
	struct table empty = { 0 }, desired = { 0 };
	/* The first is asked again until the others have failed for good. */
	struct script script = { .errors = { 0, -EBUSY, -ENOMEM, -EBUSY, -EBUSY,
					     -EBUSY } };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake = scripted(NULL, &script);
	size_t i;

	world_service(&desired, 1);
	world_dest(&desired, 1, 1);
	world_dest(&desired, 2, 1);
	world_dest(&desired, 3, 1)->forward = 7;
	apply(fake, &empty, &desired, &report);
	cr_assert_eq(report.nr_failures, 3);
	for (i = 0; i < 3; i++)
		cr_assert_eq(report.failures[i].change, i + 1);
	cr_assert_eq(report.failures[0].error, -EBUSY);
	cr_assert_eq(report.failures[1].error, -ENOMEM);
	cr_assert_eq(report.failures[2].error, -EINVAL);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&desired);
}

/* The kernel must never be left without a service of a family that stays. */
Test(ipvs_apply, the_last_service_waits)
{
	struct table actual = { 0 }, desired = { 0 };
	struct script script = { .errors = { -ENOMEM } };
	struct ipvs_report report = { 0 };
	struct ipvs_backend *fake;
	unsigned i;

	for (i = 0; i < 100; i++)
		world_service(&actual, i + 1);
	world_service(&desired, 200);
	fake = scripted(&actual, &script);
	apply(fake, &actual, &desired, &report);
	cr_assert_eq(report.nr_failures, 1);
	cr_assert_eq(report.done, 99);
	cr_assert_eq(report.held, 1);
	/* One of the old is left, and the new one is missing. */
	cr_assert_eq(distance(fake, &desired), 2);
	ipvs_close(fake);
	/* When nothing shall remain, nothing is held. */
	table_clear(&desired);
	fake = scripted(&actual, &script);
	apply(fake, &actual, &desired, &report);
	cr_assert_eq(report.done, 100);
	cr_assert_eq(distance(fake, &desired), 0);
	ipvs_close(fake);
	ipvs_report_free(&report);
	table_free(&actual);
	table_free(&desired);
}

/* The weights of servers 1 .. 4 of service 1 in the kernel, "-" for none. */
static const char *in_kernel(struct ipvs_backend *fake)
{
	static char text[5];
	struct table now = { 0 };
	size_t i;

	memcpy(text, "----", 5);
	ipvs_fake_snapshot(fake, &now);
	for (i = 0; i < now.services[0].nr_dests; i++)
		text[now.dests[i].rip.addr.bytes[3] - 1] =
			(char)('0' + now.dests[i].weight);
	table_free(&now);
	return text;
}

/*
 * Server 1 is to go, 2 is to come, 3 to get a weight again, 4 goes on with
 * another one: with 1 still there, 2 and 3 would be too many.
 */
Test(ipvs_apply, nobody_comes_while_one_that_yields_stays)
{
	static const struct {
		int error, last;
		bool drains;
		size_t held;
		const char *kernel;
	} cases[] = {
		{ 0, 0, false, 0, "-115" },
		{ -EBUSY, -EBUSY, false, 2, "1-05" },
		{ -EPERM, 0, false, 2, "1-05" },
		{ -ENOBUFS, 0, false, 2, "1-05" },
		{ -EBUSY, -EBUSY, true, 2, "1-05" },
		{ -EBUSY, 0, false, 0, "-115" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct script script = {
			.errors = { cases[i].error, cases[i].last,
				    cases[i].last, cases[i].last }
		};
		struct table actual = { 0 }, desired = { 0 };
		struct ipvs_report report = { 0 };
		struct ipvs_backend *fake;

		one_service(&actual, 1);
		world_dest(&actual, 3, 0);
		world_dest(&actual, 4, 1);
		world_service(&actual, 2);
		world_service(&desired, 1)->exclusive = true;
		if (cases[i].drains)
			world_dest(&desired, 1, 0);
		world_dest(&desired, 2, 1);
		world_dest(&desired, 3, 1);
		world_dest(&desired, 4, 5);
		world_service(&desired, 2)->exclusive = true;
		world_dest(&desired, 9, 1);
		fake = scripted(&actual, &script);
		apply(fake, &actual, &desired, &report);
		cr_expect_str_eq(in_kernel(fake), cases[i].kernel,
				 "case %zu: %s", i, in_kernel(fake));
		cr_expect_eq(report.held, cases[i].held, "case %zu", i);
		/* Another service does not wait. */
		cr_expect_eq(report.done,
			     5 - cases[i].held - (cases[i].held > 0));
		ipvs_close(fake);
		ipvs_report_free(&report);
		table_free(&actual);
		table_free(&desired);
	}
}

/* Connections are the kernel's to know; an update leaves them alone. */
Test(ipvs_apply, an_update_keeps_what_it_cannot_know)
{
	struct table actual = { 0 }, desired = { 0 };
	struct ipvs_backend *fake;
	struct ipvs_report report = { 0 };
	struct ipvs_plan plan = { 0 };

	one_service(&actual, 1);
	actual.dests[0].active = 17;
	actual.services[0].conns = 1000;
	one_service(&desired, 50);
	desired.dests[0].ref = 3;
	strcpy(desired.services[0].scheduler, "rr");
	world_dest(&desired, 2, 60);
	fake = ipvs_fake_new(&actual);
	cr_assert_eq(ipvs_diff(&actual, &desired, NULL, &plan), 0);
	cr_assert_eq(ipvs_apply(fake, &plan, &report), 0);
	ipvs_update_actual(&actual, &plan);
	cr_assert_eq(plan.nr, 0);
	cr_assert_eq(world_distance(&actual, &desired), 0);
	cr_assert_eq(actual.services[0].conns, 1000);
	cr_assert_eq(actual.dests[actual.services[0].first_dest].active, 17);
	cr_assert_eq(actual.dests[actual.services[0].first_dest].ref,
		     TABLE_NO_REF);
	ipvs_close(fake);
	ipvs_plan_free(&plan);
	ipvs_report_free(&report);
	table_free(&actual);
	table_free(&desired);
}

static void expect_text(const struct ipvs_change *change, int error,
			const char *extra, const char *part)
{
	char text[IPVS_TEXT_MAX];

	ipvs_error_text(change, error, extra, text);
	cr_expect(strstr(text, part), "\"%s\" does not say \"%s\"", text, part);
}

Test(ipvs_apply, errors_in_words)
{
	struct table t = { 0 };
	struct ipvs_change service = { .op = IPVS_NEW_SERVICE };
	struct ipvs_change dest = { .op = IPVS_NEW_DEST };

	one_service(&t, 1);
	service.service = &t.services[0];
	dest.service = &t.services[0];
	dest.dest = &t.dests[0];
	expect_text(&service, -ENOENT, "", "modprobe ip_vs_wlc");
	expect_text(&dest, -ENOENT, "", "the server is not there");
	expect_text(&service, -ESRCH, "", "the service is not there");
	expect_text(&dest, -ESRCH, NULL, "its service is not there");
	expect_text(&service, -EPERM, "", "CAP_NET_ADMIN");
	expect_text(&dest, -ERANGE, "", "thresholds");
	expect_text(&dest, -EINVAL, "", "refuses the server's address");
	expect_text(&dest, -ENOMEM, "said the kernel",
		    "out of memory (said the kernel)");
	expect_text(&dest, -EINVAL, "the weight is too large",
		    "the weight is too large");
	expect_text(&service, -EAFNOSUPPORT, "", "IPv6");
	expect_text(&service, -EXDEV, "", "Invalid cross-device link");
	t.dests[0].rip.addr.family = AF_INET6;
	expect_text(&dest, -EINVAL, "", "synchronisation daemon");
	strcpy(t.services[0].pe_name, "sip");
	expect_text(&service, -ENOENT, "", "modprobe ip_vs_pe_sip");
	table_free(&t);
}
