/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/integrity/integrity_matrix.h"

#include <stdio.h>
#include <string.h>

#include "lib/text.h"

#define INTEGRITY_LAST 3 /* payloads that count */
#define INTEGRITY_LAST_MASK ((1u << INTEGRITY_LAST) - 1)
/* So many turns of a way without a result, and it counts as not measured. */
#define INTEGRITY_STALE_TURNS 8
#define INTEGRITY_STALE_MIN (60 * USEC_PER_SEC)
/* Between two payloads of a server: small ones cost a login each. */
#define INTEGRITY_GAP_MAX USEC_PER_SEC
#define INTEGRITY_GAP_MIN (50 * USEC_PER_MSEC)
/* With this many bytes a second there is a login a second. */
#define INTEGRITY_GAP_RATE 100000
/* The same way is asked so often again after a bad payload, until it is confirmed. */
#define INTEGRITY_AGAIN (INTEGRITY_LAST - 1)
/*
 * How many changes the servers that are not corrupt must have missed, by the rate
 * at the corrupt ones, before these are to blame: chance leaves out four in one
 * of fifty cases. Where the other balancer says the same of them, one is enough.
 */
#define INTEGRITY_MISSED 4.0
#define INTEGRITY_MISSED_THERE 1.0
/* Each change that they did meet has to be outweighed by so many more. */
#define INTEGRITY_MISSED_EACH 4.0
/* So many of the largest payloads are remembered as a rate. */
#define INTEGRITY_REMEMBERED 64
/* Payloads that came back well while others did not, before a way is in order. */
#define INTEGRITY_CLEAN_BESIDE 5
/* Changes here, with the other balancer clean, before this one is to blame. */
#define INTEGRITY_SETTLED 3

/* Around these sizes something changes: the number of segments, of offloaded
 * pieces, of buffers, of MySQL's packets. */
static const uint32_t integrity_borders[] = {
	536,   1448,  1460,   8948,   8960,    16384,
	65483, 65536, 131072, 262144, 1048576, 16777215,
};

const char *integrity_way_name(enum integrity_way way)
{
	return way == INTEGRITY_CLIENT ? "client" : "direct";
}

const char *integrity_state_name(enum integrity_state state)
{
	static const char *const names[INTEGRITY_STATES] = {
		[INTEGRITY_UNMEASURED] = "unmeasured",
		[INTEGRITY_CLEAN] = "clean",
		[INTEGRITY_SUSPECT] = "suspect",
		[INTEGRITY_CORRUPT] = "corrupt",
	};

	return names[state];
}

const char *integrity_blame_name(enum integrity_blame blame)
{
	static const char *const names[INTEGRITY_BLAMES] = {
		[INTEGRITY_NOBODY] = "nobody",
		[INTEGRITY_SERVER] = "server",
		[INTEGRITY_LIAR] = "liar",
		[INTEGRITY_STRANGER] = "stranger",
		[INTEGRITY_BALANCER] = "balancer",
		[INTEGRITY_SHARED] = "shared",
		[INTEGRITY_UNTOLD] = "untold",
	};

	return names[blame];
}

const char *integrity_half_name(unsigned state)
{
	switch ((enum payload_state)state) {
	case PAYLOAD_UP:
		return "to the server";
	case PAYLOAD_DOWN:
		return "back from the server";
	case PAYLOAD_BOTH:
		return "both ways";
	case PAYLOAD_LIE:
		return "in the server's digest";
	case PAYLOAD_NOTHING:
	case PAYLOAD_SAME:
	case PAYLOAD_STATES:
		break;
	}
	return "nowhere";
}

/* SplitMix64 */
static uint64_t integrity_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t integrity_clamp(const struct conf_integrity *conf,
				uint64_t size)
{
	if (size < conf->least)
		return conf->least;
	return size > conf->most ? conf->most : (uint32_t)size;
}

/* Around a border that is within reach, else anywhere. */
static uint32_t integrity_size_at_border(const struct conf_integrity *conf,
					 uint64_t random)
{
	uint32_t within[ARRAY_SIZE(integrity_borders)];
	size_t nr = 0, i;

	for (i = 0; i < ARRAY_SIZE(integrity_borders); i++)
		if (integrity_borders[i] >= conf->least &&
		    integrity_borders[i] <= conf->most)
			within[nr++] = integrity_borders[i];
	if (nr == 0)
		return integrity_clamp(conf, conf->least + random % 64);
	return integrity_clamp(conf,
			       within[random % nr] - 8 + (random >> 32) % 17);
}

