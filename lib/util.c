/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/log.h"

void *xcalloc(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (!p)
		fatal("memory", "out of memory asking for %zu x %zu bytes",
		      count, size);
	return p;
}

void *xrealloc_array(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count ? count : 1, size ? size : 1);

	if (!p)
		fatal("memory", "out of memory asking for %zu x %zu bytes",
		      count, size);
	return p;
}

char *xstrdup(const char *text)
{
	char *p = strdup(text);

	if (!p)
		fatal("memory", "out of memory copying %zu bytes",
		      strlen(text));
	return p;
}

usec_t clock_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + ts.tv_nsec / 1000;
}

void *array_grow(void *old, size_t used, size_t *room, size_t size)
{
	if (used < *room)
		return old;
	*room = *room ? *room * 2 : 8;
	return xrealloc_array(old, *room, size);
}

int write_whole(int fd, const void *bytes, size_t length)
{
	const char *from = bytes;

	while (length > 0) {
		ssize_t wrote = write(fd, from, length);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -errno;
		from += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

bool str_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

void text_copy_printable(char *to, size_t size, const char *from, size_t len)
{
	size_t i;

	if (size == 0)
		return;
	for (i = 0; i < len && i < size - 1 && from[i]; i++)
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
	to[i] = '\0';
}
