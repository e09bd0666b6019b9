/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/simulate.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define SIMULATE_FILE_MAX (1024 * 1024)
#define SIMULATE_COLUMNS 72

struct simulate {
	struct simulate_record record;
	bool quiet; /* no timeline */
	uint64_t failed;
};

static const char *const what_names[SIMULATE_WHATS] = {
	[SIMULATE_WEIGHT] = "weight",
	[SIMULATE_CONNECTIONS] = "connections",
	[SIMULATE_RUNNING] = "running queries",
};

const char *simulate_what_name(enum simulate_what what)
{
	return what_names[what];
}

static size_t simulate_value_index(const struct simulate_record *record,
				   enum simulate_what what, uint32_t second,
				   uint32_t server)
{
	return ((size_t)what * record->room + second) * record->servers +
	       server;
}

float simulate_value(const struct simulate_record *record,
		     enum simulate_what what, uint32_t second, uint32_t server)
{
	return record
		->values[simulate_value_index(record, what, second, server)];
}

float simulate_highest(const struct simulate_record *record,
		       enum simulate_what what)
{
	float highest = 1;
	uint32_t t, i;

	for (t = 0; t < record->seconds; t++)
		for (i = 0; i < record->servers; i++)
			if (simulate_value(record, what, t, i) > highest)
				highest = simulate_value(record, what, t, i);
	return highest;
}

static void simulate_event(void *arg, usec_t at, const char *text)
{
	struct simulate *self = arg;
	struct simulate_record *record = &self->record;

	record->events = array_grow(record->events, record->nr_events,
				    &record->room_events,
				    sizeof(*record->events));
	record->events[record->nr_events].at = at;
	record->events[record->nr_events++].text = xstrdup(text);
	if (!self->quiet)
		printf("%8.2f s  %s\n", (double)at / USEC_PER_SEC, text);
}

static void simulate_second(void *arg, const struct sim *sim)
{
	struct simulate *self = arg;
	struct simulate_record *record = &self->record;
	uint32_t t = record->seconds, i;

	self->failed = sim_failed(sim);
	if (t == record->room)
		return;
	for (i = 0; i < record->servers; i++) {
		struct sim_sample sample;

		sim_sample(sim, i, &sample);
		record->values[simulate_value_index(record, SIMULATE_WEIGHT, t,
						    i)] = (float)sample.weight;
		record->values[simulate_value_index(
			record, SIMULATE_CONNECTIONS, t, i)] =
			(float)sample.connections;
		record->values[simulate_value_index(record, SIMULATE_RUNNING, t,
						    i)] = (float)sample.running;
	}
	record->seconds++;
}

/* The caller frees it; NULL after a message. */
static char *simulate_read(const char *path)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *text;
	size_t used;

	if (!file) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return NULL;
	}
	text = xcalloc(SIMULATE_FILE_MAX, 1);
	used = fread(text, 1, SIMULATE_FILE_MAX, file);
	if (ferror(file) || used == SIMULATE_FILE_MAX ||
	    memchr(text, '\0', used)) {
		fprintf(stderr, "%s: %s\n", path,
			ferror(file) ? strerror(errno) :
				       "not a scenario, or too long");
		free(text);
		text = NULL;
	}
	if (file != stdin && fclose(file) != 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		free(text);
		text = NULL;
	}
	return text;
}

static int simulate_write_svg(const struct simulate_record *record,
			      const char *path)
{
	FILE *out = fopen(path, "we");
	bool failed;

	if (!out) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	simulate_plot_svg(record, out);
	failed = ferror(out) != 0;
	if (fclose(out) != 0 || failed) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	return 0;
}

static int simulate_show(const struct sim_script *script, uint64_t seed,
			 bool quiet, const char *svg)
{
	struct simulate self = { .quiet = quiet };
	struct simulate_record *record = &self.record;
	struct sim_watcher watcher = { .event = simulate_event,
				       .second = simulate_second,
				       .arg = &self };
	int status = 0;
	size_t i;

	record->title = sim_script_title(script);
	record->servers = sim_script_servers(script);
	record->room = (uint32_t)(sim_script_until(script) / USEC_PER_SEC) + 1;
	record->values =
		xcalloc((size_t)SIMULATE_WHATS * record->room * record->servers,
			sizeof(*record->values));
	if (record->title[0])
		printf("%s\n\n", record->title);
	sim_run(script, seed, &watcher);
	printf("\n");
	simulate_plot_text(record, SIMULATE_COLUMNS, stdout);
	printf("\n%llu connects and queries failed\n",
	       (unsigned long long)self.failed);
	if (svg)
		status = simulate_write_svg(record, svg);
	for (i = 0; i < record->nr_events; i++)
		free(record->events[i].text);
	free(record->events);
	free(record->values);
	return status;
}

static int simulate_usage(void)
{
	fprintf(stderr,
		"usage: evenkeel simulate [--svg FILE] [--seed N] [--quiet] "
		"SCENARIO\n"
		"SCENARIO is a file, or - for standard input; its language is "
		"in evenkeel-scenario(5)\n");
	return 64;
}

int simulate_main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "svg", required_argument, NULL, 's' },
		{ "seed", required_argument, NULL, 'r' },
		{ "quiet", no_argument, NULL, 'q' },
		{ NULL, 0, NULL, 0 },
	};
	char error[SIM_ERROR_MAX], *text, *svg = NULL;
	struct sim_script *script = NULL;
	bool quiet = false;
	uint64_t seed = 1;
	int option, status = 1;

	while ((option = getopt_long(argc, argv, "q", options, NULL)) != -1) {
		if (option == 's')
			svg = optarg;
		else if (option == 'r')
			seed = strtoull(optarg, NULL, 10);
		else if (option == 'q')
			quiet = true;
		else
			return simulate_usage();
	}
	if (optind + 1 != argc)
		return simulate_usage();
	text = simulate_read(argv[optind]);
	if (!text)
		return 1;
	if (sim_script_parse(text, &script, error) == 0)
		status = simulate_show(script, seed, quiet, svg);
	else
		fprintf(stderr, "%s: %s\n", argv[optind], error);
	sim_script_free(script);
	free(text);
	return status;
}
