/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/fields.h"

#include <json-c/json.h>
#include <stdio.h>

#include "lib/util.h"

struct json_object *field(struct json_object *obj, const char *key)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(obj, key, &value);
	return value;
}

const char *field_text(struct json_object *obj, const char *key)
{
	const char *text = json_object_get_string(field(obj, key));

	return text ? text : "";
}

long long field_number(struct json_object *obj, const char *key)
{
	return json_object_get_int64(field(obj, key));
}

bool field_flag(struct json_object *obj, const char *key)
{
	return json_object_get_boolean(field(obj, key));
}

/* "3 s", "12 min", "5 h", "9 d": one number, one unit. */
const char *field_age_text(double seconds, char *out, size_t size)
{
	static const struct {
		double unit;
		const char *name;
	} units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" } };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(units); i++) {
		if (seconds >= 2 * units[i].unit) {
			snprintf(out, size, "%.0f %s", seconds / units[i].unit,
				 units[i].name);
			return out;
		}
	}
	snprintf(out, size, "%.*f s", seconds < 10 ? 1 : 0, seconds);
	return out;
}

const char *field_age(struct json_object *obj, const char *key, char *out,
		      size_t size)
{
	struct json_object *value = field(obj, key);

	if (!value)
		snprintf(out, size, "-");
	else
		field_age_text(json_object_get_double(value), out, size);
	return out;
}

/* An age as part of a sentence: "3 s ago", "never". */
const char *field_ago(struct json_object *obj, const char *key, char *out,
		      size_t size)
{
	char age[24];

	if (!field(obj, key))
		snprintf(out, size, "never");
	else
		snprintf(out, size, "%s ago",
			 field_age(obj, key, age, sizeof(age)));
	return out;
}
