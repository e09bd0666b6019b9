/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules of the administrator's that choose a table of routes by a mark: some
 * lead probes of `probe_path client` elsewhere. Pure.
 */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/doctor/judge.h"

#define JUDGE_MARK_BITS (CONF_PROBE_MARKS - 1)

/* The marks of probes: the whole range, and the part that servers of today have. */
struct judge_range {
	uint32_t first;
	uint32_t nr, used;
};

/* NAME of RULE, a number in words; FALLBACK: it is not there. */
static uint32_t judge_rule_number(struct json_object *rule, const char *name,
				  uint32_t fallback)
{
	struct json_object *value;
	const char *text;

	if (!json_object_object_get_ex(rule, name, &value))
		return fallback;
	text = json_object_get_string(value);
	return text ? (uint32_t)strtoul(text, NULL, 0) : fallback;
}

/*
 * Whether a packet with a mark of RANGE is one that RULE names by its mark. Rules
 * that look at a few low bits are often there, and hit no mark before there are as
 * many servers; so only those in use count for them.
 */
static bool judge_takes_marks(struct json_object *rule,
			      const struct judge_range *range)
{
	uint32_t mark = judge_rule_number(rule, "fwmark", 0);
	uint32_t mask = judge_rule_number(rule, "fwmask", UINT32_MAX);
	bool whole = (mask | JUDGE_MARK_BITS) == UINT32_MAX;
	uint32_t i;

	/* Without one, or for all but one, it is no rule for marks like these. */
	if (mark == 0 || json_object_object_get_ex(rule, "not", NULL))
		return false;
	for (i = 0; i < (whole ? range->nr : range->used); i++)
		if (((range->first + i) & mask) == mark)
			return true;
	return false;
}

static const char *judge_rule_text(struct json_object *rule, const char *name)
{
	struct json_object *value = json_object_object_get(rule, name);

	return json_object_is_type(value, json_type_string) ?
		       json_object_get_string(value) :
		       NULL;
}

static void judge_rule(struct json_object *rule, bool six,
		       struct findings *findings)
{
	const char *table = judge_rule_text(rule, "table");

	findings_add(
		findings, FINDING_WARNING, "probe_marks",
		"a rule of 'ip%s rule' (priority %u) takes packets with the "
		"mark 0x%x/0x%x %s%s, and probes of 'probe_path client' can "
		"have such a mark; give evenkeel a range of its own with "
		"'probe_marks FIRST' in global_defs",
		six ? " -6" : "", judge_rule_number(rule, "priority", 0),
		judge_rule_number(rule, "fwmark", 0),
		judge_rule_number(rule, "fwmask", UINT32_MAX),
		table ? "by the routes of table " : "another way",
		table ? table : "");
}

void judge_routing(const struct conf *conf, const struct doctor_host *host,
		   struct findings *findings)
{
	struct judge_range range = { .first = conf_first_mark(conf),
				     .nr = CONF_PROBE_MARKS,
				     .used = conf->nr_checks +
					     conf->nr_servers };
	size_t family, i, count;

	if (!conf_probes_as_client(conf))
		return;
	if (range.used > range.nr)
		range.used = range.nr;
	for (family = 0; family < ARRAY_SIZE(host->routing); family++) {
		struct json_object *list = host->routing[family];

		if (!json_object_is_type(list, json_type_array))
			continue;
		count = json_object_array_length(list);
		for (i = 0; i < count; i++) {
			struct json_object *rule =
				json_object_array_get_idx(list, i);

			if (!judge_takes_marks(rule, &range))
				continue;
			judge_rule(rule, family == 1, findings);
			break; /* one of each family is enough */
		}
	}
}
