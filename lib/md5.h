/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MD5 (RFC 1321), because HTTP_GET's `digest` is one. The digest recognises a
 * changed page; it protects nothing.
 */
#ifndef EVENKEEL_LIB_MD5_H
#define EVENKEEL_LIB_MD5_H

#include <stddef.h>
#include <stdint.h>

struct md5 {
	uint32_t state[4];
	uint64_t length; /* bytes so far */
	uint8_t block[64];
};

#define MD5_TEXT_MAX 33

/* Begin a sum, and add LENGTH bytes of DATA to it. */
void md5_init(struct md5 *md5);
void md5_add(struct md5 *md5, const void *data, size_t length);
/* The sum as 32 lower-case hexadecimal digits; MD5 is of no more use then. */
void md5_end(struct md5 *md5, char text[MD5_TEXT_MAX]);

#endif
