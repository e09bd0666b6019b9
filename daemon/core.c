/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/core.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "balance/balance.h"
#include "conf/vrrp_conf.h"
#include "daemon/core_internal.h"
#include "daemon/advice.h"
#include "daemon/announcer.h"
#include "daemon/bfd_proc.h"
#include "daemon/recorder.h"
#include "daemon/configuration.h"
#include "daemon/control/control.h"
#include "lib/history.h"
#include "daemon/integrity.h"
#include "daemon/kernel.h"
#include "daemon/pair/notify.h"
#include "daemon/reload_time.h"
#include "daemon/options.h"
#include "daemon/pair/pair.h"
#include "daemon/probe_paths.h"
#include "daemon/control/probe_times.h"
#include "daemon/control/tallies.h"
#include "daemon/proc/privs.h"
#include "daemon/proc/script.h"
#include "daemon/netfilter/sets.h"
#include "daemon/switchover.h"
#include "daemon/pair/sync.h"
#include "daemon/proc/systemd.h"
#include "daemon/describe_log.h"
#include "daemon/checker_proc.h"
#include "daemon/web_proc.h"
#include "daemon/operator/overrides.h"
#include "daemon/operator/peer_proc.h"
#include "daemon/operator/peer_reports.h"
#include "lib/log.h"

#define CORE_AUDIT_MIN (2 * USEC_PER_SEC)
#define CORE_AUDIT_MAX (30 * USEC_PER_SEC)
/* An audit may cost one percent of the time. */
#define CORE_AUDIT_SHARE 100
#define CORE_RETRY_MIN (USEC_PER_SEC / 2)
#define CORE_RETRY_MAX (30 * USEC_PER_SEC)
/* A kernel without IPVS is asked more often: somebody may be loading the module. */
#define CORE_OPEN_MAX (5 * USEC_PER_SEC)
/* Decide, and put the services of the marks beside the decision's. */
static void core_make_table(struct core *core)
{
	balance_decide(core->balance, loop_now(core->loop), &core->wanted);
	probe_paths_add(core->paths, &core->wanted);
}

bool core_reason(void *arg, const struct ipvs_change *change, char *out,
		 size_t size)
{
	struct core *core = arg;

	describe_change(core->config->conf, core->balance, change,
			loop_now(core->loop), out, size);
	return !describe_is_move(core->config->conf, core->balance, change);
}

static void core_retry_later(struct core *core, usec_t now)
{
	usec_t most = kernel_is_open(core->kernel) ? CORE_RETRY_MAX :
						     CORE_OPEN_MAX;

	core->backoff = core->backoff ? core->backoff * 2 : CORE_RETRY_MIN;
	if (core->backoff > most)
		core->backoff = most;
	loop_timer_set(&core->retry, now + core->backoff);
}

static void core_settle(struct core *core, int error)
{
	if (error < 0) {
		/* A new failure is retried soon, even while older ones last. */
		if (kernel_take_news(core->kernel)) {
			core->backoff = 0;
			loop_timer_clear(&core->retry);
		}
		if (!core->retry.set)
			core_retry_later(core, loop_now(core->loop));
		return;
	}
	core->backoff = 0;
	loop_timer_clear(&core->retry);
}

/* Connection sync and advice are checked as often as the table. */
static void core_tend(struct core *core)
{
	struct ipvs_backend *backend = kernel_backend(core->kernel);

	if (!backend)
		return;
	if (!core->options->only_checks)
		sync_reconcile(core->sync, backend, core->config->conf);
	nodest_tend(&core->nodest, conf_leaves(core->config->conf, LEAVE_CUT));
	if (!core->options->only_checks)
		sloppy_tend(&core->sloppy,
			    core->config->conf->global.lvs_mh_tuning);
	if (core->adopted && probe_paths_tend(core->paths))
		checker_proc_renew_sockets(core->checker);
	advice_check(core->advice, backend, core->config->conf, core->balance);
}

/*
 * Read the kernel's table before the first decision. The services to read come
 * from a temporary balance: the real one must not see a world without our
 * predecessor's table, or it would report outages that never were.
 */
