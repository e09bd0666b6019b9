/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/vrrp/vrrp_line.h"

#include <stdarg.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

static void *line_member(const struct vrrp_option *option, void *target)
{
	return (char *)target + option->offset;
}

static const void *line_value(const struct vrrp_option *option,
			      const void *target)
{
	return (const char *)target + option->offset;
}

/* Numbers of one, two and four bytes. */
static uint32_t line_number(const struct vrrp_option *option,
			    const void *target)
{
	const void *value = line_value(option, target);

	if (option->size == sizeof(uint8_t))
		return *(const uint8_t *)value;
	if (option->size == sizeof(uint16_t))
		return *(const uint16_t *)value;
	return *(const uint32_t *)value;
}

static void line_set(const struct vrrp_option *option, void *target,
		     uint32_t number)
{
	void *member = line_member(option, target);

	if (option->size == sizeof(uint8_t))
		*(uint8_t *)member = (uint8_t)number;
	else if (option->size == sizeof(uint16_t))
		*(uint16_t *)member = (uint16_t)number;
	else
		*(uint32_t *)member = number;
}

/* Reading */

const struct conf_word *vrrp_line_word(const struct vrrp_line *line)
{
	return conf_word(line->ctx, line->node, line->word - 1);
}

bool vrrp_line_bad(const struct vrrp_line *line, const char *expected)
{
	conf_say(line->ctx, CLASS_FAULT, line->node, line->word - 1,
		 "'%.*s' cannot be used: %s is expected",
		 CONF_SHOW(vrrp_line_word(line)), expected);
	return false;
}

static const struct vrrp_option *line_find(const struct vrrp_options *options,
					   const struct conf_word *word)
{
	size_t i;

	for (i = 0; options && i < options->nr; i++) {
		if (conf_word_is(word, options->list[i].word,
				 strlen(options->list[i].word)))
			return &options->list[i];
	}
	return NULL;
}

/* A word of BLOCK is noted as not acted on; false if it has no such word. */
static bool line_is_idle(struct vrrp_line *line, const struct conf_block *block)
{
	const struct conf_word *word = vrrp_line_word(line);
	size_t i;

	for (i = 0; block && i < block->nr_keywords; i++) {
		if (conf_word_is(word, block->keywords[i].name,
				 strlen(block->keywords[i].name))) {
			conf_note_idle(line->ctx, &block->keywords[i],
				       line->node);
			return true;
		}
	}
	return false;
}

/* Read a word, and its value if it has one; false after complaining. */
static bool line_step(struct vrrp_line *line)
{
	const struct conf_word *word =
		conf_word(line->ctx, line->node, line->word++);
	const struct vrrp_option *option = line_find(line->inner_options, word);
	void *target = option ? line->inner : line->target;

	if (!option)
		option = line_find(line->options, word);
	if (option && !option->type->alone &&
	    line->word++ >= line->node->nr_words) {
		conf_say(line->ctx, CLASS_FAULT, line->node, line->word - 2,
			 "'%s' needs a value", option->word);
		return false;
	}
	if (option)
		return option->type->read(line, option, target);
	if (line_is_idle(line, line->options->idle)) {
		line->word++;
		return true;
	}
	return line_is_idle(line, line->options->idle_flags) ||
	       line->options->bare(line);
}

bool vrrp_line_read(struct vrrp_line *line)
{
	line->word = 0;
	line->inner = NULL;
	line->inner_options = NULL;
	if (line->node->block) {
		conf_say(line->ctx, CLASS_ERROR, line->node, 0,
			 "here stand %s, no blocks", line->options->lines);
		return false;
	}
	while (line->word < line->node->nr_words) {
		if (!line_step(line))
			return false;
	}
	return line->options->check(line);
}

/* Printing */

void vrrp_line_put(struct vrrp_line_out *out, const char *fmt, ...)
{
	va_list ap;

	fputc(out->space, out->file);
	out->space = ' ';
	va_start(ap, fmt);
	vfprintf(out->file, fmt, ap);
	va_end(ap);
}

