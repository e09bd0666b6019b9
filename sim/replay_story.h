/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The story of a replay: each server's weight over the time, and with
 * another configuration where it would have been another one.
 */
#ifndef EVENKEEL_SIM_REPLAY_STORY_H
#define EVENKEEL_SIM_REPLAY_STORY_H

#include <stdio.h>

#include "sim/replay.h"

#define STORY_COLUMNS 60

enum story_kind {
	STORY_SAME,
	STORY_KEPT, /* serves by the other configuration alone */
	STORY_TAKEN, /* serves by the recorded one alone */
	STORY_WEIGHT, /* serves by both, with another weight */
	STORY_KINDS,
};

/* A time in which one server was treated otherwise. */
struct story_change {
	uint32_t server; /* in story.servers */
	enum story_kind kind;
	usec_t from, to; /* wall */
	int64_t recorded, other; /* weights when it began; -1: not in */
};

/* Weights by one of the two decisions. */
struct story_line {
	int64_t weight; /* now; -1: not in the table */
	int64_t lowest[STORY_COLUMNS]; /* in the column; -2: nothing known */
};

struct story_server {
	char *name;
	struct story_line recorded, other;
	enum story_kind kind;
	struct story_change open; /* while KIND is not STORY_SAME */
};

struct story {
	usec_t from, to; /* the window */
	usec_t now; /* the time up to which all is told */
	bool compares; /* there is another configuration */
	struct story_server *servers;
	size_t nr_servers, room_servers;
	uint32_t *of_recorded, *of_other; /* from a configuration's servers */
	struct story_change *changes;
	size_t nr_changes, room_changes;
	char *subject; /* the line that is new in the other configuration */
};

void story_init(struct story *story, usec_t from, usec_t to, bool compares);
void story_free(struct story *story);
/* As callbacks of struct replay_watcher. */
void story_configured(struct story *story, const struct replay *replay,
		      const char *other_name);
void story_decided(struct story *story, const struct replay *replay,
		   usec_t wall);
/* The recording is at its end, or cannot be played for a while. */
void story_pause(struct story *story, usec_t wall);

/* The word for KIND in JSON. */
const char *story_kind_name(enum story_kind kind);
/* The sentence; the caller frees it. */
char *story_sentence(const struct story *story);
/* The plot for a terminal. */
void story_plot(const struct story *story, FILE *out);
/* WALL as local time: the clock, or with the date. */
const char *story_clock(usec_t wall, bool date, char out[40]);

#endif
