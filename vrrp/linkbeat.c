/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/linkbeat.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/mii.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static int linkbeat_request(int sock, unsigned long request, struct ifreq *ifr)
{
	return ioctl(sock, request, ifr) < 0 ? -errno : 0;
}

/* The bit of the status register stays 0 after a loss until it is read once. */
static int linkbeat_ask_mii(int sock, struct ifreq *ifr)
{
	struct mii_ioctl_data *mii = (void *)&ifr->ifr_data;
	int error = linkbeat_request(sock, SIOCGMIIPHY, ifr), i;

	for (i = 0; i < 2 && error == 0; i++) {
		mii->reg_num = MII_BMSR;
		error = linkbeat_request(sock, SIOCGMIIREG, ifr);
	}
	return error < 0 ? error : (mii->val_out & BMSR_LSTATUS) != 0;
}

static int linkbeat_ask_ethtool(int sock, struct ifreq *ifr)
{
	struct ethtool_value value = { .cmd = ETHTOOL_GLINK };
	int error;

	ifr->ifr_data = (void *)&value;
	error = linkbeat_request(sock, SIOCETHTOOL, ifr);
	return error < 0 ? error : value.data != 0;
}

static int linkbeat_ask_flags(int sock, struct ifreq *ifr)
{
	int error = linkbeat_request(sock, SIOCGIFFLAGS, ifr);

	return error < 0 ? error : (ifr->ifr_flags & IFF_RUNNING) != 0;
}

int vrrp_linkbeat_ask(int sock, const char *ifname, enum vrrp_linkbeat first)
{
	static int (*const ways[VRRP_LINKBEATS])(int sock,
						 struct ifreq *ifr) = {
		[VRRP_LINKBEAT_MII] = linkbeat_ask_mii,
		[VRRP_LINKBEAT_ETHTOOL] = linkbeat_ask_ethtool,
		[VRRP_LINKBEAT_IOCTL] = linkbeat_ask_flags,
	};
	struct ifreq ifr;
	int got = -EOPNOTSUPP;
	unsigned i;

	for (i = 0; i <= VRRP_LINKBEATS && got < 0; i++) {
		/* The wanted one, then all in their order. */
		memset(&ifr, 0, sizeof(ifr));
		snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
		got = ways[i == 0 ? first : i - 1](sock, &ifr);
	}
	return got;
}
