/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests one condition of a rule against a packet: for ruleset.c alone. Pure. */
#ifndef EVENKEEL_DAEMON_DOCTOR_RULESET_MATCH_H
#define EVENKEEL_DAEMON_DOCTOR_RULESET_MATCH_H

#include "daemon/doctor/ruleset.h"

enum ruleset_sure {
	RULESET_NO,
	RULESET_YES,
	RULESET_UNSURE,
};

/* The place of a rule, by which "@name" finds its set. */
struct ruleset_sets {
	struct json_object *listing; /* the array */
	const char *family, *table;
};

/* A "match" statement. */
enum ruleset_sure ruleset_match(struct json_object *match,
				const struct ruleset_sets *sets,
				const struct ruleset_packet *packet);

/* A "vmap" statement; *VERDICT is set where the answer is RULESET_YES. */
enum ruleset_sure ruleset_lookup(struct json_object *map,
				 const struct ruleset_packet *packet,
				 struct json_object **verdict);

#endif
