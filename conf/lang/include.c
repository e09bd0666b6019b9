/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "include GLOB" and its stricter sisters: includer (matching files must be
 * readable), includem (a name without a wildcard must match, too), includew (so must
 * one with a wildcard), includeb (each match must be readable, and every part of a
 * {brace,list} match), includea (all of these rules). include_check sets rules for all
 * of them, one by one, in keepalived's words for them. A plain include
 * never fails, but a file that is named without a wildcard and does not exist is
 * worth a warning.
 */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lang/read.h"
#include "lib/util.h"

#define INCLUDE_NAMES_MAX 10000
#define INCLUDE_BRACES_MAX 32 /* within each other */

/* The pattern as an absolute one, its folder protected from being a pattern. */
static char *include_pattern(const struct read_file *file,
			     const struct conf_word *word)
{
	struct conf_buf buf = { 0 };
	const char *p;

	if (word->text[0] != '/') {
		p = strrchr(file->path, '/');
		for (p = p ? file->path : NULL;
		     p && p < strrchr(file->path, '/'); p++) {
			if (strchr("*?[]{}~\\", *p))
				conf_buf_char(&buf, '\\');
			conf_buf_char(&buf, *p);
		}
		if (strchr(file->path, '/'))
			conf_buf_char(&buf, '/');
	}
	conf_buf_add(&buf, word->text, word->len);
	conf_buf_char(&buf, '\0');
	return buf.text;
}

/* Complain about the include line, which the parser skips: see MARK_SAY. */
static void include_say(struct conf_reader *reader,
			const struct read_file *file,
			const struct read_include *include, char class,
			const char *name, const char *why)
{
	conf_read_mark_file(reader, file, include->at);
	conf_read_complain(reader, class, "%s: %s", name, why);
	conf_buf_add(&reader->out, include->line,
		     (size_t)(include->eol + 1 - include->line));
}

static const char *include_why(int error)
{
	switch (error) {
	case -ENOEXEC:
		return "it is executable, so it is not taken for a configuration";
	case -EINVAL:
		return "it is not a regular file";
	case -EPERM:
		return READ_LINK;
	}
	return strerror(-error);
}

static int include_one(struct conf_reader *reader, struct read_file *file,
		       const struct read_include *include, const char *path)
{
	bool must = include->checks & READ_CHECK_READABLE;
	int error = conf_read_file(reader, path, file);

	if (error == READ_FATAL || error == 0)
		return error;
	if (error == -ELOOP || error == -EMLINK || error == -E2BIG)
		return conf_read_fatal(reader, file, include, path, error);
	include_say(reader, file, include, must ? 'E' : 'F', path,
		    include_why(error));
	return 0;
}

/* Does every alternative of a {a,b} match something? GLOB_BRACE hides this. */
static bool include_braces_match(const char *pattern)
{
	const char *open = strchr(pattern, '{'),
		   *close = open ? strchr(open, '}') : NULL;
	const char *part, *end;
	bool match = true;
	char *one;
	glob_t found;

	if (!close)
		return true;
	for (part = open + 1; match && part <= close; part = end + 1) {
		end = part + strcspn(part, ",}");
		if (asprintf(&one, "%.*s%.*s%s", (int)(open - pattern), pattern,
			     (int)(end - part), part, close + 1) < 0)
			return false;
		match = glob(one, GLOB_BRACE, NULL, &found) == 0;
		globfree(&found);
		match = match && include_braces_match(one);
		free(one);
	}
	return match;
}

/*
 * The number of names that the braces from P to END stand for; each name is
 * looked for, so INCLUDE_NAMES_MAX + 1 means too many to count.
 */
static size_t include_count(const char *p, const char *end, unsigned depth);

/*
 * include_count() of the group that begins at OPEN; *CLOSE is its '}' or NULL.
 */
static size_t include_count_group(const char *open, const char *end,
				  unsigned depth, const char **close)
{
	const char *from = open + 1, *p;
	unsigned level = 0;
	size_t sum = 0;

	*close = NULL;
	for (p = open; p < end && sum <= INCLUDE_NAMES_MAX; p++) {
		level += *p == '{';
		if (level == 1 && (*p == ',' || *p == '}')) {
			sum += include_count(from, p, depth + 1);
			from = p + 1;
		}
		level -= *p == '}';
		if (level == 0) {
			*close = p;
			break;
		}
	}
	return sum;
}

static size_t include_count(const char *p, const char *end, unsigned depth)
{
	const char *close;
	size_t all = 1, sum;

	if (depth > INCLUDE_BRACES_MAX)
		return INCLUDE_NAMES_MAX + 1;
	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		if (*p != '{')
			continue;
		sum = include_count_group(p, end, depth, &close);
		if (sum > INCLUDE_NAMES_MAX)
			return sum;
		if (!close)
			return all; /* no pattern */
		all *= sum;
		if (all > INCLUDE_NAMES_MAX)
			return INCLUDE_NAMES_MAX + 1;
		p = close;
	}
	return all;
}

/* The complaint about a pattern without matches; NULL: none. */
static const char *include_missing(const char *pattern, unsigned checks,
				   char *class)
{
	bool wild = strpbrk(pattern, "*?[") != NULL;

	*class = 'E';
	if (checks & (wild ? READ_CHECK_WILDCARD : READ_CHECK_MATCH))
		return "nothing matches";
	*class = 'W';
	return wild || strchr(pattern, '{') ? NULL : "there is no such file";
}

/* GLOB_MARK: a folder ends in '/'. */
static bool include_is_folder(const char *path)
{
	return *path && path[strlen(path) - 1] == '/';
}

int conf_read_include(struct conf_reader *reader, struct read_file *file,
		      const struct read_include *include)
{
	char *pattern = include_pattern(file, &include->pattern), class = 'E';
	const char *why = NULL;
	glob_t found = { 0 };
	int error = 0;
	size_t i;

	if (include_count(pattern, pattern + strlen(pattern), 0) >
	    INCLUDE_NAMES_MAX) {
		why = "the braces stand for too many names";
	} else if (glob(pattern, GLOB_BRACE | GLOB_MARK, NULL, &found) != 0 ||
		   found.gl_pathc == 0) {
		why = include_missing(pattern, include->checks, &class);
	} else if (include->checks & READ_CHECK_BRACE &&
		   !include_braces_match(pattern)) {
		why = "not every part of the braces matches";
	} else if (found.gl_pathc == 1 &&
		   include_is_folder(found.gl_pathv[0]) &&
		   !strpbrk(pattern, "*?[{")) {
		why = "it is a folder; did you mean the files in it, /*.conf?";
		class = 'F';
	}
	if (why)
		include_say(reader, file, include, class, pattern, why);
	for (i = 0; i < found.gl_pathc && !error; i++) {
		if (!include_is_folder(found.gl_pathv[i]))
			error = include_one(reader, file, include,
					    found.gl_pathv[i]);
	}
	globfree(&found);
	free(pattern);
	return error;
}
