/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the probes of each virtual server took since the start, by the kind of
 * check. Counts of each single check would make an answer of thousands of servers
 * two thirds longer, and one slow server is told by its last duration anyway.
 *
 * Counts never fall while the virtual server has its name, whatever a reload makes
 * of its servers and checks: a counter that falls is taken for one that began
 * anew, and all of it for an increase.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_PROBE_TIMES_H
#define EVENKEEL_DAEMON_CONTROL_PROBE_TIMES_H

#include "conf/conf.h"
#include "lib/durations.h"

struct probe_times;

/*
 * For the virtual servers of CONF, with the counts that those of the same name and
 * protocol had in OLD, which is of BEFORE; both may be NULL. OLD stays as it is.
 */
struct probe_times *probe_times_new(const struct conf *conf,
				    const struct conf *before,
				    const struct probe_times *old);
/* NULL is allowed. */
void probe_times_free(struct probe_times *times);

/* Count one for each virtual server that uses CHECK; another number counts nowhere. */
void probe_times_add(struct probe_times *times, uint32_t check,
		     usec_t duration);

/* NULL: the virtual server never had checks of KIND under its name. */
const struct durations *probe_times_get(const struct probe_times *times,
					uint32_t vs, enum check_kind kind);

#endif
