/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/doctor/ruleset.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/doctor/ruleset_match.h"
#include "lib/util.h"

/* As deep as the kernel lets rules jump. */
#define RULESET_DEPTH 16

struct ruleset_chain {
	const char *family, *table, *name;
	struct json_object *about;
	struct json_object **rules; /* their statements, in order */
	size_t nr, room;
};

struct ruleset {
	struct ruleset_chain *chains; /* sorted */
	size_t nr, room;
	struct json_object *listing; /* the array */
	bool masquerades;
};

static const char *ruleset_text(struct json_object *obj, const char *name)
{
	struct json_object *value = json_object_object_get(obj, name);
	const char *text = json_object_is_type(value, json_type_string) ?
				   json_object_get_string(value) :
				   NULL;

	return text ? text : "";
}

static int ruleset_chain_cmp(const void *a, const void *b)
{
	const struct ruleset_chain *x = a, *y = b;
	int order = strcmp(x->family, y->family);

	if (order == 0)
		order = strcmp(x->table, y->table);
	return order ? order : strcmp(x->name, y->name);
}

static struct ruleset_chain *ruleset_chain(const struct ruleset *ruleset,
					   const char *family,
					   const char *table, const char *name)
{
	const struct ruleset_chain key = { .family = family,
					   .table = table,
					   .name = name };

	if (ruleset->nr == 0)
		return NULL;
	return bsearch(&key, ruleset->chains, ruleset->nr, sizeof(key),
		       ruleset_chain_cmp);
}

static void ruleset_add_chain(struct ruleset *ruleset, struct json_object *one)
{
	ruleset->chains = array_grow(ruleset->chains, ruleset->nr,
				     &ruleset->room, sizeof(*ruleset->chains));
	ruleset->chains[ruleset->nr++] = (struct ruleset_chain){
		.family = ruleset_text(one, "family"),
		.table = ruleset_text(one, "table"),
		.name = ruleset_text(one, "name"),
		.about = one,
	};
}

static void ruleset_add_rule(struct ruleset *ruleset, struct json_object *one)
{
	struct json_object *expr = json_object_object_get(one, "expr");
	struct ruleset_chain *chain = ruleset_chain(ruleset,
						    ruleset_text(one, "family"),
						    ruleset_text(one, "table"),
						    ruleset_text(one, "chain"));
	size_t i;

	if (!chain || !json_object_is_type(expr, json_type_array))
		return;
	chain->rules = array_grow(chain->rules, chain->nr, &chain->room,
				  sizeof(struct json_object *));
	chain->rules[chain->nr++] = expr;
	for (i = 0; i < json_object_array_length(expr); i++) {
		struct json_object *step = json_object_array_get_idx(expr, i);
		struct json_object *xt;

		if (json_object_object_get_ex(step, "masquerade", NULL) ||
		    json_object_object_get_ex(step, "snat", NULL))
			ruleset->masquerades = true;
		if (json_object_object_get_ex(step, "xt", &xt) &&
		    (strcmp(ruleset_text(xt, "name"), "MASQUERADE") == 0 ||
		     strcmp(ruleset_text(xt, "name"), "SNAT") == 0))
			ruleset->masquerades = true;
	}
}

struct ruleset *ruleset_new(struct json_object *listing)
{
	struct ruleset *ruleset = xcalloc(1, sizeof(*ruleset));
	struct json_object *list = NULL, *one;
	size_t i, count;

	json_object_object_get_ex(listing, "nftables", &list);
	if (!json_object_is_type(list, json_type_array))
		return ruleset;
	ruleset->listing = list;
	count = json_object_array_length(list);
	for (i = 0; i < count; i++)
		if (json_object_object_get_ex(
			    json_object_array_get_idx(list, i), "chain", &one))
			ruleset_add_chain(ruleset, one);
	if (ruleset->nr > 0)
		qsort(ruleset->chains, ruleset->nr, sizeof(*ruleset->chains),
		      ruleset_chain_cmp);
	for (i = 0; i < count; i++)
		if (json_object_object_get_ex(
			    json_object_array_get_idx(list, i), "rule", &one))
			ruleset_add_rule(ruleset, one);
	return ruleset;
}

void ruleset_free(struct ruleset *ruleset)
{
	size_t i;

	if (!ruleset)
		return;
	for (i = 0; i < ruleset->nr; i++)
		free(ruleset->chains[i].rules);
	free(ruleset->chains);
	free(ruleset);
}

enum ruleset_end {
	RULESET_ON, /* the next rule */
	RULESET_RETURN, /* back to the chain that jumped here */
	RULESET_ACCEPT,
	RULESET_DROP,
};

/* A packet on its way through one base chain. */
struct ruleset_walk {
	const struct ruleset *ruleset;
	const struct ruleset_packet *packet;
	unsigned depth;
	/* A condition that is not understood may have let the packet through. */
	bool perhaps;
};

