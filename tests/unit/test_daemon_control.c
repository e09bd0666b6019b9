/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clients of the control socket: their seats and rights. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "daemon/control/answer.h"
#include "daemon/control/control_rights.h"
#include "daemon/control/control_seats.h"
#include "daemon/control/view.h"
#include "lib/history.h"

struct room {
	struct control_seat seats[CONTROL_SEATS];
	uint64_t number;
};

/* Returns the seat, or -1. */
static int come(struct room *room, uid_t uid)
{
	int seat = control_seat_for(room->seats, uid);

	if (seat >= 0)
		room->seats[seat] = (struct control_seat){
			.taken = true, .uid = uid, .number = room->number++
		};
	return seat;
}

static int held_by(const struct room *room, uid_t uid)
{
	int i, count = 0;

	for (i = 0; i < CONTROL_SEATS; i++)
		count += room->seats[i].taken && room->seats[i].uid == uid;
	return count;
}

/* Users who renew their idle connections without end. */
Test(control, nobody_keeps_root_out)
{
	struct room room = { 0 };
	uid_t uid;
	int i;

	for (i = 0; i < 1000; i++) {
		for (uid = 1000; uid < 1010; uid++) {
			come(&room, uid);
			cr_assert_leq(held_by(&room, uid), CONTROL_SEATS_USER);
		}
		cr_assert_geq(come(&room, 0), 0);
	}
	cr_assert_geq(held_by(&room, 0), CONTROL_SEATS_ROOT);
}

Test(control, the_oldest_idle_one_of_the_same_user_goes)
{
	struct room room = { 0 };
	int first = come(&room, 1000), second = come(&room, 1000), i;

	cr_assert_neq(first, second);
	cr_assert_geq(come(&room, 1001), 0);
	for (i = 2; i < CONTROL_SEATS_USER; i++)
		cr_assert_geq(come(&room, 1000), 0);
	cr_assert_eq(come(&room, 1000), first);
	room.seats[second].asked = true;
	cr_assert_neq(come(&room, 1000), second, "it is owed an answer");
	cr_assert_eq(held_by(&room, 1001), 1);
	for (i = 0; i < CONTROL_SEATS; i++)
		room.seats[i].asked = true;
	cr_assert_eq(come(&room, 1000), -1);
	cr_assert_geq(come(&room, 1001), 0);
}

/* Any history: an answer that is owed is never dropped, and root has a seat. */
Test(control, random_guests)
{
	struct room room = { 0 };
	unsigned seed;
	int seat, i;
	uid_t uid;

	for (seed = 0; seed < 200; seed++) {
		srand(seed);
		memset(&room, 0, sizeof(room));
		for (i = 0; i < 500; i++) {
			seat = rand() % CONTROL_SEATS;
			room.seats[seat].taken &= rand() % 3 > 0;
			/* What root asks it also reads. */
			room.seats[seat].asked = room.seats[seat].uid != 0 &&
						 rand() % 2;
			uid = (uid_t)(rand() % 5);
			seat = control_seat_for(room.seats, uid);
			if (uid == 0)
				cr_assert_geq(seat, 0, "seed %u", seed);
			if (seat < 0)
				continue;
			cr_assert(!room.seats[seat].taken ||
					  !room.seats[seat].asked,
				  "seed %u", seed);
			room.seats[seat] = (struct control_seat){
				.taken = true, .uid = uid, .number = (uint64_t)i
			};
		}
	}
}

/* A user or a group that the file does not name. */
#define NONE ((uid_t)-1)

static struct control_rights rights_of(uid_t user, gid_t group, uid_t reader,
				       gid_t readers)
{
	return (struct control_rights){ .user = user,
					.group = group,
					.reader = reader,
					.readers = readers };
}

struct rights_row {
	const struct control_rights *rights;
	uid_t uid;
	gid_t group;
	enum control_right right;
};

