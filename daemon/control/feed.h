/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of everything as a sheet (lib/sheet.h), from which the web process
 * and `evenkeel metrics` make metrics. The answer to "status" is JSON with the
 * texts for people, five times as long; ten thousand
 * servers are scraped by two Prometheus every few seconds, so the sheet has
 * numbers only, and is made in slices (walk.h).
 *
 * Rows, each followed by those that belong to it:
 *
 *	daemon, peer, sync, bfd
 *	vrrp > drop
 *	announce
 *	pool > state, probes, server > transition, check > result
 *	scrape
 *	end
 *
 * Moments are us since 1970, durations us, shares millionths. An empty field is
 * not known. The columns are the metrics' table in ctl/metrics_table.c.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_FEED_H
#define EVENKEEL_DAEMON_CONTROL_FEED_H

#include <stdbool.h>
#include <stddef.h>

struct control_ops;
struct feed;

/* OPS, which are called with ARG, must outlive the result. */
struct feed *feed_new(const struct control_ops *ops, void *arg);
void feed_free(struct feed *feed); /* NULL is allowed */

/* Add a slice. Returns true if the sheet is whole; then it is not called again. */
bool feed_step(struct feed *feed);

/* The sheet, when it is whole: the feed's, not ended by NUL. */
const char *feed_text(const struct feed *feed, size_t *length);

#endif
