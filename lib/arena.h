/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An arena hands out memory that dies together: a configuration lives in one, so
 * there is no list of things to free and nothing to forget.
 */
#ifndef EVENKEEL_LIB_ARENA_H
#define EVENKEEL_LIB_ARENA_H

#include <stddef.h>

struct arena;

/* The caller owns the arena, for arena_free(). Never NULL. */
struct arena *arena_new(void);
/* Frees the arena and all memory allocated from it. NULL is allowed. */
void arena_free(struct arena *arena);

/* Zeroed memory, aligned for any type, owned by the arena. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* A copy of the first LEN bytes of TEXT, ended by NUL, owned by the arena. */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
/* A copy of an array of COUNT elements of SIZE bytes; NULL if COUNT is 0. */
void *arena_copy(struct arena *arena, const void *from, size_t count,
		 size_t size);
/* How many bytes the arena has taken from the system. */
size_t arena_size(const struct arena *arena);

#endif
