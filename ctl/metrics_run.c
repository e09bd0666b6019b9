/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/metrics_run.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/client.h"
#include "ctl/fields.h"
#include "ctl/metrics.h"

/* An answer that is no sheet: an error, as JSON, which is told. */
static void metrics_run_tell(const char *text, size_t length)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *answer =
		json_tokener_parse_ex(tokener, text, (int)length);
	const char *error = field_text(answer, "error");

	fprintf(stderr, "evenkeel: %s\n",
		*error ? error :
			 "the daemon's answer is not whole; is it of another "
			 "version?");
	json_object_put(answer);
	json_tokener_free(tokener);
}

static void metrics_run_print(const struct ctl *ctl,
			      const struct metrics *metrics)
{
	struct metrics_printer *printer =
		metrics_printer_new(metrics, ctl->openmetrics, ctl->scope);
	char bytes[16384];
	size_t length;

	while ((length = metrics_printer_read(printer, bytes, sizeof(bytes))))
		fwrite(bytes, 1, length, stdout);
	metrics_printer_free(printer);
}

int metrics_run(struct ctl *ctl, const struct command *command)
{
	struct metrics *metrics = NULL;
	size_t length;
	char *text;
	int status;

	if (ctl->scope && metrics_scope_find(ctl->scope) < 0) {
		fprintf(stderr,
			"evenkeel: '%s' is not a scope; there are daemon, "
			"pool, server, check, vrrp, announce\n",
			ctl->scope);
		return 2;
	}
	text = client_fetch(ctl->socket, "metrics", &length);
	if (text) {
		metrics = metrics_parse(text, length);
		if (!metrics)
			metrics_run_tell(text, length);
	}
	free(text);
	metrics_run_print(ctl, metrics);
	status = metrics ? 0 : 1;
	metrics_free(metrics);
	return status;
}
