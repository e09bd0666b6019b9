/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file and its includes, as one text. Only this file opens anything: the
 * text also carries all else that the parse depends on (see enum conf_mark), so
 * that the children, which parse it again without access to the disk, get the
 * same result and report the same places.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "conf/lang/lex.h"
#include "conf/lang/read.h"
#include "lib/others.h"
#include "lib/util.h"

#define INCLUDE_DEPTH_MAX 32
/* Of the text that MARK_SEED has: a number, or two. */
#define SEED_LENGTH 40

void conf_read_mark_file(struct conf_reader *reader,
			 const struct read_file *file, uint32_t line)
{
	struct conf_buf *out = &reader->out;
	char numbers[40];

	snprintf(numbers, sizeof(numbers), "F%u %u ", file->index, line);
	conf_buf_char(out, CONF_MARK);
	conf_buf_add(out, numbers, strlen(numbers));
	conf_buf_add(out, file->path, strlen(file->path));
	conf_buf_char(out, '\n');
	conf_buf_char(out, CONF_MARK);
	conf_buf_char(out, MARK_FOLDER);
	conf_buf_add(out, file->folder, strlen(file->folder));
	conf_buf_char(out, '\n');
}

void conf_read_mark(struct conf_buf *out, enum conf_mark mark, const char *text,
		    size_t len)
{
	conf_buf_char(out, CONF_MARK);
	conf_buf_char(out, (char)mark);
	conf_buf_add(out, text, len);
	conf_buf_char(out, '\n');
}

void conf_read_complain(struct conf_reader *reader, char class,
			const char *format, ...)
{
	char text[1024];
	va_list args;

	text[0] = class;
	va_start(args, format);
	vsnprintf(text + 1, sizeof(text) - 1, format, args);
	va_end(args);
	text_copy_printable(text, sizeof(text), text, strlen(text));
	conf_read_mark(&reader->out, MARK_SAY, text, strlen(text));
}

/* Read the whole of an open file into BUF; 0 or -errno. */
static int read_all(int fd, struct conf_buf *buf, size_t room)
{
	ssize_t n;

	for (;;) {
		if (buf->len == buf->room) {
			buf->room = buf->room ? buf->room * 2 : 65536;
			conf_buf_move(buf);
		}
		n = read(fd, buf->text + buf->len, buf->room - buf->len);
		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		buf->len += (size_t)n;
		if (buf->len > room)
			return -E2BIG;
	}
}

/*
 * Opening must neither block on a FIFO nor take a controlling terminal. In
 * another user's folder no link is followed: that user could have lines of any
 * file shown as mistakes.
 */
static int read_open_file(const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK |
					 O_NOCTTY };
	int fd;

	if (!others_can_change(path, false, NULL, 0)) {
		fd = open(path, (int)how.flags);
		return fd < 0 ? -errno : fd;
	}
	how.resolve = RESOLVE_NO_SYMLINKS;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
	if (fd < 0 && errno == ENOSYS)
		fd = open(path, (int)how.flags | O_NOFOLLOW);
	if (fd < 0)
		return errno == ELOOP ? -EPERM : -errno;
	return fd;
}

/* Opens PATH, which must be a regular file, and reads it. */
static int read_open(struct conf_reader *reader, struct read_file *file,
		     struct conf_buf *buf)
{
	struct stat st;
	int fd, error;

	fd = read_open_file(file->path);
	if (fd < 0)
		return fd;
	error = fstat(fd, &st) < 0 ? -errno : 0;
	if (!error && !S_ISREG(st.st_mode))
		error = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	file->dev = st.st_dev;
	file->ino = st.st_ino;
	file->executable = !error && (st.st_mode & 0111);
	if (!error && st.st_size > (off_t)CONF_TEXT_MAX)
		error = -E2BIG;
	if (!error && st.st_size > 0) {
		buf->room = (size_t)st.st_size + 2;
		buf->text = xrealloc_array(NULL, buf->room, 1);
	}
	if (!error)
		error = read_all(fd, buf, CONF_TEXT_MAX - reader->out.len);
	close(fd);
	if (!error && (buf->len == 0 || buf->text[buf->len - 1] != '\n'))
		conf_buf_char(buf, '\n');
	return error;
}

static uint32_t read_count_lines(const char *from, const char *to)
{
	uint32_t n = 0;

	while (from < to && (from = memchr(from, '\n', (size_t)(to - from)))) {
		from++;
		n++;
	}
	return n;
}

