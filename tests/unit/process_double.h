/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child process of main's that is played by the test. The test is linked with
 * --wrap for the functions of daemon/proc/process.h that its code calls.
 */
#ifndef EVENKEEL_TESTS_PROCESS_DOUBLE_H
#define EVENKEEL_TESTS_PROCESS_DOUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/proc/process.h"
#include "lib/ipc.h"

struct process_double {
	const struct process_role *role; /* of the last process_new() */
	void *arg; /* the same */
	/* Takes what main sends; NULL: nobody reads it. */
	int (*send)(enum ipc_type type, uint32_t generation, const void *body,
		    size_t length, int fd);
	bool (*behind)(void); /* NULL: the child has read everything */
	bool mail; /* its channel is full */
};

extern struct process_double process_double;

/* Main gets a message of the child's. */
void process_double_say(enum ipc_type type, uint32_t generation,
			const void *body, size_t length);

#endif
