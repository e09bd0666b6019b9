/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/integrity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <unistd.h>

#include "balance/balance.h"
#include "conf/digest.h"
#include "daemon/checker_proc.h"
#include "daemon/operator/fitness.h"
#include "daemon/operator/overrides.h"
#include "daemon/operator/peer_proc.h"
#include "daemon/operator/peer_reports.h"
#include "daemon/probe_paths.h"
#include "lib/history.h"
#include "lib/index.h"
#include "lib/ipc.h"
#include "lib/log.h"
#include "lib/log_limit.h"
#include "lib/text.h"

/* Of one payload, login included. */
#define INTEGRITY_TIMEOUT (10 * USEC_PER_SEC)
/* An answer that has not come so long after that was lost. */
#define INTEGRITY_LOST (5 * USEC_PER_SEC)
/* A server that takes none now is looked at again after this. */
#define INTEGRITY_NOT_NOW USEC_PER_SEC
/* How often the other balancer's report is looked at. */
#define INTEGRITY_HEAR USEC_PER_SEC
/* After a refusal the addresses are offered again. */
#define INTEGRITY_STEP_AGAIN (60 * USEC_PER_SEC)
/* Of lines about mismatches. */
#define INTEGRITY_LINES 60
/* A share of a weight that is whole. */
#define INTEGRITY_WHOLE 1000000

/* The place of a server in the order of the payloads. */
struct integrity_seat {
	struct loop_timer timer; /* its next payload, or the last moment of one */
	struct integrity *integrity;
	uint32_t server;
	STAILQ_ENTRY(integrity_seat) due; /* it waits for others to end */
};

STAILQ_HEAD(integrity_queue, integrity_seat);

struct integrity {
	struct integrity_needs needs;
	const struct conf *conf;
	const struct balance *balance;
	struct integrity_row *rows; /* by server */
	struct integrity_seat *seats; /* by server; idle where none is measured */
	struct integrity_queue queue; /* of seats that are due, the first first */
	struct integrity_pool *pools; /* by virtual server */
	uint32_t *blamed; /* by check: its first server to blame; UINT32_MAX: none */
	bool wanted; /* some pool says `integrity` */
	struct loop_timer hear; /* the other balancer's report */
	struct log_limit lines;
	uint32_t asked; /* payloads, so that no two tickets are the same */
	uint64_t seed;
	unsigned under_way;
};

static const struct conf_integrity *integrity_conf(const struct conf *conf,
						   uint32_t server)
{
	return &conf->virtual_servers[conf->servers[server].vs].integrity;
}

static bool integrity_measures(const struct conf *conf, uint32_t server)
{
	return integrity_conf(conf, server)->rate > 0 &&
	       conf_payload_check(conf, server) != UINT32_MAX;
}

static uint64_t integrity_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = (uint64_t)getpid() << 32 ^ (uint64_t)clock_now();
	return seed;
}

bool integrity_may_take(const struct balance_server_view *view)
{
	switch (view->standing) {
	case STANDING_UP:
	case STANDING_SOFT:
	case STANDING_SPARE:
		break;
	case STANDING_UNKNOWN:
	case STANDING_HELD:
	case STANDING_DRAIN:
	case STANDING_DOWN:
	case STANDINGS:
		return false;
	}
	return view->judged && view->ramp >= INTEGRITY_WHOLE &&
	       view->saturation >= INTEGRITY_WHOLE;
}

static bool integrity_may_send(const struct integrity *integrity,
			       uint32_t server)
{
	struct balance_server_view view;

	balance_view_server(integrity->balance, server, &view);
	return integrity_may_take(&view);
}

/* "192.0.2.11:3306 of 192.0.2.10:3306" */
static const char *integrity_name(const struct conf *conf, uint32_t server,
				  char *out, size_t size)
{
	const struct conf_server *its = &conf->servers[server];
	char addr[ENDPOINT_TEXT_MAX];

	snprintf(out, size, "%s of %s", endpoint_format(&its->addr, addr),
		 conf->virtual_servers[its->vs].name);
	return out;
}

