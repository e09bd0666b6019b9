/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/fsm.h"

#include <string.h>

#include "vrrp/timer.h"

static const struct vrrp_step nothing;

const char *vrrp_state_name(enum vrrp_state state)
{
	static const char *const names[VRRP_STATES] = {
		[VRRP_INIT] = "INIT",
		[VRRP_BACKUP] = "BACKUP",
		[VRRP_ACTIVE] = "MASTER",
		[VRRP_FAULT] = "FAULT",
	};

	return state < VRRP_STATES ? names[state] : "?";
}

const char *vrrp_reason_text(enum vrrp_reason reason)
{
	static const char *const texts[VRRP_REASONS] = {
		[VRRP_REASON_NOTHING] = "nothing",
		[VRRP_REASON_STARTED] = "started",
		[VRRP_REASON_DELAYED] = "waiting for the startup delay",
		[VRRP_REASON_OWNER] = "owner of the addresses",
		[VRRP_REASON_SILENCE] = "no adverts from a master",
		[VRRP_REASON_ACTIVE_STOPPED] = "the master stops",
		[VRRP_REASON_HIGHER_PRIORITY] = "a master of higher priority",
		[VRRP_REASON_HIGHER_ADDRESS] =
			"a master of equal priority and higher address",
		[VRRP_REASON_LOWER_PRIORITY] = "a master of lower priority",
		[VRRP_REASON_PREEMPT_DELAY] = "waiting for preempt_delay",
		[VRRP_REASON_LATE] = "the process was not scheduled in time",
		[VRRP_REASON_GROUP] = "the sync group",
		[VRRP_REASON_FAULT] = "fault",
		[VRRP_REASON_RECOVERED] = "fault ended",
		[VRRP_REASON_STOPPED] = "stopped",
		[VRRP_REASON_YIELDED] = "the operator's switchover",
	};

	return reason < VRRP_REASONS ? texts[reason] : "?";
}

static bool fsm_is_owner(const struct vrrp_conf_instance *conf)
{
	return conf->priority == VRRP_PRIORITY_OWNER;
}

static bool fsm_is_grouped(const struct vrrp_conf_instance *conf)
{
	return conf->sync_group != VRRP_NO_GROUP;
}

static struct vrrp_step fsm_step(unsigned actions, enum vrrp_reason reason)
{
	return (struct vrrp_step){ .actions = actions, .reason = reason };
}

usec_t vrrp_fsm_down_interval(const struct vrrp_fsm *fsm,
			      const struct vrrp_conf_instance *conf)
{
	return vrrp_timer_down(conf->version, fsm->priority, fsm->interval,
			       conf->down_adverts);
}

void vrrp_fsm_init(struct vrrp_fsm *fsm, const struct vrrp_conf_instance *conf)
{
	memset(fsm, 0, sizeof(*fsm));
	fsm->priority = conf->priority;
	fsm->interval = conf->interval;
}

static void fsm_become_backup(struct vrrp_fsm *fsm,
			      const struct vrrp_conf_instance *conf, usec_t now)
{
	fsm->state = VRRP_BACKUP;
	fsm->ready = false;
	fsm->late = false;
	fsm->over_lower = false;
	fsm->preempt_at = 0;
	fsm->timer = now + vrrp_fsm_down_interval(fsm, conf);
}

static struct vrrp_step fsm_become_active(struct vrrp_fsm *fsm,
					  const struct vrrp_conf_instance *conf,
					  enum vrrp_reason reason, usec_t now)
{
	fsm->state = VRRP_ACTIVE;
	fsm->ready = false;
	fsm->late = false;
	fsm->preempt_at = 0;
	fsm->asserted = fsm->stop_answered = 0;
	fsm->entered = now;
	fsm->interval = conf->interval;
	fsm->timer = now + conf->interval;
	return fsm_step(VRRP_SEND_ADVERT | VRRP_ADD_ADDRESSES | VRRP_ANNOUNCE,
			reason);
}

/* The router wants to be Active now; in a sync group it has to ask. */
static struct vrrp_step fsm_want_active(struct vrrp_fsm *fsm,
					const struct vrrp_conf_instance *conf,
					enum vrrp_reason reason, usec_t now)
{
	if (!fsm_is_grouped(conf))
		return fsm_become_active(fsm, conf, reason, now);
	fsm->ready = true;
	fsm->timer = 0;
	return fsm_step(0, reason);
}

/* Startup, and the end of a fault: RFC 9568 6.4.1. */
static struct vrrp_step fsm_begin(struct vrrp_fsm *fsm,
				  const struct vrrp_conf_instance *conf,
				  enum vrrp_reason reason, usec_t now)
{
	unsigned self = reason == VRRP_REASON_RECOVERED ? VRRP_ANNOUNCE_SELF :
							  0;
	struct vrrp_step owner;

