/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/doctor/ruleset_match.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/util.h"

/* A field of the packet, as a rule asks for it. */
struct match_value {
	enum {
		MATCH_UNKNOWN, /* the packet may have any */
		MATCH_ABSENT, /* this kind of packet has no such field */
		MATCH_NUMBER,
		MATCH_SPAN, /* one of NUMBER to LAST */
		MATCH_TEXT,
		MATCH_ADDRESS,
	} kind;
	int64_t number, last;
	const char *text;
	struct addr addr;
};

static const struct {
	const char *name;
	uint8_t number;
} match_protocols[] = {
	{ "icmp", 1 },	     { "igmp", 2 },   { "tcp", 6 },
	{ "udp", 17 },	     { "ipv6", 41 },  { "gre", 47 },
	{ "esp", 50 },	     { "ah", 51 },    { "icmpv6", 58 },
	{ "ipv6-icmp", 58 }, { "ospf", 89 },  { "ospfigp", 89 },
	{ "vrrp", 112 },     { "sctp", 132 }, { "carp", 112 },
};

static const char *match_string(struct json_object *obj, const char *name)
{
	struct json_object *value = NULL;

	json_object_object_get_ex(obj, name, &value);
	return json_object_is_type(value, json_type_string) ?
		       json_object_get_string(value) :
		       "";
}

static struct match_value match_text(const char *text)
{
	return (struct match_value){ .kind = text ? MATCH_TEXT : MATCH_UNKNOWN,
				     .text = text };
}

static struct match_value match_number(int64_t number)
{
	return (struct match_value){ .kind = MATCH_NUMBER, .number = number };
}

/* The bits of MASK in the mark, where every possible mark has the same. */
static struct match_value match_mark(const struct ruleset_packet *packet,
				     int64_t mask)
{
	uint32_t varying = packet->mark_first ^ packet->mark_last;
	unsigned shift;

	if (packet->mark_first == 0)
		return (struct match_value){ .kind = MATCH_UNKNOWN };
	for (shift = 1; shift < 32; shift *= 2)
		varying |= varying >> shift;
	if ((varying & mask) == 0)
		return match_number(packet->mark_first & mask);
	if (mask != UINT32_MAX)
		return (struct match_value){ .kind = MATCH_UNKNOWN };
	return (struct match_value){ .kind = MATCH_SPAN,
				     .number = packet->mark_first,
				     .last = packet->mark_last };
}

static struct match_value match_meta(const struct ruleset_packet *packet,
				     const char *key)
{
	bool six = packet->family == AF_INET6;

	if (strcmp(key, "iifname") == 0 || strcmp(key, "iif") == 0)
		return match_text(packet->iif);
	if (strcmp(key, "oifname") == 0 || strcmp(key, "oif") == 0)
		return match_text(packet->oif);
	if (strcmp(key, "l4proto") == 0)
		return match_number(packet->protocol);
	if (strcmp(key, "nfproto") == 0)
		return match_text(six ? "ipv6" : "ipv4");
	if (strcmp(key, "protocol") == 0)
		return match_text(six ? "ip6" : "ip");
	if (strcmp(key, "pkttype") == 0)
		return match_text(packet->multicast ? "multicast" : NULL);
	if (strcmp(key, "mark") == 0)
		return match_mark(packet, UINT32_MAX);
	return (struct match_value){ .kind = MATCH_UNKNOWN };
}

/* "meta mark & NUMBER", the only field that is asked for by its bits here. */
static struct match_value match_masked(const struct ruleset_packet *packet,
				       struct json_object *pair)
{
	struct json_object *meta, *mask;

	if (!json_object_is_type(pair, json_type_array) ||
	    json_object_array_length(pair) != 2 ||
	    !json_object_object_get_ex(json_object_array_get_idx(pair, 0),
				       "meta", &meta) ||
	    strcmp(match_string(meta, "key"), "mark") != 0)
		return (struct match_value){ .kind = MATCH_UNKNOWN };
	mask = json_object_array_get_idx(pair, 1);
	return json_object_is_type(mask, json_type_int) ?
		       match_mark(packet, json_object_get_int64(mask)) :
		       (struct match_value){ .kind = MATCH_UNKNOWN };
}

