/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pair, for people. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl/fields.h"
#include "ctl/print.h"
#include "lib/util.h"

static enum tone vrrp_tone(const char *state)
{
	if (strcmp(state, "MASTER") == 0)
		return TONE_GOOD;
	if (strcmp(state, "FAULT") == 0)
		return TONE_BAD;
	return strcmp(state, "BACKUP") == 0 ? TONE_PLAIN : TONE_FAINT;
}

static void show_vrrp_print_process(const struct output *output,
				    struct json_object *process)
{
	fputs("vrrp: ", stdout);
	if (!field_flag(process, "running"))
		output_text(output, TONE_WARN, "not running");
	else
		printf("pid %lld", field_number(process, "pid"));
	if (field_flag(process, "running") && !field_flag(process, "answering"))
		output_text(output, TONE_BAD, ", not answering");
	if (field_number(process, "restarts"))
		printf(", %lld restarts", field_number(process, "restarts"));
	if (field_flag(process, "waits_for_table"))
		output_text(output, TONE_WARN,
			    ", waiting until the table is complete");
	putchar('\n');
}

/* "of 100" when trackers have moved it. */
static void show_vrrp_priority_cell(struct grid *grid, size_t column,
				    struct json_object *one)
{
	long long now = field_number(one, "priority");
	long long file = field_number(one, "priority_configured");

	if (!field(one, "priority"))
		grid_cell(grid, column, TONE_FAINT, "(%lld)", file);
	else if (now == file)
		grid_cell(grid, column, TONE_PLAIN, "%lld", now);
	else
		grid_cell(grid, column, TONE_WARN, "%lld of %lld", now, file);
}

static void show_vrrp_peer_cell(struct grid *grid, size_t column,
				struct json_object *one)
{
	char ago[32];

	if (!field(one, "heard_s"))
		grid_cell(grid, column, TONE_FAINT, "never heard");
	else
		grid_cell(grid, column, TONE_PLAIN, "%s (%lld) %s",
			  field_text(one, "peer"),
			  field_number(one, "peer_priority"),
			  field_ago(one, "heard_s", ago, sizeof(ago)));
}

static void show_vrrp_why_cell(struct grid *grid, size_t column,
			       struct json_object *one)
{
	struct json_object *faults = field(one, "faults"), *fault;

	if (!faults || json_object_array_length(faults) == 0) {
		grid_cell(grid, column, TONE_FAINT, "%s%s",
			  field_text(one, "why"),
			  field(one, "behind") ?
				  "; behind the other balancer since" :
				  "");
		return;
	}
	fault = json_object_array_get_idx(faults, 0);
	grid_cell(grid, column, TONE_BAD, "%s", json_object_get_string(fault));
}

static void show_vrrp_instance_row(struct grid *grid, struct json_object *one)
{
	const char *state = field_text(one, "state");
	char since[32];

	grid_row(grid);
	grid_cell(grid, 0, TONE_HEAD, "%s", field_text(one, "name"));
	grid_cell(grid, 1, vrrp_tone(state), "%s", state);
	grid_cell(grid, 2, TONE_FAINT, "%s",
		  field_age(one, "since_s", since, sizeof(since)));
	show_vrrp_priority_cell(grid, 3, one);
	grid_cell(grid, 4, TONE_PLAIN, "%lld",
		  field_number(one, "adverts_sent"));
	grid_cell(grid, 5, TONE_PLAIN, "%lld",
		  field_number(one, "adverts_received"));
	show_vrrp_peer_cell(grid, 6, one);
	show_vrrp_why_cell(grid, 7, one);
}

static void show_vrrp_print_instances(const struct output *output,
				      struct json_object *list)
{
	static const char *const words[] = { "INSTANCE", "STATE", "SINCE",
					     "PRIORITY", "SENT",  "RECEIVED",
					     "PEER",	 "WHY" };
	struct grid grid;
	size_t i;