static const struct table *core_read_first(struct core *core)
{
	usec_t now = loop_now(core->loop);
	struct balance *guess = balance_new(core->config->conf, now);

	balance_decide(guess, now, &core->wanted);
	balance_free(guess);
	return kernel_read(core->kernel, &core->wanted);
}

/*
 * The first contact with the kernel: adopt our predecessor's table before the
 * first decision.
 */
static int core_adopt(struct core *core)
{
	const struct table *actual;
	int error;

	if (core->adopted)
		return 0;
	error = kernel_open(core->kernel);
	if (error < 0)
		return error;
	if (core->config->conf->global.lvs_flush) {
		log_notice("ipvs",
			   "lvs_flush: every service in the kernel is removed");
		error = kernel_flush(core->kernel);
		if (error < 0)
			return error;
	}
	actual = core_read_first(core);
	if (!actual)
		return -EIO;
	if (actual->nr_services)
		log_notice("ipvs",
			   "the kernel has %zu services with %zu servers of "
			   "ours: what matches is kept",
			   actual->nr_services, actual->nr_dests);
	overrides_load(core->overrides);
	balance_adopt(core->balance, actual, loop_now(core->loop));
	kernel_set_timeouts(core->kernel, &core->config->conf->global);
	probe_paths_adopt(core->paths, core->config->conf, actual);
	core_tend(core);
	core->adopted = true;
	return 0;
}

/* A line a second for each check is more than any healthy checker causes. */
static void core_limit_lines(struct core *core)
{
	uint64_t most = 200 + 60 * (uint64_t)core->config->conf->nr_checks;

	core->verdict_lines.most = most;
	core->event_lines.most = most;
}

static void core_log_events(struct core *core)
{
	const struct conf *conf = core->config->conf;
	usec_t now = loop_now(core->loop);
	struct balance_event event;

	while (balance_next_event(core->balance, &event)) {
		tallies_transition(core->tallies, &event);
		if (log_limit_pass(&core->event_lines, now))
			describe_event(conf, core->balance, &event, now,
				       core->history);
		notify_run(core->notify, describe_script(conf, &event),
			   &conf->global);
		pair_lvs_event(core->pair, core->balance, &event);
	}
}

struct table *core_wanted(struct core *core)
{
	core_make_table(core);
	loop_task_want(&core->decide); /* the task logs the events */
	return &core->wanted;
}

static void core_set_wake(struct core *core)
{
	usec_t wake = balance_next_wake(core->balance);

	if (wake)
		loop_timer_set(&core->wake, wake);
	else
		loop_timer_clear(&core->wake);
}

/* If CONF is not in force yet, none of its instances has a state. */
static void core_update_sets(struct core *core, const struct conf *conf)
{
	bool present = conf == core->config->conf, guarded, known;
	uint32_t i, nr = conf->vrrp->nr_instances;
	bool *held = xcalloc(nr + 1, sizeof(*held));
	struct sets_input input = {
		.conf = conf,
		.table = core->adopted ? &core->wanted : NULL,
		.held = present ? held : NULL,
		.vrrp = !core->options->only_checks,
		.lvs = !core->options->only_vrrp,
	};

	for (i = 0; present && i < nr; i++)
		held[i] = pair_holds(core->pair, i);
	sets_follow(core->sets, &input);
	free(held);
	guarded = sets_guarded(core->sets, &known);
	if (known && present)
		pair_guarded(core->pair, guarded);
}

static void core_pair_changed(void *arg)
{
	struct core *core = arg;

	core->moved = loop_now(core->loop);
	loop_task_want(&core->decide);
	switchover_moved(core->switchover);
}

static void core_reported(void *arg)
{
	struct core *core = arg;

	switchover_reported(core->switchover);
}

