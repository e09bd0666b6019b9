/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Log lines: every change with its reason and inputs, in the words of the
 * configuration. The functions here decide and change nothing.
 */
#ifndef EVENKEEL_DAEMON_DESCRIBE_LOG_H
#define EVENKEEL_DAEMON_DESCRIBE_LOG_H

#include <stddef.h>

#include "balance/balance.h"
#include "ipvs/plan.h"
#include "conf/conf.h"

struct history;
struct log_limit;

/*
 * Whether CHANGE only moves a weight as scripts, slow start, response times and
 * full servers do all the time: worth a line at level info, and no more.
 */
bool describe_is_move(const struct conf *conf, const struct balance *balance,
		      const struct ipvs_change *change);
/*
 * Log checks that stopped reporting while the checker as a whole has not. BEFORE:
 * their number, as last logged.
 */
void describe_stale(const struct balance *balance, usec_t now,
		    uint32_t *before);
/* Why CHANGE is made, into OUT. */
void describe_change(const struct conf *conf, const struct balance *balance,
		     const struct ipvs_change *change, usec_t now, char *out,
		     size_t size);

/* Log an event of the decision in one line, and keep it in HISTORY too. */
void describe_event(const struct conf *conf, const struct balance *balance,
		    const struct balance_event *event, usec_t now,
		    struct history *history);

/* The script that the file wants run on an event; NULL: none. */
const struct conf_script *describe_script(const struct conf *conf,
					  const struct balance_event *event);

/*
 * Log a failed probe, within LIMIT, if its outcome is new or the check has
 * log_all_failures.
 */
void describe_verdict(const struct conf *conf, const struct balance *balance,
		      const struct verdict *verdict, struct log_limit *limit,
		      usec_t now);

/* The whole state, one line a server. */
void describe_state(const struct conf *conf, const struct balance *balance,
		    usec_t now);

/* The sessions of clients in a server that left: how many ended, and why not. */
void describe_evicted(const struct conf *conf, const struct verdict *verdict,
		      struct history *history);

/* Log the balance's notices, and add them to HISTORY. */
void describe_notices(struct balance *balance, struct history *history);

#endif
