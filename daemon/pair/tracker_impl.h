/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Declarations shared by the list of trackers and the kinds of trackers. Only
 * tracker*.c include this, and their tests.
 */
#ifndef EVENKEEL_DAEMON_PAIR_TRACKER_IMPL_H
#define EVENKEEL_DAEMON_PAIR_TRACKER_IMPL_H

#include <stddef.h>

#include "daemon/pair/tracker.h"
#include "lib/loop.h"
#include "conf/pair_conf.h"
#include "conf/vrrp_conf.h"

struct tracker;

struct tracker_type {
	/*
	 * Begin to watch. OLD: the state of a tracker of the same name, to
	 * continue, or NULL. Returns the state. The tracker stays where it is
	 * until the state is stopped or given to another start().
	 */
	void *(*start)(struct tracker *tracker, void *old);
	void (*stop)(void *state);
};

struct tracker {
	struct trackers *owner;
	const struct conf *conf;
	const struct vrrp_conf_tracker *who;
	const struct pair_watch *watch;
	const struct tracker_type *type; /* NULL: a pool */
	void *state;
	bool known;
	int32_t value;
	usec_t since;
	char text[128]; /* why */
};

extern const struct tracker_type tracker_script_type;
extern const struct tracker_type tracker_file_type;
extern const struct tracker_type tracker_process_type;

struct loop *tracker_loop(const struct tracker *tracker);
struct scripts *tracker_scripts(const struct tracker *tracker);
/* Set TRACKER's value, for the reason WHY; a change is reported and logged. */
void tracker_report(struct tracker *tracker, int32_t value, const char *why);

/* The counting of rise and fall: pure. */
struct tracker_count {
	bool known;
	bool up;
	uint32_t streak; /* results in a row against the present state */
};

/* Count a result. The very first result decides at once. */
void tracker_count_step(struct tracker_count *count, bool good, uint32_t rise,
			uint32_t fall);

/*
 * Whether a process is one of CONF's: COMM is its short name (without newline),
 * CMDLINE its LENGTH bytes of arguments, each ended by NUL.
 */
bool tracker_process_matches(const struct pair_process *conf, const char *comm,
			     const char *cmdline, size_t length);

/*
 * Quorum and delays: pure. Whether COUNT processes are enough, and since when
 * the opposite has been true; UP changes when it has lasted.
 */
struct tracker_quorum {
	bool known;
	bool up;
	usec_t other; /* since when the count says the opposite; 0: no */
};

void tracker_quorum_step(struct tracker_quorum *quorum,
			 const struct pair_process *conf, uint32_t count,
			 usec_t now);

#endif
