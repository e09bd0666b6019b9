/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/vrrp/vrrp_line.h"

#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"
#include "lib/log.h"

/* Reading */

void vrrp_line_bad(struct conf_ctx *ctx, const struct conf_node *node,
		   const char *expected)
{
	conf_say(ctx, CLASS_FAULT, node, 1,
		 "'%.*s' cannot be used: %s is expected",
		 CONF_SHOW(conf_word(ctx, node, 1)), expected);
}

/* The words of NODE from the index FIRST on, as a statement of their own. */
static struct conf_node line_words(const struct conf_node *node, uint32_t first,
				   uint32_t nr)
{
	struct conf_node words = *node;

	words.words += first;
	words.nr_words = nr & INT32_MAX;
	return words;
}

/* Is the word at AT a filler of KW, with the value behind it? */
static bool line_is_filler(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, uint32_t at)
{
	const struct conf_choice *filler;

	for (filler = kw->data; filler && filler->word; filler++) {
		if (at + 1 < node->nr_words &&
		    conf_word_is(conf_word(ctx, node, at), filler->word,
				 strlen(filler->word)))
			return true;
	}
	return false;
}

/* Bind the option KW at the index AT; returns the index behind its values. */
static uint32_t line_bind_option(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, uint32_t at,
				 void *target)
{
	struct conf_node words;

	if (kw->flags & KW_IDLE) {
		conf_note_idle(ctx, kw, node);
		return at + kw->least + 1;
	}
	at += line_is_filler(ctx, kw, node, at + 1);
	words = line_words(node, at, kw->least + 1u);
	kw->type->bind(ctx, kw, &words, target);
	return at + kw->least + 1;
}

/* Has KW, at the index AT, its values? Complains. */
static bool line_is_whole(struct conf_ctx *ctx,
			  const struct vrrp_line_kind *lines,
			  const struct conf_keyword *kw,
			  const struct conf_node *node, uint32_t at)
{
	if (at + kw->least < node->nr_words)
		return true;
	if (lines->missing)
		conf_say(ctx, CLASS_FAULT, node, at, "%s", lines->missing);
	else
		conf_say(ctx, CLASS_FAULT, node, at, "'%s' needs a value",
			 kw->name);
	return false;
}

/* Bind the word at AT, which is no option; *STRAYS counts the forgiven ones. */
static void line_bind_bare(struct conf_ctx *ctx,
			   const struct vrrp_line_kind *lines,
			   const struct conf_node *node, uint32_t at,
			   void *target, uint32_t *strays)
{
	struct conf_node words = line_words(node, at - 1, 2);
	uint32_t faults = ctx->faults;

	lines->bare(ctx, NULL, &words, target);
	if (lines->stands && lines->stands(target))
		*strays += ctx->faults - faults;
}

/* Bind the words from the index AT on; returns the index of the next ones. */
static uint32_t line_step(struct conf_ctx *ctx,
			  const struct vrrp_line_kind *lines,
			  const struct conf_node *node, uint32_t at,
			  void *target, uint32_t *strays)
{
	const struct conf_word *word = conf_word(ctx, node, at);
	void *part = lines->part ? lines->part(target) : NULL;
	const struct conf_keyword *kw =
		part ? conf_keyword_find(lines->part_block, word) : NULL;

	if (!kw) {
		part = target;
		kw = conf_keyword_find(lines->block, word);
	}
	if (kw)
		return line_is_whole(ctx, lines, kw, node, at) ?
			       line_bind_option(ctx, kw, node, at, part) :
			       node->nr_words;
	line_bind_bare(ctx, lines, node, at, target, strays);
	return at + 1;
}

bool vrrp_line_bind(struct conf_ctx *ctx, const struct vrrp_line_kind *lines,
		    const struct conf_node *node, void *target)
{
	uint32_t faults = ctx->faults, strays = 0, at = 0;

	if (node->block) {
		conf_say(ctx, CLASS_ERROR, node, 0, "here are %s, not blocks",
			 lines->name);
		return false;
	}
	while (at < node->nr_words && ctx->faults == faults + strays)
		at = line_step(ctx, lines, node, at, target, &strays);
	return ctx->faults == faults + strays &&
	       lines->check(ctx, node, target);
}

