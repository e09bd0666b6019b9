/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of a real_server that begin a check, from the register of the kinds, and
 * the functions for a check of any kind. All else of a kind is in its own file.
 */
#include <stddef.h>
#include <string.h>

#include "conf/conf_print.h"
#include "conf/lvs/draft.h"

#define CHECK_FLAGS (KW_BLOCK | KW_LATE | KW_REPEAT)
#define CHECK_KIND_ROW(number, name, word, ...)           \
	[CHECK_##number] = { (word), conf_bind_check,     \
			     .data = &conf_##name##_type, \
			     .flags = CHECK_FLAGS },

static const struct conf_keyword check_kinds[CHECK_KINDS] = {
	/* By number, as the decision and the recordings have them. */
	CONF_CHECK_KINDS(CHECK_KIND_ROW, CHECK_KIND_ROW)
};

const struct conf_block conf_block_checks = CONF_BLOCK(
	BLOCK_CHECKS, "real_server", check_kinds, &conf_block_timing);

const struct conf_check_type *conf_check_type(enum check_kind kind)
{
	return kind < CHECK_KINDS ? check_kinds[kind].data : NULL;
}

const char *check_kind_name(enum check_kind kind)
{
	return kind < CHECK_KINDS ? check_kinds[kind].name : "?";
}

/* Does a check of TYPE take the words of PART? */
static bool check_kinds_take(const struct conf_check_type *type,
			     const struct conf_block *part)
{
	const struct conf_block *block;

	for (block = type->block; block && block != part; block = block->also)
		;
	return block != NULL;
}

/*
 * All but the parameters behind PARAMS, of checks of the same kind. Equal bytes are
 * equal values, and mostly spare the walks through the tables; other bytes may
 * be equal values too: of BIND_IF, or with another WARMUP.
 */
static bool check_kinds_equal_plain(const struct conf_check *a,
				    const struct conf_check *b)
{
	const size_t first = offsetof(struct conf_check, dst);
	const size_t end = offsetof(struct conf_check, nr_users);

	if (memcmp((const char *)a + first, (const char *)b + first,
		   end - first) == 0)
		return a->log_all_failures == b->log_all_failures;
	return a->timeout == b->timeout &&
	       endpoint_cmp(&a->service, &b->service) == 0 &&
	       conf_type_forward.equal(&a->forward, &b->forward) &&
	       a->log_all_failures == b->log_all_failures &&
	       conf_block_equal(&conf_block_connect, a, b) &&
	       conf_block_equal(&conf_block_timing, a, b);
}

static bool check_kinds_equal_params(const struct conf_check *a,
				     const struct conf_check *b)
{
	if (!a->params || !b->params)
		return a->params == b->params;
	return conf_block_equal(conf_check_type(a->kind)->block, a->params,
				b->params);
}

bool conf_check_equal_like(const struct conf_check *a,
			   const struct conf_check *b,
			   const struct conf_check *like_a,
			   const struct conf_check *like_b)
{
	if (a->kind != b->kind || !check_kinds_equal_plain(a, b))
		return false;
	return (like_a && a->kind == like_a->kind &&
		a->params == like_a->params && b->params == like_b->params) ||
	       check_kinds_equal_params(a, b);
}

bool conf_check_equal(const struct conf_check *a, const struct conf_check *b)
{
	return conf_check_equal_like(a, b, NULL, NULL);
}

bool conf_checks_equal(const struct conf *a, const struct conf *b)
{
	const struct conf_check *x = a->checks, *y = b->checks;
	const struct conf_check *like_x = NULL, *like_y = NULL;
	uint32_t i;

	if (a->nr_checks != b->nr_checks ||
	    !conf_block_equal(&conf_block_ssl, &a->global.ssl, &b->global.ssl))
		return false;
	for (i = 0; i < a->nr_checks; i++, x++, y++) {
		if (x->warmup != y->warmup ||
		    !conf_check_equal_like(x, y, like_x, like_y))
			return false;
		like_x = x;
		like_y = y;
	}
	return true;
}

uint32_t conf_check_hash(const struct conf_check *check)
{
	uint32_t hash = (uint32_t)check->kind;

	hash = conf_hash_add(hash, conf_block_hash(&conf_block_connect, check));
	hash = conf_hash_add(hash, conf_block_hash(&conf_block_timing, check));
	hash = conf_hash_add(hash, (uint32_t)check->timeout);
	if (check->params)
		hash = conf_hash_add(
			hash,
			conf_block_hash(conf_check_type(check->kind)->block,
					check->params));
	return hash;
}

const char *conf_check_target(const struct conf_check *check, char *room)
{
	const struct conf_check_type *type = conf_check_type(check->kind);
	const char *target = type && type->target ? type->target(check) : NULL;

	return target ? target : endpoint_format(&check->dst, room);
}

void conf_print_check(FILE *out, const struct conf_check *check, bool alpha)
{
	const struct conf_check_type *type = conf_check_type(check->kind);
	const char *in = "\t\t\t";

	fprintf(out, "\t\t%s {\n", check_kind_name(check->kind));
	if (check_kinds_take(type, &conf_block_connect))
		conf_block_print(out, in, &conf_block_connect, check);
	if (check->params)
		conf_block_print(out, in, type->block, check->params);
	if (type->timeout_word)
		conf_print_time(out, in, type->timeout_word, check->timeout);
	if (check_kinds_take(type, &conf_block_timing)) {
		conf_block_print(out, in, &conf_block_timing, check);
		fprintf(out, "%salpha %s\n", in, alpha ? "on" : "off");
		if (check->log_all_failures)
			fprintf(out, "%slog_all_failures on\n", in);
	}
	fputs("\t\t}\n", out);
}
