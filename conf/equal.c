/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether two checks are the same probe, when they come from two parses and so
 * share no string: a reload finds the kept ones this way.
 */
#include <string.h>

#include "conf/conf.h"
#include "lib/util.h"

static bool equal_mysql_same(const struct conf_mysql *a,
			     const struct conf_mysql *b)
{
	return a->role == b->role && a->max_lag == b->max_lag &&
	       a->resume_lag == b->resume_lag && a->cluster == b->cluster &&
	       a->tls == b->tls && a->fallback_port == b->fallback_port &&
	       a->fresh_login == b->fresh_login &&
	       str_equal(a->username, b->username) &&
	       str_equal(a->password, b->password) &&
	       str_equal(a->password_file, b->password_file) &&
	       str_equal(a->database, b->database) &&
	       str_equal(a->query, b->query) &&
	       str_equal(a->expect, b->expect) &&
	       str_equal(a->heartbeat, b->heartbeat) &&
	       str_equal(a->tls_ca, b->tls_ca) &&
	       str_equal(a->tls_cert, b->tls_cert) &&
	       str_equal(a->tls_key, b->tls_key) &&
	       str_equal(a->server_public_key, b->server_public_key);
}

static bool equal_ranges_same(const struct conf_range *a, size_t nr_a,
			      const struct conf_range *b, size_t nr_b)
{
	return nr_a == nr_b &&
	       (nr_a == 0 || memcmp(a, b, nr_a * sizeof(*a)) == 0);
}

static bool equal_url_same(const struct conf_url *a, const struct conf_url *b)
{
	return a->regex_no_match == b->regex_no_match &&
	       str_equal(a->path, b->path) && str_equal(a->digest, b->digest) &&
	       str_equal(a->virtualhost, b->virtualhost) &&
	       str_equal(a->regex, b->regex) &&
	       equal_ranges_same(a->status, a->nr_status, b->status,
				 b->nr_status);
}

static bool equal_http_same(const struct conf_http *a,
			    const struct conf_http *b)
{
	size_t i;

	if (a->nr_urls != b->nr_urls || a->http11 != b->http11 ||
	    a->enable_sni != b->enable_sni ||
	    a->fast_recovery != b->fast_recovery ||
	    !str_equal(a->virtualhost, b->virtualhost) ||
	    !equal_ranges_same(a->drain, a->nr_drain, b->drain, b->nr_drain))
		return false;
	for (i = 0; i < a->nr_urls; i++)
		if (!equal_url_same(&a->urls[i], &b->urls[i]))
			return false;
	return true;
}

static bool equal_misc_same(const struct conf_misc *a,
			    const struct conf_misc *b)
{
	return a->timeout == b->timeout && a->dynamic == b->dynamic &&
	       str_equal(a->script.command, b->script.command) &&
	       str_equal(a->script.user, b->script.user) &&
	       str_equal(a->script.group, b->script.group);
}

static bool equal_kind_same(const struct conf_check *a,
			    const struct conf_check *b)
{
	switch (a->kind) {
	case CHECK_MYSQL:
		return equal_mysql_same(a->mysql, b->mysql);
	case CHECK_HTTP:
	case CHECK_SSL:
		return equal_http_same(a->http, b->http);
	case CHECK_MISC:
		return equal_misc_same(a->misc, b->misc);
	case CHECK_TCP:
	case CHECK_SMTP:
	case CHECK_DNS:
	case CHECK_UDP:
	case CHECK_PING:
	case CHECK_BFD:
	case CHECK_FILE:
	case CHECK_KINDS:
		return true;
	}
	return true;
}

bool conf_check_equal(const struct conf_check *a, const struct conf_check *b)
{
	return a->kind == b->kind && endpoint_cmp(&a->dst, &b->dst) == 0 &&
	       endpoint_cmp(&a->bind, &b->bind) == 0 &&
	       a->fwmark == b->fwmark && a->timeout == b->timeout &&
	       a->delay_loop == b->delay_loop &&
	       a->delay_before_retry == b->delay_before_retry &&
	       a->rise == b->rise && a->fall == b->fall &&
	       a->log_all_failures == b->log_all_failures &&
	       str_equal(a->bind_if, b->bind_if) && equal_kind_same(a, b);
}

const char *conf_check_target(const struct conf_check *check, char *room)
{
	if (check->kind == CHECK_MISC && check->misc &&
	    check->misc->script.command)
		return check->misc->script.command;
	return endpoint_format(&check->dst, room);
}

static uint32_t equal_text_hash(const char *text)
{
	uint32_t hash = 0;

	for (; text && *text; text++)
		hash = hash * 31 + (unsigned char)*text;
	return hash;
}

uint32_t conf_check_hash(const struct conf_check *check)
{
	uint32_t hash = endpoint_hash(&check->dst) * 31 + (uint32_t)check->kind;

	hash = hash * 31 + (uint32_t)check->delay_loop;
	/* A script has no target that would tell it from others. */
	if (check->kind == CHECK_MISC)
		hash = hash * 31 + equal_text_hash(check->misc->script.command);
	return hash * 31 + (uint32_t)check->timeout;
}
