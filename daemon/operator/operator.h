/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operators' commands on servers through evenkeel(8): drain, disable, ready,
 * weight. An override stands above status files and checks.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_OPERATOR_H
#define EVENKEEL_DAEMON_OPERATOR_OPERATOR_H

#include <stdint.h>

#include "balance/balance.h"

struct operator_request {
	enum balance_override_kind kind;
	uint32_t weight; /* with OVERRIDE_WEIGHT */
	const char *server; /* as it was said; see operator_name_server() */
	struct endpoint addr; /* of SERVER; port 0: any, unset: no server */
	const char *virtual_server; /* its name; NULL: all */
};

/* "drain" for OVERRIDE_DRAIN and so on, "ready" for OVERRIDE_NONE. */
const char *operator_word(enum balance_override_kind kind);
/* The inverse. Returns 0 or -EINVAL. */
int operator_kind(const char *word, enum balance_override_kind *kind);

/*
 * REQUEST is about the server TEXT, which is kept: "ADDRESS:PORT", or "ADDRESS"
 * for any port. A text of another kind means no server.
 */
void operator_name_server(struct operator_request *request, const char *text);

/* Whether SERVER of the configuration is meant by the request. */
bool operator_means(const struct conf *conf,
		    const struct operator_request *request, uint32_t server);

/* Returns the number of servers that REQUEST means. */
uint32_t operator_apply(struct balance *balance,
			const struct operator_request *request, usec_t now);

/*
 * Read "WORD [WEIGHT] SERVER [VIRTUAL_SERVER...]"; the text is cut into pieces
 * that the request points at. Returns 0 or -EINVAL.
 */
int operator_parse(char *text, struct operator_request *request);

#endif
