/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/peer_wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "daemon/operator/override_store.h"
#include "lib/hmac.h"

#define HEAD 16
#define WORD 128
/* The version for the words of a class. */
#define VERSION_OF(class) ((class) + 1)
#define VERSION_PAGE 4
#define PAGE_HEAD 128
#define ITEM 16

_Static_assert(VERSION_PAGE == VERSION_OF(OVERRIDE_CLASSES),
	       "each version means one thing");
_Static_assert(PAGE_HEAD + PEER_ITEMS_MAX * ITEM <= PEER_WORDS_MAX * WORD,
	       "a page fits a datagram");

static const uint8_t magic[4] = { 'E', 'K', 'O', 'P' };

static void peer_wire_put(uint8_t *out, uint64_t value, unsigned bytes)
{
	while (bytes-- > 0) {
		out[bytes] = (uint8_t)value;
		value >>= 8;
	}
}

static uint64_t peer_wire_get(const uint8_t *in, unsigned bytes)
{
	uint64_t value = 0;
	unsigned i;

	for (i = 0; i < bytes; i++)
		value = value << 8 | in[i];
	return value;
}

static void peer_wire_put_word(uint8_t *out, const struct ipc_peer_word *word)
{
	bool six = word->server.addr.family == AF_INET6;

	peer_wire_put(out, (uint64_t)word->said, 8);
	out[8] = six ? 6 : 4;
	out[9] = (uint8_t)word->kind;
	peer_wire_put(out + 10, word->server.port, 2);
	peer_wire_put(out + 12, word->weight, 4);
	memcpy(out + 16, word->server.addr.bytes, six ? 16 : 4);
	memcpy(out + 32, word->virtual_server,
	       strnlen(word->virtual_server, PEER_NAME_MAX - 1));
}

static bool peer_wire_get_word(const uint8_t *in, struct ipc_peer_word *word)
{
	memset(word, 0, sizeof(*word));
	word->said = (int64_t)peer_wire_get(in, 8);
	word->kind = in[9];
	word->server.port = (uint16_t)peer_wire_get(in + 10, 2);
	word->weight = (uint32_t)peer_wire_get(in + 12, 4);
	if (in[8] != 4 && in[8] != 6)
		return false;
	word->server.addr.family = in[8] == 6 ? AF_INET6 : AF_INET;
	memcpy(word->server.addr.bytes, in + 16, in[8] == 6 ? 16 : 4);
	memcpy(word->virtual_server, in + 32, PEER_NAME_MAX);
	return override_store_class(word->kind) != OVERRIDE_CLASSES &&
	       word->weight <= INT32_MAX && word->said > 0 &&
	       word->virtual_server[PEER_NAME_MAX - 1] == 0;
}

static void peer_wire_put_head(uint8_t out[PEER_PACKET_MAX], uint8_t version,
			       size_t count, int64_t now)
{
	memset(out, 0, PEER_PACKET_MAX);
	memcpy(out, magic, sizeof(magic));
	out[4] = version;
	out[5] = (uint8_t)count;
	peer_wire_put(out + 8, (uint64_t)now, 8);
}

static size_t peer_wire_sign(const struct ipc_peer_conf *conf,
			     uint8_t out[PEER_PACKET_MAX], size_t length)
{
	hmac_sha256(conf->key, conf->length, out, length, out + length);
	return length + HMAC_LENGTH;
}

size_t peer_encode(const struct ipc_peer_conf *conf,
		   const struct ipc_peer_word *words, size_t count, int64_t now,
		   uint8_t out[PEER_PACKET_MAX])
{
	enum override_class class = OVERRIDE_CLASS_SERVER;
	size_t i;

	if (count > 0)
		class = override_store_class(words[0].kind);
	peer_wire_put_head(out, (uint8_t)VERSION_OF(class), count, now);
	for (i = 0; i < count; i++)
		peer_wire_put_word(out + HEAD + i * WORD, &words[i]);
	return peer_wire_sign(conf, out, HEAD + count * WORD);
}

size_t peer_encode_page(const struct ipc_peer_conf *conf,
			const struct ipc_peer_page *page, int64_t now,
			uint8_t out[PEER_PACKET_MAX])
{
	uint8_t *at = out + HEAD;
	size_t i;

	peer_wire_put_head(out, VERSION_PAGE, page->count, now);
	memcpy(at, page->version, strnlen(page->version, PEER_VERSION_MAX - 1));
	peer_wire_put(at + 32, page->digest, 8);
	peer_wire_put(at + 40, page->page, 4);
	peer_wire_put(at + 44, page->pages, 4);
	peer_wire_put(at + 48, page->pools, 4);
	peer_wire_put(at + 52, page->flags, 4);
	for (i = 0, at += PAGE_HEAD; i < page->count; i++, at += ITEM) {
		peer_wire_put(at, page->items[i].id, 8);
		at[8] = page->items[i].kind;
		at[9] = page->items[i].state;
		at[10] = page->items[i].priority;
		peer_wire_put(at + 12, page->items[i].up, 4);
	}
	return peer_wire_sign(conf, out, (size_t)(at - out));
}