void vrrp_line_print(struct vrrp_line_out *out,
		     const struct vrrp_options *options, const void *target)
{
	size_t i;

	for (i = 0; i < options->nr; i++) {
		if (!options->list[i].alias)
			options->list[i].type->print(out, &options->list[i],
						     target);
	}
}

void vrrp_lines_print(FILE *file, const char *indent, const char *word,
		      const struct vrrp_options *options, const void *items,
		      uint32_t nr)
{
	struct vrrp_line_out out = { .file = file };
	uint32_t i;

	if (nr == 0)
		return;
	fprintf(file, "%s%s {\n", indent, word);
	for (i = 0; i < nr; i++) {
		fputc('\t', file);
		out.space = '\t';
		vrrp_line_print(&out, options,
				(const char *)items + i * options->size);
		fputc('\n', file);
	}
	fprintf(file, "%s}\n", indent);
}

/* Comparing */

bool vrrp_line_equal(const struct vrrp_options *options, const void *a,
		     const void *b)
{
	const struct vrrp_option *option;
	size_t i;

	for (i = 0; i < options->nr; i++) {
		option = &options->list[i];
		if (!option->alias && !option->type->equal(option, a, b))
			return false;
	}
	return true;
}

bool vrrp_lines_equal(const struct vrrp_options *options, const void *a,
		      uint32_t nr_a, const void *b, uint32_t nr_b)
{
	size_t i;

	if (nr_a != nr_b)
		return false;
	for (i = 0; i < nr_a; i++) {
		if (!vrrp_line_equal(options,
				     (const char *)a + i * options->size,
				     (const char *)b + i * options->size))
			return false;
	}
	return true;
}

bool vrrp_option_equal_bytes(const struct vrrp_option *option, const void *a,
			     const void *b)
{
	return memcmp(line_value(option, a), line_value(option, b),
		      option->size) == 0;
}

/* Words without a value */

static bool line_read_word(struct vrrp_line *line,
			   const struct vrrp_option *option, void *target)
{
	(void)line;
	line_set(option, target, option->value);
	return true;
}

static void line_print_word(struct vrrp_line_out *out,
			    const struct vrrp_option *option,
			    const void *target)
{
	if (line_number(option, target) == option->value)
		vrrp_line_put(out, "%s", option->word);
}

const struct vrrp_option_type vrrp_option_word = {
	.alone = true,
	.read = line_read_word,
	.print = line_print_word,
	.equal = vrrp_option_equal_bytes,
};

static bool line_read_bit(struct vrrp_line *line,
			  const struct vrrp_option *option, void *target)
{
	(void)line;
	line_set(option, target, line_number(option, target) | option->value);
	return true;
}

static void line_print_bit(struct vrrp_line_out *out,
			   const struct vrrp_option *option, const void *target)
{
	if (line_number(option, target) & option->value)
		vrrp_line_put(out, "%s", option->word);
}

const struct vrrp_option_type vrrp_option_bit = {
	.alone = true,
	.read = line_read_bit,
	.print = line_print_bit,
	.equal = vrrp_option_equal_bytes,
};

/* Numbers */

bool vrrp_option_read_number(const struct vrrp_line *line, uint64_t max,
			     uint32_t *number)
{
	uint64_t value;

	if (!conf_get_number(vrrp_line_word(line), max, &value))
		return vrrp_line_bad(line, "a number");
	*number = (uint32_t)value;
	return true;
}

void vrrp_option_print_number(struct vrrp_line_out *out,
			      const struct vrrp_option *option,
			      const void *target)
{
	uint32_t number = line_number(option, target);

	if (number)
		vrrp_line_put(out, "%s %u", option->word, number);
}

static bool line_read_number(struct vrrp_line *line,
			     const struct vrrp_option *option, void *target)
{
	return vrrp_option_read_number(line, UINT32_MAX,
				       line_member(option, target));
}

const struct vrrp_option_type vrrp_option_number = {
	.read = line_read_number,
	.print = vrrp_option_print_number,
	.equal = vrrp_option_equal_bytes,
};

