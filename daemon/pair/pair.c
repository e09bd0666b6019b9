/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/sealed.h"
#include "daemon/pair/fifo.h"
#include "lib/carry.h"
#include "daemon/pair/mail_proc.h"
#include "lib/history.h"
#include "daemon/pair/notify.h"
#include "daemon/pair/vrrp_proc.h"
#include "daemon/pair/notification.h"
#include "daemon/pair/tracker.h"
#include "daemon/pair/yields.h"
#include "lib/log.h"
#include "lib/log_limit.h"
#include "conf/pair_conf.h"
#include "vrrp/fsm.h"

/* To remove all addresses takes the kernel milliseconds each. */
/* The limit for all notify scripts at the end together. */
#define PAIR_STOP_SCRIPTS_LIMIT (5 * USEC_PER_SEC)
#define PAIR_POLL (20 * USEC_PER_MSEC)

/* The last notification of an instance or a group. */
struct pair_notified {
	bool known;
	enum vrrp_notify_state state;
	uint8_t priority;
	usec_t lower; /* last notification of a lower master */
};

struct pair {
	struct pair_needs needs;
	const struct config *config;
	struct vrrp_proc *child;
	struct trackers *trackers;
	struct notify_targets targets;
	struct mail_proc *mail;
	struct log_limit lines; /* caused by the vrrp process */
	struct yields *yields;
	struct pair_notified *instances; /* by the present configuration */
	struct pair_notified *groups;
	struct loop_timer table_limit;
	bool begun;
	struct loop_timer ending;
	usec_t end_by;
	void (*done)(void *arg);
	void *done_arg;
};

static const struct vrrp_conf *pair_vrrp(const struct pair *pair)
{
	return pair->config->conf->vrrp;
}

/*
 * Limits the log: a healthy pair has less than a change a second for each
 * instance.
 */
static bool pair_may_log(struct pair *pair)
{
	pair->lines.most = 200 + 60 * (uint64_t)pair_vrrp(pair)->nr_instances;
	return log_limit_pass(&pair->lines, loop_now(pair->needs.loop));
}

static void pair_notify_change(struct pair *pair,
			       const struct vrrp_notification *notification,
			       const char *why)
{
	if (pair_may_log(pair))
		history_add(pair->needs.history,
			    "vrrp %s%s: %s, priority %u%s%s",
			    notification->group ? "group " : "",
			    notification->name,
			    vrrp_notify_state_name(notification->state),
			    notification->priority, why[0] ? ": " : "", why);
	notification_send(&pair->targets, notification);
	mail_proc_vrrp(pair->mail, notification, why);
}

static bool pair_has_notify_state(uint8_t state, enum vrrp_notify_state *word)
{
	switch ((enum vrrp_state)state) {
	case VRRP_ACTIVE:
		*word = VRRP_NOTIFY_MASTER;
		return true;
	case VRRP_BACKUP:
		*word = VRRP_NOTIFY_BACKUP;
		return true;
	case VRRP_FAULT:
		*word = VRRP_NOTIFY_FAULT;
		return true;
	case VRRP_INIT:
	case VRRP_STATES:
		break;
	}
	return false;
}

/*
 * A group has the state that all its members have, and is in Fault if a member
 * is; while the members change one after the other, the group keeps its
 * previous state.
 */
static bool pair_group_state(const struct pair *pair, uint32_t group,
			     enum vrrp_notify_state *word)
{
	const struct vrrp_conf *vrrp = pair_vrrp(pair);
	bool any = false, all = true, fault = false;
	uint32_t i;

	for (i = 0; i < vrrp->nr_instances; i++) {
		const struct pair_notified *notified = &pair->instances[i];

		if (vrrp->instances[i].sync_group != group)
			continue;
		if (!notified->known)
			return false;
		fault = fault || notified->state == VRRP_NOTIFY_FAULT;
		all = all && (!any || notified->state == *word);
		*word = notified->state;
		any = true;
	}
	if (fault)
		*word = VRRP_NOTIFY_FAULT;
	return any && (all || fault);
}

