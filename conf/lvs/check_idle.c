/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of check that are read and validated, but not run, so that their
 * own values are not kept: BFD, FILE.
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

static const struct conf_keyword file_check_keywords[] = {
	KW_NOTHING("track_file"),
	KW_NOTHING("weight"),
};

const struct conf_block conf_block_file_check =
	CONF_BLOCK(BLOCK_FILE_CHECK, "FILE_CHECK", file_check_keywords, NULL);

const struct conf_check_type conf_bfd_type = {
	.kind = CHECK_BFD,
	.block = &conf_block_bfd_check,
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
};

const struct conf_check_type conf_file_type = {
	.kind = CHECK_FILE,
	.block = &conf_block_file_check,
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
};
