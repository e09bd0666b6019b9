/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Layout, all in network byte order:
 *
 *	0	version (high nibble), type 1 (low nibble)
 *	1	VRID
 *	2	priority
 *	3	number of addresses
 *	4	v2: authentication type, then interval in seconds
 *		v3: four reserved bits, 12 bits of interval in centiseconds
 *	6	checksum
 *	8	addresses; v2: then eight bytes of authentication, always
 *
 * No RFC has version 2 over IPv6; keepalived speaks it where a file says so, and
 * leaves the authentication's bytes out. Its checksum covers the pseudo-header,
 * as that of any protocol over IPv6.
 *
 * No field is read before its presence is proved, and the length must match the
 * count exactly: surplus bytes are not accepted, but for the trailer of auth_hmac,
 * which is always as long. Over IPv4 the checksum leaves it out.
 */
#include "vrrp/packet.h"

#include <errno.h>
#include <string.h>

#define VRRP_TYPE_ADVERT 1
#define VRRP_V3_INTERVAL_MAX 0x0fff
#define IP4_HEADER_MIN 20
#define IP4_FRAGMENT 0x3fff /* more fragments, or an offset */

const char *vrrp_drop_name(enum vrrp_drop drop)
{
	static const char *const names[VRRP_DROPS] = {
		[VRRP_DROP_NONE] = "accepted",
		[VRRP_DROP_IP_HEADER] = "bad IP header",
		[VRRP_DROP_FRAGMENT] = "fragment",
		[VRRP_DROP_SHORT] = "too short",
		[VRRP_DROP_VERSION] = "wrong version",
		[VRRP_DROP_TYPE] = "not an advertisement",
		[VRRP_DROP_VRID] = "unknown virtual router",
		[VRRP_DROP_COUNT] = "no addresses",
		[VRRP_DROP_LENGTH] = "wrong length",
		[VRRP_DROP_CHECKSUM] = "bad checksum",
		[VRRP_DROP_INTERVAL] = "wrong interval",
		[VRRP_DROP_TTL] = "wrong TTL",
		[VRRP_DROP_DESTINATION] = "wrong destination",
		[VRRP_DROP_SOURCE] = "not a listed peer",
		[VRRP_DROP_OWN_ADDRESS] = "our own source address",
		[VRRP_DROP_AUTH_TYPE] = "wrong authentication type",
		[VRRP_DROP_AUTH] = "wrong password",
		[VRRP_DROP_OWNER] = "we own the addresses",
		[VRRP_DROP_ADDRESS_LIST] = "other addresses than ours",
		[VRRP_DROP_LINK_LOCAL] = "first address not link-local",
		[VRRP_DROP_FOREIGN] = "none of our addresses",
		[VRRP_DROP_OTHER_VRID] = "our address, another virtual router",
		[VRRP_DROP_CAST] = "unicast against multicast",
		[VRRP_DROP_SIGNED] = "signed, and we have no auth_hmac",
		[VRRP_DROP_UNSIGNED] = "not signed",
		[VRRP_DROP_SIGNATURE] = "wrong signature or key",
		[VRRP_DROP_STALE] = "signed at another time",
		[VRRP_DROP_REPLAY] = "an old one again",
	};

	return names[drop];
}

static uint16_t packet_get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void packet_put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t packet_checksum_add(uint32_t sum, const uint8_t *data,
				    size_t length)
{
	size_t i;

	for (i = 0; i + 1 < length; i += 2)
		sum += packet_get16(data + i);
	if (i < length)
		sum += (uint32_t)data[i] << 8;
	return sum;
}

