/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Four times as many instances take four times as much: comparisons, growing
 * arrays, memory. What is counted does not depend on how busy the machine is.
 * The linker puts the counting functions in the place of the real ones (--wrap).
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf_world.h"
#include "lib/arena.h"
#include "conf/vrrp_conf.h"

static struct {
	size_t compared; /* texts, bytes, addresses */
	size_t grown;
} counts;

int __real_strcmp(const char *a, const char *b);
int __wrap_strcmp(const char *a, const char *b);
int __real_memcmp(const void *a, const void *b, size_t size);
int __wrap_memcmp(const void *a, const void *b, size_t size);
int __real_addr_cmp(const struct addr *a, const struct addr *b);
int __wrap_addr_cmp(const struct addr *a, const struct addr *b);
void *__real_array_grow(void *old, size_t used, size_t *room, size_t size);
void *__wrap_array_grow(void *old, size_t used, size_t *room, size_t size);

int __wrap_strcmp(const char *a, const char *b)
{
	counts.compared++;
	return __real_strcmp(a, b);
}

int __wrap_memcmp(const void *a, const void *b, size_t size)
{
	counts.compared++;
	return __real_memcmp(a, b, size);
}

int __wrap_addr_cmp(const struct addr *a, const struct addr *b)
{
	counts.compared++;
	return __real_addr_cmp(a, b);
}

void *__wrap_array_grow(void *old, size_t used, size_t *room, size_t size)
{
	counts.grown++;
	return __real_array_grow(old, used, room, size);
}

typedef void write_fn(FILE *out, unsigned n);

static void write_instance(FILE *out, unsigned i, const char *more)
{
	unsigned k;

	fprintf(out,
		"vrrp_instance name-%u {\ninterface eth%u\nvirtual_router_id %u\n"
		"virtual_ipaddress {\n",
		i, i / 255, i % 255 + 1);
	for (k = 0; k < 10; k++)
		fprintf(out, "10.%u.%u.%u/24 dev eth%u\n", i >> 8, i & 255, k,
			k);
	fprintf(out, "}\n%s}\n", more);
}

/* Each with ten addresses. */
static void write_instances(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		write_instance(out, i, "");
}

/* Each with a script, a file, a process and an interface of its own. */
static void write_trackers(FILE *out, unsigned n)
{
	char more[512];
	unsigned i;

	for (i = 0; i < n; i++) {
		fprintf(out,
			"vrrp_script s-%u {\nscript /bin/s\n}\n"
			"track_file f-%u {\nfile /run/f\n}\n"
			"vrrp_track_process p-%u {\nprocess p%u\n}\n",
			i, i, i, i);
		snprintf(
			more, sizeof(more),
			"track_script {\ns-%u\n}\ntrack_file {\nf-%u\n}\n"
			"track_process {\np-%u\n}\ntrack_interface {\nif%u\n}\n",
			i, i, i, i);
		write_instance(out, i, more);
	}
}

/* All track the same. */
static void write_shared(FILE *out, unsigned n)
{
	unsigned i;

	fputs("vrrp_script s {\nscript /bin/s\n}\n", out);
	for (i = 0; i < n; i++)
		write_instance(
			out, i,
			"track_script {\ns\n}\ntrack_interface {\ne\n}\n");
}

/* Groups of two; and one of all. */
static void write_groups(FILE *out, unsigned n)
{
	unsigned i;

	write_instances(out, n);
	for (i = 0; i + 1 < n; i += 2)
		fprintf(out,
			"vrrp_sync_group g-%u {\ngroup {\nname-%u\nname-%u\n}\n}\n",
			i, i, i + 1);
}

static void write_one_group(FILE *out, unsigned n)
{
	unsigned i;

	write_instances(out, n);
	fputs("vrrp_sync_group g {\nglobal_tracking\ngroup {\n", out);
	for (i = 0; i < n; i++)
		fprintf(out, "name-%u\n", i);
	fputs("}\n}\n", out);
}

/* Each tracks a virtual server of its own. */
static void write_pools(FILE *out, unsigned n)
{
	char more[128];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(more, sizeof(more),
			 "track_virtual_server 10.9.%u.%u 80 weight 5\n",
			 i >> 8, i & 255);
		write_instance(out, i, more);
		fprintf(out,
			"virtual_server 10.9.%u.%u 80 {\nlvs_sched rr\n"
			"protocol TCP\nlvs_method DR\n"
			"real_server 10.8.%u.%u 80 {\n}\n}\n",
			i >> 8, i & 255, i >> 8, i & 255);
	}
}

static void write_routes(FILE *out, unsigned n)
{
	unsigned i;

	write_instance(out, 0, "");
	fputs("static_routes {\n", out);
	for (i = 0; i < n; i++)
		fprintf(out, "10.%u.%u.0/24 via 192.0.2.1 dev eth0\n", i >> 8,
			i & 255);
	fputs("}\nstatic_rules {\n", out);
	for (i = 0; i < n; i++)
		fprintf(out, "from 10.%u.%u.0/24 table %u\n", i >> 8, i & 255,
			i + 1);
	fputs("}\n", out);
}

/* Every instance has a mistake or two. */
static void write_wrong(FILE *out, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		write_instance(out, i,
			       "track_script {\nnobody\n}\nadvert_int 1.5\n");
}

struct cost {
	size_t compared, grown, memory;
};

static struct cost measure(write_fn *write, unsigned n)
{
	struct conf_options options = { .compat = true };
	struct cost cost = { 0 };
	struct world world;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	write(out, n);
	fclose(out);
	memset(&counts, 0, sizeof(counts));
	world = world_parse_options(text, size, &options);
	cost.compared = counts.compared;
	cost.grown = counts.grown;
	cr_assert_not_null(world.conf, "%.300s", world.said);
	cr_assert(world.conf->vrrp->nr_instances > 0);
	cost.memory = arena_size(world.conf->arena);
	world_free(&world);
	free(text);
	return cost;
}

/*
 * A quarter more than four times, for what grows by doubling; and so many a
 * line at most, so that the four times are not of something wasteful.
 */
static void check(const char *name, write_fn *write)
{
	struct cost some = measure(write, 250), all = measure(write, 1000);

	cr_expect(some.compared > 250 || some.grown > 250,
		  "%s: nothing is counted", name);
	cr_expect(all.compared <= 5 * some.compared, "%s: %zu, then %zu", name,
		  some.compared, all.compared);
	cr_expect(all.grown <= 5 * some.grown, "%s: %zu, then %zu", name,
		  some.grown, all.grown);
	cr_expect(all.memory <= 6 * some.memory, "%s: %zu, then %zu", name,
		  some.memory, all.memory);
	cr_expect(all.compared < 1000 * 400, "%s: %zu", name, all.compared);
}

Test(conf_vrrp_count, linear)
{
	static const struct {
		const char *name;
		write_fn *write;
	} files[] = {
		{ "instances", write_instances },
		{ "trackers", write_trackers },
		{ "shared", write_shared },
		{ "groups", write_groups },
		{ "one group", write_one_group },
		{ "pools", write_pools },
		{ "routes", write_routes },
		{ "wrong", write_wrong },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++)
		check(files[i].name, files[i].write);
}
