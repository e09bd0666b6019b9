/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MYSQL_CHECK: a login, a query, the server's state of replication. */
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define MYSQL(member) offsetof(struct check_draft, mysql.mysql.member)

static const struct conf_choice roles[] = {
	{ "any", MYSQL_ROLE_ANY },
	{ "replica", MYSQL_ROLE_REPLICA },
	{ "source", MYSQL_ROLE_SOURCE },
	{ NULL, 0 },
};

static const struct conf_choice clusters[] = {
	{ "auto", MYSQL_CLUSTER_AUTO },
	{ "none", MYSQL_CLUSTER_NONE },
	{ "galera", MYSQL_CLUSTER_GALERA },
	{ "group_replication", MYSQL_CLUSTER_GROUP },
	{ NULL, 0 },
};

static const struct conf_choice tls_modes[] = {
	{ "off", MYSQL_TLS_OFF },
	{ "preferred", MYSQL_TLS_PREFERRED },
	{ "required", MYSQL_TLS_REQUIRED },
	{ "verify_ca", MYSQL_TLS_VERIFY_CA },
	{ "verify_identity", MYSQL_TLS_VERIFY_IDENTITY },
	{ NULL, 0 },
};

/* "replica_status", or "heartbeat DB.TABLE" */
static void check_mysql_bind_lag_source(struct conf_ctx *ctx,
					const struct conf_keyword *kw,
					const struct conf_node *node,
					void *target)
{
	struct check_draft *draft = target;
	const struct conf_word *word = conf_word(ctx, node, 1), *table;
	const char *dot;

	if (conf_is(word, "replica_status")) {
		draft->mysql.mysql.heartbeat = NULL;
		return;
	}
	if (!conf_is(word, "heartbeat")) {
		conf_bad_value(ctx, kw, node, 1,
			       "'replica_status' or 'heartbeat DB.TABLE'");
		return;
	}
	table = node->nr_words > 2 ? conf_word(ctx, node, 2) : NULL;
	dot = table ? memchr(table->text, '.', table->len) : NULL;
	if (dot && dot > table->text && dot < table->text + table->len - 1)
		draft->mysql.mysql.heartbeat =
			conf_string(ctx, table->text, table->len);
	else
		conf_say(ctx, CLASS_FAULT, node, 1,
			 "'heartbeat' needs a table, as in DB.TABLE");
}

static const struct conf_keyword mysql_keywords[] = {
	{ "username", conf_bind_string, .offset = MYSQL(username), .least = 1,
	  .most = 1 },
	{ "password", conf_bind_string, .offset = MYSQL(password), .least = 1,
	  .most = 1, .flags = KW_SECRET | KW_WHOLE },
	{ "password_file", conf_bind_outside, .min = CONF_OUTSIDE_SECRET,
	  .offset = MYSQL(password_file), .least = 1, .most = 1 },
	{ "database", conf_bind_string, .offset = MYSQL(database), .least = 1,
	  .most = 1 },
	{ "query", conf_bind_string, .offset = MYSQL(query), .least = 1,
	  .most = 1, .flags = KW_WHOLE },
	{ "expect", conf_bind_string, .offset = MYSQL(expect), .least = 1,
	  .most = 1, .flags = KW_WHOLE },
	{ "timeout", conf_bind_time,
	  .offset = offsetof(struct check_draft, mysql.timeout), .least = 1,
	  .most = 1, .min = 1000, .max = TIME_MAX },
	{ "role", conf_bind_choice, .data = roles, .offset = MYSQL(role),
	  .least = 1, .most = 1 },
	{ "max_lag", conf_bind_time, .offset = MYSQL(max_lag), .least = 1,
	  .most = 1, .min = 0, .max = TIME_MAX },
	{ "resume_lag", conf_bind_time, .offset = MYSQL(resume_lag), .least = 1,
	  .most = 1, .min = 0, .max = TIME_MAX },
	{ "lag_source", check_mysql_bind_lag_source, .least = 1, .most = 2 },
	{ "cluster", conf_bind_choice, .data = clusters,
	  .offset = MYSQL(cluster), .least = 1, .most = 1 },
	{ "tls", conf_bind_choice, .data = tls_modes, .offset = MYSQL(tls),
	  .least = 1, .most = 1 },
	{ "tls_ca", conf_bind_outside, .min = CONF_OUTSIDE_FILE,
	  .offset = MYSQL(tls_ca), .least = 1, .most = 1 },
	{ "tls_cert", conf_bind_outside, .min = CONF_OUTSIDE_FILE,
	  .offset = MYSQL(tls_cert), .least = 1, .most = 1 },
	{ "tls_key", conf_bind_outside, .min = CONF_OUTSIDE_FILE,
	  .offset = MYSQL(tls_key), .least = 1, .most = 1 },
	{ "server_public_key", conf_bind_outside, .min = CONF_OUTSIDE_FILE,
	  .offset = MYSQL(server_public_key), .least = 1, .most = 1 },
	{ "fallback_port", conf_bind_port, .offset = MYSQL(fallback_port),
	  .least = 1, .most = 1, .min = 1 },
	{ "fresh_login", conf_bind_u32, .offset = MYSQL(fresh_login),
	  .least = 1, .most = 1, .min = 1, .max = 1000000 },
};

