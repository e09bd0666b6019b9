/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests are taken apart here byte by byte, and replies are written with
 * libnl, so that neither side is checked by its own mirror image.
 */
#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs/encode.h"
#include "ipvs_world.h"

static const struct ipvs_envelope envelope = { 77, 29, NLM_F_ACK };

union buffer {
	struct nlmsghdr header;
	char bytes[IPVS_MESSAGE_MAX];
};

/* The attribute TYPE among those in BYTES to END; NULL if it is not there. */
static const struct nlattr *find(const char *bytes, const char *end, int type)
{
	while (end - bytes >= NLA_HDRLEN) {
		const struct nlattr *attr = (const void *)bytes;

		cr_assert_geq(attr->nla_len, NLA_HDRLEN);
		cr_assert_leq(attr->nla_len, end - bytes);
		if ((attr->nla_type & NLA_TYPE_MASK) == type)
			return attr;
		bytes += NLA_ALIGN(attr->nla_len);
	}
	return NULL;
}

static const struct nlattr *top(const union buffer *buffer, int type)
{
	return find(buffer->bytes + NLMSG_LENGTH(GENL_HDRLEN),
		    buffer->bytes + buffer->header.nlmsg_len, type);
}

static const struct nlattr *in(const struct nlattr *nest, int type)
{
	const char *bytes = (const char *)nest;

	return find(bytes + NLA_HDRLEN, bytes + nest->nla_len, type);
}

static void expect_bytes(const struct nlattr *nest, int type, const char *bytes,
			 size_t length)
{
	const struct nlattr *attr = in(nest, type);

	cr_assert_not_null(attr, "attribute %d is missing", type);
	cr_assert_eq(attr->nla_len, NLA_HDRLEN + length);
	cr_assert_eq(memcmp(attr + 1, bytes, length), 0, "attribute %d differs",
		     type);
}

static void expect_u32(const struct nlattr *nest, int type, uint32_t value)
{
	expect_bytes(nest, type, (const char *)&value, sizeof(value));
}

static void expect_u16(const struct nlattr *nest, int type, uint16_t value)
{
	expect_bytes(nest, type, (const char *)&value, sizeof(value));
}

static void encode(union buffer *buffer, enum ipvs_op op,
		   const struct table_service *svc,
		   const struct table_dest *dest)
{
	struct ipvs_request request = { .op = op,
					.service = svc,
					.dest = dest };
	int length;

	memset(buffer, 0xee, sizeof(*buffer));
	length = ipvs_encode_request(buffer, sizeof(*buffer), &envelope,
				     &request);
	cr_assert_gt(length, 0);
	cr_assert_eq(length, (int)buffer->header.nlmsg_len);
	cr_assert_eq(length % 4, 0);
}

Test(ipvs_encode, header)
{
	static const uint8_t commands[] = {
		[IPVS_NEW_SERVICE] = 1, [IPVS_SET_SERVICE] = 2,
		[IPVS_DEL_SERVICE] = 3, [IPVS_NEW_DEST] = 5,
		[IPVS_SET_DEST] = 6,	[IPVS_DEL_DEST] = 7,
	};
	struct table t = { 0 };
	union buffer buffer;
	unsigned op;

	world_service(&t, 1);
	world_dest(&t, 1, 1);
	for (op = 0; op < sizeof(commands); op++) {
		const struct genlmsghdr *genl =
			(const void *)(buffer.bytes + NLMSG_HDRLEN);

		encode(&buffer, (enum ipvs_op)op, &t.services[0],
		       op < IPVS_NEW_DEST ? NULL : &t.dests[0]);
		cr_assert_eq(buffer.header.nlmsg_type, 29);
		cr_assert_eq(buffer.header.nlmsg_seq, 77);
		cr_assert_eq(buffer.header.nlmsg_pid, 0);
		cr_assert_eq(buffer.header.nlmsg_flags,
			     NLM_F_REQUEST | NLM_F_ACK);
		cr_assert_eq(genl->cmd, commands[op]);
		cr_assert_eq(genl->version, 1);
		cr_assert_eq(genl->reserved, 0);
	}
	table_free(&t);
}

