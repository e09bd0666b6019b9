/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checkers/mysql/mysql_classify.h"
#include "checkers/mysql/mysql_evict.h"
#include "checkers/mysql/mysql_examine.h"
#include "checkers/mysql/mysql_lib.h"
#include "checkers/mysql/mysql_link.h"
#include "checkers/mysql/mysql_login.h"
#include "checkers/mysql/mysql_payload.h"
#include "checkers/mysql/mysql_room.h"
#include "checkers/mysql/mysql_rows.h"
#include "checkers/mysql/mysql_socket.h"
#include "checkers/mysql/mysql_watchdog.h"

/* The limit for a packet of an answer; no answer to a check is larger. */
#define MYSQL_PACKET_MAX (1ul << 20)
/* Room for one at first: it grows, and with thousands of sessions it counts. */
#define MYSQL_BUFFER_BEGIN 1024ul

/*
 * The copy of the descriptor keeps the connection. The library's own number is
 * free for the next session; nothing but this makes descriptors in a helper.
 */
void mysql_session_pause(struct mysql_session *session)
{
	if (session->link && session->sock < 0)
		mysql_session_close(session);
	if (session->link && session->link->mysql)
		close(mysql_lib_socket(session->link->mysql));
}

/* Without the library there is only the copy, out of the watchdog's sight. */
static void session_show_watchdog(const struct mysql_session *session)
{
	bool ours = session->link && !session->link->mysql;

	mysql_watchdog_mind(ours ? session->sock : -1);
}

void mysql_session_resume(struct mysql_session *session)
{
	if (session->link && session->link->mysql)
		(void)dup3(session->sock,
			   mysql_lib_socket(session->link->mysql), O_CLOEXEC);
	session_show_watchdog(session);
}

void mysql_session_close(struct mysql_session *session)
{
	struct leftover leftover = {
		.sock = session->sock,
		.stage = session->stage,
		.hung = mysql_watchdog_expired(),
	};

	if (session->link)
		leftover.id = mysql_link_id(session->link);
	mysql_link_free(session->link);
	session->link = NULL;
	if (session->sock >= 0)
		leftovers_add(&session->leftovers, &leftover);
	session->sock = -1;
	session_show_watchdog(session);
}

/* More seconds than this are more milliseconds than the library's int holds. */
#define SESSION_LIMIT_MAX 2000000u
#define SESSION_LIMIT_MORE 2000u

/*
 * The library's own limit in seconds, which only backs the watchdog up. Under
 * TLS MariaDB's library takes a read that a signal interrupts, as a socket with
 * a time limit is whatever SA_RESTART says, for one that has to wait, and then
 * waits for as many milliseconds as the limit has seconds, after which it calls
 * the connection timed out. So the limit has a number that is right as either.
 */
static unsigned session_limit(usec_t timeout)
{
	usec_t limit = timeout / USEC_PER_MSEC + SESSION_LIMIT_MORE;

	return limit < SESSION_LIMIT_MAX ? (unsigned)limit : SESSION_LIMIT_MAX;
}

