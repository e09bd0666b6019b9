/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/conf_print.h"
#include "lib/log.h"

#define DIGEST_START 0xcbf29ce484222325u

/* FNV-1a is enough: the channel is signed, so nobody can choose a value. */
static uint64_t digest_add(uint64_t hash, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3u;
	return hash;
}

uint64_t conf_digest_text(const char *text)
{
	return digest_add(DIGEST_START, text, strlen(text));
}

static bool digest_is_host_own(const char *line)
{
	static const char *const words[] = { "bindto ", "bind_port ",
					     "bind_if " };
	size_t i;

	line += strspn(line, "\t ");
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strncmp(line, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

static uint64_t digest_lines(const char *text)
{
	uint64_t hash = DIGEST_START;
	size_t length;

	while (*text) {
		length = strcspn(text, "\n");
		length += text[length] == '\n';
		if (!digest_is_host_own(text))
			hash = digest_add(hash, text, length);
		text += length;
	}
	return hash;
}

/* So that a sum of two says little of one. */
static uint64_t digest_mix(uint64_t z)
{
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

uint64_t conf_digest_announce(const struct conf_announce_group *group)
{
	uint64_t digest = conf_digest_text(group->name);
	char text[ADDR_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < group->nr_addresses; i++)
		digest += digest_mix(conf_digest_text(
			addr_format(&group->addresses[i], text)));
	return digest;
}

/* A group may be used by several virtual servers of one name. */
static uint64_t digest_identity(const struct conf_virtual_server *vs)
{
	uint64_t hash = conf_digest_text(vs->name);
	char text[ENDPOINT_TEXT_MAX + 32];
	uint32_t i;

	for (i = 0; i < vs->nr_keys; i++) {
		const struct service_key *key = &vs->keys[i];

		snprintf(text, sizeof(text), "%u %u %u ", key->family,
			 key->protocol, key->fwmark);
		if (key->fwmark == 0)
			endpoint_format(&key->vip, text + strlen(text));
		hash = digest_add(hash, text, strlen(text) + 1);
	}
	return hash;
}

uint64_t conf_digest(const struct conf *conf, uint64_t *pools)
{
	uint64_t sum = conf->nr_virtual_servers;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	uint32_t i;

	if (!out)
		fatal("conf", "no memory");
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		const struct conf_virtual_server *vs =
			&conf->virtual_servers[i];

		rewind(out);
		conf_print_pool(out, conf, vs);
		fputc('\0', out);
		fflush(out);
		sum += digest_mix(digest_lines(text));
		pools[i] = digest_identity(vs);
	}
	fclose(out);
	free(text);
	return sum;
}