static void integrity_say_mismatch(struct integrity *integrity, uint32_t server)
{
	const struct integrity_mismatch *last =
		&integrity->rows[server].mismatch;
	const struct payload_found *found = &last->found;
	char name[256];

	if (!log_limit_pass(&integrity->lines, loop_now(integrity->needs.loop)))
		return;
	integrity_name(integrity->conf, server, name, sizeof(name));
	log_warning(
		"integrity",
		"%s, %s: %u bytes came back otherwise than they were sent, changed %s: %u bytes from byte %u on, over %u; 'evenkeel integrity' shows them",
		name,
		last->way == INTEGRITY_CLIENT ? "the clients' way" :
						"its own address",
		found->size, integrity_half_name(found->state),
		found->differing, found->offset, found->span);
}

static const char *integrity_service(const struct integrity *integrity,
				     uint32_t server, char *out)
{
	struct endpoint service;

	if (!conf_payload_service(integrity->conf, server, &service))
		return "the service address";
	return addr_format(&service.addr, out);
}

static void integrity_say_server(struct integrity *integrity, uint32_t server,
				 enum integrity_blame before)
{
	const struct integrity_row *row = &integrity->rows[server];
	char name[256], why[INTEGRITY_TEXT_MAX], service[ADDR_TEXT_MAX];

	integrity_name(integrity->conf, server, name, sizeof(name));
	if (row->blame == INTEGRITY_NOBODY) {
		log_notice("integrity",
			   "%s: bytes arrive as they were sent again, or "
			   "somebody else is to blame",
			   name);
		history_add(integrity->needs.history,
			    "integrity: %s is not to blame any more", name);
		return;
	}
	integrity_explain(row, integrity_conf(integrity->conf, server),
			  integrity_service(integrity, server, service),
			  loop_now(integrity->needs.loop), why);
	log_error("integrity", "%s is soft-failed: %s", name, why);
	if (before == INTEGRITY_NOBODY)
		history_add(integrity->needs.history, "integrity: %s: %s", name,
			    why);
}

static const char *integrity_pool_words(enum integrity_blame blame)
{
	switch (blame) {
	case INTEGRITY_BALANCER:
		return "bytes to and from every server are changed through this balancer, and not through the other one: this balancer or its link is broken; 'evenkeel switchover' leaves the addresses to the other one";
	case INTEGRITY_SHARED:
		return "bytes to and from every server are changed, through both balancers: look at what they share, such as a switch";
	case INTEGRITY_UNTOLD:
		return "bytes to and from every server that was measured are changed: this balancer, its link or what all servers share; no server is taken out for it";
	case INTEGRITY_NOBODY:
	case INTEGRITY_SERVER:
	case INTEGRITY_LIAR:
	case INTEGRITY_STRANGER:
	case INTEGRITY_BLAMES:
		break;
	}
	return "bytes arrive as they were sent again, or single servers are to blame";
}

/* Which part of a balancer changes them shows later than that it does. */
static void integrity_note_part(struct integrity *integrity, uint32_t vs)
{
	const struct conf_virtual_server *its =
		&integrity->conf->virtual_servers[vs];
	struct integrity_pool *pool = &integrity->pools[vs];
	bool before = pool->only_forwarded;

	pool->only_forwarded =
		pool->blame != INTEGRITY_NOBODY &&
		integrity_only_forwarded(&integrity->rows[its->first_server],
					 its->nr_servers, &its->integrity,
					 loop_now(integrity->needs.loop));
	if (!pool->only_forwarded || before)
		return;
	log_error(
		"integrity",
		"%s: nothing is changed at the servers' own addresses, so it is the forwarding that changes bytes: IPVS, or an offload of an interface (GRO, LRO)",
		its->name);
	history_add(integrity->needs.history,
		    "integrity: %s: the forwarding changes bytes", its->name);
}

