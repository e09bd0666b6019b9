/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/print.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "ctl/fields.h"
#include "lib/util.h"

enum tone print_state_tone(const char *state)
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

static void print_weight_cell(struct grid *grid, size_t column,
			      struct json_object *server)
{
	struct json_object *wanted = field(server, "weight_wanted");
	struct json_object *kernel = field(server, "weight_kernel");
	const char *is = kernel ? json_object_get_string(kernel) : "-";
	const char *shall = wanted ? json_object_get_string(wanted) : "-";

	if (strcmp(is, shall) == 0)
		grid_cell(grid, column, TONE_PLAIN, "%s", is);
	else
		grid_cell(grid, column, TONE_WARN, "%s (wanted %s)", is, shall);
}

static void print_server_row(struct grid *grid, struct json_object *server)
{
	const char *state = field_text(server, "state");
	char since[32];

	grid_row(grid);
	grid_cell(grid, 0, TONE_PLAIN, "%s", field_text(server, "address"));
	grid_cell(grid, 1, print_state_tone(state), "%s", state);
	grid_cell(grid, 2, TONE_FAINT, "%s",
		  field_age(server, "since_s", since, sizeof(since)));
	print_weight_cell(grid, 3, server);
	grid_cell(grid, 4, TONE_PLAIN, "%lld", field_number(server, "active"));
	grid_cell(grid, 5, TONE_PLAIN, "%lld",
		  field_number(server, "inactive"));
	grid_cell(grid, 6, TONE_FAINT, "%s", field_text(server, "reason"));
}

static void print_head_row(struct grid *grid)
{
	static const char *const words[] = { "SERVER", "STATE",	 "SINCE",
					     "WEIGHT", "ACTIVE", "INACTIVE",
					     "WHY" };
	size_t i;

	grid_row(grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(grid, i, TONE_HEAD, "%s", words[i]);
}

/*
 * `role source` means a single writer; two writers are shown with their virtual
 * server, and with `writers` how many are too many.
 */
static void print_sources(const struct output *output, struct json_object *vs)
{
	long long sources = field_number(vs, "sources"),
		  writers = field_number(vs, "writers");
	char text[80];

	if (sources > (writers ? writers : 1)) {
		if (writers)
			snprintf(text, sizeof(text),
				 "%lld sources, %lld wanted", sources, writers);
		else
			snprintf(text, sizeof(text), "%lld sources", sources);
		fputs(", ", stdout);
		output_text(output, TONE_BAD, text);
	}
	putchar('\n');
}

static void print_pause(const struct output *output, struct json_object *vs)
{
	char left[32], text[160];

	if (!field_flag(vs, "paused"))
		return;
	field_age(vs, "pause_left_s", left, sizeof(left));
	if (field_flag(vs, "pause_keeps_table"))
		snprintf(text, sizeof(text),
			 "  PAUSED by the operator for another %s: the table "
			 "stays as it is; 'evenkeel resume' ends it\n",
			 left);
	else
		snprintf(text, sizeof(text),
			 "  PAUSED for another %s, but there was no table to "
			 "keep: the checks decide\n",
			 left);
	output_text(output, TONE_WARN, text);
}

static void print_virtual_server(const struct output *output,
				 struct json_object *vs)
{
	struct json_object *servers = field(vs, "servers"),
			   *sorry = field(vs, "sorry_server");
	const char *level = field_text(vs, "level");
	/* The rows that a filter left. */
	long long shown =
		servers ? (long long)json_object_array_length(servers) : 0;
	/* An older daemon does not say it. */
	long long all = field(vs, "servers_all") ?
				field_number(vs, "servers_all") :
				shown;
	struct grid grid;
	size_t i;

	putchar('\n');
	output_text(output, TONE_HEAD, field_text(vs, "name"));
	printf("  %s  level ", field_text(vs, "scheduler"));
	output_text(output, print_state_tone(level), level);
	printf("  %lld of %lld up, %lld serving", field_number(vs, "up"), all,
	       field_number(vs, "serving"));
	if (shown < all)
		printf(", %lld shown", shown);
	print_sources(output, vs);
	print_pause(output, vs);
	grid_init(&grid, 7, 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5);
	print_head_row(&grid);
	for (i = 0; i < (size_t)shown; i++)
		print_server_row(&grid, json_object_array_get_idx(servers, i));
	grid_print(&grid, output, 2);
	grid_free(&grid);
	if (sorry)
		printf("  sorry server %s: %s\n", field_text(sorry, "address"),
		       field(sorry, "weight_kernel") ? "in the table" :
						       "not in the table");
}

static void print_answering(const struct output *output,
			    struct json_object *process)
{
	if (field_flag(process, "running") && !field_flag(process, "answering"))
		output_text(output, TONE_BAD, ", not answering");
}

/* How many instances are in STATE on the other balancer. */
static unsigned print_other_count(struct json_object *peer, const char *state)
{
	struct json_object *list = field(peer, "instances");
	unsigned count = 0;
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++)
		count += strcmp(field_text(json_object_array_get_idx(list, i),
					   "state"),
				state) == 0;
	return count;
}

