/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The manual page against the tables: every keyword is on the page, what is
 * acted on has an entry, what is not is in the list of such words that says what
 * is said of it, and the page has no words of its own.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "conf/lvs/draft.h"

#define IDLE_SECTION ".Sh WORDS THAT ARE NOT ACTED ON"

/* What is said of a keyword that is not acted on. */
enum idle_class { IDLE_WARNED, IDLE_NOTED, IDLE_CLASSES };

static const char *const idle_heads[IDLE_CLASSES] = {
	[IDLE_WARNED] = ".Ss Warned of",
	[IDLE_NOTED] = ".Ss Noted",
};

/* Words of the page, as between blanks: " weight alpha ". */
struct page {
	char *entries; /* first words of entries */
	char *idle[IDLE_CLASSES]; /* in the lists of what is not acted on */
};

static enum idle_class class_of(const struct conf_keyword *kw)
{
	return kw->missed ? IDLE_WARNED : IDLE_NOTED;
}

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

/* The kinds of checks have subsections: "HTTP_GET, SSL_GET". */
static void add_checks(FILE *out, char *heading)
{
	char *word;

	while ((word = strsep(&heading, ", "))) {
		if (strchr(word, '_'))
			fprintf(out, "%s ", word);
	}
}

static struct page page_read(void)
{
	char *path = world_source("man/evenkeel.conf.5"), line[512];
	struct page page;
	size_t n, class;
	FILE *in = fopen(path, "r"),
	     *entries = open_memstream(&page.entries, &n);
	FILE *idle[IDLE_CLASSES], *list = NULL;
	bool in_idle = false;

	cr_assert_not_null(in, "%s", path);
	fputc(' ', entries);
	for (class = 0; class < IDLE_CLASSES; class ++) {
		idle[class] = open_memstream(&page.idle[class], &n);
		fputc(' ', idle[class]);
	}
	while (fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, ".Sh ", 4) == 0)
			in_idle = strcmp(line, IDLE_SECTION) == 0;
		else if (!in_idle)
			list = NULL;
		for (class = 0; in_idle && class < IDLE_CLASSES; class ++) {
			if (strcmp(line, idle_heads[class]) == 0)
				list = idle[class];
		}
		if (list && strncmp(line, ".Ic ", 4) == 0)
			add_words(list, line);
		else if (!in_idle && strncmp(line, ".It Ic ", 7) == 0)
			add_words(entries, line);
		else if (!in_idle && strncmp(line, ".Ss ", 4) == 0)
			add_checks(entries, line + 4);
	}
	fclose(entries);
	for (class = 0; class < IDLE_CLASSES; class ++)
		fclose(idle[class]);
	fclose(in);
	free(path);
	return page;
}

static void page_free(struct page *page)
{
	size_t class;

	free(page->entries);
	for (class = 0; class < IDLE_CLASSES; class ++)
		free(page->idle[class]);
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
	/* A section has all of this one. */
	return strcmp(kw->name, "global_defs") == 0 ||
	       has_word(page->entries, kw->name);
}

static void test_listed(const struct page *page, const struct conf_keyword *kw)
{
	if (kw->flags & KW_IDLE)
		cr_expect(has_word(page->idle[class_of(kw)], kw->name),
			  "'%s' is not acted on, and not listed under '%s'",
			  kw->name, idle_heads[class_of(kw)] + 4);
	else
		cr_expect(has_entry(page, kw), "'%s' has no entry", kw->name);
}

Test(conf_manual, every_keyword_is_on_the_page)
{
	struct page page = page_read();

	cr_assert_gt(strlen(page.entries), 500);
	cr_assert_gt(strlen(page.idle[IDLE_WARNED]), 100);
	cr_assert_gt(strlen(page.idle[IDLE_NOTED]), 100);
	each(&page, test_listed);
	page_free(&page);
}

/* Is WORD a keyword of any block, acted on or not in the way of CLASS? */
static void find(const char *word, enum idle_class class, bool *known,
		 bool *idle)
{
	const struct conf_keyword *kw;
	size_t i, n;

	*known = *idle = false;
	for (i = 0; i < BLOCK_IDS; i++) {
		for (n = 0; conf_blocks[i] && n < conf_blocks[i]->nr_keywords;
		     n++) {
			kw = &conf_blocks[i]->keywords[n];
			if (strcmp(kw->name, word) != 0)
				continue;
			*known = true;
			*idle |= (kw->flags & KW_IDLE) && class_of(kw) == class;
		}
	}
}

Test(conf_manual, the_page_has_no_words_of_its_own)
{
	struct page page = page_read();
	char *word, *rest = NULL;
	bool known, idle;
	size_t class;

	for (word = strtok_r(page.entries, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		find(word, IDLE_NOTED, &known, &idle);
		cr_expect(known || strncmp(word, "include", 7) == 0,
			  "'%s' is no keyword", word);
	}
	for (class = 0; class < IDLE_CLASSES; class ++) {
		rest = NULL;
		for (word = strtok_r(page.idle[class], " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			find(word, (enum idle_class) class, &known, &idle);
			cr_expect(idle, "'%s' under '%s' is %s", word,
				  idle_heads[class] + 4,
				  known ? "acted on, or of another kind" :
					  "no keyword");
		}
	}
	page_free(&page);
}

/* Whoever adds a word says what it does, or where it is listed. */
Test(conf_manual, what_is_missed_is_only_of_idle_words)
{
	const struct conf_keyword *kw;
	size_t i, n;

	for (i = 0; i < BLOCK_IDS; i++) {
		for (n = 0; conf_blocks[i] && n < conf_blocks[i]->nr_keywords;
		     n++) {
			kw = &conf_blocks[i]->keywords[n];
			cr_expect(!kw->missed || (kw->flags & KW_IDLE),
				  "'%s' is acted on, and missed", kw->name);
		}
	}
}
