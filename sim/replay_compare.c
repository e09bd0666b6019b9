/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sim/replay_compare.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

const char *replay_server_name(const struct conf *conf, uint32_t server,
			       char *out, size_t size)
{
	const struct conf_server *one = &conf->servers[server];
	char addr[ENDPOINT_TEXT_MAX];

	snprintf(out, size, "%s of %s", endpoint_format(&one->addr, addr),
		 conf->virtual_servers[one->vs].name);
	return out;
}

static bool compare_service(const struct table_service *a,
			    const struct table_service *b)
{
	return service_key_cmp(&a->key, &b->key) == 0 &&
	       strcmp(a->scheduler, b->scheduler) == 0 &&
	       strcmp(a->pe_name, b->pe_name) == 0 && a->flags == b->flags &&
	       a->timeout == b->timeout && a->prefix == b->prefix &&
	       a->exclusive == b->exclusive;
}

static bool compare_dest(const struct table_dest *a, const struct table_dest *b)
{
	return endpoint_cmp(&a->rip, &b->rip) == 0 && a->weight == b->weight &&
	       a->u_threshold == b->u_threshold &&
	       a->l_threshold == b->l_threshold && a->forward == b->forward &&
	       a->tun_type == b->tun_type && a->tun_port == b->tun_port &&
	       a->tun_flags == b->tun_flags && a->ref == b->ref;
}

static void compare_say_dest(struct text *line, const char *label,
			     const struct table_dest *dest)
{
	if (!dest) {
		text_add(line, "%s: not in the table", label);
		return;
	}
	text_add(line, "%s: weight %u", label, dest->weight);
	if (dest->u_threshold || dest->l_threshold)
		text_add(line, ", thresholds %u and %u", dest->u_threshold,
			 dest->l_threshold);
}

static const struct table_dest *
compare_find(const struct table *table, const struct table_service *service,
	     const struct table_dest *dest)
{
	size_t i;

	for (i = service->first_dest;
	     i < service->first_dest + service->nr_dests; i++)
		if (endpoint_cmp(&table->dests[i].rip, &dest->rip) == 0)
			return &table->dests[i];
	return NULL;
}

/* The first server of A's service that B's service has not in the same way. */
static bool compare_dests(const struct table *a, const struct table_service *sa,
			  const struct table *b, const struct table_service *sb,
			  const struct table_dest *found[2])
{
	size_t i;

	for (i = 0; i < sa->nr_dests; i++) {
		found[0] = &a->dests[sa->first_dest + i];
		if (i < sb->nr_dests &&
		    compare_dest(found[0], &b->dests[sb->first_dest + i]))
			continue;
		found[1] = compare_find(b, sb, found[0]);
		if (!found[1] || !compare_dest(found[0], found[1]))
			return false;
	}
	return true;
}

static bool compare_service_dests(const struct table *recorded,
				  const struct table *made, size_t at,
				  struct text *line)
{
	const struct table_service *r = &recorded->services[at],
				   *m = &made->services[at];
	const struct table_dest *found[2];
	char addr[ENDPOINT_TEXT_MAX], key[SERVICE_TEXT_MAX];

	if (compare_dests(recorded, r, made, m, found)) {
		if (r->nr_dests == m->nr_dests)
			return true;
		if (compare_dests(made, m, recorded, r, found))
			return true;
		found[1] = found[0];
		found[0] = NULL;
	}
	text_add(line, "%s of %s: ",
		 endpoint_format(found[0] ? &found[0]->rip : &found[1]->rip,
				 addr),
		 service_key_format(&r->key, key));
	compare_say_dest(line, "recorded", found[0]);
	compare_say_dest(line, "; replayed", found[1]);
	return false;
}

bool replay_compare(const struct conf *conf, const struct table *recorded,
		    const struct table *made, char *out, size_t size)
{
	struct text line = text_in(out, size);
	char key[SERVICE_TEXT_MAX];
	size_t i, count = recorded->nr_services < made->nr_services ?
				  recorded->nr_services :
				  made->nr_services;

	for (i = 0; i < count; i++) {
		if (!compare_service(&recorded->services[i],
				     &made->services[i])) {
			text_add(&line,
				 "%s: not the service that was recorded here",
				 service_key_format(&made->services[i].key,
						    key));
			return false;
		}
		if (!compare_service_dests(recorded, made, i, &line))
			return false;
	}
	if (recorded->nr_services == made->nr_services)
		return true;
	text_add(&line, "%zu services; %zu were recorded, of %u of the file",
		 made->nr_services, recorded->nr_services,
		 conf->nr_virtual_servers);
	return false;
}
