/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer process: an ordinary user without capabilities that reads the other
 * balancers' datagrams, since main never reads a byte from the network, and
 * sends main's words. Every two seconds all words are sent again, to each of
 * them, so a lost word is repeated, and a balancer that was away learns them:
 * those of this balancer, and those that it has learnt from others, which is how
 * a word comes to a balancer that its speaker cannot reach. So is main's report
 * on this balancer, of which only the last is of interest; reports are not passed
 * on, since a balancer that is not heard may be dead.
 */
#ifndef EVENKEEL_DAEMON_OPERATOR_PEER_MAIN_H
#define EVENKEEL_DAEMON_OPERATOR_PEER_MAIN_H

/*
 * Runs on SOCK, a SOCK_SEQPACKET socket to main, until main or SIGTERM ends it.
 * Privileges have been given up and the log initialised. Returns the exit status.
 */
int peer_main(int sock);

#endif
