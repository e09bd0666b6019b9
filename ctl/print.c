/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/print.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"

static struct json_object *get(struct json_object *obj, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(obj, key, &value);
	return value;
}

static const char *get_text(struct json_object *obj, const char *key)
{
	const char *text = json_object_get_string(get(obj, key));

	return text ? text : "";
}

static long long get_number(struct json_object *obj, const char *key)
{
	return json_object_get_int64(get(obj, key));
}

static bool get_flag(struct json_object *obj, const char *key)
{
	return json_object_get_boolean(get(obj, key));
}

/* "3 s", "12 min", "5 h", "9 d": one number, one unit. */
static const char *age_text(double seconds, char *out, size_t size)
{
	static const struct {
		double unit;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (seconds >= 2 * units[i].unit) {
			snprintf(out, size, "%.0f %s", seconds / units[i].unit,
				 units[i].name);
			return out;
		}
	}
	snprintf(out, size, "%.*f s", seconds < 10 ? 1 : 0, seconds);
	return out;
}

static const char *get_age(struct json_object *obj, const char *key, char *out,
			   size_t size)
{
	struct json_object *value = get(obj, key);

	if (!value)
		snprintf(out, size, "-");
	else
		age_text(json_object_get_double(value), out, size);
	return out;
}

/* The same as part of a sentence: "3 s ago", "never". */
static const char *get_ago(struct json_object *obj, const char *key, char *out,
			   size_t size)
{
	char age[24];

	if (!get(obj, key))
		snprintf(out, size, "never");
	else
		snprintf(out, size, "%s ago",
			 get_age(obj, key, age, sizeof(age)));
	return out;
}

static enum tone state_tone(const char *state)
{
	static const struct {
		const char *state;
		enum tone tone;
	} known[] = { { "up", TONE_GOOD },	  { "down", TONE_BAD },
		      { "normal", TONE_GOOD },	  { "nothing", TONE_BAD },
		      { "starting", TONE_FAINT }, { "unknown", TONE_FAINT } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].state, state) == 0)
			return known[i].tone;
	return TONE_WARN;
}

static void weight_cell(struct grid *grid, size_t column,
			struct json_object *server)
{
	struct json_object *wanted = get(server, "weight_wanted");
	struct json_object *kernel = get(server, "weight_kernel");
	const char *is = kernel ? json_object_get_string(kernel) : "-";
	const char *shall = wanted ? json_object_get_string(wanted) : "-";

	if (strcmp(is, shall) == 0)
		grid_cell(grid, column, TONE_PLAIN, "%s", is);
	else
		grid_cell(grid, column, TONE_WARN, "%s (wanted %s)", is, shall);
}

static void server_row(struct grid *grid, struct json_object *server)
{
	const char *state = get_text(server, "state");
	char since[32];

	grid_row(grid);
	grid_cell(grid, 0, TONE_PLAIN, "%s", get_text(server, "address"));
	grid_cell(grid, 1, state_tone(state), "%s", state);
	grid_cell(grid, 2, TONE_FAINT, "%s",
		  get_age(server, "since_s", since, sizeof(since)));
	weight_cell(grid, 3, server);
	grid_cell(grid, 4, TONE_PLAIN, "%lld", get_number(server, "active"));
	grid_cell(grid, 5, TONE_PLAIN, "%lld", get_number(server, "inactive"));
	grid_cell(grid, 6, TONE_FAINT, "%s", get_text(server, "reason"));
}

