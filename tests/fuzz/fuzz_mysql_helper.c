/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a MySQL helper that a hostile server has taken over could say to the
 * checker, and what texts a server could have put into the library's errors
 * and into the values of its facts.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/mysql_classify.h"
#include "checkers/mysql_facts.h"
#include "checkers/mysql_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fuzz_reply(const uint8_t *data, size_t size)
{
	struct mysql_reply reply;
	struct probe_result result;
	bool open;
	size_t i;

	/* The number is the checker's secret no more once a helper has it. */
	memset(&reply, 0, sizeof(reply));
	memcpy(&reply, data, size < sizeof(reply) ? size : sizeof(reply));
	if (mysql_reply_read(data, size, reply.serial, &result, &open) < 0)
		return;
	if (result.outcome == PROBE_NONE || result.outcome >= PROBE_OUTCOMES ||
	    outcome_info(result.outcome)->class == OUTCOME_DRAIN)
		abort();
	for (i = 0; result.text[i]; i++) {
		if (result.text[i] < ' ' || result.text[i] > '~')
			abort();
	}
	if (i >= sizeof(result.text))
		abort();
}

static void fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct mysql_failure failure;
	struct mysql_judgement judgement;
	struct facts facts = { 0 };
	const char *words;
	size_t length;
	char *value;

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	failure = (struct mysql_failure){
		.number = size > 3 ? data[0] * 256u + data[1] : 2013,
		.text = size > 3 ? text + 3 : text,
		.connected = size > 3 && data[2] & 1,
		.expired = size > 3 && data[2] & 2,
	};
	judgement = mysql_classify(&failure);
	if (judgement.outcome == PROBE_NONE || judgement.outcome == PROBE_OK ||
	    judgement.outcome >= PROBE_OUTCOMES)
		abort();
	words = mysql_error_words(failure.text, &length);
	if (words < failure.text ||
	    words + length > failure.text + strlen(failure.text))
		abort();
	value = strchr(text, '=');
	if (value) {
		*value = '\0';
		mysql_facts_take(&facts, text, value + 1);
		if (facts.uptime < 0 || facts.read_only > 1)
			abort();
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_reply(data, size);
	fuzz_text(data, size);
	return 0;
}
