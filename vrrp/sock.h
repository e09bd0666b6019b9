/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The raw sockets (IP protocol 112). A socket serves all instances that share a
 * family, an interface and a local address, which is the multicast group they
 * listen to or the address they send unicast from. No call here ever blocks.
 */
#ifndef EVENKEEL_VRRP_SOCK_H
#define EVENKEEL_VRRP_SOCK_H

#include "lib/loop.h"
#include "vrrp/packet.h"

struct vrrp_sock {
	struct loop_io io;
	int fd; /* -1: not open */
	unsigned users;
	uint64_t wanted; /* bytes of receive buffer, of all users; 0: the usual */
	uint16_t family;
	int index; /* of the interface; 0: any (unicast only) */
	struct addr local; /* the bound address */
	void (*drain)(struct vrrp_sock *sock); /* read waiting datagrams */
	void *by_vrid[256]; /* for the reader: its users */
	void *other_cast
		[256]; /* likewise, for adverts by unicast against multicast */
	usec_t next_stray; /* likewise: no stray is decoded before this */
	uint64_t strays; /* likewise: datagrams for none of them */
	/* Large enough for any packet with the longest IP header. */
	uint8_t buffer[60 + VRRP_DATAGRAM_MAX];
};

/*
 * Open a socket for INDEX (named IFNAME) and LOCAL: joins it if it is a group.
 * Returns it with one user, or NULL and *ERROR = -errno (-EPERM without
 * CAP_NET_RAW, -ENODEV, -EADDRNOTAVAIL). DRAIN is called when there is
 * something to read.
 */
struct vrrp_sock *vrrp_sock_open(struct loop *loop, int index,
				 const char *ifname, const struct addr *local,
				 void (*drain)(struct vrrp_sock *sock),
				 int *error);
/*
 * The bytes of receive buffer that the instance CONF of ALL is to have, by its words
 * and vrrp_rx_bufs_policy, on an interface with MTU bytes. 0: the usual.
 */
uint32_t vrrp_sock_room(const struct vrrp_conf_instance *conf,
			const struct vrrp_conf *all, uint32_t mtu);

/* A user wants NOW bytes of receive buffer instead of BEFORE; 0: says nothing. */
void vrrp_sock_want(struct vrrp_sock *sock, uint32_t before, uint32_t now);
/* Give up one use; the last one closes it. NULL is allowed. */
void vrrp_sock_release(struct vrrp_sock *sock);

/*
 * Read one datagram; OUT points into the socket's buffer, valid until the next
 * read. Returns 1, 0 if there is none, or -errno. *DROP tells if its IP header
 * is no good (then OUT means nothing).
 */
int vrrp_sock_read(struct vrrp_sock *sock, struct vrrp_datagram *out,
		   enum vrrp_drop *drop);

/*
 * Send DATA from SRC to DST with a hop limit of TTL. Returns 0 or -errno; -EAGAIN
 * if the socket's buffer is full.
 */
int vrrp_sock_send(struct vrrp_sock *sock, const struct addr *src,
		   const struct addr *dst, uint8_t ttl, const uint8_t *data,
		   size_t length);

#endif