/* The other balancer as it reports itself: a line of its own. */
static void print_other(const struct output *output, struct json_object *peer)
{
	double ahead = json_object_get_double(field(peer, "clock_ahead_s"));
	char text[64];

	if (!field_flag(peer, "reports")) {
		output_text(
			output, TONE_WARN,
			field_flag(peer, "clocks_apart") ?
				"\nother balancer: nothing it says is taken, "
				"since the clocks of the two are more than "
				"60 s apart; set them right" :
				"\nother balancer: it does not report");
		return;
	}
	fputs("\nother balancer: evenkeeld ", stdout);
	output_text(output,
		    field_flag(peer, "same_version") ? TONE_PLAIN : TONE_WARN,
		    field_text(peer, "version"));
	printf(", %u MASTER, %u BACKUP, %u FAULT, ",
	       print_other_count(peer, "MASTER"),
	       print_other_count(peer, "BACKUP"),
	       print_other_count(peer, "FAULT"));
	if (field_flag(peer, "same_configuration"))
		fputs("the same virtual servers", stdout);
	else
		output_text(output, TONE_WARN, "OTHER virtual servers");
	if (!field_flag(peer, "table_complete"))
		output_text(output, TONE_WARN, ", table not complete");
	if (!field_flag(peer, "verdicts_complete"))
		output_text(output, TONE_WARN, ", still checking");
	snprintf(text, sizeof(text), ", its clock %+.1f s", ahead);
	if (ahead > 1 || ahead < -1)
		output_text(output, TONE_WARN, text);
}

static void print_peer(const struct output *output, struct json_object *peer)
{
	char ago[32], text[64];

	if (!peer)
		return;
	printf("\npeer: ");
	if (!field_flag(peer, "running"))
		output_text(output, TONE_WARN, "not running");
	else
		printf("pid %lld", field_number(peer, "pid"));
	print_answering(output, peer);
	printf(", %s ", field_text(peer, "address"));
	if (field(peer, "heard_s"))
		snprintf(text, sizeof(text), "last heard %s",
			 field_ago(peer, "heard_s", ago, sizeof(ago)));
	else
		snprintf(text, sizeof(text), "never heard");
	output_text(output, field_flag(peer, "silent") ? TONE_BAD : TONE_PLAIN,
		    text);
	print_other(output, peer);
}

/* Daemons from before there were several have one only. */
static void print_peers(const struct output *output, struct json_object *daemon)
{
	struct json_object *list = field(daemon, "peers");
	size_t i;

	if (!list)
		print_peer(output, field(daemon, "peer"));
	for (i = 0; list && i < json_object_array_length(list); i++)
		print_peer(output, json_object_array_get_idx(list, i));
}

/* A line for a neighbour that is not up. */
static void print_neighbor(const struct output *output, struct json_object *one)
{
	const char *why = field_text(one, "why");
	const char *state = field_text(one, "state");
	char text[256], since[40] = "", age[32];

	if (field(one, "since_s"))
		snprintf(since, sizeof(since), " for %s",
			 field_age(one, "since_s", age, sizeof(age)));
	snprintf(text, sizeof(text), "\n    %s (%s) %s%s%s%s",
		 field_text(one, "name"), field_text(one, "neighbor"), state,
		 since, *why ? ": " : "", why);
	output_text(output, strcmp(state, "down") == 0 ? TONE_BAD : TONE_WARN,
		    text);
}

static void print_neighbors(const struct output *output,
			    struct json_object *bfd)
{
	struct json_object *list = field(bfd, "sessions"), *one;
	size_t i, up = 0, nr = list ? json_object_array_length(list) : 0;

	if (!bfd)
		return;
	fputs("\nbfd: ", stdout);
	if (!field_flag(bfd, "running"))
		output_text(output, TONE_WARN, "not running");
	else
		printf("pid %lld", field_number(bfd, "pid"));
	print_answering(output, bfd);
	for (i = 0; i < nr; i++) {
		one = json_object_array_get_idx(list, i);
		up += strcmp(field_text(one, "state"), "up") == 0;
	}
	printf(", %zu of %zu neighbours up", up, nr);
	for (i = 0; i < nr; i++) {
		one = json_object_array_get_idx(list, i);
		if (strcmp(field_text(one, "state"), "up") != 0)
			print_neighbor(output, one);
	}
}

