/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether two checks are the same probe, two routes the same route, when they
 * come from two parses and so share no string: a reload finds the kept ones
 * this way.
 */
#include <string.h>

#include "conf/conf.h"
#include "conf/vrrp_conf.h"

static bool equal_text_same(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

static bool equal_mysql_same(const struct conf_mysql *a,
			     const struct conf_mysql *b)
{
	return a->role == b->role && a->max_lag == b->max_lag &&
	       a->resume_lag == b->resume_lag && a->cluster == b->cluster &&
	       a->tls == b->tls && a->fallback_port == b->fallback_port &&
	       a->fresh_login == b->fresh_login &&
	       equal_text_same(a->username, b->username) &&
	       equal_text_same(a->password, b->password) &&
	       equal_text_same(a->password_file, b->password_file) &&
	       equal_text_same(a->database, b->database) &&
	       equal_text_same(a->query, b->query) &&
	       equal_text_same(a->expect, b->expect) &&
	       equal_text_same(a->heartbeat, b->heartbeat) &&
	       equal_text_same(a->tls_ca, b->tls_ca) &&
	       equal_text_same(a->tls_cert, b->tls_cert) &&
	       equal_text_same(a->tls_key, b->tls_key) &&
	       equal_text_same(a->server_public_key, b->server_public_key);
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
	       equal_text_same(a->path, b->path) &&
	       equal_text_same(a->digest, b->digest) &&
	       equal_text_same(a->virtualhost, b->virtualhost) &&
	       equal_text_same(a->regex, b->regex) &&
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
	    !equal_text_same(a->virtualhost, b->virtualhost) ||
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
	       equal_text_same(a->script.command, b->script.command) &&
	       equal_text_same(a->script.user, b->script.user) &&
	       equal_text_same(a->script.group, b->script.group);
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
	       equal_text_same(a->bind_if, b->bind_if) && equal_kind_same(a, b);
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

static bool equal_hop_same(const struct vrrp_conf_hop *a,
			   const struct vrrp_conf_hop *b)
{
	return addr_cmp(&a->via, &b->via) == 0 && a->weight == b->weight &&
	       a->onlink == b->onlink && equal_text_same(a->dev, b->dev);
}

bool vrrp_route_equal(const struct vrrp_conf_route *a,
		      const struct vrrp_conf_route *b)
{
	uint32_t i;

	if (a->family != b->family || a->type != b->type ||
	    a->prefix != b->prefix || a->tos != b->tos ||
	    a->protocol != b->protocol || a->scope != b->scope ||
	    a->onlink != b->onlink || a->table != b->table ||
	    a->metric != b->metric || a->mtu != b->mtu ||
	    a->advmss != b->advmss || a->nr_hops != b->nr_hops ||
	    addr_cmp(&a->dst, &b->dst) != 0 ||
	    addr_cmp(&a->via, &b->via) != 0 ||
	    addr_cmp(&a->src, &b->src) != 0 || !equal_text_same(a->dev, b->dev))
		return false;
	for (i = 0; i < a->nr_hops; i++)
		if (!equal_hop_same(&a->hops[i], &b->hops[i]))
			return false;
	return true;
}

bool vrrp_rule_equal(const struct vrrp_conf_rule *a,
		     const struct vrrp_conf_rule *b)
{
	return a->family == b->family && a->action == b->action &&
	       a->from_prefix == b->from_prefix &&
	       a->to_prefix == b->to_prefix && a->tos == b->tos &&
	       a->invert == b->invert && a->priority_set == b->priority_set &&
	       a->fwmark == b->fwmark && a->fwmask == b->fwmask &&
	       a->table == b->table && a->priority == b->priority &&
	       addr_cmp(&a->from, &b->from) == 0 &&
	       addr_cmp(&a->to, &b->to) == 0 &&
	       equal_text_same(a->iif, b->iif) &&
	       equal_text_same(a->oif, b->oif);
}