/* Copy TEXT to END, which holds no include but perhaps NULs. */
static void read_copy(struct conf_reader *reader, const char *text,
		      const char *end)
{
	const char *nul, *line, *eol, *p;

	while (text < end && (nul = memchr(text, '\0', (size_t)(end - text)))) {
		line = conf_read_line_start(nul, text);
		eol = memchr(nul, '\n', (size_t)(end - nul));
		conf_buf_add(&reader->out, text, (size_t)(line - text));
		conf_read_complain(reader, 'F',
				   "the line holds a NUL byte and is ignored");
		for (p = line; p <= eol; p++)
			conf_buf_char(&reader->out, *p ? *p : '?');
		text = eol + 1;
	}
	conf_buf_add(&reader->out, text, (size_t)(end - text));
}

/* Append a file's text, each include replaced by the named files. */
static int read_text(struct conf_reader *reader, struct read_file *file,
		     const char *text, size_t len)
{
	const char *end = text + len, *from = text, *found = text, *line, *eol;
	struct read_value known = { 0 };
	struct read_include include;
	unsigned checks = reader->checks;
	struct conf_word bad;
	uint32_t at = 1;
	int error = 0;

	conf_read_mark_file(reader, file, 1);
	while (!error && (found = conf_read_next_include(found, end))) {
		line = conf_read_line_start(found, from);
		eol = memchr(found, '\n', (size_t)(end - found));
		found = eol + 1;
		if (conf_read_set_checks(reader, line, eol, &bad)) {
			if (!bad.text)
				continue;
			read_copy(reader, from, line);
			at += read_count_lines(from, line);
			conf_read_mark_file(reader, file, at);
			conf_read_complain(
				reader, 'F',
				"'%.*s' is not readable, match, wildcard_match or brace_match",
				(int)bad.len, bad.text);
			from = line;
			continue;
		}
		if (memchr(line, '\0', (size_t)(eol - line)) ||
		    !conf_read_is_include(reader, line, eol, &include) ||
		    conf_read_goes_on(line, from, &known))
			continue;
		read_copy(reader, from, line);
		at += read_count_lines(from, line);
		include.at = at++;
		include.line = line;
		include.eol = eol;
		error = conf_read_include(reader, file, &include);
		conf_read_mark_file(reader, file, at);
		known.line = NULL;
		from = found;
	}
	if (!error)
		read_copy(reader, from, end);
	/* Rules that a file sets end with it. */
	reader->checks = checks;
	return error;
}

static void read_file_set_folder(struct read_file *file)
{
	const char *slash = strrchr(file->path, '/');
	char *cwd;

	if (file->path[0] == '/') {
		file->folder = strndup(
			file->path,
			slash == file->path ? 1 : (size_t)(slash - file->path));
		return;
	}
	cwd = getcwd(NULL, 0);
	if (asprintf(&file->folder, "%s%s%.*s", cwd ? cwd : ".",
		     slash ? "/" : "", slash ? (int)(slash - file->path) : 0,
		     file->path) < 0)
		file->folder = NULL;
	free(cwd);
}

/* May FILE, which is open and read, be included at this place? */
static int read_check(struct conf_reader *reader, struct read_file *file)
{
	const struct read_file *up;

	for (up = file->outer; up; up = up->outer) {
		file->depth++;
		if (up->dev == file->dev && up->ino == file->ino)
			return -ELOOP;
	}
	if (file->depth > INCLUDE_DEPTH_MAX)
		return -EMLINK;
	if (file->outer && file->executable)
		return -ENOEXEC;
	if (reader->nr_files == CONF_FILES_MAX)
		return -E2BIG;
	read_file_set_folder(file);
	return file->folder ? 0 : -ENOMEM;
}

int conf_read_file(struct conf_reader *reader, const char *path,
		   struct read_file *outer)
{
	struct read_file file = { .path = path, .outer = outer };
	struct conf_buf buf = { 0 };
	int error;

	if (strchr(path, '\n'))
		return -EINVAL;
	error = read_open(reader, &file, &buf);
	if (!error)
		error = read_check(reader, &file);
	if (error || !buf.text)
		goto out;
	file.index = reader->nr_files++;
	error = read_text(reader, &file, buf.text, buf.len);
	if (error)
		error = READ_FATAL;
	else if (reader->out.len > CONF_TEXT_MAX)
		error = -E2BIG;
out:
	free(file.folder);
	conf_buf_free(&buf);
	return error;
}

/*
 * "random_seed N" in place of the time, with which all that is drawn in the text
 * begins: before the first line, wherever the word stands.
 */
static void read_seed(struct conf_reader *reader)
{
	const char *value = conf_read_value(reader, "random_seed");
	char *seed = reader->out.text + reader->seed;
	size_t i;

	for (i = 0; value && i < SEED_LENGTH; i++)
		seed[i] = isdigit((unsigned char)*value) ? *value++ : ' ';
}

