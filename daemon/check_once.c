/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/check_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "balance/balance.h"
#include "daemon/configuration.h"
#include "daemon/life.h"
#include "daemon/options.h"
#include "daemon/proc/script.h"
#include "daemon/checker_proc.h"

/* keepalived's exit statuses of -t */
#define EXIT_CANNOT_RUN 4
#define EXIT_FAULTS 5

/* Extra time for the checker's start on a loaded host. */
#define PROBE_START (10 * USEC_PER_SEC)

struct probe {
	struct loop *loop;
	const struct conf *conf;
	struct balance *balance;
	struct scripts *scripts;
	struct checker_proc *checker;
	struct loop_timer limit;
	bool *answered; /* for each check, and so below */
	usec_t *lag; /* if above max_lag; else 0 */
	uint32_t nr_answered;
	bool terminal; /* progress is shown */
	bool well; /* no result needs a person's attention */
};

static void check_once_probe_progress(const struct probe *probe)
{
	if (probe->terminal)
		fprintf(stderr, "\r%u of %u checks done", probe->nr_answered,
			probe->conf->nr_checks);
}

/* The lag above max_lag, else 0: a lag fails the server, not the probe. */
static usec_t check_once_probe_lag(const struct conf_check *check,
				   const struct verdict *verdict)
{
	if (check->traits.max_lag == 0 || !(verdict->facts.have & FACT_LAG) ||
	    verdict->facts.lag <= check->traits.max_lag)
		return 0;
	return verdict->facts.lag;
}

static void check_once_probe_verdict(void *arg, const struct verdict *verdict)
{
	struct probe *probe = arg;

	balance_verdict(probe->balance, verdict, loop_now(probe->loop));
	if (verdict->check >= probe->conf->nr_checks ||
	    probe->answered[verdict->check])
		return;
	probe->answered[verdict->check] = true;
	probe->lag[verdict->check] = check_once_probe_lag(
		&probe->conf->checks[verdict->check], verdict);
	probe->nr_answered++;
	check_once_probe_progress(probe);
	if (probe->nr_answered == probe->conf->nr_checks)
		loop_stop(probe->loop);
}

static void check_once_probe_give_up(struct loop_timer *timer)
{
	struct probe *probe = container_of(timer, struct probe, limit);

	loop_stop(probe->loop);
}

/* The time within which the slowest check must have ended. */
static usec_t check_once_probe_limit(const struct conf *conf)
{
	usec_t limit = 0;
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		const struct conf_check *check = &conf->checks[i];
		usec_t wait = check->warmup > USEC_PER_SEC ? check->warmup :
							     USEC_PER_SEC;

		if (wait + check->timeout > limit)
			limit = wait + check->timeout;
	}
	return limit + PROBE_START;
}

static int check_once_probe_run(struct probe *probe,
				const struct config *config)
{
	int error;

	probe->scripts = scripts_new(probe->loop);
	probe->checker = checker_proc_new(probe->loop, probe->scripts, NULL,
					  check_once_probe_verdict, probe);
	checker_proc_configure(probe->checker, config);
	loop_timer_init(probe->loop, &probe->limit, check_once_probe_give_up);
	loop_timer_set(&probe->limit,
		       clock_now() + check_once_probe_limit(probe->conf));
	check_once_probe_progress(probe);
	error = loop_run(probe->loop);
	loop_timer_clear(&probe->limit);
	checker_proc_free(probe->checker);
	scripts_free(probe->scripts);
	if (probe->terminal)
		fputs("\r\033[K", stderr);
	return error;
}

