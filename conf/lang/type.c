/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of values, and the walks over a block's table that use them. */
#include <string.h>

#include "conf/lang/bind.h"
#include "conf/lang/outside.h"
#include "conf/lang/print_value.h"

/* The member of FINAL that KW is kept in, or NULL. */
static inline const void *type_kept(const struct conf_keyword *kw,
				    const void *final)
{
	return kw->kept && kw->type ? (const char *) final + kw->kept - 1 :
				      NULL;
}

void conf_block_print(FILE *out, const char *indent,
		      const struct conf_block *block, const void *final)
{
	const struct conf_keyword *kw = block->keywords;
	const void *member;
	uint32_t i;

	for (i = 0; i < block->nr_keywords; i++, kw++) {
		member = type_kept(kw, final);
		if (member && kw->type->print)
			kw->type->print(out, indent, kw, member);
	}
}

bool conf_block_equal(const struct conf_block *block, const void *a,
		      const void *b)
{
	const struct conf_keyword *kw = block->keywords;
	const void *member;
	uint32_t i;

	for (i = 0; i < block->nr_keywords; i++, kw++) {
		member = type_kept(kw, a);
		if (!member || (kw->flags & KW_APART))
			continue;
		if (kw->type == &conf_type_inner) {
			if (!conf_block_equal(kw->block, member,
					      type_kept(kw, b)))
				return false;
		} else if (kw->type->equal &&
			   !kw->type->equal(member, type_kept(kw, b))) {
			return false;
		}
	}
	return true;
}

uint32_t conf_block_hash(const struct conf_block *block, const void *final)
{
	const struct conf_keyword *kw = block->keywords;
	uint32_t hash = block->id, i;
	const void *member;

	for (i = 0; i < block->nr_keywords; i++, kw++) {
		member = type_kept(kw, final);
		if (!member || (kw->flags & KW_APART))
			continue;
		if (kw->type == &conf_type_inner)
			hash = conf_hash_add(hash, conf_block_hash(kw->block,
								   member));
		else if (kw->type->hash)
			hash = conf_hash_add(hash, kw->type->hash(member));
	}
	return hash;
}

void conf_block_preset(const struct conf_block *block, void *target)
{
	const struct conf_keyword *kw = block->keywords;
	uint32_t i;

	if (block->also)
		conf_block_preset(block->also, target);
	for (i = 0; i < block->nr_keywords; i++, kw++) {
		if (!kw->type ||
		    (!kw->preset && !kw->preset_text && !kw->block))
			continue;
		if (kw->type->preset)
			kw->type->preset(kw, (char *)target + kw->offset);
	}
}

void conf_block_inherit(const struct conf_block *block, const void *around,
			void *target)
{
	const struct conf_keyword *kw = block->keywords;
	uint32_t i;

	if (block->also)
		conf_block_inherit(block->also, around, target);
	for (i = 0; i < block->nr_keywords; i++, kw++) {
		if (kw->inherits)
			memcpy((char *)target + kw->offset,
			       (const char *)around + kw->inherits - 1,
			       kw->type->size);
	}
}

uint32_t conf_hash_text(const char *text)
{
	return hash_text(text);
}

static void type_print_number(FILE *out, const char *indent,
			      const struct conf_keyword *kw, uint32_t value)
{
	if ((kw->flags & KW_USUAL_UNSET) && value == (uint32_t)kw->preset)
		return;
	if (value || !(kw->flags & KW_ZERO_UNSET))
		fprintf(out, "%s%s %u\n", indent, kw->name, value);
}

/* The functions of a type of numbers: u32, u16, u8. */
#define TYPE_NUMBER(name, ctype)                                            \
	void conf_print_##name(FILE *out, const char *indent,               \
			       const struct conf_keyword *kw,               \
			       const void *member)                          \
	{                                                                   \
		type_print_number(out, indent, kw, *(const ctype *)member); \
	}                                                                   \
	bool conf_equal_##name(const void *a, const void *b)                \
	{                                                                   \
		return *(const ctype *)a == *(const ctype *)b;              \
	}                                                                   \
	static uint32_t type_hash_##name(const void *member)                \
	{                                                                   \
		return (uint32_t) * (const ctype *)member;                  \
	}                                                                   \
	static void type_preset_##name(const struct conf_keyword *kw,       \
				       void *member)                        \
	{                                                                   \
		*(ctype *)member = (ctype)kw->preset;                       \
	}                                                                   \
	const struct conf_type conf_type_##name = {                         \
		conf_bind_##name, conf_print_##name,  conf_equal_##name,    \
		type_hash_##name, type_preset_##name, sizeof(ctype)         \
	}

