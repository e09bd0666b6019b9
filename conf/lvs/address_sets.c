/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of global_defs about sets of addresses (ipset) and the firewall:
 *
 *	vrrp_ipsets [SET [SET6]]	publish the addresses held now
 *	lvs_ipsets [PREFIX]		publish services and pools
 *	vrrp_iptables [CHAIN]		where no_accept's rules are jumped to from
 *
 * The kernel cuts long names without a word, and an empty one has confused
 * others: names are checked here, and nowhere else.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

/*
 * The longest names, without the NUL: set, iptables chain, start of derived
 * names.
 */
#define SET_NAME_MAX 31
#define CHAIN_NAME_MAX 28
#define SET_PREFIX_MAX 15
/* keepalived names up to six sets, and two chains. */
#define SET_WORDS_MAX 6
#define CHAIN_WORDS_MAX 2

static const char *address_sets_get_name(struct conf_ctx *ctx,
					 const struct conf_keyword *kw,
					 const struct conf_node *node,
					 uint32_t word, size_t most)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789.:_-";
	const struct conf_word *name = conf_word(ctx, node, word);
	char expected[96];
	size_t i;

	for (i = 0; i < name->len && strchr(allowed, name->text[i]); i++)
		;
	if (name->len > 0 && name->len <= most && i == name->len &&
	    name->text[0] != '-')
		return conf_string(ctx, name->text, name->len);
	snprintf(expected, sizeof(expected),
		 "a name of 1 to %zu letters, digits, '.', ':', '_' and '-'",
		 most);
	conf_bad_value(ctx, kw, node, word, expected);
	return NULL;
}

static void address_sets_bind_held(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct conf_sets *sets = &((struct conf_global *)target)->sets;
	const char *names[2] = { "evenkeel", NULL };
	char six[SET_NAME_MAX + 2];
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(names) && i + 1 < node->nr_words; i++) {
		/* An unset second name is the first one and "6". */
		names[i] = address_sets_get_name(
			ctx, kw, node, i + 1,
			node->nr_words == 2 ? SET_NAME_MAX - 1 : SET_NAME_MAX);
		if (!names[i])
			return;
	}
	if (!names[1]) {
		snprintf(six, sizeof(six), "%s6", names[0]);
		names[1] = conf_string(ctx, six, strlen(six));
	}
	if (strcmp(names[0], names[1]) == 0) {
		conf_bad_value(ctx, kw, node, 2, "a name of its own");
		return;
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strncmp(names[i], "evenkeel-", 9) != 0 &&
		    strncmp(names[i], "evenkeel6-", 10) != 0)
			continue;
		conf_bad_value(ctx, kw, node, i + 1,
			       "a name that is not evenkeel's own");
		return;
	}
	sets->held4 = names[0];
	sets->held6 = names[1];
}

static void address_sets_bind_lvs(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	struct conf_sets *sets = &((struct conf_global *)target)->sets;
	const char *prefix = "evenkeel";

	if (node->nr_words > 1)
		prefix =
			address_sets_get_name(ctx, kw, node, 1, SET_PREFIX_MAX);
	if (prefix)
		sets->lvs = prefix;
}

static void address_sets_bind_chain(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct conf_sets *sets = &((struct conf_global *)target)->sets;
	const char *chain;

	if (node->nr_words < 2)
		return;
	chain = address_sets_get_name(ctx, kw, node, 1, CHAIN_NAME_MAX);
	if (chain)
		sets->chain = chain;
}

static void address_sets_print_held(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	const struct conf_sets *sets = member;

	if (sets->held4)
		fprintf(out, "%s%s %s %s\n", indent, kw->name, sets->held4,
			sets->held6);
}

static bool address_sets_equal_held(const void *a, const void *b)
{
	const struct conf_sets *x = a, *y = b;

	return str_equal(x->held4, y->held4) && str_equal(x->held6, y->held6);
}

static const struct conf_type address_sets_held = {
	.bind = address_sets_bind_held,
	.print = address_sets_print_held,
	.equal = address_sets_equal_held,
};

/* Names need no quotes. */
static void address_sets_print_name(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	const char *name = *(const char *const *)member;

	if (name)
		fprintf(out, "%s%s %s\n", indent, kw->name, name);
}

static const struct conf_type address_sets_name = {
	.print = address_sets_print_name,
	.equal = conf_equal_string,
};

static const struct conf_keyword sets_keywords[] = {
	{ "vrrp_ipsets", .type = &address_sets_held, .kept = CONF_KEPT_WHOLE,
	  .most = SET_WORDS_MAX },
	{ "lvs_ipsets", address_sets_bind_lvs, .type = &address_sets_name,
	  .kept = CONF_KEPT(struct conf_sets, lvs), .most = 1 },
	{ "vrrp_iptables", address_sets_bind_chain, .type = &address_sets_name,
	  .kept = CONF_KEPT(struct conf_sets, chain), .most = CHAIN_WORDS_MAX },
};

const struct conf_block conf_block_sets =
	CONF_BLOCK(BLOCK_SETS, "global_defs", sets_keywords, &conf_block_mail);
