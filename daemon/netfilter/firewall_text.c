/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/netfilter/firewall.h"
#include "lib/log.h"
#include "lib/util.h"

static void text_keys(FILE *out, const struct firewall_plan *plan)
{
	char text[ADDR_TEXT_MAX];
	size_t i;

	for (i = 0; i < plan->nr_keys; i++) {
		const struct service_key *key = &plan->keys[i];

		if (key->family != plan->family)
			continue;
		if (key->fwmark)
			fprintf(out, "-A %s -m mark --mark %u -j RETURN\n",
				plan->chain, key->fwmark);
		else if (key->vip.port == 0)
			fprintf(out, "-A %s -d %s -p %u -j RETURN\n",
				plan->chain, addr_format(&key->vip.addr, text),
				key->protocol);
	}
}

/* IPVS passes errors about a server's packets on to that server. */
static void text_icmp(FILE *out, const struct firewall_plan *plan)
{
	static const unsigned v4[] = { 3, 11, 12 };
	/* The errors, and neighbour discovery, which RFC 9568 wants kept. */
	static const unsigned v6[] = { 1, 2, 3, 4, 135, 136 };
	size_t i;

	for (i = 0; plan->family == AF_INET && i < ARRAY_SIZE(v4); i++)
		fprintf(out, "-A %s -p icmp -m icmp --icmp-type %u -j RETURN\n",
			plan->chain, v4[i]);
	for (i = 0; plan->family == AF_INET6 && i < ARRAY_SIZE(v6); i++)
		fprintf(out,
			"-A %s -p ipv6-icmp -m icmp6 --icmpv6-type %u "
			"-j RETURN\n",
			plan->chain, v6[i]);
}

char *firewall_text(const struct firewall_plan *plan)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		fatal("firewall", "out of memory");
	/* With --noflush this line empties our chain, and no other. */
	fprintf(out, "*filter\n:%s - [0:0]\n", plan->chain);
	fprintf(out, "-A %s -m set ! --match-set %s dst -j RETURN\n",
		plan->chain, plan->drop);
	fprintf(out, "-A %s -m set --match-set %s dst,dst -j RETURN\n",
		plan->chain, plan->accept);
	text_keys(out, plan);
	text_icmp(out, plan);
	fprintf(out, "-A %s -j DROP\n", plan->chain);
	fputs("COMMIT\n", out);
	if (fclose(out) != 0)
		fatal("firewall", "out of memory");
	return text;
}
