/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `integrity { }`, in the helper: a payload goes to the server, which says
 * its digest and sends it back.
 *
 * The payload is sent once, as the parameter of a prepared statement, so nothing
 * in it is quoted and it goes out in one piece, as large writes of clients do:
 *
 *	SET @evenkeel_payload = ?
 *	SELECT @@server_id, @@hostname, @@port,
 *	       SHA2(@evenkeel_payload, 256), @evenkeel_payload
 *
 * The digest and the echo are of the same copy in the server. With two parameters
 * they would be of two copies, each with a fate of its own on the way, and an
 * error on the way to the server would look like a server that lies. No table is
 * touched, the binary log gets nothing, and the user needs no privilege.
 *
 * The login is without TLS where the file does not ask for it: TLS would not let a
 * changed byte pass, and clients without it suffer. With
 * `tls required` and above the payload goes by TLS as all else, and a change on the
 * way ends the connection: then nothing is compared.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_PAYLOAD_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_PAYLOAD_H

#include "checkers/mysql/mysql_msg.h"

struct mysql_link;

/*
 * Send the payload of REQUEST on the session LINK, which the library has, and fill
 * FOUND. Returns PROBE_OK; PROBE_LOCAL_FAULT: no memory; PROBE_MISCONFIGURED: the
 * server has no such function; or -1: see mysql_link_errno().
 */
int mysql_payload_send(struct mysql_link *link,
		       const struct mysql_request *request,
		       struct payload_found *found);

#endif