/* Printing */

/* The types print each option as a line; all but the last line break go. */
static void line_print(FILE *out, const struct conf_block *block,
		       const void *item)
{
	char *text = NULL, *end;
	size_t size;
	FILE *buffer = open_memstream(&text, &size);

	if (!buffer)
		fatal("conf", "out of memory");
	conf_block_print(buffer, "", block, item);
	if (fclose(buffer) != 0)
		fatal("conf", "out of memory");
	while ((end = strchr(text, '\n')) && end[1])
		*end = ' ';
	fprintf(out, "\t\t%s", text);
	free(text);
}

void vrrp_lines_print(FILE *out, const char *indent, const char *word,
		      const struct vrrp_line_kind *lines, const void *items,
		      uint32_t nr)
{
	uint32_t i;

	if (nr == 0)
		return;
	fprintf(out, "%s%s {\n", indent, word);
	for (i = 0; i < nr; i++)
		line_print(out, lines->block,
			   (const char *)items + i * lines->size);
	fprintf(out, "%s}\n", indent);
}

/* Comparing */

bool vrrp_lines_equal(const struct vrrp_line_kind *lines, const void *a,
		      uint32_t nr_a, const void *b, uint32_t nr_b)
{
	size_t i;

	if (nr_a != nr_b)
		return false;
	for (i = 0; i < nr_a; i++) {
		if (!conf_block_equal(lines->block,
				      (const char *)a + i * lines->size,
				      (const char *)b + i * lines->size))
			return false;
	}
	return true;
}

static void *line_member(const struct conf_keyword *kw, void *target)
{
	return (char *)target + kw->offset;
}

/* Options without a value */

static void line_bind_word(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	(void)ctx;
	(void)node;
	*(uint8_t *)line_member(kw, target) = (uint8_t)kw->min;
}

static void line_print_word(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	if (*(const uint8_t *)member == kw->min)
		fprintf(out, "%s%s\n", indent, kw->name);
}

static void line_preset_word(const struct conf_keyword *kw, void *member)
{
	*(uint8_t *)member = (uint8_t)kw->preset;
}

const struct conf_type vrrp_type_word = {
	.bind = line_bind_word,
	.print = line_print_word,
	.equal = conf_equal_u8,
	.preset = line_preset_word,
};

static void line_bind_family(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	(void)ctx;
	(void)node;
	*(uint16_t *)line_member(kw, target) = (uint16_t)kw->min;
}

static void line_print_family(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	if (*(const uint16_t *)member == kw->min)
		fprintf(out, "%s%s\n", indent, kw->name);
}

const struct conf_type vrrp_type_family = {
	.bind = line_bind_family,
	.print = line_print_family,
	.equal = conf_equal_u16,
};

static void line_bind_bit(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	(void)ctx;
	(void)node;
	*(uint32_t *)line_member(kw, target) |= (uint32_t)kw->min;
}

static void line_print_bit(FILE *out, const char *indent,
			   const struct conf_keyword *kw, const void *member)
{
	if (*(const uint32_t *)member & (uint32_t)kw->min)
		fprintf(out, "%s%s\n", indent, kw->name);
}

const struct conf_type vrrp_type_bit = {
	.bind = line_bind_bit,
	.print = line_print_bit,
	.equal = conf_equal_u32,
};

/* Numbers */

bool vrrp_line_number(struct conf_ctx *ctx, const struct conf_node *node,
		      uint64_t max, uint32_t *number)
{
	uint64_t value;

	if (!conf_get_number(conf_word(ctx, node, 1), max, &value)) {
		vrrp_line_bad(ctx, node, "a number");
		return false;
	}
	*number = (uint32_t)value;
	return true;
}

