/* SPDX-License-Identifier: GPL-2.0-or-later */
/* global_defs: the words acted on; the many other words are in known.c. */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "conf/lang/print_value.h"
#include "conf/vrrp/vrrp_blocks.h"

#define GLOBAL(member) CONF_MEMBER(struct conf_global, member)

/* The names of control_socket, in the order of the file and of its print. */
enum {
	SOCKET_PATH,
	SOCKET_USER,
	SOCKET_GROUP,
	SOCKET_READ_USER,
	SOCKET_READ_GROUP,
	SOCKET_NAMES,
};

/* The name for the word at index *AT, which is moved to its value. */
static uint32_t global_defs_socket_name(struct conf_ctx *ctx,
					const struct conf_node *node,
					uint32_t *at)
{
	const struct conf_word *word = conf_word(ctx, node, *at);

	if (*at > 1 && conf_is(word, "read_user")) {
		++*at;
		return SOCKET_READ_USER;
	}
	if (*at > 1 && conf_is(word, "read_group")) {
		++*at;
		return SOCKET_READ_GROUP;
	}
	return *at <= 3 ? *at - 1 : SOCKET_NAMES;
}

/* "PATH [USER [GROUP]] [read_user USER] [read_group GROUP]" */
static void global_defs_bind_socket(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct conf_global *global = target;
	const char *names[SOCKET_NAMES] = { NULL };
	const struct conf_word *word;
	uint32_t i, name;

	for (i = 1; i < node->nr_words; i++) {
		name = global_defs_socket_name(ctx, node, &i);
		if (name == SOCKET_NAMES || i == node->nr_words ||
		    names[name]) {
			conf_bad_value(ctx, kw, node,
				       i < node->nr_words ? i : i - 1,
				       "PATH [USER [GROUP]] [read_user USER] "
				       "[read_group GROUP]");
			return;
		}
		word = conf_word(ctx, node, i);
		names[name] = conf_string(ctx, word->text, word->len);
	}
	global->control_socket = names[SOCKET_PATH];
	global->control_user = names[SOCKET_USER];
	global->control_group = names[SOCKET_GROUP];
	global->control_read_user = names[SOCKET_READ_USER];
	global->control_read_group = names[SOCKET_READ_GROUP];
	conf_outside_user(ctx, node, kw->name, global->control_user,
			  global->control_group);
	conf_outside_user(ctx, node, kw->name, global->control_read_user,
			  global->control_read_group);
}

static void global_defs_print_socket(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *member)
{
	const struct conf_global *global = member;

	if (!global->control_socket)
		return;
	fprintf(out, "%s%s \"%s\"", indent, kw->name, global->control_socket);
	if (global->control_user)
		fprintf(out, " \"%s\"", global->control_user);
	if (global->control_group)
		fprintf(out, " \"%s\"", global->control_group);
	if (global->control_read_user)
		fprintf(out, " read_user \"%s\"", global->control_read_user);
	if (global->control_read_group)
		fprintf(out, " read_group \"%s\"", global->control_read_group);
	fputc('\n', out);
}

static bool global_defs_equal_socket(const void *a, const void *b)
{
	const struct conf_global *x = a, *y = b;

	return str_equal(x->control_socket, y->control_socket) &&
	       str_equal(x->control_user, y->control_user) &&
	       str_equal(x->control_group, y->control_group);
}

static const struct conf_type global_defs_socket = {
	.bind = global_defs_bind_socket,
	.print = global_defs_print_socket,
	.equal = global_defs_equal_socket,
};

/* "USER [[:]GROUP]", also "USER:GROUP" */
static void global_defs_bind_script_user(struct conf_ctx *ctx,
					 const struct conf_keyword *kw,
					 const struct conf_node *node,
					 void *target)
{
	struct conf_global *global = target;

	conf_get_user(ctx, node, 1, &global->script_user,
		      &global->script_group);
	conf_outside_user(ctx, node, kw->name, global->script_user,
			  global->script_group);
}

static void global_defs_print_script_user(FILE *out, const char *indent,
					  const struct conf_keyword *kw,
					  const void *member)
{
	const struct conf_global *global = member;

	conf_print_user(out, indent, kw->name, global->script_user,
			global->script_group);
}

static bool global_defs_equal_script_user(const void *a, const void *b)
{
	const struct conf_global *x = a, *y = b;

	return str_equal(x->script_user, y->script_user) &&
	       str_equal(x->script_group, y->script_group);
}

static const struct conf_type global_defs_script_user = {
	.bind = global_defs_bind_script_user,
	.print = global_defs_print_script_user,
	.equal = global_defs_equal_script_user,
};

