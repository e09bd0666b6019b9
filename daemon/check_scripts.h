/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripts of MISC_CHECK, run on the checker's request and as their user.
 * The checker says which check, and gets an answer to each request: how the
 * script ended, that it is past its limit, or why it was not run. A check's
 * script runs once at a time, whatever the checker asks for.
 */
#ifndef EVENKEEL_DAEMON_CHECK_SCRIPTS_H
#define EVENKEEL_DAEMON_CHECK_SCRIPTS_H

#include <stdint.h>

#include "lib/ipc.h"

struct check_scripts;
struct config;
struct scripts;

/* Takes an answer to the checker. */
typedef void check_scripts_answer(void *arg, const struct ipc_script_end *end);

/* SCRIPTS must outlive it. */
struct check_scripts *check_scripts_new(struct scripts *scripts,
					check_scripts_answer *answer,
					void *arg);
void check_scripts_free(struct check_scripts *all); /* NULL; ends them all */

/* Requests speak of CONFIG from now on; it must live until the next call. */
void check_scripts_configure(struct check_scripts *all,
			     const struct config *config);

/* A request of the checker's, which has GENERATION. Not to be trusted. */
void check_scripts_run(struct check_scripts *all, uint32_t generation,
		       const struct ipc_script_run *run);
/* Nobody waits for it any more: it is killed, and not answered. */
void check_scripts_stop(struct check_scripts *all,
			const struct ipc_script_stop *stop);
/* The checker is gone, and its requests with it. */
void check_scripts_stop_all(struct check_scripts *all);

#endif
