/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The wanted sets, from configuration, table and states: no I/O. */
#include <stdio.h>
#include <string.h>

#include "daemon/netfilter/sets.h"
#include "conf/vrrp_conf.h"

#define OWN_PREFIX "evenkeel"

static const uint16_t families[] = { AF_INET, AF_INET6 };

void sets_make_names(struct sets_names *names, const char *suffix)
{
	char what[16];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		snprintf(what, sizeof(what), "drop%s", suffix);
		addrset_derive_name(names->drop[i], OWN_PREFIX, families[i],
				    what, false);
		snprintf(what, sizeof(what), "accept%s", suffix);
		addrset_derive_name(names->accept[i], OWN_PREFIX, families[i],
				    what, false);
	}
	snprintf(names->chain, sizeof(names->chain), "EVENKEEL%s", suffix);
}

/* An owner's addresses are the host's own: RFC 9568 has it accept always. */
static bool sets_wanted_is_protected(const struct vrrp_conf_instance *instance)
{
	return !instance->accept && instance->priority != VRRP_PRIORITY_OWNER;
}

static void sets_wanted_add_addresses(struct addrset *set,
				      const struct vrrp_conf_instance *instance)
{
	struct endpoint ep = { .port = 0 };
	uint32_t i;

	for (i = 0; i < instance->nr_addresses; i++) {
		ep.addr = instance->addresses[i].addr;
		addrset_add(set, &ep, 0);
	}
	for (i = 0; i < instance->nr_excluded; i++) {
		ep.addr = instance->excluded[i].addr;
		addrset_add(set, &ep, 0);
	}
}

static bool sets_wanted_has_family(const struct vrrp_conf_instance *instance,
				   uint16_t family)
{
	uint32_t i;

	for (i = 0; i < instance->nr_addresses; i++) {
		if (instance->addresses[i].addr.family == family)
			return true;
	}
	for (i = 0; i < instance->nr_excluded; i++) {
		if (instance->excluded[i].addr.family == family)
			return true;
	}
	return false;
}

bool sets_protects(const struct sets_input *input, uint16_t family)
{
	const struct vrrp_conf *vrrp = input->conf->vrrp;
	uint32_t i;

	for (i = 0; input->vrrp && i < vrrp->nr_instances; i++) {
		if (sets_wanted_is_protected(&vrrp->instances[i]) &&
		    sets_wanted_has_family(&vrrp->instances[i], family))
			return true;
	}
	return false;
}

static void sets_wanted_add_service(struct addrset *set,
				    const struct service_key *key)
{
	if (key->fwmark == 0 && key->vip.port != 0)
		addrset_add(set, &key->vip, key->protocol);
}

static void sets_wanted_add_served(struct addrset *set,
				   const struct sets_input *input)
{
	const struct conf *conf = input->conf;
	uint32_t i, k;
	size_t n;

	for (n = 0; input->table && n < input->table->nr_services; n++)
		sets_wanted_add_service(set, &input->table->services[n].key);
	for (i = 0; !input->table && i < conf->nr_virtual_servers; i++)
		for (k = 0; k < conf->virtual_servers[i].nr_keys; k++)
			sets_wanted_add_service(
				set, &conf->virtual_servers[i].keys[k]);
}

static void sets_wanted_want_protection(const struct sets_input *input,
					const struct sets_names *names,
					struct addrsets *out)
{
	const struct vrrp_conf *vrrp = input->conf->vrrp;
	struct addrset *set;
	size_t family;
	uint32_t i;

	for (family = 0; family < ARRAY_SIZE(families); family++) {
		if (!sets_protects(input, families[family]))
			continue;
		set = addrsets_add(out, names->accept[family], families[family],
				   true);
		sets_wanted_add_served(set, input);
		set = addrsets_add(out, names->drop[family], families[family],
				   false);
		for (i = 0; i < vrrp->nr_instances; i++) {
			if (sets_wanted_is_protected(&vrrp->instances[i]))
				sets_wanted_add_addresses(set,
							  &vrrp->instances[i]);
		}
	}
}

static void sets_wanted_want_held(const struct sets_input *input,
				  struct addrsets *out)
{
	const struct vrrp_conf *vrrp = input->conf->vrrp;
	const struct conf_sets *names = &input->conf->global.sets;
	const char *const name[] = { names->held4, names->held6 };
	struct addrset *set;
	size_t family;
	uint32_t i;

	for (family = 0; family < ARRAY_SIZE(families); family++) {
		set = addrsets_add(out, name[family], families[family], false);
		for (i = 0; i < vrrp->nr_instances; i++) {
			if (input->held[i])
				sets_wanted_add_addresses(set,
							  &vrrp->instances[i]);
		}
	}
}

/* "192.0.2.1:3306", "2001:db8::1:3306:udp", "fwmark_5", "group_NAME" */
static void sets_wanted_pool_text(const struct conf_virtual_server *vs,
				  char *out, size_t size)
{
	const struct service_key *key = &vs->keys[0];
	const char *protocol = key->protocol == IPPROTO_UDP  ? ":udp" :
			       key->protocol == IPPROTO_SCTP ? ":sctp" :
							       "";
	const char *from = vs->name;
	size_t length = 0;

	for (; *from && length + 1 < size; from++) {
		if (*from != '[' && *from != ']')
			out[length++] = *from;
	}
	snprintf(out + length, size - length, "%s",
		 strncmp(vs->name, "group ", 6) == 0 ? "" : protocol);
}

