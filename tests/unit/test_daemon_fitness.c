/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports of the two balancers on themselves, and the judgement on a switchover. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/operator/fitness.h"
#include "daemon/operator/peer_reports.h"
#include "daemon/operator/peer_wire.h"

#define WALL (1700000000 * USEC_PER_SEC)
#define NOW (1000 * USEC_PER_SEC)

static const struct ipc_peer_conf key = { .length = 16,
					  .key = "0123456789abcdef" };

/* This balancer: two pools, two instances that are master, one that is not. */
static struct fitness_item items[] = {
	{ "pool1", { .kind = PEER_ITEM_POOL, .id = 1, .up = 3 } },
	{ "pool2", { .kind = PEER_ITEM_POOL, .id = 2, .up = 0 } },
	{ "ONE",
	  { .kind = PEER_ITEM_INSTANCE,
	    .id = 1,
	    .state = PEER_INSTANCE_MASTER,
	    .priority = 150 } },
	{ "TWO",
	  { .kind = PEER_ITEM_INSTANCE,
	    .id = 2,
	    .state = PEER_INSTANCE_MASTER,
	    .priority = 150 } },
	{ "SPARE",
	  { .kind = PEER_ITEM_INSTANCE,
	    .id = 3,
	    .state = PEER_INSTANCE_BACKUP,
	    .priority = 50 } },
};
static const struct fitness_own own = { .digest = 77,
					.version = "1.0",
					.items = items,
					.nr_items = ARRAY_SIZE(items) };
/* The other one: the same pools, and both instances as a backup. */
static struct ipc_peer_page page;
static struct peer_reports *reports;
static struct fitness fitness;
static uint8_t priorities[ARRAY_SIZE(items)];

static void setup(void)
{
	size_t i;

	reports = peer_reports_new();
	memset(&page, 0, sizeof(page));
	page.digest = 77;
	page.pages = 1;
	page.pools = 2;
	page.flags = PEER_REPORT_TABLE | PEER_REPORT_VERDICTS;
	snprintf(page.version, sizeof(page.version), "1.0");
	for (i = 0; i < ARRAY_SIZE(items); i++) {
		page.items[i] = items[i].item;
		if (items[i].item.kind == PEER_ITEM_INSTANCE) {
			page.items[i].state = PEER_INSTANCE_BACKUP;
			page.items[i].priority = (uint8_t)(100 + i);
		}
	}
	page.count = (uint32_t)i;
}

static void teardown(void)
{
	peer_reports_free(reports);
}

TestSuite(fitness, .init = setup, .fini = teardown);

static const char *judge(usec_t now)
{
	fitness_judge(&own, reports, now, priorities, &fitness);
	return fitness.refused;
}

/* The page comes now, and a switchover is asked for. */
static const char *judge_page(void)
{
	peer_reports_take(reports, &page, NOW);
	return judge(NOW);
}

Test(fitness, an_equal_balancer_is_fit)
{
	cr_expect_str_eq(judge_page(), "");
	cr_expect_str_eq(fitness.note, "");
	cr_expect_eq(fitness.moves, 2);
	cr_expect_eq(priorities[0] + priorities[1] + priorities[4], 0);
	cr_expect_eq(priorities[2], 102);
	cr_expect_eq(priorities[3], 103);
}

Test(fitness, it_sees_more_servers_or_has_another_version)
{
	page.items[0].up = 4;
	snprintf(page.version, sizeof(page.version), "2.0~rc1");
	cr_expect_str_eq(judge_page(), "");
	cr_expect(strstr(fitness.note, "2.0~rc1"));
	cr_expect_not(strstr(fitness.note, "differ"));
	/* Another version prints, and so digests, other words. */
	page.digest = 78;
	cr_expect_str_eq(judge_page(), "");
	cr_expect(strstr(fitness.note, "cannot be said"), "%s", fitness.note);
	page.items[0].up = 2;
	cr_expect(strstr(judge_page(), "sees 2 servers of pool1"));
}

#define EXPECT(words)                                       \
	do {                                                \
		const char *text = judge_page();            \
                                                            \
		cr_expect(strstr(text, words), "%s", text); \
	} while (0)

