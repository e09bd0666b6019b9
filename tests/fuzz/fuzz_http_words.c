/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes in those fields of a request's head that are read by us. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "web/http_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "lb1.example", "lb1", NULL };
	/* Of the exact size: a byte too far is an error. */
	char *text = malloc(size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	(void)http_wants_openmetrics(text);
	(void)http_host_is_ours(text, names);
	if (http_is_word(text, 80) && !http_is_name(text, 80))
		abort();
	free(text);
	return 0;
}
