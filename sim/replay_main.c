/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/replay_main.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/replay_story.h"

#define REPLAY_FILES 2 /* FILE.1 and FILE */
/* `--at` shows so much time before and after. */
#define REPLAY_AROUND (300 * USEC_PER_SEC)
/* Lines of text that are printed of one sort. */
#define REPLAY_LINES_MAX 1000

struct replay_bytes {
	unsigned char *data;
	size_t length;
};

struct replay_command {
	const char *file, *other_file;
	uint32_t unheard; /* checks of the other file without a result */
	const char *from_text, *to_text, *at_text;
	bool json, events, quiet;
	struct replay_bytes files[REPLAY_FILES];
	struct conf *conf;
	usec_t first, last; /* of the recording, wall */
	usec_t from, to;
	struct story story;
	struct json_object *notes, *remarks, *differences;
	unsigned lines;
};

static int replay_read_fd(int fd, struct replay_bytes *bytes)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	bytes->data = malloc((size_t)st.st_size + 1);
	if (!bytes->data)
		return -ENOMEM;
	/* A file that grows meanwhile is read as far as it was. */
	while (bytes->length < (size_t)st.st_size) {
		got = read(fd, bytes->data + bytes->length,
			   (size_t)st.st_size - bytes->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			break;
		bytes->length += (size_t)got;
	}
	return 0;
}

static int replay_read(const char *path, struct replay_bytes *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), error;

	if (fd < 0)
		return -errno;
	error = replay_read_fd(fd, bytes);
	close(fd);
	return error;
}

/* FILE, and before it the older half if there is one. */
static int replay_read_files(struct replay_command *self)
{
	char older[4096];
	int error;

	snprintf(older, sizeof(older), "%s.1", self->file);
	error = replay_read(older, &self->files[0]);
	if (error < 0 && error != -ENOENT) {
		fprintf(stderr, "%s: %s\n", older, strerror(-error));
		return error;
	}
	error = replay_read(self->file, &self->files[1]);
	if (error < 0)
		fprintf(stderr, "%s: %s\n", self->file, strerror(-error));
	return error;
}

static bool replay_find_span(struct replay_command *self)
{
	usec_t first, last;
	bool any = false;
	int i;

	for (i = 0; i < REPLAY_FILES; i++) {
		if (!recording_span(self->files[i].data, self->files[i].length,
				    &first, &last))
			continue;
		self->first = any ? self->first : first;
		self->last = last;
		any = true;
	}
	if (!any)
		fprintf(stderr, "%s: not a recording, or an empty one\n",
			self->file);
	return any;
}

static bool replay_take_time(const char *text, usec_t last, usec_t *time)
{
	if (!text || replay_time(text, last, time))
		return true;
	fprintf(stderr,
		"'%s' is no time; 02:14, 02:14:30, '2026-11-27 02:14' and "
		"@SECONDS are\n",
		text);
	return false;
}

static bool replay_find_window(struct replay_command *self)
{
	usec_t at = 0;

	self->from = self->first;
	self->to = self->last;
	if (!replay_take_time(self->from_text, self->last, &self->from) ||
	    !replay_take_time(self->to_text, self->last, &self->to) ||
	    !replay_take_time(self->at_text, self->last, &at))
		return false;
	if (self->at_text) {
		self->from = at - REPLAY_AROUND;
		self->to = at + REPLAY_AROUND;
	}
	return true;
}

static bool replay_read_conf(struct replay_command *self)
{
	struct conf_options options = { .config_id = NULL };
	struct conf_report report = { .say = conf_report_print };
	size_t length = 0;
	char *text = NULL;
	int error;

	if (!self->other_file)
		return true;
	error = conf_read(self->other_file, &options, &text, &length, &report);
	if (error == 0)
		error = conf_parse(text, length, &options, &self->conf,
				   &report);
	if (text)
		explicit_bzero(text, length);
	free(text);
	if (error < 0)
		fprintf(stderr, "%s is refused\n", self->other_file);
	return error == 0;
}

static bool replay_shows(const struct replay_command *self, usec_t wall)
{
	return wall >= self->from && wall <= self->to;
}

static struct json_object *replay_json_time(usec_t wall)
{
	usec_t ms = wall / USEC_PER_MSEC;

	return json_object_new_double((double)ms / 1000);
}

