/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From netlink attributes to structs. The kernel is trusted to mean well, not
 * to be the version we know: lengths are checked by libnl against the policies
 * below, values here, and unknown attributes are skipped.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/ip_vs.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "ipvs/encode.h"

static const struct nla_policy command_policy[IPVS_CMD_ATTR_MAX + 1] = {
	[IPVS_CMD_ATTR_SERVICE] = { .type = NLA_NESTED },
	[IPVS_CMD_ATTR_DEST] = { .type = NLA_NESTED },
	[IPVS_CMD_ATTR_DAEMON] = { .type = NLA_NESTED },
	[IPVS_CMD_ATTR_TIMEOUT_TCP] = { .type = NLA_U32 },
	[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN] = { .type = NLA_U32 },
	[IPVS_CMD_ATTR_TIMEOUT_UDP] = { .type = NLA_U32 },
};

static const struct nla_policy service_policy[IPVS_SVC_ATTR_MAX + 1] = {
	[IPVS_SVC_ATTR_AF] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_PROTOCOL] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_ADDR] = { .minlen = 4, .maxlen = 16 },
	[IPVS_SVC_ATTR_PORT] = { .type = NLA_U16 },
	[IPVS_SVC_ATTR_FWMARK] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_SCHED_NAME] = { .type = NLA_STRING,
				       .maxlen = TABLE_NAME_MAX },
	[IPVS_SVC_ATTR_PE_NAME] = { .type = NLA_STRING,
				    .maxlen = TABLE_NAME_MAX },
	[IPVS_SVC_ATTR_FLAGS] = { .minlen = sizeof(struct ip_vs_flags) },
	[IPVS_SVC_ATTR_TIMEOUT] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_NETMASK] = { .type = NLA_U32 },
	[IPVS_SVC_ATTR_STATS] = { .type = NLA_NESTED },
	[IPVS_SVC_ATTR_STATS64] = { .type = NLA_NESTED },
};

static const struct nla_policy dest_policy[IPVS_DEST_ATTR_MAX + 1] = {
	[IPVS_DEST_ATTR_ADDR] = { .minlen = 4, .maxlen = 16 },
	[IPVS_DEST_ATTR_PORT] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_FWD_METHOD] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_WEIGHT] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_U_THRESH] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_L_THRESH] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_ACTIVE_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_INACT_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_PERSIST_CONNS] = { .type = NLA_U32 },
	[IPVS_DEST_ATTR_ADDR_FAMILY] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_TUN_TYPE] = { .type = NLA_U8 },
	[IPVS_DEST_ATTR_TUN_PORT] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_TUN_FLAGS] = { .type = NLA_U16 },
	[IPVS_DEST_ATTR_STATS] = { .type = NLA_NESTED },
	[IPVS_DEST_ATTR_STATS64] = { .type = NLA_NESTED },
};

/* The 64-bit ones; of the old ones only the connections are narrower. */
static const struct nla_policy stats64_policy[IPVS_STATS_ATTR_MAX + 1] = {
	[IPVS_STATS_ATTR_CONNS] = { .type = NLA_U64 },
	[IPVS_STATS_ATTR_INPKTS] = { .type = NLA_U64 },
	[IPVS_STATS_ATTR_OUTPKTS] = { .type = NLA_U64 },
	[IPVS_STATS_ATTR_INBYTES] = { .type = NLA_U64 },
	[IPVS_STATS_ATTR_OUTBYTES] = { .type = NLA_U64 },
};

static const struct nla_policy stats_policy[IPVS_STATS_ATTR_MAX + 1] = {
	[IPVS_STATS_ATTR_CONNS] = { .type = NLA_U32 },
	[IPVS_STATS_ATTR_INPKTS] = { .type = NLA_U32 },
	[IPVS_STATS_ATTR_OUTPKTS] = { .type = NLA_U32 },
	[IPVS_STATS_ATTR_INBYTES] = { .type = NLA_U64 },
	[IPVS_STATS_ATTR_OUTBYTES] = { .type = NLA_U64 },
};

