/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of options: addresses, routes and rules stand one a line, each a row of
 * words in the language of ip(8). A line has a table of options; an option's
 * type reads it, prints it and compares it, so that a new option is a row of
 * the table and a member of the struct.
 *
 * Options are printed in the order of the table.
 */
#ifndef EVENKEEL_CONF_VRRP_VRRP_LINE_H
#define EVENKEEL_CONF_VRRP_VRRP_LINE_H

#include <stddef.h>
#include <stdio.h>

#include "conf/lang/bind.h"

struct vrrp_option;
struct vrrp_options;

/* A line being read. */
struct vrrp_line {
	struct conf_ctx *ctx;
	const struct conf_node *node;
	const struct vrrp_options *options;
	void *target; /* the struct that the line becomes */
	/* A part of it whose options come first, or NULL: the last nexthop. */
	const struct vrrp_options *inner_options;
	void *inner;
	uint32_t word; /* the next one; that before it is the one at hand */
};

/* A line being printed. */
struct vrrp_line_out {
	FILE *file;
	char space; /* before the next option */
};

struct vrrp_option_type {
	bool alone; /* has no value */
	/* The word at hand is the value, or the option; false: complained. */
	bool (*read)(struct vrrp_line *line, const struct vrrp_option *option,
		     void *target);
	/* The function prints nothing if the option is not set. */
	void (*print)(struct vrrp_line_out *out,
		      const struct vrrp_option *option, const void *target);
	bool (*equal)(const struct vrrp_option *option, const void *a,
		      const void *b);
};

struct vrrp_option {
	const char *word;
	const struct vrrp_option_type *type;
	uint32_t offset; /* of the member in the struct */
	uint32_t size; /* of the member */
	uint32_t prefix; /* offset of a network's length */
	uint32_t value; /* of an option without one */
	bool alias; /* another row has the member: neither printed nor compared */
};

#define VRRP_OPTION(text, kind, tag, member)              \
	.word = (text), .type = (kind),                   \
	.offset = (uint32_t)offsetof(struct tag, member), \
	.size = (uint32_t)sizeof(((struct tag *)NULL)->member)

struct vrrp_options {
	const char *lines; /* "routes" */
	const struct vrrp_option *list;
	size_t nr;
	size_t size; /* of the struct */
	const struct conf_block *idle; /* words with a value; NULL: none */
	const struct conf_block *idle_flags; /* words without; NULL: none */
	/* The word at hand is no option; false after complaining. */
	bool (*bare)(struct vrrp_line *line);
	/* The line is read; false after complaining. */
	bool (*check)(struct vrrp_line *line);
};

/* Read line->node to the target, whose defaults are set; false: complained. */
bool vrrp_line_read(struct vrrp_line *line);
/* "'X' cannot be used: EXPECTED is expected", of the word at hand; false. */
bool vrrp_line_bad(const struct vrrp_line *line, const char *expected);
/* The word at hand. */
const struct conf_word *vrrp_line_word(const struct vrrp_line *line);

/* A block WORD of NR lines, or nothing if there are none. */
void vrrp_lines_print(FILE *file, const char *indent, const char *word,
		      const struct vrrp_options *options, const void *items,
		      uint32_t nr);
/* The options of one struct. */
void vrrp_line_print(struct vrrp_line_out *out,
		     const struct vrrp_options *options, const void *target);
/* Print the text of one option, formatted as by printf(). */
void vrrp_line_put(struct vrrp_line_out *out, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Whether two structs are equal, though they share no string. */
bool vrrp_line_equal(const struct vrrp_options *options, const void *a,
		     const void *b);
bool vrrp_lines_equal(const struct vrrp_options *options, const void *a,
		      uint32_t nr_a, const void *b, uint32_t nr_b);

extern const struct vrrp_option_type
	vrrp_option_word, /* alone: the member, of any size, gets VALUE */
	vrrp_option_bit, /* alone: VALUE is set in the member */
	vrrp_option_number, /* uint32_t; 0: unset */
	vrrp_option_byte, /* uint8_t, also as 0x10; 0: unset */
	vrrp_option_table, /* uint32_t: a routing table */
	vrrp_option_host, /* struct addr */
	vrrp_option_network, /* struct addr, and its length at PREFIX */
	vrrp_option_ifname; /* const char * */

/* Parts of the types above, for types that differ in the rest. */
bool vrrp_option_read_number(const struct vrrp_line *line, uint64_t max,
			     uint32_t *number);
void vrrp_option_print_number(struct vrrp_line_out *out,
			      const struct vrrp_option *option,
			      const void *target);
void vrrp_option_print_host(struct vrrp_line_out *out,
			    const struct vrrp_option *option,
			    const void *target);
void vrrp_option_print_name(struct vrrp_line_out *out,
			    const struct vrrp_option *option,
			    const void *target);
bool vrrp_option_equal_bytes(const struct vrrp_option *option, const void *a,
			     const void *b);
bool vrrp_option_equal_host(const struct vrrp_option *option, const void *a,
			    const void *b);
bool vrrp_option_equal_network(const struct vrrp_option *option, const void *a,
			       const void *b);
bool vrrp_option_equal_name(const struct vrrp_option *option, const void *a,
			    const void *b);

/* vrrp_address.c, vrrp_route.c, vrrp_rule.c */
extern const struct vrrp_options vrrp_address_options, vrrp_route_options,
	vrrp_rule_options;

#endif
