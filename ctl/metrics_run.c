/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/metrics_run.h"

#include <json-c/json.h>
#include <stdio.h>
#include <time.h>

#include "ctl/client.h"
#include "ctl/fields.h"
#include "ctl/metrics.h"

/* NULL if there is no answer; an error is told. */
static struct json_object *metrics_run_ask(struct ctl *ctl, const char *request)
{
	struct json_object *answer = client_ask(ctl->socket, request);

	if (field(answer, "error")) {
		fprintf(stderr, "evenkeel: %s\n", field_text(answer, "error"));
		json_object_put(answer);
		return NULL;
	}
	return answer;
}

int metrics_run(struct ctl *ctl, const struct command *command)
{
	struct metrics_source source = { 0 };
	struct timespec now;
	int status;

	if (ctl->scope && metrics_scope_find(ctl->scope) < 0) {
		fprintf(stderr,
			"evenkeel: '%s' is not a scope; there are daemon, "
			"pool, server, check, vrrp, announce\n",
			ctl->scope);
		return 2;
	}
	source.status = metrics_run_ask(ctl, "status");
	if (source.status) {
		source.headroom = metrics_run_ask(ctl, "headroom");
		source.vrrp = metrics_run_ask(ctl, "vrrp");
	}
	clock_gettime(CLOCK_REALTIME, &now);
	source.now = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
	metrics_print(stdout, &source, ctl->openmetrics, ctl->scope);
	status = source.status ? 0 : 1;
	json_object_put(source.status);
	json_object_put(source.headroom);
	json_object_put(source.vrrp);
	return status;
}
