/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_classify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/probe_socket.h"
#include "lib/util.h"

/*
 * Numbers are spelled out here and not taken from the library's headers: those
 * of MariaDB and of Oracle each lack some, and a server of either kind may be
 * at the other end.
 */
struct mysql_meaning {
	unsigned number;
	enum outcome outcome;
};

/* Errors that a server sends, sorted by number. Others: PROBE_SQL_ERROR. */
static const struct mysql_meaning mysql_server_errors[] = {
	{ 1040, PROBE_SATURATED }, /* too many connections */
	{ 1043, PROBE_MISCONFIGURED }, /* bad handshake: TLS or a protocol */
	{ 1044, PROBE_MISCONFIGURED }, /* no right to the database */
	{ 1045, PROBE_MISCONFIGURED }, /* wrong user or password */
	{ 1046, PROBE_MISCONFIGURED }, /* no database selected */
	{ 1047, PROBE_NOT_READY }, /* "WSREP has not yet prepared node" */
	{ 1049, PROBE_MISCONFIGURED }, /* unknown database */
	{ 1053, PROBE_CLOSED }, /* shutdown in progress */
	{ 1054, PROBE_MISCONFIGURED }, /* unknown column */
	{ 1064, PROBE_MISCONFIGURED }, /* syntax */
	{ 1065, PROBE_MISCONFIGURED }, /* empty query */
	{ 1115, PROBE_MISCONFIGURED }, /* unknown character set */
	{ 1129, PROBE_BLOCKED }, /* too many connection errors from us */
	{ 1130, PROBE_MISCONFIGURED }, /* our host is not allowed */
	{ 1135, PROBE_SATURATED }, /* cannot create a thread */
	{ 1142, PROBE_MISCONFIGURED }, /* no right to the table */
	{ 1143, PROBE_MISCONFIGURED }, /* no right to the column */
	{ 1146, PROBE_MISCONFIGURED }, /* no such table */
	{ 1152, PROBE_CLOSED }, /* aborted connection */
	{ 1158, PROBE_CLOSED }, /* network errors as the server sees them */
	{ 1159, PROBE_CLOSED },
	{ 1160, PROBE_CLOSED },
	{ 1161, PROBE_CLOSED },
	{ 1184, PROBE_CLOSED }, /* aborted connection */
	{ 1193, PROBE_MISCONFIGURED }, /* unknown system variable */
	{ 1203, PROBE_SATURATED }, /* max_user_connections for everybody */
	{ 1226, PROBE_MISCONFIGURED }, /* the account's limit; see below */
	{ 1227, PROBE_MISCONFIGURED }, /* missing privilege */
	{ 1251, PROBE_MISCONFIGURED }, /* authentication not supported */
	{ 1275, PROBE_MISCONFIGURED }, /* old password format */
	{ 1290, PROBE_MISCONFIGURED }, /* an option forbids it; see below */
	{ 1305, PROBE_MISCONFIGURED }, /* no such function or procedure */
	{ 1370, PROBE_MISCONFIGURED }, /* no right to the routine */
	{ 1410, PROBE_MISCONFIGURED }, /* no right to create a user */
	{ 1524, PROBE_MISCONFIGURED }, /* plugin not loaded */
	{ 1698, PROBE_MISCONFIGURED }, /* access denied, no password */
	{ 1792, PROBE_ROLE }, /* a write in a read-only transaction */
	{ 1820, PROBE_MISCONFIGURED }, /* password must be changed */
	{ 1836, PROBE_ROLE }, /* read-only mode */
	{ 1862, PROBE_MISCONFIGURED }, /* password expired */
	{ 1873, PROBE_MISCONFIGURED }, /* access denied in change_user */
	{ 1927, PROBE_CLOSED }, /* the connection was killed */
	{ 1969, PROBE_HUNG }, /* the limit that we set for a statement: MariaDB */
	{ 3024, PROBE_HUNG }, /* and MySQL */
	{ 3032, PROBE_NOT_READY }, /* offline mode */
	{ 3100, PROBE_NOT_READY }, /* group replication refuses */
	{ 3118, PROBE_MISCONFIGURED }, /* account locked (MySQL) */
	{ 3159, PROBE_MISCONFIGURED }, /* require_secure_transport */
	{ 3168, PROBE_NOT_READY }, /* server not available */
	{ 3955, PROBE_MISCONFIGURED }, /* blocked by the password policy */
	{ 4031, PROBE_CLOSED }, /* idle for longer than wait_timeout */
	{ 4151, PROBE_MISCONFIGURED }, /* account locked (MariaDB) */
};

