/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which virtual servers of a configuration are those of the one before it. */
#ifndef EVENKEEL_DAEMON_CONTROL_SAME_POOLS_H
#define EVENKEEL_DAEMON_CONTROL_SAME_POOLS_H

#include <stdint.h>

struct conf;

/*
 * For each virtual server of CONF the index of the one of BEFORE (which may be
 * NULL) with the same name and protocol, or INDEX_END. The caller frees the
 * array.
 */
uint32_t *same_pools(const struct conf *conf, const struct conf *before);

#endif
