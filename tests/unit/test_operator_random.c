/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random histories of three to eight balancers that tell each other the words of
 * their operators, on virtual clocks that differ: datagrams are lost, come twice,
 * late and in any order, the network falls into parts, daemons start anew. Each
 * balancer is its two parts, a store of main's and one of the process, and
 * the datagrams are real ones.
 *
 * The balancers are joined by chains, not by a full mesh: words have to be passed
 * on. A seed that fails is printed; WORDS_SEED=N runs that one alone.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/operator/override_store.h"
#include "daemon/operator/peer_wire.h"

#define S USEC_PER_SEC
#define START (1700000000 * S)
#define BOXES_MAX 8
#define SERVERS 3
#define FLYING_MAX 512
#define SAID_MAX 512
/* Two clocks that are right differ by PEER_WINDOW at the most. */
#define SKEW (PEER_WINDOW / 2)
#define STEPS 120

static const struct ipc_peer_conf key = { .length = 16,
					  .key = "0123456789abcdef" };

struct box {
	struct override_store *main, *process;
	int64_t skew; /* of its clock, us */
	int64_t told; /* when main sent the process the last words */
	unsigned part; /* of the network */
};

struct flying {
	unsigned from, to;
	int64_t when; /* it arrives */
	size_t length;
	uint8_t packet[PEER_PACKET_MAX];
};

struct said {
	struct ipc_peer_word word;
	int64_t when; /* by the true clock */
};

static struct world {
	unsigned seed, nr;
	bool wrong; /* a clock may be wrong by days for a while */
	int64_t now;
	struct box boxes[BOXES_MAX];
	bool linked[BOXES_MAX][BOXES_MAX];
	struct flying flying[FLYING_MAX];
	unsigned nr_flying;
	struct said said[SAID_MAX];
	unsigned nr_said;
} w;

static unsigned draw(unsigned below)
{
	return below > 1 ? (unsigned)rand() % below : 0;
}

static int64_t clock_of(const struct box *box)
{
	return w.now + box->skew;
}

/* Each is joined to one of those before it, and some pairs more. */
static void world_begin(unsigned seed, bool wrong)
{
	unsigned i, k;

	memset(&w, 0, sizeof(w));
	srand(seed);
	w.seed = seed;
	w.wrong = wrong;
	w.now = START;
	w.nr = 3 + draw(BOXES_MAX - 2);
	for (i = 0; i < w.nr; i++) {
		w.boxes[i] = (struct box){
			.main = override_store_new(),
			.process = override_store_new(),
			.skew = (int64_t)draw(2 * SKEW) - SKEW,
			.told = START,
		};
		for (k = 0; k < i; k++)
			w.linked[i][k] = w.linked[k][i] = draw(4) == 0;
		if (i > 0) {
			k = draw(i);
			w.linked[i][k] = w.linked[k][i] = true;
		}
	}
}

static void world_end(void)
{
	unsigned i;

	for (i = 0; i < w.nr; i++) {
		override_store_free(w.boxes[i].main);
		override_store_free(w.boxes[i].process);
	}
}

/* A word on one of few servers, so that they meet. */
static struct ipc_peer_word word_of_any(void)
{
	struct ipc_peer_word word = { .kind = draw(OVERRIDE_WEIGHT + 1) };

	snprintf(word.virtual_server, sizeof(word.virtual_server), "pool");
	word.server.addr.family = AF_INET;
	if (draw(5) == 0) {
		word.kind = PEER_KIND_PAUSE;
		word.weight = draw(2) * 1000 * draw(10);
		return word;
	}
	word.server.addr.bytes[3] = (uint8_t)(1 + draw(SERVERS));
	word.server.port = 3306;
	if (draw(5) == 0)
		word.kind = PEER_KIND_SEAT;
	if (word.kind == OVERRIDE_WEIGHT)
		word.weight = draw(100);
	return word;
}

