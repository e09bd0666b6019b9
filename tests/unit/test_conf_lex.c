/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of lines, words, braces, conditions, variables and loops. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/lang/parse.h"

/* "a(b c){d} e": statements with their values and blocks. */
static void render(const struct conf_ctx *ctx, uint32_t first, uint32_t end,
		   FILE *out)
{
	const struct conf_node *node;
	uint32_t i, n;

	for (i = first; i < end; i = node->end) {
		node = &ctx->nodes[i];
		fprintf(out, "%s", i > first ? " " : "");
		for (n = 0; n < node->nr_words; n++)
			fprintf(out, "%s%.*s",
				n == 0 ? "" :
				n == 1 ? "(" :
					 "|",
				(int)ctx->words[node->words + n].len,
				ctx->words[node->words + n].text);
		fprintf(out, "%s", node->nr_words > 1 ? ")" : "");
		if (!node->block)
			continue;
		fputc('{', out);
		render(ctx, i + 1, node->end, out);
		fputc('}', out);
	}
}

struct tree {
	char *text;
	size_t len;
	size_t complaints;
	char *first; /* the first complaint, or NULL */
};

static struct tree build(const char *text, size_t length)
{
	struct conf_ctx ctx = { .text = text,
				.length = length,
				.config_id = "me" };
	struct tree tree = { 0 };
	const char *names[1] = { "f" };
	FILE *out;

	ctx.arena = arena_new();
	ctx.scratch = arena_new();
	ctx.files = calloc(1, sizeof(*names));
	ctx.room_files = 1;
	conf_tree_build(&ctx);
	out = open_memstream(&tree.text, &tree.len);
	/* Nobody looks at a tree of millions. */
	render(&ctx, 1, ctx.nr_nodes < 1000000 ? (uint32_t)ctx.nr_nodes : 1,
	       out);
	fclose(out);
	tree.complaints = ctx.nr_complaints;
	if (ctx.nr_complaints)
		tree.first = strdup(ctx.complaints[0].text);
	free(ctx.complaints);
	free(ctx.nodes);
	free(ctx.words);
	free(ctx.files);
	arena_free(ctx.arena);
	arena_free(ctx.scratch);
	return tree;
}

static void tree_free(struct tree *tree)
{
	free(tree->text);
	free(tree->first);
}

struct row {
	const char *in, *out;
	const char *why; /* part of the first complaint; NULL: there is none */
};