static void integrity_note_pool(struct integrity *integrity, uint32_t vs,
				enum integrity_blame blame)
{
	struct integrity_pool *pool = &integrity->pools[vs];
	const char *name = integrity->conf->virtual_servers[vs].name;

	if (pool->blame != blame) {
		pool->blame = blame;
		pool->since = loop_now(integrity->needs.loop);
		if (blame == INTEGRITY_NOBODY)
			log_notice("integrity", "%s: %s", name,
				   integrity_pool_words(blame));
		else
			log_error("integrity", "%s: %s", name,
				  integrity_pool_words(blame));
		history_add(integrity->needs.history, "integrity: %s: %s", name,
			    integrity_pool_words(blame));
	}
	integrity_note_part(integrity, vs);
}

static void integrity_list_blamed(struct integrity *integrity)
{
	const struct conf *conf = integrity->conf;
	uint32_t i, check;

	for (i = 0; i < conf->nr_checks; i++)
		integrity->blamed[i] = UINT32_MAX;
	for (i = integrity->wanted ? conf->nr_servers : 0; i-- > 0;) {
		if (integrity->rows[i].blame == INTEGRITY_NOBODY)
			continue;
		check = conf_payload_check(conf, i);
		integrity->blamed[check] = i;
	}
}

/* Judge the pool anew, and tell the changes. */
static void integrity_judge_pool(struct integrity *integrity, uint32_t vs)
{
	const struct conf *conf = integrity->conf;
	const struct conf_virtual_server *its = &conf->virtual_servers[vs];
	struct integrity_row *rows = &integrity->rows[its->first_server];
	enum integrity_blame *before =
		xcalloc(its->nr_servers + 1, sizeof(*before));
	enum integrity_blame pool;
	uint32_t i;

	for (i = 0; i < its->nr_servers; i++)
		before[i] = rows[i].blame;
	pool = integrity_judge(rows, its->nr_servers, &its->integrity,
			       loop_now(integrity->needs.loop));
	for (i = 0; i < its->nr_servers; i++) {
		if (rows[i].blame == before[i])
			continue;
		integrity_say_server(integrity, its->first_server + i,
				     before[i]);
		integrity_list_blamed(integrity);
		checker_proc_probe_now(
			integrity->needs.checker,
			conf_payload_check(conf, its->first_server + i));
	}
	integrity_note_pool(integrity, vs,
			    integrity_settle(&integrity->pools[vs], rows,
					     its->nr_servers, pool));
	free(before);
}

/* A balancer through which alone everything is changed leaves, once. */
static void integrity_step_down(struct integrity *integrity, uint32_t vs)
{
	struct integrity_pool *pool = &integrity->pools[vs];
	usec_t now = loop_now(integrity->needs.loop);
	const char *name = integrity->conf->virtual_servers[vs].name;

	if (pool->blame == INTEGRITY_NOBODY)
		pool->stepped = false;
	if (pool->blame != INTEGRITY_BALANCER || pool->stepped ||
	    now < pool->again ||
	    !integrity->conf->virtual_servers[vs].integrity.step_down)
		return;
	pool->again = now + INTEGRITY_STEP_AGAIN;
	pool->stepped = integrity->needs.step_down(integrity->needs.arg);
	if (!pool->stepped)
		return;
	log_error(
		"integrity",
		"%s: step_down: the addresses are left to the other balancer, once",
		name);
	history_add(integrity->needs.history,
		    "integrity: %s: step_down, to the other balancer", name);
}

/* The better of the others' words: a balancer in order could serve. */
static enum integrity_state integrity_better(enum integrity_state so_far,
					     const struct peer_item *item)
{
	if (item && item->state == PEER_INTEGRITY_CLEAN)
		return INTEGRITY_CLEAN;
	if (item && item->state == PEER_INTEGRITY_CORRUPT &&
	    so_far != INTEGRITY_CLEAN)
		return INTEGRITY_CORRUPT;
	return so_far;
}

