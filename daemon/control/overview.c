/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/overview.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf.h"
#include "daemon/control/show.h"
#include "daemon/control/view.h"
#include "lib/table.h"
#include "lib/util.h"

struct overview {
	const struct control_ops *ops;
	void *arg;
	bool begun;
	uint32_t generation; /* of the configuration that it is of */
	/* The kernel's table as it was at the beginning, see struct feed. */
	bool reached;
	struct table table;
	uint32_t vs, server; /* the next ones */
	bool opened; /* VS is written, but for its servers */
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

static void overview_begin(struct overview *overview, const struct view *view)
{
	struct json_object *head = show_status_head(view);

	show_object_add(head, "announce",
			view->conf->nr_announce_groups ? show_announce(view) :
							 NULL);
	overview->begun = true;
	overview->generation = view->generation;
	overview->reached = view->actual != NULL;
	if (view->actual)
		table_copy(&overview->table, view->actual);
	overview->vs = overview->server = 0;
	overview->opened = false;
	overview->length = 0;
	overview_open(overview, head, "virtual_servers");
}

/* The next OVERVIEW_SLICE servers, with the pools that begin among them. */
static void overview_pools(struct overview *overview, const struct view *view)
{
	const struct conf *conf = view->conf;
	const struct conf_virtual_server *vs;
	unsigned slice = 0;

	while (slice < OVERVIEW_SLICE &&
	       overview->vs < conf->nr_virtual_servers) {
		vs = &conf->virtual_servers[overview->vs];
		if (!overview->opened) {
			overview_add(overview, ",", overview->vs > 0);
			overview_open(overview, show_pool(view, overview->vs),
				      "servers");
			overview->opened = true;
			slice++;
		}
		for (; overview->server < vs->nr_servers &&
		       slice < OVERVIEW_SLICE;
		     slice++, overview->server++) {
			overview_add(overview, ",", overview->server > 0);
			overview_add_object(
				overview,
				show_server(view, vs->first_server +
							  overview->server),
				0);
		}
		if (overview->server < vs->nr_servers)
			return;
		overview_add(overview, "]}", 2);
		overview->opened = false;
		overview->server = 0;
		overview->vs++;
	}
}

bool overview_step(struct overview *overview)
{
	struct view view;

	overview->ops->view(overview->arg, overview->begun ? 0 : VIEW_TABLE,
			    &view);
	if (overview->begun && view.generation != overview->generation) {
		overview->begun = false;
		return false;
	}
	if (!overview->begun)
		overview_begin(overview, &view);
	view.actual = overview->reached ? &overview->table : NULL;
	overview_pools(overview, &view);
	if (overview->vs < view.conf->nr_virtual_servers)
		return false;
	overview_add(overview, "]}", 2);
	return true;
}

struct overview *overview_new(const struct control_ops *ops, void *arg)
{
	struct overview *overview = xcalloc(1, sizeof(*overview));

	overview->ops = ops;
	overview->arg = arg;
	return overview;
}

void overview_free(struct overview *overview)
{
	if (!overview)
		return;
	table_free(&overview->table);
	free(overview->text);
	free(overview);
}

const char *overview_text(const struct overview *overview, size_t *length)
{
	*length = overview->length;
	return overview->text;
}
