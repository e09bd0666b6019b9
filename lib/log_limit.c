/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/log_limit.h"

#include "lib/log.h"

#define LIMIT_WINDOW (60 * USEC_PER_SEC)

static void limit_begin(struct log_limit *limit, usec_t now)
{
	if (limit->left_out > 0)
		log_warning(limit->part, "%llu lines were left out (%s)",
			    (unsigned long long)limit->left_out, limit->what);
	limit->until = now + LIMIT_WINDOW;
	limit->said = 0;
	limit->left_out = 0;
}

bool log_limit_pass(struct log_limit *limit, usec_t now)
{
	if (limit->until == 0 || now >= limit->until)
		limit_begin(limit, now);
	if (limit->said < limit->most) {
		limit->said++;
		return true;
	}
	if (limit->left_out++ == 0)
		log_warning(limit->part,
			    "more than %llu lines in a minute (%s): the others "
			    "are left out, and counted",
			    (unsigned long long)limit->most, limit->what);
	return false;
}