/* Whether another balancer reports, or may not have had the time to. */
static bool core_hears_other(const struct core *core)
{
	usec_t now = loop_now(core->loop), heard;
	struct peer_proc_view peer;
	uint32_t i;

	for (i = 0; overrides_peer(core->overrides, i, &peer); i++) {
		heard = 0;
		peer_reports_last(peer.reports, &heard);
		if (heard < core->started)
			heard = core->started;
		if (now - heard <= PEER_REPORTS_AGE)
			return true;
	}
	return false;
}

/*
 * In a pair, whoever has no address has no clients, and follows the other one. A
 * balancer that does not hear the other one has nobody to follow: it goes by what
 * it sees itself, or a server that failed would serve again with the next takeover.
 */
static bool core_is_reserve(const struct core *core)
{
	uint32_t i, nr = core->config->conf->vrrp->nr_instances;

	if (core->options->only_checks || !core_hears_other(core))
		return false;
	for (i = 0; i < nr; i++)
		if (pair_holds(core->pair, i))
			return false;
	return nr > 0;
}

/* The addresses go to the other balancer, if it is fit and they are here. */
static bool core_step_down(void *arg)
{
	struct core *core = arg;
	struct fitness fitness;

	if (core->config->conf->vrrp->nr_instances == 0 ||
	    core_is_reserve(core))
		return false;
	switchover_ask(core->switchover, &fitness);
	return !fitness.refused[0];
}

/*
 * The checker's pending verdicts count before a change reaches the kernel:
 * after main stood still, the first messages in the channel are old, and the
 * last may take them back.
 */
static void core_judge(struct core *core)
{
	core_make_table(core);
	checker_proc_hear(core->checker);
	if (!core->decide.wanted)
		return;
	loop_task_clear(&core->decide);
	core_make_table(core);
}

static void core_decide(struct loop_task *task)
{
	struct core *core = container_of(task, struct core, decide);
	int error;

	if (core->options->only_vrrp) {
		core_update_sets(core, core->config->conf);
		pair_decided(core->pair, NULL, false, true);
		return;
	}
	balance_reserve(core->balance, core_is_reserve(core));
	error = core_adopt(core);
	if (error == 0) {
		core_judge(core);
		core_set_wake(core);
		error = kernel_apply(core->kernel, &core->wanted);
		probe_paths_applied(core->paths);
		/* Not before the kernel has taken the entries out. */
		if (error == 0)
			checker_proc_evict(core->checker, core->balance);
		core_log_events(core);
		describe_notices(core->balance, core->history);
	}
	overrides_share_seats(core->overrides);
	core_update_sets(core, core->config->conf);
	pair_decided(core->pair, core->balance, core->adopted, error == 0);
	switchover_decided(core->switchover, error == 0);
	announcer_decided(core->announcer, core->balance, core->adopted,
			  error == 0);
	core_settle(core, error);
}

static void core_wake(struct loop_timer *timer)
{
	struct core *core = container_of(timer, struct core, wake);

	loop_task_want(&core->decide);
}

static void core_retry(struct loop_timer *timer)
{
	struct core *core = container_of(timer, struct core, retry);

	loop_task_want(&core->decide);
}

/* The kernel's counts of connections end drains and move thresholds. */
static void core_note_audit(struct core *core)
{
	const struct table *actual = kernel_last_audit(core->kernel);

	if (actual && balance_note_connections(core->balance, actual))
		loop_task_want(&core->decide);
	kernel_forget_audit(core->kernel);
}

static void core_audit(struct loop_timer *timer)
{
	struct core *core = container_of(timer, struct core, audit);
	usec_t now = loop_now(core->loop), wait;
	int error = -EAGAIN;

	/* Retries, which become rarer, reopen a lost connection. */
	if (core->adopted && kernel_is_open(core->kernel)) {
		error = kernel_audit(core->kernel, &core->wanted, now,
				     clock_now);
		core_settle(core, error);
	}
	core_note_audit(core);
	/* A checker that was started anew has to be told, and not before the
	 * kernel has taken the entries out. */
	if (error == 0)
		checker_proc_evict(core->checker, core->balance);
	core_tend(core);
	describe_stale(core->balance, loop_now(core->loop), &core->stale);
	wait = kernel_counters(core->kernel)->audit_cost * CORE_AUDIT_SHARE;
	if (wait < CORE_AUDIT_MIN)
		wait = CORE_AUDIT_MIN;
	if (wait > CORE_AUDIT_MAX)
		wait = CORE_AUDIT_MAX;
	loop_timer_set(timer, loop_now_exact(core->loop) + wait);
}

