/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/fitness.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/operator/peer_reports.h"

#define FITNESS_OWNER 255 /* RFC 9568: the owner of the addresses */

/* The first reason counts. */
static void fitness_refuse(struct fitness *fitness, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void fitness_refuse(struct fitness *fitness, const char *format, ...)
{
	va_list args;

	if (fitness->refused[0])
		return;
	va_start(args, format);
	vsnprintf(fitness->refused, sizeof(fitness->refused), format, args);
	va_end(args);
}

unsigned fitness_rank(const struct fitness_own *own,
		      const struct peer_reports *other, usec_t now)
{
	const struct peer_item *theirs;
	struct peer_item *items;
	unsigned rank, highest = 0;
	size_t count, i;

	items = peer_reports_items(other, now, &count);
	for (i = 0; i < own->nr_items; i++) {
		if (own->items[i].item.kind != PEER_ITEM_INSTANCE ||
		    own->items[i].item.state != PEER_INSTANCE_MASTER)
			continue;
		theirs = peer_reports_find(items, count, PEER_ITEM_INSTANCE,
					   own->items[i].item.id);
		if (!theirs)
			continue;
		rank = 1u + theirs->priority +
		       (theirs->state == PEER_INSTANCE_BACKUP ? 256 : 0);
		highest = rank > highest ? rank : highest;
	}
	free(items);
	return highest;
}

bool fitness_is_double(const struct fitness_item *own, size_t nr,
		       const struct peer_reports *other, usec_t now)
{
	const struct peer_item *theirs;
	struct peer_item *items;
	size_t count, i;
	bool is = false;

	items = peer_reports_items(other, now, &count);
	for (i = 0; i < nr && !is; i++) {
		if (own[i].item.state != PEER_INSTANCE_MASTER)
			continue;
		theirs = peer_reports_find(items, count, PEER_ITEM_INSTANCE,
					   own[i].item.id);
		is = theirs && theirs->state == PEER_INSTANCE_MASTER;
	}
	free(items);
	return is;
}

/* An instance that is master here, against THEIRS (NULL: none). */
static void fitness_judge_instance(const struct fitness_item *own,
				   const struct peer_item *theirs,
				   struct fitness *fitness)
{
	if (own->item.priority == FITNESS_OWNER)
		fitness_refuse(fitness,
			       "vrrp_instance %s has priority 255 here, which "
			       "takes its addresses back at once: give it a "
			       "lower one",
			       own->name);
	else if (!theirs)
		fitness_refuse(fitness,
			       "the other balancer has no vrrp_instance %s",
			       own->name);
	else if (theirs->state == PEER_INSTANCE_MASTER)
		fitness_refuse(fitness,
			       "vrrp_instance %s is master on both balancers: "
			       "they do not hear each other's adverts; "
			       "'evenkeel vrrp' says more",
			       own->name);
	else if (theirs->state == PEER_INSTANCE_FAULT)
		fitness_refuse(fitness,
			       "vrrp_instance %s is in fault on the other "
			       "balancer: 'evenkeel vrrp' says why there",
			       own->name);
	else if (theirs->state != PEER_INSTANCE_BACKUP)
		fitness_refuse(fitness,
			       "vrrp_instance %s does not take part yet on the "
			       "other balancer: try again in a moment",
			       own->name);
}

static void fitness_judge_pool(const struct fitness_item *own,
			       const struct peer_item *theirs,
			       struct fitness *fitness)
{
	if (!theirs)
		fitness_refuse(fitness,
			       "nothing is known of %s on the other balancer",
			       own->name);
	else if (theirs->up < own->item.up)
		fitness_refuse(fitness,
			       "the other balancer sees %u servers of %s up, "
			       "and this one %u: 'evenkeel status' says why "
			       "there",
			       theirs->up, own->name, own->item.up);
}

/* The head of the last page. */
static void fitness_judge_head(const struct fitness_own *own,
			       const struct peer_reports *other, usec_t now,
			       struct fitness *fitness)
{
	const struct ipc_peer_page *page;
	usec_t when = 0;
	bool same;

	page = peer_reports_last(other, &when);
	same = page && strcmp(page->version, own->version) == 0;
	if ((!page || now - when > PEER_REPORTS_AGE) &&
	    peer_reports_has_other_clock(other, now))
		fitness_refuse(fitness,
			       "the clocks of the two balancers are more than "
			       "%lld s apart, so that nothing is taken of what "
			       "the other one says: set them right, best by a "
			       "time service on both",
			       (long long)(PEER_WINDOW / USEC_PER_SEC));
	else if (!page || now - when > PEER_REPORTS_AGE)
		fitness_refuse(fitness,
			       "the other balancer does not report: is it "
			       "down, or cut off, or an evenkeel that is too "
			       "old for it? 'evenkeel status' says when it was "
			       "heard");
	else if (page->digest != own->digest && same)
		fitness_refuse(fitness,
			       "the virtual servers of the two files differ: "
			       "compare what 'evenkeel config print FILE' says "
			       "on both, and reload");
	else if (!(page->flags & PEER_REPORT_TABLE))
		fitness_refuse(fitness,
			       "the other balancer's table in the kernel is "
			       "not complete: 'evenkeel plan' says what it "
			       "lacks there");
	else if (!(page->flags & PEER_REPORT_VERDICTS))
		fitness_refuse(fitness,
			       "not every check of the other balancer has "
			       "ended yet: try again in a moment");
	else if (peer_reports_missing(other, now) > 0)
		fitness_refuse(fitness,
			       "the other balancer's report is not complete "
			       "yet: try again in a moment");
	else if (!same)
		snprintf(fitness->note, sizeof(fitness->note),
			 "the other balancer runs evenkeel %s, this one %s%s",
			 page->version, own->version,
			 page->digest == own->digest ?
				 "" :
				 ": whether the two files differ cannot be "
				 "said");
}

void fitness_judge(const struct fitness_own *own,
		   const struct peer_reports *other, usec_t now,
		   uint8_t *priorities, struct fitness *fitness)
{
	const struct peer_item *theirs;
	struct peer_item *items;
	size_t count, i;

	memset(fitness, 0, sizeof(*fitness));
	memset(priorities, 0, own->nr_items);
	for (i = 0; i < own->nr_items; i++)
		fitness->moves +=
			own->items[i].item.kind == PEER_ITEM_INSTANCE &&
			own->items[i].item.state == PEER_INSTANCE_MASTER;
	if (fitness->moves == 0)
		fitness_refuse(fitness,
			       "this balancer is master of nothing: ask for it "
			       "on the other one");
	fitness_judge_head(own, other, now, fitness);
	items = peer_reports_items(other, now, &count);
	for (i = 0; i < own->nr_items; i++) {
		const struct fitness_item *item = &own->items[i];
		enum peer_item_kind kind = (enum peer_item_kind)item->item.kind;

		/* On all of them at once; and payload makes none fit. */
		if (kind == PEER_ITEM_ANNOUNCE || kind == PEER_ITEM_INTEGRITY)
			continue;
		if (kind == PEER_ITEM_INSTANCE &&
		    item->item.state != PEER_INSTANCE_MASTER)
			continue;
		theirs = peer_reports_find(items, count, kind, item->item.id);
		if (kind == PEER_ITEM_POOL) {
			fitness_judge_pool(item, theirs, fitness);
		} else {
			fitness_judge_instance(item, theirs, fitness);
			priorities[i] = theirs && theirs->priority > 0 ?
						theirs->priority :
						1;
		}
	}
	free(items);
}
