/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Complaints are kept until the parse ends, because only then is known whether
 * the file asks for keepalived's leniency, and because people get them in the
 * order of the file although blocks are bound in another one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf/lang/parse.h"
#include "lib/log.h"
#include "lib/util.h"

/* A longer source line is not shown: it would bury its own caret. */
#define SOURCE_SHOWN 200

struct conf_place conf_place_at(const struct conf_ctx *ctx,
				const struct conf_node *node, uint32_t word)
{
	struct conf_place place = { node->source, node->line, node->file, 0 };
	const struct conf_word *w;
	const char *line, *end;

	if (word >= node->nr_words || node->line == 0)
		return place;
	w = conf_word(ctx, node, word);
	line = ctx->text + node->source;
	end = memchr(line, '\n', ctx->length - node->source);
	/* A word that came out of a $VAR has no column of its own. */
	if (w->text >= line && w->text < (end ? end : ctx->text + ctx->length))
		place.column = (uint32_t)(w->text - line) + 1 - w->quoted;
	return place;
}

/* A line that a loop repeats gets one complaint. */
static bool message_complaint_is_told(const struct conf_ctx *ctx,
				      const struct conf_place *place,
				      const char *text)
{
	const struct conf_complaint *last;

	if (ctx->nr_complaints == 0)
		return false;
	last = &ctx->complaints[ctx->nr_complaints - 1];
	return last->place.source == place->source &&
	       last->place.column == place->column &&
	       strcmp(last->text, text) == 0;
}

void conf_vcomplain(struct conf_ctx *ctx, enum conf_class class,
		    struct conf_place place, const char *format, va_list args)
{
	struct conf_complaint *complaint;
	char text[1024];

	ctx->faults += class >= CLASS_FAULT;
	if (conf_complaints_full(ctx)) {
		ctx->dropped++;
		if (class > ctx->dropped_class)
			ctx->dropped_class = class;
		return;
	}
	vsnprintf(text, sizeof(text), format, args);
	if (message_complaint_is_told(ctx, &place, text))
		return;
	ctx->complaints = array_grow(ctx->complaints, ctx->nr_complaints,
				     &ctx->room_complaints, sizeof(*complaint));
	complaint = &ctx->complaints[ctx->nr_complaints];
	complaint->place = place;
	complaint->class = class;
	complaint->order = (uint32_t)ctx->nr_complaints++;
	complaint->text = arena_strdup(ctx->scratch, text);
}

void conf_complain(struct conf_ctx *ctx, enum conf_class class,
		   struct conf_place place, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	conf_vcomplain(ctx, class, place, format, args);
	va_end(args);
}

static bool message_contains_nocase(const char *text, size_t len,
				    const char *part)
{
	size_t n = strlen(part), i;

	for (i = 0; i + n <= len; i++) {
		/* The first letter of PART is small, and tells most words apart. */
		if ((text[i] | 0x20) == part[0] &&
		    strncasecmp(text + i, part, n) == 0)
			return true;
	}
	return false;
}

bool conf_is_secret_word(const char *text, size_t len)
{
	/* Misspelt keywords hide their values too: "pasword", "auth_pas". */
	static const char *const parts[] = { "pas", "pwd", "secret", "hmac" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (message_contains_nocase(text, len, parts[i]))
			return true;
	}
	return len == 3 && strncmp(text, "key", 3) == 0;
}

/* Blanks and tabs stay, so that the caret can be put below. */
static char message_source_char(char c)
{
	return c == '\t' || (unsigned char)c >= ' ' ? c : '?';
}

/*
 * The line as it may be shown: cut behind a word that announces a secret. OUT
 * holds SOURCE_SHOWN + 1 bytes.
 */
static const char *message_complaint_source(const struct conf_ctx *ctx,
					    const struct conf_place *place,
					    char *out)
{
	const char *line = ctx->text + place->source;
	const char *end = memchr(line, '\n', ctx->length - place->source);
	size_t len = (size_t)((end ? end : ctx->text + ctx->length) - line);
	size_t i, word = 0;

	if (place->line == 0 || len > SOURCE_SHOWN)
		return NULL;
	for (i = 0; i < len; i++) {
		out[i] = message_source_char(line[i]);
		if (!strchr(" \t\"'=", line[i]))
			continue;
		if (i > word && conf_is_secret_word(line + word, i - word)) {
			snprintf(out + i, SOURCE_SHOWN + 1 - i, "%c***",
				 out[i]);
			return out;
		}
		word = i + 1;
	}
	while (i > 0 &&
	       (out[i - 1] == '?' || out[i - 1] == ' ' || out[i - 1] == '\t') &&
	       line[i - 1] != '?')
		i--;
	out[i] = '\0';
	return out;
}

