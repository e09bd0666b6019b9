/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Binding: each block of the language is a table of keywords. A keyword names
 * its type and the member that holds its value; the type reads, prints,
 * compares and hashes the member. So one row serves the parse, `-t -d`, the
 * comparison at a reload and the lists that tests and fuzzers use. Adding a
 * keyword is adding a line to a table.
 *
 *	{ "quorum", .type = &conf_type_u32,
 *	  CONF_BOTH(struct vs_draft, vs, struct conf_virtual_server, quorum),
 *	  .least = 1, .most = 1, .min = 1, .max = UINT32_MAX, .preset = 1 },
 *
 * OFFSET is where the value is bound: in the target of conf_bind_block(), often
 * a draft. KEPT is where the final struct has the value, which the walks
 * conf_block_print(), conf_block_equal() and conf_block_hash() go by; a row
 * without KEPT is passed over by them, as is another spelling (SAME) or a value
 * that dissolves in others. PRESET or PRESET_TEXT is the value before anything
 * is bound, given by conf_block_preset(). INHERITS is where the target of the
 * block around has the value that comes in place of the preset, given by
 * conf_block_inherit(). A preset of -1 means unset, where the block's end makes
 * the value definite. Rows are printed in the order of the table.
 *
 * A word that is only written in a way of its own has a BIND beside its type. One
 * that fits no type has a struct conf_type of its own, in the file of its
 * block: any function of it may be NULL. Where its value is in several members,
 * it is CONF_KEPT_WHOLE, and its functions get the final struct. A row with BIND
 * and no type acts, but keeps nothing by itself (real_server).
 */
#ifndef EVENKEEL_CONF_LANG_BIND_H
#define EVENKEEL_CONF_LANG_BIND_H

#include <stddef.h>
#include <stdio.h>

#include "conf/lang/parse.h"
#include "lib/util.h"

struct conf_keyword;

/* NODE is the statement; TARGET the struct that the block is bound to. */
typedef void conf_bind_fn(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target);

/*
 * A type of values. MEMBER is in the final struct. PRINT writes a line with
 * INDENT and the keyword, or nothing for an unset value. HASH agrees with
 * EQUAL. Strings are compared by content, since two parses share none.
 */
struct conf_type {
	conf_bind_fn *bind;
	void (*print)(FILE *out, const char *indent,
		      const struct conf_keyword *kw, const void *member);
	bool (*equal)(const void *a, const void *b);
	uint32_t (*hash)(const void *member);
	/* Give the keyword's preset to MEMBER, which is in the target. */
	void (*preset)(const struct conf_keyword *kw, void *member);
	size_t size; /* of the member in the target, if it can be inherited */
};

enum conf_keyword_flag {
	KW_BLOCK = 1 << 0, /* must have a { } */
	KW_VALUES = 1 << 1, /* the block's lines are values, not keywords */
	KW_REPEAT = 1 << 2, /* may stand several times */
	KW_LATE = 1 << 3, /* bound when the rest of the block is known */
	KW_IDLE = 1 << 4, /* known, but not acted on (yet) */
	KW_SECRET = 1 << 5, /* its value is never shown */
	KW_SCRIPT = 1 << 6, /* its words are split by script_words.c */
	KW_WHOLE = 1 << 7, /* the words behind its value belong to it */
	KW_ZERO_UNSET = 1 << 8, /* 0 or off is no value: not printed */
	KW_APART = 1 << 9, /* not compared, not hashed */
	KW_USUAL_UNSET = 1 << 10, /* the default is not printed: of numbers */
};

/* Any number of values. */
#define KW_ANY UINT8_MAX

struct conf_keyword {
	const char *name;
	/* In place of the type's; without both nothing is kept. */
	conf_bind_fn *bind;
	const struct conf_type *type;
	const struct conf_block *block; /* its keywords, for generic binding */
	const void *data; /* for BIND */
	uint32_t offset; /* of the member in the target */
	uint32_t kept; /* CONF_KEPT(): the member in the final struct; 0: none */
	uint32_t inherits; /* CONF_KEPT(): in the target around; 0: nothing */
	uint16_t flags;
	uint8_t least, most; /* how many values it takes */
	int64_t min, max; /* of a number */
	int64_t preset; /* number, time (usec), choice or switch */
	const char *preset_text; /* a string */
	/*
	 * KW_IDLE: the missing effect, for people: a warning. NULL: no
	 * noticeable one: a note.
	 */
	const char *missed;
	const char *same; /* another spelling, or the opposite, in this block */
};

