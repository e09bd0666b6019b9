/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures that main hands out: how much one more server adds, and their slices. */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "balance/balance.h"
#include "conf_world.h"
#include "ctl/metrics_rows.h"
#include "ctl/metrics.h"
#include "daemon/control/control.h"
#include "daemon/control/feed.h"
#include "daemon/control/overview.h"
#include "daemon/control/show.h"
#include "daemon/control/tallies.h"
#include "daemon/control/view.h"
#include "daemon/control/walk.h"
#include "daemon/pair/mail_proc.h"
#include "daemon/control/probe_times.h"
#include "ipvs/sort.h"
#include "lib/history.h"
#include "lib/loop.h"
#include "lib/sheet.h"

#define SERVERS_IN_POOL 50

struct sizes {
	/* Bytes: of the texts, and of the figures in a reader's memory. */
	size_t answer, sheet, scrape, figures;
};

/* Virtual servers of SERVERS_IN_POOL servers, each with a check that logs in. */
static struct conf *scrape_conf(unsigned servers)
{
	struct world world;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	unsigned i;

	for (i = 0; i < servers; i++) {
		if (i % SERVERS_IN_POOL == 0)
			fprintf(out,
				"%svirtual_server 192.0.2.%u 3306 {\n"
				"lvs_sched wlc\nlvs_method DR\nprotocol TCP\n",
				i ? "}\n" : "", 1 + i / SERVERS_IN_POOL);
		fprintf(out,
			"real_server 10.0.%u.%u 3306 {\n"
			"MYSQL_CHECK {\nusername check\npassword secret\n}\n}\n",
			100 + i / 100, 100 + i % 100);
	}
	fputs("}\n", out);
	fclose(out);
	world = world_parse(text, false);
	cr_assert(world.conf, "%s", world.said);
	free(world.said);
	free(text);
	return world.conf;
}

/* Each server is up and a replica, so that everything is known of it. */
static void scrape_say(struct balance *balance, struct probe_times *times,
		       struct tallies *tallies, uint32_t checks, usec_t now)
{
	struct verdict verdict = {
		.outcome = PROBE_OK,
		.when = now,
		.duration = 1234,
		.facts = { .have = FACT_LAG | FACT_READ_ONLY | FACT_IS_REPLICA |
				   FACT_CHANNELS | FACT_MAX_CONNECTIONS |
				   FACT_WAIT_TIMEOUT,
			   .lag = USEC_PER_SEC,
			   .is_replica = 1,
			   .read_only = 1,
			   .channels = 1,
			   .max_connections = 151,
			   .wait_timeout = 28800 },
	};

	for (verdict.check = 0; verdict.check < checks; verdict.check++) {
		balance_verdict(balance, &verdict, now);
		probe_times_add(times, verdict.check, verdict.duration);
		tallies_result(tallies, verdict.check, verdict.outcome);
	}
}

/* A core with that many servers, all up. */
struct scrape {
	struct conf *conf;
	struct balance *balance;
	struct probe_times *times;
	struct tallies *tallies;
	struct loop *loop;
	struct history *history;
	struct mail_proc *mail;
	struct table wanted;
	struct view view;
	unsigned views; /* that were asked for */
	unsigned firsts; /* of these, with more than what is at hand */
	unsigned reads; /* of the kernel */
	unsigned reloads_after; /* views until a reload; 0: none */
	unsigned lost_after; /* reads until the kernel is lost; 0: it is not */
	useconds_t reading; /* a read takes so long */
};

static void scrape_view(void *arg, unsigned parts, struct view *view)
{
	struct scrape *scrape = arg;

	if (++scrape->views == scrape->reloads_after)
		scrape->view.generation++;
	*view = scrape->view;
	scrape->firsts += parts != 0;
}

static const struct table *scrape_read(void *arg, uint32_t vs)
{
	struct scrape *scrape = arg;

	usleep(scrape->reading);
	if (++scrape->reads == scrape->lost_after)
		return NULL;
	return &scrape->wanted;
}

static const struct control_ops scrape_ops = { .view = scrape_view,
					       .read = scrape_read };