static uint64_t integrity_item_id(const struct conf *conf, uint32_t server)
{
	char name[256];

	integrity_name(conf, server, name, sizeof(name));
	return conf_digest_text(name);
}

static void integrity_hear_one(struct integrity *integrity,
			       const struct peer_reports *reports)
{
	usec_t now = loop_now(integrity->needs.loop);
	const struct conf *conf = integrity->conf;
	struct integrity_row *row;
	struct peer_item *items;
	size_t count;
	uint32_t i;

	items = peer_reports_items(reports, now, &count);
	for (i = 0; i < conf->nr_servers; i++) {
		row = &integrity->rows[i];
		if (row->cells[INTEGRITY_DIRECT].exists)
			row->there = integrity_better(
				row->there,
				peer_reports_find(items, count,
						  PEER_ITEM_INTEGRITY,
						  integrity_item_id(conf, i)));
	}
	free(items);
}

static void integrity_hear(struct integrity *integrity)
{
	struct peer_proc_view peer;
	uint32_t i;

	for (i = 0; i < integrity->conf->nr_servers; i++)
		integrity->rows[i].there = INTEGRITY_UNMEASURED;
	for (i = 0; overrides_peer(integrity->needs.overrides, i, &peer); i++)
		integrity_hear_one(integrity, peer.reports);
}

size_t integrity_name_items(const struct conf *conf, struct fitness_item *items)
{
	size_t nr = 0;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		if (!integrity_measures(conf, i))
			continue;
		items[nr++] = (struct fitness_item){
			.name = conf->virtual_servers[conf->servers[i].vs].name,
			.item = { .kind = PEER_ITEM_INTEGRITY,
				  .id = integrity_item_id(conf, i) },
		};
	}
	return nr;
}

void integrity_fill_items(const struct integrity *integrity,
			  struct fitness_item *items)
{
	const struct conf *conf = integrity->conf;
	usec_t now = loop_now(integrity->needs.loop);
	enum integrity_state state;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		if (!integrity_measures(conf, i))
			continue;
		state = integrity_row_report(&integrity->rows[i],
					     integrity_conf(conf, i), now);
		items++->item.state =
			state == INTEGRITY_CLEAN   ? PEER_INTEGRITY_CLEAN :
			state == INTEGRITY_CORRUPT ? PEER_INTEGRITY_CORRUPT :
						     PEER_INTEGRITY_UNMEASURED;
	}
}

static void integrity_judge_all(struct integrity *integrity)
{
	uint32_t vs;

	for (vs = 0; vs < integrity->conf->nr_virtual_servers; vs++)
		if (integrity->conf->virtual_servers[vs].integrity.rate > 0)
			integrity_judge_pool(integrity, vs);
}

/* The other balancer's report can be news of its own. */
static void integrity_heard(struct loop_timer *timer)
{
	struct integrity *integrity =
		container_of(timer, struct integrity, hear);
	uint32_t vs;

	loop_timer_set(timer, loop_now(integrity->needs.loop) + INTEGRITY_HEAR);
	integrity_hear(integrity);
	integrity_judge_all(integrity);
	for (vs = 0; vs < integrity->conf->nr_virtual_servers; vs++)
		integrity_step_down(integrity, vs);
}

/* The payload under way comes to nothing. */
static void integrity_give_up(struct integrity *integrity, uint32_t server,
			      const char *why)
{
	struct integrity_row *row = &integrity->rows[server];

	integrity_miss(row, why);
	integrity->under_way--;
	loop_timer_set(&integrity->seats[server].timer, row->next);
}

/* The socket for the clients' way, -1 for the other one; or a reason. */
static const char *integrity_socket(struct integrity *integrity,
				    uint32_t server, int *fd)
{
	*fd = -1;
	if (integrity->rows[server].asked != INTEGRITY_CLIENT)
		return NULL;
	*fd = probe_paths_server_socket(integrity->needs.paths, server);
	return *fd < 0 ? "no socket can be made for the clients' way: see "
			 "the log on probe_path client" :
			 NULL;
}

