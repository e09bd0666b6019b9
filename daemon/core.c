/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balance/balance.h"
#include "conf/vrrp_conf.h"
#include "daemon/advice.h"
#include "daemon/configuration.h"
#include "daemon/control/control.h"
#include "daemon/control/view.h"
#include "lib/history.h"
#include "daemon/kernel.h"
#include "daemon/pair/notify.h"
#include "daemon/options.h"
#include "daemon/pair/pair.h"
#include "daemon/pair/pair_child.h"
#include "daemon/proc/script.h"
#include "daemon/netfilter/sets.h"
#include "daemon/pair/sync.h"
#include "daemon/proc/systemd.h"
#include "daemon/describe_log.h"
#include "daemon/watch.h"
#include "daemon/operator/overrides.h"
#include "lib/log.h"
#include "lib/log_limit.h"

#define DIRECTOR_AUDIT_MIN (2 * USEC_PER_SEC)
#define DIRECTOR_AUDIT_MAX (30 * USEC_PER_SEC)
/* An audit may cost one percent of the time. */
#define DIRECTOR_AUDIT_SHARE 100
#define DIRECTOR_RETRY_MIN (USEC_PER_SEC / 2)
#define DIRECTOR_RETRY_MAX (30 * USEC_PER_SEC)
/* A kernel without IPVS is asked more often: somebody may be loading the module. */
#define DIRECTOR_OPEN_MAX (5 * USEC_PER_SEC)
/* The vrrp process answers in a millisecond, unless it stands still. */
#define DIRECTOR_VRRP_PATIENCE (100 * USEC_PER_MSEC)

struct director {
	struct loop *loop;
	const struct options *options;
	struct config *config;
	struct balance *balance;
	struct kernel *kernel;
	struct watch *watch;
	struct scripts *scripts;
	struct notify *notify;
	struct control *control;
	struct history *history;
	struct pair *pair;
	struct sync *sync;
	struct sets *sets;
	struct overrides *overrides;
	struct advice *advice;
	struct table wanted;
	struct loop_task decide;
	struct loop_timer wake; /* the decision changes by time alone */
	struct loop_timer audit;
	struct loop_timer retry;
	struct loop_timer watchdog;
	struct log_limit verdict_lines; /* caused by the checker */
	struct log_limit event_lines;
	usec_t backoff;
	usec_t started;
	uint32_t stale; /* number of late checks, as last logged */
	bool adopted;
};

/* Why a change of the kernel's table is made. */
static bool director_reason(void *arg, const struct ipvs_change *change,
			    char *out, size_t size)
{
	struct director *director = arg;

	tell_change(director->config->conf, director->balance, change,
		    loop_now(director->loop), out, size);
	return !tell_is_move(director->config->conf, director->balance, change);
}

static void director_retry_later(struct director *director, usec_t now)
{
	usec_t most = kernel_is_open(director->kernel) ? DIRECTOR_RETRY_MAX :
							 DIRECTOR_OPEN_MAX;

	director->backoff = director->backoff ? director->backoff * 2 :
						DIRECTOR_RETRY_MIN;
	if (director->backoff > most)
		director->backoff = most;
	loop_timer_set(&director->retry, now + director->backoff);
}

static void director_settle(struct director *director, int error)
{
	if (error < 0) {
		/* A new failure is retried soon, even while older ones last. */
		if (kernel_take_news(director->kernel)) {
			director->backoff = 0;
			loop_timer_clear(&director->retry);
		}
		if (!director->retry.set)
			director_retry_later(director,
					     loop_now(director->loop));
		return;
	}
	director->backoff = 0;
	loop_timer_clear(&director->retry);
}

static void director_set_timeouts(struct director *director)
{
	const struct conf_global *global = &director->config->conf->global;
	struct ipvs_timeouts timeouts = { .tcp = global->timeout_tcp,
					  .tcp_fin = global->timeout_tcp_fin,
					  .udp = global->timeout_udp };
	int error;

	if (!timeouts.tcp && !timeouts.tcp_fin && !timeouts.udp)
		return;
	error = ipvs_set_timeouts(kernel_backend(director->kernel), &timeouts);
	if (error < 0)
		log_error("ipvs", "lvs_timeouts cannot be set: %s",
			  strerror(-error));
}

/* Connection sync and advice are checked as often as the table. */
static void director_tend(struct director *director)
{
	struct ipvs_backend *backend = kernel_backend(director->kernel);

	if (!backend)
		return;
	if (!director->options->only_checks)
		sync_reconcile(director->sync, backend, director->config->conf);
	advice_check(director->advice, backend, director->config->conf,
		     director->balance);
}

