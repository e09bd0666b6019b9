/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random configuration and a random history of it, made with the very calls
 * that the daemon makes, while a recording is written.
 */
#ifndef EVENKEEL_TESTS_REPLAY_WORLD_H
#define EVENKEEL_TESTS_REPLAY_WORLD_H

#include "lib/pack.h"
#include "record/recording.h"

struct replay_world {
	uint64_t seed;
	struct conf *conf;
	struct balance *balance;
	struct recording_writer *writer;
	struct table wanted;
	struct pack file; /* the recording */
	usec_t now;
	unsigned hosts; /* of the present file */
};

/* A random number below LIMIT, from SEED. */
uint32_t replay_world_below(uint64_t *seed, uint32_t limit);
/* Parse TEXT; the caller frees the result. */
struct conf *replay_world_parse(const char *text);
void replay_world_init(struct replay_world *world, uint64_t seed);
void replay_world_free(struct replay_world *world);
/* A turn of the loop: inputs, and mostly a decision. */
void replay_world_step(struct replay_world *world);
/* Begin again with the memory of the balance, for REASON. */
void replay_world_begin(struct replay_world *world, enum record_reason reason);
/* Bytes that are ready go to the file. */
void replay_world_flush(struct replay_world *world);

#endif
