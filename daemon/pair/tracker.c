/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/tracker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/pair/tracker_impl.h"
#include "lib/carry.h"
#include "lib/log.h"

struct trackers {
	struct loop *loop;
	struct scripts *scripts;
	trackers_report *report;
	void *arg;
	struct tracker *all; /* one for each of pair_conf.watches */
	uint32_t nr;
	/* Positions in ALL by vrrp_conf.trackers; INDEX_END: not watched here. */
	uint32_t *places;
	uint32_t nr_places;
};

struct loop *tracker_loop(const struct tracker *tracker)
{
	return tracker->owner->loop;
}

struct scripts *tracker_scripts(const struct tracker *tracker)
{
	return tracker->owner->scripts;
}

static const struct tracker_type *tracker_kind_type(enum vrrp_tracker_kind kind)
{
	switch (kind) {
	case VRRP_TRACK_SCRIPT:
		return &tracker_script_type;
	case VRRP_TRACK_PROCESS:
		return &tracker_process_type;
	case VRRP_TRACK_FILE:
		return &tracker_file_type;
	case VRRP_TRACK_POOL:
	case VRRP_TRACK_INTERFACE:
	case VRRP_TRACK_FIREWALL:
	case VRRP_TRACK_BFD:
		break;
	}
	return NULL;
}

static void tracker_log_value(const struct tracker *tracker)
{
	if (tracker->who->kind == VRRP_TRACK_FILE)
		log_notice("track", "file %s has %d%s%s", tracker->who->name,
			   tracker->value, tracker->text[0] ? ": " : "",
			   tracker->text);
	else if (tracker->value == VRRP_TRACK_NO_EFFECT)
		log_error("track",
			  "%s %s has no effect until it can be run: %s",
			  vrrp_tracker_kind_name(tracker->who->kind),
			  tracker->who->name, tracker->text);
	else
		log_notice("track", "%s %s is %s%s%s",
			   vrrp_tracker_kind_name(tracker->who->kind),
			   tracker->who->name, tracker->value ? "up" : "down",
			   tracker->text[0] ? ": " : "", tracker->text);
}

void tracker_report(struct tracker *tracker, int32_t value, const char *why)
{
	bool changed = !tracker->known || tracker->value != value;

	snprintf(tracker->text, sizeof(tracker->text), "%s", why);
	if (!changed)
		return;
	tracker->known = true;
	tracker->value = value;
	tracker->since = loop_now(tracker->owner->loop);
	tracker_log_value(tracker);
	tracker->owner->report(tracker->owner->arg, tracker->watch->tracker,
			       value);
}

void tracker_count_step(struct tracker_count *count, bool good, uint32_t rise,
			uint32_t fall)
{
	if (!count->known) {
		*count = (struct tracker_count){ .known = true, .up = good };
		return;
	}
	if (good == count->up) {
		count->streak = 0;
		return;
	}
	if (++count->streak < (good ? rise : fall))
		return;
	count->up = good;
	count->streak = 0;
}

struct trackers *trackers_new(struct loop *loop, struct scripts *scripts,
			      trackers_report *report, void *arg)
{
	struct trackers *trackers = xcalloc(1, sizeof(*trackers));

	trackers->loop = loop;
	trackers->scripts = scripts;
	trackers->report = report;
	trackers->arg = arg;
	return trackers;
}

static void tracker_stop_all(struct tracker *all, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (all[i].state)
			all[i].type->stop(all[i].state);
	free(all);
}

void trackers_free(struct trackers *trackers)
{
	if (!trackers)
		return;
	tracker_stop_all(trackers->all, trackers->nr);
	free(trackers->places);
	free(trackers);
}

static uint32_t tracker_hash(const void *item)
{
	const struct tracker *tracker = item;

	return hash_text(tracker->who->name);
}

static bool tracker_same(const void *a, const void *b)
{
	const struct tracker *one = a, *other = b;

	return one->who->kind == other->who->kind &&
	       strcmp(one->who->name, other->who->name) == 0;
}

static const struct carry_key tracker_key = {
	.hash = tracker_hash,
	.same = tracker_same,
};

static void tracker_start_one(struct tracker *tracker, struct tracker *same)
{
	void *state = same ? same->state : NULL;

	tracker->type = tracker_kind_type(tracker->who->kind);
	if (same) {
		tracker->known = same->known;
		tracker->value = same->value;
		tracker->since = same->since;
		memcpy(tracker->text, same->text, sizeof(tracker->text));
		same->state = NULL;
	}
	if (tracker->known)
		tracker->owner->report(tracker->owner->arg,
				       tracker->watch->tracker, tracker->value);
	else if (tracker->who->init_fail)
		tracker_report(tracker, 0, "init_fail");
	if (tracker->type)
		tracker->state = tracker->type->start(tracker, state);
}