static void core_watchdog(struct loop_timer *timer)
{
	struct core *core = container_of(timer, struct core, watchdog);

	systemd_watchdog();
	loop_timer_set(timer,
		       loop_now(core->loop) + systemd_watchdog_interval());
}

static void core_verdict(void *arg, const struct verdict *said)
{
	struct core *core = arg;
	struct verdict judged = *said;
	const struct verdict *verdict = &judged;

	/* A probe that an address was moved away from proves nothing. */
	if (verdict->outcome == PROBE_CLIENT_PATH &&
	    verdict->when - (usec_t)verdict->duration <= core->moved)
		return;
	probe_paths_judge_verdict(core->paths, &judged);
	integrity_judge_verdict(core->integrity, &judged);
	describe_verdict(core->config->conf, core->balance, verdict,
			 &core->verdict_lines, loop_now(core->loop));
	describe_evicted(core->config->conf, verdict, core->history);
	probe_times_add(core->probe_times, verdict->check, verdict->duration);
	tallies_result(core->tallies, verdict->check, verdict->outcome);
	if (balance_verdict(core->balance, verdict, loop_now(core->loop)))
		loop_task_want(&core->decide);
}

static void core_neighbor(void *arg, const struct bfd_proc_view *view)
{
	struct core *core = arg;

	checker_proc_tell_neighbor(core->checker, view);
	pair_neighbor(core->pair, view->name, view->up, view->why);
}

static void core_configure_control(struct core *core)
{
	const struct conf_global *global = &core->config->conf->global;
	char path[256];

	control_configure(core->control, global,
			  options_run_path(core->options, "control.sock", path,
					   sizeof(path)));
}

static void core_start_timers(struct core *core)
{
	usec_t now = loop_now(core->loop);

	loop_task_init(core->loop, &core->decide, core_decide);
	loop_timer_init(core->loop, &core->audit, core_audit);
	loop_timer_init(core->loop, &core->retry, core_retry);
	loop_timer_init(core->loop, &core->wake, core_wake);
	loop_timer_init(core->loop, &core->watchdog, core_watchdog);
	loop_timer_set(&core->audit, now + CORE_AUDIT_MIN);
	if (systemd_watchdog_interval() > 0)
		loop_timer_set(&core->watchdog, now);
}

/* The parts that write to the kernel. */
static void core_make_kernel(struct core *core)
{
	const struct options *options = core->options;
	char path[256], suffix[8];

	core->kernel = kernel_new(options_run_path(options, "services", path,
						   sizeof(path)),
				  core_reason, core);
	kernel_keep_history(core->kernel, core->history);
	core->sync = sync_new(core->history);
	options_suffix(options, suffix);
	core->sets =
		sets_new(core->loop,
			 options_run_path(options, "sets", path, sizeof(path)),
			 suffix, core->history);
	sets_watch(core->sets, core_pair_changed, core);
	core->advice = advice_new();
	core->announcer = announcer_new(core->loop, core->history,
					options_run_path(options, "state.json",
							 path, sizeof(path)),
					options->only_vrrp);
	core->paths = probe_paths_new(core->kernel,
				      options_run_path(options, "accept_local",
						       path, sizeof(path)));
}

static void core_settled(void *arg)
{
	struct core *core = arg;

	control_settled(core->control);
}

/* The vrrp process has said its counters, or does not. */
static void core_told(void *arg)
{
	struct core *core = arg;

	control_told(core->control);
	web_proc_told(core->web);
}

