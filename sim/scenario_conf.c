/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a scenario to the configuration that the decision gets: a virtual server
 * with the scenario's own lines in it, read by the configuration's own reader.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim_internal.h"

/* Defaults of the model: those of the reference measurements. */
static const struct sim_script sim_defaults = {
	.servers = 8,
	.cores = 16,
	.max_connections = 1000,
	.service = 0.010,
	.cold = 10,
	.warm = 20000,
	.demand = 0.6,
	.held = true,
	.life = 60,
	.until = 300 * USEC_PER_SEC,
};

/* The caller frees it; NULL without memory. */
static char *conf_text(const struct sim_reader *reader)
{
	size_t length = 0;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);
	uint32_t i;

	if (!out)
		return NULL;
	fprintf(out, "virtual_server 192.0.2.1 3306 {\nlvs_method DR\n"
		     "protocol TCP\n");
	/* Defaults come first, so that the scenario can override them. */
	if (!strstr(reader->pool, "lvs_sched") &&
	    !strstr(reader->pool, "lb_algo"))
		fprintf(out, "lvs_sched wlc\n");
	if (!strstr(reader->pool, "delay_loop"))
		fprintf(out, "delay_loop 2\n");
	fprintf(out, "%s", reader->pool);
	for (i = 0; i < reader->script->servers; i++)
		fprintf(out,
			"real_server 10.0.%u.%u 3306 {\n%s"
			"MYSQL_CHECK {\nusername sim\n%s}\n}\n",
			(i + 1) >> 8, (i + 1) & 255, reader->server,
			reader->check);
	fprintf(out, "}\n");
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void conf_complain(struct conf_report *report,
			  const struct conf_message *message)
{
	struct sim_reader *reader = report->arg;

	if (message->severity == CONF_ERROR)
		sim_reader_fail(reader, "in the blocks: %s: %s",
				message->source ? message->source : "",
				message->text);
}

static void scenario_conf_script_settle(struct sim_reader *reader)
{
	struct sim_script *script = reader->script;
	struct conf_report report = { .say = conf_complain, .arg = reader };
	char *text;

	if (script->clients == 0)
		script->clients = script->servers * script->cores * 8;
	text = conf_text(reader);
	if (!text) {
		sim_reader_fail(reader, "out of memory");
		return;
	}
	if (conf_parse(text, strlen(text), NULL, &script->conf, &report) < 0)
		sim_reader_fail(reader, "the blocks are no configuration");
	free(text);
}

int sim_script_parse(const char *text, struct sim_script **script, char *error)
{
	struct sim_reader *reader = xcalloc(1, sizeof(*reader));
	int result = 0;

	reader->script = xcalloc(1, sizeof(*reader->script));
	*reader->script = sim_defaults;
	reader->error = error;
	error[0] = '\0';
	sim_reader_lines(reader, text);
	if (!reader->failed)
		scenario_conf_script_settle(reader);
	if (reader->failed) {
		sim_script_free(reader->script);
		result = -EINVAL;
	} else {
		*script = reader->script;
	}
	free(reader);
	return result;
}

void sim_script_free(struct sim_script *script)
{
	if (!script)
		return;
	conf_free(script->conf);
	free(script->orders);
	free(script);
}

uint32_t sim_script_servers(const struct sim_script *script)
{
	return script->servers;
}

const char *sim_script_title(const struct sim_script *script)
{
	return script->title;
}

usec_t sim_script_until(const struct sim_script *script)
{
	return script->until;
}
