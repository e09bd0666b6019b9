/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/drill_report.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/drill_plot.h"
#include "ctl/drill_watch.h"

#define REPORT_LIVE_EVERY (200 * USEC_PER_MSEC)
/* In a pipe. */
#define REPORT_WIDTH 80

void drill_report_init(struct drill_report *report, const struct output *output,
		       bool json)
{
	memset(report, 0, sizeof(*report));
	report->output = output;
	report->json = json;
	report->live = !json && isatty(STDOUT_FILENO) && output->width > 0;
}

static void report_live_clear(const struct drill_report *report)
{
	if (report->live)
		fputs("\r\033[K", stdout);
}

void drill_report_news(struct drill_report *report, usec_t now,
		       const char *news, const char *words)
{
	struct timespec wall;
	char clock[16];
	struct tm tm;

	if (report->json)
		return;
	report_live_clear(report);
	clock_gettime(CLOCK_REALTIME, &wall);
	localtime_r(&wall.tv_sec, &tm);
	strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
	printf("%s.%03ld  %7.2f s  %s%s%s\n", clock, wall.tv_nsec / 1000000,
	       (double)now / 1e6, news, words[0] ? ": " : "", words);
	fflush(stdout);
}

void drill_report_live(struct drill_report *report,
		       const struct drill_stats *stats, usec_t now)
{
	usec_t waiting = drill_stats_waiting(stats, now);
	char line[256], name[DRILL_NAME_MAX + 32];

	if (!report->live || now - report->shown < REPORT_LIVE_EVERY)
		return;
	report->shown = now;
	report_live_clear(report);
	snprintf(line, sizeof(line),
		 "%.1f s  %s  %u answered, %u failed, longest gap %.2f s",
		 (double)now / 1e6,
		 drill_server_text(stats, stats->last_server, name,
				   sizeof(name)),
		 stats->counts[DRILL_ANSWERED], drill_stats_failed(stats),
		 (double)(stats->longest.to - stats->longest.from) / 1e6);
	/* A line that is as wide as the window would wrap in some terminals. */
	printf("%.*s", (int)report->output->width - 1, line);
	if (waiting > 5 * stats->interval &&
	    strlen(line) + 24 < report->output->width) {
		snprintf(line, sizeof(line), ", none for %.1f s",
			 (double)waiting / 1e6);
		output_text(report->output, TONE_BAD, line);
	}
	fflush(stdout);
}

static double report_seconds(usec_t time)
{
	return (double)time / 1e6;
}

static void report_errors(const struct drill_watch *watch)
{
	unsigned kind;

	for (kind = DRILL_ANSWERED + 1; kind < DRILL_KINDS; kind++) {
		if (!watch->stats.counts[kind])
			continue;
		printf("  %6u  %s", watch->stats.counts[kind],
		       drill_kind_text((enum drill_kind)kind));
		if (watch->texts[kind][0])
			printf(" (%s)", watch->texts[kind]);
		putchar('\n');
	}
}

static void report_servers(const struct drill_watch *watch)
{
	char name[DRILL_NAME_MAX + 32];
	unsigned i;

	for (i = 0; i < watch->stats.nr_servers; i++) {
		const struct drill_server *one = &watch->stats.servers[i];

		printf("  %6u  by %s%s, from %.2f s to %.2f s\n", one->answers,
		       drill_server_text(&watch->stats, (uint8_t)i, name,
					 sizeof(name)),
		       one->read_only ? ", read-only" : "",
		       report_seconds(one->first), report_seconds(one->last));
	}
}

static void report_times(const struct drill_watch *watch, size_t width)
{
	size_t nr;
	uint32_t *times = drill_stats_times(&watch->stats, &nr);

	if (!times)
		return;
	printf("\nConnect, login and query took, in ms: "
	       "half %.1f, 90 %% %.1f, 99 %% %.1f, all %.1f\n",
	       drill_stats_quantile(times, nr, 500) / 1e3,
	       drill_stats_quantile(times, nr, 900) / 1e3,
	       drill_stats_quantile(times, nr, 990) / 1e3,
	       drill_stats_quantile(times, nr, 1000) / 1e3);
	drill_plot_times(stdout, &watch->stats, width);
	free(times);
}

static void report_people(const struct drill_report *report,
			  const struct drill_watch *watch)
{
	size_t width = report->output->width ? report->output->width :
					       REPORT_WIDTH;
	const struct drill_gap *gap = &watch->stats.longest;
	char before[DRILL_NAME_MAX + 32], after[DRILL_NAME_MAX + 32];

	report_live_clear(report);
	printf("\n%s port %u, %.1f s: %zu attempts, %u answered, %u failed\n",
	       watch->target->host, watch->target->port,
	       report_seconds(watch->took), watch->stats.nr,
	       watch->stats.counts[DRILL_ANSWERED],
	       drill_stats_failed(&watch->stats));
	report_servers(watch);
	report_errors(watch);
	printf("Longest time without an answer: %.2f s, from %.2f s to %.2f s; "
	       "before: %s, after: %s\n",
	       report_seconds(gap->to - gap->from), report_seconds(gap->from),
	       report_seconds(gap->to),
	       drill_server_text(&watch->stats, gap->before, before,
				 sizeof(before)),
	       drill_server_text(&watch->stats, gap->after, after,
				 sizeof(after)));
	if (watch->stats.stood_still)
		printf("This host was too busy for the stopwatch for %.2f s in all, "
		       "which may be part of it\n",
		       report_seconds(watch->stats.stood_still));
	if (watch->stats.not_started)
		printf("This host could not start %u attempts (%s), which may be part "
		       "of it\n",
		       watch->stats.not_started, strerror(watch->not_started));
	putchar('\n');
	drill_plot_timeline(stdout, &watch->stats, watch->took, width);
	report_times(watch, width);
}

