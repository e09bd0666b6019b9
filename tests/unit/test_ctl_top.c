/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames of the live view, of answers of our own. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/top_frame.h"
#include "ctl/top_rows.h"

static const char status_text[] =
	"{ 'daemon': { 'version': '1', 'uptime_s': 5, 'kernel': { 'reached':"
	" true }, 'checker': { 'answering': true } }, 'virtual_servers': ["
	"{ 'name': 'a', 'level': 'normal', 'up': 2, 'serving': 2,"
	" 'connections_total': 1000, 'bytes_in_total': 5, 'servers': ["
	"{ 'address': '192.0.2.1:1', 'state': 'up', 'weight_kernel': 100,"
	" 'weight_wanted': 100, 'active': 7, 'reason': 'fine' },"
	"{ 'address': '192.0.2.2:1', 'state': 'down', 'active': 30,"
	" 'reason': 'refused' },"
	"{ 'address': '192.0.2.3:1', 'state': 'up', 'weight_kernel': 5,"
	" 'weight_wanted': 9, 'active': 200, 'reason': 'fine' } ] },"
	"{ 'name': 'b', 'level': 'nothing', 'up': 0, 'serving': 0,"
	" 'servers': [ { 'address': '192.0.2.4:1', 'state': 'soft-failed',"
	" 'active': 1, 'reason': 'lag \x1b[2J', 'checks': [ { 'type':"
	" 'TCP_CHECK', 'target': '192.0.2.4:1', 'state': 'up', 'outcome':"
	" 'ok', 'duration_ms': 1.5, 'age_s': 90, 'stale': true },"
	"{ 'type': 'TCP_CHECK', 'target': '192.0.2.4:2', 'state': 'down',"
	" 'outcome': 'refused', 'failures': 4, 'duration_ms': 0.5 } ] } ] } ] }";

static struct top_data data;
static struct top_table table;
static struct top_choice choice;
static struct top_window window;

static struct json_object *parsed(const char *text)
{
	char *copy = strdup(text), *at;
	struct json_object *obj;

