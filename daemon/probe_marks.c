/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/probe_marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Every kernel has it, and with one server all schedulers are alike. */
#define PROBE_MARKS_SCHEDULER "rr"

/* A bit for each mark of the range. */
struct probe_marks_taken {
	uint8_t bits[CONF_PROBE_MARKS / 8];
};

void probe_marks_free(struct probe_marks *marks)
{
	free(marks->list);
	index_free(&marks->index);
	memset(marks, 0, sizeof(*marks));
}

static bool probe_marks_in_range(uint32_t first, uint32_t mark)
{
	return mark != 0 && mark - first < CONF_PROBE_MARKS;
}

struct service_key probe_mark_key(const struct probe_mark *mark)
{
	struct service_key key;

	memset(&key, 0, sizeof(key));
	key.fwmark = mark->mark;
	key.family = mark->server.family;
	return key;
}

bool probe_marks_has(const struct conf *conf, const struct service_key *key)
{
	return probe_marks_in_range(conf_first_mark(conf), key->fwmark);
}

static void probe_marks_take(struct probe_marks_taken *taken, uint32_t first,
			     uint32_t mark)
{
	uint32_t at = mark - first;

	if (probe_marks_in_range(first, mark))
		taken->bits[at / 8] |= (uint8_t)(1u << at % 8);
}

/* Whether MARK, which is in the range, is taken. */
static bool probe_marks_is_taken(const struct probe_marks_taken *taken,
				 uint32_t first, uint32_t mark)
{
	uint32_t at = mark - first;

	return taken->bits[at / 8] >> at % 8 & 1;
}

/*
 * Services of the file itself, which is then one that is taken with its faults.
 */
static struct probe_marks_taken *
probe_marks_list_files(const struct probe_marks *marks, const struct conf *conf)
{
	struct probe_marks_taken *taken = xcalloc(1, sizeof(*taken));
	uint32_t i, k;

	for (i = 0; i < conf->nr_virtual_servers; i++)
		for (k = 0; k < conf->virtual_servers[i].nr_keys; k++)
			probe_marks_take(
				taken, marks->first,
				conf->virtual_servers[i].keys[k].fwmark);
	return taken;
}

static uint32_t probe_marks_hash(const struct probe_mark *mark)
{
	struct endpoint ep = { .addr = mark->server };

	return endpoint_hash(&ep) ^ (uint32_t)(mark->forward.method << 16) ^
	       (uint32_t)(mark->forward.tun_type << 24) ^
	       (uint32_t)(mark->forward.tun_port ^ mark->forward.tun_flags);
}

static bool probe_marks_same(const struct probe_mark *a,
			     const struct probe_mark *b)
{
	return addr_cmp(&a->server, &b->server) == 0 &&
	       a->forward.method == b->forward.method &&
	       a->forward.tun_type == b->forward.tun_type &&
	       a->forward.tun_port == b->forward.tun_port &&
	       a->forward.tun_flags == b->forward.tun_flags;
}

static struct probe_mark *probe_marks_search(const struct probe_marks *marks,
					     const struct probe_mark *like)
{
	struct index_walk walk;
	uint32_t i;

	index_for_each (&marks->index, probe_marks_hash(like), &walk, i)
		if (probe_marks_same(&marks->list[i], like))
			return &marks->list[i];
	return NULL;
}

static struct probe_mark *probe_marks_put(struct probe_marks *marks,
					  const struct probe_mark *mark)
{
	marks->list = array_grow(marks->list, marks->nr, &marks->room,
				 sizeof(*marks->list));
	index_put(&marks->index, probe_marks_hash(mark), (uint32_t)marks->nr);
	marks->list[marks->nr] = *mark;
	return &marks->list[marks->nr++];
}

const struct probe_mark *probe_marks_find(const struct probe_marks *marks,
					  const struct addr *server,
					  const struct conf_forward *forward)
{
	struct probe_mark like = { .server = *server, .forward = *forward };
	const struct probe_mark *mark = probe_marks_search(marks, &like);

	return mark && mark->mark ? mark : NULL;
}

/* In a range that has moved, no mark of before is of use. */
static void probe_marks_move(struct probe_marks *marks, const struct conf *conf)
{
	uint32_t first = conf_first_mark(conf);

	if (marks->first != first)
		probe_marks_free(marks);
	marks->first = first;
}

static void probe_marks_adopt_one(struct probe_marks *marks, uint32_t number,
				  const struct table_dest *dest)
{
	struct probe_mark mark = { .mark = number };

	mark.server = dest->rip.addr;
	mark.forward.method = dest->forward;
	mark.forward.tun_type = dest->tun_type;
	mark.forward.tun_port = dest->tun_port;
	mark.forward.tun_flags = dest->tun_flags;
	if (!probe_marks_search(marks, &mark))
		probe_marks_put(marks, &mark);
}

