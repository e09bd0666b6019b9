/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/peer_wire.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "balance/balance.h"
#include "lib/hmac.h"

#define HEAD 16
#define WORD 128
#define VERSION_WORDS 1
#define VERSION_SEATS 2

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
	return (word->kind <= OVERRIDE_WEIGHT ||
		word->kind == PEER_KIND_SEAT) &&
	       word->weight <= INT32_MAX && word->said > 0 &&
	       word->virtual_server[PEER_NAME_MAX - 1] == 0;
}

size_t peer_encode(const struct ipc_peer_conf *conf,
		   const struct ipc_peer_word *words, size_t count, int64_t now,
		   uint8_t out[PEER_PACKET_MAX])
{
	size_t length = HEAD + count * WORD, i;

	memset(out, 0, PEER_PACKET_MAX);
	memcpy(out, magic, sizeof(magic));
	out[4] = count > 0 && words[0].kind == PEER_KIND_SEAT ? VERSION_SEATS :
								VERSION_WORDS;
	out[5] = (uint8_t)count;
	peer_wire_put(out + 8, (uint64_t)now, 8);
	for (i = 0; i < count; i++)
		peer_wire_put_word(out + HEAD + i * WORD, &words[i]);
	hmac_sha256(conf->key, conf->length, out, length, out + length);
	return length + HMAC_LENGTH;
}

static bool peer_wire_is_near(int64_t time, int64_t now)
{
	return time >= now - PEER_WINDOW && time <= now + PEER_WINDOW;
}

/*
 * Whether all COUNT words at IN are well-formed; the valid ones go into HEARD.
 */
static bool peer_wire_get_words(const uint8_t *in, size_t count, bool seats,
				int64_t now, struct peer_heard *heard)
{
	struct ipc_peer_word word;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!peer_wire_get_word(in + i * WORD, &word) ||
		    (word.kind == PEER_KIND_SEAT) != seats)
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

	if (length < HEAD + HMAC_LENGTH || length > PEER_PACKET_MAX)
		return -EBADMSG;
	hmac_sha256(conf->key, conf->length, data, length - HMAC_LENGTH, mac);
	if (!hmac_equal(mac, data + length - HMAC_LENGTH))
		return -EKEYREJECTED;
	count = data[5];
	if (memcmp(data, magic, sizeof(magic)) != 0 ||
	    data[4] < VERSION_WORDS || data[4] > VERSION_SEATS ||
	    length != HEAD + count * WORD + HMAC_LENGTH)
		return -EBADMSG;
	if (!peer_wire_is_near((int64_t)peer_wire_get(data + 8, 8), now))
		return -ETIME;
	return peer_wire_get_words(data + HEAD, count, data[4] == VERSION_SEATS,
				   now, heard) ?
		       0 :
		       -EBADMSG;
}
