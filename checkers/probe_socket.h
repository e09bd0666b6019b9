/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an errno of a socket to an outcome for the server at the other end.
 * Shared by the probe types; pure.
 */
#ifndef EVENKEEL_CHECKERS_PROBE_SOCKET_H
#define EVENKEEL_CHECKERS_PROBE_SOCKET_H

#include <stdbool.h>
#include <sys/socket.h>

#include "checkers/probe.h"
#include "conf/conf.h"
#include "lib/verdict.h"

/*
 * 0 is PROBE_OK; an errno that does not come from the network or the server is
 * PROBE_LOCAL_FAULT.
 */
enum outcome net_outcome(int error);

/*
 * The same of an errno that was reported about a socket after its connect() or
 * its question. ICMPv6's "administratively prohibited" comes as EACCES; a call
 * of ours that fails with it was refused by this host.
 */
enum outcome net_outcome_reported(int error);
/* Fill RESULT with that, and the words for it. */
void net_fill_reported(struct probe_result *result, int error);

/* Whether the errno tells of a shortage here that passes by itself. */
bool net_is_shortage(int error);

/* A new non-blocking TCP socket of FAMILY. The descriptor, or -errno. */
int net_stream(sa_family_t family);

/*
 * Bind FD to where the file wants the probe to come from: bindto, bind_port,
 * bind_if. Returns 0 or an errno.
 */
int net_bind(int fd, const struct conf_check *conf);

#endif
