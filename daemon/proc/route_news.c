/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/route_news.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/util.h"

/* Notices that are taken in one go: a router can send them without end. */
#define ROUTE_NEWS_MOST 1000

static int route_news_socket(void)
{
	static const unsigned groups[] = {
		RTNLGRP_LINK,	    RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,	 RTNLGRP_IPV4_RULE,
		RTNLGRP_IPV6_RULE,
	};
	struct sockaddr_nl own = { .nl_family = AF_NETLINK };
	int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			  NETLINK_ROUTE);
	size_t i;

	if (sock < 0)
		return -1;
	for (i = 0; i < ARRAY_SIZE(groups); i++)
		own.nl_groups |= 1u << (groups[i] - 1);
	if (bind(sock, (struct sockaddr *)&own, sizeof(own)) == 0)
		return sock;
	close(sock);
	return -1;
}

void route_news_open(struct route_news *news)
{
	news->sock = route_news_socket();
	news->first = true;
}

void route_news_close(struct route_news *news)
{
	if (news->sock >= 0)
		close(news->sock);
	news->sock = -1;
}

bool route_news_take(struct route_news *news)
{
	bool any = news->first || news->sock < 0;
	ssize_t got = 0;
	unsigned i;
	char byte;

	news->first = false;
	for (i = 0; i < ROUTE_NEWS_MOST && news->sock >= 0; i++) {
		got = recv(news->sock, &byte, sizeof(byte),
			   MSG_DONTWAIT | MSG_TRUNC);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		any = true;
		/* Other errors than those of a full queue stay. */
		if (got < 0 && errno != ENOBUFS)
			route_news_close(news);
	}
	return any;
}
