/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/show.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "balance/balance.h"
#include "config.h"
#include "daemon/control/dest_counts.h"
#include "daemon/control/view.h"
#include "daemon/operator/operator.h"
#include "daemon/control/probe_times.h"
#include "lib/log.h"

/*
 * Plain json_object_object_add() copies each key and looks for an older one: of
 * a thousand servers, whose fields are fixed words, forty thousand times.
 */
void show_object_add(struct json_object *obj, const char *key,
		     struct json_object *value)
{
	json_object_object_add_ex(obj, key, value,
				  JSON_C_OBJECT_ADD_KEY_IS_NEW |
					  JSON_C_OBJECT_KEY_IS_CONSTANT);
}

void show_text(struct json_object *obj, const char *key, const char *text)
{
	show_object_add(obj, key, text ? json_object_new_string(text) : NULL);
}

void show_number(struct json_object *obj, const char *key, int64_t number)
{
	show_object_add(obj, key, json_object_new_int64(number));
}

void show_flag(struct json_object *obj, const char *key, bool flag)
{
	show_object_add(obj, key, json_object_new_boolean(flag));
}

/* Seconds since WHEN; null if WHEN is 0. */
void show_age(struct json_object *obj, const char *key, usec_t when, usec_t now)
{
	double age = (double)(now - when) / (double)USEC_PER_SEC;

	show_object_add(obj, key, when ? json_object_new_double(age) : NULL);
}

/*
 * By the bounds of probe_bounds_s, each with those below it, as far as there are
 * more: with thousands of virtual servers, whose probes are quick, that is most.
 */
static struct json_object *show_durations(const struct durations *times,
					  enum check_kind kind)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint64_t count = 0, all = 0;
	unsigned i;

	for (i = 0; i <= DURATIONS_BOUNDS; i++)
		all += times->counts[i];
	i = 0;
	do {
		count += times->counts[i++];
		json_object_array_add(list,
				      json_object_new_int64((int64_t)count));
	} while (count < all);
	show_text(obj, "check", check_kind_name(kind));
	show_object_add(obj, "counts", list);
	show_object_add(obj, "sum_s",
			json_object_new_double((double)times->sum /
					       (double)USEC_PER_SEC));
	return obj;
}

/* The probes of a virtual server, by the kinds of its checks. */
static struct json_object *show_probes(const struct view *core, uint32_t vs)
{
	struct json_object *list = json_object_new_array();
	const struct durations *times;
	unsigned kind;

	for (kind = 0; kind < CHECK_KINDS; kind++) {
		times = probe_times_get(core->probe_times, vs,
					(enum check_kind)kind);
		if (times)
			json_object_array_add(
				list,
				show_durations(times, (enum check_kind)kind));
	}
	return list;
}

static struct json_object *show_bounds(void)
{
	struct json_object *list = json_object_new_array_ext(DURATIONS_BOUNDS);
	unsigned i;

	for (i = 0; i < DURATIONS_BOUNDS; i++)
		json_object_array_add(
			list,
			json_object_new_double((double)durations_bounds[i] /
					       (double)USEC_PER_SEC));
	return list;
}

static struct json_object *show_check(const struct view *core, uint32_t check)
{
	static const char *const states[] = { "unknown", "down", "up" };
	const struct conf_check *conf = &core->conf->checks[check];
	struct json_object *obj = json_object_new_object();
	struct balance_check_view view;
	char addr[ENDPOINT_TEXT_MAX];

	balance_view_check(core->balance, check, core->now, &view);
	show_text(obj, "type", check_kind_name(conf->kind));
	show_text(obj, "target", conf_check_target(conf, addr));
	show_text(obj, "state", states[view.state]);
	show_text(obj, "outcome", outcome_info(view.outcome)->name);
	show_text(obj, "text",
		  view.text[0] ? view.text : outcome_info(view.outcome)->text);
	show_number(obj, "error", view.server_errno);
	show_number(obj, "failures", view.failures);
	show_number(obj, "rise", conf->rise);
	show_number(obj, "fall", conf->fall);
	show_flag(obj, "proven", view.proven);
	show_flag(obj, "stale", view.stale);
	show_object_add(obj, "duration_ms",
			json_object_new_double((double)view.duration / 1000));
	show_age(obj, "age_s", view.when, core->now);
	return obj;
}

