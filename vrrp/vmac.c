/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/vmac.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/log.h"
#include "vrrp/address.h"

void vrrp_vmac_address(uint16_t family, uint8_t vrid, uint8_t *mac)
{
	const uint8_t address[VRRP_MAC_LENGTH] = {
		0x00, 0x00, 0x5e, 0x00, family == AF_INET6 ? 2 : 1, vrid,
	};

	memcpy(mac, address, sizeof(address));
}

void vrrp_vmac_name(const struct vrrp_conf_instance *conf, char *name)
{
	if (conf->vmac_name)
		snprintf(name, IFNAMSIZ, "%s", conf->vmac_name);
	else
		snprintf(name, IFNAMSIZ, "vrrp%s.%u",
			 conf->family == AF_INET6 ? "6" : "", conf->vrid);
}

static int vmac_put_macvlan(struct nl_msg *msg)
{
	struct nlattr *info = nla_nest_start(msg, IFLA_LINKINFO), *data;

	if (!info || nla_put_string(msg, IFLA_INFO_KIND, "macvlan") < 0)
		return -ENOMEM;
	data = nla_nest_start(msg, IFLA_INFO_DATA);
	if (!data ||
	    nla_put_u32(msg, IFLA_MACVLAN_MODE, MACVLAN_MODE_PRIVATE) < 0)
		return -ENOMEM;
	nla_nest_end(msg, data);
	nla_nest_end(msg, info);
	return 0;
}

static int vmac_create(struct vrrp_net *net, const char *name,
		       const uint8_t *mac, const struct vrrp_link *parent)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg;

	msg = nlmsg_alloc_simple(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	if (!msg)
		return -ENOMEM;
	if (nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) < 0 ||
	    nla_put_u32(msg, IFLA_LINK, (uint32_t)parent->index) < 0 ||
	    nla_put_string(msg, IFLA_IFNAME, name) < 0 ||
	    nla_put(msg, IFLA_ADDRESS, VRRP_MAC_LENGTH, mac) < 0 ||
	    vmac_put_macvlan(msg) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return vrrp_net_request(net, msg);
}

static struct nl_msg *vmac_link_message(int index, unsigned flags)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC,
				 .ifi_index = index,
				 .ifi_flags = flags,
				 .ifi_change = flags };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_NEWLINK, 0);

	if (msg && nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return msg;
}

/*
 * The macvlan must neither make addresses nor solicit routers by itself. The
 * kernel refuses the setting at the creation (EAFNOSUPPORT), so it is made
 * before the macvlan is set up; a host without IPv6 lacks the setting.
 */
static void vmac_set_quiet(struct vrrp_net *net, int index)
{
	struct nl_msg *msg = vmac_link_message(index, 0);
	struct nlattr *spec, *inet6;

	spec = msg ? nla_nest_start(msg, IFLA_AF_SPEC) : NULL;
	inet6 = spec ? nla_nest_start(msg, AF_INET6) : NULL;
	if (!inet6 || nla_put_u8(msg, IFLA_INET6_ADDR_GEN_MODE,
				 IN6_ADDR_GEN_MODE_NONE) < 0) {
		nlmsg_free(msg);
		return;
	}
	nla_nest_end(msg, inet6);
	nla_nest_end(msg, spec);
	(void)vrrp_net_request(net, msg);
}

static int vmac_set_up(struct vrrp_net *net, int index)
{
	vmac_set_quiet(net, index);
	return vrrp_net_request(net, vmac_link_message(index, IFF_UP));
}

static bool vmac_is_ours(const struct vrrp_link *link, const uint8_t *mac)
{
	return strcmp(link->kind, "macvlan") == 0 &&
	       link->mac_length == VRRP_MAC_LENGTH &&
	       memcmp(link->mac, mac, VRRP_MAC_LENGTH) == 0;
}

static int vmac_remove_link(struct vrrp_net *net, int index)
{
	struct ifinfomsg ifi = { .ifi_family = AF_UNSPEC, .ifi_index = index };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_DELLINK, 0);

	if (!msg)
		return -ENOMEM;
	if (nlmsg_append(msg, &ifi, sizeof(ifi), NLMSG_ALIGNTO) < 0) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	return vrrp_net_request(net, msg);
}