static void pair_notify_group(struct pair *pair, uint32_t group)
{
	struct pair_notified *notified = &pair->groups[group];
	struct vrrp_notification notification = {
		.group = true,
		.name = pair_vrrp(pair)->groups[group].name,
		.scripts = &pair->config->conf->pair->groups[group],
	};

	if (!pair_group_state(pair, group, &notification.state) ||
	    (notified->known && notified->state == notification.state))
		return;
	notified->known = true;
	notified->state = notification.state;
	if (pair_may_log(pair))
		log_notice("vrrp", "group %s: %s", notification.name,
			   vrrp_notify_state_name(notification.state));
	pair_notify_change(pair, &notification, "");
}

static void pair_notify_priority(struct pair *pair,
				 struct vrrp_notification *notification)
{
	if (!pair->config->conf->pair->priority_changes &&
	    !notification->scripts->priority_changes)
		return;
	if (notification->state == VRRP_NOTIFY_FAULT)
		return;
	notification->state = notification->state == VRRP_NOTIFY_MASTER ?
				      VRRP_NOTIFY_MASTER_PRIORITY :
				      VRRP_NOTIFY_BACKUP_PRIORITY;
	notification_send(&pair->targets, notification);
}

/* Adverts of a lower master may be frequent: notify once a second at most. */
static void pair_notify_lower(struct pair *pair, struct pair_notified *notified,
			      struct vrrp_notification *notification)
{
	usec_t now = loop_now(pair->needs.loop);

	if (notified->lower && now - notified->lower < USEC_PER_SEC)
		return;
	notified->lower = now;
	notification->state = VRRP_NOTIFY_MASTER_RX_LOWER_PRI;
	pair_notify_change(pair, notification,
			   "another one of lower priority is master too");
}

int pair_yield(struct pair *pair, const uint8_t *priorities, int *kept)
{
	uint32_t i;
	int error;

	for (i = 0; i < pair_vrrp(pair)->nr_instances; i++)
		if (priorities[i] > 0)
			vrrp_proc_yield(pair->child, i, priorities[i]);
	/* A daemon that is killed in between must not take them back. */
	*kept = yields_keep(pair->yields);
	error = vrrp_proc_tell_yields(pair->child);
	if (error < 0)
		yields_keep(pair->yields);
	return error;
}

static void pair_state(void *arg, uint32_t instance,
		       const struct ipc_vrrp_state *before, bool known)
{
	struct pair *pair = arg;
	const struct vrrp_conf_instance *conf =
		&pair_vrrp(pair)->instances[instance];
	const struct ipc_vrrp_state *now =
		vrrp_proc_state(pair->child, instance);
	struct pair_notified *notified = &pair->instances[instance];
	struct pair_notified last = *notified;
	struct vrrp_notification notification = {
		.name = conf->name,
		.priority = now->priority,
		.scripts = &pair->config->conf->pair->instances[instance],
	};

	yields_keep(pair->yields);
	/*
	 * Do not notify a state that is not known yet, or a Fault that only
	 * waits for a tracker.
	 */
	if (!pair_has_notify_state(now->state, &notification.state) ||
	    (notification.state == VRRP_NOTIFY_FAULT &&
	     now->faults == VRRP_FAULT_WAITING))
		return;
	notified->known = true;
	notified->state = notification.state;
	notified->priority = now->priority;
	if (!last.known || last.state != notification.state) {
		pair->needs.changed(pair->needs.arg);
		pair_notify_change(pair, &notification,
				   vrrp_reason_text(now->reason));
		if (conf->sync_group != VRRP_NO_GROUP)
			pair_notify_group(pair, conf->sync_group);
	} else if (last.priority != now->priority) {
		if (pair_may_log(pair))
			history_add(pair->needs.history,
				    "vrrp %s: priority %u -> %u", conf->name,
				    last.priority, now->priority);
		pair_notify_priority(pair, &notification);
	} else if (known && now->lowers > before->lowers) {
		pair_notify_lower(pair, notified, &notification);
	}
}