static void check(const struct row *rows, size_t n)
{
	struct tree tree;
	size_t i;

	for (i = 0; i < n; i++) {
		tree = build(rows[i].in, strlen(rows[i].in));
		cr_assert_str_eq(tree.text, rows[i].out,
				 "'%s' gives '%s', not '%s'", rows[i].in,
				 tree.text, rows[i].out);
		cr_assert_eq(tree.first != NULL, rows[i].why != NULL,
			     "'%s': %s", rows[i].in,
			     tree.first ? tree.first : "no complaint");
		if (rows[i].why)
			cr_assert(strstr(tree.first, rows[i].why), "'%s': %s",
				  rows[i].in, tree.first);
		tree_free(&tree);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

Test(conf_lex, words_are_split_at_blanks)
{
	static const struct row rows[] = {
		{ "\n", "", NULL },
		{ "a\n", "a", NULL },
		{ " \t a \t b\v\fc  \n", "a(b|c)", NULL },
		{ "a b\r\nc\r\n", "a(b) c", NULL },
		{ "\n\n  \na\n\n\nb\n", "a b", NULL },
		{ "a \\\nb\n", "a(\\) b", NULL },
		{ "a@b ~c d~ x=y\n", "a@b(~c|d~|x=y)", NULL },
		{ "'a b'\n", "'a(b')", NULL },
	};

	CHECK(rows);
}

Test(conf_lex, quotes_make_one_word)
{
	static const struct row rows[] = {
		{ "a \"b c\" d\n", "a(b c|d)", NULL },
		{ "a \"\" b\n", "a(|b)", NULL },
		{ "a\"b\"c\n", "a(b|c)", NULL },
		{ "\"a b\" c\n", "a b(c)", NULL },
		{ "a \"# ! { }\" b\n", "a(# ! { }|b)", NULL },
		{ "a \"b\n c\n", "a c", "not closed" },
		{ "a b \"c { d\n", "a(b)", "not closed" },
		{ "a \"b \\\" c\n", "a(b \\|c)", NULL },
	};

	CHECK(rows);
}

Test(conf_lex, comments_end_the_line)
{
	static const struct row rows[] = {
		{ "# a\n! b\n", "", NULL },
		{ "a # b\nc ! d\n", "a c", NULL },
		{ "a#b\n", "a", NULL },
		{ "a \\#b \\!c # d\n", "a(#b|!c)", NULL },
		{ "a '# b'\n", "a(')", "inside the value of 'a'" },
		{ "a # {\nb\n", "a b", NULL },
		{ "a # \"\nb\n", "a b", NULL },
		{ "a # $X\n", "a", NULL },
		{ "# comment \\\na\n", "a", NULL },
	};

	CHECK(rows);
}

/* Directly behind a character of a value a comment is rarely meant. */
Test(conf_lex, comments_that_cut_are_said)
{
	static const struct row rows[] = {
		{ "a b#c\n", "a(b)",
		  "the value of 'a' and cuts it short; if the '#'" },
		{ "a b c!d e\n", "a(b|c)", "if the '!' belongs to the value" },
		{ "a b{c d#e\n}\n", "a(b){c(d)}", "the value of 'c'" },
		{ "a#b\n", "a", NULL },
		{ "a {#b\nc d\n}#e\n", "a{c(d)}", NULL },
		{ "a \"b\"#c\n", "a(b)", NULL },
		{ "a b #c#d!e\n", "a(b)", NULL },
		{ "a \\b#c\n", "a(\\b)", "the value of 'a'" },
		{ "$X=b#c\na $X\n", "a(b)", "the value of '$X'" },
		{ "$X=b\na $X#c\n", "a(b)", "the value of 'a'" },
		{ "$X=b\na ${X}!c\n", "a(b)", "the value of 'a'" },
		{ "$X= \\\n a b#c\n$X\n", "a(b)", "the value of 'a'" },
		{ "$X=b\na $X {#c\n}#d $X\n", "a(b){}", NULL },
		{ "$X=b\na \"${X}\"#c\n", "a(b)", NULL },
		{ "@nobody a b#c\n", "", NULL },
		{ "@^nobody a b#c\n", "a(b)", "the value of 'a'" },
	};

	CHECK(rows);
}

Test(conf_lex, braces_stand_anywhere)
{
	static const struct row rows[] = {
		{ "a {\n}\n", "a{}", NULL },
		{ "a b {\nc\n}\nd\n", "a(b){c} d", NULL },
		{ "a\n{\nb\n}\n", "a{b}", NULL },
		{ "a\n\n# x\n{ b }\n", "a{b}", NULL },
		{ "a { b 1 }\n", "a{b(1)}", NULL },
		{ "a { b { c 1 } }\nd\n", "a{b{c(1)}} d", NULL },
		{ "a { b {\nc\n} }\n", "a{b{c}}", NULL },
		{ "a{b{c}d}e\n", "a{b{c} d} e", NULL },
		{ "a {\n} b { }\n", "a{} b{}", NULL },
		{ "a { b } c 1\n", "a{b} c(1)", NULL },
		{ "a {\nb\n", "a{b}", "never closed" },
		{ "a }\nb\n", "a b", "without a block" },
		{ "{ a }\nb\n", "{a} b", "without a keyword" },
		{ "a { { b } }\n", "a{{b}}", "without a keyword" },
		{ "a { } {\n}\n", "a{} {}", "without a keyword" },
	};

	CHECK(rows);
}

Test(conf_lex, blocks_can_be_too_deep)
{
	struct tree tree;
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	int i;

	for (i = 0; i < 100; i++)
		fputs("a {\n", out);
	for (i = 0; i < 100; i++)
		fputs("}\n", out);
	fputs("b\n", out);
	fclose(out);
	tree = build(text, length);
	cr_assert_eq(tree.complaints, 1);
	cr_assert(strstr(tree.first, "more than 63 blocks"));
	/* The rest is as it would be without the inner ones. */
	cr_assert_str_eq(tree.text + strlen(tree.text) - 2, " b");
	tree_free(&tree);
	free(text);
}

Test(conf_lex, conditions_keep_or_drop_lines)
{
	static const struct row rows[] = {
		{ "@me a\n@you b\n", "a", NULL },
		{ "@^me a\n@^you b\n", "b", NULL },
		{ "  @me\ta b\n", "a(b)", NULL },
		{ "@me\n@^you\n@\n", "", NULL },
		{ "@me @me a\n", "@me(a)", NULL },
		{ "@m a\n@mee b\n", "", NULL },
		{ "@me a {\n@you b {\n}\n", "a{}", NULL },
		{ "@me $X=1\n@you $X=2\na $X\n", "a(1)", NULL },
		{ "$X=@me a\n$X\n$Y=@you b\n$Y\n", "a", NULL },
	};

	CHECK(rows);
}

Test(conf_lex, variables_are_replaced)
{
	static const struct row rows[] = {
		{ "$X=1\na $X\n", "a(1)", NULL },
		{ "$X=1 2\na ${X}3\n", "a(1|23)", NULL },
		{ "$X=1\na $X, $X) x$X\n", "a(1,|1)|x1)", NULL },
		{ "$X=1\na $Xy $X ${Z\n", "a($Xy|1|$){Z}", "'Xy' is not" },
		{ "a x${Z}y\n", "a(x$Zy)", "'Z' is not defined" },
		{ "a \"${Z} $Y\"\n", "a(${Z} $Y)", NULL },
		{ "password a$Z\n", "password(a$Z)", NULL },
		{ "password a${Z}\n", "password(a$Z)", "of this line is not" },
		{ "$X=1\na \"$X b\"\n", "a(1 b)", NULL },
		{ "$X=\na $X b\n", "a(b)", NULL },
		{ "$X=$Y\n$Y=2\na $X\n", "a(2)", NULL },
		{ "$X=1\n$X=2\na $X\n", "a(2)", NULL },
		{ "$_a9=1\na $_a9\n", "a(1)", NULL },
		{ "$9=1\n", "$9=1", NULL },
		{ "$X =1\n", "$X(=1)", "'X' is not defined" },
		{ "$X=1 # no\na $X\n", "a(1)", NULL },
		{ "$B={\na $B\nb\n}\n", "a{b}", NULL },
		{ "a $\n", "a($)", NULL },
		{ "a $$ $(x) $1\n", "a($$|$(x)|$1)", NULL },
		{ "$X=a$X\n$X\n", "", "contains itself" },
	};

	CHECK(rows);
}

Test(conf_lex, multi_line_values)
{
	static const struct row rows[] = {
		{ "$M= \\\na \\\nb\n$M\nc\n", "a b c", NULL },
		{ "$M=a \\\nb\n$M\n", "a b", NULL },
		{ "$M= \\\na # x \\\nb\n$M\n", "a b", NULL },
		{ "$M= \\\n\\\na\n$M\n", "a", NULL },
		{ "$M= \\\na \\\n\nb\n$M\n", "b a", NULL },
		{ "$M= \\\na { \\\nb \\\n}\n$M\n", "a{b}", NULL },
		{ "$M= \\\na \\\nb\nx $M\n", "x(a) b", NULL },
		{ "$M= \\\na \\\nb\n$M x\n", "$M(x)", "several lines" },
		{ "$M= \\\na \\\nb\n${M} x\n", "$M(x)", "several lines" },
		{ "$M= \\\na \\\nb\n${M}\n", "a b", NULL },
		{ "$N= \\\nc \\\nd\n$M= \\\na \\\n$N \\\nb\n$M\n", "a c d b",
		  NULL },
		{ "$M= \\\na $X \\\nb\n$X=1\n$M\n", "a(1) b", NULL },
		{ "$M= \\\n$X=1 \\\na $X\n$M\n", "a(1)", NULL },
		{ "$M= \\\na \\\n$M\n\n$M\n", "", "200 deep" },
	};
	struct tree tree;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]) - 1; i++)
		check(&rows[i], 1);
	/* The last one contains itself: what it gives is of no interest. */
	tree = build(rows[i].in, strlen(rows[i].in));
	cr_assert(tree.first && strstr(tree.first, rows[i].why));
	tree_free(&tree);
}

