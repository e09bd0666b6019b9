/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/mail_text.h"

#include <stdio.h>
#include <string.h>

#include "conf/pair_conf.h"
#include "daemon/pair/notification.h"
#include "lib/mail_ipc.h"

/* The subject's end and the body's first line, for an instance and a group. */
static const struct mail_vrrp_words {
	const char *subject, *instance, *group;
} mail_vrrp_words[VRRP_NOTIFY_STATES] = {
	[VRRP_NOTIFY_MASTER] = { "Entering MASTER state",
				 "VRRP Instance is now owning VRRP VIPs",
				 "All VRRP group instances are now in MASTER state" },
	[VRRP_NOTIFY_BACKUP] = { "Entering BACKUP state",
				 "VRRP Instance is no longer owning VRRP VIPs",
				 "All VRRP group instances are now in BACKUP state" },
	[VRRP_NOTIFY_FAULT] = { "Entering FAULT state",
				"VRRP Instance is no longer owning VRRP VIPs",
				"All VRRP group instances are now in FAULT state" },
	[VRRP_NOTIFY_STOP] = { "Stopping", "VRRP Instance stopping",
			       "All VRRP group instances are now stopping" },
	[VRRP_NOTIFY_DELETED] = { "Deleted", "VRRP Instance deleted",
				  "VRRP group deleted" },
};

static void mail_text_body(struct ipc_mail_letter *letter, const char *first,
			   const char *why)
{
	snprintf(letter->body, sizeof(letter->body), "=> %s <=\n%s%s%s", first,
		 why[0] ? "\n" : "", why, why[0] ? "\n" : "");
}

static const char *mail_text_router(const struct conf *conf, const char *host)
{
	return conf->global.router_id ? conf->global.router_id : host;
}

bool mail_text_vrrp(const struct conf *conf,
		    const struct vrrp_notification *notification,
		    const char *host, const char *why,
		    struct ipc_mail_letter *letter)
{
	const struct mail_vrrp_words *words =
		&mail_vrrp_words[notification->state];
	const struct conf_mail *mail = &conf->global.mail;

	if (!words->subject || !notification->scripts ||
	    !conf_mail_wanted(mail, CONF_MAIL_VRRP,
			      notification->scripts->smtp_alert) ||
	    (notification->state == VRRP_NOTIFY_FAULT && mail->no_faults))
		return false;
	snprintf(letter->subject, sizeof(letter->subject),
		 "[%.128s] VRRP %s %.256s - %s", mail_text_router(conf, host),
		 notification->group ? "Group" : "Instance", notification->name,
		 words->subject);
	mail_text_body(letter,
		       notification->group ? words->group : words->instance,
		       why);
	return true;
}

bool mail_text_wants(const struct conf *conf, const struct balance_event *event)
{
	const struct conf_mail *mail = &conf->global.mail;

	switch (event->kind) {
	case EVENT_SERVER_UP:
	case EVENT_SERVER_DOWN:
	case EVENT_SERVER_SPARE:
		return event->server < conf->nr_servers &&
		       conf_mail_wanted(
			       mail, CONF_MAIL_SERVER,
			       conf->servers[event->server].smtp_alert);
	case EVENT_QUORUM_UP:
	case EVENT_QUORUM_DOWN:
		return conf_mail_wanted(
			mail, CONF_MAIL_QUORUM,
			conf->virtual_servers[event->vs].smtp_alert);
	case EVENT_SERVER_OTHER:
	case EVENT_LEVEL:
		break;
	}
	return false;
}

/* The subject's last word, and the body's first line. */
static const char *mail_text_lvs_words(const struct balance_event *event,
				       const char **first)
{
	switch (event->kind) {
	case EVENT_SERVER_UP:
		*first = "CHECK succeed on service";
		return "UP";
	case EVENT_SERVER_DOWN:
		*first = "CHECK failed on service";
		return "DOWN";
	case EVENT_SERVER_SPARE:
		*first = "Ready, and not needed now";
		return "SPARE";
	case EVENT_QUORUM_UP:
		*first = "Gained quorum";
		return "UP";
	case EVENT_QUORUM_DOWN:
		*first = "Lost quorum";
		return "DOWN";
	case EVENT_SERVER_OTHER:
	case EVENT_LEVEL:
		break;
	}
	*first = "Changed";
	return "CHANGED";
}

void mail_text_lvs(const struct conf *conf, const struct balance_event *event,
		   const char *host, const char *why,
		   struct ipc_mail_letter *letter)
{
	const char *first, *word = mail_text_lvs_words(event, &first);
	const char *router = mail_text_router(conf, host);
	char vs[160], rs[160];

	notification_service_name(conf, event->vs, vs, sizeof(vs));
	if (event->kind == EVENT_QUORUM_UP ||
	    event->kind == EVENT_QUORUM_DOWN) {
		snprintf(letter->subject, sizeof(letter->subject),
			 "[%.128s] Virtualserver %s - %s", router, vs, word);
	} else {
		notification_server_name(conf, event->server, rs, sizeof(rs));
		snprintf(letter->subject, sizeof(letter->subject),
			 "[%.128s] Realserver %s of virtual server %s - %s",
			 router, rs, vs, word);
	}
	mail_text_body(letter, first, why);
}
