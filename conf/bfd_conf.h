/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bfd_instances of the file: plain data, immutable, every default resolved. Main
 * names each to the bfd process as a session (bfd/bfd.h); BFD_CHECK and track_bfd name
 * them by their names.
 */
#ifndef EVENKEEL_CONF_BFD_CONF_H
#define EVENKEEL_CONF_BFD_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"

struct bfd_conf_instance {
	const char *name; /* first, for carry_by_name */
	struct addr neighbor; /* of one instance only, with or without MULTIHOP */
	struct addr source; /* AF_UNSPEC: the kernel's choice */
	uint32_t min_rx; /* ms; 10 */
	uint32_t min_tx; /* ms; 10 */
	uint32_t idle_tx; /* ms; 1000 */
	uint32_t multiplier; /* 5 */
	bool passive;
	bool multihop;
	/* The processes that may use the session: those named; both, if none is. */
	bool for_vrrp, for_checker;
	uint32_t ttl; /* of our packets; 255 */
	uint32_t max_hops; /* that a packet may lose of TTL; 0, with MULTIHOP 255 */
};

struct bfd_conf {
	const struct bfd_conf_instance *instances;
	uint32_t nr_instances;
};

#endif
