/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Operators' words: as datagrams, in the store, in the state file. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/operator/override_store.h"
#include "daemon/operator/peer_wire.h"
#include "daemon/operator/state.h"
#include "lib/log.h"
#include "lib/replace.h"

#define NOW (1700000000 * USEC_PER_SEC)

static const struct ipc_peer_conf key = { .length = 16,
					  .key = "0123456789abcdef" };

static struct ipc_peer_word word_of(const char *server, const char *vs,
				    enum balance_override_kind kind,
				    int64_t said)
{
	struct ipc_peer_word word = { .said = said,
				      .kind = kind,
				      .weight = kind == OVERRIDE_WEIGHT ? 7 :
									  0 };

	cr_assert_eq(endpoint_parse(&word.server, server), 0);
	snprintf(word.virtual_server, sizeof(word.virtual_server), "%s", vs);
	return word;
}

Test(peer, datagrams_round_trip)
{
	uint8_t packet[PEER_PACKET_MAX];
	struct ipc_peer_word sent[PEER_WORDS_MAX];
	struct peer_heard got;
	size_t length, count;

	for (count = 0; count < PEER_WORDS_MAX; count++)
		sent[count] = word_of(count % 2 ? "10.0.0.1:3306" :
						  "[2001:db8::1]:3306",
				      "192.0.2.1:3306",
				      (enum balance_override_kind)(count % 4),
				      NOW - (int64_t)count);
	for (count = 0; count <= PEER_WORDS_MAX; count++) {
		length = peer_encode(&key, sent, count, NOW, packet);
		cr_assert_eq(peer_decode(&key, packet, length, NOW, &got), 0);
		cr_assert_eq(got.count, count);
		cr_assert_eq(got.future, 0);
		cr_assert_arr_eq(got.words, sent, count * sizeof(sent[0]));
	}
}

/* Terms of seats go in datagrams that an older version refuses as a whole. */
Test(peer, seats_travel_apart)
{
	struct ipc_peer_word sent[2];
	uint8_t packet[PEER_PACKET_MAX];
	struct peer_heard got;
	size_t length;

	sent[0] = word_of("10.0.0.1:3306", "v", OVERRIDE_NONE, 5);
	sent[0].kind = PEER_KIND_SEAT;
	length = peer_encode(&key, sent, 1, NOW, packet);
	cr_assert_eq(packet[4], 2);
	cr_assert_eq(peer_decode(&key, packet, length, NOW, &got), 0);
	cr_assert_eq(got.count, 1);
	cr_assert_arr_eq(got.words, sent, sizeof(sent[0]));
	/* Neither in the datagrams of the other. */
	sent[1] = word_of("10.0.0.1:3306", "v", OVERRIDE_DRAIN, NOW);
	length = peer_encode(&key, sent, 2, NOW, packet);
	cr_assert_eq(peer_decode(&key, packet, length, NOW, &got), -EBADMSG);
	sent[0].kind = OVERRIDE_DRAIN;
	sent[1].kind = PEER_KIND_SEAT;
	length = peer_encode(&key, sent, 2, NOW, packet);
	cr_assert_eq(packet[4], 1);
	cr_assert_eq(peer_decode(&key, packet, length, NOW, &got), -EBADMSG);
}

/* So do pauses, and any length that a word can have comes through. */
Test(peer, pauses_travel_apart)
{
	struct ipc_peer_word sent[2];
	uint8_t packet[PEER_PACKET_MAX];
	struct peer_heard got;
	size_t length;

	sent[0] = word_of("0.0.0.0:0", "pool", OVERRIDE_NONE, NOW);
	sent[0].kind = PEER_KIND_PAUSE;
	sent[0].weight = INT32_MAX;
	sent[1] = sent[0];
	sent[1].weight = 0;
	length = peer_encode(&key, sent, 2, NOW, packet);
	cr_assert_eq(packet[4], 3);
	cr_assert_eq(peer_decode(&key, packet, length, NOW, &got), 0);
	cr_assert_eq(got.count, 2);
	cr_assert_arr_eq(got.words, sent, sizeof(sent));
	sent[1].kind = OVERRIDE_DRAIN;
	length = peer_encode(&key, sent, 2, NOW, packet);
	cr_assert_eq(peer_decode(&key, packet, length, NOW, &got), -EBADMSG);
}

