/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Overrides and seats between the balance, the state file and the other
 * balancer. The channel and the file are made here, as far as they matter.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "conf/sealed.h"
#include "daemon/operator/overrides.h"
#include "daemon/operator/peer_proc.h"
#include "daemon/operator/state.h"
#include "daemon/operator/override_store.h"
#include "daemon/operator/word_index.h"
#include "lib/history.h"
#include "lib/log.h"

static struct peer_proc_needs channel;
static unsigned saves, said, messages;

struct peer_proc *peer_proc_new(const struct peer_proc_needs *needs)
{
	channel = *needs;
	return NULL;
}

void peer_proc_free(struct peer_proc *peer)
{
}

void peer_proc_configure(struct peer_proc *peer, const struct config *config)
{
}

bool peer_proc_get(const struct peer_proc *peer, uint32_t i,
		   struct peer_proc_view *view)
{
	return false;
}

void peer_proc_say(struct peer_proc *peer, const struct ipc_peer_word *words,
		   size_t count)
{
	cr_assert_leq(count, IPC_PEER_WORDS_MAX);
	said += (unsigned)count;
	messages += count > 0;
}

void peer_proc_report(struct peer_proc *peer, const struct ipc_peer_page *pages,
		      uint32_t count)
{
}

char *state_format(const struct balance *balance,
		   const struct override_store *store)
{
	saves++;
	return strdup("{}");
}

int state_load(const char *path, struct balance *balance,
	       struct override_store *store, usec_t now)
{
	return 0;
}

static struct conf_slow_start no_slow_start;
static struct service_key keys[2];
static struct conf_virtual_server pools[2] = {
	{ .name = "v", .keys = &keys[0], .nr_keys = 1, .writers = 1 },
	{ .name = "v", .keys = &keys[1], .nr_keys = 1, .writers = 1 },
};
static struct conf_server servers[100];
static struct conf conf = { .virtual_servers = pools,
			    .nr_virtual_servers = 1,
			    .servers = servers };
static struct config config = { .conf = &conf };
static struct loop *loop;
static struct history *history;
static struct loop_task decide;
static struct overrides *overrides;
static struct balance *balance;

static void wanted(struct loop_task *task)
{
}

static void kept(void *arg)
{
}

/* The file has servers 10.0.0.FIRST and following, COUNT in each of POOLS. */
static void file_has(unsigned first, unsigned count, unsigned nr_pools)
{
	unsigned i;

	conf.nr_virtual_servers = nr_pools;
	conf.nr_servers = count * nr_pools;
	for (i = 0; i < conf.nr_servers; i++) {
		char text[32];

		snprintf(text, sizeof(text), "10.0.0.%u:3306",
			 first + i % count);
		cr_assert_eq(endpoint_parse(&servers[i].addr, text), 0);
		servers[i].vs = i / count;
		servers[i].slow_start = &no_slow_start;
		pools[i / count].first_server = i / count * count;
		pools[i / count].nr_servers = count;
	}
	balance_free(balance);
	balance = balance_new(&conf, 1);
	overrides_configure(overrides, &config, balance, &decide);
}

static void setup(void)
{
	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	loop = loop_new();
	history = history_new();
	loop_task_init(loop, &decide, wanted);
	keys[1].protocol = IPPROTO_UDP;
	overrides = overrides_new(&(struct overrides_needs){
		.loop = loop,
		.state_file = "/nonexistent",
		.replicate = true,
		.history = history,
		.kept = kept,
	});
	file_has(1, 2, 1);
	overrides_load(overrides);
}

static void teardown(void)
{
	overrides_free(overrides);
	balance_free(balance);
	loop_task_clear(&decide);
	history_free(history);
	loop_free(loop);
}

TestSuite(overrides, .init = setup, .fini = teardown);

static int64_t term_of(uint32_t server)
{
	struct balance_server_view view;

	balance_view_server(balance, server, &view);
	return view.term;
}

static void peer_gives(uint32_t server, int64_t term)
{
	struct ipc_peer_word word;

	override_store_seat(&conf, server, term, &word);
	channel.word(channel.arg, &word, "192.0.2.3:8850");
}

