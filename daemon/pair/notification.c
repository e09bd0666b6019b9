/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/notification.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/pair/fifo.h"
#include "daemon/pair/notify.h"

#define LINE_MAX_BYTES 512

static const char *const notify_state_names[] = {
	[VRRP_NOTIFY_MASTER] = "MASTER",
	[VRRP_NOTIFY_BACKUP] = "BACKUP",
	[VRRP_NOTIFY_FAULT] = "FAULT",
	[VRRP_NOTIFY_STOP] = "STOP",
	[VRRP_NOTIFY_DELETED] = "DELETED",
	[VRRP_NOTIFY_MASTER_PRIORITY] = "MASTER_PRIORITY",
	[VRRP_NOTIFY_BACKUP_PRIORITY] = "BACKUP_PRIORITY",
	[VRRP_NOTIFY_MASTER_RX_LOWER_PRI] = "MASTER_RX_LOWER_PRI",
};

const char *vrrp_notify_state_name(enum vrrp_notify_state state)
{
	return notify_state_names[state];
}

const char *notification_line(const struct vrrp_notification *notification,
			      char *out, size_t size)
{
	snprintf(out, size, "%s \"%s\" %s %u\n",
		 notification->group ? "GROUP" : "INSTANCE", notification->name,
		 notify_state_names[notification->state],
		 notification->priority);
	return out;
}

/* The script for this word alone; "notify" is run besides. */
static const struct conf_script *
notification_own_script(const struct vrrp_notification *notification)
{
	switch (notification->state) {
	case VRRP_NOTIFY_MASTER:
		return notification->scripts->master;
	case VRRP_NOTIFY_BACKUP:
		return notification->scripts->backup;
	case VRRP_NOTIFY_FAULT:
		return notification->scripts->fault;
	case VRRP_NOTIFY_STOP:
		return notification->scripts->stop;
	case VRRP_NOTIFY_DELETED:
		return notification->scripts->deleted;
	case VRRP_NOTIFY_MASTER_RX_LOWER_PRI:
		return notification->scripts->master_rx_lower_pri;
	case VRRP_NOTIFY_MASTER_PRIORITY:
	case VRRP_NOTIFY_BACKUP_PRIORITY:
	case VRRP_NOTIFY_STATES:
		break;
	}
	return NULL;
}

static void
notification_run_scripts(const struct notify_targets *targets,
			 const struct vrrp_notification *notification)
{
	char priority[16];
	const char *extra[] = { notification->group ? "GROUP" : "INSTANCE",
				notification->name,
				notify_state_names[notification->state],
				priority, NULL };

	if (!notification->scripts)
		return;
	snprintf(priority, sizeof(priority), "%u", notification->priority);
	notify_run(targets->notify, notification_own_script(notification),
		   targets->global);
	notify_run_with(targets->notify, notification->scripts->any, extra,
			targets->global);
}

void notification_send(const struct notify_targets *targets,
		       const struct vrrp_notification *notification)
{
	char line[LINE_MAX_BYTES];

	notification_line(notification, line, sizeof(line));
	fifo_write(targets->all, line);
	fifo_write(targets->vrrp, line);
	notification_run_scripts(targets, notification);
}

static const char *notification_protocol_word(uint16_t protocol)
{
	switch (protocol) {
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	}
	return "tcp";
}

static void notification_format_endpoint(const struct endpoint *endpoint,
					 uint16_t protocol, char *out,
					 size_t size)
{
	char addr[ADDR_TEXT_MAX];

	snprintf(out, size, "[%s]:%s:%u", addr_format(&endpoint->addr, addr),
		 notification_protocol_word(protocol), endpoint->port);
}

/* The number of a virtual server among those of the same group. */
static unsigned notification_group_ordinal(const struct conf *conf, uint32_t vs)
{
	unsigned ordinal = 0;
	uint32_t i;

	for (i = 0; i < vs; i++)
		if (strcmp(conf->virtual_servers[i].name,
			   conf->virtual_servers[vs].name) == 0)
			ordinal++;
	return ordinal;
}

void notification_service_name(const struct conf *conf, uint32_t index,
			       char *out, size_t size)
{
	const struct conf_virtual_server *vs = &conf->virtual_servers[index];
	const struct service_key *key = &vs->keys[0];

	if (strncmp(vs->name, "group ", 6) == 0)
		snprintf(out, size, "[%s]:%u", vs->name + 6,
			 notification_group_ordinal(conf, index));
	else if (key->fwmark)
		snprintf(out, size, "FWM %u", key->fwmark);
	else
		notification_format_endpoint(&key->vip, key->protocol, out,
					     size);
}

void notification_server_name(const struct conf *conf, uint32_t server,
			      char *out, size_t size)
{
	const struct conf_server *found = &conf->servers[server];

	notification_format_endpoint(
		&found->addr, conf->virtual_servers[found->vs].keys[0].protocol,
		out, size);
}

const char *notification_lvs_line(const struct conf *conf,
				  const struct balance_event *event, char *out,
				  size_t size)
{
	char vs_text[160], rs_text[160];
	bool up = event->kind == EVENT_SERVER_UP ||
		  event->kind == EVENT_QUORUM_UP;
	bool spare = event->kind == EVENT_SERVER_SPARE;

	notification_service_name(conf, event->vs, vs_text, sizeof(vs_text));
	switch (event->kind) {
	case EVENT_QUORUM_UP:
	case EVENT_QUORUM_DOWN:
		snprintf(out, size, "VS %s %s\n", vs_text, up ? "UP" : "DOWN");
		return out;
	case EVENT_SERVER_UP:
	case EVENT_SERVER_DOWN:
	case EVENT_SERVER_SPARE:
		if (event->server >= conf->nr_servers)
			return NULL;
		notification_server_name(conf, event->server, rs_text,
					 sizeof(rs_text));
		snprintf(out, size, "RS %s %s %s\n", rs_text, vs_text,
			 spare ? "SPARE" :
			 up    ? "UP" :
				 "DOWN");
		return out;
	case EVENT_SERVER_OTHER:
	case EVENT_LEVEL:
		break;
	}
	return NULL;
}

void notification_send_lvs(const struct notify_targets *targets,
			   const struct conf *conf,
			   const struct balance_event *event)
{
	char line[LINE_MAX_BYTES];

	if (!targets->all && !targets->lvs)
		return;
	if (!notification_lvs_line(conf, event, line, sizeof(line)))
		return;
	fifo_write(targets->all, line);
	fifo_write(targets->lvs, line);
}
