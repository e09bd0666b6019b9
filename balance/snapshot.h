/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The members that a snapshot holds, for snapshot.c and its test. */
#ifndef EVENKEEL_BALANCE_SNAPSHOT_H
#define EVENKEEL_BALANCE_SNAPSHOT_H

#include "balance/balance_internal.h"

/* An integer member: SIZE bytes at OFFSET, at most MOST unless signed. */
struct snapshot_field {
	const char *name;
	size_t offset;
	size_t size;
	bool is_signed;
	uint64_t most;
};

extern const struct snapshot_field snapshot_check[], snapshot_more[],
	snapshot_server[], snapshot_service[], snapshot_leaving[],
	snapshot_balance[];
extern const size_t snapshot_check_fields, snapshot_more_fields,
	snapshot_server_fields, snapshot_service_fields,
	snapshot_leaving_fields, snapshot_balance_fields;

#endif
