/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words of global_defs about the daemon's own processes: their names and
 * how the kernel runs them, the scripts around the daemon's life, the rights of
 * the files it makes.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"

#define GLOBAL(member) CONF_MEMBER(struct conf_global, member)

static void process_words_preset_umask(const struct conf_keyword *kw,
				       void *member)
{
	*(uint32_t *)member = (uint32_t)kw->preset;
}

/* The letters of umask's bits, "IWGRP | IROTH". */
static const struct conf_choice process_words_bits[] = {
	{ "IRUSR", 0400 }, { "IWUSR", 0200 }, { "IXUSR", 0100 },
	{ "IRGRP", 040 },  { "IWGRP", 020 },  { "IXGRP", 010 },
	{ "IROTH", 04 },   { "IWOTH", 02 },   { "IXOTH", 01 },
	{ "IRWXU", 0700 }, { "IRWXG", 070 },  { "IRWXO", 07 },
	{ NULL, 0 },
};

#define UMASK_MAX 0777

/* A number as C writes it: 022, 0x12, 18. */
static bool process_words_get_mask(const struct conf_word *word, uint32_t *mask)
{
	char text[16], *end;
	unsigned long value;

	if (word->len == 0 || word->len >= sizeof(text) ||
	    word->text[0] < '0' || word->text[0] > '9')
		return false;
	memcpy(text, word->text, word->len);
	text[word->len] = '\0';
	value = strtoul(text, &end, 0);
	*mask = (uint32_t)value;
	return *end == '\0' && value <= UMASK_MAX;
}

static bool process_words_add_bit(const char *name, size_t len, uint32_t *mask)
{
	const struct conf_choice *bit;

	for (bit = process_words_bits; bit->word; bit++) {
		if (strlen(bit->word) != len ||
		    memcmp(bit->word, name, len) != 0)
			continue;
		*mask |= (uint32_t)bit->value;
		return true;
	}
	return false;
}

/* Names with a '|' between them, and with blanks or without. */
static bool process_words_add_bits(const struct conf_word *word, uint32_t *mask)
{
	const char *at = word->text, *end = word->text + word->len, *bar;

	if (at == end)
		return false;
	for (; at < end; at = bar + 1) {
		bar = memchr(at, '|', (size_t)(end - at));
		if (!bar)
			bar = end;
		if (bar > at &&
		    !process_words_add_bit(at, (size_t)(bar - at), mask))
			return false;
	}
	return true;
}

static void process_words_bind_umask(struct conf_ctx *ctx,
				     const struct conf_keyword *kw,
				     const struct conf_node *node, void *target)
{
	uint32_t *out = (void *)((char *)target + kw->offset), mask = 0, i;

	if (node->nr_words == 2 &&
	    process_words_get_mask(conf_word(ctx, node, 1), &mask)) {
		*out = mask;
		return;
	}
	for (i = 1, mask = 0; i < node->nr_words; i++) {
		if (process_words_add_bits(conf_word(ctx, node, i), &mask))
			continue;
		conf_bad_value(
			ctx, kw, node, i,
			"a number up to 0777, or bits like IWGRP | IWOTH");
		return;
	}
	*out = mask;
}

static void process_words_print_umask(FILE *out, const char *indent,
				      const struct conf_keyword *kw,
				      const void *member)
{
	uint32_t mask = *(const uint32_t *)member;

	if (mask != CONF_UMASK_LEFT)
		fprintf(out, "%s%s 0%o\n", indent, kw->name, mask);
}

static const struct conf_type process_words_umask = {
	.bind = process_words_bind_umask,
	.print = process_words_print_umask,
	.equal = conf_equal_u32,
	.preset = process_words_preset_umask,
};

static void process_words_bind_cpus(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct scheduling_cpus cpus = { { 0 } };
	uint64_t cpu;
	uint32_t i;

	for (i = 1; i < node->nr_words; i++) {
		if (!conf_get_number(conf_word(ctx, node, i),
				     SCHEDULING_CPUS - 1, &cpu)) {
			conf_bad_value(ctx, kw, node, i,
				       "the number of a processor, 0 to 1023");
			return;
		}
		cpus.bits[cpu / 64] |= UINT64_C(1) << cpu % 64;
	}
	*(struct scheduling_cpus *)(void *)((char *)target + kw->offset) = cpus;
}

static void process_words_print_cpus(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *member)
{
	const struct scheduling_cpus *cpus = member;
	uint32_t cpu;

	if (!scheduling_has_cpus(cpus))
		return;
	fprintf(out, "%s%s", indent, kw->name);
	for (cpu = 0; cpu < SCHEDULING_CPUS; cpu++)
		if (cpus->bits[cpu / 64] >> cpu % 64 & 1)
			fprintf(out, " %u", cpu);
	fputc('\n', out);
}

static bool process_words_equal_cpus(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct scheduling_cpus)) == 0;
}

const struct conf_type conf_type_cpus = {
	.bind = process_words_bind_cpus,
	.print = process_words_print_cpus,
	.equal = process_words_equal_cpus,
};