/* A server under a mark, or of all ports, is an address alone. */
static bool sets_wanted_pool_has_ports(const struct conf_virtual_server *vs)
{
	uint32_t i;

	for (i = 0; i < vs->nr_keys; i++) {
		if (vs->keys[i].fwmark || vs->keys[i].vip.port == 0)
			return false;
	}
	return true;
}

static bool sets_wanted_pool_has_family(const struct conf *conf,
					const struct conf_virtual_server *vs,
					uint16_t family)
{
	uint32_t i;

	if (vs->sorry.addr.addr.family == family)
		return true;
	for (i = 0; i < vs->nr_servers; i++) {
		if (conf->servers[vs->first_server + i].addr.addr.family ==
		    family)
			return true;
	}
	return false;
}

static void sets_wanted_add_serving(struct addrset *set,
				    const struct table *table, uint32_t vs)
{
	size_t i, k;

	for (i = 0; i < table->nr_services; i++) {
		const struct table_service *service = &table->services[i];

		for (k = 0; service->ref == vs && k < service->nr_dests; k++) {
			const struct table_dest *dest =
				&table->dests[service->first_dest + k];

			if (dest->weight > 0)
				addrset_add(set, &dest->rip,
					    service->key.protocol);
		}
	}
}

static void sets_wanted_derive_name(char *name, const struct conf *conf,
				    uint16_t family, const char *what,
				    const struct addrsets *taken)
{
	const char *prefix = conf->global.sets.lvs;

	addrset_derive_name(name, prefix, family, what, false);
	if (addrsets_find(taken, name))
		addrset_derive_name(name, prefix, family, what, true);
}

static void sets_wanted_want_pool(const struct sets_input *input, uint32_t vs,
				  uint16_t family, struct addrsets *out)
{
	const struct conf *conf = input->conf;
	const struct conf_virtual_server *server = &conf->virtual_servers[vs];
	char text[256], name[ADDRSET_NAME_MAX];
	struct addrset *set;

	if (!sets_wanted_pool_has_family(conf, server, family))
		return;
	sets_wanted_pool_text(server, text, sizeof(text));
	sets_wanted_derive_name(name, conf, family, text, out);
	if (addrsets_find(out, name))
		return; /* one in four thousand million */
	set = addrsets_add(out, name, family,
			   sets_wanted_pool_has_ports(server));
	sets_wanted_add_serving(set, input->table, vs);
}

static void sets_wanted_want_lvs(const struct sets_input *input,
				 struct addrsets *out)
{
	const struct conf *conf = input->conf;
	char name[ADDRSET_NAME_MAX];
	size_t family;
	uint32_t vs;

	for (family = 0; family < ARRAY_SIZE(families); family++) {
		sets_wanted_derive_name(name, conf, families[family], "served",
					out);
		sets_wanted_add_served(
			addrsets_add(out, name, families[family], true), input);
	}
	for (vs = 0; vs < conf->nr_virtual_servers; vs++) {
		for (family = 0; family < ARRAY_SIZE(families); family++)
			sets_wanted_want_pool(input, vs, families[family], out);
	}
}

void sets_wanted(const struct sets_input *input, const struct sets_names *names,
		 struct addrsets *out)
{
	size_t i;

	sets_wanted_want_protection(input, names, out);
	if (input->vrrp && input->conf->global.sets.held4 && input->held)
		sets_wanted_want_held(input, out);
	if (input->lvs && input->conf->global.sets.lvs && input->table)
		sets_wanted_want_lvs(input, out);
	for (i = 0; i < out->nr; i++)
		addrset_settle(&out->sets[i]);
}

/* FNV-1a */
static uint64_t sets_wanted_print_bytes(uint64_t print, const void *data,
					size_t size)
{
	const uint8_t *byte = data, *end = byte + size;

	for (; byte < end; byte++)
		print = (print ^ *byte) * 1099511628211u;
	return print;
}

uint64_t sets_fingerprint(const struct sets_input *input)
{
	const struct table *table = input->table;
	uint64_t print = 14695981039346656037u ^ (uintptr_t)input->conf;
	size_t i, k;

	print = sets_wanted_print_bytes(print, table ? "t" : "-", 1);
	print = sets_wanted_print_bytes(print, input->held ? "h" : "-", 1);
	if (input->held)
		print = sets_wanted_print_bytes(
			print, input->held,
			input->conf->vrrp->nr_instances * sizeof(bool));
	for (i = 0; table && i < table->nr_services; i++) {
		const struct table_service *service = &table->services[i];

		print = sets_wanted_print_bytes(print, &service->key,
						sizeof(service->key));
		print = sets_wanted_print_bytes(print, &service->ref,
						sizeof(service->ref));
		for (k = 0; k < service->nr_dests; k++) {
			const struct table_dest *dest =
				&table->dests[service->first_dest + k];

			if (dest->weight > 0)
				print = sets_wanted_print_bytes(
					print, &dest->rip, sizeof(dest->rip));
		}
	}
	return print;
}
