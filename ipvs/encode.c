/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From structs to requests. A table of 10,000 servers is 10,000 requests, of a
 * dozen attributes each, so they are written straight into the buffer that is
 * sent; through libnl's message objects this took a tenth of the time of filling
 * the kernel's table.
 */
#include "ipvs/encode.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <linux/netlink.h>
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

/* A message being written. A full message stays full, and is not sent. */
struct writer {
	char *out;
	size_t used;
	size_t room;
	bool full;
};

static struct writer encode_begin(void *out, size_t room,
				  const struct ipvs_envelope *envelope,
				  uint8_t cmd)
{
	struct writer writer = { out, NLMSG_LENGTH(GENL_HDRLEN), room, false };
	struct nlmsghdr *header = out;
	struct genlmsghdr *genl;

	if (room < writer.used) {
		writer.full = true;
		return writer;
	}
	memset(out, 0, writer.used);
	header->nlmsg_type = envelope->family;
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | envelope->flags);
	header->nlmsg_seq = envelope->seq;
	genl = NLMSG_DATA(header);
	genl->cmd = cmd;
	genl->version = IPVS_GENL_VERSION;
	return writer;
}

static int encode_finish(const struct writer *writer)
{
	struct nlmsghdr *header = (void *)writer->out;

	if (writer->full)
		return -EMSGSIZE;
	header->nlmsg_len = (uint32_t)writer->used;
	return (int)writer->used;
}

static void encode_put(struct writer *writer, uint16_t type, const void *data,
		       size_t length)
{
	size_t padded = NLA_ALIGN(NLA_HDRLEN + length);
	struct nlattr *attr = (void *)(writer->out + writer->used);

	if (writer->full || writer->room - writer->used < padded) {
		writer->full = true;
		return;
	}
	attr->nla_type = type;
	attr->nla_len = (uint16_t)(NLA_HDRLEN + length);
	memcpy(writer->out + writer->used + NLA_HDRLEN, data, length);
	memset(writer->out + writer->used + attr->nla_len, 0,
	       padded - attr->nla_len);
	writer->used += padded;
}

static void encode_put_u8(struct writer *writer, uint16_t type, uint8_t value)
{
	encode_put(writer, type, &value, sizeof(value));
}

static void encode_put_u16(struct writer *writer, uint16_t type, uint16_t value)
{
	encode_put(writer, type, &value, sizeof(value));
}

static void encode_put_u32(struct writer *writer, uint16_t type, uint32_t value)
{
	encode_put(writer, type, &value, sizeof(value));
}

static void encode_put_string(struct writer *writer, uint16_t type,
			      const char *text)
{
	encode_put(writer, type, text, strlen(text) + 1);
}

static void encode_put_addr(struct writer *writer, uint16_t type,
			    const struct addr *addr)
{
	encode_put(writer, type, addr->bytes,
		   addr->family == AF_INET6 ? 16 : 4);
}

/* An attribute that holds others; returns where it begins, for encode_nest_end(). */
static size_t encode_nest_begin(struct writer *writer, uint16_t type)
{
	size_t at = writer->used;

	encode_put(writer, type | NLA_F_NESTED, "", 0);
	return at;
}

static void encode_nest_end(struct writer *writer, size_t at)
{
	struct nlattr *attr = (void *)(writer->out + at);

	if (!writer->full)
		attr->nla_len = (uint16_t)(writer->used - at);
}

static void encode_put_key(struct writer *writer, const struct service_key *key)
{
	encode_put_u16(writer, IPVS_SVC_ATTR_AF, key->family);
	if (key->fwmark) {
		encode_put_u32(writer, IPVS_SVC_ATTR_FWMARK, key->fwmark);
		return;
	}
	encode_put_u16(writer, IPVS_SVC_ATTR_PROTOCOL, key->protocol);
	encode_put_addr(writer, IPVS_SVC_ATTR_ADDR, &key->vip.addr);
	encode_put_u16(writer, IPVS_SVC_ATTR_PORT, htons(key->vip.port));
}

static uint32_t encode_prefix(const struct table_service *svc)
{
	if (svc->key.family == AF_INET6)
		return svc->prefix;
	return svc->prefix ? htonl(UINT32_MAX << (32 - svc->prefix)) : 0;
}

