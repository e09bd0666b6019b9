/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/smtp_talk.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "checkers/check.h"

static const struct {
	const char *reply;
	const char *code; /* that it must have; NULL: any line will do */
} smtp_stages[] = {
	{ "greeting", "220" },
	{ "answer to HELO", "250" },
	{ "answer to QUIT", NULL },
};

#define SMTP_LAST (ARRAY_SIZE(smtp_stages) - 1)

static enum smtp_does smtp_talk_end(const struct smtp_talk *talk,
				    struct probe_result *result,
				    enum outcome outcome, const char *text)
{
	probe_result_fill(result, outcome, 0);
	/* A line is longer than a text may be. */
	snprintf(result->text, sizeof(result->text), "%s: %.*s",
		 smtp_stages[talk->stage].reply, VERDICT_TEXT_MAX - 32, text);
	return SMTP_ENDS;
}

static bool smtp_talk_is_reply(const char *line)
{
	return isdigit((unsigned char)line[0]) &&
	       isdigit((unsigned char)line[1]) &&
	       isdigit((unsigned char)line[2]) &&
	       (line[3] == '\0' || line[3] == ' ' || line[3] == '-');
}

static enum smtp_does smtp_talk_end_codeless(const struct smtp_talk *talk,
					     struct probe_result *result)
{
	char text[SMTP_LINE_MAX + 32] = "an empty line";

	if (talk->line[0])
		snprintf(text, sizeof(text), "no reply code in '%s'",
			 talk->line);
	return smtp_talk_end(talk, result, PROBE_GARBAGE, text);
}

/* A whole line, without its end. */
static enum smtp_does smtp_talk_judge(struct smtp_talk *talk,
				      struct probe_result *result)
{
	const char *line = talk->line;

	if (talk->stage == SMTP_LAST) {
		probe_result_fill(result, PROBE_OK, 0);
		return SMTP_ENDS;
	}
	if (!smtp_talk_is_reply(line))
		return smtp_talk_end_codeless(talk, result);
	if (strncmp(line, smtp_stages[talk->stage].code, 3) != 0)
		return smtp_talk_end(talk, result, PROBE_STATUS, line);
	if (line[3] == '-')
		return SMTP_READS;
	talk->stage++;
	talk->said = 0;
	return SMTP_SAYS;
}

static enum smtp_does smtp_talk_end_line(struct smtp_talk *talk,
					 struct probe_result *result)
{
	if (talk->used > 0 && talk->line[talk->used - 1] == '\r')
		talk->used--;
	talk->line[talk->used] = '\0';
	talk->used = 0;
	return smtp_talk_judge(talk, result);
}

enum smtp_does smtp_talk_take(struct smtp_talk *talk, const char *bytes,
			      size_t length, struct probe_result *result)
{
	enum smtp_does does = SMTP_READS;
	size_t i;

	for (i = 0; i < length && does == SMTP_READS; i++) {
		if (++talk->said > SMTP_REPLY_MAX)
			return smtp_talk_end(talk, result, PROBE_GARBAGE,
					     "it has no end");
		if (bytes[i] == '\n')
			does = smtp_talk_end_line(talk, result);
		else if (talk->used == sizeof(talk->line) - 1)
			return smtp_talk_end(talk, result, PROBE_GARBAGE,
					     "a line is too long");
		else
			talk->line[talk->used++] = bytes[i];
	}
	/* An answer from before its question is none. */
	if (does == SMTP_SAYS && i < length)
		return smtp_talk_end(talk, result, PROBE_GARBAGE,
				     "it came before it was asked for");
	return does;
}

size_t smtp_talk_say(const struct smtp_talk *talk, const struct conf_smtp *conf,
		     char *room)
{
	int length = talk->stage == SMTP_LAST ?
			     snprintf(room, SMTP_COMMAND_MAX, "QUIT\r\n") :
			     snprintf(room, SMTP_COMMAND_MAX, "HELO %s\r\n",
				      conf->helo_name);

	return (size_t)length;
}

/* After QUIT it does no more than what it was asked for. */
void smtp_talk_closed(const struct smtp_talk *talk, struct probe_result *result)
{
	if (talk->stage == SMTP_LAST)
		probe_result_fill(result, PROBE_OK, 0);
	else
		smtp_talk_end(talk, result, PROBE_CLOSED,
			      "the server closed the connection");
}

void smtp_talk_expired(const struct smtp_talk *talk,
		       struct probe_result *result)
{
	smtp_talk_end(talk, result, PROBE_HUNG, "none within the time limit");
}
