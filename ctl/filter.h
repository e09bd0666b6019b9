/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The part of an answer that is about one virtual server or one server. Pure.
 */
#ifndef EVENKEEL_CTL_FILTER_H
#define EVENKEEL_CTL_FILTER_H

#include <stdbool.h>

struct json_object;

struct filter {
	const char *virtual_server; /* its name; NULL: all */
	const char *server; /* an address, with a port or without; NULL: all */
};

/* Whether WANTED, as a user writes a server, means ADDRESS. */
bool filter_means(const char *wanted, const char *address);
/*
 * Whether TEXT has NAME as a word of its own: 192.0.2.1 is not in 192.0.2.10,
 * but in 192.0.2.1:3306.
 */
bool filter_mentions(const char *text, const char *name);
/*
 * Leave in an answer of "status", or of "events", only the objects that FILTER names.
 * Returns how many servers (or virtual servers without one), or events, are left.
 */
unsigned filter_status(const struct filter *filter, struct json_object *answer);
unsigned filter_events(const struct filter *filter, struct json_object *answer);

#endif
