/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENKEEL_SIM_REPLAY_COMPARE_H
#define EVENKEEL_SIM_REPLAY_COMPARE_H

#include "balance/balance.h"

/*
 * Whether two wanted tables by CONF are the same. If not, the first difference
 * is in OUT as text that names the server, the recorded and the made weight.
 */
bool replay_compare(const struct conf *conf, const struct table *recorded,
		    const struct table *made, char *out, size_t size);

/* A server's name among all of CONF's: "10.0.0.1:3306 of 192.0.2.1:3306". */
const char *replay_server_name(const struct conf *conf, uint32_t server,
			       char *out, size_t size);

#endif
