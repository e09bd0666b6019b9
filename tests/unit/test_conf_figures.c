/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of the manual page against the tables: a default or a range that
 * an entry states is a row's, and a row's default and narrow range are stated.
 */
#include <criterion/criterion.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "conf/lvs/draft.h"

/* Beyond it a limit is one of the kernel or of memory, and nobody meets it. */
#define FIGURES_NARROW 10000

/* ".It Ic" lines that share a text. */
struct figures_entry {
	char *words; /* " weight alpha " */
	char *text; /* without macros, in one line */
};

struct figures_page {
	struct figures_entry *entries;
	size_t nr;
};

/* Figures that no row has, since another word or a kind of check settles them. */
static const struct {
	const char *word, *figure, *why;
} figures_settled[] = {
	{ "base_weight", "100", "settle.c: where weights move" },
	{ "retry", "1", "of most kinds of check" },
	{ "delay_before_retry", "1", "of most kinds of check" },
	{ "timeout", "1", "of MYSQL_CHECK, see mysql_finish()" },
	{ "status_code", "200", "a range of a type of its own" },
	{ "http_protocol", "1.0", "a choice" },
	{ "cold_pool_limit", "1% to 99%", "a share of a type of its own" },
	{ "correlated_failure", "60%", "a type of its own: off, or a share" },
	{ "range", "50%", "a type of its own: two shares" },
	{ "sizes", "1", "a type of its own: two sizes" },
	{ "sizes", "1 to 1048576", "the same" },
	{ "down_timer_adverts", "3", "vrrp_down_timer_adverts" },
	{ "operator_peer", "16 to 64", "of the key in its file" },
	{ "key", "1 to 255", "vrrp_hmac_bind_key(): a number and a value" },
	{ "key", "32 to 64", "vrrp_conf_key_read()" },
	{ "vrrp_startup_delay", "30 to 50", "advice" },
	{ "vrrp_priority", "-20 to 19", "of vrrp_value_bind_nice()" },
	{ "checker_priority", "-20 to 19", "of vrrp_value_bind_nice()" },
	{ "bfd_priority", "-20 to 19", "of vrrp_value_bind_nice()" },
	{ "vrrp_cpu_affinity", "0 to 1023", "a type of its own" },
	{ "bfd_cpu_affinity", "0 to 1023", "the same" },
	{ "checker_cpu_affinity", "0 to 1023", "the same" },
	{ "lvs_sync_daemon", "0 to 255", "id, a part of the line" },
	{ "lvs_sync_daemon", "1 to 65507", "maxlen, a part of the line" },
	{ "max_lag", "10.5.2 to 10.5.8", "versions of MariaDB" },
	{ "misc_dynamic", "2 to 255", "of exit statuses" },
	{ "misc_dynamic", "0 to 253", "of weights" },
	{ "vrrp_version", "2", "vrrp_settle.c: unless the family is IPv6" },
	{ "version", "2", "the same" },
	{ "unicast_ttl", "0 to 255", "a type of its own" },
	{ "track_interface", "-253 to 253", "a part of the line" },
	{ "track_process", "-254 to 254", "a part of the line" },
};

static bool figures_used[ARRAY_SIZE(figures_settled)];

static void figures_add_line(FILE *text, const char *line)
{
	/* ".Ic word ," and "\-20" as people read them. */
	if (line[0] == '.')
		line += strcspn(line, " ");
	for (; *line; line++) {
		if (*line == '\\')
			line += line[1] == '&' ? 2 : 1;
		if (*line)
			fputc(*line, text);
	}
	fputc(' ', text);
}

