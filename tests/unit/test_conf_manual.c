/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manual page against the tables: every keyword is on the page, what is
 * acted on has an entry, what is not is in the list of such words, and the page
 * has no words of its own.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "lib/conf_draft.h"

#define IDLE_SECTION ".Sh WORDS THAT ARE NOT ACTED ON"

/* Words of the page, as between blanks: " weight alpha ". */
struct page {
	char *entries; /* first words of entries */
	char *idle; /* in the list of what is not acted on */
};

static bool has_word(const char *words, const char *word)
{
	char with_blanks[80];

	snprintf(with_blanks, sizeof(with_blanks), " %s ", word);
	return strstr(words, with_blanks) != NULL;
}

/* ".It Ic a Ar x , Ic b" or ".Ic a , b": the keywords. */
static void add_words(FILE *out, char *line)
{
	bool keyword = false;
	char *word, *rest = NULL;

	for (word = strtok_r(line, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (strcmp(word, "Ic") == 0 || strcmp(word, ".Ic") == 0)
			keyword = true;
		else if (strlen(word) == 2 && strchr("AFCONL", word[0]))
			keyword = false; /* Ar, Fl, Cm, Op, Oo, No, Li */
		else if (keyword && strcmp(word, "{") != 0 &&
			 strcmp(word, "}") != 0 && strcmp(word, ",") != 0 &&
			 strcmp(word, ".") != 0)
			fprintf(out, "%s ", word);
	}
}

static struct page page_read(void)
{
	char *path = world_source("man/evenkeel.conf.5"), line[512];
	struct page page;
	size_t n;
	FILE *in = fopen(path, "r"),
	     *entries = open_memstream(&page.entries, &n);
	FILE *idle = open_memstream(&page.idle, &n);
	bool in_idle = false;

	cr_assert_not_null(in, "%s", path);
	fputc(' ', entries);
	fputc(' ', idle);
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, ".Sh ", 4) == 0)
			in_idle = strcmp(line, IDLE_SECTION) == 0;
		else if (in_idle && strncmp(line, ".Ic ", 4) == 0)
			add_words(idle, line);
		else if (!in_idle && strncmp(line, ".It Ic ", 7) == 0)
			add_words(entries, line);
	}
	fclose(entries);
	fclose(idle);
	fclose(in);
	free(path);
	return page;
}

static void page_free(struct page *page)
{
	free(page->entries);
	free(page->idle);
}

/* Calls TEST for each keyword of each block. */
static void each(const struct page *page,
		 void (*test)(const struct page *page,
			      const struct conf_keyword *kw))
{
	size_t i, n;

	for (i = 0; i < BLOCK_IDS; i++) {
		for (n = 0; conf_blocks[i] && n < conf_blocks[i]->nr_keywords;
		     n++)
			test(page, &conf_blocks[i]->keywords[n]);
	}
}

static bool has_entry(const struct page *page, const struct conf_keyword *kw)
{
	static const char *const headings[] = { "TCP_CHECK", "MYSQL_CHECK",
						"HTTP_GET", "SSL_GET",
						"MISC_CHECK" };
	size_t i;

	/* These are sections. */
	for (i = 0; i < ARRAY_SIZE(headings); i++) {
		if (strcmp(kw->name, headings[i]) == 0)
			return true;
	}
	/* And this is where they are all in. */
	return strcmp(kw->name, "global_defs") == 0 ||
	       has_word(page->entries, kw->name);
}

static void test_listed(const struct page *page, const struct conf_keyword *kw)
{
	if (kw->flags & KW_IDLE)
		cr_expect(has_word(page->idle, kw->name) ||
				  has_word(page->entries, kw->name),
			  "'%s' is not acted on, and not on the page",
			  kw->name);
	else
		cr_expect(has_entry(page, kw), "'%s' has no entry", kw->name);
}

Test(conf_manual, every_keyword_is_on_the_page)
{
	struct page page = page_read();

	cr_assert_gt(strlen(page.entries), 500);
	cr_assert_gt(strlen(page.idle), 2000);
	each(&page, test_listed);
	page_free(&page);
}

/* Is WORD a keyword of any block, acted on or not? */
static void find(const char *word, bool *known, bool *idle, bool *acted_on)
{
	size_t i, n;

	*known = *idle = *acted_on = false;
	for (i = 0; i < BLOCK_IDS; i++) {
		for (n = 0; conf_blocks[i] && n < conf_blocks[i]->nr_keywords;
		     n++) {
			if (strcmp(conf_blocks[i]->keywords[n].name, word) != 0)
				continue;
			*known = true;
			if (conf_blocks[i]->keywords[n].flags & KW_IDLE)
				*idle = true;
			else
				*acted_on = true;
		}
	}
}

Test(conf_manual, the_page_has_no_words_of_its_own)
{
	struct page page = page_read();
	bool known, idle, acted_on;
	char *word, *rest = NULL;

	for (word = strtok_r(page.entries, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		find(word, &known, &idle, &acted_on);
		cr_expect(known || strncmp(word, "include", 7) == 0,
			  "'%s' is no keyword", word);
	}
	rest = NULL;
	for (word = strtok_r(page.idle, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		find(word, &known, &idle, &acted_on);
		cr_expect(idle, "'%s' is %s", word,
			  known ? "acted on" : "no keyword");
	}
	page_free(&page);
}

/* What is acted on nowhere is said to be so, even if it has an entry. */
static void test_honest(const struct page *page, const struct conf_keyword *kw)
{
	bool known, idle, acted_on;

	find(kw->name, &known, &idle, &acted_on);
	if (!acted_on)
		cr_expect(has_word(page->idle, kw->name),
			  "'%s' is missing in the list of what is not acted on",
			  kw->name);
}

Test(conf_manual, what_is_not_acted_on_is_listed)
{
	struct page page = page_read();

	each(&page, test_honest);
	page_free(&page);
}
