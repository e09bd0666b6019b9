/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two configurations compared, by the tables of their blocks. A virtual server
 * is the same one in both if its first kernel service is.
 */
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"
#include "lib/index.h"

struct changes_pair {
	const struct conf *a, *b;
	bool same_checks; /* an index means an equal check in both */
	/* Servers that were found equal by their rows; NULL: none so far. */
	const struct conf_server *like_a, *like_b;
};

static bool changes_same_check(const struct changes_pair *pair,
			       const struct conf_use *x,
			       const struct conf_use *y)
{
	const struct conf_check *first, *second;

	if (x->alpha != y->alpha)
		return false;
	if (pair->same_checks && x->check == y->check)
		return true;
	first = &pair->a->checks[x->check];
	second = &pair->b->checks[y->check];
	return first->warmup == second->warmup &&
	       conf_check_equal(first, second);
}

_Static_assert(offsetof(struct conf_server, pos) + sizeof(struct conf_pos) ==
		       sizeof(struct conf_server),
	       "a member behind POS would not be compared");

/* Whether X and LIKE have the same times, and point to the same things. */
static bool changes_share(const struct conf_server *x,
			  const struct conf_server *like)
{
	const size_t first = offsetof(struct conf_server, drain_timeout);
	const size_t end = offsetof(struct conf_server, pos);

	return memcmp((const char *)x + first, (const char *)like + first,
		      end - first) == 0;
}

/*
 * Thousands of servers mostly share scripts and slow start: a pair whose bytes
 * are equal, and which shares the rest with a pair found equal before, needs no
 * walk through the rows.
 */
static bool changes_same_rows(struct changes_pair *pair,
			      const struct conf_server *x,
			      const struct conf_server *y)
{
	if (pair->like_a &&
	    memcmp(x, y, offsetof(struct conf_server, uses)) == 0 &&
	    changes_share(x, pair->like_a) && changes_share(y, pair->like_b))
		return true;
	if (endpoint_cmp(&x->addr, &y->addr) != 0 ||
	    !conf_block_equal(&conf_block_real_server, x, y))
		return false;
	pair->like_a = x;
	pair->like_b = y;
	return true;
}

static bool changes_same_server(struct changes_pair *pair,
				const struct conf_server *x,
				const struct conf_server *y)
{
	uint32_t i;

	if (x->nr_uses != y->nr_uses || !changes_same_rows(pair, x, y))
		return false;
	for (i = 0; i < x->nr_uses; i++) {
		if (!changes_same_check(pair, &x->uses[i], &y->uses[i]))
			return false;
	}
	return true;
}

static bool changes_same_service(struct changes_pair *pair,
				 const struct conf_virtual_server *x,
				 const struct conf_virtual_server *y)
{
	uint32_t i;

	if (strcmp(x->name, y->name) != 0 || x->nr_keys != y->nr_keys ||
	    x->nr_servers != y->nr_servers ||
	    !conf_block_equal(&conf_block_virtual_server, x, y))
		return false;
	for (i = 0; i < x->nr_keys; i++) {
		if (service_key_cmp(&x->keys[i], &y->keys[i]) != 0)
			return false;
	}
	for (i = 0; i < x->nr_servers; i++) {
		if (!changes_same_server(
			    pair, &pair->a->servers[x->first_server + i],
			    &pair->b->servers[y->first_server + i]))
			return false;
	}
	return true;
}

/* By the members that service_key_cmp() compares; bytes between are left out. */
static uint32_t changes_hash(const struct conf_virtual_server *vs)
{
	const struct service_key *key = &vs->keys[0];
	const struct addr *addr = &key->vip.addr;
	uint32_t hash = conf_hash(addr->bytes, sizeof(addr->bytes));

	hash = conf_hash_add(hash, key->vip.port);
	hash = conf_hash_add(hash, key->fwmark);
	return conf_hash_add(hash, (uint32_t)key->family << 16 | key->protocol);
}

/* The virtual server of CONF, which INDEX is of, that VS is; NULL: none. */
static const struct conf_virtual_server *
changes_find(const struct conf *conf, const struct index *index,
	     const struct conf_virtual_server *vs)
{
	const struct conf_virtual_server *found;
	struct index_walk walk;
	uint32_t i;

	index_for_each (index, changes_hash(vs), &walk, i) {
		found = &conf->virtual_servers[i];
		if (service_key_cmp(&found->keys[0], &vs->keys[0]) == 0)
			return found;
	}
	return NULL;
}

struct conf_changes conf_compare(const struct conf *before,
				 const struct conf *now, bool same_checks)
{
	struct changes_pair pair = { .a = before,
				     .b = now,
				     .same_checks = same_checks };
	struct conf_changes changes = { .gone = before->nr_virtual_servers };
	const struct conf_virtual_server *vs, *old;
	struct index index = { 0 };
	uint32_t i;

	index_reserve(&index, before->nr_virtual_servers);
	for (i = 0; i < before->nr_virtual_servers; i++)
		index_put(&index, changes_hash(&before->virtual_servers[i]), i);
	for (i = 0; i < now->nr_virtual_servers; i++) {
		vs = &now->virtual_servers[i];
		old = changes_find(before, &index, vs);
		if (!old) {
			changes.added++;
			continue;
		}
		changes.gone--;
		changes.changed += !changes_same_service(&pair, old, vs);
	}
	index_free(&index);
	return changes;
}
