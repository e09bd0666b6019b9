/* SPDX-License-Identifier: GPL-2.0-or-later */
/* End the sessions of clients in a server that left its pool. */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_EVICT_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_EVICT_H

#include <stdbool.h>

#include "checkers/mysql/mysql_session.h"

/*
 * End all that REQUEST does not spare, over the open SESSION, and put into REPLY's
 * facts how many, and the server's last refusal. Without FACT_EVICTED there it
 * came to no end, and has to be tried again.
 */
void mysql_evict(struct mysql_session *session,
		 const struct mysql_request *request,
		 struct mysql_reply *reply);

/*
 * Whether the session of USER with COMMAND, as the process list has them, is a
 * client's: none of the server's own, of replication, of OWN (the check's user)
 * or of a user in SPARE, one a line (NULL: none).
 */
bool mysql_evict_is_client(const char *user, const char *command,
			   const char *own, const char *spare);

#endif
