/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For which virtual server the durations of probes count, over reloads too. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "conf_world.h"
#include "daemon/control/probe_times.h"

#define POOL_OF(protocol, address, servers)         \
	"virtual_server 192.0.2." address " 80 {\n" \
	"lvs_sched rr\nlvs_method NAT\nprotocol " protocol "\n" servers "}\n"
#define POOL(address, servers) POOL_OF("TCP", address, servers)
#define SERVER(address, checks) \
	"real_server 127.0.0." address " 3306 {\n" checks "}\n"
#define TCP(port) "TCP_CHECK {\nconnect_port " port "\n}\n"
#define SCRIPT "MISC_CHECK {\nmisc_path /bin/true\n}\n"

static struct conf *parsed(const char *text)
{
	struct world world = world_parse(text, false);

	cr_assert(world.conf, "%s", world.said);
	free(world.said);
	return world.conf;
}

static uint64_t counted(const struct probe_times *times, uint32_t vs,
			enum check_kind kind)
{
	const struct durations *durations = probe_times_get(times, vs, kind);
	uint64_t count = 0;
	unsigned i;

	cr_assert(durations, "%s of %u", check_kind_name(kind), vs);
	for (i = 0; i <= DURATIONS_BOUNDS; i++)
		count += durations->counts[i];
	return count;
}

/* One probe of each check. */
static void probe_all(struct probe_times *times, const struct conf *conf)
{
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++)
		probe_times_add(times, i, USEC_PER_MSEC);
}

Test(probe_times, a_probe_counts_once_for_each_virtual_server_that_uses_it)
{
	/* The script is one check of all, TCP one of each server. */
	struct conf *conf = parsed(
		POOL("1",
		     SERVER("2", TCP("1") SCRIPT) SERVER("3", TCP("2") SCRIPT))
			POOL("2", SERVER("2", SCRIPT) SERVER("3", SCRIPT))
				POOL("3", SERVER("4", "")));
	struct probe_times *times = probe_times_new(conf, NULL, NULL);

	cr_assert_eq(conf->nr_checks, 3);
	probe_all(times, conf);
	cr_expect_eq(counted(times, 0, CHECK_TCP), 2);
	cr_expect_eq(counted(times, 0, CHECK_MISC), 1);
	cr_expect_eq(counted(times, 1, CHECK_MISC), 1);
	cr_expect_null(probe_times_get(times, 1, CHECK_TCP));
	cr_expect_null(probe_times_get(times, 2, CHECK_TCP));
	probe_times_add(times, conf->nr_checks, USEC_PER_MSEC);
	probe_times_add(times, UINT32_MAX, USEC_PER_MSEC);
	cr_expect_eq(counted(times, 0, CHECK_TCP), 2);
	probe_times_free(times);
	conf_free(conf);
}

/* Servers leave, checks change, and virtual servers move in the file. */
Test(probe_times, no_count_falls_while_the_name_stays)
{
	struct conf *before = parsed(
		POOL("1", SERVER("2", TCP("1")) SERVER("3", TCP("2") SCRIPT))
			POOL("2", SERVER("4", TCP("3"))));
	struct conf *now = parsed(POOL("3", SERVER("3", TCP("2")))
					  POOL("2", SERVER("4", TCP("9")))
						  POOL("1", SERVER("2", "")));
	struct probe_times *old = probe_times_new(before, NULL, NULL);
	struct probe_times *new;

	probe_all(old, before);
	new = probe_times_new(now, before, old);
	probe_times_free(old);
	cr_expect_eq(counted(new, 0, CHECK_TCP), 0, "another name");
	cr_expect_eq(counted(new, 1, CHECK_TCP), 1);
	cr_expect_eq(counted(new, 2, CHECK_TCP), 2, "the servers have left");
	cr_expect_eq(counted(new, 2, CHECK_MISC), 1, "no such check is left");
	probe_all(new, now);
	cr_expect_eq(counted(new, 0, CHECK_TCP), 1);
	cr_expect_eq(counted(new, 1, CHECK_TCP), 2);
	cr_expect_eq(counted(new, 2, CHECK_TCP), 2);
	probe_times_free(new);
	conf_free(before);
	conf_free(now);
}

Test(probe_times, a_protocol_is_a_part_of_the_name)
{
	struct conf *before =
		parsed(POOL_OF("TCP", "1", SERVER("2", TCP("1")))
			       POOL_OF("UDP", "1", SERVER("2", SCRIPT)));
	struct conf *now =
		parsed(POOL_OF("UDP", "1", SERVER("2", SCRIPT))
			       POOL_OF("TCP", "1", SERVER("2", TCP("1"))));
	struct probe_times *old = probe_times_new(before, NULL, NULL);
	struct probe_times *new;

	probe_all(old, before);
	new = probe_times_new(now, before, old);
	cr_expect_eq(counted(new, 0, CHECK_MISC), 1);
	cr_expect_eq(counted(new, 1, CHECK_TCP), 1);
	cr_expect_null(probe_times_get(new, 0, CHECK_TCP));
	probe_times_free(old);
	probe_times_free(new);
	conf_free(before);
	conf_free(now);
}

Test(probe_times, without_virtual_servers_there_is_nothing)
{
	struct conf *none = parsed("global_defs {\n}\n");
	struct conf *some = parsed(POOL("1", SERVER("2", TCP("1"))));
	struct probe_times *old = probe_times_new(some, NULL, NULL), *empty,
			   *new;

	empty = probe_times_new(none, some, old);
	probe_times_add(empty, 0, USEC_PER_MSEC);
	new = probe_times_new(some, none, empty);
	cr_expect_eq(counted(new, 0, CHECK_TCP), 0);
	probe_times_free(old);
	probe_times_free(empty);
	probe_times_free(new);
	conf_free(none);
	conf_free(some);
}
