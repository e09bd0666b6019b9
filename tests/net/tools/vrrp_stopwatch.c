/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client's stopwatch: vrrp_stopwatch ADDRESS SECONDS [NETNS LINK PID...]
 *
 * Asks the IPv4 address for an echo every millisecond and keeps the longest time
 * between two answers. The kernel that has the address answers by itself, so no
 * other program's turn at the processor is in the figure.
 *
 * With a LINK it also kills: once there are answers, and right after an advert
 * has passed (so that each round begins at the same point of the beat), it takes
 * the link of that name in the namespace NETNS down and kills the processes. It
 * ends when answers have been coming again for 100 ms.
 *
 * Prints "gap MS late MS lost COUNT", one line: late is by how much the program
 * was itself late at worst, which tells a stalled host from a slow takeover.
 * Exit status 1: no answers, or none again.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netpacket/packet.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MSEC INT64_C(1000000)
#define PERIOD MSEC
#define STEADY (100 * MSEC)

struct watch {
	struct sockaddr_in to;
	int echo, adverts, links;
	const char *link;
	char **pids;
	uint16_t sent;
	long asked, answered;
	/* All in ns. */
	int64_t first, last, resumed, cut;
	int64_t gap, late;
};

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 * MSEC + now.tv_nsec;
}

static uint16_t checksum(const struct icmphdr *head)
{
	uint16_t word[sizeof(*head) / 2] = { 0 };
	uint32_t sum = 0;
	size_t i;

	memcpy(word, head, sizeof(*head));
	for (i = 0; i < sizeof(*head) / 2; i++)
		sum += word[i];
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t) ~(sum + (sum >> 16));
}

static void ask(struct watch *watch)
{
	struct icmphdr head = { .type = ICMP_ECHO };

	head.un.echo.id = htons((uint16_t)getpid());
	head.un.echo.sequence = htons(watch->sent++);
	head.checksum = checksum(&head);
	/* What cannot be sent is a question without an answer. */
	if (sendto(watch->echo, &head, sizeof(head), MSG_DONTWAIT,
		   (struct sockaddr *)&watch->to, sizeof(watch->to)) < 0 &&
	    errno == EBADF)
		exit(1);
	watch->asked++;
}

static bool is_answer(const uint8_t *packet, ssize_t length)
{
	struct iphdr ip;
	struct icmphdr icmp;

	if (length < (ssize_t)sizeof(ip))
		return false;
	memcpy(&ip, packet, sizeof(ip));
	if (length < ip.ihl * 4 + (ssize_t)sizeof(icmp))
		return false;
	memcpy(&icmp, packet + ip.ihl * 4, sizeof(icmp));
	return icmp.type == ICMP_ECHOREPLY &&
	       icmp.un.echo.id == htons((uint16_t)getpid());
}

static void take_answers(struct watch *watch, int64_t now)
{
	uint8_t packet[1500];
	ssize_t got;

	while ((got = recv(watch->echo, packet, sizeof(packet), MSG_DONTWAIT)) >
	       0) {
		if (!is_answer(packet, got))
			continue;
		watch->answered++;
		if (!watch->first)
			watch->first = now;
		if (watch->last && now - watch->last > watch->gap) {
			watch->gap = now - watch->last;
			watch->resumed = now;
		}
		watch->last = now;
	}
}

/* Down first: a killed host says nothing more either. */
static int cut(struct watch *watch)
{
	struct ifreq req = { 0 };
	char **word;
	long pid;

	snprintf(req.ifr_name, sizeof(req.ifr_name), "%s", watch->link);
	if (ioctl(watch->links, SIOCGIFFLAGS, &req) < 0)
		return -errno;
	req.ifr_flags = (short)(req.ifr_flags & ~IFF_UP);
	if (ioctl(watch->links, SIOCSIFFLAGS, &req) < 0)
		return -errno;
	for (word = watch->pids; *word; word++) {
		pid = strtol(*word, NULL, 10);
		if (pid > 1 && kill((pid_t)pid, SIGKILL) < 0)
			return -errno;
	}
	watch->cut = now_ns();
	/* What was before is not what is measured. */
	watch->gap = 0;
	watch->late = 0;
	return 0;
}

static bool advert_passed(int fd)
{
	uint8_t packet[1500];
	bool passed = false;
	ssize_t got;

	while ((got = recv(fd, packet, sizeof(packet), MSG_DONTWAIT)) > 0)
		passed = passed || (got >= 20 && packet[9] == 112);
	return passed;
}

static int open_sockets(struct watch *watch, const char *netns)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = (int)if_nametoindex("eth0") };
	char path[128];
	int fd;

	watch->echo = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	if (watch->echo < 0 || !netns)
		return watch->echo;
	watch->adverts = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (watch->adverts < 0 ||
	    bind(watch->adverts, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		return -1;
	snprintf(path, sizeof(path), "/run/netns/%s", netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		return -1;
	close(fd);
	watch->links = socket(AF_INET, SOCK_DGRAM, 0);
	return watch->links;
}

/* Waits for something to read, or for the next question. */
static void wait_until(struct watch *watch, int64_t next)
{
	struct pollfd fds[] = { { .fd = watch->echo, .events = POLLIN },
				{ .fd = watch->adverts, .events = POLLIN } };
	int64_t left = next - now_ns();
	struct timespec timeout = { 0, left > 0 ? (long)left : 0 };

	if (ppoll(fds, watch->link ? 2 : 1, &timeout, NULL) < 0 &&
	    errno != EINTR)
		exit(1);
}

static bool time_to_cut(struct watch *watch, int64_t now)
{
	/* Read them anyway: an old one is no signal. */
	bool advert = advert_passed(watch->adverts);

	return advert && !watch->cut && watch->first &&
	       now - watch->first > STEADY;
}

/* An outage has been seen since the cut, and it has been over for a while. */
static bool is_over(const struct watch *watch, int64_t now)
{
	return watch->cut && watch->resumed > watch->cut &&
	       watch->gap > 5 * MSEC && now - watch->resumed > STEADY;
}

static int run(struct watch *watch, int64_t end)
{
	int64_t next = now_ns(), now;

	while ((now = now_ns()) < end) {
		if (now >= next) {
			if (now - next > watch->late)
				watch->late = now - next;
			ask(watch);
			next = now - next > PERIOD ? now + PERIOD :
						     next + PERIOD;
		}
		take_answers(watch, now);
		if (watch->link && time_to_cut(watch, now)) {
			if (cut(watch) < 0)
				return -1;
			next = watch->cut;
		}
		if (is_over(watch, now))
			return 0;
		wait_until(watch, next);
	}
	if (watch->last && end - watch->last > watch->gap)
		watch->gap = end - watch->last;
	return watch->link || !watch->answered ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct watch watch = { .to.sin_family = AF_INET };
	int status;

	if (argc < 3 || inet_pton(AF_INET, argv[1], &watch.to.sin_addr) != 1)
		return 2;
	if (argc > 4) {
		watch.link = argv[4];
		watch.pids = argv + 5;
	}
	if (open_sockets(&watch, argc > 4 ? argv[3] : NULL) < 0) {
		perror("vrrp_stopwatch");
		return 1;
	}
	status =
		run(&watch, now_ns() + strtol(argv[2], NULL, 10) * 1000 * MSEC);
	printf("gap %.2f late %.2f lost %ld\n", (double)watch.gap / MSEC,
	       (double)watch.late / MSEC, watch.asked - watch.answered);
	return status < 0;
}