/* "ADDRESS PORT", values 1 and 2, for OWN, not those of the other listener. */
static bool global_defs_get_listen(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node,
				   const struct conf_global *global,
				   const struct conf_web_listen *own,
				   struct endpoint *listen)
{
	const struct conf_web_listen *taken = &global->metrics_listen;
	struct endpoint ep;

	if (own == taken)
		taken = &global->status_listen;

	if (!conf_get_endpoint(ctx, node, 1, &ep))
		return false;
	if (ep.port == 0) {
		conf_bad_value(ctx, kw, node, 2, "a port from 1 to 65535");
		return false;
	}
	if (endpoint_cmp(&ep, &taken->at) == 0) {
		conf_bad_value(ctx, kw, node, 2,
			       taken == &global->metrics_listen ?
				       "a port other than metrics_listen's" :
				       "a port other than status_listen's");
		return false;
	}
	*listen = ep;
	return true;
}

/* A name of this host in a URL: letters that DNS allows, and an underscore. */
static bool global_defs_is_host(const struct conf_word *word)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._";
	uint32_t i;

	for (i = 0; i < word->len; i++)
		if (!word->text[i] || !strchr(allowed, word->text[i]))
			return false;
	return word->len > 0 && word->len < CONF_HOST_MAX;
}

/* "ADDRESS PORT [NAME...]" */
static void global_defs_bind_listen(struct conf_ctx *ctx,
				    const struct conf_keyword *kw,
				    const struct conf_node *node, void *target)
{
	struct conf_web_listen *own = (void *)((char *)target + kw->offset);
	struct conf_web_listen listen = { 0 };
	const struct conf_word *word;
	uint32_t i;

	if (!global_defs_get_listen(ctx, kw, node, target, own, &listen.at))
		return;
	for (i = 3; i < node->nr_words && i - 3 < CONF_WEB_NAMES; i++) {
		word = conf_word(ctx, node, i);
		if (!global_defs_is_host(word)) {
			conf_bad_value(ctx, kw, node, i, "the name of a host");
			return;
		}
		listen.names[i - 3] = conf_string(ctx, word->text, word->len);
	}
	*own = listen;
}

static void global_defs_print_listen(FILE *out, const char *indent,
				     const struct conf_keyword *kw,
				     const void *member)
{
	const struct conf_web_listen *listen = member;
	uint32_t i;

	if (!addr_is_set(&listen->at.addr))
		return;
	fprintf(out, "%s%s ", indent, kw->name);
	conf_print_endpoint(out, &listen->at);
	for (i = 0; i < CONF_WEB_NAMES && listen->names[i]; i++)
		fprintf(out, " \"%s\"", listen->names[i]);
	fputc('\n', out);
}

static bool global_defs_equal_listen(const void *a, const void *b)
{
	const struct conf_web_listen *one = a, *other = b;
	size_t i;

	for (i = 0; i < CONF_WEB_NAMES; i++)
		if (!str_equal(one->names[i], other->names[i]))
			return false;
	return endpoint_cmp(&one->at, &other->at) == 0;
}

static const struct conf_type global_defs_listen = {
	.bind = global_defs_bind_listen,
	.print = global_defs_print_listen,
	.equal = global_defs_equal_listen,
};

/*
 * Another balancer joins those of the lines before; the same one again gets
 * another key. NULL: there are too many.
 */
static struct conf_operator_peer *
global_defs_add_operator_peer(struct conf_global *global,
			      const struct endpoint *at)
{
	uint32_t i;

	for (i = 0; i < global->nr_operator_peers; i++)
		if (endpoint_cmp(&global->operator_peers[i].at, at) == 0)
			return &global->operator_peers[i];
	if (i == CONF_OPERATOR_PEERS_MAX)
		return NULL;
	global->nr_operator_peers++;
	global->operator_peers[i].at = *at;
	return &global->operator_peers[i];
}

