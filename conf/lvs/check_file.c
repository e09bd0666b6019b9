/* SPDX-License-Identifier: GPL-2.0-or-later */
/* FILE_CHECK: the number in a track_file changes the weight of the server. */
#include <inttypes.h>
#include <stddef.h>

#include "conf/vrrp/vrrp_blocks.h"

/* "track_file NAME" of a block that may stand anywhere in the file. */
static void check_file_bind_name(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	uint32_t index = conf_vrrp_find_source(ctx, VRRP_TRACK_FILE, name);
	struct check_draft *draft = target;
	struct vrrp_source_draft *source;

	(void)kw;
	/* Said, if in vain. */
	draft->number.name = "";
	if (index == UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is no track_file '%.*s' in the file",
			 CONF_SHOW(name));
		return;
	}
	source = &ctx->draft->vrrp->sources[index];
	source->used = true;
	if (source->dropped)
		return;
	draft->number.name = source->name;
	draft->number.file =
		conf_share(ctx, &source->file, sizeof(source->file));
	if (draft->number.weight == UNSET_WEIGHT) {
		draft->number.weight = source->weight;
		draft->number.reverse = source->reverse;
	}
}

static void check_file_print_name(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *final)
{
	const struct conf_number *number = final;

	fprintf(out, "%s%s \"%s\"\n", indent, kw->name, number->name);
}

/* How the file begins is main's matter; the check sees its number only. */
static bool check_file_equal_name(const void *a, const void *b)
{
	const struct conf_number *x = a, *y = b;

	return str_equal(x->name, y->name) &&
	       str_equal(x->file->path, y->file->path);
}

static uint32_t check_file_hash_name(const void *final)
{
	const struct conf_number *number = final;

	return conf_hash_add(conf_hash_text(number->name),
			     conf_hash_text(number->file->path));
}

static const struct conf_type check_file_name = {
	.bind = check_file_bind_name,
	.print = check_file_print_name,
	.equal = check_file_equal_name,
	.hash = check_file_hash_name,
};

/* "weight N [reverse|noreverse]" */
static void check_file_bind_weight(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct check_draft *draft = target;
	int8_t reverse = false;

	(void)kw;
	if (conf_vrrp_weight(ctx, node, 1, INT32_MAX, &draft->number.weight,
			     &reverse))
		draft->number.reverse = reverse;
}

static void check_file_preset_weight(const struct conf_keyword *kw,
				     void *member)
{
	struct conf_number *number = member;

	number->weight = (int32_t)kw->preset;
}

static void check_file_print_weight(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *final)
{
	const struct conf_number *number = final;

	fprintf(out, "%s%s %" PRId32 " %sreverse\n", indent, kw->name,
		number->weight, number->reverse ? "" : "no");
}

static bool check_file_equal_weight(const void *a, const void *b)
{
	const struct conf_number *x = a, *y = b;

	return x->weight == y->weight && x->reverse == y->reverse;
}

static uint32_t check_file_hash_weight(const void *final)
{
	const struct conf_number *number = final;

	return conf_hash_add((uint32_t)number->weight, number->reverse);
}

static const struct conf_type check_file_weight = {
	.bind = check_file_bind_weight,
	.preset = check_file_preset_weight,
	.print = check_file_print_weight,
	.equal = check_file_equal_weight,
	.hash = check_file_hash_weight,
};

static const struct conf_keyword file_check_keywords[] = {
	/* Bound late, so that it knows whether WEIGHT was said. */
	{ "track_file", .type = &check_file_name, .kept = CONF_KEPT_WHOLE,
	  .least = 1, .most = 1, .flags = KW_LATE },
	{ "weight", .type = &check_file_weight,
	  .offset = offsetof(struct check_draft, number),
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 2,
	  .preset = UNSET_WEIGHT },
	{ "alpha", .type = &conf_type_bool,
	  .offset = offsetof(struct conf_timing, alpha),
	  CONF_INHERITS(struct conf_timing, alpha), .most = 1 },
	{ "log_all_failures", .type = &conf_type_maybe,
	  .offset = offsetof(struct check_draft, log_all_failures), .most = 1,
	  .preset = CONF_UNSET },
};

const struct conf_block conf_block_file_check =
	CONF_BLOCK(BLOCK_FILE_CHECK, "FILE_CHECK", file_check_keywords,
		   &conf_block_timing);

static bool check_file_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct conf_check *check = &draft->check;

	if (!draft->number.file) {
		if (!draft->number.name)
			conf_say(ctx, CLASS_FAULT, draft->node, 0,
				 "FILE_CHECK needs a 'track_file'");
		return false;
	}
	check->fall = conf_fall_at_once(draft);
	check->number = conf_share(ctx, &draft->number, sizeof(draft->number));
	check->traits.number = check->number;
	check->traits.reports_weight = check->number->weight != 0;
	check->traits.adds_weight = check->number->weight != 0;
	return true;
}

static const char *check_file_target(const struct conf_check *check)
{
	return check->number ? check->number->file->path : NULL;
}

const struct conf_check_type conf_file_type = {
	.kind = CHECK_FILE,
	.block = &conf_block_file_check,
	.retry = 0,
	.delay_before_retry = USEC_PER_SEC,
	.finish = check_file_finish,
	.target = check_file_target,
};
