/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operators' words, kept across restarts: a small JSON file, written
 * atomically whenever it changes. A file that cannot be understood is set aside
 * as NAME.damaged, with a message, and never deleted: it says which servers a
 * person wanted out.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_STATE_H
#define EVENKEEL_DAEMON_OPERATOR_STATE_H

#include "lib/util.h"

struct balance;
struct override_store;

/*
 * Apply the words of PATH to BALANCE, and enter their times into LEDGER; a
 * server on which LEDGER has a younger word is left alone. A drain's time
 * begins NOW: the wall-clock time in the file must not cut connections off. A
 * missing file counts as an empty one. 0 or -errno.
 */
int state_load(const char *path, struct balance *balance,
	       struct override_store *store, usec_t now);
/* The text of the file with the operators' words in BALANCE; the caller frees it. */
char *state_format(const struct balance *balance,
		   const struct override_store *store);

#endif