/* Scripts and mails may take a while to get out, but not for ever. */
static void pair_wait_end(struct pair *pair)
{
	pair->end_by = loop_now(pair->needs.loop) + PAIR_STOP_SCRIPTS_LIMIT;
	loop_timer_set(&pair->ending, loop_now(pair->needs.loop));
}

/* The vrrp process has ended: notify the end, then wait for the news to get out. */
static void pair_notify_end(struct pair *pair)
{
	const struct vrrp_conf *vrrp = pair_vrrp(pair);
	struct vrrp_notification notification = { .state = VRRP_NOTIFY_STOP };
	uint32_t i;

	for (i = 0; i < vrrp->nr_instances; i++) {
		if (!pair->instances[i].known)
			continue;
		notification.name = vrrp->instances[i].name;
		notification.priority = pair->instances[i].priority;
		notification.scripts = &pair->config->conf->pair->instances[i];
		pair_notify_change(pair, &notification, "");
	}
	notification.group = true;
	notification.priority = 0;
	for (i = 0; i < vrrp->nr_groups; i++) {
		if (!pair->groups[i].known)
			continue;
		notification.name = vrrp->groups[i].name;
		notification.scripts = &pair->config->conf->pair->groups[i];
		pair_notify_change(pair, &notification, "");
	}
	pair_wait_end(pair);
}

static void pair_ended(void *arg, bool stopped)
{
	struct pair *pair = arg;

	if (stopped)
		pair_notify_end(pair);
	else
		history_add(pair->needs.history,
			    "the vrrp process ended unexpectedly");
}

static void pair_stop_expired(struct loop_timer *timer)
{
	struct pair *pair = container_of(timer, struct pair, ending);
	usec_t now = loop_now(pair->needs.loop);

	if ((!notify_idle(pair->needs.notify) || !mail_proc_idle(pair->mail)) &&
	    now < pair->end_by) {
		loop_timer_set(timer, now + PAIR_POLL);
		return;
	}
	if (!notify_idle(pair->needs.notify))
		log_warning(
			"notify",
			"not all notify scripts of the stop have ended in time");
	pair->done(pair->done_arg);
}

/* child_wait_time */
static usec_t pair_stop_limit(const struct pair *pair)
{
	return pair->config ?
		       pair->config->conf->global.child_wait * USEC_PER_SEC :
		       5 * USEC_PER_SEC;
}

void pair_end(struct pair *pair, void (*done)(void *arg), void *arg)
{
	pair->done = done;
	pair->done_arg = arg;
	if (vrrp_proc_stop(pair->child, pair_stop_limit(pair)))
		return;
	if (mail_proc_idle(pair->mail))
		done(arg);
	else
		pair_wait_end(pair);
}

static void pair_value(void *arg, uint32_t tracker, int32_t value)
{
	struct pair *pair = arg;

	vrrp_proc_track(pair->child, tracker, value);
}

static void pair_table_late(struct loop_timer *timer)
{
	struct pair *pair = container_of(timer, struct pair, table_limit);

	if (pair->config && pair_vrrp(pair)->nr_instances)
		log_warning("vrrp",
			    "the table is not complete after %lld s: VRRP "
			    "begins without",
			    (long long)(PAIR_PATIENCE / USEC_PER_SEC));
	vrrp_proc_allow(pair->child);
}

static void pair_told(void *arg)
{
	struct pair *pair = arg;

	pair->needs.told(pair->needs.arg);
}

