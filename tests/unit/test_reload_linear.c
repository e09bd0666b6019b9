/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever a reload carries over from the configuration before: four times as
 * much takes four times as many steps. The rooms are compiled for this program
 * in such a way that each basic block calls a function here, as for
 * test_conf_linear.c; so the steps are counted and do not depend on the machine.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/pair_conf.h"
#include "conf/sealed.h"
#include "conf_world.h"
#include "balance/balance.h"
#include "daemon/operator/override_store.h"
#include "daemon/operator/overrides.h"
#include "daemon/pair/notify.h"
#include "daemon/pair/pair.h"
#include "daemon/pair/tracker.h"
#include "daemon/pair/vrrp_proc.h"
#include "daemon/proc/process.h"
#include "daemon/proc/script.h"
#include "lib/history.h"
#include "lib/log.h"
#include "vrrp/address.h"
#include "vrrp/route.h"
#include "vrrp/vrrp_internal.h"

#define FACTOR 5.0

static size_t steps;

void __sanitizer_cov_trace_pc(void);

/* Called by the compiler's own instructions. */
void __sanitizer_cov_trace_pc(void)
{
	steps++;
}

/*
 * The kernel of these tests has every line already, of somebody else, and no
 * child is started.
 */
int __wrap_vrrp_address_add(struct vrrp_net *net, int index,
			    const struct vrrp_conf_address *address);
int __wrap_vrrp_route_add(struct vrrp_net *net,
			  const struct vrrp_conf_route *route, int port);
int __wrap_vrrp_route_del(struct vrrp_net *net,
			  const struct vrrp_conf_route *route, int port);
int __wrap_vrrp_rule_add(struct vrrp_net *net,
			 const struct vrrp_conf_rule *rule);
int __wrap_vrrp_rule_del(struct vrrp_net *net,
			 const struct vrrp_conf_rule *rule);
void __wrap_process_configure(struct process *process, const char *user);

int __wrap_vrrp_address_add(struct vrrp_net *net, int index,
			    const struct vrrp_conf_address *address)
{
	return -EEXIST;
}

int __wrap_vrrp_route_add(struct vrrp_net *net,
			  const struct vrrp_conf_route *route, int port)
{
	return -EEXIST;
}

int __wrap_vrrp_route_del(struct vrrp_net *net,
			  const struct vrrp_conf_route *route, int port)
{
	return 0;
}

int __wrap_vrrp_rule_add(struct vrrp_net *net,
			 const struct vrrp_conf_rule *rule)
{
	return -EEXIST;
}

int __wrap_vrrp_rule_del(struct vrrp_net *net,
			 const struct vrrp_conf_rule *rule)
{
	return 0;
}

void __wrap_process_configure(struct process *process, const char *user)
{
}

/* A configuration of N parts; every third is another in the next VERSION. */
typedef void write_fn(FILE *out, unsigned n, unsigned version);

static unsigned number(unsigned i, unsigned n, unsigned version)
{
	return i % 3 == 0 ? i + n * version : i;
}

static void write_instances(FILE *out, unsigned n, unsigned version)
{
	unsigned i;

	for (i = 0; i < n; i++)
		fprintf(out,
			"vrrp_instance i%u {\ninterface e%u\nvirtual_router_id 7\nvirtual_ipaddress {\n10.1.%u.%u\n}\n}\n",
			number(i, n, version), i, i >> 8, i & 255);
}

/* Groups of SIZE instances. */
static void write_groups(FILE *out, unsigned n, unsigned version, unsigned size)
{
	unsigned i;

	write_instances(out, n, version);
	for (i = 0; i < n; i++) {
		if (i % size == 0)
			fprintf(out, "vrrp_sync_group g%u {\ngroup {\n",
				number(i / size, n, version));
		fprintf(out, "i%u\n", number(i, n, version));
		if (i % size == size - 1 || i == n - 1)
			fputs("}\n}\n", out);
	}
}

static void write_small_groups(FILE *out, unsigned n, unsigned version)
{
	write_groups(out, n, version, 4);
}

static void write_one_group(FILE *out, unsigned n, unsigned version)
{
	write_groups(out, n, version, n);
}

static void write_addresses(FILE *out, unsigned n, unsigned version)
{
	unsigned i, k;

	fputs("vrrp_instance i {\ninterface e\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\nvirtual_ipaddress_excluded {\n",
	      out);
	for (i = 0; i < n; i++) {
		k = number(i, n, version);
		fprintf(out, "10.%u.%u.%u dev e\n", k >> 16, k >> 8 & 255,
			k & 255);
	}
	fputs("}\n}\n", out);
}

