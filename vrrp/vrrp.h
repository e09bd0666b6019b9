/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The vrrp process: speaks VRRP (versions 2 and 3, IPv4 and IPv6) for every
 * instance of the configuration, holds and announces the virtual addresses, and
 * tells main the state of each. The process waits for nobody: scripts, files,
 * processes and pools are watched by main, which sends their values; a reload
 * is a diff applied between two adverts, and an instance whose settings are the
 * same goes on undisturbed.
 *
 * From main: IPC_CONF, IPC_VRRP_TRACK, IPC_VRRP_ASK, IPC_LOG_LEVEL. To main:
 * IPC_READY after each configuration, IPC_VRRP_STATE. The end of main's socket,
 * SIGTERM and SIGINT are a stop: priority 0 is sent and the addresses are
 * removed before the process ends. A main that died takes no care of servers,
 * so that the other box should have the addresses.
 */
#ifndef EVENKEEL_VRRP_VRRP_H
#define EVENKEEL_VRRP_VRRP_H

/*
 * Runs the vrrp process on SOCK, a SOCK_SEQPACKET socket to main, until it is
 * stopped. To be called in a process of its own that has initialised the log and
 * holds CAP_NET_ADMIN and CAP_NET_RAW (CAP_SYS_NICE and CAP_IPC_LOCK if the
 * configuration asks for real-time priority and locked memory). Changes signal
 * dispositions. Returns the exit status: 0, or 1 if it cannot work at all.
 */
int vrrp_main(int sock);

#endif