/* A version is shown to people, in logs and pages. */
static bool peer_wire_get_version(const uint8_t *in, char *version)
{
	size_t i;

	for (i = 0; i < PEER_VERSION_MAX - 1 && in[i]; i++)
		if (in[i] <= ' ' || in[i] > '~' || in[i] == '"' ||
		    in[i] == '\\')
			return false;
	memcpy(version, in, i);
	return i > 0 && in[i] == 0;
}

/* False: no balancer says such a thing. */
static bool peer_wire_get_item(const uint8_t *in, struct peer_item *item)
{
	*item = (struct peer_item){
		.id = peer_wire_get(in, 8),
		.kind = in[8],
		.state = in[9],
		.priority = in[10],
		.up = (uint32_t)peer_wire_get(in + 12, 4),
	};
	if (item->kind == PEER_ITEM_INSTANCE)
		return item->state <= PEER_INSTANCE_FAULT;
	if (item->kind == PEER_ITEM_ANNOUNCE)
		return item->state <= PEER_ANNOUNCE_WORKS;
	if (item->kind == PEER_ITEM_INTEGRITY)
		return item->state <= PEER_INTEGRITY_CORRUPT;
	return true;
}

/*
 * The COUNT items at IN, the page's head before them. Kinds that only a younger
 * version knows are passed over.
 */
static bool peer_wire_get_page(const uint8_t *in, size_t count,
			       struct ipc_peer_page *page)
{
	struct peer_item item;
	size_t i;

	memset(page, 0, sizeof(*page));
	if (!peer_wire_get_version(in, page->version))
		return false;
	page->digest = peer_wire_get(in + 32, 8);
	page->page = (uint32_t)peer_wire_get(in + 40, 4);
	page->pages = (uint32_t)peer_wire_get(in + 44, 4);
	page->pools = (uint32_t)peer_wire_get(in + 48, 4);
	page->flags = (uint32_t)peer_wire_get(in + 52, 4);
	for (i = 0, in += PAGE_HEAD; i < count; i++, in += ITEM) {
		if (!peer_wire_get_item(in, &item))
			return false;
		if (item.kind >= PEER_ITEM_POOL &&
		    item.kind <= PEER_ITEM_INTEGRITY)
			page->items[page->count++] = item;
	}
	return page->pages <= PEER_PAGES_MAX && page->page < page->pages;
}

/* The length of the datagram's body; 0: there is none like it. */
static size_t peer_wire_body(uint8_t version, size_t count)
{
	if (version == VERSION_PAGE)
		return count <= PEER_ITEMS_MAX ? PAGE_HEAD + count * ITEM : 0;
	return count * WORD;
}

static bool peer_wire_is_near(int64_t time, int64_t now)
{
	return time >= now - PEER_WINDOW && time <= now + PEER_WINDOW;
}

/*
 * Whether all COUNT words at IN are well-formed; the valid ones go into HEARD.
 */
static bool peer_wire_get_words(const uint8_t *in, size_t count,
				uint8_t version, int64_t now,
				struct peer_heard *heard)
{
	struct ipc_peer_word word;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!peer_wire_get_word(in + i * WORD, &word) ||
		    VERSION_OF(override_store_class(word.kind)) != version)
			return false;
		if (word.said > now + PEER_WINDOW)
			heard->future++;
		else
			heard->words[heard->count++] = word;
	}
	return true;
}

int peer_decode(const struct ipc_peer_conf *conf, const uint8_t *data,
		size_t length, int64_t now, struct peer_heard *heard)
{
	uint8_t mac[HMAC_LENGTH];
	size_t count;

	heard->count = 0;
	heard->future = 0;
	heard->has_page = false;
	if (length < HEAD + HMAC_LENGTH || length > PEER_PACKET_MAX)
		return -EBADMSG;
	hmac_sha256(conf->key, conf->length, data, length - HMAC_LENGTH, mac);
	if (!hmac_equal(mac, data + length - HMAC_LENGTH))
		return -EKEYREJECTED;
	count = data[5];
	if (memcmp(data, magic, sizeof(magic)) != 0 ||
	    data[4] < VERSION_OF(OVERRIDE_CLASS_SERVER) ||
	    data[4] > VERSION_PAGE ||
	    length != HEAD + peer_wire_body(data[4], count) + HMAC_LENGTH)
		return -EBADMSG;
	if (!peer_wire_is_near((int64_t)peer_wire_get(data + 8, 8), now))
		return -ETIME;
	if (data[4] == VERSION_PAGE) {
		if (count > PEER_ITEMS_MAX ||
		    !peer_wire_get_page(data + HEAD, count, &heard->page))
			return -EBADMSG;
		heard->page.ahead = (int64_t)peer_wire_get(data + 8, 8) - now;
		heard->has_page = true;
		return 0;
	}
	return peer_wire_get_words(data + HEAD, count, data[4], now, heard) ?
		       0 :
		       -EBADMSG;
}
