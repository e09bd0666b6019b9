/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vrrp/receive.h"

#include <string.h>

const char *vrrp_deviation_name(unsigned bit)
{
	static const char *const names[VRRP_DEVIATIONS] = {
		"other addresses than ours",
		"first address is not link-local",
		"checksum of the other form (v3_checksum_as_v2)",
		"claims to own the addresses, as we do",
		"not signed (auth_hmac)",
		"the clocks are more than half of 'time_window' apart",
	};

	return bit < VRRP_DEVIATIONS ? names[bit] : "?";
}

static const struct vrrp_conf_peer *
receive_find_peer(const struct vrrp_conf_instance *conf, const struct addr *src)
{
	uint32_t i;

	for (i = 0; i < conf->nr_peers; i++) {
		if (addr_cmp(&conf->peers[i].addr, src) == 0)
			return &conf->peers[i];
	}
	return NULL;
}

/* Multicast must not have crossed a router; unicast may, within limits. */
static enum vrrp_drop
receive_check_unicast(const struct vrrp_conf_instance *conf,
		      const struct addr *self, const struct vrrp_datagram *in)
{
	const struct vrrp_conf_peer *peer = receive_find_peer(conf, &in->src);

	if (addr_cmp(&in->dst, self) != 0)
		return VRRP_DROP_DESTINATION;
	if (!peer)
		return conf->check_unicast_src ? VRRP_DROP_SOURCE :
						 VRRP_DROP_NONE;
	if (in->ttl < peer->min_ttl || in->ttl > peer->max_ttl)
		return VRRP_DROP_TTL;
	return VRRP_DROP_NONE;
}

static enum vrrp_drop
receive_check_origin(const struct vrrp_conf_instance *conf,
		     const struct addr *self, const struct vrrp_datagram *in)
{
	if (addr_cmp(&in->src, self) == 0)
		return VRRP_DROP_OWN_ADDRESS;
	if (conf->nr_peers > 0)
		return receive_check_unicast(conf, self, in);
	if (addr_cmp(&in->dst, &conf->group) != 0)
		return VRRP_DROP_DESTINATION;
	return in->ttl == 255 ? VRRP_DROP_NONE : VRRP_DROP_TTL;
}

static bool receive_same_password(const uint8_t *a, const uint8_t *b)
{
	unsigned different = 0;
	size_t i;

	for (i = 0; i < VRRP_AUTH_LENGTH; i++)
		different |= (unsigned)(a[i] ^ b[i]);
	return different == 0;
}

static bool receive_advert_has(const struct vrrp_advert *advert,
			       const struct addr *addr)
{
	size_t size = advert->family == AF_INET6 ? 16 : 4;
	size_t i;

	for (i = 0; i < advert->count; i++) {
		if (memcmp(advert->addresses + i * size, addr->bytes, size) ==
		    0)
			return true;
	}
	return false;
}

static uint32_t receive_count_shared(const struct vrrp_conf_instance *conf,
				     const struct vrrp_advert *advert)
{
	uint32_t shared = 0, i;

	for (i = 0; i < conf->nr_addresses; i++)
		shared += receive_advert_has(advert, &conf->addresses[i].addr);
	return shared;
}

bool vrrp_receive_shares(const struct vrrp_conf_instance *conf,
			 const struct vrrp_advert *advert)
{
	return advert->family == conf->family &&
	       receive_count_shared(conf, advert) > 0;
}

bool vrrp_receive_is_of_pair(const struct vrrp_conf_instance *conf,
			     const struct vrrp_advert *advert)
{
	return vrrp_receive_shares(conf, advert) ||
	       (advert->family == conf->family && advert->count == 0 &&
		conf->nr_addresses == 0);
}

/*
 * Judge the sender of an advert by its list of addresses. A peer in the middle
 * of a change of its file still has some of our addresses. A sender with none
 * is another pair's router: to obey it would leave our addresses to nobody.
 */