Test(peer, nothing_wrong_is_taken)
{
	struct ipc_peer_word sent =
		word_of("10.0.0.1:3306", "v", OVERRIDE_DRAIN, NOW);
	struct peer_heard got;
	struct ipc_peer_conf other = key;
	uint8_t packet[PEER_PACKET_MAX];
	size_t length = peer_encode(&key, &sent, 1, NOW, packet), i;

	for (i = 0; i < length * 8; i++) {
		packet[i / 8] ^= (uint8_t)(1u << i % 8);
		cr_assert_eq(peer_decode(&key, packet, length, NOW, &got),
			     -EKEYREJECTED, "bit %zu", i);
		packet[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	for (i = 0; i < length; i++)
		cr_assert_lt(peer_decode(&key, packet, i, NOW, &got), 0);
	other.key[3] ^= 1;
	cr_assert_eq(peer_decode(&other, packet, length, NOW, &got),
		     -EKEYREJECTED);
	cr_assert_eq(peer_decode(&key, packet, length, NOW + PEER_WINDOW, &got),
		     0);
	cr_assert_eq(peer_decode(&key, packet, length, NOW + PEER_WINDOW + 1,
				 &got),
		     -ETIME, "it was recorded");
	cr_assert_eq(peer_decode(&key, packet, length, NOW - PEER_WINDOW - 1,
				 &got),
		     -ETIME);
	sent.kind = OVERRIDE_WEIGHT + 1;
	length = peer_encode(&key, &sent, 1, NOW, packet);
	cr_assert_eq(peer_decode(&key, packet, length, NOW, &got), -EBADMSG);
}

/* The manual's minute, in both directions, for datagrams and for words. */
Test(peer, clocks_may_differ_by_a_minute_and_no_more)
{
	static const int64_t minute = 60000000; /* us */
	struct ipc_peer_word word =
		word_of("10.0.0.1:3306", "v", OVERRIDE_DRAIN, NOW);
	uint8_t packet[PEER_PACKET_MAX];
	struct peer_heard got;
	size_t length = peer_encode(&key, &word, 1, NOW, packet);

	cr_expect_eq(peer_decode(&key, packet, length, NOW + minute, &got), 0);
	cr_expect_eq(peer_decode(&key, packet, length, NOW + minute + 1, &got),
		     -ETIME);
	cr_expect_eq(peer_decode(&key, packet, length, NOW - minute, &got), 0);
	cr_expect_eq(got.future, 0, "as old as the datagram");
	cr_expect_eq(peer_decode(&key, packet, length, NOW - minute - 1, &got),
		     -ETIME);
	word.said = NOW + minute;
	length = peer_encode(&key, &word, 1, NOW, packet);
	cr_expect_eq(peer_decode(&key, packet, length, NOW, &got), 0);
	cr_expect_eq(got.future, 0);
	cr_expect_eq(got.count, 1);
	cr_expect_not(override_store_is_future(&word, NOW));
	word.said++;
	length = peer_encode(&key, &word, 1, NOW, packet);
	cr_expect_eq(peer_decode(&key, packet, length, NOW, &got), 0);
	cr_expect_eq(got.future, 1);
	cr_expect_eq(got.count, 0);
	cr_expect(override_store_is_future(&word, NOW));
}

/* A word from the future could not be taken back; those beside it are right. */
Test(peer, a_word_from_the_future_is_passed_over_alone)
{
	struct ipc_peer_word sent[3];
	uint8_t packet[PEER_PACKET_MAX];
	struct peer_heard got;
	size_t length, i;

	for (i = 0; i < 3; i++)
		sent[i] = word_of("10.0.0.1:3306", "v", OVERRIDE_DRAIN,
				  NOW + (int64_t)i);
	sent[1].said = NOW + PEER_WINDOW + 1;
	length = peer_encode(&key, sent, 3, NOW, packet);
	cr_assert_eq(peer_decode(&key, packet, length, NOW, &got), 0);
	cr_assert_eq(got.count, 2);
	cr_assert_eq(got.future, 1);
	cr_assert_eq(got.words[0].said, sent[0].said);
	cr_assert_eq(got.words[1].said, sent[2].said);
}

/*
 * What was said while the clock was wrong does not outlive the next word of
 * anybody, on whichever balancer, and is passed on once the clocks agree.
 */
Test(peer, a_time_from_the_future_does_not_last)
{
	struct override_store *store = override_store_new();
	struct ipc_peer_word wrong =
		word_of("10.0.0.1:3306", "v", OVERRIDE_DRAIN, 0);
	struct ipc_peer_word ready = wrong, was;
	int64_t now = override_store_clock();
	size_t at = 0;

	wrong.said = now + 365 * 86400 * USEC_PER_SEC;
	ready.kind = OVERRIDE_NONE;
	cr_assert(override_store_put(store, &wrong, override_store_clock()));
	override_store_say(store, &ready, override_store_clock());
	cr_assert_eq(override_store_find(store, &wrong)->kind, OVERRIDE_NONE);
	cr_assert_leq(ready.said, override_store_clock(), "the future goes on");

	/* The same word from the other balancer, an hour old by now. */
	ready.said = now - 3600 * USEC_PER_SEC;
	wrong.said = now + 2 * PEER_WINDOW;
	cr_assert(override_store_put(store, &wrong, override_store_clock()));
	cr_assert(override_store_put(store, &ready, override_store_clock()));
	cr_assert_eq(override_store_find(store, &wrong)->said, ready.said);

	/* Nobody spoke since; now is known to be now. */
	cr_assert(override_store_put(store, &wrong, override_store_clock()));
	cr_assert(override_store_settle(store, now, now - 5, &at, &was));
	cr_assert_eq(was.said, wrong.said);
	cr_assert_not(override_store_settle(store, now, now - 5, &at, &was));
	cr_assert_eq(override_store_find(store, &wrong)->said, now - 5);
	cr_assert_eq(override_store_find(store, &wrong)->kind, OVERRIDE_DRAIN);
	ready.said = now - 5;
	cr_assert_not(override_store_put(store, &ready, override_store_clock()),
		      "it was said before");
	override_store_free(store);
}

Test(peer, the_younger_word_counts)
{
	struct override_store *one = override_store_new(),
			      *other = override_store_new();
	struct ipc_peer_word drain =
		word_of("10.0.0.1:3306", "v", OVERRIDE_DRAIN, NOW);
	struct ipc_peer_word ready =
		word_of("10.0.0.1:3306", "v", OVERRIDE_NONE, NOW + 1);
	struct ipc_peer_word elsewhere =
		word_of("10.0.0.1:3306", "w", OVERRIDE_DISABLE, NOW);

	cr_assert(override_store_put(one, &drain, override_store_clock()));
	cr_assert_not(override_store_put(one, &drain, override_store_clock()),
		      "it was said already");
	cr_assert(override_store_put(one, &ready, override_store_clock()));
	cr_assert_not(override_store_put(one, &drain, override_store_clock()),
		      "an old word");
	cr_assert(override_store_put(one, &elsewhere, override_store_clock()));
	/* In another order it comes to the same. */
	cr_assert(override_store_put(other, &ready, override_store_clock()));
	cr_assert_not(
		override_store_put(other, &drain, override_store_clock()));
	cr_assert_eq(override_store_find(one, &drain)->kind, OVERRIDE_NONE);
	cr_assert_eq(override_store_find(other, &drain)->kind, OVERRIDE_NONE);
	cr_assert_eq(override_store_find(one, &elsewhere)->kind,
		     OVERRIDE_DISABLE);
	cr_assert_null(override_store_find(other, &elsewhere));
	/* The clock was set back: what is said now is the last word all the same. */
	ready.said = override_store_clock() + PEER_WINDOW / 2;
	cr_assert(override_store_put(one, &ready, override_store_clock()));
	override_store_say(one, &drain, override_store_clock());
	cr_assert_eq(drain.said, ready.said + 1);
	cr_assert_eq(override_store_find(one, &ready)->kind, OVERRIDE_DRAIN);
	override_store_free(one);
	override_store_free(other);
}

#define LATER (3600 * USEC_PER_SEC)

static struct conf_slow_start no_slow_start;
static struct service_key service;
static struct conf_virtual_server vs = {
	.name = "v", .keys = &service, .nr_keys = 1, .nr_servers = 2
};
static struct conf_server servers[2];
static struct conf conf = { .virtual_servers = &vs,
			    .nr_virtual_servers = 1,
			    .servers = servers,
			    .nr_servers = 2 };

static enum balance_override_kind override_of(const struct balance *balance,
					      uint32_t server)
{
	struct balance_server_view view;

	balance_view_server(balance, server, &view);
	return view.override;
}

/* Both words and their times outlive a restart; a younger one heard before wins. */
/* A seat and an operator's word on one server stand side by side. */
Test(peer, seats_are_kept_beside_the_words)
{
	struct override_store *store = override_store_new();
	struct ipc_peer_word seat,
		word = word_of("10.0.0.1:3306", "v", OVERRIDE_DRAIN, 9);

	seat = word;
	seat.kind = PEER_KIND_SEAT;
	seat.said = 3;
	cr_assert(override_store_put(store, &word, override_store_clock()));
	cr_assert(override_store_put(store, &seat, override_store_clock()));
	cr_assert_eq(override_store_find(store, &seat)->said, 3);
	cr_assert_eq(override_store_find(store, &word)->said, 9);
	seat.said = 2;
	cr_assert_not(override_store_put(store, &seat, override_store_clock()));
	override_store_free(store);
}

static usec_t paused_until(const struct balance *balance)
{
	struct balance_vs_view view;

	balance_view_vs(balance, 0, &view);
	return view.paused_until;
}

static void pause_says(struct override_store *store, uint32_t ms, usec_t ago)
{
	struct ipc_peer_word word;

	override_store_pause(&conf, 0, ms, &word);
	word.said = override_store_clock() - ago;
	cr_assert(override_store_put(store, &word, override_store_clock()));
}

static int state_save(const char *path, const struct balance *balance,
		      const struct override_store *store)
{
	char *text = state_format(balance, store);
	int error = replace_file(path, text, strlen(text));

	free(text);
	return error;
}

/* The rest of a pause outlives a restart, and so does the word that ends one. */
Test(peer, state_file_holds_the_pauses)
{
	char path[] = "/tmp/evenkeel-pauses-XXXXXX";
	struct override_store *store = override_store_new(),
			      *after = override_store_new();
	struct balance *balance;

	conf.nr_servers = 0;
	cr_assert_geq(close(mkstemp(path)), 0);
	balance = balance_new(&conf, 1);
	pause_says(store, 600000, 60 * USEC_PER_SEC);
	cr_assert_eq(state_save(path, balance, store), 0);
	cr_assert_eq(state_load(path, balance, after, LATER), 0);
	cr_expect_gt(paused_until(balance), LATER + 500 * USEC_PER_SEC);
	cr_expect_leq(paused_until(balance), LATER + 540 * USEC_PER_SEC);
	cr_expect_eq(override_store_at(after, 0)->weight, 600000);
	/* The pause that the other balancer still repeats was taken back. */
	pause_says(store, 0, 30 * USEC_PER_SEC);
	cr_assert_eq(state_save(path, balance, store), 0);
	override_store_free(after);
	after = override_store_new();
	balance_free(balance);
	balance = balance_new(&conf, 1);
	cr_assert_eq(state_load(path, balance, after, LATER), 0);
	cr_expect_eq(paused_until(balance), 0);
	cr_expect_eq(override_store_at(after, 0)->weight, 0);
	/* While the daemon was away the time was over. */
	pause_says(store, 1000, 2 * USEC_PER_SEC);
	cr_assert_eq(state_save(path, balance, store), 0);
	cr_assert_eq(state_load(path, balance, after, LATER), 0);
	cr_expect_eq(paused_until(balance), 0);
	balance_free(balance);
	override_store_free(store);
	override_store_free(after);
	unlink(path);
}

/* An impossible pause holds nothing, and takes nothing else along. */
Test(peer, an_impossible_pause_is_passed_over)
{
	static const char *const wrong[] = {
		"\"for_ms\":-1,\"said_us\":NOW",
		"\"for_ms\":5000000000,\"said_us\":NOW",
		"\"for_ms\":9e99,\"said_us\":NOW",
		"\"for_ms\":1000,\"said_us\":0",
		"\"for_ms\":1000,\"said_us\":9000000000000000000",
		"\"for_ms\":{},\"said_us\":[]",
		"\"other\":1",
	};
	char path[] = "/tmp/evenkeel-pauses-XXXXXX", entry[256];
	struct override_store *store;
	struct balance *balance;
	const char *at;
	size_t i;
	FILE *file;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	servers[0].slow_start = servers[1].slow_start = &no_slow_start;
	endpoint_parse(&servers[0].addr, "10.0.0.1:3306");
	cr_assert_geq(close(mkstemp(path)), 0);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		at = strstr(wrong[i], "NOW");
		snprintf(entry, sizeof(entry), "%.*s",
			 at ? (int)(at - wrong[i]) : (int)strlen(wrong[i]),
			 wrong[i]);
		if (at)
			snprintf(entry + strlen(entry),
				 sizeof(entry) - strlen(entry), "%lld",
				 (long long)override_store_clock());
		store = override_store_new();
		balance = balance_new(&conf, 1);
		file = fopen(path, "w");
		cr_assert_not_null(file);
		fprintf(file,
			"{\"version\":1,\"overrides\":[{\"virtual_server\":\"v\","
			"\"server\":\"10.0.0.1:3306\",\"word\":\"drain\"}],"
			"\"pauses\":[{\"virtual_server\":\"v\",%s},"
			"{\"virtual_server\":\"gone\",\"for_ms\":1,"
			"\"said_us\":1}]}",
			entry);
		fclose(file);
		cr_expect_eq(state_load(path, balance, store, LATER), 0, "%s",
			     wrong[i]);
		cr_expect_eq(access(path, F_OK), 0, "%s", wrong[i]);
		cr_expect_eq(override_of(balance, 0), OVERRIDE_DRAIN);
		cr_expect_eq(paused_until(balance), 0, "%s", wrong[i]);
		balance_free(balance);
		override_store_free(store);
	}
	unlink(path);
}

static int64_t term_of(const struct balance *balance, uint32_t server)
{
	struct balance_server_view view;

	balance_view_server(balance, server, &view);
	return view.term;
}

Test(peer, state_file_holds_the_seats)
{
	char path[] = "/tmp/evenkeel-seats-XXXXXX";
	struct override_store *store = override_store_new();
	struct balance *balance, *again;
	struct ipc_peer_word word;
	int fd = mkstemp(path), i;

	cr_assert_geq(fd, 0);
	close(fd);
	for (i = 0; i < 2; i++) {
		servers[i].slow_start = &no_slow_start;
		endpoint_parse(&servers[i].addr,
			       i ? "10.0.0.2:3306" : "10.0.0.1:3306");
	}
	balance = balance_new(&conf, 1);
	balance_seat(balance, 1, 7);
	cr_assert_eq(state_save(path, balance, store), 0);
	again = balance_new(&conf, 1);
	cr_assert_eq(state_load(path, again, store, LATER), 0);
	cr_assert_eq(term_of(again, 0), 0);
	cr_assert_eq(term_of(again, 1), 7);
	override_store_seat(&conf, 1, 1, &word);
	cr_assert_not_null(override_store_find(store, &word));
	cr_assert_eq(override_store_find(store, &word)->said, 7);
	balance_free(again);
	balance_free(balance);
	override_store_free(store);
	unlink(path);
}

/*
 * A daemon that is started with a file that lacks a server keeps the server's seat
 * for one that is started with it again, and gives no term that it had.
 */
Test(peer, state_file_holds_the_seats_of_servers_that_left)
{
	char path[] = "/tmp/evenkeel-seats-XXXXXX";
	struct override_store *store = override_store_new();
	struct balance *balance;
	int i;

	cr_assert_geq(close(mkstemp(path)), 0);
	for (i = 0; i < 2; i++) {
		servers[i].slow_start = &no_slow_start;
		endpoint_parse(&servers[i].addr,
			       i ? "10.0.0.2:3306" : "10.0.0.1:3306");
	}
	vs.writers = 1;
	balance = balance_new(&conf, 1);
	balance_seat(balance, 0, 6);
	balance_seat(balance, 1, 7);
	balance_fell(balance, 0);
	cr_assert_eq(state_save(path, balance, store), 0);
	balance_free(balance);
	override_store_free(store);

	store = override_store_new();
	conf.nr_servers = 1;
	vs.nr_servers = 1;
	balance = balance_new(&conf, 1);
	cr_assert_eq(state_load(path, balance, store, LATER), 0);
	cr_expect_eq(term_of(balance, 0), 6);
	balance_failback(balance, 0);
	cr_expect_eq(term_of(balance, 0), 8, "younger than that of who left");
	cr_assert_eq(state_save(path, balance, store), 0);
	balance_free(balance);
	override_store_free(store);

	store = override_store_new();
	conf.nr_servers = 2;
	vs.nr_servers = 2;
	balance = balance_new(&conf, 1);
	cr_assert_eq(state_load(path, balance, store, LATER), 0);
	cr_expect_eq(term_of(balance, 0), 8);
	cr_expect_eq(term_of(balance, 1), 7);
	balance_free(balance);
	override_store_free(store);
	vs.writers = 0;
	unlink(path);
}

/* Without a term, too: all are dead, and none was ever given. */
Test(peer, state_file_holds_who_fell)
{
	char path[] = "/tmp/evenkeel-seats-XXXXXX";
	struct override_store *store = override_store_new();
	struct balance_server_view view;
	struct balance *balance;
	int i;

	cr_assert_geq(close(mkstemp(path)), 0);
	for (i = 0; i < 2; i++) {
		servers[i].slow_start = &no_slow_start;
		endpoint_parse(&servers[i].addr,
			       i ? "10.0.0.2:3306" : "10.0.0.1:3306");
	}
	balance = balance_new(&conf, 1);
	balance_fell(balance, 1);
	cr_assert_eq(state_save(path, balance, store), 0);
	balance_free(balance);
	balance = balance_new(&conf, 1);
	cr_assert_eq(state_load(path, balance, store, LATER), 0);
	balance_view_server(balance, 1, &view);
	cr_expect(view.fell);
	balance_view_server(balance, 0, &view);
	cr_expect_not(view.fell);
	balance_free(balance);
	override_store_free(store);
	unlink(path);
}

/* One wrong entry must not take the operators' words along. */
Test(peer, a_seat_with_an_impossible_term_is_passed_over_alone)
{
	static const char *const wrong[] = { "-1", "0", "9000000000000000000",
					     "\"x\"" };
	char path[] = "/tmp/evenkeel-seats-XXXXXX";
	struct override_store *store;
	struct balance *balance;
	size_t i;
	FILE *file;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	cr_assert_geq(close(mkstemp(path)), 0);
	for (i = 0; i < 2; i++) {
		servers[i].slow_start = &no_slow_start;
		endpoint_parse(&servers[i].addr,
			       i ? "10.0.0.2:3306" : "10.0.0.1:3306");
	}
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		store = override_store_new();
		balance = balance_new(&conf, 1);
		file = fopen(path, "w");
		cr_assert_not_null(file);
		fprintf(file,
			"{\"version\":1,\"overrides\":[{\"virtual_server\":\"v\","
			"\"server\":\"10.0.0.1:3306\",\"word\":\"drain\"}],"
			"\"seats\":[{\"virtual_server\":\"v\",\"server\":"
			"\"10.0.0.1:3306\",\"term\":%s},{\"virtual_server\":"
			"\"v\",\"server\":\"10.0.0.2:3306\",\"term\":4}]}",
			wrong[i]);
		fclose(file);
		cr_expect_eq(state_load(path, balance, store, LATER), 0, "%s",
			     wrong[i]);
		cr_expect_eq(access(path, F_OK), 0);
		cr_expect_eq(override_of(balance, 0), OVERRIDE_DRAIN);
		cr_expect_eq(term_of(balance, 0), 0);
		cr_expect_eq(term_of(balance, 1), 4);
		balance_free(balance);
		override_store_free(store);
	}
	unlink(path);
}

