/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's counts of a server of the file, as the last reading has them. */
#ifndef EVENKEEL_DAEMON_CONTROL_DEST_COUNTS_H
#define EVENKEEL_DAEMON_CONTROL_DEST_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

struct conf_forward;
struct conf_virtual_server;
struct endpoint;
struct table;

/* The sum over the services of a virtual server; of the weight, the last one's. */
struct dest_counts {
	bool found; /* in the table, in one of its services at least */
	int64_t weight;
	int64_t active, inactive;
	int64_t conns;
	int64_t in_bytes, out_bytes;
	int64_t in_packets, out_packets;
};

/*
 * The server at ADDR of VS in ACTUAL, an ordered table; NULL: the kernel cannot be
 * read, and nothing is found.
 */
struct dest_counts dest_counts_get(const struct table *actual,
				   const struct conf_virtual_server *vs,
				   const struct endpoint *addr,
				   const struct conf_forward *forward);

/* The same for the services themselves: no weight, active and inactive. */
struct dest_counts dest_counts_service(const struct table *actual,
				       const struct conf_virtual_server *vs);

#endif