	fsm->interval = conf->interval;
	if (now < fsm->begin) {
		fsm->state = VRRP_INIT;
		fsm->timer = fsm->begin;
		return fsm_step(self, VRRP_REASON_DELAYED);
	}
	fsm_become_backup(fsm, conf, now);
	if (!fsm_is_owner(conf))
		return fsm_step(self, reason);
	owner = fsm_want_active(fsm, conf, VRRP_REASON_OWNER, now);
	owner.actions |= self;
	return owner;
}

static struct vrrp_step fsm_leave(struct vrrp_fsm *fsm, enum vrrp_state state,
				  enum vrrp_reason reason)
{
	bool active = fsm->state == VRRP_ACTIVE;

	fsm->state = state;
	fsm->timer = 0;
	fsm->ready = false;
	fsm->preempt_at = 0;
	return fsm_step(active ? VRRP_SEND_STOP | VRRP_REMOVE_ADDRESSES : 0,
			reason);
}

/* Version 2 has one interval for all; version 3 takes the Active Router's. */
static void fsm_learn_interval(struct vrrp_fsm *fsm,
			       const struct vrrp_conf_instance *conf,
			       usec_t interval)
{
	fsm->interval = conf->version == 2 ? conf->interval : interval;
}

static struct vrrp_step fsm_stay_backup(struct vrrp_fsm *fsm,
					const struct vrrp_conf_instance *conf,
					const struct vrrp_event *event,
					enum vrrp_reason reason, usec_t now)
{
	fsm_learn_interval(fsm, conf, event->advert.interval);
	fsm->timer = now + vrrp_fsm_down_interval(fsm, conf);
	fsm->ready = false;
	fsm->late = false;
	fsm->over_lower = false;
	return fsm_step(0, reason);
}

/* Whether an advert of a lower router must still be obeyed. */
static bool fsm_preempt_must_wait(struct vrrp_fsm *fsm,
				  const struct vrrp_conf_instance *conf,
				  usec_t now)
{
	if (conf->preempt_delay == 0)
		return false;
	if (fsm->preempt_at == 0)
		fsm->preempt_at = now + conf->preempt_delay;
	return now < fsm->preempt_at;
}

static struct vrrp_step fsm_backup_advert(struct vrrp_fsm *fsm,
					  const struct vrrp_conf_instance *conf,
					  const struct vrrp_event *event,
					  usec_t now)
{
	bool preempt = conf->preempt || fsm_is_owner(conf);
	usec_t skew;

	if (event->advert.priority == VRRP_PRIORITY_STOP) {
		skew = vrrp_timer_skew(conf->version, fsm->priority,
				       fsm->interval);
		fsm->preempt_at = 0;
		if (!fsm->ready)
			fsm->timer = now + skew;
		return fsm_step(0, VRRP_REASON_ACTIVE_STOPPED);
	}
	if (!preempt)
		return fsm_stay_backup(fsm, conf, event, VRRP_REASON_NOTHING,
				       now);
	if (event->advert.priority >= fsm->priority) {
		fsm->preempt_at = 0;
		return fsm_stay_backup(fsm, conf, event, VRRP_REASON_NOTHING,
				       now);
	}
	if (fsm_preempt_must_wait(fsm, conf, now))
		return fsm_stay_backup(fsm, conf, event,
				       VRRP_REASON_PREEMPT_DELAY, now);
	fsm->over_lower = true;
	return fsm_step(0, VRRP_REASON_LOWER_PRIORITY);
}

static struct vrrp_step fsm_give_way(struct vrrp_fsm *fsm,
				     const struct vrrp_conf_instance *conf,
				     const struct vrrp_event *event,
				     enum vrrp_reason reason, usec_t now)
{
	fsm_learn_interval(fsm, conf, event->advert.interval);
	fsm_become_backup(fsm, conf, now);
	return fsm_step((conf->higher_prio_send_advert ? VRRP_SEND_ADVERT : 0) |
				VRRP_REMOVE_ADDRESSES,
			reason);
}

/*
 * Whether an answer given at LAST (0: none was) is too near for another one.
 * The next answer is sent a quarter of an interval after LAST: not now, but not
 * only with the next beat either.
 */
static bool fsm_answer_must_wait(struct vrrp_fsm *fsm,
				 const struct vrrp_conf_instance *conf,
				 usec_t last, usec_t now)
{
	usec_t next = last + conf->interval / 4;

	if (last == 0 || now >= next)
		return false;
	if (fsm->timer > next)
		fsm->timer = next;
	return true;
}