Test(ipvs_encode, service_of_ipv4)
{
	struct table t = { 0 };
	struct table_service *svc = world_service(&t, 0x0203);
	const struct ip_vs_flags flags = { SERVICE_PERSISTENT | SERVICE_SCHED2,
					   0x3d };
	const struct nlattr *nest;
	union buffer buffer;

	svc->flags = SERVICE_PERSISTENT | SERVICE_SCHED2;
	svc->timeout = 360;
	svc->prefix = 23;
	encode(&buffer, IPVS_NEW_SERVICE, svc, NULL);
	nest = top(&buffer, IPVS_CMD_ATTR_SERVICE);
	cr_assert_not_null(nest);
	cr_assert_null(top(&buffer, IPVS_CMD_ATTR_DEST));
	expect_u16(nest, IPVS_SVC_ATTR_AF, AF_INET);
	expect_u16(nest, IPVS_SVC_ATTR_PROTOCOL, 6);
	expect_bytes(nest, IPVS_SVC_ATTR_ADDR, "\x0a\0\x02\x03", 4);
	expect_bytes(nest, IPVS_SVC_ATTR_PORT, "\x0c\xea", 2);
	expect_bytes(nest, IPVS_SVC_ATTR_SCHED_NAME, "wlc", 4);
	expect_bytes(nest, IPVS_SVC_ATTR_FLAGS, (const char *)&flags, 8);
	expect_u32(nest, IPVS_SVC_ATTR_TIMEOUT, 360);
	expect_bytes(nest, IPVS_SVC_ATTR_NETMASK, "\xff\xff\xfe\0", 4);
	cr_assert_null(in(nest, IPVS_SVC_ATTR_PE_NAME));
	cr_assert_null(in(nest, IPVS_SVC_ATTR_FWMARK));
	strcpy(svc->pe_name, "sip");
	svc->prefix = 32;
	encode(&buffer, IPVS_SET_SERVICE, svc, NULL);
	nest = top(&buffer, IPVS_CMD_ATTR_SERVICE);
	expect_bytes(nest, IPVS_SVC_ATTR_PE_NAME, "sip", 4);
	expect_bytes(nest, IPVS_SVC_ATTR_NETMASK, "\xff\xff\xff\xff", 4);
	/* Identity is all that a removal needs. */
	encode(&buffer, IPVS_DEL_SERVICE, svc, NULL);
	nest = top(&buffer, IPVS_CMD_ATTR_SERVICE);
	expect_bytes(nest, IPVS_SVC_ATTR_PORT, "\x0c\xea", 2);
	cr_assert_null(in(nest, IPVS_SVC_ATTR_SCHED_NAME));
	table_free(&t);
}

Test(ipvs_encode, service_of_ipv6_and_mark)
{
	struct table t = { 0 };
	struct table_service *svc = world_service(&t, 1);
	const struct nlattr *nest;
	union buffer buffer;

	svc->key.family = AF_INET6;
	cr_assert_eq(addr_parse(&svc->key.vip.addr, "fd77::5", 7), 0);
	svc->prefix = 64;
	encode(&buffer, IPVS_NEW_SERVICE, svc, NULL);
	nest = top(&buffer, IPVS_CMD_ATTR_SERVICE);
	expect_u16(nest, IPVS_SVC_ATTR_AF, AF_INET6);
	expect_bytes(nest, IPVS_SVC_ATTR_ADDR,
		     "\xfd\x77\0\0\0\0\0\0\0\0\0\0\0\0\0\x05", 16);
	expect_u32(nest, IPVS_SVC_ATTR_NETMASK, 64);
	memset(&svc->key.vip, 0, sizeof(svc->key.vip));
	svc->key.protocol = 0;
	svc->key.fwmark = 0x01020304;
	encode(&buffer, IPVS_NEW_SERVICE, svc, NULL);
	nest = top(&buffer, IPVS_CMD_ATTR_SERVICE);
	expect_u32(nest, IPVS_SVC_ATTR_FWMARK, 0x01020304);
	cr_assert_null(in(nest, IPVS_SVC_ATTR_PROTOCOL));
	cr_assert_null(in(nest, IPVS_SVC_ATTR_ADDR));
	cr_assert_null(in(nest, IPVS_SVC_ATTR_PORT));
	table_free(&t);
}

