/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD_CHECK, from the checker's side: the session is the bfd process's (bfd/bfd.h),
 * and main says at each change whether it is up.
 */
#include <stdio.h>

#include "checkers/check.h"
#include "checkers/heard.h"

static void neighbor_judge(const struct check *check,
			   const struct ipc_number *news,
			   struct probe_result *result)
{
	char why[sizeof(news->why)];

	(void)check;
	text_copy_printable(why, sizeof(why), news->why, sizeof(news->why));
	probe_result_fill(result, news->value ? PROBE_OK : PROBE_NEIGHBOR, 0);
	if (why[0])
		snprintf(result->text, sizeof(result->text), "%s", why);
}

static int neighbor_start(struct check *check)
{
	return heard_start(check, neighbor_judge);
}

static void neighbor_hear(struct check *check, const struct ipc_number *news)
{
	heard_take(check, news, neighbor_judge);
}

static void neighbor_expire(struct check *check, struct probe_result *result)
{
	(void)check;
	heard_expire(result, "nothing is known of the BFD session yet");
}

const struct probe_type probe_bfd = {
	.name = "bfd",
	.start = neighbor_start,
	.cancel = heard_cancel,
	.expire = neighbor_expire,
	.attach = heard_attach,
	.detach = heard_detach,
	.hear_number = neighbor_hear,
};