#define CONF_KEPT(final, member) (uint32_t)(offsetof(final, member) + 1)
#define CONF_KEPT_WHOLE 1
/* The source of an inherited value: the target of the block around. */
#define CONF_INHERITS(around, member) .inherits = CONF_KEPT(around, member)
/* The target is the final struct. */
#define CONF_MEMBER(final, member) \
	.offset = offsetof(final, member), .kept = CONF_KEPT(final, member)
/* The target, a draft, has the final struct as its member INSIDE. */
#define CONF_BOTH(draft, inside, final, member)                      \
	.offset = offsetof(draft, inside) + offsetof(final, member), \
	.kept = CONF_KEPT(final, member)

/* Names for a member that is one of a few words. */
struct conf_choice {
	const char *word;
	int value;
};

struct conf_block {
	const char *name; /* "real_server" */
	uint16_t id; /* enum conf_block_id */
	uint16_t nr_keywords;
	const struct conf_keyword *keywords;
	const struct conf_block
		*also; /* words that several blocks share, or NULL */
};

#define CONF_KIND_BLOCK(number, ...) BLOCK_##number##_CHECK,

enum conf_block_id {
	BLOCK_FILE,
	BLOCK_GLOBAL,
	BLOCK_GLOBAL_IDLE,
	BLOCK_GROUP,
	BLOCK_VIRTUAL_SERVER,
	BLOCK_REAL_SERVER,
	BLOCK_CHECKS,
	BLOCK_TIMING,
	BLOCK_CONNECT,
	CONF_CHECK_KINDS(CONF_KIND_BLOCK, CONF_KIND_NOTHING)
	/* Blocks within those. */
	BLOCK_URL,
	BLOCK_SMTP_HOST,
	BLOCK_SLOW_START,
	BLOCK_FASTEST,
	BLOCK_HEADROOM,
	BLOCK_INTEGRITY,
	BLOCK_ANNOUNCE,
	BLOCK_SSL,
	BLOCK_VRRP_GLOBAL,
	BLOCK_PAIR_GLOBAL,
	BLOCK_VRRP_STATIC,
	BLOCK_SETS,
	BLOCK_MAIL,
	BLOCK_PROCESS,
	BLOCK_PROCESS_FILE,
	BLOCK_VRRP_MEMBER,
	BLOCK_VRRP_INSTANCE,
	BLOCK_VRRP_AUTH,
	BLOCK_VRRP_HMAC,
	BLOCK_VRRP_GROUP,
	BLOCK_VRRP_SCRIPT,
	BLOCK_TRACK_FILE,
	BLOCK_TRACK_PROCESS,
	BLOCK_TRACK_BFD,
	BLOCK_BFD,
	BLOCK_TRACK_GROUP,
	BLOCK_GARP_GROUP,
	/* Options of lines, and those whose values are not kept. */
	BLOCK_VRRP_ADDRESS,
	BLOCK_VRRP_ADDRESS_IDLE,
	BLOCK_VRRP_PEER,
	BLOCK_VRRP_ROUTE,
	BLOCK_VRRP_ROUTE_IDLE,
	BLOCK_VRRP_NEXTHOP,
	BLOCK_VRRP_RULE,
	BLOCK_IDS,
};

#define CONF_BLOCK(block_id, block_name, table, shared)                \
	{                                                              \
		.name = (block_name), .id = (block_id),                \
		.nr_keywords = ARRAY_SIZE(table), .keywords = (table), \
		.also = (shared)                                       \
	}

/*
 * type.c: walks over the rows of BLOCK alone, not of the blocks that it shares
 * words with (ALSO). FINAL, A and B are final structs.
 */
void conf_block_print(FILE *out, const char *indent,
		      const struct conf_block *block, const void *final);
/* The block of KW, with the struct that is at MEMBER. */
void conf_print_inner(FILE *out, const char *indent,
		      const struct conf_keyword *kw, const void *member);
bool conf_block_equal(const struct conf_block *block, const void *a,
		      const void *b);
uint32_t conf_block_hash(const struct conf_block *block, const void *final);
/*
 * Give TARGET, to be bound to BLOCK, the presets of all its words, the shared
 * ones included. This walks every row: a block that a file has thousands of
 * copies a target that was preset once.
 */
void conf_block_preset(const struct conf_block *block, void *target);
/*
 * Copy the inherited values of BLOCK's words from AROUND, the target of the block
 * around, to TARGET. Shared words are included; the cost is that of the presets.
 */
void conf_block_inherit(const struct conf_block *block, const void *around,
			void *target);
