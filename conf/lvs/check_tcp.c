/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP_CHECK: a connection, without keywords of its own. */
#include "conf/lvs/draft.h"

const struct conf_block conf_block_tcp_check = { .name = "TCP_CHECK",
						 .id = BLOCK_TCP_CHECK,
						 .also = &conf_block_connect };

const struct conf_check_type conf_tcp_type = {
	.kind = CHECK_TCP,
	.marks = true,
	.connects = true,
	.by_service = true,
	.block = &conf_block_tcp_check,
	.timeout_word = "connect_timeout",
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
};
