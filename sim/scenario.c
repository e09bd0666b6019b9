/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scenario language: a line is a sentence, '#' begins a comment.
 *
 *	title TEXT
 *	servers N			s1 to sN
 *	cores N, service MS, cold TIMES, warm QUERIES, max_connections N
 *	demand N%			of the capacity of all servers when warm
 *	clients held [COUNT] [life S] | clients short
 *	pool {				lines of a virtual_server block
 *	}
 *	server {			lines of each real_server block
 *	}
 *	check {				lines of its MYSQL_CHECK block
 *	}
 *	at S ORDER SERVER		SERVER: s3, or all
 *	until S
 *
 * The lines of the three blocks go to the configuration's own reader, so a
 * scenario configures the daemon in the daemon's own language.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/sim_internal.h"

#define WORDS_MAX 8

void sim_reader_fail(struct sim_reader *reader, const char *fmt, ...)
{
	va_list ap;
	int used;

	if (reader->failed)
		return;
	reader->failed = true;
	used = snprintf(reader->error, SIM_ERROR_MAX,
			"line %u: ", reader->line);
	va_start(ap, fmt);
	vsnprintf(reader->error + used, SIM_ERROR_MAX - (size_t)used, fmt, ap);
	va_end(ap);
}

/* A number of at least LEAST and at most MOST, with UNIT ("" or "%") behind. */
static double scenario_reader_number(struct sim_reader *reader,
				     const char *word, const char *unit,
				     double least, double most)
{
	char *end = NULL;
	double value;

	if (!word) {
		sim_reader_fail(reader, "a number is missing");
		return least;
	}
	value = strtod(word, &end);
	if (end == word || (*end && strcmp(end, unit) != 0) ||
	    !(value >= least && value <= most)) {
		sim_reader_fail(reader, "'%s' is not a number from %g to %g%s",
				word, least, most, unit);
		return least;
	}
	return value;
}

static uint32_t scenario_reader_who(struct sim_reader *reader, const char *word)
{
	const struct sim_script *script = reader->script;

	if (!word) {
		sim_reader_fail(reader,
				"a server is missing: s1 to s%u, or all",
				script->servers);
		return SIM_ALL;
	}
	if (strcmp(word, "all") == 0)
		return SIM_ALL;
	if (word[0] != 's') {
		sim_reader_fail(reader, "'%s' is no server: s1 to s%u, or all",
				word, script->servers);
		return SIM_ALL;
	}
	return (uint32_t)scenario_reader_number(reader, word + 1, "", 1,
						script->servers) -
	       1;
}

static const struct {
	const char *word;
	enum sim_verb verb;
	bool number; /* a number follows the server */
} verbs[] = {
	{ "stop", SIM_STOP, false },
	{ "start", SIM_BEGIN, false },
	{ "hang", SIM_HANG, false },
	{ "resume", SIM_RESUME, false },
	{ "lag", SIM_LAG, true },
	{ "fall_behind", SIM_LAG_RISES, false },
	{ "catch_up", SIM_LAG_FALLS, true },
	{ "lose_source", SIM_SOURCE_LOST, false },
	{ "find_source", SIM_SOURCE_BACK, false },
	{ "wrong_role", SIM_ROLE, false },
	{ "wrong_password", SIM_MISCONFIGURED, false },
	{ "fine", SIM_FINE, false },
	{ "drain", SIM_DRAIN, false },
	{ "ready", SIM_READY, false },
	{ "disable", SIM_DISABLE, false },
};

static void scenario_reader_add(struct sim_reader *reader,
				struct sim_order order)
{
	struct sim_script *script = reader->script;

	if (script->nr_orders &&
	    order.at < script->orders[script->nr_orders - 1].at)
		sim_reader_fail(reader, "the times must rise");
	script->orders = array_grow(script->orders, script->nr_orders,
				    &script->room_orders, sizeof(order));
	script->orders[script->nr_orders++] = order;
}

static void scenario_read_at(struct sim_reader *reader, char **words,
			     size_t count)
{
	struct sim_order order = { .line = reader->line, .server = SIM_ALL };
	size_t i;

	order.at =
		(usec_t)(scenario_reader_number(reader, words[1], "", 0, 1e6) *
			 USEC_PER_SEC);
	if (count > 2 && strcmp(words[2], "demand") == 0) {
		order.verb = SIM_DEMAND;
		order.number =
			scenario_reader_number(reader, words[3], "%", 0, 1000) /
			100;
		scenario_reader_add(reader, order);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (count < 3 || strcmp(words[2], verbs[i].word) != 0)
			continue;
		order.verb = verbs[i].verb;
		order.server = scenario_reader_who(reader, words[3]);
		if (verbs[i].number)
			order.number = scenario_reader_number(reader, words[4],
							      "", 0, 1e6);
		scenario_reader_add(reader, order);
		return;
	}
	sim_reader_fail(reader, "'%s' is nothing that can happen",
			count > 2 ? words[2] : "");
}