static void line_bind_number(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	vrrp_line_number(ctx, node, UINT32_MAX, line_member(kw, target));
}

static void line_print_number(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	if (*(const uint32_t *)member)
		conf_print_u32(out, indent, kw, member);
}

const struct conf_type vrrp_type_number = {
	.bind = line_bind_number,
	.print = line_print_number,
	.equal = conf_equal_u32,
};

static void line_bind_byte(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	if (!conf_vrrp_byte(conf_word(ctx, node, 1), line_member(kw, target)))
		vrrp_line_bad(ctx, node, "a number up to 255");
}

static void line_print_byte(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	if (*(const uint8_t *)member)
		conf_print_u8(out, indent, kw, member);
}

const struct conf_type vrrp_type_byte = {
	.bind = line_bind_byte,
	.print = line_print_byte,
	.equal = conf_equal_u8,
};

static void line_bind_table(struct conf_ctx *ctx, const struct conf_keyword *kw,
			    const struct conf_node *node, void *target)
{
	if (!conf_vrrp_table(ctx, conf_word(ctx, node, 1),
			     line_member(kw, target)))
		vrrp_line_bad(
			ctx, node,
			"a table's number, or main, local, default or a name in iproute2's rt_tables,");
}

const struct conf_type vrrp_type_table = {
	.bind = line_bind_table,
	.print = line_print_number,
	.equal = conf_equal_u32,
};

/* Names of realms are iproute2's own, and nobody's else. */
static void line_bind_realms(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	static const struct conf_keyword named =
		KW_MISSED("realms by name",
			  "only their numbers are known, and none is set");
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct conf_word to = *word, from = *word;
	const char *slash = memchr(word->text, '/', word->len);
	uint64_t high = 0, low;

	if (slash) {
		from.len = (uint32_t)(slash - word->text);
		to.text = slash + 1;
		to.len = word->len - from.len - 1;
	}
	if ((slash && !conf_get_number(&from, UINT16_MAX, &high)) ||
	    !conf_get_number(&to, UINT16_MAX, &low))
		conf_note_idle(ctx, &named, node);
	else
		*(uint32_t *)line_member(kw, target) =
			(uint32_t)(high << 16 | low);
}

static void line_print_realms(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	uint32_t realms = *(const uint32_t *)member;

	if (realms)
		fprintf(out, "%s%s %u/%u\n", indent, kw->name, realms >> 16,
			realms & UINT16_MAX);
}

const struct conf_type vrrp_type_realms = {
	.bind = line_bind_realms,
	.print = line_print_realms,
	.equal = conf_equal_u32,
};

static void line_bind_origin(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	static const struct conf_choice names[] = {
		{ "kernel", RTPROT_KERNEL },
		{ "boot", RTPROT_BOOT },
		{ "static", RTPROT_STATIC },
		{ "ra", RTPROT_RA },
		{ "bird", RTPROT_BIRD },
		{ "zebra", RTPROT_ZEBRA },
		{ "dhcp", RTPROT_DHCP },
		{ "keepalived", RTPROT_KEEPALIVED },
	};
	const struct conf_word *word = conf_word(ctx, node, 1);
	uint8_t *origin = line_member(kw, target);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (conf_word_is(word, names[i].word, strlen(names[i].word))) {
			*origin = (uint8_t)names[i].value;
			return;
		}
	}
	if (!conf_vrrp_byte(word, origin))
		vrrp_line_bad(ctx, node,
			      "a protocol's number, or boot, static, ...");
}

const struct conf_type vrrp_type_origin = {
	.bind = line_bind_origin,
	.print = line_print_byte,
	.equal = conf_equal_u8,
};

/* Names */

static void line_bind_ifname(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	*(const char **)line_member(kw, target) =
		conf_vrrp_ifname(ctx, node, 1);
}

const struct conf_type vrrp_type_ifname = {
	.bind = line_bind_ifname,
	.print = conf_print_string,
	.equal = conf_equal_string,
};