Test(ipvs_encode, server)
{
	struct table t = { 0 };
	struct table_service *svc = world_service(&t, 1);
	struct table_dest *dest = world_dest(&t, 0x0304, 65536);
	const struct nlattr *nest;
	union buffer buffer;

	dest->u_threshold = 900;
	dest->l_threshold = 700;
	dest->forward = FORWARD_DR;
	dest->tun_port = 5; /* of no tunnel */
	encode(&buffer, IPVS_NEW_DEST, svc, dest);
	nest = top(&buffer, IPVS_CMD_ATTR_SERVICE);
	expect_bytes(nest, IPVS_SVC_ATTR_PORT, "\x0c\xea", 2);
	cr_assert_null(in(nest, IPVS_SVC_ATTR_SCHED_NAME));
	nest = top(&buffer, IPVS_CMD_ATTR_DEST);
	expect_u16(nest, IPVS_DEST_ATTR_ADDR_FAMILY, AF_INET);
	expect_bytes(nest, IPVS_DEST_ATTR_ADDR, "\x0a\x01\x03\x04", 4);
	expect_bytes(nest, IPVS_DEST_ATTR_PORT, "\x0c\xea", 2);
	expect_u32(nest, IPVS_DEST_ATTR_FWD_METHOD, 3);
	expect_u32(nest, IPVS_DEST_ATTR_WEIGHT, 65536);
	expect_u32(nest, IPVS_DEST_ATTR_U_THRESH, 900);
	expect_u32(nest, IPVS_DEST_ATTR_L_THRESH, 700);
	cr_assert_null(in(nest, IPVS_DEST_ATTR_TUN_TYPE));
	dest->forward = FORWARD_TUN;
	dest->tun_type = TUNNEL_GUE;
	dest->tun_port = 6080;
	dest->tun_flags = TUNNEL_REMCSUM;
	encode(&buffer, IPVS_SET_DEST, svc, dest);
	nest = top(&buffer, IPVS_CMD_ATTR_DEST);
	expect_bytes(nest, IPVS_DEST_ATTR_TUN_TYPE, "\x01", 1);
	expect_bytes(nest, IPVS_DEST_ATTR_TUN_PORT, "\x17\xc0", 2);
	expect_u16(nest, IPVS_DEST_ATTR_TUN_FLAGS, 2);
	encode(&buffer, IPVS_DEL_DEST, svc, dest);
	nest = top(&buffer, IPVS_CMD_ATTR_DEST);
	expect_bytes(nest, IPVS_DEST_ATTR_PORT, "\x0c\xea", 2);
	cr_assert_null(in(nest, IPVS_DEST_ATTR_WEIGHT));
	table_free(&t);
}

/* With less room than needed nothing is written beyond it. */
Test(ipvs_encode, room)
{
	struct table t = { 0 };
	struct ipvs_request request = { .op = IPVS_NEW_DEST };
	union buffer buffer;
	size_t room;
	int length;

	request.service = world_service(&t, 1);
	request.dest = world_dest(&t, 1, 1);
	encode(&buffer, IPVS_NEW_DEST, request.service, request.dest);
	length = (int)buffer.header.nlmsg_len;
	cr_assert_lt(length, 200);
	for (room = 0; room < (size_t)length; room++) {
		char *exact = malloc(room ? room : 1);

		cr_assert_eq(ipvs_encode_request(exact, room, &envelope,
						 &request),
			     -EMSGSIZE);
		free(exact);
	}
	cr_assert_eq(ipvs_encode_request(&buffer, (size_t)length, &envelope,
					 &request),
		     length);
	table_free(&t);
}

Test(ipvs_encode, the_longest_fits)
{
	struct table t = { 0 };
	struct table_service *svc = world_service(&t, 1);
	union buffer buffer;

	svc->key.family = AF_INET6;
	svc->key.vip.addr.family = AF_INET6;
	memset(svc->scheduler, 'a', TABLE_NAME_MAX - 1);
	memset(svc->pe_name, 'b', TABLE_NAME_MAX - 1);
	encode(&buffer, IPVS_NEW_SERVICE, svc, NULL);
	cr_assert_lt(buffer.header.nlmsg_len, IPVS_MESSAGE_MAX / 2);
	table_free(&t);
}

