/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dumps that miss what is there, and what is made of them.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "ipvs_world.h"

/* Dumps miss this service or server, the first TIMES times. */
struct veil {
	unsigned service; /* number, see world_service() */
	unsigned dest; /* 0: the service itself */
	unsigned times;
	unsigned seen; /* how often a server of another service was dumped */
};

static unsigned last_byte(const struct endpoint *ep)
{
	return ep->addr.bytes[3];
}

static bool hide(void *arg, const struct service_key *key,
		 const struct table_dest *dest)
{
	struct veil *veil = arg;

	if (last_byte(&key->vip) != veil->service) {
		veil->seen += dest != NULL;
		return false;
	}
	if (dest ? last_byte(&dest->rip) != veil->dest : veil->dest != 0)
		return false;
	return veil->times && veil->times--;
}

static struct ipvs_backend *veiled(const struct table *table, struct veil *veil)
{
	const struct ipvs_fake_hooks hooks = { NULL, NULL, hide, veil };
	struct ipvs_backend *fake = ipvs_fake_new(table);

	ipvs_fake_set_hooks(fake, &hooks);
	return fake;
}

static void build(struct table *t)
{
	unsigned i, j;

	for (i = 1; i <= 5; i++) {
		world_service(t, i);
		for (j = 1; j <= 4; j++)
			world_dest(t, j, 10 * i + j);
	}
}

Test(ipvs_read, all_of_it)
{
	struct table there = { 0 }, seen = { 0 };
	struct veil veil = { 0 };
	struct ipvs_backend *fake;

	build(&there);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_dump(fake, NULL, NULL, &seen), 0);
	cr_assert(ipvs_is_sorted(&seen));
	cr_assert_eq(world_distance(&seen, &there), 0);
	ipvs_close(fake);
	table_free(&there);
	table_free(&seen);
}

Test(ipvs_read, a_missed_service_is_confirmed)
{
	struct table there = { 0 }, seen = { 0 };
	struct veil veil = { .service = 3, .times = 1 };
	struct ipvs_backend *fake;

	build(&there);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_dump(fake, NULL, NULL, &seen), 0);
	cr_assert_eq(seen.nr_services, 4);
	cr_assert_eq(ipvs_confirm_absent(fake, NULL, &there, &seen), 5);
	cr_assert(ipvs_is_sorted(&seen));
	cr_assert_eq(world_distance(&seen, &there), 0);
	ipvs_close(fake);
	table_free(&there);
	table_free(&seen);
}

Test(ipvs_read, a_missed_server_is_confirmed)
{
	struct table there = { 0 }, seen = { 0 };
	struct veil veil = { .service = 2, .dest = 4, .times = 1 };
	struct ipvs_backend *fake;

	build(&there);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_dump(fake, NULL, NULL, &seen), 0);
	cr_assert_neq(world_distance(&seen, &there), 0);
	cr_assert_eq(ipvs_confirm_absent(fake, NULL, &there, &seen), 1);
	cr_assert_eq(world_distance(&seen, &there), 0);
	ipvs_close(fake);
	table_free(&there);
	table_free(&seen);
}

Test(ipvs_read, two_dumps_with_different_holes_make_one)
{
	struct table there = { 0 }, desired = { 0 }, seen = { 0 };
	struct veil veil = { .service = 1, .dest = 2, .times = 1 };
	struct ipvs_backend *fake;

	build(&there);
	/* Wanted is one more, so that the service is read a second time. */
	world_service(&desired, 1);
	world_dest(&desired, 9, 1);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_dump(fake, NULL, NULL, &seen), 0);
	veil.dest = 3;
	veil.times = 1;
	cr_assert_eq(ipvs_confirm_absent(fake, NULL, &desired, &seen), 1);
	cr_assert_eq(world_distance(&seen, &there), 0);
	ipvs_close(fake);
	table_free(&there);
	table_free(&desired);
	table_free(&seen);
}

Test(ipvs_read, the_second_look_counts)
{
	struct table there = { 0 }, desired = { 0 }, seen = { 0 };
	struct veil veil = { 0 };
	struct ipvs_backend *fake;

	build(&there);
	world_service(&desired, 1);
	world_dest(&desired, 9, 1);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_dump(fake, NULL, NULL, &seen), 0);
	there.dests[0].weight = 12345;
	cr_assert_eq(ipvs_fake_submit(fake, IPVS_SET_DEST, &there.services[0],
				      &there.dests[0]),
		     0);
	cr_assert_eq(ipvs_confirm_absent(fake, NULL, &desired, &seen), 0);
	cr_assert_eq(world_distance(&seen, &there), 0);
	ipvs_close(fake);
	table_free(&there);
	table_free(&desired);
	table_free(&seen);
}

Test(ipvs_read, what_is_absent_stays_absent)
{
	struct table there = { 0 }, desired = { 0 }, seen = { 0 };
	struct veil veil = { 0 };
	struct ipvs_backend *fake;

	build(&there);
	build(&desired);
	world_dest(&desired, 7, 1);
	world_service(&desired, 9);
	world_dest(&desired, 1, 1);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_read(fake, NULL, &desired, NULL, &seen), 0);
	cr_assert_eq(world_distance(&seen, &there), 0);
	ipvs_close(fake);
	table_free(&there);
	table_free(&desired);
	table_free(&seen);
}