/* The parts that have processes of their own, or talk with others. */
static void core_make_children(struct core *core)
{
	const struct options *options = core->options;
	struct loop *loop = core->loop;
	char path[256], yields[256];

	core->scripts = scripts_new(loop);
	core->notify = notify_new(core->scripts);
	core->checker = checker_proc_new(loop, core->scripts, core->history,
					 core_verdict, core);
	checker_proc_set_paths(core->checker, core->paths);
	core->bfd = bfd_proc_new(loop, core->history, core_neighbor, core);
	checker_proc_set_neighbors(core->checker, core->bfd);
	core->pair = pair_new(&(struct pair_needs){
		.loop = loop,
		.scripts = core->scripts,
		.history = core->history,
		.notify = core->notify,
		.yields_file = options_run_path(options, "switchover", yields,
						sizeof(yields)),
		.off = options->only_checks,
		.changed = core_pair_changed,
		.told = core_told,
		.arg = core,
	});
	core->overrides = overrides_new(&(struct overrides_needs){
		.loop = loop,
		.state_file = options_run_path(options, "state.json", path,
					       sizeof(path)),
		.replicate = !options->only_vrrp,
		.history = core->history,
		.kept = core_settled,
		.reported = core_reported,
		.arg = core,
	});
	announcer_listen(core->announcer, core->overrides);
	announcer_notice(core->announcer, core_settled, core);
	core->integrity = integrity_new(&(struct integrity_needs){
		.loop = loop,
		.history = core->history,
		.checker = core->checker,
		.paths = core->paths,
		.overrides = core->overrides,
		.step_down = core_step_down,
		.arg = core,
	});
	core->switchover = switchover_new(&(struct switchover_needs){
		.loop = loop,
		.history = core->history,
		.overrides = core->overrides,
		.pair = core->pair,
		.announcer = core->announcer,
		.integrity = core->integrity,
	});
	core->control = control_new(loop, &core_control_ops, core);
	core_configure_control(core);
	core->web = web_proc_new(loop, core->history, &core_control_ops, core);
}

static void core_reload_due(void *arg)
{
	core_reload(arg);
}

struct core *core_new(struct loop *loop, const struct options *options,
		      struct config *config)
{
	struct core *core = xcalloc(1, sizeof(*core));

	core->loop = loop;
	core->options = options;
	core->config = config;
	core->started = loop_now(loop);
	life_become(&core->self, &config->conf->global);
	core->file.read = core->started;
	core->probe_times = probe_times_new(config->conf, NULL, NULL);
	core->tallies = tallies_new(config->conf, NULL, NULL);
	core->verdict_lines = (struct log_limit){ .part = "check",
						  .what = "results of checks" };
	core->event_lines =
		(struct log_limit){ .part = "server",
				    .what = "changes of servers and services" };
	core_limit_lines(core);
	core->balance = balance_new(config->conf, core->started);
	core->history = history_new();
	core_make_kernel(core);
	core_make_children(core);
	core_start_timers(core);
	core_reload_init(core);
	core->recorder = recorder_new(loop, core->history);
	recorder_follow(core->recorder, core->balance, true, core->started);
	pair_configure(core->pair, config);
	announcer_configure(core->announcer, config->conf);
	overrides_configure(core->overrides, config, core->balance,
			    &core->decide);
	switchover_configure(core->switchover, config, core->balance);
	integrity_configure(core->integrity, config->conf, core->balance);
	/* The table comes first: the checker's start must not delay it. */
	core_decide(&core->decide);
	if (!options->only_vrrp)
		checker_proc_configure(core->checker, config);
	bfd_proc_configure(core->bfd, config);
	web_proc_configure(core->web, config);
	recorder_start(core->recorder);
	core->reload_time = reload_time_new(loop, core_reload_due, core);
	reload_time_configure(core->reload_time, &config->conf->global);
	return core;
}

struct config *core_leave_config(struct core *core)
{
	struct config *config = core->config;

	core->config_left = true;
	return config;
}