/* Half of them large, for rare changes are found by bytes. */
static uint32_t integrity_size(const struct conf_integrity *conf,
			       uint64_t *state)
{
	uint64_t how = integrity_random(state),
		 random = integrity_random(state);
	uint32_t range = conf->most - conf->least;
	unsigned bits = 0;

	if (how % 4 == 0)
		return integrity_size_at_border(conf, random);
	if (how % 4 > 1)
		return conf->most - (uint32_t)(random % (range / 2 + 1));
	/* Each power of two is as likely. */
	while (bits < 32 && range >> bits)
		bits++;
	bits = (unsigned)(random % (bits + 1));
	return integrity_clamp(conf, conf->least + (random >> 8) % (UINT64_C(1)
								    << bits));
}

static bool integrity_is_suspect(const struct integrity_row *row)
{
	int way;

	for (way = 0; way < INTEGRITY_WAYS; way++)
		if (row->cells[way].last || row->cells[way].corrupt)
			return true;
	return false;
}

static usec_t integrity_gap(const struct conf_integrity *conf)
{
	usec_t gap = INTEGRITY_GAP_MAX * INTEGRITY_GAP_RATE / conf->rate;

	if (gap > INTEGRITY_GAP_MAX)
		return INTEGRITY_GAP_MAX;
	return gap < INTEGRITY_GAP_MIN ? INTEGRITY_GAP_MIN : gap;
}

static enum integrity_way integrity_other(enum integrity_way way)
{
	return way == INTEGRITY_DIRECT ? INTEGRITY_CLIENT : INTEGRITY_DIRECT;
}

/* In turn; but a way that just changed bytes is asked again first. */
static enum integrity_way integrity_choose_way(struct integrity_row *row)
{
	if (row->again > 0 && row->cells[row->asked].exists) {
		row->again--;
		return row->asked;
	}
	return row->cells[row->turn].exists ? row->turn :
					      integrity_other(row->turn);
}

uint32_t integrity_send(struct integrity_row *row,
			const struct conf_integrity *conf, usec_t now)
{
	uint32_t size = row->alarm || integrity_is_suspect(row) ?
				conf->most :
				integrity_size(conf, &row->random);
	usec_t pause = (usec_t)size * USEC_PER_SEC / conf->rate;

	row->asked = integrity_choose_way(row);
	row->turn = integrity_other(row->asked);
	row->next = now +
		    (pause > integrity_gap(conf) ? pause : integrity_gap(conf));
	return size;
}

static unsigned integrity_count(uint8_t bits)
{
	return (unsigned)__builtin_popcount(bits & INTEGRITY_LAST_MASK);
}

static uint8_t integrity_push(uint8_t bits, bool one)
{
	return (uint8_t)((bits << 1 | one) & INTEGRITY_LAST_MASK);
}

/* Whether the clients' way leads to another server than FOUND's. */
static bool integrity_meet_stranger(struct integrity_row *row,
				    const struct conf_integrity *conf,
				    const struct payload_found *found)
{
	const char *own = row->cells[INTEGRITY_DIRECT].server;
	bool other;

	if (row->asked != INTEGRITY_CLIENT || !own[0] || !found->server[0])
		return false;
	other = strcmp(own, found->server) != 0;
	row->strangers = integrity_push(row->strangers, other);
	if (integrity_count(row->strangers) >= conf->confirm)
		row->stranger = true;
	else if (row->strangers == 0)
		row->stranger = false;
	return other;
}

static void integrity_cell_push(struct integrity_cell *cell,
				const struct conf_integrity *conf, bool bad)
{
	cell->last = integrity_push(cell->last, bad);
	if (cell->nr_last < INTEGRITY_LAST)
		cell->nr_last++;
	cell->bad += bad;
	cell->clean_run = bad ? 0 : cell->clean_run + 1;
	cell->clean_beside = bad ? 0 : cell->clean_beside + 1;
	if (integrity_count(cell->last) >= conf->confirm)
		cell->corrupt = true;
	else if (cell->clean_run >= INTEGRITY_CLEAN_RUN)
		cell->corrupt = false;
}