/* Errors of the client libraries. 2002 and its kin are looked into. */
static const struct mysql_meaning mysql_client_errors[] = {
	{ 2000,
	  PROBE_GARBAGE }, /* unknown error: an error packet without one */
	{ 2001, PROBE_LOCAL_FAULT }, /* no socket */
	{ 2004, PROBE_LOCAL_FAULT },
	{ 2005, PROBE_MISCONFIGURED }, /* unknown host */
	{ 2006, PROBE_CLOSED }, /* gone away */
	{ 2007, PROBE_GARBAGE }, /* protocol version */
	{ 2008, PROBE_LOCAL_FAULT }, /* out of memory */
	{ 2012, PROBE_GARBAGE }, /* error in the handshake */
	{ 2013, PROBE_CLOSED }, /* lost connection */
	{ 2014, PROBE_GARBAGE }, /* commands out of sync */
	{ 2019, PROBE_LOCAL_FAULT }, /* character set file */
	{ 2020, PROBE_GARBAGE }, /* packet too large */
	{ 2026, PROBE_MISCONFIGURED }, /* TLS; see below */
	{ 2027, PROBE_GARBAGE }, /* malformed packet */
	{ 2049, PROBE_MISCONFIGURED }, /* old authentication refused */
	{ 2054, PROBE_MISCONFIGURED }, /* plugin: not supported */
	{ 2055, PROBE_CLOSED }, /* lost connection, with a system error */
	{ 2058, PROBE_MISCONFIGURED }, /* plugins: cannot be initialised, */
	{ 2059, PROBE_MISCONFIGURED }, /* loaded (caching_sha2_password), */
	{ 2060, PROBE_MISCONFIGURED },
	{ 2061, PROBE_MISCONFIGURED }, /* or report an error */
	{ 2062, PROBE_MISCONFIGURED },
	{ 5001, PROBE_LOCAL_FAULT }, /* MariaDB: cannot bind */
	{ 5003, PROBE_MISCONFIGURED }, /* function not supported */
	{ 5004, PROBE_MISCONFIGURED }, /* file not found */
	{ 5005, PROBE_MISCONFIGURED }, /* file cannot be read */
	{ 5008, PROBE_GARBAGE }, /* version mismatch */
	{ 5010, PROBE_MISCONFIGURED }, /* plugin not allowed */
	{ 5012, PROBE_MISCONFIGURED }, /* plugin cannot be loaded */
	{ 5013, PROBE_CLOSED }, /* error while reading */
	{ 5014, PROBE_CLOSED }, /* error while writing */
};

#define MYSQL_PREFACE "cannot be verified: "
#define MYSQL_ERRNO "system error: "

/*
 * An error packet that comes before TLS is up arrives under the library's own
 * number, with the server's number only in the text. The words here stand
 * before the number or, failing that, for it.
 */
static const struct {
	const char *words;
	unsigned number; /* 0: it follows the words */
} mysql_hidden[] = {
	{ MYSQL_PREFACE, 0 },
	{ "Too many connections", 1040 },
	{ "because of many connection errors", 1129 },
	{ "is not allowed to connect to this", 1130 },
	{ "WSREP has not yet prepared", 1047 },
};

/* Words in the text of error 2026 when the connection, not TLS, is at fault. */
static const char *const mysql_tls_broken[] = {
	"reset by peer", "Broken pipe",	    "unexpected eof",
	"Success",	 "Lost connection", "syscall",
	"(0)",		 "timed out",	    "Connection closed",
};

static const char *const mysql_tls_garbage[] = {
	"wrong version number",	 "record layer",  "packet length",
	"unknown protocol",	 "bad record",	  "decryption failed",
	"http request",		 "decode error",  "unexpected message",
	"unsupported protocol:", "bad extension",
};

static bool mysql_text_has(const char *text, const char *const *words,
			   size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strstr(text, words[i]))
			return true;
	}
	return false;
}

static unsigned mysql_number_at(const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	return end == text || number > UINT16_MAX ? 0 : (unsigned)number;
}

static unsigned mysql_find_hidden(const char *text)
{
	const char *at;
	unsigned number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mysql_hidden); i++) {
		at = strstr(text, mysql_hidden[i].words);
		if (!at)
			continue;
		number = mysql_hidden[i].number;
		if (number == 0)
			number = mysql_number_at(at +
						 strlen(mysql_hidden[i].words));
		if (number >= 1000)
			return number;
	}
	return 0;
}

/* The errno in "... system error: 104" or "... (111)" at the end; -1: none. */
static int mysql_find_errno(const char *text)
{
	const char *at = strstr(text, MYSQL_ERRNO);
	const char *open = strrchr(text, '(');

	if (at)
		return (int)mysql_number_at(at + strlen(MYSQL_ERRNO));
	if (open && open[1] >= '0' && open[1] <= '9')
		return (int)mysql_number_at(open + 1);
	/* "... (111 "Connection refused")" was covered too. */
	return -1;
}

