/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/overrides.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/configuration.h"
#include "lib/history.h"
#include "daemon/operator/ledger.h"
#include "daemon/options.h"
#include "daemon/operator/peer.h"
#include "daemon/operator/state.h"
#include "lib/log.h"

/* The disk was full or could not be written to. */
#define WORDS_RETRY (5 * USEC_PER_SEC)

struct words {
	struct loop *loop;
	const struct options *options;
	struct history *history;
	const struct config *config;
	struct balance *balance;
	struct loop_task *decide;
	struct ledger *ledger;
	struct peer *peer;
	struct loop_timer retry; /* of writing the state file */
	int unkept; /* -errno: the state file lacks what was said last */
	bool loaded; /* the state file has been read, and may be written */
};

static const char *overrides_words_path(const struct words *words, char *out,
					unsigned size)
{
	const char *path = words->config->conf->global.state_file;

	return path ? path :
		      options_run_path(words->options, "state.json", out, size);
}

static void overrides_words_save(struct words *words)
{
	char buffer[256];
	const char *path = overrides_words_path(words, buffer, sizeof(buffer));
	int error = state_save(path, words->balance, words->ledger);

	if (error < 0 && error != words->unkept)
		log_error("operator",
			  "%s: %s; a restart would forget what was said. It is "
			  "tried again",
			  path, strerror(-error));
	else if (error == 0 && words->unkept < 0)
		log_notice("operator", "%s holds what was said", path);
	words->unkept = error;
	if (error < 0)
		loop_timer_set(&words->retry,
			       loop_now(words->loop) + WORDS_RETRY);
	else
		loop_timer_clear(&words->retry);
}

static void overrides_words_retry(struct loop_timer *timer)
{
	overrides_words_save(container_of(timer, struct words, retry));
}

int words_kept(const struct words *words)
{
	return words->unkept;
}

/* The words get their time, and go to the other balancer. */
static void overrides_words_pass_on(struct words *words,
				    const struct operator_request *request)
{
	const struct conf *conf = words->config->conf;
	struct ipc_peer_word word;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		if (!operator_means(conf, request, i))
			continue;
		ledger_word(conf, i, request->kind, request->weight, &word);
		ledger_say(words->ledger, &word);
		peer_say(words->peer, &word);
	}
}

void words_load(struct words *words)
{
	const struct ipc_peer_word *word;
	char buffer[256];
	size_t i;

	if (words->loaded)
		return;
	state_load(overrides_words_path(words, buffer, sizeof(buffer)),
		   words->balance, words->ledger, loop_now(words->loop));
	words->loaded = true;
	/* The peer process may have been started before. */
	for (i = 0; (word = ledger_at(words->ledger, i)); i++)
		peer_say(words->peer, word);
}

unsigned words_say(struct words *words, const struct operator_request *request)
{
	unsigned said;

	/* What is in the file and not known yet would be lost. */
	words_load(words);
	said = operator_apply(words->balance, request, loop_now(words->loop));
	if (said == 0)
		return 0;
	log_notice("operator", "%s %s: %u servers",
		   operator_word(request->kind), request->server, said);
	history_add(words->history, "operator: %s %s",
		    operator_word(request->kind), request->server);
	overrides_words_pass_on(words, request);
	overrides_words_save(words);
	loop_task_want(words->decide);
	return said;
}

/*
 * A server that only the other balancer knows is none of our business; the word
 * comes again and again, and counts when we know it too.
 */
static void overrides_words_hear(void *arg, const struct ipc_peer_word *word)
{
	struct words *words = arg;
	const struct conf *conf = words->config->conf;
	enum balance_override_kind kind =
		(enum balance_override_kind)word->kind;
	char addr[ENDPOINT_TEXT_MAX];
	uint32_t i;

	if (ledger_is_future(word, ledger_clock()))
		return;
	for (i = 0; i < conf->nr_servers; i++)
		if (ledger_means(conf, i, word))
			break;
	if (i == conf->nr_servers || !ledger_put(words->ledger, word))
		return;
	/* A group may be used by several virtual servers of one name. */
	for (; i < conf->nr_servers; i++)
		if (ledger_means(conf, i, word))
			balance_override(words->balance, i, kind, word->weight,
					 loop_now(words->loop));
	peer_say(words->peer, word);
	endpoint_format(&word->server, addr);
	log_notice("operator", "%s %s, said on the other balancer",
		   operator_word(kind), addr);
	history_add(words->history, "operator on the other balancer: %s %s",
		    operator_word(kind), addr);
	/* What is in the file and not known yet would be lost. */
	if (words->loaded)
		overrides_words_save(words);
	loop_task_want(words->decide);
}

struct words *words_new(struct loop *loop, const struct options *options,
			struct history *history)
{
	struct words *words = xcalloc(1, sizeof(*words));

	words->loop = loop;
	words->options = options;
	words->history = history;
	words->ledger = ledger_new();
	loop_timer_init(loop, &words->retry, overrides_words_retry);
	words->peer = peer_new(&(struct peer_needs){
		.loop = loop,
		.options = options,
		.history = history,
		.ledger = words->ledger,
		.word = overrides_words_hear,
		.arg = words,
	});
	return words;
}

void words_free(struct words *words)
{
	if (!words)
		return;
	loop_timer_clear(&words->retry);
	peer_free(words->peer);
	ledger_free(words->ledger);
	free(words);
}

void words_configure(struct words *words, const struct config *config,
		     struct balance *balance, struct loop_task *decide)
{
	words->config = config;
	words->balance = balance;
	words->decide = decide;
	if (!words->options->only_vrrp)
		peer_configure(words->peer, config);
}

bool words_peer(const struct words *words, struct peer_view *view)
{
	return peer_get(words->peer, view);
}
