/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lvs_method: how packets reach a server. */
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

void conf_bind_forward(struct conf_ctx *ctx, const struct conf_keyword *kw,
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
