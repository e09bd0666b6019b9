/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One question in a datagram, and the answer to it: common to the probes that
 * ask so. The socket, the deadline and the limits are here; a kind has pure
 * functions that make the question and judge what comes back.
 *
 * A probe has a socket of its own, connected to the server, so the kernel
 * leaves out what others send (not for ICMP) and tells when the network reports
 * that nobody is there. Whatever else arrives and answers nothing is passed
 * over, but only so often: a server that never stops sending ends its probe, and
 * so do other hosts, with no word on the server.
 */
#ifndef EVENKEEL_CHECKERS_DATAGRAM_H
#define EVENKEEL_CHECKERS_DATAGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "checkers/probe.h"

/* The room for a question, and for what is looked at of an answer. */
#define DATAGRAM_ROOM 4096
/* Fewer datagrams may come that answer nothing, and fewer from other hosts. */
#define DATAGRAM_STRAYS_MAX 64

struct datagram {
	const uint8_t *bytes;
	size_t kept; /* in BYTES */
	size_t length; /* as it was sent, perhaps more */
};

struct datagram_kind {
	int (*protocol)(sa_family_t family); /* IPPROTO_UDP and the like */
	const char *denied; /* why the kernel may refuse a socket, or NULL */
	/*
	 * Write the question into ROOM, and return its length. TOKEN is a new
	 * random number, by which the answer is known.
	 */
	size_t (*ask)(const struct conf_check *conf, uint64_t token,
		      uint8_t *room);
	/*
	 * Fill RESULT from an answer; returns false if it answers something
	 * else. RESULT says "ok" beforehand.
	 */
	bool (*judge)(const struct conf_check *conf, uint64_t token,
		      const struct datagram *answer,
		      struct probe_result *result);
	/* Fill RESULT: the deadline has passed without an answer. */
	void (*silence)(const struct conf_check *conf,
			struct probe_result *result);
};

/* As the functions of a struct probe_type. */
int datagram_start(struct check *check, const struct datagram_kind *kind);
void datagram_cancel(struct check *check);
void datagram_expire(struct check *check, struct probe_result *result);

/* Fill RESULT with a timeout that speaks of the answer. For SILENCE. */
void datagram_no_answer(const struct conf_check *conf,
			struct probe_result *result);

#endif