Test(ipvs_encode, the_preloading_service_is_impossible)
{
	const struct nlattr *nest;
	union buffer buffer;

	cr_assert_gt(ipvs_encode_preload(&buffer, sizeof(buffer), &envelope,
					 "mh"),
		     0);
	nest = top(&buffer, IPVS_CMD_ATTR_SERVICE);
	expect_u16(nest, IPVS_SVC_ATTR_AF, AF_INET6);
	expect_u32(nest, IPVS_SVC_ATTR_NETMASK, 0);
	expect_bytes(nest, IPVS_SVC_ATTR_SCHED_NAME, "mh", 3);
	cr_assert_eq(ipvs_encode_preload(&buffer, sizeof(buffer), &envelope,
					 "sixteen-letters-"),
		     -EMSGSIZE);
}

/* A reply as the kernel writes it: 16 bytes of address, and statistics. */
static struct nl_msg *reply(uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);

	cr_assert_not_null(genlmsg_put(msg, 0, 1, 29, 0, NLM_F_MULTI, cmd, 1));
	return msg;
}

static void put_stats(struct nl_msg *msg, int type, bool wide, uint64_t conns)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	if (wide)
		nla_put_u64(msg, IPVS_STATS_ATTR_CONNS, conns);
	else
		nla_put_u32(msg, IPVS_STATS_ATTR_CONNS, (uint32_t)conns);
	nla_put_u64(msg, IPVS_STATS_ATTR_INBYTES, conns + 1);
	nla_put_u64(msg, IPVS_STATS_ATTR_OUTBYTES, conns + 2);
	nla_put_u64(msg, IPVS_STATS_ATTR_PAD, 0);
	nla_nest_end(msg, nest);
}

static struct nl_msg *service_reply(const char *addr, uint16_t family,
				    uint32_t netmask, bool wide)
{
	const struct ip_vs_flags flags = {
		SERVICE_PERSISTENT | IP_VS_SVC_F_HASHED, ~0u
	};
	struct nl_msg *msg = reply(IPVS_CMD_NEW_SERVICE);
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);

	nla_put_u16(msg, IPVS_SVC_ATTR_AF, family);
	nla_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, 17);
	nla_put(msg, IPVS_SVC_ATTR_ADDR, 16, addr);
	nla_put_u16(msg, IPVS_SVC_ATTR_PORT, htons(53));
	nla_put_string(msg, IPVS_SVC_ATTR_SCHED_NAME, "mh");
	nla_put_string(msg, IPVS_SVC_ATTR_PE_NAME, "sip");
	nla_put(msg, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
	nla_put_u32(msg, IPVS_SVC_ATTR_TIMEOUT, 300);
	nla_put_u32(msg, IPVS_SVC_ATTR_NETMASK, netmask);
	put_stats(msg, IPVS_SVC_ATTR_STATS, false, 5);
	if (wide)
		put_stats(msg, IPVS_SVC_ATTR_STATS64, true, 1ull << 40);
	nla_put_u32(msg, 99, 1); /* of a later kernel */
	nla_nest_end(msg, nest);
	return msg;
}

Test(ipvs_decode, service)
{
	struct nl_msg *msg = service_reply("\x0a\0\0\x01\0\0\0\0\0\0\0\0\0\0\0",
					   AF_INET, htonl(0xffffff00), true);
	struct table_service svc;
	char text[SERVICE_TEXT_MAX];

	cr_assert_eq(ipvs_decode_service(nlmsg_hdr(msg), &svc), 0);
	cr_assert_str_eq(service_key_format(&svc.key, text), "UDP 10.0.0.1:53");
	cr_assert_str_eq(svc.scheduler, "mh");
	cr_assert_str_eq(svc.pe_name, "sip");
	cr_assert_eq(svc.flags, SERVICE_PERSISTENT);
	cr_assert_eq(svc.timeout, 300);
	cr_assert_eq(svc.prefix, 24);
	cr_assert_eq(svc.ref, TABLE_NO_REF);
	cr_assert_eq(svc.conns, 1ull << 40);
	cr_assert_eq(svc.in_bytes, (1ull << 40) + 1);
	cr_assert_eq(svc.out_bytes, (1ull << 40) + 2);
	nlmsg_free(msg);
	/* Old kernels have the narrow statistics only. */
	msg = service_reply("\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x09", AF_INET6,
			    48, false);
	cr_assert_eq(ipvs_decode_service(nlmsg_hdr(msg), &svc), 0);
	cr_assert_str_eq(service_key_format(&svc.key, text),
			 "UDP [fd00::9]:53");
	cr_assert_eq(svc.prefix, 48);
	cr_assert_eq(svc.conns, 5);
	cr_assert_eq(svc.in_bytes, 6);
	nlmsg_free(msg);
}

