/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MYSQL_CHECK: a login, a query, the server's state of replication. */
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define MYSQL(member) \
	CONF_BOTH(struct check_draft, mysql.mysql, struct conf_mysql, member)

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

static void check_mysql_print_lag_source(FILE *out, const char *indent,
					 const struct conf_keyword *kw,
					 const void *member)
{
	const char *table = *(const char *const *)member;

	if (table)
		fprintf(out, "%s%s heartbeat \"%s\"\n", indent, kw->name,
			table);
}

static const struct conf_type check_mysql_lag_source = {
	.bind = check_mysql_bind_lag_source,
	.print = check_mysql_print_lag_source,
	.equal = conf_equal_string,
};

static void check_mysql_bind_write(struct conf_ctx *ctx,
				   const struct conf_keyword *kw,
				   const struct conf_node *node, void *target)
{
	struct check_draft *draft = target;
	const struct conf_word *table = conf_word(ctx, node, 1);
	const char *dot = memchr(table->text, '.', table->len);

	if (dot && dot > table->text && dot < table->text + table->len - 1)
		draft->mysql.mysql.write_check =
			conf_string(ctx, table->text, table->len);
	else
		conf_bad_value(ctx, kw, node, 1, "a table, as in DB.TABLE");
}

static const struct conf_type check_mysql_write = {
	.bind = check_mysql_bind_write,
	.print = conf_print_string,
	.equal = conf_equal_string,
};

static const struct conf_keyword mysql_keywords[] = {
	{ "username", .type = &conf_type_string, MYSQL(username), .least = 1,
	  .most = 1 },
	{ "password", .type = &conf_type_string, MYSQL(password), .least = 1,
	  .most = 1, .flags = KW_SECRET | KW_WHOLE },
	{ "password_file", .type = &conf_type_outside,
	  .min = CONF_OUTSIDE_SECRET, MYSQL(password_file), .least = 1,
	  .most = 1 },
	{ "database", .type = &conf_type_string, MYSQL(database), .least = 1,
	  .most = 1 },
	{ "query", .type = &conf_type_string, MYSQL(query),
	  .preset_text = "SELECT 1", .least = 1, .most = 1, .flags = KW_WHOLE },
	{ "expect", .type = &conf_type_string, MYSQL(expect), .least = 1,
	  .most = 1, .flags = KW_WHOLE },
	{ "timeout", .type = &conf_type_time,
	  .offset = offsetof(struct check_draft, mysql.timeout), .least = 1,
	  .most = 1, .min = 1000, .max = TIME_MAX },
	{ "role", .type = &conf_type_choice, .data = roles, MYSQL(role),
	  .least = 1, .most = 1 },
	{ "max_lag", .type = &conf_type_time, MYSQL(max_lag), .least = 1,
	  .most = 1, .min = 0, .max = TIME_MAX },
	{ "resume_lag", .type = &conf_type_time, MYSQL(resume_lag),
	  .preset = -1, .least = 1, .most = 1, .min = 0, .max = TIME_MAX },
	{ "lag_source", .type = &check_mysql_lag_source,
	  .offset = offsetof(struct check_draft, mysql.mysql),
	  .kept = CONF_KEPT(struct conf_mysql, heartbeat), .least = 1,
	  .most = 2 },
	{ "write_check", .type = &check_mysql_write,
	  .offset = offsetof(struct check_draft, mysql.mysql),
	  .kept = CONF_KEPT(struct conf_mysql, write_check), .least = 1,
	  .most = 1 },
	{ "cluster", .type = &conf_type_choice, .data = clusters,
	  MYSQL(cluster), .least = 1, .most = 1 },
	{ "tls", .type = &conf_type_choice, .data = tls_modes, MYSQL(tls),
	  .preset = MYSQL_TLS_PREFERRED, .least = 1, .most = 1 },
	{ "tls_ca", .type = &conf_type_outside, .min = CONF_OUTSIDE_FILE,
	  MYSQL(tls_ca), .least = 1, .most = 1 },
	{ "tls_cert", .type = &conf_type_outside, .min = CONF_OUTSIDE_FILE,
	  MYSQL(tls_cert), .least = 1, .most = 1 },
	{ "tls_key", .type = &conf_type_outside, .min = CONF_OUTSIDE_FILE,
	  MYSQL(tls_key), .least = 1, .most = 1 },
	{ "server_public_key", .type = &conf_type_outside,
	  .min = CONF_OUTSIDE_FILE, MYSQL(server_public_key), .least = 1,
	  .most = 1 },
	{ "fallback_port", .type = &conf_type_port, MYSQL(fallback_port),
	  .least = 1, .most = 1, .min = 1 },
	{ "fresh_login", .type = &conf_type_u32, MYSQL(fresh_login), .least = 1,
	  .most = 1, .min = 1, .max = 1000000, .preset = 5 },
};

const struct conf_block conf_block_mysql_check = CONF_BLOCK(
	BLOCK_MYSQL_CHECK, "MYSQL_CHECK", mysql_keywords, &conf_block_connect);

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

static void mysql_write(struct conf_ctx *ctx, struct check_draft *draft)
{
	if (draft->mysql.mysql.write_check &&
	    draft->mysql.mysql.role != MYSQL_ROLE_SOURCE)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"'write_check' has no effect without 'role source': only a source is written to");
}

/* The nodes of such a cluster are all writable, without a conflict. */
static bool mysql_shares_writes(const struct conf_mysql *mysql)
{
	return mysql->cluster == MYSQL_CLUSTER_GALERA ||
	       mysql->cluster == MYSQL_CLUSTER_GROUP;
}

static void mysql_traits(const struct conf_mysql *mysql,
			 struct conf_traits *traits)
{
	traits->max_lag = mysql->max_lag;
	traits->resume_lag = mysql->resume_lag;
	traits->needs_source = mysql->role == MYSQL_ROLE_SOURCE;
	traits->many_sources = mysql_shares_writes(mysql);
	traits->holds_secret = mysql->password != NULL;
	traits->secret_file = mysql->password_file;
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
	mysql_write(ctx, draft);
	/* Equal strings are stored once, and so are equal structs. */
	mysql->query = conf_string(ctx, mysql->query, strlen(mysql->query));
	mysql_traits(mysql, &draft->check.traits);
	draft->check.mysql = conf_share(ctx, mysql, sizeof(*mysql));
	return true;
}

const struct conf_check_type conf_mysql_type = {
	.kind = CHECK_MYSQL,
	.connects = true,
	.by_service = true,
	.block = &conf_block_mysql_check,
	.timeout_word = "timeout",
	.retry = 1,
	.delay_before_retry = USEC_PER_SEC,
	.traits = { .counts_connections = true,
		    .times_server = true,
		    .ends_sessions = true,
		    .sends_payload = true },
	.finish = mysql_finish,
};
