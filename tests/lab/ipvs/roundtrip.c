/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A program that drives ipvs/ against a real kernel, for the lab. It runs in a
 * network namespace of its own; what it needs to be told is its first argument.
 * It is quiet and ends with 0 if all is well.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "roundtrip.h"

void give_up(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

struct ipvs_backend *open_kernel(void)
{
	struct ipvs_backend *backend;
	char text[IPVS_TEXT_MAX];

	if (ipvs_netlink_open(&backend, text) < 0)
		give_up("%s", text);
	return backend;
}

/* Read all, but what belongs to others may be missed. */
static void make_plan(struct ipvs_backend *backend, const struct table *desired,
		      const struct ipvs_keys *owned, struct table *actual,
		      struct ipvs_plan *plan)
{
	int err = ipvs_dump(backend, NULL, NULL, actual);

	if (err == 0)
		err = ipvs_confirm_absent(backend, owned, desired, actual);
	if (err < 0)
		give_up("reading the table: %s", strerror(-err));
	err = ipvs_diff(actual, desired, owned, plan);
	if (err < 0)
		give_up("comparing tables: %s", strerror(-err));
}

void bring_to(struct ipvs_backend *backend, struct table *desired,
	      const struct ipvs_keys *owned, struct ipvs_report *report)
{
	struct table actual = { 0 };
	struct ipvs_plan plan = { 0 };
	int err;

	if (ipvs_sort_table(desired, NULL) < 0)
		give_up("the wanted table has duplicates");
	make_plan(backend, desired, owned, &actual, &plan);
	err = ipvs_apply(backend, &plan, report);
	if (err < 0)
		give_up("applying the plan: %s", strerror(-err));
	ipvs_plan_free(&plan);
	table_free(&actual);
}

size_t distance(struct ipvs_backend *backend, const struct table *desired,
		bool foreign_too)
{
	char text[IPVS_CHANGE_TEXT_MAX];
	struct table actual = { 0 };
	struct ipvs_plan plan = { 0 };
	struct ipvs_keys owned = { 0 };
	size_t nr;

	make_plan(backend, desired, NULL, &actual, &plan);
	if (foreign_too)
		ipvs_keys_add_table(&owned, &actual);
	ipvs_keys_sort(&owned);
	if (ipvs_diff(&actual, desired, &owned, &plan) < 0)
		give_up("comparing tables");
	for (nr = 0; nr < plan.nr && nr < 10; nr++)
		fprintf(stderr, "differs: %s\n",
			ipvs_change_format(&plan.changes[nr], text,
					   sizeof(text)));
	nr = plan.nr;
	ipvs_keys_free(&owned);
	ipvs_plan_free(&plan);
	table_free(&actual);
	return nr;
}

struct table_service *add_service(struct table *table, uint32_t number)
{
	struct table_service *svc = table_add_service(table);

	svc->key.family = AF_INET;
	svc->key.protocol = IPPROTO_TCP;
	svc->key.vip.addr.family = AF_INET;
	svc->key.vip.addr.v4.s_addr = htonl(0x0a000001 + number);
	svc->key.vip.port = 3306;
	strcpy(svc->scheduler, "rr");
	svc->prefix = 32;
	return svc;
}

struct table_dest *add_dest(struct table *table, uint32_t number)
{
	struct table_dest *dest = table_add_dest(table);

	dest->rip.addr.family = AF_INET;
	dest->rip.addr.v4.s_addr = htonl(0xac100001 + number);
	dest->rip.port = 3306;
	dest->forward = FORWARD_DR;
	dest->weight = 1;
	return dest;
}

/* Everything at once, then nothing, and the same table in ipvsadm's words. */
static void run_matrix(struct ipvs_backend *backend, bool alone)
{
	struct ipvs_report report = { 0 };
	struct table desired = { 0 };
	size_t i;

	matrix_build(&desired);
	bring_to(backend, &desired, NULL, &report);
	for (i = 0; i < report.nr_failures && i < 10; i++)
		fprintf(stderr, "change %zu: %s %s\n",
			report.failures[i].change,
			strerror(-report.failures[i].error),
			report.failures[i].text);
	if (report.nr_failures || report.skipped || report.unknown)
		give_up("%zu changes failed", report.nr_failures);
	if (distance(backend, &desired, alone))
		give_up("what was read back is not what was sent");
	matrix_print(&desired);
	table_free(&desired);
	ipvs_report_free(&report);
}

static void run_remove(struct ipvs_backend *backend)
{
	struct ipvs_report report = { 0 };
	struct ipvs_keys owned = { 0 };
	struct table desired = { 0 };

	matrix_build(&desired);
	ipvs_keys_add_table(&owned, &desired);
	ipvs_keys_sort(&owned);
	table_clear(&desired);
	bring_to(backend, &desired, &owned, &report);
	if (report.nr_failures || report.held)
		give_up("%zu removals failed", report.nr_failures);
	ipvs_keys_free(&owned);
	table_free(&desired);
	ipvs_report_free(&report);
}

static void run_info(struct ipvs_backend *backend)
{
	struct ipvs_timeouts timeouts = { .tcp = 1234, .udp = 99 }, seen;
	struct ipvs_info info;
	int err = ipvs_get_info(backend, &info);

	if (err < 0)
		give_up("information: %s", strerror(-err));
	err = ipvs_set_timeouts(backend, &timeouts);
	if (err < 0)
		give_up("setting timeouts: %s", strerror(-err));
	err = ipvs_get_timeouts(backend, &seen);
	if (err < 0)
		give_up("reading timeouts: %s", strerror(-err));
	printf("version %x size %u tcp %u tcpfin %u udp %u\n", info.version,
	       info.conn_tab_size, seen.tcp, seen.tcp_fin, seen.udp);
	timeouts.tcp = UINT32_MAX;
	err = ipvs_set_timeouts(backend, &timeouts);
	if (err != -EINVAL)
		give_up("an impossible timeout: %s", strerror(-err));
}

static void run_unknown_scheduler(struct ipvs_backend *backend)
{
	struct table_service *svc;
	struct table desired = { 0 };
	struct ipvs_change change = { .op = IPVS_NEW_SERVICE };
	struct ipvs_report report = { 0 };
	char text[IPVS_TEXT_MAX];

	svc = add_service(&desired, 0);
	strcpy(svc->scheduler, "twos");
	add_dest(&desired, 0);
	bring_to(backend, &desired, NULL, &report);
	if (report.nr_failures != 1 || report.skipped != 1 || report.reread)
		give_up("%zu failures, %zu skipped", report.nr_failures,
			report.skipped);
	change.service = svc;
	puts(ipvs_error_text(&change, report.failures[0].error,
			     report.failures[0].text, text));
	table_free(&desired);
	ipvs_report_free(&report);
}

static uint32_t number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (end == text || *end || value == 0 || value > 1000000)
		give_up("%s is no number of services or servers", text);
	return (uint32_t)value;
}

