/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracking by instances and groups: the blocks that describe trackers
 * (vrrp_script, track_file, vrrp_track_process; the words of bfd_instance are in
 * vrrp_bfd.c), and the lines that use them. A
 * line may name a tracker that is described later in the file, see
 * vrrp_resolve.c.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

/* Where a word is bound; and where the final struct has its value. */
#define SOURCE(member) .offset = offsetof(struct vrrp_source_draft, member)
#define SCRIPT(member) \
	CONF_BOTH(struct vrrp_source_draft, script, struct pair_script, member)
#define PROCESS(member)                                                   \
	CONF_BOTH(struct vrrp_source_draft, process, struct pair_process, \
		  member)

/* The largest weight of a kind of tracker. */
static int32_t vrrp_track_weight_limit(enum vrrp_tracker_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_INTERFACE:
	case VRRP_TRACK_SCRIPT:
	case VRRP_TRACK_POOL:
	case VRRP_TRACK_FIREWALL:
	case VRRP_TRACK_BFD:
		return 253;
	case VRRP_TRACK_PROCESS:
	case VRRP_TRACK_FILE:
		return 254;
	}
	return 0;
}

bool conf_vrrp_weight(struct conf_ctx *ctx, const struct conf_node *node,
		      uint32_t word, int32_t limit, int32_t *weight,
		      int8_t *reverse)
{
	const struct conf_word *text;
	int64_t value;

	if (word >= node->nr_words ||
	    !conf_vrrp_signed(conf_word(ctx, node, word), -limit, limit,
			      &value)) {
		conf_say(ctx, CLASS_FAULT, node,
			 word < node->nr_words ? word : word - 1,
			 "'weight' needs a number from -%d to %d", limit,
			 limit);
		return false;
	}
	*weight = (int32_t)value;
	if (word + 1 >= node->nr_words)
		return true;
	text = conf_word(ctx, node, word + 1);
	if (conf_is(text, "reverse")) {
		*reverse = true;
		return true;
	}
	if (conf_is(text, "noreverse") || conf_is(text, "no_reverse")) {
		*reverse = false;
		return true;
	}
	conf_say(ctx, CLASS_FAULT, node, word + 1,
		 "'%.*s' is neither 'reverse' nor 'noreverse'",
		 CONF_SHOW(text));
	return false;
}

static void vrrp_track_add_ref(struct conf_ctx *ctx, struct track_ref ref,
			       uint32_t weight)
{
	struct vrrp_draft *draft = ctx->draft->vrrp;

	ref.weight = UNSET_WEIGHT;
	ref.reverse = UNSET_BOOL;
	if (weight < ref.node->nr_words) {
		if (!conf_is(conf_word(ctx, ref.node, weight), "weight")) {
			conf_say(ctx, CLASS_FAULT, ref.node, weight,
				 "'weight' is expected, or nothing");
			return;
		}
		if (!conf_vrrp_weight(ctx, ref.node, weight + 1,
				      vrrp_track_weight_limit(ref.kind),
				      &ref.weight, &ref.reverse))
			return;
	}
	draft->refs = array_grow(draft->refs, draft->nr_refs, &draft->room_refs,
				 sizeof(ref));
	draft->refs[draft->nr_refs++] = ref;
}

/* "NAME [weight N [reverse|noreverse]]", a line each; kw->min is the kind. */
void conf_bind_tracks(struct conf_ctx *ctx, const struct conf_keyword *kw,
		      const struct conf_node *node, void *target)
{
	struct track_ref ref = { .kind = (enum vrrp_tracker_kind)kw->min };
	uint32_t i;

	(void)target;
	conf_for_each(ctx, node, i)
	{
		ref.node = &ctx->nodes[i];
		if (ref.node->block)
			conf_say(ctx, CLASS_ERROR, ref.node, 0,
				 "here are names, not blocks");
		else
			vrrp_track_add_ref(ctx, ref, 1);
	}
}

/* "ADDRESS PORT", "fwmark N" or "group NAME", then as above */
void conf_bind_track_pool(struct conf_ctx *ctx, const struct conf_keyword *kw,
			  const struct conf_node *node, void *target)
{
	struct track_ref ref = { .node = node,
				 .word = 1,
				 .kind = VRRP_TRACK_POOL };

	(void)kw;
	(void)target;
	vrrp_track_add_ref(ctx, ref, 3);
}

