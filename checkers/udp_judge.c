/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/udp_judge.h"

#include <stdio.h>
#include <string.h>

static const char udp_default[] = "evenkeel: is anybody there?\n";

/* A digit of the configuration, which has capitals only. */
static uint8_t udp_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'A' + 10);
}

_Static_assert(DATAGRAM_ROOM >= CONF_UDP_BYTES_MAX,
	       "the largest payload has room");

size_t udp_ask(const struct conf_udp *udp, uint8_t *room)
{
	size_t i, length;

	if (!udp->payload) {
		memcpy(room, udp_default, sizeof(udp_default) - 1);
		return sizeof(udp_default) - 1;
	}
	length = strlen(udp->payload) / 2;
	for (i = 0; i < length; i++)
		room[i] = (uint8_t)(udp_digit(udp->payload[2 * i]) << 4 |
				    udp_digit(udp->payload[2 * i + 1]));
	return length;
}

static bool udp_digit_fits(char wanted, uint8_t digit)
{
	return wanted == 'X' || udp_digit(wanted) == digit;
}

static bool udp_byte_fits(const char *wanted, uint8_t byte)
{
	return udp_digit_fits(wanted[0], byte >> 4) &&
	       udp_digit_fits(wanted[1], byte & 15);
}

/* The pattern and the answer are compared as far as both go. */
static void udp_compare(const char *pattern, const struct datagram *answer,
			struct probe_result *result)
{
	size_t i;

	for (i = 0; i < answer->kept && pattern[2 * i]; i++) {
		if (udp_byte_fits(&pattern[2 * i], answer->bytes[i]))
			continue;
		result->outcome = PROBE_STATUS;
		snprintf(result->text, sizeof(result->text),
			 "byte %zu of the answer is %02X, not %.2s", i + 1,
			 answer->bytes[i], &pattern[2 * i]);
		return;
	}
}

void udp_judge(const struct conf_udp *udp, const struct datagram *answer,
	       struct probe_result *result)
{
	if (!udp->require_reply || !udp->reply)
		return;
	if (answer->length < udp->min_reply ||
	    answer->length > udp->max_reply) {
		result->outcome = PROBE_STATUS;
		snprintf(result->text, sizeof(result->text),
			 "the answer has %zu bytes, not %u to %u",
			 answer->length, udp->min_reply, udp->max_reply);
		return;
	}
	udp_compare(udp->reply, answer, result);
}