static struct match_value match_address(const struct addr *addr)
{
	return (struct match_value){
		.kind = addr_is_set(addr) ? MATCH_ADDRESS : MATCH_UNKNOWN,
		.addr = *addr,
	};
}

static struct match_value match_port(uint16_t port)
{
	return (struct match_value){
		.kind = port ? MATCH_NUMBER : MATCH_UNKNOWN,
		.number = port,
	};
}

/* Fields of the IP header, "ip" and "ip6" alike. */
static struct match_value match_ip(const struct ruleset_packet *packet,
				   const char *field)
{
	if (strcmp(field, "saddr") == 0)
		return match_address(&packet->from);
	if (strcmp(field, "daddr") == 0)
		return match_address(&packet->to);
	if (strcmp(field, "protocol") == 0 || strcmp(field, "nexthdr") == 0)
		return match_number(packet->protocol);
	return (struct match_value){ .kind = MATCH_UNKNOWN };
}

/* Whether the packet has a header of the protocol that NAME stands for. */
static bool match_carries(const struct ruleset_packet *packet, const char *name)
{
	size_t i;

	if (strcmp(name, "th") == 0)
		return packet->protocol == IPPROTO_TCP ||
		       packet->protocol == IPPROTO_UDP ||
		       packet->protocol == IPPROTO_SCTP;
	for (i = 0; i < ARRAY_SIZE(match_protocols); i++)
		if (strcmp(match_protocols[i].name, name) == 0 &&
		    match_protocols[i].number == packet->protocol)
			return true;
	return false;
}

static struct match_value match_payload(const struct ruleset_packet *packet,
					struct json_object *payload)
{
	const char *protocol = match_string(payload, "protocol");
	const char *field = match_string(payload, "field");
	const struct match_value absent = { .kind = MATCH_ABSENT };

	if (strcmp(protocol, "ip") == 0)
		return packet->family == AF_INET ? match_ip(packet, field) :
						   absent;
	if (strcmp(protocol, "ip6") == 0)
		return packet->family == AF_INET6 ? match_ip(packet, field) :
						    absent;
	if (strcmp(protocol, "ether") == 0 || protocol[0] == '\0')
		return (struct match_value){ .kind = MATCH_UNKNOWN };
	if (!match_carries(packet, protocol))
		return absent;
	if (strcmp(field, "sport") == 0)
		return match_port(packet->sport);
	if (strcmp(field, "dport") == 0)
		return match_port(packet->dport);
	if (strcmp(field, "type") == 0)
		return match_text(packet->icmp);
	return (struct match_value){ .kind = MATCH_UNKNOWN };
}

static struct match_value match_left(struct json_object *left,
				     const struct ruleset_packet *packet)
{
	struct json_object *in;

	if (json_object_object_get_ex(left, "meta", &in))
		return match_meta(packet, match_string(in, "key"));
	if (json_object_object_get_ex(left, "&", &in))
		return match_masked(packet, in);
	if (json_object_object_get_ex(left, "payload", &in))
		return match_payload(packet, in);
	if (json_object_object_get_ex(left, "ct", &in) &&
	    strcmp(match_string(in, "key"), "state") == 0)
		return match_text(packet->state);
	return (struct match_value){ .kind = MATCH_UNKNOWN };
}

static enum ruleset_sure match_bool(bool yes)
{
	return yes ? RULESET_YES : RULESET_NO;
}

/* "eth*" stands for each name with that beginning. */
static bool match_words(const char *pattern, const char *text)
{
	size_t len = strlen(pattern);

	if (len > 0 && pattern[len - 1] == '*')
		return strncmp(pattern, text, len - 1) == 0;
	return strcmp(pattern, text) == 0;
}

