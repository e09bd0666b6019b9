/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The replay: a recording's inputs (record/recording.h) go to the very decision
 * that the daemon runs, and each wanted table is compared with the recorded one.
 * With the recorded configuration the two are equal at every step, or something
 * is wrong with the program or the recording.
 *
 * With another configuration the same inputs go to a second decision beside the
 * first, by the names of servers and by the order of each server's checks of a
 * kind; differences between the two are the answer to "would that night have
 * been another?" (replay_other.h). A second decision is a thought: had it sent
 * clients elsewhere, lag and connections would have been others as well.
 *
 * The engine takes items, opens no file and prints nothing; replay_main.c is
 * the command.
 */
#ifndef EVENKEEL_SIM_REPLAY_H
#define EVENKEEL_SIM_REPLAY_H

#include "record/recording.h"

#define REPLAY_TEXT_MAX 512

struct replay;

/* Callbacks of a replay; any of them may be NULL. Times: since 1970. */
struct replay_watcher {
	/* A recorded line of the history. */
	void (*note)(void *arg, usec_t wall, const char *text);
	/* A decision that is not the recorded one: the first server or so. */
	void (*differs)(void *arg, usec_t wall, uint64_t step,
			const char *text);
	/*
	 * A gap, damage, or another thing to know. BREAKS: the next inputs do not
	 * follow upon the last ones.
	 */
	void (*remark)(void *arg, usec_t wall, bool breaks, const char *text);
	/* After each decision, when the wanted tables are ready. */
	void (*decided)(void *arg, const struct replay *replay, usec_t wall);
	/* After the configuration was replaced, before its first decision. */
	void (*configured)(void *arg, const struct replay *replay, usec_t wall);
	void *arg;
};

struct replay_counts {
	uint64_t inputs;
	uint64_t decisions;
	uint64_t differing; /* decisions that are not the recorded ones */
	uint64_t gaps; /* places where inputs are missing */
	uint64_t unreadable; /* beginnings that could not be played */
	usec_t first, last; /* wall; 0: nothing was played */
};

/* WATCHER must outlive the replay; OTHER (NULL: none) as well. */
struct replay *replay_new(const struct replay_watcher *watcher,
			  const struct conf *other);
void replay_free(struct replay *replay); /* NULL is allowed */
/* Play all of one file's bytes; several files of one recording in a row. */
void replay_file(struct replay *replay, const unsigned char *data,
		 size_t length);

/* The same by a reader that the caller has prepared. */
void replay_reader(struct replay *replay, struct recording_reader *reader);

/* So far. */
const struct replay_counts *replay_counts(const struct replay *replay);
/*
 * For the watcher: the recorded configuration and its last table, and the same
 * of the other one. NULL if there is none yet.
 */
const struct conf *replay_conf(const struct replay *replay);
const struct table *replay_wanted(const struct replay *replay);
const struct table *replay_other_wanted(const struct replay *replay);
const struct conf *replay_other_conf(const struct replay *replay);
/* How many checks of the other configuration no recorded result belongs to. */
uint32_t replay_other_unheard(const struct replay *replay);

#endif