static void scrape_open(struct scrape *scrape, unsigned servers)
{
	usec_t now = 1000 * USEC_PER_SEC;
	struct ipvs_duplicate duplicate;

	*scrape = (struct scrape){ .conf = scrape_conf(servers) };
	scrape->balance = balance_new(scrape->conf, now);
	scrape->times = probe_times_new(scrape->conf, NULL, NULL);
	scrape->tallies = tallies_new(scrape->conf, NULL, NULL);
	scrape->loop = loop_new();
	scrape->history = history_new();
	scrape->mail = mail_proc_new(scrape->loop, scrape->history);
	scrape->view = (struct view){ .now = now + 1234567,
				      .started = now,
				      .generation = 1,
				      .conf = scrape->conf,
				      .probe_times = scrape->times,
				      .tallies = scrape->tallies,
				      .balance = scrape->balance,
				      .reached = true,
				      .mail = scrape->mail };
	scrape_say(scrape->balance, scrape->times, scrape->tallies,
		   scrape->conf->nr_checks, now);
	balance_decide(scrape->balance, now, &scrape->wanted);
	cr_assert_eq(ipvs_sort_table(&scrape->wanted, &duplicate), 0);
}

static void scrape_close(struct scrape *scrape)
{
	probe_times_free(scrape->times);
	tallies_free(scrape->tallies);
	mail_proc_free(scrape->mail);
	history_free(scrape->history);
	loop_free(scrape->loop);
	table_free(&scrape->wanted);
	balance_free(scrape->balance);
	conf_free(scrape->conf);
}

/* As the kernel counts after weeks of use. */
static void scrape_use(struct scrape *scrape)
{
	size_t i;

	for (i = 0; i < scrape->wanted.nr_dests; i++) {
		struct table_dest *dest = &scrape->wanted.dests[i];

		dest->active = 23;
		dest->inactive = 5;
		dest->conns = 12345678;
		dest->in_bytes = dest->out_bytes = 123456789012;
		dest->in_packets = dest->out_packets = 123456789;
	}
}

/* The sheet, whole; the slices are COUNTED. */
static struct feed *scrape_feed(struct scrape *scrape, unsigned *counted)
{
	struct feed *feed = feed_new(&scrape_ops, scrape);

	for (*counted = 1; !feed_step(feed); ++*counted)
		cr_assert_lt(*counted, 1000);
	return feed;
}

static size_t scrape_figures(const struct metrics *metrics)
{
	size_t sum = metrics->nr_labels;
	unsigned kind;

	for (kind = 0; kind < METRICS_KINDS; kind++)
		sum += metrics->rows[kind].values.used +
		       metrics->rows[kind].nr *
			       sizeof(*metrics->rows[kind].labels);
	return sum;
}

static void scrape_read_feed(const struct feed *feed, struct sizes *sizes)
{
	struct metrics_printer *printer;
	const char *text = feed_text(feed, &sizes->sheet);
	struct metrics *metrics = metrics_parse(text, sizes->sheet);
	char piece[4096];
	size_t got;

	cr_assert(metrics, "%.*s", (int)sizes->sheet, text);
	sizes->figures = scrape_figures(metrics);
	sizes->scrape = 0;
	printer = metrics_printer_new(metrics, true, NULL);
	while ((got = metrics_printer_read(printer, piece, sizeof(piece))))
		sizes->scrape += got;
	metrics_printer_free(printer);
	metrics_free(metrics);
}

/* The status as text, for the caller to free; the slices are COUNTED. */
static char *scrape_status(struct scrape *scrape, unsigned *counted)
{
	struct overview *overview = overview_new(&scrape_ops, scrape);
	const char *text;
	size_t length;
	char *copy;

	for (*counted = 1; !overview_step(overview); ++*counted)
		cr_assert_lt(*counted, 1000);
	text = overview_text(overview, &length);
	copy = strndup(text, length);
	overview_free(overview);
	return copy;
}

static struct sizes scrape_sizes(unsigned servers)
{
	struct scrape scrape;
	struct sizes sizes;
	struct feed *feed;
	unsigned slices;
	char *status;

	scrape_open(&scrape, servers);
	status = scrape_status(&scrape, &slices);
	sizes.answer = strlen(status);
	free(status);
	scrape_use(&scrape);
	feed = scrape_feed(&scrape, &slices);
	scrape_read_feed(feed, &sizes);
	feed_free(feed);
	scrape_close(&scrape);
	return sizes;
}

/*
 * Ten thousand servers are a scrape of 28 MB. The figures of virtual servers count
 * along, as one is shared by many servers.
 */
Test(scrape, a_server_is_a_few_lines_of_it)
{
	struct sizes few = scrape_sizes(SERVERS_IN_POOL),
		     many = scrape_sizes(11 * SERVERS_IN_POOL);
	size_t servers = 10 * SERVERS_IN_POOL;

	cr_expect_leq((many.scrape - few.scrape) / servers, 2800,
		      "%zu bytes of a scrape for each server",
		      (many.scrape - few.scrape) / servers);
	cr_expect_leq((many.sheet - few.sheet) / servers, 250,
		      "%zu bytes of the sheet for each server",
		      (many.sheet - few.sheet) / servers);
	cr_expect_leq((many.figures - few.figures) / servers, 150,
		      "%zu bytes of memory for each server",
		      (many.figures - few.figures) / servers);
	cr_expect_leq((many.answer - few.answer) / servers, 730,
		      "%zu bytes of the answer for each server",
		      (many.answer - few.answer) / servers);
}

