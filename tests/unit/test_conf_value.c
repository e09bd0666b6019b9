/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words as values, and commands as words. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lvs/draft.h"

static struct conf_word word_of(const char *text)
{
	return (struct conf_word){ .text = text,
				   .len = (uint32_t)strlen(text) };
}

Test(conf_value, numbers_are_decimal_and_bounded)
{
	static const struct {
		const char *text;
		bool good;
		uint64_t value;
	} rows[] = {
		{ "0", true, 0 },     { "100", true, 100 },
		{ "007", true, 7 },   { "1000", false, 0 },
		{ "-1", false, 0 },   { "+1", false, 0 },
		{ "0x10", false, 0 }, { "1.0", false, 0 },
		{ "1e2", false, 0 },  { "", false, 0 },
		{ " 1", false, 0 },   { "1 ", false, 0 },
		{ "a", false, 0 },    { "99999999999999999999999", false, 0 },
	};
	uint64_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_word word = word_of(rows[i].text);

		cr_assert_eq(conf_get_number(&word, 999, &value), rows[i].good,
			     "'%s'", rows[i].text);
		if (rows[i].good)
			cr_assert_eq(value, rows[i].value);
	}
}

Test(conf_value, times_have_six_decimals_at_most)
{
	static const struct {
		const char *text;
		usec_t value; /* -1: bad */
	} rows[] = {
		{ "0", 0 },
		{ "1", 1000000 },
		{ "2.5", 2500000 },
		{ "0.000001", 1 },
		{ ".5", 500000 },
		{ "3.", 3000000 },
		{ "1.0000001", -1 },
		{ "1.2.3", -1 },
		{ ".", -1 },
		{ "", -1 },
		{ "-1", -1 },
		{ "1s", -1 },
		{ "1e3", -1 },
		{ "inf", -1 },
		{ "999999999999999999", -1 },
		{ "1.123456", 1123456 },
		{ "01", 1000000 },
		{ "..", -1 },
	};
	usec_t value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_word word = word_of(rows[i].text);

		cr_assert_eq(conf_get_time(&word, &value), rows[i].value >= 0,
			     "'%s'", rows[i].text);
		if (rows[i].value >= 0)
			cr_assert_eq(value, rows[i].value, "'%s'",
				     rows[i].text);
	}
}

Test(conf_value, booleans_are_six_words)
{
	static const char *const good[] = { "on",  "true",  "yes",
					    "off", "false", "no" };
	static const char *const bad[] = { "On", "TRUE", "1",	"0",
					   "",	 "ye",	 "yess" };
	bool value;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		struct conf_word word = word_of(good[i]);

		cr_assert(conf_get_bool(&word, &value));
		cr_assert_eq(value, i < 3);
	}
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct conf_word word = word_of(bad[i]);

		cr_assert_not(conf_get_bool(&word, &value));
	}
}

/* The quick way for IPv4 agrees with the slow one. */
Test(conf_value, addresses)
{
	static const char *const texts[] = {
		"192.0.2.1",
		"0.0.0.0",
		"255.255.255.255",
		"256.0.0.1",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.04",
		"01.2.3.4",
		"1.2.3.4 ",
		"1..2.3",
		".1.2.3",
		"1.2.3.",
		"",
		"::1",
		"2001:db8::1",
		"::ffff:1.2.3.4",
		"2001:db8::g",
		"host",
		"1.2.3.4/24",
		"1.2.3.999999999",
	};
	struct addr want, have;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(texts); i++) {
		struct conf_word word = word_of(texts[i]);
		bool good = addr_parse(&want, texts[i], strlen(texts[i])) == 0;

		cr_assert_eq(conf_get_addr(&word, &have), good, "'%s'",
			     texts[i]);
		if (good)
			cr_assert_arr_eq(&want, &have, sizeof(want));
	}
}

Test(conf_value, commands_are_split_as_by_a_shell)
{
	static const struct {
		const char *in;
		const char *out; /* words between bars; NULL: an error */
	} rows[] = {
		{ "/bin/x a b", "/bin/x|a|b" },
		{ "  a\t b ", "a|b" },
		{ "'a b' c", "a b|c" },
		{ "\"a b\" c", "a b|c" },
		{ "a'b c'd", "ab cd" },
		{ "abcd\" efg h jkl \"mnop", "abcd efg h jkl mnop" },
		{ "'a \"b\"' \"c 'd'\"", "a \"b\"|c 'd'" },
		{ "a\\ b", "a b" },
		{ "\\\"a\\\" \\'b\\'", "\"a\"|'b'" },
		{ "\\x41\\102 \\t", "AB|\t" },
		{ "\\a\\b\\E\\f\\n\\r\\v", "\a\b\033\f\n\r\v" },
		{ "\\cA\\q\\x", "\001qx" },
		{ "'' \"\" a", "||a" },
		{ "", "" },
		{ "   ", "" },
		{ "'a", NULL },
		{ "\"a", NULL },
		{ "a\\", NULL },
		{ "a\\0", NULL },
		{ "a\\x00", NULL },
	};
	struct arena *arena = arena_new();
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_words words = conf_script_split(arena, rows[i].in,
							    strlen(rows[i].in));
		char joined[128] = "";

		cr_assert_eq(words.error != NULL, rows[i].out == NULL, "'%s'",
			     rows[i].in);
		if (!rows[i].out)
			continue;
		for (n = 0; n < words.nr; n++) {
			size_t used = strlen(joined);

			snprintf(joined + used, sizeof(joined) - used, "%s%s",
				 n ? "|" : "", words.words[n]);
		}
		cr_assert_null(words.words[words.nr]);
		cr_assert_str_eq(joined, rows[i].out, "'%s' gives '%s'",
				 rows[i].in, joined);
	}
	arena_free(arena);
}

Test(conf_value, hashes_differ)
{
	char a[32] = "0123456789", b[32] = "0123456789";
	size_t i;

	for (i = 1; i < sizeof(a); i++)
		cr_assert_neq(conf_hash(a, i), conf_hash(a, i - 1));
	cr_assert_eq(conf_hash(a, sizeof(a)), conf_hash(b, sizeof(b)));
	b[31] = 1;
	cr_assert_neq(conf_hash(a, sizeof(a)), conf_hash(b, sizeof(b)));
}