/* The hash so far, with one more value mixed in. */
static inline uint32_t conf_hash_add(uint32_t hash, uint32_t value)
{
	return (hash ^ value) * 0x9e3779b1u + (hash >> 15);
}
uint32_t conf_hash_text(const char *text); /* NULL is allowed */

/* The types of values; the C type of the member is named. */
extern const struct conf_type conf_type_u32, /* uint32_t, MIN to MAX */
	conf_type_u16, /* uint16_t */
	conf_type_u8, /* uint8_t */
	conf_type_port, /* uint16_t, not 0 */
	conf_type_addr, /* struct addr */
	conf_type_time, /* usec_t, MIN to MAX; below 0: unset */
	conf_type_string, /* const char * */
	conf_type_outside, /* the same; MIN: enum conf_outside_kind */
	conf_type_bool, /* bool, printed as "on" or "off" */
	conf_type_flag, /* bool, printed alone if true; "off" is understood */
	conf_type_true, /* bool: the keyword alone */
	conf_type_maybe, /* int8_t: -1 is unset */
	conf_type_choice, /* int32_t or an enum, DATA: struct conf_choice[] */
	conf_type_either, /* bool, DATA: struct conf_choice[] of 0 and 1 */
	conf_type_share, /* struct conf_share: "N" or "N%" */
	conf_type_percent, /* uint32_t: "N%" */
	conf_type_script, /* const struct conf_script * */
	conf_type_cpus, /* struct scheduling_cpus */
	conf_type_title, /* const char *, of a process */
	conf_type_inner; /* a struct with a block of its own: BLOCK */

/* Parts of these types, for types that differ in the rest. */
typedef void conf_print_fn(FILE *out, const char *indent,
			   const struct conf_keyword *kw, const void *member);
typedef bool conf_equal_fn(const void *a, const void *b);
extern conf_print_fn conf_print_u32, conf_print_u16, conf_print_u8,
	conf_print_addr, conf_print_string;
extern conf_equal_fn conf_equal_u32, conf_equal_u16, conf_equal_u8,
	conf_equal_addr, conf_equal_string, conf_equal_bool;

/* Bind all statements in NODE's block to TARGET. */
void conf_bind_block(struct conf_ctx *ctx, const struct conf_block *block,
		     const struct conf_node *node, void *target);
/* Say once for each KW that it is known but not acted on. */
void conf_note_idle(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node);
/* The keyword of BLOCK with this name, or NULL; also used by the tests. */
const struct conf_keyword *conf_keyword_find(const struct conf_block *block,
					     const struct conf_word *word);
/* A bit for each letter of TEXT; some letters share one. */
uint32_t conf_letters(const char *text, size_t len);
/* A keyword, with what tells quickly that another word is not like it. */
struct conf_shape {
	const struct conf_keyword *kw;
	size_t len;
	uint32_t letters; /* conf_letters() of its name */
};
/* The keyword number N of BLOCK, from 0; false if there are not so many. */
bool conf_keyword_at(const struct conf_block *block, uint32_t n,
		     struct conf_shape *shape);
/*
 * guess.c: NODE's keyword is none of BLOCK's; say so, and guess the intended
 * one.
 */
void conf_say_unknown(struct conf_ctx *ctx, const struct conf_block *block,
		      const struct conf_node *node);
/* The names of all blocks, BLOCK_IDS of them; some are parts of others. */
extern const struct conf_block *const conf_blocks[];

/* The nodes directly inside NODE; I is a node index. */
#define conf_for_each(ctx, node, i)                                          \
	for ((i) = (uint32_t)((node) - (ctx)->nodes) + 1; (i) < (node)->end; \
	     (i) = (ctx)->nodes[i].end)

/* The statement in NODE's block that has KEYWORD, else NODE; for messages. */
const struct conf_node *conf_line_of(const struct conf_ctx *ctx,
				     const struct conf_node *node,
				     const char *keyword);

/* value.c: a word as a value; false if it is none. */
bool conf_get_number(const struct conf_word *word, uint64_t max,
		     uint64_t *value);
/* "N", or "N-M" with N <= M, both from MIN to MAX. */
bool conf_get_range(const struct conf_word *word, uint64_t min, uint64_t max,
		    uint64_t *from, uint64_t *to);
bool conf_get_time(const struct conf_word *word, usec_t *value);
bool conf_get_bool(const struct conf_word *word, bool *value);
bool conf_get_addr(const struct conf_word *word, struct addr *addr);
bool conf_get_port(const struct conf_word *word, uint16_t *port);
/* The address that is the node's word at index WORD; complains. */
bool conf_get_host(struct conf_ctx *ctx, const struct conf_node *node,
		   uint32_t word, struct addr *addr);
