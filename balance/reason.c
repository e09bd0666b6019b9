/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Why a server is where it is, in words: the check that speaks for it with what
 * it found and the numbers that were compared, then the state of the pool.
 */
#include <stdarg.h>
#include <stdio.h>

#include "balance/internal.h"

struct words {
	char *out;
	size_t size;
	size_t used;
};

static void words_add(struct words *words, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void words_add(struct words *words, const char *fmt, ...)
{
	va_list ap;
	int len;

	if (words->used + 1 >= words->size)
		return;
	va_start(ap, fmt);
	len = vsnprintf(words->out + words->used, words->size - words->used,
			fmt, ap);
	va_end(ap);
	if (len > 0)
		words->used += (size_t)len;
	if (words->used >= words->size)
		words->used = words->size - 1;
}

static void reason_outcome(struct words *words, const struct check_state *state)
{
	words_add(words, "%s",
		  state->text ? state->text :
				outcome_info(state->outcome)->text);
	if (state->server_errno)
		words_add(words, " (error %u)", state->server_errno);
}

static void reason_check(struct words *words, const struct conf_check *conf,
			 const struct check_state *state)
{
	char text[ENDPOINT_TEXT_MAX];

	words_add(words, "%s %s", check_kind_name(conf->kind),
		  endpoint_format(&conf->dst, text));
	switch (health_state(&state->health, conf->rise)) {
	case HEALTH_UP:
		if (!state->proven)
			words_add(words,
				  " not checked yet, taken over as serving");
		else if (state->failures)
			words_add(words, " failed %u of %u times in a row: ",
				  state->failures, conf->fall);
		else
			words_add(words, " passed in %u.%03u ms",
				  state->duration / 1000,
				  state->duration % 1000);
		if (state->proven && state->failures)
			reason_outcome(words, state);
		break;
	case HEALTH_DOWN:
		if (!state->proven && state->outcome == PROBE_NONE) {
			words_add(words,
				  " not checked yet, taken over as down");
			break;
		}
		if (state->failures) {
			words_add(words,
				  " failed %u times in a row (fall %u): ",
				  state->failures, conf->fall);
			reason_outcome(words, state);
		} else {
			words_add(
				words,
				" passed %u of the %u times in a row that it takes",
				state->health.value, conf->rise);
		}
		break;
	case HEALTH_UNKNOWN:
		words_add(words, state->outcome == PROBE_NONE ?
					 " has not ended yet" :
					 " cannot judge: ");
		if (state->outcome != PROBE_NONE)
			reason_outcome(words, state);
		break;
	}
}

/* The check that decides: the worst one, the first of equals. */
static void reason_checks(struct words *words, const struct balance *balance,
			  uint32_t server)
{
	const struct conf_server *conf = &balance->conf->servers[server];
	uint32_t i, pick = 0;
	int worst = -1;

	for (i = 0; i < conf->nr_uses; i++) {
		uint32_t check = conf->uses[i].check;
		static const int badness[] = {
			[HEALTH_UNKNOWN] = 1, [HEALTH_DOWN] = 2, [HEALTH_UP] = 0
		};
		int bad =
			badness[health_state(&balance->checks[check].health,
					     balance->conf->checks[check].rise)];

		if (bad > worst) {
			worst = bad;
			pick = check;
		}
	}
	if (conf->nr_uses == 0)
		words_add(words, "no check");
	else
		reason_check(words, &balance->conf->checks[pick],
			     &balance->checks[pick]);
}

static void reason_pool(struct words *words, const struct balance *balance,
			uint32_t vs)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	const struct vs_state *state = &balance->services[vs];

	words_add(words, "; %u of %u servers up", state->up, conf->nr_servers);
	if (conf->quorum > 1 || addr_is_set(&conf->sorry.addr.addr))
		words_add(words, ", weight %llu, quorum %u %s",
			  (unsigned long long)state->up_weight, conf->quorum,
			  state->quorum ? "reached" : "not reached");
	if (state->sorry)
		words_add(words, ", the sorry server serves");
	else if (state->level == LEVEL_UNPROVEN)
		words_add(words, ", servers that cannot be judged serve");
}

const char *balance_reason(const struct balance *balance, uint32_t vs,
			   uint32_t server, usec_t now, char *out, size_t size)
{
	struct words words = { .out = out, .size = size };

	out[0] = '\0';
	if (vs >= balance->conf->nr_virtual_servers)
		return out;
	if (server == REF_SORRY)
		words_add(&words, "sorry server");
	else if (server < balance->conf->nr_servers)
		reason_checks(&words, balance, server);
	reason_pool(&words, balance, vs);
	return out;
}
