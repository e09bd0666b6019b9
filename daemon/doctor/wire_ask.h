/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that asks by ARP and reads the answers' frames. The doctor has the
 * passwords of the configuration in its memory, and the text of the file in
 * descriptors; so its child is this binary anew, as any other child is: it gets
 * sockets, addresses to ask for and a pipe for the answers, and no more.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_WIRE_ASK_H
#define EVENKEEL_DAEMON_DOCTOR_WIRE_ASK_H

#include "daemon/doctor/doctor_host.h"
#include "lib/util.h"

/* Each address is asked for so often, as a frame may be lost. */
#define WIRE_ROUNDS 3
#define WIRE_PAUSE (300 * USEC_PER_MSEC)
#define WIRE_LINKS_MAX 16

/* The descriptors of the process. */
enum wire_fd {
	WIRE_TELL = 3, /* takes a struct doctor_answer for each frame */
	WIRE_JOB, /* holds a struct wire_job, then its struct wire_asked */
	WIRE_SOCKETS, /* of the first link; those of the others follow */
};

struct wire_link {
	uint32_t link; /* index into the host's links */
	uint32_t index; /* the kernel's number */
	uint8_t mac[DOCTOR_MAC];
	uint8_t pad[2];
};

struct wire_job {
	uint32_t nr_links;
	uint32_t nr_asked;
	struct wire_link links[WIRE_LINKS_MAX];
};

/* An address to ask for, and where. */
struct wire_asked {
	struct addr addr;
	uint32_t at; /* index into the job's links */
};

/* The process, without privileges already. Returns its exit status. */
int wire_ask_main(int tell);

#endif
