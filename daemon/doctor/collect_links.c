/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interfaces and the routes, asked of the kernel. */
#include <errno.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "daemon/doctor/collect.h"
#include "daemon/proc/sysctl.h"

/* A value of ethtool's; -1 where the interface has none. */
static int links_ethtool(int sock, const char *name, uint32_t command)
{
	struct ethtool_value value = { .cmd = command };
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	request.ifr_data = (char *)&value;
	return ioctl(sock, SIOCETHTOOL, &request) < 0 ? -1 : (int)value.data;
}

static int links_sysctl(const char *name, const char *setting)
{
	char path[96], value[DOCTOR_VALUE_MAX];

	snprintf(path, sizeof(path), "net/ipv4/conf/%s/%s", name, setting);
	if (sysctl_read(path, value, sizeof(value)) < 0)
		return -1;
	return (int)strtol(value, NULL, 10);
}

static void links_look(struct doctor_link *link, int sock)
{
	struct ifreq request = { 0 };
	int flags;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", link->name);
	if (ioctl(sock, SIOCGIFMTU, &request) == 0)
		link->mtu = (uint32_t)request.ifr_mtu;
	link->rp_filter = links_sysctl(link->name, "rp_filter");
	link->send_redirects = links_sysctl(link->name, "send_redirects");
	link->gro = links_ethtool(sock, link->name, ETHTOOL_GGRO);
	flags = links_ethtool(sock, link->name, ETHTOOL_GFLAGS);
	link->lro = flags < 0 ? -1 : (flags & ETH_FLAG_LRO) != 0;
}

void collect_links(struct doctor_host *host)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifaddrs *all = NULL, *one;
	size_t room = 0;

	if (sock < 0 || getifaddrs(&all) < 0)
		goto out;
	for (one = all; one; one = one->ifa_next) {
		const struct sockaddr_ll *ll = (const void *)one->ifa_addr;
		struct doctor_link *link;

		if (!ll || ll->sll_family != AF_PACKET)
			continue;
		host->links = array_grow(host->links, host->nr_links, &room,
					 sizeof(*host->links));
		link = &host->links[host->nr_links++];
		*link = (struct doctor_link){
			.index = (unsigned)ll->sll_ifindex,
			.up = one->ifa_flags & IFF_UP,
			.ether = ll->sll_hatype == ARPHRD_ETHER &&
				 !(one->ifa_flags & IFF_NOARP),
		};
		snprintf(link->name, sizeof(link->name), "%s", one->ifa_name);
		memcpy(link->mac, ll->sll_addr, DOCTOR_MAC);
		links_look(link, sock);
		/* A packet on the loopback is never forwarded to a server. */
		if (one->ifa_flags & IFF_LOOPBACK)
			link->gro = link->lro = -1;
	}
out:
	freeifaddrs(all);
	if (sock >= 0)
		close(sock);
}

struct links_question {
	struct nlmsghdr head;
	struct rtmsg route;
	struct rtattr attr;
	uint8_t addr[16];
};

static int links_ask(int sock, const struct addr *addr)
{
	struct links_question question = {
		.head = { .nlmsg_type = RTM_GETROUTE,
			  .nlmsg_flags = NLM_F_REQUEST },
		.route = { .rtm_family = (unsigned char)addr->family },
		.attr = { .rta_type = RTA_DST },
	};
	unsigned short len = addr->family == AF_INET ? 4 : 16;

	question.route.rtm_dst_len = (unsigned char)(8 * len);
	question.attr.rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(question.addr, addr->bytes, len);
	question.head.nlmsg_len =
		(uint32_t)(offsetof(struct links_question, addr) + len);
	return send(sock, &question, question.head.nlmsg_len, 0) < 0 ? -errno :
								       0;
}

static void links_answer(const struct doctor_host *host, struct nlmsghdr *head,
			 struct doctor_way *way)
{
	struct rtmsg *route = NLMSG_DATA(head);
	struct rtattr *attr = RTM_RTA(route);
	int left = (int)RTM_PAYLOAD(head);
	uint32_t index = 0, i;

	way->local = route->rtm_type == RTN_LOCAL;
	way->on_link = true;
	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left)) {
		if (attr->rta_type == RTA_OIF)
			memcpy(&index, RTA_DATA(attr), sizeof(index));
		if (attr->rta_type == RTA_GATEWAY || attr->rta_type == RTA_VIA)
			way->on_link = false;
		if (attr->rta_type == RTA_PREFSRC &&
		    RTA_PAYLOAD(attr) ==
			    (route->rtm_family == AF_INET ? 4 : 16)) {
			way->source.family = route->rtm_family;
			memcpy(way->source.bytes, RTA_DATA(attr),
			       RTA_PAYLOAD(attr));
		}
	}
	for (i = 0; i < host->nr_links; i++)
		if (host->links[i].index == index)
			way->link = i;
}

void collect_ways(const struct doctor_host *host, struct doctor_way *ways,
		  uint32_t nr)
{
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const struct timeval limit = { .tv_sec = 1 };
	union {
		struct nlmsghdr head;
		char data[4096];
	} got;
	ssize_t len;
	uint32_t i;

	for (i = 0; i < nr; i++)
		ways[i].link = DOCTOR_NO_LINK;
	if (sock < 0)
		return;
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	for (i = 0; i < nr; i++) {
		if (links_ask(sock, &ways[i].addr) < 0)
			break;
		len = recv(sock, &got, sizeof(got), 0);
		if (len < 0)
			break;
		if (NLMSG_OK(&got.head, (uint32_t)len) &&
		    got.head.nlmsg_type == RTM_NEWROUTE)
			links_answer(host, &got.head, &ways[i]);
	}
	close(sock);
}
