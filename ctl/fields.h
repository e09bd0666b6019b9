/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the daemon's answers: a field that is missing is NULL, "", 0, false.
 */
#ifndef EVENKEEL_CTL_FIELDS_H
#define EVENKEEL_CTL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* The value of KEY in OBJ, which owns it; likewise below. */
struct json_object *field(struct json_object *obj, const char *key);
const char *field_text(struct json_object *obj, const char *key);
long long field_number(struct json_object *obj, const char *key);
bool field_flag(struct json_object *obj, const char *key);

/* "3 s", "12 min", "5 h", "9 d": one number, one unit; "-" for never. */
const char *field_age_text(double seconds, char *out, size_t size);
const char *field_age(struct json_object *obj, const char *key, char *out,
		      size_t size);
/* An age as part of a sentence: "3 s ago", "never". */
const char *field_ago(struct json_object *obj, const char *key, char *out,
		      size_t size);

#endif
