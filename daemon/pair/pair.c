/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/pair.h"

#include <stdlib.h>
#include <string.h>

#include "conf/sealed.h"
#include "daemon/pair/fifo.h"
#include "lib/history.h"
#include "daemon/pair/notify.h"
#include "daemon/pair/vrrp_proc.h"
#include "daemon/pair/pair_tell.h"
#include "daemon/pair/tracker.h"
#include "lib/log.h"
#include "lib/log_limit.h"
#include "conf/pair_conf.h"
#include "vrrp/fsm.h"

/* To remove all addresses takes the kernel milliseconds each. */
#define PAIR_STOP_LIMIT (5 * USEC_PER_SEC)
/* The limit for all notify scripts at the end together. */
#define PAIR_LAST_WORDS (5 * USEC_PER_SEC)
#define PAIR_LOOK_AGAIN (20 * USEC_PER_MSEC)

/* The last notification of an instance or a group. */
struct pair_told {
	bool known;
	enum pair_word word;
	uint8_t priority;
	usec_t lower; /* last notification of a lower master */
};

struct pair {
	struct pair_needs needs;
	const struct config *config;
	struct vrrp_proc *child;
	struct trackers *trackers;
	struct pair_voice voice;
	struct log_limit lines; /* caused by the vrrp process */
	struct pair_told *instances; /* by the present configuration */
	struct pair_told *groups;
	struct loop_timer patience;
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
static bool pair_may_say(struct pair *pair)
{
	pair->lines.most = 200 + 60 * (uint64_t)pair_vrrp(pair)->nr_instances;
	return log_limit_pass(&pair->lines, loop_now(pair->needs.loop));
}

static void pair_say(struct pair *pair, const struct pair_news *news,
		     const char *why)
{
	if (pair_may_say(pair))
		history_add(pair->needs.history,
			    "vrrp %s%s: %s, priority %u%s%s",
			    news->group ? "group " : "", news->name,
			    pair_word(news->word), news->priority,
			    why[0] ? ": " : "", why);
	pair_tell(&pair->voice, news);
}

static bool pair_has_word(uint8_t state, enum pair_word *word)
{
	switch ((enum vrrp_state)state) {
	case VRRP_ACTIVE:
		*word = PAIR_MASTER;
		return true;
	case VRRP_BACKUP:
		*word = PAIR_BACKUP;
		return true;
	case VRRP_FAULT:
		*word = PAIR_FAULT;
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
static bool pair_group_word(const struct pair *pair, uint32_t group,
			    enum pair_word *word)
{
	const struct vrrp_conf *vrrp = pair_vrrp(pair);
	bool any = false, all = true, fault = false;
	uint32_t i;

	for (i = 0; i < vrrp->nr_instances; i++) {
		const struct pair_told *told = &pair->instances[i];

		if (vrrp->instances[i].sync_group != group)
			continue;
		if (!told->known)
			return false;
		fault = fault || told->word == PAIR_FAULT;
		all = all && (!any || told->word == *word);
		*word = told->word;
		any = true;
	}
	if (fault)
		*word = PAIR_FAULT;
	return any && (all || fault);
}

static void pair_tell_group(struct pair *pair, uint32_t group)
{
	struct pair_told *told = &pair->groups[group];
	struct pair_news news = {
		.group = true,
		.name = pair_vrrp(pair)->groups[group].name,
		.scripts = &pair->config->conf->pair->groups[group],
	};

	if (!pair_group_word(pair, group, &news.word) ||
	    (told->known && told->word == news.word))
		return;
	told->known = true;
	told->word = news.word;
	if (pair_may_say(pair))
		log_notice("vrrp", "group %s: %s", news.name,
			   pair_word(news.word));
	pair_say(pair, &news, "");
}

static void pair_tell_priority(struct pair *pair, struct pair_news *news)
{
	if (!pair->config->conf->pair->priority_changes &&
	    !news->scripts->priority_changes)
		return;
	if (news->word == PAIR_FAULT)
		return;
	news->word = news->word == PAIR_MASTER ? PAIR_MASTER_PRIORITY :
						 PAIR_BACKUP_PRIORITY;
	pair_tell(&pair->voice, news);
}

/* Adverts of a lower master may be frequent: notify once a second at most. */
static void pair_tell_lower(struct pair *pair, struct pair_told *told,
			    struct pair_news *news)
{
	usec_t now = loop_now(pair->needs.loop);

	if (told->lower && now - told->lower < USEC_PER_SEC)
		return;
	told->lower = now;
	news->word = PAIR_MASTER_RX_LOWER_PRI;
	pair_say(pair, news, "another one of lower priority is master too");
}

static void pair_state(void *arg, uint32_t instance,
		       const struct ipc_vrrp_state *before, bool known)
{
	struct pair *pair = arg;
	const struct vrrp_conf_instance *conf =
		&pair_vrrp(pair)->instances[instance];
	const struct ipc_vrrp_state *now =
		vrrp_proc_state(pair->child, instance);
	struct pair_told *told = &pair->instances[instance];
	struct pair_told last = *told;
	struct pair_news news = {
		.name = conf->name,
		.priority = now->priority,
		.scripts = &pair->config->conf->pair->instances[instance],
	};

	/*
	 * Do not notify a state that is not known yet, or a Fault that only
	 * waits for a tracker.
	 */
	if (!pair_has_word(now->state, &news.word) ||
	    (news.word == PAIR_FAULT && now->faults == VRRP_FAULT_WAITING))
		return;
	told->known = true;
	told->word = news.word;
	told->priority = now->priority;
	if (!last.known || last.word != news.word) {
		pair->needs.changed(pair->needs.arg);
		pair_say(pair, &news, vrrp_reason_text(now->reason));
		if (conf->sync_group != VRRP_NO_GROUP)
			pair_tell_group(pair, conf->sync_group);
	} else if (last.priority != now->priority) {
		if (pair_may_say(pair))
			history_add(pair->needs.history,
				    "vrrp %s: priority %u -> %u", conf->name,
				    last.priority, now->priority);
		pair_tell_priority(pair, &news);
	} else if (known && now->lowers > before->lowers) {
		pair_tell_lower(pair, told, &news);
	}
}

/* The vrrp process has ended: notify the end, then wait for scripts only. */
static void pair_tell_end(struct pair *pair)
{
	const struct vrrp_conf *vrrp = pair_vrrp(pair);
	struct pair_news news = { .word = PAIR_STOP };
	uint32_t i;

	for (i = 0; i < vrrp->nr_instances; i++) {
		if (!pair->instances[i].known)
			continue;
		news.name = vrrp->instances[i].name;
		news.priority = pair->instances[i].priority;
		news.scripts = &pair->config->conf->pair->instances[i];
		pair_say(pair, &news, "");
	}
	news.group = true;
	news.priority = 0;
	for (i = 0; i < vrrp->nr_groups; i++) {
		if (!pair->groups[i].known)
			continue;
		news.name = vrrp->groups[i].name;
		news.scripts = &pair->config->conf->pair->groups[i];
		pair_say(pair, &news, "");
	}
	pair->end_by = loop_now(pair->needs.loop) + PAIR_LAST_WORDS;
	loop_timer_set(&pair->ending, loop_now(pair->needs.loop));
}

static void pair_ended(void *arg, bool stopped)
{
	struct pair *pair = arg;

	if (stopped)
		pair_tell_end(pair);
	else
		history_add(pair->needs.history,
			    "the vrrp process ended unexpectedly");
}

static void pair_ending(struct loop_timer *timer)
{
	struct pair *pair = container_of(timer, struct pair, ending);
	usec_t now = loop_now(pair->needs.loop);

	if (!notify_idle(pair->needs.notify) && now < pair->end_by) {
		loop_timer_set(timer, now + PAIR_LOOK_AGAIN);
		return;
	}
	if (!notify_idle(pair->needs.notify))
		log_warning("notify",
			    "not all scripts that are to be told of the end "
			    "have run in time");
	pair->done(pair->done_arg);
}

void pair_end(struct pair *pair, void (*done)(void *arg), void *arg)
{
	pair->done = done;
	pair->done_arg = arg;
	if (!vrrp_proc_stop(pair->child, PAIR_STOP_LIMIT))
		done(arg);
}

static void pair_value(void *arg, uint32_t tracker, int32_t value)
{
	struct pair *pair = arg;

	vrrp_proc_track(pair->child, tracker, value);
}

static void pair_impatient(struct loop_timer *timer)
{
	struct pair *pair = container_of(timer, struct pair, patience);

	if (pair->config && pair_vrrp(pair)->nr_instances)
		log_warning("vrrp",
			    "the table is not complete after %lld s: taking "
			    "part all the same",
			    (long long)(PAIR_PATIENCE / USEC_PER_SEC));
	vrrp_proc_allow(pair->child);
}

struct pair *pair_new(const struct pair_needs *needs)
{
	struct pair *pair = xcalloc(1, sizeof(*pair));
	struct vrrp_proc_events events = { .state = pair_state,
					   .ended = pair_ended,
					   .arg = pair };

	pair->needs = *needs;
	pair->voice.notify = needs->notify;
	pair->lines = (struct log_limit){ .part = "vrrp",
					  .what = "states of instances" };
	pair->child = vrrp_proc_new(needs->loop, needs->history, &events);
	pair->trackers =
		trackers_new(needs->loop, needs->scripts, pair_value, pair);
	loop_timer_init(needs->loop, &pair->patience, pair_impatient);
	loop_timer_init(needs->loop, &pair->ending, pair_ending);
	return pair;
}

void pair_free(struct pair *pair)
{
	if (!pair)
		return;
	loop_timer_clear(&pair->patience);
	loop_timer_clear(&pair->ending);
	trackers_free(pair->trackers);
	vrrp_proc_free(pair->child);
	fifo_free(pair->voice.all);
	fifo_free(pair->voice.vrrp);
	fifo_free(pair->voice.lvs);
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

/*
 * Carry the last notifications over by name; notify DELETED for removed
 * instances.
 */
static struct pair_told *pair_carry_instances(struct pair *pair,
					      const struct config *config)
{
	const struct vrrp_conf *new = config->conf->vrrp, *old;
	struct pair_told *told = xcalloc(new->nr_instances + 1, sizeof(*told));
	struct pair_news news = { .word = PAIR_DELETED };
	uint32_t i, k;

	if (!pair->config)
		return told;
	old = pair_vrrp(pair);
	for (k = 0; k < old->nr_instances; k++) {
		for (i = 0; i < new->nr_instances; i++)
			if (strcmp(old->instances[k].name,
				   new->instances[i].name) == 0)
				break;
		if (i < new->nr_instances) {
			told[i] = pair->instances[k];
			continue;
		}
		news.name = old->instances[k].name;
		news.priority = pair->instances[k].priority;
		news.scripts = &pair->config->conf->pair->instances[k];
		pair_say(pair, &news, "no longer in the file");
	}
	return told;
}

static struct pair_told *pair_carry_groups(struct pair *pair,
					   const struct config *config)
{
	const struct vrrp_conf *new = config->conf->vrrp, *old;
	struct pair_told *told = xcalloc(new->nr_groups + 1, sizeof(*told));
	uint32_t i, k;

	if (!pair->config)
		return told;
	old = pair_vrrp(pair);
	for (k = 0; k < old->nr_groups; k++)
		for (i = 0; i < new->nr_groups; i++)
			if (strcmp(old->groups[k].name, new->groups[i].name) ==
			    0)
				told[i] = pair->groups[k];
	return told;
}

/*
 * fifo_write_vrrp_states_on_reload: a reader that starts late learns every
 * state.
 */
static void pair_write_states(struct pair *pair)
{
	const struct vrrp_conf *vrrp = pair_vrrp(pair);
	struct pair_news news = { 0 };
	char line[512];
	uint32_t i;

	for (i = 0; i < vrrp->nr_instances; i++) {
		if (!pair->instances[i].known)
			continue;
		news.name = vrrp->instances[i].name;
		news.word = pair->instances[i].word;
		news.priority = pair->instances[i].priority;
		pair_line(&news, line, sizeof(line));
		fifo_write(pair->voice.all, line);
		fifo_write(pair->voice.vrrp, line);
	}
}

void pair_configure(struct pair *pair, const struct config *config)
{
	struct pair_told *instances = pair_carry_instances(pair, config);
	struct pair_told *groups = pair_carry_groups(pair, config);
	const struct pair_conf *conf = config->conf->pair;
	bool first = !pair->config;

	free(pair->instances);
	free(pair->groups);
	pair->instances = instances;
	pair->groups = groups;
	pair->config = config;
	pair->voice.global = &config->conf->global;
	pair_use_fifo(pair, &pair->voice.all, &conf->fifo);
	pair_use_fifo(pair, &pair->voice.lvs, &conf->lvs_fifo);
	if (pair->needs.off)
		return;
	pair_use_fifo(pair, &pair->voice.vrrp, &conf->vrrp_fifo);
	if (first)
		loop_timer_set(&pair->patience,
			       loop_now(pair->needs.loop) + PAIR_PATIENCE);
	vrrp_proc_configure(pair->child, config);
	trackers_configure(pair->trackers, config->conf);
	if (!first && conf->fifo_on_reload)
		pair_write_states(pair);
}

static bool pair_all_known(const struct conf *conf,
			   const struct balance *balance)
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
	loop_timer_clear(&pair->patience);
	vrrp_proc_allow(pair->child);
}

void pair_guarded(struct pair *pair, bool guarded)
{
	if (pair->config && !pair->needs.off)
		trackers_firewall(pair->trackers, guarded);
}

void pair_lvs_event(struct pair *pair, const struct balance_event *event)
{
	if (pair->config)
		pair_tell_lvs(&pair->voice, pair->config->conf, event);
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