static void trackers_index(struct trackers *trackers,
			   const struct vrrp_conf *vrrp)
{
	uint32_t i;

	free(trackers->places);
	trackers->nr_places = vrrp->nr_trackers;
	trackers->places = xcalloc((size_t)vrrp->nr_trackers + 1,
				   sizeof(*trackers->places));
	for (i = 0; i < vrrp->nr_trackers; i++)
		trackers->places[i] = INDEX_END;
	for (i = 0; i < trackers->nr; i++)
		trackers->places[trackers->all[i].watch->tracker] = i;
}

/*
 * The old trackers' names are in the old configuration, which must still be
 * there: its owner frees it after every user has the new one.
 */
void trackers_configure(struct trackers *trackers, const struct conf *conf)
{
	const struct pair_conf *pair = conf->pair;
	struct carry_list old = { trackers->all, trackers->nr,
				  sizeof(*trackers->all) };
	struct tracker *before = trackers->all;
	uint32_t *places, i;

	trackers->all = xcalloc(pair->nr_watches + 1, sizeof(*trackers->all));
	trackers->nr = pair->nr_watches;
	for (i = 0; i < trackers->nr; i++) {
		struct tracker *tracker = &trackers->all[i];

		tracker->owner = trackers;
		tracker->conf = conf;
		tracker->watch = &pair->watches[i];
		tracker->who = &conf->vrrp->trackers[tracker->watch->tracker];
	}
	trackers_index(trackers, conf->vrrp);
	places = carry_find((struct carry_list){ trackers->all, trackers->nr,
						 sizeof(*trackers->all) },
			    old, &tracker_key);
	for (i = 0; i < trackers->nr; i++)
		tracker_start_one(&trackers->all[i],
				  places[i] != INDEX_END ? &before[places[i]] :
							   NULL);
	free(places);
	tracker_stop_all(before, old.nr);
}

static bool tracker_pool_is_up(enum level level)
{
	switch (level) {
	case LEVEL_NORMAL:
	case LEVEL_STARTING:
	case LEVEL_UNPROVEN:
	case LEVEL_HOLDING:
	case LEVEL_UPSTREAM:
		return true;
	case LEVEL_SORRY:
	case LEVEL_NOTHING:
	case LEVEL_LAST_RESORT:
	case LEVELS:
		break;
	}
	return false;
}

static void tracker_judge_pool(struct tracker *tracker,
			       const struct balance *balance, bool reached)
{
	struct balance_vs_view view;

	if (!balance) {
		tracker_report(tracker, 1, "not checked here");
		return;
	}
	if (!reached) {
		tracker_report(tracker, 0, "the kernel has no table");
		return;
	}
	balance_view_vs(balance, tracker->watch->vs, &view);
	tracker_report(tracker, tracker_pool_is_up(view.level),
		       level_name(view.level));
}

void trackers_pools(struct trackers *trackers, const struct balance *balance,
		    bool reached)
{
	uint32_t i;

	for (i = 0; i < trackers->nr; i++)
		if (trackers->all[i].who->kind == VRRP_TRACK_POOL)
			tracker_judge_pool(&trackers->all[i], balance, reached);
}

void trackers_firewall(struct trackers *trackers, bool guarded)
{
	uint32_t i;

	for (i = 0; i < trackers->nr; i++)
		if (trackers->all[i].who->kind == VRRP_TRACK_FIREWALL)
			tracker_report(&trackers->all[i], guarded,
				       guarded ? "the rules are in place" :
						 "the rules cannot be written");
}

void trackers_neighbor(struct trackers *trackers, const char *name, bool up,
		       const char *why)
{
	uint32_t i;

	for (i = 0; i < trackers->nr; i++)
		if (trackers->all[i].who->kind == VRRP_TRACK_BFD &&
		    strcmp(trackers->all[i].who->name, name) == 0)
			tracker_report(&trackers->all[i], up, why);
}

bool trackers_get(const struct trackers *trackers, uint32_t tracker,
		  struct tracker_view *view)
{
	const struct tracker *one;

	if (tracker >= trackers->nr_places ||
	    trackers->places[tracker] == INDEX_END)
		return false;
	one = &trackers->all[trackers->places[tracker]];
	view->known = one->known;
	view->value = one->value;
	view->since = one->since;
	view->text = one->text;
	return true;
}