Test(conf_lex, built_in_variables)
{
	static const struct row rows[] = {
		{ "a${_HASH}b ${_BANG}\n", "a", NULL },
		{ "a ${_BANG} b {\n", "a", NULL },
		{ "a \"b${_HASH}c\" d\n", "a(b#c|d)", NULL },
		{ "$OFF=${_HASH}\n$OFF a {\n$OFF }\nb\n", "b", NULL },
		{ "a ${_INSTANCE}\n", "a(me)", NULL },
		{ "a ${_RANDOM 7 7}\n", "a(7)", NULL },
	};
	static const char env[] =
		"\0F0 1 f\n\0D/etc/x\n\0VHOME=/root\na ${_PWD} ${_ENV HOME}\n";
	static const char seed[] = "\0R1\na ${_RANDOM} ${_RANDOM}\n";
	static const char other[] = "\0R2\na ${_RANDOM} ${_RANDOM}\n";
	struct tree tree, again;

	CHECK(rows);
	tree = build(env, sizeof(env) - 1);
	cr_assert_str_eq(tree.text, "a(/etc/x|/root)");
	tree_free(&tree);
	/* Random, but the same for the same text. */
	tree = build(seed, sizeof(seed) - 1);
	again = build(seed, sizeof(seed) - 1);
	cr_assert_str_eq(tree.text, again.text);
	tree_free(&again);
	again = build(other, sizeof(other) - 1);
	cr_assert_str_neq(tree.text, again.text);
	tree_free(&again);
	tree_free(&tree);
}