/* A message of many words is one write of the file. */
Test(overrides, the_file_is_written_once_a_message)
{
	peer_gives(0, 3);
	peer_gives(1, 4);
	cr_expect_eq(saves, 0);
	channel.heard(channel.arg);
	cr_expect_eq(saves, 1);
	/* Known words: nothing to write. */
	peer_gives(0, 3);
	channel.heard(channel.arg);
	cr_expect_eq(saves, 1);
}

/* Who fell is kept as soon as it is known, though nobody else need hear of it. */
Test(overrides, who_fell_is_kept)
{
	struct table table = { 0 };

	balance_fell(balance, 0);
	overrides_share_seats(overrides);
	cr_expect_eq(saves, 0, "known from the file");
	/* Without the word in the pool it is nothing. */
	balance_decide(balance, 2, &table);
	overrides_share_seats(overrides);
	cr_expect_eq(saves, 1);
	cr_expect_eq(said, 0);
	overrides_share_seats(overrides);
	cr_expect_eq(saves, 1);
	table_free(&table);
}

Test(overrides, seats_are_told_in_few_messages)
{
	unsigned i;

	file_has(1, 100, 1);
	for (i = 0; i < 100; i++)
		balance_failback(balance, i);
	messages = said = saves = 0;
	overrides_share_seats(overrides);
	cr_expect_eq(said, 100);
	cr_expect_eq(messages, 2);
	cr_expect_eq(saves, 1);
}

/* What the store knows of a server counts again when the server returns. */
Test(overrides, a_server_returns_with_its_term)
{
	peer_gives(0, 3);
	cr_assert_eq(term_of(0), 3);
	file_has(2, 1, 1);
	cr_assert_eq(term_of(0), 0);
	file_has(1, 2, 1);
	cr_assert_eq(term_of(0), 3);
	/* The next one is younger. */
	balance_failback(balance, 1);
	cr_assert_eq(term_of(1), 4);
}

/* A group that TCP and UDP use: one name, one set of terms. */
Test(overrides, pools_of_one_name_share_their_terms)
{
	file_has(1, 2, 2);
	cr_assert_eq(servers[3].vs, 1);
	balance_failback(balance, 1);
	cr_assert_eq(term_of(1), 1);
	overrides_share_seats(overrides);
	cr_expect_eq(term_of(3), 1);
	cr_expect(decide.wanted, "the other pool may choose differently now");
	cr_expect_eq(said, 1);
	/* Nothing new: nothing is said, nothing is decided. */
	loop_task_clear(&decide);
	overrides_share_seats(overrides);
	cr_expect_not(decide.wanted);
	cr_expect_eq(said, 1);
}

static usec_t paused_until(uint32_t vs)
{
	struct balance_vs_view view;

	balance_view_vs(balance, vs, &view);
	return view.paused_until;
}

static void peer_pauses(uint32_t vs, uint32_t ms, int64_t when)
{
	struct ipc_peer_word word;

	override_store_pause(&conf, vs, ms, &word);
	word.said = when;
	channel.word(channel.arg, &word, "192.0.2.3:8850");
}

Test(overrides, a_pause_is_shared_and_ends)
{
	usec_t now = loop_now(loop);

	said = saves = 0;
	cr_expect_eq(overrides_pause(overrides, "nobody", USEC_PER_SEC), 0);
	cr_expect_eq(said + saves, 0);
	cr_expect_eq(overrides_pause(overrides, "v", 60 * USEC_PER_SEC), 1);
	cr_expect_eq(said, 1);
	cr_expect_eq(saves, 1);
	/* The wall clock went on a little between the word and its use. */
	cr_expect_gt(paused_until(0), now + 50 * USEC_PER_SEC);
	cr_expect_leq(paused_until(0), now + 60 * USEC_PER_SEC);
	cr_expect_eq(overrides_pause(overrides, NULL, 0), 1);
	cr_expect_eq(paused_until(0), 0);
}