Test(control, rights)
{
	const struct control_rights none = rights_of(NONE, NONE, NONE, NONE);
	const struct control_rights both = rights_of(10, 20, 11, 21);
	const struct rights_row rows[] = {
		{ &none, 0, 0, CONTROL_CHANGE },
		{ &none, 10, 20, CONTROL_NOTHING },
		/* An unset user or group is nobody's, for any client. */
		{ &none, CONTROL_NO_UID, CONTROL_NO_GID, CONTROL_NOTHING },
		{ &both, CONTROL_NO_UID, CONTROL_NO_GID, CONTROL_NOTHING },
		{ &both, 0, 99, CONTROL_CHANGE },
		{ &both, 10, 99, CONTROL_CHANGE },
		{ &both, 99, 20, CONTROL_CHANGE },
		{ &both, 11, 99, CONTROL_ASK },
		{ &both, 99, 21, CONTROL_ASK },
		{ &both, 12, 99, CONTROL_NOTHING },
		/* The reader is in the group with the right to change. */
		{ &both, 11, 20, CONTROL_CHANGE },
		{ &both, 20, 10, CONTROL_NOTHING },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect_eq(control_rights_of(rows[i].rights, rows[i].uid,
					       &rows[i].group, 1),
			     rows[i].right, "row %zu", i);
}

static void access_is(struct control_rights rights, uid_t uid, gid_t gid,
		      mode_t mode)
{
	struct control_access access;

	control_rights_access(&rights, &access);
	cr_expect_eq(access.uid, uid, "%d", (int)access.uid);
	cr_expect_eq(access.gid, gid, "%d", (int)access.gid);
	cr_expect_eq(access.mode, mode, "%o", access.mode);
}

/* The narrowest mode that lets in everybody with a right. */
Test(control, mode_of_the_socket)
{
	access_is(rights_of(NONE, NONE, NONE, NONE), CONTROL_NO_UID,
		  CONTROL_NO_GID, 0600);
	access_is(rights_of(10, NONE, NONE, NONE), 10, CONTROL_NO_GID, 0600);
	access_is(rights_of(10, 20, NONE, NONE), 10, 20, 0660);
	access_is(rights_of(NONE, NONE, 11, NONE), 11, CONTROL_NO_GID, 0600);
	access_is(rights_of(NONE, NONE, NONE, 21), CONTROL_NO_UID, 21, 0660);
	access_is(rights_of(10, NONE, 10, NONE), 10, CONTROL_NO_GID, 0600);
	/* Root is let in anyway. */
	access_is(rights_of(0, NONE, 11, NONE), 11, CONTROL_NO_GID, 0600);
	access_is(rights_of(10, NONE, 0, NONE), 10, CONTROL_NO_GID, 0600);
	access_is(rights_of(10, NONE, 11, NONE), 10, CONTROL_NO_GID, 0666);
	access_is(rights_of(NONE, 20, NONE, 21), CONTROL_NO_UID, 20, 0666);
	access_is(rights_of(NONE, 20, NONE, 20), CONTROL_NO_UID, 20, 0660);
}

/* The daemon behind the socket: counts its changes. */
static unsigned changes;

static void count_view(void *arg, unsigned parts, struct view *view)
{
	static struct conf conf;

	*view = (struct view){ .conf = &conf, .history = arg };
}

static int count_reload(void *arg)
{
	changes++;
	return 0;
}

static unsigned count_operate(void *arg, const struct operator_request *request,
			      int *kept)
{
	changes++;
	*kept = 0;
	return 1;
}

static unsigned count_failback(void *arg,
			       const struct operator_request *request,
			       unsigned *meant, int *kept)
{
	changes++;
	*kept = 0;
	return 1;
}

/* The word of the disk: on the words, and on the file. */
static int disk_says;

static int slow_reload(void *arg)
{
	return disk_says;
}

static unsigned slow_operate(void *arg, const struct operator_request *request,
			     int *kept)
{
	*kept = disk_says;
	return 1;
}

static const struct control_ops slow = {
	.view = count_view,
	.reload = slow_reload,
	.reloaded = slow_reload,
	.kept = slow_reload,
	.operate = slow_operate,
};

/* The text of KEY in the answer to REQUEST, whose disk says SAYS later. */
static const char *wait_for(const char *request, const char *key, int says)
{
	static char said[256];
	struct json_object *answer;
	const char *text;
	char line[64];

	snprintf(line, sizeof(line), "%s", request);
	disk_says = -EINPROGRESS;
	answer = answer_request(&slow, NULL, line, true);
	cr_assert(!answer_settle(&slow, NULL, answer));
	cr_assert(!answer_settle(&slow, NULL, answer));
	disk_says = says;
	cr_assert(answer_settle(&slow, NULL, answer));
	text = json_object_get_string(json_object_object_get(answer, key));
	snprintf(said, sizeof(said), "%s", text ? text : "-");
	json_object_put(answer);
	return said;
}

Test(control, an_answer_waits_for_the_disk)
{
	cr_expect_str_eq(wait_for("drain 10.0.0.1", "not_kept", 0), "-");
	cr_expect_str_eq(wait_for("drain 10.0.0.1", "not_kept", -ENOSPC),
			 "No space left on device");
	cr_expect_str_eq(wait_for("drain 10.0.0.1", "not_kept", -ETIMEDOUT),
			 "the disk does not answer");
	cr_expect_str_eq(wait_for("reload", "reloaded", 0), "true");
	cr_expect_str_eq(wait_for("reload", "error", 0), "-");
	cr_expect_str_eq(wait_for("reload", "reloaded", -EINVAL), "false");
	cr_expect(strstr(wait_for("reload", "error", -EINVAL), "is refused"));
	cr_expect(strstr(wait_for("reload", "error", -ETIMEDOUT),
			 "disk does not answer"));
}

static const char *ask(const char *request, bool may_change)
{
	static const struct control_ops ops = {
		.view = count_view,
		.reload = count_reload,
		.operate = count_operate,
		.failback = count_failback,
	};
	static char error[256];
	char line[128];
	struct json_object *answer;
	const char *text;

	snprintf(line, sizeof(line), "%s", request);
	answer = answer_request(&ops, NULL, line, may_change);
	text = json_object_get_string(json_object_object_get(answer, "error"));
	snprintf(error, sizeof(error), "%s", text ? text : "");
	json_object_put(answer);
	return error;
}

Test(control, whoever_may_only_ask_changes_nothing)
{
	static const char *const requests[] = {
		"drain 10.0.0.1",    "ready 10.0.0.1",	  "disable 10.0.0.1",
		"weight 1 10.0.0.1", "failback 10.0.0.1", "reload",
	};
	size_t i;

	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		changes = 0;
		cr_expect(strstr(ask(requests[i], false), "control_socket"),
			  "%s: the way out is not said", requests[i]);
		cr_expect_eq(changes, 0, "%s", requests[i]);
		cr_expect_str_empty(ask(requests[i], true), "%s", requests[i]);
		cr_expect_eq(changes, 1, "%s", requests[i]);
	}
	cr_expect_str_empty(ask("headroom", false));
}

