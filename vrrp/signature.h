/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * auth_hmac: adverts that are signed with a key that both routers know, as
 * keepalived has it since 2.4.2 (draft-cassen-vrrp-auth-hmac). The memory of one
 * router: its keys, the last time that it has signed with, and the last time that
 * it has seen of each sender, so that nobody can send an old advert again.
 *
 * A time is 64 bits: seconds since 1970 modulo 2^32, then a binary fraction of 16
 * bits, then a counter of 16 bits. Times are compared as serial numbers (RFC 1982).
 */
#ifndef EVENKEEL_VRRP_SIGNATURE_H
#define EVENKEEL_VRRP_SIGNATURE_H

#include "lib/vrrp_ipc.h"
#include "vrrp/packet.h"

struct vrrp_sender {
	struct addr addr;
	uint64_t last; /* the time of its last advert */
	uint64_t used; /* the turn of its last advert; 0: no sender */
};

struct vrrp_signature {
	struct vrrp_conf_key *keys; /* those of files included */
	uint32_t nr_keys;
	uint64_t sent; /* the time in our last advert */
	uint64_t turn;
	struct vrrp_sender *senders;
	uint32_t nr_senders;
};

/* The present time, by the host's clock. */
uint64_t vrrp_signature_now(void);

/*
 * Take the keys of CONF, and of GIVEN those of the instance INDEX, NR at most. Times
 * that were sent and seen stay known. SIGNATURE is zeroed before the first call, and
 * owns copies.
 */
void vrrp_signature_use(struct vrrp_signature *signature,
			const struct vrrp_conf_instance *conf, uint32_t index,
			const struct ipc_vrrp_key *given, size_t nr);
/* Forget the keys too, so that no copy of them is left. */
void vrrp_signature_free(struct vrrp_signature *signature);

/* Whether the instance's adverts can be sent: signed, or CONF wants them unsigned. */
bool vrrp_signature_ready(const struct vrrp_signature *signature,
			  const struct vrrp_conf_hmac *conf);

/*
 * Make the TRAILER of ADVERT (without one) from SRC, with a time that is NOW or, if
 * that was used, the next after the last. The same trailer is right for every
 * destination. Returns false if adverts are not signed, or cannot be.
 */
bool vrrp_signature_sign(struct vrrp_signature *signature,
			 const struct vrrp_conf_hmac *conf,
			 const struct vrrp_advert *advert,
			 const struct addr *src, uint64_t now,
			 uint8_t trailer[VRRP_TRAILER_LENGTH]);

/*
 * Judge the signature of ADVERT, decoded from DATAGRAM and right in all else, at
 * NOW. An advert without one is not judged. VRRP_DROP_NONE: it is the next of its
 * sender, and is remembered; *SKEWED tells whether the clocks are more than half
 * the window apart. Takes the same time for every wrong signature.
 */
enum vrrp_drop vrrp_signature_check(struct vrrp_signature *signature,
				    const struct vrrp_conf_hmac *conf,
				    const struct vrrp_datagram *datagram,
				    const struct vrrp_advert *advert,
				    uint64_t now, bool *skewed);

#endif
