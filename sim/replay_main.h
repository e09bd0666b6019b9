/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `evenkeeld --replay`: play a recording again (sim/replay.h) and show it. A
 * replay needs no privileges but to read the files, and no kernel.
 */
#ifndef EVENKEEL_SIM_REPLAY_MAIN_H
#define EVENKEEL_SIM_REPLAY_MAIN_H

#include "lib/util.h"

/* ARGV[0] is the word before the options. Returns the exit status. */
int replay_main(int argc, char **argv);

/*
 * replay_time.c: TEXT as a time since 1970: "2026-11-27 02:14", with or without
 * seconds, with a blank or a T; "02:14": the last such time that is not after
 * LAST; "@1700000000". Returns false for anything else.
 */
bool replay_time(const char *text, usec_t last, usec_t *time);

#endif