/* "ADDRESS PORT KEY_FILE", a line for each other balancer */
static void global_defs_bind_operator_peer(struct conf_ctx *ctx,
					   const struct conf_keyword *kw,
					   const struct conf_node *node,
					   void *target)
{
	struct conf_global *global = target;
	const struct conf_word *path = conf_word(ctx, node, 3);
	struct conf_operator_peer *peer;
	char text[ENDPOINT_TEXT_MAX];
	struct endpoint ep;

	if (!conf_get_endpoint(ctx, node, 1, &ep))
		return;
	if (ep.port == 0) {
		conf_bad_value(ctx, kw, node, 2, "a port from 1 to 65535");
		return;
	}
	if (path->len == 0 || path->text[0] != '/') {
		conf_bad_value(ctx, kw, node, 3, "an absolute path");
		return;
	}
	peer = global_defs_add_operator_peer(global, &ep);
	if (!peer) {
		conf_bad_value(ctx, kw, node, 1,
			       "one of 31 other balancers at most");
		return;
	}
	if (peer->key_file)
		conf_say(
			ctx, CLASS_WARNING, node, 0,
			"'%s' names %s for the second time; the last one counts",
			kw->name, endpoint_format(&ep, text));
	peer->key_file = conf_string(ctx, path->text, path->len);
	conf_outside_name(ctx, node, kw->name, CONF_OUTSIDE_SECRET,
			  peer->key_file);
}

static void global_defs_print_operator_peer(FILE *out, const char *indent,
					    const struct conf_keyword *kw,
					    const void *member)
{
	const struct conf_global *global = member;
	uint32_t i;

	for (i = 0; i < global->nr_operator_peers; i++) {
		fprintf(out, "%s%s ", indent, kw->name);
		conf_print_endpoint(out, &global->operator_peers[i].at);
		fprintf(out, " \"%s\"\n", global->operator_peers[i].key_file);
	}
}

static bool global_defs_equal_operator_peer(const void *a, const void *b)
{
	const struct conf_global *x = a, *y = b;
	uint32_t i;

	if (x->nr_operator_peers != y->nr_operator_peers)
		return false;
	for (i = 0; i < x->nr_operator_peers; i++)
		if (endpoint_cmp(&x->operator_peers[i].at,
				 &y->operator_peers[i].at) != 0 ||
		    !str_equal(x->operator_peers[i].key_file,
			       y->operator_peers[i].key_file))
			return false;
	return true;
}

static const struct conf_type global_defs_operator_peer = {
	.bind = global_defs_bind_operator_peer,
	.print = global_defs_print_operator_peer,
	.equal = global_defs_equal_operator_peer,
};

#define RECORDER_SIZE_PRESET ((uint64_t)256 << 20)
#define RECORDER_SIZE_MIN ((uint64_t)1 << 20)
#define RECORDER_SIZE_MAX ((uint64_t)1 << 40)
/* Longer paths do not fit into the message to the recorder's process. */
#define RECORDER_PATH_MAX 255

/* A number of bytes: "64M", with K, M or G, or none of them. */
static bool global_defs_get_size(const struct conf_word *word, uint64_t *size)
{
	static const char units[] = { 'K', 'M', 'G' };
	struct conf_word number = *word;
	const char *unit = NULL;

	if (word->len > 1)
		unit = memchr(units, word->text[word->len - 1], sizeof(units));
	if (unit)
		number.len--;
	if (!conf_get_number(&number, RECORDER_SIZE_MAX, size))
		return false;
	if (unit)
		*size = *size > RECORDER_SIZE_MAX >> 10 * (unit - units + 1) ?
				0 :
				*size << 10 * (unit - units + 1);
	return *size >= RECORDER_SIZE_MIN;
}

/* "recorder FILE [size N]" */
static void global_defs_bind_recorder(struct conf_ctx *ctx,
				      const struct conf_keyword *kw,
				      const struct conf_node *node,
				      void *target)
{
	struct conf_global *global = target;
	const struct conf_word *path = conf_word(ctx, node, 1);
	uint64_t size = RECORDER_SIZE_PRESET;

	if (path->len == 0 || path->len > RECORDER_PATH_MAX ||
	    path->text[0] != '/' || path->text[path->len - 1] == '/') {
		conf_bad_value(ctx, kw, node, 1,
			       "an absolute path of a file, of 255 characters "
			       "at most,");
		return;
	}
	if (node->nr_words == 3 ||
	    (node->nr_words == 4 &&
	     !conf_is(conf_word(ctx, node, 2), "size"))) {
		conf_bad_value(ctx, kw, node, 2, "'size N', or nothing,");
		return;
	}
	if (node->nr_words == 4 &&
	    !global_defs_get_size(conf_word(ctx, node, 3), &size)) {
		conf_bad_value(ctx, kw, node, 3,
			       "a number of bytes from 1M to 1024G");
		return;
	}
	global->recorder_file = conf_string(ctx, path->text, path->len);
	global->recorder_size = size;
}

static void global_defs_print_recorder(FILE *out, const char *indent,
				       const struct conf_keyword *kw,
				       const void *member)
{
	const struct conf_global *global = member;
	uint64_t size = global->recorder_size;
	const char *unit = "";

	if (!global->recorder_file)
		return;
	if (size % (1 << 20) == 0) {
		size >>= 20;
		unit = "M";
	}
	fprintf(out, "%s%s \"%s\" size %llu%s\n", indent, kw->name,
		global->recorder_file, (unsigned long long)size, unit);
}

