/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the log says: every change with its reason and inputs, in the words of
 * the configuration. Nothing here decides or changes anything.
 */
#ifndef EVENKEEL_DAEMON_TELL_H
#define EVENKEEL_DAEMON_TELL_H

#include <stddef.h>

#include "balance/balance.h"
#include "ipvs/plan.h"
#include "conf/conf.h"

struct history;
struct log_limit;

/* Why CHANGE is made, into OUT. */
/*
 * Whether CHANGE only moves a weight as scripts, slow start, response times and
 * full servers do all the time: worth a line at level info, and no more.
 */
bool tell_is_move(const struct conf *conf, const struct balance *balance,
		  const struct ipvs_change *change);
void tell_change(const struct conf *conf, const struct balance *balance,
		 const struct ipvs_change *change, usec_t now, char *out,
		 size_t size);

/* One log line for an event of the decision, kept in HISTORY too. */
void tell_event(const struct conf *conf, const struct balance *balance,
		const struct balance_event *event, usec_t now,
		struct history *history);

/* The script that the file wants run on an event; NULL: none. */
const struct conf_script *tell_script(const struct conf *conf,
				      const struct balance_event *event);

/* A failed probe is worth a line when it is the first, or if every one is wanted, within LIMIT. */
void tell_verdict(const struct conf *conf, const struct balance *balance,
		  const struct verdict *verdict, struct log_limit *limit,
		  usec_t now);

/* The whole state, one line a server. */
void tell_state(const struct conf *conf, const struct balance *balance,
		usec_t now);

#endif