/*
 * The interface that has the name of CONF's virtual MAC, or NULL; it may be
 * somebody else's. NAME and MAC get its name and address.
 */
static const struct vrrp_link *vmac_find(const struct vrrp_net *net,
					 const struct vrrp_conf_instance *conf,
					 char name[IFNAMSIZ],
					 uint8_t mac[VRRP_MAC_LENGTH])
{
	vrrp_vmac_address(conf->family, conf->vrid, mac);
	vrrp_vmac_name(conf, name);
	return vrrp_net_link(net, name);
}

int vrrp_vmac_ensure(struct vrrp_net *net,
		     const struct vrrp_conf_instance *conf,
		     const struct vrrp_link *parent)
{
	uint8_t mac[VRRP_MAC_LENGTH];
	const struct vrrp_link *link;
	char name[IFNAMSIZ];
	int error;

	link = vmac_find(net, conf, name, mac);
	if (!link) {
		error = vmac_create(net, name, mac, parent);
		/* Made already, it may not be in NET's picture yet. */
		return error < 0 && error != -EEXIST ? error : -EAGAIN;
	}
	if (!vmac_is_ours(link, mac))
		return -EEXIST;
	if (link->parent != parent->index) {
		error = vmac_remove_link(net, link->index);
		return error < 0 ? error : -EAGAIN;
	}
	if (link->running)
		return link->index;
	vrrp_vmac_tune(name, parent->name);
	error = vmac_set_up(net, link->index);
	return error < 0 ? error : -EAGAIN;
}

void vrrp_vmac_write_setting(const char *name, const char *setting, char value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/%s/%s", name,
		 setting);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, &value, 1) != 1)
		log_warning("vrrp", "cannot set %s to %c: %s", path, value,
			    strerror(errno));
	if (fd >= 0)
		close(fd);
}

static char vmac_read_all(const char *setting)
{
	char path[128], value = '0';
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/all/%s", setting);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return value;
	if (read(fd, &value, 1) != 1)
		value = '0';
	close(fd);
	return value;
}

void vrrp_vmac_tune(const char *name, const char *parent)
{
	/* Answer ARP only for addresses of the asked interface itself. */
	vrrp_vmac_write_setting(name, "arp_ignore", '1');
	vrrp_vmac_write_setting(parent, "arp_ignore", '1');
	/* Send no ARP request from an address that has another MAC. */
	vrrp_vmac_write_setting(parent, "arp_announce", '2');
	/* Peers have our own virtual MAC, and addresses of the parent's net. */
	vrrp_vmac_write_setting(name, "accept_local", '1');
	vrrp_vmac_write_setting(name, "rp_filter", '0');
	vrrp_vmac_write_setting(name, "promote_secondaries", '1');
	if (vmac_read_all("rp_filter") != '0')
		log_warning(
			"vrrp",
			"net.ipv4.conf.all.rp_filter is on: packets for %s may be dropped",
			name);
}

void vrrp_vmac_link_local(const uint8_t *mac, uint8_t vrid, struct addr *out)
{
	/* As EUI-64 of the parent's, with the VRID where that has 0xff. */
	const uint8_t id[8] = { mac[0] ^ 0x02, mac[1], mac[2], vrid,
				0xfe,	       mac[3], mac[4], mac[5] };

	memset(out, 0, sizeof(*out));
	out->family = AF_INET6;
	out->bytes[0] = 0xfe;
	out->bytes[1] = 0x80;
	memcpy(out->bytes + 8, id, sizeof(id));
}

int vrrp_vmac_source(struct vrrp_net *net, int index, const struct addr *source)
{
	struct vrrp_conf_address address = {
		.addr = *source,
		.prefix = 64,
		.scope = RT_SCOPE_LINK,
		.preferred_lft = VRRP_LFT_DEFAULT,
	};

	return vrrp_address_add(net, index, &address);
}

int vrrp_vmac_remove(struct vrrp_net *net,
		     const struct vrrp_conf_instance *conf)
{
	uint8_t mac[VRRP_MAC_LENGTH];
	const struct vrrp_link *link;
	char name[IFNAMSIZ];
	int error;

	link = vmac_find(net, conf, name, mac);
	if (!link || !vmac_is_ours(link, mac))
		return 0;
	error = vmac_remove_link(net, link->index);
	return error == -ENODEV ? 0 : error;
}