static struct json_object *report_real(double value)
{
	char text[32];

	snprintf(text, sizeof(text), "%.3f", value);
	return json_object_new_double_s(value, text);
}

static struct json_object *report_whole(int64_t value)
{
	return json_object_new_int64(value);
}

static struct json_object *report_json_servers(const struct drill_stats *stats)
{
	struct json_object *list = json_object_new_array(), *obj;
	unsigned i;

	for (i = 0; i < stats->nr_servers; i++) {
		const struct drill_server *one = &stats->servers[i];

		obj = json_object_new_object();
		json_object_object_add(obj, "hostname",
				       json_object_new_string(one->name));
		json_object_object_add(obj, "server_id", report_whole(one->id));
		json_object_object_add(obj, "read_only",
				       json_object_new_boolean(one->read_only));
		json_object_object_add(obj, "answers",
				       report_whole(one->answers));
		json_object_object_add(obj, "first_s",
				       report_real(report_seconds(one->first)));
		json_object_object_add(obj, "last_s",
				       report_real(report_seconds(one->last)));
		json_object_array_add(list, obj);
	}
	return list;
}

static struct json_object *report_json_errors(const struct drill_watch *watch)
{
	struct json_object *list = json_object_new_array(), *obj;
	unsigned kind;

	for (kind = DRILL_ANSWERED + 1; kind < DRILL_KINDS; kind++) {
		if (!watch->stats.counts[kind])
			continue;
		obj = json_object_new_object();
		json_object_object_add(obj, "kind",
				       json_object_new_string(drill_kind_word(
					       (enum drill_kind)kind)));
		json_object_object_add(obj, "count",
				       report_whole(watch->stats.counts[kind]));
		json_object_object_add(
			obj, "text",
			json_object_new_string(watch->texts[kind]));
		json_object_array_add(list, obj);
	}
	return list;
}

static struct json_object *report_json_times(const struct drill_stats *stats)
{
	struct json_object *obj;
	uint32_t *times;
	size_t nr;

	times = drill_stats_times(stats, &nr);
	if (!times)
		return NULL;
	obj = json_object_new_object();
	json_object_object_add(
		obj, "p50",
		report_real(drill_stats_quantile(times, nr, 500) / 1e3));
	json_object_object_add(
		obj, "p90",
		report_real(drill_stats_quantile(times, nr, 900) / 1e3));
	json_object_object_add(
		obj, "p99",
		report_real(drill_stats_quantile(times, nr, 990) / 1e3));
	json_object_object_add(
		obj, "max",
		report_real(drill_stats_quantile(times, nr, 1000) / 1e3));
	free(times);
	return obj;
}

/* The hostname, or null. */
static struct json_object *report_json_name(const struct drill_stats *stats,
					    uint8_t server)
{
	return server < stats->nr_servers ?
		       json_object_new_string(stats->servers[server].name) :
		       NULL;
}

static struct json_object *report_json_gap(const struct drill_stats *stats)
{
	const struct drill_gap *gap = &stats->longest;
	struct json_object *obj = json_object_new_object();

	json_object_object_add(
		obj, "seconds",
		report_real(report_seconds(gap->to - gap->from)));
	json_object_object_add(obj, "from_s",
			       report_real(report_seconds(gap->from)));
	json_object_object_add(obj, "to_s",
			       report_real(report_seconds(gap->to)));
	json_object_object_add(obj, "before",
			       report_json_name(stats, gap->before));
	json_object_object_add(obj, "after",
			       report_json_name(stats, gap->after));
	return obj;
}

static void report_json(const struct drill_watch *watch)
{
	const struct drill_stats *stats = &watch->stats;
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "address",
			       json_object_new_string(watch->target->host));
	json_object_object_add(obj, "port", report_whole(watch->target->port));
	json_object_object_add(obj, "took_s",
			       report_real(report_seconds(watch->took)));
	json_object_object_add(obj, "attempts",
			       report_whole((int64_t)stats->nr));
	json_object_object_add(obj, "answered",
			       report_whole(stats->counts[DRILL_ANSWERED]));
	json_object_object_add(obj, "servers", report_json_servers(stats));
	json_object_object_add(obj, "errors", report_json_errors(watch));
	json_object_object_add(obj, "times_ms", report_json_times(stats));
	json_object_object_add(obj, "longest_gap", report_json_gap(stats));
	json_object_object_add(obj, "stood_still_s",
			       report_real(report_seconds(stats->stood_still)));
	json_object_object_add(obj, "not_started",
			       report_whole(stats->not_started));
	json_object_object_add(
		obj, "not_started_text",
		json_object_new_string(watch->not_started ?
					       strerror(watch->not_started) :
					       ""));
	puts(json_object_to_json_string_ext(
		obj, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}

void drill_report_end(struct drill_report *report,
		      const struct drill_watch *watch)
{
	if (report->json)
		report_json(watch);
	else
		report_people(report, watch);
}
