/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/hmac.h"

#include <string.h>

#define BLOCK 64

struct sha256 {
	uint32_t h[8];
	uint64_t total; /* bytes */
	uint8_t buffer[BLOCK];
	size_t used;
};

/* The first 32 bits of the fractions of the cube roots of the first primes. */
static const uint32_t round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/*
 * The rounds are left out of the sanitizers, which would make them three times as
 * slow: each index in them is a constant or a loop's, within arrays of this file, and
 * payloads of a megabyte go through here (lib/payload.h).
 */
#define HMAC_BARE __attribute__((no_sanitize("address", "undefined")))

HMAC_BARE static uint32_t hmac_rotate(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

HMAC_BARE static uint32_t hmac_load32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static void hmac_store32(uint8_t *p, uint32_t x)
{
	p[0] = (uint8_t)(x >> 24);
	p[1] = (uint8_t)(x >> 16);
	p[2] = (uint8_t)(x >> 8);
	p[3] = (uint8_t)x;
}

HMAC_BARE static void hmac_spread(uint32_t w[64], const uint8_t *block)
{
	unsigned i;

	for (i = 0; i < 16; i++)
		w[i] = hmac_load32(block + i * 4);
	for (; i < 64; i++) {
		uint32_t s0 = hmac_rotate(w[i - 15], 7) ^
			      hmac_rotate(w[i - 15], 18) ^ w[i - 15] >> 3;
		uint32_t s1 = hmac_rotate(w[i - 2], 17) ^
			      hmac_rotate(w[i - 2], 19) ^ w[i - 2] >> 10;

		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

/* The variables of a block, which its rounds give to each other. */
struct hmac_state {
	uint32_t a, b, c, d, e, f, g, h;
};

HMAC_BARE static struct hmac_state hmac_round(struct hmac_state s,
					      uint32_t added)
{
	uint32_t t1 = s.h +
		      (hmac_rotate(s.e, 6) ^ hmac_rotate(s.e, 11) ^
		       hmac_rotate(s.e, 25)) +
		      ((s.e & s.f) ^ (~s.e & s.g)) + added;
	uint32_t t2 = (hmac_rotate(s.a, 2) ^ hmac_rotate(s.a, 13) ^
		       hmac_rotate(s.a, 22)) +
		      ((s.a & s.b) ^ (s.a & s.c) ^ (s.b & s.c));

	return (struct hmac_state){ t1 + t2,  s.a, s.b, s.c,
				    s.d + t1, s.e, s.f, s.g };
}

HMAC_BARE static void hmac_compress(struct sha256 *sha, const uint8_t *block)
{
	struct hmac_state s = { sha->h[0], sha->h[1], sha->h[2], sha->h[3],
				sha->h[4], sha->h[5], sha->h[6], sha->h[7] };
	uint32_t w[64];
	unsigned i;

	hmac_spread(w, block);
	for (i = 0; i < 64; i++)
		s = hmac_round(s, round_constants[i] + w[i]);
	sha->h[0] += s.a;
	sha->h[1] += s.b;
	sha->h[2] += s.c;
	sha->h[3] += s.d;
	sha->h[4] += s.e;
	sha->h[5] += s.f;
	sha->h[6] += s.g;
	sha->h[7] += s.h;
}

static void hmac_begin(struct sha256 *sha)
{
	static const uint32_t start[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372,
					   0xa54ff53a, 0x510e527f, 0x9b05688c,
					   0x1f83d9ab, 0x5be0cd19 };

	memset(sha, 0, sizeof(*sha));
	memcpy(sha->h, start, sizeof(start));
}

static void hmac_add(struct sha256 *sha, const void *data, size_t length)
{
	const uint8_t *at = data;
	size_t take;

	sha->total += length;
	while (length > 0) {
		take = BLOCK - sha->used;
		if (take > length)
			take = length;
		memcpy(sha->buffer + sha->used, at, take);
		sha->used += take;
		at += take;
		length -= take;
		if (sha->used == BLOCK) {
			hmac_compress(sha, sha->buffer);
			sha->used = 0;
		}
	}
}

static void hmac_finish(struct sha256 *sha, uint8_t out[HMAC_LENGTH])
{
	static const uint8_t pad[BLOCK] = { 0x80 };
	uint64_t bits = sha->total * 8;
	uint8_t length[8];
	unsigned i;

	hmac_add(sha, pad, 1 + (BLOCK * 2 - 9 - sha->used) % BLOCK);
	hmac_store32(length, (uint32_t)(bits >> 32));
	hmac_store32(length + 4, (uint32_t)bits);
	hmac_add(sha, length, sizeof(length));
	for (i = 0; i < 8; i++)
		hmac_store32(out + i * 4, sha->h[i]);
}

void sha256(const void *data, size_t length, uint8_t out[HMAC_LENGTH])
{
	struct sha256 sha;

	hmac_begin(&sha);
	hmac_add(&sha, data, length);
	hmac_finish(&sha, out);
}

void hmac_sha256(const void *key, size_t key_length, const void *data,
		 size_t length, uint8_t out[HMAC_LENGTH])
{
	uint8_t pad[BLOCK] = { 0 }, inner[HMAC_LENGTH];
	struct sha256 sha;
	unsigned i;

	if (key_length > BLOCK)
		sha256(key, key_length, pad);
	else if (key_length > 0)
		memcpy(pad, key, key_length);
	for (i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36;
	hmac_begin(&sha);
	hmac_add(&sha, pad, BLOCK);
	hmac_add(&sha, data, length);
	hmac_finish(&sha, inner);
	for (i = 0; i < BLOCK; i++)
		pad[i] ^= 0x36 ^ 0x5c;
	hmac_begin(&sha);
	hmac_add(&sha, pad, BLOCK);
	hmac_add(&sha, inner, sizeof(inner));
	hmac_finish(&sha, out);
	explicit_bzero(pad, sizeof(pad));
	explicit_bzero(&sha, sizeof(sha));
}

bool hmac_equal(const uint8_t a[HMAC_LENGTH], const uint8_t b[HMAC_LENGTH])
{
	uint8_t differ = 0;
	unsigned i;

	for (i = 0; i < HMAC_LENGTH; i++)
		differ |= a[i] ^ b[i];
	return differ == 0;
}
