/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs/encode.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

/* The kernel's command for each operation. */
static const uint8_t commands[] = {
	[IPVS_NEW_SERVICE] = IPVS_CMD_NEW_SERVICE,
	[IPVS_SET_SERVICE] = IPVS_CMD_SET_SERVICE,
	[IPVS_DEL_SERVICE] = IPVS_CMD_DEL_SERVICE,
	[IPVS_NEW_DEST] = IPVS_CMD_NEW_DEST,
	[IPVS_SET_DEST] = IPVS_CMD_SET_DEST,
	[IPVS_DEL_DEST] = IPVS_CMD_DEL_DEST,
};

/*
 * One message buffer serves every request: a new message begins where the last
 * one did. libnl appends at nlmsg_len, so that is all there is to reset.
 */
static int begin(struct nl_msg *msg, int family, uint32_t seq, int flags,
		 uint8_t cmd)
{
	nlmsg_hdr(msg)->nlmsg_len = NLMSG_HDRLEN;
	if (!genlmsg_put(msg, 0, seq, family, 0, NLM_F_REQUEST | flags, cmd,
			 IPVS_GENL_VERSION))
		return -EMSGSIZE;
	return 0;
}

static int put_addr(struct nl_msg *msg, int type, const struct addr *addr)
{
	return nla_put(msg, type, addr->family == AF_INET6 ? 16 : 4,
		       addr->bytes);
}

static int put_key(struct nl_msg *msg, const struct service_key *key)
{
	int err = nla_put_u16(msg, IPVS_SVC_ATTR_AF, key->family);

	if (key->fwmark)
		return err |
		       nla_put_u32(msg, IPVS_SVC_ATTR_FWMARK, key->fwmark);
	err |= nla_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, key->protocol);
	err |= put_addr(msg, IPVS_SVC_ATTR_ADDR, &key->vip.addr);
	err |= nla_put_u16(msg, IPVS_SVC_ATTR_PORT, htons(key->vip.port));
	return err;
}

static uint32_t encode_prefix(const struct table_service *svc)
{
	if (svc->key.family == AF_INET6)
		return svc->prefix;
	return svc->prefix ? htonl(UINT32_MAX << (32 - svc->prefix)) : 0;
}

static int put_service(struct nl_msg *msg, const struct table_service *svc)
{
	/* Bits outside the mask stay as they are, the kernel's HASHED among them. */
	struct ip_vs_flags flags = { svc->flags, SERVICE_FLAGS_ALL };
	int err = put_key(msg, &svc->key);

	err |= nla_put_string(msg, IPVS_SVC_ATTR_SCHED_NAME, svc->scheduler);
	/* Left out, an engine that is there is dropped: so it is when none is wanted. */
	if (svc->pe_name[0])
		err |= nla_put_string(msg, IPVS_SVC_ATTR_PE_NAME, svc->pe_name);
	err |= nla_put(msg, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags);
	err |= nla_put_u32(msg, IPVS_SVC_ATTR_TIMEOUT, svc->timeout);
	err |= nla_put_u32(msg, IPVS_SVC_ATTR_NETMASK, encode_prefix(svc));
	return err;
}

static int put_dest_identity(struct nl_msg *msg, const struct table_dest *dest)
{
	int err = nla_put_u16(msg, IPVS_DEST_ATTR_ADDR_FAMILY,
			      dest->rip.addr.family);

	err |= put_addr(msg, IPVS_DEST_ATTR_ADDR, &dest->rip.addr);
	err |= nla_put_u16(msg, IPVS_DEST_ATTR_PORT, htons(dest->rip.port));
	return err;
}

