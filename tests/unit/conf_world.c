/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void world_say(struct conf_report *report,
		      const struct conf_message *message)
{
	static const char *const names[] = { "note", "warning", "error" };
	FILE *out = report->arg;

	if (message->file)
		fprintf(out, "%u:%u ", message->line, message->column);
	fprintf(out, "%s: %s\n", names[message->severity], message->text);
}

struct world world_parse_options(const char *text, size_t length,
				 const struct conf_options *options)
{
	struct world world = { .report = { .say = world_say } };
	FILE *out = open_memstream(&world.said, &world.said_len);

	world.report.arg = out;
	conf_parse(text, length, options, &world.conf, &world.report);
	fclose(out);
	world.report.arg = NULL;
	return world;
}

struct world world_parse(const char *text, bool compat)
{
	struct conf_options options = { .compat = compat, .config_id = "here" };

	return world_parse_options(text, strlen(text), &options);
}

struct world world_read(const char *path, const struct conf_options *options)
{
	struct world world = { .report = { .say = world_say } };
	FILE *out = open_memstream(&world.said, &world.said_len);
	size_t length;
	char *text;

	world.report.arg = out;
	if (conf_read(path, options, &text, &length, &world.report) == 0)
		conf_parse(text, length, options, &world.conf, &world.report);
	free(text);
	fclose(out);
	world.report.arg = NULL;
	return world;
}

void world_free(struct world *world)
{
	conf_free(world->conf);
	free(world->said);
	memset(world, 0, sizeof(*world));
}

char *world_print(const struct conf *conf)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	conf_print(conf, out);
	fclose(out);
	return text;
}

char *world_service(const char *body, const char *server)
{
	char *text = NULL;

	if (asprintf(
		    &text,
		    "virtual_server 192.0.2.1 80 {\nlvs_sched rr\nlvs_method NAT\n"
		    "protocol TCP\n%s\nreal_server 192.0.2.2 8080 {\n%s\n}\n}\n",
		    body, server) < 0)
		abort();
	return text;
}

char *world_source(const char *path)
{
	const char *root = getenv("top_srcdir");
	char *full = NULL;

	if (!root)
		root = getenv("srcdir");
	if (asprintf(&full, "%s/%s", root ? root : ".", path) < 0)
		abort();
	return full;
}
