/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/operator.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const operator_words[] = {
	[OVERRIDE_NONE] = "ready",
	[OVERRIDE_DRAIN] = "drain",
	[OVERRIDE_DISABLE] = "disable",
	[OVERRIDE_WEIGHT] = "weight",
};

const char *operator_word(enum balance_override_kind kind)
{
	return operator_words[kind];
}

int operator_kind(const char *word, enum balance_override_kind *kind)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operator_words); i++) {
		if (strcmp(operator_words[i], word) != 0)
			continue;
		*kind = (enum balance_override_kind)i;
		return 0;
	}
	return -EINVAL;
}

void operator_name_server(struct operator_request *request, const char *text)
{
	request->server = text;
	if (endpoint_parse(&request->addr, text) < 0)
		memset(&request->addr, 0, sizeof(request->addr));
}

bool operator_means(const struct conf *conf,
		    const struct operator_request *request, uint32_t server)
{
	const struct conf_server *cs = &conf->servers[server];
	const struct endpoint *meant = &request->addr;

	if (request->virtual_server &&
	    strcmp(conf->virtual_servers[cs->vs].name,
		   request->virtual_server) != 0)
		return false;
	return addr_cmp(&meant->addr, &cs->addr.addr) == 0 &&
	       (meant->port == 0 || meant->port == cs->addr.port);
}

uint32_t operator_apply(struct balance *balance,
			const struct operator_request *request, usec_t now)
{
	const struct conf *conf = balance_conf(balance);
	uint32_t i, said = 0;

	for (i = 0; i < conf->nr_servers; i++) {
		if (!operator_means(conf, request, i))
			continue;
		balance_override(balance, i, request->kind, request->weight,
				 now);
		said++;
	}
	return said;
}

int operator_parse(char *text, struct operator_request *request)
{
	char *rest = text, *word = strsep(&rest, " "), *number, *end, *server;
	unsigned long weight;

	memset(request, 0, sizeof(*request));
	if (operator_kind(word, &request->kind) < 0)
		return -EINVAL;
	if (request->kind == OVERRIDE_WEIGHT) {
		number = strsep(&rest, " ");
		if (!number || !*number)
			return -EINVAL;
		weight = strtoul(number, &end, 10);
		if (*end || number[0] == '-' || weight > INT32_MAX)
			return -EINVAL;
		request->weight = (uint32_t)weight;
	}
	server = strsep(&rest, " ");
	if (!server || !*server)
		return -EINVAL;
	operator_name_server(request, server);
	request->virtual_server = rest && *rest ? rest : NULL;
	return 0;
}
