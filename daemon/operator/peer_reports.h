/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The other balancer's report on itself, as its pages come in: its version, a
 * digest of its pools, its clock, the servers up in each pool and the state of each
 * instance. A page holds for PEER_REPORTS_AGE; the other balancer sends each every
 * two seconds.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_PEER_REPORTS_H
#define EVENKEEL_DAEMON_OPERATOR_PEER_REPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/peer_ipc.h"

#define PEER_REPORTS_AGE (10 * USEC_PER_SEC)

struct peer_reports;

struct peer_reports *peer_reports_new(void);
void peer_reports_free(struct peer_reports *reports); /* NULL is allowed */
void peer_reports_forget(struct peer_reports *reports);

/* PAGE, from the other balancer, at NOW; one that makes no sense is ignored. */
void peer_reports_take(struct peer_reports *reports,
		       const struct ipc_peer_page *page, usec_t now);

/*
 * The last page, for its head; NULL: none ever came. *WHEN: when it came, which
 * may be long ago.
 */
const struct ipc_peer_page *
peer_reports_last(const struct peer_reports *reports, usec_t *when);

/*
 * By how much its clock is ahead of ours, us. A datagram takes its time, which
 * makes it seem less: the largest of the last few counts. 0 if none has come.
 */
int64_t peer_reports_ahead(const struct peer_reports *reports);

/*
 * The peer's words are not taken, since its clock is more than PEER_WINDOW from
 * ours.
 */
void peer_reports_note_clock(struct peer_reports *reports, usec_t now);
/* Whether that was so in the last PEER_REPORTS_AGE. */
bool peer_reports_has_other_clock(const struct peer_reports *reports,
				  usec_t now);

/* Pages of one report that have not come, or too long ago. */
uint32_t peer_reports_missing(const struct peer_reports *reports, usec_t now);

/*
 * All items that hold NOW, sorted for peer_reports_find(); the caller frees them.
 */
struct peer_item *peer_reports_items(const struct peer_reports *reports,
				     usec_t now, size_t *count);
const struct peer_item *peer_reports_find(const struct peer_item *items,
					  size_t count,
					  enum peer_item_kind kind,
					  uint64_t id);

/*
 * When the item of KIND and ID was said, by our clock, if it holds NOW; 0: it does
 * not. The clocks of the two tell how much longer than usual it was on its way.
 */
usec_t peer_reports_said(const struct peer_reports *reports, usec_t now,
			 enum peer_item_kind kind, uint64_t id);

#endif
