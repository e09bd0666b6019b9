/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions to a MySQL server over a socket that is logged in and in clear.
 *
 * The client library keeps some 30 kB of buffers for each session, and one
 * question at a time is under way, so that each costs a waking-up of both ends.
 * With thousands of sessions that adds up. So the library does the difficult
 * part, the login with all its methods and TLS. A session in clear is taken from it
 * afterwards, and goes on here: COM_QUERY and the text protocol of
 * results, nothing else. Several questions may be sent at once: a server takes one
 * after the other from its socket, and answers in that order.
 *
 * A server's bytes are not trusted. An answer that makes no sense ends the
 * session; no packet above a limit is waited for; the number of columns, rows and
 * results is bounded. There is one session in use at a time in a process.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_WIRE_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_WIRE_H

#include <stdbool.h>
#include <stddef.h>

/* Questions that may be under way. */
#define MYSQL_WIRE_AHEAD 4
#define MYSQL_WIRE_TEXT 256

struct mysql_row;
typedef bool mysql_row_fn(void *arg, const struct mysql_row *row);

struct mysql_wire {
	int sock;
	bool broken; /* nothing that it says is worth anything any more */
	/* Questions under way, whose answers were not read yet; the strings are
	 * the caller's, and valid until then. */
	const char *ahead[MYSQL_WIRE_AHEAD];
	unsigned nr_ahead;
	bool heard; /* the first bytes since they were sent */
	bool hurries; /* the server may wait for an ACK between two answers */
	/* Of the last question: 0, the server's number, or a number of the
	 * client libraries. */
	unsigned error;
	char text[MYSQL_WIRE_TEXT]; /* the words for it */
};

/* SOCK stays the caller's. */
void mysql_wire_init(struct mysql_wire *wire, int sock);

/*
 * Send COUNT questions in one go, at most MYSQL_WIRE_AHEAD, which will be asked by
 * mysql_wire_ask() in this order. An error shows there. If some are under way
 * already there is no effect.
 */
void mysql_wire_send(struct mysql_wire *wire, const char *const *sql,
		     unsigned count);

/*
 * Ask SQL, unless it is the first of those under way (if it is none of these, their
 * answers are thrown away first), and hand the rows of the
 * first result to TAKE until it returns false. Returns 0, or -1: see WIRE's error.
 */
int mysql_wire_ask(struct mysql_wire *wire, const char *sql, mysql_row_fn *take,
		   void *arg);

/* Read the answers that are under way still, and say goodbye (COM_QUIT). */
void mysql_wire_quit(struct mysql_wire *wire);

#endif
