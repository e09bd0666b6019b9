/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration of main's work around the vrrp process: main watches
 * trackers, notifies people and scripts of states, and runs the kernel's
 * connection sync. Like struct vrrp_conf plain data, immutable, every default
 * resolved; indices are those of the vrrp_conf of the same text.
 */
#ifndef EVENKEEL_CONF_PAIR_CONF_H
#define EVENKEEL_CONF_PAIR_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/util.h"

struct conf_script; /* conf/conf.h */

/* vrrp_script */
struct pair_script {
	const struct conf_script *script;
	usec_t interval; /* from start to start; 1 s */
	usec_t timeout; /* as the interval, unless set */
	uint32_t rise; /* 1 */
	uint32_t fall; /* 1 */
};

/* vrrp_track_file: the number in the file is the value */
struct pair_file {
	const char *path;
	bool init; /* init_file: create it if there is none */
	bool overwrite; /* init_file N overwrite: at start, even if there is */
	int64_t init_value; /* 0 */
};

/* vrrp_track_process */
struct pair_process {
	const char *path; /* or the bare name */
	char **arguments; /* to be matched; ended by NULL; NULL: any */
	bool match_initial; /* param_match initial: the first ones must fit */
	bool match_partial; /* param_match partial: the last may be a prefix */
	bool full_command; /* compare the command line, not the short name */
	uint32_t quorum; /* 1 */
	uint32_t quorum_max; /* UINT32_MAX: none */
	usec_t fork_delay; /* how long a change lasts before it counts */
	usec_t terminate_delay;
};

#define PAIR_NO_SERVICE UINT32_MAX

/* A watch for each tracker whose value comes from main, see VRRP_TRACK_* */
struct pair_watch {
	uint32_t tracker; /* index into vrrp_conf.trackers */
	/* The tracker's kind decides which is set; the others are NULL. */
	const struct pair_script *script;
	const struct pair_file *file;
	const struct pair_process *process;
	/*
	 * VRRP_TRACK_POOL: index into conf.virtual_servers, else
	 * PAIR_NO_SERVICE.
	 */
	uint32_t vs;
};

/* The notify words of an instance or a group; NULL: none. */
struct pair_notify {
	const struct conf_script *any; /* notify */
	const struct conf_script *master;
	const struct conf_script *backup;
	const struct conf_script *fault;
	const struct conf_script *stop;
	const struct conf_script *deleted;
	const struct conf_script *master_rx_lower_pri;
	bool priority_changes; /* notify_priority_changes */
	int8_t smtp_alert; /* see conf_mail_wanted() */
};

/* notify_fifo, vrrp_notify_fifo, lvs_notify_fifo */
struct pair_fifo {
	const char *path; /* NULL: off */
	const char *user; /* owner of the pipe; NULL: root */
	const char *group;
	const struct conf_script *script; /* reads it; NULL: outsiders do */
};

#define PAIR_SYNC_PORT 8848
#define PAIR_SYNC_MAXLEN 0 /* the kernel's own: as the link's MTU allows */

/* lvs_sync_daemon */
struct pair_sync {
	const char *ifname; /* NULL: off */
	/*
	 * The instance that the file names, or NULL. The kernel's two sync
	 * daemons run on both nodes all the time; the instance only gives the
	 * default id.
	 */
	const char *instance;
	uint8_t id; /* syncid; the instance's VRID, or 0 */
	uint16_t maxlen; /* bytes; PAIR_SYNC_MAXLEN */
	uint16_t port; /* UDP; PAIR_SYNC_PORT */
	uint8_t ttl; /* 1 */
	struct addr group; /* 224.0.0.81 */
};

struct pair_conf {
	const struct pair_watch *watches;
	uint32_t nr_watches;
	const struct pair_notify *instances; /* one for each instance */
	const struct pair_notify *groups; /* one for each group */
	struct pair_fifo fifo; /* of everything */
	struct pair_fifo vrrp_fifo;
	struct pair_fifo lvs_fifo;
	bool priority_changes; /* vrrp_notify_priority_changes: for all */
	bool fifo_on_reload; /* fifo_write_vrrp_states_on_reload */
	struct pair_sync sync;
};

#endif