const char *mysql_error_words(const char *text, size_t *length)
{
	const char *preface = strstr(text, MYSQL_PREFACE);
	const char *end = strstr(text, ", " MYSQL_ERRNO);
	const char *words = preface ? strstr(preface, " - ") : NULL;

	if (words) {
		*length = strlen(words + 3);
		return words + 3;
	}
	*length = end ? (size_t)(end - text) : strlen(text);
	return text;
}

static bool mysql_look_up(const struct mysql_meaning *table, size_t count,
			  unsigned number, enum outcome *outcome)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (table[i].number == number) {
			*outcome = table[i].outcome;
			return true;
		}
	}
	return false;
}

static enum outcome mysql_judge_server(unsigned number, const char *text)
{
	enum outcome outcome = PROBE_SQL_ERROR;

	mysql_look_up(mysql_server_errors, ARRAY_SIZE(mysql_server_errors),
		      number, &outcome);
	/* A count of sessions is load; a count per hour is our own doing. */
	if (number == 1226 && strstr(text, "max_user_connections"))
		outcome = PROBE_SATURATED;
	if (number == 1290 &&
	    (strstr(text, "read-only") || strstr(text, "read_only")))
		outcome = PROBE_ROLE;
	return outcome;
}

/*
 * Errnos left over from a wait, which say nothing: the libraries look at errno
 * long after the call that failed. Before the deadline it was no time limit,
 * because theirs are longer than ours.
 */
static bool mysql_is_stale(int error)
{
	return error == EAGAIN || error == EINTR || error == EINPROGRESS ||
	       error == EALREADY;
}

/* The connection was not made, or broke; the reason may be in the text. */
static enum outcome mysql_judge_connection(const struct mysql_failure *failure)
{
	int error = mysql_find_errno(failure->text);
	enum outcome outcome;

	if (mysql_is_stale(error))
		return failure->connected ? PROBE_CLOSED : PROBE_REFUSED;
	if (error <= 0)
		return failure->connected ? PROBE_CLOSED : PROBE_UNREACHABLE;
	outcome = net_outcome(error);
	if (outcome == PROBE_TIMEOUT && failure->connected)
		return PROBE_HUNG;
	return outcome;
}

static enum outcome mysql_judge_client(const struct mysql_failure *failure)
{
	enum outcome outcome = PROBE_SQL_ERROR;

	if (mysql_is_method_refused(failure->number, failure->text))
		return PROBE_MISCONFIGURED;
	switch (failure->number) {
	case 2002:
	case 2003:
	case 2006:
	case 2013:
	case 2055:
		return mysql_judge_connection(failure);
	case 2026:
		if (mysql_text_has(failure->text, mysql_tls_broken,
				   ARRAY_SIZE(mysql_tls_broken)))
			return PROBE_CLOSED;
		if (mysql_text_has(failure->text, mysql_tls_garbage,
				   ARRAY_SIZE(mysql_tls_garbage)))
			return PROBE_GARBAGE;
		return PROBE_MISCONFIGURED;
	}
	mysql_look_up(mysql_client_errors, ARRAY_SIZE(mysql_client_errors),
		      failure->number, &outcome);
	return outcome;
}

static bool mysql_is_session_lost(const struct mysql_judgement *judgement)
{
	return judgement->outcome == PROBE_CLOSED ||
	       judgement->outcome == PROBE_GARBAGE ||
	       judgement->outcome == PROBE_UNREACHABLE;
}

struct mysql_judgement mysql_classify(const struct mysql_failure *failure)
{
	struct mysql_judgement judgement = { .outcome = PROBE_SQL_ERROR };
	unsigned number = failure->number;

	if (mysql_is_client_error(number))
		number = mysql_find_hidden(failure->text);
	if (number > 0) {
		judgement.server_errno = (uint16_t)number;
		judgement.outcome = mysql_judge_server(number, failure->text);
	} else if (failure->expired) {
		judgement.outcome = failure->connected ? PROBE_HUNG :
							 PROBE_TIMEOUT;
	} else {
		judgement.outcome = mysql_judge_client(failure);
	}
	judgement.vague = judgement.outcome == PROBE_REFUSED &&
			  mysql_is_stale(mysql_find_errno(failure->text));
	judgement.denied = judgement.outcome == PROBE_LOCAL_FAULT &&
			   !failure->connected &&
			   mysql_find_errno(failure->text) == EACCES;
	judgement.session_lost = !failure->expired &&
				 mysql_is_session_lost(&judgement);
	return judgement;
}