static bool vrrp_track_same_source(const struct conf_ctx *ctx, uint32_t index,
				   const void *key)
{
	const struct vrrp_source_draft *have = &ctx->draft->vrrp->sources[index],
				       *want = key;

	return have->kind == want->kind && have->name_len == want->name_len &&
	       memcmp(have->name, want->name, want->name_len) == 0;
}

uint32_t conf_vrrp_find_source(const struct conf_ctx *ctx,
			       enum vrrp_tracker_kind kind,
			       const struct conf_word *name)
{
	struct vrrp_source_draft key = { .kind = kind,
					 .name = name->text,
					 .name_len = name->len };

	return conf_index_find(ctx, &ctx->draft->vrrp->source_set,
			       conf_hash(name->text, name->len),
			       vrrp_track_same_source, &key);
}

/*
 * "weight N [reverse]" in the block that describes it. That of a file is for
 * FILE_CHECK as well, whose weights have no such limit.
 */
void conf_bind_source_weight(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	struct vrrp_source_draft *draft = target;
	int8_t reverse = false;

	(void)kw;
	if (conf_vrrp_weight(ctx, node, 1,
			     draft->kind == VRRP_TRACK_FILE ?
				     INT32_MAX :
				     vrrp_track_weight_limit(draft->kind),
			     &draft->weight, &reverse))
		draft->reverse = reverse;
}

/* "USER [[:]GROUP]", also "USER:GROUP" */
static void vrrp_track_bind_user(struct conf_ctx *ctx,
				 const struct conf_keyword *kw,
				 const struct conf_node *node, void *target)
{
	struct vrrp_source_draft *draft = target;

	(void)kw;
	conf_get_user(ctx, node, 1, &draft->user, &draft->group);
}

static const struct conf_keyword script_keywords[] = {
	{ "script", .type = &conf_type_script, SCRIPT(script), .least = 1,
	  .most = 3, .flags = KW_SCRIPT, .data = conf_user_elsewhere },
	{ "interval", .type = &conf_type_time, SCRIPT(interval),
	  .preset = USEC_PER_SEC, .least = 1, .most = 1, .min = USEC_PER_MSEC,
	  .max = TIME_MAX },
	{ "timeout", .type = &conf_type_time, SCRIPT(timeout), .least = 1,
	  .most = 1, .min = 0, .max = TIME_MAX },
	{ "weight", conf_bind_source_weight, .least = 1, .most = 2 },
	{ "rise", .type = &conf_type_u32, SCRIPT(rise), .preset = 1, .least = 1,
	  .most = 1, .min = 1, .max = RISE_MAX },
	{ "fall", .type = &conf_type_u32, SCRIPT(fall), .preset = 1, .least = 1,
	  .most = 1, .min = 1, .max = RISE_MAX },
	{ "user", vrrp_track_bind_user, .least = 1, .most = 2 },
	/* The tracker keeps the value, for the vrrp process. */
	{ "init_fail", .type = &conf_type_true, SOURCE(init_fail) },
};

const struct conf_block conf_block_vrrp_script =
	CONF_BLOCK(BLOCK_VRRP_SCRIPT, "vrrp_script", script_keywords, NULL);

/* "init_file [N] [overwrite]" */
static void vrrp_track_bind_init_file(struct conf_ctx *ctx,
				      const struct conf_keyword *kw,
				      const struct conf_node *node,
				      void *target)
{
	struct vrrp_source_draft *draft = target;
	int64_t value;
	uint32_t i;

	draft->file.init = true;
	for (i = 1; i < node->nr_words; i++) {
		const struct conf_word *word = conf_word(ctx, node, i);

		if (conf_is(word, "overwrite"))
			draft->file.overwrite = true;
		else if (conf_vrrp_signed(word, INT32_MIN, INT32_MAX, &value))
			draft->file.init_value = value;
		else
			conf_bad_value(ctx, kw, node, i,
				       "a number, or 'overwrite',");
	}
}

static void vrrp_track_print_init_file(FILE *out, const char *indent,
				       const struct conf_keyword *kw,
				       const void *final)
{
	const struct pair_file *file = final;

	if (file->init)
		fprintf(out, "%s%s %" PRId64 "%s\n", indent, kw->name,
			file->init_value, file->overwrite ? " overwrite" : "");
}

