/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A pool hands out memory that dies together: a configuration lives in one, so
 * there is no list of things to free and nothing to forget.
 */
#ifndef EVENKEEL_LIB_POOL_H
#define EVENKEEL_LIB_POOL_H

#include <stddef.h>

struct pool;

struct pool *pool_new(void);
/* Frees all that was allocated from the pool. NULL is allowed. */
void pool_free(struct pool *pool);

/* Zeroed memory, aligned for any type, owned by the pool. Never NULL. */
void *pool_alloc(struct pool *pool, size_t size);
/* A copy of the first LEN bytes of TEXT, ended by NUL, owned by the pool. */
char *pool_strndup(struct pool *pool, const char *text, size_t len);
char *pool_strdup(struct pool *pool, const char *text);
/* A copy of an array of COUNT elements of SIZE bytes; NULL if COUNT is 0. */
void *pool_copy(struct pool *pool, const void *from, size_t count, size_t size);
/* How many bytes the pool has taken from the system. */
size_t pool_size(const struct pool *pool);

#endif