static void check_once_probe_print_check(struct probe *probe, uint32_t server,
					 uint32_t check)
{
	const struct conf_server *conf = &probe->conf->servers[server];
	struct balance_check_view view;
	const struct outcome_info *info;
	char addr[ENDPOINT_TEXT_MAX];
	bool good;

	balance_view_check(probe->balance, check, clock_now(), &view);
	info = outcome_info(view.outcome);
	good = info->class == OUTCOME_GOOD && probe->lag[check] == 0;
	probe->well &= good;
	printf("  %-6s  %-21s  %-12s  ", good ? "ok" : "FAILED",
	       endpoint_format(&conf->addr, addr),
	       check_kind_name(probe->conf->checks[check].kind));
	if (!probe->answered[check])
		printf("no answer within the limit\n");
	else if (good)
		printf("%u.%03u ms\n", view.duration / 1000,
		       view.duration % 1000);
	else if (probe->lag[check] > 0)
		printf("replication lag %.6g s, limit %.6g s\n",
		       (double)probe->lag[check] / (double)USEC_PER_SEC,
		       (double)probe->conf->checks[check].traits.max_lag /
			       (double)USEC_PER_SEC);
	else
		printf("%s\n", view.text[0] ? view.text : info->text);
}

static void check_once_probe_print_headroom(struct probe *probe, uint32_t vs)
{
	struct balance_headroom room;
	char addr[ENDPOINT_TEXT_MAX];

	balance_view_headroom(probe->balance, vs, &room);
	if (room.servers == 0)
		return;
	printf("  headroom: %llu of %llu connections in use; survives the loss of "
	       "%d of %u servers, %d at the highest use seen; %u wanted\n",
	       (unsigned long long)room.used, (unsigned long long)room.room,
	       room.survives, room.servers, room.survives_peak, room.target);
	if (room.survives >= (int32_t)room.target)
		return;
	probe->well = false;
	if (room.worst < probe->conf->nr_servers)
		printf("  WARNING: if %u fail, %s needs %llu of its %u connections\n",
		       room.target,
		       endpoint_format(&probe->conf->servers[room.worst].addr,
				       addr),
		       (unsigned long long)room.worst_need, room.worst_max);
}

static void check_once_probe_print(struct probe *probe)
{
	uint32_t vs, server, use;

	for (vs = 0; vs < probe->conf->nr_virtual_servers; vs++) {
		const struct conf_virtual_server *conf =
			&probe->conf->virtual_servers[vs];

		printf("%s\n", conf->name);
		for (server = conf->first_server;
		     server < conf->first_server + conf->nr_servers; server++)
			for (use = 0;
			     use < probe->conf->servers[server].nr_uses; use++)
				check_once_probe_print_check(
					probe, server,
					probe->conf->servers[server]
						.uses[use]
						.check);
		check_once_probe_print_headroom(probe, vs);
	}
}

static int check_once_probe_config(struct config *config)
{
	struct probe probe = { .conf = config->conf, .well = true };
	struct table wanted = { 0 };
	uint32_t i;
	int error;

	/* A check answers only once here, so the first verdict must decide. */
	for (i = 0; i < config->conf->nr_checks; i++)
		config->conf->checks[i].rise = config->conf->checks[i].fall = 1;
	probe.loop = loop_new();
	if (!probe.loop) {
		fprintf(stderr, "evenkeeld: no event loop\n");
		return EXIT_CANNOT_RUN;
	}
	probe.terminal = isatty(STDERR_FILENO);
	probe.answered =
		xcalloc(config->conf->nr_checks + 1, sizeof(*probe.answered));
	probe.lag = xcalloc(config->conf->nr_checks + 1, sizeof(*probe.lag));
	probe.balance = balance_new(config->conf, clock_now());
	error = config->conf->nr_checks ? check_once_probe_run(&probe, config) :
					  0;
	balance_decide(probe.balance, clock_now(), &wanted);
	if (error == 0)
		check_once_probe_print(&probe);
	table_free(&wanted);
	balance_free(probe.balance);
	free(probe.answered);
	free(probe.lag);
	loop_free(probe.loop);
	if (error < 0)
		return EXIT_CANNOT_RUN;
	return probe.well ? EXIT_SUCCESS : EXIT_FAULTS;
}

int probe_main(const struct options *options)
{
	struct config *config;
	int status, found;

	if (config_load(options, NULL, conf_report_print, &config, &status) < 0)
		return status;
	log_init("evenkeeld", LOG_TO_STDERR, options->log_facility,
		 LOG_LEVEL_WARNING);
	found = life_enter_namespace(&config->conf->global) < 0 ?
			EXIT_CANNOT_RUN :
			check_once_probe_config(config);
	config_free(config);
	return found ? found : status;
}
