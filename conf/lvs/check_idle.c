/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kinds of check that are read and validated, but not run, so that their
 * own values are not kept: SMTP, DNS, BFD, FILE.
 */
#include <stddef.h>

#include "conf/lvs/draft.h"

/*
 * The old form of connect_ip and the like; each block was a check of its own.
 */
static const struct conf_keyword smtp_host_keywords[] = {
	KW_NOTHING("connect_ip"), KW_NOTHING("connect_port"),
	KW_NOTHING("bindto"),	  KW_NOTHING("bind_port"),
	KW_NOTHING("bind_if"),	  KW_NOTHING("connect_timeout"),
	KW_NOTHING("fwmark"),
};

const struct conf_block conf_block_smtp_host =
	CONF_BLOCK(BLOCK_SMTP_HOST, "host", smtp_host_keywords, NULL);

static const struct conf_keyword smtp_keywords[] = {
	KW_NOTHING("helo_name"),
	KW_NOTHING_BLOCK("host", &conf_block_smtp_host),
};

const struct conf_block conf_block_smtp = CONF_BLOCK(
	BLOCK_SMTP, "SMTP_CHECK", smtp_keywords, &conf_block_connect);

static const struct conf_keyword dns_keywords[] = {
	KW_NOTHING("type"),
	KW_NOTHING("name"),
};

const struct conf_block conf_block_dns =
	CONF_BLOCK(BLOCK_DNS, "DNS_CHECK", dns_keywords, &conf_block_connect);

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

const struct conf_check_type conf_smtp_type = {
	.kind = CHECK_SMTP,
	.block = &conf_block_smtp,
	.connects = true,
	.timeout_word = "connect_timeout",
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
};

const struct conf_check_type conf_dns_type = {
	.kind = CHECK_DNS,
	.block = &conf_block_dns,
	.connects = true,
	.timeout_word = "connect_timeout",
	.retry = 3,
	.delay_before_retry = UNSET_TIME,
};

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
