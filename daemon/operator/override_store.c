/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/override_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Operators override few servers; a larger ledger is a mistake. */
#define LEDGER_MAX 65536

struct ledger {
	struct ipc_peer_word *words;
	size_t nr, room;
};

struct ledger *ledger_new(void)
{
	return xcalloc(1, sizeof(struct ledger));
}

void ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return;
	free(ledger->words);
	free(ledger);
}

int64_t ledger_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * USEC_PER_SEC + now.tv_nsec / 1000;
}

static void ledger_cut_name(const char *name, char out[PEER_NAME_MAX])
{
	snprintf(out, PEER_NAME_MAX, "%s", name);
}

void ledger_word(const struct conf *conf, uint32_t index,
		 enum balance_override_kind kind, uint32_t weight,
		 struct ipc_peer_word *word)
{
	const struct conf_server *server = &conf->servers[index];

	memset(word, 0, sizeof(*word));
	word->server = server->addr;
	word->kind = kind;
	word->weight = kind == OVERRIDE_WEIGHT ? weight : 0;
	ledger_cut_name(conf->virtual_servers[server->vs].name,
			word->virtual_server);
}

static bool ledger_same_server(const struct ipc_peer_word *a,
			       const struct ipc_peer_word *b)
{
	return endpoint_cmp(&a->server, &b->server) == 0 &&
	       strncmp(a->virtual_server, b->virtual_server, PEER_NAME_MAX) ==
		       0;
}

bool ledger_means(const struct conf *conf, uint32_t index,
		  const struct ipc_peer_word *word)
{
	struct ipc_peer_word own;

	if (endpoint_cmp(&conf->servers[index].addr, &word->server) != 0)
		return false;
	ledger_word(conf, index, OVERRIDE_NONE, 0, &own);
	return ledger_same_server(&own, word);
}

static struct ipc_peer_word *ledger_find_one(const struct ledger *ledger,
					     const struct ipc_peer_word *like)
{
	size_t i;

	for (i = 0; i < ledger->nr; i++)
		if (ledger_same_server(&ledger->words[i], like))
			return &ledger->words[i];
	return NULL;
}

static void ledger_append(struct ledger *ledger,
			  const struct ipc_peer_word *word)
{
	if (ledger->nr == LEDGER_MAX)
		return;
	if (ledger->nr == ledger->room) {
		ledger->room = ledger->room ? ledger->room * 2 : 16;
		ledger->words = xrealloc_array(ledger->words, ledger->room,
					       sizeof(*word));
	}
	ledger->words[ledger->nr++] = *word;
}

bool ledger_is_future(const struct ipc_peer_word *word, int64_t now)
{
	return word->said > now + PEER_WINDOW;
}

void ledger_settle(struct ledger *ledger, int64_t now, int64_t said)
{
	size_t i;

	for (i = 0; i < ledger->nr; i++)
		if (ledger_is_future(&ledger->words[i], now))
			ledger->words[i].said = said;
}

/* Whether KNOWN, which may be NULL, is no older than a word said at SAID. */
static bool ledger_is_younger(const struct ipc_peer_word *known, int64_t said)
{
	return known && known->said >= said &&
	       !ledger_is_future(known, ledger_clock());
}

bool ledger_put(struct ledger *ledger, const struct ipc_peer_word *word)
{
	struct ipc_peer_word *known = ledger_find_one(ledger, word);

	if (ledger_is_younger(known, word->said))
		return false;
	if (known)
		*known = *word;
	else
		ledger_append(ledger, word);
	return true;
}

void ledger_say(struct ledger *ledger, struct ipc_peer_word *word)
{
	const struct ipc_peer_word *known = ledger_find_one(ledger, word);

	word->said = ledger_clock();
	if (ledger_is_younger(known, word->said))
		word->said = known->said + 1;
	ledger_put(ledger, word);
}

const struct ipc_peer_word *ledger_find(const struct ledger *ledger,
					const struct ipc_peer_word *like)
{
	return ledger_find_one(ledger, like);
}

const struct ipc_peer_word *ledger_at(const struct ledger *ledger, size_t i)
{
	return i < ledger->nr ? &ledger->words[i] : NULL;
}
