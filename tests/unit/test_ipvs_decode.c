/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replies are written here with libnl, and not with our own encoder.
 */
#include <criterion/criterion.h>
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs/encode.h"

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
	if (wide) {
		nla_put_u64(msg, IPVS_STATS_ATTR_INPKTS, conns + 3);
		nla_put_u64(msg, IPVS_STATS_ATTR_OUTPKTS, conns + 4);
	} else {
		nla_put_u32(msg, IPVS_STATS_ATTR_INPKTS, (uint32_t)conns + 3);
		nla_put_u32(msg, IPVS_STATS_ATTR_OUTPKTS, (uint32_t)conns + 4);
	}
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
	cr_assert_eq(dest.conns, 9);
	cr_assert_eq(dest.in_bytes, 10);
	cr_assert_eq(dest.out_bytes, 11);
	cr_assert_eq(dest.in_packets, 12);
	cr_assert_eq(dest.out_packets, 13);
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
