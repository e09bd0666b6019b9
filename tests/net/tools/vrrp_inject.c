/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forges VRRP packets: vrrp_inject IFACE KEY=VALUE... Sends one Ethernet frame
 * (or "repeat" of them) through a packet socket, so that every field can lie.
 * What is not given is that of a right version 3 IPv4 advert of VRID 51.
 *
 *	src, dst (addresses), smac, dmac, ttl, version, type, vrid, prio,
 *	count, interval (as on the wire), reserved (the four bits), vips
 *	(a,b,c), auth (0-255), pass, sum (pseudo, message, bad), ihl (words),
 *	totlen, cut (bytes taken off the end), pad (bytes added), frag,
 *	repeat, every (us between two), sweep (vrid: each of 1..255)
 */
#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vrrp/packet.h"

struct forgery {
	struct addr src, dst;
	uint8_t smac[6], dmac[6];
	bool dmac_set;
	unsigned ttl, version, type, vrid, prio, interval, reserved, auth, ihl;
	int count, totlen; /* -1: the right one */
	unsigned cut, pad, frag, repeat, every;
	bool sweep;
	const char *sum, *pass;
	struct addr vips[255];
	unsigned nr_vips;
};

static uint8_t frame[65536];

static struct addr addr_of(const char *text)
{
	struct addr addr;

	if (addr_parse(&addr, text, strlen(text)) < 0) {
		fprintf(stderr, "no address: %s\n", text);
		exit(2);
	}
	return addr;
}

static void read_mac(uint8_t *mac, const char *text)
{
	char *end = NULL;
	int i;

	for (i = 0; i < 6; i++, text = end + 1) {
		mac[i] = (uint8_t)strtoul(text, &end, 16);
		if (*end != (i < 5 ? ':' : '\0'))
			exit(2);
	}
}

static void read_vips(struct forgery *f, char *text)
{
	char *save = NULL, *word;

	f->nr_vips = 0;
	for (word = strtok_r(text, ",", &save); word && f->nr_vips < 255;
	     word = strtok_r(NULL, ",", &save))
		f->vips[f->nr_vips++] = addr_of(word);
}

static const struct {
	const char *key;
	size_t offset;
} numbers[] = {
	{ "ttl", offsetof(struct forgery, ttl) },
	{ "version", offsetof(struct forgery, version) },
	{ "type", offsetof(struct forgery, type) },
	{ "vrid", offsetof(struct forgery, vrid) },
	{ "prio", offsetof(struct forgery, prio) },
	{ "interval", offsetof(struct forgery, interval) },
	{ "reserved", offsetof(struct forgery, reserved) },
	{ "auth", offsetof(struct forgery, auth) },
	{ "ihl", offsetof(struct forgery, ihl) },
	{ "count", offsetof(struct forgery, count) },
	{ "totlen", offsetof(struct forgery, totlen) },
	{ "cut", offsetof(struct forgery, cut) },
	{ "pad", offsetof(struct forgery, pad) },
	{ "frag", offsetof(struct forgery, frag) },
	{ "repeat", offsetof(struct forgery, repeat) },
	{ "every", offsetof(struct forgery, every) },
};

static void read_word(struct forgery *f, char *word)
{
	char *value = strchr(word, '=');
	int number;
	size_t i;

	if (!value)
		exit(2);
	*value++ = '\0';
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (strcmp(word, numbers[i].key) == 0) {
			number = (int)strtol(value, NULL, 0);
			memcpy((char *)f + numbers[i].offset, &number,
			       sizeof(number));
			return;
		}
	}
	if (strcmp(word, "src") == 0)
		f->src = addr_of(value);
	else if (strcmp(word, "dst") == 0)
		f->dst = addr_of(value);
	else if (strcmp(word, "smac") == 0)
		read_mac(f->smac, value);
	else if (strcmp(word, "vips") == 0)
		read_vips(f, value);
	else if (strcmp(word, "sum") == 0)
		f->sum = value;
	else if (strcmp(word, "pass") == 0)
		f->pass = value;
	else if (strcmp(word, "sweep") == 0)
		f->sweep = true;
	else if (strcmp(word, "dmac") == 0) {
		read_mac(f->dmac, value);
		f->dmac_set = true;
	} else {
		exit(2);
	}
}

