/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a received advertisement may count for an instance: the checks of RFC
 * 9568 section 7.1 and RFC 3768 section 7.1 that need to know the instance's
 * settings, and the rules for unicast peers. Pure.
 */
#ifndef EVENKEEL_VRRP_RECEIVE_H
#define EVENKEEL_VRRP_RECEIVE_H

#include "vrrp/packet.h"

/* Deviations of an advertisement that counts all the same: bits. */
enum vrrp_deviation {
	VRRP_DEVIATION_ADDRESS_LIST = 1, /* version 3: some of ours, or more */
	VRRP_DEVIATION_LINK_LOCAL =
		2, /* first IPv6 address is not link-local */
	VRRP_DEVIATION_CHECKSUM = 4, /* of the other form */
	VRRP_DEVIATION_OWNER = 8, /* two owners on one link */
	VRRP_DEVIATION_UNSIGNED = 16, /* auth_hmac, not mode enforce */
	VRRP_DEVIATION_SKEW = 32, /* signed, and clocks soon too far apart */
};
#define VRRP_DEVIATIONS 6

/* Words for a log, BIT counts from 0. */
const char *vrrp_deviation_name(unsigned bit);

/* Whether ADVERT has one of CONF's addresses. */
bool vrrp_receive_shares(const struct vrrp_conf_instance *conf,
			 const struct vrrp_advert *advert);

/* Whether ADVERT is of CONF's own pair: two instances that both have no address
 * are a pair as well. */
bool vrrp_receive_is_of_pair(const struct vrrp_conf_instance *conf,
			     const struct vrrp_advert *advert);

/*
 * Decode DATAGRAM for the instance CONF, which sends from SELF. KNOWN is the
 * sender of the last advert that counted (AF_UNSPEC: none). Returns why it must
 * change nothing, or VRRP_DROP_NONE with ADVERT and ODD (enum vrrp_deviation bits)
 * filled. Takes the same time for every wrong password. A signature is looked at
 * by vrrp_signature_check(), when all else is right.
 */
enum vrrp_drop vrrp_receive(const struct vrrp_conf_instance *conf,
			    const struct addr *self, const struct addr *known,
			    const struct vrrp_datagram *datagram,
			    struct vrrp_advert *advert, unsigned *odd);

#endif