/*
 * Read the kernel's table before the first decision. The services to read come
 * from a temporary balance: the real one must not see a world without our
 * predecessor's table, or it would report outages that never were.
 */
static const struct table *director_read_first(struct director *director)
{
	usec_t now = loop_now(director->loop);
	struct balance *guess = balance_new(director->config->conf, now);

	balance_decide(guess, now, &director->wanted);
	balance_free(guess);
	return kernel_read(director->kernel, &director->wanted);
}

/*
 * The first contact with the kernel: adopt our predecessor's table before the
 * first decision.
 */
static int director_adopt(struct director *director)
{
	const struct table *actual;
	int error;

	if (director->adopted)
		return 0;
	error = kernel_open(director->kernel);
	if (error < 0)
		return error;
	if (director->config->conf->global.lvs_flush) {
		log_notice("ipvs",
			   "lvs_flush: every service in the kernel is removed");
		error = kernel_flush(director->kernel);
		if (error < 0)
			return error;
	}
	actual = director_read_first(director);
	if (!actual)
		return -EIO;
	if (actual->nr_services)
		log_notice("ipvs",
			   "the kernel has %zu services with %zu servers of "
			   "ours: what matches is kept",
			   actual->nr_services, actual->nr_dests);
	overrides_load(director->overrides);
	balance_adopt(director->balance, actual, loop_now(director->loop));
	director_set_timeouts(director);
	director_tend(director);
	director->adopted = true;
	return 0;
}

/* A line a second for each check is more than any healthy checker causes. */
static void director_limit_lines(struct director *director)
{
	uint64_t most = 200 + 60 * (uint64_t)director->config->conf->nr_checks;

	director->verdict_lines.most = most;
	director->event_lines.most = most;
}

static void director_tell_events(struct director *director)
{
	const struct conf *conf = director->config->conf;
	usec_t now = loop_now(director->loop);
	struct balance_event event;

	while (balance_next_event(director->balance, &event)) {
		if (log_limit_pass(&director->event_lines, now))
			tell_event(conf, director->balance, &event, now,
				   director->history);
		notify_run(director->notify, tell_script(conf, &event),
			   &conf->global);
		pair_lvs_event(director->pair, &event);
	}
}

static struct table *director_wanted(struct director *director)
{
	balance_decide(director->balance, loop_now(director->loop),
		       &director->wanted);
	loop_task_want(&director->decide); /* the task logs the events */
	return &director->wanted;
}

static void director_log_notice(enum balance_notice_kind kind, const char *text)
{
	switch (kind) {
	case NOTICE_SOURCES_MANY:
		log_error("service", "%s", text);
		break;
	case NOTICE_SOURCES_ONE:
		log_notice("service", "%s", text);
		break;
	case NOTICE_POOL_TIGHT:
	case NOTICE_POOL_ROOMY:
	case NOTICE_SERVER_TIGHT:
	case NOTICE_SERVER_ROOMY:
		log_warning("headroom", "%s", text);
		break;
	}
}

static void director_tell_notices(struct director *director)
{
	struct balance_notice notice;
	char text[512];

	while (balance_next_notice(director->balance, &notice)) {
		balance_notice_text(director->balance, &notice, text,
				    sizeof(text));
		director_log_notice(notice.kind, text);
		history_add(director->history, "%s", text);
	}
}

static void director_set_wake(struct director *director)
{
	usec_t wake = balance_next_wake(director->balance);

	if (wake)
		loop_timer_set(&director->wake, wake);
	else
		loop_timer_clear(&director->wake);
}

/* If CONF is not in force yet, none of its instances has a state. */
static void director_update_sets(struct director *director,
				 const struct conf *conf)
{
	bool present = conf == director->config->conf, guarded, known;
	uint32_t i, nr = conf->vrrp->nr_instances;
	bool *held = xcalloc(nr + 1, sizeof(*held));
	struct sets_input input = {
		.conf = conf,
		.table = director->adopted ? &director->wanted : NULL,
		.held = present ? held : NULL,
		.vrrp = !director->options->only_checks,
		.lvs = !director->options->only_vrrp,
	};

	for (i = 0; present && i < nr; i++)
		held[i] = pair_holds(director->pair, i);
	sets_follow(director->sets, &input);
	free(held);
	guarded = sets_guarded(director->sets, &known);
	if (known && present)
		pair_guarded(director->pair, guarded);
}

