/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/ping_echo.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>

/* Type, code, checksum, identifier, sequence number. */
#define PING_TYPE 0
#define PING_CODE 1
#define PING_SEQUENCE 6
#define PING_TOKEN 8
#define PING_FILL (PING_TOKEN + sizeof(uint64_t))

size_t ping_echo_ask(bool v6, uint64_t token, uint8_t *room)
{
	size_t i;

	memset(room, 0, PING_TOKEN);
	room[PING_TYPE] = v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	room[PING_SEQUENCE] = (uint8_t)(token >> 8);
	room[PING_SEQUENCE + 1] = (uint8_t)token;
	memcpy(room + PING_TOKEN, &token, sizeof(token));
	for (i = PING_FILL; i < PING_ECHO_LENGTH; i++)
		room[i] = (uint8_t)i;
	return PING_ECHO_LENGTH;
}

/* The token shows that it answers our request; the rest does not matter. */
static bool ping_echo_is_ours(bool v6, const uint8_t *sent,
			      const struct datagram *answer)
{
	const uint8_t *bytes = answer->bytes;

	return answer->kept >= PING_FILL &&
	       bytes[PING_TYPE] == (v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY) &&
	       bytes[PING_CODE] == 0 &&
	       memcmp(bytes + PING_SEQUENCE, sent + PING_SEQUENCE,
		      PING_FILL - PING_SEQUENCE) == 0;
}

bool ping_echo_judge(bool v6, uint64_t token, const struct datagram *answer,
		     struct probe_result *result)
{
	uint8_t sent[PING_ECHO_LENGTH];

	ping_echo_ask(v6, token, sent);
	if (!ping_echo_is_ours(v6, sent, answer))
		return false;
	if (answer->length != PING_ECHO_LENGTH) {
		result->outcome = PROBE_GARBAGE;
		snprintf(result->text, sizeof(result->text),
			 "the echo of %d bytes has %zu", PING_ECHO_LENGTH,
			 answer->length);
	} else if (memcmp(answer->bytes + PING_FILL, sent + PING_FILL,
			  PING_ECHO_LENGTH - PING_FILL) != 0) {
		result->outcome = PROBE_GARBAGE;
		snprintf(result->text, sizeof(result->text),
			 "the echo does not bring back what was sent");
	}
	return true;
}