/* "ADDRESS [PORT]" from the node's words from index WORD on; complains. */
bool conf_get_endpoint(struct conf_ctx *ctx, const struct conf_node *node,
		       uint32_t word, struct endpoint *ep);
/* A copy in the configuration's memory, the same one for equal texts. */
const char *conf_string(struct conf_ctx *ctx, const char *text, size_t len);
/* conf_string() for any struct: byte-equal structs become one. */
const void *conf_share(struct conf_ctx *ctx, const void *data, size_t size);
/* "'X' is not ...": a value that cannot be used. WORD is its index. */
void conf_bad_value(struct conf_ctx *ctx, const struct conf_keyword *kw,
		    const struct conf_node *node, uint32_t word,
		    const char *expected);

/* A value in single quotes. */
void conf_say_quotes(struct conf_ctx *ctx, const struct conf_keyword *kw,
		     const struct conf_node *node);

/*
 * Functions for the tables. The member behind OFFSET is of the type named; it
 * is left alone when the value is bad.
 */
conf_bind_fn conf_bind_u32; /* uint32_t, from MIN to MAX */
conf_bind_fn conf_bind_u16; /* uint16_t */
conf_bind_fn conf_bind_u8; /* uint8_t */
conf_bind_fn conf_bind_addr; /* struct addr */
conf_bind_fn conf_bind_port; /* uint16_t, from 1 on */
conf_bind_fn conf_bind_time; /* usec_t, MIN to MAX in usec */
conf_bind_fn conf_bind_bool; /* bool; without a value: true */
conf_bind_fn conf_bind_maybe; /* int8_t; the same */
conf_bind_fn conf_bind_true; /* bool: the keyword alone says it */
conf_bind_fn conf_bind_string; /* const char * */
conf_bind_fn
	conf_bind_choice; /* int32_t or an enum, by DATA: struct conf_choice[] */
conf_bind_fn conf_bind_either; /* bool, the same */
conf_bind_fn conf_bind_share; /* struct conf_share: "N" or "N%" */
conf_bind_fn conf_bind_percent; /* uint32_t: "N%" or "N" */
conf_bind_fn
	conf_bind_script; /* const struct conf_script *: "COMMAND [USER [GROUP]]" */
conf_bind_fn
	conf_bind_inner; /* a block bound to the struct at OFFSET, by BLOCK */

/* Rows for words that need nothing else. */
#define KW_NOTHING(word)                                         \
	{                                                        \
		.name = (word), .flags = KW_IDLE, .most = KW_ANY \
	}
#define KW_MISSED(word, what)                                     \
	{                                                         \
		.name = (word), .flags = KW_IDLE, .most = KW_ANY, \
		.missed = (what)                                  \
	}
#define KW_MISSED_VALUES(word, what)                                     \
	{                                                                \
		.name = (word), .flags = KW_IDLE | KW_BLOCK | KW_VALUES, \
		.most = KW_ANY, .missed = (what)                         \
	}
#define KW_MISSED_BLOCK(word, inside, what)                              \
	{                                                                \
		.name = (word), .flags = KW_IDLE | KW_BLOCK | KW_REPEAT, \
		.most = KW_ANY, .block = (inside), .missed = (what)      \
	}
#define KW_NOTHING_VALUES(word)                                          \
	{                                                                \
		.name = (word), .flags = KW_IDLE | KW_BLOCK | KW_VALUES, \
		.most = KW_ANY                                           \
	}
#define KW_NOTHING_BLOCK(word, inside)                                   \
	{                                                                \
		.name = (word), .flags = KW_IDLE | KW_BLOCK | KW_REPEAT, \
		.most = KW_ANY, .block = (inside)                        \
	}

/*
 * DATA of conf_bind_script() where the user may have a line of its own: then
 * the block calls conf_outside_script() when it ends.
 */
extern const char conf_user_elsewhere[];

/* script_words.c: words as a shell would see them. */
struct conf_words {
	char **words; /* in the arena given, ended by NULL */
	size_t nr;
	const char *error; /* NULL if all is well */
};
struct conf_words conf_script_split(struct arena *arena, const char *text,
				    size_t len);

/* "USER [[:]GROUP]" or "USER:GROUP" from the word at index WORD on. */
void conf_get_user(struct conf_ctx *ctx, const struct conf_node *node,
		   uint32_t word, const char **user, const char **group);

#endif
