/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * accept_local, an interface's setting (IPv4): whether the kernel takes a packet
 * that comes in from an address of this host. probe_path client needs it; see
 * daemon/probe_paths.h.
 *
 * Set where it is wanted and 0, and put back to 0 when it is not wanted any more.
 * An interface that had it before us keeps it. The names of those that we have
 * set are kept in a file of the run directory, one a line, so that a daemon that
 * was started anew, after a crash too, knows them for its own; a boot clears the
 * file as it clears the settings.
 */
#ifndef EVENKEEL_DAEMON_ACCEPT_LOCAL_H
#define EVENKEEL_DAEMON_ACCEPT_LOCAL_H

struct accept_local;

/* FILE: with the names; lines that are no names are left out. */
struct accept_local *accept_local_new(const char *file);
/* Leaves the settings as they are. NULL is allowed. */
void accept_local_free(struct accept_local *accept);

/* The interfaces that want it: a new list begins, and LINK is one of it. */
void accept_local_begin(struct accept_local *accept);
void accept_local_want(struct accept_local *accept, const char *link);
/* The list is complete: see to the settings, and log what is changed. */
void accept_local_settle(struct accept_local *accept);

#endif