/* Of two words the younger counts, wherever it was said. */
Test(overrides, the_last_word_on_a_pool_counts)
{
	int64_t clock = override_store_clock();

	peer_pauses(0, 60000, clock - 10 * USEC_PER_SEC);
	cr_expect_neq(paused_until(0), 0);
	/* Of the minute, ten seconds were over when it was heard. */
	cr_expect_leq(paused_until(0), loop_now(loop) + 50 * USEC_PER_SEC);
	overrides_pause(overrides, NULL, 0);
	peer_pauses(0, 60000, clock - 5 * USEC_PER_SEC);
	cr_expect_eq(paused_until(0), 0, "an older word takes nothing back");
	peer_pauses(0, 60000, clock + 5 * USEC_PER_SEC);
	cr_expect_neq(paused_until(0), 0);
	peer_pauses(0, 0, clock + 6 * USEC_PER_SEC);
	cr_expect_eq(paused_until(0), 0);
	/* Said long ago, heard now: it is over. */
	peer_pauses(0, 1000, clock + 7 * USEC_PER_SEC);
	cr_expect_neq(paused_until(0), 0);
	peer_pauses(0, 60000, clock + 3600 * USEC_PER_SEC);
	cr_expect_leq(paused_until(0), loop_now(loop) + 9 * USEC_PER_SEC,
		      "a word from the future is none");
}

/* A pool that returns has the rest of its pause; so has one of a reload. */
Test(overrides, a_pause_outlives_a_reload)
{
	usec_t until;

	file_has(1, 2, 2);
	overrides_pause(overrides, NULL, 60 * USEC_PER_SEC);
	until = paused_until(1);
	cr_expect_neq(until, 0);
	file_has(1, 2, 1);
	cr_expect_neq(paused_until(0), 0);
	file_has(1, 2, 2);
	cr_expect_neq(paused_until(1), 0);
	overrides_pause(overrides, NULL, 0);
	file_has(1, 2, 2);
	cr_expect_eq(paused_until(1), 0);
}

/* Two words in one datagram: the pause keeps the table that the first made. */
Test(overrides, a_word_before_the_pause_counts)
{
	struct table table = { 0 };
	struct ipc_peer_word word;

	pools[0].writers = 0;
	balance_decide(balance, 1, &table);
	cr_assert_eq(table.nr_dests, 2);
	override_store_word(&conf, 1, OVERRIDE_DISABLE, 0, &word);
	word.said = override_store_clock();
	channel.word(channel.arg, &word, "192.0.2.3:8850");
	peer_pauses(0, 60000, word.said);
	balance_decide(balance, 2, &table);
	cr_expect_eq(table.nr_dests, 1);
	table_free(&table);
}

#define LONG16 "0123456789abcdef"
#define LONG96 LONG16 LONG16 LONG16 LONG16 LONG16 LONG16

/* Found is whatever is meant: IPv6, one address in several pools, cut names. */
Test(overrides, words_find_their_servers_and_pools)
{
	static const char *const names[][2] = { { "v", "v" },
						{ "v", "w" },
						{ LONG96 "1", LONG96 "2" } };
	struct word_index index = { 0 };
	struct ipc_peer_word word;
	struct index_walk walk;
	unsigned n, i, k, found;
	uint32_t at;

	for (n = 0; n < ARRAY_SIZE(names); n++) {
		file_has(1, 4, 2);
		pools[0].name = names[n][0];
		pools[1].name = names[n][1];
		cr_assert_eq(endpoint_parse(&servers[2].addr, "[fd00::1]:3306"),
			     0);
		cr_assert_eq(endpoint_parse(&servers[3].addr, "10.0.0.1:3307"),
			     0);
		word_index_make(&index, &conf);
		for (i = 0; i < conf.nr_servers; i++) {
			override_store_seat(&conf, i, 1, &word);
			found = 0;
			word_index_for_each_server (&index, &word, &walk, at)
				found |= 1u << at;
			for (k = 0; k < conf.nr_servers; k++)
				cr_expect_eq(
					!!(found & 1u << k),
					override_store_means(&conf, k, &word),
					"%u: word on %u, server %u", n, i, k);
		}
		for (i = 0; i < 2; i++) {
			override_store_pause(&conf, i, 1, &word);
			found = 0;
			word_index_for_each_pool (&index, &word, &walk, at)
				found |= 1u << at;
			cr_expect_eq(found, n == 1 ? 1u << i : 3);
		}
		override_store_word(&conf, 0, OVERRIDE_DRAIN, 0, &word);
		word.server.port = htons(9);
		walk = (struct index_walk){ 0 };
		cr_expect_eq(word_index_server(&index, &word, &walk),
			     INDEX_END);
	}
	word_index_free(&index);
	pools[0].name = pools[1].name = "v";
}
