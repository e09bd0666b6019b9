/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/top_rows.h"

#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/fields.h"
#include "ctl/print.h"

#define TOP_TEXT_MAX 512
#define TOP_PAUSED_BADNESS 15

static struct top_row *top_row_add(struct top_table *table)
{
	struct top_row *row;

	table->rows = array_grow(table->rows, table->nr, &table->room,
				 sizeof(*table->rows));
	row = &table->rows[table->nr];
	memset(row, 0, sizeof(*row));
	row->place = table->nr++;
	return row;
}

/* A name out of a file may hold bytes that would move the cursor. */
static void top_text_print(struct top_cell *cell, const char *text)
{
	char *at;

	free(cell->text);
	cell->text = xstrdup(text);
	for (at = cell->text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
}

static void top_text(struct top_row *row, size_t column, enum tone tone,
		     const char *text)
{
	top_text_print(&row->cells[column], text);
	row->cells[column].tone = tone;
}

static void top_number(struct top_row *row, size_t column, enum tone tone,
		       double number, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* NUMBER is the key to sort by, the rest is for the reader. */
static void top_number(struct top_row *row, size_t column, enum tone tone,
		       double number, const char *fmt, ...)
{
	char text[TOP_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	top_text(row, column, tone, text);
	row->cells[column].is_number = true;
	row->cells[column].number = number;
}

static void top_count(struct top_row *row, size_t column,
		      struct json_object *obj, const char *key)
{
	long long number = field_number(obj, key);

	top_number(row, column, TONE_PLAIN, (double)number, "%lld", number);
}

static void top_age(struct top_row *row, size_t column, struct json_object *obj,
		    const char *key)
{
	char age[32];

	top_number(row, column, TONE_FAINT,
		   json_object_get_double(field(obj, key)), "%s",
		   field_age(obj, key, age, sizeof(age)));
}

/* States and levels, the worst first; others are better than these. */
static int top_badness(const char *word)
{
	static const char *const worst[] = {
		"nothing",     "last-resort", "down",	 "upstream-failure",
		"FAULT",       "sorry",	      "holding", "unproven",
		"soft-failed", "held",	      "drain",	 "starting",
		"unknown",     "spare",	      "INIT",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(worst); i++)
		if (strcmp(worst[i], word) == 0)
			return (int)(ARRAY_SIZE(worst) - i) * 10;
	return 0;
}

static struct json_object *top_list(struct json_object *obj, const char *key,
				    size_t *nr)
{
	struct json_object *list = field(obj, key);

	*nr = list ? json_object_array_length(list) : 0;
	return list;
}

static void top_weight(struct top_row *row, size_t column,
		       struct json_object *server)
{
	struct json_object *wanted = field(server, "weight_wanted");
	struct json_object *kernel = field(server, "weight_kernel");
	long long is = kernel ? json_object_get_int64(kernel) : -1;
	long long shall = wanted ? json_object_get_int64(wanted) : -1;

	if (is != shall)
		top_number(row, column, TONE_WARN, (double)is, "%s>%s",
			   kernel ? json_object_get_string(kernel) : "-",
			   wanted ? json_object_get_string(wanted) : "-");
	else
		top_number(row, column, TONE_PLAIN, (double)is, "%s",
			   kernel ? json_object_get_string(kernel) : "-");
	row->badness += is != shall;
}

static void top_server_row(struct top_table *table, struct json_object *vs,
			   struct json_object *server)
{
	struct top_row *row = top_row_add(table);
	const char *state = field_text(server, "state");

	row->server = field_text(server, "address");
	row->virtual_server = field_text(vs, "name");
	row->badness = top_badness(state) + (field(server, "operator") ? 5 : 0);
	top_text(row, 0, TONE_PLAIN, row->server);
	top_text(row, 1, TONE_FAINT, row->virtual_server);
	top_text(row, 2, print_state_tone(state), state);
	top_age(row, 3, server, "since_s");
	top_weight(row, 4, server);
	top_count(row, 5, server, "active");
	top_count(row, 6, server, "inactive");
	top_text(row, 7, TONE_FAINT, field_text(server, "reason"));
}

static void top_fill_servers(struct top_table *table,
			     const struct top_data *data)
{
	struct json_object *list, *servers, *vs;
	size_t nr, count, v, s;

	list = top_list(data->status, "virtual_servers", &nr);
	for (v = 0; v < nr; v++) {
		vs = json_object_array_get_idx(list, v);
		servers = top_list(vs, "servers", &count);
		for (s = 0; s < count; s++)
			top_server_row(table, vs,
				       json_object_array_get_idx(servers, s));
	}
}

static long long top_sum(struct json_object *vs, const char *key)
{
	struct json_object *list;
	long long sum = 0;
	size_t nr, i;

	list = top_list(vs, "servers", &nr);
	for (i = 0; i < nr; i++)
		sum += field_number(json_object_array_get_idx(list, i), key);
	return sum;
}

/* A paused pool stands still, which is worth a look whatever its level is. */
static void top_level(struct top_row *row, struct json_object *vs,
		      const char *level)
{
	char text[TOP_TEXT_MAX];

	if (!field_flag(vs, "paused")) {
		top_text(row, 1, print_state_tone(level), level);
		return;
	}
	snprintf(text, sizeof(text), "%s, PAUSED", level);
	top_text(row, 1, TONE_WARN, text);
	row->badness += TOP_PAUSED_BADNESS;
}

static void top_fill_pools(struct top_table *table, const struct top_data *data)
{
	struct json_object *list, *vs;
	struct top_row *row;
	long long missing;
	size_t nr, count, v;

	list = top_list(data->status, "virtual_servers", &nr);
	for (v = 0; v < nr; v++) {
		const char *level;

		vs = json_object_array_get_idx(list, v);
		level = field_text(vs, "level");
		/* A filter may have taken some off the list. */
		count = (size_t)field_number(vs, "servers_all");
		missing = (long long)count - field_number(vs, "up");
		row = top_row_add(table);
		row->badness =
			top_badness(level) + (missing > 9 ? 9 : (int)missing);
		top_text(row, 0, TONE_HEAD, field_text(vs, "name"));
		top_level(row, vs, level);
		top_number(row, 2, TONE_PLAIN, (double)count, "%zu", count);
		top_number(row, 3, missing ? TONE_WARN : TONE_PLAIN,
			   (double)field_number(vs, "up"), "%lld",
			   field_number(vs, "up"));
		top_count(row, 4, vs, "serving");
		top_count(row, 5, vs, "min_serving");
		top_number(row, 6, TONE_PLAIN, (double)top_sum(vs, "active"),
			   "%lld", top_sum(vs, "active"));
		top_text(row, 7, TONE_FAINT, field_text(vs, "scheduler"));
	}
}

/* "1.5 k", "23 M": a rate in as few characters as it needs. */
static void top_rate(struct top_row *row, size_t column, double rate)
{
	static const char units[] = " kMGT";
	double shown = rate;
	size_t unit = 0;

	if (rate < 0) {
		top_number(row, column, TONE_FAINT, rate, "-");
		return;
	}
	while (shown >= 1000 && unit + 2 < sizeof(units)) {
		shown /= 1000;
		unit++;
	}
	top_number(row, column, TONE_PLAIN, rate, unit ? "%.1f %c" : "%.1f",
		   shown, units[unit]);
}

/* By how much KEY grows each second; -1: not known yet, or begun anew. */
static double top_growth(const struct top_data *data, struct json_object *vs,
			 size_t index, const char *key)
{
	double seconds = (double)(data->when - data->when_before) / 1e6;
	struct json_object *list, *before;
	long long grown;
	size_t nr;

	list = top_list(data->status_before, "virtual_servers", &nr);
	before = index < nr ? json_object_array_get_idx(list, index) : NULL;
	if (!field(before, key) || !field(vs, key) || seconds <= 0 ||
	    strcmp(field_text(before, "name"), field_text(vs, "name")) != 0)
		return -1;
	grown = field_number(vs, key) - field_number(before, key);
	return grown < 0 ? -1 : (double)grown / seconds;
}

static void top_fill_rates(struct top_table *table, const struct top_data *data)
{
	struct json_object *list, *vs;
	struct top_row *row;
	double connections;
	size_t nr, v;

	list = top_list(data->status, "virtual_servers", &nr);
	for (v = 0; v < nr; v++) {
		vs = json_object_array_get_idx(list, v);
		connections = top_growth(data, vs, v, "connections_total");
		row = top_row_add(table);
		/* There is no bad rate: the busiest come first. */
		row->badness = connections > 1e9 ? 1000000000 :
						   (int)connections;
		top_text(row, 0, TONE_HEAD, field_text(vs, "name"));
		top_rate(row, 1, connections);
		top_rate(row, 2, top_growth(data, vs, v, "bytes_in_total"));
		top_rate(row, 3, top_growth(data, vs, v, "bytes_out_total"));
		top_number(row, 4, TONE_PLAIN, (double)top_sum(vs, "active"),
			   "%lld", top_sum(vs, "active"));
		top_number(row, 5, TONE_PLAIN, (double)top_sum(vs, "inactive"),
			   "%lld", top_sum(vs, "inactive"));
		top_count(row, 6, vs, "serving");
		top_text(row, 7, TONE_FAINT, field_text(vs, "scheduler"));
	}
}

static void top_check_row(struct top_table *table, struct json_object *vs,
			  struct json_object *server, struct json_object *check)
{
	const char *state = field_text(check, "state");
	bool stale = field_flag(check, "stale");
	struct top_row *row = top_row_add(table);
	char name[TOP_TEXT_MAX];
	double took = json_object_get_double(field(check, "duration_ms"));

	row->server = field_text(server, "address");
	row->virtual_server = field_text(vs, "name");
	row->badness = top_badness(state) + (stale ? 5 : 0) +
		       (field_number(check, "failures") ? 3 : 0);
	snprintf(name, sizeof(name), "%s %s", field_text(check, "type"),
		 field_text(check, "target"));
	top_text(row, 0, TONE_PLAIN, row->server);
	top_text(row, 1, TONE_PLAIN, name);
	top_text(row, 2, print_state_tone(state), state);
	top_text(row, 3, TONE_PLAIN, field_text(check, "outcome"));
	top_number(row, 4, TONE_PLAIN, took, "%.1f", took);
	top_count(row, 5, check, "failures");
	top_age(row, 6, check, "age_s");
	row->cells[6].tone = stale ? TONE_BAD : TONE_FAINT;
	top_text(row, 7, TONE_FAINT, field_text(check, "text"));
}

static void top_fill_checks(struct top_table *table,
			    const struct top_data *data)
{
	struct json_object *list, *servers, *checks, *vs, *server;
	size_t nr, count, found, v, s, c;

	list = top_list(data->status, "virtual_servers", &nr);
	for (v = 0; v < nr; v++) {
		vs = json_object_array_get_idx(list, v);
		servers = top_list(vs, "servers", &count);
		for (s = 0; s < count; s++) {
			server = json_object_array_get_idx(servers, s);
			checks = top_list(server, "checks", &found);
			for (c = 0; c < found; c++)
				top_check_row(table, vs, server,
					      json_object_array_get_idx(checks,
									c));
		}
	}
}

/* The newest first. */
static void top_fill_events(struct top_table *table,
			    const struct top_data *data)
{
	size_t i = data->events ? json_object_array_length(data->events) : 0;
	struct json_object *event;
	struct top_row *row;

	while (i-- > 0) {
		event = json_object_array_get_idx(data->events, i);
		row = top_row_add(table);
		top_text(row, 0, TONE_FAINT, field_text(event, "time"));
		top_text(row, 1, TONE_PLAIN, field_text(event, "text"));
	}
}

static void top_fill_pair(struct top_table *table, const struct top_data *data)
{
	struct json_object *list, *one;
	const char *state;
	struct top_row *row;
	size_t nr, i;

	list = top_list(data->vrrp, "instances", &nr);
	for (i = 0; i < nr; i++) {
		one = json_object_array_get_idx(list, i);
		state = field_text(one, "state");
		row = top_row_add(table);
		row->badness = top_badness(state);
		top_text(row, 0, TONE_HEAD, field_text(one, "name"));
		top_text(row, 1,
			 row->badness		      ? TONE_BAD :
			 strcmp(state, "MASTER") == 0 ? TONE_GOOD :
							TONE_PLAIN,
			 state);
		top_age(row, 2, one, "since_s");
		top_count(row, 3, one, "priority");
		top_count(row, 4, one, "adverts_received");
		top_text(row, 5, TONE_PLAIN, field_text(one, "peer"));
		top_age(row, 6, one, "heard_s");
		top_text(row, 7, TONE_FAINT, field_text(one, "why"));
	}
}

static const struct top_view top_views[] = {
	{ '1',
	  "servers",
	  { "SERVER", "POOL", "STATE", "SINCE", "WEIGHT", "ACTIVE", "INACTIVE",
	    "WHY" },
	  top_fill_servers },
	{ '2',
	  "pools",
	  { "POOL", "LEVEL", "SERVERS", "UP", "SERVING", "MINIMUM", "ACTIVE",
	    "SCHEDULER" },
	  top_fill_pools },
	{ '3',
	  "rates",
	  { "POOL", "CONN/S", "IN B/S", "OUT B/S", "ACTIVE", "INACTIVE",
	    "SERVING", "SCHEDULER" },
	  top_fill_rates },
	{ '4',
	  "checks",
	  { "SERVER", "CHECK", "STATE", "OUTCOME", "MS", "FAILED", "AGE",
	    "TEXT" },
	  top_fill_checks },
	{ '5', "events", { "TIME", "EVENT", NULL }, top_fill_events },
	{ '6',
	  "pair",
	  { "INSTANCE", "STATE", "SINCE", "PRIORITY", "RECEIVED", "PEER",
	    "HEARD", "WHY" },
	  top_fill_pair },
};

const struct top_view *top_view_at(unsigned index)
{
	return index < ARRAY_SIZE(top_views) ? &top_views[index] : NULL;
}

const struct top_view *top_view_find(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(top_views); i++)
		if (strcmp(top_views[i].word, word) == 0)
			return &top_views[i];
	return NULL;
}

const struct top_view *top_view_of_key(char key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(top_views); i++)
		if (top_views[i].key == key)
			return &top_views[i];
	return NULL;
}

void top_table_fill(struct top_table *table, const struct top_view *view,
		    const struct top_data *data)
{
	top_table_clear(table);
	view->fill(table, data);
}

void top_table_clear(struct top_table *table)
{
	size_t i, c;

	for (i = 0; i < table->nr; i++)
		for (c = 0; c < TOP_COLUMNS; c++)
			free(table->rows[i].cells[c].text);
	free(table->rows);
	memset(table, 0, sizeof(*table));
}