static void director_pair_changed(void *arg)
{
	struct director *director = arg;

	loop_task_want(&director->decide);
}

/*
 * The checker's pending verdicts count before a change reaches the kernel:
 * after main stood still, the first messages in the channel are old, and the
 * last may take them back.
 */
static void director_judge(struct director *director)
{
	balance_decide(director->balance, loop_now(director->loop),
		       &director->wanted);
	watch_hear(director->watch);
	if (!director->decide.wanted)
		return;
	loop_task_clear(&director->decide);
	balance_decide(director->balance, loop_now(director->loop),
		       &director->wanted);
}

static void director_decide(struct loop_task *task)
{
	struct director *director = container_of(task, struct director, decide);
	int error;

	if (director->options->only_vrrp) {
		director_update_sets(director, director->config->conf);
		pair_decided(director->pair, NULL, false, true);
		return;
	}
	error = director_adopt(director);
	if (error == 0) {
		director_judge(director);
		director_set_wake(director);
		error = kernel_apply(director->kernel, &director->wanted);
		director_tell_events(director);
		director_tell_notices(director);
	}
	director_update_sets(director, director->config->conf);
	pair_decided(director->pair, director->balance, director->adopted,
		     error == 0);
	director_settle(director, error);
}

static void director_wake(struct loop_timer *timer)
{
	struct director *director = container_of(timer, struct director, wake);

	loop_task_want(&director->decide);
}

static void director_retry(struct loop_timer *timer)
{
	struct director *director = container_of(timer, struct director, retry);

	loop_task_want(&director->decide);
}

/* Log checks that stopped reporting while the checker as a whole has not. */
static void director_tell_stale(struct director *director)
{
	uint32_t stale = balance_stale_checks(director->balance,
					      loop_now(director->loop));

	if (stale > director->stale)
		log_warning("check",
			    "%u checks have not ended for more than three "
			    "intervals; their last verdicts hold",
			    stale);
	else if (stale == 0 && director->stale > 0)
		log_notice("check", "all checks are on time again");
	director->stale = stale;
}

/* The kernel's counts of connections end drains and move thresholds. */
static void director_note_audit(struct director *director)
{
	const struct table *actual = kernel_last_audit(director->kernel);

	if (actual && balance_note_connections(director->balance, actual))
		loop_task_want(&director->decide);
	kernel_forget_audit(director->kernel);
}

static void director_audit(struct loop_timer *timer)
{
	struct director *director = container_of(timer, struct director, audit);
	usec_t now = loop_now(director->loop), wait;

	/* Retries, which become rarer, reopen a lost connection. */
	if (director->adopted && kernel_is_open(director->kernel))
		director_settle(director, kernel_audit(director->kernel,
						       &director->wanted, now,
						       clock_now));
	director_note_audit(director);
	director_tend(director);
	director_tell_stale(director);
	wait = kernel_counters(director->kernel)->audit_cost *
	       DIRECTOR_AUDIT_SHARE;
	if (wait < DIRECTOR_AUDIT_MIN)
		wait = DIRECTOR_AUDIT_MIN;
	if (wait > DIRECTOR_AUDIT_MAX)
		wait = DIRECTOR_AUDIT_MAX;
	loop_timer_set(timer, loop_now_exact(director->loop) + wait);
}

static void director_watchdog(struct loop_timer *timer)
{
	struct director *director =
		container_of(timer, struct director, watchdog);

	systemd_watchdog();
	loop_timer_set(timer,
		       loop_now(director->loop) + systemd_watchdog_interval());
}

static void director_verdict(void *arg, const struct verdict *verdict)
{
	struct director *director = arg;

	tell_verdict(director->config->conf, director->balance, verdict,
		     &director->verdict_lines, loop_now(director->loop));
	if (balance_verdict(director->balance, verdict,
			    loop_now(director->loop)))
		loop_task_want(&director->decide);
}

static void director_view_advice(const struct director *director,
				 struct view *view)
{
	const char *text;
	unsigned i;

	_Static_assert(ADVICES <= VIEW_ADVICE_MAX, "a view has all advice");
	for (i = 0; i < ADVICES; i++) {
		text = advice_get(director->advice, (enum advice_kind)i);
		if (text)
			view->advice[view->nr_advice++] = text;
	}
}

static void director_view_children(const struct director *director,
				   struct view *view)
{
	struct watch_view checker;

