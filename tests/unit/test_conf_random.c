/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files broken at random. Whatever they hold, there is either a configuration
 * or an error, in the lenient mode too; and a configuration, printed, parses to
 * itself.
 */
#include <criterion/criterion.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"

struct dice {
	uint64_t state;
};

static unsigned roll(struct dice *dice, unsigned sides)
{
	dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(dice->state >> 33) % sides;
}

/* Pieces that are likely to matter. */
static const char *const pieces[] = {
	"{",
	"}",
	"\"",
	"'",
	"\\",
	"$X",
	"${X}",
	"$X=",
	"\\\n",
	"#",
	"!",
	"@here ",
	"~SEQ(i,3) ",
	"~LST(v,a,b) ",
	"\n",
	" ",
	"0",
	"-1",
	"4294967296",
	"include x",
	"weight",
	"on",
	"real_server ",
	"virtual_server ",
	"group ",
	"fwmark ",
	"TCP_CHECK",
	"192.0.2.3",
	"::1",
	"/",
	"-",
	"%",
	"keepalived_compat",
	"password ",
	"\t",
	"\r",
};

/* One change of TEXT, which has room for SIZE bytes; the new length. */
static size_t mutate(struct dice *dice, char *text, size_t length, size_t size)
{
	size_t at = length ? roll(dice, (unsigned)length) : 0, n, to;
	const char *piece = pieces[roll(dice, ARRAY_SIZE(pieces))];

	switch (roll(dice, 6)) {
	case 0: /* another byte */
		if (length)
			text[at] = (char)(1 + roll(dice, 255));
		return length;
	case 1: /* a piece less */
		n = 1 + roll(dice, 30);
		if (n > length - at)
			n = length - at;
		memmove(text + at, text + at + n, length - at - n);
		return length - n;
	case 2: /* a line twice, or somewhere else */
		n = 1 + roll(dice, 60);
		if (n > length - at || length + n > size)
			return length;
		to = roll(dice, (unsigned)length);
		memmove(text + to + n, text + to, length - to);
		memmove(text + to, text + (at >= to ? at + n : at), n);
		return length + n;
	case 3: /* cut off */
		return roll(dice, 8) ? length : at;
	default: /* a piece more */
		n = strlen(piece);
		if (length + n > size)
			return length;
		memmove(text + at + n, text + at, length - at);
		memcpy(text + at, piece, n);
		return length + n;
	}
}

static void check_print(const struct conf *conf, const char *text,
			size_t length)
{
	char *once = world_print(conf), *twice;
	struct world again = world_parse(once, false);

	cr_assert_not_null(again.conf,
			   "%s\n--- printed from ---\n%.*s\n--- is ---\n%s",
			   again.said, (int)length, text, once);
	twice = world_print(again.conf);
	cr_assert_str_eq(once, twice);
	free(once);
	free(twice);
	world_free(&again);
}

static void check(const char *text, size_t length, bool compat)
{
	struct conf_options options = { .compat = compat, .config_id = "here" };
	struct world world = world_parse_options(text, length, &options);

	cr_assert_eq(world.conf == NULL, world.report.errors > 0, "%.*s",
		     (int)length, text);
	if (world.conf)
		check_print(world.conf, text, length);
	world_free(&world);
}

static char *read_whole(const char *path, size_t *length)
{
	FILE *in = fopen(path, "r");
	char *text = malloc(65536);

	cr_assert_not_null(in, "%s", path);
	*length = fread(text, 1, 65536, in);
	fclose(in);
	return text;
}

static void check_file(const char *path, unsigned seed)
{
	size_t length, n, size;
	char *text = read_whole(path, &length), *copy;
	struct dice dice = { seed };
	unsigned round, changes;

	size = length + 4096;
	copy = malloc(size);
	for (round = 0; round < 40; round++) {
		memcpy(copy, text, length);
		n = length;
		for (changes = roll(&dice, 4); changes < 5; changes++)
			n = mutate(&dice, copy, n, size);
		check(copy, n, round % 2);
	}
	check(text, length, false);
	free(copy);
	free(text);
}

/* Every golden file, and those we ship. */
Test(conf_random, broken_files_give_errors_and_nothing_else)
{
	static const char *const patterns[] = { "tests/conf/[0-9]*.conf",
						"etc/*.conf" };
	glob_t found;
	size_t i, n;
	char *path;

	for (i = 0; i < ARRAY_SIZE(patterns); i++) {
		path = world_source(patterns[i]);
		cr_assert_eq(glob(path, 0, NULL, &found), 0, "%s", path);
		for (n = 0; n < found.gl_pathc; n++)
			check_file(found.gl_pathv[n], (unsigned)(1000 * i + n));
		globfree(&found);
		free(path);
	}
}

/* Not even words. */
Test(conf_random, noise)
{
	struct dice dice = { 7 };
	char text[600];
	size_t length, i;
	unsigned round;

	for (round = 0; round < 3000; round++) {
		length = roll(&dice, sizeof(text));
		for (i = 0; i < length; i++)
			text[i] = (char)roll(&dice, round % 2 ? 256 : 64);
		check(text, length, round % 3 == 0);
	}
}

/* Only pieces that mean something. */
Test(conf_random, pieces)
{
	struct dice dice = { 8 };
	char text[1200];
	size_t length, n;
	unsigned round;

	for (round = 0; round < 5000; round++) {
		for (length = 0;
		     length < sizeof(text) - 40 && roll(&dice, 60);) {
			const char *piece =
				pieces[roll(&dice, ARRAY_SIZE(pieces))];

			n = strlen(piece);
			memcpy(text + length, piece, n);
			length += n;
		}
		check(text, length, round % 2);
	}
}
