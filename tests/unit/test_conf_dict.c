/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tests/fuzz/conf.dict has every keyword of the tables, the words of their
 * choices and the numbers at their limits. It is written anew, from the root of the
 * sources, with
 *
 *	EVENKEEL_UPDATE=yes build/asan/tests/unit/test_conf --filter 'conf_dict/\*'
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "conf/lvs/draft.h"

/* Signs of the language, and words that are inside a type's own functions. */
static const char *const dict_fixed[] = {
	" \\\\\\x0a",
	"$X=",
	"${X}",
	"${_RANDOM 1 9}",
	"%",
	"192.0.2.1",
	"2001:db8::1",
	"80",
	"@here ",
	"DR",
	"NAT",
	"TCP",
	"TUN",
	"UDP",
	"\\\"",
	"\\x00!Fx\\x0a",
	"\\x00F0 1 f\\x0a",
	"ETHTOOL",
	"IOCTL",
	"MII",
	"advmss",
	"append",
	"autojoin",
	"bird",
	"blackhole",
	"boot",
	"brd",
	"broadcast",
	"caseless",
	"congctl",
	"cwnd",
	"default",
	"dev",
	"dhcp",
	"dport",
	"dsfield",
	"ecn",
	"fastest",
	"fastopen_no_cookie",
	"features",
	"forever",
	"fwmark ",
	"global",
	"goto",
	"group ",
	"gw",
	"heartbeat a.b",
	"home",
	"iif",
	"initcwnd",
	"initrwnd",
	"ip_proto",
	"ipproto",
	"keepalived",
	"kernel",
	"l3mdev",
	"label",
	"link",
	"local",
	"lock",
	"lookup",
	"metric",
	"mh",
	"mngtmpaddr",
	"mtu",
	"multicast",
	"nexthop",
	"no_track",
	"nop",
	"noprefixroute",
	"noreverse",
	"nowhere",
	"oif",
	"on",
	"onlink",
	"or",
	"order",
	"peer",
	"pref",
	"preference",
	"preferred_lft",
	"prepend",
	"prohibit",
	"proto",
	"quickack",
	"ra",
	"random",
	"read_group",
	"read_user",
	"realms",
	"reordering",
	"reverse",
	"rr",
	"rto_min",
	"rtt",
	"rttvar",
	"scope",
	"site",
	"sport",
	"src",
	"ssthresh",
	"static",
	"suppress_ifgroup",
	"suppress_prefixlength",
	"table",
	"tcp",
	"throw",
	"to",
	"tos",
	"tun_id",
	"tunnel-id",
	"type gue port ",
	"uidrange",
	"unicast",
	"universe",
	"unreachable",
	"via",
	"window",
	"wlc",
	"zebra",
	"{\\x0a",
	"}\\x0a",
	"~LST(",
	"~SEQ(",
};

struct dict {
	char **words;
	size_t nr, room;
};

static void dict_add(struct dict *dict, const char *word)
{
	dict->words = array_grow(dict->words, dict->nr, &dict->room,
				 sizeof(*dict->words));
	dict->words[dict->nr++] = strdup(word);
}

static void dict_add_choices(struct dict *dict, const struct conf_keyword *kw)
{
	const struct conf_choice *choice;

	if (kw->type != &conf_type_choice && kw->type != &conf_type_either)
		return;
	for (choice = kw->data; choice->word; choice++)
		dict_add(dict, choice->word);
}

/* The last good and the first bad number at either end. */
static void dict_add_limits(struct dict *dict, const struct conf_keyword *kw)
{
	int64_t unit = kw->type == &conf_type_time ? USEC_PER_SEC : 1;
	const int64_t limits[] = { kw->min / unit, kw->max / unit,
				   kw->max / unit + 1 };
	char text[32];
	size_t i;

	for (i = 0; kw->max > kw->min && i < ARRAY_SIZE(limits); i++) {
		snprintf(text, sizeof(text), "%lld", (long long)limits[i]);
		dict_add(dict, text);
	}
}

static void dict_fill(struct dict *dict)
{
	const struct conf_keyword *kw;
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(dict_fixed); i++)
		dict_add(dict, dict_fixed[i]);
	for (i = 0; i < BLOCK_IDS; i++) {
		for (n = 0; conf_blocks[i] && n < conf_blocks[i]->nr_keywords;
		     n++) {
			kw = &conf_blocks[i]->keywords[n];
			dict_add(dict, kw->name);
			dict_add_choices(dict, kw);
			dict_add_limits(dict, kw);
		}
	}
}

static int dict_compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static char *dict_text(void)
{
	struct dict dict = { 0 };
	size_t length, i;
	char *text;
	FILE *out = open_memstream(&text, &length);

	dict_fill(&dict);
	qsort(dict.words, dict.nr, sizeof(*dict.words), dict_compare);
	fputs("# SPDX-License-Identifier: GPL-2.0-or-later\n"
	      "# Written by test_conf_dict.c from the tables of keywords.\n",
	      out);
	for (i = 0; i < dict.nr; i++) {
		if (i == 0 || strcmp(dict.words[i], dict.words[i - 1]) != 0)
			fprintf(out, "\"%s\"\n", dict.words[i]);
	}
	for (i = 0; i < dict.nr; i++)
		free(dict.words[i]);
	free(dict.words);
	fclose(out);
	return text;
}

/* The first line of TEXT that is not in FILE, which is at its beginning. */
static bool dict_is(FILE *file, const char *text)
{
	char line[256];

	while (fgets(line, sizeof(line), file)) {
		if (strncmp(text, line, strlen(line)) != 0) {
			cr_log_error("the file has %sand not %.*s", line,
				     (int)strcspn(text, "\n"), text);
			return false;
		}
		text += strlen(line);
	}
	return *text == '\0';
}

Test(conf_dict, is_made_from_the_tables)
{
	char *path = world_source("tests/fuzz/conf.dict"), *text = dict_text();
	bool update = getenv("EVENKEEL_UPDATE") != NULL;
	FILE *file = fopen(path, update ? "w" : "r");

	cr_assert_not_null(file, "%s", path);
	if (update)
		fputs(text, file);
	else
		cr_expect(
			dict_is(file, text),
			"conf.dict is not of the tables: see the head of test_conf_dict.c");
	fclose(file);
	free(path);
	free(text);
}