static void integrity_ask(struct integrity *integrity, uint32_t server,
			  usec_t now)
{
	struct integrity_row *row = &integrity->rows[server];
	struct ipc_payload_ask ask = {
		.ticket = (uint64_t)++integrity->asked << 32 | server,
		.seed = integrity->seed++ * 0x9e3779b97f4a7c15u,
		.check = conf_payload_check(integrity->conf, server),
		.timeout = INTEGRITY_TIMEOUT,
	};
	const char *why;
	int fd, error;

	ask.size = integrity_send(row, integrity_conf(integrity->conf, server),
				  now);
	row->ticket = ask.ticket;
	row->deadline = now + INTEGRITY_TIMEOUT + INTEGRITY_LOST;
	integrity->under_way++;
	loop_timer_set(&integrity->seats[server].timer, row->deadline);
	why = integrity_socket(integrity, server, &fd);
	if (why) {
		integrity_give_up(integrity, server, why);
		return;
	}
	if (fd >= 0)
		(void)conf_payload_service(integrity->conf, server,
					   &ask.service);
	error = checker_proc_send_payload(integrity->needs.checker, &ask, fd);
	if (fd >= 0)
		close(fd);
	if (error < 0)
		integrity_give_up(integrity, server,
				  "the checker is not ready for it");
}

/* Serve the queue while more payloads may be under way. */
static void integrity_serve(struct integrity *integrity)
{
	usec_t now = loop_now(integrity->needs.loop);
	struct integrity_seat *seat;

	while (integrity->under_way < INTEGRITY_AT_A_TIME &&
	       (seat = STAILQ_FIRST(&integrity->queue))) {
		STAILQ_REMOVE_HEAD(&integrity->queue, due);
		if (integrity_may_send(integrity, seat->server))
			integrity_ask(integrity, seat->server, now);
		else
			loop_timer_set(&seat->timer, now + INTEGRITY_NOT_NOW);
	}
}

static void integrity_expired(struct loop_timer *timer)
{
	struct integrity_seat *seat =
		container_of(timer, struct integrity_seat, timer);
	struct integrity *integrity = seat->integrity;

	if (integrity->rows[seat->server].ticket)
		integrity_give_up(integrity, seat->server,
				  "the checker has not answered");
	else
		STAILQ_INSERT_TAIL(&integrity->queue, seat, due);
	integrity_serve(integrity);
}

static void integrity_take_answer(void *arg, const struct ipc_payload *answer)
{
	struct integrity *integrity = arg;
	usec_t now = loop_now(integrity->needs.loop);
	uint32_t i = (uint32_t)answer->ticket;
	const struct conf_integrity *conf;
	struct integrity_row *row;
	char why[INTEGRITY_TEXT_MAX];

	if (answer->ticket == 0 || i >= integrity->conf->nr_servers ||
	    integrity->rows[i].ticket != answer->ticket) /* it was given up */
		return;
	row = &integrity->rows[i];
	conf = integrity_conf(integrity->conf, i);
	if (answer->outcome != PROBE_OK ||
	    answer->found.state == PAYLOAD_NOTHING) {
		snprintf(why, sizeof(why), "%s: %.120s",
			 outcome_info(answer->outcome)->text, answer->text);
		integrity_give_up(integrity, i, why);
		integrity_serve(integrity);
		return;
	}
	integrity->under_way--;
	loop_timer_set(&integrity->seats[i].timer, row->next);
	integrity_take(row, conf, &answer->found, now);
	if (payload_is_bad(&answer->found) && row->mismatch.when == now)
		integrity_say_mismatch(integrity, i);
	integrity_judge_pool(integrity, integrity->conf->servers[i].vs);
	integrity_serve(integrity);
}

struct integrity *integrity_new(const struct integrity_needs *needs)
{
	struct integrity *integrity = xcalloc(1, sizeof(*integrity));