static void encode_put_service(struct writer *writer,
			       const struct table_service *svc)
{
	/* Bits outside the mask stay, the kernel's HASHED among them. */
	struct ip_vs_flags flags = { svc->flags, SERVICE_FLAGS_ALL };

	encode_put_key(writer, &svc->key);
	encode_put_string(writer, IPVS_SVC_ATTR_SCHED_NAME, svc->scheduler);
	/* If left out, the kernel drops a present engine, as it should. */
	if (svc->pe_name[0])
		encode_put_string(writer, IPVS_SVC_ATTR_PE_NAME, svc->pe_name);
	encode_put(writer, IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
	encode_put_u32(writer, IPVS_SVC_ATTR_TIMEOUT, svc->timeout);
	encode_put_u32(writer, IPVS_SVC_ATTR_NETMASK, encode_prefix(svc));
}

static void encode_put_dest_identity(struct writer *writer,
				     const struct table_dest *dest)
{
	encode_put_u16(writer, IPVS_DEST_ATTR_ADDR_FAMILY,
		       dest->rip.addr.family);
	encode_put_addr(writer, IPVS_DEST_ATTR_ADDR, &dest->rip.addr);
	encode_put_u16(writer, IPVS_DEST_ATTR_PORT, htons(dest->rip.port));
}

static void encode_put_dest(struct writer *writer,
			    const struct table_dest *dest)
{
	encode_put_dest_identity(writer, dest);
	encode_put_u32(writer, IPVS_DEST_ATTR_FWD_METHOD, dest->forward);
	encode_put_u32(writer, IPVS_DEST_ATTR_WEIGHT, dest->weight);
	encode_put_u32(writer, IPVS_DEST_ATTR_U_THRESH, dest->u_threshold);
	encode_put_u32(writer, IPVS_DEST_ATTR_L_THRESH, dest->l_threshold);
	if (dest->forward != FORWARD_TUN)
		return;
	encode_put_u8(writer, IPVS_DEST_ATTR_TUN_TYPE, dest->tun_type);
	encode_put_u16(writer, IPVS_DEST_ATTR_TUN_PORT, htons(dest->tun_port));
	encode_put_u16(writer, IPVS_DEST_ATTR_TUN_FLAGS, dest->tun_flags);
}

int ipvs_encode_request(void *out, size_t room,
			const struct ipvs_envelope *envelope,
			const struct ipvs_request *request)
{
	struct writer writer =
		encode_begin(out, room, envelope, commands[request->op]);
	size_t nest = encode_nest_begin(&writer, IPVS_CMD_ATTR_SERVICE);

	if (request->op == IPVS_NEW_SERVICE || request->op == IPVS_SET_SERVICE)
		encode_put_service(&writer, request->service);
	else
		encode_put_key(&writer, &request->service->key);
	encode_nest_end(&writer, nest);
	if (!request->dest)
		return encode_finish(&writer);
	nest = encode_nest_begin(&writer, IPVS_CMD_ATTR_DEST);
	if (request->op == IPVS_DEL_DEST)
		encode_put_dest_identity(&writer, request->dest);
	else
		encode_put_dest(&writer, request->dest);
	encode_nest_end(&writer, nest);
	return encode_finish(&writer);
}

int ipvs_encode_plain(void *out, size_t room,
		      const struct ipvs_envelope *envelope, uint8_t cmd)
{
	struct writer writer = encode_begin(out, room, envelope, cmd);

	return encode_finish(&writer);
}

int ipvs_encode_key(void *out, size_t room,
		    const struct ipvs_envelope *envelope, uint8_t cmd,
		    const struct service_key *key)
{
	struct writer writer = encode_begin(out, room, envelope, cmd);
	size_t nest = encode_nest_begin(&writer, IPVS_CMD_ATTR_SERVICE);

	encode_put_key(&writer, key);
	encode_nest_end(&writer, nest);
	return encode_finish(&writer);
}

int ipvs_encode_timeouts(void *out, size_t room,
			 const struct ipvs_envelope *envelope,
			 const struct ipvs_timeouts *timeouts)
{
	struct writer writer =
		encode_begin(out, room, envelope, IPVS_CMD_SET_CONFIG);

	if (timeouts->tcp)
		encode_put_u32(&writer, IPVS_CMD_ATTR_TIMEOUT_TCP,
			       timeouts->tcp);
	if (timeouts->tcp_fin)
		encode_put_u32(&writer, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN,
			       timeouts->tcp_fin);
	if (timeouts->udp)
		encode_put_u32(&writer, IPVS_CMD_ATTR_TIMEOUT_UDP,
			       timeouts->udp);
	return encode_finish(&writer);
}

int ipvs_encode_sync(void *out, size_t room,
		     const struct ipvs_envelope *envelope, uint8_t cmd,
		     const struct ipvs_sync *sync)
{
	struct writer writer = encode_begin(out, room, envelope, cmd);
	size_t nest = encode_nest_begin(&writer, IPVS_CMD_ATTR_DAEMON);

	encode_put_u32(&writer, IPVS_DAEMON_ATTR_STATE, sync->role);
	if (cmd == IPVS_CMD_NEW_DAEMON) {
		encode_put_string(&writer, IPVS_DAEMON_ATTR_MCAST_IFN,
				  sync->ifname);
		encode_put_u32(&writer, IPVS_DAEMON_ATTR_SYNC_ID, sync->id);
		if (sync->maxlen)
			encode_put_u16(&writer, IPVS_DAEMON_ATTR_SYNC_MAXLEN,
				       sync->maxlen);
		encode_put_addr(&writer,
				sync->group.family == AF_INET6 ?
					IPVS_DAEMON_ATTR_MCAST_GROUP6 :
					IPVS_DAEMON_ATTR_MCAST_GROUP,
				&sync->group);
		encode_put_u16(&writer, IPVS_DAEMON_ATTR_MCAST_PORT,
			       sync->port);
		encode_put_u8(&writer, IPVS_DAEMON_ATTR_MCAST_TTL, sync->ttl);
	}
	encode_nest_end(&writer, nest);
	return encode_finish(&writer);
}