Test(peer, state_file)
{
	char path[] = "/tmp/evenkeel-state-XXXXXX";
	struct override_store *before = override_store_new(),
			      *after = override_store_new();
	struct balance *balance, *again;
	struct ipc_peer_word word, younger;
	struct balance_server_view view;
	int fd = mkstemp(path), i;

	log_init("test", LOG_TO_STDERR, 0, LOG_LEVEL_ERROR);
	cr_assert_geq(fd, 0);
	close(fd);
	unlink(path);
	for (i = 0; i < 2; i++) {
		servers[i].slow_start = &no_slow_start;
		endpoint_parse(&servers[i].addr,
			       i ? "10.0.0.2:3306" : "10.0.0.1:3306");
	}
	balance = balance_new(&conf, 1);
	for (i = 0; i < 2; i++) {
		override_store_word(&conf, (uint32_t)i, OVERRIDE_DRAIN, 0,
				    &word);
		override_store_say(before, &word, override_store_clock());
		balance_override(balance, (uint32_t)i, OVERRIDE_DRAIN, 0, 1);
	}
	override_store_word(&conf, 1, OVERRIDE_NONE, 0, &word);
	override_store_say(before, &word, override_store_clock());
	balance_override(balance, 1, OVERRIDE_NONE, 0, 1);
	cr_assert_eq(state_save(path, balance, before), 0);

	again = balance_new(&conf, 1);
	cr_assert_eq(state_load(path, again, after, LATER), 0);
	cr_assert_eq(override_of(again, 0), OVERRIDE_DRAIN);
	balance_view_server(again, 0, &view);
	cr_assert_eq(view.override_since, LATER,
		     "a host that runs for an hour has cut it off already");
	cr_assert_eq(override_of(again, 1), OVERRIDE_NONE);
	cr_assert_eq(override_store_find(after, &word)->said,
		     override_store_find(before, &word)->said,
		     "an older word of the peer's must not count");
	balance_free(again);
	override_store_free(after);

	after = override_store_new();
	again = balance_new(&conf, 1);
	override_store_word(&conf, 0, OVERRIDE_NONE, 0, &younger);
	younger.said = override_store_clock() + USEC_PER_SEC;
	cr_assert(override_store_put(after, &younger, override_store_clock()));
	cr_assert_eq(state_load(path, again, after, LATER), 0);
	cr_assert_eq(override_of(again, 0), OVERRIDE_NONE,
		     "the peer said it after the file was written");
	balance_free(again);
	balance_free(balance);
	override_store_free(before);
	override_store_free(after);
	unlink(path);
}