/* What needs no argument. */
static const struct {
	const char *name;
	void (*run)(struct ipvs_backend *backend);
} programs[] = {
	{ "remove", run_remove },	   { "info", run_info },
	{ "twos", run_unknown_scheduler }, { "errors", test_errors },
	{ "all-errors", test_all_errors }, { "module", test_module_reload },
	{ "stale", test_stale_plans },	   { "last", test_last_service },
	{ "misses", test_dump_misses },
};

static void run(struct ipvs_backend *backend, char **argv)
{
	const char *what = argv[1];
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strcmp(what, programs[i].name) == 0) {
			programs[i].run(backend);
			return;
		}
	if (strcmp(what, "matrix") == 0)
		run_matrix(backend, true);
	else if (strcmp(what, "matrix-beside") == 0)
		run_matrix(backend, false);
	else if (strcmp(what, "fill") == 0 && argv[2] && argv[3])
		bench_fill(backend, number(argv[2]), number(argv[3]));
	else
		give_up("do not know %s", what);
}

int main(int argc, char **argv)
{
	struct ipvs_backend *backend;

	if (argc < 2)
		give_up("usage: roundtrip WHAT [ARGUMENT...]");
	backend = open_kernel();
	run(backend, argv);
	ipvs_close(backend);
	return 0;
}
