/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keyword tables themselves, and what every keyword has in common. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "conf/lvs/draft.h"

Test(conf_bind, every_keyword_is_found_and_stands_once)
{
	const struct conf_block *block, *part;
	struct conf_word word;
	size_t i, n, words = 0;

	for (i = 0; i < BLOCK_IDS; i++) {
		block = conf_blocks[i];
		if (!block)
			continue;
		cr_assert_eq(block->id, i);
		for (part = block; part; part = part->also) {
			for (n = 0; n < part->nr_keywords; n++) {
				word.text = part->keywords[n].name;
				word.len = (uint32_t)strlen(word.text);
				cr_assert_eq(conf_keyword_find(block, &word),
					     &part->keywords[n], "%s in %s",
					     word.text, block->name);
				words++;
			}
		}
		/* A prefix of a word is not the word. */
		word = (struct conf_word){ .text = "weighty", .len = 7 };
		cr_assert_null(conf_keyword_find(block, &word));
	}
	cr_assert_gt(words, 400);
}

/* Where a block can stand: what must be around it. */
static const struct {
	uint16_t block;
	const char *before, *after;
} places[] = {
	{ BLOCK_GLOBAL, "global_defs {\n", "}\n" },
	{ BLOCK_VIRTUAL_SERVER, "virtual_server 192.0.2.1 80 {\n", "}\n" },
	{ BLOCK_REAL_SERVER,
	  "virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.2 80 {\n",
	  "}\n}\n" },
	{ BLOCK_TCP_CHECK,
	  "virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.2 80 {\nTCP_CHECK {\n",
	  "}\n}\n}\n" },
	{ BLOCK_MYSQL_CHECK,
	  "virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.2 80 {\nMYSQL_CHECK {\n",
	  "}\n}\n}\n" },
	{ BLOCK_HTTP_CHECK,
	  "virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.2 80 {\nHTTP_GET {\n",
	  "}\n}\n}\n" },
	{ BLOCK_MISC_CHECK,
	  "virtual_server 192.0.2.1 80 {\nreal_server 192.0.2.2 80 {\nMISC_CHECK {\n",
	  "}\n}\n}\n" },
	{ BLOCK_SLOW_START, "virtual_server 192.0.2.1 80 {\nslow_start {\n",
	  "}\n}\n" },
	{ BLOCK_HEADROOM, "virtual_server 192.0.2.1 80 {\nheadroom {\n",
	  "}\n}\n" },
	{ BLOCK_VRRP_INSTANCE, "vrrp_instance x {\n", "}\n" },
};

/* Put the line of KEYWORD and REST where the block can stand. */
static struct world in_place(size_t place, const char *keyword,
			     const char *rest)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s%s\n%s", places[place].before,
		 keyword, rest, places[place].after);
	return world_parse(text, false);
}

/* Calls TEST for each keyword of each block in places[]. */
static void each_keyword(void (*test)(size_t place,
				      const struct conf_keyword *kw))
{
	const struct conf_block *part;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (part = conf_blocks[places[i].block]; part;
		     part = part->also) {
			for (n = 0; n < part->nr_keywords; n++)
				test(i, &part->keywords[n]);
		}
	}
}

/* Does a complaint hold these three in a row? */
static bool says(const struct world *world, const char *before,
		 const char *keyword, const char *after)
{
	char text[256];

	snprintf(text, sizeof(text), "%s'%s'%s", before, keyword, after);
	return strstr(world->said, text) != NULL;
}

static void test_missing(size_t place, const struct conf_keyword *kw)
{
	struct world world;

	if (kw->least == 0 || (kw->flags & KW_IDLE))
		return;
	world = in_place(place, kw->name, kw->flags & KW_BLOCK ? " {\n}" : "");
	cr_assert(says(&world, "", kw->name, " needs"), "%s: %s", kw->name,
		  world.said);
	cr_assert_null(world.conf);
	cr_assert_gt(world.report.errors, 0);
	world_free(&world);
}

Test(conf_bind, a_missing_value_is_an_error)
{
	each_keyword(test_missing);
}

