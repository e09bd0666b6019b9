/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fields in the head of a client's request, as far as they are read here.
 * Pure: texts of strangers go in, decisions come out.
 */
#ifndef EVENKEEL_WEB_HTTP_WORDS_H
#define EVENKEEL_WEB_HTTP_WORDS_H

#include <stdbool.h>

/*
 * Whether ACCEPT, the value of that field (NULL: none was sent), likes
 * OpenMetrics 1.0 at least as much as the older text format.
 */
bool http_wants_openmetrics(const char *accept);

/*
 * Whether HOST, the value of that field, with or without a port, is an address,
 * "localhost", or one of NAMES, ended by NULL. A page of somebody else, whose name
 * was made to point at this host, asks under that name: then the browser would
 * let it read the answer.
 */
bool http_host_is_ours(const char *host, const char *const *names);

/* Whether HOST can be a name with or without a port, and nothing else. */
bool http_is_host(const char *host);

/*
 * Whether TEXT can be part of a question to the daemon: printable ASCII of at
 * most MOST bytes, without blanks.
 */
bool http_is_word(const char *text, unsigned most);
/*
 * Whether TEXT can be the name of a virtual server in such a question: blanks and
 * bytes beyond ASCII may be in it as well.
 */
bool http_is_name(const char *text, unsigned most);

#endif
