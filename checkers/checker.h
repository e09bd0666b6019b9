/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The checker process: runs every probe, says verdicts to main, nothing else.
 *
 * The configuration comes as text in a memfd and the contents of password files
 * as messages, so the checker needs no file and no privilege. Bytes read from
 * the network stay in the checker: main gets fixed structs and checks them
 * again.
 */
#ifndef EVENKEEL_CHECKERS_CHECKER_H
#define EVENKEEL_CHECKERS_CHECKER_H

/*
 * Runs the checker on SOCK, a SOCK_SEQPACKET socket to main, until main closes
 * its end. To be called early in a process of its own that has dropped its
 * privileges and initialised the log: it forks the spawner of the MySQL helpers
 * first thing, while the process is still small. Changes signal dispositions
 * (only SIGTERM still ends it) and raises RLIMIT_NOFILE to the hard limit.
 * Returns the exit status.
 */
int checker_main(int sock);

#endif
