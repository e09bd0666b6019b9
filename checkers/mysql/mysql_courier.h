/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `integrity { }`, in the checker: main asks for a payload to be sent to the
 * server of a check, and a helper does it beside the check's own probes, by a login
 * of its own. The check's timing and its verdicts are not touched.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_COURIER_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_COURIER_H

#include <stdint.h>

struct check;
struct ipc_payload_ask;
struct mysql_courier;
struct mysql_pool;

/* For CHECK, with helpers of POOL and the number SESSION, which is no other's. */
struct mysql_courier *mysql_courier_new(struct check *check,
					struct mysql_pool *pool,
					uint64_t session);
/* Ends a payload under way, without an answer. NULL is allowed. */
void mysql_courier_free(struct mysql_courier *courier);

/*
 * Do ASK, with the socket FD, which is taken, for the clients' way; -1: none. The
 * answer goes to main, at the timeout at the latest. One at a time: a second one
 * is answered at once, that there is one already.
 */
void mysql_courier_send(struct mysql_courier *courier,
			const struct ipc_payload_ask *ask, int fd);

#endif
