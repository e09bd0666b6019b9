/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Small things that every room needs and that belong to none: the unit of
 * time, array sizes, allocation that does not fail.
 */
#ifndef EVENKEEL_LIB_UTIL_H
#define EVENKEEL_LIB_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Every time in the program is a count of microseconds. Points in time are on
 * CLOCK_MONOTONIC, so that they can be compared between our processes and never
 * jump; 0 means "never".
 */
typedef int64_t usec_t;

#define USEC_PER_MSEC ((usec_t)1000)
#define USEC_PER_SEC ((usec_t)1000000)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The structure around MEMBER that PTR points at. */
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

/*
 * Allocation for a daemon that cannot do anything useful without memory: these
 * return zeroed memory or end the process through fatal(). The caller owns the
 * result and frees it with free().
 */
void *xcalloc(size_t count, size_t size);
void *xrealloc_array(void *old, size_t count, size_t size);
char *xstrdup(const char *text);

/* The present time on CLOCK_MONOTONIC. Only the event loop may call it. */
usec_t clock_now(void);

/*
 * Grow an array for one more element by doubling. OLD is the array (or NULL),
 * USED how many elements it holds, ROOM how many it could hold (updated).
 * Returns the array, perhaps moved.
 */
void *array_grow(void *old, size_t used, size_t *room, size_t size);

/*
 * Write all LENGTH bytes to the file FD, through all signals. Returns 0 or
 * -errno; then a part may be written.
 */
int write_whole(int fd, const void *bytes, size_t length);

/* Whether two strings have the same content; NULL is equal to NULL alone. */
bool str_equal(const char *a, const char *b);

/*
 * Copy text into a fixed buffer, always ended by NUL, every byte outside the
 * printable ASCII range replaced by '?': for text that came from the network.
 */
void text_copy_printable(char *to, size_t size, const char *from, size_t len);

#endif
