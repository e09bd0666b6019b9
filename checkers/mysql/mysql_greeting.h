/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far a login may go, given the server's greeting. The server speaks first,
 * and its greeting says whether it does TLS. So a login that the file wants
 * inside TLS can be refused before a byte of it is sent, and without TLS a
 * method that would give the password away is left out. Pure; see mysql_login.h
 * for where the greeting comes from.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_GREETING_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_GREETING_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"

#define MYSQL_METHOD_MAX 64

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

enum mysql_way {
	MYSQL_WAY_REFUSED, /* the file wants TLS, and there is none */
	MYSQL_WAY_PLAIN, /* only methods that never send the password */
	MYSQL_WAY_KEY, /* these, and the password encrypted for a known key */
	MYSQL_WAY_TLS,
};

/* How to log in. HAVE_KEY: the file names the server's public key. */
enum mysql_way mysql_way_choose(enum mysql_tls tls, bool have_key,
				const struct mysql_greeting *greeting);

/* Whether METHOD, the whole name, may be used on WAY. */
bool mysql_way_allows(enum mysql_way way, const char *method);

/* The methods of WAY, separated by commas. */
const char *mysql_way_methods(enum mysql_way way);

#endif