	watch_get(director->watch, &checker);
	view->checker = (struct view_checker){ .process = checker.process,
					       .ready = checker.ready,
					       .verdicts = checker.verdicts };
	view->vrrp = pair_get_child(director->pair);
	view->trackers = pair_get_trackers(director->pair);
	view->has_peer = overrides_peer(director->overrides, &view->peer);
}

static void director_view_kernel(struct director *director, unsigned parts,
				 struct view *view)
{
	const struct kernel_counters *counters;

	if (parts & VIEW_DECISION)
		director_wanted(director);
	if (parts & VIEW_PLAN)
		view->plan = kernel_plan(director->kernel,
					 director_wanted(director));
	if ((parts & VIEW_TABLE) && !director->options->only_vrrp)
		view->actual = kernel_read(director->kernel,
					   director_wanted(director));
	counters = kernel_counters(director->kernel);
	view->kernel =
		(struct view_kernel){ .changes = counters->changes,
				      .failures = counters->failures,
				      .repairs = counters->repairs,
				      .last_audit = counters->last_audit };
	sync_get(director->sync, &view->sync);
}

static void director_view(void *arg, unsigned parts, struct view *view)
{
	struct director *director = arg;

	*view = (struct view){
		.started = director->started,
		.only_vrrp = director->options->only_vrrp,
		.config_file = options_config_file(director->options),
		.generation = director->config->generation,
		.conf = director->config->conf,
		.balance = director->balance,
		.history = director->history,
	};
	if (parts & VIEW_VRRP) {
		pair_child_refresh(pair_get_child(director->pair),
				   DIRECTOR_VRRP_PATIENCE);
		loop_now_exact(director->loop);
	}
	view->now = loop_now(director->loop);
	director_view_kernel(director, parts, view);
	director_view_children(director, view);
	director_view_advice(director, view);
}

static void director_view_reason(void *arg, const struct ipvs_change *change,
				 char *out, size_t size)
{
	director_reason(arg, change, out, size);
}

static int director_view_reload(void *arg)
{
	return director_reload(arg);
}

static unsigned
director_operate(void *arg, const struct operator_request *request, int *kept)
{
	struct director *director = arg;
	unsigned nr = overrides_apply(director->overrides, request);

	*kept = overrides_kept(director->overrides);
	return nr;
}

static const struct control_ops director_control_ops = {
	.view = director_view,
	.reason = director_view_reason,
	.reload = director_view_reload,
	.operate = director_operate,
};

static void director_configure_control(struct director *director)
{
	char path[256];

	control_configure(director->control, &director->config->conf->global,
			  options_run_path(director->options, "control.sock",
					   path, sizeof(path)));
}

static void director_start_timers(struct director *director)
{
	usec_t now = loop_now(director->loop);

	loop_task_init(director->loop, &director->decide, director_decide);
	loop_timer_init(director->loop, &director->audit, director_audit);
	loop_timer_init(director->loop, &director->retry, director_retry);
	loop_timer_init(director->loop, &director->wake, director_wake);
	loop_timer_init(director->loop, &director->watchdog, director_watchdog);
	loop_timer_set(&director->audit, now + DIRECTOR_AUDIT_MIN);
	if (systemd_watchdog_interval() > 0)
		loop_timer_set(&director->watchdog, now);
}

/* The parts that write to the kernel. */
static void director_make_kernel(struct director *director)
{
	const struct options *options = director->options;
	char path[256], suffix[8];

	director->kernel = kernel_new(options_run_path(options, "services",
						       path, sizeof(path)),
				      director_reason, director);
	kernel_keep_history(director->kernel, director->history);
	director->sync = sync_new(director->history);
	options_suffix(options, suffix);
	director->sets =
		sets_new(director->loop,
			 options_run_path(options, "sets", path, sizeof(path)),
			 suffix, director->history);
	sets_watch(director->sets, director_pair_changed, director);
	director->advice = advice_new();
}

/* The parts that have processes of their own, or talk with others. */
static void director_make_children(struct director *director)
{
	const struct options *options = director->options;
	struct loop *loop = director->loop;
	char path[256];

	director->scripts = scripts_new(loop);
	director->notify = notify_new(director->scripts);
	director->watch = watch_new(loop, director->scripts, director->history,
				    director_verdict, director);
	director->pair = pair_new(&(struct pair_needs){
		.loop = loop,
		.scripts = director->scripts,
		.history = director->history,
		.notify = director->notify,
		.off = options->only_checks,
		.changed = director_pair_changed,
		.arg = director,
	});
	director->overrides = overrides_new(
		loop,
		options_run_path(options, "state.json", path, sizeof(path)),
		!options->only_vrrp, director->history);
	director->control = control_new(loop, &director_control_ops, director);
	director_configure_control(director);
}

