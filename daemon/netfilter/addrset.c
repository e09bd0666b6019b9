/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/netfilter/addrset.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

/* Bytes kept of a name that gets a hash: "~" and eight digits follow. */
#define NAME_KEPT 22
#define HASH_START 2166136261u

void addrset_clear(struct addrset *set)
{
	free(set->members);
	set->members = NULL;
	set->nr = 0;
	set->room = 0;
}

void addrset_add(struct addrset *set, const struct endpoint *ep,
		 uint16_t protocol)
{
	struct addrset_member *member;

	if (ep->addr.family != set->family)
		return;
	set->members = array_grow(set->members, set->nr, &set->room,
				  sizeof(*set->members));
	member = &set->members[set->nr++];
	memset(member, 0, sizeof(*member));
	member->ep.addr = ep->addr;
	if (!set->ports)
		return;
	member->ep.port = ep->port;
	member->protocol = protocol;
}

static int addrset_member_cmp(const void *a, const void *b)
{
	const struct addrset_member *one = a, *other = b;
	int order = endpoint_cmp(&one->ep, &other->ep);

	if (order != 0)
		return order;
	return (int)one->protocol - (int)other->protocol;
}

void addrset_settle(struct addrset *set)
{
	size_t i, kept = 0;

	if (set->nr == 0)
		return;
	qsort(set->members, set->nr, sizeof(*set->members), addrset_member_cmp);
	for (i = 1; i < set->nr; i++) {
		if (addrset_member_cmp(&set->members[kept], &set->members[i]) !=
		    0)
			set->members[++kept] = set->members[i];
	}
	set->nr = kept + 1;
}

bool addrset_equal(const struct addrset *a, const struct addrset *b)
{
	size_t i;

	if (strcmp(a->name, b->name) != 0 || a->family != b->family ||
	    a->ports != b->ports || a->nr != b->nr)
		return false;
	for (i = 0; i < a->nr; i++) {
		if (addrset_member_cmp(&a->members[i], &b->members[i]) != 0)
			return false;
	}
	return true;
}

/* Add TEXT to HASH by FNV-1a. */
static uint32_t addrset_hash_text(uint32_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619u;
	return hash;
}

struct addrset *addrsets_add(struct addrsets *sets, const char *name,
			     uint16_t family, bool ports)
{
	struct addrset *set;

	sets->sets = array_grow(sets->sets, sets->nr, &sets->room,
				sizeof(*sets->sets));
	set = &sets->sets[sets->nr++];
	memset(set, 0, sizeof(*set));
	snprintf(set->name, sizeof(set->name), "%s", name);
	set->hash = addrset_hash_text(HASH_START, set->name);
	set->family = family;
	set->ports = ports;
	return set;
}

struct addrset *addrsets_find(const struct addrsets *sets, const char *name)
{
	uint32_t hash = addrset_hash_text(HASH_START, name);
	size_t i;

	for (i = 0; i < sets->nr; i++) {
		if (sets->sets[i].hash == hash &&
		    strcmp(sets->sets[i].name, name) == 0)
			return &sets->sets[i];
	}
	return NULL;
}

void addrsets_free(struct addrsets *sets)
{
	size_t i;

	for (i = 0; i < sets->nr; i++)
		addrset_clear(&sets->sets[i]);
	free(sets->sets);
	memset(sets, 0, sizeof(*sets));
}

void addrsets_swap(struct addrsets *a, struct addrsets *b)
{
	struct addrsets keep = *a;

	*a = *b;
	*b = keep;
}

static uint32_t addrset_name_hash(uint16_t family, const char *prefix,
				  const char *what)
{
	uint32_t hash = addrset_hash_text(HASH_START ^ family, prefix);

	return addrset_hash_text(addrset_hash_text(hash, "-"), what);
}

void addrset_derive_name(char *out, const char *prefix, uint16_t family,
			 const char *what, bool taken)
{
	size_t room = ADDRSET_NAME_MAX, length;

	length = (size_t)snprintf(out, room, "%.*s%s-%s", ADDRSET_PREFIX_MAX,
				  prefix, family == AF_INET6 ? "6" : "", what);
	if (length >= room || taken)
		snprintf(out + (length < NAME_KEPT ? length : NAME_KEPT),
			 room - NAME_KEPT, "~%08x",
			 addrset_name_hash(family, prefix, what));
	for (; *out; out++) {
		if (!isalnum((unsigned char)*out) && !strchr(".:_-~", *out))
			*out = '_';
	}
}

/* Digits only, up to MOST; *END is behind them. */
static int addrset_parse_number(const char *text, unsigned long most,
				const char **end)
{
	unsigned long value;
	char *behind;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoul(text, &behind, 10);
	*end = behind;
	return errno == 0 && value <= most ? (int)value : -EINVAL;
}

/* "tcp:3306", "6:3306" */
static int addrset_parse_port(struct endpoint *ep, uint16_t *protocol,
			      const char *text)
{
	static const struct {
		const char *name;
		int number;
	} names[] = { { "tcp", IPPROTO_TCP },
		      { "udp", IPPROTO_UDP },
		      { "sctp", IPPROTO_SCTP } };
	size_t length = strcspn(text, ":"), i;
	const char *end = text + length;
	int number = -EINVAL, port;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strlen(names[i].name) == length &&
		    strncmp(text, names[i].name, length) == 0)
			number = names[i].number;
	}
	if (number < 0)
		number = addrset_parse_number(text, UINT8_MAX, &end);
	if (number < 0 || *end != ':')
		return -EINVAL;
	port = addrset_parse_number(end + 1, UINT16_MAX, &end);
	if (port < 0 || *end)
		return -EINVAL;
	*protocol = (uint16_t)number;
	ep->port = (uint16_t)port;
	return 0;
}

int addrset_parse_member(struct addrset *set, const char *text, size_t len)
{
	struct endpoint ep = { .port = 0 };
	uint16_t protocol = 0;
	char copy[ADDR_TEXT_MAX + 32], *comma;

	if (len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	comma = strchr(copy, ',');
	if ((comma != NULL) != set->ports)
		return -EINVAL;
	if (comma) {
		*comma = '\0';
		if (addrset_parse_port(&ep, &protocol, comma + 1) < 0)
			return -EINVAL;
	}
	if (addr_parse(&ep.addr, copy, strlen(copy)) < 0 ||
	    ep.addr.family != set->family)
		return -EINVAL;
	addrset_add(set, &ep, protocol);
	return 0;
}
