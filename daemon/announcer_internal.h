/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the files of the announcer: announcer.c has the decision,
 * announcer_kernel.c brings it to the kernel, announcer_file.c keeps the
 * operator's drain. See announcer.h.
 */
#ifndef EVENKEEL_DAEMON_ANNOUNCER_INTERNAL_H
#define EVENKEEL_DAEMON_ANNOUNCER_INTERNAL_H

#include "announce/announcing.h"
#include "announce/audit.h"
#include "announce/rtnl.h"
#include "daemon/announcer.h"

struct announcer_group {
	const struct conf_announce_group *conf;
	uint64_t digest;
	struct announcing state;
	struct announcing_input input;
	usec_t lapses; /* the lease may be over then, unless renewed; 0: never */
	struct view_announce_other others[PEER_CHANNELS_MAX]; /* each other one */
	uint32_t nr_others;
	bool begun; /* the kernel was looked at */
	bool settled; /* the last pass for this file and this place did not fail */
	bool held; /* the kernel may still have an address that is to go */
	bool told_network, told_conflict;
	bool conflict; /* in this pass */
	bool failed; /* in the pass under way */
	bool linked; /* the interface in use is there and up */
	char trouble[160]; /* "" if there is none */
};

struct announcer {
	struct loop *loop;
	struct history *history;
	const struct overrides *overrides; /* NULL: nobody is heard */
	const struct conf *conf;
	struct announcer_group *groups;
	struct view_announce *views;
	uint32_t nr_groups;
	struct rtnl rtnl;
	struct place_kernel kernel;
	struct place_plan plan;
	struct loop_timer step; /* a delay is over, or others may have spoken */
	struct loop_timer tend;
	struct audit audit; /* which TEND is set to */
	char state_file[256]; /* unless the configuration has another one */
	char drain_file[300]; /* in use */
	char left[300]; /* is to go when that is written; "": none */
	struct keeper *keeper; /* of the drain_file */
	struct keeper *remover; /* of the one that was left */
	void (*settled)(void *arg);
	void *settled_arg;
	char arp_file[300]; /* is there while arp_ignore is 1 by us, and was 0 */
	int told_open, told_arp; /* -errno that was logged */
	bool off;
	bool ended;
	bool drained;
};

/* The groups' states to the kernel; and again when it is time. */
void announcer_tend(struct announcer *announcer);
void announcer_tend_again(struct loop_timer *timer);
/* Whether arp_ignore was set by us, if by a process before. */
bool announcer_has_arp(const struct announcer *announcer);
void announcer_note_arp(const struct announcer *announcer, bool set);
bool announcer_is_open(const struct announcer *announcer);

/* Tell the log the state of GROUP, and the history as well if it is not as BEFORE. */
void announcer_say(struct announcer *announcer,
		   const struct announcer_group *group,
		   enum announcing_where before);
/* The receive buffer of the configuration, if the kernel is open. */
void announcer_follow_buffer(struct announcer *announcer);
/* The file of the drain beside the state file of CONF, which a reload may move. */
void announcer_move_file(struct announcer *announcer, const struct conf *conf);
/* Returns as keeper_state(). */
int announcer_keep(struct announcer *announcer);
void announcer_keep_begin(struct announcer *announcer);
void announcer_keep_end(struct announcer *announcer);
void announcer_recall(struct announcer *announcer);

#endif
