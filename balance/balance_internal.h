/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations that the files of this room share; private to the room. */
#ifndef EVENKEEL_BALANCE_BALANCE_INTERNAL_H
#define EVENKEEL_BALANCE_BALANCE_INTERNAL_H

#include "balance/actual.h"
#include "balance/arbiter.h"
#include "balance/balance.h"
#include "balance/build.h"
#include "balance/cold.h"
#include "balance/correlate.h"
#include "balance/failback.h"
#include "balance/fastest.h"
#include "balance/health.h"
#include "balance/leaving.h"
#include "balance/name.h"
#include "balance/override.h"
#include "balance/pause.h"
#include "balance/ramp.h"
#include "balance/saturation.h"
#include "balance/stats.h"
#include "balance/threshold.h"
#include "balance/writers.h"
#include "lib/text.h"

/* Factors of a weight are in parts of SHARE_FULL. */
#define SHARE_FULL ((uint32_t)1000000)
/* Knowledge of the role that `role source` requires. */
enum role {
	ROLE_UNKNOWN, /* never seen: may not receive writes */
	ROLE_PRESUMED, /* the previous daemon or another check has seen it */
	ROLE_PROVED, /* the check itself has seen it */
};

/* Facts and text, which only some checks have; kept from the first on. */
struct check_more {
	struct facts facts; /* of the last verdict that had any */
	char text[VERDICT_TEXT_MAX]; /* of the last verdict, unless good */
};

/*
 * The memory of a check. Small, since there is one for every server; a verdict
 * allocates nothing (except for the first one with a text).
 */
struct check_state {
	struct health health;
	bool presumed; /* health is presumed, not settled by a row of results */
	bool proven; /* a verdict that says something about the server has come */
	bool held; /* the last verdict was about the check itself, not the server */
	bool drain; /* the last good verdict asked for weight 0 */
	uint8_t role; /* enum role */
	bool weight_presumed; /* the weight in `more` was found in the kernel */
	bool failing; /* the last verdict that could judge was a hard failure */
	bool lag_known;
	uint16_t soft_outcome; /* outcome of the last soft failure */
	struct health soft; /* "up" is: no soft failure */
	usec_t lag; /* as of the last verdict with a lag */
	uint16_t outcome;
	uint16_t server_errno;
	uint32_t duration;
	uint32_t failures;
	uint32_t goods; /* verdicts in a row that were good */
	usec_t when;
	usec_t moved; /* when a result last changed the check's judgement */
	struct check_stats stats;
	struct check_more *more; /* NULL: no facts, no text */
};

/* take_verdict.c: never NULL, but empty if there are no facts or no text. */
const struct facts *check_facts(const struct check_state *state);
const char *check_text(const struct check_state *state);
/* Take WEIGHT for the script's last weight, until the next result. */
void check_presume_weight(struct check_state *state, uint32_t weight);
/* Keep the script's last weight after an edit of the check's options. */
void check_inherit_weight(struct check_state *state,
			  const struct check_state *old);

/* A server's state when this balance began: see standing.c. */
enum prior {
	PRIOR_NEW,
	PRIOR_UP,
	PRIOR_DRAIN,
	PRIOR_DOWN,
	PRIOR_ZERO, /* in the table with weight 0, for unknown reasons */
};

/* The last event that the notify scripts were told. */
enum notified {
	NOTIFIED_NOTHING,
	NOTIFIED_UP,
	NOTIFIED_DOWN,
	NOTIFIED_SPARE,
};

struct server_state {
	uint8_t standing; /* enum standing */
	uint8_t placement; /* enum placement */
	uint8_t prior; /* enum prior */
	uint8_t notified; /* enum notified */
	bool adopted_zero; /* the kernel had it with weight 0; until judged */
	bool adopted; /* the kernel had it with a weight */
	bool evict; /* on_leave kill: its clients' sessions are to end */
	bool as_sorry; /* in the table in its role as sorry server */
	uint32_t share; /* weight in the file's unit, changed by scripts */
	uint32_t weight; /* wanted */
	usec_t since;
	usec_t evict_by; /* or not at all; 0: as long as it takes */
	struct choice choice;
	struct seat seat;

