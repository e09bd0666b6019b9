/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The web process: an ordinary user without capabilities, with nothing secret in
 * its configuration. It serves metrics (metrics_listen) and the status page
 * (status_listen) over plain HTTP; encryption is the matter of a proxy before it.
 *
 *	listener.h	one listening address: libmicrohttpd, whose connections
 *			are limited in number and in time
 *	pages.h		from a request to an answer
 *	store.h		main's answers of late, and questions to main
 *
 * Everything runs in one thread, by the loop. A request that needs an answer of
 * main is suspended until that comes; meanwhile other requests are served.
 */
#ifndef EVENKEEL_WEB_WEB_H
#define EVENKEEL_WEB_WEB_H

/*
 * Runs on SOCK, a SOCK_SEQPACKET socket to main, until main or SIGTERM ends it.
 * Privileges have been given up and the log initialised. Returns the exit status.
 */
int web_main(int sock);

#endif
