/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The commands of evenkeel: one table gives the words, the help and the
 * functions. Most commands ask once and print; a few ask again and again.
 */
#ifndef EVENKEEL_CTL_CTL_COMMAND_H
#define EVENKEEL_CTL_CTL_COMMAND_H

#include <stdbool.h>

#include "ctl/drill.h"
#include "ctl/output.h"

struct json_object;

#define CTL_RUN_DIR "/run/evenkeel"

struct ctl {
	const char *run_dir; /* the daemon's */
	const char *socket; /* the daemon's */
	char path[256]; /* of the socket, if it is the one in RUN_DIR */
	bool version, help;
	bool json;
	bool wait; /* --wait: until a drain is through */
	bool director; /* --director: of this balancer, not of a server */
	bool follow; /* -f: go on with new events */
	const char *at; /* --at: events of then; NULL: of now */
	bool openmetrics; /* --openmetrics: instead of Prometheus' format 0.0.4 */
	const char *scope; /* --scope of metrics; NULL: all */
	const char *virtual_server; /* --virtual; NULL: all */
	const char *how_long; /* --for of drill and pause; NULL: the usual */
	struct drill_words drill;
	bool once; /* of top: a single frame */
	const char *view, *interval; /* of top; NULL: the usual */
	char **args; /* after the command's word */
	int nr_args;
	struct output output;
};

struct command {
	const char *word;
	const char *args; /* for the help: "SERVER" */
	const char *help;
	int min_args, max_args;
	int (*run)(struct ctl *ctl, const struct command *command);
	/* For commands that ask once: shows the answer, returns the exit status. */
	int (*print)(const struct output *output, struct json_object *answer);
};

/* NULL: there is no such command. */
const struct command *command_find(const char *word);
/* For the help: the table's entries, until NULL. */
const struct command *command_at(unsigned index);

/*
 * Simulator and replay drive the daemon's own decision, which this room must
 * not link: so the daemon's program is run, the one beside us or the installed
 * one. Whether WORD is such a command:
 */
bool command_is_played(const char *word);
/*
 * WORDS are such a command and its arguments, until NULL. Returns (1, after an
 * explanation) only if there is no such program.
 */
int command_play(char **words);

/*
 * Print an answer as JSON, or by PRINT, or its error. Returns the exit status:
 * 1 if there is no answer or it is an error.
 */
int command_show(struct ctl *ctl, struct json_object *answer,
		 int (*print)(const struct output *output,
			      struct json_object *answer));

#endif