/* A virtual server that begins counts as a server. */
static unsigned scrape_slices(unsigned servers)
{
	unsigned all = servers + servers / SERVERS_IN_POOL;

	return (all + WALK_SLICE - 1) / WALK_SLICE;
}

/*
 * Main is held for one slice at a time, and reads of the kernel no more than it shows
 * in it.
 */
Test(scrape, a_sheet_is_made_in_slices)
{
	unsigned servers = 10 * SERVERS_IN_POOL, slices = 0, most = 0, before;
	struct scrape scrape;
	struct feed *feed;
	bool whole;

	scrape_open(&scrape, servers);
	feed = feed_new(&scrape_ops, &scrape);
	do {
		before = scrape.reads;
		whole = feed_step(feed);
		if (scrape.reads - before > most)
			most = scrape.reads - before;
		cr_assert_lt(++slices, 100);
	} while (!whole);
	cr_expect_eq(slices, scrape_slices(servers));
	cr_expect_gt(slices, 5);
	cr_expect_eq(scrape.views, slices);
	cr_expect_eq(scrape.firsts, 1);
	cr_expect_eq(scrape.reads, servers / SERVERS_IN_POOL);
	cr_expect_leq(most, WALK_SLICE / SERVERS_IN_POOL + 1);
	feed_free(feed);
	scrape_close(&scrape);
}

/* The number in COLUMN of the first row of KIND. */
static int64_t scrape_number(struct feed *feed, const char *kind,
			     const char *column)
{
	struct sheet_reader reader;
	struct sheet_row head = { 0 }, row;
	int64_t number = -1;
	size_t length, i;

	reader.at = feed_text(feed, &length);
	reader.end = reader.at + length;
	while (sheet_read(&reader, &row) > 0 &&
	       (row.head || !sheet_is(&row.fields[0], kind)))
		if (row.head)
			head = row;
	for (i = 1; i < head.nr; i++)
		if (sheet_is(&head.fields[i], column))
			cr_assert(sheet_read_number(&row.fields[i], &number));
	return number;
}

/* Too much of scraping can be seen: a slow read of the kernel is the longest slice. */
Test(scrape, its_price_is_one_of_its_figures)
{
	struct scrape scrape;
	struct feed *feed;
	unsigned slices;
	int64_t held;

	scrape_open(&scrape, 10 * SERVERS_IN_POOL);
	scrape.reading = 20 * 1000;
	feed = scrape_feed(&scrape, &slices);
	cr_expect_gt(slices, 1);
	held = scrape_number(feed, "scrape", "held");
	cr_expect_geq(held, 20 * 1000);
	cr_expect_gt(scrape_number(feed, "scrape", "took"), held);
	feed_free(feed);
	scrape_close(&scrape);
}

static unsigned scrape_count(const char *text, size_t length, const char *what)
{
	const char *at = text;
	unsigned count = 0;

	while ((at = memmem(at, length - (size_t)(at - text), what,
			    strlen(what)))) {
		count++;
		at++;
	}
	return count;
}

/* The status in one piece, as an object. */
static struct json_object *scrape_whole(const struct scrape *scrape)
{
	struct json_object *status = show_status_head(&scrape->view), *pool;
	struct json_object *pools = json_object_new_array(), *servers;
	const struct conf_virtual_server *conf;
	uint32_t vs, i;

	show_object_add(status, "announce", NULL);
	for (vs = 0; vs < scrape->conf->nr_virtual_servers; vs++) {
		conf = &scrape->conf->virtual_servers[vs];
		pool = show_pool(&scrape->view, &scrape->wanted, vs);
		servers = json_object_new_array();
		for (i = 0; i < conf->nr_servers; i++)
			json_object_array_add(
				servers,
				show_server(&scrape->view, &scrape->wanted,
					    conf->first_server + i));
		show_object_add(pool, "servers", servers);
		json_object_array_add(pools, pool);
	}
	show_object_add(status, "virtual_servers", pools);
	return status;
}

