/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/dryrun.h"

#include <stdio.h>
#include <stdlib.h>

#include "balance/balance.h"
#include "daemon/configuration.h"
#include "daemon/kernel.h"
#include "daemon/life.h"
#include "daemon/options.h"
#include "daemon/probe_marks.h"
#include "daemon/describe_log.h"

static bool dryrun_reason(void *arg, const struct ipvs_change *change,
			  char *out, size_t size)
{
	out[0] = '\0'; /* no change is carried out, so none is logged */
	return false;
}

static void dryrun_print(const struct conf *conf, const struct balance *balance,
			 const struct ipvs_plan *plan, usec_t now)
{
	char what[IPVS_CHANGE_TEXT_MAX], why[512];
	struct balance_server_view view;
	uint32_t waiting = 0, i;
	size_t c;

	for (c = 0; c < plan->nr; c++) {
		describe_change(conf, balance, &plan->changes[c], now, why,
				sizeof(why));
		printf("%s\n    %s\n",
		       ipvs_change_format(&plan->changes[c], what,
					  sizeof(what)),
		       why);
	}
	for (i = 0; i < conf->nr_servers; i++) {
		balance_view_server(balance, i, &view);
		waiting += view.standing == STANDING_UNKNOWN;
	}
	printf("%zu changes to the kernel's table", plan->nr);
	if (waiting)
		printf("; %u servers wait for their first check", waiting);
	printf("\n");
}

int dryrun_main(struct options *options)
{
	struct config *config;
	struct balance *balance;
	struct kernel *kernel;
	struct probe_marks marks = { 0 };
	struct table wanted = { 0 };
	const struct table *actual;
	const struct ipvs_plan *plan = NULL;
	usec_t now = clock_now();
	char path[256];
	int status;

	if (config_load(options, NULL, conf_report_print, &config, &status) < 0)
		return status;
	if (life_enter_namespace(&config->conf->global) < 0) {
		config_free(config);
		return EXIT_FAILURE;
	}
	options_use_instance(options, config->conf->global.instance);
	balance = balance_new(config->conf, now);
	kernel = kernel_new_reader(options_run_path(options, "services", path,
						    sizeof(path)),
				   dryrun_reason, NULL);
	balance_decide(balance, now, &wanted);
	actual = kernel_read(kernel, &wanted);
	/*
	 * The first balance gave the services to read; the plan needs a fresh
	 * one.
	 */
	balance_free(balance);
	balance = balance_new(config->conf, now);
	if (actual) {
		balance_adopt(balance, actual, now);
		probe_marks_adopt(&marks, config->conf, actual,
				  kernel_owned(kernel));
		probe_marks_use(&marks, config->conf, actual,
				kernel_owned(kernel));
		balance_decide(balance, now, &wanted);
		probe_marks_add(&marks, &wanted);
		plan = kernel_plan(kernel, &wanted);
	}
	if (plan)
		dryrun_print(config->conf, balance, plan, now);
	else
		fputs("evenkeeld: the kernel's table cannot be read, so there is no plan\n",
		      stderr);
	table_free(&wanted);
	probe_marks_free(&marks);
	kernel_free(kernel);
	balance_free(balance);
	config_free(config);
	return plan ? EXIT_SUCCESS : EXIT_FAILURE;
}