/* A server in the kernel's table; null: it is not there. */
static void show_kernel_dest(const struct table *actual,
			     const struct conf_virtual_server *vs,
			     const struct endpoint *addr,
			     const struct conf_forward *forward,
			     struct json_object *obj)
{
	const struct dest_counts counts =
		dest_counts_get(actual, vs, addr, forward);

	show_object_add(obj, "weight_kernel",
			counts.found ? json_object_new_int64(counts.weight) :
				       NULL);
	show_number(obj, "active", counts.active);
	show_number(obj, "inactive", counts.inactive);
	show_object_add(obj, "connections_total",
			counts.found ? json_object_new_int64(counts.conns) :
				       NULL);
}

/*
 * The factors of a server's weight, besides the configured weight; null: its
 * virtual server VS does not ask for that one.
 */
static void show_share(struct json_object *obj,
		       const struct conf_virtual_server *vs,
		       const struct balance_server_view *view)
{
	const struct {
		const char *key;
		uint32_t share;
		bool wanted;
	} parts[] = {
		{ "slow_start_percent", view->ramp, true },
		{ "response_percent", view->latency_factor, vs->fastest },
		{ "saturation_percent", view->saturation, true },
		{ "let_in_percent", view->let_in, vs->cold_pool_limit > 0 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		show_object_add(
			obj, parts[i].key,
			parts[i].wanted ?
				json_object_new_double((double)parts[i].share /
						       10000) :
				NULL);
	show_text(obj, "operator",
		  view->override == OVERRIDE_NONE ?
			  NULL :
			  operator_word(view->override));
	show_flag(obj, "drained", view->drained);
	show_number(obj, "drain_cut", view->drain_cut);
}

/* The server's figures of its clients' connections; unknown values are null. */
static void show_limits(const struct view *core, uint32_t server,
			struct json_object *obj)
{
	struct facts facts;

	balance_view_facts(core->balance, server, &facts);
	show_object_add(obj, "max_connections",
			facts.have & FACT_MAX_CONNECTIONS ?
				json_object_new_int64(facts.max_connections) :
				NULL);
	show_object_add(obj, "wait_timeout_s",
			facts.have & FACT_WAIT_TIMEOUT ?
				json_object_new_int64(facts.wait_timeout) :
				NULL);
}

/* The replication status that the server reports; unknown values are null. */
static void show_replication(const struct view *core, uint32_t server,
			     struct json_object *obj)
{
	struct facts facts;

	balance_view_facts(core->balance, server, &facts);
	show_object_add(obj, "read_only",
			facts.have & FACT_READ_ONLY ?
				json_object_new_boolean(facts.read_only) :
				NULL);
	show_object_add(obj, "replica",
			facts.have & FACT_IS_REPLICA ?
				json_object_new_boolean(facts.is_replica) :
				NULL);
	show_object_add(obj, "channels",
			facts.have & FACT_CHANNELS ?
				json_object_new_int(facts.channels) :
				NULL);
	show_object_add(obj, "lag_s",
			facts.have & FACT_LAG ?
				json_object_new_double((double)facts.lag /
						       (double)USEC_PER_SEC) :
				NULL);
}

struct json_object *show_server(const struct view *core,
				const struct table *actual, uint32_t server)
{
	const struct conf_server *conf = &core->conf->servers[server];
	const struct conf_virtual_server *vs =
		&core->conf->virtual_servers[conf->vs];
	struct json_object *obj = json_object_new_object();
	struct json_object *checks = json_object_new_array();
	struct balance_server_view view;
	char text[512];
	uint32_t i;

	balance_view_server(core->balance, server, &view);
	show_text(obj, "address", endpoint_format(&conf->addr, text));
	show_text(obj, "state", standing_name(view.standing));
	show_age(obj, "since_s", view.since, core->now);
	show_number(obj, "weight_configured", conf->weight);
	show_share(obj, vs, &view);
	show_object_add(obj, "weight_wanted",
			view.wanted ? json_object_new_int64(view.weight) :
				      NULL);
	show_kernel_dest(actual, vs, &conf->addr, &conf->forward, obj);
	show_replication(core, server, obj);
	show_limits(core, server, obj);
	show_text(obj, "reason",
		  balance_reason(core->balance, conf->vs, server, core->now,
				 text, sizeof(text)));
	for (i = 0; i < conf->nr_uses; i++)
		json_object_array_add(checks,
				      show_check(core, conf->uses[i].check));
	show_object_add(obj, "checks", checks);
	return obj;
}

static struct json_object *show_keys(const struct conf_virtual_server *vs)
{
	struct json_object *keys = json_object_new_array();
	char text[SERVICE_TEXT_MAX];
	uint32_t k;

	for (k = 0; k < vs->nr_keys; k++)
		json_object_array_add(
			keys, json_object_new_string(
				      service_key_format(&vs->keys[k], text)));
	return keys;
}

static void show_sorry(const struct table *actual,
		       const struct conf_virtual_server *vs,
		       struct json_object *obj)
{
	struct json_object *sorry = json_object_new_object();
	char text[ENDPOINT_TEXT_MAX];

	show_text(sorry, "address", endpoint_format(&vs->sorry.addr, text));
	show_kernel_dest(actual, vs, &vs->sorry.addr, &vs->sorry.forward,
			 sorry);
	show_object_add(obj, "sorry_server", sorry);
}

/* The kernel's counters since it has the services; null: not in the table. */
static void show_counters(const struct table *actual,
			  const struct conf_virtual_server *vs,
			  struct json_object *obj)
{
	const struct dest_counts counts = dest_counts_service(actual, vs);
	const struct {
		const char *key;
		int64_t count;
	} all[] = {
		{ "connections_total", counts.conns },
		{ "bytes_in_total", counts.in_bytes },
		{ "bytes_out_total", counts.out_bytes },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++)
		show_object_add(obj, all[i].key,
				counts.found ?
					json_object_new_int64(all[i].count) :
					NULL);
}

void show_pause(const struct view *core, uint32_t vs, struct json_object *obj)
{
	struct balance_vs_view view;
	usec_t left;

	balance_view_vs(core->balance, vs, &view);
	left = view.paused_until > core->now ? view.paused_until - core->now :
					       0;
	show_flag(obj, "paused", left > 0);
	show_flag(obj, "pause_keeps_table", left > 0 && view.keeps);
	show_object_add(obj, "pause_left_s",
			left > 0 ?
				json_object_new_double((double)left /
						       (double)USEC_PER_SEC) :
				NULL);
}

struct json_object *show_pool(const struct view *core,
			      const struct table *actual, uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&core->conf->virtual_servers[vs];
	struct json_object *obj = json_object_new_object();
	struct balance_vs_view view;

	balance_view_vs(core->balance, vs, &view);
	show_text(obj, "name", conf->name);
	show_object_add(obj, "services", show_keys(conf));
	show_text(obj, "scheduler", conf->scheduler);
	show_text(obj, "level", level_name(view.level));
	show_flag(obj, "quorum", view.quorum);
	show_number(obj, "quorum_configured", conf->quorum);
	show_number(obj, "up", view.up);
	show_number(obj, "serving", view.serving);
	show_number(obj, "min_serving", view.need);
	show_number(obj, "soft_failed", view.soft);
	show_number(obj, "kept_though_soft_failed", view.kept);
	show_number(obj, "backups_serving", view.backups);
	show_number(obj, "sources", view.sources);
	show_number(obj, "writers", view.writers);
	show_number(obj, "spares", view.spares);
	show_pause(core, vs, obj);
	show_counters(actual, conf, obj);
	show_object_add(obj, "probes", show_probes(core, vs));
	show_number(obj, "servers_all", conf->nr_servers);
	if (addr_is_set(&conf->sorry.addr.addr))
		show_sorry(actual, conf, obj);
	return obj;
}

void show_process(const struct view *core, struct json_object *obj,
		  const struct process_view *view)
{
	show_flag(obj, "running", view->running);
	show_flag(obj, "answering", view->answering);
	show_number(obj, "pid", view->pid);
	show_number(obj, "restarts", view->restarts);
	show_age(obj, "spoke_s", view->spoke, core->now);
}

static struct json_object *show_checker(const struct view *core)
{
	struct json_object *obj = json_object_new_object();

	show_process(core, obj, &core->checker.process);
	show_flag(obj, "ready", core->checker.ready);
	show_number(obj, "verdicts", (int64_t)core->checker.verdicts);
	show_number(obj, "stale_checks",
		    balance_stale_checks(core->balance, core->now));
	return obj;
}

static struct json_object *show_kernel(const struct view *core)
{
	const struct view_kernel *kernel = &core->kernel;
	struct json_object *obj = json_object_new_object();

	show_flag(obj, "reached", core->reached);
	show_number(obj, "changes", (int64_t)kernel->changes);
	show_number(obj, "failures", (int64_t)kernel->failures);
	show_number(obj, "repairs", (int64_t)kernel->repairs);
	show_age(obj, "audited_s", kernel->last_audit, core->now);
	show_object_add(obj, "tcp_timeout_s",
			kernel->tcp_timeout ?
				json_object_new_int64(kernel->tcp_timeout) :
				NULL);
	return obj;
}

static struct json_object *show_recorder(const struct view *core)
{
	const struct view_recorder *recorder = &core->recorder;
	struct json_object *obj;

	if (!recorder->file)
		return NULL;
	obj = json_object_new_object();
	show_text(obj, "file", recorder->file);
	show_flag(obj, "writing", recorder->writing);
	show_number(obj, "size_bytes", (int64_t)recorder->size);
	show_number(obj, "lost_inputs", (int64_t)recorder->lost);
	return obj;
}

static struct json_object *show_daemon(const struct view *core)
{
	struct json_object *obj = json_object_new_object();

	show_text(obj, "version", PACKAGE_VERSION);
	show_number(obj, "pid", getpid());
	show_age(obj, "uptime_s", core->started, core->now);
	show_text(obj, "config_file", core->config_file);
	show_flag(obj, "config_refused", core->file.refused);
	show_age(obj, "config_read_s", core->file.read, core->now);
	show_number(obj, "generation", core->generation);
	show_object_add(obj, "probe_bounds_s", show_bounds());
	show_flag(obj, "keepalived_compat", core->conf->global.compat);
	show_number(obj, "log_lines_lost", (int64_t)log_lost());
	show_object_add(obj, "checker", show_checker(core));
	show_object_add(obj, "kernel",
			core->only_vrrp ? NULL : show_kernel(core));
	show_object_add(obj, "vrrp", show_pair_short(core));
	/* The first one for readers that know of a pair only. */
	show_object_add(obj, "peer", show_peer(core, 0));
	show_object_add(obj, "peers", show_peers(core));
	show_object_add(obj, "bfd", show_bfd(core));
	show_object_add(obj, "mail", show_mail(core));
	show_object_add(obj, "recorder", show_recorder(core));
	return obj;
}

struct json_object *show_status_head(const struct view *core)
{
	struct json_object *obj = json_object_new_object();

	show_object_add(obj, "daemon", show_daemon(core));
	return obj;
}