/* Options before the login. */
static int session_set_options(MYSQL *mysql,
			       const struct mysql_request *request, bool lent)
{
	unsigned limit = session_limit(request->timeout);
	const char *bind = mysql_request_string(request, MYSQL_STRING_BIND);
	unsigned protocol = MYSQL_PROTOCOL_TCP;
	unsigned long packet = MYSQL_PACKET_MAX + request->payload;
	unsigned long buffer = MYSQL_BUFFER_BEGIN;
	unsigned local_infile = 0;
	int error;

	/* A server could otherwise ask for any file that we can read. */
	error = mysql_options(mysql, MYSQL_OPT_LOCAL_INFILE, &local_infile) ||
		mysql_options(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &limit) ||
		mysql_options(mysql, MYSQL_OPT_READ_TIMEOUT, &limit) ||
		mysql_options(mysql, MYSQL_OPT_WRITE_TIMEOUT, &limit) ||
		mysql_options(mysql, MYSQL_OPT_PROTOCOL, &protocol) ||
		mysql_options(mysql, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet) ||
		mysql_options(mysql, MYSQL_OPT_NET_BUFFER_LENGTH, &buffer) ||
		mysql_options(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4") ||
		mysql_options(mysql, MYSQL_PLUGIN_DIR, MYSQL_NO_PLUGINS) ||
		mysql_options4(mysql, MYSQL_OPT_CONNECT_ATTR_ADD,
			       "program_name", "evenkeel");
	/* A socket that is lent is bound already. */
	if (!error && bind && !lent)
		error = mysql_options(mysql, MYSQL_OPT_BIND, bind);
	return error ? -1 : 0;
}

void mysql_reply_say(struct mysql_reply *reply, enum outcome outcome,
		     const char *text)
{
	reply->outcome = (uint16_t)outcome;
	text_copy_printable(reply->text, sizeof(reply->text), text,
			    strlen(text));
}

/* The time is up: the library's words are about a socket we shut ourselves. */
static void session_reply_say_expired(struct mysql_reply *reply,
				      const struct mysql_request *request)
{
	char text[VERDICT_TEXT_MAX];

	snprintf(text, sizeof(text), "no %s within %lld ms",
		 reply->outcome == PROBE_HUNG ? "answer" : "connection",
		 (long long)(request->timeout / USEC_PER_MSEC));
	if (mysql_watchdog_late())
		mysql_reply_say(reply, PROBE_LOCAL_FAULT,
				"this host was too busy to probe in time");
	else
		mysql_reply_say(reply, reply->outcome, text);
}

static void session_reply_say_library(struct mysql_reply *reply,
				      const struct mysql_judgement *judgement,
				      const struct mysql_failure *failure)
{
	enum outcome outcome = judgement->outcome;
	size_t length;
	const char *words = mysql_error_words(failure->text, &length);

	if (judgement->server_errno == 0 &&
	    mysql_is_method_refused(failure->number, failure->text)) {
		words = MYSQL_METHOD_REFUSED;
		length = strlen(words);
	}

	/* Here its words hold nothing but an errno, right or wrong. */
	if (outcome == PROBE_REFUSED || outcome == PROBE_UNREACHABLE) {
		words = judgement->vague ? "refused or unreachable" :
					   outcome_info(outcome)->text;
		length = strlen(words);
	}
	reply->outcome = (uint16_t)outcome;
	text_copy_printable(reply->text, sizeof(reply->text), words, length);
}

struct mysql_judgement mysql_session_judge(const struct mysql_link *link,
					   const struct mysql_request *request,
					   struct mysql_reply *reply)
{
	unsigned number = mysql_link_errno(link);
	struct mysql_failure failure = {
		.number = number,
		.text = mysql_link_error(link),
		.expired = mysql_watchdog_expired(),
		.connected = number != 2002 && number != 2003,
	};
	struct mysql_judgement judgement;

	if (failure.expired)
		failure.connected = mysql_watchdog_connected();
	judgement = mysql_classify(&failure);
	if (judgement.denied && mysql_room_may_connect(request))
		judgement.outcome = PROBE_UNREACHABLE;
	reply->server_errno = judgement.server_errno;
	session_reply_say_library(reply, &judgement, &failure);
	/* A statement that the server ended at our limit is late as well. */
	if (judgement.outcome == PROBE_HUNG ||
	    (failure.expired && judgement.server_errno == 0))
		session_reply_say_expired(reply, request);
	return judgement;
}

/*
 * Whether the login goes the clients' way. One to the fallback port does not: the
 * server has answered on this way already, and is full.
 */
static bool session_lends(const struct mysql_login *login)
{
	return login->port == login->request->port &&
	       mysql_request_string(login->request, MYSQL_STRING_SERVICE);
}

/* Lend the library the socket that is there; false: LOGIN says why not. */
static bool session_lend(struct mysql_session *session,
			 struct mysql_login *login)
{
	const char *address =
		mysql_request_string(login->request, MYSQL_STRING_SERVICE);
	struct endpoint service = { .port = login->port };

	if (session->spare < 0 ||
	    addr_parse(&service.addr, address, strlen(address)) < 0) {
		mysql_login_refuse(login, PROBE_LOCAL_FAULT,
				   "no socket for the way of the clients");
		return false;
	}
	mysql_socket_lend(session->spare, &service);
	session->spare = -1;
	return true;
}

/*
 * Log in. Returns the link with or without a session, or NULL: no memory. LOGIN
 * has why the login was not tried. The payload of an integrity check is the
 * library's to send.
 */
static struct mysql_link *session_login(struct mysql_session *session,
					struct mysql_login *login)
{
	bool lent = session_lends(login);
	MYSQL *mysql = mysql_init(NULL);
	struct mysql_link *link = mysql ? mysql_link_new(mysql) : NULL;

	session->stage = MYSQL_STAGE_LOGIN;
	session->replica_sql = NULL;
	session->heartbeat_plain = false;
	if (!link || session_set_options(mysql, login->request, lent) < 0)
		return link;
	if (lent && !session_lend(session, login))
		return link;
	if (mysql_lib_login(mysql, login))
		session->link = link;
	mysql_socket_done();
	session->sock = login->sock;
	if (session->link && login->request->payload == 0)
		mysql_link_let_go(link, login->sock);
	session_show_watchdog(session);
	if (session->link && mysql_room_begin(session, login->request) < 0)
		session->link = NULL;
	return link;
}

/* Compares the first column of the first row with the file's expected value. */
struct session_answer {
	const char *expect;
	bool any;
	bool fits;
	char seen[64];
};

static bool session_take_answer(void *arg, const struct mysql_row *row)
{
	struct session_answer *answer = arg;
	const char *value = row->columns > 0 ? row->values[0] : NULL;
	size_t length = value ? row->lengths[0] : 0;

	answer->any = true;
	answer->fits = !answer->expect ||
		       (value && strlen(answer->expect) == length &&
			memcmp(answer->expect, value, length) == 0);
	if (value)
		text_copy_printable(answer->seen, sizeof(answer->seen), value,
				    length);
	else
		snprintf(answer->seen, sizeof(answer->seen), "NULL");
	return false;
}

/* Returns 0 if the server answered, rightly or not; -1: see
 * mysql_link_errno(). */
static int session_query(struct mysql_link *link,
			 const struct mysql_request *request,
			 struct mysql_reply *reply)
{
	struct session_answer answer = {
		.expect = mysql_request_string(request, MYSQL_STRING_EXPECT),
	};
	char text[2 * VERDICT_TEXT_MAX];

	if (mysql_rows_ask(link,
			   mysql_request_string(request, MYSQL_STRING_QUERY),
			   session_take_answer, &answer) < 0)
		return -1;
	if (answer.any && answer.fits) {
		mysql_reply_say(reply, PROBE_OK, mysql_link_version(link));
	} else if (!answer.any) {
		mysql_reply_say(reply, PROBE_SQL_UNEXPECTED, "no row");
	} else {
		snprintf(text, sizeof(text), "\"%s\" instead of \"%.64s\"",
			 answer.seen, answer.expect);
		mysql_reply_say(reply, PROBE_SQL_UNEXPECTED, text);
	}
	return 0;
}

/* The same, or the payload of REQUEST, or nothing. */
static int session_ask(struct mysql_link *link,
		       const struct mysql_request *request,
		       struct mysql_reply *reply)
{
	int outcome;

	if (request->nothing_else) {
		mysql_reply_say(reply, PROBE_OK, mysql_link_version(link));
		return 0;
	}
	if (request->payload == 0) {
		mysql_examine_ahead(link, request, NULL);
		return session_query(link, request, reply);
	}
	outcome = mysql_payload_send(link, request, &reply->found);
	if (outcome < 0)
		return -1;
	mysql_reply_say(reply, (enum outcome)outcome,
			outcome == PROBE_OK ? mysql_link_version(link) :
			outcome == PROBE_MISCONFIGURED ?
					      "the server has no SHA2()" :
					      "out of memory");
	return 0;
}

/* A server that offered TLS, and a library that went on without. */
static bool session_is_encrypted_enough(const struct mysql_link *link,
					const struct mysql_request *request)
{
	return request->tls < MYSQL_TLS_REQUIRED ||
	       (link->mysql && mysql_get_ssl_cipher(link->mysql));
}

/*
 * The sessions of clients, if REQUEST wants them to end. The order comes before
 * all that may hang: a server whose storage stands still leaves its pool, and its
 * clients have to go. The time for it is not the server's answer's.
 */
static void session_evict(struct mysql_session *session,
			  const struct mysql_request *request,
			  struct mysql_reply *reply)
{
	usec_t started = clock_now();

	if (!request->evict || reply->facts.have & FACT_EVICTED)
		return;
	mysql_evict(session, request, reply);
	session->aside += clock_now() - started;
}

/*
 * Try once: log in to PORT unless a session is open, and ask the query. The
 * judgement is PROBE_OK if the server answered the query, with any answer.
 */
static struct mysql_judgement session_try(struct mysql_session *session,
					  const struct mysql_request *request,
					  uint16_t port,
					  struct mysql_reply *reply)
{
	struct mysql_judgement judgement = { .outcome = PROBE_LOCAL_FAULT };
	struct mysql_login login = { .request = request,
				     .port = port,
				     .sock = -1 };
	struct mysql_link *link = session->link;

	if (!link)
		link = session_login(session, &login);
	if (!link) {
		mysql_reply_say(reply, judgement.outcome, "out of memory");
		return judgement;
	}
	if (session->link && !session_is_encrypted_enough(link, request)) {
		login.refused = "the session is not encrypted, and the file "
				"requires it";
		login.outcome = PROBE_MISCONFIGURED;
	}
	if (session->link)
		session->stage = MYSQL_STAGE_QUERY;
	if (session->link && !login.refused)
		session_evict(session, request, reply);
	if (login.refused) {
		judgement.outcome = login.outcome;
		mysql_reply_say(reply, login.outcome, login.refused);
	} else if (session->link && session_ask(link, request, reply) == 0) {
		judgement.outcome = PROBE_OK;
		return judgement;
	} else {
		judgement = mysql_session_judge(link, request, reply);
	}
	session->link = link;
	mysql_session_close(session);
	return judgement;
}

/* The server has no slot left, but another port: is it alive and well? */
static void session_try_fallback(struct mysql_session *session,
				 const struct mysql_request *request,
				 struct mysql_reply *reply)
{
	struct mysql_reply second = *reply;
	struct mysql_judgement judgement;

	if (leftovers_sweep(&session->leftovers) == LEFTOVERS_MAX)
		return;
	judgement =
		session_try(session, request, request->fallback_port, &second);
	reply->facts = second.facts;
	if (judgement.outcome != PROBE_OK)
		return;
	if (!request->nothing_else)
		mysql_examine(session, request, &second);
	reply->facts = second.facts;
	/* The server answers, so its outcome on the other port counts; being
	 * full counts too. */
	if (second.outcome != PROBE_OK)
		mysql_reply_say(reply, (enum outcome)second.outcome,
				second.text);
	/* The next round has to try the front door again. */
	mysql_session_close(session);
}

/*
 * Close the session if REQUEST is another check's or wants a login of its own.
 * In the second case the session stays open while the server holds an earlier
 * one.
 */
static void session_renew(struct mysql_session *session,
			  const struct mysql_request *request)
{
	if (session->key != request->session) {
		mysql_session_close(session);
		leftovers_clear(&session->leftovers);
		session->key = request->session;
		session->said = PROBE_NONE;
	} else if (request->fresh &&
		   leftovers_sweep(&session->leftovers) == 0) {
		mysql_session_close(session);
	}
}

void mysql_session_probe(struct mysql_session *session,
			 const struct mysql_request *request,
			 struct mysql_reply *reply)
{
	struct mysql_judgement judgement;
	/* There is no loop in this process whose clock could be asked. */
	usec_t started = clock_now();
	usec_t took;
	bool reused;

	session->aside = 0;
	session_renew(session, request);
	if (!session->link && !mysql_room_make(session, request, reply))
		return;
	reused = session->link;
	judgement = session_try(session, request, request->port, reply);
	/*
	 * A session that the server ended while it was idle (a restart,
	 * wait_timeout, KILL) says nothing about the server now.
	 */
	if (judgement.session_lost && reused &&
	    mysql_room_make(session, request, reply))
		judgement = session_try(session, request, request->port, reply);
	took = clock_now() - started - session->aside;
	reply->duration = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
	if (judgement.outcome == PROBE_SATURATED && request->fallback_port)
		session_try_fallback(session, request, reply);
	if (request->payload > 0 || request->nothing_else)
		mysql_session_close(session);
	else if (session->link)
		mysql_examine(session, request, reply);
	/* A probe that came to nothing here says nothing about the server. */
	if (reply->outcome != PROBE_LOCAL_FAULT)
		session->said = (enum outcome)reply->outcome;
}
