/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests are taken apart here byte by byte, and not with our own decoder.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
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