/* Backups wait for a new Active Router now, so one advert goes at once. */
static struct vrrp_step fsm_active_stop(struct vrrp_fsm *fsm,
					const struct vrrp_conf_instance *conf,
					usec_t now)
{
	if (fsm_answer_must_wait(fsm, conf, fsm->stop_answered, now))
		return fsm_step(0, VRRP_REASON_ACTIVE_STOPPED);
	fsm->stop_answered = now;
	fsm->timer = now + conf->interval;
	return fsm_step(VRRP_SEND_ADVERT, VRRP_REASON_ACTIVE_STOPPED);
}

static struct vrrp_step fsm_active_advert(struct vrrp_fsm *fsm,
					  const struct vrrp_conf_instance *conf,
					  const struct vrrp_event *event,
					  usec_t now)
{
	uint8_t priority = event->advert.priority;
	unsigned again = VRRP_ANNOUNCE_AGAIN;

	if (priority == VRRP_PRIORITY_STOP)
		return fsm_active_stop(fsm, conf, now);
	if (priority > fsm->priority)
		return fsm_give_way(fsm, conf, event,
				    VRRP_REASON_HIGHER_PRIORITY, now);
	if (priority == fsm->priority && event->advert.order > 0)
		return fsm_give_way(fsm, conf, event,
				    VRRP_REASON_HIGHER_ADDRESS, now);
	if (fsm_answer_must_wait(fsm, conf, fsm->asserted, now))
		return fsm_step(0, VRRP_REASON_LOWER_PRIORITY);
	fsm->asserted = now;
	/*
	 * The last advert of the old Active Router calls for no announcement. A
	 * router that became Active together with us has announced the
	 * addresses, too.
	 */
	if (fsm->over_lower && now - fsm->entered < conf->interval)
		again = 0;
	return fsm_step((conf->lower_prio_no_advert ? 0 : VRRP_SEND_ADVERT) |
				again,
			VRRP_REASON_LOWER_PRIORITY);
}

static struct vrrp_step fsm_backup_timer(struct vrrp_fsm *fsm,
					 const struct vrrp_conf_instance *conf,
					 usec_t now)
{
	usec_t down = vrrp_fsm_down_interval(fsm, conf);

	if (now - fsm->timer > down && !fsm->late) {
		fsm->late = true;
		fsm->timer = now + down;
		return fsm_step(0, VRRP_REASON_LATE);
	}
	return fsm_want_active(fsm, conf, VRRP_REASON_SILENCE, now);
}

/* timer_expired_backup: a router of that priority must have taken over by now. */
static bool fsm_is_surely_replaced(const struct vrrp_fsm *fsm,
				   const struct vrrp_conf_instance *conf,
				   usec_t late)
{
	uint8_t priority = conf->timer_expired_backup;

	return priority > 0 && !fsm_is_owner(conf) &&
	       late + conf->interval > vrrp_timer_down(conf->version, priority,
						       fsm->interval,
						       conf->down_adverts);
}

static struct vrrp_step fsm_active_timer(struct vrrp_fsm *fsm,
					 const struct vrrp_conf_instance *conf,
					 usec_t now)
{
	usec_t late = now - fsm->timer;

	if (fsm_is_surely_replaced(fsm, conf, late)) {
		struct vrrp_step left =
			fsm_leave(fsm, VRRP_BACKUP, VRRP_REASON_LATE);

		fsm_become_backup(fsm, conf, now);
		/* Priority 0 would tell the new one's backups to hurry. */
		left.actions &= ~(unsigned)VRRP_SEND_STOP;
		return left;
	}
	/* Keep the beat; after a pause, begin a new one. */
	fsm->timer += conf->interval;
	if (late >= conf->interval)
		fsm->timer = now + conf->interval;
	/* Silent for so long, someone may have taken the addresses. */
	if (late > conf->down_adverts * conf->interval)
		return fsm_step(VRRP_SEND_ADVERT | VRRP_ANNOUNCE_AGAIN,
				VRRP_REASON_LATE);
	return fsm_step(VRRP_SEND_ADVERT, VRRP_REASON_NOTHING);
}

static struct vrrp_step fsm_timer_event(struct vrrp_fsm *fsm,
					const struct vrrp_conf_instance *conf,
					usec_t now)
{
	if (fsm->timer == 0 || now < fsm->timer)
		return nothing;
	switch (fsm->state) {
	case VRRP_INIT:
		return fsm_begin(fsm, conf, VRRP_REASON_STARTED, now);
	case VRRP_BACKUP:
		return fsm_backup_timer(fsm, conf, now);
	case VRRP_ACTIVE:
		return fsm_active_timer(fsm, conf, now);
	case VRRP_FAULT:
	case VRRP_STATES:
		break;
	}
	return nothing;
}

