/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The talk with a mail server, whatever pieces it comes in. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "checkers/smtp_talk.h"

/*
 * Play SAID, in which "|" is a pause in which we may say something, in pieces of
 * PIECE bytes. Returns the number of commands that were said.
 */
static int play(const char *said, size_t piece, struct probe_result *result)
{
	static const struct conf_smtp conf = { .helo_name = "me.example" };
	static const char *const commands[] = { "HELO me.example\r\n",
						"QUIT\r\n" };
	struct smtp_talk talk = { 0 };
	char room[SMTP_COMMAND_MAX] = "";
	enum smtp_does does;
	int says = 0;
	size_t length;

	*result = (struct probe_result){ .outcome = PROBE_NONE };
	while (*said) {
		length = strcspn(said, "|");
		if (length > piece)
			length = piece;
		does = smtp_talk_take(&talk, said, length, result);
		if (does == SMTP_ENDS)
			return says;
		if (does == SMTP_SAYS) {
			if (says == (int)ARRAY_SIZE(commands))
				return says + 1; /* more than it should */
			length = smtp_talk_say(&talk, &conf, room);
			cr_assert_eq(length, strlen(commands[says]));
			cr_assert_arr_eq(room, commands[says], length);
			says++;
		}
		said += strcspn(said, "|") > piece ? piece : strcspn(said, "|");
		said += *said == '|';
	}
	smtp_talk_closed(&talk, result);
	return says;
}

Test(smtp, talks)
{
	static const struct {
		const char *said;
		int says;
		enum outcome outcome;
		const char *text; /* NULL: any */
	} rows[] = {
		{ "220 hello\r\n|250 you\r\n|221 bye\r\n", 2, PROBE_OK, NULL },
		{ "220 hello\n|250 you\n|221 bye\n", 2, PROBE_OK, NULL },
		{ "220\r\n|250\r\n|anything\r\n", 2, PROBE_OK, NULL },
		{ "220-one\r\n220-two\r\n220 three\r\n|250-a\r\n250 b\r\n|x\n",
		  2, PROBE_OK, NULL },
		/* QUIT was obeyed. */
		{ "220 hello\r\n|250 you\r\n|", 2, PROBE_OK, NULL },
		{ "220 hello\r\n|250 you\r\n|22", 2, PROBE_OK, NULL },
		{ "", 0, PROBE_CLOSED,
		  "greeting: the server closed the connection" },
		{ "220 hel", 0, PROBE_CLOSED, NULL },
		{ "220 hello\r\n|", 1, PROBE_CLOSED,
		  "answer to HELO: the server closed the connection" },
		{ "554 no\r\n", 0, PROBE_STATUS, "greeting: 554 no" },
		{ "554-no\r\n", 0, PROBE_STATUS, "greeting: 554-no" },
		{ "221 no\r\n", 0, PROBE_STATUS, NULL },
		{ "220 hello\r\n|502 what?\r\n", 1, PROBE_STATUS,
		  "answer to HELO: 502 what?" },
		{ "SSH-2.0-x\r\n", 0, PROBE_GARBAGE,
		  "greeting: no reply code in 'SSH-2.0-x'" },
		{ "\r\n", 0, PROBE_GARBAGE, "greeting: an empty line" },
		{ "22\r\n", 0, PROBE_GARBAGE,
		  "greeting: no reply code in '22'" },
		{ "2200 hello\r\n", 0, PROBE_GARBAGE, NULL },
		{ "-20 hello\r\n", 0, PROBE_GARBAGE, NULL },
	};
	struct probe_result result;
	size_t i, piece;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		for (piece = 1; piece < 40; piece += 3) {
			cr_expect_eq(play(rows[i].said, piece, &result),
				     rows[i].says, "row %zu", i);
			cr_expect_eq(result.outcome, rows[i].outcome,
				     "row %zu: %s", i, result.text);
			if (rows[i].text)
				cr_expect_str_eq(result.text, rows[i].text);
		}
	}
}

Test(smtp, a_server_that_does_not_wait)
{
	struct probe_result result;

	cr_assert_eq(play("220 a\r\n250 b\r\n221 c\r\n", 512, &result), 0);
	cr_assert_eq(result.outcome, PROBE_GARBAGE);
	cr_assert_str_eq(result.text,
			 "answer to HELO: it came before it was asked for");
}

/* Fill TEXT with LINE until it holds at least BYTES. */
static void repeat(char *text, size_t bytes, const char *line)
{
	size_t at = 0;

	while (at < bytes)
		at += (size_t)sprintf(text + at, "%s", line);
}

Test(smtp, a_server_without_an_end)
{
	static char text[SMTP_REPLY_MAX + 64];
	struct probe_result result;

	repeat(text, SMTP_REPLY_MAX, "220-and so on\r\n");
	cr_assert_eq(play(text, 100, &result), 0);
	cr_assert_eq(result.outcome, PROBE_GARBAGE);
	cr_assert_str_eq(result.text, "greeting: it has no end");
	memset(text, 'x', sizeof(text) - 1);
	cr_assert_eq(play(text, 100, &result), 0);
	cr_assert_str_eq(result.text, "greeting: a line is too long");
}

/* The longest line that may be, and a zero in it. */
Test(smtp, lines)
{
	char text[SMTP_LINE_MAX + 1];
	struct smtp_talk talk = { 0 };
	struct probe_result result;

	memset(text, 'x', sizeof(text));
	memcpy(text, "220 ", 4);
	memcpy(text + SMTP_LINE_MAX - 2, "\r\n", 2);
	cr_assert_eq(smtp_talk_take(&talk, text, SMTP_LINE_MAX, &result),
		     SMTP_SAYS);
	talk = (struct smtp_talk){ 0 };
	text[0] = '\0';
	cr_assert_eq(smtp_talk_take(&talk, text, SMTP_LINE_MAX, &result),
		     SMTP_ENDS);
	cr_assert_eq(result.outcome, PROBE_GARBAGE);
}

Test(smtp, the_time_is_up)
{
	struct smtp_talk talk = { .stage = 1 };
	struct probe_result result;

	smtp_talk_expired(&talk, &result);
	cr_assert_eq(result.outcome, PROBE_HUNG);
	cr_assert_str_eq(result.text,
			 "answer to HELO: none within the time limit");
}
