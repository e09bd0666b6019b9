/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DNS_CHECK: a query, and any answer to it without an error. */
#include <stddef.h>
#include <string.h>

#include "conf/lvs/draft.h"

#define DNS(member) CONF_BOTH(struct check_draft, dns, struct conf_dns, member)

/* In either case, as keepalived has them; the first of a number is printed. */
static const struct conf_choice check_dns_types[] = {
	{ "A", 1 },	  { "NS", 2 },	    { "CNAME", 5 }, { "SOA", 6 },
	{ "MX", 15 },	  { "TXT", 16 },    { "AAAA", 28 }, { "RRSIG", 46 },
	{ "DNSKEY", 48 }, { "a", 1 },	    { "ns", 2 },    { "cname", 5 },
	{ "soa", 6 },	  { "mx", 15 },	    { "txt", 16 },  { "aaaa", 28 },
	{ "rrsig", 46 },  { "dnskey", 48 }, { NULL, 0 },
};

/* RFC 1035, 2.3.4: labels of 63 octets, 255 octets with their lengths. */
#define DNS_LABEL_MAX 63
#define DNS_WIRE_MAX 255

static bool check_dns_is_name(const char *name)
{
	uint32_t i, label = 0, wire = 2;

	if (strcmp(name, ".") == 0)
		return true;
	for (i = 0; name[i]; i++) {
		if (name[i] == '.' && label == 0)
			return false;
		if (name[i] <= ' ' || name[i] > '~' || name[i] == '\\')
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > DNS_LABEL_MAX)
			return false;
		/* A last dot is the length of the root, counted above. */
		wire += name[i] != '.' || name[i + 1];
	}
	return i > 0 && wire <= DNS_WIRE_MAX;
}

static const struct conf_keyword dns_keywords[] = {
	{ "type", .type = &conf_type_choice, .data = check_dns_types, DNS(type),
	  .least = 1, .most = 1, .preset = 6 },
	{ "name", .type = &conf_type_string, DNS(name), .least = 1, .most = 1,
	  .preset_text = "." },
};

const struct conf_block conf_block_dns_check = CONF_BLOCK(
	BLOCK_DNS_CHECK, "DNS_CHECK", dns_keywords, &conf_block_connect);

static bool check_dns_finish(struct conf_ctx *ctx, struct check_draft *draft)
{
	struct conf_dns *dns = &draft->dns;

	if (!check_dns_is_name(dns->name)) {
		conf_say(ctx, CLASS_FAULT, draft->node, 0,
			 "the 'name' of DNS_CHECK is no domain name");
		dns->name = ".";
	}
	/* Equal strings are stored once, and so are equal structs. */
	dns->name = conf_string(ctx, dns->name, strlen(dns->name));
	draft->check.dns = conf_share(ctx, dns, sizeof(*dns));
	return true;
}

const struct conf_check_type conf_dns_type = {
	.kind = CHECK_DNS,
	.marks = true,
	.block = &conf_block_dns_check,
	.connects = true,
	.traits = { .datagrams = true },
	.timeout_word = "connect_timeout",
	.retry = 3,
	.delay_before_retry = UNSET_TIME,
	.finish = check_dns_finish,
};