static void integrity_remember(struct integrity_row *row,
			       const struct conf_integrity *conf, uint32_t size,
			       bool bad)
{
	row->tried += size;
	row->hits += bad;
	if (row->tried <= (uint64_t)conf->most * INTEGRITY_REMEMBERED)
		return;
	row->tried /= 2;
	row->hits = (row->hits + 1) / 2;
}

void integrity_take(struct integrity_row *row,
		    const struct conf_integrity *conf,
		    const struct payload_found *found, usec_t now)
{
	struct integrity_cell *cell = &row->cells[row->asked];
	bool bad = payload_is_bad(found);

	row->ticket = 0;
	memcpy(cell->server, found->server, sizeof(cell->server));
	if (integrity_meet_stranger(row, conf, found)) {
		snprintf(cell->trouble, sizeof(cell->trouble),
			 "another server answers: %s", found->server);
		cell->missed++;
		return;
	}
	if (cell->first == 0)
		cell->first = now;
	cell->when = now;
	cell->trouble[0] = '\0';
	cell->probes++;
	cell->bytes += found->size;
	integrity_cell_push(cell, conf, bad);
	integrity_remember(row, conf, found->size, bad);
	if (!bad)
		return;
	row->again = cell->corrupt ? 0 : INTEGRITY_AGAIN;
	row->lies = integrity_push(row->lies, found->state == PAYLOAD_LIE);
	row->mismatch = (struct integrity_mismatch){ .when = now,
						     .way = row->asked,
						     .found = *found };
}

void integrity_miss(struct integrity_row *row, const char *why)
{
	struct integrity_cell *cell = &row->cells[row->asked];

	row->ticket = 0;
	cell->missed++;
	snprintf(cell->trouble, sizeof(cell->trouble), "%s", why);
}

static usec_t integrity_stale(const struct conf_integrity *conf)
{
	usec_t turn =
		(usec_t)conf->most * USEC_PER_SEC / conf->rate * INTEGRITY_WAYS;

	if (turn > INTEGRITY_STALE_MIN)
		turn = INTEGRITY_STALE_MIN;
	turn *= INTEGRITY_STALE_TURNS;
	return turn > INTEGRITY_STALE_MIN ? turn : INTEGRITY_STALE_MIN;
}

enum integrity_state integrity_cell_state(const struct integrity_cell *cell,
					  const struct conf_integrity *conf,
					  usec_t now)
{
	if (!cell->exists || cell->when == 0 ||
	    now - cell->when > integrity_stale(conf))
		return INTEGRITY_UNMEASURED;
	if (cell->corrupt)
		return INTEGRITY_CORRUPT;
	if (cell->last)
		return INTEGRITY_SUSPECT;
	return cell->nr_last < INTEGRITY_LAST ? INTEGRITY_UNMEASURED :
						INTEGRITY_CLEAN;
}

enum integrity_state integrity_row_state(const struct integrity_row *row,
					 const struct conf_integrity *conf,
					 usec_t now)
{
	enum integrity_state worst = INTEGRITY_UNMEASURED, state;
	int way;

	for (way = 0; way < INTEGRITY_WAYS; way++) {
		state = integrity_cell_state(&row->cells[way], conf, now);
		if (state > worst)
			worst = state;
	}
	return worst;
}

enum integrity_state integrity_row_report(const struct integrity_row *row,
					  const struct conf_integrity *conf,
					  usec_t now)
{
	enum integrity_state worst = integrity_row_state(row, conf, now);
	int way;

	for (way = 0; way < INTEGRITY_WAYS && worst == INTEGRITY_CLEAN; way++)
		if (row->cells[way].exists &&
		    integrity_cell_state(&row->cells[way], conf, now) !=
			    INTEGRITY_CLEAN)
			return INTEGRITY_UNMEASURED;
	return worst;
}

/* The servers of a pool, counted. */
struct integrity_count {
	size_t measured, corrupt; /* here */
	size_t there_corrupt, there_clean; /* of those that are corrupt here */
	/* Since the first change: bytes and changed payloads. */
	uint64_t corrupt_tried, corrupt_hits, others_tried, others_hits;
};