TYPE_NUMBER(u32, uint32_t);
TYPE_NUMBER(u16, uint16_t);
TYPE_NUMBER(u8, uint8_t);

static void type_print_port(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	if (*(const uint16_t *)member)
		conf_print_u16(out, indent, kw, member);
}

const struct conf_type conf_type_port = { conf_bind_port,  type_print_port,
					  conf_equal_u16,  type_hash_u16,
					  type_preset_u16, sizeof(uint16_t) };

void conf_print_addr(FILE *out, const char *indent,
		     const struct conf_keyword *kw, const void *member)
{
	char text[ADDR_TEXT_MAX];

	if (addr_is_set(member))
		fprintf(out, "%s%s %s\n", indent, kw->name,
			addr_format(member, text));
}

bool conf_equal_addr(const void *a, const void *b)
{
	return addr_cmp(a, b) == 0;
}

static uint32_t type_hash_addr(const void *member)
{
	return conf_hash(member, sizeof(struct addr));
}

const struct conf_type conf_type_addr = {
	conf_bind_addr, conf_print_addr,    conf_equal_addr, type_hash_addr,
	NULL,		sizeof(struct addr)
};

static void type_print_time(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	usec_t time = *(const usec_t *)member;

	if (time || !(kw->flags & KW_ZERO_UNSET))
		conf_print_time(out, indent, kw->name, time);
}

static bool type_equal_time(const void *a, const void *b)
{
	return *(const usec_t *)a == *(const usec_t *)b;
}

static uint32_t type_hash_time(const void *member)
{
	usec_t time = *(const usec_t *)member;

	return (uint32_t)time ^ (uint32_t)(time >> 32);
}

static void type_preset_time(const struct conf_keyword *kw, void *member)
{
	*(usec_t *)member = kw->preset;
}

const struct conf_type conf_type_time = { conf_bind_time,   type_print_time,
					  type_equal_time,  type_hash_time,
					  type_preset_time, sizeof(usec_t) };

/* A secret is shown to be there. */
void conf_print_string(FILE *out, const char *indent,
		       const struct conf_keyword *kw, const void *member)
{
	const char *text = *(const char *const *)member;

	if (text && (kw->flags & KW_SECRET))
		fprintf(out, "%s%s ***\n", indent, kw->name);
	else
		conf_print_quoted(out, indent, kw->name, text);
}

bool conf_equal_string(const void *a, const void *b)
{
	return str_equal(*(const char *const *)a, *(const char *const *)b);
}

static uint32_t type_hash_string(const void *member)
{
	return conf_hash_text(*(const char *const *)member);
}

static void type_preset_string(const struct conf_keyword *kw, void *member)
{
	*(const char **)member = kw->preset_text;
}

const struct conf_type conf_type_string = {
	conf_bind_string, conf_print_string,  conf_equal_string,
	type_hash_string, type_preset_string, sizeof(const char *)
};
const struct conf_type conf_type_outside = {
	conf_bind_outside, conf_print_string,  conf_equal_string,
	type_hash_string,  type_preset_string, sizeof(const char *)
};

static void type_print_bool(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	if (*(const bool *)member || !(kw->flags & KW_ZERO_UNSET))
		fprintf(out, "%s%s %s\n", indent, kw->name,
			*(const bool *)member ? "on" : "off");
}

static void type_print_flag(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *member)
{
	if (*(const bool *)member)
		fprintf(out, "%s%s\n", indent, kw->name);
}

bool conf_equal_bool(const void *a, const void *b)
{
	return *(const bool *)a == *(const bool *)b;
}

static uint32_t type_hash_bool(const void *member)
{
	return *(const bool *)member;
}

static void type_preset_bool(const struct conf_keyword *kw, void *member)
{
	*(bool *)member = kw->preset != 0;
}

const struct conf_type conf_type_bool = { conf_bind_bool,   type_print_bool,
					  conf_equal_bool,  type_hash_bool,
					  type_preset_bool, sizeof(bool) };
const struct conf_type conf_type_flag = { conf_bind_bool,   type_print_flag,
					  conf_equal_bool,  type_hash_bool,
					  type_preset_bool, sizeof(bool) };
const struct conf_type conf_type_true = { conf_bind_true,   type_print_flag,
					  conf_equal_bool,  type_hash_bool,
					  type_preset_bool, sizeof(bool) };

static void type_print_maybe(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *member)
{
	if (*(const int8_t *)member >= 0)
		fprintf(out, "%s%s %s\n", indent, kw->name,
			*(const int8_t *)member ? "on" : "off");
}