Test(scrape, a_status_is_made_in_slices)
{
	unsigned servers = 10 * SERVERS_IN_POOL, slices, turn;
	struct json_object *status, *sliced;
	struct scrape scrape;
	char *text;

	for (turn = 0; turn < 2; turn++) {
		scrape_open(&scrape, servers);
		scrape.reloads_after = turn ? 3 : 0;
		text = scrape_status(&scrape, &slices);
		/* A reload before the third slice: two are for nothing. */
		cr_expect_eq(slices, scrape_slices(servers) + 3 * turn);
		cr_expect_eq(scrape.views, slices);
		cr_expect_eq(scrape.firsts, 1 + turn);
		status = scrape_whole(&scrape);
		sliced = json_tokener_parse(text);
		cr_assert(sliced, "%s", text);
		cr_expect(json_object_equal(status, sliced), "%s", text);
		free(text);
		json_object_put(sliced);
		json_object_put(status);
		scrape_close(&scrape);
	}
}

/* From the virtual server on for which the kernel is not there any more. */
Test(scrape, a_kernel_that_is_lost_on_the_way_is_not_known_any_more)
{
	struct json_object *status, *pools, *pool;
	struct scrape scrape;
	unsigned slices, i;
	char *text;

	scrape_open(&scrape, 4 * SERVERS_IN_POOL);
	scrape.lost_after = 3;
	text = scrape_status(&scrape, &slices);
	status = json_tokener_parse(text);
	pools = json_object_object_get(status, "virtual_servers");
	cr_assert_eq(json_object_array_length(pools), 4);
	for (i = 0; i < 4; i++) {
		pool = json_object_array_get_idx(pools, i);
		cr_expect_eq(json_object_object_get(
				     pool, "connections_total") != NULL,
			     i < 2, "%u", i);
	}
	cr_expect_eq(scrape.reads, 3, "nor asked again");
	json_object_put(status);
	free(text);
	scrape_close(&scrape);
}

/* Clients that ask for the status, and another event that comes in each turn. */
#define ASKERS 3

struct askers {
	struct scrape scrape;
	struct loop_io other;
	unsigned views,
		most; /* at the last other event; most between two of them */
	unsigned served;
	struct asker {
		struct askers *all;
		struct loop_io io;
		char text[1 << 20];
		size_t length;
	} one[ASKERS];
};

static void askers_other(struct loop_io *io, unsigned what)
{
	struct askers *askers = container_of(io, struct askers, other);
	unsigned more = askers->scrape.views - askers->views;

	if (more > askers->most)
		askers->most = more;
	askers->views = askers->scrape.views;
}

static void asker_read(struct loop_io *io, unsigned what)
{
	struct asker *asker = container_of(io, struct asker, io);
	ssize_t got = read(io->fd, asker->text + asker->length,
			   sizeof(asker->text) - 1 - asker->length);

	cr_assert_geq(got, 0);
	asker->length += (size_t)got;
	if (got > 0)
		return;
	loop_io_stop(io);
	close(io->fd);
	if (++asker->all->served == ASKERS)
		loop_stop(asker->all->scrape.loop);
}

