/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A generic netlink socket to one kernel family: sending, and sorting answers to
 * their requests. libnl makes the socket and resolves the family. Receiving is
 * done here, since libnl merges error numbers (ESRCH and ENOENT become one) and
 * hands out one message at a time from a buffer that it allocates for each
 * datagram.
 */
#ifndef EVENKEEL_IPVS_LINK_H
#define EVENKEEL_IPVS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nl_sock;
struct nlmsghdr;

struct ipvs_link {
	struct nl_sock *sock;
	int fd;
	uint16_t family; /* its number; 0 before ipvs_link_resolve() */
	uint32_t seq; /* of the next request */
	char *in; /* the receive buffer */
	bool stale; /* answers of an earlier exchange may be waiting */
};

/*
 * An exchange: the requests FIRST to LAST (sequence numbers), and the handling
 * of their answers. Messages of other numbers are leftovers and are skipped.
 */
struct ipvs_exchange {
	uint32_t first;
	uint32_t last;
	/* An answer with content; may be NULL. A return < 0 is kept as result. */
	int (*reply)(struct ipvs_exchange *exchange, struct nlmsghdr *message);
	/*
	 * The kernel's verdict on one request: 0 or -errno, and its words or "".
	 * May be NULL; then an error becomes the result.
	 */
	void (*verdict)(struct ipvs_exchange *exchange, uint32_t seq, int error,
			const char *text);
	int result;
	bool interrupted; /* a dump that the kernel says is inconsistent */
	void *arg;
};

/* Open the socket. Returns 0 or -errno. */
int ipvs_link_open(struct ipvs_link *link);
void ipvs_link_close(struct ipvs_link *link);

/*
 * Ask for the number of family NAME; the kernel loads its module if it can.
 * Returns 1 if it differs from before, 0 if it does not, -ENOENT if there is no
 * such family, or -errno.
 */
int ipvs_link_resolve(struct ipvs_link *link, const char *name);

/* A sequence number for the next request. */
uint32_t ipvs_link_next(struct ipvs_link *link);

/* Send LENGTH bytes of whole requests. Returns 0 or -errno. */
int ipvs_link_send(struct ipvs_link *link, const void *data, size_t length);

/*
 * Receive until LAST is answered: by a verdict, by a reply that is no part of a
 * dump, or by the end of the dump. Returns exchange->result; -ENOBUFS if answers
 * were lost, -EMSGSIZE if one was cut, -ETIMEDOUT if none came.
 */
int ipvs_link_collect(struct ipvs_link *link, struct ipvs_exchange *exchange);

/*
 * Sort the answers in one received datagram, as ipvs_link_collect() does after
 * receiving. Returns true once LAST is answered. Reads nothing beyond LENGTH.
 */
bool ipvs_link_sort(struct ipvs_exchange *exchange, void *data, size_t length);

#endif