void core_free(struct core *core)
{
	if (!core)
		return;
	reload_time_free(core->reload_time);
	core_reload_end(core);
	loop_task_clear(&core->decide);
	loop_timer_clear(&core->audit);
	loop_timer_clear(&core->retry);
	loop_timer_clear(&core->wake);
	loop_timer_clear(&core->watchdog);
	web_proc_free(core->web);
	control_free(core->control);
	integrity_free(core->integrity);
	checker_proc_free(core->checker);
	bfd_proc_free(core->bfd);
	pair_free(core->pair);
	overrides_free(core->overrides);
	switchover_free(core->switchover); /* both have told it what changed */
	notify_free(core->notify);
	scripts_free(core->scripts);
	announcer_free(core->announcer);
	sync_free(core->sync);
	sets_free(core->sets);
	advice_free(core->advice);
	recorder_free(core->recorder);
	probe_paths_free(core->paths);
	probe_times_free(core->probe_times);
	tallies_free(core->tallies);
	kernel_free(core->kernel);
	balance_free(core->balance);
	history_free(core->history);
	table_free(&core->wanted);
	if (!core->config_left)
		config_free(core->config);
	free(core);
}

void core_use_config(struct core *core, struct config *config)
{
	usec_t now = loop_now(core->loop);
	struct balance *balance = balance_new(config->conf, now);
	struct probe_times *times = probe_times_new(
		config->conf, core->config->conf, core->probe_times);
	struct tallies *tallies =
		tallies_new(config->conf, core->config->conf, core->tallies);

	probe_times_free(core->probe_times);
	core->probe_times = times;
	tallies_free(core->tallies);
	core->tallies = tallies;
	balance_inherit(balance, core->balance, now);
	recorder_follow(core->recorder, balance, false, now);
	balance_free(core->balance);
	core->balance = balance;
	/* Before the decision, which goes by the terms of servers that return. */
	overrides_configure(core->overrides, config, balance, &core->decide);
	/* Before the checker, which is told what is known. */
	bfd_proc_configure(core->bfd, config);
	if (!core->options->only_vrrp)
		checker_proc_configure(core->checker, config);
	if (core->adopted) { /* the task logs the events */
		probe_paths_configure(core->paths, config->conf, &core->wanted);
		checker_proc_renew_sockets(core->checker);
		core_make_table(core);
	}
	core_update_sets(core, config->conf);
	pair_configure(core->pair, config);
	bfd_proc_repeat(core->bfd);
	switchover_configure(core->switchover, config, balance);
	integrity_configure(core->integrity, config->conf, balance);
	announcer_configure(core->announcer, config->conf);
	config_free(core->config);
	core->config = config;
	life_become(&core->self, &config->conf->global);
	reload_time_configure(core->reload_time, &config->conf->global);
	core_limit_lines(core);
	core_configure_control(core);
	web_proc_configure(core->web, config);
	recorder_start(core->recorder);
	if (kernel_is_open(core->kernel)) {
		kernel_set_timeouts(core->kernel, &core->config->conf->global);
		core_tend(core);
	}
	loop_task_want(&core->decide);
}

static void core_ended(void *arg)
{
	struct core *core = arg;

	loop_stop(core->loop);
}

void core_end(struct core *core)
{
	announcer_end(core->announcer);
	switchover_end(core->switchover);
	pair_end(core->pair, core_ended, core);
}

void core_release(struct core *core)
{
	const struct conf_global *global = &core->config->conf->global;
	bool keep = core->options->keep_ipvs || !core->adopted ||
		    !(global->lvs_flush_on_stop || global->compat);
	int error;

	sets_remove(core->sets, &global->sets, keep);
	if (keep) {
		log_notice("ipvs", "the kernel's table stays as it is");
		return;
	}
	if (kernel_backend(core->kernel))
		sync_release(core->sync, kernel_backend(core->kernel));
	sloppy_tend(&core->sloppy, false);
	error = kernel_remove_ours(core->kernel);
	announcer_release(core->announcer);
	if (error < 0)
		log_error("ipvs",
			  "not all of our services could be removed: %s",
			  strerror(-error));
}

void core_log_state(struct core *core)
{
	describe_state(core->config->conf, core->balance, loop_now(core->loop));
}