static void print_mail(const struct output *output, struct json_object *mail)
{
	char text[80];

	if (!mail)
		return;
	fputs("\nmail: ", stdout);
	if (!field_flag(mail, "running"))
		output_text(output, TONE_WARN, "not running");
	else
		printf("pid %lld", field_number(mail, "pid"));
	print_answering(output, mail);
	printf(", to %s port %lld, ", field_text(mail, "server"),
	       field_number(mail, "port"));
	snprintf(text, sizeof(text), "%lld waiting%s",
		 field_number(mail, "waiting"),
		 field_flag(mail, "failing") ?
			 ", the last attempt failed; the log says why" :
			 "");
	output_text(output,
		    field_flag(mail, "failing") ? TONE_WARN : TONE_PLAIN, text);
}

static void print_pair(const struct output *output, struct json_object *pair)
{
	if (!pair)
		return;
	fputs("\nvrrp: ", stdout);
	if (!field_flag(pair, "running"))
		output_text(output, TONE_WARN, "not running");
	else
		printf("pid %lld", field_number(pair, "pid"));
	print_answering(output, pair);
	printf(", %lld MASTER, %lld BACKUP, %lld FAULT",
	       field_number(pair, "master"), field_number(pair, "backup"),
	       field_number(pair, "fault"));
	if (field_flag(pair, "waits_for_table"))
		output_text(output, TONE_WARN,
			    ", waiting until the table is complete");
}

static void print_kernel(const struct output *output,
			 struct json_object *kernel)
{
	char audited[32];

	fputs("\nkernel: ", stdout);
	if (field_flag(kernel, "reached"))
		printf("%lld changes, %lld repairs, last compared %s\n",
		       field_number(kernel, "changes"),
		       field_number(kernel, "repairs"),
		       field_ago(kernel, "audited_s", audited,
				 sizeof(audited)));
	else
		output_text(output, TONE_BAD,
			    "the table cannot be read; the log says why\n");
}

static void print_daemon(const struct output *output,
			 struct json_object *daemon)
{
	struct json_object *checker = field(daemon, "checker");
	char up[32], spoke[32], read[32];

	printf("evenkeeld %s, pid %lld, up %s, %s (generation %lld)%s\n",
	       field_text(daemon, "version"), field_number(daemon, "pid"),
	       field_age(daemon, "uptime_s", up, sizeof(up)),
	       field_text(daemon, "config_file"),
	       field_number(daemon, "generation"),
	       field_flag(daemon, "keepalived_compat") ? ", keepalived_compat" :
							 "");
	if (field_flag(daemon, "config_refused")) {
		printf("the file was refused when it was read %s; ",
		       field_ago(daemon, "config_read_s", read, sizeof(read)));
		output_text(output, TONE_WARN,
			    "the configuration of before is in force, and "
			    "'evenkeeld -t' says why\n");
	}
	fputs("checker: ", stdout);
	if (!field_flag(checker, "running"))
		output_text(output, TONE_WARN, "not running");
	else
		printf("pid %lld, last heard %s, %lld verdicts",
		       field_number(checker, "pid"),
		       field_ago(checker, "spoke_s", spoke, sizeof(spoke)),
		       field_number(checker, "verdicts"));
	print_answering(output, checker);
	if (field_number(checker, "restarts"))
		printf(", %lld restarts", field_number(checker, "restarts"));
	if (field_number(checker, "stale_checks"))
		printf(", %lld checks are late",
		       field_number(checker, "stale_checks"));
	print_pair(output, field(daemon, "vrrp"));
	print_peers(output, daemon);
	print_neighbors(output, field(daemon, "bfd"));
	print_mail(output, field(daemon, "mail"));
	if (field(daemon, "kernel"))
		print_kernel(output, field(daemon, "kernel"));
	else
		putchar('\n');
}

int print_status(const struct output *output, struct json_object *answer)
{
	struct json_object *list = field(answer, "virtual_servers");
	struct json_object *daemon = field(answer, "daemon");
	size_t i;

	print_daemon(output, daemon);
	for (i = 0; list && i < json_object_array_length(list); i++)
		print_virtual_server(output,
				     json_object_array_get_idx(list, i));
	if (!field(daemon, "kernel"))
		return 0; /* -P */
	return field_flag(field(daemon, "kernel"), "reached") ? 0 : 1;
}

