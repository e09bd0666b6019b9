/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvs_method: how packets reach a server. */
#include <stdio.h>
#include <string.h>

#include "conf/lvs/draft.h"

/* "[nocsum|csum|remcsum]" behind a tunnel's type. */
static bool forward_csum(const struct conf_word *word,
			 struct conf_forward *forward)
{
	if (conf_is(word, "csum"))
		forward->tun_flags = TUNNEL_CSUM;
	else if (conf_is(word, "remcsum") && forward->tun_type == TUNNEL_GUE)
		forward->tun_flags = TUNNEL_REMCSUM;
	else
		return conf_is(word, "nocsum");
	return true;
}

/* The words behind TUN, from word 2 on; the index of the wrong word, or 0. */
static uint32_t forward_tunnel(struct conf_ctx *ctx,
			       const struct conf_node *node,
			       struct conf_forward *forward)
{
	uint32_t i = 2;

	if (i == node->nr_words)
		return 0;
	if (!conf_is(conf_word(ctx, node, i), "type") || ++i == node->nr_words)
		return 2;
	if (conf_is(conf_word(ctx, node, i), "ipip")) {
		forward->tun_type = TUNNEL_IPIP;
		return i + 1 < node->nr_words ? i + 1 : 0;
	}
	if (conf_is(conf_word(ctx, node, i), "gue")) {
		forward->tun_type = TUNNEL_GUE;
		if (i + 2 >= node->nr_words ||
		    !conf_is(conf_word(ctx, node, i + 1), "port") ||
		    !conf_get_port(conf_word(ctx, node, i + 2),
				   &forward->tun_port) ||
		    forward->tun_port == 0)
			return i;
		i += 2;
	} else if (conf_is(conf_word(ctx, node, i), "gre")) {
		forward->tun_type = TUNNEL_GRE;
	} else {
		return i;
	}
	if (++i == node->nr_words)
		return 0;
	return forward_csum(conf_word(ctx, node, i), forward) &&
			       i + 1 == node->nr_words ?
		       0 :
		       i;
}

static void forward_bind(struct conf_ctx *ctx, const struct conf_keyword *kw,
			 const struct conf_node *node, void *target)
{
	struct forward_draft *draft = (void *)((char *)target + kw->offset);
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct conf_forward forward = { 0 };
	uint32_t wrong = 0;

	if (conf_is(word, "NAT")) {
		forward.method = FORWARD_NAT;
	} else if (conf_is(word, "DR")) {
		forward.method = FORWARD_DR;
	} else if (conf_is(word, "TUN")) {
		forward.method = FORWARD_TUN;
		wrong = forward_tunnel(ctx, node, &forward);
	} else {
		conf_bad_value(ctx, kw, node, 1,
			       "NAT, DR or TUN, in capitals,");
		return;
	}
	if (wrong) {
		conf_bad_value(
			ctx, kw, node, wrong,
			"'TUN', or 'TUN type ipip', 'gue port N' or 'gre', then 'nocsum', "
			"'csum' or (with gue) 'remcsum'");
		return;
	}
	if (forward.method != FORWARD_TUN && node->nr_words > 2)
		conf_say(ctx, CLASS_ODD, node, 2,
			 "only TUN takes more words; this is ignored");
	draft->forward = forward;
	draft->set = true;
}

static void forward_print(FILE *out, const char *indent,
			  const struct conf_keyword *kw, const void *member)
{
	const struct conf_forward *forward = member;

	fprintf(out, "%s%s ", indent, kw->name);
	switch (forward->method) {
	case FORWARD_NAT:
		fputs("NAT", out);
		break;
	case FORWARD_DR:
		fputs("DR", out);
		break;
	case FORWARD_TUN:
		fputs("TUN", out);
		if (forward->tun_type == TUNNEL_GUE)
			fprintf(out, " type gue port %u", forward->tun_port);
		else if (forward->tun_type == TUNNEL_GRE)
			fputs(" type gre", out);
		if (forward->tun_flags & TUNNEL_CSUM)
			fputs(" csum", out);
		else if (forward->tun_flags & TUNNEL_REMCSUM)
			fputs(" remcsum", out);
		break;
	}
	fputc('\n', out);
}

static bool forward_equal(const void *a, const void *b)
{
	const struct conf_forward *x = a, *y = b;

	return x->method == y->method && x->tun_type == y->tun_type &&
	       x->tun_port == y->tun_port && x->tun_flags == y->tun_flags;
}

static uint32_t forward_hash(const void *member)
{
	const struct conf_forward *forward = member;

	return (uint32_t)(forward->method << 24 | forward->tun_type << 16) ^
	       (uint32_t)(forward->tun_flags << 16 | forward->tun_port);
}

const struct conf_type conf_type_forward = {
	.bind = forward_bind,
	.print = forward_print,
	.equal = forward_equal,
	.hash = forward_hash,
	.size = sizeof(struct forward_draft),
};

static void forward_print_sorry(FILE *out, const char *indent,
				const struct conf_keyword *kw,
				const void *member)
{
	const struct conf_sorry *sorry = member;

	if (addr_is_set(&sorry->addr.addr))
		forward_print(out, indent, kw, &sorry->forward);
}

static bool forward_equal_sorry(const void *a, const void *b)
{
	const struct conf_sorry *x = a, *y = b;

	return forward_equal(&x->forward, &y->forward);
}

const struct conf_type conf_type_forward_sorry = {
	.bind = forward_bind,
	.print = forward_print_sorry,
	.equal = forward_equal_sorry,
};
