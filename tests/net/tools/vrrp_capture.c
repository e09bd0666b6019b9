/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes what passes an interface into a pcap file: vrrp_capture IFACE FILE.
 * Each packet is in the file at once, with the kernel's own time; and unlike
 * tcpdump it works in a user namespace that has but one user. Ends by a signal.
 */
#include <errno.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

struct file_header {
	uint32_t magic; /* 0xa1b23c4d: nanoseconds */
	uint16_t major, minor;
	uint32_t zone, accuracy, snap, link;
};

struct packet_header {
	uint32_t sec, nsec, captured, length;
};

static int open_socket(const char *ifname)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = (int)if_nametoindex(ifname) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0), on = 1;

	if (fd < 0 || ll.sll_ifindex == 0)
		return -1;
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		return -1;
	return fd;
}

static int take(int fd, int file)
{
	static uint8_t frame[65536];
	_Alignas(struct cmsghdr) char control[128];
	struct iovec in = { .iov_base = frame, .iov_len = sizeof(frame) };
	struct msghdr msg = { .msg_iov = &in,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct packet_header head = { 0 };
	struct timespec when = { 0 };
	struct iovec out[2] = { { &head, sizeof(head) }, { frame, 0 } };
	struct cmsghdr *cmsg;
	ssize_t got = recvmsg(fd, &msg, 0);

	if (got < 0)
		return errno == EINTR || errno == ENETDOWN ? 0 : -1;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level == SOL_SOCKET &&
		    cmsg->cmsg_type == SO_TIMESTAMPNS)
			memcpy(&when, CMSG_DATA(cmsg), sizeof(when));
	}
	head.sec = (uint32_t)when.tv_sec;
	head.nsec = (uint32_t)when.tv_nsec;
	head.captured = head.length = (uint32_t)got;
	out[1].iov_len = (size_t)got;
	return writev(file, out, 2) < 0 ? -1 : 0;
}

int main(int argc, char **argv)
{
	const struct file_header head = { 0xa1b23c4d, 2, 4, 0, 0, 65535, 1 };
	int fd = argc == 3 ? open_socket(argv[1]) : -1;
	int file = argc == 3 ?
			   open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644) :
			   -1;

	if (fd < 0 || file < 0 ||
	    write(file, &head, sizeof(head)) != sizeof(head)) {
		perror("vrrp_capture");
		return 1;
	}
	fprintf(stderr, "listening\n");
	while (take(fd, file) == 0)
		;
	perror("vrrp_capture");
	return 1;
}
