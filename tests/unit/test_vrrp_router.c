/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The look-ups of a router when a tracker, and when an interface, has changed. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/socket.h>

#include "vrrp/vrrp_internal.h"
#include "vrrp/yield.h"

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

/* unicast_fault_no_peer */
Test(vrrp_router, unicast_without_a_peer_is_a_fault)
{
	struct vrrp_conf_instance alone = instances[0];

	alone.fault_no_peer = true;
	routers[0]->conf = &alone;
	vrrp_router_update_link(routers[0]);
	cr_assert_eq(routers[0]->faults, VRRP_FAULT_PEERS);
	routers[0]->conf = &instances[0];
	vrrp_router_update_link(routers[0]);
	cr_assert_eq(routers[0]->faults, VRRP_FAULT_SOURCE);
}

static int buffer_of(const struct vrrp_sock *sock)
{
	socklen_t length = sizeof(int);
	int size = 0;

	cr_assert_eq(
		getsockopt(sock->fd, SOL_SOCKET, SO_RCVBUF, &size, &length), 0);
	return size;
}

/* Of both routers with POLICY on SOCK, half of the kernel's number. */
static int buffer_by(struct vrrp_sock *sock, struct vrrp_conf *all,
		     uint32_t policy)
{
	all->rx_buffers = policy;
	vrrp_router_update_link(routers[0]);
	vrrp_router_update_link(routers[1]);
	cr_assert_eq(routers[0]->faults, 0);
	return buffer_of(sock) / 2;
}

/* vrrp_rx_bufs_policy and kernel_rx_buf_size */
Test(vrrp_router, the_parts_of_a_receive_buffer)
{
	struct vrrp_conf all = { .rx_multiplier = 3 };
	struct vrrp_link up = {
		.index = 2, .name = "eth0", .running = true, .mtu = 1500
	};
	struct vrrp_ifaddr own = { .index = 2, .addr.family = AF_INET };
	struct vrrp_sock sock = { .index = 2, .users = 3 };
	struct vrrp_conf_instance sized = instances[0];

	sock.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	cr_assert_geq(sock.fd, 0);
	sized.rx_buffer = 7000;
	all.instances = instances;
	vrrp.conf = &all;
	vrrp.net.links = &up;
	vrrp.net.nr_links = 1;
	vrrp.net.ifaddrs = &own;
	vrrp.net.nr_ifaddrs = 1;
	routers[0]->sock = routers[1]->sock = &sock;
	cr_expect_eq(buffer_by(&sock, &all, 5000), 10000);
	cr_expect_eq(buffer_by(&sock, &all, VRRP_RX_BY_MTU), 9000);
	routers[0]->conf = &sized;
	cr_expect_eq(buffer_by(&sock, &all, VRRP_RX_BY_MTU), 11500);
	routers[0]->conf = &instances[0];
	cr_expect_eq(buffer_by(&sock, &all, 0), buffer_by(&sock, &all, 0));
	cr_expect_gt(buffer_of(&sock), 100000, "the usual one");
	vrrp.conf = &conf;
}

/* Router 0 stays behind one of PRIORITY (0: not), told by message SERIAL. */
static void tell_yield(uint32_t serial, uint32_t priority, bool leave)
{
	struct ipc_vrrp_yield yield = { .serial = serial, .leave = leave };
	struct ipc_vrrp_behind behind = { .instance = 0, .priority = priority };

	vrrp_yield(&vrrp, &yield, &behind, priority > 0);
}

static void give(struct vrrp_router *router, enum vrrp_event_kind kind,
		 uint8_t priority)
{
	struct vrrp_event event = { .kind = kind };

	if (kind == VRRP_EVENT_TIMER)
		router->fsm.timer = loop_now(vrrp.loop);
	if (kind == VRRP_EVENT_ADVERT) {
		event.advert.priority = priority;
		event.advert.interval = USEC_PER_SEC;
	}
	vrrp_router_step(router, &event);
}

