/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The peer process, with itself as another balancer: a socket of the loopback
 * interface whose two ends are one. Main is us.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/operator/override_store.h"
#include "daemon/operator/peer_main.h"
#include "daemon/operator/peer_wire.h"
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

#define PEERS 4

/* Other balancers at one port: two are played here, one is the process itself. */
static struct ipc_peer_conf peers[PEERS];
static int ends[PEERS]; /* sockets; -1: not played here */

/* One of the process's user may share its port, with SO_REUSEPORT. */
static int end_open(const struct endpoint *own)
{
	struct sockaddr_storage ss;
	socklen_t length = endpoint_to_sockaddr(own, &ss);
	int yes = 1, fd = socket(own->addr.family, SOCK_DGRAM, 0);

	cr_assert_geq(fd, 0);
	cr_assert_eq(
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes)), 0);
	cr_assert_eq(bind(fd, (struct sockaddr *)&ss, length), 0);
	return fd;
}

/* Those that are played here say that they live. */
static void ends_speak(void)
{
	struct endpoint to = { .port = peers[0].peer.port };
	uint8_t packet[PEER_PACKET_MAX];
	struct sockaddr_storage ss;
	socklen_t length;
	size_t size;
	uint32_t i;

	cr_assert_eq(endpoint_parse(&to, "127.0.0.1:1"), 0);
	to.port = peers[0].peer.port;
	length = endpoint_to_sockaddr(&to, &ss);
	for (i = 0; i < PEERS; i++) {
		if (ends[i] < 0)
			continue;
		size = peer_encode(&peers[i], NULL, 0, override_store_clock(),
				   packet);
		(void)sendto(ends[i], packet, size, 0, (struct sockaddr *)&ss,
			     length);
	}
}

/* Wait until each channel of the IDS, the bits of a mask, says that it hears. */
static void await_heard(unsigned ids)
{
	struct pollfd fd = { .fd = fds[0], .events = POLLIN };
	static struct ipc_message msg;

	while (ids != 0) {
		ends_speak();
		if (poll(&fd, 1, 100) == 0)
			continue;
		cr_assert_eq(ipc_recv(fds[0], &msg), 1);
		if (msg.header.type != IPC_PEER_HEARD)
			continue;
		cr_assert_lt(msg.header.generation, PEERS);
		ids &= ~(1u << msg.header.generation);
	}
}

/*
 * Each balancer has a key of its own, and is heard by its own channel, also after
 * one has left; one that cannot be reached is no hindrance.
 */
Test(peer_main, balancers_share_a_port, .init = start, .fini = end,
     .timeout = 120)
{
	static const char *const addresses[PEERS] = { "127.0.0.2:1",
						      "127.0.0.3:1", "[::1]:1",
						      "255.255.255.255:1" };
	uint16_t port = free_port();
	uint32_t i;

	for (i = 0; i < PEERS; i++) {
		peers[i].id = i;
		peers[i].length = PEER_KEY_MIN;
		peers[i].key[0] = (uint8_t)i;
		cr_assert_eq(endpoint_parse(&peers[i].peer, addresses[i]), 0);
		peers[i].peer.port = port;
		ends[i] = i < 2 ? end_open(&peers[i].peer) : -1;
	}
	tell(IPC_PEER_CONF, peers, sizeof(peers));
	await_heard(7);
	tell(IPC_PEER_CONF, &peers[2], sizeof(peers[2]));
	await_heard(4);
	tell(IPC_PEER_CONF, peers, 3 * sizeof(peers[0]));
	await_heard(7);
	for (i = 0; i < 2; i++)
		close(ends[i]);
}
