/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values as a file has them, so that they are read as the same. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/lang/print_value.h"

void conf_print_time(FILE *out, const char *indent, const char *word,
		     usec_t time)
{
	usec_t rest = time % USEC_PER_SEC;
	int digits = 6;

	if (time < 0)
		return;
	fprintf(out, "%s%s %" PRId64, indent, word, time / USEC_PER_SEC);
	for (; rest && rest % 10 == 0; rest /= 10)
		digits--;
	if (rest)
		fprintf(out, ".%0*" PRId64, digits, rest);
	fputc('\n', out);
}

/* A value that may hold blanks and the signs of a comment. */
void conf_print_quoted(FILE *out, const char *indent, const char *word,
		       const char *text)
{
	if (text)
		fprintf(out, "%s%s \"%s\"\n", indent, word, text);
}

/*
 * A value that is read like a command: quotes and backslashes are escaped.
 * Double quotes by their number, since lines are told apart before escapes are.
 */
void conf_print_escaped(FILE *out, const char *text)
{
	const char *p;

	for (p = text; *p; p++) {
		/* Octal, since hexadecimal numbers have no end of their own. */
		if ((unsigned char)*p < ' ' || *p == '"')
			fprintf(out, "\\%03o", (unsigned char)*p);
		else if (*p == '\\' || *p == '\'')
			fprintf(out, "\\%c", *p);
		else
			fputc(*p, out);
	}
}

/* The arguments, in single quotes where the argument would fall apart. */
void conf_print_command(FILE *out, const struct conf_script *script)
{
	bool quotes;
	size_t i;

	fputc('"', out);
	for (i = 0; script->argv[i]; i++) {
		quotes = script->argv[i][0] == '\0' ||
			 strpbrk(script->argv[i], " \t\n\v\f\r");
		if (i)
			fputc(' ', out);
		if (quotes)
			fputc('\'', out);
		conf_print_escaped(out, script->argv[i]);
		if (quotes)
			fputc('\'', out);
	}
	fputc('"', out);
}

void conf_print_user(FILE *out, const char *indent, const char *word,
		     const char *user, const char *group)
{
	if (user)
		fprintf(out, "%s%s \"%s%s%s\"\n", indent, word, user,
			group ? ":" : "", group ? group : "");
}

void conf_print_script(FILE *out, const char *indent, const char *word,
		       const struct conf_script *script)
{
	if (!script)
		return;
	fprintf(out, "%s%s ", indent, word);
	conf_print_command(out, script);
	if (script->user) {
		fputs(" \"", out);
		conf_print_escaped(out, script->user);
		fputc('"', out);
	}
	if (script->group) {
		fputs(" \"", out);
		conf_print_escaped(out, script->group);
		fputc('"', out);
	}
	fputc('\n', out);
}

void conf_print_endpoint(FILE *out, const struct endpoint *ep)
{
	char text[ADDR_TEXT_MAX];

	fputs(addr_format(&ep->addr, text), out);
	if (ep->port)
		fprintf(out, " %u", ep->port);
}
