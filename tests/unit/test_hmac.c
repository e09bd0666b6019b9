/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The examples of FIPS 180-4 and RFC 4231. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "lib/hmac.h"
#include "lib/util.h"

static const char *hex(const uint8_t mac[HMAC_LENGTH])
{
	static char text[HMAC_LENGTH * 2 + 1];
	unsigned i;

	for (i = 0; i < HMAC_LENGTH; i++)
		snprintf(text + i * 2, 3, "%02x", mac[i]);
	return text;
}

Test(hmac, sha256_examples)
{
	static char million[1000000];
	uint8_t out[HMAC_LENGTH];

	sha256("abc", 3, out);
	cr_assert_str_eq(
		hex(out),
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256("", 0, out);
	cr_assert_str_eq(
		hex(out),
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
	       out);
	cr_assert_str_eq(
		hex(out),
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	memset(million, 'a', sizeof(million));
	sha256(million, sizeof(million), out);
	cr_assert_str_eq(
		hex(out),
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

Test(hmac, rfc4231)
{
	static const char long_text[] =
		"This is a test using a larger than block-size key and a larger "
		"than block-size data. The key needs to be hashed before being "
		"used by the HMAC algorithm.";
	uint8_t key[131], data[50], out[HMAC_LENGTH];

	memset(key, 0x0b, sizeof(key));
	hmac_sha256(key, 20, "Hi There", 8, out);
	cr_assert_str_eq(
		hex(out),
		"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, out);
	cr_assert_str_eq(
		hex(out),
		"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	memset(data, 0xdd, sizeof(data));
	hmac_sha256(key, 20, data, sizeof(data), out);
	cr_assert_str_eq(
		hex(out),
		"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	hmac_sha256(key, sizeof(key), long_text, sizeof(long_text) - 1, out);
	cr_assert_str_eq(
		hex(out),
		"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

Test(hmac, equal)
{
	uint8_t a[HMAC_LENGTH] = { 0 }, b[HMAC_LENGTH] = { 0 };
	unsigned i;

	cr_assert(hmac_equal(a, b));
	for (i = 0; i < HMAC_LENGTH * 8; i++) {
		b[i / 8] ^= (uint8_t)(1u << i % 8);
		cr_assert_not(hmac_equal(a, b));
		b[i / 8] ^= (uint8_t)(1u << i % 8);
	}
}
