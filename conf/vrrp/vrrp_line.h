/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of options: addresses, peers, routes and rules stand one a line, each a
 * row of words in the language of ip(8). The options of a line are the keywords
 * of a block (conf/lang/bind.h): an option and the words behind it, as many as
 * its row has for LEAST, are bound like a statement. So the types of values
 * read, print and compare options as they do keywords; a new option is a row of
 * the table and a member of the struct.
 *
 * A row with DATA allows for one of these words before the value, without any
 * effect ("via inet6 ADDRESS"): struct conf_choice[].
 */
#ifndef EVENKEEL_CONF_VRRP_VRRP_LINE_H
#define EVENKEEL_CONF_VRRP_VRRP_LINE_H

#include <stddef.h>
#include <stdio.h>

#include "conf/lang/bind.h"

/* A kind of lines. A line is bound to TARGET, often a draft. */
struct vrrp_line_kind {
	const char *name; /* "routes" */
	const struct conf_block *block; /* the options */
	size_t size; /* of the final struct */
	/* The complaint about an option without its value; NULL: the usual. */
	const char *missing;
	/* A word that is no option: the node's word 1. */
	conf_bind_fn *bare;
	/*
	 * Whether TARGET can be used as it is: then a word that is no option
	 * costs itself, and not the line. NULL: the line is lost.
	 */
	bool (*stands)(const void *target);
	/* The part of TARGET whose options come first, or NULL: a nexthop. */
	void *(*part)(void *target);
	const struct conf_block *part_block;
	/* The line is bound; false after complaining. */
	bool (*check)(struct conf_ctx *ctx, const struct conf_node *node,
		      void *target);
};

/*
 * Bind the line NODE to TARGET, whose defaults are set; false if a word or the
 * line as a whole cannot be used, which has been said.
 */
bool vrrp_line_bind(struct conf_ctx *ctx, const struct vrrp_line_kind *lines,
		    const struct conf_node *node, void *target);
/* Complain of the node's word 1: "'X' cannot be used: EXPECTED is expected". */
void vrrp_line_bad(struct conf_ctx *ctx, const struct conf_node *node,
		   const char *expected);

/* Print a block WORD of NR lines, or nothing if there are none. */
void vrrp_lines_print(FILE *out, const char *indent, const char *word,
		      const struct vrrp_line_kind *lines, const void *items,
		      uint32_t nr);
/* Whether two lists are equal, though they share no string. */
bool vrrp_lines_equal(const struct vrrp_line_kind *lines, const void *a,
		      uint32_t nr_a, const void *b, uint32_t nr_b);

/*
 * A TYPE for a list of lines: the members ITEMS and NR of struct TAG, kept
 * as a whole (CONF_KEPT_WHOLE). BINDING reads the block.
 */
#define VRRP_LINES_TYPE(type, binding, tag, items, nr, lines)                  \
	static void type##_print(FILE *out, const char *indent,                \
				 const struct conf_keyword *kw,                \
				 const void *final)                            \
	{                                                                      \
		const struct tag *conf = final;                                \
                                                                               \
		vrrp_lines_print(out, indent, kw->name, &(lines), conf->items, \
				 conf->nr);                                    \
	}                                                                      \
	static bool type##_equal(const void *a, const void *b)                 \
	{                                                                      \
		const struct tag *one = a, *other = b;                         \
                                                                               \
		return vrrp_lines_equal(&(lines), one->items, one->nr,         \
					other->items, other->nr);              \
	}                                                                      \
	static const struct conf_type type = { .bind = (binding),              \
					       .print = type##_print,          \
					       .equal = type##_equal }

/* Types of options; the C type of the member is named. */
extern const struct conf_type
	vrrp_type_word, /* uint8_t, int8_t or bool: the word alone gives it MIN */
	vrrp_type_family, /* uint16_t: the same */
	vrrp_type_bit, /* uint32_t: the option alone sets the bits of MIN */
	vrrp_type_number, /* uint32_t; 0: unset */
	vrrp_type_byte, /* uint8_t, also as 0x10; 0: unset */
	vrrp_type_table, /* uint32_t: a routing table */
	vrrp_type_realms, /* uint32_t: "[FROM/]TO", in the upper and lower half */
	vrrp_type_origin, /* uint8_t: RTPROT_* by name or number; 0: unset */
	vrrp_type_ifname; /* const char * */

/* Rows of words that are known, but not acted on: with a value, and alone. */
#define OPTION_MISSED(word, what)                                        \
	{                                                                \
		.name = (word), .flags = KW_IDLE, .least = 1, .most = 1, \
		.missed = (what)                                         \
	}
#define OPTION_NOTHING(word)                                            \
	{                                                               \
		.name = (word), .flags = KW_IDLE, .least = 1, .most = 1 \
	}
#define FLAG_MISSED(word, what)                                    \
	{                                                          \
		.name = (word), .flags = KW_IDLE, .missed = (what) \
	}
#define FLAG_NOTHING(word)                       \
	{                                        \
		.name = (word), .flags = KW_IDLE \
	}

/* The node's word 1 as a number up to MAX; false after complaining. */
bool vrrp_line_number(struct conf_ctx *ctx, const struct conf_node *node,
		      uint64_t max, uint32_t *number);

/* vrrp_address.c, vrrp_route.c, vrrp_rule.c */
extern const struct vrrp_line_kind vrrp_address_lines, vrrp_peer_lines,
	vrrp_route_lines, vrrp_rule_lines;

#endif