static void figures_add_words(struct figures_entry *entry, const char *line)
{
	char *words = entry->words, *copy = strdup(line), *rest = NULL, *word;
	bool keyword = false;

	for (word = strtok_r(copy, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (strcmp(word, "Ic") == 0) {
			keyword = true;
		} else if (strlen(word) == 2 && strchr("AFCONL", word[0])) {
			keyword = false;
		} else if (keyword && word[0] != ',' && word[0] != '{') {
			cr_assert_geq(asprintf(&entry->words, "%s%s ", words,
					       word),
				      0);
			free(words);
			words = entry->words;
		}
	}
	free(copy);
}

static struct figures_page figures_read(void)
{
	char *path = world_source("man/evenkeel.conf.5"), line[512];
	struct figures_page page = { 0 };
	FILE *in = fopen(path, "r"), *text = NULL;
	struct figures_entry *entry = NULL;
	size_t room = 0, length;
	bool heads = false;

	cr_assert_not_null(in, "%s", path);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, ".It Ic ", 7) == 0) {
			if (!heads) {
				if (text)
					fclose(text);
				page.entries = array_grow(page.entries, page.nr,
							  &room,
							  sizeof(*entry));
				entry = &page.entries[page.nr++];
				entry->words = strdup(" ");
				text = open_memstream(&entry->text, &length);
			}
			figures_add_words(entry, line + 4);
			heads = true;
			continue;
		}
		heads = false;
		if (strncmp(line, ".S", 2) == 0 && text) {
			fclose(text);
			text = NULL;
		}
		if (text)
			figures_add_line(text, line);
	}
	if (text)
		fclose(text);
	fclose(in);
	free(path);
	return page;
}

static void figures_free(struct figures_page *page)
{
	size_t i;

	for (i = 0; i < page->nr; i++) {
		free(page->entries[i].words);
		free(page->entries[i].text);
	}
	free(page->entries);
}

static bool figures_is_number(const struct conf_keyword *kw)
{
	return kw->type == &conf_type_u32 || kw->type == &conf_type_u16 ||
	       kw->type == &conf_type_u8 || kw->type == &conf_type_time ||
	       kw->type == &conf_type_percent || kw->type == &conf_type_share;
}

/* VALUE of KW as the page has it: seconds, shares with "%". */
static const char *figures_show(const struct conf_keyword *kw, int64_t value,
				char *room)
{
	if (kw->type == &conf_type_time)
		sprintf(room, "%g", (double)value / USEC_PER_SEC);
	else if (kw->type == &conf_type_percent)
		sprintf(room, "%lld%%", (long long)value);
	else if (kw->type == &conf_type_share && value < 0)
		sprintf(room, "%lld%%", (long long)-value);
	else
		sprintf(room, "%lld", (long long)value);
	return room;
}

static bool figures_names(const struct figures_entry *entry, const char *name)
{
	char between[80];

	snprintf(between, sizeof(between), " %s ", name);
	return strstr(entry->words, between) != NULL;
}

/* Does an entry of KW match PATTERN? */
static bool figures_stated(const struct figures_page *page,
			   const struct conf_keyword *kw, const char *pattern)
{
	regex_t regex;
	bool found = false;
	size_t i;

	cr_assert_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	for (i = 0; i < page->nr && !found; i++)
		found = figures_names(&page->entries[i], kw->name) &&
			regexec(&regex, page->entries[i].text, 0, NULL, 0) == 0;
	regfree(&regex);
	return found;
}

/* Calls TEST for each number that is acted on. */
static void figures_each(const struct figures_page *page,
			 void (*test)(const struct figures_page *page,
				      const struct conf_keyword *kw))
{
	const struct conf_keyword *kw;
	size_t i, n;

	for (i = 0; i < BLOCK_IDS; i++) {
		for (n = 0; conf_blocks[i] && n < conf_blocks[i]->nr_keywords;
		     n++) {
			kw = &conf_blocks[i]->keywords[n];
			if (!(kw->flags & KW_IDLE) && figures_is_number(kw))
				test(page, kw);
		}
	}
}

static void figures_test_default(const struct figures_page *page,
				 const struct conf_keyword *kw)
{
	char figure[32], pattern[128];

	if (kw->preset == 0 || kw->preset == CONF_UNSET ||
	    kw->preset == UNSET_U32)
		return;
	snprintf(pattern, sizeof(pattern), "(default is|;|and) %s([ ,.;]|$)",
		 figures_show(kw, kw->preset, figure));
	cr_expect(figures_stated(page, kw, pattern),
		  "'%s': its default, %s, is not stated", kw->name, figure);
}

