/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * auth_hmac of a vrrp_instance: keys, and how strictly adverts are judged by
 * them. A key is a secret, so no message shows a value of this block.
 */
#include <stddef.h>
#include <string.h>

#include "conf/lang/outside.h"
#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"

#define HMAC(member)                                                         \
	CONF_BOTH(struct vrrp_instance_draft, vi, struct vrrp_conf_instance, \
		  hmac.member)

#define WINDOW_LEAST 5 /* s, of a window that no line sets */
#define WINDOW_ADVERTS 3

static const char hmac_file[] = "file:";
/* As long as a key must be, so that the print can be read. */
static const char hmac_hidden[] = "********************************";

static const struct conf_choice hmac_replay_names[] = {
	{ "time", false },
	{ "monotonic", true },
	{ NULL, 0 },
};

static const struct conf_choice hmac_mode_names[] = {
	{ "enforce", VRRP_SIGNING_ENFORCE },
	{ "permissive", VRRP_SIGNING_PERMISSIVE },
	{ "receive-only", VRRP_SIGNING_RECEIVE },
	{ NULL, 0 },
};

static const struct vrrp_conf_key *
vrrp_hmac_find(const struct vrrp_conf_hmac *hmac, uint8_t id)
{
	uint32_t i;

	for (i = 0; i < hmac->nr_keys; i++) {
		if (hmac->keys[i].id == id)
			return &hmac->keys[i];
	}
	return NULL;
}

/* At most 255 keys have another id each, so a copy for each is cheap. */
static void vrrp_hmac_add(struct conf_ctx *ctx, struct vrrp_conf_hmac *hmac,
			  const struct vrrp_conf_key *key)
{
	struct vrrp_conf_key *keys =
		arena_alloc(ctx->arena, (hmac->nr_keys + 1) * sizeof(*keys));

	if (hmac->nr_keys > 0)
		memcpy(keys, hmac->keys, hmac->nr_keys * sizeof(*keys));
	keys[hmac->nr_keys++] = *key;
	hmac->keys = keys;
}

/* "key ID VALUE": "file:PATH", "hex:DIGITS", or the bytes. */
static void vrrp_hmac_bind_key(struct conf_ctx *ctx,
			       const struct conf_keyword *kw,
			       const struct conf_node *node, void *target)
{
	struct vrrp_conf_hmac *hmac =
		&((struct vrrp_instance_draft *)target)->vi.hmac;
	const struct conf_word *value = conf_word(ctx, node, 2);
	struct vrrp_conf_key key = { 0 };
	const char *wrong = NULL;

	if (!conf_vrrp_byte(conf_word(ctx, node, 1), &key.id) || key.id == 0) {
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "the first value of 'key' is its number, 1 to 255");
		return;
	}
	if (vrrp_hmac_find(hmac, key.id)) {
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "there is a key %u already: this one is ignored",
			 key.id);
		return;
	}
	if (value->len > strlen(hmac_file) &&
	    memcmp(value->text, hmac_file, strlen(hmac_file)) == 0) {
		key.file = conf_string(ctx, value->text + strlen(hmac_file),
				       value->len - strlen(hmac_file));
		conf_outside_name(ctx, node, kw->name, CONF_OUTSIDE_SECRET,
				  key.file);
	} else {
		wrong = vrrp_conf_key_read(&key, value->text, value->len);
	}
	if (wrong)
		conf_say(ctx, CLASS_FAULT, node, 0, "key %u %s", key.id, wrong);
	else
		vrrp_hmac_add(ctx, hmac, &key);
	explicit_bzero(&key, sizeof(key));
}

/* The path of a file is no secret; a key is shown to be there. */
static void vrrp_hmac_print_keys(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *member)
{
	const struct vrrp_conf_hmac *hmac = member;
	uint32_t i;

	for (i = 0; i < hmac->nr_keys; i++) {
		if (hmac->keys[i].file)
			fprintf(out, "%s%s %u \"%s%s\"\n", indent, kw->name,
				hmac->keys[i].id, hmac_file,
				hmac->keys[i].file);
		else
			fprintf(out, "%s%s %u %s\n", indent, kw->name,
				hmac->keys[i].id, hmac_hidden);
	}
}

static bool vrrp_hmac_same_key(const struct vrrp_conf_key *a,
			       const struct vrrp_conf_key *b)
{
	return a->id == b->id && a->length == b->length &&
	       memcmp(a->data, b->data, sizeof(a->data)) == 0 &&
	       str_equal(a->file, b->file);
}