Test(conf_lex, loops_repeat_a_line)
{
	static const struct row rows[] = {
		{ "~SEQ(i, 1, 2, 5) a$i\n", "a1 a3 a5", NULL },
		{ "~SEQ(i,2,4) a $i\n", "a(2) a(3) a(4)", NULL },
		{ "~SEQ(i,3) a $i\n", "a(1) a(2) a(3)", NULL },
		{ "~SEQ(i,-2) a $i\n", "a(-1) a(-2)", NULL },
		{ "~SEQ(i,5,-2,1) a $i\n", "a(5) a(3) a(1)", NULL },
		{ "~SEQ(i,3,1) a $i\n", "a(3) a(2) a(1)", NULL },
		{ "~SEQ(i,0x10,0x11) a $i\n", "a(16) a(17)", NULL },
		{ "~SEQx(i,9,0x10,0x20) a:$i\n", "a:9 a:19", NULL },
		{ "$N=2\n~SEQ(i,1,$N) a $i\n~SEQ(i,${N}) b\n", "a(1) a(2) b b",
		  NULL },
		{ "~SEQ(i,2) ~SEQ(j,2) a${i}$j\n", "a11 a12 a21 a22", NULL },
		{ "~LST(v, x, y) a $v\n", "a(x) a(y)", NULL },
		{ "~LST({v, w}, {1, 2}, {3}, 4) a ${v}-$w\n",
		  "a(1-2) a(3-) a(4-)", NULL },
		{ "~LST(v,x,y) ~SEQ(i,2) ${v}$i\n", "x1 x2 y1 y2", NULL },
		{ "$M= \\\na $i { \\\n}\n~SEQ(i,2) $M\n", "a(1){} a(2){}",
		  NULL },
		{ "$M= \\\n~SEQ(i,2) a$i \\\nb\n$M\n", "a1 a2 b", NULL },
		{ "~SEQ(i,3,-1,5) a\n", "", "does not lead" },
		{ "~SEQ(i) a\n", "", "needs an end" },
		{ "~SEQ(i,1,2,3,4) a\n", "", "one to three" },
		{ "~SEQ(i,99999999999999999999) a\n", "", "one to three" },
		{ "~SEQ (i,1\n", "", "')' of" },
		{ "~SEQ(i,1) \n", "", NULL },
		{ "~LST({a,b},{1,2,3}) x\n", "", "more values" },
		{ "~NEXT(a) x\n", "", "must be a ~SEQ" },
	};

	CHECK(rows);
}