static bool is_same(const struct ipc_peer_word *a,
		    const struct ipc_peer_word *b)
{
	return a->kind == b->kind && a->weight == b->weight &&
	       endpoint_cmp(&a->server, &b->server) == 0;
}

/* Below 0: A is the older one, on the same server. */
static int compare(const struct ipc_peer_word *a, const struct ipc_peer_word *b)
{
	if (a->said != b->said)
		return a->said < b->said ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->weight < b->weight ? -1 : a->weight > b->weight;
}

/* The terms of seats are counted, by no clock: one more than the youngest known. */
static int64_t box_next_term(const struct box *box)
{
	const struct ipc_peer_word *word;
	int64_t youngest = 0;
	size_t i;

	for (i = 0; (word = override_store_at(box->main, i)); i++)
		if (word->kind == PEER_KIND_SEAT && word->said > youngest)
			youngest = word->said;
	return youngest + 1;
}

/* A word counts at once where it is said. */
static void box_says(struct box *box)
{
	struct ipc_peer_word word = word_of_any();
	const struct ipc_peer_word *held;

	if (w.nr_said == SAID_MAX)
		return;
	if (word.kind == PEER_KIND_SEAT) {
		word.said = box_next_term(box);
		override_store_put(box->main, &word, clock_of(box));
	} else {
		override_store_say(box->main, &word, clock_of(box));
	}
	held = override_store_find(box->main, &word);
	cr_assert(held && is_same(held, &word) && held->said == word.said,
		  "seed %u: a word does not count where it is said", w.seed);
	override_store_put(box->process, &word, clock_of(box));
	box->told = w.now;
	w.said[w.nr_said++] = (struct said){ word, w.now };
}

static void send_to(unsigned from, unsigned to, const uint8_t *packet,
		    size_t length, bool surely)
{
	unsigned copies = surely ? 1 : draw(4) == 0 ? 0 : 1 + (draw(6) == 0);
	struct flying *one;

	while (copies-- > 0 && w.nr_flying < FLYING_MAX) {
		one = &w.flying[w.nr_flying++];
		*one = (struct flying){ from, to, w.now, length, { 0 } };
		if (!surely)
			one->when += (int64_t)draw(draw(10) ? 3 : 100) * S;
		memcpy(one->packet, packet, length);
	}
}

/* A round: all words, to all peers. */
static void box_sends(unsigned from, bool surely)
{
	const struct box *box = &w.boxes[from];
	struct ipc_peer_word words[PEER_WORDS_MAX];
	uint8_t packet[PEER_PACKET_MAX];
	unsigned class, to;
	size_t at, count, length;

	for (class = 0; class < OVERRIDE_CLASSES; class ++) {
		at = 0;
		count = override_store_collect(box->process,
					       (enum override_class) class, &at,
					       words, PEER_WORDS_MAX);
		length = peer_encode(&key, words, count, clock_of(box), packet);
		for (to = 0; to < w.nr; to++)
			if (w.linked[from][to] && (count > 0 || class == 0))
				send_to(from, to, packet, length, surely);
	}
}

/* As peer_main_settle() does, and main's side of it. */
static void box_settles(struct box *box)
{
	int64_t said = clock_of(box) - (w.now - box->told);
	struct ipc_peer_word was;
	size_t at = 0;

	while (override_store_settle(box->process, clock_of(box), said, &at,
				     &was))
		override_store_settled(box->main, &was, said);
}

/* As peer_main_take() and overrides_receive() do. */
static void box_takes(struct box *box, const struct flying *one)
{
	struct peer_heard heard;
	size_t i;

	if (peer_decode(&key, one->packet, one->length, clock_of(box), &heard) <
	    0)
		return;
	box_settles(box);
	for (i = 0; i < heard.count; i++) {
		const struct ipc_peer_word *word = &heard.words[i];

		if (!override_store_is_news(box->process, word,
					    clock_of(box)) ||
		    !override_store_take(box->main, word, clock_of(box)))
			continue;
		override_store_put(box->process, word, clock_of(box));
		box->told = w.now;
	}
}

