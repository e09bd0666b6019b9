/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Running the checks: for the process, which has them, and for the probe types,
 * whose probes they start. The calls go one way: a type calls a check, a check
 * calls its type through check->type only.
 */
#ifndef EVENKEEL_CHECKERS_CHECK_H
#define EVENKEEL_CHECKERS_CHECK_H

#include "checkers/probe.h"

/*
 * A check for CONF, which stays the caller's and must outlive it; SECRET (NULL:
 * none) is copied. Its first probe is scheduled. Never NULL.
 */
struct check *check_new(struct checker *checker, const struct conf_check *conf,
			uint32_t index, const char *secret);
/* End a running probe without a verdict, and free the check. */
void check_free(struct check *check);
/* Probe it as soon as possible, unless a probe is running. */
void check_run_now(struct check *check);

/* Start the probes that are due and enforce the deadlines that have passed. */
void checker_run_due(struct checker *checker);
/* When main must have heard of us again, seen from now. */
usec_t checker_next_by(const struct checker *checker);

/* Ends the probe of CHECK with RESULT (copied). */
void check_finish(struct check *check, const struct probe_result *result);

/* End a probe whose result is no more than an outcome and an errno. */
void check_finish_errno(struct check *check, enum outcome outcome, int error);

/* Fills a result: OUTCOME, and the words for ERROR (0: the outcome's own). */
void probe_result_fill(struct probe_result *result, enum outcome outcome,
		       int error);

/* The probe waits for something of ours, until WHEN at most. */
void check_wait_until(struct check *check, usec_t when);
/* The wait is over: the probe begins only now. */
void check_restart_clock(struct check *check);

/* Owned by the checker, and shared by all its checks. */
struct loop *check_loop(const struct check *check);
/* Of the configuration that is in use. */
uint32_t check_generation(const struct check *check);
/* Send main a message about the present configuration; as ipc_send(). */
int check_tell_main(const struct check *check, enum ipc_type type,
		    const void *body, size_t length);
/* Made by the type's open(), for all its checks; NULL if that failed. */
void *check_shared(const struct check *check);

/* The password that main read for this check, NULL if it sent none. */
const char *check_secret(const struct check *check);

/* The certificate and the key of the block SSL; NULL: there is none. */
struct checker_identity *check_identity(const struct check *check);
/* The authorities of its tls_ca; NULL: none came from main. */
struct checker_identity *check_trust(const struct check *check);
/* The word that its key asks for; NULL: none. Lives as the configuration does. */
const char *check_identity_password(const struct check *check);

#endif
