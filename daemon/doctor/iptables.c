/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/doctor/iptables.h"

#include <ctype.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

#define IPTABLES_WORD_MAX 256

/* A line of iptables-save that is being turned into a rule of nft's. */
struct iptables_rule {
	const char *at; /* the rest of the line */
	const char *family;
	struct json_object *expr;
	bool negated; /* "!" stood before the option */
	bool by_mark; /* the options are those of "-m mark" */
	bool ended; /* the target was there */
};

static struct json_object *iptables_pair(const char *name,
					 struct json_object *value)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, name, value);
	return obj;
}

/* The next word of the line, quotes taken away. False at the end. */
static bool iptables_word(const char **at, char out[IPTABLES_WORD_MAX])
{
	bool quoted = false;
	size_t used = 0;

	while (**at == ' ')
		++*at;
	if (**at == '\0' || **at == '\n')
		return false;
	for (; **at && **at != '\n' && (quoted || **at != ' '); ++*at) {
		if (**at == '"') {
			quoted = !quoted;
			continue;
		}
		if (**at == '\\' && (*at)[1] && (*at)[1] != '\n')
			++*at;
		if (used < IPTABLES_WORD_MAX - 1)
			out[used++] = **at;
	}
	out[used] = '\0';
	return true;
}

static void iptables_match(struct iptables_rule *rule, struct json_object *left,
			   struct json_object *right)
{
	struct json_object *match = json_object_new_object();

	json_object_object_add(match, "op",
			       json_object_new_string(rule->negated ? "!=" :
								      "=="));
	json_object_object_add(match, "left", left);
	json_object_object_add(match, "right", right);
	json_object_array_add(rule->expr, iptables_pair("match", match));
	rule->negated = false;
}

/* A condition of which the meaning is not known here. */
static void iptables_unknown(struct iptables_rule *rule, const char *name)
{
	struct json_object *xt =
		iptables_pair("type", json_object_new_string("match"));

	json_object_object_add(xt, "name", json_object_new_string(name));
	json_object_array_add(rule->expr, iptables_pair("xt", xt));
	rule->negated = false;
}

static struct json_object *iptables_meta(const char *key)
{
	return iptables_pair("meta",
			     iptables_pair("key", json_object_new_string(key)));
}

static struct json_object *iptables_field(const char *protocol,
					  const char *field)
{
	struct json_object *payload =
		iptables_pair("protocol", json_object_new_string(protocol));

	json_object_object_add(payload, "field", json_object_new_string(field));
	return iptables_pair("payload", payload);
}

static struct json_object *iptables_number_or_name(const char *word)
{
	char *end;
	long number = strtol(word, &end, 10);

	return *word && *end == '\0' ? json_object_new_int64(number) :
				       json_object_new_string(word);
}

/* "10.0.0.0/8" */
static struct json_object *iptables_prefix(char *word)
{
	char *slash = strchr(word, '/');
	struct json_object *prefix;

	if (!slash)
		return json_object_new_string(word);
	*slash = '\0';
	prefix = iptables_pair("addr", json_object_new_string(word));
	json_object_object_add(prefix, "len",
			       iptables_number_or_name(slash + 1));
	return iptables_pair("prefix", prefix);
}

/* "22,3306:3310" */
static struct json_object *iptables_ports(char *word)
{
	struct json_object *set = json_object_new_array(), *range;
	char *one, *colon;

	while ((one = strsep(&word, ","))) {
		colon = strchr(one, ':');
		if (!colon) {
			json_object_array_add(set,
					      iptables_number_or_name(one));
			continue;
		}
		*colon = '\0';
		range = json_object_new_array();
		json_object_array_add(
			range, iptables_number_or_name(*one ? one : "0"));
		json_object_array_add(range,
				      iptables_number_or_name(
					      colon[1] ? colon + 1 : "65535"));
		json_object_array_add(set, iptables_pair("range", range));
	}
	return iptables_pair("set", set);
}

/* "RELATED,ESTABLISHED" */
static struct json_object *iptables_states(char *word)
{
	struct json_object *set = json_object_new_array();
	char *one, *c;

	while ((one = strsep(&word, ","))) {
		for (c = one; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		json_object_array_add(set, json_object_new_string(one));
	}
	return iptables_pair("set", set);
}

/* "eth+" */
static struct json_object *iptables_link(char *word)
{
	size_t len = strlen(word);

	if (len > 0 && word[len - 1] == '+')
		word[len - 1] = '*';
	return json_object_new_string(word);
}

/* Types of ICMP by number; a code besides is not judged. */
static void iptables_icmp(struct iptables_rule *rule, const char *word)
{
	static const struct {
		const char *protocol, *number, *name;
	} types[] = { { "icmp", "8", "echo-request" },
		      { "icmp", "0", "echo-reply" },
		      { "icmpv6", "128", "echo-request" },
		      { "icmpv6", "129", "echo-reply" } };
	const char *protocol = strcmp(rule->family, "ip") == 0 ? "icmp" :
								 "icmpv6";
	const char *name = "of another type";
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(types[i].protocol, protocol) == 0 &&
		    strcmp(types[i].number, word) == 0)
			name = types[i].name;
	if (word[strspn(word, "0123456789")] || !*word)
		iptables_unknown(rule, "icmp");
	else
		iptables_match(rule, iptables_field(protocol, "type"),
			       json_object_new_string(name));
}