int print_plan(const struct output *output, struct json_object *answer)
{
	struct json_object *list = field(answer, "changes");
	size_t i, count = list ? json_object_array_length(list) : 0;

	if (!field_flag(answer, "reached")) {
		fputs("evenkeel: the daemon cannot read the kernel's table; its log says why\n",
		      stderr);
		return 1;
	}
	for (i = 0; i < count; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		printf("%s\n    ", field_text(one, "change"));
		output_text(output, TONE_FAINT, field_text(one, "reason"));
		putchar('\n');
	}
	if (count == 0)
		puts("The kernel's table is as it should be: nothing to change.");
	return 0;
}

static void print_headroom_row(struct grid *grid, struct json_object *one)
{
	long long servers = field_number(one, "servers");
	long long survives = field_number(one, "survives");
	long long target = field_number(one, "target");

	grid_row(grid);
	grid_cell(grid, 0, TONE_HEAD, "%s", field_text(one, "name"));
	if (servers == 0) {
		grid_cell(grid, 1, TONE_FAINT, "-");
		grid_cell(grid, 6, TONE_FAINT,
			  "no server has told its max_connections");
		return;
	}
	grid_cell(grid, 1, survives < target ? TONE_BAD : TONE_GOOD,
		  "%lld of %lld", survives, servers);
	grid_cell(grid, 2, TONE_PLAIN, "%lld",
		  field_number(one, "survives_peak"));
	grid_cell(grid, 3, TONE_PLAIN, "%lld", target);
	grid_cell(grid, 4, TONE_PLAIN, "%lld",
		  field_number(one, "connections"));
	grid_cell(grid, 5, TONE_PLAIN, "%lld",
		  field_number(one, "connections_room"));
	if (field(one, "worst_server"))
		grid_cell(grid, 6, TONE_FAINT,
			  "if %lld fail, %s needs %lld of its %lld", target,
			  field_text(one, "worst_server"),
			  field_number(one, "worst_needs"),
			  field_number(one, "worst_max"));
}

int print_headroom(const struct output *output, struct json_object *answer)
{
	static const char *const words[] = { "POOL",   "SURVIVES", "AT PEAK",
					     "WANTED", "IN USE",   "ROOM",
					     "THEN" };
	struct json_object *list = field(answer, "virtual_servers");
	struct grid grid;
	size_t i;

	grid_init(&grid, ARRAY_SIZE(words),
		  1u << 1 | 1u << 2 | 1u << 3 | 1u << 4 | 1u << 5);
	grid_row(&grid);
	for (i = 0; i < ARRAY_SIZE(words); i++)
		grid_cell(&grid, i, TONE_HEAD, "%s", words[i]);
	for (i = 0; list && i < json_object_array_length(list); i++)
		print_headroom_row(&grid, json_object_array_get_idx(list, i));
	grid_print(&grid, output, 0);
	grid_free(&grid);
	list = field(answer, "advice");
	for (i = 0; list && i < json_object_array_length(list); i++) {
		putchar('\n');
		output_text(output, TONE_WARN, "advice: ");
		puts(json_object_get_string(
			json_object_array_get_idx(list, i)));
	}
	return 0;
}

int print_events(const struct output *output, struct json_object *answer)
{
	struct json_object *list = field(answer, "events");
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		output_text(output, TONE_FAINT, field_text(one, "time"));
		printf("  %s\n", field_text(one, "text"));
	}
	return 0;
}

int print_explain(const struct output *output, struct json_object *answer)
{
	struct json_object *list = field(answer, "servers"), *chain;
	struct grid grid;
	size_t i, c;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		output_text(output, TONE_HEAD, field_text(one, "address"));
		printf(" of %s\n", field_text(one, "virtual_server"));
		chain = field(one, "chain");
		grid_init(&grid, 2, 0);
		for (c = 0; chain && c < json_object_array_length(chain); c++) {
			struct json_object *link =
				json_object_array_get_idx(chain, c);

			grid_row(&grid);
			grid_cell(&grid, 0, TONE_FAINT, "%s",
				  field_text(link, "step"));
			grid_cell(&grid, 1, TONE_PLAIN, "%s",
				  field_text(link, "text"));
		}
		/* Lines are not cut here: every word counts. */
		grid_print(&grid, &(struct output){ .colour = output->colour },
			   2);
		grid_free(&grid);
	}
	return 0;
}

int print_reload(const struct output *output, struct json_object *answer)
{
	if (field_flag(answer, "reloaded")) {
		puts("The new configuration is in force.");
		return 0;
	}
	fprintf(stderr, "evenkeel: %s\n", field_text(answer, "error"));
	return 1;
}
