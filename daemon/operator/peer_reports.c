/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/peer_reports.h"

#include <stdlib.h>
#include <string.h>

/* Enough for one page every two seconds to outlast a stall of a few seconds. */
#define PEER_REPORTS_CLOCKS 8

struct peer_reports_page {
	struct ipc_peer_page page;
	usec_t when;
};

struct peer_reports {
	struct peer_reports_page *pages[PEER_PAGES_MAX]; /* NULL: never came */
	const struct peer_reports_page *last;
	int64_t ahead[PEER_REPORTS_CLOCKS]; /* of the first page */
	uint32_t nr_ahead; /* so many came */
	usec_t other_clock; /* peer_reports_note_clock(); 0: never */
};

struct peer_reports *peer_reports_new(void)
{
	return xcalloc(1, sizeof(struct peer_reports));
}

void peer_reports_forget(struct peer_reports *reports)
{
	uint32_t i;

	for (i = 0; i < PEER_PAGES_MAX; i++)
		free(reports->pages[i]);
	memset(reports, 0, sizeof(*reports));
}

void peer_reports_free(struct peer_reports *reports)
{
	if (!reports)
		return;
	peer_reports_forget(reports);
	free(reports);
}

void peer_reports_take(struct peer_reports *reports,
		       const struct ipc_peer_page *page, usec_t now)
{
	struct peer_reports_page **own;

	if (page->pages > PEER_PAGES_MAX || page->page >= page->pages ||
	    page->count > PEER_ITEMS_MAX ||
	    !memchr(page->version, 0, sizeof(page->version)))
		return;
	own = &reports->pages[page->page];
	if (!*own)
		*own = xcalloc(1, sizeof(**own));
	(*own)->page = *page;
	(*own)->when = now;
	reports->last = *own;
	if (page->page == 0)
		reports->ahead[reports->nr_ahead++ % PEER_REPORTS_CLOCKS] =
			page->ahead;
}

const struct ipc_peer_page *
peer_reports_last(const struct peer_reports *reports, usec_t *when)
{
	if (!reports->last)
		return NULL;
	*when = reports->last->when;
	return &reports->last->page;
}

int64_t peer_reports_ahead(const struct peer_reports *reports)
{
	int64_t most = INT64_MIN;
	uint32_t i;

	for (i = 0; i < reports->nr_ahead && i < PEER_REPORTS_CLOCKS; i++)
		if (reports->ahead[i] > most)
			most = reports->ahead[i];
	return reports->nr_ahead > 0 ? most : 0;
}

void peer_reports_note_clock(struct peer_reports *reports, usec_t now)
{
	reports->other_clock = now;
}

bool peer_reports_has_other_clock(const struct peer_reports *reports,
				  usec_t now)
{
	return reports->other_clock > 0 &&
	       now - reports->other_clock <= PEER_REPORTS_AGE;
}

/* Whether page I is of the same report as the last one, and holds NOW. */
static bool peer_reports_holds(const struct peer_reports *reports, uint32_t i,
			       usec_t now)
{
	const struct peer_reports_page *page = reports->pages[i];

	return page && reports->last && i < reports->last->page.pages &&
	       page->page.digest == reports->last->page.digest &&
	       now - page->when <= PEER_REPORTS_AGE;
}

uint32_t peer_reports_missing(const struct peer_reports *reports, usec_t now)
{
	uint32_t pages = reports->last ? reports->last->page.pages : 1;
	uint32_t i, missing = 0;

	for (i = 0; i < pages; i++)
		missing += !peer_reports_holds(reports, i, now);
	return missing;
}

static int peer_reports_compare(const void *a, const void *b)
{
	const struct peer_item *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return 0;
}

struct peer_item *peer_reports_items(const struct peer_reports *reports,
				     usec_t now, size_t *count)
{
	struct peer_item *items;
	size_t room = 1;
	uint32_t i;

	for (i = 0; i < PEER_PAGES_MAX; i++)
		if (peer_reports_holds(reports, i, now))
			room += reports->pages[i]->page.count;
	items = xcalloc(room, sizeof(*items));
	*count = 0;
	for (i = 0; i < PEER_PAGES_MAX; i++) {
		const struct ipc_peer_page *page;

		if (!peer_reports_holds(reports, i, now))
			continue;
		page = &reports->pages[i]->page;
		memcpy(items + *count, page->items,
		       page->count * sizeof(*items));
		*count += page->count;
	}
	qsort(items, *count, sizeof(*items), peer_reports_compare);
	return items;
}

const struct peer_item *peer_reports_find(const struct peer_item *items,
					  size_t count,
					  enum peer_item_kind kind, uint64_t id)
{
	const struct peer_item key = { .kind = (uint8_t)kind, .id = id };

	return bsearch(&key, items, count, sizeof(*items),
		       peer_reports_compare);
}

usec_t peer_reports_said(const struct peer_reports *reports, usec_t now,
			 enum peer_item_kind kind, uint64_t id)
{
	const struct peer_reports_page *page;
	int64_t late;
	uint32_t i, k;

	for (i = 0; i < PEER_PAGES_MAX; i++) {
		if (!peer_reports_holds(reports, i, now))
			continue;
		page = reports->pages[i];
		for (k = 0; k < page->page.count; k++)
			if (page->page.items[k].kind == kind &&
			    page->page.items[k].id == id)
				break;
		if (k == page->page.count)
			continue;
		late = peer_reports_ahead(reports) - page->page.ahead;
		return page->when - (late > 0 ? late : 0);
	}
	return 0;
}
