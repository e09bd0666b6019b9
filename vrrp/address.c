/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/address.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stddef.h>

#define FOR_EVER UINT32_MAX

static int address_size(const struct addr *addr)
{
	return addr->family == AF_INET6 ? 16 : 4;
}

static struct nl_msg *address_message(int type, int flags, int index,
				      const struct vrrp_conf_address *address)
{
	struct ifaddrmsg ifa = {
		.ifa_family = (unsigned char)address->addr.family,
		.ifa_prefixlen = address->prefix,
		.ifa_scope = address->scope,
		.ifa_index = (unsigned)index,
	};
	const struct addr *far = addr_is_set(&address->peer) ? &address->peer :
							       &address->addr;
	struct nl_msg *msg = nlmsg_alloc_simple(type, flags);
	int size = address_size(&address->addr);

	if (!msg)
		return NULL;
	if (nlmsg_append(msg, &ifa, sizeof(ifa), NLMSG_ALIGNTO) < 0 ||
	    nla_put(msg, IFA_LOCAL, size, address->addr.bytes) < 0 ||
	    nla_put(msg, IFA_ADDRESS, size, far->bytes) < 0) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static uint32_t address_flags(const struct vrrp_conf_address *address)
{
	if (address->addr.family == AF_INET6 && !address->dad)
		return address->flags | IFA_F_NODAD;
	return address->flags;
}

static uint32_t address_preferred(const struct vrrp_conf_address *address)
{
	if (address->preferred_lft == VRRP_LFT_FOREVER)
		return FOR_EVER;
	if (address->preferred_lft != VRRP_LFT_DEFAULT)
		return address->preferred_lft;
	return address->addr.family == AF_INET6 && address->prefix == 128 ?
		       0 :
		       FOR_EVER;
}

static int address_put_details(struct nl_msg *msg,
			       const struct vrrp_conf_address *address)
{
	struct ifa_cacheinfo life = { .ifa_prefered =
					      address_preferred(address),
				      .ifa_valid = FOR_EVER };
	int error;

	error = nla_put_u32(msg, IFA_FLAGS, address_flags(address));
	if (error == 0)
		error = nla_put_u8(msg, IFA_PROTO, VRRP_ADDRESS_PROTO);
	if (error == 0)
		error = nla_put(msg, IFA_CACHEINFO, sizeof(life), &life);
	if (error == 0 && addr_is_set(&address->broadcast))
		error = nla_put(msg, IFA_BROADCAST, 4,
				address->broadcast.bytes);
	if (error == 0 && address->label)
		error = nla_put_string(msg, IFA_LABEL, address->label);
	return error;
}

int vrrp_address_add(struct vrrp_net *net, int index,
		     const struct vrrp_conf_address *address)
{
	struct nl_msg *msg;
	int error;

	msg = address_message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, index,
			      address);
	if (!msg)
		return -ENOMEM;
	if (address_put_details(msg, address) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	error = vrrp_net_request(net, msg);
	return error == -EEXIST ? 0 : error;
}

int vrrp_address_del(struct vrrp_net *net, int index,
		     const struct vrrp_conf_address *address)
{
	int error;

	error = vrrp_net_request(net, address_message(RTM_DELADDR, 0, index,
						      address));
	/* The interface may be gone, and its addresses with it. */
	if (error == -EADDRNOTAVAIL || error == -ENODEV)
		return 0;
	return error;
}
