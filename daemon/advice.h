/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settings of the kernel that hurt a pool of database servers without anything
 * being broken: said once in the log when it becomes so, once when it is over,
 * and shown by `evenkeel headroom` while it is so. Nothing is changed here.
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

/* Look again, and log what has changed. */
void advice_check(struct advice *advice, struct ipvs_backend *backend,
		  const struct conf *conf, const struct balance *balance);

/* What is to be said of KIND now; NULL: nothing. */
const char *advice_get(const struct advice *advice, enum advice_kind kind);

#endif