/* Prints a line, and keeps it for --json. */
static void replay_line(struct replay_command *self, struct json_object *list,
			usec_t wall, const char *label, const char *text)
{
	struct json_object *line;
	char clock[40];

	if (++self->lines > REPLAY_LINES_MAX && !self->events)
		return;
	if (!self->json) {
		if (!self->quiet)
			printf("%s  %s%s\n", story_clock(wall, true, clock),
			       label, text);
		return;
	}
	line = json_object_new_object();
	json_object_object_add(line, "time", replay_json_time(wall));
	json_object_object_add(line, "text", json_object_new_string(text));
	json_object_array_add(list, line);
}

static void replay_on_note(void *arg, usec_t wall, const char *text)
{
	struct replay_command *self = arg;

	if (replay_shows(self, wall))
		replay_line(self, self->notes, wall, "", text);
}

static void replay_on_remark(void *arg, usec_t wall, bool breaks,
			     const char *text)
{
	struct replay_command *self = arg;

	if (breaks)
		story_pause(&self->story, wall);
	if (replay_shows(self, wall))
		replay_line(self, self->remarks, wall, "-- ", text);
}

/* Never left out: a difference is a fault, whenever it was. */
static void replay_on_differs(void *arg, usec_t wall, uint64_t step,
			      const char *text)
{
	struct replay_command *self = arg;
	char label[64];

	snprintf(label, sizeof(label),
		 "DIFFERS at step %llu: ", (unsigned long long)step);
	replay_line(self, self->differences, wall, label, text);
}

static void replay_on_decided(void *arg, const struct replay *replay,
			      usec_t wall)
{
	struct replay_command *self = arg;

	story_decided(&self->story, replay, wall);
}

static void replay_on_configured(void *arg, const struct replay *replay,
				 usec_t wall)
{
	struct replay_command *self = arg;

	story_configured(&self->story, replay, self->other_file);
}

static void replay_print_counts(const struct replay_command *self,
				const struct replay_counts *counts)
{
	char from[40], to[40];

	printf("\n%llu inputs and %llu decisions, %s to %s",
	       (unsigned long long)counts->inputs,
	       (unsigned long long)counts->decisions,
	       story_clock(self->first, true, from),
	       story_clock(self->last, true, to));
	if (counts->gaps)
		printf(", with %llu gaps", (unsigned long long)counts->gaps);
	putchar('\n');
	if (counts->differing)
		printf("%llu decisions differ from the recorded ones: the "
		       "recording is damaged, or of another version, or the "
		       "program has a fault\n",
		       (unsigned long long)counts->differing);
	else if (counts->decisions)
		puts("every decision is the recorded one");
}

static void replay_print(struct replay_command *self,
			 const struct replay_counts *counts)
{
	char *sentence;

	if (!self->quiet && counts->decisions) {
		putchar('\n');
		story_plot(&self->story, stdout);
	}
	replay_print_counts(self, counts);
	if (!self->conf)
		return;
	sentence = story_sentence(&self->story);
	puts(sentence ? sentence : "");
	free(sentence);
	if (self->unheard)
		printf("checks of %s without a recorded result: %u; their "
		       "servers never prove themselves there: leave these "
		       "checks out of it\n",
		       self->other_file, self->unheard);
}

static struct json_object *replay_json_changes(const struct story *story)
{
	struct json_object *list = json_object_new_array(), *one;
	size_t i;

	for (i = 0; i < story->nr_changes; i++) {
		const struct story_change *change = &story->changes[i];

		one = json_object_new_object();
		json_object_object_add(
			one, "server",
			json_object_new_string(
				story->servers[change->server].name));
		json_object_object_add(
			one, "change",
			json_object_new_string(story_kind_name(change->kind)));
		json_object_object_add(one, "from",
				       replay_json_time(change->from));
		json_object_object_add(one, "to", replay_json_time(change->to));
		json_object_object_add(one, "recorded",
				       json_object_new_int64(change->recorded));
		json_object_object_add(one, "would_have_been",
				       json_object_new_int64(change->other));
		json_object_array_add(list, one);
	}
	return list;
}

