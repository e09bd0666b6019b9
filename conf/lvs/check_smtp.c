/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SMTP_CHECK: a greeting, HELO and QUIT. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define HOST(member) .offset = offsetof(struct smtp_host, member)

/* A command line of RFC 5321 (4.5.3.1.4) has room for more. */
#define SMTP_NAME_MAX 255
#define SMTP_NAME "smtpchecker.keepalived.org"

/*
 * The old form of connect_ip and the like: each block is a check of its own. The
 * first one is the check that it stands in, unless that has a target.
 */
static const struct conf_keyword smtp_host_keywords[] = {
	{ "connect_ip", .type = &conf_type_addr, HOST(connect_ip), .least = 1,
	  .most = 1 },
	{ "connect_port", .type = &conf_type_port, HOST(connect_port),
	  .least = 1, .most = 1, .min = 1 },
	{ "bindto", .type = &conf_type_addr, HOST(bind_ip), .least = 1,
	  .most = 1 },
	{ "bind_port", .type = &conf_type_port, HOST(bind_port), .least = 1,
	  .most = 1, .min = 1 },
	{ "bind_if", .type = &conf_type_string, HOST(bind_if), .least = 1,
	  .most = 1 },
	{ "connect_timeout", .type = &conf_type_time, HOST(connect_timeout),
	  .least = 1, .most = 1, .min = TIME_MIN, .max = TIME_MAX },
	{ "fwmark", .type = &conf_type_u32, HOST(fwmark), .least = 1, .most = 1,
	  .min = 0, .max = UINT32_MAX },
};

const struct conf_block conf_block_smtp_host =
	CONF_BLOCK(BLOCK_SMTP_HOST, "host", smtp_host_keywords, NULL);

static bool check_smtp_has_target(const struct check_draft *draft)
{
	return addr_is_set(&draft->connect_ip) || draft->connect_port ||
	       addr_is_set(&draft->bind_ip) || draft->bind_port ||
	       draft->check.bind_if || draft->check.fwmark;
}

static void check_smtp_aim(struct check_draft *draft,
			   const struct smtp_host *host)
{
	draft->connect_ip = host->connect_ip;
	draft->connect_port = host->connect_port;
	draft->bind_ip = host->bind_ip;
	draft->bind_port = host->bind_port;
	draft->check.bind_if = host->bind_if;
	draft->check.fwmark = host->fwmark;
	draft->check.timeout = host->connect_timeout;
}

/* The words around the block have been bound before (KW_LATE). */
static void check_smtp_bind_host(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	struct check_draft *draft = target;
	struct smtp_draft *smtp = &draft->smtp;
	struct smtp_host host;
	bool first = !smtp->had_host;

	memset(&host, 0, sizeof(host));
	conf_bind_block(ctx, &conf_block_smtp_host, node, &host);
	smtp->had_host = true;
	if (first && !check_smtp_has_target(draft)) {
		check_smtp_aim(draft, &host);
		return;
	}
	smtp->hosts = array_grow(smtp->hosts, smtp->nr_hosts, &smtp->room_hosts,
				 sizeof(*smtp->hosts));
	smtp->hosts[smtp->nr_hosts++] = host;
}

static const struct conf_type check_smtp_host = { .bind = check_smtp_bind_host };

/* It becomes a part of a line. */
static bool check_smtp_is_name(const char *name)
{
	size_t i;

	for (i = 0; name[i] >= ' ' && name[i] <= '~'; i++)
		;
	return i > 0 && i <= SMTP_NAME_MAX && !name[i];
}

static const struct conf_keyword smtp_keywords[] = {
	{ "helo_name", .type = &conf_type_string,
	  CONF_BOTH(struct check_draft, smtp.smtp, struct conf_smtp, helo_name),
	  .least = 1, .most = 1, .preset_text = SMTP_NAME },
	{ "host", .type = &check_smtp_host, .block = &conf_block_smtp_host,
	  .flags = KW_BLOCK | KW_REPEAT | KW_LATE },
};

const struct conf_block conf_block_smtp_check = CONF_BLOCK(
	BLOCK_SMTP_CHECK, "SMTP_CHECK", smtp_keywords, &conf_block_connect);

/* Of a host that says none. */
static usec_t check_smtp_timeout(const struct check_draft *draft)
{
	usec_t own = draft->timing.connect_timeout;

	return own != UNSET_TIME ? own : draft->rs->timing.connect_timeout;
}

static bool check_smtp_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct smtp_draft *smtp = &draft->smtp;
	struct check_draft other;
	size_t i;

	if (!check_smtp_is_name(smtp->smtp.helo_name)) {
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"the 'helo_name' of SMTP_CHECK is none of 1 to 255 printable characters");
		smtp->smtp.helo_name = SMTP_NAME;
	}
	/* Equal strings are stored once, and so are equal structs. */
	smtp->smtp.helo_name = conf_string(ctx, smtp->smtp.helo_name,
					   strlen(smtp->smtp.helo_name));
	draft->check.smtp = conf_share(ctx, &smtp->smtp, sizeof(smtp->smtp));
	for (i = 0; i < smtp->nr_hosts; i++) {
		other = *draft;
		check_smtp_aim(&other, &smtp->hosts[i]);
		if (other.check.timeout == 0)
			other.check.timeout = check_smtp_timeout(draft);
		if (conf_aim_check(ctx, &other))
			conf_use_check(ctx, &other);
	}
	free(smtp->hosts);
	return true;
}

const struct conf_check_type conf_smtp_type = {
	.kind = CHECK_SMTP,
	.marks = true,
	.block = &conf_block_smtp_check,
	.connects = true,
	.by_service = true,
	.timeout_word = "connect_timeout",
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
	.finish = check_smtp_finish,
};