/* The variables named in ${_ENV NAME}, wherever they stand in the text. */
static void read_environment(struct conf_reader *reader, struct conf_buf *marks)
{
	const char *p = reader->out.text, *end = p + reader->out.len, *value;
	char name[128];
	size_t n;

	for (; (p = memchr(p, '$', (size_t)(end - p))); p++) {
		if (end - p < 7 || memcmp(p, "${_ENV", 6) != 0)
			continue;
		for (p += 6; *p == ' ' || *p == '\t';)
			p++;
		for (n = 0; n < sizeof(name) - 1 && p[n] != '}' && p[n] != '\n';
		     n++)
			name[n] = p[n];
		name[n] = p[n];
		name[n] = '\0';
		value = getenv(name);
		if (!value || strchr(value, '\n'))
			continue;
		conf_buf_char(marks, CONF_MARK);
		conf_buf_char(marks, MARK_ENV);
		conf_buf_add(marks, name, n);
		conf_buf_char(marks, '=');
		conf_buf_add(marks, value, strlen(value));
		conf_buf_char(marks, '\n');
	}
}

static void read_set_id(struct conf_reader *reader,
			const struct conf_options *options)
{
	size_t len;

	if (options && options->config_id) {
		snprintf(reader->config_id, sizeof(reader->config_id), "%s",
			 options->config_id);
	} else {
		if (gethostname(reader->config_id,
				sizeof(reader->config_id) - 1) < 0)
			strcpy(reader->config_id, "localhost");
		reader->config_id[strcspn(reader->config_id, ".")] = '\0';
	}
	len = strlen(reader->config_id);
	text_copy_printable(reader->config_id, sizeof(reader->config_id),
			    reader->config_id, len);
}

static int read_fail(struct conf_reader *reader, const char *path, int error)
{
	switch (error) {
	case READ_FATAL:
		return reader->error; /* is told already */
	case -E2BIG:
		conf_report_add(
			reader->report, CONF_ERROR, NULL, 0,
			"%s: with all it includes it is longer than %zu MiB",
			path, CONF_TEXT_MAX >> 20);
		return error;
	case -EPERM:
		conf_report_add(reader->report, CONF_ERROR, NULL, 0,
				"%s: " READ_LINK, path);
		return error;
	case -EINVAL:
		conf_report_add(reader->report, CONF_ERROR, NULL, 0,
				"%s: it is not a regular file", path);
		return error;
	}
	conf_report_add(reader->report, CONF_ERROR, NULL, 0, "%s: %s", path,
			strerror(-error));
	return error;
}

int conf_read_fatal(struct conf_reader *reader, const struct read_file *file,
		    const struct read_include *include, const char *path,
		    int error)
{
	const char *why =
		"with what is before it, the configuration is too long";

	if (error == -ELOOP)
		why = "it would be included within itself";
	else if (error == -EMLINK)
		why = "too many files include each other";
	conf_report_add(reader->report, CONF_ERROR, NULL, 0,
			"%s: %s (line %u of %s)", path, why, include->at,
			file->path);
	reader->error = error == -E2BIG ? error : -EINVAL;
	return READ_FATAL;
}

int conf_read(const char *path, const struct conf_options *options, char **text,
	      size_t *length, struct conf_report *report)
{
	struct conf_reader reader = { .report = report };
	struct conf_buf marks = { 0 };
	char seed[64];
	int error;

	*text = NULL;
	*length = 0;
	read_set_id(&reader, options);
	conf_read_mark(&marks, MARK_ID, reader.config_id,
		       strlen(reader.config_id));
	snprintf(seed, sizeof(seed), "%-*lld %-*d", SEED_LENGTH / 2,
		 (long long)time(NULL), SEED_LENGTH / 2 - 1, (int)getpid());
	conf_read_mark(&marks, MARK_SEED, seed, SEED_LENGTH);
	reader.seed = marks.len - SEED_LENGTH - 1;
	conf_buf_add(&reader.out, marks.text, marks.len);
	marks.len = 0;
	error = conf_read_file(&reader, path, NULL);
	if (error) {
		error = read_fail(&reader, path, error);
		goto out;
	}
	read_seed(&reader);
	read_environment(&reader, &marks);
	conf_read_tables(&reader, &marks);
	if (marks.len) {
		conf_buf_add(&marks, reader.out.text, reader.out.len);
		*text = marks.text;
		*length = marks.len;
		memset(&marks, 0, sizeof(marks));
	} else {
		*text = reader.out.text;
		*length = reader.out.len;
		memset(&reader.out, 0, sizeof(reader.out));
	}
out:
	conf_buf_free(&marks);
	conf_buf_free(&reader.out);
	return error;
}
