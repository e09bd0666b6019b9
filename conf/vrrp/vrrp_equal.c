/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether the vrrp process would do the same with two configurations, which
 * come from two parses and share no string. Structs are compared by tables of
 * their members, and lines of addresses, routes and rules by those of their
 * options; plain data between pointers is compared whole, so that a number
 * that is added later counts without a change here. Bytes between members are
 * zero, since configurations are made from zeroed memory; if they were not,
 * the vrrp process would merely get a reload that it does not need.
 */
#include <stddef.h>
#include <string.h>

#include "conf/vrrp/vrrp_line.h"
#include "conf/vrrp_conf.h"

/* A pointer of a struct, with the count of what it points at. */
struct equal_pointer {
	const struct vrrp_line_kind *lines;
	uint32_t offset;
	uint32_t count; /* offset of a uint32_t; EQUAL_STRING: a string */
	uint32_t size; /* of an element without pointers; 0: see LINES */
	bool apart; /* the caller compares it */
};

#define EQUAL_STRING UINT32_MAX
#define POINTER(tag, member) .offset = (uint32_t)offsetof(struct tag, member)
#define STRING(tag, member)                                  \
	{                                                    \
		POINTER(tag, member), .count = EQUAL_STRING, \
	}
#define PLAIN(tag, member, number)                                       \
	{                                                                \
		POINTER(tag, member),                                    \
			.count = (uint32_t)offsetof(struct tag, number), \
			.size = (uint32_t)sizeof(                        \
				*((struct tag *)NULL)->member),          \
	}
#define LINES(tag, member, number, table)                                \
	{                                                                \
		POINTER(tag, member),                                    \
			.count = (uint32_t)offsetof(struct tag, number), \
			.lines = (table),                                \
	}
#define APART(tag, member)                           \
	{                                            \
		POINTER(tag, member), .apart = true, \
	}

static const struct equal_pointer instance_pointers[] = {
	STRING(vrrp_conf_instance, name),
	STRING(vrrp_conf_instance, ifname),
	STRING(vrrp_conf_instance, vmac_name),
	LINES(vrrp_conf_instance, addresses, nr_addresses, &vrrp_address_lines),
	LINES(vrrp_conf_instance, excluded, nr_excluded, &vrrp_address_lines),
	LINES(vrrp_conf_instance, routes, nr_routes, &vrrp_route_lines),
	LINES(vrrp_conf_instance, rules, nr_rules, &vrrp_rule_lines),
	PLAIN(vrrp_conf_instance, peers, nr_peers),
	PLAIN(vrrp_conf_instance, tracks, nr_tracks),
};

static const struct equal_pointer group_pointers[] = {
	STRING(vrrp_conf_group, name),
	PLAIN(vrrp_conf_group, tracks, nr_tracks),
};

static const struct equal_pointer tracker_pointers[] = {
	STRING(vrrp_conf_tracker, name),
	STRING(vrrp_conf_tracker, ifname),
};

static const struct equal_pointer process_pointers[] = {
	APART(vrrp_conf, instances),
	APART(vrrp_conf, groups),
	APART(vrrp_conf, trackers),
	LINES(vrrp_conf, addresses, nr_addresses, &vrrp_address_lines),
	LINES(vrrp_conf, routes, nr_routes, &vrrp_route_lines),
	LINES(vrrp_conf, rules, nr_rules, &vrrp_rule_lines),
};

struct equal_struct {
	size_t size;
	const struct equal_pointer *pointers; /* all, by no order */
	size_t nr;
};

#define STRUCT(tag, list)                                       \
	{                                                       \
		.size = sizeof(struct tag), .pointers = (list), \
		.nr = ARRAY_SIZE(list),                         \
	}

static const struct equal_struct equal_instance = STRUCT(vrrp_conf_instance,
							 instance_pointers),
				 equal_group = STRUCT(vrrp_conf_group,
						      group_pointers),
				 equal_tracker = STRUCT(vrrp_conf_tracker,
							tracker_pointers),
				 equal_process =
					 STRUCT(vrrp_conf, process_pointers);

static const void *equal_get(const void *target, uint32_t offset)
{
	const void *pointer;

	memcpy(&pointer, (const char *)target + offset, sizeof(pointer));
	return pointer;
}

static uint32_t equal_count(const void *target, uint32_t offset)
{
	uint32_t count;

	memcpy(&count, (const char *)target + offset, sizeof(count));
	return count;
}

static bool equal_member(const struct equal_pointer *pointer, const void *a,
			 const void *b)
{
	const void *one = equal_get(a, pointer->offset);
	const void *other = equal_get(b, pointer->offset);
	uint32_t nr_one, nr_other;

	if (pointer->apart)
		return true;
	if (pointer->count == EQUAL_STRING)
		return str_equal(one, other);
	nr_one = equal_count(a, pointer->count);
	nr_other = equal_count(b, pointer->count);
	if (pointer->lines)
		return vrrp_lines_equal(pointer->lines, one, nr_one, other,
					nr_other);
	return nr_one == nr_other &&
	       (nr_one == 0 ||
		memcmp(one, other, (size_t)nr_one * pointer->size) == 0);
}

/* The data that is no pointer. */
static bool equal_plain(const struct equal_struct *what, const void *a,
			const void *b)
{
	unsigned char one[512], other[512];
	size_t i;

	_Static_assert(sizeof(struct vrrp_conf_instance) <= sizeof(one),
		       "the largest struct");
	memcpy(one, a, what->size);
	memcpy(other, b, what->size);
	for (i = 0; i < what->nr; i++) {
		memset(one + what->pointers[i].offset, 0, sizeof(void *));
		memset(other + what->pointers[i].offset, 0, sizeof(void *));
	}
	return memcmp(one, other, what->size) == 0;
}

static bool equal_structs(const struct equal_struct *what, const void *a,
			  const void *b, uint32_t nr)
{
	const char *one = a, *other = b;
	uint32_t i;
	size_t k;

	for (i = 0; i < nr; i++, one += what->size, other += what->size) {
		if (!equal_plain(what, one, other))
			return false;
		for (k = 0; k < what->nr; k++) {
			if (!equal_member(&what->pointers[k], one, other))
				return false;
		}
	}
	return true;
}

bool vrrp_conf_equal(const struct vrrp_conf *a, const struct vrrp_conf *b)
{
	/* The first also compares the counts of the others. */
	return equal_structs(&equal_process, a, b, 1) &&
	       equal_structs(&equal_instance, a->instances, b->instances,
			     a->nr_instances) &&
	       equal_structs(&equal_group, a->groups, b->groups,
			     a->nr_groups) &&
	       equal_structs(&equal_tracker, a->trackers, b->trackers,
			     a->nr_trackers);
}