	integrity->needs = *needs;
	integrity->seed = integrity_seed();
	integrity->lines = (struct log_limit){ .part = "integrity",
					       .what = "changed payloads",
					       .most = INTEGRITY_LINES };
	loop_timer_init(needs->loop, &integrity->hear, integrity_heard);
	STAILQ_INIT(&integrity->queue);
	checker_proc_take_payloads(needs->checker, integrity_take_answer,
				   integrity);
	return integrity;
}

static void integrity_leave_seats(struct integrity *integrity)
{
	uint32_t i;

	for (i = 0; integrity->wanted && i < integrity->conf->nr_servers; i++)
		if (integrity->seats[i].integrity)
			loop_timer_clear(&integrity->seats[i].timer);
	STAILQ_INIT(&integrity->queue);
	free(integrity->seats);
	integrity->seats = NULL;
}

void integrity_free(struct integrity *integrity)
{
	if (!integrity)
		return;
	loop_timer_clear(&integrity->hear);
	integrity_leave_seats(integrity);
	free(integrity->rows);
	free(integrity->pools);
	free(integrity->blamed);
	free(integrity);
}

static uint32_t integrity_hash(const struct conf *conf, uint32_t server)
{
	return endpoint_hash(&conf->servers[server].addr);
}

static bool integrity_same(const struct conf *a, uint32_t i,
			   const struct conf *b, uint32_t k)
{
	const struct conf_integrity *x = integrity_conf(a, i),
				    *y = integrity_conf(b, k);

	return endpoint_cmp(&a->servers[i].addr, &b->servers[k].addr) == 0 &&
	       strcmp(a->virtual_servers[a->servers[i].vs].name,
		      b->virtual_servers[b->servers[k].vs].name) == 0 &&
	       x->rate == y->rate && x->least == y->least &&
	       x->most == y->most && x->confirm == y->confirm;
}

/* Rows of the same servers in OLD_ROWS, of OLD. A payload under way is lost. */
static void integrity_inherit(struct integrity *integrity,
			      const struct conf *old,
			      const struct integrity_row *old_rows)
{
	const struct conf *conf = integrity->conf;
	struct index index = { 0 };
	struct index_walk walk;
	uint32_t i, k;

	for (k = 0; k < old->nr_servers; k++)
		if (old_rows[k].cells[INTEGRITY_DIRECT].exists)
			index_put(&index, integrity_hash(old, k), k);
	for (i = 0; i < conf->nr_servers; i++) {
		struct integrity_row *row = &integrity->rows[i];
		bool client = row->cells[INTEGRITY_CLIENT].exists;

		if (!row->cells[INTEGRITY_DIRECT].exists)
			continue;
		index_for_each (&index, integrity_hash(conf, i), &walk, k) {
			if (!integrity_same(conf, i, old, k))
				continue;
			*row = old_rows[k];
			row->ticket = 0;
			if (client != row->cells[INTEGRITY_CLIENT].exists)
				row->cells[INTEGRITY_CLIENT] =
					(struct integrity_cell){
						.exists = client
					};
		}
	}
	index_free(&index);
}

/*
 * A pool that stays keeps its blame, and that the addresses were left for it: a
 * reload is no reason to leave them again.
 */
static void integrity_inherit_pools(struct integrity *integrity,
				    const struct conf *old,
				    const struct integrity_pool *old_pools)
{
	const struct conf *conf = integrity->conf;
	struct index index = { 0 };
	struct index_walk walk;
	uint32_t i, k;

	for (k = 0; k < old->nr_virtual_servers; k++)
		if (old->virtual_servers[k].integrity.rate > 0)
			index_put(&index,
				  hash_text(old->virtual_servers[k].name), k);
	for (i = 0; i < conf->nr_virtual_servers; i++) {
		const struct conf_virtual_server *its =
			&conf->virtual_servers[i];

		if (its->integrity.rate == 0)
			continue;
		index_for_each (&index, hash_text(its->name), &walk, k)
			if (strcmp(its->name, old->virtual_servers[k].name) ==
			    0)
				integrity->pools[i] = old_pools[k];
	}
	index_free(&index);
}