struct integrity_judging {
	const struct integrity_count *count;
	const struct conf_integrity *conf;
	usec_t now;
};

static void integrity_forget(struct integrity_row *row)
{
	int way;

	row->tried = row->hits = 0;
	for (way = 0; way < INTEGRITY_WAYS; way++)
		row->cells[way].clean_beside = 0;
}

/* While no server is suspect there is nothing to compare rates for. */
static void integrity_sound_alarm(struct integrity_row *rows, size_t nr)
{
	bool alarm = false;
	size_t i;

	for (i = 0; i < nr; i++)
		alarm |= integrity_is_suspect(&rows[i]);
	for (i = 0; i < nr; i++) {
		rows[i].alarm = alarm;
		if (!alarm)
			integrity_forget(&rows[i]);
	}
}

static void integrity_count_row(struct integrity_count *count,
				const struct integrity_row *row,
				enum integrity_state state)
{
	count->measured += state != INTEGRITY_UNMEASURED;
	if (state != INTEGRITY_CORRUPT) {
		count->others_tried += row->tried;
		count->others_hits += row->hits;
		return;
	}
	count->corrupt++;
	count->corrupt_tried += row->tried;
	count->corrupt_hits += row->hits;
	count->there_corrupt += row->there == INTEGRITY_CORRUPT;
	count->there_clean += row->there == INTEGRITY_CLEAN;
}

/* A liar is known by its own words: no other server has to be asked. */
static bool integrity_lies(const struct integrity_row *row,
			   const struct conf_integrity *conf, usec_t now)
{
	return row->lies &&
	       integrity_row_state(row, conf, now) == INTEGRITY_CORRUPT;
}

static struct integrity_count
integrity_count_pool(const struct integrity_row *rows, size_t nr,
		     const struct conf_integrity *conf, usec_t now)
{
	struct integrity_count count = { 0 };
	size_t i;

	for (i = 0; i < nr; i++)
		if (!integrity_lies(&rows[i], conf, now))
			integrity_count_row(&count, &rows[i],
					    integrity_row_state(&rows[i], conf,
								now));
	return count;
}

/*
 * How many changed payloads the other servers would have had by now, were their way
 * as bad as that of the corrupt ones, less those that outweigh the ones they had. The change
 * with which a server became suspect is left out of its rate, for without it the
 * rate would not be asked for.
 */
static double integrity_missed(const struct integrity_count *count)
{
	double hits = count->corrupt_hits > count->corrupt ?
			      (double)(count->corrupt_hits - count->corrupt) :
			      1;

	if (count->corrupt_tried == 0)
		return 0;
	return hits * (double)count->others_tried /
		       (double)count->corrupt_tried -
	       INTEGRITY_MISSED_EACH * (double)count->others_hits;
}

/* Some are corrupt, others not; a blame stays while it is open whose fault it is. */
static void integrity_blame_servers(struct integrity_row *rows, size_t nr,
				    const struct integrity_judging *judging)
{
	double missed = integrity_missed(judging->count);
	size_t i;

	for (i = 0; i < nr; i++) {
		struct integrity_row *row = &rows[i];
		double needed = row->there == INTEGRITY_CORRUPT ?
					INTEGRITY_MISSED_THERE :
					INTEGRITY_MISSED;

		if (row->blame == INTEGRITY_NOBODY &&
		    integrity_row_state(row, judging->conf, judging->now) ==
			    INTEGRITY_CORRUPT &&
		    (row->blamed || missed >= needed ||
		     judging->count->measured == 1))
			row->blame = INTEGRITY_SERVER;
	}
}

/* Faults that a server's own row shows. The blame so far is kept aside. */
static void integrity_blame_alone(struct integrity_row *rows, size_t nr,
				  const struct conf_integrity *conf, usec_t now)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		struct integrity_row *row = &rows[i];

		row->blamed = row->blame == INTEGRITY_SERVER;
		row->blame = integrity_lies(row, conf, now) ? INTEGRITY_LIAR :
			     row->stranger ? INTEGRITY_STRANGER :
					     INTEGRITY_NOBODY;
	}
}