/* A block of lines, each with an address between BEFORE and BEHIND. */
struct lines {
	const char *block, *before, *behind;
};

static void write_lines(FILE *out, const struct lines *lines, unsigned n,
			unsigned version)
{
	unsigned i, k;

	fprintf(out, "%s {\n", lines->block);
	for (i = 0; i < n; i++) {
		k = number(i, n, version);
		fprintf(out, "%s10.%u.%u.%u%s\n", lines->before, k >> 16,
			k >> 8 & 255, k & 255, lines->behind);
	}
	fputs("}\n", out);
}

static void write_static_addresses(FILE *out, unsigned n, unsigned version)
{
	write_lines(out, &(struct lines){ "static_ipaddress", "", " dev e" }, n,
		    version);
}

static void write_static_routes(FILE *out, unsigned n, unsigned version)
{
	write_lines(out,
		    &(struct lines){ "static_routes", "",
				     "/32 via 192.0.2.1 dev e" },
		    n, version);
}

/* The kernel's default route in so many tables. */
static void write_tables(FILE *out, unsigned n, unsigned version)
{
	unsigned i;

	fputs("static_routes {\n", out);
	for (i = 0; i < n; i++)
		fprintf(out, "default via 192.0.2.1 dev e table %u\n",
			1000 + number(i, n, version));
	fputs("}\n", out);
}

static void write_static_rules(FILE *out, unsigned n, unsigned version)
{
	write_lines(out,
		    &(struct lines){ "static_rules", "from ", " table 100" }, n,
		    version);
}

static void write_marks(FILE *out, unsigned n, unsigned version)
{
	unsigned i;

	fputs("static_rules {\n", out);
	for (i = 0; i < n; i++)
		fprintf(out, "fwmark %u table 100\n",
			1 + number(i, n, version));
	fputs("}\n", out);
}

static void write_trackers(FILE *out, unsigned n, unsigned version)
{
	unsigned i;

	for (i = 0; i < n; i++)
		fprintf(out, "vrrp_track_process p%u {\nprocess x%u\n}\n",
			number(i, n, version), i);
	fputs("vrrp_instance i {\ninterface e\nvirtual_router_id 1\nvirtual_ipaddress {\n192.0.2.1\n}\ntrack_process {\n",
	      out);
	for (i = 0; i < n; i++)
		fprintf(out, "p%u weight 1\n", number(i, n, version));
	fputs("}\n}\n", out);
}

static struct conf *make_conf(write_fn *write, unsigned n, unsigned version)
{
	struct world world;
	size_t length;
	char *text;
	FILE *out = open_memstream(&text, &length);

	write(out, n, version);
	fclose(out);
	world = world_parse(text, false);
	cr_assert_not_null(world.conf, "%s", world.said);
	free(text);
	free(world.said);
	return world.conf;
}

static void ignore(struct loop_task *task)
{
}

static size_t count_vrrp_reload(write_fn *write, unsigned n)
{
	struct conf *one = make_conf(write, n, 0);
	struct conf *other = make_conf(write, n, 1);
	struct vrrp_link link = { .index = 2, .name = "e" };
	struct vrrp vrrp = { .loop = loop_new(),
			     .net = { .links = &link, .nr_links = 1 } };
	size_t count;

	loop_task_init(vrrp.loop, &vrrp.report, ignore);
	vrrp_routes_init(&vrrp.routes, &vrrp, NULL);
	vrrp.net.routes = true;
	vrrp_reload(&vrrp, one);
	steps = 0;
	vrrp_reload(&vrrp, other);
	count = steps;
	vrrp_unload(&vrrp);
	loop_free(vrrp.loop);
	return count;
}

static void ignore_change(void *arg)
{
}

static size_t count_pair(write_fn *write, unsigned n)
{
	struct config one = { .conf = make_conf(write, n, 0) };
	struct config other = { .conf = make_conf(write, n, 1) };
	struct pair_needs needs = { .loop = loop_new(),
				    .history = history_new(),
				    .yields_file = "/nonexistent/switchover",
				    .off = true,
				    .changed = ignore_change };
	struct pair *pair;
	size_t count;

	needs.scripts = scripts_new(needs.loop);
	needs.notify = notify_new(needs.scripts);
	pair = pair_new(&needs);
	pair_configure(pair, &one);
	steps = 0;
	pair_configure(pair, &other);
	count = steps;
	pair_free(pair);
	notify_free(needs.notify);
	scripts_free(needs.scripts);
	history_free(needs.history);
	loop_free(needs.loop);
	conf_free(one.conf);
	conf_free(other.conf);
	return count;
}

