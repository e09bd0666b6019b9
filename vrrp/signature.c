/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The trailer, all in network byte order:
 *
 *	0	scheme, 1: HMAC-SHA-256, of which the first half is sent
 *	1	number of the key
 *	2	reserved, 0
 *	4	time: seconds, fraction, counter
 *	12	signature, 16 bytes
 *
 * Signed are 20 bytes that are not sent (4 or 6 for the family, version, VRID, 0,
 * the source, padded to 16 bytes), then the message with a checksum of 0, the
 * trailer's first 12 bytes, and 16 zeros in place of the signature. Neither the
 * destination nor the hop limit is signed, so one trailer serves all peers.
 */
#include "vrrp/signature.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/hmac.h"

#define SCHEME_SHA256 1
#define TRAILER_TIME 4
#define TRAILER_SIGNATURE 12
#define SIGNATURE_LENGTH (VRRP_TRAILER_LENGTH - TRAILER_SIGNATURE)
#define HEAD_LENGTH 20
#define CHECKSUM_AT 6
#define NSEC_PER_SEC UINT64_C(1000000000)
/* Routers that may send at the same time, before one of them is Active alone. */
#define SENDERS_LEAST 8

_Static_assert(IPC_VRRP_KEY_MAX == VRRP_KEY_MAX,
	       "a message has room for a key");

uint64_t vrrp_signature_now(void)
{
	struct timespec now = { 0 };
	uint64_t fraction;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	fraction = ((uint64_t)now.tv_nsec << 16) / NSEC_PER_SEC;
	return (uint64_t)(uint32_t)now.tv_sec << 32 | fraction << 16;
}

static bool signature_is_after(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b) > 0;
}

/* By how many seconds A is after B; below 0: before. */
static int32_t signature_ahead(uint64_t a, uint64_t b)
{
	return (int32_t)((uint32_t)(a >> 32) - (uint32_t)(b >> 32));
}

static bool signature_is_apart(uint64_t a, uint64_t b, uint32_t seconds)
{
	int64_t ahead = signature_ahead(a, b);

	return ahead > (int64_t)seconds || ahead < -(int64_t)seconds;
}

static void signature_forget_keys(struct vrrp_signature *signature)
{
	if (signature->keys)
		explicit_bzero(signature->keys,
			       signature->nr_keys * sizeof(*signature->keys));
	free(signature->keys);
	signature->keys = NULL;
	signature->nr_keys = 0;
}

static void signature_fill_key(struct vrrp_conf_key *key, uint32_t index,
			       const struct ipc_vrrp_key *given, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (given[i].instance != index || given[i].id != key->id ||
		    given[i].length > VRRP_KEY_MAX)
			continue;
		memcpy(key->data, given[i].data, given[i].length);
		key->length = given[i].length;
	}
}

static void signature_make_room(struct vrrp_signature *signature,
				uint32_t senders)
{
	struct vrrp_sender *more;

	if (senders < SENDERS_LEAST)
		senders = SENDERS_LEAST;
	if (senders <= signature->nr_senders)
		return;
	more = xcalloc(senders, sizeof(*more));
	if (signature->nr_senders > 0)
		memcpy(more, signature->senders,
		       signature->nr_senders * sizeof(*more));
	free(signature->senders);
	signature->senders = more;
	signature->nr_senders = senders;
}

void vrrp_signature_use(struct vrrp_signature *signature,
			const struct vrrp_conf_instance *conf, uint32_t index,
			const struct ipc_vrrp_key *given, size_t nr)
{
	uint32_t i;

	signature_forget_keys(signature);
	if (conf->hmac.nr_keys == 0)
		return;
	signature_make_room(signature, conf->nr_peers);
	signature->nr_keys = conf->hmac.nr_keys;
	signature->keys = xcalloc(signature->nr_keys, sizeof(*signature->keys));
	for (i = 0; i < signature->nr_keys; i++) {
		signature->keys[i] = conf->hmac.keys[i];
		if (conf->hmac.keys[i].file)
			signature_fill_key(&signature->keys[i], index, given,
					   nr);
		/* The key is part of the configuration, which may go before. */
		signature->keys[i].file = NULL;
	}
}

void vrrp_signature_free(struct vrrp_signature *signature)
{
	signature_forget_keys(signature);
	free(signature->senders);
	signature->senders = NULL;
	signature->nr_senders = 0;
}

static const struct vrrp_conf_key *
signature_find_key(const struct vrrp_signature *signature, uint8_t id)
{
	uint32_t i;

	for (i = 0; i < signature->nr_keys; i++) {
		if (signature->keys[i].id == id &&
		    signature->keys[i].length > 0)
			return &signature->keys[i];
	}
	return NULL;
}

static bool signature_is_wanted(const struct vrrp_conf_hmac *conf)
{
	return conf->nr_keys > 0 && conf->mode != VRRP_SIGNING_RECEIVE;
}

bool vrrp_signature_ready(const struct vrrp_signature *signature,
			  const struct vrrp_conf_hmac *conf)
{
	return !signature_is_wanted(conf) ||
	       signature_find_key(signature, conf->active_key);
}

/* Sign LENGTH bytes of MESSAGE and the TRAILER's first bytes; OUT: SIGNATURE_LENGTH. */
static void signature_make(const struct vrrp_conf_key *key,
			   const struct addr *src, const uint8_t *message,
			   size_t length, const uint8_t *trailer, uint8_t *out)
{
	uint8_t text[HEAD_LENGTH + VRRP_DATAGRAM_MAX] = { 0 };
	uint8_t sum[HMAC_LENGTH], *at = text + HEAD_LENGTH;

	text[0] = src->family == AF_INET6 ? 6 : 4;
	text[1] = message[0] >> 4;
	text[2] = message[1];
	memcpy(text + 4, src->bytes, src->family == AF_INET6 ? 16 : 4);
	memcpy(at, message, length);
	memset(at + CHECKSUM_AT, 0, 2);
	at += length;
	memcpy(at, trailer, TRAILER_SIGNATURE);
	at += VRRP_TRAILER_LENGTH;
	hmac_sha256(key->data, key->length, text, (size_t)(at - text), sum);
	memcpy(out, sum, SIGNATURE_LENGTH);
}