/* The numbers of the first and the last event of the answer to REQUEST. */
static void ask_events(struct history *history, const char *request,
		       int64_t *first, int64_t *last)
{
	static const struct control_ops ops = { .view = count_view };
	struct json_object *answer, *list;
	char line[64];
	size_t count;

	snprintf(line, sizeof(line), "%s", request);
	answer = answer_request(&ops, history, line, false);
	list = json_object_object_get(answer, "events");
	count = json_object_array_length(list);
	*first = *last = 0;
	if (count > 0) {
		*first = json_object_get_int64(json_object_object_get(
			json_object_array_get_idx(list, 0), "number"));
		*last = json_object_get_int64(json_object_object_get(
			json_object_array_get_idx(list, count - 1), "number"));
	}
	json_object_put(answer);
}

/* One answer has 200 events, the history has a thousand. */
Test(control, the_last_events_are_the_newest)
{
	struct history *history = history_new();
	int64_t first, last;
	int i;

	ask_events(history, "events last", &first, &last);
	cr_expect_eq(last, 0);
	for (i = 0; i < 5; i++)
		history_add(history, "event");
	ask_events(history, "events last", &first, &last);
	cr_expect(first == 1 && last == 5, "%lld to %lld", (long long)first,
		  (long long)last);
	for (i = 5; i < 2300; i++)
		history_add(history, "event");
	ask_events(history, "events last", &first, &last);
	cr_expect(first == 2101 && last == 2300, "%lld to %lld",
		  (long long)first, (long long)last);
	ask_events(history, "events 1400", &first, &last);
	cr_expect(first == 1401 && last == 1600, "%lld to %lld",
		  (long long)first, (long long)last);
	history_free(history);
}
