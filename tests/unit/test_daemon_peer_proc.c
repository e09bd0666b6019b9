/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Main's side of the channel to the other balancer; the peer process is us. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "conf/sealed.h"
#include "daemon/operator/override_store.h"
#include "daemon/operator/peer_proc.h"
#include "daemon/operator/peer_reports.h"
#include "lib/peer_ipc.h"
#include "process_double.h"

static struct conf conf;
static struct config config = { .conf = &conf };
static struct loop *loop;
static struct override_store *store;
static struct peer_proc *peer;
static uint32_t ids[PEER_CHANNELS_MAX]; /* of the last configuration */
static size_t channels; /* of it */
static uint32_t generation; /* the first one's */
static unsigned pages; /* of main's reports that were sent */
static unsigned reported; /* pages that came and name a master */

static void report_came(void *arg)
{
	(void)arg;
	reported++;
}

static int take(enum ipc_type type, uint32_t generation_, const void *body,
		size_t length, int fd)
{
	const struct ipc_peer_conf *told = body;
	size_t i;

	pages += type == IPC_PEER_PAGE;
	if (type != IPC_PEER_CONF)
		return 0;
	channels = length / sizeof(*told);
	for (i = 0; i < channels; i++)
		ids[i] = told[i].id;
	generation = ids[0];
	return 0;
}

static void file_says(const char *other)
{
	cr_assert_eq(endpoint_parse(&conf.global.operator_peers[0].at, other),
		     0);
	peer_proc_configure(peer, &config);
	cr_assert_eq(process_double.role->send_conf(process_double.arg), 0);
}

static void setup(void)
{
	conf.global.operator_peers[0].key_file = "/nonexistent";
	conf.global.nr_operator_peers = 1;
	process_double.send = take;
	loop = loop_new();
	store = override_store_new();
	peer = peer_proc_new(&(struct peer_proc_needs){
		.loop = loop, .store = store, .reported = report_came });
	file_says("10.0.0.2:8850");
}

/* The file has these as well, up to NULL. */
static void file_says_too(const char *const *others)
{
	struct conf_operator_peer *to;

	conf.global.nr_operator_peers = 1;
	for (; *others; others++) {
		to = &conf.global
			      .operator_peers[conf.global.nr_operator_peers++];
		to->key_file = "/nonexistent";
		cr_assert_eq(endpoint_parse(&to->at, *others), 0);
	}
	file_says("10.0.0.2:8850");
	cr_assert_eq(channels, conf.global.nr_operator_peers);
}

static void teardown(void)
{
	peer_proc_free(peer);
	override_store_free(store);
	loop_free(loop);
}

TestSuite(peer_proc, .init = setup, .fini = teardown);

static void page_comes_with(uint32_t of, uint8_t state)
{
	struct ipc_peer_heard heard = { .datagrams = 1, .strangers = 1 };
	struct ipc_peer_page page = {
		.pages = 1,
		.count = 2,
		.items = { { .kind = PEER_ITEM_POOL,
			     .state = PEER_INSTANCE_MASTER },
			   { .kind = PEER_ITEM_INSTANCE, .state = state } }
	};

	process_double_say(IPC_PEER_HEARD, of, &heard, sizeof(heard));
	process_double_say(IPC_PEER_PAGE, of, &page, sizeof(page));
}

static void page_comes(uint32_t of)
{
	page_comes_with(of, PEER_INSTANCE_MASTER);
}

static bool knows_other(void)
{
	struct peer_proc_view view;
	bool clock;
	usec_t when;

	cr_assert(peer_proc_get(peer, 0, &view));
	clock = peer_reports_has_other_clock(view.reports, loop_now(loop));
	cr_expect_eq(clock, view.heard > 0);
	cr_expect_eq(peer_reports_last(view.reports, &when) != NULL, clock);
	return clock;
}

