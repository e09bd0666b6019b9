/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP_CHECK: a datagram, and the answer that it must have, if any. */
#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define UDP(member) CONF_BOTH(struct check_draft, udp, struct conf_udp, member)

/*
 * The node's words as the text of bytes: capital digits, two a byte, no blanks.
 * WILD: an "x" stands for any digit. NULL after a complaint.
 */
static const char *check_udp_hex(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, bool wild)
{
	const char *digits = wild ? "0123456789ABCDEFX" : "0123456789ABCDEF";
	char *text = xcalloc(1, 2 * CONF_UDP_BYTES_MAX);
	const char *kept = NULL;
	uint32_t i, j;
	size_t n = 0;

	for (i = 1; i < node->nr_words; i++) {
		const struct conf_word *word = conf_word(ctx, node, i);

		for (j = 0; j < word->len; j++) {
			char c = (char)toupper((unsigned char)word->text[j]);

			if (c == ' ' || c == '\t')
				continue;
			if (c == '\0' || !strchr(digits, c) ||
			    n == 2 * CONF_UDP_BYTES_MAX)
				goto bad;
			text[n++] = c;
		}
	}
	if (n == 0 || n % 2)
		goto bad;
	kept = conf_string(ctx, text, n);
	free(text);
	return kept;
bad:
	free(text);
	conf_bad_value(
		ctx, kw, node, i < node->nr_words ? i : node->nr_words - 1u,
		wild ? "4096 bytes at most, of two hexadecimal digits or X" :
		       "4096 bytes at most, of two hexadecimal digits");
	return NULL;
}

static void check_udp_bind_payload(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	const char *payload = check_udp_hex(ctx, kw, node, false);
	struct check_draft *draft = target;

	if (payload)
		draft->udp.payload = payload;
}

static void check_udp_print_bytes(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *member)
{
	const char *bytes = *(const char *const *)member;

	if (bytes)
		fprintf(out, "%s%s %s\n", indent, kw->name, bytes);
}

static uint32_t check_udp_hash_bytes(const void *member)
{
	return conf_hash_text(*(const char *const *)member);
}

static const struct conf_type check_udp_payload = {
	.bind = check_udp_bind_payload,
	.print = check_udp_print_bytes,
	.equal = conf_equal_string,
	.hash = check_udp_hash_bytes,
};

/* An answer is required even if it cannot be said which. */
static void check_udp_bind_reply(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	struct check_draft *draft = target;

	draft->udp.require_reply = true;
	if (node->nr_words > 1)
		draft->udp.reply = check_udp_hex(ctx, kw, node, true);
}

static void check_udp_print_reply(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *member)
{
	const struct conf_udp *udp = member;

	if (udp->reply)
		fprintf(out, "%s%s %s\n", indent, kw->name, udp->reply);
	else if (udp->require_reply)
		fprintf(out, "%s%s\n", indent, kw->name);
}

static bool check_udp_equal_reply(const void *a, const void *b)
{
	const struct conf_udp *x = a, *y = b;

	return x->require_reply == y->require_reply &&
	       str_equal(x->reply, y->reply);
}

static uint32_t check_udp_hash_reply(const void *member)
{
	const struct conf_udp *udp = member;

	return conf_hash_add(conf_hash_text(udp->reply), udp->require_reply);
}

static const struct conf_type check_udp_reply = {
	.bind = check_udp_bind_reply,
	.print = check_udp_print_reply,
	.equal = check_udp_equal_reply,
	.hash = check_udp_hash_reply,
};

static const struct conf_keyword udp_keywords[] = {
	{ "payload", .type = &check_udp_payload, UDP(payload), .least = 1,
	  .most = KW_ANY },
	{ "require_reply", .type = &check_udp_reply, .kept = CONF_KEPT_WHOLE,
	  .most = KW_ANY },
	{ "min_reply_length", .type = &conf_type_u16, UDP(min_reply),
	  .least = 1, .most = 1, .min = 0, .max = UINT16_MAX },
	{ "max_reply_length", .type = &conf_type_u16, UDP(max_reply),
	  .least = 1, .most = 1, .min = 0, .max = UINT16_MAX, .preset = 255 },
};

const struct conf_block conf_block_udp_check = CONF_BLOCK(
	BLOCK_UDP_CHECK, "UDP_CHECK", udp_keywords, &conf_block_connect);

static bool check_udp_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct conf_udp *udp = &draft->udp;

	if (udp->min_reply > udp->max_reply) {
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"'min_reply_length' is above 'max_reply_length': no answer would be good");
		return false;
	}
	if (!udp->reply && (udp->min_reply > 0 || udp->max_reply != 255))
		conf_say(
			ctx, CLASS_ODD, draft->node, 0,
			"the length of the answer is looked at only if 'require_reply' says which bytes it must have");
	draft->check.udp = conf_share(ctx, udp, sizeof(*udp));
	return true;
}

const struct conf_check_type conf_udp_type = {
	.kind = CHECK_UDP,
	.marks = true,
	.connects = true,
	.traits = { .datagrams = true },
	.block = &conf_block_udp_check,
	.timeout_word = "connect_timeout",
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
	.finish = check_udp_finish,
};