static void scenario_read_clients(struct sim_reader *reader, char **words,
				  size_t count)
{
	struct sim_script *script = reader->script;
	size_t i;

	if (count == 2 && strcmp(words[1], "short") == 0) {
		script->held = false;
		return;
	}
	if (count < 2 || strcmp(words[1], "held") != 0) {
		sim_reader_fail(reader, "clients are 'held' or 'short'");
		return;
	}
	script->held = true;
	for (i = 2; i < count; i++) {
		if (strcmp(words[i], "life") == 0)
			script->life = scenario_reader_number(
				reader, words[++i], "", 0.1, 1e6);
		else
			script->clients = (uint32_t)scenario_reader_number(
				reader, words[i], "", 1, 1e6);
	}
}

/* Keywords with one number. */
static bool scenario_read_number(struct sim_reader *reader, char **words)
{
	struct sim_script *script = reader->script;
	const char *word = words[0], *value = words[1];

	if (strcmp(word, "servers") == 0)
		script->servers = (uint32_t)scenario_reader_number(
			reader, value, "", 1, SIM_SERVERS_MAX);
	else if (strcmp(word, "cores") == 0)
		script->cores = (uint32_t)scenario_reader_number(reader, value,
								 "", 1, 1024);
	else if (strcmp(word, "max_connections") == 0)
		script->max_connections = (uint32_t)scenario_reader_number(
			reader, value, "", 1, 1e6);
	else if (strcmp(word, "service") == 0)
		script->service =
			scenario_reader_number(reader, value, "ms", 0.1, 1e5) /
			1000;
	else if (strcmp(word, "cold") == 0)
		script->cold =
			scenario_reader_number(reader, value, "", 1, 1000);
	else if (strcmp(word, "warm") == 0)
		script->warm =
			scenario_reader_number(reader, value, "", 1, 1e9);
	else if (strcmp(word, "demand") == 0)
		script->demand =
			scenario_reader_number(reader, value, "%", 0, 1000) /
			100;
	else if (strcmp(word, "until") == 0)
		script->until = (usec_t)(scenario_reader_number(reader, value,
								"", 1, 1e5) *
					 USEC_PER_SEC);
	else
		return false;
	return true;
}

static char *scenario_reader_block(struct sim_reader *reader, const char *word)
{
	if (strcmp(word, "pool") == 0)
		return reader->pool;
	if (strcmp(word, "server") == 0)
		return reader->server;
	return strcmp(word, "check") == 0 ? reader->check : NULL;
}

static void scenario_read_sentence(struct sim_reader *reader, char *line)
{
	struct sim_script *script = reader->script;
	char *words[WORDS_MAX + 1] = { NULL }, *save = NULL, *word;
	size_t count = 0;

	if (strncmp(line, "title ", 6) == 0) {
		text_copy_printable(script->title, sizeof(script->title),
				    line + 6, strlen(line + 6));
		return;
	}
	for (word = strtok_r(line, " \t\r", &save); word && count < WORDS_MAX;
	     word = strtok_r(NULL, " \t\r", &save))
		words[count++] = word;
	if (count == 0)
		return;
	if (count == 2 && strcmp(words[1], "{") == 0) {
		reader->block = scenario_reader_block(reader, words[0]);
		if (!reader->block)
			sim_reader_fail(reader, "'%s' is no block", words[0]);
	} else if (strcmp(words[0], "at") == 0) {
		scenario_read_at(reader, words, count);
	} else if (strcmp(words[0], "clients") == 0) {
		scenario_read_clients(reader, words, count);
	} else if (!scenario_read_number(reader, words)) {
		sim_reader_fail(reader, "'%s' is unknown", words[0]);
	}
}

/* A block ends with its own closing brace: inner blocks may be open. */
static void scenario_read_block_line(struct sim_reader *reader,
				     const char *line, int *depth)
{
	size_t used = strlen(reader->block);
	const char *c;

	for (c = line; *c; c++) {
		*depth += *c == '{';
		*depth -= *c == '}';
	}
	if (*depth <= 0) {
		reader->block = NULL;
		return;
	}
	if (used + strlen(line) + 2 > SIM_BLOCK_MAX) {
		sim_reader_fail(reader, "the block is too long");
		return;
	}
	memcpy(reader->block + used, line, strlen(line));
	reader->block[used + strlen(line)] = '\n';
	reader->block[used + strlen(line) + 1] = '\0';
}

void sim_reader_lines(struct sim_reader *reader, const char *text)
{
	int depth = 0;

	while (*text && !reader->failed) {
		size_t length = strcspn(text, "\n");
		char line[512];

		reader->line++;
		if (length >= sizeof(line)) {
			sim_reader_fail(reader, "the line is too long");
			return;
		}
		memcpy(line, text, length);
		line[length] = '\0';
		text += length + (text[length] == '\n');
		line[strcspn(line, "#")] = '\0';
		if (reader->block) {
			scenario_read_block_line(reader, line, &depth);
			continue;
		}
		depth = 1;
		scenario_read_sentence(reader, line);
	}
	if (reader->block)
		sim_reader_fail(reader, "a block is not closed");
}
