/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Less weight for a server without free connection slots: see saturation.c. */
#ifndef EVENKEEL_BALANCE_SATURATION_H
#define EVENKEEL_BALANCE_SATURATION_H

#include "balance/balance.h"

struct saturation {
	uint32_t factor; /* of the weight; SHARE_FULL: not full */
	bool adopted; /* found in the kernel, not yet confirmed */
	usec_t moved; /* when `factor` last moved */
	uint32_t count; /* saturations of check_stats that were acted on */
};

/* Whether any check of SERVER can report its connections. */
bool server_may_saturate(const struct conf *conf, uint32_t server);
/* Take SHARE of SERVER's weight in the kernel for the factor. */
void saturation_adopt(struct saturation *saturation, uint32_t share);
/* Full weight: at first, and once no check can report connections. */
void saturation_forget(struct saturation *saturation);
/* Count saturations that SERVER's checks saw so far as acted on (a reload). */
void saturation_sync(struct balance *balance, uint32_t server);
/* Move the factors of all servers of VS, by the verdicts since the last call. */
void saturation_decide(struct balance *balance, uint32_t vs, usec_t now);

#endif
