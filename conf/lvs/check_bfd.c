/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BFD_CHECK: the server serves while the session of a bfd_instance is up. */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

/* "name NAME" of a block that may stand anywhere in the file. */
static void check_bfd_bind_name(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	const struct conf_word *name = conf_word(ctx, node, 1);
	uint32_t index = conf_vrrp_find_source(ctx, VRRP_TRACK_BFD, name);
	struct check_draft *draft = target;

	(void)kw;
	/* Said, if in vain. */
	draft->neighbor.name = "";
	if (index == UINT32_MAX) {
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is no bfd_instance '%.*s' in the file",
			 CONF_SHOW(name));
		return;
	}
	if (!ctx->draft->vrrp->sources[index].dropped &&
	    conf_bfd_is_for(ctx, &ctx->draft->vrrp->sources[index], node, true))
		draft->neighbor.name = ctx->draft->vrrp->sources[index].name;
}

static void check_bfd_print_name(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *final)
{
	const struct conf_neighbor *neighbor = final;

	fprintf(out, "%s%s \"%s\"\n", indent, kw->name, neighbor->name);
}

/* The terms of the session are main's matter; the check hears its state only. */
static bool check_bfd_equal_name(const void *a, const void *b)
{
	const struct conf_neighbor *x = a, *y = b;

	return str_equal(x->name, y->name);
}

static uint32_t check_bfd_hash_name(const void *final)
{
	const struct conf_neighbor *neighbor = final;

	return conf_hash_text(neighbor->name);
}

static const struct conf_type check_bfd_name = {
	.bind = check_bfd_bind_name,
	.print = check_bfd_print_name,
	.equal = check_bfd_equal_name,
	.hash = check_bfd_hash_name,
};

static const struct conf_keyword bfd_check_keywords[] = {
	{ "name", .type = &check_bfd_name, .kept = CONF_KEPT_WHOLE, .least = 1,
	  .most = 1 },
	{ "alpha", .type = &conf_type_bool,
	  .offset = offsetof(struct conf_timing, alpha),
	  CONF_INHERITS(struct conf_timing, alpha), .most = 1 },
	{ "log_all_failures", .type = &conf_type_maybe,
	  .offset = offsetof(struct check_draft, log_all_failures), .most = 1,
	  .preset = CONF_UNSET },
};

const struct conf_block conf_block_bfd_check = CONF_BLOCK(
	BLOCK_BFD_CHECK, "BFD_CHECK", bfd_check_keywords, &conf_block_timing);

static bool check_bfd_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct conf_check *check = &draft->check;
	const char *name = draft->neighbor.name;

	if (!name)
		conf_say(ctx, CLASS_FAULT, draft->node, 0,
			 "BFD_CHECK needs the 'name' of a bfd_instance");
	if (!name || !*name)
		return false;
	check->fall = conf_fall_at_once(draft);
	check->neighbor =
		conf_share(ctx, &draft->neighbor, sizeof(draft->neighbor));
	check->traits.neighbor = check->neighbor->name;
	return true;
}

static const char *check_bfd_target(const struct conf_check *check)
{
	return check->neighbor ? check->neighbor->name : NULL;
}

const struct conf_check_type conf_bfd_type = {
	.kind = CHECK_BFD,
	.block = &conf_block_bfd_check,
	.retry = 0,
	.delay_before_retry = USEC_PER_SEC,
	.finish = check_bfd_finish,
	.target = check_bfd_target,
};
