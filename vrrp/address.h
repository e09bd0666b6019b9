/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual addresses, put on an interface and taken off again.
 *
 * The addresses are tagged as ours (IFA_PROTO, Linux 5.18) so that addresses
 * left behind by a killed daemon are told from the host's own. An IPv6 address
 * is used at once, without looking for duplicates: the old Active Router may be
 * there still; and a /128 is deprecated, so that the host does not send from
 * it.
 */
#ifndef EVENKEEL_VRRP_ADDRESS_H
#define EVENKEEL_VRRP_ADDRESS_H

#include "vrrp/interfaces.h"

/* RTPROT_KEEPALIVED: an address that VRRP manages. */
#define VRRP_ADDRESS_PROTO 18

/*
 * Put ADDRESS on the interface INDEX. An existing address is fine. Returns 0 or
 * -errno: -ENODEV without such an interface, -EACCES (IPv6 switched off on it),
 * -EPERM.
 */
int vrrp_address_add(struct vrrp_net *net, int index,
		     const struct vrrp_conf_address *address);

/* Take ADDRESS off. A missing address is fine. Returns 0 or -errno. */
int vrrp_address_del(struct vrrp_net *net, int index,
		     const struct vrrp_conf_address *address);

#endif