static enum ruleset_sure match_named(const struct match_value *value,
				     const char *text)
{
	struct addr addr;
	size_t i;

	if (value->kind == MATCH_SPAN)
		return RULESET_UNSURE;
	if (value->kind == MATCH_TEXT)
		return match_bool(match_words(text, value->text));
	if (value->kind == MATCH_ADDRESS) {
		if (addr_parse(&addr, text, strlen(text)) < 0)
			return RULESET_UNSURE;
		return match_bool(addr_cmp(&addr, &value->addr) == 0);
	}
	for (i = 0; i < ARRAY_SIZE(match_protocols); i++)
		if (strcmp(match_protocols[i].name, text) == 0)
			return match_bool(match_protocols[i].number ==
					  value->number);
	/* Protocols without a line above are none of the packets asked for. */
	return RULESET_NO;
}

/* Whether the span of VALUE lies in the range: all of it, nothing, or a part. */
static enum ruleset_sure match_span(const struct match_value *value,
				    int64_t first, int64_t last)
{
	if (first <= value->number && value->last <= last)
		return RULESET_YES;
	return last < value->number || value->last < first ? RULESET_NO :
							     RULESET_UNSURE;
}

/* A mark by its first LEN bits, as nft prints a mask of such. */
static enum ruleset_sure match_bits(const struct match_value *value,
				    struct json_object *first, int len)
{
	int64_t from = json_object_get_int64(first);

	if (!json_object_is_type(first, json_type_int) || len < 0 || len > 32)
		return RULESET_UNSURE;
	return match_span(value, from, from + (INT64_C(1) << (32 - len)) - 1);
}

static enum ruleset_sure match_prefix(const struct match_value *value,
				      struct json_object *prefix)
{
	const char *text = match_string(prefix, "addr");
	int len = json_object_get_int(json_object_object_get(prefix, "len"));
	struct addr addr;
	int i;

	if (value->kind == MATCH_SPAN)
		return match_bits(value, json_object_object_get(prefix, "addr"),
				  len);
	if (value->kind != MATCH_ADDRESS ||
	    addr_parse(&addr, text, strlen(text)) < 0 || len < 0 ||
	    len > (addr.family == AF_INET ? 32 : 128))
		return RULESET_UNSURE;
	if (addr.family != value->addr.family)
		return RULESET_NO;
	for (i = 0; i < len; i++)
		if ((addr.bytes[i / 8] ^ value->addr.bytes[i / 8]) &
		    (0x80 >> i % 8))
			return RULESET_NO;
	return RULESET_YES;
}

static enum ruleset_sure match_range(const struct match_value *value,
				     struct json_object *range)
{
	struct json_object *first, *last;
	struct addr from, to;
	const char *a, *b;

	if (!json_object_is_type(range, json_type_array) ||
	    json_object_array_length(range) != 2)
		return RULESET_UNSURE;
	first = json_object_array_get_idx(range, 0);
	last = json_object_array_get_idx(range, 1);
	if (value->kind == MATCH_SPAN)
		return match_span(value, json_object_get_int64(first),
				  json_object_get_int64(last));
	if (value->kind == MATCH_NUMBER)
		return match_bool(json_object_get_int64(first) <=
					  value->number &&
				  value->number <= json_object_get_int64(last));
	a = json_object_get_string(first);
	b = json_object_get_string(last);
	if (value->kind != MATCH_ADDRESS || !a || !b ||
	    addr_parse(&from, a, strlen(a)) < 0 ||
	    addr_parse(&to, b, strlen(b)) < 0)
		return RULESET_UNSURE;
	return match_bool(addr_cmp(&from, &value->addr) <= 0 &&
			  addr_cmp(&value->addr, &to) <= 0);
}

/* Whether VALUE fits an element of a set, or the only value. */
static enum ruleset_sure match_one(const struct match_value *value,
				   struct json_object *right)
{
	struct json_object *in;

	if (json_object_object_get_ex(right, "elem", &in))
		right = json_object_object_get(in, "val");
	if (json_object_is_type(right, json_type_string))
		return match_named(value, json_object_get_string(right));
	if (json_object_is_type(right, json_type_int) &&
	    value->kind == MATCH_SPAN)
		return match_span(value, json_object_get_int64(right),
				  json_object_get_int64(right));
	if (json_object_is_type(right, json_type_int))
		return value->kind == MATCH_NUMBER ?
			       match_bool(json_object_get_int64(right) ==
					  value->number) :
			       RULESET_UNSURE;
	if (json_object_object_get_ex(right, "prefix", &in))
		return match_prefix(value, in);
	if (json_object_object_get_ex(right, "range", &in))
		return match_range(value, in);
	return RULESET_UNSURE;
}