static void figures_test_range(const struct figures_page *page,
			       const struct conf_keyword *kw)
{
	char least[32], most[32], pattern[128];

	figures_show(kw, kw->max, most);
	if (kw->max == kw->min || strtod(most, NULL) > FIGURES_NARROW)
		return;
	snprintf(pattern, sizeof(pattern), "%s (to|or) %s",
		 figures_show(kw, kw->min, least), most);
	cr_expect(figures_stated(page, kw, pattern),
		  "'%s': its range, %s to %s, is not stated", kw->name, least,
		  most);
}

Test(conf_figures, defaults_and_ranges_of_the_tables_are_stated)
{
	struct figures_page page = figures_read();

	cr_assert_gt(page.nr, 100);
	figures_each(&page, figures_test_default);
	figures_each(&page, figures_test_range);
	figures_free(&page);
}

static bool figures_is_settled(const struct figures_entry *entry,
			       const char *figure)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(figures_settled); i++) {
		if (!figures_names(entry, figures_settled[i].word) ||
		    strcmp(figures_settled[i].figure, figure) != 0)
			continue;
		figures_used[i] = true;
		return true;
	}
	return false;
}

static bool figures_is_default(const struct conf_keyword *kw,
			       const char *figure)
{
	char own[32];

	return strcmp(figures_show(kw, kw->preset, own), figure) == 0;
}

static bool figures_is_range(const struct conf_keyword *kw, const char *figure)
{
	char own[72], least[32], most[32];

	snprintf(own, sizeof(own), "%s to %s", figures_show(kw, kw->min, least),
		 figures_show(kw, kw->max, most));
	return strcmp(own, figure) == 0;
}

/* Is FIGURE that of a row of one of ENTRY's words, by SAME? */
static bool figures_has(const struct figures_entry *entry, const char *figure,
			bool (*same)(const struct conf_keyword *kw,
				     const char *figure))
{
	const struct conf_keyword *kw;
	size_t i, n;

	for (i = 0; i < BLOCK_IDS; i++) {
		for (n = 0; conf_blocks[i] && n < conf_blocks[i]->nr_keywords;
		     n++) {
			kw = &conf_blocks[i]->keywords[n];
			if (figures_names(entry, kw->name) &&
			    figures_is_number(kw) && same(kw, figure))
				return true;
		}
	}
	return figures_is_settled(entry, figure);
}

/* The part of TEXT that PART is, into ROOM. */
static const char *figures_part(const char *text, regmatch_t part, char *room)
{
	int length = (int)(part.rm_eo - part.rm_so);

	sprintf(room, "%.*s", length < 31 ? length : 31, text + part.rm_so);
	return room;
}

/* Every figure of ENTRY that REGEX finds, in its second part, is a row's. */
static void
figures_check(const struct figures_entry *entry, const regex_t *regex,
	      bool (*same)(const struct conf_keyword *kw, const char *figure))
{
	const char *text = entry->text;
	regmatch_t parts[3];
	char figure[32];

	for (; regexec(regex, text, 3, parts, 0) == 0; text += parts[2].rm_eo)
		cr_expect(figures_has(entry,
				      figures_part(text, parts[2], figure),
				      same),
			  "%s: no row has %s", entry->words, figure);
}

Test(conf_figures, what_is_stated_is_in_the_tables)
{
	struct figures_page page = figures_read();
	regex_t defaults, ranges;
	size_t i;

	cr_assert_eq(
		regcomp(&defaults,
			"(default is|[0-9];) ([0-9][0-9.]*[0-9]%?|[0-9]%?)",
			REG_EXTENDED),
		0);
	cr_assert_eq(regcomp(&ranges, "(^|[ (])(-?[0-9.]+%? to [0-9.]*[0-9]%?)",
			     REG_EXTENDED),
		     0);
	for (i = 0; i < page.nr; i++) {
		figures_check(&page.entries[i], &defaults, figures_is_default);
		figures_check(&page.entries[i], &ranges, figures_is_range);
	}
	for (i = 0; i < ARRAY_SIZE(figures_settled); i++)
		cr_expect(figures_used[i], "'%s': %s is not on the page",
			  figures_settled[i].word, figures_settled[i].figure);
	regfree(&defaults);
	regfree(&ranges);
	figures_free(&page);
}