struct pair *pair_new(const struct pair_needs *needs)
{
	struct pair *pair = xcalloc(1, sizeof(*pair));
	struct vrrp_proc_events events = { .state = pair_state,
					   .told = pair_told,
					   .ended = pair_ended,
					   .arg = pair };

	pair->needs = *needs;
	pair->targets.notify = needs->notify;
	pair->lines = (struct log_limit){ .part = "vrrp",
					  .what = "states of instances" };
	pair->mail = mail_proc_new(needs->loop, needs->history);
	pair->child = vrrp_proc_new(needs->loop, needs->history, &events);
	pair->yields = yields_new(needs->loop, needs->history,
				  needs->yields_file, pair->child);
	pair->trackers =
		trackers_new(needs->loop, needs->scripts, pair_value, pair);
	loop_timer_init(needs->loop, &pair->table_limit, pair_table_late);
	loop_timer_init(needs->loop, &pair->ending, pair_stop_expired);
	return pair;
}

void pair_free(struct pair *pair)
{
	if (!pair)
		return;
	loop_timer_clear(&pair->table_limit);
	loop_timer_clear(&pair->ending);
	trackers_free(pair->trackers);
	yields_free(pair->yields);
	vrrp_proc_free(pair->child);
	mail_proc_free(pair->mail);
	fifo_free(pair->targets.all);
	fifo_free(pair->targets.vrrp);
	fifo_free(pair->targets.lvs);
	free(pair->instances);
	free(pair->groups);
	free(pair);
}

static void pair_use_fifo(struct pair *pair, struct fifo **fifo,
			  const struct pair_fifo *conf)
{
	const struct conf_global *global = &pair->config->conf->global;

	if (*fifo && fifo_use(*fifo, conf, global))
		return;
	fifo_free(*fifo);
	*fifo = fifo_new(pair->needs.loop, pair->needs.scripts, conf, global);
}

static struct carry_list pair_instances(const struct vrrp_conf *conf)
{
	return (struct carry_list){ conf->instances, conf->nr_instances,
				    sizeof(*conf->instances) };
}

static struct carry_list pair_groups(const struct vrrp_conf *conf)
{
	return (struct carry_list){ conf->groups, conf->nr_groups,
				    sizeof(*conf->groups) };
}

/*
 * Carry the last notifications over by name; notify DELETED for removed
 * instances.
 */
static struct pair_notified *pair_carry_instances(struct pair *pair,
						  const struct config *config)
{
	const struct vrrp_conf *new = config->conf->vrrp, *old;
	struct pair_notified *notified =
		xcalloc(new->nr_instances + 1, sizeof(*notified));
	struct vrrp_notification notification = { .state =
							  VRRP_NOTIFY_DELETED };
	uint32_t *places, k;

	if (!pair->config)
		return notified;
	old = pair_vrrp(pair);
	places = carry_find(pair_instances(old), pair_instances(new),
			    &carry_by_name);
	for (k = 0; k < old->nr_instances; k++) {
		if (places[k] != INDEX_END) {
			notified[places[k]] = pair->instances[k];
			continue;
		}
		notification.name = old->instances[k].name;
		notification.priority = pair->instances[k].priority;
		notification.scripts = &pair->config->conf->pair->instances[k];
		pair_notify_change(pair, &notification,
				   "no longer in the file");
	}
	free(places);
	return notified;
}

static struct pair_notified *pair_carry_groups(struct pair *pair,
					       const struct config *config)
{
	const struct vrrp_conf *new = config->conf->vrrp, *old;
	struct pair_notified *notified =
		xcalloc(new->nr_groups + 1, sizeof(*notified));
	uint32_t *places, i;

	if (!pair->config)
		return notified;
	old = pair_vrrp(pair);
	places = carry_find(pair_groups(new), pair_groups(old), &carry_by_name);
	for (i = 0; i < new->nr_groups; i++)
		if (places[i] != INDEX_END)
			notified[i] = pair->groups[places[i]];
	free(places);
	return notified;
}