/* "0x45560000/0xffff0000"; without a mask all bits count. */
static bool iptables_mark(const char *word, uint32_t *mark, uint32_t *mask)
{
	char *end;

	*mask = UINT32_MAX;
	*mark = (uint32_t)strtoul(word, &end, 0);
	if (end != word && *end == '/') {
		word = end + 1;
		*mask = (uint32_t)strtoul(word, &end, 0);
	}
	return end != word && *end == '\0';
}

static void iptables_match_mark(struct iptables_rule *rule, const char *word)
{
	struct json_object *both = json_object_new_array();
	uint32_t mark, mask;

	if (!iptables_mark(word, &mark, &mask)) {
		json_object_put(both);
		iptables_unknown(rule, "mark");
		return;
	}
	json_object_array_add(both, iptables_meta("mark"));
	json_object_array_add(both, json_object_new_int64(mask));
	iptables_match(rule, iptables_pair("&", both),
		       json_object_new_int64(mark));
}

/* The options of MARK, as they change a packet without a mark. */
static void iptables_set_mark(struct iptables_rule *rule)
{
	char option[IPTABLES_WORD_MAX], value[IPTABLES_WORD_MAX];
	struct json_object *mangle;
	uint32_t mark, mask;

	while (iptables_word(&rule->at, option)) {
		if ((strcmp(option, "--set-xmark") != 0 &&
		     strcmp(option, "--set-mark") != 0) ||
		    !iptables_word(&rule->at, value) ||
		    !iptables_mark(value, &mark, &mask))
			continue;
		mangle = iptables_pair("key", iptables_meta("mark"));
		json_object_object_add(mangle, "value",
				       json_object_new_int64(mark));
		json_object_array_add(rule->expr,
				      iptables_pair("mangle", mangle));
	}
}

/* -j and -g: the rest belongs to the target. */
static void iptables_target(struct iptables_rule *rule, const char *name,
			    bool go)
{
	static const char *const verdicts[][2] = { { "ACCEPT", "accept" },
						   { "DROP", "drop" },
						   { "REJECT", "reject" },
						   { "RETURN", "return" } };
	static const char *const extensions[] = {
		"AUDIT", "CLASSIFY", "CONNMARK", "CT",	   "DSCP",
		"LOG",	 "MARK",     "NFLOG",	 "SET",	   "TCPMSS",
		"TOS",	 "TRACE",    "NFQUEUE",	 "TPROXY", "MASQUERADE",
		"SNAT",	 "DNAT",     "REDIRECT", "NOTRACK"
	};
	struct json_object *xt;
	size_t i;

	rule->ended = true;
	if (!go && strcmp(name, "MARK") == 0)
		iptables_set_mark(rule);
	for (i = 0; i < ARRAY_SIZE(verdicts) && !go; i++) {
		if (strcmp(verdicts[i][0], name) != 0)
			continue;
		json_object_array_add(rule->expr,
				      iptables_pair(verdicts[i][1], NULL));
		return;
	}
	for (i = 0; i < ARRAY_SIZE(extensions) && !go; i++) {
		if (strcmp(extensions[i], name) != 0)
			continue;
		xt = iptables_pair("type", json_object_new_string("target"));
		json_object_object_add(xt, "name",
				       json_object_new_string(name));
		json_object_array_add(rule->expr, iptables_pair("xt", xt));
		return;
	}
	json_object_array_add(
		rule->expr,
		iptables_pair(go ? "goto" : "jump",
			      iptables_pair("target",
					    json_object_new_string(name))));
}

/* Extensions of which all options are understood below. */
static bool iptables_is_known(const char *module)
{
	static const char *const names[] = {
		"tcp",	     "udp",	  "icmp",    "icmp6",	"state",
		"conntrack", "multiport", "comment", "pkttype", "mark"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], module) == 0)
			return true;
	return false;
}

static bool iptables_is(const char *option, const char *a, const char *b)
{
	return strcmp(option, a) == 0 || strcmp(option, b) == 0;
}

