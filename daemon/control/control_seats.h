/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The clients that may be connected to the control socket at the same time: so
 * many of one user, and always some seats for root. Pure.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_CONTROL_SEATS_H
#define EVENKEEL_DAEMON_CONTROL_CONTROL_SEATS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define CONTROL_SEATS 24
#define CONTROL_SEATS_ROOT 8 /* of them, that only root can have */
#define CONTROL_SEATS_USER 6 /* of one user other than root */

struct control_seat {
	bool taken;
	bool asked; /* its request is complete: it is owed an answer */
	uid_t uid;
	uint64_t number; /* grows with each newcomer */
};

/*
 * The seat for a newcomer of UID, or -1. A seat that is returned and taken has
 * to be cleared: its client has been there for longest without asking.
 */
int control_seat_for(const struct control_seat seats[CONTROL_SEATS], uid_t uid);

#endif
