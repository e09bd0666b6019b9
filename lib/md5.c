/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/md5.h"

#include <stdio.h>
#include <string.h>

/* RFC 1321, 3.4: the integer part of 2^32 times the sine of 1 to 64. */
static const uint32_t md5_sines[64] = {
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a,
	0xa8304613, 0xfd469501, 0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be,
	0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
	0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8,
	0x676f02d9, 0x8d2a4c8a, 0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c,
	0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa,
	0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92,
	0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1,
	0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static const uint8_t md5_shifts[4][4] = {
	{ 7, 12, 17, 22 },
	{ 5, 9, 14, 20 },
	{ 4, 11, 16, 23 },
	{ 6, 10, 15, 21 },
};

static uint32_t md5_rotate(uint32_t x, unsigned bits)
{
	return x << bits | x >> (32 - bits);
}

/* The round's function of b, c, d, and which word of the block it takes. */
static uint32_t md5_mix(unsigned step, const uint32_t *s, unsigned *word)
{
	switch (step / 16) {
	case 0:
		*word = step;
		return (s[1] & s[2]) | (~s[1] & s[3]);
	case 1:
		*word = (5 * step + 1) % 16;
		return (s[1] & s[3]) | (s[2] & ~s[3]);
	case 2:
		*word = (3 * step + 5) % 16;
		return s[1] ^ s[2] ^ s[3];
	}
	*word = 7 * step % 16;
	return s[2] ^ (s[1] | ~s[3]);
}

static void md5_block(struct md5 *md5)
{
	uint32_t s[4], words[16], sum;
	unsigned i, word;

	for (i = 0; i < 16; i++)
		words[i] = (uint32_t)md5->block[4 * i] |
			   (uint32_t)md5->block[4 * i + 1] << 8 |
			   (uint32_t)md5->block[4 * i + 2] << 16 |
			   (uint32_t)md5->block[4 * i + 3] << 24;
	memcpy(s, md5->state, sizeof(s));
	for (i = 0; i < 64; i++) {
		sum = s[0] + md5_mix(i, s, &word);
		sum += words[word] + md5_sines[i];
		s[0] = s[3];
		s[3] = s[2];
		s[2] = s[1];
		s[1] += md5_rotate(sum, md5_shifts[i / 16][i % 4]);
	}
	for (i = 0; i < 4; i++)
		md5->state[i] += s[i];
}

void md5_init(struct md5 *md5)
{
	*md5 = (struct md5){ .state = { 0x67452301, 0xefcdab89, 0x98badcfe,
					0x10325476 } };
}

void md5_add(struct md5 *md5, const void *data, size_t length)
{
	const uint8_t *from = data;
	size_t used = md5->length % sizeof(md5->block), part;

	md5->length += length;
	while (length > 0) {
		part = sizeof(md5->block) - used;
		if (part > length)
			part = length;
		memcpy(md5->block + used, from, part);
		from += part;
		length -= part;
		used += part;
		if (used < sizeof(md5->block))
			break;
		md5_block(md5);
		used = 0;
	}
}

void md5_end(struct md5 *md5, char text[MD5_TEXT_MAX])
{
	static const uint8_t padding[64] = { 0x80 };
	uint64_t bits = md5->length * 8;
	size_t used = md5->length % sizeof(md5->block), i;
	uint8_t tail[8];

	for (i = 0; i < sizeof(tail); i++)
		tail[i] = (uint8_t)(bits >> (8 * i));
	md5_add(md5, padding, (used < 56 ? 56 : 120) - used);
	md5_add(md5, tail, sizeof(tail));
	for (i = 0; i < 16; i++)
		snprintf(text + 2 * i, 3, "%02x",
			 (unsigned)(md5->state[i / 4] >> (8 * (i % 4))) & 0xff);
}
