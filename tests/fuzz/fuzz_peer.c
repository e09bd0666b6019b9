/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the other balancer could send: any bytes as a datagram, as it is (so that
 * its HMAC is wrong) and with a right one put behind it. What is taken must be
 * within the limits that main relies on.
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ipc_peer_conf conf = { .length = 16,
						   .key = "0123456789abcdef" };
	uint8_t packet[PEER_PACKET_MAX];

	decode(&conf, data, size);
	if (size + HMAC_LENGTH > sizeof(packet))
		return 0;
	memcpy(packet, data, size);
	hmac_sha256(conf.key, conf.length, packet, size, packet + size);
	decode(&conf, packet, size + HMAC_LENGTH);
	return 0;
}