static void put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static size_t put_message(const struct forgery *f, uint8_t *out)
{
	size_t size = f->src.family == AF_INET6 ? 16 : 4, length = 8;
	uint32_t start = 0;
	uint16_t sum;
	unsigned i;

	out[0] = (uint8_t)(f->version << 4 | f->type);
	out[1] = (uint8_t)f->vrid;
	out[2] = (uint8_t)f->prio;
	out[3] = (uint8_t)(f->count < 0 ? (int)f->nr_vips : f->count);
	put16(out + 4, f->version == 2 ? f->auth << 8 | f->interval :
					 f->reserved << 12 | f->interval);
	put16(out + 6, 0);
	for (i = 0; i < f->nr_vips; i++, length += size)
		memcpy(out + length, f->vips[i].bytes, size);
	if (f->version == 2) {
		memset(out + length, 0, 8);
		memcpy(out + length, f->pass, strnlen(f->pass, 8));
		length += 8;
	}
	memset(out + length, 0x5a, f->pad);
	length = length + f->pad - f->cut;
	if (f->version == 3 && strcmp(f->sum, "message") != 0)
		start = vrrp_checksum_pseudo(&f->src, &f->dst, (uint32_t)length,
					     VRRP_PROTOCOL);
	sum = vrrp_checksum_fold(start, out, length);
	if (length >= 8)
		put16(out + 6,
		      strcmp(f->sum, "bad") == 0 ? sum ^ 0x5555u : sum);
	return length;
}

static size_t put_ip4(const struct forgery *f, uint8_t *out)
{
	size_t header = (size_t)f->ihl * 4, length;
	uint16_t sum;

	length = header + put_message(f, out + header);
	memset(out, 0, 20);
	memset(out + 20, 1, header - 20);
	out[0] = (uint8_t)(0x40 | f->ihl);
	out[1] = 0xc0;
	put16(out + 2, f->totlen < 0 ? (unsigned)length : (unsigned)f->totlen);
	put16(out + 6, f->frag);
	out[8] = (uint8_t)f->ttl;
	out[9] = VRRP_PROTOCOL;
	memcpy(out + 12, f->src.bytes, 4);
	memcpy(out + 16, f->dst.bytes, 4);
	sum = vrrp_checksum_fold(0, out, header);
	put16(out + 10, sum);
	return length;
}

static size_t put_ip6(const struct forgery *f, uint8_t *out)
{
	size_t length = put_message(f, out + 40);

	memset(out, 0, 8);
	out[0] = 0x6c;
	put16(out + 4, (unsigned)length);
	out[6] = VRRP_PROTOCOL;
	out[7] = (uint8_t)f->ttl;
	memcpy(out + 8, f->src.bytes, 16);
	memcpy(out + 24, f->dst.bytes, 16);
	return 40 + length;
}

static size_t put_frame(struct forgery *f)
{
	static const uint8_t group4[6] = { 1, 0, 0x5e, 0, 0, 0x12 };
	static const uint8_t group6[6] = { 0x33, 0x33, 0, 0, 0, 0x12 };
	bool six = f->src.family == AF_INET6;

	memcpy(frame, f->dmac_set ? f->dmac : six ? group6 : group4, 6);
	memcpy(frame + 6, f->smac, 6);
	put16(frame + 12, six ? ETHERTYPE_IPV6 : ETHERTYPE_IP);
	return 14 + (six ? put_ip6(f, frame + 14) : put_ip4(f, frame + 14));
}

static int send_all(struct forgery *f, const char *ifname)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = (int)if_nametoindex(ifname) };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);
	size_t length;
	unsigned i;

	for (i = 0; i < f->repeat; i++) {
		if (f->sweep)
			f->vrid = i % 255 + 1;
		length = put_frame(f);
		if (sendto(fd, frame, length, 0, (struct sockaddr *)&to,
			   sizeof(to)) < 0) {
			perror("vrrp_inject");
			return 1;
		}
		if (f->every > 0)
			usleep(f->every);
	}
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	struct forgery f = {
		.src = addr_of("10.79.0.3"),
		.dst = addr_of("224.0.0.18"),
		.smac = { 2, 0, 0, 0, 0, 3 },
		.ttl = 255,
		.version = 3,
		.type = 1,
		.vrid = 51,
		.prio = 200,
		.interval = 10,
		.ihl = 5,
		.count = -1,
		.totlen = -1,
		.repeat = 1,
		.sum = "pseudo",
		.pass = "",
		.vips = { addr_of("10.79.0.100") },
		.nr_vips = 1,
	};
	int i;

	if (argc < 2)
		return 2;
	for (i = 2; i < argc; i++)
		read_word(&f, argv[i]);
	return send_all(&f, argv[1]);
}