/* A whole life: Active, told to yield, behind, Active again. */
Test(vrrp_router,
     a_router_that_yields_has_the_lowest_priority_until_it_is_alone)
{
	vrrp_track_interfaces(&vrrp);
	give(routers[0], VRRP_EVENT_START, 0);
	give(routers[0], VRRP_EVENT_TIMER, 0);
	cr_assert_eq(routers[0]->fsm.state, VRRP_ACTIVE);
	tell_yield(7, 100, true);
	cr_expect_eq(routers[0]->fsm.state, VRRP_BACKUP);
	cr_expect_eq(routers[0]->fsm.priority, 1);
	vrrp_router_report(routers[0]);
	cr_expect_eq(routers[0]->report.behind, 100);
	cr_expect_eq(routers[0]->report.own_priority, 150);
	cr_expect_eq(routers[0]->report.serial, 7);
	cr_expect_eq(routers[0]->report.reason, VRRP_REASON_YIELDED);
	cr_expect_eq(routers[1]->behind, 0, "the other instance does not");
	/* Trackers go on, and so do adverts of the one in front. */
	vrrp_trackers_set(
		&vrrp, &(struct ipc_vrrp_track){ .tracker = 0, .value = 0 }, 1);
	cr_expect_eq(routers[0]->own_priority, 120);
	cr_expect_eq(routers[0]->fsm.priority, 1);
	give(routers[0], VRRP_EVENT_ADVERT, 100);
	give(routers[0], VRRP_EVENT_ADVERT, 200);
	give(routers[0], VRRP_EVENT_ADVERT, 100);
	give(routers[0], VRRP_EVENT_ADVERT, 0);
	cr_expect_eq(routers[0]->behind, 100);
	give(routers[0], VRRP_EVENT_TIMER, 0);
	cr_expect_eq(routers[0]->fsm.state, VRRP_ACTIVE);
	cr_expect_eq(routers[0]->behind, 0);
	cr_expect_eq(routers[0]->fsm.priority, 120);
}

Test(vrrp_router, a_yield_ends_when_the_other_one_is_worse_than_it_was)
{
	vrrp_track_interfaces(&vrrp);
	give(routers[0], VRRP_EVENT_START, 0);
	tell_yield(1, 100, false);
	cr_expect_eq(routers[0]->fsm.priority, 1);
	give(routers[0], VRRP_EVENT_ADVERT, 99);
	cr_expect_eq(routers[0]->behind, 0);
	cr_expect_eq(routers[0]->fsm.priority, 150);
	cr_expect_eq(routers[0]->fsm.state, VRRP_BACKUP, "in its turn");
}

/* One member that stayed behind would hold the whole group back for ever. */
Test(vrrp_router, a_yield_ends_for_the_whole_sync_group)
{
	struct ipc_vrrp_yield yield = { .serial = 1 };
	const struct ipc_vrrp_behind behind[] = { { 0, 100 }, { 1, 100 } };

	vrrp_track_interfaces(&vrrp);
	routers[0]->group_next = routers[1];
	routers[1]->group_first = routers[0];
	vrrp_yield(&vrrp, &yield, behind, ARRAY_SIZE(behind));
	cr_assert_eq(routers[1]->behind, 100);
	give(routers[1], VRRP_EVENT_START, 0);
	give(routers[1], VRRP_EVENT_ADVERT, 99);
	cr_expect_eq(routers[0]->behind, 0);
	cr_expect_eq(routers[0]->fsm.priority, 150);
	cr_expect_eq(routers[1]->behind, 0);
	cr_expect_eq(routers[1]->fsm.priority, 100);
}

/* Told again after a reload, or by a main that does not know it yet. */
Test(vrrp_router, an_active_router_keeps_its_addresses_unless_it_is_to_leave)
{
	vrrp_track_interfaces(&vrrp);
	give(routers[0], VRRP_EVENT_START, 0);
	give(routers[0], VRRP_EVENT_TIMER, 0);
	tell_yield(3, 100, false);
	cr_expect_eq(routers[0]->fsm.state, VRRP_ACTIVE);
	cr_expect_eq(routers[0]->behind, 0);
	cr_expect_eq(routers[0]->fsm.priority, 150);
	tell_yield(4, 100, true);
	cr_expect_eq(routers[0]->behind, 100);
	tell_yield(5, 100, false);
	cr_expect_eq(routers[0]->behind, 100,
		     "a repeated word changes nothing");
	tell_yield(6, 0, false);
	cr_expect_eq(routers[0]->behind, 0, "main takes it back");
	cr_expect_eq(routers[0]->fsm.priority, 150);
	tell_yield(7, 100000, true);
	cr_expect_eq(routers[0]->behind, 0, "no priority is so high");
}
