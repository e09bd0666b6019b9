/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web/figures.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "ctl/fields.h"
#include "ctl/metrics.h"
#include "web/store.h"

/* A document of ANSWER; NULL if there is none, or an error in its place. */
static struct json_object *figures_parse(const struct store_answer *answer,
					 enum ipc_web_part part)
{
	struct json_tokener *tokener;
	struct json_object *obj = NULL;

	if (!answer || !answer->parts[part])
		return NULL;
	tokener = json_tokener_new();
	if (tokener)
		obj = json_tokener_parse_ex(tokener, answer->parts[part],
					    (int)answer->lengths[part]);
	json_tokener_free(tokener);
	if (!field(obj, "error"))
		return obj;
	json_object_put(obj);
	return NULL;
}

char *figures_text(const struct store_answer *answer,
		   const struct figures_wish *wish, size_t *length)
{
	struct metrics_source source = {
		.status = figures_parse(answer, IPC_WEB_STATUS),
		.headroom = figures_parse(answer, IPC_WEB_HEADROOM),
		.vrrp = figures_parse(answer, IPC_WEB_VRRP),
		.now = answer ? (double)answer->generated / 1e6 : 0,
	};
	const char *scope = wish->scope < 0 ?
				    NULL :
				    metrics_scope_at((unsigned)wish->scope);
	char *text = NULL;
	FILE *out = open_memstream(&text, length);

	if (out) {
		metrics_print(out, &source, wish->openmetrics, scope);
		if (fclose(out) != 0) {
			free(text);
			text = NULL;
		}
	}
	json_object_put(source.status);
	json_object_put(source.headroom);
	json_object_put(source.vrrp);
	return text;
}

const char *figures_type(const struct figures_wish *wish)
{
	return wish->openmetrics ?
		       "application/openmetrics-text; version=1.0.0; "
		       "charset=utf-8" :
		       "text/plain; version=0.0.4; charset=utf-8";
}

unsigned figures_number(const struct figures_wish *wish)
{
	return (unsigned)(wish->scope + 1) * 2 + wish->openmetrics;
}
