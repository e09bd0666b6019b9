/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Services and servers as netlink attributes, both ways, without any socket.
 *
 * include/uapi/linux/ip_vs.h names the attributes; ip_vs_genl_fill_service()
 * and its neighbours in net/netfilter/ipvs/ip_vs_ctl.c show their content. The
 * byte order differs from one to the next: ports and the IPv4 mask are big
 * endian, the address family, the protocol, the tunnel flags and the IPv6
 * prefix length are the host's.
 */
#ifndef EVENKEEL_IPVS_ENCODE_H
#define EVENKEEL_IPVS_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include "ipvs/request.h"

struct nlmsghdr;

/* Enough for any message made here. */
#define IPVS_MESSAGE_MAX 512

/* The content of a request's header. */
struct ipvs_envelope {
	uint32_t seq;
	uint16_t family; /* the generic netlink family's number */
	uint16_t flags; /* NLM_F_*, besides NLM_F_REQUEST */
};

/*
 * An encoder writes one message to OUT, of ROOM bytes and aligned to 4. The
 * result is the message's length, a multiple of 4, or -EMSGSIZE if there is not
 * enough room.
 */
int ipvs_encode_request(void *out, size_t room,
			const struct ipvs_envelope *envelope,
			const struct ipvs_request *request);
/* A command without attributes. */
int ipvs_encode_plain(void *out, size_t room,
		      const struct ipvs_envelope *envelope, uint8_t cmd);
/* A command with a service's identity alone. */
int ipvs_encode_key(void *out, size_t room,
		    const struct ipvs_envelope *envelope, uint8_t cmd,
		    const struct service_key *key);
int ipvs_encode_timeouts(void *out, size_t room,
			 const struct ipvs_envelope *envelope,
			 const struct ipvs_timeouts *timeouts);
/* Start a sync thread; or stop the one of this role (the rest is not looked at). */
int ipvs_encode_sync(void *out, size_t room,
		     const struct ipvs_envelope *envelope, uint8_t cmd,
		     const struct ipvs_sync *sync);

/*
 * Read one message of a reply; its nlmsg_len must be within the buffer. The
 * structs are written whole. The result is 0, or -EBADMSG if a needed attribute
 * is missing, too short or out of range; unknown attributes are skipped.
 */
int ipvs_decode_service(struct nlmsghdr *message,
			struct table_service *service);
int ipvs_decode_dest(struct nlmsghdr *message, const struct service_key *key,
		     struct table_dest *dest);
int ipvs_decode_info(struct nlmsghdr *message, struct ipvs_info *info);
int ipvs_decode_sync(struct nlmsghdr *message, struct ipvs_sync *sync);
int ipvs_decode_timeouts(struct nlmsghdr *message,
			 struct ipvs_timeouts *timeouts);

#endif
