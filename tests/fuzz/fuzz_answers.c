/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a server could answer to the probes that read its bytes themselves: to a
 * datagram of UDP_CHECK, an echo request, a query of DNS, and in a talk of SMTP.
 * An outcome that nobody can give, or a text that is none, is a fault.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/dns_query.h"
#include "checkers/ping_echo.h"
#include "checkers/smtp_talk.h"
#include "checkers/udp_judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOKEN 0x0123456789abcdefu

static void fuzz_result(const struct probe_result *result)
{
	if (result->outcome == PROBE_NONE ||
	    result->outcome >= PROBE_OUTCOMES ||
	    memchr(result->text, '\0', sizeof(result->text)) == NULL)
		abort();
}

/* A longer answer than what is kept of it. */
static struct datagram fuzz_datagram(const uint8_t *data, size_t size)
{
	return (struct datagram){ .bytes = data,
				  .kept = size < DATAGRAM_ROOM ? size :
								 DATAGRAM_ROOM,
				  .length = size };
}

static void fuzz_udp(const uint8_t *data, size_t size)
{
	static const struct conf_udp udps[] = {
		{ .require_reply = true, .max_reply = 255 },
		{ .reply = "00XX0AXF",
		  .require_reply = true,
		  .min_reply = 2,
		  .max_reply = 65535 },
	};
	struct datagram answer = fuzz_datagram(data, size);
	struct probe_result result;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(udps); i++) {
		result = (struct probe_result){ .outcome = PROBE_OK };
		udp_judge(&udps[i], &answer, &result);
		fuzz_result(&result);
	}
}

/*
 * As it is, and put over the right answer, so that what looks at a part of it is
 * met too. Only the very answer is good.
 */
static void fuzz_ping(const uint8_t *data, size_t size)
{
	uint8_t right[PING_ECHO_LENGTH], bytes[PING_ECHO_LENGTH];
	struct datagram answer = fuzz_datagram(data, size);
	struct probe_result result = { .outcome = PROBE_OK };
	size_t i;

	ping_echo_ask(false, TOKEN, right);
	right[0] = 0;
	if (ping_echo_judge(false, TOKEN, &answer, &result)) {
		fuzz_result(&result);
		if (result.outcome == PROBE_OK &&
		    (size != sizeof(right) ||
		     memcmp(data + 6, right + 6, sizeof(right) - 6) != 0))
			abort();
	}
	memcpy(bytes, right, sizeof(bytes));
	for (i = 0; i < size && i < sizeof(bytes); i++)
		bytes[sizeof(bytes) - 1 - i] ^= data[i];
	answer = fuzz_datagram(bytes, sizeof(bytes));
	result = (struct probe_result){ .outcome = PROBE_OK };
	if (ping_echo_judge(false, TOKEN, &answer, &result))
		fuzz_result(&result);
}

/* As it is, and with the head of a right answer before it. */
static void fuzz_dns(const uint8_t *data, size_t size)
{
	static const struct conf_dns dns = { .name = "a.example", .type = 6 };
	uint8_t bytes[DNS_QUERY_MAX + 64];
	struct datagram answer = fuzz_datagram(data, size);
	struct probe_result result = { .outcome = PROBE_OK };
	size_t length;

	if (dns_query_judge(&dns, 0x1234, &answer, &result))
		fuzz_result(&result);
	length = dns_query(&dns, 0x1234, bytes);
	bytes[2] |= 0x80;
	if (size > 64)
		size = 64;
	memcpy(bytes + 3, data, size);
	answer = fuzz_datagram(bytes, size + 3 > length ? length : size + 3);
	result = (struct probe_result){ .outcome = PROBE_OK };
	if (dns_query_judge(&dns, 0x1234, &answer, &result))
		fuzz_result(&result);
}

/* In pieces of sizes that the bytes say. Every end has a result. */
static void fuzz_smtp(const uint8_t *data, size_t size)
{
	static const struct conf_smtp conf = { .helo_name = "me" };
	enum smtp_does does = SMTP_READS;
	struct smtp_talk talk = { 0 };
	char room[SMTP_COMMAND_MAX];
	struct probe_result result;
	size_t piece;

	while (size > 0 && does != SMTP_ENDS) {
		piece = 1 + (size_t)*data * 3;
		data++;
		size--;
		if (piece > size)
			piece = size;
		does = smtp_talk_take(&talk, (const char *)data, piece,
				      &result);
		if (does == SMTP_SAYS &&
		    smtp_talk_say(&talk, &conf, room) >= sizeof(room))
			abort();
		data += piece;
		size -= piece;
	}
	if (does != SMTP_ENDS)
		smtp_talk_closed(&talk, &result);
	fuzz_result(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_dns(data, size);
	fuzz_smtp(data, size);
	fuzz_udp(data, size);
	fuzz_ping(data, size);
	return 0;
}
