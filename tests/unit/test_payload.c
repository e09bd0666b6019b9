/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Payload: changes are found, with their place and half of the way. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/hmac.h"
#include "lib/payload.h"
#include "lib/util.h"

#define SIZE 4096

/* A server: it takes the digest of the bytes that came, and sends some back. */
struct server {
	uint8_t sent[SIZE], came[SIZE], back[SIZE + 8];
	size_t size, length;
	char digest[PAYLOAD_DIGEST + 1];
	struct payload_found found;
};

static void server_begin(struct server *server, size_t size)
{
	memset(server, 0, sizeof(*server));
	server->size = server->length = size;
	payload_fill(server->sent, size, 42);
	memcpy(server->came, server->sent, size);
}

static void server_digest(struct server *server)
{
	uint8_t sum[HMAC_LENGTH];
	size_t i;

	sha256(server->came, server->size, sum);
	for (i = 0; i < HMAC_LENGTH; i++)
		snprintf(server->digest + 2 * i, 3, "%02x", sum[i]);
	memcpy(server->back, server->came, server->size);
}

static unsigned server_judge(struct server *server)
{
	struct payload_answer answer = { server->digest, strlen(server->digest),
					 server->back, server->length };

	payload_compare(server->sent, server->size, &answer, &server->found);
	return server->found.state;
}

Test(payload, a_seed_gives_the_same_bytes_of_any_length)
{
	uint8_t a[100], b[100];
	size_t size;

	payload_fill(a, sizeof(a), 7);
	for (size = 0; size < sizeof(a); size++) {
		memset(b, 0x55, sizeof(b));
		payload_fill(b, size, 7);
		cr_assert_arr_eq(a, b, size / 8 * 8);
		cr_assert_eq(b[size], 0x55, "wrote beyond %zu", size);
	}
	payload_fill(b, sizeof(b), 8);
	cr_assert_neq(memcmp(a, b, sizeof(a)), 0);
}

Test(payload, what_arrived_as_it_was_sent)
{
	static struct server server;
	size_t sizes[] = { 1, 2, 63, 64, 65, 1460, SIZE }, i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		server_begin(&server, sizes[i]);
		server_digest(&server);
		cr_expect_eq(server_judge(&server), PAYLOAD_SAME);
		cr_expect_eq(server.found.size, sizes[i]);
		cr_expect_eq(server.found.window, 0);
		cr_expect_not(payload_is_bad(&server.found));
	}
}

Test(payload, capitals_are_digits_too)
{
	static struct server server;
	char *at;

	server_begin(&server, 100);
	server_digest(&server);
	for (at = server.digest; *at; at++)
		if (*at >= 'a')
			*at = (char)(*at - 'a' + 'A');
	cr_expect_eq(server_judge(&server), PAYLOAD_SAME);
}

Test(payload, which_half_of_the_way)
{
	static struct server server;

	server_begin(&server, SIZE);
	server.came[1000] ^= 0x40;
	server_digest(&server);
	cr_expect_eq(server_judge(&server), PAYLOAD_UP);

	server_begin(&server, SIZE);
	server_digest(&server);
	server.back[1000] ^= 0x40;
	cr_expect_eq(server_judge(&server), PAYLOAD_DOWN);
	cr_expect(payload_is_bad(&server.found));

	server_begin(&server, SIZE);
	server.came[1000] ^= 0x40;
	server_digest(&server);
	server.back[2000] ^= 1;
	cr_expect_eq(server_judge(&server), PAYLOAD_BOTH);
}

Test(payload, a_digest_of_other_bytes_than_those_sent_back_is_a_lie)
{
	static struct server server;

	server_begin(&server, SIZE);
	server.came[7] ^= 1;
	server_digest(&server);
	memcpy(server.back, server.sent, SIZE);
	cr_expect_eq(server_judge(&server), PAYLOAD_LIE);
	cr_expect_eq(server.found.differing, 0);

	server_begin(&server, SIZE);
	server_digest(&server);
	server.digest[63] = '\0';
	cr_expect_eq(server_judge(&server), PAYLOAD_LIE);
}

Test(payload, where_and_how_much)
{
	static struct server server;

	server_begin(&server, SIZE);
	server.came[1000] ^= 0x40;
	server.came[1005] ^= 0x01;
	server_digest(&server);
	server_judge(&server);
	cr_expect_eq(server.found.offset, 1000);
	cr_expect_eq(server.found.span, 6);
	cr_expect_eq(server.found.differing, 2);
	cr_expect_eq(server.found.window_at, 1000 - PAYLOAD_BEFORE);
	cr_expect_eq(server.found.window, PAYLOAD_WINDOW);
	cr_expect_arr_eq(server.found.sent, server.sent + 984, PAYLOAD_WINDOW);
	cr_expect_arr_eq(server.found.got, server.came + 984, PAYLOAD_WINDOW);
}

Test(payload, at_both_ends_the_windows_are_shorter)
{
	static struct server server;

	server_begin(&server, 20);
	server.came[0] ^= 1;
	server.came[19] ^= 1;
	server_digest(&server);
	server_judge(&server);
	cr_expect_eq(server.found.offset, 0);
	cr_expect_eq(server.found.span, 20);
	cr_expect_eq(server.found.window_at, 0);
	cr_expect_eq(server.found.window, 20);
}

Test(payload, bytes_that_are_missing_or_too_many)
{
	static struct server server;

	server_begin(&server, 100);
	server_digest(&server);
	server.length = 90;
	cr_expect_eq(server_judge(&server), PAYLOAD_DOWN);
	cr_expect_eq(server.found.offset, 90);
	cr_expect_eq(server.found.span, 10);
	cr_expect_eq(server.found.back, 90);

	server_begin(&server, 100);
	server_digest(&server);
	server.length = 108;
	cr_expect_eq(server_judge(&server), PAYLOAD_DOWN);
	cr_expect_eq(server.found.offset, 100);
	cr_expect_eq(server.found.differing, 8);

	server_begin(&server, 100);
	server_digest(&server);
	server.length = 0;
	cr_expect_eq(server_judge(&server), PAYLOAD_DOWN);
	cr_expect_eq(server.found.window, 0);
}

Test(payload, nothing_unchecked_comes_from_another_process)
{
	struct payload_found found = { .state = PAYLOAD_STATES, .size = 5 };

	payload_sanitize(&found);
	cr_expect_eq(found.state, PAYLOAD_NOTHING);
	cr_expect_eq(found.size, 0);
	found = (struct payload_found){ .state = PAYLOAD_UP,
					.window = PAYLOAD_WINDOW + 1 };
	payload_sanitize(&found);
	cr_expect_eq(found.state, PAYLOAD_NOTHING);
	found = (struct payload_found){ .state = PAYLOAD_UP,
					.size = PAYLOAD_MAX + 1 };
	payload_sanitize(&found);
	cr_expect_eq(found.state, PAYLOAD_NOTHING);
	found = (struct payload_found){ .state = PAYLOAD_UP, .size = 9 };
	memset(found.server, '\n', sizeof(found.server));
	payload_sanitize(&found);
	cr_expect_eq(found.state, PAYLOAD_UP);
	cr_expect_eq(found.server[0], '?');
	cr_expect_eq(found.server[PAYLOAD_SERVER_MAX - 1], '\0');
}
