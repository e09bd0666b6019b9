/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and bytes in little room, for files that are read on another day: a
 * number has seven bits a byte, the lowest first, and as many bytes as it
 * needs; a signed one is folded, so that small negative ones are short as well.
 *
 * Reading never goes beyond the end: a number that is cut, or has more than 64
 * bits, reads as 0 and sets `failed`, which stays. So a reader may take a whole
 * record and look at `failed` once.
 */
#ifndef EVENKEEL_LIB_PACK_H
#define EVENKEEL_LIB_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeroes is empty; pack_free() frees the bytes, not the struct. */
struct pack {
	unsigned char *data;
	size_t used, room;
};

/* PACK is empty then. */
void pack_free(struct pack *pack);
/* The address of SIZE new bytes at the end, good until the next call. */
unsigned char *pack_room(struct pack *pack, size_t size);
/* Add a number of no sign, or with one. */
void pack_uint(struct pack *pack, uint64_t value);
void pack_int(struct pack *pack, int64_t value);
/* The bytes with their number before them. */
void pack_bytes(struct pack *pack, const void *bytes, size_t length);
/* The same with a text; its NUL is not in it. */
void pack_text(struct pack *pack, const char *text);

struct unpack {
	const unsigned char *at, *end;
	bool failed;
};

/* The numbers of pack_uint() and pack_int(). */
uint64_t unpack_uint(struct unpack *unpack);
/* The same, where anything above MOST is a failure. */
uint64_t unpack_upto(struct unpack *unpack, uint64_t most);
/* Folded back. */
int64_t unpack_int(struct unpack *unpack);
/* The bytes of a pack_bytes() in place, *LENGTH of them. */
const unsigned char *unpack_bytes(struct unpack *unpack, size_t *length);
/* The same as text into OUT of SIZE bytes; longer text is a failure. */
void unpack_text(struct unpack *unpack, char *out, size_t size);

/* CRC-32C (Castagnoli) of LENGTH bytes, on top of BEFORE (0 at first). */
uint32_t pack_crc(uint32_t before, const void *bytes, size_t length);

#endif
