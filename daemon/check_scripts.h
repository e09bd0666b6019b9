/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripts of MISC_CHECK, run on the checker's request and as their user. A
 * request names the check and gets one answer: how the script ended, that it is
 * past its limit, or why it was not run. A check's script runs once at a time,
 * however often the checker asks.
 */
#ifndef EVENKEEL_DAEMON_CHECK_SCRIPTS_H
#define EVENKEEL_DAEMON_CHECK_SCRIPTS_H

#include <stdint.h>

#include "lib/ipc.h"

struct check_scripts;
struct conf;
struct scripts;

/* Takes an answer to the checker. */
typedef void check_scripts_answer(void *arg, const struct ipc_script_end *end);

/* SCRIPTS must outlive the result. */
struct check_scripts *check_scripts_new(struct scripts *scripts,
					check_scripts_answer *answer,
					void *arg);
void check_scripts_free(struct check_scripts *all); /* NULL; ends all runs */

/*
 * Requests name checks of CONF from now on, which must live until the next
 * call. GENERATION is the one that the checker knows these checks by.
 */
void check_scripts_configure(struct check_scripts *all, const struct conf *conf,
			     uint32_t generation);

/* Handle the request RUN for configuration GENERATION. RUN is not trusted. */
void check_scripts_run(struct check_scripts *all, uint32_t generation,
		       const struct ipc_script_run *run);
/* The checker has withdrawn the request: kill the script, send no answer. */
void check_scripts_stop(struct check_scripts *all,
			const struct ipc_script_stop *stop);
/* The checker has ended: kill all scripts, send no answers. */
void check_scripts_stop_all(struct check_scripts *all);

#endif