/* A mask that no file can ask for must differ from all that are wanted. */
Test(ipvs_decode, masks)
{
	static const struct {
		uint32_t mask, prefix;
	} cases[] = {
		{ 0xffffffff, 32 }, { 0xfffffffe, 31 }, { 0x80000000, 1 },
		{ 0, 0 },	    { 0xff00ff00, 0 },	{ 0x00ffffff, 0 },
	};
	struct table_service svc;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct nl_msg *msg =
			service_reply("\x0a\0\0\x01\0\0\0\0\0\0\0\0\0\0\0",
				      AF_INET, htonl(cases[i].mask), true);

		cr_assert_eq(ipvs_decode_service(nlmsg_hdr(msg), &svc), 0);
		cr_expect_eq(svc.prefix, cases[i].prefix, "%x", cases[i].mask);
		nlmsg_free(msg);
	}
}

static struct nl_msg *dest_reply(bool with_family)
{
	struct nl_msg *msg = reply(IPVS_CMD_NEW_DEST);
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_DEST);

	nla_put(msg, IPVS_DEST_ATTR_ADDR, 16,
		"\x0a\0\0\x02\0\0\0\0\0\0\0\0\0\0\0");
	nla_put_u16(msg, IPVS_DEST_ATTR_PORT, htons(3306));
	nla_put_u32(msg, IPVS_DEST_ATTR_FWD_METHOD, FORWARD_TUN | 0x100);
	nla_put_u32(msg, IPVS_DEST_ATTR_WEIGHT, 7);
	nla_put_u32(msg, IPVS_DEST_ATTR_U_THRESH, 8);
	nla_put_u32(msg, IPVS_DEST_ATTR_L_THRESH, 6);
	nla_put_u32(msg, IPVS_DEST_ATTR_ACTIVE_CONNS, 1);
	nla_put_u32(msg, IPVS_DEST_ATTR_INACT_CONNS, 2);
	nla_put_u32(msg, IPVS_DEST_ATTR_PERSIST_CONNS, 3);
	if (with_family)
		nla_put_u16(msg, IPVS_DEST_ATTR_ADDR_FAMILY, AF_INET);
	nla_put_u8(msg, IPVS_DEST_ATTR_TUN_TYPE, TUNNEL_GUE);
	nla_put_u16(msg, IPVS_DEST_ATTR_TUN_PORT, htons(6080));
	nla_put_u16(msg, IPVS_DEST_ATTR_TUN_FLAGS, TUNNEL_CSUM);
	put_stats(msg, IPVS_DEST_ATTR_STATS64, true, 9);
	nla_nest_end(msg, nest);
	return msg;
}

Test(ipvs_decode, server)
{
	const struct service_key key = { .family = AF_INET6 };
	struct nl_msg *msg = dest_reply(true);
	struct table_dest dest;
	char text[ENDPOINT_TEXT_MAX];

	cr_assert_eq(ipvs_decode_dest(nlmsg_hdr(msg), &key, &dest), 0);
	cr_assert_str_eq(endpoint_format(&dest.rip, text), "10.0.0.2:3306");
	cr_assert_eq(dest.forward, FORWARD_TUN);
	cr_assert_eq(dest.weight, 7);
	cr_assert_eq(dest.u_threshold, 8);
	cr_assert_eq(dest.l_threshold, 6);
	cr_assert_eq(dest.active, 1);
	cr_assert_eq(dest.inactive, 2);
	cr_assert_eq(dest.persistent, 3);
	cr_assert_eq(dest.tun_type, TUNNEL_GUE);
	cr_assert_eq(dest.tun_port, 6080);
	cr_assert_eq(dest.tun_flags, TUNNEL_CSUM);
	cr_assert_eq(dest.ref, TABLE_NO_REF);
	nlmsg_free(msg);
	/* Without a family of its own it has the service's. */
	msg = dest_reply(false);
	cr_assert_eq(ipvs_decode_dest(nlmsg_hdr(msg), &key, &dest), 0);
	cr_assert_eq(dest.rip.addr.family, AF_INET6);
	nlmsg_free(msg);
}