	for (at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	obj = json_tokener_parse(copy);
	cr_assert_not_null(obj);
	free(copy);
	return obj;
}

static void setup(void)
{
	data.status = parsed(status_text);
	data.when = 10 * USEC_PER_SEC;
	choice.sort = -1;
	choice.view = top_view_find("servers");
}

static void teardown(void)
{
	top_table_clear(&table);
	json_object_put(data.status);
	json_object_put(data.status_before);
}

TestSuite(ctl_top, .init = setup, .fini = teardown);

/* The cells of a column, from the first row on, with commas between. */
static const char *column(size_t number)
{
	static char text[512];
	size_t i, used = 0;

	text[0] = '\0';
	top_table_fill(&table, choice.view, &data);
	top_table_order(&table, &choice);
	for (i = 0; i < table.nr; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%s", i ? "," : "",
					 table.rows[i].cells[number].text);
	return text;
}

/* A frame; the caller frees it. */
static char *frame(const char *stale)
{
	char *text = NULL, *head;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	column(0);
	head = top_head(&data, &choice, "12:00:00");
	top_frame_print(out, &window, &table, &choice, head, stale);
	free(head);
	fclose(out);
	return text;
}

Test(ctl_top, the_worst_come_first)
{
	cr_expect_str_eq(column(0), "192.0.2.2:1,192.0.2.4:1,192.0.2.3:1,"
				    "192.0.2.1:1");
	choice.view = top_view_find("pools");
	cr_expect_str_eq(column(0), "b,a");
	choice.view = top_view_find("checks");
	cr_expect_str_eq(column(3), "refused,ok");
}

/* A pause must not be overlooked, in any view. */
Test(ctl_top, a_paused_pool_is_said_aloud)
{
	struct json_object *pools =
		json_object_object_get(data.status, "virtual_servers");
	char *text = frame(NULL);

	cr_expect_not(strstr(text, "PAUSED"));
	free(text);
	json_object_object_add(json_object_array_get_idx(pools, 0), "paused",
			       json_object_new_boolean(true));
	text = frame(NULL);
	cr_expect(strstr(text, "1 POOLS PAUSED BY THE OPERATOR"), "%s", text);
	free(text);
	choice.view = top_view_find("pools");
	cr_expect(strstr(column(1), ", PAUSED"), "%s", column(1));
}

Test(ctl_top, numbers_are_sorted_as_numbers_and_names_as_names)
{
	choice.sort = 5;
	cr_expect_str_eq(column(5), "200,30,7,1");
	choice.reverse = true;
	cr_expect_str_eq(column(5), "1,7,30,200");
	choice.reverse = false;
	choice.sort = 2;
	cr_expect_str_eq(column(2), "down,soft-failed,up,up");
}

Test(ctl_top, equals_keep_the_order_of_the_file)
{
	choice.sort = 2;
	cr_expect_str_eq(column(0), "192.0.2.2:1,192.0.2.4:1,192.0.2.1:1,"
				    "192.0.2.3:1");
	choice.reverse = true;
	cr_expect_str_eq(column(0), "192.0.2.1:1,192.0.2.3:1,192.0.2.4:1,"
				    "192.0.2.2:1");
}

Test(ctl_top, a_filter_looks_into_every_cell)
{
	snprintf(choice.filter, sizeof(choice.filter), "REFUSED");
	cr_expect_str_eq(column(0), "192.0.2.2:1");
	snprintf(choice.filter, sizeof(choice.filter), "nothing like it");
	cr_expect_str_eq(column(0), "");
}

Test(ctl_top, rates_are_between_two_answers)
{
	choice.view = top_view_find("rates");
	cr_expect_str_eq(column(1), "-,-", "there is one answer only");
	data.status_before = parsed(
		"{ 'virtual_servers': [ { 'name': 'a', 'connections_total': 600,"
		" 'bytes_in_total': 9 }, { 'name': 'b' } ] }");
	data.when_before = 8 * USEC_PER_SEC;
	cr_expect_str_eq(column(1), "200.0,-");
	cr_expect_str_eq(column(2), "-,-", "a counter that began anew");
	json_object_put(data.status_before);
	data.status_before = parsed("{ 'virtual_servers': [ { 'name': 'c',"
				    " 'connections_total': 1 } ] }");
	cr_expect_str_eq(column(1), "-,-", "another virtual server");
}

Test(ctl_top, events_are_newest_first)
{
	data.events = parsed("[ { 'time': '1', 'text': 'old' },"
			     "{ 'time': '2', 'text': 'new' } ]");
	choice.view = top_view_find("events");
	cr_expect_str_eq(column(1), "new,old");
	json_object_put(data.events);
}

Test(ctl_top, a_plain_frame_has_no_escape_and_all_rows)
{
	char *text = frame(NULL);

	cr_expect_null(strchr(text, '\033'), "%s", text);
	cr_expect_not_null(strstr(text, "as of 12:00:00"), "%s", text);
	cr_expect_not_null(strstr(text, "worst first"), "%s", text);
	cr_expect_not_null(strstr(text, "192.0.2.1:1"), "%s", text);
	cr_expect_not_null(strstr(text, "5>9"), "%s", text);
	cr_expect_not_null(strstr(text, "lag ?[2J"), "%s", text);
	free(text);
}

/* As a terminal would show it: escapes taken away. */
static void strip(char *text)
{
	char *to = text, *at;

	for (at = text; *at; at++) {
		if (*at == '\033') {
			while (*at && !((*at >= 'A' && *at <= 'Z') ||
					(*at >= 'a' && *at <= 'z')))
				at++;
			continue;
		}
		if (*at != '\r')
			*to++ = *at;
	}
	*to = '\0';
}

Test(ctl_top, every_window_is_kept_to)
{
	char *text, *rest, *line;
	size_t lines, i;

	window.terminal = window.colour = true;
	for (window.width = 10; window.width < 120; window.width++) {
		for (window.height = 5; window.height < 12; window.height++) {
			choice.view = top_view_at(window.width % 6);
			choice.sort = (int)(window.height % 3) - 1;
			choice.selected = 3;
			text = frame(window.height > 5 && window.width % 2 ?
					     "OLD FIGURES" :
					     NULL);
			strip(text);
			for (lines = 0, rest = text;
			     (line = strsep(&rest, "\n")); lines++)
				cr_assert_leq(strlen(line), window.width,
					      "%zu: '%s'", window.width, line);
			cr_assert_eq(lines, window.height, "%zu of %zu", lines,
				     window.height);
			free(text);
		}
	}
	for (i = 0; top_view_at((unsigned)i); i++)
		;
	cr_assert_eq(i, 6, "all views were drawn");
}

Test(ctl_top, a_narrow_window_still_says_which_server)
{
	char *text;

	window.width = 40;
	text = frame(NULL);
	cr_expect_not_null(strstr(text, "192.0.2.2:1  "), "%s", text);
	cr_expect_not_null(strstr(text, "  down"), "%s", text);
	free(text);
}

Test(ctl_top, the_selected_row_is_in_the_window)
{
	char *text;

	window = (struct top_window){ 80, 6, true, false };
	choice.selected = 99;
	text = frame(NULL);
	cr_expect_eq(choice.selected, 3);
	cr_expect_not_null(strstr(text, "\033[7m192.0.2.1:1"), "%s", text);
	cr_expect_null(strstr(text, "192.0.2.2:1"), "%s", text);
	free(text);
}

Test(ctl_top, old_figures_are_never_green)
{
	char *text;

	window = (struct top_window){ 120, 24, true, true };
	text = frame(NULL);
	cr_expect_not_null(strstr(text, "\033[32mup"));
	free(text);
	text = frame("OLD FIGURES, 9 s: refused");
	cr_expect_null(strstr(text, "\033[32m"), "%s", text);
	cr_expect_not_null(strstr(text, "OLD FIGURES, 9 s: refused"));
	free(text);
}
