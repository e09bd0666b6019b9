/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state machine of one virtual router: RFC 9568 section 6.4, and RFC 3768
 * section 6.4 for version 2. The machine is a pure step from (state, event,
 * now) to a new state and to actions, which router.c carries out. Beyond the
 * RFC:
 *
 * - Fault: a state in which the router takes no part, because its interface is
 *   down or a tracker failed.
 * - Sync groups: a member of one does not become Active when its timer fires,
 *   but says that it is ready; group.c decides for all members at once.
 * - preempt_delay: for that long, adverts of a lower Router are obeyed.
 * - Overslept: a Backup whose timer is served later than a whole down interval
 *   was not listening (stopped, suspended); it listens for another interval,
 *   once, before it believes that nobody is there.
 * - An Active Router that yields says so with one last advert of its lower
 *   priority. Two that were Active on both sides of a cut learn of each other
 *   by whichever advert comes first; if that was the winner's, it would never
 *   know that hosts on the other side must be told anew where the addresses
 *   are. (higher_prio_send_advert off switches it off; that is the default with
 *   lower_prio_no_advert, the older protocol.)
 * - RFC 9568 wants an advert at once whenever a lower Router is heard, and
 *   whenever one says priority 0. After such an answer the next one of its kind
 *   waits for a quarter of the interval, else a flood of forged adverts would
 *   be answered by one of ours. The two kinds do not wait for each other: a
 *   lower Router that was answered and then stops has set others' timers to a
 *   moment.
 */
#ifndef EVENKEEL_VRRP_FSM_H
#define EVENKEEL_VRRP_FSM_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"
#include "conf/vrrp_conf.h"

enum vrrp_state {
	VRRP_INIT,
	VRRP_BACKUP,
	VRRP_ACTIVE, /* RFC 3768: Master */
	VRRP_FAULT,
	VRRP_STATES,
};

/* The state as keepalived calls it in logs and scripts: "MASTER". */
const char *vrrp_state_name(enum vrrp_state state);

enum vrrp_event_kind {
	VRRP_EVENT_NONE,
	VRRP_EVENT_START,
	VRRP_EVENT_STOP,
	VRRP_EVENT_TIMER, /* fsm.timer has been reached */
	VRRP_EVENT_ADVERT,
	VRRP_EVENT_PRIORITY, /* the effective priority is now another */
	VRRP_EVENT_SETTINGS, /* the settings passed are new ones */
	VRRP_EVENT_FAULT,
	VRRP_EVENT_RECOVER,
	VRRP_EVENT_GROUP_UP, /* all members of the sync group are ready */
	VRRP_EVENT_GROUP_DOWN, /* one of them is not Active any more */
	VRRP_EVENT_YIELD, /* the operator wants the other router to be Active */
};

struct vrrp_event {
	enum vrrp_event_kind kind;
	union {
		usec_t delay; /* START: before taking part */
		uint8_t priority; /* PRIORITY: 1..255 */
		struct {
			uint8_t priority;
			usec_t interval; /* > 0 */
			/* Source against ours: <0 lower, 0 equal, >0 higher. */
			int order;
		} advert;
	};
};

/* The actions of a step, in this order. */
enum vrrp_action {
	VRRP_SEND_ADVERT = 1, /* with fsm.priority */
	VRRP_SEND_STOP = 2, /* an advert with priority 0 */
	VRRP_ADD_ADDRESSES = 4,
	VRRP_ANNOUNCE = 8, /* as after a takeover */
	VRRP_ANNOUNCE_AGAIN = 16, /* another router may have announced itself */
	VRRP_REMOVE_ADDRESSES = 32, /* and stop announcing them */
	VRRP_ANNOUNCE_SELF = 64, /* our own source address, after a fault */
};

/* Why something happened, for the log and the status. */
enum vrrp_reason {
	VRRP_REASON_NOTHING,
	VRRP_REASON_STARTED,
	VRRP_REASON_DELAYED, /* waiting for startup_delay */
	VRRP_REASON_OWNER,
	VRRP_REASON_SILENCE, /* the down interval passed without an advert */
	VRRP_REASON_ACTIVE_STOPPED, /* priority 0 received */
	VRRP_REASON_HIGHER_PRIORITY,
	VRRP_REASON_HIGHER_ADDRESS,
	VRRP_REASON_LOWER_PRIORITY, /* answered, or ignored */
	VRRP_REASON_PREEMPT_DELAY,
	VRRP_REASON_LATE,
	VRRP_REASON_GROUP,
	VRRP_REASON_FAULT,
	VRRP_REASON_RECOVERED,
	VRRP_REASON_STOPPED,
	VRRP_REASON_YIELDED,
	VRRP_REASONS,
};

const char *vrrp_reason_text(enum vrrp_reason reason);

struct vrrp_fsm {
	enum vrrp_state state;
	uint8_t priority; /* effective */
	bool ready; /* Backup in a sync group, would be Active alone */
	bool late; /* the last timer was served far too late */
	bool over_lower; /* adverts of a lower one arrive: it is or was being replaced */
	usec_t interval; /* Active_Adver_Interval: learned, or our own */
	usec_t timer; /* Adver_Timer or Active_Down_Timer; 0: not running */
	usec_t begin; /* not before this time, after START with a delay */
	usec_t preempt_at; /* end of preempt_delay; 0: not waiting */
	usec_t asserted; /* when a lower router was last answered; 0: never */
	usec_t stop_answered; /* when priority 0 was last answered; 0: never */
	usec_t entered; /* when it became Active */
};

struct vrrp_step {
	unsigned actions; /* enum vrrp_action bits */
	enum vrrp_reason reason;
};

/* A router in Init with the configured priority. */
void vrrp_fsm_init(struct vrrp_fsm *fsm, const struct vrrp_conf_instance *conf);

/*
 * One step. CONF is the same at each call, until VRRP_EVENT_SETTINGS brings
 * another. An event that means nothing in the present state changes nothing.
 */
struct vrrp_step vrrp_fsm_step(struct vrrp_fsm *fsm,
			       const struct vrrp_conf_instance *conf,
			       const struct vrrp_event *event, usec_t now);

/* The present down interval: how long silence lasts before a takeover. */
usec_t vrrp_fsm_down_interval(const struct vrrp_fsm *fsm,
			      const struct vrrp_conf_instance *conf);

#endif