static const struct conf_type track_init_file = {
	.bind = vrrp_track_bind_init_file,
	.print = vrrp_track_print_init_file,
};

static const struct conf_keyword file_keywords[] = {
	{ "file", .type = &conf_type_string,
	  CONF_BOTH(struct vrrp_source_draft, file, struct pair_file, path),
	  .least = 1, .most = 1 },
	{ "weight", conf_bind_source_weight, .least = 1, .most = 2 },
	{ "init_file", .type = &track_init_file, .kept = CONF_KEPT_WHOLE,
	  .most = 2 },
};

const struct conf_block conf_block_track_file =
	CONF_BLOCK(BLOCK_TRACK_FILE, "track_file", file_keywords, NULL);

/* "process NAME [ARGUMENT...]" */
static void vrrp_track_bind_process(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct vrrp_source_draft *draft = target;
	const struct conf_word *word = conf_word(ctx, node, 1);
	char **arguments;
	uint32_t i;

	(void)kw;
	draft->process.path = conf_string(ctx, word->text, word->len);
	if (node->nr_words < 3)
		return;
	arguments = arena_alloc(ctx->arena,
				(node->nr_words - 1) * sizeof(*arguments));
	for (i = 2; i < node->nr_words; i++) {
		word = conf_word(ctx, node, i);
		arguments[i - 2] =
			arena_strndup(ctx->arena, word->text, word->len);
	}
	draft->process.arguments = arguments;
}

static void vrrp_track_bind_match(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	struct vrrp_source_draft *draft = target;

	if (conf_is(word, "initial"))
		draft->process.match_initial = true;
	else if (conf_is(word, "partial"))
		draft->process.match_partial = true;
	else
		conf_bad_value(ctx, kw, node, 1, "initial or partial");
}

static void vrrp_track_bind_delay(struct conf_ctx *ctx,
				  const struct conf_keyword *kw,
				  const struct conf_node *node, void *target)
{
	struct vrrp_source_draft *draft = target;

	conf_bind_time(ctx, kw, node, target);
	draft->process.terminate_delay = draft->process.fork_delay;
}

static void vrrp_track_print_process(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *final)
{
	const struct pair_process *process = final;
	char **argument;

	fprintf(out, "%s%s \"%s\"", indent, kw->name, process->path);
	for (argument = process->arguments; argument && *argument; argument++)
		fprintf(out, " \"%s\"", *argument);
	fputc('\n', out);
}

static const struct conf_type track_process = {
	.bind = vrrp_track_bind_process,
	.print = vrrp_track_print_process,
};

static void vrrp_track_print_match(FILE *out, const char *indent,
				   const struct conf_keyword *kw,
				   const void *final)
{
	const struct pair_process *process = final;

	if (process->match_initial)
		fprintf(out, "%s%s initial\n", indent, kw->name);
	if (process->match_partial)
		fprintf(out, "%s%s partial\n", indent, kw->name);
}

static const struct conf_type track_match = {
	.bind = vrrp_track_bind_match,
	.print = vrrp_track_print_match,
};

/* No most is no line. */
static void vrrp_track_print_most(FILE *out, const char *indent,
				  const struct conf_keyword *kw,
				  const void *member)
{
	if (*(const uint32_t *)member != UINT32_MAX)
		conf_print_u32(out, indent, kw, member);
}

static void vrrp_track_preset_most(const struct conf_keyword *kw, void *member)
{
	*(uint32_t *)member = (uint32_t)kw->preset;
}

static const struct conf_type track_most = {
	.bind = conf_bind_u32,
	.print = vrrp_track_print_most,
	.preset = vrrp_track_preset_most,
};

#define PROCESS_DELAY \
	.least = 1, .most = 1, .min = 0, .max = 3600 * USEC_PER_SEC