static bool type_equal_maybe(const void *a, const void *b)
{
	return *(const int8_t *)a == *(const int8_t *)b;
}

static uint32_t type_hash_maybe(const void *member)
{
	return (uint32_t) * (const int8_t *)member;
}

static void type_preset_maybe(const struct conf_keyword *kw, void *member)
{
	*(int8_t *)member = (int8_t)kw->preset;
}

const struct conf_type conf_type_maybe = { conf_bind_maybe,   type_print_maybe,
					   type_equal_maybe,  type_hash_maybe,
					   type_preset_maybe, sizeof(int8_t) };

/* The first word of several for one value. */
static void type_print_value(FILE *out, const char *indent,
			     const struct conf_keyword *kw, int value)
{
	const struct conf_choice *choice;

	if (value == 0 && (kw->flags & KW_ZERO_UNSET))
		return;
	for (choice = kw->data; choice->word; choice++) {
		if (choice->value != value)
			continue;
		fprintf(out, "%s%s %s\n", indent, kw->name, choice->word);
		return;
	}
}

static void type_print_choice(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	type_print_value(out, indent, kw, *(const int32_t *)member);
}

static void type_print_either(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	type_print_value(out, indent, kw, *(const bool *)member);
}

const struct conf_type conf_type_either = { conf_bind_either, type_print_either,
					    conf_equal_bool,  type_hash_bool,
					    type_preset_bool, sizeof(bool) };

const struct conf_type conf_type_choice = { conf_bind_choice, type_print_choice,
					    conf_equal_u32,   type_hash_u32,
					    type_preset_u32,  sizeof(int32_t) };

static void type_print_share(FILE *out, const char *indent,
			     const struct conf_keyword *kw, const void *member)
{
	const struct conf_share *share = member;

	fprintf(out, "%s%s %u%s\n", indent, kw->name, share->value,
		share->percent ? "%" : "");
}

static bool type_equal_share(const void *a, const void *b)
{
	const struct conf_share *x = a, *y = b;

	return x->value == y->value && x->percent == y->percent;
}

static uint32_t type_hash_share(const void *member)
{
	const struct conf_share *share = member;

	return share->value * 2 + share->percent;
}

/* A preset of 20 is 20, of -20 is 20 %. */
static void type_preset_share(const struct conf_keyword *kw, void *member)
{
	struct conf_share *share = member;

	share->percent = kw->preset < 0;
	share->value = (uint32_t)(kw->preset < 0 ? -kw->preset : kw->preset);
}

const struct conf_type conf_type_share = {
	conf_bind_share, type_print_share,  type_equal_share,
	type_hash_share, type_preset_share, sizeof(struct conf_share)
};

static void type_print_percent(FILE *out, const char *indent,
			       const struct conf_keyword *kw,
			       const void *member)
{
	fprintf(out, "%s%s %u%%\n", indent, kw->name,
		*(const uint32_t *)member);
}

const struct conf_type conf_type_percent = {
	conf_bind_percent, type_print_percent, conf_equal_u32,
	type_hash_u32,	   type_preset_u32,    sizeof(uint32_t)
};

static void type_print_script(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	conf_print_script(out, indent, kw->name,
			  *(const struct conf_script *const *)member);
}

static bool type_equal_script(const void *a, const void *b)
{
	const struct conf_script *x = *(const struct conf_script *const *)a,
				 *y = *(const struct conf_script *const *)b;

	if (!x || !y)
		return x == y;
	return str_equal(x->command, y->command) &&
	       str_equal(x->user, y->user) && str_equal(x->group, y->group);
}

static uint32_t type_hash_script(const void *member)
{
	const struct conf_script *script =
		*(const struct conf_script *const *)member;

	return script ? conf_hash_text(script->command) : 0;
}

const struct conf_type conf_type_script = { conf_bind_script,
					    type_print_script,
					    type_equal_script,
					    type_hash_script,
					    NULL,
					    sizeof(const struct conf_script *) };

void conf_print_inner(FILE *out, const char *indent,
		      const struct conf_keyword *kw, const void *member)
{
	char deeper[16];

	snprintf(deeper, sizeof(deeper), "%s\t", indent);
	fprintf(out, "%s%s {\n", indent, kw->name);
	conf_block_print(out, deeper, kw->block, member);
	fprintf(out, "%s}\n", indent);
}

static void type_preset_inner(const struct conf_keyword *kw, void *member)
{
	conf_block_preset(kw->block, member);
}

/* Compared and hashed by the walks, by the rows of the block inside. */
const struct conf_type conf_type_inner = {
	.bind = conf_bind_inner,
	.print = conf_print_inner,
	.preset = type_preset_inner,
};