static void signature_put_time(uint8_t *at, uint64_t time)
{
	unsigned i;

	for (i = 0; i < 8; i++)
		at[i] = (uint8_t)(time >> (56 - 8 * i));
}

static uint64_t signature_get_time(const uint8_t *at)
{
	uint64_t time = 0;
	unsigned i;

	for (i = 0; i < 8; i++)
		time = time << 8 | at[i];
	return time;
}

/*
 * Each advert has a later time than the one before. If the clock was set back by
 * more than the others would bear, it counts again, but for those that only want
 * later times.
 */
static uint64_t signature_next(struct vrrp_signature *signature,
			       const struct vrrp_conf_hmac *conf, uint64_t now)
{
	if (signature_is_after(now, signature->sent) ||
	    (!conf->monotonic &&
	     signature_ahead(signature->sent, now) > (int32_t)conf->window))
		signature->sent = now;
	else
		signature->sent++;
	return signature->sent;
}

bool vrrp_signature_sign(struct vrrp_signature *signature,
			 const struct vrrp_conf_hmac *conf,
			 const struct vrrp_advert *advert,
			 const struct addr *src, uint64_t now,
			 uint8_t trailer[VRRP_TRAILER_LENGTH])
{
	const struct vrrp_conf_key *key =
		signature_find_key(signature, conf->active_key);
	uint8_t message[VRRP_DATAGRAM_MAX];
	int length;

	if (!signature_is_wanted(conf) || !key)
		return false;
	length = vrrp_packet_encode(advert, src, src, message, sizeof(message));
	if (length < 0)
		return false;
	memset(trailer, 0, VRRP_TRAILER_LENGTH);
	trailer[0] = SCHEME_SHA256;
	trailer[1] = key->id;
	signature_put_time(trailer + TRAILER_TIME,
			   signature_next(signature, conf, now));
	signature_make(key, src, message, (size_t)length, trailer,
		       trailer + TRAILER_SIGNATURE);
	return true;
}

/* SRC's place in the memory, or that of the sender with the longest silence. */
static struct vrrp_sender *
signature_find_sender(struct vrrp_signature *signature, const struct addr *src)
{
	struct vrrp_sender *oldest = &signature->senders[0];
	uint32_t i;

	for (i = 0; i < signature->nr_senders; i++) {
		struct vrrp_sender *sender = &signature->senders[i];

		if (sender->used > 0 && addr_cmp(&sender->addr, src) == 0)
			return sender;
		if (sender->used < oldest->used)
			oldest = sender;
	}
	oldest->addr = *src;
	oldest->used = 0;
	return oldest;
}

/*
 * Whether TIME is later than the last one of SRC, which it becomes. A last one that
 * is outside the window by now orders nothing that the window lets through: a sender
 * with a clock that was put right is heard again.
 */
static bool signature_is_next(struct vrrp_signature *signature,
			      const struct vrrp_conf_hmac *conf,
			      const struct addr *src, uint64_t time,
			      uint64_t now)
{
	struct vrrp_sender *sender = signature_find_sender(signature, src);

	if (sender->used > 0 && !signature_is_after(time, sender->last) &&
	    (conf->monotonic ||
	     !signature_is_apart(now, sender->last, conf->window)))
		return false;
	sender->last = time;
	sender->used = ++signature->turn;
	return true;
}

static bool signature_same(const uint8_t *a, const uint8_t *b)
{
	unsigned different = 0;
	size_t i;

	for (i = 0; i < SIGNATURE_LENGTH; i++)
		different |= (unsigned)(a[i] ^ b[i]);
	return different == 0;
}

enum vrrp_drop vrrp_signature_check(struct vrrp_signature *signature,
				    const struct vrrp_conf_hmac *conf,
				    const struct vrrp_datagram *datagram,
				    const struct vrrp_advert *advert,
				    uint64_t now, bool *skewed)
{
	const uint8_t *trailer = advert->trailer;
	const struct vrrp_conf_key *key;
	uint8_t made[SIGNATURE_LENGTH];
	uint64_t time;

	*skewed = false;
	if (!trailer)
		return VRRP_DROP_NONE;
	if (trailer[0] != SCHEME_SHA256 || trailer[2] != 0 || trailer[3] != 0)
		return VRRP_DROP_SIGNATURE;
	time = signature_get_time(trailer + TRAILER_TIME);
	/* Before the signature: a flood of old adverts costs no sums. */
	if (!conf->monotonic && signature_is_apart(now, time, conf->window))
		return VRRP_DROP_STALE;
	key = signature_find_key(signature, trailer[1]);
	if (!key)
		return VRRP_DROP_SIGNATURE;
	signature_make(key, &datagram->src, datagram->data,
		       datagram->length - VRRP_TRAILER_LENGTH, trailer, made);
	if (!signature_same(made, trailer + TRAILER_SIGNATURE))
		return VRRP_DROP_SIGNATURE;
	if (!signature_is_next(signature, conf, &datagram->src, time, now))
		return VRRP_DROP_REPLAY;
	*skewed = !conf->monotonic &&
		  signature_is_apart(now, time, conf->window / 2);
	return VRRP_DROP_NONE;
}
