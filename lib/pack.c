/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/pack.h"

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

#define PACK_ROOM_MIN 256
#define PACK_VARINT_MAX 10
#define PACK_POLYNOMIAL 0x82f63b78u

void pack_free(struct pack *pack)
{
	free(pack->data);
	*pack = (struct pack){ 0 };
}

unsigned char *pack_room(struct pack *pack, size_t size)
{
	unsigned char *at;

	if (pack->room - pack->used < size) {
		size_t room = pack->room ? pack->room : PACK_ROOM_MIN;

		while (room - pack->used < size)
			room *= 2;
		pack->data = xrealloc_array(pack->data, room, 1);
		pack->room = room;
	}
	at = pack->data + pack->used;
	pack->used += size;
	return at;
}

void pack_uint(struct pack *pack, uint64_t value)
{
	unsigned char *start = pack_room(pack, PACK_VARINT_MAX), *at = start;

	while (value >= 0x80) {
		*at++ = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	*at++ = (unsigned char)value;
	pack->used -= PACK_VARINT_MAX - (size_t)(at - start);
}

void pack_int(struct pack *pack, int64_t value)
{
	uint64_t folded = (uint64_t)value << 1;

	pack_uint(pack, value < 0 ? ~folded : folded);
}

void pack_bytes(struct pack *pack, const void *bytes, size_t length)
{
	pack_uint(pack, length);
	if (length > 0)
		memcpy(pack_room(pack, length), bytes, length);
}

void pack_text(struct pack *pack, const char *text)
{
	pack_bytes(pack, text, strlen(text));
}

uint64_t unpack_uint(struct unpack *unpack)
{
	uint64_t value = 0, bits;
	unsigned shift = 0;

	for (; unpack->at < unpack->end && shift < 64; shift += 7) {
		bits = *unpack->at & 0x7f;
		if (shift == 63 && bits > 1)
			break;
		value |= bits << shift;
		if (!(*unpack->at++ & 0x80))
			return value;
	}
	unpack->failed = true;
	unpack->at = unpack->end;
	return 0;
}

uint64_t unpack_upto(struct unpack *unpack, uint64_t most)
{
	uint64_t value = unpack_uint(unpack);

	if (value <= most)
		return value;
	unpack->failed = true;
	return 0;
}

int64_t unpack_int(struct unpack *unpack)
{
	uint64_t folded = unpack_uint(unpack);

	return (int64_t)(folded & 1 ? ~(folded >> 1) : folded >> 1);
}

const unsigned char *unpack_bytes(struct unpack *unpack, size_t *length)
{
	const unsigned char *bytes;

	*length = (size_t)unpack_uint(unpack);
	if (*length > (size_t)(unpack->end - unpack->at)) {
		unpack->failed = true;
		*length = 0;
	}
	bytes = unpack->at;
	unpack->at += *length;
	return bytes;
}

void unpack_text(struct unpack *unpack, char *out, size_t size)
{
	size_t length;
	const unsigned char *bytes = unpack_bytes(unpack, &length);

	if (length >= size) {
		unpack->failed = true;
		length = 0;
	}
	text_copy_printable(out, size, (const char *)bytes, length);
}

/* Eight tables, so that eight bytes are taken at a time. */
struct pack_crc_tables {
	uint32_t of[8][256];
};

static const struct pack_crc_tables *pack_crc_make(void)
{
	static struct pack_crc_tables tables;
	static bool made;
	uint32_t i, k;

	if (made)
		return &tables;
	for (i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (k = 0; k < 8; k++)
			crc = (crc >> 1) ^ (crc & 1 ? PACK_POLYNOMIAL : 0);
		tables.of[0][i] = crc;
	}
	for (k = 1; k < 8; k++)
		for (i = 0; i < 256; i++)
			tables.of[k][i] =
				(tables.of[k - 1][i] >> 8) ^
				tables.of[0][tables.of[k - 1][i] & 0xff];
	made = true;
	return &tables;
}

uint32_t pack_crc(uint32_t before, const void *bytes, size_t length)
{
	const struct pack_crc_tables *tables = pack_crc_make();
	const unsigned char *at = bytes;
	uint32_t crc = ~before, k, next;

	for (; length >= 8; length -= 8, at += 8) {
		crc ^= (uint32_t)at[0] | (uint32_t)at[1] << 8 |
		       (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
		for (next = 0, k = 0; k < 4; k++)
			next ^= tables->of[7 - k][(crc >> (8 * k)) & 0xff] ^
				tables->of[3 - k][at[4 + k]];
		crc = next;
	}
	for (; length > 0; length--)
		crc = (crc >> 8) ^ tables->of[0][(crc ^ *at++) & 0xff];
	return ~crc;
}
