/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>

#include "ctl/client.h"
#include "daemon/doctor/collect.h"

/* Seconds that the daemon is waited for; it may stand still. */
#define COLLECT_DAEMON_PATIENCE 3

void collect_daemon(struct doctor_host *host, const char *socket)
{
	struct json_object *error;

	host->daemon = client_try(socket, "status", COLLECT_DAEMON_PATIENCE,
				  host->daemon_why, sizeof(host->daemon_why));
	if (!json_object_object_get_ex(host->daemon, "error", &error))
		return;
	snprintf(host->daemon_why, sizeof(host->daemon_why), "%s",
		 json_object_get_string(error));
	json_object_put(host->daemon);
	host->daemon = NULL;
}
