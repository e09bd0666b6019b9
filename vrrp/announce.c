/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/announce.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <netpacket/packet.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vrrp/packet.h"

static const uint8_t everybody[VRRP_MAC_LENGTH] = { 0xff, 0xff, 0xff,
						    0xff, 0xff, 0xff };
/* ff02::1, and the Ethernet address it maps to */
static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };
static const uint8_t all_nodes_mac[VRRP_MAC_LENGTH] = { 0x33, 0x33, 0, 0, 0, 1 };

static void announce_put_ethernet(uint8_t *out, const uint8_t *to,
				  const uint8_t *from, uint16_t type)
{
	memcpy(out, to, VRRP_MAC_LENGTH);
	memcpy(out + 6, from, VRRP_MAC_LENGTH);
	out[12] = (uint8_t)(type >> 8);
	out[13] = (uint8_t)type;
}

static size_t announce_arp_frame(const struct addr *addr, const uint8_t *mac,
				 uint8_t *out)
{
	/* Ethernet, IPv4, lengths 6 and 4, a request */
	static const uint8_t head[8] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	announce_put_ethernet(out, everybody, mac, ETHERTYPE_ARP);
	memcpy(out + 14, head, sizeof(head));
	memcpy(out + 22, mac, VRRP_MAC_LENGTH);
	memcpy(out + 28, addr->bytes, 4);
	memcpy(out + 32, everybody, VRRP_MAC_LENGTH);
	memcpy(out + 38, addr->bytes, 4);
	return VRRP_ARP_FRAME;
}

static size_t announce_na_frame(const struct addr *addr, const uint8_t *mac,
				bool router, uint8_t *out)
{
	uint8_t *ip = out + 14, *icmp = ip + 40;
	struct addr to = { .family = AF_INET6 };
	uint16_t sum;

	memset(out, 0, VRRP_NA_FRAME);
	announce_put_ethernet(out, all_nodes_mac, mac, ETHERTYPE_IPV6);
	ip[0] = 0x60;
	ip[5] = 32;
	ip[6] = IPPROTO_ICMPV6;
	ip[7] = 255;
	memcpy(ip + 8, addr->bytes, 16);
	memcpy(ip + 24, all_nodes, 16);
	icmp[0] = ND_NEIGHBOR_ADVERT;
	icmp[4] = (router ? 0x80 : 0) | 0x20; /* R, O */
	memcpy(icmp + 8, addr->bytes, 16);
	icmp[24] = ND_OPT_TARGET_LINKADDR;
	icmp[25] = 1; /* eight bytes */
	memcpy(icmp + 26, mac, VRRP_MAC_LENGTH);
	memcpy(to.bytes, all_nodes, 16);
	sum = vrrp_checksum_fold(
		vrrp_checksum_pseudo(addr, &to, 32, IPPROTO_ICMPV6), icmp, 32);
	icmp[2] = (uint8_t)(sum >> 8);
	icmp[3] = (uint8_t)sum;
	return VRRP_NA_FRAME;
}

size_t vrrp_announce_frame(const struct addr *addr, const uint8_t *mac,
			   bool router, uint8_t *out)
{
	if (addr->family == AF_INET6)
		return announce_na_frame(addr, mac, router, out);
	return announce_arp_frame(addr, mac, out);
}

int vrrp_announce_socket(void)
{
	/* Protocol 0: nothing is ever received. */
	return socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int vrrp_announce_send(int fd, const struct vrrp_link *link,
		       const struct addr *addr, bool router)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex = link->index,
				  .sll_halen = VRRP_MAC_LENGTH };
	uint8_t frame[VRRP_NA_FRAME];
	size_t length;

	if (link->noarp || link->loopback ||
	    link->mac_length != VRRP_MAC_LENGTH)
		return 0;
	length = vrrp_announce_frame(addr, link->mac, router, frame);
	to.sll_protocol = htons(addr->family == AF_INET6 ? ETHERTYPE_IPV6 :
							   ETHERTYPE_ARP);
	memcpy(to.sll_addr, frame, VRRP_MAC_LENGTH);
	return sendto(fd, frame, length, MSG_DONTWAIT | MSG_NOSIGNAL,
		      (struct sockaddr *)&to, sizeof(to)) < 0 ?
		       -errno :
		       0;
}