static const struct conf_keyword process_keywords[] = {
	{ "process", .type = &track_process, .kept = CONF_KEPT_WHOLE,
	  .least = 1, .most = KW_ANY },
	{ "param_match", .type = &track_match, .kept = CONF_KEPT_WHOLE,
	  .least = 1, .most = 1 },
	{ "weight", conf_bind_source_weight, .least = 1, .most = 2 },
	{ "full_command", .type = &conf_type_true, PROCESS(full_command) },
	{ "quorum", .type = &conf_type_u32, PROCESS(quorum), .preset = 1,
	  .least = 1, .most = 1, .min = 1, .max = 65535 },
	{ "quorum_max", .type = &track_most, PROCESS(quorum_max),
	  .preset = UINT32_MAX, .least = 1, .most = 1, .min = 0, .max = 65535 },
	/* Sets the two delays below. */
	{ "delay", vrrp_track_bind_delay, SOURCE(process.fork_delay),
	  PROCESS_DELAY },
	{ "fork_delay", .type = &conf_type_time, PROCESS(fork_delay),
	  PROCESS_DELAY },
	{ "terminate_delay", .type = &conf_type_time, PROCESS(terminate_delay),
	  PROCESS_DELAY },
};

const struct conf_block conf_block_track_process = CONF_BLOCK(
	BLOCK_TRACK_PROCESS, "vrrp_track_process", process_keywords, NULL);

/* Does the block name its script, file or process? */
static bool vrrp_track_source_is_whole(struct conf_ctx *ctx,
				       const struct vrrp_source_draft *draft)
{
	const char *word = draft->kind == VRRP_TRACK_SCRIPT ? "script" :
			   draft->kind == VRRP_TRACK_FILE   ? "file" :
			   draft->kind == VRRP_TRACK_BFD    ? "neighbor_ip" :
							      "process";

	if (draft->script.script || draft->file.path || draft->process.path ||
	    addr_is_set(&draft->bfd.neighbor))
		return true;
	conf_say(ctx, CLASS_FAULT, draft->node, 1, "'%s' needs a '%s'",
		 draft->name, word);
	return false;
}

static void vrrp_track_source_finish(struct conf_ctx *ctx,
				     struct vrrp_source_draft *draft)
{
	struct conf_script script;

	draft->dropped = !vrrp_track_source_is_whole(ctx, draft);
	/* A session that nobody tracks is of use as well: to the neighbour. */
	draft->used = draft->kind == VRRP_TRACK_BFD;
	if (draft->kind == VRRP_TRACK_BFD && !draft->dropped)
		draft->dropped = !conf_bfd_settle(ctx, draft);
	if (draft->script.timeout == 0)
		draft->script.timeout = draft->script.interval;
	if (draft->script.script && draft->user) {
		script = *draft->script.script;
		script.user = draft->user;
		script.group = draft->group;
		draft->script.script = conf_share(ctx, &script, sizeof(script));
	}
	if (draft->script.script)
		conf_outside_script(ctx,
				    conf_line_of(ctx, draft->node, "script"),
				    "script", draft->script.script);
	if (draft->file.path && !draft->file.init)
		conf_outside_name(ctx, conf_line_of(ctx, draft->node, "file"),
				  "file", CONF_OUTSIDE_NUMBER,
				  draft->file.path);
	if (draft->process.quorum > draft->process.quorum_max &&
	    draft->process.quorum > 1) {
		conf_say(
			ctx, CLASS_FAULT, draft->node, 1,
			"'%s' can never be up: quorum %u is above quorum_max %u",
			draft->name, draft->process.quorum,
			draft->process.quorum_max);
	}
}

/* kw->min is the kind. */
void conf_bind_vrrp_source(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	enum vrrp_tracker_kind kind = (enum vrrp_tracker_kind)kw->min;
	const struct conf_word *name = conf_word(ctx, node, 1);
	bool known = conf_vrrp_find_source(ctx, kind, name) != UINT32_MAX;
	struct vrrp_draft *all = ctx->draft->vrrp;
	struct vrrp_source_draft draft = { .kind = kind, .node = node };

	(void)target;
	if (known)
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is a %s '%.*s' already", kw->name,
			 CONF_SHOW(name));
	conf_block_preset(kw->block, &draft);
	draft.weight = kind == VRRP_TRACK_FILE;
	draft.name = conf_string(ctx, name->text, name->len);
	draft.name_len = name->len;
	conf_bind_block(ctx, kw->block, node, &draft);
	vrrp_track_source_finish(ctx, &draft);
	if (known)
		return;
	all->sources = array_grow(all->sources, all->nr_sources,
				  &all->room_sources, sizeof(draft));
	index_put(&all->source_set, conf_hash(name->text, name->len),
		  (uint32_t)all->nr_sources);
	all->sources[all->nr_sources++] = draft;
}
