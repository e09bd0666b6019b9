/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four times as much takes four times as many steps, in every dimension. The
 * language is compiled for this program in such a way that each basic block calls
 * a function here (-fsanitize-coverage=trace-pc), so that the steps are counted
 * and do not depend on the machine. Quadratic code takes sixteen times as many;
 * sorting takes a little more than four.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/digest.h"
#include "conf_world.h"
#include "lib/arena.h"

#define FACTOR 5.0

static size_t steps;
static bool digests; /* conf_digest() counts as well */

void __sanitizer_cov_trace_pc(void);

/* Called by the compiler's own instructions. */
void __sanitizer_cov_trace_pc(void)
{
	steps++;
}

typedef void write_fn(FILE *out, unsigned n);

static const char head[] = "lvs_sched rr\nlvs_method NAT\nprotocol TCP\n";

static void write_server(FILE *out, unsigned i, const char *body)
{
	fprintf(out, "real_server 10.%u.%u.%u 80 {\n%s}\n", i >> 16 & 255,
		i >> 8 & 255, i & 255, body);
}

static void write_servers(FILE *out, unsigned n)
{
	unsigned i;

	fprintf(out, "virtual_server 192.0.2.1 80 {\n%s", head);
	for (i = 0; i < n; i++)
		write_server(out, i, "TCP_CHECK {\nconnect_timeout 3\n}\n");
	fputs("}\n", out);
}

static void write_mysql(FILE *out, unsigned n, const char *more)
{
	unsigned i;

	fprintf(out, "virtual_server 192.0.2.1 80 {\n%s", head);
	for (i = 0; i < n; i++) {
		fprintf(out, "real_server 10.0.%u.%u 80 {\n", i >> 8, i & 255);
		fprintf(out, "MYSQL_CHECK {\nusername u\n%s}\n}\n", more);
	}
	fputs("}\n", out);
}

static void write_one_word(FILE *out, unsigned n)
{
	write_mysql(out, n, "");
}

static void write_two_words(FILE *out, unsigned n)
{
	write_mysql(out, n, "max_lag 3\n");
}

static void write_services(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		fprintf(out, "virtual_server 10.1.%u.%u 80 {\n%s", i >> 8,
			i & 255, head);
		write_server(out, i, "MYSQL_CHECK {\nusername u\n}\n");
		fputs("}\n", out);
	}
}

static void write_groups(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		fprintf(out, "virtual_server_group g%u {\n10.1.%u.%u 80\n}\n",
			i, i >> 8, i & 255);
		fprintf(out, "virtual_server group g%u {\n%s", i, head);
		write_server(out, i, "");
		fputs("}\n", out);
	}
}

static void write_range(FILE *out, unsigned n)
{
	unsigned i;

	fputs("virtual_server_group g {\n", out);
	for (i = 0; i < n / 250; i++)
		fprintf(out, "10.1.%u.1-250 80\n", i);
	fprintf(out, "}\nvirtual_server group g {\n%s", head);
	write_server(out, 1, "");
	fputs("}\n", out);
}

static void write_variables(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		fprintf(out, "$V%u=10.1.%u.%u\n", i, i >> 8, i & 255);
	fprintf(out, "virtual_server 192.0.2.1 80 {\n%s", head);
	for (i = 0; i < n; i++)
		fprintf(out, "real_server $V%u 80 {\n}\n", i);
	fputs("}\n", out);
}

static void write_undefined(FILE *out, unsigned n)
{
	fputs("$known=1\nglobal_defs {\n", out);
	while (n-- > 0)
		fputs("$a", out);
	fputs("\n}\n", out);
}

/* Each instance has a virtual MAC, and addresses on interfaces of others. */
static void write_instances(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		fprintf(out,
			"vrrp_instance i%u {\ninterface e%u\nvirtual_router_id %u\nuse_vmac v%u\n",
			i, i, i % 255 + 1, i);
		fprintf(out, "virtual_ipaddress {\n10.1.%u.%u dev d%u\n}\n}\n",
			i >> 8, i & 255, i);
	}
}

/* Groups with two addresses each, and the pools that their health is of. */
static void write_announce_groups(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		fprintf(out,
			"announce_group g%u {\nvirtual_ipaddress {\n10.1.%u.%u\n10.2.%u.%u\n}\n}\n",
			i, i >> 8, i & 255, i >> 8, i & 255);
	for (i = 0; i < n; i++) {
		fprintf(out, "virtual_server 10.1.%u.%u 80 {\n%sannounce g%u\n",
			i >> 8, i & 255, head, i);
		write_server(out, i, "");
		fputs("}\n", out);
	}
}

/* One group, none of whose addresses is an instance's. */
static void write_announced(FILE *out, unsigned n)
{
	unsigned i;

	fputs("announce_group g {\nvirtual_ipaddress {\n", out);
	for (i = 0; i < n; i++)
		fprintf(out, "10.3.%u.%u\n", i >> 8, i & 255);
	fputs("}\n}\n", out);
	write_instances(out, n);
}

static void write_tracked(FILE *out, unsigned n)
{
	unsigned i;

	fputs("vrrp_instance i {\ninterface e\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\nvirtual_routes {\n",
	      out);
	for (i = 0; i < n; i++)
		fprintf(out, "10.1.%u.%u dev d%u\n", i >> 8, i & 255, i);
	fputs("}\n}\n", out);
}

