/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control's questions to the core, and the web process's through it. */
#include "conf/conf.h"
#include "daemon/advice.h"
#include "daemon/announcer.h"
#include "daemon/bfd_proc.h"
#include "daemon/checker_proc.h"
#include "daemon/configuration.h"
#include "daemon/control/view.h"
#include "daemon/core.h"
#include "daemon/core_internal.h"
#include "daemon/integrity.h"
#include "daemon/kernel.h"
#include "daemon/operator/overrides.h"
#include "daemon/options.h"
#include "daemon/pair/pair.h"
#include "daemon/pair/sync.h"
#include "daemon/pair/vrrp_proc.h"
#include "daemon/recorder.h"
#include "daemon/switchover.h"
#include "ipvs/sort.h"

/* The vrrp process answers in a millisecond, unless it stands still. */
#define CORE_VRRP_PATIENCE (100 * USEC_PER_MSEC)

static void core_view_advice(const struct core *core, struct view *view)
{
	const char *text;
	unsigned i;

	_Static_assert(ADVICES <= VIEW_ADVICE_MAX, "a view has all advice");
	for (i = 0; i < ADVICES; i++) {
		text = advice_get(core->advice, (enum advice_kind)i);
		if (text)
			view->advice[view->nr_advice++] = text;
	}
}

static void core_view_children(const struct core *core, struct view *view)
{
	struct checker_proc_view checker;
	struct recorder_view recorder;

	checker_proc_get(core->checker, &checker);
	view->checker = (struct view_checker){ .process = checker.process,
					       .ready = checker.ready,
					       .verdicts = checker.verdicts };
	recorder_get(core->recorder, &recorder);
	view->recorder = (struct view_recorder){ .file = recorder.file,
						 .writing = recorder.writing,
						 .lost = recorder.lost,
						 .size = recorder.size };
	view->vrrp = pair_get_child(core->pair);
	view->trackers = pair_get_trackers(core->pair);
	view->mail = pair_get_mail(core->pair);
	while (view->nr_peers < PEER_CHANNELS_MAX &&
	       overrides_peer(core->overrides, view->nr_peers,
			      &view->peers[view->nr_peers].channel)) {
		struct view_peer *peer = &view->peers[view->nr_peers++];

		switchover_view(core->switchover, peer->channel.reports,
				&peer->report);
	}
	bfd_proc_show(core->bfd, view);
	announcer_view(core->announcer, core->balance, view);
	view->integrity_rows = integrity_rows(core->integrity);
	view->integrity_pools = integrity_pools(core->integrity);
}

static void core_view_kernel(struct core *core, unsigned parts,
			     struct view *view)
{
	const struct kernel_counters *counters;

	if (parts & VIEW_DECISION)
		core_wanted(core);
	if (parts & VIEW_PLAN)
		view->plan = kernel_plan(core->kernel, core_wanted(core));
	if ((parts & VIEW_REACHED) && !core->options->only_vrrp) {
		/* For core_read(); a later decision is put in order by its plan. */
		ipvs_sort_table(core_wanted(core), NULL);
		view->reached = kernel_is_reached(core->kernel);
	}
	counters = kernel_counters(core->kernel);
	view->kernel = (struct view_kernel){ .changes = counters->changes,
					     .failures = counters->failures,
					     .repairs = counters->repairs,
					     .last_audit = counters->last_audit,
					     .tcp_timeout = advice_tcp_timeout(
						     core->advice) };
	sync_get(core->sync, &view->sync);
}

static void core_view(void *arg, unsigned parts, struct view *view)
{
	struct core *core = arg;

	*view = (struct view){
		.started = core->started,
		.only_vrrp = core->options->only_vrrp,
		.config_file = options_config_file(core->options),
		.file = core->file,
		.probe_times = core->probe_times,
		.tallies = core->tallies,
		.generation = core->config->generation,
		.conf = core->config->conf,
		.balance = core->balance,
		.history = core->history,
	};
	view->now = loop_now(core->loop);
	core_view_kernel(core, parts, view);
	core_view_children(core, view);
	core_view_advice(core, view);
}

static const struct table *core_read(void *arg, uint32_t vs)
{
	struct core *core = arg;
	const struct conf_virtual_server *conf =
		&core->config->conf->virtual_servers[vs];

	return kernel_read_some(core->kernel, conf->keys, conf->nr_keys,
				&core->wanted);
}

static bool core_ask(void *arg)
{
	struct core *core = arg;

	return vrrp_proc_ask(pair_get_child(core->pair), CORE_VRRP_PATIENCE);
}

static void core_view_reason(void *arg, const struct ipvs_change *change,
			     char *out, size_t size)
{
	core_reason(arg, change, out, size);
}

static int core_view_reload(void *arg)
{
	core_reload(arg);
	return core_reloaded(arg);
}

static int core_view_reloaded(void *arg)
{
	return core_reloaded(arg);
}

static int core_kept(void *arg)
{
	struct core *core = arg;
	int error = overrides_kept(core->overrides);

	return error ? error : announcer_kept(core->announcer);
}

static unsigned core_operate(void *arg, const struct operator_request *request,
			     int *kept)
{
	struct core *core = arg;
	unsigned nr = overrides_apply(core->overrides, request);

	*kept = overrides_kept(core->overrides);
	return nr;
}

static unsigned core_failback(void *arg, const struct operator_request *request,
			      unsigned *meant, int *kept)
{
	struct core *core = arg;
	unsigned nr = overrides_failback(core->overrides, request, meant);

	*kept = overrides_kept(core->overrides);
	return nr;
}

static unsigned core_pause(void *arg, const char *pool, usec_t length,
			   int *kept)
{
	struct core *core = arg;
	unsigned nr = overrides_pause(core->overrides, pool, length);

	*kept = overrides_kept(core->overrides);
	return nr;
}

static void core_switchover(void *arg, struct fitness *fitness)
{
	struct core *core = arg;

	switchover_ask(core->switchover, fitness);
}

static int core_drain_director(void *arg, bool drain)
{
	struct core *core = arg;

	return announcer_drain(core->announcer, drain);
}

const struct control_ops core_control_ops = {
	.view = core_view,
	.read = core_read,
	.ask = core_ask,
	.reason = core_view_reason,
	.reload = core_view_reload,
	.reloaded = core_view_reloaded,
	.kept = core_kept,
	.operate = core_operate,
	.failback = core_failback,
	.pause = core_pause,
	.switchover = core_switchover,
	.drain_director = core_drain_director,
};
