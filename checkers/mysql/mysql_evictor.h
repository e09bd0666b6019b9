/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `on_leave kill`, in the checker, while a probe of the check is under way: a probe
 * of a server whose storage hangs lasts until its deadline, and the clients' sessions
 * have to go at once. So a helper carries the order out beside it, by a login of its
 * own that asks for nothing else. See mysql_evict.h for what it does in the server.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_EVICTOR_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_EVICTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/verdict.h"

struct check;
struct mysql_evictor;
struct mysql_pool;

/* For CHECK, with helpers of POOL and the number SESSION, which is no other's. */
struct mysql_evictor *mysql_evictor_new(struct check *check,
					struct mysql_pool *pool,
					uint64_t session);
/* Takes an order under way back. NULL is allowed. */
void mysql_evictor_free(struct mysql_evictor *evictor);

/*
 * End the sessions of clients, those of the users in SPARE excepted (copied; one a
 * line; NULL: of none), within the timeout of the check. An order that is under way
 * begins anew, with a login of its own: clients may have come since. When it is over,
 * done or not, the check is run.
 */
void mysql_evictor_send(struct mysql_evictor *evictor, const char *spare);

/* Whether an order is under way. Of NULL: none is. */
bool mysql_evictor_is_busy(const struct mysql_evictor *evictor);

/* The order is not wanted any more: one under way goes no further. */
void mysql_evictor_stop(struct mysql_evictor *evictor);

/*
 * If an order was carried out since the last call, put into FACTS what was found,
 * and return true. EVICTOR may be NULL.
 */
bool mysql_evictor_take(struct mysql_evictor *evictor, struct facts *facts);

#endif