static const struct nla_policy daemon_policy[IPVS_DAEMON_ATTR_MAX + 1] = {
	[IPVS_DAEMON_ATTR_STATE] = { .type = NLA_U32 },
	[IPVS_DAEMON_ATTR_MCAST_IFN] = { .type = NLA_STRING, .maxlen = 16 },
	[IPVS_DAEMON_ATTR_SYNC_ID] = { .type = NLA_U32 },
	[IPVS_DAEMON_ATTR_SYNC_MAXLEN] = { .type = NLA_U16 },
	[IPVS_DAEMON_ATTR_MCAST_GROUP] = { .minlen = 4, .maxlen = 4 },
	[IPVS_DAEMON_ATTR_MCAST_GROUP6] = { .minlen = 16, .maxlen = 16 },
	[IPVS_DAEMON_ATTR_MCAST_PORT] = { .type = NLA_U16 },
	[IPVS_DAEMON_ATTR_MCAST_TTL] = { .type = NLA_U8 },
};

static const struct nla_policy info_policy[IPVS_INFO_ATTR_MAX + 1] = {
	[IPVS_INFO_ATTR_VERSION] = { .type = NLA_U32 },
	[IPVS_INFO_ATTR_CONN_TAB_SIZE] = { .type = NLA_U32 },
};

static uint32_t decode_get_u32(struct nlattr *const *tb, int type)
{
	return tb[type] ? nla_get_u32(tb[type]) : 0;
}

static uint16_t decode_get_u16(struct nlattr *const *tb, int type)
{
	return tb[type] ? nla_get_u16(tb[type]) : 0;
}

/* The kernel always sends 16 bytes; a kernel that sent 4 would mean IPv4. */
static int decode_get_addr(const struct nlattr *attr, uint16_t family,
			   struct addr *addr)
{
	int length = family == AF_INET6 ? 16 : 4;

	if (!attr || nla_len(attr) < length)
		return -EBADMSG;
	addr->family = family;
	memcpy(addr->bytes, nla_data(attr), (size_t)length);
	return 0;
}

/* The policy has seen to the length and the NUL at the end. */
static void decode_get_name(const struct nlattr *attr,
			    char name[TABLE_NAME_MAX])
{
	if (attr)
		memcpy(name, nla_data(attr),
		       strnlen(nla_data(attr), TABLE_NAME_MAX - 1));
}

/* 0 for a mask with holes, which no file of ours can ask for. */
static uint32_t decode_prefix(uint32_t netmask, uint16_t family)
{
	uint32_t mask = ntohl(netmask);

	if (family == AF_INET6)
		return netmask <= 128 ? netmask : 0;
	if (mask == 0 || (~mask & (~mask + 1)) != 0)
		return 0;
	return (uint32_t)__builtin_popcount(mask);
}

static int decode_key(struct nlattr *const *tb, struct service_key *key)
{
	key->family = decode_get_u16(tb, IPVS_SVC_ATTR_AF);
	if (key->family != AF_INET && key->family != AF_INET6)
		return -EBADMSG;
	key->fwmark = decode_get_u32(tb, IPVS_SVC_ATTR_FWMARK);
	if (key->fwmark)
		return 0;
	key->protocol = decode_get_u16(tb, IPVS_SVC_ATTR_PROTOCOL);
	key->vip.port = ntohs(decode_get_u16(tb, IPVS_SVC_ATTR_PORT));
	return decode_get_addr(tb[IPVS_SVC_ATTR_ADDR], key->family,
			       &key->vip.addr);
}

struct decode_counters {
	uint64_t conns, in_bytes, out_bytes, in_packets, out_packets;
};

/* A counter of packets or connections: half as wide in the NARROW nest. */
static uint64_t decode_counter(const struct nlattr *attr, bool wide)
{
	if (!attr)
		return 0;
	return wide ? nla_get_u64(attr) : nla_get_u32(attr);
}

/* Of the nests WIDE and NARROW the one that there is; 0, if neither is. */
static int decode_stats(struct nlattr *wide, struct nlattr *narrow,
			struct decode_counters *out)
{
	struct nlattr *tb[IPVS_STATS_ATTR_MAX + 1];
	struct nlattr *nest = wide ? wide : narrow;

	memset(out, 0, sizeof(*out));
	if (!nest)
		return 0;
	if (nla_parse_nested(tb, IPVS_STATS_ATTR_MAX, nest,
			     wide ? stats64_policy : stats_policy) < 0)
		return -EBADMSG;
	out->conns = decode_counter(tb[IPVS_STATS_ATTR_CONNS], wide);
	out->in_packets = decode_counter(tb[IPVS_STATS_ATTR_INPKTS], wide);
	out->out_packets = decode_counter(tb[IPVS_STATS_ATTR_OUTPKTS], wide);
	if (tb[IPVS_STATS_ATTR_INBYTES])
		out->in_bytes = nla_get_u64(tb[IPVS_STATS_ATTR_INBYTES]);
	if (tb[IPVS_STATS_ATTR_OUTBYTES])
		out->out_bytes = nla_get_u64(tb[IPVS_STATS_ATTR_OUTBYTES]);
	return 0;
}

