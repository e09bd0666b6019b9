/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tracking by instances and groups: the blocks that describe trackers
 * (vrrp_script, track_file, vrrp_track_process), and the lines that use them. A
 * line may name a tracker that is described later in the file, see
 * vrrp_resolve.c.
 */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

#define SOURCE(member) offsetof(struct vrrp_source_draft, member)

/* The largest weight of a kind of tracker. */
static int32_t vrrp_track_weight_limit(enum vrrp_tracker_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_INTERFACE:
	case VRRP_TRACK_SCRIPT:
	case VRRP_TRACK_POOL:
	case VRRP_TRACK_FIREWALL:
		return 253;
	case VRRP_TRACK_PROCESS:
	case VRRP_TRACK_FILE:
		return 254;
	}
	return 0;
}

/* "N [reverse|noreverse]" at index WORD. */
static bool vrrp_track_weight_words(struct conf_ctx *ctx,
				    const struct conf_node *node, uint32_t word,
				    int32_t limit, int32_t *weight,
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
		if (!vrrp_track_weight_words(ctx, ref.node, weight + 1,
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
				 "here stand names, no blocks");
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

	return conf_set_find(ctx, &ctx->draft->vrrp->source_set,
			     conf_hash(name->text, name->len),
			     vrrp_track_same_source, &key);
}

/* "weight N [reverse]" in the block that describes it */
static void vrrp_track_bind_weight(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct vrrp_source_draft *draft = target;
	int8_t reverse = false;

	(void)kw;
	if (vrrp_track_weight_words(ctx, node, 1,
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
	{ "script", conf_bind_script, .offset = SOURCE(script.script),
	  .least = 1, .most = 3, .flags = KW_SCRIPT,
	  .data = conf_user_elsewhere },
	{ "interval", conf_bind_time, .offset = SOURCE(script.interval),
	  .least = 1, .most = 1, .min = USEC_PER_MSEC, .max = TIME_MAX },
	{ "timeout", conf_bind_time, .offset = SOURCE(script.timeout),
	  .least = 1, .most = 1, .min = 0, .max = TIME_MAX },
	{ "weight", vrrp_track_bind_weight, .least = 1, .most = 2 },
	{ "rise", conf_bind_u32, .offset = SOURCE(script.rise), .least = 1,
	  .most = 1, .min = 1, .max = RISE_MAX },
	{ "fall", conf_bind_u32, .offset = SOURCE(script.fall), .least = 1,
	  .most = 1, .min = 1, .max = RISE_MAX },
	{ "user", vrrp_track_bind_user, .least = 1, .most = 2 },
	{ "init_fail", conf_bind_true, .offset = SOURCE(init_fail) },
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

static const struct conf_keyword file_keywords[] = {
	{ "file", conf_bind_string, .offset = SOURCE(file.path), .least = 1,
	  .most = 1 },
	{ "weight", vrrp_track_bind_weight, .least = 1, .most = 2 },
	{ "init_file", vrrp_track_bind_init_file, .most = 2 },
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

static const struct conf_keyword process_keywords[] = {
	{ "process", vrrp_track_bind_process, .least = 1, .most = KW_ANY },
	{ "param_match", vrrp_track_bind_match, .least = 1, .most = 1 },
	{ "weight", vrrp_track_bind_weight, .least = 1, .most = 2 },
	{ "quorum", conf_bind_u32, .offset = SOURCE(process.quorum), .least = 1,
	  .most = 1, .min = 1, .max = 65535 },
	{ "quorum_max", conf_bind_u32, .offset = SOURCE(process.quorum_max),
	  .least = 1, .most = 1, .min = 0, .max = 65535 },
	{ "delay", vrrp_track_bind_delay, .offset = SOURCE(process.fork_delay),
	  .least = 1, .most = 1, .min = 0, .max = 3600 * USEC_PER_SEC },
	{ "fork_delay", conf_bind_time, .offset = SOURCE(process.fork_delay),
	  .least = 1, .most = 1, .min = 0, .max = 3600 * USEC_PER_SEC },
	{ "terminate_delay", conf_bind_time,
	  .offset = SOURCE(process.terminate_delay), .least = 1, .most = 1,
	  .min = 0, .max = 3600 * USEC_PER_SEC },
	{ "full_command", conf_bind_true,
	  .offset = SOURCE(process.full_command) },
};

const struct conf_block conf_block_track_process = CONF_BLOCK(
	BLOCK_TRACK_PROCESS, "vrrp_track_process", process_keywords, NULL);

static void vrrp_track_source_begin(struct vrrp_source_draft *draft,
				    enum vrrp_tracker_kind kind)
{
	memset(draft, 0, sizeof(*draft));
	draft->kind = kind;
	draft->weight = kind == VRRP_TRACK_FILE;
	draft->script.interval = USEC_PER_SEC;
	draft->script.rise = draft->script.fall = 1;
	draft->process.quorum = 1;
	draft->process.quorum_max = UINT32_MAX;
}

/* Does the block name its script, file or process? */
static bool vrrp_track_source_is_whole(struct conf_ctx *ctx,
				       const struct vrrp_source_draft *draft)
{
	const char *word = draft->kind == VRRP_TRACK_SCRIPT ? "script" :
			   draft->kind == VRRP_TRACK_FILE   ? "file" :
							      "process";

	if (draft->script.script || draft->file.path || draft->process.path)
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
				    conf_vrrp_line(ctx, draft->node, "script"),
				    "script", draft->script.script);
	if (draft->file.path && !draft->file.init)
		conf_outside_name(ctx, conf_vrrp_line(ctx, draft->node, "file"),
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
	struct vrrp_source_draft draft;

	(void)target;
	if (known)
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "there is a %s '%.*s' already", kw->name,
			 CONF_SHOW(name));
	vrrp_track_source_begin(&draft, kind);
	draft.node = node;
	draft.name = conf_string(ctx, name->text, name->len);
	draft.name_len = name->len;
	conf_bind_block(ctx, kw->block, node, &draft);
	vrrp_track_source_finish(ctx, &draft);
	if (known)
		return;
	all->sources = array_grow(all->sources, all->nr_sources,
				  &all->room_sources, sizeof(draft));
	conf_set_add(&all->source_set, conf_hash(name->text, name->len),
		     (uint32_t)all->nr_sources);
	all->sources[all->nr_sources++] = draft;
}
