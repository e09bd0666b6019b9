/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Notify words, pipes, and lvs_sync_daemon, which feeds the other balancer. */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_blocks.h"

/* The command may be missing: the pipes report DELETED all the same. */
static void notify_bind_deleted(struct conf_ctx *ctx,
				const struct conf_keyword *kw,
				const struct conf_node *node, void *target)
{
	if (node->nr_words > 1)
		conf_bind_script(ctx, kw, node, target);
}

static void notify_print_deleted(FILE *out, const char *indent,
				 const struct conf_keyword *kw,
				 const void *member)
{
	conf_type_script.print(out, indent, kw, member);
}

const struct conf_type vrrp_type_deleted = {
	.bind = notify_bind_deleted,
	.print = notify_print_deleted,
};

/* "PATH [USER [GROUP]]" */
static void notify_bind_fifo(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	struct pair_fifo *fifo = (void *)((char *)target + kw->offset);
	const struct conf_word *word = conf_word(ctx, node, 1);

	fifo->path = conf_string(ctx, word->text, word->len);
	fifo->user = fifo->group = NULL;
	if (node->nr_words > 2)
		conf_get_user(ctx, node, 2, &fifo->user, &fifo->group);
	conf_outside_user(ctx, node, kw->name, fifo->user, fifo->group);
}

static void notify_print_fifo(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	const struct pair_fifo *fifo = member;

	if (!fifo->path)
		return;
	fprintf(out, "%s%s \"%s\"", indent, kw->name, fifo->path);
	if (fifo->user)
		fprintf(out, " \"%s\"", fifo->user);
	if (fifo->user && fifo->group)
		fprintf(out, " \"%s\"", fifo->group);
	fputc('\n', out);
}

const struct conf_type vrrp_type_fifo = {
	.bind = notify_bind_fifo,
	.print = notify_print_fifo,
};

/* A number behind one of the words of lvs_sync_daemon; 0: none of them. */
static bool vrrp_notify_sync_number(struct conf_ctx *ctx,
				    const struct conf_node *node, uint32_t at,
				    uint64_t min, uint64_t max, uint64_t *value)
{
	if (at + 1 < node->nr_words &&
	    conf_get_number(conf_word(ctx, node, at + 1), max, value) &&
	    *value >= min)
		return true;
	conf_say(ctx, CLASS_FAULT, node, at + 1 < node->nr_words ? at + 1 : at,
		 "'%.*s' needs a number from %u to %u",
		 CONF_SHOW(conf_word(ctx, node, at)), (unsigned)min,
		 (unsigned)max);
	return false;
}

/* The word at AT with its value; false after complaining, or if unknown. */
static bool vrrp_notify_sync_word(struct conf_ctx *ctx,
				  const struct conf_node *node, uint32_t at,
				  struct sync_draft *draft, bool *known)
{
	const struct conf_word *word = conf_word(ctx, node, at);
	uint64_t value;

	*known = true;
	if (conf_is(word, "id")) {
		if (!vrrp_notify_sync_number(ctx, node, at, 0, UINT8_MAX,
					     &value))
			return false;
		draft->sync.id = (uint8_t)value;
		draft->id_set = true;
	} else if (conf_is(word, "maxlen")) {
		if (!vrrp_notify_sync_number(ctx, node, at, 1, 65507, &value))
			return false;
		draft->sync.maxlen = (uint16_t)value;
	} else if (conf_is(word, "port")) {
		if (!vrrp_notify_sync_number(ctx, node, at, 1, UINT16_MAX,
					     &value))
			return false;
		draft->sync.port = (uint16_t)value;
	} else if (conf_is(word, "ttl")) {
		if (!vrrp_notify_sync_number(ctx, node, at, 1, UINT8_MAX,
					     &value))
			return false;
		draft->sync.ttl = (uint8_t)value;
	} else if (conf_is(word, "inst")) {
		draft->instance = at + 1;
		return at + 1 < node->nr_words;
	} else if (conf_is(word, "group")) {
		return at + 1 < node->nr_words &&
		       conf_get_host(ctx, node, at + 1, &draft->sync.group);
	} else {
		*known = false;
	}
	return true;
}

static void vrrp_notify_sync_bad(struct conf_ctx *ctx,
				 const struct conf_node *node, uint32_t word)
{
	conf_say(
		ctx, CLASS_FAULT, node, word,
		"'lvs_sync_daemon INTERFACE [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]' is expected");
}

/*
 * The words behind the interface. The old spelling has the instance and the id
 * there, without words for them.
 */
static bool vrrp_notify_sync_words(struct conf_ctx *ctx,
				   const struct conf_node *node,
				   struct sync_draft *draft)
{
	uint64_t value;
	uint32_t at = 2;
	bool known;

	while (at < node->nr_words) {
		if (!vrrp_notify_sync_word(ctx, node, at, draft, &known)) {
			if (at + 1 >= node->nr_words)
				vrrp_notify_sync_bad(ctx, node, at);
			return false;
		}
		if (known) {
			at += 2;
		} else if (at == 2) {
			draft->instance = at++;
		} else if (at == 3 && draft->instance == 2 &&
			   conf_get_number(conf_word(ctx, node, at), UINT8_MAX,
					   &value)) {
			draft->sync.id = (uint8_t)value;
			draft->id_set = true;
			at++;
		} else {
			vrrp_notify_sync_bad(ctx, node, at);
			return false;
		}
	}
	return true;
}

void conf_vrrp_unset_sync(struct pair_sync *sync)
{
	*sync = (struct pair_sync){ .maxlen = PAIR_SYNC_MAXLEN,
				    .port = PAIR_SYNC_PORT,
				    .ttl = 1 };
	addr_parse(&sync->group, "224.0.0.81", strlen("224.0.0.81"));
}

static void notify_bind_sync(struct conf_ctx *ctx,
			     const struct conf_keyword *kw,
			     const struct conf_node *node, void *target)
{
	struct sync_draft draft = { .node = node };

	conf_vrrp_unset_sync(&draft.sync);
	draft.sync.ifname = conf_vrrp_ifname(ctx, node, 1);
	if (!draft.sync.ifname || !vrrp_notify_sync_words(ctx, node, &draft))
		return;
	if (!conf_vrrp_is_multicast(&draft.sync.group)) {
		conf_say(ctx, CLASS_FAULT, node, 0,
			 "the group of '%s' is not a multicast address",
			 kw->name);
		return;
	}
	*(struct sync_draft *)(void *)((char *)target + kw->offset) = draft;
}

static void notify_print_sync(FILE *out, const char *indent,
			      const struct conf_keyword *kw, const void *member)
{
	const struct pair_sync *sync = member;
	char text[ADDR_TEXT_MAX];

	if (!sync->ifname)
		return;
	fprintf(out, "%s%s \"%s\"", indent, kw->name, sync->ifname);
	if (sync->instance)
		fprintf(out, " inst \"%s\"", sync->instance);
	fprintf(out, " id %u", sync->id);
	if (sync->maxlen != PAIR_SYNC_MAXLEN)
		fprintf(out, " maxlen %u", sync->maxlen);
	fprintf(out, " port %u ttl %u group %s\n", sync->port, sync->ttl,
		addr_format(&sync->group, text));
}

const struct conf_type vrrp_type_sync = {
	.bind = notify_bind_sync,
	.print = notify_print_sync,
};