static void head_row(struct grid *grid)
{
	static const char *const words[] = { "SERVER", "STATE",	 "SINCE",
					     "WEIGHT", "ACTIVE", "INACTIVE",
					     "WHY" };
	size_t i;

	grid_row(grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(grid, i, TONE_HEAD, "%s", words[i]);
}

static void print_virtual_server(const struct output *output,
				 struct json_object *vs)
{
	struct json_object *servers = get(vs, "servers"),
			   *sorry = get(vs, "sorry_server");
	const char *level = get_text(vs, "level");
	struct grid grid;
	size_t i;

	putchar('\n');
	output_text(output, TONE_HEAD, get_text(vs, "name"));
	printf("  %s  level ", get_text(vs, "scheduler"));
	output_text(output, state_tone(level), level);
	printf("  %lld of %zu up, %lld serving\n", get_number(vs, "up"),
	       servers ? json_object_array_length(servers) : 0,
	       get_number(vs, "serving"));
	grid_init(&grid, 7, 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5);
	head_row(&grid);
	for (i = 0; servers && i < json_object_array_length(servers); i++)
		server_row(&grid, json_object_array_get_idx(servers, i));
	grid_print(&grid, output, 2);
	grid_free(&grid);
	if (sorry)
		printf("  sorry server %s: %s\n", get_text(sorry, "address"),
		       get(sorry, "weight_kernel") ? "in the table" :
						     "not in the table");
}

static void print_daemon(const struct output *output,
			 struct json_object *daemon)
{
	struct json_object *checker = get(daemon, "checker"),
			   *kernel = get(daemon, "kernel");
	char up[32], spoke[32], audited[32];

	printf("evenkeeld %s, pid %lld, up %s, %s (generation %lld)%s\n",
	       get_text(daemon, "version"), get_number(daemon, "pid"),
	       get_age(daemon, "uptime_s", up, sizeof(up)),
	       get_text(daemon, "config_file"),
	       get_number(daemon, "generation"),
	       get_flag(daemon, "keepalived_compat") ? ", keepalived_compat" :
						       "");
	fputs("checker: ", stdout);
	if (!get_flag(checker, "running"))
		output_text(output, TONE_WARN, "not running");
	else
		printf("pid %lld, last heard %s, %lld verdicts",
		       get_number(checker, "pid"),
		       get_ago(checker, "spoke_s", spoke, sizeof(spoke)),
		       get_number(checker, "verdicts"));
	if (get_number(checker, "restarts"))
		printf(", %lld restarts", get_number(checker, "restarts"));
	if (get_number(checker, "stale_checks"))
		printf(", %lld checks are late",
		       get_number(checker, "stale_checks"));
	fputs("\nkernel: ", stdout);
	if (get_flag(kernel, "reached"))
		printf("%lld changes, %lld repairs, last compared %s\n",
		       get_number(kernel, "changes"),
		       get_number(kernel, "repairs"),
		       get_ago(kernel, "audited_s", audited, sizeof(audited)));
	else
		output_text(output, TONE_BAD,
			    "the table cannot be read; the log says why\n");
}

int print_status(const struct output *output, struct json_object *answer)
{
	struct json_object *list = get(answer, "virtual_servers");
	struct json_object *daemon = get(answer, "daemon");
	size_t i;

	print_daemon(output, daemon);
	for (i = 0; list && i < json_object_array_length(list); i++)
		print_virtual_server(output,
				     json_object_array_get_idx(list, i));
	return get_flag(get(daemon, "kernel"), "reached") ? 0 : 1;
}

int print_plan(const struct output *output, struct json_object *answer)
{
	struct json_object *list = get(answer, "changes");
	size_t i, count = list ? json_object_array_length(list) : 0;

	if (!get_flag(answer, "reached")) {
		fputs("evenkeel: the daemon cannot read the kernel's table; its log says why\n",
		      stderr);
		return 1;
	}
	for (i = 0; i < count; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		printf("%s\n    ", get_text(one, "change"));
		output_text(output, TONE_FAINT, get_text(one, "reason"));
		putchar('\n');
	}
	if (count == 0)
		puts("The kernel's table is as it should be: nothing to change.");
	return 0;
}

static void headroom_row(struct grid *grid, struct json_object *one)
{
	long long servers = get_number(one, "servers");
	long long survives = get_number(one, "survives");
	long long target = get_number(one, "target");

	grid_row(grid);
	grid_cell(grid, 0, TONE_HEAD, "%s", get_text(one, "name"));
	if (servers == 0) {
		grid_cell(grid, 1, TONE_FAINT, "-");
		grid_cell(grid, 6, TONE_FAINT,
			  "no server has told its max_connections");
		return;
	}
	grid_cell(grid, 1, survives < target ? TONE_BAD : TONE_GOOD,
		  "%lld of %lld", survives, servers);
	grid_cell(grid, 2, TONE_PLAIN, "%lld",
		  get_number(one, "survives_peak"));
	grid_cell(grid, 3, TONE_PLAIN, "%lld", target);
	grid_cell(grid, 4, TONE_PLAIN, "%lld", get_number(one, "connections"));
	grid_cell(grid, 5, TONE_PLAIN, "%lld",
		  get_number(one, "connections_room"));
	if (get(one, "worst_server"))
		grid_cell(grid, 6, TONE_FAINT,
			  "if %lld fail, %s needs %lld of its %lld", target,
			  get_text(one, "worst_server"),
			  get_number(one, "worst_needs"),
			  get_number(one, "worst_max"));
}

int print_headroom(const struct output *output, struct json_object *answer)
{
	static const char *const words[] = { "POOL",   "SURVIVES", "AT PEAK",
					     "WANTED", "IN USE",   "ROOM",
					     "THEN" };
	struct json_object *list = get(answer, "virtual_servers");
	struct grid grid;
	size_t i;

	grid_init(&grid, ARRAY_SIZE(words),
		  1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5);
	grid_row(&grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(&grid, i, TONE_HEAD, "%s", words[i]);
	for (i = 0; list && i < json_object_array_length(list); i++)
		headroom_row(&grid, json_object_array_get_idx(list, i));
	grid_print(&grid, output, 0);
	grid_free(&grid);
	return 0;
}

int print_events(const struct output *output, struct json_object *answer)
{
	struct json_object *list = get(answer, "events");
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		output_text(output, TONE_FAINT, get_text(one, "time"));
		printf("  %s\n", get_text(one, "text"));
	}
	return 0;
}

int print_explain(const struct output *output, struct json_object *answer)
{
	struct json_object *list = get(answer, "servers"), *chain;
	struct grid grid;
	size_t i, c;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		output_text(output, TONE_HEAD, get_text(one, "address"));
		printf(" of %s\n", get_text(one, "virtual_server"));
		chain = get(one, "chain");
		grid_init(&grid, 2, 0);
		for (c = 0; chain && c < json_object_array_length(chain); c++) {
			struct json_object *link =
				json_object_array_get_idx(chain, c);

			grid_row(&grid);
			grid_cell(&grid, 0, TONE_FAINT, "%s",
				  get_text(link, "step"));
			grid_cell(&grid, 1, TONE_PLAIN, "%s",
				  get_text(link, "text"));
		}
		/* Nothing is cut here: every word counts. */
		grid_print(&grid, &(struct output){ .colour = output->colour },
			   2);
		grid_free(&grid);
	}
	return 0;
}

int print_reload(const struct output *output, struct json_object *answer)
{
	if (get_flag(answer, "reloaded")) {
		puts("The new configuration is in force.");
		return 0;
	}
	fprintf(stderr, "evenkeel: %s\n", get_text(answer, "error"));
	return 1;
}