/* A service to be removed that a dump missed would stay for ever. */
Test(ipvs_read, what_shall_go_is_confirmed_too)
{
	struct table there = { 0 }, nothing = { 0 }, seen = { 0 };
	struct veil veil = { .service = 4, .times = 1 };
	struct ipvs_keys ours;
	struct ipvs_backend *fake;

	build(&there);
	ours = world_keys(&there);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_read(fake, &ours, &nothing, NULL, &seen), 0);
	cr_assert_eq(world_distance(&seen, &there), 0);
	ipvs_close(fake);
	ipvs_keys_free(&ours);
	table_free(&there);
	table_free(&seen);
}

Test(ipvs_read, foreign_servers_are_not_read)
{
	struct table there = { 0 }, mine = { 0 }, seen = { 0 };
	struct veil veil = { .service = 2 };
	struct ipvs_keys ours;
	struct ipvs_backend *fake;
	size_t i;

	build(&there);
	world_service(&mine, 2);
	ours = world_keys(&mine);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_dump(fake, &ours, NULL, &seen), 0);
	cr_assert_eq(seen.nr_services, 5);
	for (i = 0; i < 5; i++)
		cr_assert_eq(seen.services[i].nr_dests, i == 1 ? 4 : 0);
	cr_assert_eq(veil.seen, 0);
	ipvs_close(fake);
	ipvs_keys_free(&ours);
	table_free(&there);
	table_free(&mine);
	table_free(&seen);
}

Test(ipvs_read, one_service)
{
	struct table there = { 0 }, seen = { 0 }, other = { 0 };
	struct veil veil = { 0 };
	struct ipvs_backend *fake;

	build(&there);
	fake = veiled(&there, &veil);
	cr_assert_eq(ipvs_read_service(fake, &there.services[2].key, &seen), 0);
	cr_assert_eq(seen.nr_services, 1);
	cr_assert_eq(seen.services[0].nr_dests, 4);
	cr_assert_eq(ipvs_read_service(fake, &world_service(&other, 99)->key,
				       &seen),
		     -ESRCH);
	cr_assert_eq(seen.nr_services, 1);
	cr_assert_eq(seen.nr_dests, 4);
	ipvs_close(fake);
	table_free(&there);
	table_free(&seen);
	table_free(&other);
}

/* Of two services that are there and one that is not; a hole is looked at again. */
Test(ipvs_read, some_services)
{
	struct table there = { 0 }, seen = { 0 }, other = { 0 };
	struct veil veil = { .service = 2, .dest = 4, .times = 1 };
	struct service_key keys[3];
	struct ipvs_backend *fake;

	build(&there);
	fake = veiled(&there, &veil);
	keys[0] = there.services[3].key;
	keys[1] = world_service(&other, 99)->key;
	keys[2] = there.services[1].key;
	cr_assert_eq(ipvs_read_some(fake, keys, 3, &there, &seen), 0);
	cr_assert(ipvs_is_sorted(&seen));
	cr_assert_eq(seen.nr_services, 2);
	cr_assert_eq(seen.services[0].nr_dests, 4);
	cr_assert_eq(seen.services[1].nr_dests, 4);
	cr_assert_eq(veil.times, 0);
	cr_assert_eq(veil.seen, 4, "the whole one is dumped once");
	/* Nobody wants what is missing. */
	veil.times = 1;
	cr_assert_eq(ipvs_read_some(fake, keys, 3, &other, &seen), 0);
	cr_assert_eq(seen.nr_dests, 7);
	ipvs_close(fake);
	table_free(&there);
	table_free(&seen);
	table_free(&other);
}

/* A dry run begins with the kernel's table, whatever is in it. */
Test(ipvs_read, a_fake_takes_any_table)
{
	struct table there = { 0 }, seen = { 0 };
	struct ipvs_backend *fake;

	strcpy(world_service(&there, 2)->scheduler, "of-tomorrow");
	world_dest(&there, 2, 1)->active = 7;
	world_dest(&there, 1, 1)->rip.addr.v4.s_addr = INADDR_BROADCAST;
	world_service(&there, 1);
	fake = ipvs_fake_new(&there);
	ipvs_fake_snapshot(fake, &seen);
	cr_assert(ipvs_is_sorted(&seen));
	cr_assert_eq(world_distance(&seen, &there), 0);
	cr_assert_eq(seen.dests[0].active + seen.dests[1].active, 7);
	ipvs_close(fake);
	table_free(&there);
	table_free(&seen);
}

Test(ipvs_read, the_rest_of_a_backend)
{
	const struct ipvs_timeouts timeouts = { .tcp_fin = 77 };
	struct table there = { 0 }, seen = { 0 };
	struct ipvs_timeouts now;
	struct ipvs_info info;
	struct ipvs_backend *fake;

	build(&there);
	fake = ipvs_fake_new(&there);
	cr_assert_eq(ipvs_get_info(fake, &info), 0);
	cr_assert_gt(info.conn_tab_size, 0);
	cr_assert_eq(ipvs_set_timeouts(fake, &timeouts), 0);
	cr_assert_eq(ipvs_get_timeouts(fake, &now), 0);
	cr_assert_eq(now.tcp_fin, 77);
	cr_assert_eq(now.tcp, 900);
	cr_assert_eq(ipvs_flush(fake), 0);
	cr_assert_eq(ipvs_dump(fake, NULL, NULL, &seen), 0);
	cr_assert_eq(seen.nr_services, 0);
	ipvs_close(fake);
	ipvs_close(NULL);
	table_free(&there);
	table_free(&seen);
}