uint16_t vrrp_checksum_fold(uint32_t sum, const uint8_t *data, size_t length)
{
	sum = packet_checksum_add(sum, data, length);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static size_t packet_address_length(uint16_t family)
{
	return family == AF_INET6 ? 16 : 4;
}

uint32_t vrrp_checksum_pseudo(const struct addr *src, const struct addr *dst,
			      uint32_t length, uint8_t protocol)
{
	size_t size = packet_address_length(src->family);
	uint32_t sum = 0;

	sum = packet_checksum_add(sum, src->bytes, size);
	sum = packet_checksum_add(sum, dst->bytes, size);
	return sum + (length >> 16) + (length & 0xffff) + protocol;
}

enum vrrp_drop vrrp_packet_parse_ip4(const uint8_t *bytes, size_t length,
				     struct vrrp_datagram *out)
{
	size_t header, total;

	if (length < IP4_HEADER_MIN)
		return VRRP_DROP_SHORT;
	header = (size_t)(bytes[0] & 0x0f) * 4;
	total = packet_get16(bytes + 2);
	if (bytes[0] >> 4 != 4 || header < IP4_HEADER_MIN || header > total ||
	    total > length)
		return VRRP_DROP_IP_HEADER;
	if (packet_get16(bytes + 6) & IP4_FRAGMENT)
		return VRRP_DROP_FRAGMENT;
	memset(out, 0, sizeof(*out));
	out->src.family = AF_INET;
	memcpy(out->src.bytes, bytes + 12, 4);
	out->dst.family = AF_INET;
	memcpy(out->dst.bytes, bytes + 16, 4);
	out->ttl = bytes[8];
	out->data = bytes + header;
	out->length = total - header;
	return VRRP_DROP_NONE;
}

uint8_t vrrp_packet_vrid(const struct vrrp_datagram *datagram)
{
	return datagram->length < 2 ? 0 : datagram->data[1];
}

static bool packet_has_auth(uint8_t version, uint16_t family)
{
	return version == 2 && family == AF_INET;
}

static size_t packet_length(uint8_t version, uint16_t family, uint8_t count)
{
	return VRRP_HEADER_LENGTH + count * packet_address_length(family) +
	       (packet_has_auth(version, family) ? VRRP_AUTH_LENGTH : 0);
}

/* How much of a datagram of LENGTH bytes the checksum covers. */
static size_t packet_summed(const struct vrrp_advert *advert, size_t length)
{
	return advert->trailer && advert->family == AF_INET ?
		       length - VRRP_TRAILER_LENGTH :
		       length;
}

/* Find which of the allowed forms the checksum has. */
static bool packet_checksum_right(const struct vrrp_datagram *in,
				  struct vrrp_advert *advert)
{
	size_t length = packet_summed(advert, in->length);
	uint32_t pseudo;

	if (advert->version == 3 || advert->family == AF_INET6) {
		pseudo = vrrp_checksum_pseudo(&in->src, &in->dst,
					      (uint32_t)length, VRRP_PROTOCOL);
		advert->checksum = VRRP_CHECKSUM_PSEUDO;
		if (vrrp_checksum_fold(pseudo, in->data, length) == 0)
			return true;
		if (advert->family == AF_INET6)
			return false;
	}
	advert->checksum = VRRP_CHECKSUM_MESSAGE;
	return vrrp_checksum_fold(0, in->data, length) == 0;
}

static void packet_decode_rest(const uint8_t *data, struct vrrp_advert *advert)
{
	const uint8_t *end;

	advert->addresses = data + VRRP_HEADER_LENGTH;
	if (advert->version == 3) {
		advert->interval =
			(packet_get16(data + 4) & VRRP_V3_INTERVAL_MAX) *
			VRRP_CENTISECOND;
		return;
	}
	advert->auth = data[4];
	advert->interval = data[5] * USEC_PER_SEC;
	if (!packet_has_auth(advert->version, advert->family))
		return;
	end = advert->addresses + (size_t)advert->count * 4;
	memcpy(advert->auth_data, end, VRRP_AUTH_LENGTH);
}

enum vrrp_drop vrrp_packet_decode(const struct vrrp_datagram *in,
				  struct vrrp_advert *advert)
{
	const uint8_t *data = in->data;
	size_t length;

	memset(advert, 0, sizeof(*advert));
	if (in->length < VRRP_HEADER_LENGTH)
		return VRRP_DROP_SHORT;
	advert->family = in->src.family;
	advert->version = data[0] >> 4;
	advert->vrid = data[1];
	advert->priority = data[2];
	advert->count = data[3];
	if (advert->version != 3 && advert->version != 2)
		return VRRP_DROP_VERSION;
	if ((data[0] & 0x0f) != VRRP_TYPE_ADVERT)
		return VRRP_DROP_TYPE;
	if (advert->vrid == 0)
		return VRRP_DROP_VRID;
	length = packet_length(advert->version, advert->family, advert->count);
	if (in->length == length + VRRP_TRAILER_LENGTH)
		advert->trailer = data + length;
	else if (in->length != length)
		return VRRP_DROP_LENGTH;
	if (!packet_checksum_right(in, advert))
		return VRRP_DROP_CHECKSUM;
	packet_decode_rest(data, advert);
	return advert->interval > 0 ? VRRP_DROP_NONE : VRRP_DROP_INTERVAL;
}

static bool packet_interval_fits(const struct vrrp_advert *advert)
{
	usec_t unit = advert->version == 2 ? USEC_PER_SEC : VRRP_CENTISECOND;
	usec_t most = advert->version == 2 ? 255 : VRRP_V3_INTERVAL_MAX;

	return advert->interval > 0 && advert->interval % unit == 0 &&
	       advert->interval / unit <= most;
}

static bool packet_can_be_encoded(const struct vrrp_advert *advert,
				  const struct addr *src,
				  const struct addr *dst)
{
	if (advert->family != AF_INET && advert->family != AF_INET6)
		return false;
	if (advert->version != 3 && advert->version != 2)
		return false;
	return advert->vrid > 0 && packet_interval_fits(advert) &&
	       src->family == advert->family && dst->family == advert->family;
}

static uint32_t packet_checksum_start(const struct vrrp_advert *advert,
				      const struct addr *src,
				      const struct addr *dst, size_t length)
{
	if (advert->family == AF_INET &&
	    (advert->version == 2 || advert->checksum == VRRP_CHECKSUM_MESSAGE))
		return 0;
	return vrrp_checksum_pseudo(src, dst, (uint32_t)length, VRRP_PROTOCOL);
}

int vrrp_packet_encode(const struct vrrp_advert *advert, const struct addr *src,
		       const struct addr *dst, uint8_t *out, size_t size)
{
	size_t addresses =
		advert->count * packet_address_length(advert->family);
	size_t message =
		packet_length(advert->version, advert->family, advert->count);
	size_t length = message + (advert->trailer ? VRRP_TRAILER_LENGTH : 0);
	size_t summed = packet_summed(advert, length);

	if (!packet_can_be_encoded(advert, src, dst))
		return -EINVAL;
	if (length > size)
		return -EMSGSIZE;
	memset(out, 0, length);
	out[0] = (uint8_t)(advert->version << 4 | VRRP_TYPE_ADVERT);
	out[1] = advert->vrid;
	out[2] = advert->priority;
	out[3] = advert->count;
	memcpy(out + VRRP_HEADER_LENGTH, advert->addresses, addresses);
	if (advert->version == 3) {
		packet_put16(out + 4,
			     (unsigned)(advert->interval / VRRP_CENTISECOND));
	} else {
		out[4] = advert->auth;
		out[5] = (uint8_t)(advert->interval / USEC_PER_SEC);
		if (packet_has_auth(advert->version, advert->family))
			memcpy(out + VRRP_HEADER_LENGTH + addresses,
			       advert->auth_data, VRRP_AUTH_LENGTH);
	}
	if (advert->trailer)
		memcpy(out + message, advert->trailer, VRRP_TRAILER_LENGTH);
	packet_put16(out + 6,
		     vrrp_checksum_fold(packet_checksum_start(advert, src, dst,
							      summed),
					out, summed));
	return (int)length;
}
