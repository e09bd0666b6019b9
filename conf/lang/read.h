/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between read.c and include.c. */
#ifndef EVENKEEL_CONF_LANG_READ_H
#define EVENKEEL_CONF_LANG_READ_H

#include <sys/types.h>

#include "conf/lang/lex.h"

/* The error has been reported; the whole reading fails with reader->error. */
#define READ_FATAL (-100000)

/* The reason for -EPERM when a file is not opened. */
#define READ_LINK                                                              \
	"a link on the way to it, or a folder, can be changed by others than " \
	"root; no link is followed there"

struct read_file {
	const char *path;
	char *folder; /* absolute */
	struct read_file *outer; /* which includes it */
	unsigned depth;
	uint32_t index;
	dev_t dev;
	ino_t ino;
	bool executable;
};

/* The rules of an include. */
enum read_check {
	READ_CHECK_READABLE = 1 << 0, /* each match */
	READ_CHECK_MATCH = 1 << 1, /* a name without a wildcard */
	READ_CHECK_WILDCARD = 1 << 2, /* one with a wildcard */
	READ_CHECK_BRACE = 1 << 3, /* each part of the braces */
	READ_CHECK_ALL = (1 << 4) - 1,
};

struct conf_reader {
	struct conf_buf out;
	unsigned checks; /* include_check: enum read_check */
	size_t seed; /* where MARK_SEED's text is in OUT */
	struct conf_report *report;
	char config_id[256];
	uint32_t nr_files;
	int error;
};

/* Append PATH and its includes. 0, -errno or READ_FATAL. */
int conf_read_file(struct conf_reader *reader, const char *path,
		   struct read_file *outer);
/*
 * A complaint about the line that is appended next. CLASS: 'W' a warning, 'F'
 * a fault (see CLASS_FAULT), 'E' an error.
 */
void conf_read_complain(struct conf_reader *reader, char class,
			const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Say that the next line is line LINE of FILE. */
void conf_read_mark_file(struct conf_reader *reader,
			 const struct read_file *file, uint32_t line);

struct read_include {
	const char *line, *eol; /* of the file */
	uint32_t at; /* its number */
	unsigned checks; /* enum read_check */
	struct conf_word pattern;
};

/* Append a marker to OUT. */
void conf_read_mark(struct conf_buf *out, enum conf_mark mark, const char *text,
		    size_t len);
/* tables.c: markers with the numbers of the names of routing tables. */
void conf_read_tables(const struct conf_reader *reader, struct conf_buf *marks);
/*
 * find.c: the words behind WORD on the last line of the text that begins with it, up
 * to the end of the line; or NULL.
 */
const char *conf_read_value(const struct conf_reader *reader, const char *word);
/* The next "include" at or behind FROM, wherever it stands; or NULL. */
const char *conf_read_next_include(const char *from, const char *end);
/* Where the line that holds P begins. */
const char *conf_read_line_start(const char *p, const char *text);
/*
 * Is LINE part of a value that began above it with "$NAME= \"? KNOWN, zeroed
 * before the first call, holds the last call's result; lines must come in
 * order.
 */
struct read_value {
	const char *line;
	bool goes_on;
};
bool conf_read_goes_on(const char *line, const char *text,
		       struct read_value *known);
/* If the line from LINE to EOL is an include for us: its kind and pattern. */
bool conf_read_is_include(const struct conf_reader *reader, const char *line,
			  const char *eol, struct read_include *include);

/*
 * If the line from LINE to EOL is an include_check for us: set READER's checks.
 * *BAD, of LEN bytes, is a word that is none of its own, or NULL.
 */
bool conf_read_set_checks(struct conf_reader *reader, const char *line,
			  const char *eol, struct conf_word *bad);
/* Report that PATH cannot be included, in no mode. Returns READ_FATAL. */
int conf_read_fatal(struct conf_reader *reader, const struct read_file *file,
		    const struct read_include *include, const char *path,
		    int error);

/* Append the files that an include line names. 0 or READ_FATAL. */
int conf_read_include(struct conf_reader *reader, struct read_file *file,
		      const struct read_include *include);

#endif