static void iptables_option(struct iptables_rule *rule, const char *option,
			    char *value)
{
	if (strcmp(option, "-m") == 0) {
		rule->by_mark = strcmp(value, "mark") == 0;
		if (!iptables_is_known(value))
			iptables_unknown(rule, value);
	} else if (rule->by_mark && strcmp(option, "--mark") == 0) {
		iptables_match_mark(rule, value);
	} else if (strcmp(option, "-p") == 0) {
		iptables_match(rule, iptables_meta("l4proto"),
			       iptables_number_or_name(value));
	} else if (iptables_is(option, "-s", "-d")) {
		iptables_match(rule,
			       iptables_field(rule->family, option[1] == 's' ?
								    "saddr" :
								    "daddr"),
			       iptables_prefix(value));
	} else if (iptables_is(option, "-i", "-o")) {
		iptables_match(rule,
			       iptables_meta(option[1] == 'i' ? "iifname" :
								"oifname"),
			       iptables_link(value));
	} else if (iptables_is(option, "--dport", "--dports")) {
		iptables_match(rule, iptables_field("th", "dport"),
			       iptables_ports(value));
	} else if (iptables_is(option, "--sport", "--sports")) {
		iptables_match(rule, iptables_field("th", "sport"),
			       iptables_ports(value));
	} else if (iptables_is(option, "--ctstate", "--state")) {
		iptables_match(
			rule,
			iptables_pair(
				"ct",
				iptables_pair("key",
					      json_object_new_string("state"))),
			iptables_states(value));
	} else if (iptables_is(option, "--icmp-type", "--icmpv6-type")) {
		iptables_icmp(rule, value);
	} else if (strcmp(option, "--pkt-type") == 0) {
		iptables_match(rule, iptables_meta("pkttype"),
			       json_object_new_string(value));
	} else if (iptables_is(option, "-j", "-g")) {
		iptables_target(rule, value, option[1] == 'g');
	} else if (strcmp(option, "--comment") != 0) {
		iptables_unknown(rule, option);
	}
}

static void iptables_place(struct json_object *obj, const char *family,
			   const char *table)
{
	json_object_object_add(obj, "family", json_object_new_string(family));
	json_object_object_add(obj, "table", json_object_new_string(table));
}

/* "-A INPUT -p tcp -j DROP" */
static void iptables_rule(struct json_object *list, const char *line,
			  const char *family, const char *table)
{
	struct iptables_rule rule = { .at = line + 2, .family = family };
	char chain[IPTABLES_WORD_MAX], option[IPTABLES_WORD_MAX];
	char value[IPTABLES_WORD_MAX];
	struct json_object *obj;

	if (!iptables_word(&rule.at, chain))
		return;
	rule.expr = json_object_new_array();
	while (!rule.ended && iptables_word(&rule.at, option)) {
		if (strcmp(option, "!") == 0) {
			rule.negated = true;
		} else if (option[0] != '-') {
			iptables_unknown(&rule, option);
		} else {
			const char *before = rule.at;

			if (!iptables_word(&rule.at, value))
				value[0] = '\0';
			/* An option without a value. */
			if (value[0] == '-' && value[1]) {
				rule.at = before;
				value[0] = '\0';
			}
			iptables_option(&rule, option, value);
		}
	}
	obj = iptables_pair("chain", json_object_new_string(chain));
	iptables_place(obj, family, table);
	json_object_object_add(obj, "expr", rule.expr);
	json_object_array_add(list, iptables_pair("rule", obj));
}

/* ":INPUT DROP [0:0]" */
static void iptables_chain(struct json_object *list, const char *line,
			   const char *family, const char *table, bool nat)
{
	static const char *const hooks[][2] = { { "PREROUTING", "prerouting" },
						{ "INPUT", "input" },
						{ "FORWARD", "forward" },
						{ "OUTPUT", "output" },
						{ "POSTROUTING",
						  "postrouting" } };
	char name[IPTABLES_WORD_MAX], policy[IPTABLES_WORD_MAX];
	const char *at = line + 1;
	struct json_object *obj;
	size_t i;

	if (!iptables_word(&at, name) || !iptables_word(&at, policy))
		return;
	obj = iptables_pair("name", json_object_new_string(name));
	iptables_place(obj, family, table);
	for (i = 0; i < ARRAY_SIZE(hooks); i++)
		if (strcmp(hooks[i][0], name) == 0 && strcmp(policy, "-") != 0)
			json_object_object_add(
				obj, "hook",
				json_object_new_string(hooks[i][1]));
	json_object_object_add(obj, "type",
			       json_object_new_string(nat ? "nat" : "filter"));
	json_object_object_add(
		obj, "policy",
		json_object_new_string(strcmp(policy, "DROP") == 0 ? "drop" :
								     "accept"));
	json_object_array_add(list, iptables_pair("chain", obj));
}

void iptables_add(struct json_object *list, const char *saved,
		  const char *family, const char *tool)
{
	char table[IPTABLES_WORD_MAX + 64] = "", name[IPTABLES_WORD_MAX];
	const char *line, *at;
	bool nat = false;

	for (line = saved; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		at = line + 1;
		if (line[0] == '*' && iptables_word(&at, name)) {
			nat = strcmp(name, "nat") == 0;
			snprintf(table, sizeof(table), "%s (%s)", name, tool);
		} else if (line[0] == ':') {
			iptables_chain(list, line, family, table, nat);
		} else if (strncmp(line, "-A ", 3) == 0) {
			iptables_rule(list, line, family, table);
		}
	}
}
