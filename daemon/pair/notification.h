/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications of a change in the pair: scripts with keepalived's four extra
 * arguments, and lines for pipes with the same content. Lines for pools and
 * servers are here too, so that one reader can read all lines.
 */
#ifndef EVENKEEL_DAEMON_PAIR_NOTIFICATION_H
#define EVENKEEL_DAEMON_PAIR_NOTIFICATION_H

#include <stddef.h>
#include <stdint.h>

#include "balance/balance.h"
#include "conf/conf.h"
#include "conf/pair_conf.h"

struct fifo;
struct notify;

/* keepalived's words, in the order of notify_state_names[]. */
enum vrrp_notify_state {
	VRRP_NOTIFY_MASTER,
	VRRP_NOTIFY_BACKUP,
	VRRP_NOTIFY_FAULT,
	VRRP_NOTIFY_STOP,
	VRRP_NOTIFY_DELETED,
	VRRP_NOTIFY_MASTER_PRIORITY, /* the state is the same, the priority is not */
	VRRP_NOTIFY_BACKUP_PRIORITY,
	VRRP_NOTIFY_MASTER_RX_LOWER_PRI, /* a peer of lower priority is master too */
	VRRP_NOTIFY_STATES,
};

struct vrrp_notification {
	bool group; /* else an instance */
	const char *name;
	enum vrrp_notify_state state;
	unsigned priority; /* effective; 0 for a group */
	const struct pair_notify *scripts; /* NULL: none */
};

struct notify_targets {
	struct notify *notify;
	const struct conf_global *global;
	struct fifo *all; /* each may be NULL */
	struct fifo *vrrp;
	struct fifo *lvs;
};

const char *vrrp_notify_state_name(enum vrrp_notify_state state);

/* Run the scripts, write the lines. */
void notification_send(const struct notify_targets *targets,
		       const struct vrrp_notification *notification);
/* The lines of an event of the decision; most have none. */
void notification_send_lvs(const struct notify_targets *targets,
			   const struct conf *conf,
			   const struct balance_event *event);

/* Pure: the line, with its newline, for NOTIFICATION; at most SIZE bytes with the NUL. */
const char *notification_line(const struct vrrp_notification *notification,
			      char *out, size_t size);
/* How lines and mails call a virtual server and a real server, by their index. */
void notification_service_name(const struct conf *conf, uint32_t index,
			       char *out, size_t size);
void notification_server_name(const struct conf *conf, uint32_t server,
			      char *out, size_t size);
/* The line for EVENT; NULL if EVENT has none. */
const char *notification_lvs_line(const struct conf *conf,
				  const struct balance_event *event, char *out,
				  size_t size);

#endif
