/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kind of check that is read and validated, but not run, so that its own
 * values are not kept: BFD.
 */
#include <stddef.h>

#include "conf/lvs/draft.h"

static const struct conf_keyword bfd_check_keywords[] = {
	KW_NOTHING("name"),
	{ "alpha", .type = &conf_type_bool,
	  .offset = offsetof(struct conf_timing, alpha), .most = 1 },
};

const struct conf_block conf_block_bfd_check =
	CONF_BLOCK(BLOCK_BFD_CHECK, "BFD_CHECK", bfd_check_keywords, NULL);

const struct conf_check_type conf_bfd_type = {
	.kind = CHECK_BFD,
	.block = &conf_block_bfd_check,
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
};
