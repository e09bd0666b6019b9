/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/netfilter/firewall_news.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"

/* Bytes read of a message: its content does not matter, only that it came. */
#define NEWS_PIECE 512
/* So many messages a turn; a flood of them must not keep the loop. */
#define NEWS_MOST 256

struct firewall_news {
	struct loop_io io;
	int fd;
	void (*changed)(void *arg);
	void *arg;
};

static void news_ready(struct loop_io *io, unsigned what)
{
	struct firewall_news *news = container_of(io, struct firewall_news, io);
	char piece[NEWS_PIECE];
	int i;

	/* ENOBUFS says that some were lost, which is news as well. */
	for (i = 0; i < NEWS_MOST; i++) {
		if (recv(news->fd, piece, sizeof(piece), MSG_DONTWAIT) < 0 &&
		    errno != ENOBUFS && errno != EINTR)
			break;
	}
	news->changed(news->arg);
}

static int news_open(void)
{
	struct sockaddr_nl group = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1u << (NFNLGRP_NFTABLES - 1),
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_NETFILTER);
	int error;

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&group, sizeof(group)) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	return fd;
}

struct firewall_news *firewall_news_new(struct loop *loop,
					void (*changed)(void *arg), void *arg)
{
	struct firewall_news *news = xcalloc(1, sizeof(*news));
	int error;

	news->changed = changed;
	news->arg = arg;
	news->fd = news_open();
	error = news->fd;
	if (news->fd >= 0)
		error = loop_io_start(loop, &news->io, news->fd, LOOP_READ,
				      news_ready);
	if (error >= 0)
		return news;
	log_info("firewall",
		 "the kernel does not tell of changed rules (%s): they are "
		 "looked at now and then",
		 strerror(-error));
	if (news->fd >= 0)
		close(news->fd);
	free(news);
	return NULL;
}

void firewall_news_free(struct firewall_news *news)
{
	if (!news)
		return;
	loop_io_stop(&news->io);
	close(news->fd);
	free(news);
}