static enum vrrp_drop receive_check_list(const struct vrrp_conf_instance *conf,
					 const struct addr *known,
					 const struct vrrp_datagram *in,
					 const struct vrrp_advert *advert,
					 unsigned *odd)
{
	uint32_t shared;

	if (conf->skip_check_adv_addr && addr_cmp(&in->src, known) == 0)
		return VRRP_DROP_NONE;
	shared = receive_count_shared(conf, advert);
	if (shared == conf->nr_addresses && shared == advert->count)
		return VRRP_DROP_NONE;
	if (conf->version == 2 && advert->priority == VRRP_PRIORITY_OWNER &&
	    !conf->same_addresses) {
		*odd |= VRRP_DEVIATION_ADDRESS_LIST;
		return VRRP_DROP_NONE;
	}
	if (shared == 0)
		return VRRP_DROP_FOREIGN;
	if (conf->version == 2 || conf->same_addresses)
		return VRRP_DROP_ADDRESS_LIST;
	*odd |= VRRP_DEVIATION_ADDRESS_LIST;
	return VRRP_DROP_NONE;
}

static enum vrrp_drop receive_check_signed(const struct vrrp_conf_hmac *hmac,
					   const struct vrrp_advert *advert,
					   unsigned *odd)
{
	if (hmac->nr_keys == 0)
		return advert->trailer ? VRRP_DROP_SIGNED : VRRP_DROP_NONE;
	if (advert->trailer)
		return VRRP_DROP_NONE;
	if (hmac->mode == VRRP_SIGNING_ENFORCE)
		return VRRP_DROP_UNSIGNED;
	*odd |= VRRP_DEVIATION_UNSIGNED;
	return VRRP_DROP_NONE;
}

static enum vrrp_drop receive_check_v2(const struct vrrp_conf_instance *conf,
				       const struct vrrp_advert *advert)
{
	if (advert->auth != conf->auth)
		return VRRP_DROP_AUTH_TYPE;
	if (conf->auth == VRRP_AUTH_SIMPLE && conf->family == AF_INET &&
	    !receive_same_password(advert->auth_data, conf->auth_data))
		return VRRP_DROP_AUTH;
	if (advert->interval != conf->interval)
		return VRRP_DROP_INTERVAL;
	if (conf->priority == VRRP_PRIORITY_OWNER)
		return VRRP_DROP_OWNER;
	return VRRP_DROP_NONE;
}

static enum vrrp_drop receive_check_v3(const struct vrrp_conf_instance *conf,
				       const struct vrrp_advert *advert,
				       unsigned *odd)
{
	if (advert->family == AF_INET && advert->checksum != conf->checksum)
		*odd |= VRRP_DEVIATION_CHECKSUM;
	if (conf->priority == VRRP_PRIORITY_OWNER &&
	    advert->priority == VRRP_PRIORITY_OWNER)
		*odd |= VRRP_DEVIATION_OWNER;
	if (advert->family == AF_INET6 && advert->count > 0 &&
	    (advert->addresses[0] != 0xfe ||
	     (advert->addresses[1] & 0xc0) != 0x80)) {
		if (conf->strict)
			return VRRP_DROP_LINK_LOCAL;
		*odd |= VRRP_DEVIATION_LINK_LOCAL;
	}
	return VRRP_DROP_NONE;
}

enum vrrp_drop vrrp_receive(const struct vrrp_conf_instance *conf,
			    const struct addr *self, const struct addr *known,
			    const struct vrrp_datagram *datagram,
			    struct vrrp_advert *advert, unsigned *odd)
{
	enum vrrp_drop drop = vrrp_packet_decode(datagram, advert);

	*odd = 0;
	if (drop != VRRP_DROP_NONE)
		return drop;
	if (advert->vrid != conf->vrid || advert->family != conf->family)
		return VRRP_DROP_VRID;
	if (advert->version != conf->version)
		return VRRP_DROP_VERSION;
	if (advert->count == 0 && conf->nr_addresses > 0)
		return VRRP_DROP_COUNT;
	drop = receive_check_origin(conf, self, datagram);
	if (drop != VRRP_DROP_NONE)
		return drop;
	drop = receive_check_signed(&conf->hmac, advert, odd);
	if (drop != VRRP_DROP_NONE)
		return drop;
	drop = conf->version == 2 ? receive_check_v2(conf, advert) :
				    receive_check_v3(conf, advert, odd);
	if (drop != VRRP_DROP_NONE)
		return drop;
	return receive_check_list(conf, known, datagram, advert, odd);
}
