/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * DNS_CHECK: a query of RFC 1035, and an answer as far as it is looked at: the
 * header, and that the question is ours. Records are not read, so there are no
 * compressed names to follow. Pure.
 *
 * c-ares and ldns are made to find an answer somewhere: they have sockets, time
 * limits and servers of their own. Here one server is asked once, and a few
 * fixed places of the answer are compared.
 */
#ifndef EVENKEEL_CHECKERS_DNS_QUERY_H
#define EVENKEEL_CHECKERS_DNS_QUERY_H

#include "checkers/datagram.h"

/* Header, the longest name, type and class. */
#define DNS_QUERY_MAX (12 + 255 + 4)

/* Write the query with ID into ROOM, of DNS_QUERY_MAX; returns its length. */
size_t dns_query(const struct conf_dns *dns, uint16_t id, uint8_t *room);

/*
 * Fill RESULT, which says "ok" beforehand. Returns false if ANSWER is none to
 * the query with ID.
 */
bool dns_query_judge(const struct conf_dns *dns, uint16_t id,
		     const struct datagram *answer,
		     struct probe_result *result);

#endif