static void report(void *arg, uint32_t tracker, int32_t value)
{
}

/* Trackers of pools, since nothing is started for them. */
static struct conf *make_pools(unsigned n, unsigned version)
{
	struct vrrp_conf_tracker *who = xcalloc(n, sizeof(*who));
	struct pair_watch *watches = xcalloc(n, sizeof(*watches));
	struct vrrp_conf *vrrp = xcalloc(1, sizeof(*vrrp));
	struct pair_conf *pair = xcalloc(1, sizeof(*pair));
	struct conf *conf = xcalloc(1, sizeof(*conf));
	char name[32];
	unsigned i;

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "p%u", number(i, n, version));
		who[i].name = xstrdup(name);
		who[i].kind = VRRP_TRACK_POOL;
		watches[i].tracker = i;
	}
	*vrrp = (struct vrrp_conf){ .trackers = who, .nr_trackers = n };
	*pair = (struct pair_conf){ .watches = watches, .nr_watches = n };
	conf->vrrp = vrrp;
	conf->pair = pair;
	return conf;
}

static void free_pools(struct conf *conf)
{
	unsigned i;

	for (i = 0; i < conf->vrrp->nr_trackers; i++)
		free((void *)(uintptr_t)conf->vrrp->trackers[i].name);
	free((void *)(uintptr_t)conf->vrrp->trackers);
	free((void *)(uintptr_t)conf->pair->watches);
	free((void *)(uintptr_t)conf->vrrp);
	free((void *)(uintptr_t)conf->pair);
	free(conf);
}

/* A reload, and a question for each tracker, as "evenkeel show vrrp" has. */
static size_t count_trackers(write_fn *write, unsigned n)
{
	struct conf *one = make_pools(n, 0), *other = make_pools(n, 1);
	struct loop *loop = loop_new();
	struct trackers *trackers = trackers_new(loop, NULL, report, NULL);
	struct tracker_view view;
	size_t count;
	uint32_t i;

	trackers_configure(trackers, one);
	trackers_pools(trackers, NULL, true);
	steps = 0;
	trackers_configure(trackers, other);
	for (i = 0; i < n; i++)
		cr_assert(trackers_get(trackers, i, &view));
	count = steps;
	cr_assert(trackers_get(trackers, 1, &view) && view.known);
	cr_assert(trackers_get(trackers, 0, &view) && !view.known);
	trackers_free(trackers);
	loop_free(loop);
	free_pools(one);
	free_pools(other);
	return count;
}

static size_t count_vrrp_proc(write_fn *write, unsigned n)
{
	struct config one = { .conf = make_conf(write, n, 0) };
	struct config other = { .conf = make_conf(write, n, 1),
				.generation = 1 };
	struct loop *loop = loop_new();
	struct vrrp_proc *proc =
		vrrp_proc_new(loop, NULL, &(struct vrrp_proc_events){ 0 });
	size_t count;

	vrrp_proc_configure(proc, &one);
	steps = 0;
	vrrp_proc_configure(proc, &other);
	count = steps;
	vrrp_proc_free(proc);
	loop_free(loop);
	conf_free(one.conf);
	conf_free(other.conf);
	return count;
}

/* Overrides of N servers, each said twice. */
static size_t count_overrides(write_fn *write, unsigned n)
{
	struct override_store *store = override_store_new();
	struct ipc_peer_word word = { .kind = OVERRIDE_DRAIN,
				      .virtual_server = "a" };
	unsigned i;

	word.server.addr.family = AF_INET;
	steps = 0;
	for (i = 0; i < 2 * n; i++) {
		word.server.addr.v4.s_addr = htonl(0x0a000000 + i % n);
		override_store_say(store, &word, override_store_clock());
	}
	n = (unsigned)steps;
	override_store_free(store);
	return n;
}

static void write_servers(FILE *out, unsigned n, unsigned version)
{
	unsigned i, k;

	fputs("virtual_server 192.0.2.1 3306 {\nlvs_sched rr\nlvs_method DR\nprotocol TCP\nwriters 1\n",
	      out);
	for (i = 0; i < n; i++) {
		k = number(i, n, version);
		fprintf(out, "real_server 10.0.%u.%u 3306 {\n}\n", k >> 8,
			k & 255);
	}
	fputs("}\n", out);
}