enum integrity_blame integrity_judge(struct integrity_row *rows, size_t nr,
				     const struct conf_integrity *conf,
				     usec_t now)
{
	struct integrity_count count;

	integrity_sound_alarm(rows, nr);
	integrity_blame_alone(rows, nr, conf, now);
	count = integrity_count_pool(rows, nr, conf, now);
	if (count.corrupt == 0)
		return INTEGRITY_NOBODY;
	if (count.corrupt < count.measured ||
	    (count.corrupt == 1 && count.there_corrupt == 1)) {
		integrity_blame_servers(
			rows, nr,
			&(struct integrity_judging){ &count, conf, now });
		return INTEGRITY_NOBODY;
	}
	if (count.there_clean == count.corrupt)
		return INTEGRITY_BALANCER;
	if (count.there_corrupt == count.corrupt)
		return INTEGRITY_SHARED;
	return INTEGRITY_UNTOLD;
}

enum integrity_blame integrity_settle(struct integrity_pool *pool,
				      const struct integrity_row *rows,
				      size_t nr, enum integrity_blame found)
{
	uint64_t bad = 0;
	size_t i;
	int way;

	if (found != INTEGRITY_BALANCER) {
		pool->doubted = false;
		return found;
	}
	for (i = 0; i < nr; i++)
		for (way = 0; way < INTEGRITY_WAYS; way++)
			bad += rows[i].cells[way].bad;
	/* A reload can have taken servers away. */
	if (!pool->doubted || bad < pool->doubted_from)
		pool->doubted_from = bad;
	pool->doubted = true;
	if (pool->blame == INTEGRITY_BALANCER ||
	    bad - pool->doubted_from >= INTEGRITY_SETTLED)
		return INTEGRITY_BALANCER;
	return INTEGRITY_UNTOLD;
}

bool integrity_only_forwarded(const struct integrity_row *rows, size_t nr,
			      const struct conf_integrity *conf, usec_t now)
{
	const struct integrity_cell *direct;
	bool any = false;
	size_t i;

	for (i = 0; i < nr; i++) {
		if (integrity_row_state(&rows[i], conf, now) !=
		    INTEGRITY_CORRUPT)
			continue;
		direct = &rows[i].cells[INTEGRITY_DIRECT];
		if (integrity_cell_state(direct, conf, now) !=
			    INTEGRITY_CLEAN ||
		    direct->clean_beside < INTEGRITY_CLEAN_BESIDE)
			return false;
		any = true;
	}
	return any;
}

static void integrity_explain_mismatch(struct text *line,
				       const struct integrity_row *row)
{
	const struct payload_found *found = &row->mismatch.found;

	if (row->mismatch.when == 0)
		return;
	text_add(line, "; last %s", integrity_half_name(found->state));
	if (found->differing > 0)
		text_add(line, ", at byte %u of %u", found->offset,
			 found->size);
}

void integrity_explain(const struct integrity_row *row,
		       const struct conf_integrity *conf, const char *service,
		       usec_t now, char *out)
{
	const struct integrity_cell *direct = &row->cells[INTEGRITY_DIRECT];
	const struct integrity_cell *client = &row->cells[INTEGRITY_CLIENT];
	bool at_own = integrity_cell_state(direct, conf, now) ==
		      INTEGRITY_CORRUPT;
	bool at_service = integrity_cell_state(client, conf, now) ==
			  INTEGRITY_CORRUPT;
	struct text line = text_in(out, INTEGRITY_TEXT_MAX);

	if (row->blame == INTEGRITY_STRANGER) {
		text_add(&line, "at %s answers %s, at its own address %s",
			 service, client->server, direct->server);
		return;
	}
	if (row->blame == INTEGRITY_LIAR)
		text_add(&line, "its digest is not of the bytes that it got "
				"and sent back: the server computes wrongly");
	else if (at_own && at_service)
		text_add(&line,
			 "bytes are changed on both ways, its own address and "
			 "%s: the server or its link",
			 service);
	else if (at_service && direct->clean_beside >= INTEGRITY_CLEAN_BESIDE)
		text_add(&line,
			 "bytes are changed through %s only, not at its own "
			 "address",
			 service);
	else if (at_service)
		text_add(
			&line,
			"bytes are changed through %s; too few have gone to its "
			"own address yet",
			service);
	else
		text_add(&line, "bytes are changed at its own address: the "
				"server or its link");
	integrity_explain_mismatch(&line, row);
}