	/* The weight is the share x the factors of these three. */
	struct ramp ramp;
	struct latency latency;
	struct saturation saturation;

	struct cold cold;
	struct threshold threshold;
	struct override override;
	struct connections connections;
};

struct vs_state {
	uint8_t level; /* enum level */
	bool quorum;
	bool quorum_known;
	bool quorum_found; /* the kernel's table at the start showed a quorum */
	bool sorry; /* the sorry server is in */
	bool held; /* only servers that could not be judged serve */
	bool last_resort; /* only servers that are down serve */
	bool waits; /* a seat is kept for a server that is not judged yet */
	bool written; /* a server that is not the last resort serves */
	int64_t last_term; /* the youngest that any server of the pool had */
	int64_t left_term; /* the youngest of servers that left the file */
	bool built; /* the table has been decided once */
	struct pause pause;
	struct freeze freeze;
	usec_t round; /* the longest interval of the pool's checks */
	uint32_t up, soft, serving;
	uint32_t soft_bad; /* soft failures that may be one event */
	uint32_t need; /* min_serving, as a number of servers */
	uint32_t kept; /* soft-failed servers that serve to make up `need` */
	uint32_t backups; /* backup servers that serve */
	uint32_t spares; /* servers that could serve, held back from serving */
	uint32_t sources; /* servers that are up as `role source` asks */
	uint32_t sources_notified; /* beyond the wanted, as was said last */
	uint32_t ramping; /* servers that serve with a ramp */
	struct pool_latency latency;
	bool tight; /* the loss of `survive` servers would be too much */
	bool lifted; /* nearly all servers are full: no thresholds */
	usec_t measured; /* when headroom was last looked at */
	uint64_t up_weight;
	uint64_t unjudged; /* weight of servers found at 0, not judged yet */
};

struct candidate {
	uint64_t key;
	uint32_t server;
};

/* candidate.c: by key, then by server. */
void candidates_sort(struct candidate *candidates, uint32_t count);

struct balance {
	const struct conf *conf;
	struct check_state *checks;
	struct server_state *servers;
	struct vs_state *services;
	struct candidate *candidates; /* scratch, for the largest pool */
	uint32_t *values; /* scratch, of the same length */
	uint64_t given; /* terms, by writers.c */
	uint64_t falls; /* changes of any seat's `fell` */
	bool reserve; /* no clients: see balance_reserve() */
	usec_t wake; /* when to decide again without a verdict; 0: never */
	usec_t awaits; /* until then a failure that changes no check counts; 0: none */
	struct balance_event *events; /* a queue: [event_first, nr_events) */
	size_t nr_events, event_first, room_events;
	struct balance_notice *notices; /* the same */
	size_t nr_notices, notice_first, room_notices;
	struct leaving *leaving;
	size_t nr_leaving, room_leaving;
	void (*heard)(void *arg, const struct balance_input *input);
	void *heard_arg;
};

/* Say to the listener, if there is one, what comes in: the members by name. */
#define balance_tell(balance, ...)                                       \
	do {                                                             \
		if ((balance)->heard)                                    \
			(balance)->heard(                                \
				(balance)->heard_arg,                    \
				&(struct balance_input){ __VA_ARGS__ }); \
	} while (0)

/* standing.c: from the checks to the server. */
enum standing standing_of_server(const struct balance *balance,
				 uint32_t server);
/* The standing by one check alone, and whether A is worse than B. */
enum standing standing_of_use(const struct balance *balance, uint32_t server,
			      const struct conf_use *use);
