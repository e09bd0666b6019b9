/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MD5 against the examples of RFC 1321, A.5, and however it is cut. */
#include <criterion/criterion.h>
#include <string.h>

#include "lib/md5.h"

static const struct {
	const char *text, *sum;
} examples[] = {
	{ "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ "a", "0cc175b9c0f1b6a831c399e269772661" },
	{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
	{ "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
	{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	  "d174ab98d277d9f5a5611c2c9f419d9f" },
	{ "123456789012345678901234567890123456789012345678901234567890123456"
	  "78901234567890",
	  "57edf4a22be3c955ac49da2e2107b67a" },
};

Test(md5, examples)
{
	char sum[MD5_TEXT_MAX];
	struct md5 md5;
	size_t i;

	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		md5_init(&md5);
		md5_add(&md5, examples[i].text, strlen(examples[i].text));
		md5_end(&md5, sum);
		cr_expect_str_eq(sum, examples[i].sum);
	}
}

/* Lengths around the ends of blocks; each cut into pieces of each size. */
Test(md5, pieces)
{
	char data[200], whole[MD5_TEXT_MAX], cut[MD5_TEXT_MAX];
	size_t length, piece, at;
	struct md5 md5;

	for (at = 0; at < sizeof(data); at++)
		data[at] = (char)(at * 7);
	for (length = 0; length <= sizeof(data); length++) {
		md5_init(&md5);
		md5_add(&md5, data, length);
		md5_end(&md5, whole);
		for (piece = 1; piece < 70; piece++) {
			md5_init(&md5);
			for (at = 0; at < length; at += piece)
				md5_add(&md5, data + at,
					length - at < piece ? length - at :
							      piece);
			md5_end(&md5, cut);
			cr_assert_str_eq(cut, whole);
		}
	}
}
