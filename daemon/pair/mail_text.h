/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What mails say, pure. Subjects and the first line of each body have keepalived's
 * form, since people's filters go by it; the reason follows, which keepalived does
 * not give.
 */
#ifndef EVENKEEL_DAEMON_PAIR_MAIL_TEXT_H
#define EVENKEEL_DAEMON_PAIR_MAIL_TEXT_H

#include <stdbool.h>

#include "balance/balance.h"
#include "conf/conf.h"

struct ipc_mail_letter;
struct vrrp_notification;

/*
 * Whether NOTIFICATION is worth a mail under CONF; then the subject and the body
 * of LETTER are filled in. HOST is the name of this host, WHY the reason, perhaps
 * "".
 */
bool mail_text_vrrp(const struct conf *conf,
		    const struct vrrp_notification *notification,
		    const char *host, const char *why,
		    struct ipc_mail_letter *letter);
/* Whether EVENT of the decision is worth a mail. */
bool mail_text_wants(const struct conf *conf,
		     const struct balance_event *event);
/* The same for an event for which mail_text_wants(). */
void mail_text_lvs(const struct conf *conf, const struct balance_event *event,
		   const char *host, const char *why,
		   struct ipc_mail_letter *letter);

#endif