static enum ruleset_end ruleset_walk(struct ruleset_walk *walk,
				     const struct ruleset_chain *chain);

static enum ruleset_end ruleset_jump(struct ruleset_walk *walk,
				     const struct ruleset_chain *from,
				     struct json_object *jump, bool go)
{
	const struct ruleset_chain *to =
		ruleset_chain(walk->ruleset, from->family, from->table,
			      ruleset_text(jump, "target"));
	enum ruleset_end end;

	if (!to || walk->depth >= RULESET_DEPTH) {
		walk->perhaps = true;
		return RULESET_ON;
	}
	walk->depth++;
	end = ruleset_walk(walk, to);
	walk->depth--;
	if (end == RULESET_RETURN || end == RULESET_ON)
		return go ? RULESET_RETURN : RULESET_ON;
	return end;
}

/* Targets of iptables that let the packet go on. */
static bool ruleset_passes(const char *target)
{
	static const char *const names[] = { "LOG",	 "NFLOG",      "MARK",
					     "CONNMARK", "CT",	       "TRACE",
					     "TCPMSS",	 "DSCP",       "TOS",
					     "CLASSIFY", "SET",	       "AUDIT",
					     "SECMARK",	 "CONNSECMARK" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], target) == 0)
			return true;
	return false;
}

/* A verdict, alone or out of a map. SURE: the conditions before it are met. */
static enum ruleset_end ruleset_verdict(struct ruleset_walk *walk,
					const struct ruleset_chain *chain,
					struct json_object *step, bool sure)
{
	struct json_object *to;
	bool go = json_object_object_get_ex(step, "goto", &to);

	if (json_object_object_get_ex(step, "drop", NULL) ||
	    json_object_object_get_ex(step, "reject", NULL))
		return sure ? RULESET_DROP : RULESET_ON;
	if (json_object_object_get_ex(step, "continue", NULL))
		return RULESET_ON;
	if (!sure) {
		walk->perhaps = true;
		return RULESET_ON;
	}
	if (go || json_object_object_get_ex(step, "jump", &to))
		return ruleset_jump(walk, chain, to, go);
	if (json_object_object_get_ex(step, "return", NULL))
		return RULESET_RETURN;
	if (json_object_object_get_ex(step, "accept", NULL))
		return RULESET_ACCEPT;
	walk->perhaps = true; /* a queue, or unknown to this program */
	return RULESET_ON;
}

