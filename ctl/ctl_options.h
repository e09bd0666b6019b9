/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The options of evenkeel: one table gives the words, the help, the places that
 * values go to, and the completion.
 */
#ifndef EVENKEEL_CTL_CTL_OPTIONS_H
#define EVENKEEL_CTL_CTL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct ctl;

struct ctl_option {
	const char *word;
	char letter; /* 0: none */
	/* Of the value, for the help and completion; NULL: a flag. */
	const char *value;
	size_t member; /* of struct ctl: a bool or a const char * */
	const char *commands; /* "drain ready"; NULL: all */
	const char *help;
};

/* The table's entries, until NULL. */
const struct ctl_option *ctl_option_at(unsigned index);
/* Whether OPTION means something with the command WORD. */
bool ctl_option_suits(const struct ctl_option *option, const char *word);
/*
 * Put the options of ARGV into CTL, also the socket where none is given; what is
 * left begins at optind. Returns 0, or -EINVAL after an explanation on standard error.
 */
int ctl_options_parse(struct ctl *ctl, int argc, char **argv);
/* A line for each. */
void ctl_options_help(FILE *out);

#endif