static enum ruleset_sure match_any(const struct match_value *value,
				   struct json_object *list)
{
	enum ruleset_sure found = RULESET_NO, one;
	size_t i;

	for (i = 0; i < json_object_array_length(list); i++) {
		one = match_one(value, json_object_array_get_idx(list, i));
		if (one == RULESET_YES)
			return one;
		if (one == RULESET_UNSURE)
			found = one;
	}
	return found;
}

/* A set with a name; its elements are missing from the listing if it is empty. */
static enum ruleset_sure match_set(const struct match_value *value,
				   const struct ruleset_sets *sets,
				   const char *name)
{
	struct json_object *set, *elem;
	size_t i, count = json_object_array_length(sets->listing);

	for (i = 0; i < count; i++) {
		if (!json_object_object_get_ex(
			    json_object_array_get_idx(sets->listing, i), "set",
			    &set) ||
		    strcmp(match_string(set, "family"), sets->family) != 0 ||
		    strcmp(match_string(set, "table"), sets->table) != 0 ||
		    strcmp(match_string(set, "name"), name) != 0)
			continue;
		if (!json_object_object_get_ex(set, "elem", &elem))
			return RULESET_NO;
		return json_object_is_type(elem, json_type_array) ?
			       match_any(value, elem) :
			       RULESET_UNSURE;
	}
	return RULESET_UNSURE;
}

static enum ruleset_sure match_right(const struct match_value *value,
				     const struct ruleset_sets *sets,
				     struct json_object *right)
{
	struct json_object *list;
	const char *text;

	if (json_object_is_type(right, json_type_array))
		return match_any(value, right);
	if (json_object_object_get_ex(right, "set", &list) &&
	    json_object_is_type(list, json_type_array))
		return match_any(value, list);
	text = json_object_is_type(right, json_type_string) ?
		       json_object_get_string(right) :
		       NULL;
	if (text && text[0] == '@')
		return match_set(value, sets, text + 1);
	return match_one(value, right);
}

enum ruleset_sure ruleset_match(struct json_object *match,
				const struct ruleset_sets *sets,
				const struct ruleset_packet *packet)
{
	struct match_value value =
		match_left(json_object_object_get(match, "left"), packet);
	const char *op = match_string(match, "op");
	enum ruleset_sure found;

	if (value.kind == MATCH_ABSENT)
		return RULESET_NO;
	if (value.kind == MATCH_UNKNOWN)
		return RULESET_UNSURE;
	found = match_right(&value, sets,
			    json_object_object_get(match, "right"));
	if (strcmp(op, "==") == 0 || strcmp(op, "in") == 0 ||
	    found == RULESET_UNSURE)
		return found;
	if (strcmp(op, "!=") == 0)
		return match_bool(found == RULESET_NO);
	return RULESET_UNSURE;
}

enum ruleset_sure ruleset_lookup(struct json_object *map,
				 const struct ruleset_packet *packet,
				 struct json_object **verdict)
{
	struct match_value value =
		match_left(json_object_object_get(map, "key"), packet);
	struct json_object *data = json_object_object_get(map, "data"), *list;
	size_t i;

	if (value.kind == MATCH_ABSENT)
		return RULESET_NO;
	if (value.kind == MATCH_UNKNOWN ||
	    !json_object_object_get_ex(data, "set", &list) ||
	    !json_object_is_type(list, json_type_array))
		return RULESET_UNSURE;
	for (i = 0; i < json_object_array_length(list); i++) {
		struct json_object *pair = json_object_array_get_idx(list, i);
		enum ruleset_sure found;

		if (!json_object_is_type(pair, json_type_array) ||
		    json_object_array_length(pair) != 2)
			return RULESET_UNSURE;
		found = match_one(&value, json_object_array_get_idx(pair, 0));
		if (found == RULESET_NO)
			continue;
		*verdict = json_object_array_get_idx(pair, 1);
		return found;
	}
	return RULESET_NO;
}
