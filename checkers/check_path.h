/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `probe_path client`, in the checker: the probe goes to the service address, and
 * comes out at one server by the mark of its socket. Main makes the sockets (see
 * daemon/probe_paths.h); a check asks for them, and keeps a few.
 *
 * A probe that fails on this way is followed by one of the server's own address,
 * which tells whether the server or the way is at fault. So the good case costs
 * one probe. A server that hangs is not asked twice each round, though: that
 * would leave it with twice the connections.
 *
 * Without a socket, since main cannot make one, the check asks the server itself. A
 * check whose packets are to carry a mark has no other way, and fails for a reason of
 * ours.
 */
#ifndef EVENKEEL_CHECKERS_CHECK_PATH_H
#define EVENKEEL_CHECKERS_CHECK_PATH_H

#include <stdbool.h>

#include "checkers/probe.h"

struct ipc_socket;

/* Whether the probe at hand goes through the service address. */
bool check_is_client(const struct check *check);
/*
 * Whether the probe at hand has a socket that main made: for the clients' way, or
 * because its packets are to carry a mark (fwmark), which is main's to set.
 */
bool check_is_lent(const struct check *check);
/* Where the probe at hand goes. */
const struct endpoint *check_dst(const struct check *check);

/*
 * For a probe with check_is_lent(): a socket as new, non-blocking and bound, which
 * stays the check's and is not closed by the type. -errno: main could not make a
 * marked one; on the clients' way a probe is not started without.
 */
int check_socket(struct check *check);
/*
 * The probe's connection on check_socket() has done its work: it ends with a reset.
 * Otherwise it ends in an orderly way with the probe, for two system calls more.
 */
void check_reset_socket(struct check *check);
/* As check_socket(), but a copy, which the caller closes; or -errno. */
int check_copy_socket(struct check *check);
/* A socket of the check becomes the caller's, to close; -1 if there is none. */
int check_take_socket(struct check *check);

/*
 * Before a probe starts. Returns 0, or -errno: main was asked for a socket, and its
 * answer calls check_run_now(). The errno is EAGAIN, or main's last one.
 */
int check_path_begin(struct check *check);
/* Main's answer, and its word that all sockets are stale. */
void check_path_answer(struct check *check, const struct ipc_socket *answer,
		       int fd);
void check_path_stale(struct check *check);
/* Main or the configuration is another: the question of before has no answer. */
void check_path_reset(struct check *check);

/*
 * A probe ended with RESULT. Returns true if the server's own address is to be
 * asked before there is a verdict; else RESULT is that of both probes.
 */
bool check_path_continues(struct check *check, struct probe_result *result);

void check_path_free(struct check *check);

#endif
