/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A walk through all virtual servers and their servers, for an answer that has to do
 * with each of them: the feed's sheet (feed.h) and the status (overview.h). In one
 * piece, that of ten thousand servers would hold main for a sixth of a second. So it
 * is made in slices of WALK_SLICE servers, and between two of them main sees to
 * verdicts.
 *
 * The kernel is asked for a virtual server when its turn comes, as a read of the
 * whole table would be one piece again: the figures of one virtual server are of one
 * moment, those of two are not. A reload on the way makes the walk begin anew, so an
 * answer is of one configuration.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_WALK_H
#define EVENKEEL_DAEMON_CONTROL_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/table.h"

struct control_ops;
struct view;

#define WALK_SLICE \
	64 /* servers, and the virtual servers that begin among them */

/* The functions that make an answer of the walk; ARG is that of walk_step(). */
struct walk_visitor {
	unsigned parts; /* of the first view, besides VIEW_REACHED */
	/* The walk begins, perhaps anew: forget all. */
	void (*begin)(void *arg, const struct view *view);
	/* Around the servers of virtual server VS; close may be NULL. */
	void (*open)(void *arg, const struct view *view,
		     const struct table *actual, uint32_t vs);
	void (*server)(void *arg, const struct view *view,
		       const struct table *actual, uint32_t server);
	void (*close)(void *arg);
};

/* All zeroes but for OPS, and OPS_ARG with which they are called. */
struct view_walk {
	const struct control_ops *ops;
	void *ops_arg;
	bool begun;
	uint32_t generation; /* of the configuration that it is of */
	bool reached; /* the kernel, until now */
	struct table table; /* the kernel's of VS, kept over the turns */
	uint32_t vs, server; /* the next ones */
	bool opened; /* VS */
};

/*
 * The next slice. ACTUAL, which the visitor gets, is the kernel's table of the
 * virtual server at hand, or NULL: it cannot be read. Returns true if that was the
 * last; then it is not called again.
 */
bool walk_step(struct view_walk *walk, const struct walk_visitor *visitor,
	       void *arg);
void walk_free(struct view_walk *walk); /* frees the content */

#endif
