/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever an attacker sends: the decoder may refuse it, but may not read past
 * it, and what it accepts must encode to a packet that decodes to the same. The
 * first byte chooses the family and whether the checksum is made right, so that
 * the rest of the decoder is reached.
 */
#include <stdlib.h>
#include <string.h>

#include "vrrp/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same_again(const struct vrrp_datagram *in,
		       const struct vrrp_advert *advert)
{
	static uint8_t out[VRRP_DATAGRAM_MAX];
	struct vrrp_datagram again = *in;
	struct vrrp_advert got;
	int length = vrrp_packet_encode(advert, &in->src, &in->dst, out,
					sizeof(out));

	if (length != (int)in->length)
		abort();
	again.data = out;
	if (vrrp_packet_decode(&again, &got) != VRRP_DROP_NONE)
		abort();
	if (got.vrid != advert->vrid || got.priority != advert->priority ||
	    got.interval != advert->interval || got.count != advert->count ||
	    got.auth != advert->auth || !got.trailer != !advert->trailer)
		abort();
}

/* No input has the right signature, and none leaves a trace in the memory. */
static void judge(const struct vrrp_datagram *in,
		  const struct vrrp_advert *advert)
{
	static const struct vrrp_conf_key key = { .id = 1,
						  .length = VRRP_KEY_MIN };
	static const struct vrrp_conf_instance conf = {
		.hmac = { .keys = &key, .nr_keys = 1, .monotonic = true }
	};
	struct vrrp_signature signature = { 0 };
	bool skewed;

	vrrp_signature_use(&signature, &conf, 0, NULL, 0);
	if ((vrrp_signature_check(&signature, &conf.hmac, in, advert, 0,
				  &skewed) == VRRP_DROP_NONE) !=
	    !advert->trailer)
		abort();
	if (signature.turn > 0)
		abort();
	vrrp_signature_free(&signature);
}

/* A message over IPv4, of which the sum leaves a trailer out. */
static void fix_checksum(uint8_t *message, size_t length)
{
	size_t whole = VRRP_HEADER_LENGTH;
	uint16_t sum;

	if (length < VRRP_HEADER_LENGTH)
		return;
	whole +=
		message[3] * 4u + (message[0] >> 4 == 2 ? VRRP_AUTH_LENGTH : 0);
	if (length == whole + VRRP_TRAILER_LENGTH)
		length = whole;
	memset(message + 6, 0, 2);
	sum = vrrp_checksum_fold(0, message, length);
	message[6] = (uint8_t)(sum >> 8);
	message[7] = (uint8_t)sum;
}

static void try_message(struct vrrp_datagram *in)
{
	struct vrrp_advert advert;

	if (vrrp_packet_decode(in, &advert) != VRRP_DROP_NONE)
		return;
	same_again(in, &advert);
	judge(in, &advert);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vrrp_datagram in = { 0 };
	uint8_t *copy;

	if (size < 1)
		return 0;
	/* A copy of its own size, so that a read past it is seen. */
	copy = malloc(size);
	if (!copy)
		return 0;
	memcpy(copy, data + 1, size - 1);
	if (data[0] & 1) {
		in.src.family = in.dst.family = AF_INET6;
		in.data = copy;
		in.length = size - 1;
		try_message(&in);
	} else if (data[0] & 2) {
		fix_checksum(copy, size - 1);
		in.src.family = in.dst.family = AF_INET;
		in.data = copy;
		in.length = size - 1;
		try_message(&in);
	} else if (vrrp_packet_parse_ip4(copy, size - 1, &in) ==
		   VRRP_DROP_NONE) {
		try_message(&in);
	}
	free(copy);
	return 0;
}
