/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When two files say the same of their pools, and when they do not. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "conf/conf.h"
#include "conf/digest.h"
#include "tests/unit/conf_world.h"

static struct world world;

/* The digest of a file with this text; its first pool's into *FIRST. */
static uint64_t digest_of(const char *text, uint64_t *first)
{
	uint64_t pools[4] = { 0 }, digest;

	world = world_parse(text, false);
	cr_assert_not_null(world.conf, "%s", world.said);
	cr_assert_leq(world.conf->nr_virtual_servers, 4);
	digest = conf_digest(world.conf, pools);
	if (first)
		*first = pools[0];
	world_free(&world);
	return digest;
}

#define A \
	"virtual_server 192.0.2.1 3306 {\nlvs_sched rr\nlvs_method DR\nprotocol TCP\n"
#define B \
	"virtual_server 192.0.2.2 3306 {\nlvs_sched rr\nlvs_method DR\nprotocol TCP\n"
#define SERVER(words) "real_server 10.0.0.1 3306 {\n" words "}\n}\n"

/* Words of a host's own do not count, nor does the order. */
Test(conf_digest, files_that_say_the_same)
{
	uint64_t first, other;
	uint64_t digest =
		digest_of(A SERVER("TCP_CHECK {\n}\n") B SERVER(""), &first);

	cr_expect_eq(digest_of("global_defs {\nrouter_id other\n}\n" A SERVER(
				       "TCP_CHECK {\nbindto 10.0.0.9\n}\n")
				       B SERVER(""),
			       &other),
		     digest);
	cr_expect_eq(other, first);
	cr_expect_eq(digest_of(B SERVER("") A SERVER("TCP_CHECK {\n}\n"),
			       &other),
		     digest);
	cr_expect_neq(other, first, "the other one is the first now");
	/* A default that is spelt out is the same. */
	cr_expect_eq(digest_of(A SERVER("weight 1\nTCP_CHECK {\n}\n")
				       B SERVER("weight 1\n"),
			       NULL),
		     digest);
}

Test(conf_digest, files_that_do_not)
{
	static const char *const others[] = {
		A SERVER("weight 2\n"),
		A SERVER("TCP_CHECK {\n}\n"),
		A SERVER("TCP_CHECK {\nconnect_port 3307\n}\n"),
		A "persistence_timeout 50\n" SERVER(""),
		B SERVER(""),
		A SERVER("") B SERVER(""),
		"global_defs {\n}\n",
		"virtual_server_group G {\n192.0.2.1 3306\n}\n"
		"virtual_server group G {\nlvs_sched rr\nlvs_method DR\nprotocol TCP\n" SERVER(
			""),
		"virtual_server_group G {\n192.0.2.7 3306\n}\n"
		"virtual_server group G {\nlvs_sched rr\nlvs_method DR\nprotocol TCP\n" SERVER(
			""),
	};
	uint64_t seen[ARRAY_SIZE(others) + 1];
	size_t i, k;

	seen[ARRAY_SIZE(others)] = digest_of(A SERVER(""), NULL);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		seen[i] = digest_of(others[i], NULL);
	for (i = 0; i < ARRAY_SIZE(seen); i++)
		for (k = 0; k < i; k++)
			cr_expect_neq(seen[i], seen[k], "%zu and %zu", i, k);
}