const struct conf_block conf_block_mysql = CONF_BLOCK(
	BLOCK_MYSQL, "MYSQL_CHECK", mysql_keywords, &conf_block_connect);

static void check_mysql_begin(struct check_draft *draft)
{
	memset(&draft->mysql, 0, sizeof(draft->mysql));
	draft->mysql.mysql.query = "SELECT 1";
	draft->mysql.mysql.tls = MYSQL_TLS_PREFERRED;
	draft->mysql.mysql.fresh_login = 5;
	draft->mysql.mysql.resume_lag = UNSET_TIME;
}

/* The deadline is for the whole probe, so it is not inherited. */
static void mysql_timeout(struct conf_ctx *ctx, struct check_draft *draft)
{
	draft->check.timeout = USEC_PER_SEC;
	if (draft->mysql.timeout)
		draft->check.timeout = draft->mysql.timeout;
	else if (draft->timing.connect_timeout != UNSET_TIME)
		draft->check.timeout = draft->timing.connect_timeout;
	if (draft->timing.connect_timeout != UNSET_TIME)
		conf_say(
			ctx, CLASS_ODD, draft->node, 0,
			"MYSQL_CHECK has one 'timeout' for the whole probe; 'connect_timeout' %s",
			draft->mysql.timeout ? "is ignored" :
					       "is taken for it");
}

static void mysql_lag(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct conf_mysql *mysql = &draft->mysql.mysql;

	if (mysql->resume_lag == UNSET_TIME)
		mysql->resume_lag = mysql->max_lag / 3;
	if (mysql->resume_lag > mysql->max_lag) {
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"'resume_lag' is above 'max_lag': the server would never come back");
		mysql->resume_lag = mysql->max_lag;
	}
	if (mysql->role == MYSQL_ROLE_SOURCE &&
	    (mysql->max_lag > 0 || mysql->heartbeat))
		conf_say(
			ctx, CLASS_ODD, draft->node, 0,
			"a source has no lag: 'max_lag' and 'lag_source' have no effect with 'role source'");
}

static bool mysql_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct conf_mysql *mysql = &draft->mysql.mysql;

	mysql_timeout(ctx, draft);
	if (!mysql->username) {
		conf_say(ctx, CLASS_FAULT, draft->node, 0,
			 "MYSQL_CHECK needs a 'username'");
		return false;
	}
	if (mysql->password && mysql->password_file)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"MYSQL_CHECK has a 'password' and a 'password_file'; the file counts");
	if (mysql->password_file)
		mysql->password = NULL;
	mysql_lag(ctx, draft);
	/* Equal strings are stored once, and so are equal structs. */
	mysql->query = conf_string(ctx, mysql->query, strlen(mysql->query));
	draft->check.mysql = conf_share(ctx, mysql, sizeof(*mysql));
	return true;
}

const struct conf_check_type conf_mysql_type = {
	.kind = CHECK_MYSQL,
	.acted_on = true,
	.connects = true,
	.block = &conf_block_mysql,
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
	.begin = check_mysql_begin,
	.finish = mysql_finish,
};
