/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line of text that is put together piece by piece, cut at its end. */
#include <stdarg.h>
#include <stdio.h>

#include "balance/balance_internal.h"

void words_add(struct words *words, const char *fmt, ...)
{
	va_list ap;
	int len;

	if (words->used + 1 >= words->size)
		return;
	va_start(ap, fmt);
	len = vsnprintf(words->out + words->used, words->size - words->used,
			fmt, ap);
	va_end(ap);
	if (len > 0)
		words->used += (size_t)len;
	if (words->used >= words->size)
		words->used = words->size - 1;
}

void words_seconds(struct words *words, usec_t time)
{
	words_add(words, "%lld.%lld s", (long long)(time / USEC_PER_SEC),
		  (long long)(time % USEC_PER_SEC / (USEC_PER_SEC / 10)));
}
