/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/dns_query.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* RFC 1035, 4.1.1 */
#define DNS_HEADER 12
#define DNS_QR 0x80
#define DNS_OPCODE 0x78
#define DNS_RECURSION_DESIRED 0x01
#define DNS_RCODE 0x0f
#define DNS_CLASS_IN 1

static const char *const dns_rcodes[] = {
	"no error", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
};

/* The configuration has made sure that NAME is one. */
static size_t dns_query_name(const char *name, uint8_t *room)
{
	size_t at = 0, label;

	while (*name && strcmp(name, ".") != 0) {
		label = strcspn(name, ".");
		room[at++] = (uint8_t)label;
		memcpy(room + at, name, label);
		at += label;
		name += label + (name[label] == '.');
	}
	room[at++] = 0;
	return at;
}

size_t dns_query(const struct conf_dns *dns, uint16_t id, uint8_t *room)
{
	size_t at = DNS_HEADER;

	memset(room, 0, DNS_HEADER);
	room[0] = (uint8_t)(id >> 8);
	room[1] = (uint8_t)id;
	room[2] = DNS_RECURSION_DESIRED;
	room[5] = 1; /* question */
	at += dns_query_name(dns->name, room + at);
	room[at++] = (uint8_t)(dns->type >> 8);
	room[at++] = (uint8_t)dns->type;
	room[at++] = 0;
	room[at++] = DNS_CLASS_IN;
	return at;
}

/* A letter and its other case differ in this bit; lengths are below 64. */
static bool dns_query_same(const uint8_t *a, const uint8_t *b, size_t length)
{
	return strncasecmp((const char *)a, (const char *)b, length) == 0;
}

/* Names hold zeros only at their end, so each is compared as a string. */
static bool dns_query_repeats(const uint8_t *sent, size_t length,
			      const uint8_t *bytes)
{
	size_t name = length - DNS_HEADER - 4;

	return dns_query_same(bytes + DNS_HEADER, sent + DNS_HEADER, name) &&
	       memcmp(bytes + DNS_HEADER + name, sent + DNS_HEADER + name, 4) ==
		       0;
}

static void dns_query_garbage(struct probe_result *result, const char *text)
{
	result->outcome = PROBE_GARBAGE;
	snprintf(result->text, sizeof(result->text), "%s", text);
}

static void dns_query_judge_rcode(uint8_t rcode, struct probe_result *result)
{
	if (rcode == 0)
		return;
	result->outcome = PROBE_STATUS;
	if (rcode < ARRAY_SIZE(dns_rcodes))
		snprintf(result->text, sizeof(result->text),
			 "the answer is an error: %s", dns_rcodes[rcode]);
	else
		snprintf(result->text, sizeof(result->text),
			 "the answer is error %u", rcode);
}

bool dns_query_judge(const struct conf_dns *dns, uint16_t id,
		     const struct datagram *answer, struct probe_result *result)
{
	const uint8_t *bytes = answer->bytes;
	uint8_t sent[DNS_QUERY_MAX];
	size_t length = dns_query(dns, id, sent);
	unsigned questions;

	if (answer->kept < DNS_HEADER || memcmp(bytes, sent, 2) != 0 ||
	    (bytes[2] & (DNS_QR | DNS_OPCODE)) != DNS_QR)
		return false;
	questions = bytes[4] << 8 | bytes[5];
	if (questions > 1 || (questions == 0 && (bytes[3] & DNS_RCODE) == 0)) {
		dns_query_garbage(result,
				  "the answer does not repeat its question");
		return true;
	}
	if (questions == 1 && answer->kept < length) {
		dns_query_garbage(result,
				  "the answer ends within its question");
		return true;
	}
	if (questions == 1 && !dns_query_repeats(sent, length, bytes))
		return false;
	dns_query_judge_rcode(bytes[3] & DNS_RCODE, result);
	return true;
}