static bool global_defs_equal_recorder(const void *a, const void *b)
{
	const struct conf_global *x = a, *y = b;

	return str_equal(x->recorder_file, y->recorder_file) &&
	       x->recorder_size == y->recorder_size;
}

static const struct conf_type global_defs_recorder = {
	.bind = global_defs_bind_recorder,
	.print = global_defs_print_recorder,
	.equal = global_defs_equal_recorder,
};

/* "lvs_flush_on_stop [VS]" */
static void global_defs_bind_flush_on_stop(struct conf_ctx *ctx,
					   const struct conf_keyword *kw,
					   const struct conf_node *node,
					   void *target)
{
	struct conf_global *global = target;

	global->lvs_flush_on_stop = true;
	if (node->nr_words < 2)
		return;
	if (conf_is(conf_word(ctx, node, 1), "VS"))
		global->lvs_flush_on_stop_vs = true;
	else
		conf_bad_value(ctx, kw, node, 1, "VS, or nothing,");
}

static void global_defs_print_flush_on_stop(FILE *out, const char *indent,
					    const struct conf_keyword *kw,
					    const void *member)
{
	const struct conf_global *global = member;

	if (global->lvs_flush_on_stop)
		fprintf(out, "%s%s%s\n", indent, kw->name,
			global->lvs_flush_on_stop_vs ? " VS" : "");
}

static bool global_defs_equal_flush_on_stop(const void *a, const void *b)
{
	const struct conf_global *x = a, *y = b;

	return x->lvs_flush_on_stop == y->lvs_flush_on_stop &&
	       x->lvs_flush_on_stop_vs == y->lvs_flush_on_stop_vs;
}

static const struct conf_type global_defs_flush_on_stop = {
	.bind = global_defs_bind_flush_on_stop,
	.print = global_defs_print_flush_on_stop,
	.equal = global_defs_equal_flush_on_stop,
};

/* "[tcp S] [tcpfin S] [udp S]" */
static void global_defs_bind_timeouts(struct conf_ctx *ctx,
				      const struct conf_keyword *kw,
				      const struct conf_node *node,
				      void *target)
{
	struct conf_global *global = target;
	const struct conf_word *word;
	uint32_t *member, i;
	uint64_t value;

	for (i = 1; i < node->nr_words; i += 2) {
		word = conf_word(ctx, node, i);
		member = conf_is(word, "tcp")	 ? &global->timeout_tcp :
			 conf_is(word, "tcpfin") ? &global->timeout_tcp_fin :
			 conf_is(word, "udp")	 ? &global->timeout_udp :
						   NULL;
		if (!member || i + 1 == node->nr_words) {
			conf_bad_value(ctx, kw, node, i,
				       "'tcp S', 'tcpfin S' or 'udp S'");
			return;
		}
		if (conf_get_number(conf_word(ctx, node, i + 1),
				    INT32_MAX / 1000, &value) &&
		    value > 0)
			*member = (uint32_t)value;
		else
			conf_bad_value(ctx, kw, node, i + 1,
				       "a number of seconds");
	}
}

static void global_defs_print_timeouts(FILE *out, const char *indent,
				       const struct conf_keyword *kw,
				       const void *member)
{
	const struct conf_global *global = member;

	if (!global->timeout_tcp && !global->timeout_tcp_fin &&
	    !global->timeout_udp)
		return;
	fprintf(out, "%s%s", indent, kw->name);
	if (global->timeout_tcp)
		fprintf(out, " tcp %u", global->timeout_tcp);
	if (global->timeout_tcp_fin)
		fprintf(out, " tcpfin %u", global->timeout_tcp_fin);
	if (global->timeout_udp)
		fprintf(out, " udp %u", global->timeout_udp);
	fputc('\n', out);
}

static bool global_defs_equal_timeouts(const void *a, const void *b)
{
	const struct conf_global *x = a, *y = b;

	return x->timeout_tcp == y->timeout_tcp &&
	       x->timeout_tcp_fin == y->timeout_tcp_fin &&
	       x->timeout_udp == y->timeout_udp;
}

static const struct conf_type global_defs_timeouts = {
	.bind = global_defs_bind_timeouts,
	.print = global_defs_print_timeouts,
	.equal = global_defs_equal_timeouts,
};

