/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a router looks at when a tracker, and when an interface, has changed. */
#include <criterion/criterion.h>
#include <string.h>

#include "vrrp/vrrp_internal.h"

static struct vrrp vrrp;
static unsigned lookups;

/* The linker gives the room's calls to these, and the originals by __real_. */
const struct vrrp_link *__real_vrrp_net_link(const struct vrrp_net *net,
					     const char *name);
const struct vrrp_link *__wrap_vrrp_net_link(const struct vrrp_net *net,
					     const char *name);
bool __wrap_vrrp_net_source(const struct vrrp_net *net, int index,
			    uint16_t family, bool owner,
			    bool (*is_virtual)(const void *arg,
					       const struct addr *addr),
			    const void *arg, struct addr *out);
bool __real_vrrp_net_source(const struct vrrp_net *net, int index,
			    uint16_t family, bool owner,
			    bool (*is_virtual)(const void *arg,
					       const struct addr *addr),
			    const void *arg, struct addr *out);
struct vrrp_sock *__wrap_vrrp_sock_open(struct loop *loop, int index,
					const char *ifname,
					const struct addr *local,
					void (*drain)(struct vrrp_sock *sock),
					int *error);

const struct vrrp_link *__wrap_vrrp_net_link(const struct vrrp_net *net,
					     const char *name)
{
	lookups++;
	return __real_vrrp_net_link(net, name);
}

bool __wrap_vrrp_net_source(const struct vrrp_net *net, int index,
			    uint16_t family, bool owner,
			    bool (*is_virtual)(const void *arg,
					       const struct addr *addr),
			    const void *arg, struct addr *out)
{
	lookups++;
	return __real_vrrp_net_source(net, index, family, owner, is_virtual,
				      arg, out);
}

struct vrrp_sock *__wrap_vrrp_sock_open(struct loop *loop, int index,
					const char *ifname,
					const struct addr *local,
					void (*drain)(struct vrrp_sock *sock),
					int *error)
{
	lookups++;
	*error = -EPERM;
	return NULL;
}

static const struct vrrp_conf_tracker trackers[] = {
	{ .name = "script", .kind = VRRP_TRACK_SCRIPT },
	{ .name = "eth1", .kind = VRRP_TRACK_INTERFACE, .ifname = "eth1" },
};
static const struct vrrp_conf_track tracks[] = {
	{ .tracker = 0, .weight = -30 },
	{ .tracker = 1, .weight = -5 },
};
static const struct vrrp_conf_instance instances[] = {
	{ .name = "A",
	  .ifname = "eth0",
	  .vmac_name = NULL,
	  .family = AF_INET,
	  .version = 3,
	  .vrid = 1,
	  .priority = 150,
	  .interval = USEC_PER_SEC,
	  .tracks = tracks,
	  .nr_tracks = ARRAY_SIZE(tracks),
	  .sync_group = VRRP_NO_GROUP },
	{ .name = "B",
	  .ifname = "eth0",
	  .vmac_name = NULL,
	  .family = AF_INET,
	  .version = 3,
	  .vrid = 2,
	  .priority = 100,
	  .interval = USEC_PER_SEC,
	  .sync_group = VRRP_NO_GROUP },
};
static const struct vrrp_conf conf = {
	.instances = instances,
	.nr_instances = ARRAY_SIZE(instances),
	.trackers = trackers,
	.nr_trackers = ARRAY_SIZE(trackers),
};
static struct vrrp_track_value values[ARRAY_SIZE(trackers)];
static struct vrrp_router *routers[ARRAY_SIZE(instances)];
static struct vrrp_link links[] = {
	{ .index = 2, .name = "eth0" }, /* its link is down */
	{ .index = 3, .name = "eth1", .running = true },
};

static void ignore(struct loop_task *task)
{
}

static void setup(void)
{
	size_t i;

	memset(&vrrp, 0, sizeof(vrrp));
	memset(values, 0, sizeof(values));
	vrrp.loop = loop_new();
	cr_assert_not_null(vrrp.loop);
	loop_task_init(vrrp.loop, &vrrp.report, ignore);
	vrrp.conf = &conf;
	vrrp.values = values;
	vrrp.net.links = links;
	vrrp.net.nr_links = ARRAY_SIZE(links);
	vrrp.routers = routers;
	vrrp.nr_routers = ARRAY_SIZE(routers);
	for (i = 0; i < ARRAY_SIZE(routers); i++)
		routers[i] = vrrp_router_new(&vrrp, &instances[i]);
	lookups = 0;
}

static void teardown(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(routers); i++)
		vrrp_router_free(routers[i]);
	loop_task_clear(&vrrp.report);
	loop_free(vrrp.loop);
}

TestSuite(vrrp_router, .init = setup, .fini = teardown);

Test(vrrp_router, a_tracker_sets_the_priority_and_looks_up_no_interface)
{
	struct ipc_vrrp_track down = { .tracker = 0, .value = 0 };
	struct ipc_vrrp_track up = { .tracker = 0, .value = 1 };

	vrrp_track_interfaces(&vrrp);
	cr_assert_eq(lookups, 1, "the tracked interface");
	lookups = 0;
	vrrp_trackers_set(&vrrp, &down, 1);
	cr_assert_eq(routers[0]->fsm.priority, 120);
	cr_assert_eq(routers[1]->fsm.priority, 100);
	vrrp_trackers_set(&vrrp, &up, 1);
	cr_assert_eq(routers[0]->fsm.priority, 150);
	cr_assert_eq(lookups, 0);
}

Test(vrrp_router, a_tracker_that_the_configuration_does_not_have_is_ignored)
{
	struct ipc_vrrp_track stray = { .tracker = 2, .value = 0 };

	vrrp_track_interfaces(&vrrp);
	vrrp_trackers_set(&vrrp, &stray, 1);
	cr_assert_eq(routers[0]->fsm.priority, 150);
}

Test(vrrp_router, a_link_makes_faults_and_leaves_the_priority_alone)
{
	struct ipc_vrrp_track down = { .tracker = 0, .value = 0 };

	vrrp.net.nr_links = 0;
	vrrp_router_update_link(routers[0]);
	cr_assert_gt(lookups, 0);
	cr_assert_eq(routers[0]->faults, VRRP_FAULT_INTERFACE);
	cr_assert_eq(routers[0]->fsm.priority, 150);
	/* A tracker's message leaves the link's fault as it is. */
	vrrp.net.nr_links = ARRAY_SIZE(links);
	vrrp_trackers_set(&vrrp, &down, 1);
	cr_assert_eq(routers[0]->faults, VRRP_FAULT_INTERFACE);
	vrrp_router_update_link(routers[0]);
	cr_assert_eq(routers[0]->faults, VRRP_FAULT_SOURCE);
}