Test(fitness, it_is_not_fit)
{
	page.digest = 78;
	EXPECT("files differ");
	page.digest = 77;
	page.flags = PEER_REPORT_VERDICTS;
	EXPECT("table in the kernel");
	page.flags = PEER_REPORT_TABLE;
	EXPECT("not every check");
	page.flags |= PEER_REPORT_VERDICTS;
	page.items[0].up = 2;
	EXPECT("sees 2 servers of pool1 up, and this one 3");
	page.items[0].up = 3;
	page.items[2].state = PEER_INSTANCE_FAULT;
	EXPECT("ONE is in fault");
	page.items[2].state = PEER_INSTANCE_MASTER;
	EXPECT("ONE is master on both");
	page.items[2].state = PEER_INSTANCE_OTHER;
	EXPECT("does not take part");
	page.items[2].state = PEER_INSTANCE_BACKUP;
	page.items[3].id = 9;
	EXPECT("has no vrrp_instance TWO");
	page.items[3].id = 2;
	EXPECT("");
	page.items[0].id = 8;
	EXPECT("nothing is known of pool1");
}

/* An instance that is not master here may be anything over there. */
/* Whether the other one is master of items[AT], as this one is or is not. */
static bool doubles(size_t at, usec_t now)
{
	return fitness_is_double(&items[at], 1, reports, now);
}

Test(fitness, both_are_master_of_an_instance)
{
	cr_expect_not(doubles(2, NOW), "nothing was said");
	peer_reports_take(reports, &page, NOW);
	cr_expect_not(doubles(2, NOW));
	page.items[2].state = PEER_INSTANCE_MASTER;
	page.items[4].state = PEER_INSTANCE_MASTER;
	peer_reports_take(reports, &page, NOW);
	cr_expect(doubles(2, NOW));
	cr_expect(fitness_is_double(&items[2], 3, reports, NOW));
	cr_expect_not(doubles(3, NOW));
	cr_expect_not(doubles(4, NOW), "it is not master here");
	cr_expect_not(doubles(2, NOW + PEER_REPORTS_AGE + 1));
}

Test(fitness, only_what_moves_counts)
{
	page.items[4].state = PEER_INSTANCE_MASTER;
	cr_expect_str_eq(judge_page(), "");
	items[2].item.state = items[3].item.state = PEER_INSTANCE_BACKUP;
	EXPECT("master of nothing");
	items[2].item.state = PEER_INSTANCE_MASTER;
	items[2].item.priority = 255;
	EXPECT("priority 255");
}

Test(fitness, a_report_grows_old)
{
	cr_expect(strstr(judge(NOW), "does not report"), "none ever came");
	cr_expect_str_eq(judge_page(), "");
	cr_expect_str_eq(judge(NOW + PEER_REPORTS_AGE), "");
	cr_expect(strstr(judge(NOW + PEER_REPORTS_AGE + 1), "not report"));
	peer_reports_forget(reports);
	cr_expect(strstr(judge(NOW), "does not report"));
}

/* It speaks, but of another time: that is no silence, and the way out is another. */
Test(fitness, the_clocks_are_too_far_apart)
{
	peer_reports_note_clock(reports, NOW);
	cr_expect(strstr(judge(NOW), "clocks"), "%s", fitness.refused);
	cr_expect_str_eq(judge_page(), "", "it was set meanwhile");
	peer_reports_note_clock(reports, NOW + 1);
	cr_expect_str_eq(judge(NOW + 1), "", "an old datagram that came again");
	cr_expect(strstr(judge(NOW + PEER_REPORTS_AGE + 1), "clocks"));
	cr_expect(strstr(judge(NOW + PEER_REPORTS_AGE + 2), "not report"));
	peer_reports_note_clock(reports, NOW + 2 * PEER_REPORTS_AGE);
	peer_reports_forget(reports);
	cr_expect(strstr(judge(NOW + 2 * PEER_REPORTS_AGE), "not report"));
}

/* A report of two pages counts when both are there, and none is old. */
Test(fitness, pages_come_one_by_one)
{
	struct ipc_peer_page second = page;

	page.pages = second.pages = 2;
	page.count = 2;
	second.page = 1;
	memmove(second.items, page.items + 2, 3 * sizeof(page.items[0]));
	second.count = 3;
	EXPECT("not complete yet");
	peer_reports_take(reports, &second, NOW + 1);
	cr_expect_str_eq(judge(NOW + 1), "");
	/* Another configuration over there, of which one page has come. */
	second.digest = 78;
	peer_reports_take(reports, &second, NOW + 2);
	cr_expect(strstr(judge(NOW + 2), "files differ"));
	second.digest = 77;
	second.page = 2;
	peer_reports_take(reports, &second, NOW + 3);
	cr_expect(strstr(judge(NOW + 3), "files differ"), "page 2 of 2");
}

/* The time on the way makes a clock seem to be behind, never ahead. */
Test(fitness, the_clocks)
{
	static const int64_t ahead[] = { -30, 1500, -2000000, 900 };
	size_t i;

	cr_expect_eq(peer_reports_ahead(reports), 0);
	for (i = 0; i < ARRAY_SIZE(ahead); i++) {
		page.ahead = ahead[i];
		peer_reports_take(reports, &page, NOW);
	}
	cr_expect_eq(peer_reports_ahead(reports), 1500);
	page.ahead = -5000000;
	for (i = 0; i < 20; i++)
		peer_reports_take(reports, &page, NOW);
	cr_expect_eq(peer_reports_ahead(reports), -5000000, "it was set");
}

