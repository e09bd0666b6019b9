/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of routing tables: the lists of iproute2, in its folder in /etc and, for names
 * that are not there, in the one that came with it. Words iproute_etc_dir and
 * iproute_usr_dir name other folders. The children cannot read them, so the text
 * carries the numbers of the names that stand behind "table" or "lookup" in it.
 */
#include <ctype.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/lang/lex.h"
#include "conf/lang/read.h"
#include "lib/util.h"

/* Of a name, and how many a file may use. */
#define TABLE_WORD_MAX 63
#define TABLE_NAMES_MAX 256
/* Of a list; the kernel has less than 256 tables on most hosts. */
#define TABLE_LINES_MAX 100000

struct table_names {
	char names[TABLE_NAMES_MAX][TABLE_WORD_MAX + 1];
	uint32_t numbers[TABLE_NAMES_MAX];
	bool found[TABLE_NAMES_MAX];
	size_t nr;
};

static size_t tables_find(const struct table_names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		if (strcmp(names->names[i], name) == 0)
			break;
	return i;
}

/* The word at P, if it can be a name. */
static void tables_add_use(struct table_names *names, const char *p)
{
	char name[TABLE_WORD_MAX + 1];
	size_t len = strcspn(p, " \t\n\"#!{}");

	if (len == 0 || len > TABLE_WORD_MAX || isdigit((unsigned char)*p))
		return;
	memcpy(name, p, len);
	name[len] = '\0';
	if (names->nr == TABLE_NAMES_MAX ||
	    tables_find(names, name) < names->nr)
		return;
	memcpy(names->names[names->nr++], name, len + 1);
}

/* The names behind each WORD in the text. */
static void tables_find_uses(struct table_names *names,
			     const struct conf_reader *reader, const char *word)
{
	const char *text = reader->out.text, *end = text + reader->out.len, *p;
	size_t len = strlen(word);

	for (p = text; (p = memmem(p, (size_t)(end - p), word, len));) {
		p += len;
		if (p == end || !isblank((unsigned char)*p) ||
		    p - len == text ||
		    !isspace((unsigned char)p[-1 - (ptrdiff_t)len]))
			continue;
		while (p < end && isblank((unsigned char)*p))
			p++;
		if (p < end)
			tables_add_use(names, p);
	}
}

/* "NUMBER NAME", decimal or with 0x, and comments. */
static void tables_take_line(struct table_names *names, const char *line)
{
	char name[TABLE_WORD_MAX + 1];
	unsigned long number;
	size_t i;
	char *end;

	number = strtoul(line, &end, 0);
	if (end == line || number == 0 || number > UINT32_MAX ||
	    sscanf(end, " %63s", name) != 1)
		return;
	i = tables_find(names, name);
	if (i == names->nr || names->found[i])
		return;
	names->numbers[i] = (uint32_t)number;
	names->found[i] = true;
}

static void tables_read_file(struct table_names *names, const char *path)
{
	/* No FIFO may hold up a reload. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	unsigned left = TABLE_LINES_MAX;
	char line[256];
	struct stat st;
	FILE *in;

	if (fd < 0)
		return;
	in = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? fdopen(fd, "r") :
							  NULL;
	if (!in) {
		close(fd);
		return;
	}
	while (left-- > 0 && fgets(line, sizeof(line), in))
		tables_take_line(names, line);
	fclose(in);
}

/* rt_tables of FOLDER, and the files beside it. */
static void tables_read_folder(struct table_names *names, const char *folder)
{
	char path[512];
	glob_t found = { 0 };
	size_t i;

	snprintf(path, sizeof(path), "%s/rt_tables", folder);
	tables_read_file(names, path);
	snprintf(path, sizeof(path), "%s/rt_tables.d/*.conf", folder);
	if (glob(path, 0, NULL, &found) == 0)
		for (i = 0; i < found.gl_pathc; i++)
			tables_read_file(names, found.gl_pathv[i]);
	globfree(&found);
}

static void tables_read_folder_of(struct table_names *names,
				  const struct conf_reader *reader,
				  const char *word, const char *usual)
{
	const char *value = conf_read_value(reader, word);
	char folder[256];
	size_t len = value ? strcspn(value, " \t\n\"#!") : 0;

	if (len == 0 || len >= sizeof(folder)) {
		tables_read_folder(names, usual);
		return;
	}
	memcpy(folder, value, len);
	folder[len] = '\0';
	tables_read_folder(names, folder);
}

void conf_read_tables(const struct conf_reader *reader, struct conf_buf *marks)
{
	struct table_names *names = xcalloc(1, sizeof(*names));
	char text[TABLE_WORD_MAX + 16];
	size_t i;

	tables_find_uses(names, reader, "table");
	tables_find_uses(names, reader, "lookup");
	if (names->nr > 0) {
		tables_read_folder_of(names, reader, "iproute_etc_dir",
				      "/etc/iproute2");
		tables_read_folder_of(names, reader, "iproute_usr_dir",
				      "/usr/share/iproute2");
	}
	for (i = 0; i < names->nr; i++) {
		if (!names->found[i])
			continue;
		snprintf(text, sizeof(text), "%u %s", names->numbers[i],
			 names->names[i]);
		conf_read_mark(marks, MARK_TABLE, text, strlen(text));
	}
	free(names);
}
