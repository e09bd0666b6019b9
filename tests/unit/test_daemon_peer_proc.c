/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Main's side of the channel to the other balancer; the peer process is us. */
#include <criterion/criterion.h>
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
static uint32_t generation; /* of the last configuration */

static int take(enum ipc_type type, uint32_t generation_, const void *body,
		size_t length, int fd)
{
	if (type == IPC_PEER_CONF)
		generation = generation_;
	return 0;
}

static void file_says(const char *other)
{
	cr_assert_eq(endpoint_parse(&conf.global.operator_peer, other), 0);
	peer_proc_configure(peer, &config);
	cr_assert_eq(process_double.role->send_conf(process_double.arg), 0);
}

static void setup(void)
{
	conf.global.operator_key_file = "/nonexistent";
	process_double.send = take;
	loop = loop_new();
	store = override_store_new();
	peer = peer_proc_new(
		&(struct peer_proc_needs){ .loop = loop, .store = store });
	file_says("10.0.0.2:8850");
}

static void teardown(void)
{
	peer_proc_free(peer);
	override_store_free(store);
	loop_free(loop);
}

TestSuite(peer_proc, .init = setup, .fini = teardown);

static void page_comes(uint32_t of)
{
	struct ipc_peer_heard heard = { .datagrams = 1, .strangers = 1 };
	struct ipc_peer_page page = { .pages = 1 };

	process_double_say(IPC_PEER_HEARD, of, &heard, sizeof(heard));
	process_double_say(IPC_PEER_PAGE, of, &page, sizeof(page));
}

static bool knows_other(void)
{
	struct peer_proc_view view;
	bool clock;
	usec_t when;

	cr_assert(peer_proc_get(peer, &view));
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
	file_says("10.0.0.2:8850");
	cr_expect(knows_other(),
		  "a reload that changes nothing forgets nothing");
	cr_expect_eq(generation, before);
	file_says("10.0.0.3:8850");
	cr_expect_not(knows_other());
	page_comes(before);
	cr_expect_not(knows_other(), "it was on its way before the reload");
	page_comes(generation);
	cr_expect(knows_other());
	file_says("10.0.0.3:8851");
	cr_expect_not(knows_other(), "another port is another balancer");
}
