/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Structs are compared with their pointers taken out: the rest is plain data,
 * and a member that is added later is compared without a change here. Bytes
 * between members are zero, since configurations are made from zeroed memory;
 * if they were not, the vrrp process would merely get a reload that it does not
 * need.
 */
#include "daemon/pair/pair_equal.h"
#include "lib/util.h"

#include <string.h>

static bool pair_equal_same_bytes(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) == 0;
}

static bool pair_equal_same_addresses(const struct vrrp_conf_address *a,
				      const struct vrrp_conf_address *b,
				      uint32_t count)
{
	struct vrrp_conf_address one, other;
	uint32_t i;

	for (i = 0; i < count; i++) {
		memcpy(&one, &a[i], sizeof(one));
		memcpy(&other, &b[i], sizeof(other));
		one.dev = one.label = other.dev = other.label = NULL;
		if (!pair_equal_same_bytes(&one, &other, sizeof(one)) ||
		    !str_equal(a[i].dev, b[i].dev) ||
		    !str_equal(a[i].label, b[i].label))
			return false;
	}
	return true;
}

static bool pair_equal_same_tracks(const struct vrrp_conf_track *a,
				   const struct vrrp_conf_track *b,
				   uint32_t count)
{
	return count == 0 || pair_equal_same_bytes(a, b, count * sizeof(*a));
}

static bool pair_equal_same_routes(const struct vrrp_conf_route *a,
				   const struct vrrp_conf_route *b,
				   uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (!vrrp_route_equal(&a[i], &b[i]))
			return false;
	return true;
}

static bool pair_equal_same_rules(const struct vrrp_conf_rule *a,
				  const struct vrrp_conf_rule *b,
				  uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		if (!vrrp_rule_equal(&a[i], &b[i]))
			return false;
	return true;
}

static void pair_equal_take_pointers(struct vrrp_conf_instance *instance)
{
	instance->name = instance->ifname = instance->vmac_name = NULL;
	instance->addresses = instance->excluded = NULL;
	instance->peers = NULL;
	instance->tracks = NULL;
	instance->routes = NULL;
	instance->rules = NULL;
}

static bool pair_equal_same_instance(const struct vrrp_conf_instance *a,
				     const struct vrrp_conf_instance *b)
{
	struct vrrp_conf_instance one, other;

	memcpy(&one, a, sizeof(one));
	memcpy(&other, b, sizeof(other));
	pair_equal_take_pointers(&one);
	pair_equal_take_pointers(&other);
	return pair_equal_same_bytes(&one, &other, sizeof(one)) &&
	       str_equal(a->name, b->name) && str_equal(a->ifname, b->ifname) &&
	       str_equal(a->vmac_name, b->vmac_name) &&
	       pair_equal_same_addresses(a->addresses, b->addresses,
					 a->nr_addresses) &&
	       pair_equal_same_addresses(a->excluded, b->excluded,
					 a->nr_excluded) &&
	       (a->nr_peers == 0 ||
		memcmp(a->peers, b->peers, a->nr_peers * sizeof(a->peers[0])) ==
			0) &&
	       pair_equal_same_tracks(a->tracks, b->tracks, a->nr_tracks) &&
	       pair_equal_same_routes(a->routes, b->routes, a->nr_routes) &&
	       pair_equal_same_rules(a->rules, b->rules, a->nr_rules);
}

static bool pair_equal_same_group(const struct vrrp_conf_group *a,
				  const struct vrrp_conf_group *b)
{
	return str_equal(a->name, b->name) && a->nr_tracks == b->nr_tracks &&
	       pair_equal_same_tracks(a->tracks, b->tracks, a->nr_tracks);
}

static bool pair_equal_same_tracker(const struct vrrp_conf_tracker *a,
				    const struct vrrp_conf_tracker *b)
{
	return str_equal(a->name, b->name) && a->kind == b->kind &&
	       str_equal(a->ifname, b->ifname) && a->init_fail == b->init_fail;
}

static bool pair_equal_same_process(const struct vrrp_conf *a,
				    const struct vrrp_conf *b)
{
	struct vrrp_conf one, other;

	memcpy(&one, a, sizeof(one));
	memcpy(&other, b, sizeof(other));
	one.instances = other.instances = NULL;
	one.groups = other.groups = NULL;
	one.trackers = other.trackers = NULL;
	one.addresses = other.addresses = NULL;
	one.routes = other.routes = NULL;
	one.rules = other.rules = NULL;
	return pair_equal_same_bytes(&one, &other, sizeof(one)) &&
	       pair_equal_same_addresses(a->addresses, b->addresses,
					 a->nr_addresses) &&
	       pair_equal_same_routes(a->routes, b->routes, a->nr_routes) &&
	       pair_equal_same_rules(a->rules, b->rules, a->nr_rules);
}

bool pair_equal(const struct vrrp_conf *a, const struct vrrp_conf *b)
{
	uint32_t i;

	/* pair_equal_same_process() also compares the counts. */
	if (!pair_equal_same_process(a, b))
		return false;
	for (i = 0; i < a->nr_instances; i++)
		if (!pair_equal_same_instance(&a->instances[i],
					      &b->instances[i]))
			return false;
	for (i = 0; i < a->nr_groups; i++)
		if (!pair_equal_same_group(&a->groups[i], &b->groups[i]))
			return false;
	for (i = 0; i < a->nr_trackers; i++)
		if (!pair_equal_same_tracker(&a->trackers[i], &b->trackers[i]))
			return false;
	return true;
}