/* The attributes in the nest TYPE of a message; tb has room for MAX + 1. */
static int decode_parse_nest(struct nlmsghdr *message, int type,
			     struct nlattr **tb, int max,
			     const struct nla_policy *policy)
{
	struct nlattr *attrs[IPVS_CMD_ATTR_MAX + 1];

	if (genlmsg_parse(message, 0, attrs, IPVS_CMD_ATTR_MAX,
			  command_policy) < 0)
		return -EBADMSG;
	if (!attrs[type] || nla_parse_nested(tb, max, attrs[type], policy) < 0)
		return -EBADMSG;
	return 0;
}

int ipvs_decode_service(struct nlmsghdr *message, struct table_service *service)
{
	struct nlattr *tb[IPVS_SVC_ATTR_MAX + 1];
	struct ip_vs_flags flags = { 0, 0 };
	struct decode_counters counters;

	memset(service, 0, sizeof(*service));
	service->ref = TABLE_NO_REF;
	if (decode_parse_nest(message, IPVS_CMD_ATTR_SERVICE, tb,
			      IPVS_SVC_ATTR_MAX, service_policy) < 0)
		return -EBADMSG;
	if (decode_key(tb, &service->key) < 0 || !tb[IPVS_SVC_ATTR_SCHED_NAME])
		return -EBADMSG;
	decode_get_name(tb[IPVS_SVC_ATTR_SCHED_NAME], service->scheduler);
	decode_get_name(tb[IPVS_SVC_ATTR_PE_NAME], service->pe_name);
	if (tb[IPVS_SVC_ATTR_FLAGS])
		memcpy(&flags, nla_data(tb[IPVS_SVC_ATTR_FLAGS]),
		       sizeof(flags));
	service->flags = flags.flags & SERVICE_FLAGS_ALL;
	service->timeout = decode_get_u32(tb, IPVS_SVC_ATTR_TIMEOUT);
	service->prefix = decode_prefix(
		decode_get_u32(tb, IPVS_SVC_ATTR_NETMASK), service->key.family);
	if (decode_stats(tb[IPVS_SVC_ATTR_STATS64], tb[IPVS_SVC_ATTR_STATS],
			 &counters) < 0)
		return -EBADMSG;
	service->conns = counters.conns;
	service->in_bytes = counters.in_bytes;
	service->out_bytes = counters.out_bytes;
	return 0;
}

int ipvs_decode_dest(struct nlmsghdr *message, const struct service_key *key,
		     struct table_dest *dest)
{
	struct nlattr *tb[IPVS_DEST_ATTR_MAX + 1];
	struct decode_counters counters;
	uint16_t family;

	memset(dest, 0, sizeof(*dest));
	dest->ref = TABLE_NO_REF;
	if (decode_parse_nest(message, IPVS_CMD_ATTR_DEST, tb,
			      IPVS_DEST_ATTR_MAX, dest_policy) < 0)
		return -EBADMSG;
	family = decode_get_u16(tb, IPVS_DEST_ATTR_ADDR_FAMILY);
	if (family == 0)
		family = key->family;
	if (family != AF_INET && family != AF_INET6)
		return -EBADMSG;
	if (decode_get_addr(tb[IPVS_DEST_ATTR_ADDR], family, &dest->rip.addr) <
	    0)
		return -EBADMSG;
	dest->rip.port = ntohs(decode_get_u16(tb, IPVS_DEST_ATTR_PORT));
	dest->forward = decode_get_u32(tb, IPVS_DEST_ATTR_FWD_METHOD) &
			IP_VS_CONN_F_FWD_MASK;
	dest->weight = decode_get_u32(tb, IPVS_DEST_ATTR_WEIGHT);
	dest->u_threshold = decode_get_u32(tb, IPVS_DEST_ATTR_U_THRESH);
	dest->l_threshold = decode_get_u32(tb, IPVS_DEST_ATTR_L_THRESH);
	dest->active = decode_get_u32(tb, IPVS_DEST_ATTR_ACTIVE_CONNS);
	dest->inactive = decode_get_u32(tb, IPVS_DEST_ATTR_INACT_CONNS);
	dest->persistent = decode_get_u32(tb, IPVS_DEST_ATTR_PERSIST_CONNS);
	if (tb[IPVS_DEST_ATTR_TUN_TYPE])
		dest->tun_type = nla_get_u8(tb[IPVS_DEST_ATTR_TUN_TYPE]);
	dest->tun_port = ntohs(decode_get_u16(tb, IPVS_DEST_ATTR_TUN_PORT));
	dest->tun_flags = decode_get_u16(tb, IPVS_DEST_ATTR_TUN_FLAGS);
	if (decode_stats(tb[IPVS_DEST_ATTR_STATS64], tb[IPVS_DEST_ATTR_STATS],
			 &counters) < 0)
		return -EBADMSG;
	dest->conns = counters.conns;
	dest->in_bytes = counters.in_bytes;
	dest->out_bytes = counters.out_bytes;
	dest->in_packets = counters.in_packets;
	dest->out_packets = counters.out_packets;
	return 0;
}

