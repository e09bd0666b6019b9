/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/mysql_greeting.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/util.h"

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
/* A greeting with the longest version and method that anybody has. */
#define GREETING_MAX 1024

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

/*
 * Wait for more than HAVE bytes. 1: they are there, or the end is; 0: an error,
 * which is the library's to find, since looking would take it away; -1: we
 * cannot wait.
 */
static int greeting_wait(int sock, int have)
{
	struct pollfd poll_for = { .fd = sock, .events = POLLIN };
	int more = have + 1;

	/* Else the bytes that have come already would wake us again and
	 * again. */
	if (have > 0 &&
	    setsockopt(sock, SOL_SOCKET, SO_RCVLOWAT, &more, sizeof(more)) < 0)
		return -1;
	while (poll(&poll_for, 1, -1) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return !(poll_for.revents & (POLLERR | POLLNVAL));
}

/* PIECES: how often there was more to come. */
static enum mysql_greeting_state
greeting_look(int sock, struct mysql_greeting *greeting, unsigned *pieces)
{
	enum mysql_greeting_state state = MYSQL_GREETING_SHORT;
	char bytes[GREETING_MAX];
	ssize_t got = 0, before;
	int ready = 1;

	while (state == MYSQL_GREETING_SHORT) {
		if (got == GREETING_MAX)
			return MYSQL_GREETING_ODD;
		*pieces += got > 0;
		ready = greeting_wait(sock, (int)got);
		if (ready <= 0)
			return ready < 0 ? MYSQL_GREETING_ODD :
					   MYSQL_GREETING_NONE;
		before = got;
		got = recv(sock, bytes, sizeof(bytes), MSG_PEEK | MSG_DONTWAIT);
		if (got <= before)
			return MYSQL_GREETING_NONE;
		state = mysql_greeting_read(bytes, (size_t)got, greeting);
	}
	return state;
}

enum mysql_greeting_state mysql_greeting_peek(int sock,
					      struct mysql_greeting *greeting)
{
	enum mysql_greeting_state state;
	unsigned pieces = 0;
	int usual = 1;

	memset(greeting, 0, sizeof(*greeting));
	state = greeting_look(sock, greeting, &pieces);
	if (pieces > 0)
		(void)setsockopt(sock, SOL_SOCKET, SO_RCVLOWAT, &usual,
				 sizeof(usual));
	return state;
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

const char *mysql_method_plugin(unsigned index)
{
	static const char *const plugins[] = { "caching_sha2_password",
					       "client_ed25519", "parsec" };

	return index < ARRAY_SIZE(plugins) ? plugins[index] : NULL;
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

bool mysql_is_client_error(unsigned number)
{
	return (number >= 2000 && number < 3000) ||
	       (number >= 5000 && number < 5100);
}

bool mysql_is_method_refused(unsigned number, const char *text)
{
	/* The number is lost when the server closes the connection for it. */
	static const char *const words[] = { "Plugin ", "could not be loaded" };

	return number == 2049 || (number >= 2058 && number <= 2060) ||
	       number == 5010 || number == 5012 ||
	       (mysql_is_client_error(number) &&
		strncmp(text, words[0], strlen(words[0])) == 0 &&
		strstr(text, words[1]));
}
