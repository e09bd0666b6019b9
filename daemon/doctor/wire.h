/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The wire: which hosts answer ARP for the service addresses, and for the
 * servers' own, by which their MACs are known. An address is asked for as RFC
 * 5227 has it, without a sender's address: no host's table changes by that.
 *
 * Frames are read by a child without privileges: wire_ask.h.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_WIRE_H
#define EVENKEEL_DAEMON_DOCTOR_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/doctor/doctor_host.h"

/* A frame of ARP for Ethernet and IPv4, without the link's header. */
#define WIRE_ARP 28

/* Pure: the question for ADDR from the interface with MAC, into FRAME. */
void wire_question(const struct addr *addr, const uint8_t mac[DOCTOR_MAC],
		   uint8_t frame[WIRE_ARP]);

/*
 * Pure: whether FRAME of LENGTH bytes is an answer; if so, the
 * address and the MAC of the host that claims it.
 */
bool wire_answer(const uint8_t *frame, size_t length, struct addr *addr,
		 uint8_t mac[DOCTOR_MAC]);

/*
 * Ask for the services and servers of HOST, about a second long; the
 * answers go into HOST. Returns 0 or -errno.
 */
int wire_collect(struct doctor_host *host);

#endif
