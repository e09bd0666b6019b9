/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of the configuration language share. */
#ifndef EVENKEEL_TESTS_CONF_WORLD_H
#define EVENKEEL_TESTS_CONF_WORLD_H

#include "conf/conf.h"

/* The outcome of one parse. */
struct world {
	struct conf *conf; /* NULL: refused */
	struct conf_report report;
	char *said; /* "3:5 error: text\n" for each complaint */
	size_t said_len;
};

/* Parse TEXT as if it were a file; COMPAT as on the command line. */
struct world world_parse(const char *text, bool compat);
struct world world_parse_options(const char *text, size_t length,
				 const struct conf_options *options);
/* Read and parse a file. */
struct world world_read(const char *path, const struct conf_options *options);
void world_free(struct world *world);

/* What conf_print() writes; the caller's to free. */
char *world_print(const struct conf *conf);

/* One virtual server with BODY inside, and in it one server with SERVER. */
char *world_service(const char *body, const char *server);

/* The path of a file of the source tree; the caller's to free. */
char *world_source(const char *path);

#endif
