/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the operator said, kept across restarts: a small JSON file, written
 * atomically whenever it changes. A file that cannot be understood is set aside
 * as NAME.damaged, with a message, and never deleted: it says which servers a
 * person wanted out.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_STATE_H
#define EVENKEEL_DAEMON_OPERATOR_STATE_H

#include "lib/util.h"

struct balance;
struct ledger;

/*
 * Apply what PATH holds to BALANCE, and enter when it was said into LEDGER; what
 * LEDGER has a younger word on is left alone. A drain's time begins NOW: the wall
 * clock that was kept must cut nobody off. No file is nothing said. 0 or -errno.
 */
int state_load(const char *path, struct balance *balance, struct ledger *ledger,
	       usec_t now);
/* Write what BALANCE holds of the operator's words. Returns 0 or -errno. */
int state_save(const char *path, const struct balance *balance,
	       const struct ledger *ledger);

#endif
