/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a login may go, given the server's greeting. The server speaks first,
 * and its greeting says whether it does TLS. So a login that is wanted inside
 * TLS can be refused before a byte of it is sent, and without TLS a method that
 * would give the password away is left out. Checks and drills log in by this.
 */
#ifndef EVENKEEL_LIB_MYSQL_GREETING_H
#define EVENKEEL_LIB_MYSQL_GREETING_H

#include <stdbool.h>
#include <stddef.h>

#define MYSQL_METHOD_MAX 64
/* A folder of plugins in which nothing can be: the allowed plugins are loaded
 * once and for all, and no server makes the library load another. */
#define MYSQL_NO_PLUGINS "/dev/null"
/* The library's words for a refused method are the server's choice: see
 * mysql_is_method_refused(). */
#define MYSQL_METHOD_REFUSED                                              \
	"the server asks for a login method that is not allowed, or not " \
	"without TLS"

struct mysql_greeting {
	bool tls; /* the server does TLS */
	/* The authentication that the greeting is for; "" if it names none, or
	 * one with a longer name. */
	char method[MYSQL_METHOD_MAX];
};

enum mysql_greeting_state {
	MYSQL_GREETING_WHOLE,
	MYSQL_GREETING_SHORT, /* there is more to come */
	MYSQL_GREETING_NONE, /* an error, or no MySQL: nobody logs in to that */
	MYSQL_GREETING_ODD, /* a greeting, and not to be understood */
};

/*
 * Read the SIZE bytes that a server sent first, or as many as have come. Fills
 * GREETING if they are a greeting; else no TLS and no method.
 */
enum mysql_greeting_state mysql_greeting_read(const void *data, size_t size,
					      struct mysql_greeting *greeting);

/*
 * Wait for the greeting on SOCK, which is connected, and read it without taking
 * it: the library reads the very same bytes afterwards. An error is the
 * library's to find, too.
 */
enum mysql_greeting_state mysql_greeting_peek(int sock,
					      struct mysql_greeting *greeting);

enum mysql_way {
	MYSQL_WAY_REFUSED, /* the file wants TLS, and there is none */
	MYSQL_WAY_PLAIN, /* only methods that never send the password */
	MYSQL_WAY_KEY, /* these, and the password encrypted for a known key */
	MYSQL_WAY_TLS,
};

/* Whether METHOD, the whole name, may be used on WAY. */
bool mysql_way_allows(enum mysql_way way, const char *method);

/* The methods of WAY, separated by commas. */
const char *mysql_way_methods(enum mysql_way way);

/* The allowed methods that are no part of MariaDB's library itself, by INDEX
 * from 0; NULL at the end. */
const char *mysql_method_plugin(unsigned index);

/* Whether an error's number is the library's own and not a server's. */
bool mysql_is_client_error(unsigned number);

/*
 * Whether the server asked for an authentication that we do not do. The
 * library's text is then the server's choice of a name, a path made of the
 * name, or a buffer that holds something else by now.
 */
bool mysql_is_method_refused(unsigned number, const char *text);

#endif