/* The datagrams that are due, in any order; those between two parts are lost. */
static void world_delivers(void)
{
	unsigned i = 0;

	while (w.nr_flying > 0 && i < w.nr_flying) {
		unsigned k = i + draw(w.nr_flying - i);
		struct flying one = w.flying[k];

		w.flying[k] = w.flying[i];
		w.flying[i] = one;
		if (one.when > w.now) {
			i++;
			continue;
		}
		w.flying[i] = w.flying[--w.nr_flying];
		if (w.boxes[one.from].part == w.boxes[one.to].part)
			box_takes(&w.boxes[one.to], &one);
	}
}

/* A daemon's start: main has its file, and tells the process. */
static void box_restarts(struct box *box)
{
	struct override_store *before = box->main;
	const struct ipc_peer_word *word;
	size_t i;

	override_store_free(box->process);
	box->main = override_store_new();
	box->process = override_store_new();
	box->told = w.now;
	for (i = 0; (word = override_store_at(before, i)); i++) {
		if (word->kind > OVERRIDE_WEIGHT &&
		    override_store_is_future(word, clock_of(box)))
			continue; /* the state file's are passed over */
		override_store_put(box->main, word, clock_of(box));
		override_store_put(box->process, word, clock_of(box));
	}
	override_store_free(before);
}

/* The words of a store before a step. */
struct memory {
	struct ipc_peer_word words[2 * SERVERS + 1];
	size_t nr;
};

static void remember(const struct override_store *store, struct memory *memory)
{
	const struct ipc_peer_word *word;

	for (memory->nr = 0; (word = override_store_at(store, memory->nr));
	     memory->nr++)
		memory->words[memory->nr] = *word;
}

/* Whether the held word was ever said; with right clocks at just that time. */
static bool was_said(const struct ipc_peer_word *word)
{
	unsigned i;

	for (i = 0; i < w.nr_said; i++)
		if (is_same(&w.said[i].word, word) &&
		    ((w.wrong && word->kind != PEER_KIND_SEAT) ||
		     w.said[i].word.said == word->said))
			return true;
	return false;
}

/*
 * No store has gone back to an older word, but from a time that never was, which no
 * seat has; and none holds a word that nobody has said.
 */
static void check_step(const struct override_store *store,
		       const struct memory *before)
{
	const struct ipc_peer_word *word;
	size_t i;

	for (i = 0; i < before->nr; i++) {
		if (w.wrong && before->words[i].kind != PEER_KIND_SEAT)
			continue;
		word = override_store_find(store, &before->words[i]);
		cr_assert(word && compare(word, &before->words[i]) >= 0,
			  "seed %u: an older word has come back", w.seed);
	}
	for (i = 0; (word = override_store_at(store, i)); i++)
		cr_assert(was_said(word), "seed %u: nobody has said that",
			  w.seed);
}

static void step_once(void)
{
	struct box *box = &w.boxes[draw(w.nr)];
	unsigned i;

	switch (draw(w.wrong ? 12 : 11)) {
	case 0:
	case 1:
		box_says(box);
		break;
	case 2:
		for (i = 0; i < w.nr; i++)
			w.boxes[i].part = draw(3);
		break;
	case 3:
		for (i = 0; i < w.nr; i++)
			w.boxes[i].part = 0;
		break;
	case 4:
		box_restarts(box);
		break;
	case 5:
		w.now += (int64_t)draw(40) * S;
		break;
	case 11:
		/* Wrong by up to two days, or right again. */
		box->skew = (int64_t)draw(2 * SKEW) - SKEW;
		if (draw(3) == 0)
			box->skew += ((int64_t)draw(97) - 48) * 3600 * S;
		break;
	default:
		box_sends((unsigned)(box - w.boxes), false);
		w.now += (int64_t)draw(3) * S;
	}
	world_delivers();
}

