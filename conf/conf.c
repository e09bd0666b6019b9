/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conf_parse(): text to struct conf. */
#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lvs/draft.h"
#include "conf/vrrp/vrrp_blocks.h"

/* Drop the checks without users; uses get their final numbers. */
static void conf_place_checks(struct conf_ctx *ctx)
{
	struct conf_draft *draft = ctx->draft;
	struct conf *conf = ctx->conf;
	uint32_t *moved = xcalloc(draft->nr_checks, sizeof(*moved));
	struct conf_use *use;
	size_t i, j;

	conf->checks = arena_alloc(ctx->arena, (draft->nr_checks + 1) *
						       sizeof(*conf->checks));
	for (i = 0; i < draft->nr_checks; i++) {
		moved[i] = conf->nr_checks;
		if (draft->checks[i].nr_users)
			conf->checks[conf->nr_checks++] = draft->checks[i];
	}
	for (i = 0; i < conf->nr_servers; i++) {
		use = (struct conf_use *)(uintptr_t)conf->servers[i].uses;
		for (j = 0; j < conf->servers[i].nr_uses; j++, use++)
			use->check = moved[use->check];
	}
	free(moved);
}

static int conf_outside_cmp(const void *a, const void *b)
{
	const struct conf_outside *x = a, *y = b;

	if (x->pos.file != y->pos.file)
		return x->pos.file < y->pos.file ? -1 : 1;
	if (x->pos.line != y->pos.line)
		return x->pos.line < y->pos.line ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

static void conf_place_all(struct conf_ctx *ctx, bool checks_only)
{
	struct conf_draft *draft = ctx->draft;
	struct conf *conf = ctx->conf;

	conf->servers = draft->servers;
	conf->nr_servers = (uint32_t)draft->nr_servers;
	conf_place_checks(ctx);
	if (checks_only) {
		conf->servers = NULL;
		conf->nr_servers = 0;
	} else {
		conf->servers = arena_copy(ctx->arena, draft->servers,
					   draft->nr_servers,
					   sizeof(*draft->servers));
		conf->virtual_servers = arena_copy(ctx->arena, draft->vss,
						   draft->nr_vss,
						   sizeof(*draft->vss));
		conf->nr_virtual_servers = (uint32_t)draft->nr_vss;
	}
	if (ctx->nr_outside > 1)
		qsort(ctx->outside, ctx->nr_outside, sizeof(*ctx->outside),
		      conf_outside_cmp);
	conf->outside = arena_copy(ctx->arena, ctx->outside, ctx->nr_outside,
				   sizeof(*ctx->outside));
	conf->nr_outside = (uint32_t)ctx->nr_outside;
	if (ctx->nr_files == 0)
		ctx->nr_files = 1;
	conf->files = arena_copy(ctx->arena, ctx->files, ctx->nr_files,
				 sizeof(*ctx->files));
	conf->nr_files = (uint32_t)ctx->nr_files;
}

/* In a large file a server takes about four statements. */
static void conf_draft_reserve(struct conf_draft *draft, size_t servers)
{
	index_reserve(&draft->server_set, servers);
	index_reserve(&draft->check_set, servers);
	draft->room_servers = servers;
	draft->servers = xrealloc_array(NULL, servers, sizeof(*draft->servers));
	draft->room_checks = servers;
	draft->checks = xrealloc_array(NULL, servers, sizeof(*draft->checks));
}

static void conf_draft_free(struct conf_draft *draft)
{
	size_t i;

	for (i = 0; i < draft->nr_groups; i++)
		free(draft->groups[i].keys);
	free(draft->checks);
	index_free(&draft->check_set);
	free(draft->uses);
	free(draft->groups);
	free(draft->vss);
	free(draft->servers);
	free(draft->keys);
	index_free(&draft->group_set);
	index_free(&draft->key_set);
	index_free(&draft->server_set);
	free(draft->announces);
	free(draft->announced);
	index_free(&draft->announce_set);
	index_free(&draft->announced_set);
}

static void conf_ctx_free(struct conf_ctx *ctx)
{
	conf_vrrp_free(ctx->draft->vrrp);
	conf_draft_free(ctx->draft);
	free(ctx->shared);
	index_free(&ctx->shared_set);
	free(ctx->outside);
	index_free(&ctx->outside_set);
	free(ctx->complaints);
	free(ctx->files);
	free(ctx->tables);
	free(ctx->nodes);
	free(ctx->words);
	free(ctx->noted);
	arena_free(ctx->scratch);
}

/* The lexer relies on a '\n' at the end. */
static void conf_ctx_set_text(struct conf_ctx *ctx, const char *text,
			      size_t length)
{
	char *copy;

	ctx->text = text;
	ctx->length = length;
	if (length && text[length - 1] == '\n')
		return;
	copy = arena_alloc(ctx->scratch, length + 2);
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\n';
	ctx->text = copy;
	ctx->length = length + 1;
}

int conf_parse(const char *text, size_t length,
	       const struct conf_options *options, struct conf **conf,
	       struct conf_report *report)
{
	struct conf_draft draft = { 0 };
	struct vrrp_draft vrrp = { 0 };
	struct conf_ctx ctx = { .draft = &draft };
	uint32_t errors = report->errors;

	*conf = NULL;
	ctx.arena = arena_new();
	ctx.scratch = arena_new();
	ctx.conf = arena_alloc(ctx.arena, sizeof(*ctx.conf));
	ctx.conf->arena = ctx.arena;
	conf_vrrp_begin(&ctx, &vrrp);
	ctx.config_id = options ? options->config_id : NULL;
	ctx.compat = options && options->compat;
	ctx.vrrp_only = options && options->vrrp_only;
	ctx.files =
		array_grow(ctx.files, 0, &ctx.room_files, sizeof(*ctx.files));
	/* The file's name until a marker gives another. */
	ctx.files[0] = arena_strdup(ctx.arena, "configuration");
	conf_ctx_set_text(&ctx, text, length);
	if (length > CONF_TEXT_MAX)
		conf_complain(&ctx, CLASS_ERROR, (struct conf_place){ 0 },
			      "the configuration is longer than %zu bytes",
			      CONF_TEXT_MAX);
	else
		conf_tree_build(&ctx);
	conf_draft_reserve(&draft, ctx.nr_nodes / 4);
	if (ctx.nr_nodes)
		conf_bind_block(&ctx, &conf_block_file, &ctx.nodes[0],
				ctx.conf);
	if (ctx.nr_nodes)
		conf_sane_file(&ctx);
	conf_sane_mail(&ctx);
	conf_sane_marks(&ctx);
	conf_vrrp_finish(&ctx);
	conf_finish_announce(&ctx);
	ctx.compat |= ctx.conf->global.compat;
	ctx.conf->global.compat = ctx.compat;
	conf_complain_all(&ctx, report);
	if (report->errors == errors) {
		conf_place_all(&ctx, options && options->checks_only);
		*conf = ctx.conf;
	} else {
		arena_free(ctx.arena);
	}
	conf_ctx_free(&ctx);
	return *conf ? 0 : -EINVAL;
}

void conf_free(struct conf *conf)
{
	if (conf)
		arena_free(conf->arena);
}

int conf_exit_status(int result, const struct conf_report *report)
{
	if (result < 0 || report->errors)
		return 4;
	return report->warnings ? 5 : 0;
}

void conf_dest_endpoint(const struct service_key *key,
			const struct endpoint *addr,
			const struct conf_forward *forward,
			struct endpoint *out)
{
	*out = *addr;
	if (forward->method != FORWARD_NAT)
		out->port = key->vip.port;
}

bool conf_leaves(const struct conf *conf, enum conf_on_leave leave)
{
	uint32_t i;

	for (i = 0; i < conf->nr_virtual_servers; i++)
		if (conf->virtual_servers[i].on_leave >= leave)
			return true;
	return false;
}

uint32_t conf_payload_check(const struct conf *conf, uint32_t server)
{
	const struct conf_server *its = &conf->servers[server];
	uint32_t u;

	for (u = 0; u < its->nr_uses; u++)
		if (conf->checks[its->uses[u].check].traits.sends_payload)
			return its->uses[u].check;
	return UINT32_MAX;
}

bool conf_payload_service(const struct conf *conf, uint32_t server,
			  struct endpoint *service)
{
	const struct conf_server *its = &conf->servers[server];
	const struct conf_virtual_server *vs = &conf->virtual_servers[its->vs];
	uint32_t check = conf_payload_check(conf, server), k;

	if (vs->integrity.rate == 0 || check == UINT32_MAX ||
	    addr_cmp(&conf->checks[check].dst.addr, &its->addr.addr) != 0)
		return false;
	for (k = 0; k < vs->nr_keys; k++) {
		if (vs->keys[k].fwmark != 0 ||
		    vs->keys[k].vip.addr.family != its->addr.addr.family)
			continue;
		*service = vs->keys[k].vip;
		service->port = conf->checks[check].dst.port;
		return true;
	}
	return false;
}

static bool conf_sends_as_client(const struct conf *conf)
{
	struct endpoint service;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++)
		if (conf_payload_service(conf, i, &service))
			return true;
	return false;
}

bool conf_probes_as_client(const struct conf *conf)
{
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++)
		if (conf->checks[i].client)
			return true;
	return conf_sends_as_client(conf);
}

static bool conf_server_uses(const struct conf_server *server, uint32_t check)
{
	uint32_t u;

	for (u = 0; u < server->nr_uses; u++)
		if (server->uses[u].check == check)
			return true;
	return false;
}

int conf_kill_spare(const struct conf *conf, uint32_t check, char *out,
		    size_t size)
{
	const char *last = NULL;
	size_t used = 0;
	uint32_t i;

	out[0] = '\0';
	for (i = 0; i < conf->nr_servers; i++) {
		const char *spare =
			conf->virtual_servers[conf->servers[i].vs].kill_spare;
		size_t length = spare ? strlen(spare) : 0;

		/* Equal strings are stored once, and pools are often alike. */
		if (length == 0 || spare == last ||
		    !conf_server_uses(&conf->servers[i], check))
			continue;
		last = spare;
		if (used + length + 2 > size)
			return -E2BIG;
		if (used > 0)
			out[used++] = '\n';
		memcpy(out + used, spare, length + 1);
		used += length;
	}
	return 0;
}