bool standing_worse(enum standing a, enum standing b);
/* Whether any verdict has judged SERVER. */
bool server_is_proven(const struct balance *balance, uint32_t server);
/* Whether the role is known to every check of SERVER with `role source`. */
bool standing_may_write(const struct balance *balance, uint32_t server);
/* SERVER's weight in the file's unit, by the operator, scripts and the file. */
uint32_t standing_share(const struct balance *balance, uint32_t server);

/* soft.c: take in a result; returns whether the decision may have changed. */
bool soft_step(struct check_state *state, const struct conf_check *check,
	       enum outcome_class class, const struct verdict *verdict);
bool soft_is_bad(const struct check_state *state,
		 const struct conf_check *check);
/* Forget soft failures of a server that went down: judge its return anew. */
void soft_forget(struct check_state *state);
/* The soft failure of a server; PROBE_NONE if it has none. */
enum outcome soft_outcome(const struct balance *balance, uint32_t server);
/* A larger value is worse. INCUMBENT: the server serves now. */
uint64_t soft_badness(const struct balance *balance, uint32_t server,
		      bool incumbent);

/* median.c */
uint32_t median_of(uint32_t *values, uint32_t count);

/* reason.c: the part of one check, and of the pool, in a reason. */
void reason_check(struct text *line, const struct balance *balance,
		  uint32_t server, const struct conf_use *use);
/* A label and FACTOR in percent of SHARE_FULL: "slow start 12.5%". */
void reason_factor(struct text *line, const char *what, uint32_t factor);
void reason_pool(struct text *line, const struct balance *balance, uint32_t vs);

/* source.c: count servers up by `role source`; more than one is an error. */
void source_decide(struct balance *balance, uint32_t vs);
bool source_is_one(const struct balance *balance, uint32_t server);

/* quorum.c: whether the quorum stands and whether the sorry server is in. */
void quorum_decide(struct balance *balance, uint32_t vs);
/* Whether there is a sorry server that the operator did not take out. */
bool quorum_has_sorry(const struct balance *balance, uint32_t vs);
/* Index of the server that is also the sorry server, or TABLE_NO_REF. */
uint32_t quorum_sorry_as_server(const struct balance *balance, uint32_t vs);

/*
 * inherit.c: SERVER was up (or drained): presume its checks up, except those
 * with a health of their own (OWN, by check; NULL: none). Other servers that
 * share such a check are not presumed up by it, see standing.c. SOFT: SERVER's
 * soft failure, or PROBE_NONE.
 */
void inherit_up(struct balance *balance, uint32_t server, enum prior prior,
		enum outcome soft, const bool *own);

/*
 * adopt.c: SERVER is in the table with weight 0 and keeps its connections until
 * a check judges it. OWN as above.
 */
void adopt_zero(struct balance *balance, uint32_t server, const bool *own);

/* headroom.c: facts with SERVER's room for connections; NULL: not known. */
const struct facts *headroom_facts(const struct balance *balance,
				   uint32_t server);
void headroom_decide(struct balance *balance, uint32_t vs, usec_t now);

/* Walk the servers of VS, a struct conf_virtual_server *; I: their indices. */
#define balance_for_each_server(vs, i) \
	for ((i) = (vs)->first_server; \
	     (i) < (vs)->first_server + (vs)->nr_servers; (i)++)

/* Walk the checks of SERVER, a struct conf_server *; USE: struct conf_use *. */
#define balance_for_each_use(server, use)                \
	for ((use) = (server)->uses;                     \
	     (server)->nr_uses > 0 &&                    \
	     (use) < (server)->uses + (server)->nr_uses; \
	     (use)++)

/* effects.c: decide again at WHEN at the latest. */
void balance_wake_at(struct balance *balance, usec_t when);
void balance_add_event(struct balance *balance, enum balance_event_kind kind,
		       uint32_t vs, uint32_t server, uint8_t before,
		       uint8_t after);
void balance_add_notice(struct balance *balance, enum balance_notice_kind kind,
			uint32_t vs, uint32_t server);

#endif