/*
 * The network is whole, the clocks are right, nobody speaks: after as many rounds
 * as a word may have steps to go, all hold the same.
 */
static void world_settles(void)
{
	unsigned round, i;

	for (i = 0; i < w.nr; i++) {
		w.boxes[i].part = 0;
		w.boxes[i].skew = w.boxes[i].skew % SKEW;
	}
	w.now +=
		100 * S; /* the last of those on their way, and of the clocks */
	world_delivers();
	for (round = 0; round < 2 * w.nr; round++) {
		for (i = 0; i < w.nr; i++)
			box_sends(i, true);
		world_delivers();
		w.now += 2 * S;
	}
}

static void check_equal_to(const struct override_store *one,
			   const struct override_store *other)
{
	const struct ipc_peer_word *word, *same;
	size_t i;

	for (i = 0; (word = override_store_at(one, i)); i++) {
		same = override_store_find(other, word);
		cr_assert(same && compare(word, same) == 0,
			  "seed %u: %u balancers do not agree", w.seed, w.nr);
	}
	cr_assert_null(override_store_at(other, i), "seed %u: one holds more",
		       w.seed);
}

/*
 * Of all words on a server the youngest is held; and it is later than any other
 * one, but for the difference of two clocks. Of seats that counts by their terms:
 * the part of the network that has given more of them wins, whenever that was.
 */
static void check_last_wins(void)
{
	const struct ipc_peer_word *held;
	const struct said *winner;
	unsigned i, k;

	for (i = 0; i < w.nr_said; i++) {
		held = override_store_find(w.boxes[0].main, &w.said[i].word);
		cr_assert(held && compare(&w.said[i].word, held) <= 0,
			  "seed %u: a younger word is lost", w.seed);
		if (held->kind == PEER_KIND_SEAT)
			continue;
		winner = NULL;
		for (k = 0; k < w.nr_said; k++)
			if (compare(&w.said[k].word, held) == 0 &&
			    is_same(&w.said[k].word, held))
				winner = &w.said[k];
		cr_assert(winner && w.said[i].when - winner->when <=
					    PEER_WINDOW + SAID_MAX,
			  "seed %u: an earlier word has won by more than the "
			  "clocks differ",
			  w.seed);
	}
}

static void run(unsigned seed, bool wrong)
{
	static struct memory before[BOXES_MAX][2];
	unsigned i, step;

	world_begin(seed, wrong);
	for (step = 0; step < STEPS; step++) {
		for (i = 0; i < w.nr; i++) {
			remember(w.boxes[i].main, &before[i][0]);
			remember(w.boxes[i].process, &before[i][1]);
		}
		step_once();
		for (i = 0; i < w.nr; i++) {
			check_step(w.boxes[i].main, &before[i][0]);
			check_step(w.boxes[i].process, &before[i][1]);
		}
	}
	world_settles();
	for (i = 0; i < w.nr; i++) {
		check_equal_to(w.boxes[0].main, w.boxes[i].main);
		check_equal_to(w.boxes[0].main, w.boxes[i].process);
	}
	if (!wrong)
		check_last_wins();
	world_end();
}

static void run_all(unsigned from, unsigned count, bool wrong)
{
	const char *one = getenv("WORDS_SEED");
	unsigned seed;

	if (one)
		run((unsigned)strtoul(one, NULL, 10), wrong);
	for (seed = from; !one && seed < from + count; seed++)
		run(seed, wrong);
}

Test(operator_random, all_agree_and_the_last_word_wins, .timeout = 120)
{
	run_all(1, 1000, false);
}

/* Some clocks are wrong by days for a time, and are set right in the end. */
Test(operator_random, all_agree_once_the_clocks_are_right, .timeout = 120)
{
	run_all(100001, 1000, true);
}
