/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/overview.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "daemon/control/show.h"
#include "daemon/control/view.h"
#include "daemon/control/walk.h"
#include "lib/util.h"

struct overview {
	struct view_walk walk;
	bool first_pool, first_server; /* the next one is */
	char *text;
	size_t length, room;
};

static void overview_add(struct overview *overview, const char *text,
			 size_t length)
{
	if (overview->room - overview->length < length) {
		overview->room = 2 * (overview->length + length);
		overview->text =
			xrealloc_array(overview->text, overview->room, 1);
	}
	memcpy(overview->text + overview->length, text, length);
	overview->length += length;
}

/* OBJ, which is given up; its last DROPPED characters are left out. */
static void overview_add_object(struct overview *overview,
				struct json_object *obj, size_t dropped)
{
	size_t length;
	const char *text = json_object_to_json_string_length(
		obj, JSON_C_TO_STRING_PLAIN, &length);

	overview_add(overview, text, length - dropped);
	json_object_put(obj);
}

/* OBJ without its end, and the array KEY of it, which follows. */
static void overview_open(struct overview *overview, struct json_object *obj,
			  const char *key)
{
	overview_add_object(overview, obj, 1);
	overview_add(overview, ",\"", 2);
	overview_add(overview, key, strlen(key));
	overview_add(overview, "\":[", 3);
}

static void overview_begin(void *arg, const struct view *view)
{
	struct overview *overview = arg;
	struct json_object *head = show_status_head(view);

	show_object_add(head, "announce",
			view->conf->nr_announce_groups ? show_announce(view) :
							 NULL);
	overview->length = 0;
	overview->first_pool = true;
	overview_open(overview, head, "virtual_servers");
}

static void overview_pool(void *arg, const struct view *view,
			  const struct table *actual, uint32_t vs)
{
	struct overview *overview = arg;

	overview_add(overview, ",", !overview->first_pool);
	overview_open(overview, show_pool(view, actual, vs), "servers");
	overview->first_pool = false;
	overview->first_server = true;
}

static void overview_server(void *arg, const struct view *view,
			    const struct table *actual, uint32_t server)
{
	struct overview *overview = arg;

	overview_add(overview, ",", !overview->first_server);
	overview_add_object(overview, show_server(view, actual, server), 0);
	overview->first_server = false;
}

static void overview_close(void *arg)
{
	overview_add(arg, "]}", 2);
}

static const struct walk_visitor overview_visitor = {
	.begin = overview_begin,
	.open = overview_pool,
	.server = overview_server,
	.close = overview_close,
};

bool overview_step(struct overview *overview)
{
	if (!walk_step(&overview->walk, &overview_visitor, overview))
		return false;
	overview_add(overview, "]}", 2);
	return true;
}

struct overview *overview_new(const struct control_ops *ops, void *arg)
{
	struct overview *overview = xcalloc(1, sizeof(*overview));

	overview->walk.ops = ops;
	overview->walk.ops_arg = arg;
	return overview;
}

void overview_free(struct overview *overview)
{
	if (!overview)
		return;
	walk_free(&overview->walk);
	free(overview->text);
	free(overview);
}

const char *overview_text(const struct overview *overview, size_t *length)
{
	*length = overview->length;
	return overview->text;
}
