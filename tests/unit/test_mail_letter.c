/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A letter as the text of a message, whatever its names hold. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mail_ipc.h"
#include "lib/util.h"
#include "mail/letter.h"

static struct ipc_mail_conf conf;

static void two_readers(void)
{
	setenv("TZ", "UTC-5:30", 1);
	conf = (struct ipc_mail_conf){ .helo = "lb1.example.org",
				       .from = "lb@example.org",
				       .nr_to = 2,
				       .to = { "a@example.org",
					       "b@example.org" } };
}

static char *message_of(const char *subject, const char *body)
{
	struct ipc_mail_letter letter = {
		.number = 7, .written = 951786000 * USEC_PER_SEC + 5
	};
	size_t length;
	char *text;

	strncpy(letter.subject, subject, sizeof(letter.subject) - 1);
	strncpy(letter.body, body, sizeof(letter.body) - 1);
	text = letter_write(&conf, &letter, &length);
	cr_assert_eq(strlen(text), length);
	return text;
}

/* The line of TEXT that begins with HEAD, and the lines that continue it. */
static const char *line_of(const char *text, const char *head)
{
	static char line[4096];
	const char *at = strstr(text, head), *end;

	cr_assert(at, "%s: %s", head, text);
	cr_assert(at == text || at[-1] == '\n');
	end = strstr(at, "\r\n");
	while (end[2] == ' ')
		end = strstr(end + 2, "\r\n");
	snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
	return line;
}

Test(mail_letter, whole, .init = two_readers)
{
	char *text = message_of("[lb] Realserver [192.0.2.1]:tcp:80 - UP",
				"=> CHECK succeed on service <=\n\nwhy\n");

	cr_assert_str_eq(text,
			 "Date: Tue, 29 Feb 2000 06:30:00 +0530\r\n"
			 "From: lb@example.org\r\n"
			 "Subject: [lb] Realserver [192.0.2.1]:tcp:80 - UP\r\n"
			 "X-Mailer: evenkeel\r\n"
			 "To: a@example.org,\r\n"
			 " b@example.org\r\n"
			 "Message-ID: <951786000000005.7@lb1.example.org>\r\n"
			 "Auto-Submitted: auto-generated\r\n"
			 "MIME-Version: 1.0\r\n"
			 "Content-Type: text/plain; charset=UTF-8\r\n"
			 "Content-Transfer-Encoding: 7bit\r\n"
			 "\r\n"
			 "=> CHECK succeed on service <=\r\n"
			 "\r\n"
			 "why\r\n");
	free(text);
}

/* Headers are the lines before the first empty one. */
static unsigned count_headers(const char *text)
{
	unsigned count = 0;

	for (; strncmp(text, "\r\n", 2) != 0; text = strstr(text, "\r\n") + 2)
		if (*text != ' ')
			count++;
	return count;
}

Test(mail_letter, a_name_cannot_add_a_header, .init = two_readers)
{
	static const char *const names[] = {
		"x\r\nBcc: thief@example.org",
		"x\nBcc: thief@example.org",
		"x\r\n\r\nbody",
		"x\x01\x7f\tz",
		"\r\n",
		"x\xc3\xa4\r\nBcc: y",
	};
	char *plain = message_of("x", "y"), *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		text = message_of(names[i], "y");
		cr_assert_eq(count_headers(text), count_headers(plain),
			     "%zu: %s", i, text);
		free(text);
	}
	free(plain);
}

Test(mail_letter, subjects_that_are_not_plain, .init = two_readers)
{
	static const struct {
		const char *subject, *line;
	} cases[] = {
		{ "Z\xc3\xbcrich", "Subject: =?UTF-8?B?WsO8cmljaA==?=" },
		/* no UTF-8: Latin-1, a cut character, too long a form, a surrogate */
		{ "Z\xfcrich", "Subject: Z?rich" },
		{ "a\xc3", "Subject: a?" },
		{ "a\xc0\xaf", "Subject: a??" },
		{ "a\xed\xa0\x80", "Subject: a???" },
		{ "a\xf4\x90\x80\x80", "Subject: a????" },
		/* a reader would take it for a code */
		{ "=?x?=", "Subject: =?UTF-8?B?PT94Pz0=?=" },
		{ "", "Subject: " },
	};
	char *text;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		text = message_of(cases[i].subject, "y");
		cr_assert_str_eq(line_of(text, "Subject: "), cases[i].line);
		free(text);
	}
}

Test(mail_letter, long_subjects_are_cut_between_characters, .init = two_readers)
{
	char subject[600] = "", *text;
	size_t size = 0;
	const char *at;
	unsigned words = 0;

	while (size < 590)
		size += (size_t)snprintf(subject + size, sizeof(subject) - size,
					 "\xe2\x82\xac");
	text = message_of(subject, "y");
	for (at = text; (at = strstr(at, "=?UTF-8?B?")); at++) {
		/* 45 bytes are 15 characters of three: "4oKs" each. */
		if (words++ < 10)
			cr_assert_eq(strncmp(at + 10, "4oKs", 4), 0);
		cr_assert_leq(strstr(at, "?=") + 2 - at, 75);
	}
	/* 511 bytes: 170 characters, and one that is cut. */
	cr_assert_eq(words, 12);
	for (at = text; *at; at = strstr(at, "\r\n") + 2)
		cr_assert_leq(strcspn(at, "\r"), 998);
	free(text);
}

Test(mail_letter, bodies_that_are_not_plain, .init = two_readers)
{
	char *text = message_of("x", "Z\xc3\xbcrich\n");

	line_of(text, "Content-Transfer-Encoding: base64");
	cr_assert(strstr(text, "\r\n\r\nWsO8cmljaA0K\r\n"), "%s", text);
	free(text);
	/* A lone dot is libcurl's to mask; a CR of a name is no line end. */
	text = message_of("x", "a\r.\n.\nb");
	cr_assert(strstr(text, "\r\n\r\na .\r\n.\r\nb\r\n"), "%s", text);
	free(text);
}

Test(mail_letter, full_texts, .init = two_readers)
{
	struct ipc_mail_letter letter = { .number = 1 };
	size_t length;
	char *text;

	memset(letter.subject, 'x', sizeof(letter.subject) - 1);
	memset(letter.body, 0xe4, sizeof(letter.body) - 1);
	text = letter_write(&conf, &letter, &length);
	cr_assert_eq(strlen(strstr(text, "\r\n\r\n") + 4),
		     sizeof(letter.body) - 1 + 2);
	free(text);
}
