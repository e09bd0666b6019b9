/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How much one more server adds to the answer of main, and to a scrape. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/balance.h"
#include "conf_world.h"
#include "ctl/metrics.h"
#include "daemon/control/show.h"
#include "daemon/control/view.h"
#include "daemon/pair/mail_proc.h"
#include "daemon/control/probe_times.h"
#include "lib/history.h"
#include "lib/loop.h"

#define SERVERS_IN_POOL 50

struct sizes {
	size_t answer, scrape; /* bytes */
};

/* Virtual servers of SERVERS_IN_POOL servers, each with a check that logs in. */
static struct conf *scrape_conf(unsigned servers)
{
	struct world world;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	unsigned i;

	for (i = 0; i < servers; i++) {
		if (i % SERVERS_IN_POOL == 0)
			fprintf(out,
				"%svirtual_server 192.0.2.%u 3306 {\n"
				"lvs_sched wlc\nlvs_method DR\nprotocol TCP\n",
				i ? "}\n" : "", 1 + i / SERVERS_IN_POOL);
		fprintf(out,
			"real_server 10.0.%u.%u 3306 {\n"
			"MYSQL_CHECK {\nusername check\npassword secret\n}\n}\n",
			100 + i / 100, 100 + i % 100);
	}
	fputs("}\n", out);
	fclose(out);
	world = world_parse(text, false);
	cr_assert(world.conf, "%s", world.said);
	free(world.said);
	free(text);
	return world.conf;
}

/* Each server is up and a replica, so that everything is known of it. */
static void scrape_say(struct balance *balance, struct probe_times *times,
		       uint32_t checks, usec_t now)
{
	struct verdict verdict = {
		.outcome = PROBE_OK,
		.when = now,
		.duration = 1234,
		.facts = { .have = FACT_LAG | FACT_READ_ONLY | FACT_IS_REPLICA |
				   FACT_CHANNELS | FACT_MAX_CONNECTIONS |
				   FACT_WAIT_TIMEOUT,
			   .lag = USEC_PER_SEC,
			   .is_replica = 1,
			   .read_only = 1,
			   .channels = 1,
			   .max_connections = 151,
			   .wait_timeout = 28800 },
	};

	for (verdict.check = 0; verdict.check < checks; verdict.check++) {
		balance_verdict(balance, &verdict, now);
		probe_times_add(times, verdict.check, verdict.duration);
	}
}

static size_t scrape_metrics(struct json_object *status)
{
	struct metrics_source source = { .status = status,
					 .now = 1795813919.123456 };
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	metrics_print(out, &source, true, NULL);
	fclose(out);
	free(text);
	return size;
}

static struct sizes scrape_sizes(unsigned servers)
{
	usec_t now = 1000 * USEC_PER_SEC;
	struct conf *conf = scrape_conf(servers);
	struct balance *balance = balance_new(conf, now);
	struct probe_times *times = probe_times_new(conf, NULL, NULL);
	struct loop *loop = loop_new();
	struct history *history = history_new();
	struct mail_proc *mail = mail_proc_new(loop, history);
	struct table wanted = { 0 };
	struct view view = { .now = now + 1234567,
			     .started = now,
			     .conf = conf,
			     .probe_times = times,
			     .balance = balance,
			     .actual = &wanted,
			     .mail = mail };
	struct json_object *status;
	struct sizes sizes;

	scrape_say(balance, times, conf->nr_checks, now);
	balance_decide(balance, now, &wanted);
	status = show_status(&view);
	sizes.answer = strlen(
		json_object_to_json_string_ext(status, JSON_C_TO_STRING_PLAIN));
	sizes.scrape = scrape_metrics(status);
	json_object_put(status);
	probe_times_free(times);
	mail_proc_free(mail);
	history_free(history);
	loop_free(loop);
	table_free(&wanted);
	balance_free(balance);
	conf_free(conf);
	return sizes;
}

/*
 * The bounds are what both were before probes had histograms. The
 * figures of virtual servers count along, as one is shared by many servers.
 */
Test(scrape, a_server_is_a_few_lines_of_it)
{
	struct sizes few = scrape_sizes(SERVERS_IN_POOL),
		     many = scrape_sizes(11 * SERVERS_IN_POOL);
	size_t servers = 10 * SERVERS_IN_POOL;

	cr_expect_leq((many.scrape - few.scrape) / servers, 3256,
		      "%zu bytes of a scrape for each server",
		      (many.scrape - few.scrape) / servers);
	cr_expect_leq((many.answer - few.answer) / servers, 730,
		      "%zu bytes of the answer for each server",
		      (many.answer - few.answer) / servers);
}