static void test_surplus(size_t place, const struct conf_keyword *kw)
{
	struct world world;

	if (kw->most > 10 || (kw->flags & (KW_BLOCK | KW_SCRIPT)))
		return;
	world = in_place(place, kw->name, " on 1 2 3 4 5 6 7 8 9 10 11 12");
	if (kw->flags & KW_WHOLE)
		cr_assert(says(&world,
			       "error: what begins here would be dropped: "
			       "put the value of ",
			       kw->name, " in double quotes"),
			  "%s: %s", kw->name, world.said);
	else
		cr_assert(says(&world, "", kw->name,
			       " does not take so many") ||
				  says(&world, "", kw->name, " takes no value"),
			  "%s: %s", kw->name, world.said);
	world_free(&world);
}

Test(conf_bind, surplus_values_are_said)
{
	each_keyword(test_surplus);
}

static void test_braces(size_t place, const struct conf_keyword *kw)
{
	struct world world;

	if (kw->flags & KW_BLOCK) {
		world = in_place(place, kw->name, " a b");
		cr_assert(says(&world, "", kw->name, " needs a block"), "%s",
			  world.said);
	} else {
		world = in_place(place, kw->name, " a b {\n}");
		cr_assert(says(&world, "", kw->name, " takes no block"), "%s",
			  world.said);
	}
	cr_assert_null(world.conf);
	world_free(&world);
}

/* Structure is never forgiven, whatever the mode. */
Test(conf_bind, braces_must_be_where_they_belong)
{
	each_keyword(test_braces);
}

/* "weight" is taken for a typing error of itself with two letters swapped. */
static void test_typo(size_t place, const struct conf_keyword *kw)
{
	char typo[64];
	size_t len = strlen(kw->name);
	struct world world;

	if (len < 5 || kw->name[1] == kw->name[2])
		return;
	snprintf(typo, sizeof(typo), "%s", kw->name);
	typo[1] = kw->name[2];
	typo[2] = kw->name[1];
	world = in_place(place, typo, "");
	cr_assert(says(&world, "unknown keyword ", typo, " in "), "%s: %s",
		  typo, world.said);
	cr_assert(strstr(world.said, "did you mean"), "%s: %s", typo,
		  world.said);
	world_free(&world);
}

Test(conf_bind, typing_errors_are_guessed)
{
	each_keyword(test_typo);
}

Test(conf_bind, guesses_are_near)
{
	static const struct {
		const char *line, *said;
	} rows[] = {
		{ "lb_alg rr", "did you mean 'lb_algo'?" },
		{ "lvs_schde rr", "did you mean 'lvs_sched'?" },
		{ "LVS_SCHED rr",
		  "unknown keyword 'LVS_SCHED' in virtual_server\n" },
		{ "connect_port 80", "'connect_port' belongs into a check" },
		{ "TCP_CHECK 80", "'TCP_CHECK' belongs into real_server" },
		{ "router_id x", "'router_id' belongs into global_defs" },
		{ "global_defs x",
		  "'global_defs' cannot stand inside virtual_server" },
		{ "x y", "unknown keyword 'x' in virtual_server\n" },
		{ "completely_different 1",
		  "unknown keyword 'completely_different' in "
		  "virtual_server\n" },
	};
	char *text;
	struct world world;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		text = world_service(rows[i].line, "");
		world = world_parse(text, false);
		cr_assert(strstr(world.said, rows[i].said), "'%s': %s",
			  rows[i].line, world.said);
		world_free(&world);
		free(text);
	}
}

static void test_note(size_t place, const struct conf_keyword *kw)
{
	const char *how = kw->missed ? "warning: " : "note: ";
	struct world world;
	char rest[256], after[256];
	const char *first;

	if (!(kw->flags & KW_IDLE) || (kw->flags & KW_LATE) ||
	    places[place].block == BLOCK_VRRP_INSTANCE)
		return;
	snprintf(rest, sizeof(rest), " on on%s\n%s on on%s",
		 kw->flags & KW_BLOCK ? " {\n}" : "", kw->name,
		 kw->flags & KW_BLOCK ? " {\n}" : "");
	snprintf(after, sizeof(after), "'%s' is known, but not acted on%s%s\n",
		 kw->name, kw->missed ? ": " : "",
		 kw->missed ? kw->missed : "");
	world = in_place(place, kw->name, rest);
	first = strstr(world.said, after);
	cr_assert(first && first - world.said >= (long)strlen(how) &&
			  strncmp(first - strlen(how), how, strlen(how)) == 0,
		  "%s: %s", kw->name, world.said);
	cr_assert_null(strstr(first + 1, after), "%s: %s", kw->name,
		       world.said);
	world_free(&world);
}

Test(conf_bind, what_is_not_acted_on_is_noted_once)
{
	each_keyword(test_note);
}
