/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evenkeeld --doctor, which `evenkeel doctor` runs: a look at all that the
 * service needs beyond the daemon, as a person with experience of LVS takes it.
 * The doctor reads the configuration itself, so that it works before the first
 * start, and changes nothing.
 *
 *	conf -> collect_*: struct doctor_host -> judge_*: findings -> print
 *
 * The collectors read the kernel, the wire and the daemon's status, each with a
 * deadline; the judges are pure. A thing that cannot be looked at is a finding of
 * its own, never silence.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_DOCTOR_H
#define EVENKEEL_DAEMON_DOCTOR_DOCTOR_H

#include <stdbool.h>

struct conf;

/*
 * Look at this host as CONF needs it, ask the daemon at SOCKET, if one runs, for
 * its news of the servers and of the other balancer, and print the findings,
 * as JSON or for people. Returns the exit status: 0 nothing or notes, 1 warnings, 2 errors.
 */
int doctor_run(const struct conf *conf, const char *socket, bool json);

/* The exit status when there is no configuration to hold the host against. */
#define DOCTOR_NO_CONFIGURATION 3

#endif
