/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The matrix of `integrity { }` as JSON: see show.h. */
#include <json-c/json.h>

#include "conf/conf.h"
#include "daemon/control/show.h"
#include "daemon/control/view.h"
#include "daemon/integrity/integrity_matrix.h"

#define SHOW_WINDOW_MAX (2 * PAYLOAD_WINDOW + 1)

static const char *show_integrity_window(const uint8_t *bytes, uint32_t length,
					 char text[SHOW_WINDOW_MAX])
{
	static const char digits[] = "0123456789abcdef";
	uint32_t i;

	for (i = 0; i < length; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * i] = '\0';
	return text;
}

/* NULL: there was none. */
static struct json_object *
show_integrity_mismatch(const struct view *core,
			const struct integrity_mismatch *last)
{
	const struct payload_found *found = &last->found;
	char window[SHOW_WINDOW_MAX];
	struct json_object *obj;

	if (last->when == 0)
		return NULL;
	obj = json_object_new_object();
	show_age(obj, "when_s", last->when, core->now);
	show_text(obj, "way", integrity_way_name(last->way));
	show_text(obj, "changed", integrity_half_name(found->state));
	show_text(obj, "server", found->server);
	show_number(obj, "size", found->size);
	show_number(obj, "back", found->back);
	show_number(obj, "offset", found->offset);
	show_number(obj, "span", found->span);
	show_number(obj, "differing", found->differing);
	show_number(obj, "window_at", found->window_at);
	show_text(obj, "sent",
		  show_integrity_window(found->sent, found->window, window));
	show_text(obj, "got",
		  show_integrity_window(found->got, found->window, window));
	return obj;
}

static struct json_object *
show_integrity_cell(const struct view *core, const struct integrity_cell *cell,
		    const struct conf_integrity *conf)
{
	struct json_object *obj;

	if (!cell->exists)
		return NULL;
	obj = json_object_new_object();
	show_text(obj, "state",
		  integrity_state_name(
			  integrity_cell_state(cell, conf, core->now)));
	show_age(obj, "since_s", cell->first, core->now);
	show_age(obj, "last_s", cell->when, core->now);
	show_number(obj, "probes", (int64_t)cell->probes);
	show_number(obj, "bytes", (int64_t)cell->bytes);
	show_number(obj, "bad", (int64_t)cell->bad);
	show_number(obj, "missed", (int64_t)cell->missed);
	show_text(obj, "trouble", cell->trouble[0] ? cell->trouble : NULL);
	show_text(obj, "server", cell->server[0] ? cell->server : NULL);
	return obj;
}

static struct json_object *show_integrity_server(const struct view *core,
						 uint32_t server)
{
	const struct conf_server *conf = &core->conf->servers[server];
	const struct conf_integrity *integrity =
		&core->conf->virtual_servers[conf->vs].integrity;
	const struct integrity_row *row = &core->integrity_rows[server];
	struct json_object *obj = json_object_new_object();
	const struct integrity_cell *cells = row->cells;
	char addr[ENDPOINT_TEXT_MAX];

	show_text(obj, "address", endpoint_format(&conf->addr, addr));
	show_text(obj, "blame", integrity_blame_name(row->blame));
	json_object_object_add(
		obj, "direct",
		show_integrity_cell(core, &cells[INTEGRITY_DIRECT], integrity));
	json_object_object_add(
		obj, "client",
		show_integrity_cell(core, &cells[INTEGRITY_CLIENT], integrity));
	show_text(obj, "other", integrity_state_name(row->there));
	json_object_object_add(obj, "mismatch",
			       show_integrity_mismatch(core, &row->mismatch));
	return obj;
}

static struct json_object *show_integrity_pool(const struct view *core,
					       uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&core->conf->virtual_servers[vs];
	const struct integrity_pool *pool = &core->integrity_pools[vs];
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	show_text(obj, "virtual_server", conf->name);
	show_text(obj, "blame", integrity_blame_name(pool->blame));
	show_age(obj, "blame_s", pool->since, core->now);
	show_flag(obj, "only_forwarded", pool->only_forwarded);
	show_number(obj, "rate", conf->integrity.rate);
	show_number(obj, "confirm", conf->integrity.confirm);
	show_flag(obj, "step_down", conf->integrity.step_down);
	for (i = 0; i < conf->nr_servers; i++)
		json_object_array_add(
			list,
			show_integrity_server(core, conf->first_server + i));
	json_object_object_add(obj, "servers", list);
	return obj;
}

struct json_object *show_integrity(const struct view *core)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < core->conf->nr_virtual_servers; i++)
		if (core->conf->virtual_servers[i].integrity.rate > 0 &&
		    core->integrity_rows)
			json_object_array_add(list,
					      show_integrity_pool(core, i));
	json_object_object_add(obj, "pools", list);
	return obj;
}