static void replay_print_json(struct replay_command *self,
			      const struct replay_counts *counts)
{
	struct json_object *out = json_object_new_object();
	char *sentence;

	json_object_object_add(out, "first", replay_json_time(self->first));
	json_object_object_add(out, "last", replay_json_time(self->last));
	if (!self->events) {
		json_object_object_add(
			out, "inputs",
			json_object_new_int64((int64_t)counts->inputs));
		json_object_object_add(
			out, "decisions",
			json_object_new_int64((int64_t)counts->decisions));
		json_object_object_add(
			out, "differing",
			json_object_new_int64((int64_t)counts->differing));
		json_object_object_add(
			out, "gaps",
			json_object_new_int64((int64_t)counts->gaps));
		json_object_object_add(out, "differences",
				       json_object_get(self->differences));
	}
	json_object_object_add(out, "remarks", json_object_get(self->remarks));
	json_object_object_add(out, "events", json_object_get(self->notes));
	if (self->conf) {
		sentence = story_sentence(&self->story);
		json_object_object_add(out, "changes",
				       replay_json_changes(&self->story));
		json_object_object_add(
			out, "summary",
			json_object_new_string(sentence ? sentence : ""));
		json_object_object_add(out, "checks_without_result",
				       json_object_new_int64(self->unheard));
		free(sentence);
	}
	puts(json_object_to_json_string_ext(
		out, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(out);
}

/* Only the lines of the history, which needs no decision. */
static void replay_events(struct replay_command *self)
{
	struct recording_reader *reader;
	struct record_item item;
	int i;

	for (i = 0; i < REPLAY_FILES; i++) {
		reader = recording_reader_new(self->files[i].data,
					      self->files[i].length);
		while (recording_next(reader, &item))
			if (item.kind == RECORD_ITEM_NOTE)
				replay_on_note(self, item.wall, item.note);
		recording_reader_free(reader);
	}
}

static int replay_play(struct replay_command *self)
{
	struct replay_watcher watcher = {
		.note = replay_on_note,
		.differs = replay_on_differs,
		.remark = replay_on_remark,
		.decided = replay_on_decided,
		.configured = replay_on_configured,
		.arg = self,
	};
	struct replay *replay = replay_new(&watcher, self->conf);
	struct replay_counts counts;
	int i;

	for (i = 0; i < REPLAY_FILES; i++)
		replay_file(replay, self->files[i].data, self->files[i].length);
	counts = *replay_counts(replay);
	story_pause(&self->story, self->last);
	if (counts.decisions)
		self->unheard = replay_other_unheard(replay);
	if (self->json)
		replay_print_json(self, &counts);
	else
		replay_print(self, &counts);
	replay_free(replay);
	return counts.differing || counts.unreadable ? 1 : 0;
}

static int replay_run(struct replay_command *self)
{
	static const struct replay_counts none;

	if (replay_read_files(self) < 0 || !replay_find_span(self) ||
	    !replay_find_window(self) || !replay_read_conf(self))
		return 1;
	story_init(&self->story, self->from, self->to, self->conf != NULL);
	if (!self->events)
		return replay_play(self);
	replay_events(self);
	if (self->json)
		replay_print_json(self, &none);
	return 0;
}

static int replay_usage(void)
{
	fprintf(stderr, "usage: evenkeel replay [--from TIME] [--to TIME] "
			"[--conf FILE] [--json] [--quiet] FILE\n"
			"       evenkeel replay --events [--at TIME] [--from "
			"TIME] [--to TIME] [--json] FILE\n");
	return 64;
}

static bool replay_options(struct replay_command *self, int argc, char **argv)
{
	static const struct option options[] = {
		{ "from", required_argument, NULL, 'f' },
		{ "to", required_argument, NULL, 't' },
		{ "at", required_argument, NULL, 'a' },
		{ "conf", required_argument, NULL, 'c' },
		{ "json", no_argument, NULL, 'j' },
		{ "events", no_argument, NULL, 'e' },
		{ "quiet", no_argument, NULL, 'q' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "jq", options, NULL)) != -1) {
		if (option == 'f')
			self->from_text = optarg;
		else if (option == 't')
			self->to_text = optarg;
		else if (option == 'a')
			self->at_text = optarg;
		else if (option == 'c')
			self->other_file = optarg;
		else if (option == 'j')
			self->json = true;
		else if (option == 'e')
			self->events = true;
		else if (option == 'q')
			self->quiet = true;
		else
			return false;
	}
	if (optind + 1 != argc || (self->at_text && !self->events))
		return false;
	self->file = argv[optind];
	return true;
}

int replay_main(int argc, char **argv)
{
	struct replay_command self = { .file = NULL };
	int status = 64, i;

	self.notes = json_object_new_array();
	self.remarks = json_object_new_array();
	self.differences = json_object_new_array();
	if (replay_options(&self, argc, argv))
		status = replay_run(&self);
	else
		replay_usage();
	json_object_put(self.notes);
	json_object_put(self.remarks);
	json_object_put(self.differences);
	for (i = 0; i < REPLAY_FILES; i++)
		free(self.files[i].data);
	story_free(&self.story);
	conf_free(self.conf);
	return status;
}
