/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completion of evenkeel's own command line. The shells' files in completion/
 * only hand the words over and show what comes back, so that the program and its
 * completion can never be of two versions: both read the same tables.
 */
#ifndef EVENKEEL_CTL_COMPLETE_H
#define EVENKEEL_CTL_COMPLETE_H

#include <stdio.h>

struct ctl;
struct json_object;

/* Printed alone if the shell shall complete the name of a file. */
#define COMPLETE_FILES "<files>"

/*
 * WORDS[0] is the program, WORDS[NR - 1] the word that is completed, perhaps
 * empty. Prints each word that it can become, one a line. STATUS asks the daemon
 * that CTL names; NULL: it does not answer.
 */
void complete_print(char **words, int nr,
		    struct json_object *(*status)(const struct ctl *ctl),
		    FILE *out);

/* For "evenkeel --complete WORDS...". Returns the exit status. */
int complete_run(char **words, int nr);

#endif
