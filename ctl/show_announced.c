/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Announced addresses, for people. */
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl/fields.h"
#include "ctl/print.h"
#include "lib/util.h"

static void show_announced_since_cell(struct grid *grid, size_t column,
				      struct json_object *one)
{
	char since[32];

	grid_cell(grid, column, TONE_FAINT, "%s",
		  field_age(one, "since_s", since, sizeof(since)));
}

static void show_announced_why_cell(struct grid *grid, size_t column,
				    struct json_object *one)
{
	char left[32];

	if (field(one, "trouble"))
		grid_cell(grid, column, TONE_BAD, "%s",
			  field_text(one, "trouble"));
	else if (field(one, "turns_to"))
		grid_cell(grid, column, TONE_WARN, "%s in %s: %s",
			  field_text(one, "turns_to"),
			  field_age(one, "turns_in_s", left, sizeof(left)),
			  field_flag(one, "works") ?
				  "its virtual servers work" :
				  "a virtual server has failed");
	else
		grid_cell(grid, column, TONE_FAINT, "%s",
			  field_text(one, "why"));
}

/* By how many others it is announced, with pools that work. */
static void show_announced_others_cell(struct grid *grid, size_t column,
				       struct json_object *one)
{
	struct json_object *said = field(one, "others_said");
	size_t others = said ? json_object_array_length(said) : 0;

	if (field(one, "others") && others > 1)
		grid_cell(grid, column,
			  field_flag(one, "others_silent") ? TONE_WARN :
							     TONE_PLAIN,
			  "%lld of %zu", field_number(one, "others"), others);
	else if (field(one, "others"))
		grid_cell(grid, column, TONE_PLAIN, "%lld",
			  field_number(one, "others"));
	else if (field_flag(one, "others_silent"))
		grid_cell(grid, column, TONE_WARN, "silent");
	else
		grid_cell(grid, column, TONE_FAINT, "-");
}

static void show_announced_row(struct grid *grid, struct json_object *one,
			       const char *address)
{
	bool announced = field_flag(one, "announced");

	grid_row(grid);
	grid_cell(grid, 0, TONE_HEAD, "%s", field_text(one, "name"));
	grid_cell(grid, 1, TONE_PLAIN, "%s", address);
	grid_cell(grid, 2, announced ? TONE_GOOD : TONE_WARN, "%s",
		  field(one, "state") ? field_text(one, "state") : "unknown");
	grid_cell(grid, 3, TONE_PLAIN, "%s",
		  field(one, "interface") ? field_text(one, "interface") : "-");
	show_announced_since_cell(grid, 4, one);
	if (field(one, "active"))
		grid_cell(grid, 5, TONE_PLAIN, "%lld",
			  field_number(one, "active"));
	else
		grid_cell(grid, 5, TONE_FAINT, "-");
	show_announced_others_cell(grid, 6, one);
	show_announced_why_cell(grid, 7, one);
}

static void show_announced_groups(const struct output *output,
				  struct json_object *list)
{
	static const char *const words[] = {
		"GROUP", "ADDRESS", "STATE",  "ON",
		"SINCE", "ACTIVE",  "OTHERS", "WHY"
	};
	struct grid grid;
	size_t i, k;

	grid_init(&grid, ARRAY_SIZE(words), 1u << 4 | 1u << 5 | 1u << 6);
	grid_row(&grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(&grid, i, TONE_HEAD, "%s", words[i]);
	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		struct json_object *addresses = field(one, "addresses");

		for (k = 0; k < json_object_array_length(addresses); k++)
			show_announced_row(&grid, one,
					   json_object_get_string(
						   json_object_array_get_idx(
							   addresses, k)));
	}
	grid_print(&grid, output, 0);
	grid_free(&grid);
}

/* The words of each other balancer, where there is more than one. */
static void show_announced_others(const struct output *output,
				  struct json_object *list)
{
	static const char *const words[] = { "OTHER", "GROUP", "STATE" };
	struct json_object *one, *said, *other;
	struct grid grid;
	size_t i, k;

	said = field(json_object_array_get_idx(list, 0), "others_said");
	if (!said || json_object_array_length(said) < 2)
		return;
	grid_init(&grid, ARRAY_SIZE(words), 0);
	grid_row(&grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(&grid, i, TONE_HEAD, "%s", words[i]);
	for (i = 0; i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		said = field(one, "others_said");
		for (k = 0; k < json_object_array_length(said); k++) {
			other = json_object_array_get_idx(said, k);
			grid_row(&grid);
			grid_cell(&grid, 0, TONE_HEAD, "%s",
				  field_text(other, "address"));
			grid_cell(&grid, 1, TONE_PLAIN, "%s",
				  field_text(one, "name"));
			if (!field_flag(other, "heard"))
				grid_cell(&grid, 2, TONE_WARN, "silent");
			else
				grid_cell(&grid, 2, TONE_PLAIN, "%s",
					  field(other, "state") ?
						  field_text(other, "state") :
						  "has no such group");
		}
	}
	putchar('\n');
	grid_print(&grid, output, 0);
	grid_free(&grid);
}

bool print_announce_is_idle(struct json_object *answer)
{
	struct json_object *list = field(answer, "groups");
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++)
		if (!field_flag(json_object_array_get_idx(list, i), "idle"))
			return false;
	return true;
}

int print_announce(const struct output *output, struct json_object *answer)
{
	struct json_object *list = field(answer, "groups");

	if (!list || json_object_array_length(list) == 0) {
		puts("The configuration has no announce_group.");
		return 0;
	}
	show_announced_groups(output, list);
	show_announced_others(output, list);
	if (!field_flag(answer, "drained"))
		return 0;
	fputs("This balancer is drained: ", stdout);
	if (print_announce_is_idle(answer))
		output_text(output, TONE_GOOD,
			    "no connection is left, it may be switched off");
	else
		output_text(output, TONE_WARN,
			    "do not switch it off yet, it still forwards");
	putchar('\n');
	return 0;
}