/*
 * Every shorter message, in memory that ends where it does: all are refused or
 * understood in part, and none is read beyond its end.
 */
static size_t cut(struct nl_msg *msg)
{
	const struct service_key key = { .family = AF_INET };
	uint32_t full = nlmsg_hdr(msg)->nlmsg_len, length;
	struct table_service svc;
	struct table_dest dest;
	struct ipvs_info info;
	struct ipvs_timeouts timeouts;
	size_t refused = 0;

	for (length = NLMSG_HDRLEN; length < full; length++) {
		struct nlmsghdr *copy = malloc(length);

		memcpy(copy, nlmsg_hdr(msg), length);
		copy->nlmsg_len = length;
		refused += ipvs_decode_service(copy, &svc) < 0;
		refused += ipvs_decode_dest(copy, &key, &dest) < 0;
		refused += ipvs_decode_info(copy, &info) < 0;
		refused += ipvs_decode_timeouts(copy, &timeouts) < 0;
		free(copy);
	}
	return refused;
}

Test(ipvs_decode, cut_messages)
{
	struct nl_msg *msg = service_reply("\x0a\0\0\x01\0\0\0\0\0\0\0\0\0\0\0",
					   AF_INET, htonl(0xffffff00), true);

	cr_assert_gt(cut(msg), 0);
	nlmsg_free(msg);
	msg = dest_reply(true);
	cr_assert_gt(cut(msg), 0);
	nlmsg_free(msg);
}

Test(ipvs_decode, what_is_needed)
{
	const struct service_key key = { .family = AF_INET };
	struct nl_msg *msg = reply(IPVS_CMD_NEW_SERVICE);
	struct table_service svc;
	struct table_dest dest;
	struct nlattr *nest;

	cr_assert_eq(ipvs_decode_service(nlmsg_hdr(msg), &svc), -EBADMSG);
	cr_assert_eq(ipvs_decode_dest(nlmsg_hdr(msg), &key, &dest), -EBADMSG);
	nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	nla_put_u16(msg, IPVS_SVC_ATTR_AF, AF_INET6);
	nla_put_string(msg, IPVS_SVC_ATTR_SCHED_NAME, "rr");
	nla_put(msg, IPVS_SVC_ATTR_ADDR, 4, "\x0a\0\0\x01"); /* too short */
	nla_nest_end(msg, nest);
	cr_assert_eq(ipvs_decode_service(nlmsg_hdr(msg), &svc), -EBADMSG);
	nlmsg_free(msg);
	msg = reply(IPVS_CMD_NEW_SERVICE);
	nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	nla_put_u16(msg, IPVS_SVC_ATTR_AF, AF_INET);
	nla_put_u32(msg, IPVS_SVC_ATTR_FWMARK, 5);
	nla_nest_end(msg, nest);
	cr_assert_eq(ipvs_decode_service(nlmsg_hdr(msg), &svc), -EBADMSG);
	nlmsg_free(msg);
	/* A name must end; libnl would take one without NUL as text. */
	msg = reply(IPVS_CMD_NEW_SERVICE);
	nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	nla_put_u16(msg, IPVS_SVC_ATTR_AF, AF_INET);
	nla_put_u32(msg, IPVS_SVC_ATTR_FWMARK, 5);
	nla_put(msg, IPVS_SVC_ATTR_SCHED_NAME, 2, "rr");
	nla_nest_end(msg, nest);
	cr_assert_eq(ipvs_decode_service(nlmsg_hdr(msg), &svc), -EBADMSG);
	nlmsg_free(msg);
}