/* The kernel keeps 15 bytes of it. */
static void process_words_bind_name(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);
	uint32_t i;

	for (i = 0; i < word->len; i++)
		if (word->text[i] < ' ')
			break;
	if (word->len == 0 || word->len > 15 || i < word->len)
		conf_bad_value(ctx, kw, node, 1, "a name of up to 15 bytes");
	else
		conf_bind_string(ctx, kw, node, target);
}

const struct conf_type conf_type_title = {
	.bind = process_words_bind_name,
	.print = conf_print_string,
	.equal = conf_equal_string,
};

#define PROCESS_SCRIPT(word, member)                                           \
	{                                                                      \
		(word), .type = &conf_type_script, GLOBAL(member), .least = 1, \
			.most = 3, .flags = KW_SCRIPT                          \
	}
#define PROCESS_SECONDS(word, member)                                      \
	{                                                                  \
		(word), .type = &conf_type_u32, GLOBAL(member),            \
			.flags = KW_USUAL_UNSET, .preset = 10, .least = 1, \
			.most = 1, .min = 1, .max = 1000                   \
	}

/* An absolute path. */
static void process_words_bind_path(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);

	if (word->len > 1 && word->text[0] == '/')
		conf_bind_string(ctx, kw, node, target);
	else
		conf_bad_value(ctx, kw, node, 1, "an absolute path");
}

static const struct conf_type process_words_path = {
	.bind = process_words_bind_path,
	.print = conf_print_string,
	.equal = conf_equal_string,
};

/* A name below /run/netns, or below the run directory; DATA describes it. */
static void process_words_bind_folder(struct conf_ctx *ctx,
				      const struct conf_keyword *kw,
				      const struct conf_node *node,
				      void *target)
{
	const struct conf_word *word = conf_word(ctx, node, 1);

	if (word->len > 0 && word->len < 128 && word->text[0] != '.' &&
	    !memchr(word->text, '/', word->len))
		conf_bind_string(ctx, kw, node, target);
	else
		conf_bad_value(ctx, kw, node, 1, kw->data);
}

static const struct conf_type process_words_folder = {
	.bind = process_words_bind_folder,
	.print = conf_print_string,
	.equal = conf_equal_string,
};

/* "reload_file [PATH]" */
static void process_words_bind_mark(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct conf_global *global = target;

	global->reload_marked = true;
	global->reload_file = NULL;
	if (node->nr_words > 1)
		process_words_path.bind(ctx, kw, node, target);
}

static void process_words_print_mark(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *final)
{
	const struct conf_global *global = final;

	if (global->reload_file)
		conf_print_quoted(out, indent, kw->name, global->reload_file);
	else if (global->reload_marked)
		fprintf(out, "%s%s\n", indent, kw->name);
}

static bool process_words_equal_mark(const void *a, const void *b)
{
	const struct conf_global *one = a, *other = b;

	return one->reload_marked == other->reload_marked &&
	       str_equal(one->reload_file, other->reload_file);
}

static const struct conf_type process_words_mark = {
	.bind = process_words_bind_mark,
	.print = process_words_print_mark,
	.equal = process_words_equal_mark,
};

/* MEMBER of PROCESS, which is a struct conf_process of struct conf_global. */
#define OWN(process, member)                                      \
	.offset = offsetof(struct conf_global, process) +         \
		  offsetof(struct conf_process, member),          \
	.kept = (uint32_t)offsetof(struct conf_global, process) + \
		CONF_KEPT(struct conf_process, member)

/* The words that a process has of its own: its name and how it is run. */
#define PROCESS_WORDS(word, process)                                          \
	{ word "_process_name", .type = &conf_type_title, OWN(process, name), \
	  .least = 1, .most = 1 },                                            \
		{ word "_priority", .type = &vrrp_type_nice,                  \
		  OWN(process, scheduling.nice), .least = 1, .most = 1 },     \
		{ word "_rt_priority",                                        \
		  .type = &conf_type_u32,                                     \
		  OWN(process, scheduling.rt_priority),                       \
		  .flags = KW_ZERO_UNSET,                                     \
		  .least = 1,                                                 \
		  .most = 1,                                                  \
		  .min = 1,                                                   \
		  .max = 99 },                                                \
		{ word "_rlimit_rttime",                                      \
		  .type = &conf_type_u32,                                     \
		  OWN(process, scheduling.rlimit_rttime),                     \
		  .flags = KW_ZERO_UNSET,                                     \
		  .least = 1,                                                 \
		  .most = 1,                                                  \
		  .min = 1,                                                   \
		  .max = INT32_MAX },                                         \
		{ word "_rlimit_rtime",                                       \
		  .type = &conf_type_u32,                                     \
		  .offset = offsetof(struct conf_global, process) +           \
			    offsetof(struct conf_process,                     \
				     scheduling.rlimit_rttime),               \
		  .least = 1,                                                 \
		  .most = 1,                                                  \
		  .min = 1,                                                   \
		  .max = INT32_MAX,                                           \
		  .same = word "_rlimit_rttime" },                            \
		{ word "_no_swap", .type = &conf_type_flag,                   \
		  OWN(process, scheduling.lock_memory), .most = 1 },          \
	{                                                                     \
		word "_cpu_affinity", .type = &conf_type_cpus,                \
				      OWN(process, scheduling.cpus),          \
				      .least = 1, .most = KW_ANY              \
	}