static void integrity_take_seats(struct integrity *integrity)
{
	uint32_t nr = integrity->conf->nr_servers, i;

	integrity->seats = xcalloc(nr + 1, sizeof(*integrity->seats));
	for (i = 0; integrity->wanted && i < nr; i++) {
		struct integrity_seat *seat = &integrity->seats[i];

		if (!integrity->rows[i].cells[INTEGRITY_DIRECT].exists)
			continue;
		seat->integrity = integrity;
		seat->server = i;
		loop_timer_init(integrity->needs.loop, &seat->timer,
				integrity_expired);
		loop_timer_set(&seat->timer, integrity->rows[i].next);
	}
}

static void integrity_make_rows(struct integrity *integrity)
{
	const struct conf *conf = integrity->conf;
	usec_t now = loop_now(integrity->needs.loop);
	struct endpoint service;
	uint32_t i;

	integrity->wanted = false;
	integrity->rows =
		xcalloc(conf->nr_servers + 1, sizeof(*integrity->rows));
	for (i = 0; i < conf->nr_servers; i++) {
		struct integrity_row *row = &integrity->rows[i];

		if (!integrity_measures(conf, i))
			continue;
		row->cells[INTEGRITY_DIRECT].exists = true;
		row->cells[INTEGRITY_CLIENT].exists =
			conf_payload_service(conf, i, &service);
		row->random = integrity->seed++;
		row->next = now;
		integrity->wanted = true;
	}
}

void integrity_configure(struct integrity *integrity, const struct conf *conf,
			 const struct balance *balance)
{
	struct integrity_row *old_rows = integrity->rows;
	struct integrity_pool *old_pools = integrity->pools;
	const struct conf *old = integrity->wanted ? integrity->conf : NULL;

	integrity_leave_seats(integrity);
	integrity->conf = conf;
	integrity->balance = balance;
	integrity->under_way = 0;
	integrity_make_rows(integrity);
	integrity->pools = xcalloc(conf->nr_virtual_servers + 1,
				   sizeof(*integrity->pools));
	if (old && integrity->wanted) {
		integrity_inherit(integrity, old, old_rows);
		integrity_inherit_pools(integrity, old, old_pools);
	}
	free(old_rows);
	free(old_pools);
	free(integrity->blamed);
	integrity->blamed =
		xcalloc(conf->nr_checks + 1, sizeof(*integrity->blamed));
	integrity_list_blamed(integrity);
	integrity_take_seats(integrity);
	loop_timer_clear(&integrity->hear);
	if (!integrity->wanted)
		return;
	if (old)
		integrity_judge_all(integrity);
	loop_timer_set(&integrity->hear, loop_now(integrity->needs.loop));
}

void integrity_judge_verdict(const struct integrity *integrity,
			     struct verdict *verdict)
{
	char why[INTEGRITY_TEXT_MAX], service[ADDR_TEXT_MAX];
	const struct integrity_row *row;
	uint32_t server;

	if (!integrity->wanted ||
	    verdict->check >= integrity->conf->nr_checks ||
	    outcome_info(verdict->outcome)->class != OUTCOME_GOOD)
		return;
	server = integrity->blamed[verdict->check];
	if (server == UINT32_MAX)
		return;
	row = &integrity->rows[server];
	integrity_explain(row, integrity_conf(integrity->conf, server),
			  integrity_service(integrity, server, service),
			  loop_now(integrity->needs.loop), why);
	verdict->outcome = row->blame == INTEGRITY_STRANGER ?
				   PROBE_OTHER_SERVER :
				   PROBE_CORRUPT;
	verdict->failures = verdict->failures ? verdict->failures : 1;
	snprintf(verdict->text, sizeof(verdict->text), "%s", why);
}

const struct integrity_row *integrity_rows(const struct integrity *integrity)
{
	return integrity->rows;
}

const struct integrity_pool *integrity_pools(const struct integrity *integrity)
{
	return integrity->pools;
}
