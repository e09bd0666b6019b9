/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The effects of a decision beside the wanted table: events, notices, the time
 * of the next decision. Every part of the decision adds to them, and this file
 * calls none.
 */
#include "balance/balance_internal.h"

void balance_add_event(struct balance *balance, enum balance_event_kind kind,
		       uint32_t vs, uint32_t server, uint8_t before,
		       uint8_t after)
{
	struct balance_event *event;

	balance->events = array_grow(balance->events, balance->nr_events,
				     &balance->room_events, sizeof(*event));
	event = &balance->events[balance->nr_events++];
	event->kind = kind;
	event->vs = vs;
	event->server = server;
	event->before = before;
	event->after = after;
}

bool balance_next_event(struct balance *balance, struct balance_event *event)
{
	if (balance->event_first == balance->nr_events) {
		balance->event_first = 0;
		balance->nr_events = 0;
		return false;
	}
	*event = balance->events[balance->event_first++];
	return true;
}

void balance_add_notice(struct balance *balance, enum balance_notice_kind kind,
			uint32_t vs, uint32_t server)
{
	struct balance_notice *notice;

	balance->notices = array_grow(balance->notices, balance->nr_notices,
				      &balance->room_notices, sizeof(*notice));
	notice = &balance->notices[balance->nr_notices++];
	notice->kind = kind;
	notice->vs = vs;
	notice->server = server;
}

bool balance_next_notice(struct balance *balance, struct balance_notice *notice)
{
	if (balance->notice_first == balance->nr_notices) {
		balance->notice_first = 0;
		balance->nr_notices = 0;
		return false;
	}
	*notice = balance->notices[balance->notice_first++];
	return true;
}

void balance_wake_at(struct balance *balance, usec_t when)
{
	if (balance->wake == 0 || when < balance->wake)
		balance->wake = when;
}

usec_t balance_next_wake(const struct balance *balance)
{
	return balance->wake;
}
