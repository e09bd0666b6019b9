/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random bytes that are sent to a server, come back, and are compared with
 * themselves (`integrity { }`). Made and compared in the process that talks with
 * the server; the findings go to main in one fixed struct.
 */
#ifndef EVENKEEL_LIB_PAYLOAD_H
#define EVENKEEL_LIB_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The largest payload, bytes; more than one packet of MySQL's. */
#define PAYLOAD_MAX (32u << 20)
/* Bytes of a mismatch that are kept, from some before its first on. */
#define PAYLOAD_WINDOW 64
#define PAYLOAD_BEFORE 16
#define PAYLOAD_SERVER_MAX 112
/* SHA-256 in hexadecimal digits. */
#define PAYLOAD_DIGEST 64

enum payload_state {
	PAYLOAD_NOTHING, /* nothing was compared */
	PAYLOAD_SAME,
	PAYLOAD_UP, /* other bytes came to the server */
	PAYLOAD_DOWN, /* the right ones, and other bytes came back */
	PAYLOAD_BOTH, /* both */
	PAYLOAD_LIE, /* the right ones came back, and the digest is of others */
	PAYLOAD_STATES,
};

struct payload_found {
	uint32_t size; /* bytes sent */
	uint32_t state; /* enum payload_state */
	uint32_t back; /* bytes that came back */
	/* Of the bytes that came back, if they are others: */
	uint32_t offset; /* of the first that differs */
	uint32_t span; /* bytes from there to the last different one */
	uint32_t differing; /* bytes */
	uint32_t window_at; /* the offset of both windows */
	uint32_t window; /* bytes in each, PAYLOAD_WINDOW at most */
	uint8_t sent[PAYLOAD_WINDOW], got[PAYLOAD_WINDOW];
	/* As the server names itself: printable, ended by NUL; empty: unknown. */
	char server[PAYLOAD_SERVER_MAX];
};

/* SIZE bytes to OUT that follow from SEED and look random. */
void payload_fill(uint8_t *out, size_t size, uint64_t seed);

/*
 * The server's answer: the digest of the bytes that came to it, in DIGEST_LENGTH
 * hexadecimal digits, and the BACK bytes GOT that it sent back.
 */
struct payload_answer {
	const char *digest;
	size_t digest_length;
	const uint8_t *got;
	size_t back;
};
/*
 * Compare the SIZE bytes of SENT with ANSWER, and fill all of FOUND but the server's
 * name.
 */
void payload_compare(const uint8_t *sent, size_t size,
		     const struct payload_answer *answer,
		     struct payload_found *found);

/* Whether FOUND says that bytes, or the digest, were others. */
bool payload_is_bad(const struct payload_found *found);

/*
 * Make FOUND, from another process, safe to use: ranges, the text's end and its
 * bytes. Nonsense becomes PAYLOAD_NOTHING.
 */
void payload_sanitize(struct payload_found *found);

#endif