static bool vrrp_hmac_equal_keys(const void *a, const void *b)
{
	const struct vrrp_conf_hmac *one = a, *other = b;
	uint32_t i;

	if (one->nr_keys != other->nr_keys)
		return false;
	for (i = 0; i < one->nr_keys; i++) {
		if (!vrrp_hmac_same_key(&one->keys[i], &other->keys[i]))
			return false;
	}
	return true;
}

static const struct conf_type vrrp_hmac_keys = {
	.bind = vrrp_hmac_bind_key,
	.print = vrrp_hmac_print_keys,
	.equal = vrrp_hmac_equal_keys,
};

static const struct conf_keyword hmac_keywords[] = {
	{ "key", .type = &vrrp_hmac_keys,
	  .kept = CONF_KEPT(struct vrrp_conf_instance, hmac), .least = 2,
	  .most = 2, .flags = KW_SECRET | KW_REPEAT },
	{ "active_key", .type = &conf_type_u8, HMAC(active_key),
	  .flags = KW_ZERO_UNSET, .least = 1, .most = 1, .min = 1, .max = 255 },
	{ "anti_replay", .type = &conf_type_either, .data = hmac_replay_names,
	  HMAC(monotonic), .least = 1, .most = 1 },
	{ "time_window", .type = &conf_type_u32, HMAC(window),
	  .flags = KW_ZERO_UNSET, .least = 1, .most = 1, .min = 1, .max = 300 },
	{ "mode", .type = &conf_type_choice, .data = hmac_mode_names,
	  HMAC(mode), .least = 1, .most = 1 },
};

const struct conf_block conf_block_vrrp_hmac =
	CONF_BLOCK(BLOCK_VRRP_HMAC, "auth_hmac", hmac_keywords, NULL);

static void vrrp_hmac_bind(struct conf_ctx *ctx, const struct conf_keyword *kw,
			   const struct conf_node *node, void *target)
{
	((struct vrrp_instance_draft *)target)->hmac = node;
	conf_bind_inner(ctx, kw, node, target);
}

static void vrrp_hmac_print(FILE *out, const char *indent,
			    const struct conf_keyword *kw, const void *final)
{
	const struct vrrp_conf_instance *vi = final;

	if (vi->hmac.nr_keys > 0)
		conf_print_inner(out, indent, kw, final);
}

static bool vrrp_hmac_equal(const void *a, const void *b)
{
	return conf_block_equal(&conf_block_vrrp_hmac, a, b);
}

const struct conf_type vrrp_type_hmac = {
	.bind = vrrp_hmac_bind,
	.print = vrrp_hmac_print,
	.equal = vrrp_hmac_equal,
};

static const char *vrrp_hmac_wrong(const struct vrrp_conf_hmac *hmac)
{
	if (hmac->nr_keys == 0)
		return "'auth_hmac' needs a 'key'";
	if (hmac->mode == VRRP_SIGNING_RECEIVE)
		return NULL;
	if (hmac->active_key == 0)
		return "'auth_hmac' needs an 'active_key', the number of the key that adverts are signed with";
	if (!vrrp_hmac_find(hmac, hmac->active_key))
		return "'active_key' is the number of a 'key', and there is none with it";
	return NULL;
}

/* As long as three adverts, in whole seconds. */
static uint32_t vrrp_hmac_window(const struct vrrp_conf_instance *vi)
{
	usec_t adverts = (WINDOW_ADVERTS * vi->interval + USEC_PER_SEC - 1) /
			 USEC_PER_SEC;

	return adverts > WINDOW_LEAST ? (uint32_t)adverts : WINDOW_LEAST;
}

void conf_vrrp_settle_hmac(struct conf_ctx *ctx,
			   struct vrrp_instance_draft *draft)
{
	struct vrrp_conf_hmac *hmac = &draft->vi.hmac;
	const char *wrong;

	if (!draft->hmac)
		return;
	wrong = vrrp_hmac_wrong(hmac);
	if (wrong) {
		conf_say(ctx, CLASS_FAULT, draft->hmac, 0, "%s", wrong);
		memset(hmac, 0, sizeof(*hmac));
		return;
	}
	if (draft->vi.strict && hmac->mode != VRRP_SIGNING_ENFORCE) {
		conf_say(
			ctx, CLASS_FAULT, draft->hmac, 0,
			"'strict_mode' needs 'mode enforce': an advert without signature would count");
		hmac->mode = VRRP_SIGNING_ENFORCE;
	}
	if (hmac->window == 0)
		hmac->window = vrrp_hmac_window(&draft->vi);
}