static void announce_begin_burst(struct vrrp_announcer *announcer,
				 uint32_t rounds, usec_t now)
{
	announcer->extra_round = false;
	announcer->left = rounds;
	announcer->index = 0;
	announcer->next = rounds > 0 ? now : 0;
}

void vrrp_announcer_start(struct vrrp_announcer *announcer,
			  const struct vrrp_conf_garp *garp, usec_t now)
{
	vrrp_announcer_stop(announcer);
	announce_begin_burst(announcer, garp->master_repeat, now);
	if (garp->master_delay > 0 && garp->master_repeat > 0) {
		announcer->second = now + garp->master_delay;
		announcer->second_rounds = garp->master_repeat;
	}
	vrrp_announcer_change(announcer, garp, now);
}

/* When a thing done every INTERVAL is due next, if it was due at BEFORE. */
static usec_t announce_due(usec_t interval, usec_t before, usec_t now)
{
	if (interval == 0)
		return 0;
	return before > 0 && before < now + interval ? before : now + interval;
}

void vrrp_announcer_change(struct vrrp_announcer *announcer,
			   const struct vrrp_conf_garp *garp, usec_t now)
{
	announcer->refresh =
		announce_due(garp->master_refresh, announcer->refresh, now);
	announcer->extra =
		announce_due(garp->extra_interval, announcer->extra, now);
}

void vrrp_announcer_again(struct vrrp_announcer *announcer,
			  const struct vrrp_conf_garp *garp, usec_t now)
{
	/* A burst that is being sent announces the same. */
	if ((announcer->left > 0 && !announcer->extra_round) ||
	    garp->lower_repeat == 0)
		return;
	announce_begin_burst(announcer, garp->lower_repeat, now);
	if (garp->lower_delay > 0) {
		announcer->second = now + garp->lower_delay;
		announcer->second_rounds = garp->lower_repeat;
	}
}

void vrrp_announcer_stop(struct vrrp_announcer *announcer)
{
	memset(announcer, 0, sizeof(*announcer));
}

/* Begin the due burst, unless one is still being sent. */
static void announce_begin_due(struct vrrp_announcer *announcer,
			       const struct vrrp_conf_garp *garp, usec_t now)
{
	if (announcer->left > 0)
		return;
	if (announcer->second > 0 && now >= announcer->second) {
		announce_begin_burst(announcer, announcer->second_rounds, now);
		announcer->second = 0;
	} else if (announcer->refresh > 0 && now >= announcer->refresh) {
		announce_begin_burst(announcer, garp->master_refresh_repeat,
				     now);
		announcer->refresh = now + garp->master_refresh;
	} else if (announcer->extra > 0 && now >= announcer->extra) {
		announce_begin_burst(announcer, 1, now);
		announcer->extra_round = true;
		announcer->extra = now + garp->extra_interval;
	}
}

int vrrp_announcer_next(struct vrrp_announcer *announcer,
			const struct vrrp_conf_garp *garp, uint16_t family,
			uint32_t count, usec_t now, usec_t *shared)
{
	usec_t pause = family == AF_INET6 ? garp->na_interval :
					    garp->arp_interval;
	uint32_t index;

	announce_begin_due(announcer, garp, now);
	if (announcer->left == 0 || now < announcer->next || count == 0)
		return -1;
	if (shared && now < *shared) {
		announcer->next = *shared;
		return -1;
	}
	if (shared)
		*shared = now + pause;
	/* A reload may have left fewer addresses than there were. */
	index = announcer->index < count ? announcer->index : 0;
	announcer->index = index + 1;
	if (announcer->index >= count) {
		announcer->index = 0;
		announcer->left--;
	}
	announcer->next = announcer->left > 0 ? now + pause : 0;
	return (int)index;
}

usec_t vrrp_announcer_when(const struct vrrp_announcer *announcer)
{
	usec_t when = announcer->next;

	if (announcer->left > 0)
		return when;
	when = announcer->second;
	if (announcer->refresh > 0 && (when == 0 || announcer->refresh < when))
		when = announcer->refresh;
	if (announcer->extra > 0 && (when == 0 || announcer->extra < when))
		when = announcer->extra;
	return when;
}