	grid_init(&grid, ARRAY_SIZE(words),
		  1u << 2 | 1u << 3 | 1u << 4 | 1u << 5);
	grid_row(&grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(&grid, i, TONE_HEAD, "%s", words[i]);
	for (i = 0; i < json_object_array_length(list); i++)
		show_vrrp_instance_row(&grid,
				       json_object_array_get_idx(list, i));
	grid_print(&grid, output, 0);
	grid_free(&grid);
}

static void show_vrrp_print_counts(const struct output *output,
				   const char *name, const char *what,
				   struct json_object *counts)
{
	struct json_object_iterator it, end;

	if (!counts || json_object_object_length(counts) == 0)
		return;
	it = json_object_iter_begin(counts);
	end = json_object_iter_end(counts);
	printf("%s: %s: ", name, what);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		output_text(output, TONE_WARN, json_object_iter_peek_name(&it));
		printf(" %lld  ", (long long)json_object_get_int64(
					  json_object_iter_peek_value(&it)));
	}
	putchar('\n');
}

static void show_vrrp_tracker_row(struct grid *grid, struct json_object *one)
{
	bool number = strcmp(field_text(one, "kind"), "file") == 0;
	long long value = field_number(one, "value");
	char since[32];

	grid_row(grid);
	grid_cell(grid, 0, TONE_PLAIN, "%s", field_text(one, "name"));
	grid_cell(grid, 1, TONE_FAINT, "%s", field_text(one, "kind"));
	if (!field(one, "value"))
		grid_cell(grid, 2, TONE_FAINT, "unknown");
	else if (number)
		grid_cell(grid, 2, TONE_PLAIN, "%lld", value);
	else if (value < 0)
		grid_cell(grid, 2, TONE_WARN, "nothing");
	else
		grid_cell(grid, 2, value ? TONE_GOOD : TONE_BAD, "%s",
			  value ? "up" : "down");
	grid_cell(grid, 3, TONE_FAINT, "%s",
		  field_age(one, "since_s", since, sizeof(since)));
	grid_cell(grid, 4, TONE_FAINT, "%s", field_text(one, "text"));
}

static void show_vrrp_print_trackers(const struct output *output,
				     struct json_object *list)
{
	static const char *const words[] = { "TRACKER", "KIND", "SAYS", "SINCE",
					     "WHY" };
	struct grid grid;
	size_t i;

	if (!list || json_object_array_length(list) == 0)
		return;
	putchar('\n');
	grid_init(&grid, ARRAY_SIZE(words), 1u << 3);
	grid_row(&grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(&grid, i, TONE_HEAD, "%s", words[i]);
	for (i = 0; i < json_object_array_length(list); i++)
		show_vrrp_tracker_row(&grid,
				      json_object_array_get_idx(list, i));
	grid_print(&grid, output, 0);
	grid_free(&grid);
}

static void show_vrrp_print_sync(const struct output *output,
				 struct json_object *sync)
{
	bool sends = field_flag(sync, "sends");
	bool receives = field_flag(sync, "receives");

	if (!sync)
		return;
	printf("connection sync on %s, id %lld: ",
	       field_text(sync, "interface"), field_number(sync, "id"));
	output_text(output, sends ? TONE_GOOD : TONE_BAD,
		    sends ? "sends" : "does not send");
	fputs(", ", stdout);
	output_text(output, receives ? TONE_GOOD : TONE_BAD,
		    receives ? "receives" : "does not receive");
	putchar('\n');
}

int print_vrrp(const struct output *output, struct json_object *answer)
{
	struct json_object *list = field(answer, "instances"), *one;
	size_t i;

	if (!list || json_object_array_length(list) == 0) {
		puts("The configuration has no vrrp_instance.");
		show_vrrp_print_sync(output, field(answer, "sync"));
		return 0;
	}
	show_vrrp_print_process(output, field(answer, "process"));
	show_vrrp_print_instances(output, list);
	for (i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		show_vrrp_print_counts(output, field_text(one, "name"),
				       "dropped", field(one, "dropped"));
		show_vrrp_print_counts(output, field_text(one, "name"), "odd",
				       field(one, "odd"));
	}
	show_vrrp_print_sync(output, field(answer, "sync"));
	show_vrrp_print_trackers(output, field(answer, "trackers"));
	return 0;
}
