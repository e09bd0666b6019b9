/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recorder's process: it appends main's bytes to the recording, and waits
 * for a slow disk in main's place. It parses nothing. See
 * daemon/recorder.h.
 */
#ifndef EVENKEEL_DAEMON_RECORDER_MAIN_H
#define EVENKEEL_DAEMON_RECORDER_MAIN_H

/*
 * Run on SOCK, the channel to main, until main or SIGTERM ends it. The log is
 * initialised. Returns the exit status.
 */
int recorder_main(int sock);

#endif
