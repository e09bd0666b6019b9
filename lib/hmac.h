/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HMAC-SHA-256 (RFC 2104, FIPS 180-4), for the few bytes that two daemons say to
 * each other: less than another library to build, ship and update.
 */
#ifndef EVENKEEL_LIB_HMAC_H
#define EVENKEEL_LIB_HMAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HMAC_LENGTH 32

/* Of LENGTH bytes of DATA. */
void sha256(const void *data, size_t length, uint8_t out[HMAC_LENGTH]);

/* Of LENGTH bytes of DATA, with a key of any length. */
void hmac_sha256(const void *key, size_t key_length, const void *data,
		 size_t length, uint8_t out[HMAC_LENGTH]);

/* In a time that does not depend on where they differ. */
bool hmac_equal(const uint8_t a[HMAC_LENGTH], const uint8_t b[HMAC_LENGTH]);

#endif