struct director *director_new(struct loop *loop, const struct options *options,
			      struct config *config)
{
	struct director *director = xcalloc(1, sizeof(*director));

	director->loop = loop;
	director->options = options;
	director->config = config;
	director->started = loop_now(loop);
	director->verdict_lines =
		(struct log_limit){ .part = "check",
				    .what = "results of checks" };
	director->event_lines =
		(struct log_limit){ .part = "server",
				    .what = "changes of servers and services" };
	director_limit_lines(director);
	director->balance = balance_new(config->conf, director->started);
	director->history = history_new();
	director_make_kernel(director);
	director_make_children(director);
	director_start_timers(director);
	pair_configure(director->pair, config);
	overrides_configure(director->overrides, config, director->balance,
			    &director->decide);
	/* The table comes first: the checker's start must not delay it. */
	director_decide(&director->decide);
	if (!options->only_vrrp)
		watch_configure(director->watch, config);
	return director;
}

void director_free(struct director *director)
{
	if (!director)
		return;
	loop_task_clear(&director->decide);
	loop_timer_clear(&director->audit);
	loop_timer_clear(&director->retry);
	loop_timer_clear(&director->wake);
	loop_timer_clear(&director->watchdog);
	control_free(director->control);
	watch_free(director->watch);
	pair_free(director->pair);
	overrides_free(director->overrides);
	notify_free(director->notify);
	scripts_free(director->scripts);
	sync_free(director->sync);
	sets_free(director->sets);
	advice_free(director->advice);
	kernel_free(director->kernel);
	balance_free(director->balance);
	history_free(director->history);
	table_free(&director->wanted);
	config_free(director->config);
	free(director);
}

static void director_use_config(struct director *director,
				struct config *config)
{
	usec_t now = loop_now(director->loop);
	struct balance *balance = balance_new(config->conf, now);

	balance_inherit(balance, director->balance, now);
	balance_free(director->balance);
	director->balance = balance;
	if (!director->options->only_vrrp)
		watch_configure(director->watch, config);
	if (director->adopted) /* the task logs the events */
		balance_decide(balance, now, &director->wanted);
	director_update_sets(director, config->conf);
	overrides_configure(director->overrides, config, balance,
			    &director->decide);
	pair_configure(director->pair, config);
	config_free(director->config);
	director->config = config;
	director_limit_lines(director);
	director_configure_control(director);
	if (kernel_is_open(director->kernel)) {
		director_set_timeouts(director);
		director_tend(director);
	}
	loop_task_want(&director->decide);
}

int director_reload(struct director *director)
{
	const char *file = options_config_file(director->options);
	struct config *config;
	int error, status;

	error = config_load(director->options, director->config->generation + 1,
			    conf_report_log, &config, &status);
	if (error < 0) {
		log_error(
			"conf",
			"%s is refused; the configuration of before stays in force",
			file);
		return error;
	}
	director_use_config(director, config);
	log_notice(
		"conf",
		"%s is in force: %u virtual servers, %u real servers, %u checks",
		file, config->conf->nr_virtual_servers,
		config->conf->nr_servers, config->conf->nr_checks);
	return 0;
}

static void director_ended(void *arg)
{
	struct director *director = arg;

	loop_stop(director->loop);
}

void director_end(struct director *director)
{
	pair_end(director->pair, director_ended, director);
}

void director_release(struct director *director)
{
	const struct conf_global *global = &director->config->conf->global;
	bool keep = director->options->keep_ipvs || !director->adopted ||
		    !(global->lvs_flush_on_stop || global->compat);
	int error;

	sets_remove(director->sets, &global->sets, keep);
	if (keep) {
		log_notice("ipvs", "the kernel's table stays as it is");
		return;
	}
	if (kernel_backend(director->kernel))
		sync_release(director->sync, kernel_backend(director->kernel));
	error = kernel_remove_ours(director->kernel);
	if (error < 0)
		log_error("ipvs",
			  "not all of our services could be removed: %s",
			  strerror(-error));
}

void director_log_state(struct director *director)
{
	tell_state(director->config->conf, director->balance,
		   loop_now(director->loop));
}
