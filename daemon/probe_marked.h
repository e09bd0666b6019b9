/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sockets whose packets carry a mark (`fwmark` of a check), for the checker, which
 * has no right to set it. The mark is the file's, so a checker can ask for no other.
 */
#ifndef EVENKEEL_DAEMON_PROBE_MARKED_H
#define EVENKEEL_DAEMON_PROBE_MARKED_H

struct conf_check;

/*
 * A socket for CHECK, which has a fwmark: non-blocking, with the mark, bound as the
 * file says, not connected. The caller closes it. Or -errno, which the checker says in
 * the verdict.
 */
int probe_marked_socket(const struct conf_check *check);

#endif
