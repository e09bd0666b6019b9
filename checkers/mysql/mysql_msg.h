/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between the checker and its MySQL helpers, over a SOCK_SEQPACKET
 * pair: one request, one reply, never two at a time. A socket that comes with a
 * request is for the next login with MYSQL_STRING_SERVICE. A request of serial 0 has
 * no reply and may follow at any time: the session at its place is closed.
 *
 * The helper trusts the request. The reply is not trusted: the helper has
 * parsed bytes from the network, so nothing in its reply is used unchecked.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_MSG_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "checkers/probe.h"
#include "conf/conf.h"
#include "lib/payload.h"
#include "lib/util.h"
#include "lib/verdict.h"

enum mysql_string {
	MYSQL_STRING_HOST,
	MYSQL_STRING_BIND,
	MYSQL_STRING_USERNAME,
	MYSQL_STRING_PASSWORD,
	MYSQL_STRING_DATABASE,
	MYSQL_STRING_QUERY,
	MYSQL_STRING_EXPECT,
	MYSQL_STRING_TLS_CA,
	MYSQL_STRING_TLS_CERT,
	MYSQL_STRING_TLS_KEY,
	MYSQL_STRING_SERVER_KEY,
	MYSQL_STRING_HEARTBEAT,
	MYSQL_STRING_WRITE, /* table; NULL: the check writes nothing */
	MYSQL_STRING_BALANCER, /* this host, with a table to write */
	MYSQL_STRING_SERVICE, /* address; NULL: the server's own is asked */
	MYSQL_STRING_SPARE, /* users, one a line; with EVICT */
	MYSQL_STRINGS,
};

#define MYSQL_REQUEST_TEXT 16384
#define MYSQL_NO_STRING UINT16_MAX
/* Sessions in one helper. */
#define MYSQL_PLACES 128

struct mysql_request {
	uint64_t serial; /* the reply has the same */
	uint64_t session; /* whose login this is; an open one may be reused */
	uint64_t login; /* with which secrets; no session of others is kept */
	usec_t deadline; /* a point in time */
	usec_t timeout; /* for the words of the reply */
	uint64_t seed; /* of the payload */
	uint32_t payload; /* bytes to be sent and compared; 0: the usual probe */
	uint16_t port;
	uint16_t fallback_port; /* 0: none */
	uint16_t place; /* of the session, below MYSQL_PLACES */
	uint8_t tls; /* enum mysql_tls */
	uint8_t fresh; /* log in anew in any case */
	uint8_t role; /* enum mysql_role */
	uint8_t cluster; /* enum mysql_cluster */
	uint8_t replication; /* its status is needed */
	uint8_t evict; /* end the sessions of clients */
	uint8_t nothing_else; /* but evict: the server is asked nothing */
	uint16_t used; /* bytes of text */
	uint16_t strings[MYSQL_STRINGS]; /* offsets in text */
	char text[MYSQL_REQUEST_TEXT]; /* strings, each ended by NUL */
};

struct mysql_reply {
	uint64_t serial;
	uint32_t duration; /* us, from the request to the query's answer */
	uint16_t outcome;
	uint16_t server_errno;
	uint8_t session_open; /* and is kept for the next request */
	uint8_t leftovers; /* sessions of earlier requests, in the server still */
	uint8_t socket; /* one is kept for the next login */
	uint8_t pad[5];
	struct facts facts;
	struct payload_found found; /* with a payload */
	char text[VERDICT_TEXT_MAX];
};

/* Beside the result: the state that a helper keeps, and a payload's findings. */
struct mysql_kept {
	bool session; /* it is logged in */
	bool socket; /* it has one for the next login */
	bool leftovers; /* it waits for the end of earlier sessions */
	struct payload_found found; /* of the reply; PAYLOAD_NOTHING: none */
};

/*
 * Fill REQUEST's strings and parameters from CONF; SECRET is the content of its
 * password file or NULL. Returns 0, or -E2BIG if the strings are too long.
 */
int mysql_request_fill(struct mysql_request *request,
		       const struct conf_check *conf, const char *secret);

/* A number for the secrets that CONF logs in with; never 0. SECRET as above. */
uint64_t mysql_request_login(const struct conf_check *conf, const char *secret);

/*
 * Ask for the end of the sessions of clients as well, those of the users in
 * SPARE excepted (NULL: of none). After mysql_request_fill(); returns as that.
 */
int mysql_request_evict(struct mysql_request *request, const char *spare);

/*
 * Ask the server nothing, write nothing: what the request was given by
 * mysql_request_evict() is all. A server may hang at anything else.
 */
void mysql_request_nothing_else(struct mysql_request *request);

/*
 * Take the way that clients take, to SERVICE, by a socket that the helper has or
 * gets. After mysql_request_fill(); returns as that.
 */
int mysql_request_service(struct mysql_request *request,
			  const struct addr *service);

/*
 * Send SIZE bytes of payload in place of the usual questions, by a login of its
 * own. After mysql_request_fill().
 */
void mysql_request_payload(struct mysql_request *request, uint32_t size,
			   uint64_t seed);

/* The bytes that have to be sent. */
size_t mysql_request_size(const struct mysql_request *request);

/* NULL if the string is not there. */
const char *mysql_request_string(const struct mysql_request *request,
				 enum mysql_string which);

/*
 * Check a message of LENGTH bytes from a helper that was asked SERIAL, and turn
 * it into a result. Returns 0, or -EBADMSG if the helper is not to be trusted
 * any more.
 */
int mysql_reply_read(const void *message, size_t length, uint64_t serial,
		     struct probe_result *result, struct mysql_kept *kept);

#endif
