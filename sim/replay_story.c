/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/replay_story.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/replay_compare.h"

#define STORY_UNKNOWN (-2)
#define STORY_OUT (-1)
/* Servers that the sentence names. */
#define STORY_NAMED 4
#define STORY_ROWS_MAX 40

static const char *const story_kinds[STORY_KINDS] = {
	[STORY_SAME] = "same",
	[STORY_KEPT] = "kept",
	[STORY_TAKEN] = "taken-out",
	[STORY_WEIGHT] = "weight",
};

const char *story_kind_name(enum story_kind kind)
{
	return story_kinds[kind];
}

const char *story_clock(usec_t wall, bool date, char out[40])
{
	time_t seconds = (time_t)(wall / USEC_PER_SEC);
	struct tm tm;
	size_t used;

	localtime_r(&seconds, &tm);
	used = strftime(out, 40, date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S", &tm);
	if (date)
		snprintf(out + used, 40 - used, ".%03d",
			 (int)(wall % USEC_PER_SEC / USEC_PER_MSEC));
	return out;
}

void story_init(struct story *story, usec_t from, usec_t to, bool compares)
{
	*story = (struct story){ .from = from,
				 .to = to > from ? to : from + 1,
				 .compares = compares };
}

void story_free(struct story *story)
{
	size_t i;

	for (i = 0; i < story->nr_servers; i++)
		free(story->servers[i].name);
	free(story->servers);
	free(story->of_recorded);
	free(story->of_other);
	free(story->changes);
	free(story->subject);
}

static void story_line_init(struct story_line *line)
{
	size_t i;

	line->weight = STORY_UNKNOWN;
	for (i = 0; i < STORY_COLUMNS; i++)
		line->lowest[i] = STORY_UNKNOWN;
}

static uint32_t story_find(struct story *story, const char *name, size_t hint)
{
	struct story_server *server;
	size_t i;

	/* Most reloads keep the order. */
	if (hint < story->nr_servers &&
	    strcmp(story->servers[hint].name, name) == 0)
		return (uint32_t)hint;
	for (i = 0; i < story->nr_servers; i++)
		if (strcmp(story->servers[i].name, name) == 0)
			return (uint32_t)i;
	story->servers = array_grow(story->servers, story->nr_servers,
				    &story->room_servers, sizeof(*server));
	server = &story->servers[story->nr_servers];
	memset(server, 0, sizeof(*server));
	server->name = xstrdup(name);
	story_line_init(&server->recorded);
	story_line_init(&server->other);
	return (uint32_t)story->nr_servers++;
}

/* The caller frees the result. */
static uint32_t *story_map(struct story *story, const struct conf *conf)
{
	uint32_t *map = xcalloc(conf->nr_servers, sizeof(*map)), i;
	char name[REPLAY_TEXT_MAX];

	for (i = 0; i < conf->nr_servers; i++)
		map[i] = story_find(
			story, replay_server_name(conf, i, name, sizeof(name)),
			i);
	return map;
}

/* Is LINE of LENGTH bytes among the lines of TEXT? */
static bool story_has_line(const char *text, const char *line, size_t length)
{
	const char *at = text;

	while ((at = strstr(at, "\n"))) {
		at++;
		if (strncmp(at, line, length) == 0 && at[length] == '\n')
			return true;
	}
	return false;
}

/* The one line that the other configuration has and the recorded has not. */
static char *story_subject(const char *recorded, const char *other)
{
	const char *found = NULL, *at = other, *eol;
	size_t length = 0;

	for (; (eol = strchr(at, '\n')); at = eol + 1) {
		if (story_has_line(recorded, at, (size_t)(eol - at)))
			continue;
		if (found && ((size_t)(eol - at) != length ||
			      strncmp(found, at, length) != 0))
			return NULL;
		found = at;
		length = (size_t)(eol - at);
	}
	while (length > 0 && (*found == '\t' || *found == ' ')) {
		found++;
		length--;
	}
	return length > 0 && found[length - 1] != '{' ? strndup(found, length) :
							NULL;
}

static void story_name_subject(struct story *story, const struct conf *recorded,
			       const struct conf *other, const char *name)
{
	size_t length;
	char *a = recording_conf_text(recorded, &length);
	char *b = recording_conf_text(other, &length);

	free(story->subject);
	story->subject = a && b ? story_subject(a, b) : NULL;
	if (!story->subject)
		story->subject = xstrdup(name);
	free(a);
	free(b);
}

void story_configured(struct story *story, const struct replay *replay,
		      const char *other_name)
{
	free(story->of_recorded);
	story->of_recorded = story_map(story, replay_conf(replay));
	if (!story->compares)
		return;
	free(story->of_other);
	story->of_other = story_map(story, replay_other_conf(replay));
	story_name_subject(story, replay_conf(replay),
			   replay_other_conf(replay), other_name);
}

static size_t story_column(const struct story *story, usec_t wall)
{
	size_t column =
		(size_t)((double)(wall - story->from) /
			 (double)(story->to - story->from) * STORY_COLUMNS);

	return column < STORY_COLUMNS ? column : STORY_COLUMNS - 1;
}

/* The weight did not change from FROM to TO, both inside the window. */
static void story_fill(const struct story *story, struct story_line *line,
		       usec_t from, usec_t to)
{
	size_t i, end = story_column(story, to);

	if (line->weight == STORY_UNKNOWN)
		return;
	for (i = story_column(story, from); i <= end; i++)
		if (line->lowest[i] == STORY_UNKNOWN ||
		    line->weight < line->lowest[i])
			line->lowest[i] = line->weight;
}

static usec_t story_inside(const struct story *story, usec_t wall)
{
	return wall < story->from ? story->from :
	       wall > story->to	  ? story->to :
				    wall;
}

/* Tell the time up to WALL with the weights as they are. */
static void story_advance(struct story *story, usec_t wall)
{
	usec_t from = story_inside(story, story->now ? story->now : wall);
	usec_t to = story_inside(story, wall);
	size_t i;

	story->now = wall;
	if (wall < story->from || from >= to)
		return;
	for (i = 0; i < story->nr_servers; i++) {
		story_fill(story, &story->servers[i].recorded, from, to);
		if (story->compares)
			story_fill(story, &story->servers[i].other, from, to);
	}
}

static enum story_kind story_kind(const struct story_server *server)
{
	int64_t a = server->recorded.weight, b = server->other.weight;

	if (a == STORY_UNKNOWN || b == STORY_UNKNOWN)
		return STORY_SAME;
	if (a > 0 && b > 0)
		return a == b ? STORY_SAME : STORY_WEIGHT;
	return a > 0 ? STORY_TAKEN : b > 0 ? STORY_KEPT : STORY_SAME;
}

/* Only the part inside the window counts. */
static void story_close(struct story *story, struct story_server *server,
			usec_t wall)
{
	struct story_change change = server->open;

	if (server->kind == STORY_SAME)
		return;
	change.from = story_inside(story, change.from);
	change.to = story_inside(story, wall);
	server->kind = STORY_SAME;
	if (change.to <= change.from)
		return;
	story->changes = array_grow(story->changes, story->nr_changes,
				    &story->room_changes, sizeof(change));
	story->changes[story->nr_changes++] = change;
}

static void story_judge(struct story *story, size_t i, usec_t wall)
{
	struct story_server *server = &story->servers[i];
	enum story_kind kind = story_kind(server);

	if (kind == server->kind)
		return;
	story_close(story, server, wall);
	server->kind = kind;
	server->open = (struct story_change){
		.server = (uint32_t)i,
		.kind = kind,
		.from = wall,
		.recorded = server->recorded.weight,
		.other = server->other.weight,
	};
}

/* A server may stand in several services: the highest weight counts. */
static void story_take_table(struct story *story, const struct table *table,
			     const struct conf *conf, const uint32_t *map,
			     bool other)
{
	struct story_line *line;
	uint32_t i;
	size_t d;

	for (i = 0; i < conf->nr_servers; i++) {
		line = other ? &story->servers[map[i]].other :
			       &story->servers[map[i]].recorded;
		line->weight = STORY_OUT;
	}
	for (d = 0; d < table->nr_dests; d++) {
		const struct table_dest *dest = &table->dests[d];

		if (dest->ref >= conf->nr_servers)
			continue;
		line = other ? &story->servers[map[dest->ref]].other :
			       &story->servers[map[dest->ref]].recorded;
		if (dest->weight > line->weight)
			line->weight = dest->weight;
	}
}

void story_decided(struct story *story, const struct replay *replay,
		   usec_t wall)
{
	size_t i;

	story_advance(story, wall);
	story_take_table(story, replay_wanted(replay), replay_conf(replay),
			 story->of_recorded, false);
	if (!story->compares)
		return;
	story_take_table(story, replay_other_wanted(replay),
			 replay_other_conf(replay), story->of_other, true);
	for (i = 0; i < story->nr_servers; i++)
		story_judge(story, i, wall);
}

void story_pause(struct story *story, usec_t wall)
{
	size_t i;

	story_advance(story, wall);
	for (i = 0; i < story->nr_servers; i++) {
		story_close(story, &story->servers[i], wall);
		story->servers[i].recorded.weight = STORY_UNKNOWN;
		story->servers[i].other.weight = STORY_UNKNOWN;
	}
}

/* All changes of one kind of one server. */
struct story_sum {
	unsigned times;
	usec_t first, total;
};

static struct story_sum story_sum(const struct story *story, uint32_t server,
				  enum story_kind kind)
{
	struct story_sum sum = { 0 };
	size_t i;

	for (i = 0; i < story->nr_changes; i++) {
		const struct story_change *change = &story->changes[i];

		if (change->server != server || change->kind != kind)
			continue;
		if (sum.times++ == 0)
			sum.first = change->from;
		sum.total += change->to - change->from;
	}
	return sum;
}

/* " at 02:14:05 for 40.0 s", " 3 times, 40.0 s in all, first at 02:14:05" */
static void story_say_sum(FILE *out, const struct story_sum *sum)
{
	double seconds = (double)sum->total / USEC_PER_SEC;
	char clock[40];

	story_clock(sum->first, false, clock);
	if (sum->times == 1)
		fprintf(out, " at %s for %.1f s", clock, seconds);
	else
		fprintf(out, " %u times, %.1f s in all, first at %s",
			sum->times, seconds, clock);
}

/* Returns how many servers it was. */
static unsigned story_say_kind(const struct story *story, FILE *out,
			       enum story_kind kind, const char *verb,
			       const char *end)
{
	unsigned said = 0;
	uint32_t i;

	for (i = 0; i < story->nr_servers; i++) {
		struct story_sum sum = story_sum(story, i, kind);

		if (sum.times == 0)
			continue;
		if (said == 0)
			fprintf(out, "%s ", verb);
		else if (said < STORY_NAMED)
			fputs(", ", out);
		if (said++ >= STORY_NAMED)
			continue;
		fprintf(out, "%s%s", story->servers[i].name, end);
		story_say_sum(out, &sum);
	}
	if (said > STORY_NAMED)
		fprintf(out, " and %u more", said - STORY_NAMED);
	return said;
}

char *story_sentence(const struct story *story)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	unsigned kept, taken, weights;

	if (!out)
		return NULL;
	fprintf(out, "%s would have ", story->subject ? story->subject : "it");
	kept = story_say_kind(story, out, STORY_KEPT, "kept", "");
	taken = story_say_kind(story, out, STORY_TAKEN,
			       kept ? "; it would have taken out" : "taken out",
			       "");
	weights = story_say_kind(
		story, out, STORY_WEIGHT,
		kept || taken ? "; it would have given other weights to" :
				"given other weights to",
		"");
	fputs(kept || taken || weights ? "; nobody else" :
					 "decided the same all the time",
	      out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static char story_shade(int64_t weight, int64_t highest)
{
	static const char shades[] = ".:-=+*#%@";
	int64_t last = (int64_t)sizeof(shades) - 2;

	if (weight == STORY_UNKNOWN)
		return '?';
	if (weight == STORY_OUT)
		return ' ';
	if (weight == 0)
		return '0';
	return shades[highest > 1 ? (weight - 1) * last / (highest - 1) : last];
}

static int64_t story_highest(const struct story *story)
{
	int64_t highest = 1;
	size_t i, c;

	for (i = 0; i < story->nr_servers; i++)
		for (c = 0; c < STORY_COLUMNS; c++) {
			const struct story_server *server = &story->servers[i];

			if (server->recorded.lowest[c] > highest)
				highest = server->recorded.lowest[c];
			if (server->other.lowest[c] > highest)
				highest = server->other.lowest[c];
		}
	return highest;
}

static void story_plot_line(const struct story_line *line, const char *name,
			    int64_t highest, FILE *out)
{
	size_t c;

	fprintf(out, "%-32.32s |", name);
	for (c = 0; c < STORY_COLUMNS; c++)
		fputc(story_shade(line->lowest[c], highest), out);
	fputs("|\n", out);
}

void story_plot(const struct story *story, FILE *out)
{
	int64_t highest = story_highest(story);
	char from[40], to[40];
	uint32_t i, rows = 0;

	fprintf(out,
		"lowest weight (blank: out, 0: drained, @: %lld, ?: not "
		"recorded), %s to %s, %.1f s a column\n",
		(long long)highest, story_clock(story->from, true, from),
		story_clock(story->to, true, to),
		(double)(story->to - story->from) / USEC_PER_SEC /
			STORY_COLUMNS);
	for (i = 0; i < story->nr_servers && rows < STORY_ROWS_MAX; i++) {
		const struct story_server *server = &story->servers[i];
		bool differs = memcmp(server->recorded.lowest,
				      server->other.lowest,
				      sizeof(server->other.lowest)) != 0;

		/* Whom nothing happened to is no news beside those others. */
		if (story->compares && !differs)
			continue;
		rows++;
		story_plot_line(&server->recorded, server->name, highest, out);
		if (story->compares)
			story_plot_line(&server->other, "  would have been",
					highest, out);
	}
	if (i < story->nr_servers)
		fprintf(out, "... and %zu servers more\n",
			story->nr_servers - i);
}
