/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/control_seats.h"

/* The clients that may lose a seat to a newcomer. */
enum seat_whose {
	SEAT_OF_UID, /* of this user */
	SEAT_OF_OTHERS, /* of anybody but this user */
};

/*
 * The seat of the longest idle client, or -1; a client that has asked is not
 * idle and gets its answer.
 */
static int control_seats_seat_idle(const struct control_seat *seats, uid_t uid,
				   enum seat_whose whose)
{
	int i, oldest = -1;

	for (i = 0; i < CONTROL_SEATS; i++) {
		if (!seats[i].taken || seats[i].asked ||
		    (seats[i].uid == uid) != (whose == SEAT_OF_UID))
			continue;
		if (oldest < 0 || seats[i].number < seats[oldest].number)
			oldest = i;
	}
	return oldest;
}

int control_seat_for(const struct control_seat seats[CONTROL_SEATS], uid_t uid)
{
	int i, unused = -1, own = 0, others = 0;

	for (i = 0; i < CONTROL_SEATS; i++) {
		if (!seats[i].taken) {
			unused = i;
			continue;
		}
		own += seats[i].uid == uid;
		others += seats[i].uid != 0;
	}
	if (uid != 0 && (own >= CONTROL_SEATS_USER ||
			 others >= CONTROL_SEATS - CONTROL_SEATS_ROOT))
		return control_seats_seat_idle(seats, uid, SEAT_OF_UID);
	if (unused >= 0)
		return unused;
	i = control_seats_seat_idle(seats, uid, SEAT_OF_OTHERS);
	return i >= 0 ? i : control_seats_seat_idle(seats, uid, SEAT_OF_UID);
}