Test(conf_lex, what_variables_produce_is_bounded)
{
	static const char *const texts[] = {
		"~SEQ(i,999999999) x$i\n",
		"~SEQ(i,99999) ~SEQ(j,99999) \"$E\"\n",
		"$E=\n~SEQ(i,99999) ~SEQ(j,99999) $E\n",
		"$A=$B$B$B$B\n$B=${C}${C}${C}${C}\n$C=${D}${D}${D}${D}\n$D=${E}${E}${E}${E}\n"
		"$E=${F}${F}${F}${F}\n$F=${G}${G}${G}${G}\n$G=${H}${H}${H}${H}\n"
		"$H=${I}${I}${I}${I}\n$I=${J}${J}${J}${J}\n$J=0123456789\n"
		"~SEQ(n,1000) ${B}\n",
	};
	struct tree tree;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		tree = build(texts[i], strlen(texts[i]));
		cr_assert(tree.first && strstr(tree.first, "too many lines"),
			  "%s", texts[i]);
		tree_free(&tree);
	}
}

Test(conf_lex, lines_may_be_long_but_not_endless)
{
	size_t length = CONF_LINE_MAX + 64;
	char *text = malloc(length + 3);
	struct tree tree;

	memset(text, 'a', length);
	text[length] = '\n';
	text[length + 1] = 'b';
	text[length + 2] = '\n';
	tree = build(text, length + 3);
	cr_assert_eq(tree.complaints, 1);
	cr_assert(strstr(tree.first, "longer than 1048576 bytes"));
	tree_free(&tree);
	/* Just at the limit, the line's end included. */
	tree = build(text + length + 1 - CONF_LINE_MAX, CONF_LINE_MAX + 2);
	cr_assert_eq(tree.complaints, 0);
	cr_assert_eq(tree.len, CONF_LINE_MAX - 1 + 2);
	tree_free(&tree);
	free(text);
}

Test(conf_lex, many_braces_on_one_line_are_no_problem)
{
	size_t n = 100000, i, length;
	struct tree tree;
	char *text = NULL;
	FILE *out = open_memstream(&text, &length);

	for (i = 0; i < n; i++)
		fputs("a{} ", out);
	fputs("\n", out);
	fclose(out);
	tree = build(text, length);
	cr_assert_eq(tree.complaints, 0);
	cr_assert_eq(tree.len, 4 * n - 1);
	tree_free(&tree);
	free(text);
}

Test(conf_lex, a_nul_that_was_never_read_is_refused)
{
	struct tree tree = build("a \0 b\nc\n", 8);

	cr_assert_str_eq(tree.text, "c");
	cr_assert(strstr(tree.first, "NUL"));
	tree_free(&tree);
}
