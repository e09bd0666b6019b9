/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MISC_CHECK: a program whose exit status is the verdict. */
#include <stddef.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"

#define MISC(member) \
	CONF_BOTH(struct check_draft, misc.misc, struct conf_misc, member)

/* "user U [[:]G]", also "U:G" */
static void check_misc_bind_user(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	struct check_draft *draft = target;

	conf_get_user(ctx, node, 1, &draft->misc.user, &draft->misc.group);
}

static void check_misc_print_user(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *member)
{
	const struct conf_script *script = member;

	conf_print_user(out, indent, kw->name, script->user, script->group);
}

static bool check_misc_equal_user(const void *a, const void *b)
{
	const struct conf_script *x = a, *y = b;

	return str_equal(x->user, y->user) && str_equal(x->group, y->group);
}

static const struct conf_type check_misc_user = {
	.bind = check_misc_bind_user,
	.print = check_misc_print_user,
	.equal = check_misc_equal_user,
};

static void check_misc_print_path(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *member)
{
	fprintf(out, "%s%s ", indent, kw->name);
	conf_print_command(out, member);
	fputc('\n', out);
}

static bool check_misc_equal_path(const void *a, const void *b)
{
	const struct conf_script *x = a, *y = b;

	return str_equal(x->command, y->command);
}

static uint32_t check_misc_hash_path(const void *member)
{
	const struct conf_script *script = member;

	return conf_hash_text(script->command);
}

static const struct conf_type check_misc_path = {
	.bind = conf_bind_script,
	.print = check_misc_print_path,
	.equal = check_misc_equal_path,
	.hash = check_misc_hash_path,
};

static const struct conf_keyword misc_keywords[] = {
	{ "misc_path", .type = &check_misc_path,
	  .offset = offsetof(struct check_draft, misc.script),
	  .kept = CONF_KEPT(struct conf_misc, script), .least = 1, .most = 1,
	  .flags = KW_SCRIPT, .data = conf_user_elsewhere },
	{ "user", .type = &check_misc_user,
	  .kept = CONF_KEPT(struct conf_misc, script), .least = 1, .most = 2 },
	{ "misc_timeout", .type = &conf_type_time, MISC(timeout), .least = 1,
	  .most = 1, .min = TIME_MIN, .max = TIME_MAX },
	{ "misc_dynamic", .type = &conf_type_flag, MISC(dynamic), .most = 1 },
	{ "retry", .type = &conf_type_u32,
	  .offset = offsetof(struct conf_timing, retry), .least = 1, .most = 1,
	  .min = 0, .max = RETRY_MAX, .preset = CONF_UNSET },
	{ "alpha", .type = &conf_type_bool,
	  .offset = offsetof(struct conf_timing, alpha),
	  CONF_INHERITS(struct conf_timing, alpha), .most = 1 },
	{ "log_all_failures", .type = &conf_type_maybe,
	  .offset = offsetof(struct check_draft, log_all_failures), .most = 1,
	  .preset = CONF_UNSET },
};

const struct conf_block conf_block_misc_check = CONF_BLOCK(
	BLOCK_MISC_CHECK, "MISC_CHECK", misc_keywords, &conf_block_timing);

static bool misc_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct conf_misc *misc = &draft->misc.misc;

	if (!draft->misc.script) {
		conf_say(ctx, CLASS_FAULT, draft->node, 0,
			 "MISC_CHECK needs a 'misc_path'");
		return false;
	}
	misc->script = *draft->misc.script;
	if (draft->misc.user) {
		misc->script.user = draft->misc.user;
		misc->script.group = draft->misc.group;
	}
	if (misc->timeout == 0)
		misc->timeout = draft->rs->vs->timing.delay_loop;
	conf_outside_script(
		ctx, conf_line_of(ctx, draft->node, "misc_path"), "misc_path",
		conf_share(ctx, &misc->script, sizeof(misc->script)));
	draft->check.timeout = misc->timeout;
	draft->check.misc = conf_share(ctx, misc, sizeof(*misc));
	draft->check.traits.script = &draft->check.misc->script;
	draft->check.traits.reports_weight = misc->dynamic;
	return true;
}

static const char *misc_target(const struct conf_check *check)
{
	return check->misc ? check->misc->script.command : NULL;
}

const struct conf_check_type conf_misc_type = {
	.kind = CHECK_MISC,
	.block = &conf_block_misc_check,
	.retry = 0,
	.delay_before_retry = USEC_PER_SEC,
	.finish = misc_finish,
	.target = misc_target,
};