/* A switchover must not be judged by the balancer of before. */
Test(peer_proc, another_balancer_has_to_report_itself)
{
	uint32_t before = generation;

	page_comes(generation);
	cr_expect(knows_other());
	cr_expect_eq(reported, 1);
	page_comes_with(generation, PEER_INSTANCE_BACKUP);
	cr_expect_eq(reported, 1, "it is master of nothing");
	file_says("10.0.0.2:8850");
	cr_expect(knows_other(),
		  "a reload that changes nothing forgets nothing");
	cr_expect_eq(generation, before);
	file_says("10.0.0.3:8850");
	cr_expect_not(knows_other());
	page_comes(before);
	cr_expect_not(knows_other(), "it was on its way before the reload");
	cr_expect_eq(reported, 1);
	page_comes(generation);
	cr_expect(knows_other());
	file_says("10.0.0.3:8851");
	cr_expect_not(knows_other(), "another port is another balancer");
}

static bool is_heard(uint32_t i)
{
	struct peer_proc_view view;

	cr_assert(peer_proc_get(peer, i, &view));
	return view.heard > 0;
}

/* Each is known by itself, and a reload that moves its line forgets nothing. */
Test(peer_proc, several_balancers_are_kept_apart)
{
	static const char *const two[] = { "10.0.0.3:8850", "10.0.0.4:8850",
					   NULL };
	static const char *const turned[] = { "10.0.0.4:8850", "10.0.0.5:8850",
					      NULL };
	struct peer_proc_view view;
	uint32_t first, fourth;

	file_says_too(two);
	first = ids[0];
	fourth = ids[2];
	cr_assert(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2]);
	page_comes(fourth);
	cr_expect_not(is_heard(0));
	cr_expect_not(is_heard(1));
	cr_expect(is_heard(2));
	cr_expect_not(peer_proc_get(peer, 3, &view));

	file_says_too(turned);
	cr_expect_eq(ids[0], first);
	cr_expect_eq(ids[1], fourth);
	cr_expect(is_heard(1), "10.0.0.4 is still known");
	cr_expect_not(is_heard(2), "10.0.0.5 is another one than 10.0.0.3");
}

static unsigned words;
static char told_by[ENDPOINT_TEXT_MAX];

static void word_comes(void *arg, const struct ipc_peer_word *word,
		       const char *from)
{
	words++;
	snprintf(told_by, sizeof(told_by), "%s", from);
}

static void words_came(void *arg)
{
}

/* The balancer that tells a word is known by its address; one that left is not. */
Test(peer_proc, a_word_has_the_name_of_who_tells_it)
{
	static const char *const two[] = { "10.0.0.3:8850", "10.0.0.4:8850",
					   NULL };
	struct ipc_peer_word word = { .said = 1,
				      .server.addr.family = AF_INET };
	uint32_t third;

	peer_proc_free(peer);
	peer = peer_proc_new(&(struct peer_proc_needs){ .loop = loop,
							.store = store,
							.word = word_comes,
							.heard = words_came });
	file_says_too(two);
	third = ids[1];
	process_double_say(IPC_PEER_WORDS, third, &word, sizeof(word));
	cr_expect_eq(words, 1);
	cr_expect_str_eq(told_by, "10.0.0.3:8850");
	file_says_too(&two[1]);
	process_double_say(IPC_PEER_WORDS, third, &word, sizeof(word));
	cr_expect_eq(words, 1, "it left the file");
}

static bool asked(void)
{
	return true;
}

/* Main asks whether it lives once a second, and reports in the same turn. */
Test(peer_proc, a_question_that_is_not_read_yet_holds_no_report_back)
{
	struct ipc_peer_page page = { .pages = 1 };

	process_double.behind = asked;
	peer_proc_report(peer, &page, 1);
	cr_expect_eq(pages, 1);
	peer_proc_report(peer, &page, 1);
	cr_expect_eq(pages, 1, "it is no news");
	page.flags = 1;
	process_double.mail = true;
	peer_proc_report(peer, &page, 1);
	cr_expect_eq(pages, 1, "it does not read, and its channel is full");
	process_double.mail = false;
	peer_proc_report(peer, &page, 1);
	cr_expect_eq(pages, 2);
}
