/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who gets a place at the control socket. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/control/control_seats.h"

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