static bool ruleset_is_verdict(struct json_object *step)
{
	static const char *const words[] = { "accept", "drop",	  "reject",
					     "return", "jump",	  "goto",
					     "queue",  "continue" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (json_object_object_get_ex(step, words[i], NULL))
			return true;
	return false;
}

/* Statements that neither match nor decide. */
static bool ruleset_is_harmless(struct json_object *step)
{
	static const char *const words[] = { "counter",	 "log", "mangle",
					     "notrack",	 "set", "flow",
					     "ct helper" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (json_object_object_get_ex(step, words[i], NULL))
			return true;
	return false;
}

static enum ruleset_end ruleset_target(struct ruleset_walk *walk,
				       const char *name, bool sure)
{
	if (strcmp(name, "DROP") == 0 || strcmp(name, "REJECT") == 0)
		return sure ? RULESET_DROP : RULESET_ON;
	if (!ruleset_passes(name))
		walk->perhaps = true;
	return RULESET_ON;
}

static enum ruleset_end ruleset_map(struct ruleset_walk *walk,
				    const struct ruleset_chain *chain,
				    struct json_object *map, bool sure)
{
	struct json_object *verdict;
	enum ruleset_sure match = ruleset_lookup(map, walk->packet, &verdict);

	if (match == RULESET_NO)
		return RULESET_ON;
	if (match == RULESET_UNSURE) {
		walk->perhaps = true;
		return RULESET_ON;
	}
	return ruleset_verdict(walk, chain, verdict, sure);
}

static enum ruleset_end ruleset_rule(struct ruleset_walk *walk,
				     const struct ruleset_chain *chain,
				     struct json_object *expr)
{
	struct ruleset_sets sets = { walk->ruleset->listing, chain->family,
				     chain->table };
	size_t i, count = json_object_array_length(expr);
	bool sure = true;

	for (i = 0; i < count; i++) {
		struct json_object *step = json_object_array_get_idx(expr, i);
		enum ruleset_end end = RULESET_ON;
		enum ruleset_sure match = RULESET_YES;
		struct json_object *in;

		if (json_object_object_get_ex(step, "match", &in))
			match = ruleset_match(in, &sets, walk->packet);
		else if (json_object_object_get_ex(step, "vmap", &in))
			end = ruleset_map(walk, chain, in, sure);
		else if (ruleset_is_verdict(step))
			end = ruleset_verdict(walk, chain, step, sure);
		else if (!json_object_object_get_ex(step, "xt", &in))
			sure &= ruleset_is_harmless(step);
		else if (strcmp(ruleset_text(in, "type"), "target") == 0)
			end = ruleset_target(walk, ruleset_text(in, "name"),
					     sure);
		else
			sure &= strcmp(ruleset_text(in, "name"), "comment") ==
				0;
		if (match == RULESET_NO)
			return RULESET_ON;
		sure &= match == RULESET_YES;
		if (end != RULESET_ON)
			return end;
	}
	return RULESET_ON;
}

static enum ruleset_end ruleset_walk(struct ruleset_walk *walk,
				     const struct ruleset_chain *chain)
{
	enum ruleset_end end;
	size_t i;

	for (i = 0; i < chain->nr; i++) {
		end = ruleset_rule(walk, chain, chain->rules[i]);
		if (end != RULESET_ON)
			return end;
	}
	return RULESET_ON;
}

/* Whether CHAIN is one that a packet at HOOK goes through. */
static bool ruleset_is_hooked(const struct ruleset_chain *chain,
			      const struct ruleset_packet *packet)
{
	const char *own = packet->family == AF_INET6 ? "ip6" : "ip";
	const char *hook = ruleset_text(chain->about, "hook");
	size_t i;

	if (strcmp(chain->family, "inet") != 0 &&
	    strcmp(chain->family, own) != 0)
		return false;
	if (strcmp(ruleset_text(chain->about, "type"), "nat") == 0)
		return false;
	for (i = 0; i < RULESET_HOOKS && packet->hooks[i]; i++)
		if (strcmp(packet->hooks[i], hook) == 0)
			return true;
	return false;
}

bool ruleset_drops(const struct ruleset *ruleset,
		   const struct ruleset_packet *packet,
		   struct ruleset_drop *drop)
{
	size_t i;

	for (i = 0; i < ruleset->nr; i++) {
		const struct ruleset_chain *chain = &ruleset->chains[i];
		struct ruleset_walk walk = { .ruleset = ruleset,
					     .packet = packet };
		enum ruleset_end end;
		bool policy;

		if (!ruleset_is_hooked(chain, packet))
			continue;
		end = ruleset_walk(&walk, chain);
		policy = end != RULESET_DROP && end != RULESET_ACCEPT &&
			 strcmp(ruleset_text(chain->about, "policy"), "drop") ==
				 0;
		if ((end != RULESET_DROP && !policy) || walk.perhaps)
			continue;
		*drop = (struct ruleset_drop){ chain->family, chain->table,
					       chain->name, policy };
		return true;
	}
	return false;
}

bool ruleset_masquerades(const struct ruleset *ruleset)
{
	return ruleset->masquerades;
}

/*
 * The mark that VALUE gives to a packet without one. Some bits can be set alone:
 * "meta mark or 1", or "meta mark and 0xff or 1".
 */
static bool ruleset_mark_set(struct json_object *value, int64_t *mark)
{
	struct json_object *both;

	if (json_object_object_get_ex(value, "|", &both) ||
	    json_object_object_get_ex(value, "^", &both))
		value = json_object_is_type(both, json_type_array) ?
				json_object_array_get_idx(both, 1) :
				NULL;
	*mark = json_object_get_int64(value);
	return json_object_is_type(value, json_type_int);
}

static bool ruleset_rule_marks(struct json_object *expr, uint32_t first,
			       uint32_t last)
{
	size_t i, count = json_object_array_length(expr);
	struct json_object *mangle, *key, *value;
	int64_t mark;

	for (i = 0; i < count; i++) {
		if (!json_object_object_get_ex(json_object_array_get_idx(expr,
									 i),
					       "mangle", &mangle) ||
		    !json_object_object_get_ex(mangle, "key", &key) ||
		    !json_object_object_get_ex(key, "meta", &key) ||
		    strcmp(ruleset_text(key, "key"), "mark") != 0 ||
		    !json_object_object_get_ex(mangle, "value", &value) ||
		    !ruleset_mark_set(value, &mark))
			continue;
		if (mark >= first && mark <= last)
			return true;
	}
	return false;
}

bool ruleset_sets_mark(const struct ruleset *ruleset, uint32_t first,
		       uint32_t last, struct ruleset_drop *where)
{
	size_t i, k;

	for (i = 0; i < ruleset->nr; i++) {
		const struct ruleset_chain *chain = &ruleset->chains[i];

		for (k = 0; k < chain->nr; k++) {
			if (!ruleset_rule_marks(chain->rules[k], first, last))
				continue;
			*where = (struct ruleset_drop){ chain->family,
							chain->table,
							chain->name, false };
			return true;
		}
	}
	return false;
}
