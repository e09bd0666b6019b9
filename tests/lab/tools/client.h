/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the lab's clients share: their clock, their reports, their numbers. Each
 * client is one source file, so these are functions of a header.
 */
#ifndef EVENKEEL_LAB_CLIENT_H
#define EVENKEEL_LAB_CLIENT_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Room for a file's name, and for that of the file that replaces it. */
#define CLIENT_PATH_MAX 4096

/* Ends the client: WHAT and the reason, from errno, go to standard error. */
static inline void client_die(const char *what)
{
	perror(what);
	exit(2);
}

/* The clock of /proc/uptime, in ms. */
static inline unsigned long client_clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000 +
	       (unsigned long)ts.tv_nsec / 1000000;
}

/*
 * A report is replaced in one step, so that a reader never sees half of it. Returns
 * the file to write; TEMPORARY, of CLIENT_PATH_MAX bytes, is for client_report_end().
 */
static inline FILE *client_report_begin(const char *path, char *temporary)
{
	FILE *f;

	snprintf(temporary, CLIENT_PATH_MAX, "%s.new", path);
	f = fopen(temporary, "w");
	if (!f)
		client_die(temporary);
	return f;
}

static inline void client_report_end(FILE *f, const char *temporary,
				     const char *path)
{
	if (fclose(f) || rename(temporary, path))
		client_die(path);
}

/* An option's number, up to a million; another text ends the client. */
static inline unsigned int client_number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || end == text || value > 1000000) {
		fprintf(stderr, "not a number: %s\n", text);
		exit(2);
	}
	return (unsigned int)value;
}

#endif