/*
 * fifo_write_vrrp_states_on_reload: a reader that starts late learns every
 * state.
 */
static void pair_write_states(struct pair *pair)
{
	const struct vrrp_conf *vrrp = pair_vrrp(pair);
	struct vrrp_notification notification = { 0 };
	char line[512];
	uint32_t i;

	for (i = 0; i < vrrp->nr_instances; i++) {
		if (!pair->instances[i].known)
			continue;
		notification.name = vrrp->instances[i].name;
		notification.state = pair->instances[i].state;
		notification.priority = pair->instances[i].priority;
		notification_line(&notification, line, sizeof(line));
		fifo_write(pair->targets.all, line);
		fifo_write(pair->targets.vrrp, line);
	}
}

void pair_configure(struct pair *pair, const struct config *config)
{
	struct pair_notified *instances = pair_carry_instances(pair, config);
	struct pair_notified *groups = pair_carry_groups(pair, config);
	const struct pair_conf *conf = config->conf->pair;
	bool first = !pair->config;

	free(pair->instances);
	free(pair->groups);
	pair->instances = instances;
	pair->groups = groups;
	pair->config = config;
	pair->targets.global = &config->conf->global;
	mail_proc_configure(pair->mail, config);
	pair_use_fifo(pair, &pair->targets.all, &conf->fifo);
	pair_use_fifo(pair, &pair->targets.lvs, &conf->lvs_fifo);
	if (pair->needs.off)
		return;
	pair_use_fifo(pair, &pair->targets.vrrp, &conf->vrrp_fifo);
	if (first)
		loop_timer_set(&pair->table_limit,
			       loop_now(pair->needs.loop) + PAIR_PATIENCE);
	vrrp_proc_configure(pair->child, config);
	yields_configure(pair->yields, config->conf->vrrp);
	trackers_configure(pair->trackers, config->conf);
	if (!first && conf->fifo_on_reload)
		pair_write_states(pair);
}

bool pair_all_known(const struct conf *conf, const struct balance *balance)
{
	struct balance_server_view view;
	uint32_t i;

	for (i = 0; balance && i < conf->nr_servers; i++) {
		balance_view_server(balance, i, &view);
		if (view.standing == STANDING_UNKNOWN)
			return false;
	}
	return true;
}

void pair_decided(struct pair *pair, const struct balance *balance,
		  bool reached, bool complete)
{
	if (pair->needs.off || !pair->config)
		return;
	trackers_pools(pair->trackers, balance, reached);
	if (pair->begun || !complete ||
	    !pair_all_known(pair->config->conf, balance))
		return;
	pair->begun = true;
	loop_timer_clear(&pair->table_limit);
	vrrp_proc_allow(pair->child);
}

void pair_guarded(struct pair *pair, bool guarded)
{
	if (pair->config && !pair->needs.off)
		trackers_firewall(pair->trackers, guarded);
}

void pair_neighbor(struct pair *pair, const char *name, bool up,
		   const char *why)
{
	if (pair->config && !pair->needs.off)
		trackers_neighbor(pair->trackers, name, up, why);
}

void pair_lvs_event(struct pair *pair, const struct balance *balance,
		    const struct balance_event *event)
{
	if (!pair->config)
		return;
	notification_send_lvs(&pair->targets, pair->config->conf, event);
	mail_proc_lvs(pair->mail, balance, event);
}

bool pair_holds(const struct pair *pair, uint32_t instance)
{
	const struct ipc_vrrp_state *state =
		vrrp_proc_state(pair->child, instance);

	return state && state->state == VRRP_ACTIVE;
}

struct vrrp_proc *pair_get_child(const struct pair *pair)
{
	return pair->child;
}

const struct trackers *pair_get_trackers(const struct pair *pair)
{
	return pair->trackers;
}

const struct mail_proc *pair_get_mail(const struct pair *pair)
{
	return pair->mail;
}
