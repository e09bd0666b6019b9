/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer process, with itself as the other balancer: a socket of the loopback
 * interface whose two ends are one. Main is us.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/operator/peer_main.h"
#include "lib/addr.h"
#include "lib/ipc.h"
#include "lib/peer_ipc.h"

static int fds[2];
static pid_t child;

static uint16_t free_port(void)
{
	struct endpoint any = { .addr.family = AF_INET };
	struct sockaddr_storage ss;
	socklen_t length = endpoint_to_sockaddr(&any, &ss);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&ss, length), 0);
	cr_assert_eq(getsockname(fd, (struct sockaddr *)&ss, &length), 0);
	close(fd);
	return ntohs(((struct sockaddr_in *)(void *)&ss)->sin_port);
}

static void tell(enum ipc_type type, const void *body, size_t length)
{
	struct pollfd fd = { .fd = fds[0], .events = POLLOUT };
	int error;

	while ((error = ipc_send(fds[0], type, 1, body, length, -1)) == -EAGAIN)
		cr_assert_geq(poll(&fd, 1, 60000), 0);
	cr_assert_eq(error, 0);
}

static void start(void)
{
	cr_assert_eq(ipc_pair(fds), 0);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		_exit(peer_main(fds[1]));
	}
	close(fds[1]);
}

static void end(void)
{
	int status;

	close(fds[0]);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0);
}

/* Takes a message; the pages of the other balancer are noted in CAME. */
static unsigned take(bool came[PEER_PAGES_MAX])
{
	struct pollfd fd = { .fd = fds[0], .events = POLLIN };
	static struct ipc_message msg;
	const struct ipc_peer_page *page = (const void *)msg.body;

	cr_assert_eq(poll(&fd, 1, 60000), 1);
	cr_assert_eq(ipc_recv(fds[0], &msg), 1);
	if (msg.header.type != IPC_PEER_PAGE || came[page->page])
		return 0;
	came[page->page] = true;
	return 1;
}

/*
 * The longest report is several times as much as a socket keeps for its reader.
 * If all of it comes at once, the same pages are lost each time.
 */
Test(peer_main, a_long_report_arrives_whole, .init = start, .fini = end,
     .timeout = 120)
{
	static struct ipc_peer_page page = { .pages = PEER_PAGES_MAX,
					     .count = PEER_ITEMS_MAX,
					     .version = "1.0" };
	struct ipc_peer_conf conf = { .length = PEER_KEY_MIN };
	bool came[PEER_PAGES_MAX] = { false };
	unsigned count = 0, messages = 0;

	for (page.page = 0; page.page < PEER_PAGES_MAX; page.page++)
		tell(IPC_PEER_PAGE, &page, sizeof(page));
	cr_assert_eq(endpoint_parse(&conf.peer, "127.0.0.1:1"), 0);
	conf.peer.port = free_port();
	tell(IPC_PEER_CONF, &conf, sizeof(conf));
	for (; count < PEER_PAGES_MAX && messages < 2 * PEER_PAGES_MAX;
	     messages++)
		count += take(came);
	cr_assert_eq(count, PEER_PAGES_MAX, "%u pages have come", count);
}