/* A mark as people write it: decimal, or hexadecimal behind "0x". */
static bool global_defs_get_mark(const struct conf_word *word, uint64_t *mark)
{
	uint32_t i;

	if (word->len < 3 || word->len > 10 || word->text[0] != '0' ||
	    (word->text[1] | 0x20) != 'x')
		return conf_get_number(word, UINT32_MAX, mark);
	*mark = 0;
	for (i = 2; i < word->len; i++) {
		unsigned char c = (unsigned char)word->text[i];

		if (!isxdigit(c))
			return false;
		*mark = *mark * 16 + (uint64_t)(isdigit(c) ?
							c - '0' :
							(c | 0x20) - 'a' + 10);
	}
	return true;
}

static void global_defs_bind_marks(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct conf_global *global = target;
	uint64_t mark;

	if (global_defs_get_mark(conf_word(ctx, node, 1), &mark) &&
	    mark >= (uint64_t)kw->min && mark <= (uint64_t)kw->max)
		global->probe_marks = (uint32_t)mark;
	else
		conf_bad_value(
			ctx, kw, node, 1,
			"a mark from 1 to 0xffff0000, the first of 65536");
}

static void global_defs_print_marks(FILE *out, const char *indent,
				    const struct conf_keyword *kw,
				    const void *member)
{
	uint32_t mark = *(const uint32_t *)member;

	if (mark)
		fprintf(out, "%s%s 0x%08x\n", indent, kw->name, mark);
}

static const struct conf_type global_defs_marks = {
	.bind = global_defs_bind_marks,
	.print = global_defs_print_marks,
	.equal = conf_equal_u32,
};

static const struct conf_keyword global_keywords[] = {
	{ "router_id", .type = &conf_type_string, GLOBAL(router_id), .least = 1,
	  .most = 1 },
	{ "keepalived_compat", .type = &conf_type_flag, GLOBAL(compat),
	  .most = 1 },
	{ "control_socket", .type = &global_defs_socket,
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 7 },
	{ "state_file", .type = &conf_type_string, GLOBAL(state_file),
	  .least = 1, .most = 1 },
	{ "recorder", .type = &global_defs_recorder, .kept = CONF_KEPT_WHOLE,
	  .least = 1, .most = 3 },
	{ "operator_peer", .type = &global_defs_operator_peer,
	  .flags = KW_REPEAT, .kept = CONF_KEPT_WHOLE, .least = 3, .most = 3 },
	{ "metrics_listen", .type = &global_defs_listen, GLOBAL(metrics_listen),
	  .least = 2, .most = 2 + CONF_WEB_NAMES },
	{ "status_listen", .type = &global_defs_listen, GLOBAL(status_listen),
	  .least = 2, .most = 2 + CONF_WEB_NAMES },
	{ "checker_user", .type = &conf_type_outside, GLOBAL(checker_user),
	  .min = CONF_OUTSIDE_USER, .least = 1, .most = 1 },
	{ "script_user", .type = &global_defs_script_user,
	  .kept = CONF_KEPT_WHOLE, .least = 1, .most = 2 },
	{ "enable_script_security", .type = &conf_type_true,
	  GLOBAL(script_security) },
	{ "lvs_flush", .type = &conf_type_true, GLOBAL(lvs_flush) },
	{ "lvs_flush_on_stop", .type = &global_defs_flush_on_stop,
	  .kept = CONF_KEPT_WHOLE, .most = 1 },
	{ "lvs_flush_onstop", .type = &global_defs_flush_on_stop, .most = 1,
	  .same = "lvs_flush_on_stop" },
	{ "lvs_timeouts", .type = &global_defs_timeouts,
	  .kept = CONF_KEPT_WHOLE, .least = 2, .most = 6 },
	{ "lvs_sync_tuning", .type = &conf_type_bool, GLOBAL(lvs_sync_tuning),
	  .most = 1 },
	{ "lvs_mh_tuning", .type = &conf_type_flag, GLOBAL(lvs_mh_tuning),
	  .most = 1 },
	{ "probe_marks", .type = &global_defs_marks, GLOBAL(probe_marks),
	  .least = 1, .most = 1, .min = 1, .max = 0xffff0000 },
	/* Inherited by each check, which prints it. */
	{ "checker_log_all_failures", .type = &conf_type_bool,
	  .offset = offsetof(struct conf_global, log_all_failures), .most = 1 },
};

const struct conf_block conf_block_global = CONF_BLOCK(
	BLOCK_GLOBAL, "global_defs", global_keywords, &conf_block_vrrp_global);

uint32_t conf_first_mark(const struct conf *conf)
{
	return conf->global.probe_marks ? conf->global.probe_marks :
					  CONF_PROBE_MARKS_FIRST;
}