void probe_marks_adopt(struct probe_marks *marks, const struct conf *conf,
		       const struct table *actual,
		       const struct ipvs_keys *owned)
{
	struct probe_marks_taken *files;
	size_t i;

	probe_marks_move(marks, conf);
	files = probe_marks_list_files(marks, conf);
	for (i = 0; i < actual->nr_services; i++) {
		const struct table_service *svc = &actual->services[i];
		uint32_t mark = svc->key.fwmark;
		const struct table_dest *dest;

		if (svc->nr_dests != 1 ||
		    !probe_marks_in_range(marks->first, mark) ||
		    probe_marks_is_taken(files, marks->first, mark) ||
		    !ipvs_keys_has(owned, &svc->key))
			continue;
		dest = &actual->dests[svc->first_dest];
		if (dest->rip.addr.family == svc->key.family)
			probe_marks_adopt_one(marks, mark, dest);
	}
	free(files);
}

/* Services of others in the kernel. */
static void probe_marks_take_foreign(struct probe_marks *marks,
				     const struct table *actual,
				     const struct ipvs_keys *owned,
				     struct probe_marks_taken *taken)
{
	size_t i;

	marks->foreign = 0;
	for (i = 0; actual && i < actual->nr_services; i++) {
		const struct service_key *key = &actual->services[i].key;

		if (!probe_marks_in_range(marks->first, key->fwmark) ||
		    ipvs_keys_has(owned, key) ||
		    probe_marks_is_taken(taken, marks->first, key->fwmark))
			continue;
		probe_marks_take(taken, marks->first, key->fwmark);
		marks->foreign = key->fwmark;
	}
}

static void probe_marks_want_one(struct probe_marks *marks,
				 const struct addr *server,
				 const struct conf_forward *forward)
{
	struct probe_mark like = { .server = *server, .forward = *forward };
	struct probe_mark *mark = probe_marks_search(marks, &like);

	if (!mark)
		mark = probe_marks_put(marks, &like);
	mark->wanted = true;
}

/*
 * Note which servers are wanted, by checks and for payload; new ones have no mark
 * yet.
 */
static void probe_marks_want(struct probe_marks *marks, const struct conf *conf)
{
	struct endpoint service;
	size_t i;

	for (i = 0; i < marks->nr; i++)
		marks->list[i].wanted = false;
	for (i = 0; i < conf->nr_checks; i++)
		if (conf->checks[i].client)
			probe_marks_want_one(marks, &conf->checks[i].dst.addr,
					     &conf->checks[i].forward);
	for (i = 0; i < conf->nr_servers; i++)
		if (conf_payload_service(conf, (uint32_t)i, &service))
			probe_marks_want_one(marks, &conf->servers[i].addr.addr,
					     &conf->servers[i].forward);
}

static void probe_marks_drop_unwanted(struct probe_marks *marks)
{
	struct probe_mark *list = marks->list;
	size_t nr = marks->nr, i;

	marks->list = NULL;
	marks->nr = marks->room = 0;
	index_free(&marks->index);
	marks->index = (struct index){ 0 };
	for (i = 0; i < nr; i++)
		if (list[i].wanted)
			probe_marks_put(marks, &list[i]);
	free(list);
}

static size_t probe_marks_allot(struct probe_marks *marks,
				struct probe_marks_taken *taken)
{
	size_t without = 0, i;
	uint32_t next = 0;

	for (i = 0; i < marks->nr; i++) {
		if (marks->list[i].mark || !marks->list[i].wanted)
			continue;
		while (next < CONF_PROBE_MARKS &&
		       probe_marks_is_taken(taken, marks->first,
					    marks->first + next))
			next++;
		if (next < CONF_PROBE_MARKS)
			marks->list[i].mark = marks->first + next++;
		else
			without++;
	}
	return without;
}

size_t probe_marks_use(struct probe_marks *marks, const struct conf *conf,
		       const struct table *actual,
		       const struct ipvs_keys *owned)
{
	struct probe_marks_taken *taken;
	size_t without, i;

	probe_marks_move(marks, conf);
	taken = probe_marks_list_files(marks, conf);
	probe_marks_take_foreign(marks, actual, owned, taken);
	for (i = 0; i < marks->nr; i++) {
		uint32_t mark = marks->list[i].mark;

		/* The mark was given to somebody else in the meantime. */
		if (mark && probe_marks_is_taken(taken, marks->first, mark))
			marks->list[i].mark = 0;
	}
	probe_marks_want(marks, conf);
	probe_marks_drop_unwanted(marks);
	for (i = 0; i < marks->nr; i++)
		if (marks->list[i].mark)
			probe_marks_take(taken, marks->first,
					 marks->list[i].mark);
	without = probe_marks_allot(marks, taken);
	free(taken);
	return without;
}

void probe_marks_add(const struct probe_marks *marks, struct table *table)
{
	struct table_service *svc;
	struct table_dest *dest;
	size_t i;

	for (i = 0; i < marks->nr; i++) {
		const struct probe_mark *mark = &marks->list[i];

		if (!mark->mark)
			continue;
		svc = table_add_service(table);
		svc->key = probe_mark_key(mark);
		snprintf(svc->scheduler, sizeof(svc->scheduler), "%s",
			 PROBE_MARKS_SCHEDULER);
		svc->prefix = mark->server.family == AF_INET6 ? 128 : 32;
		dest = table_add_dest(table);
		dest->rip.addr = mark->server;
		dest->weight = 1;
		dest->forward = mark->forward.method;
		dest->tun_type = mark->forward.tun_type;
		dest->tun_port = mark->forward.tun_port;
		dest->tun_flags = mark->forward.tun_flags;
	}
}
