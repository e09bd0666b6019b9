/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/doctor/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/doctor/wire_ask.h"
#include "daemon/proc/environment.h"

/* Beyond the child's own time: then it stands still, and is killed. */
#define WIRE_LIMIT (WIRE_ROUNDS * WIRE_PAUSE + 10 * USEC_PER_SEC)
/* So many servers are asked for: the wire is not to be flooded. */
#define WIRE_SERVERS_MAX 512
/* More answers than any sane network gives. */
#define WIRE_ANSWERS_MAX 8192

void wire_question(const struct addr *addr, const uint8_t mac[DOCTOR_MAC],
		   uint8_t frame[WIRE_ARP])
{
	static const uint8_t head[] = { 0, ARPHRD_ETHER, 8, 0, DOCTOR_MAC, 4,
					0, ARPOP_REQUEST };

	memset(frame, 0, WIRE_ARP);
	memcpy(frame, head, sizeof(head));
	memcpy(frame + 8, mac, DOCTOR_MAC);
	memcpy(frame + 24, addr->bytes, 4);
}

bool wire_answer(const uint8_t *frame, size_t length, struct addr *addr,
		 uint8_t mac[DOCTOR_MAC])
{
	static const uint8_t head[] = { 0, ARPHRD_ETHER, 8, 0, DOCTOR_MAC, 4,
					0, ARPOP_REPLY };

	if (length < WIRE_ARP || memcmp(frame, head, sizeof(head)) != 0)
		return false;
	*addr = (struct addr){ .family = AF_INET };
	memcpy(mac, frame + 8, DOCTOR_MAC);
	memcpy(addr->bytes, frame + 14, 4);
	return true;
}

/* A socket for each interface where somebody is asked for. */
struct wire {
	struct doctor_host *host;
	int socks[WIRE_LINKS_MAX];
	struct wire_job job;
	struct wire_asked *asked;
	size_t room;
};

static bool wire_is_asked(const struct doctor_host *host,
			  const struct doctor_way *way)
{
	return way->addr.family == AF_INET && way->link != DOCTOR_NO_LINK &&
	       host->links[way->link].ether && host->links[way->link].up;
}

static int wire_open(struct wire *wire, uint32_t link)
{
	const struct doctor_link *on = &wire->host->links[link];
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = (int)on->index,
	};
	struct wire_link *to;
	uint32_t i;
	int sock;

	for (i = 0; i < wire->job.nr_links; i++)
		if (wire->job.links[i].link == link)
			return 0;
	if (wire->job.nr_links == WIRE_LINKS_MAX)
		return 0;
	sock = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock < 0)
		return -errno;
	if (bind(sock, (const void *)&at, sizeof(at)) < 0) {
		close(sock);
		return -errno;
	}
	wire->socks[wire->job.nr_links] = sock;
	to = &wire->job.links[wire->job.nr_links++];
	to->link = link;
	to->index = on->index;
	memcpy(to->mac, on->mac, DOCTOR_MAC);
	return 0;
}

static void wire_close(struct wire *wire)
{
	while (wire->job.nr_links > 0)
		close(wire->socks[--wire->job.nr_links]);
	free(wire->asked);
}

/* Up to MOST of the NR addresses of WAYS are asked for at one of the links. */
static void wire_plan(struct wire *wire, uint32_t at,
		      const struct doctor_way *ways, uint32_t nr, uint32_t most)
{
	uint32_t i;

	for (i = 0; i < nr && most > 0; i++) {
		if (!wire_is_asked(wire->host, &ways[i]) ||
		    ways[i].link != wire->job.links[at].link)
			continue;
		wire->asked = array_grow(wire->asked, wire->job.nr_asked,
					 &wire->room, sizeof(*wire->asked));
		wire->asked[wire->job.nr_asked++] =
			(struct wire_asked){ .addr = ways[i].addr, .at = at };
		most--;
	}
}

