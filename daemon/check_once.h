/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evenkeeld -t --probe: after the file, check the servers. Every check is done
 * once, by a checker process as in the daemon; the result of each is printed,
 * with the pool's headroom for the loss of servers. The kernel's table is
 * neither read nor changed, and a running daemon notices nothing.
 */
#ifndef EVENKEEL_DAEMON_CHECK_ONCE_H
#define EVENKEEL_DAEMON_CHECK_ONCE_H

struct options;

/*
 * Returns the exit status, by keepalived's numbers: 0 all is well, 4 the file
 * is refused or the checker does not work, 5 the file has faults, a server does
 * not pass its checks, or a pool has less headroom than the file asks for.
 */
int probe_main(const struct options *options);

#endif