/* A state file with a word and a seat for each of N servers. */
static void write_state(const char *path, unsigned n)
{
	static const char *const rows[] = {
		"\"word\": \"drain\", \"said_us\": 1", "\"term\": 1"
	};
	FILE *out = fopen(path, "w");
	unsigned kind, i;

	for (kind = 0; kind < 2; kind++) {
		fprintf(out, kind ? "], \"seats\": [" : "{\"overrides\": [");
		for (i = 0; i < n; i++)
			fprintf(out,
				"%s{\"virtual_server\": \"192.0.2.1:3306\", "
				"\"server\": \"10.0.%u.%u:3306\", %s}",
				i > 0 ? "," : "", i >> 8, i & 255, rows[kind]);
	}
	fputs("]}\n", out);
	fclose(out);
}

/* A restart with a state file, then a reload. */
static size_t count_words(write_fn *write, unsigned n)
{
	struct config one = { .conf = make_conf(write, n, 0) };
	struct config other = { .conf = make_conf(write, n, 1) };
	struct balance *first = balance_new(one.conf, 1),
		       *second = balance_new(other.conf, 1);
	struct history *history = history_new();
	struct loop *loop = loop_new();
	struct balance_server_view view;
	struct overrides *overrides;
	struct loop_task decide;
	char path[64];
	size_t count;

	snprintf(path, sizeof(path), "/tmp/test-words-%d", (int)getpid());
	write_state(path, n);
	loop_task_init(loop, &decide, ignore);
	overrides = overrides_new(&(struct overrides_needs){
		.loop = loop,
		.state_file = path,
		.history = history,
		.kept = ignore_change,
	});
	steps = 0;
	overrides_configure(overrides, &one, first, &decide);
	overrides_load(overrides);
	overrides_configure(overrides, &other, second, &decide);
	count = steps;
	balance_view_server(first, 1, &view);
	cr_assert_eq(view.override, OVERRIDE_DRAIN);
	balance_view_server(second, 1, &view);
	cr_assert_eq(view.term, 1);
	unlink(path);
	overrides_free(overrides);
	loop_task_clear(&decide);
	loop_free(loop);
	history_free(history);
	balance_free(first);
	balance_free(second);
	conf_free(one.conf);
	conf_free(other.conf);
	return count;
}

typedef size_t count_fn(write_fn *write, unsigned n);

static void check_linear(count_fn *count, write_fn *write, unsigned n)
{
	size_t one, four;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	one = count(write, n);
	four = count(write, 4 * n);
	cr_assert_gt(one, n, "nothing is counted");
	cr_assert_lt((double)four, (double)one * FACTOR,
		     "%zu steps, then %zu for four times as many", one, four);
}

Test(reload_linear, instances)
{
	check_linear(count_vrrp_reload, write_instances, 500);
}

Test(reload_linear, small_groups)
{
	check_linear(count_vrrp_reload, write_small_groups, 500);
}

Test(reload_linear, one_group)
{
	check_linear(count_vrrp_reload, write_one_group, 500);
}

Test(reload_linear, addresses_of_an_instance)
{
	check_linear(count_vrrp_reload, write_addresses, 500);
}

Test(reload_linear, static_addresses)
{
	check_linear(count_vrrp_reload, write_static_addresses, 500);
}

Test(reload_linear, static_routes)
{
	check_linear(count_vrrp_reload, write_static_routes, 500);
}

Test(reload_linear, default_routes_of_tables)
{
	check_linear(count_vrrp_reload, write_tables, 500);
}

Test(reload_linear, static_rules)
{
	check_linear(count_vrrp_reload, write_static_rules, 500);
}

Test(reload_linear, rules_of_marks)
{
	check_linear(count_vrrp_reload, write_marks, 500);
}

Test(reload_linear, trackers)
{
	check_linear(count_vrrp_reload, write_trackers, 500);
}

Test(reload_linear, notifications_of_instances)
{
	check_linear(count_pair, write_instances, 500);
}

Test(reload_linear, notifications_of_groups)
{
	check_linear(count_pair, write_small_groups, 500);
}

Test(reload_linear, trackers_of_main)
{
	check_linear(count_trackers, NULL, 500);
}

Test(reload_linear, states_of_instances)
{
	check_linear(count_vrrp_proc, write_instances, 500);
}

Test(reload_linear, words_on_servers)
{
	check_linear(count_words, write_servers, 500);
}

Test(reload_linear, overrides)
{
	check_linear(count_overrides, NULL, 2000);
}