/* The job as a file in memory. Returns its descriptor, or -errno. */
static int wire_write(struct wire *wire)
{
	const struct doctor_host *host = wire->host;
	struct iovec parts[2];
	uint32_t i;
	int fd;

	for (i = 0; i < wire->job.nr_links; i++) {
		wire_plan(wire, i, host->services, host->nr_services,
			  host->nr_services);
		wire_plan(wire, i, host->servers, host->nr_servers,
			  WIRE_SERVERS_MAX);
	}
	parts[0] = (struct iovec){ &wire->job, sizeof(wire->job) };
	parts[1] = (struct iovec){ wire->asked,
				   wire->job.nr_asked * sizeof(*wire->asked) };
	fd = memfd_create("evenkeel-arp", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (writev(fd, parts, 2) ==
	    (ssize_t)(parts[0].iov_len + parts[1].iov_len))
		return fd;
	close(fd);
	return -ENOSPC;
}

/* The child is not believed: only answers about addresses asked for count. */
static void wire_note(struct doctor_host *host, size_t *room,
		      const struct doctor_answer *answer)
{
	uint32_t i;

	if (answer->addr.family != AF_INET || answer->link >= host->nr_links ||
	    host->nr_answers >= WIRE_ANSWERS_MAX ||
	    (!doctor_way(host->services, host->nr_services, &answer->addr) &&
	     !doctor_way(host->servers, host->nr_servers, &answer->addr)))
		return;
	for (i = 0; i < host->nr_answers; i++)
		if (addr_cmp(&host->answers[i].addr, &answer->addr) == 0 &&
		    memcmp(host->answers[i].mac, answer->mac, DOCTOR_MAC) == 0)
			return;
	host->answers = array_grow(host->answers, host->nr_answers, room,
				   sizeof(*host->answers));
	host->answers[host->nr_answers++] = *answer;
}

/* Returns 0, or -errno if CHILD did not do all of its job. */
static int wire_listen(struct doctor_host *host, int from, pid_t child)
{
	usec_t end = clock_now() + WIRE_LIMIT, left;
	struct doctor_answer answer;
	size_t room = 0;
	int status = 0;

	while ((left = end - clock_now()) > 0) {
		struct pollfd ready = { .fd = from, .events = POLLIN };

		if (poll(&ready, 1, (int)(left / USEC_PER_MSEC) + 1) <= 0)
			continue;
		if (read(from, &answer, sizeof(answer)) != sizeof(answer))
			break;
		wire_note(host, &room, &answer);
	}
	kill(child, SIGKILL);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (!WIFEXITED(status))
		return -ETIMEDOUT;
	return WEXITSTATUS(status) == 0 ? 0 : -EIO;
}

/*
 * In the child: first out of the way of all numbers that are wanted, then each
 * to its own.
 */
static void wire_exec(const struct wire *wire, int tell, int job)
{
	static char *const argv[] = { (char *)(uintptr_t) "evenkeel-arp",
				      (char *)(uintptr_t) "--child",
				      (char *)(uintptr_t) "arp", NULL };
	int fds[WIRE_SOCKETS - WIRE_TELL + WIRE_LINKS_MAX] = { tell, job };
	int nr = 2 + (int)wire->job.nr_links, i;
	char *environment[ENVIRONMENT_MAX];

	memcpy(fds + 2, wire->socks, wire->job.nr_links * sizeof(*fds));
	for (i = 0; i < nr; i++)
		fds[i] = fcntl(fds[i], F_DUPFD, (int)(WIRE_TELL + nr));
	for (i = 0; i < nr; i++)
		if (dup2(fds[i], WIRE_TELL + i) < 0)
			_exit(127);
	syscall(SYS_close_range, WIRE_TELL + nr, ~0u, 0);
	environment_of_child(environment);
	execve("/proc/self/exe", argv, environment);
	_exit(127);
}

static int wire_run(struct wire *wire, int job)
{
	int ends[2], error;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	child = fork();
	if (child == 0)
		wire_exec(wire, ends[1], job);
	error = child < 0 ? -errno : 0;
	close(ends[1]);
	if (error == 0)
		error = wire_listen(wire->host, ends[0], child);
	close(ends[0]);
	return error;
}

int wire_collect(struct doctor_host *host)
{
	struct wire wire = { .host = host };
	int error = 0, job;
	uint32_t i;

	for (i = 0; i < host->nr_services && error == 0; i++)
		if (wire_is_asked(host, &host->services[i]))
			error = wire_open(&wire, host->services[i].link);
	if (error == 0 && wire.job.nr_links > 0) {
		job = wire_write(&wire);
		error = job < 0 ? job : wire_run(&wire, job);
		if (job >= 0)
			close(job);
	}
	wire_close(&wire);
	return error;
}