static bool line_read_byte(struct vrrp_line *line,
			   const struct vrrp_option *option, void *target)
{
	return conf_vrrp_byte(vrrp_line_word(line),
			      line_member(option, target)) ||
	       vrrp_line_bad(line, "a number up to 255");
}

const struct vrrp_option_type vrrp_option_byte = {
	.read = line_read_byte,
	.print = vrrp_option_print_number,
	.equal = vrrp_option_equal_bytes,
};

static bool line_read_table(struct vrrp_line *line,
			    const struct vrrp_option *option, void *target)
{
	return conf_vrrp_table(vrrp_line_word(line),
			       line_member(option, target)) ||
	       vrrp_line_bad(line, "a table's number, main, local or default");
}

const struct vrrp_option_type vrrp_option_table = {
	.read = line_read_table,
	.print = vrrp_option_print_number,
	.equal = vrrp_option_equal_bytes,
};

/* Addresses */

static bool line_read_host(struct vrrp_line *line,
			   const struct vrrp_option *option, void *target)
{
	return conf_get_host(line->ctx, line->node, line->word - 1,
			     line_member(option, target));
}

void vrrp_option_print_host(struct vrrp_line_out *out,
			    const struct vrrp_option *option,
			    const void *target)
{
	const struct addr *addr = line_value(option, target);
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(addr))
		vrrp_line_put(out, "%s %s", option->word,
			      addr_format(addr, text));
}

bool vrrp_option_equal_host(const struct vrrp_option *option, const void *a,
			    const void *b)
{
	return addr_cmp(line_value(option, a), line_value(option, b)) == 0;
}

const struct vrrp_option_type vrrp_option_host = {
	.read = line_read_host,
	.print = vrrp_option_print_host,
	.equal = vrrp_option_equal_host,
};

static uint8_t line_prefix(const struct vrrp_option *option, const void *target)
{
	return *((const uint8_t *)target + option->prefix);
}

static bool line_read_network(struct vrrp_line *line,
			      const struct vrrp_option *option, void *target)
{
	return conf_vrrp_network(line->ctx, line->node, line->word - 1,
				 line_member(option, target),
				 (uint8_t *)target + option->prefix);
}

static void line_print_network(struct vrrp_line_out *out,
			       const struct vrrp_option *option,
			       const void *target)
{
	const struct addr *addr = line_value(option, target);
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(addr))
		vrrp_line_put(out, "%s %s/%u", option->word,
			      addr_format(addr, text),
			      line_prefix(option, target));
}

bool vrrp_option_equal_network(const struct vrrp_option *option, const void *a,
			       const void *b)
{
	return vrrp_option_equal_host(option, a, b) &&
	       line_prefix(option, a) == line_prefix(option, b);
}

const struct vrrp_option_type vrrp_option_network = {
	.read = line_read_network,
	.print = line_print_network,
	.equal = vrrp_option_equal_network,
};

/* Names */

static bool line_read_ifname(struct vrrp_line *line,
			     const struct vrrp_option *option, void *target)
{
	const char *name =
		conf_vrrp_ifname(line->ctx, line->node, line->word - 1);

	*(const char **)line_member(option, target) = name;
	return name != NULL;
}

static const char *line_name(const struct vrrp_option *option,
			     const void *target)
{
	return *(const char *const *)line_value(option, target);
}

void vrrp_option_print_name(struct vrrp_line_out *out,
			    const struct vrrp_option *option,
			    const void *target)
{
	const char *name = line_name(option, target);

	if (name)
		vrrp_line_put(out, "%s \"%s\"", option->word, name);
}

bool vrrp_option_equal_name(const struct vrrp_option *option, const void *a,
			    const void *b)
{
	return str_equal(line_name(option, a), line_name(option, b));
}

const struct vrrp_option_type vrrp_option_ifname = {
	.read = line_read_ifname,
	.print = vrrp_option_print_name,
	.equal = vrrp_option_equal_name,
};