/* A Backup's running timer moves by as much as the skew changes. */
static struct vrrp_step
fsm_priority_event(struct vrrp_fsm *fsm, const struct vrrp_conf_instance *conf,
		   uint8_t priority)
{
	usec_t before =
		vrrp_timer_skew(conf->version, fsm->priority, fsm->interval);

	fsm->priority = priority;
	if (fsm->state == VRRP_BACKUP && fsm->timer > 0)
		fsm->timer += vrrp_timer_skew(conf->version, priority,
					      fsm->interval) -
			      before;
	return nothing;
}

/* A Backup waits a whole (new) down interval; an Active Router sends at once. */
static struct vrrp_step
fsm_settings_event(struct vrrp_fsm *fsm, const struct vrrp_conf_instance *conf,
		   usec_t now)
{
	if (fsm->state == VRRP_ACTIVE) {
		fsm->interval = conf->interval;
		fsm->timer = now + conf->interval;
		return fsm_step(VRRP_SEND_ADVERT, VRRP_REASON_NOTHING);
	}
	if (conf->version == 2 || fsm->state != VRRP_BACKUP)
		fsm->interval = conf->interval;
	if (fsm->state == VRRP_BACKUP)
		fsm_become_backup(fsm, conf, now);
	return nothing;
}

/* Priority 0 lets the other router take over soon; this one listens on. */
static struct vrrp_step fsm_yield(struct vrrp_fsm *fsm,
				  const struct vrrp_conf_instance *conf,
				  enum vrrp_reason reason, usec_t now)
{
	struct vrrp_step left;

	if (fsm->state != VRRP_ACTIVE)
		return nothing;
	left = fsm_leave(fsm, VRRP_BACKUP, reason);
	fsm_become_backup(fsm, conf, now);
	return left;
}

static struct vrrp_step fsm_group_event(struct vrrp_fsm *fsm,
					const struct vrrp_conf_instance *conf,
					enum vrrp_event_kind kind, usec_t now)
{
	if (kind == VRRP_EVENT_GROUP_UP) {
		if (fsm->state != VRRP_BACKUP)
			return nothing;
		return fsm_become_active(fsm, conf, VRRP_REASON_GROUP, now);
	}
	/* The other half takes this one over as well. */
	return fsm_yield(fsm, conf, VRRP_REASON_GROUP, now);
}

static struct vrrp_step fsm_advert_event(struct vrrp_fsm *fsm,
					 const struct vrrp_conf_instance *conf,
					 const struct vrrp_event *event,
					 usec_t now)
{
	if (fsm_is_owner(conf) && conf->owner_ignore_adverts)
		return nothing;
	if (fsm->state == VRRP_BACKUP)
		return fsm_backup_advert(fsm, conf, event, now);
	if (fsm->state == VRRP_ACTIVE)
		return fsm_active_advert(fsm, conf, event, now);
	return nothing;
}

struct vrrp_step vrrp_fsm_step(struct vrrp_fsm *fsm,
			       const struct vrrp_conf_instance *conf,
			       const struct vrrp_event *event, usec_t now)
{
	switch (event->kind) {
	case VRRP_EVENT_NONE:
		break;
	case VRRP_EVENT_START:
		fsm->begin = event->delay > 0 ? now + event->delay : 0;
		if (fsm->state == VRRP_INIT)
			return fsm_begin(fsm, conf, VRRP_REASON_STARTED, now);
		break;
	case VRRP_EVENT_STOP:
		return fsm_leave(fsm, VRRP_INIT, VRRP_REASON_STOPPED);
	case VRRP_EVENT_TIMER:
		return fsm_timer_event(fsm, conf, now);
	case VRRP_EVENT_ADVERT:
		return fsm_advert_event(fsm, conf, event, now);
	case VRRP_EVENT_PRIORITY:
		return fsm_priority_event(fsm, conf, event->priority);
	case VRRP_EVENT_SETTINGS:
		return fsm_settings_event(fsm, conf, now);
	case VRRP_EVENT_FAULT:
		if (fsm->state == VRRP_FAULT)
			break;
		return fsm_leave(fsm, VRRP_FAULT, VRRP_REASON_FAULT);
	case VRRP_EVENT_RECOVER:
		if (fsm->state != VRRP_FAULT)
			break;
		return fsm_begin(fsm, conf, VRRP_REASON_RECOVERED, now);
	case VRRP_EVENT_GROUP_UP:
	case VRRP_EVENT_GROUP_DOWN:
		return fsm_group_event(fsm, conf, event->kind, now);
	case VRRP_EVENT_YIELD:
		return fsm_yield(fsm, conf, VRRP_REASON_YIELDED, now);
	}
	return nothing;
}
