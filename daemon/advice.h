/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advice on kernel settings that hurt a pool of database servers while nothing
 * is broken: logged once when a setting becomes bad, once when it is fine
 * again, and shown by `evenkeel headroom` in between. The settings themselves
 * are not changed here.
 */
#ifndef EVENKEEL_DAEMON_ADVICE_H
#define EVENKEEL_DAEMON_ADVICE_H

#include "balance/balance.h"
#include "ipvs/backend.h"
#include "conf/conf.h"

enum advice_kind {
	ADVICE_TIMEOUT, /* IPVS forgets connections that servers keep */
	ADVICE_NODEST, /* expire_nodest_conn */
	ADVICE_QUIESCENT, /* expire_quiescent_template */
	ADVICE_REUSE, /* conn_reuse_mode */
	ADVICES,
};

struct advice;

struct advice *advice_new(void);
void advice_free(struct advice *advice); /* NULL is allowed */

/* Check the settings again, and log the changes. */
void advice_check(struct advice *advice, struct ipvs_backend *backend,
		  const struct conf *conf, const struct balance *balance);

/* The advice of KIND now; NULL: none. */
const char *advice_get(const struct advice *advice, enum advice_kind kind);

/* The kernel's timeout of TCP connections, in s, by the last check; 0: unknown. */
uint32_t advice_tcp_timeout(const struct advice *advice);

#endif
