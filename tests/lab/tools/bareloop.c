// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least that a program can do to fill an IPVS table: a peer to measure by.
 *
 *   bareloop SERVICES DESTS [BATCH]
 *
 * sends SERVICES TCP services with DESTS servers each, and prints how long that
 * took. Without BATCH each request waits for its acknowledgement; with it, so
 * many travel in one send and their acknowledgements are collected after. It
 * knows nothing, checks little, and uses no library.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int fd;
static uint16_t family;
static uint32_t seq;
static char out[512 * 1024];
static size_t used;
static unsigned waiting;
static unsigned failed;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static struct nlmsghdr *begin(uint16_t type, uint8_t cmd)
{
	struct nlmsghdr *header = (void *)(out + used);
	struct genlmsghdr *genl = NLMSG_DATA(header);

	memset(header, 0, NLMSG_LENGTH(GENL_HDRLEN));
	header->nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	header->nlmsg_seq = ++seq;
	genl->cmd = cmd;
	genl->version = 1;
	return header;
}

static struct nlattr *put(struct nlmsghdr *header, uint16_t type,
			  const void *data, size_t length)
{
	struct nlattr *attr = (void *)((char *)header + header->nlmsg_len);

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + length);
	memset(attr + 1, 0, NLA_ALIGN(length));
	if (length)
		memcpy(attr + 1, data, length);
	header->nlmsg_len += NLA_ALIGN(attr->nla_len);
	return attr;
}

static void put16(struct nlmsghdr *header, uint16_t type, uint16_t value)
{
	put(header, type, &value, sizeof(value));
}

static void put32(struct nlmsghdr *header, uint16_t type, uint32_t value)
{
	put(header, type, &value, sizeof(value));
}

static void end_nest(struct nlmsghdr *header, struct nlattr *nest)
{
	nest->nla_len =
		(uint16_t)((char *)header + header->nlmsg_len - (char *)nest);
}

static void flush(void)
{
	static char in[65536];

	if (used && send(fd, out, used, 0) != (ssize_t)used)
		die("send");
	used = 0;
	while (waiting) {
		ssize_t got = recv(fd, in, sizeof(in), 0);
		struct nlmsghdr *header = (void *)in;

		if (got < 0)
			die("recv");
		for (; NLMSG_OK(header, got);
		     header = NLMSG_NEXT(header, got)) {
			struct nlmsgerr *error = NLMSG_DATA(header);

			if (header->nlmsg_type != NLMSG_ERROR)
				continue;
			waiting--;
			if (error->error)
				failed++;
		}
	}
}

static void end(struct nlmsghdr *header, unsigned batch)
{
	used += NLMSG_ALIGN(header->nlmsg_len);
	waiting++;
	if (waiting >= batch)
		flush();
}

static void find_family(void)
{
	struct nlmsghdr *header = begin(GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	static char in[65536];
	struct nlattr *attr;
	ssize_t got;

	header->nlmsg_flags = NLM_F_REQUEST;
	put(header, CTRL_ATTR_FAMILY_NAME, "IPVS", 5);
	if (send(fd, out, header->nlmsg_len, 0) < 0)
		die("send");
	got = recv(fd, in, sizeof(in), 0);
	header = (void *)in;
	if (got < 0 || header->nlmsg_type != GENL_ID_CTRL)
		die("no IPVS");
	attr = (void *)(in + NLMSG_LENGTH(GENL_HDRLEN));
	while ((char *)attr < in + got) {
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			memcpy(&family, attr + 1, sizeof(family));
		attr = (void *)((char *)attr + NLA_ALIGN(attr->nla_len));
	}
}

static struct nlattr *put_key(struct nlmsghdr *header, unsigned number)
{
	struct nlattr *nest = put(header, IPVS_CMD_ATTR_SERVICE, NULL, 0);
	uint32_t addr = htonl(0x0a000001 + number);

	put16(header, IPVS_SVC_ATTR_AF, AF_INET);
	put16(header, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	put(header, IPVS_SVC_ATTR_ADDR, &addr, 4);
	put16(header, IPVS_SVC_ATTR_PORT, htons(3306));
	return nest;
}

static void new_service(unsigned number, unsigned batch)
{
	struct nlmsghdr *header = begin(family, IPVS_CMD_NEW_SERVICE);
	struct nlattr *nest = put_key(header, number);
	struct ip_vs_flags flags = { 0, ~0U };

	put(header, IPVS_SVC_ATTR_SCHED_NAME, "rr", 3);
	put(header, IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
	put32(header, IPVS_SVC_ATTR_TIMEOUT, 0);
	put32(header, IPVS_SVC_ATTR_NETMASK, UINT32_MAX);
	end_nest(header, nest);
	end(header, batch);
}

static void new_dest(unsigned service, unsigned number, unsigned batch)
{
	struct nlmsghdr *header = begin(family, IPVS_CMD_NEW_DEST);
	struct nlattr *nest = put_key(header, service);
	uint32_t addr = htonl(0xac100001 + number);

	end_nest(header, nest);
	nest = put(header, IPVS_CMD_ATTR_DEST, NULL, 0);
	put16(header, IPVS_DEST_ATTR_ADDR_FAMILY, AF_INET);
	put(header, IPVS_DEST_ATTR_ADDR, &addr, 4);
	put16(header, IPVS_DEST_ATTR_PORT, htons(3306));
	put32(header, IPVS_DEST_ATTR_FWD_METHOD, IP_VS_CONN_F_DROUTE);
	put32(header, IPVS_DEST_ATTR_WEIGHT, 1);
	put32(header, IPVS_DEST_ATTR_U_THRESH, 0);
	put32(header, IPVS_DEST_ATTR_L_THRESH, 0);
	end_nest(header, nest);
	end(header, batch);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

int main(int argc, char **argv)
{
	unsigned services, dests, batch, i, j;
	int buffer = 8 << 20;
	double start;

	if (argc < 3) {
		fprintf(stderr, "usage: bareloop SERVICES DESTS [BATCH]\n");
		return 2;
	}
	services = (unsigned)atoi(argv[1]);
	dests = (unsigned)atoi(argv[2]);
	batch = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
	if (batch < 1 || batch > 1024)
		batch = 64;
	fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer));
	find_family();
	start = now();
	for (i = 0; i < services; i++) {
		new_service(i, batch);
		for (j = 0; j < dests; j++)
			new_dest(i, i * dests + j, batch);
	}
	flush();
	printf("bare loop, %u at a time: %u requests in %.2f ms, %u failed\n",
	       batch, services * (dests + 1), now() - start, failed);
	close(fd);
	return failed != 0;
}
