/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/walk.h"

#include "conf/conf.h"
#include "daemon/control/view.h"

static void walk_begin(struct view_walk *walk,
		       const struct walk_visitor *visitor, void *arg,
		       const struct view *view)
{
	walk->begun = true;
	walk->generation = view->generation;
	walk->reached = view->reached;
	walk->vs = walk->server = 0;
	walk->opened = false;
	visitor->begin(arg, view);
}

/* The kernel's servers of the virtual server at hand, before the first of them. */
static void walk_read(struct view_walk *walk)
{
	const struct table *actual =
		walk->reached ? walk->ops->read(walk->ops_arg, walk->vs) : NULL;

	walk->reached = actual != NULL;
	if (actual)
		table_copy(&walk->table, actual);
}

static void walk_open(struct view_walk *walk,
		      const struct walk_visitor *visitor, void *arg,
		      const struct view *view)
{
	walk_read(walk);
	visitor->open(arg, view, walk->reached ? &walk->table : NULL, walk->vs);
	walk->opened = true;
}

static void walk_close(struct view_walk *walk,
		       const struct walk_visitor *visitor, void *arg)
{
	if (visitor->close)
		visitor->close(arg);
	walk->opened = false;
	walk->server = 0;
	walk->vs++;
}

/* WALK_SLICE servers, a virtual server that begins among them counted as one. */
static void walk_servers(struct view_walk *walk,
			 const struct walk_visitor *visitor, void *arg,
			 const struct view *view)
{
	const struct conf *conf = view->conf;
	const struct conf_virtual_server *vs;
	unsigned slice = 0;

	while (slice < WALK_SLICE && walk->vs < conf->nr_virtual_servers) {
		vs = &conf->virtual_servers[walk->vs];
		if (!walk->opened) {
			walk_open(walk, visitor, arg, view);
			slice++;
		}
		for (; walk->server < vs->nr_servers && slice < WALK_SLICE;
		     slice++)
			visitor->server(arg, view,
					walk->reached ? &walk->table : NULL,
					vs->first_server + walk->server++);
		if (walk->server < vs->nr_servers)
			return;
		walk_close(walk, visitor, arg);
	}
}

bool walk_step(struct view_walk *walk, const struct walk_visitor *visitor,
	       void *arg)
{
	struct view view;

	walk->ops->view(walk->ops_arg,
			walk->begun ? 0 : VIEW_REACHED | visitor->parts, &view);
	if (walk->begun && view.generation != walk->generation) {
		walk->begun = false;
		return false;
	}
	if (!walk->begun)
		walk_begin(walk, visitor, arg, &view);
	walk_servers(walk, visitor, arg, &view);
	return walk->vs == view.conf->nr_virtual_servers;
}

void walk_free(struct view_walk *walk)
{
	table_free(&walk->table);
}
