/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/owned.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/replace.h"
#include "lib/log.h"
#include "lib/util.h"

static int owned_parse_fwmark(const char *text, struct service_key *key)
{
	char *end;
	unsigned long mark = strtoul(text, &end, 10);

	if (end == text || mark == 0 || mark > UINT32_MAX)
		return -EINVAL;
	if (strcmp(end, "") != 0 && strcmp(end, " IPv6") != 0)
		return -EINVAL;
	key->fwmark = (uint32_t)mark;
	key->family = *end ? AF_INET6 : AF_INET;
	return 0;
}

int owned_parse_key(const char *text, struct service_key *key)
{
	static const struct {
		const char *word;
		uint16_t protocol;
	} protocols[] = { { "TCP ", IPPROTO_TCP },
			  { "UDP ", IPPROTO_UDP },
			  { "SCTP ", IPPROTO_SCTP } };
	size_t i;

	memset(key, 0, sizeof(*key));
	if (strncmp(text, "FWM ", 4) == 0)
		return owned_parse_fwmark(text + 4, key);
	for (i = 0; i < ARRAY_SIZE(protocols); i++) {
		size_t len = strlen(protocols[i].word);

		if (strncmp(text, protocols[i].word, len) != 0)
			continue;
		key->protocol = protocols[i].protocol;
		if (endpoint_parse(&key->vip, text + len) < 0)
			return -EINVAL;
		key->family = key->vip.addr.family;
		return 0;
	}
	return -EINVAL;
}

int owned_load(const char *path, struct ipvs_keys *keys)
{
	FILE *file = fopen(path, "re");
	char line[128];
	struct service_key key;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (owned_parse_key(line, &key) == 0)
			ipvs_keys_add(keys, &key);
		else
			log_warning("ipvs",
				    "%s: a line that is no service is left out",
				    path);
	}
	fclose(file);
	ipvs_keys_sort(keys);
	return 0;
}

int owned_save(const char *path, const struct ipvs_keys *keys)
{
	char *text = NULL, key[SERVICE_TEXT_MAX];
	size_t length = 0, i;
	FILE *file = open_memstream(&text, &length);
	int error;

	if (!file)
		return -errno;
	for (i = 0; i < keys->nr; i++)
		fprintf(file, "%s\n", service_key_format(&keys->keys[i], key));
	error = fclose(file) != 0 ? -ENOMEM : replace_file(path, text, length);
	free(text);
	return error;
}
