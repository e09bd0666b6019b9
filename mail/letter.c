/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "mail/letter.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/log.h"
#include "lib/mail_ipc.h"
#include "lib/text.h"
#include "lib/util.h"

/* Bytes of text in an encoded word, which may have 75 characters in all. */
#define LETTER_WORD_MAX 45
/* Bytes of text in a line of base64. */
#define LETTER_LINE_MAX 57

static void letter_put_base64(FILE *out, const char *text, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";
	const unsigned char *in = (const unsigned char *)text;
	uint32_t three;
	size_t i, n;

	for (i = 0; i < length; i += 3) {
		n = length - i;
		three = (uint32_t)in[i] << 16;
		if (n > 1)
			three |= (uint32_t)in[i + 1] << 8;
		if (n > 2)
			three |= in[i + 2];
		fputc(digits[three >> 18], out);
		fputc(digits[three >> 12 & 63], out);
		fputc(n > 1 ? digits[three >> 6 & 63] : '=', out);
		fputc(n > 2 ? digits[three & 63] : '=', out);
	}
}

/* Bytes that are no UTF-8 become '?', control characters but KEPT blanks. */
static void letter_clean(char *text, char kept)
{
	size_t length;

	for (; *text; text += length) {
		length = text_character(text);
		if (length == 0) {
			*text = '?';
			length = 1;
		} else if (((unsigned char)*text < ' ' && *text != kept) ||
			   *text == 0x7f) {
			*text = ' ';
		}
	}
}

static bool letter_is_plain(const char *text)
{
	const char *c;

	for (c = text; *c; c++)
		if ((unsigned char)*c >= 0x80)
			return false;
	return true;
}

/* Whether a reader would show TEXT as it is: no part looks like a code. */
static bool letter_is_shown(const char *text)
{
	return letter_is_plain(text) && !strstr(text, "=?");
}

static void letter_put_subject(FILE *out, const char *subject)
{
	char text[IPC_MAIL_SUBJECT_MAX];
	const char *at = text;
	size_t length;

	snprintf(text, sizeof(text), "%s", subject);
	letter_clean(text, ' ');
	if (letter_is_shown(text)) {
		fprintf(out, "Subject: %s\r\n", text);
		return;
	}
	fputs("Subject:", out);
	while (*at) {
		for (length = 0; at[length];) {
			size_t next = text_character(at + length);

			if (length + next > LETTER_WORD_MAX)
				break;
			length += next;
		}
		fputs(at == text ? " =?UTF-8?B?" : "\r\n =?UTF-8?B?", out);
		letter_put_base64(out, at, length);
		fputs("?=", out);
		at += length;
	}
	fputs("\r\n", out);
}

/* The names of days and months are English in every locale. */
static void letter_put_date(FILE *out, int64_t written)
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)(written / USEC_PER_SEC);
	long east, minutes;
	struct tm tm;

	if (!localtime_r(&seconds, &tm))
		return;
	east = tm.tm_gmtoff / 60;
	minutes = east < 0 ? -east : east;
	fprintf(out, "Date: %.3s, %d %.3s %d %02d:%02d:%02d %c%02ld%02ld\r\n",
		days + 3 * (size_t)tm.tm_wday, tm.tm_mday,
		months + 3 * (size_t)tm.tm_mon, tm.tm_year + 1900, tm.tm_hour,
		tm.tm_min, tm.tm_sec, east < 0 ? '-' : '+', minutes / 60,
		minutes % 60);
}

/* Each line that ends in LF alone ends in CR LF, and the last one as well. */
static void letter_put_lines(FILE *out, const char *text)
{
	size_t length;

	for (; *text; text += length + (text[length] == '\n')) {
		length = strcspn(text, "\n");
		fprintf(out, "%.*s\r\n", (int)length, text);
	}
}

static void letter_put_coded(FILE *out, const char *text)
{
	size_t left = strlen(text), length;

	for (; left > 0; left -= length, text += length) {
		length = left < LETTER_LINE_MAX ? left : LETTER_LINE_MAX;
		letter_put_base64(out, text, length);
		fputs("\r\n", out);
	}
}

static void letter_put_body(FILE *out, const char *body)
{
	char text[IPC_MAIL_BODY_MAX], *lines = NULL;
	size_t length;
	FILE *whole;

	snprintf(text, sizeof(text), "%s", body);
	letter_clean(text, '\n');
	fputs("MIME-Version: 1.0\r\n"
	      "Content-Type: text/plain; charset=UTF-8\r\n",
	      out);
	if (letter_is_plain(text)) {
		fputs("Content-Transfer-Encoding: 7bit\r\n\r\n", out);
		letter_put_lines(out, text);
		return;
	}
	whole = open_memstream(&lines, &length);
	if (!whole)
		fatal("mail", "out of memory");
	letter_put_lines(whole, text);
	fclose(whole);
	fputs("Content-Transfer-Encoding: base64\r\n\r\n", out);
	letter_put_coded(out, lines);
	free(lines);
}

char *letter_write(const struct ipc_mail_conf *conf,
		   const struct ipc_mail_letter *letter, size_t *length)
{
	char *message = NULL;
	FILE *out = open_memstream(&message, length);
	uint32_t i;

	if (!out)
		fatal("mail", "out of memory");
	letter_put_date(out, letter->written);
	fprintf(out, "From: %s\r\n", conf->from);
	letter_put_subject(out, letter->subject);
	fputs("X-Mailer: evenkeel\r\n", out);
	for (i = 0; i < conf->nr_to; i++)
		fprintf(out, "%s%s%s", i ? " " : "To: ", conf->to[i],
			i + 1 < conf->nr_to ? ",\r\n" : "\r\n");
	/* The same one if it is sent again, so that readers see it once. */
	fprintf(out, "Message-ID: <%lld.%llu@%s>\r\n",
		(long long)letter->written, (unsigned long long)letter->number,
		conf->helo);
	/* Nobody is to answer it by machine (RFC 3834). */
	fputs("Auto-Submitted: auto-generated\r\n", out);
	letter_put_body(out, letter->body);
	fclose(out);
	return message;
}
