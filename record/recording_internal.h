/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations that writer and reader share; private to the room. */
#ifndef EVENKEEL_RECORD_RECORDING_INTERNAL_H
#define EVENKEEL_RECORD_RECORDING_INTERNAL_H

#include "record/recording.h"
#include "record/table_delta.h"
#include "record/verdict_delta.h"

/*
 * The first number of a record in a data frame: enum balance_input_kind plus one, or a
 * note. The numbers are in files: new kinds of input get new ones at the end.
 */
#define RECORD_NOTE 64

enum record_table {
	RECORD_TABLE_KERNEL, /* adopted, and counts of connections */
	RECORD_TABLE_WANTED,
	RECORD_TABLES,
};

/* The things that records are differences from. */
struct record_memory {
	usec_t now;
	struct verdict *verdicts; /* by check */
	uint32_t nr_verdicts;
	struct table_memory tables[RECORD_TABLES];
};

/* recording_memory.c: forget all; there are NR_CHECKS checks now. */
void record_memory_reset(struct record_memory *memory, uint32_t nr_checks);
void record_memory_free(struct record_memory *memory);

#endif
