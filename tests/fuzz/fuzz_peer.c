/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the other balancer could send: any bytes as a datagram, as it is (so that
 * its HMAC is wrong), with a right one put behind it, and as the inside of a packet
 * whose head, length and times are right. What is taken must be within the limits
 * that main relies on.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/operator/override_store.h"
#include "daemon/operator/peer_wire.h"
#include "lib/hmac.h"

#define NOW (1700000000 * USEC_PER_SEC)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decode(const struct ipc_peer_conf *conf, const uint8_t *data,
		   size_t size)
{
	struct peer_heard heard;
	const struct ipc_peer_word *word;
	const struct peer_item *item;
	size_t i;

	if (peer_decode(conf, data, size, NOW, &heard) < 0)
		return;
	if (heard.count + heard.future > PEER_WORDS_MAX)
		abort();
	if (heard.has_page &&
	    (heard.count > 0 || heard.page.count > PEER_ITEMS_MAX ||
	     heard.page.page >= heard.page.pages ||
	     heard.page.pages > PEER_PAGES_MAX ||
	     memchr(heard.page.version, 0, PEER_VERSION_MAX) == NULL))
		abort();
	for (i = 0; heard.has_page && i < heard.page.count; i++) {
		item = &heard.page.items[i];
		if (item->kind < PEER_ITEM_POOL ||
		    item->kind > PEER_ITEM_INTEGRITY ||
		    (item->kind == PEER_ITEM_INTEGRITY &&
		     item->state > PEER_INTEGRITY_CORRUPT) ||
		    (item->kind == PEER_ITEM_INSTANCE &&
		     item->state > PEER_INSTANCE_FAULT) ||
		    (item->kind == PEER_ITEM_ANNOUNCE &&
		     item->state > PEER_ANNOUNCE_WORKS))
			abort();
	}
	for (i = 0; i < heard.count; i++) {
		word = &heard.words[i];
		if (override_store_class(word->kind) == OVERRIDE_CLASSES ||
		    word->weight > INT32_MAX || word->said <= 0 ||
		    word->said > NOW + PEER_WINDOW ||
		    memchr(word->virtual_server, 0, PEER_NAME_MAX) == NULL)
			abort();
	}
}

static void put(uint8_t *out, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0) {
		out[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

/*
 * The first byte is the version, the second one the count, the rest the inside: the
 * layout of daemon/operator/peer_wire.c. Chance alone meets neither the magic nor a
 * length that fits a count.
 */
static void decode_shaped(const struct ipc_peer_conf *conf, const uint8_t *data,
			  size_t size)
{
	enum { HEAD = 16, WORD = 128, PAGE_HEAD = 128, ITEM = 16, PAGE = 4 };
	uint8_t packet[PEER_PACKET_MAX] = "EKOP", *word;
	size_t length, count, i;

	if (size < 3)
		return;
	packet[4] = (uint8_t)(data[0] % (PAGE + 1) + 1);
	count = data[1] %
		((packet[4] == PAGE ? PEER_ITEMS_MAX : PEER_WORDS_MAX) + 1);
	packet[5] = (uint8_t)count;
	put(packet + 8, (uint64_t)NOW + data[2], 8);
	length = HEAD +
		 (packet[4] == PAGE ? PAGE_HEAD + count * ITEM : count * WORD);
	data += 3;
	size -= 3;
	memcpy(packet + HEAD, data,
	       size < length - HEAD ? size : length - HEAD);
	for (i = 0; packet[4] != PAGE && i < count; i++) {
		word = packet + HEAD + i * WORD;
		put(word, (uint64_t)NOW - word[7] * USEC_PER_SEC, 8);
		word[8] = word[8] & 1 ? 6 : 4;
	}
	hmac_sha256(conf->key, conf->length, packet, length, packet + length);
	decode(conf, packet, length + HMAC_LENGTH);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ipc_peer_conf conf = { .length = 16,
						   .key = "0123456789abcdef" };
	uint8_t packet[PEER_PACKET_MAX];

	decode(&conf, data, size);
	decode_shaped(&conf, data, size);
	if (size + HMAC_LENGTH > sizeof(packet))
		return 0;
	memcpy(packet, data, size);
	hmac_sha256(conf.key, conf.length, packet, size, packet + size);
	decode(&conf, packet, size + HMAC_LENGTH);
	return 0;
}