static void asker_ask(struct asker *asker, const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
	cr_assert_eq(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	cr_assert_eq(write(fd, "status\n", 7), 7);
	cr_assert_eq(loop_io_start(asker->all->scrape.loop, &asker->io, fd,
				   LOOP_READ, asker_read),
		     0);
}

static void asker_check(const struct asker *asker)
{
	struct json_object *status = scrape_whole(&asker->all->scrape);
	struct json_object *sliced = json_tokener_parse(asker->text);

	cr_expect(json_object_equal(status, sliced), "%s", asker->text);
	json_object_put(sliced);
	json_object_put(status);
}

/*
 * `evenkeel status` and top: a turn of the loop has one slice, however many ask. Of two
 * events in one turn either may come first, so two slices can be between two of the
 * other's.
 */
Test(scrape, a_status_by_the_socket_leaves_the_loop_to_others)
{
	char dir[] = "/tmp/evenkeel-status-XXXXXX", path[64];
	struct askers *askers = xcalloc(1, sizeof(*askers));
	unsigned servers = 10 * SERVERS_IN_POOL, i;
	struct control *control;
	struct loop *loop;
	int always[2];

	cr_assert(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/control", dir);
	scrape_open(&askers->scrape, servers);
	loop = askers->scrape.loop;
	control = control_new(loop, &scrape_ops, &askers->scrape);
	control_configure(control, &askers->scrape.conf->global, path);
	cr_assert_eq(pipe(always), 0);
	cr_assert_eq(loop_io_start(loop, &askers->other, always[1], LOOP_WRITE,
				   askers_other),
		     0);
	for (i = 0; i < ASKERS; i++) {
		askers->one[i].all = askers;
		asker_ask(&askers->one[i], path);
	}
	cr_assert_eq(loop_run(loop), 0);
	cr_expect_eq(askers->scrape.views, ASKERS * scrape_slices(servers));
	cr_expect_geq(askers->most, 1);
	cr_expect_leq(askers->most, 2);
	for (i = 0; i < ASKERS; i++)
		asker_check(&askers->one[i]);
	loop_io_stop(&askers->other);
	close(always[0]);
	close(always[1]);
	control_free(control);
	cr_expect_eq(rmdir(dir), 0);
	scrape_close(&askers->scrape);
	free(askers);
}

/* A slice of one configuration beside one of another would be of neither. */
Test(scrape, a_reload_begins_the_sheet_anew)
{
	unsigned servers = 10 * SERVERS_IN_POOL, slices;
	struct scrape scrape;
	struct feed *feed;
	const char *text;
	size_t length;

	scrape_open(&scrape, servers);
	scrape.reloads_after = 2;
	feed = scrape_feed(&scrape, &slices);
	text = feed_text(feed, &length);
	cr_expect_eq(scrape.firsts, 2);
	cr_expect_eq(scrape_count(text, length, "\ndaemon\t"), 1);
	cr_expect_eq(scrape_count(text, length, "\npool\t"), 10);
	cr_expect_eq(scrape_count(text, length, "\nserver\t"), servers);
	cr_expect_eq(scrape_count(text, length, "\nend\n"), 1);
	feed_free(feed);
	scrape_close(&scrape);
}

/*
 * A counter that falls to 0 while the kernel cannot be read would rise by all of
 * its value when it can be again.
 */
Test(scrape, a_counter_of_the_kernel_is_0_outside_the_table_and_else_missing)
{
	static const char *const columns[] = { "weight_kernel", "connections",
					       "bytes_in", "packets_out" };
	struct scrape scrape;
	struct sheet_reader reader;
	struct sheet_row head = { 0 }, row;
	unsigned turn, slices;
	size_t length, i, c;
	struct feed *feed;
	int64_t number;

	for (turn = 0; turn < 2; turn++) {
		memset(&head, 0, sizeof(head));
		scrape_open(&scrape, 1);
		table_clear(&scrape.wanted);
		scrape.view.reached = turn == 0;
		feed = scrape_feed(&scrape, &slices);
		reader.at = feed_text(feed, &length);
		reader.end = reader.at + length;
		while (sheet_read(&reader, &row) > 0 &&
		       !(!row.head && sheet_is(&row.fields[0], "server")))
			head = row;
		cr_assert(sheet_is(&head.fields[0], "server"));
		for (i = 0; i < ARRAY_SIZE(columns); i++)
			for (c = 1; c < head.nr; c++)
				if (sheet_is(&head.fields[c], columns[i]))
					cr_expect_eq(sheet_read_number(
							     &row.fields[c],
							     &number),
						     turn == 0, "%s",
						     columns[i]);
		feed_free(feed);
		scrape_close(&scrape);
	}
}

/* A server of the same address keeps its counts, and so do its checks. */
Test(tallies, counts_stay_over_a_reload)
{
	struct conf *before = scrape_conf(3), *after = scrape_conf(2);
	struct tallies *old = tallies_new(before, NULL, NULL), *now;
	struct balance_event event = { .server = 1,
				       .before = STANDING_UP,
				       .after = STANDING_DOWN };

	tallies_result(old, 1, PROBE_REFUSED);
	tallies_result(old, 1, PROBE_REFUSED);
	tallies_result(old, 2, PROBE_OK);
	tallies_result(old, before->nr_checks, PROBE_OK);
	tallies_result(old, 0, PROBE_OUTCOMES);
	tallies_transition(old, &event);
	event.after = event.before;
	tallies_transition(old, &event);
	event.server = TABLE_NO_REF;
	tallies_transition(old, &event);
	now = tallies_new(after, before, old);
	cr_expect_eq(tallies_results(now, 1, PROBE_REFUSED), 2);
	cr_expect_eq(tallies_results(now, 0, PROBE_REFUSED), 0);
	cr_expect_eq(tallies_transitions(now, 1, STANDING_UP, STANDING_DOWN),
		     1);
	cr_expect_eq(tallies_transitions(now, 1, STANDING_UP, STANDING_UP), 0);
	cr_expect_eq(tallies_transitions(now, 0, STANDING_UP, STANDING_DOWN),
		     0);
	tallies_free(old);
	tallies_free(now);
	conf_free(before);
	conf_free(after);
}
