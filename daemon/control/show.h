/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the state to JSON. The words of the fields are the tool's interface for
 * machines, described in evenkeel(8).
 */
#ifndef EVENKEEL_DAEMON_CONTROL_SHOW_H
#define EVENKEEL_DAEMON_CONTROL_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

struct balance;
struct conf;
struct director;
struct json_object;
struct process_view;
struct table;

/* The input for an answer. */
struct show {
	struct director *director;
	const struct conf *conf;
	const struct balance *balance;
	const struct table *actual; /* NULL: the kernel cannot be read */
	usec_t now;
};

/* The whole state. The caller owns the object. */
struct json_object *show_status(const struct show *show);

/* The pair: asks the vrrp process for its counters first. */
struct json_object *show_pair(const struct show *show);
/* The pair in short, for the status; NULL without instances. */
struct json_object *show_pair_short(const struct show *show);

/* The fields that all processes have. */
void show_process(const struct show *show, struct json_object *obj,
		  const struct process_view *view);

/* Add a field; TEXT NULL is null. */
void show_text(struct json_object *obj, const char *key, const char *text);
void show_number(struct json_object *obj, const char *key, int64_t number);
void show_flag(struct json_object *obj, const char *key, bool flag);
/* Seconds since WHEN; null if WHEN is 0 (never). */
void show_age(struct json_object *obj, const char *key, usec_t when,
	      usec_t now);

#endif
