/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The scripts around the daemon's life, startup_script and shutdown_script, and
 * the name and the umask of main.
 */
#ifndef EVENKEEL_DAEMON_LIFE_H
#define EVENKEEL_DAEMON_LIFE_H

#include <stdbool.h>
#include <sys/types.h>

struct conf_global;
struct conf_life_script;
struct loop;

/*
 * Run LIFE's script, called WHAT in the log, and LOOP until it has ended or its
 * time is over; signals are served meanwhile. Returns false if somebody else
 * stopped the loop: then the script is killed. A script that fails is logged,
 * and counts as one that has ended.
 */
bool life_run(struct loop *loop, const char *what,
	      const struct conf_life_script *life,
	      const struct conf_global *global);

/*
 * Go to the network namespace of GLOBAL, if there is one and this is another, and
 * remember that of IPVS. Returns 0 or -errno, after telling of it on standard error.
 */
int life_enter_namespace(const struct conf_global *global);

/* Main's own; zero at the start. */
struct life_self {
	bool changed; /* the umask is the file's, and USUAL was before */
	mode_t usual;
};

/* Main gets the name and the umask of GLOBAL, which counts from now on. */
void life_become(struct life_self *self, const struct conf_global *global);

#endif
