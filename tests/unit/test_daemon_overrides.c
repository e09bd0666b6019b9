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

bool peer_proc_get(const struct peer_proc *peer, struct peer_proc_view *view)
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

int state_save(const char *path, const struct balance *balance,
	       const struct override_store *store)
{
	saves++;
	return 0;
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
	overrides = overrides_new(loop, "/nonexistent", true, history);
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
	channel.word(channel.arg, &word);
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