static const struct conf_keyword process_keywords[] = {
	PROCESS_SCRIPT("startup_script", startup.script),
	PROCESS_SECONDS("startup_script_timeout", startup.seconds),
	PROCESS_SCRIPT("shutdown_script", shutdown.script),
	PROCESS_SECONDS("shutdown_script_timeout", shutdown.seconds),
	{ "umask", .type = &process_words_umask, GLOBAL(file_mask),
	  .preset = CONF_UMASK_LEFT, .least = 1, .most = KW_ANY },
	{ "reload_time_file", .type = &process_words_path,
	  GLOBAL(reload_time_file), .least = 1, .most = 1 },
	{ "reload_repeat", .type = &conf_type_flag, GLOBAL(reload_repeat),
	  .most = 1 },
	{ "reload_file", .type = &process_words_mark, .kept = CONF_KEPT_WHOLE,
	  .offset = offsetof(struct conf_global, reload_file), .most = 1 },
	{ "lvs_netlink_monitor_rcv_bufs", .type = &conf_type_u32,
	  GLOBAL(monitor_buffer), .flags = KW_ZERO_UNSET, .least = 1, .most = 1,
	  .min = 1, .max = INT32_MAX },
	{ "lvs_netlink_monitor_rcv_bufs_force", .type = &conf_type_flag,
	  GLOBAL(monitor_force), .most = 1 },
	{ "rs_init_notifies", .type = &conf_type_flag, GLOBAL(init_notifies),
	  .most = 1 },
	/* The seed counts as the file is read (read.c). */
	{ "random_seed", .type = &conf_type_u32, GLOBAL(random_seed),
	  .flags = KW_ZERO_UNSET, .least = 1, .most = 1, .min = 0,
	  .max = UINT32_MAX },
	/* They count as the file is read (tables.c). */
	{ "iproute_usr_dir", .type = &conf_type_string, GLOBAL(iproute_usr_dir),
	  .least = 1, .most = 1 },
	{ "iproute_etc_dir", .type = &conf_type_string, GLOBAL(iproute_etc_dir),
	  .least = 1, .most = 1 },
	{ "set_supplementary_groups", .type = &conf_type_flag,
	  GLOBAL(supplementary_groups), .most = 1 },
	/* A script is run by the path of the file, links and all. */
	{ .name = "use_symlink_paths", .most = KW_ANY },
	/* Each process has a name of its own in any case. */
	{ .name = "process_names", .most = KW_ANY },
	{ "process_name", .type = &conf_type_title, GLOBAL(process_name),
	  .least = 1, .most = 1 },
	PROCESS_WORDS("checker", checker_process),
	{ "lvs_process_name", .type = &conf_type_title,
	  .offset = offsetof(struct conf_global, checker_process.name),
	  .least = 1, .most = 1, .same = "checker_process_name" },
	PROCESS_WORDS("bfd", bfd_process),
};

/*
 * Words of the file's own level, kept with those of global_defs, which may stand
 * before or behind.
 */
static void process_words_bind_outer(struct conf_ctx *ctx,
				     const struct conf_keyword *kw,
				     const struct conf_node *node, void *target)
{
	struct conf_global *draft = &ctx->draft->vrrp->global.global;

	(void)target;
	kw->type->bind(ctx, kw, node, draft);
	ctx->conf->global.child_wait = draft->child_wait;
	ctx->conf->global.net_namespace = draft->net_namespace;
	ctx->conf->global.net_namespace_ipvs = draft->net_namespace_ipvs;
	ctx->conf->global.instance = draft->instance;
}

static const struct conf_keyword process_file_keywords[] = {
	{ "child_wait_time", process_words_bind_outer, .type = &conf_type_u32,
	  GLOBAL(child_wait), .flags = KW_USUAL_UNSET, .preset = 5, .least = 1,
	  .most = 1, .min = 1, .max = 3600 },
	{ "net_namespace", process_words_bind_outer,
	  .type = &process_words_folder, GLOBAL(net_namespace), .least = 1,
	  .most = 1, .data = "the name of a network namespace" },
	{ "net_namespace_ipvs", process_words_bind_outer,
	  .type = &process_words_folder, GLOBAL(net_namespace_ipvs), .least = 1,
	  .most = 1, .data = "the name of a network namespace" },
	{ "instance", process_words_bind_outer, .type = &process_words_folder,
	  GLOBAL(instance), .least = 1, .most = 1,
	  .data = "a name without '/'" },
	/* Sets are always those of the namespace. */
	{ .name = "namespace_with_ipsets" },
	/* The pid file is in a folder of its own in any case. */
	{ .name = "use_pid_dir" },
};

const struct conf_block conf_block_process_file =
	CONF_BLOCK(BLOCK_PROCESS_FILE, "the file", process_file_keywords, NULL);

const struct conf_block conf_block_process =
	CONF_BLOCK(BLOCK_PROCESS, "global_defs", process_keywords,
		   &conf_block_global_idle);
