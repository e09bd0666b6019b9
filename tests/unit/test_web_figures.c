/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts that are sent as metrics, and the answers that their readers keep. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "web/figures.h"
#include "web/store.h"

#define ANSWERS 6

static const struct figures_wish all = { .scope = FIGURES_ALL };
static struct figures_list list = TAILQ_HEAD_INITIALIZER(list);

/* An answer of LENGTH bytes, held once: a sheet with rows that nobody knows. */
static struct store_answer *answer_of(size_t length)
{
	static const char head[] = "#daemon\tgeneration\ndaemon\t7\n";
	static const char end[] = "\n#end\nend\n";
	struct store_answer *answer = calloc(1, sizeof(*answer));
	size_t at;
	char *text;

	answer->fd = memfd_create("answer", MFD_CLOEXEC);
	cr_assert_eq(ftruncate(answer->fd, (off_t)length), 0);
	text = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED,
		    answer->fd, 0);
	cr_assert_neq(text, MAP_FAILED);
	memset(text, 'x', length);
	for (at = 4000; at < length; at += 4000)
		text[at] = '\n';
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + length - sizeof(end) + 1, end, sizeof(end) - 1);
	munmap(text, length);
	answer->holders = 1;
	answer->length = length;
	answer->lengths[0] = length;
	return answer;
}

/* Whether FIGURES can be read to their end. */
static bool is_whole(struct figures *figures)
{
	char text[4096];
	size_t used = 0;
	ssize_t got;

	while ((got = figures_read(figures, text + used,
				   sizeof(text) - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	return got == 0 && strstr(text, "evenkeel_config_generation 7\n");
}

Test(figures, those_who_do_not_read_keep_a_few_answers_only)
{
	struct figures *reading[ANSWERS][2];
	struct store_answer *answer;
	char byte;
	int i;

	for (i = 0; i < ANSWERS; i++) {
		answer = answer_of(FIGURES_SHEETS / 3);
		answer->holders++;
		reading[i][0] = figures_new(&list, answer, &all);
		reading[i][1] = figures_new(&list, answer, &all);
		/* All begin, and go on when they may. */
		cr_expect_eq(figures_read(reading[i][0], &byte, 1), 1);
	}
	for (i = 0; i < ANSWERS; i++) {
		cr_expect_eq(figures_read(reading[i][0], &byte, 1) == 1,
			     i >= ANSWERS - 3, "%d", i);
		cr_expect_eq(is_whole(reading[i][1]), i >= ANSWERS - 3, "%d",
			     i);
		figures_free(reading[i][0]);
		figures_free(reading[i][1]);
	}
	cr_expect(TAILQ_EMPTY(&list));
}

/* However large it is, and however many read it. */
Test(figures, the_newest_answer_is_always_whole)
{
	struct store_answer *answer = answer_of(2 * FIGURES_SHEETS);
	struct figures *silent, *first, *second;

	silent = figures_new(&list, NULL, &all);
	answer->holders++;
	first = figures_new(&list, answer, &all);
	second = figures_new(&list, answer, &all);
	cr_expect(is_whole(first));
	cr_expect(is_whole(second));
	cr_expect_not(is_whole(silent)); /* up 0 has no generation */
	figures_free(first);
	figures_free(silent);
	figures_free(second);
	cr_expect(TAILQ_EMPTY(&list));
}
