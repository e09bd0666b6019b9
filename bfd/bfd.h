/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bfd process: one BFD session (RFC 5880) with the neighbour of each
 * bfd_instance, in asynchronous mode, over one hop (RFC 5881) or several (RFC 5883).
 * It runs as the checker's user without any capability, as it reads packets of
 * others, and knows no configuration but the sessions that main names to it. It says
 * to main which neighbours are up; the meaning for a server (BFD_CHECK) or
 * for an address (track_bfd) is main's matter.
 *
 *	bfd_packet.c	packets as bytes; pure
 *	bfd_session.c	the state machine of one session; pure
 *	bfd_sock.c	sockets: ports, hop limits, the sender of a packet
 *	bfd.c		the process: main's messages, timers, which session a packet is for
 *
 * A packet belongs to the session whose neighbour sent it, by its address; two
 * sessions over as many hops never have the same neighbour. The packet must come
 * with as many hops left as the file asks for, by default all 255 (GTSM, RFC 5082), so
 * that nobody beyond the link can forge it, and name our discriminator, which is
 * drawn at random, as soon as the neighbour can know it. All else changes nothing.
 *
 * From main: IPC_BFD_CONF, IPC_LOG_LEVEL. To main: IPC_BFD_STATE. A session that a
 * new configuration has with the same neighbour goes on; other intervals are agreed
 * upon by a poll. At the end, which is that of main's socket, SIGTERM or SIGINT, the
 * neighbours are told that the session is administratively down, as they are for a
 * session that the file no longer has.
 */
#ifndef EVENKEEL_BFD_BFD_H
#define EVENKEEL_BFD_BFD_H

/*
 * Runs the bfd process on SOCK, a SOCK_SEQPACKET socket to main, until it is stopped.
 * To be called in a process of its own that has initialised the log. Changes signal
 * dispositions. Returns the exit status: 0, or 1 if it cannot work at all.
 */
int bfd_main(int sock);

#endif