static int put_dest(struct nl_msg *msg, const struct table_dest *dest)
{
	int err = put_dest_identity(msg, dest);

	err |= nla_put_u32(msg, IPVS_DEST_ATTR_FWD_METHOD, dest->forward);
	err |= nla_put_u32(msg, IPVS_DEST_ATTR_WEIGHT, dest->weight);
	err |= nla_put_u32(msg, IPVS_DEST_ATTR_U_THRESH, dest->u_threshold);
	err |= nla_put_u32(msg, IPVS_DEST_ATTR_L_THRESH, dest->l_threshold);
	if (dest->forward != FORWARD_TUN)
		return err;
	err |= nla_put_u8(msg, IPVS_DEST_ATTR_TUN_TYPE, dest->tun_type);
	err |= nla_put_u16(msg, IPVS_DEST_ATTR_TUN_PORT, htons(dest->tun_port));
	err |= nla_put_u16(msg, IPVS_DEST_ATTR_TUN_FLAGS, dest->tun_flags);
	return err;
}

/* Attributes are put with all errors or-ed: what counts is whether one failed. */
static int put_request(struct nl_msg *msg, const struct ipvs_request *request)
{
	struct nlattr *nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	int err = 0;

	if (!nest)
		return -EMSGSIZE;
	if (request->op == IPVS_NEW_SERVICE || request->op == IPVS_SET_SERVICE)
		err |= put_service(msg, request->service);
	else
		err |= put_key(msg, &request->service->key);
	err |= nla_nest_end(msg, nest);
	if (!request->dest)
		return err;
	nest = nla_nest_start(msg, IPVS_CMD_ATTR_DEST);
	if (!nest)
		return -EMSGSIZE;
	if (request->op == IPVS_DEL_DEST)
		err |= put_dest_identity(msg, request->dest);
	else
		err |= put_dest(msg, request->dest);
	return err | nla_nest_end(msg, nest);
}

int ipvs_encode_request(struct nl_msg *msg, int family, uint32_t seq, int flags,
			const struct ipvs_request *request)
{
	int err = begin(msg, family, seq, flags, commands[request->op]);

	if (err == 0 && put_request(msg, request) != 0)
		err = -EMSGSIZE;
	return err;
}

int ipvs_encode_plain(struct nl_msg *msg, int family, uint32_t seq, int flags,
		      uint8_t cmd)
{
	return begin(msg, family, seq, flags, cmd);
}

int ipvs_encode_key(struct nl_msg *msg, int family, uint32_t seq, int flags,
		    uint8_t cmd, const struct service_key *key)
{
	struct nlattr *nest;
	int err = begin(msg, family, seq, flags, cmd);

	if (err < 0)
		return err;
	nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	if (!nest || put_key(msg, key) != 0 || nla_nest_end(msg, nest) != 0)
		return -EMSGSIZE;
	return 0;
}

int ipvs_encode_timeouts(struct nl_msg *msg, int family, uint32_t seq,
			 int flags, const struct ipvs_timeouts *timeouts)
{
	int err = begin(msg, family, seq, flags, IPVS_CMD_SET_CONFIG);

	if (err < 0)
		return err;
	if (timeouts->tcp)
		err |= nla_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP,
				   timeouts->tcp);
	if (timeouts->tcp_fin)
		err |= nla_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN,
				   timeouts->tcp_fin);
	if (timeouts->udp)
		err |= nla_put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_UDP,
				   timeouts->udp);
	return err ? -EMSGSIZE : 0;
}

/*
 * The kernel looks for the scheduler, and loads its module, before it looks at
 * the IPv6 prefix length (ip_vs_add_service()), and no service can have 0.
 */
int ipvs_encode_preload(struct nl_msg *msg, int family, uint32_t seq, int flags,
			const char *scheduler)
{
	struct table_service svc = { .key = { .family = AF_INET6,
					      .fwmark = UINT32_MAX } };
	struct ipvs_request request = { .op = IPVS_NEW_SERVICE,
					.service = &svc };
	size_t length = strnlen(scheduler, sizeof(svc.scheduler));

	if (length == sizeof(svc.scheduler))
		return -EMSGSIZE;
	memcpy(svc.scheduler, scheduler, length);
	return ipvs_encode_request(msg, family, seq, flags, &request);
}
