/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The meaning of an error of a MySQL probe. Pure: from the client library's
 * error to an outcome, so that every case is a line in a table test.
 *
 * The rule: only an error that shows that the server does not serve may be a
 * hard failure. Too many connections is load, and taking the server out would
 * push the load to its neighbours. A wrong password is our file's mistake on
 * every server at once, and must never empty a pool.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_CLASSIFY_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_CLASSIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/verdict.h"
#include "lib/mysql_greeting.h"

struct mysql_failure {
	unsigned number; /* mysql_errno(): a server's or the library's own */
	const char *text; /* mysql_error() */
	bool connected; /* a TCP connection was made */
	bool expired; /* the probe's time was up when it failed */
};

struct mysql_judgement {
	enum outcome outcome;
	/* The server's number, dug out of the text if need be; 0: none. */
	uint16_t server_errno;
	/* Refused or unreachable: the library does not tell which. */
	bool vague;
	/* EACCES: this host's refusal, unless a connection can be begun. */
	bool denied;
	/* A session kept from an earlier round ended: log in anew, then judge. */
	bool session_lost;
};

/*
 * The part of the library's error TEXT that a person wants to read: a server's
 * words without the library's preface, and without the errno at the end, which
 * is often left over from something else. *LENGTH gets its length.
 */
const char *mysql_error_words(const char *text, size_t *length);

struct mysql_judgement mysql_classify(const struct mysql_failure *failure);

#endif