static void write_loop(FILE *out, unsigned n)
{
	fprintf(out,
		"$S= \\\nreal_server 10.1.${a}.${b} 80 { \\\nTCP_CHECK { \\\n} \\\n}\n"
		"virtual_server 192.0.2.1 80 {\n%s~SEQ(a, 1, %u) ~SEQ(b, 1, 100) $S\n}\n",
		head, n / 100);
}

static void write_checks(FILE *out, unsigned n)
{
	unsigned i;

	fprintf(out,
		"virtual_server 192.0.2.1 80 {\n%sreal_server 192.0.2.2 80 {\n",
		head);
	for (i = 0; i < n; i++)
		fprintf(out, "TCP_CHECK {\nwarmup %u\n}\n", i);
	fputs("}\n}\n", out);
}

static void write_wrong(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		fprintf(out, "real_servre 10.0.0.%u 80\n", i);
}

static void write_braces(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		fputs("a { } ", out);
	fputs("\n", out);
}

static void write_include_like(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		fputs("# include include include\n@nowhere include x\n", out);
}

static void write_value_of_includes(FILE *out, unsigned n)
{
	unsigned i;

	fputs("$X= \\\n", out);
	for (i = 0; i < n; i++)
		fputs("include x \\\n", out);
	fputs("\n", out);
}

/* As at each reload of a balancer that reports to another one. */
static void digest(const struct conf *conf)
{
	uint64_t *pools;

	if (!conf)
		return;
	pools = calloc(conf->nr_virtual_servers + 1, sizeof(*pools));
	cr_assert_not_null(pools);
	conf_digest(conf, pools);
	free(pools);
}

/*
 * The steps of conf_read() and conf_parse(), and with DIGESTS of conf_digest();
 * BYTES (or NULL) gets the memory.
 */
static size_t count_steps(write_fn *write, unsigned n, size_t *bytes)
{
	char path[] = "/tmp/test_conf_linear.XXXXXX", *text;
	FILE *out = fdopen(mkstemp(path), "w");
	struct conf_report report = { 0 };
	struct conf *conf;
	size_t length;

	write(out, n);
	fclose(out);
	steps = 0;
	cr_assert_eq(conf_read(path, NULL, &text, &length, &report), 0);
	conf_parse(text, length, NULL, &conf, &report);
	if (digests)
		digest(conf);
	if (bytes)
		*bytes = arena_size(conf->arena);
	conf_free(conf);
	free(text);
	remove(path);
	return steps;
}

static void check_linear(const char *what, write_fn *write, unsigned n)
{
	size_t one, four;

	digests = true;
	one = count_steps(write, n, NULL);
	four = count_steps(write, 4 * n, NULL);
	cr_assert_gt(one, n, "%s: nothing is counted", what);
	cr_assert_lt((double)four, (double)one * FACTOR,
		     "%s: %zu steps, then %zu for four times as many", what,
		     one, four);
}

Test(conf_linear, servers)
{
	check_linear("servers", write_servers, 10000);
}

Test(conf_linear, services)
{
	check_linear("services", write_services, 5000);
}

Test(conf_linear, groups)
{
	check_linear("groups", write_groups, 5000);
}

Test(conf_linear, addresses_of_a_group)
{
	check_linear("addresses", write_range, 10000);
}

Test(conf_linear, variables)
{
	check_linear("variables", write_variables, 5000);
}

Test(conf_linear, variables_that_are_not_defined)
{
	check_linear("references", write_undefined, 2000);
}

Test(conf_linear, instances)
{
	check_linear("instances", write_instances, 1000);
}

Test(conf_linear, groups_that_are_announced)
{
	check_linear("groups", write_announce_groups, 2000);
}

Test(conf_linear, addresses_that_are_announced)
{
	check_linear("addresses", write_announced, 1000);
}

Test(conf_linear, interfaces_that_are_tracked)
{
	check_linear("interfaces", write_tracked, 1000);
}

Test(conf_linear, loops)
{
	check_linear("loops", write_loop, 5000);
}

Test(conf_linear, checks_of_one_server)
{
	check_linear("checks", write_checks, 5000);
}

Test(conf_linear, mistakes)
{
	check_linear("mistakes", write_wrong, 10000);
}

Test(conf_linear, braces_on_one_line)
{
	check_linear("braces", write_braces, 20000);
}

Test(conf_linear, what_looks_like_includes)
{
	check_linear("includes", write_include_like, 10000);
}

Test(conf_linear, a_value_of_includes)
{
	check_linear("includes", write_value_of_includes, 10000);
}

Test(conf_linear, a_server_takes_little_memory)
{
	size_t bytes;

	count_steps(write_servers, 10000, &bytes);
	cr_assert_lt(bytes / 10000, 400, "%zu bytes for each server",
		     bytes / 10000);
}

/*
 * A block costs what stands in it, not what could stand in it: the rows of its
 * tables are not walked for each server. A server with a check of one keyword is
 * worth eleven lines of one more keyword, and fourteen if the rows are walked.
 */
Test(conf_linear, a_keyword_that_is_not_there_costs_nothing)
{
	size_t one = count_steps(write_one_word, 10000, NULL),
	       line = count_steps(write_two_words, 10000, NULL) - one;

	cr_assert_lt(one, 13 * line, "%zu steps, and %zu for one more line",
		     one / 10000, line / 10000);
}
