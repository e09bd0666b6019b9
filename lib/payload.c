/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/payload.h"

#include <string.h>

#include "lib/hmac.h"
#include "lib/util.h"

/* SplitMix64: a bit that is stuck or lost cannot go along with it. */
static uint64_t payload_step(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

void payload_fill(uint8_t *out, size_t size, uint64_t seed)
{
	uint64_t word;

	for (; size >= sizeof(word); size -= sizeof(word)) {
		word = payload_step(&seed);
		memcpy(out, &word, sizeof(word));
		out += sizeof(word);
	}
	word = payload_step(&seed);
	memcpy(out, &word, size);
}

/* Whether ANSWER's digest is that of LENGTH bytes of DATA. */
static bool payload_fits(const struct payload_answer *answer, const void *data,
			 size_t length)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t own[HMAC_LENGTH];
	size_t i;

	if (answer->digest_length != PAYLOAD_DIGEST)
		return false;
	sha256(data, length, own);
	for (i = 0; i < PAYLOAD_DIGEST; i++) {
		uint8_t half = own[i / 2] >> (i % 2 ? 0 : 4) & 15;
		char have = answer->digest[i];

		if (have >= 'A' && have <= 'F')
			have = (char)(have - 'A' + 'a');
		if (have != digits[half])
			return false;
	}
	return true;
}

static void payload_note_window(const uint8_t *sent, size_t size,
				const struct payload_answer *answer,
				struct payload_found *found)
{
	size_t from = found->offset > PAYLOAD_BEFORE ?
			      found->offset - PAYLOAD_BEFORE :
			      0;
	size_t end = size < answer->back ? size : answer->back;
	size_t length = end > from ? end - from : 0;

	if (length > PAYLOAD_WINDOW)
		length = PAYLOAD_WINDOW;
	found->window_at = (uint32_t)from;
	found->window = (uint32_t)length;
	memcpy(found->sent, sent + from, length);
	memcpy(found->got, answer->got + from, length);
}

/* Whether the bytes that came back differ from the bytes sent. */
static bool payload_find_difference(const uint8_t *sent, size_t size,
				    const struct payload_answer *answer,
				    struct payload_found *found)
{
	size_t both = size < answer->back ? size : answer->back;
	size_t most = size > answer->back ? size : answer->back;
	size_t first = both, last = both, i;

	if (size == answer->back && memcmp(sent, answer->got, size) == 0)
		return false;
	for (i = 0; i < both; i++) {
		if (sent[i] == answer->got[i])
			continue;
		if (found->differing++ == 0)
			first = i;
		last = i + 1;
	}
	found->differing += (uint32_t)(most - both);
	if (most > both)
		last = most;
	found->offset = (uint32_t)first;
	found->span = (uint32_t)(last - first);
	payload_note_window(sent, size, answer, found);
	return true;
}

void payload_compare(const uint8_t *sent, size_t size,
		     const struct payload_answer *answer,
		     struct payload_found *found)
{
	bool differs;

	*found = (struct payload_found){ .size = (uint32_t)size,
					 .back = (uint32_t)answer->back };
	differs = payload_find_difference(sent, size, answer, found);
	if (payload_fits(answer, sent, size))
		found->state = differs ? PAYLOAD_DOWN : PAYLOAD_SAME;
	else if (!differs)
		found->state = PAYLOAD_LIE;
	else if (payload_fits(answer, answer->got, answer->back))
		found->state = PAYLOAD_UP;
	else
		found->state = PAYLOAD_BOTH;
}

bool payload_is_bad(const struct payload_found *found)
{
	return found->state > PAYLOAD_SAME && found->state < PAYLOAD_STATES;
}

void payload_sanitize(struct payload_found *found)
{
	char name[PAYLOAD_SERVER_MAX];

	if (found->state >= PAYLOAD_STATES || found->size > PAYLOAD_MAX ||
	    found->window > PAYLOAD_WINDOW)
		*found = (struct payload_found){ 0 };
	text_copy_printable(name, sizeof(name), found->server,
			    sizeof(found->server));
	memcpy(found->server, name, sizeof(name));
}
