/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes and `probe_path client`: rules of the administrator's that choose a table by
 * a mark, and lead probes elsewhere; and ways back that no probe shows. Pure.
 */
#include <json-c/json.h>
#include <stdio.h>
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

/*
 * A server behind NAT answers a probe that comes from its own network straight, and
 * clients by its default route. Such a probe shows nothing of that route.
 */
static void judge_way_back(const struct conf *conf,
			   const struct doctor_host *host,
			   struct findings *findings)
{
	const struct conf_check *first = NULL;
	char server[ADDR_TEXT_MAX], more[32] = "";
	const struct addr *last = NULL;
	struct finding *one;
	uint32_t i, nr = 0;

	for (i = 0; i < conf->nr_checks; i++) {
		const struct conf_check *check = &conf->checks[i];
		const struct doctor_way *way = doctor_way(
			host->servers, host->nr_servers, &check->dst.addr);

		if (!check->client || check->forward.method != FORWARD_NAT ||
		    addr_is_set(&check->bind.addr) || !way || !way->on_link ||
		    way->local ||
		    (last && addr_cmp(last, &check->dst.addr) == 0))
			continue;
		last = &check->dst.addr;
		first = first ? first : check;
		nr++;
	}
	if (!first)
		return;
	if (nr > 1)
		snprintf(more, sizeof(more), " (and %u more)", nr - 1);
	one = findings_add(
		findings, FINDING_NOTE, "nat_return",
		"checks of %s%s come from an address in the server's own "
		"network, so they do not show whether its default route leads "
		"to the balancers, as clients need it by NAT; with 'bindto', an "
		"address of this host beyond that network, they do",
		addr_format(&first->dst.addr, server), more);
	one->host = first->dst.addr;
	finding_mend(one, "ip route show default");
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
	judge_way_back(conf, host, findings);
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