int ipvs_decode_info(struct nlmsghdr *message, struct ipvs_info *info)
{
	struct nlattr *tb[IPVS_INFO_ATTR_MAX + 1];

	if (genlmsg_parse(message, 0, tb, IPVS_INFO_ATTR_MAX, info_policy) < 0)
		return -EBADMSG;
	info->version = decode_get_u32(tb, IPVS_INFO_ATTR_VERSION);
	info->conn_tab_size = decode_get_u32(tb, IPVS_INFO_ATTR_CONN_TAB_SIZE);
	return 0;
}

int ipvs_decode_timeouts(struct nlmsghdr *message,
			 struct ipvs_timeouts *timeouts)
{
	struct nlattr *tb[IPVS_CMD_ATTR_MAX + 1];

	if (genlmsg_parse(message, 0, tb, IPVS_CMD_ATTR_MAX, command_policy) <
	    0)
		return -EBADMSG;
	timeouts->tcp = decode_get_u32(tb, IPVS_CMD_ATTR_TIMEOUT_TCP);
	timeouts->tcp_fin = decode_get_u32(tb, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN);
	timeouts->udp = decode_get_u32(tb, IPVS_CMD_ATTR_TIMEOUT_UDP);
	return 0;
}

static int decode_get_sync_group(struct nlattr *const *tb, struct addr *group)
{
	if (tb[IPVS_DAEMON_ATTR_MCAST_GROUP6])
		return decode_get_addr(tb[IPVS_DAEMON_ATTR_MCAST_GROUP6],
				       AF_INET6, group);
	if (tb[IPVS_DAEMON_ATTR_MCAST_GROUP])
		return decode_get_addr(tb[IPVS_DAEMON_ATTR_MCAST_GROUP],
				       AF_INET, group);
	return 0;
}

int ipvs_decode_sync(struct nlmsghdr *message, struct ipvs_sync *sync)
{
	struct nlattr *outer[IPVS_CMD_ATTR_MAX + 1];
	struct nlattr *tb[IPVS_DAEMON_ATTR_MAX + 1];
	uint32_t role;

	memset(sync, 0, sizeof(*sync));
	if (genlmsg_parse(message, 0, outer, IPVS_CMD_ATTR_MAX,
			  command_policy) < 0 ||
	    !outer[IPVS_CMD_ATTR_DAEMON] ||
	    nla_parse_nested(tb, IPVS_DAEMON_ATTR_MAX,
			     outer[IPVS_CMD_ATTR_DAEMON], daemon_policy) < 0)
		return -EBADMSG;
	role = decode_get_u32(tb, IPVS_DAEMON_ATTR_STATE);
	if (role != IPVS_SYNC_MASTER && role != IPVS_SYNC_BACKUP)
		return -EBADMSG;
	sync->role = (enum ipvs_sync_role)role;
	if (tb[IPVS_DAEMON_ATTR_MCAST_IFN])
		nla_strlcpy(sync->ifname, tb[IPVS_DAEMON_ATTR_MCAST_IFN],
			    sizeof(sync->ifname));
	sync->id = (uint8_t)decode_get_u32(tb, IPVS_DAEMON_ATTR_SYNC_ID);
	sync->maxlen = decode_get_u16(tb, IPVS_DAEMON_ATTR_SYNC_MAXLEN);
	sync->port = decode_get_u16(tb, IPVS_DAEMON_ATTR_MCAST_PORT);
	if (tb[IPVS_DAEMON_ATTR_MCAST_TTL])
		sync->ttl = nla_get_u8(tb[IPVS_DAEMON_ATTR_MCAST_TTL]);
	return decode_get_sync_group(tb, &sync->group);
}
