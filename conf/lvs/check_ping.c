/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PING_CHECK: an echo of ICMP, without keywords of its own. */
#include "conf/lvs/draft.h"

const struct conf_block conf_block_ping_check = { .name = "PING_CHECK",
						  .id = BLOCK_PING_CHECK,
						  .also = &conf_block_connect };

/* Without ports, the checks of all services of a host are one. */
static bool check_ping_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	if (draft->connect_port || draft->bind_port)
		conf_say(
			ctx, CLASS_ODD, draft->node, 0,
			"a ping has no ports: 'connect_port' and 'bind_port' have no effect");
	draft->check.dst.port = 0;
	draft->check.bind.port = 0;
	return true;
}

const struct conf_check_type conf_ping_type = {
	.kind = CHECK_PING,
	.block = &conf_block_ping_check,
	.portless = true,
	.connects = true,
	.timeout_word = "connect_timeout",
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
	.traits = { .sends_echoes = true },
	.finish = check_ping_finish,
};
