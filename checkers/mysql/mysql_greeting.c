/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_greeting.h"

#include <string.h>

/* Three bytes of length and a number. */
#define PACKET_HEAD 4
#define PROTOCOL 10
/* After the version's NUL: thread id, 8 bytes of challenge and a NUL. */
#define BEFORE_FLAGS 13
/* Then flags, character set, status, more flags, a length, 10 unused bytes. */
#define BEFORE_CHALLENGE (BEFORE_FLAGS + 18)
/* At least so long is the rest of the challenge, its NUL included. */
#define CHALLENGE_MIN 13
#define FLAG_TLS 0x800u

/* Methods that answer a challenge, and never send the password itself. */
#define METHODS_CHALLENGE "mysql_native_password,client_ed25519,parsec"
/* Answers a challenge at first, and then sends the password if asked to. */
#define METHOD_SHA2 "caching_sha2_password"

static void greeting_take_method(struct mysql_greeting *greeting,
				 const unsigned char *rest, size_t size)
{
	size_t length;

	if (size <= BEFORE_CHALLENGE)
		return;
	/* The byte before the unused ones is the challenge's whole length. */
	length = rest[BEFORE_CHALLENGE - 11];
	length = length > 8 + CHALLENGE_MIN ? length - 8 : CHALLENGE_MIN;
	if (size <= BEFORE_CHALLENGE + length)
		return;
	rest += BEFORE_CHALLENGE + length;
	size -= BEFORE_CHALLENGE + length;
	length = strnlen((const char *)rest, size);
	if (length < sizeof(greeting->method))
		memcpy(greeting->method, rest, length);
}

enum mysql_greeting_state mysql_greeting_read(const void *data, size_t size,
					      struct mysql_greeting *greeting)
{
	const unsigned char *bytes = data;
	const unsigned char *end;
	size_t length;

	memset(greeting, 0, sizeof(*greeting));
	if (size <= PACKET_HEAD)
		return MYSQL_GREETING_SHORT;
	if (bytes[PACKET_HEAD] != PROTOCOL)
		return MYSQL_GREETING_NONE;
	length = bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16;
	if (size < PACKET_HEAD + length)
		return MYSQL_GREETING_SHORT;
	bytes += PACKET_HEAD + 1;
	end = memchr(bytes, '\0', length - 1);
	if (!end)
		return MYSQL_GREETING_ODD;
	length -= 1 + (size_t)(end + 1 - bytes);
	bytes = end + 1;
	if (length < BEFORE_FLAGS + 2)
		return MYSQL_GREETING_ODD;
	greeting->tls =
		(bytes[BEFORE_FLAGS] | (unsigned)bytes[BEFORE_FLAGS + 1] << 8) &
		FLAG_TLS;
	greeting_take_method(greeting, bytes, length);
	return MYSQL_GREETING_WHOLE;
}

enum mysql_way mysql_way_choose(enum mysql_tls tls, bool have_key,
				const struct mysql_greeting *greeting)
{
	if (greeting->tls && tls != MYSQL_TLS_OFF)
		return MYSQL_WAY_TLS;
	if (tls >= MYSQL_TLS_REQUIRED)
		return MYSQL_WAY_REFUSED;
	return have_key ? MYSQL_WAY_KEY : MYSQL_WAY_PLAIN;
}

const char *mysql_way_methods(enum mysql_way way)
{
	switch (way) {
	case MYSQL_WAY_REFUSED:
	case MYSQL_WAY_PLAIN:
		return METHODS_CHALLENGE;
	case MYSQL_WAY_KEY:
	case MYSQL_WAY_TLS:
		break;
	}
	return METHODS_CHALLENGE "," METHOD_SHA2;
}

bool mysql_way_allows(enum mysql_way way, const char *method)
{
	const char *names = mysql_way_methods(way);
	size_t length;

	for (; *names; names += length + (names[length] == ',')) {
		length = strcspn(names, ",");
		if (strlen(method) == length &&
		    strncmp(names, method, length) == 0)
			return true;
	}
	return false;
}
