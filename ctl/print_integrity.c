/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matrix of `integrity { }`, for people. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl/fields.h"
#include "ctl/print.h"
#include "lib/util.h"

static enum tone integrity_tone(const char *state)
{
	if (strcmp(state, "clean") == 0)
		return TONE_GOOD;
	if (strcmp(state, "corrupt") == 0)
		return TONE_BAD;
	return strcmp(state, "suspect") == 0 ? TONE_WARN : TONE_FAINT;
}

static void integrity_state_cell(struct grid *grid, size_t column,
				 struct json_object *way)
{
	const char *state = way ? field_text(way, "state") : "-";

	if (way && field_number(way, "bad") > 0)
		grid_cell(grid, column, integrity_tone(state), "%s (%lld bad)",
			  state, field_number(way, "bad"));
	else
		grid_cell(grid, column, integrity_tone(state), "%s", state);
}

/* "1.2 GB" */
static void integrity_bytes_cell(struct grid *grid, size_t column, double bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	size_t i;

	for (i = 0; bytes >= 1000 && i + 1 < ARRAY_SIZE(units); i++)
		bytes /= 1000;
	grid_cell(grid, column, TONE_PLAIN, i ? "%.1f %s" : "%.0f %s", bytes,
		  units[i]);
}

static const char *integrity_blame_words(const char *blame)
{
	static const char *const words[][2] = {
		{ "nobody", "-" },
		{ "server", "the server or its link" },
		{ "liar", "the server: its digest is wrong" },
		{ "stranger", "another server answers" },
		{ "balancer", "this balancer or its link" },
		{ "shared", "what both balancers share" },
		{ "untold", "this balancer, or what all servers share" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i][0], blame) == 0)
			return words[i][1];
	return blame;
}

static void integrity_why_cell(struct grid *grid, size_t column,
			       struct json_object *server)
{
	const char *blame = field_text(server, "blame");
	struct json_object *ways[] = { field(server, "direct"),
				       field(server, "client") };
	size_t i;

	if (strcmp(blame, "nobody") != 0) {
		grid_cell(grid, column, TONE_BAD, "%s",
			  integrity_blame_words(blame));
		return;
	}
	for (i = 0; i < ARRAY_SIZE(ways); i++)
		if (ways[i] && field(ways[i], "trouble")) {
			grid_cell(grid, column, TONE_WARN, "%s: %s",
				  i ? "clients' way" : "own address",
				  field_text(ways[i], "trouble"));
			return;
		}
	grid_cell(grid, column, TONE_FAINT, "-");
}

static void integrity_server_row(struct grid *grid, struct json_object *server)
{
	struct json_object *direct = field(server, "direct"),
			   *client = field(server, "client");
	const char *other = field_text(server, "other");
	double bytes = 0;
	char since[32];

	if (direct)
		bytes += (double)field_number(direct, "bytes");
	if (client)
		bytes += (double)field_number(client, "bytes");
	grid_row(grid);
	grid_cell(grid, 0, TONE_HEAD, "%s", field_text(server, "address"));
	integrity_state_cell(grid, 1, direct);
	integrity_state_cell(grid, 2, client);
	grid_cell(grid, 3, integrity_tone(other), "%s", other);
	integrity_bytes_cell(grid, 4, bytes);
	grid_cell(grid, 5, TONE_FAINT, "%s",
		  direct ? field_age(direct, "since_s", since, sizeof(since)) :
			   "-");
	integrity_why_cell(grid, 6, server);
}

/* Lines of 16 bytes, each as sent and as it came back, with signs below. */
static void integrity_print_window(const struct output *output,
				   struct json_object *last)
{
	const char *sent = field_text(last, "sent"),
		   *got = field_text(last, "got");
	size_t length = strlen(sent), at, i;
	char line[2][64];

	if (length != strlen(got) || length % 2)
		return;
	for (at = 0; at < length; at += 32) {
		size_t end = at + 32 < length ? at + 32 : length;
		size_t used = 0;

		if (memcmp(sent + at, got + at, end - at) == 0)
			continue;
		for (i = at; i < end; i += 2, used += 3) {
			snprintf(line[0] + used, 4, " %.2s", sent + i);
			snprintf(line[1] + used, 4, " %.2s", got + i);
		}
		printf("    byte %lld\n      sent",
		       field_number(last, "window_at") + (long long)at / 2);
		output_text(output, TONE_PLAIN, line[0]);
		printf("\n      got ");
		output_text(output, TONE_BAD, line[1]);
		putchar('\n');
	}
}

static void integrity_print_mismatch(const struct output *output,
				     struct json_object *server)
{
	struct json_object *last = field(server, "mismatch");
	char ago[48];

	if (!last)
		return;
	printf("  %s: the last mismatch was %s, on %s, changed %s:\n"
	       "    %lld bytes of %lld, over %lld from byte %lld on\n",
	       field_text(server, "address"),
	       field_ago(last, "when_s", ago, sizeof(ago)),
	       strcmp(field_text(last, "way"), "client") == 0 ?
		       "the clients' way" :
		       "the way to its own address",
	       field_text(last, "changed"), field_number(last, "differing"),
	       field_number(last, "size"), field_number(last, "span"),
	       field_number(last, "offset"));
	integrity_print_window(output, last);
}

/* Returns whether somebody is to blame. */
static bool integrity_print_pool(const struct output *output,
				 struct json_object *pool)
{
	static const char *const words[] = { "SERVER",	     "OWN ADDRESS",
					     "CLIENTS' WAY", "OTHER BALANCER",
					     "BYTES",	     "SINCE",
					     "TO BLAME" };
	struct json_object *servers = field(pool, "servers");
	const char *blame = field_text(pool, "blame");
	bool trouble = strcmp(blame, "nobody") != 0;
	size_t nr = servers ? json_object_array_length(servers) : 0, i;
	struct grid grid;

	output_text(output, TONE_HEAD, field_text(pool, "virtual_server"));
	putchar('\n');
	if (trouble) {
		fputs("  to blame: ", stdout);
		output_text(output, TONE_BAD, integrity_blame_words(blame));
		if (field_flag(pool, "only_forwarded"))
			fputs(", the forwarding alone", stdout);
		putchar('\n');
	}
	grid_init(&grid, ARRAY_SIZE(words), 1u << 4);
	grid_row(&grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(&grid, i, TONE_HEAD, "%s", words[i]);
	for (i = 0; i < nr; i++) {
		struct json_object *one = json_object_array_get_idx(servers, i);

		integrity_server_row(&grid, one);
		trouble |= strcmp(field_text(one, "blame"), "nobody") != 0;
	}
	grid_print(&grid, output, 2);
	grid_free(&grid);
	for (i = 0; i < nr; i++)
		integrity_print_mismatch(output,
					 json_object_array_get_idx(servers, i));
	return trouble;
}

int print_integrity(const struct output *output, struct json_object *answer)
{
	struct json_object *pools = field(answer, "pools");
	size_t nr = pools ? json_object_array_length(pools) : 0, i;
	bool trouble = false;

	if (nr == 0)
		puts("No virtual_server of the configuration has 'integrity'.");
	for (i = 0; i < nr; i++)
		trouble |= integrity_print_pool(
			output, json_object_array_get_idx(pools, i));
	return trouble;
}
