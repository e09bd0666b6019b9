/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/migrate/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"
#include "lib/util.h"

/*
 * Ways out for words that are not acted on, by how the word begins, the longest
 * first. A message names its word in single quotes.
 */
static const struct {
	const char *word, *way_out;
} migrate_ways[] = {
	{ "enable_snmp", "'metrics_listen' serves the figures" },
	{ "enable_traps", "'notify' and mail tell of each change" },
	{ "enable_dbus", "'notify' tells of each change, 'evenkeel' answers" },
};

#define MIGRATE_STRICT_WAY \
	"mend the line, or write keepalived_compat into global_defs"
#define MIGRATE_WORD_WAY "take the word out if you can do without"

static const char *migrate_way_out(enum migrate_kind kind, const char *text)
{
	const char *word = strchr(text, '\'');
	size_t i;

	if (kind == MIGRATE_REFUSED || kind == MIGRATE_QUIET)
		return "";
	for (i = 0; word && i < ARRAY_SIZE(migrate_ways); i++) {
		if (strncmp(word + 1, migrate_ways[i].word,
			    strlen(migrate_ways[i].word)) == 0)
			return migrate_ways[i].way_out;
	}
	if (strstr(text, "not acted on"))
		return MIGRATE_WORD_WAY;
	return kind == MIGRATE_STRICT ? MIGRATE_STRICT_WAY : "";
}

static void migrate_add(struct migration *migration, enum migrate_kind kind,
			const struct conf_message *message)
{
	struct migrate_note *note;

	migration->notes = array_grow(migration->notes, migration->nr_notes,
				      &migration->room_notes, sizeof(*note));
	note = &migration->notes[migration->nr_notes++];
	*note = (struct migrate_note){
		.kind = kind,
		.file = message->file ? xstrdup(message->file) : NULL,
		.line = message->line,
		.column = message->column,
		.text = xstrdup(message->text),
		.way_out = migrate_way_out(kind, message->text),
	};
}

/* As keepalived reads the file. */
static void migrate_say(struct conf_report *report,
			const struct conf_message *message)
{
	static const enum migrate_kind kinds[] = {
		[CONF_NOTE] = MIGRATE_QUIET,
		[CONF_WARNING] = MIGRATE_DIFFERS,
		[CONF_ERROR] = MIGRATE_REFUSED,
	};

	migrate_add(report->arg, kinds[message->severity], message);
}

/* A second parse of the same text, by the own rules, beside the first. */
struct migrate_second {
	struct migration *migration;
	size_t nr_first; /* notes of the first parse, in order */
	size_t next; /* of these, the first that may be at this place */
};

static bool migrate_at(const struct migrate_note *note,
		       const struct conf_message *message)
{
	if (!note->file || !message->file)
		return note->file == message->file;
	return note->line == message->line && note->column == message->column &&
	       strcmp(note->file, message->file) == 0;
}

/* The note of the first parse at this place, or NULL. */
static struct migrate_note *migrate_known(struct migrate_second *second,
					  const struct conf_message *message)
{
	struct migrate_note *note;
	size_t i;

	/* The two parses complain in the order of the text. */
	for (i = second->next; i < second->nr_first; i++) {
		note = &second->migration->notes[i];
		if (note->kind == MIGRATE_QUIET || !migrate_at(note, message))
			continue;
		second->next = i;
		return note;
	}
	return NULL;
}

static void migrate_say_strict(struct conf_report *report,
			       const struct conf_message *message)
{
	struct migrate_second *second = report->arg;
	struct migrate_note *note;

	if (message->severity != CONF_ERROR)
		return;
	note = migrate_known(second, message);
	if (note)
		note->strict = true;
	else
		migrate_add(second->migration, MIGRATE_STRICT, message);
}

static int migrate_parse(const char *text, size_t length, bool compat,
			 struct conf_report *report, struct conf **conf)
{
	struct conf_options options = { .compat = compat };

	return conf_parse(text, length, &options, conf, report);
}

static int migrate_order(const void *a, const void *b)
{
	const struct migrate_note *x = a, *y = b;
	int order;

	if (!x->file || !y->file)
		return !!x->file - !!y->file;
	order = strcmp(x->file, y->file);
	if (order)
		return order;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->kind < y->kind ? -1 : x->kind > y->kind;
}

int migrate_text(struct migration *migration, const char *text, size_t length)
{
	struct migrate_second second = { .migration = migration };
	struct conf_report first = { .say = migrate_say, .arg = migration };
	struct conf_report strict = { .say = migrate_say_strict,
				      .arg = &second };
	struct conf *conf;
	size_t i;

	if (migrate_parse(text, length, true, &first, &conf) < 0)
		return MIGRATE_EXIT_REFUSED;
	migration->vrrp = conf->vrrp->nr_instances > 0;
	migration->sync = conf->pair->sync.ifname != NULL;
	migrate_propose(migration, conf);
	conf_free(conf);
	second.nr_first = migration->nr_notes;
	migrate_parse(text, length, false, &strict, &conf);
	conf_free(conf);
	if (migration->nr_notes)
		qsort(migration->notes, migration->nr_notes,
		      sizeof(*migration->notes), migrate_order);
	for (i = 0; i < migration->nr_notes; i++) {
		if (migration->notes[i].kind == MIGRATE_DIFFERS)
			return MIGRATE_EXIT_DIFFERS;
	}
	return MIGRATE_EXIT_SAME;
}

int migrate_run(const char *path, const char *config_id, bool json)
{
	struct conf_options options = { .config_id = config_id,
					.compat = true };
	struct migration migration = { .path = path };
	struct conf_report report = { .say = migrate_say, .arg = &migration };
	char *text = NULL;
	size_t length = 0;
	int status = MIGRATE_EXIT_REFUSED;

	if (conf_read(path, &options, &text, &length, &report) == 0)
		status = migrate_text(&migration, text, length);
	if (text)
		explicit_bzero(text, length); /* it may hold passwords */
	free(text);
	if (json)
		migrate_print_json(&migration, status);
	else
		migrate_print(&migration);
	migrate_free(&migration);
	return status;
}

void migrate_free(struct migration *migration)
{
	size_t i;

	for (i = 0; i < migration->nr_notes; i++) {
		free(migration->notes[i].file);
		free(migration->notes[i].text);
	}
	for (i = 0; i < migration->nr_proposals; i++) {
		free(migration->proposals[i].places);
		free(migration->proposals[i].why);
		free(migration->proposals[i].block);
	}
	free(migration->notes);
	free(migration->proposals);
}