static int message_complaint_cmp(const void *a, const void *b)
{
	const struct conf_complaint *x = a, *y = b;

	if (x->place.source != y->place.source)
		return x->place.source < y->place.source ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static enum conf_severity message_complaint_severity(const struct conf_ctx *ctx,
						     enum conf_class class)
{
	switch (class) {
	case CLASS_NOTE:
		return CONF_NOTE;
	case CLASS_ODD:
		return ctx->compat ? CONF_NOTE : CONF_WARNING;
	case CLASS_WARNING:
		return CONF_WARNING;
	case CLASS_FAULT:
		return ctx->compat ? CONF_WARNING : CONF_ERROR;
	case CLASS_ERROR:
		break;
	}
	return CONF_ERROR;
}

static void message_report_count(struct conf_report *report,
				 enum conf_severity severity)
{
	switch (severity) {
	case CONF_NOTE:
		report->notes++;
		break;
	case CONF_WARNING:
		report->warnings++;
		break;
	case CONF_ERROR:
		report->errors++;
		break;
	}
}

static void message_complaint_tell(const struct conf_ctx *ctx,
				   const struct conf_complaint *complaint,
				   struct conf_report *report)
{
	struct conf_message message = { .severity = message_complaint_severity(
						ctx, complaint->class),
					.line = complaint->place.line,
					.column = complaint->place.column,
					.text = complaint->text };
	char source[SOURCE_SHOWN + 8];

	message_report_count(report, message.severity);
	if (!report->say)
		return;
	if (message.line) {
		message.file = ctx->files[complaint->place.file];
		message.source = message_complaint_source(
			ctx, &complaint->place, source);
	}
	report->say(report, &message);
}

void conf_complain_all(struct conf_ctx *ctx, struct conf_report *report)
{
	struct conf_complaint rest = { .class = CLASS_WARNING };
	char text[80];
	size_t i;

	if (ctx->nr_complaints > 1)
		qsort(ctx->complaints, ctx->nr_complaints,
		      sizeof(*ctx->complaints), message_complaint_cmp);
	for (i = 0; i < ctx->nr_complaints; i++)
		message_complaint_tell(ctx, &ctx->complaints[i], report);
	if (ctx->dropped == 0)
		return;
	snprintf(text, sizeof(text), "%u more complaints are not shown",
		 ctx->dropped);
	rest.text = text;
	if (ctx->dropped_class > rest.class)
		rest.class = ctx->dropped_class;
	message_complaint_tell(ctx, &rest, report);
}

void conf_report_add(struct conf_report *report, enum conf_severity severity,
		     const char *file, uint32_t line, const char *format, ...)
{
	struct conf_message message = { .severity = severity,
					.file = file,
					.line = line };
	char text[4600]; /* may hold the longest path */
	va_list args;

	message_report_count(report, severity);
	if (!report->say)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	message.text = text;
	report->say(report, &message);
}

static const char *message_severity_name(enum conf_severity severity)
{
	switch (severity) {
	case CONF_NOTE:
		return "note";
	case CONF_WARNING:
		return "warning";
	case CONF_ERROR:
		break;
	}
	return "error";
}

void conf_report_print(struct conf_report *report,
		       const struct conf_message *message)
{
	FILE *out = report->arg ? report->arg : stderr;
	uint32_t i;

	if (message->file)
		fprintf(out, "%s:%u:", message->file, message->line);
	if (message->file && message->column)
		fprintf(out, "%u:", message->column);
	fprintf(out, "%s%s: %s\n", message->file ? " " : "",
		message_severity_name(message->severity), message->text);
	if (!message->source)
		return;
	fprintf(out, "    %s\n", message->source);
	if (message->column == 0 ||
	    message->column > strlen(message->source) + 1)
		return;
	fputs("    ", out);
	for (i = 0; i + 1 < message->column; i++)
		fputc(message->source[i] == '\t' ? '\t' : ' ', out);
	fputs("^\n", out);
}

void conf_report_log(struct conf_report *report,
		     const struct conf_message *message)
{
	(void)report;
	if (!message->file && message->severity == CONF_NOTE)
		log_notice("conf", "%s", message->text);
	else if (!message->file)
		log_warning("conf", "%s: %s",
			    message_severity_name(message->severity),
			    message->text);
	else if (message->severity == CONF_NOTE)
		log_info("conf", "%s:%u: note: %s", message->file,
			 message->line, message->text);
	else
		log_warning("conf", "%s:%u: %s: %s", message->file,
			    message->line,
			    message_severity_name(message->severity),
			    message->text);
}