Test(fitness, pages_travel)
{
	uint8_t packet[PEER_PACKET_MAX];
	struct peer_heard got;
	size_t length, i;

	for (i = 0; i <= PEER_ITEMS_MAX; i++) {
		page.count = (uint32_t)i;
		if (i > 0)
			page.items[i - 1] = (struct peer_item){
				.kind = PEER_ITEM_POOL,
				.id = ~(uint64_t)i,
				.up = (uint32_t)(70000 + i),
			};
		length = peer_encode_page(&key, &page, WALL + 25, packet);
		cr_assert_eq(packet[4], 4);
		cr_assert_eq(peer_decode(&key, packet, length, WALL, &got), 0);
		cr_assert(got.has_page);
		cr_assert_eq(got.count, 0);
		cr_assert_eq(got.page.ahead, 25);
		got.page.ahead = 0;
		cr_assert_arr_eq(&got.page, &page,
				 offsetof(struct ipc_peer_page, items));
		cr_assert_arr_eq(got.page.items, page.items,
				 i * sizeof(page.items[0]));
	}
	cr_assert_eq(peer_decode(&key, packet, length, WALL + 2 * PEER_WINDOW,
				 &got),
		     -ETIME);
}

/* Whether a datagram of PAGE, with a byte put in at AT, is taken. */
static int decode_with(size_t at, uint8_t byte)
{
	uint8_t packet[PEER_PACKET_MAX];
	struct ipc_peer_page changed = page;
	struct peer_heard got;
	size_t length;

	/* The encoder takes anything, so that it is signed. */
	if (at < sizeof(changed.version))
		changed.version[at] = (char)byte;
	length = peer_encode_page(&key, &changed, WALL, packet);
	return peer_decode(&key, packet, length, WALL, &got);
}

Test(fitness, pages_that_make_no_sense)
{
	uint8_t packet[PEER_PACKET_MAX];
	struct peer_heard got;
	size_t length;

	cr_expect_eq(decode_with(0, '9'), 0);
	cr_expect_eq(decode_with(0, 0), -EBADMSG, "no version");
	cr_expect_eq(decode_with(1, '"'), -EBADMSG);
	cr_expect_eq(decode_with(1, '\\'), -EBADMSG);
	cr_expect_eq(decode_with(1, '\033'), -EBADMSG);
	cr_expect_eq(decode_with(1, 0xff), -EBADMSG);
	page.page = 1;
	cr_expect_eq(decode_with(64, 0), -EBADMSG, "page 1 of 1");
	page.pages = PEER_PAGES_MAX + 1;
	cr_expect_eq(decode_with(64, 0), -EBADMSG);
	page.page = 0;
	page.pages = 1;
	page.items[0].kind = PEER_ITEM_INSTANCE;
	page.items[0].state = PEER_INSTANCE_FAULT + 1;
	cr_expect_eq(decode_with(64, 0), -EBADMSG);
	page.items[0].kind = PEER_ITEM_ANNOUNCE;
	page.items[0].state = PEER_ANNOUNCE_WORKS + 1;
	cr_expect_eq(decode_with(64, 0), -EBADMSG);
	page.items[0].state = 0;
	length = peer_encode_page(&key, &page, WALL, packet);
	cr_expect_eq(peer_decode(&key, packet, length - 16, WALL, &got),
		     -EKEYREJECTED);
}

/* A younger version has more to report; the rest of its page counts. */
Test(fitness, unknown_kinds_are_passed_over)
{
	static const uint8_t kinds[] = { PEER_ITEM_POOL,     0, 5, 255,
					 PEER_ITEM_INSTANCE, 9, 3 };
	uint8_t packet[PEER_PACKET_MAX];
	struct peer_heard got;
	size_t length, i;

	page.count = ARRAY_SIZE(kinds);
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		page.items[i] =
			(struct peer_item){ .kind = kinds[i], .id = 100 + i };
	length = peer_encode_page(&key, &page, WALL, packet);
	cr_assert_eq(peer_decode(&key, packet, length, WALL, &got), 0);
	cr_assert_eq(got.page.count, 3);
	cr_expect_eq(got.page.items[0].id, 100);
	cr_expect_eq(got.page.items[1].id, 104);
	cr_expect_eq(got.page.items[2].id, 106);
	cr_expect_eq(got.page.items[2].kind, PEER_ITEM_ANNOUNCE);
}
