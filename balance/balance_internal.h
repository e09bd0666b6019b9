/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations that the files of this room share; private to the room. */
#ifndef EVENKEEL_BALANCE_BALANCE_INTERNAL_H
#define EVENKEEL_BALANCE_BALANCE_INTERNAL_H

#include "balance/balance.h"
#include "balance/health.h"
#include "lib/index.h"
#include "lib/text.h"

/* Shares are parts of SHARE_FULL, averages of counts are in STATS_UNIT. */
#define SHARE_FULL ((uint32_t)1000000)
#define STATS_UNIT 256

/* Uptime is counted in whole seconds, and answers take their time. */
#define STATS_BOOT_BLUR (5 * USEC_PER_SEC)

/* Values that a check has measured of its server over time: see stats.c. */
struct check_stats {
	uint32_t latency; /* us, average */
	uint32_t latencies; /* samples in the average; likewise below */
	uint32_t running_quick; /* Threads_running, in STATS_UNIT */
	uint32_t running_slow;
	uint32_t runnings;
	uint32_t saturations; /* "too many connections" so far */
	uint32_t restarts; /* seen by the uptime */
	usec_t booted; /* when the server was started; may be below 0 */
	usec_t boot_seen; /* when `booted` was last read; 0: never */
};

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
/* Whether the check's script may set the weight (misc_dynamic). */
bool check_is_dynamic(const struct conf_check *conf);
/* Take WEIGHT for the script's last weight, until the next result. */
void check_presume_weight(struct check_state *state, uint32_t weight);
/* Keep the script's last weight after an edit of the check's options. */
void check_inherit_weight(struct check_state *state,
			  const struct check_state *old);

/* Where a server stands in the wanted table. */
enum placement {
	PLACEMENT_OUT,
	PLACEMENT_ZERO, /* in, with weight 0 */
	PLACEMENT_IN,
};

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
};

/* Whether a ramp may go on: see ramp.c. */
enum gate {
	GATE_OPEN,
	GATE_HOLDS,
	GATE_CUTS,
};

struct server_state {
	uint8_t standing; /* enum standing */
	uint8_t placement; /* enum placement */
	uint8_t prior; /* enum prior */
	uint8_t notified; /* enum notified */
	bool adopted_zero; /* the kernel had it with weight 0; true until it is judged */
	bool adopted; /* the kernel had it with a weight */
	bool serves; /* the arbiter's choice */
	bool served; /* served when its standing last changed */
	bool chosen; /* scratch of the arbiter: the next `serves` */
	uint32_t share; /* weight in the file's unit, changed by scripts */
	uint32_t weight; /* wanted */
	usec_t since;
	usec_t left; /* when it ceased to serve; 0: never did */

	/* The weight is share x ramp x latency_factor x saturation, in parts of SHARE_FULL. */
	uint32_t ramp; /* slow start; SHARE_FULL: none */
	uint32_t latency_factor; /* response time */
	uint32_t saturation; /* too many connections */
	bool ramp_adopted; /* found half-way in the kernel, not yet confirmed */
	bool ramp_knew; /* when it went down, its ramp_boot was known */
	bool saturation_adopted; /* likewise */
	bool as_sorry; /* in the table in its role as sorry server */
	bool latency_moving; /* latency_factor is on its way to a new value */
	uint8_t gate; /* enum gate, at the last step of the ramp */
	uint32_t ramp_limit; /* of Threads_running, in STATS_UNIT */
	usec_t ramp_since; /* when serving with the ramp began; 0: not yet */
	usec_t ramp_stepped;
	usec_t ramp_skipped; /* when its ramp was given up for a cold pool */
	usec_t ramp_boot; /* when it was started, as known when it went down */
	uint32_t active, inactive; /* connections, as the kernel counts */
	bool counted; /* active and inactive are known */
	bool busy; /* above headroom's `high` */
	uint32_t limit; /* upper threshold by headroom; 0: none */
	uint8_t override; /* enum balance_override_kind */
	uint32_t override_weight;
	usec_t override_since;
	bool drained; /* the operator's drain is complete */
	uint32_t cut; /* connections left when drain_timeout was over */
	usec_t saturation_moved; /* when saturation last moved */
	/* Counters of measured values that have been used: see stats.c. */
	uint32_t restarts, runnings, latencies, saturations;
};

/* A server that a reload took out of the file, while its connections last. */
struct leaving {
	uint32_t vs;
	struct endpoint addr;
	struct conf_forward forward;
	uint32_t active;
	bool counted; /* active was read since the server is leaving */
	usec_t until;
};

struct count {
	uint32_t active, inactive;
};

struct vs_state {
	uint8_t level; /* enum level */
	bool quorum;
	bool quorum_known;
	bool quorum_found; /* the kernel's table at the start showed a quorum */
	bool sorry; /* the sorry server is in */
	bool held; /* only servers that could not be judged serve */
	bool last_resort; /* only servers that are down serve */
	bool frozen; /* a correlated failure is going on, see correlate.c */
	usec_t frozen_from; /* soft failures since then belong to the event */
	usec_t freed; /* when the last freeze ended; 0: never frozen */
	usec_t round; /* the longest interval of the pool's checks */
	uint32_t up, soft, serving;
	uint32_t soft_bad; /* soft failures that may be one event */
	uint32_t need; /* min_serving, as a number of servers */
	uint32_t kept; /* soft-failed servers that serve to make up `need` */
	uint32_t backups; /* backup servers that serve */
	uint32_t sources; /* servers that are up as `role source` asks */
	uint32_t sources_notified; /* `sources` of the last decision */
	uint32_t ramping; /* servers that serve with a ramp */
	uint32_t latency; /* us, median; with `fastest` */
	bool tight; /* the loss of `survive` servers would be too much */
	bool lifted; /* nearly all servers are full: no thresholds */
	usec_t measured; /* when headroom was last looked at */
	usec_t latency_acted; /* when the response times were last acted on */
	uint64_t up_weight;
	uint64_t unjudged; /* weight of servers found at 0, not judged yet */
};

struct candidate {
	uint64_t key;
	uint32_t server;
};

struct balance {
	const struct conf *conf;
	struct check_state *checks;
	struct server_state *servers;
	struct vs_state *services;
	struct candidate *candidates; /* scratch, for the largest pool */
	uint32_t *values; /* scratch, of the same length */
	usec_t wake; /* when to decide again without a verdict; 0: never */
	struct balance_event *events; /* a queue: [event_first, nr_events) */
	size_t nr_events, event_first, room_events;
	struct balance_notice *notices; /* the same */
	size_t nr_notices, notice_first, room_notices;
	struct leaving *leaving;
	size_t nr_leaving, room_leaving;
};

/* standing.c: from the checks to the server. */
enum standing standing_of_server(const struct balance *balance,
				 uint32_t server);
/* The standing by one check alone, and whether A is worse than B. */
enum standing standing_of_use(const struct balance *balance, uint32_t server,
			      const struct conf_use *use);
bool standing_worse(enum standing a, enum standing b);
/* Whether any verdict has judged SERVER. */
bool server_is_proven(const struct balance *balance, uint32_t server);
/* Whether CHECK has `role source`. */
bool standing_wants_source(const struct conf_check *check);
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

/* correlate.c: whether the pool's soft failures are one event upstream. */
void correlate_init(struct balance *balance, uint32_t vs);
void correlate_decide(struct balance *balance, uint32_t vs, usec_t now);
/* Whether a soft-failed server is to be treated as a good one, for now. */
bool correlate_excuses(struct balance *balance, uint32_t vs, uint32_t server,
		       usec_t now);

/*
 * arbiter.c: SERVER served in the kernel's table at the start, and no check has
 * judged it since.
 */
bool server_goes_on(const struct balance *balance, uint32_t server);
/*
 * arbiter.c: the pool's choice; sets server_state.serves and counts of the vs.
 */
void arbiter_choose(struct balance *balance, uint32_t vs, usec_t now);

/* stats.c: one more verdict. */
void stats_verdict(struct check_stats *stats, const struct verdict *verdict,
		   enum outcome_class class, usec_t when);

/* ramp.c: slow start. */
bool ramp_runs(const struct server_state *state);
/* A server's standing changes; its `since` is still that of BEFORE. */
void ramp_standing(struct balance *balance, uint32_t server,
		   enum standing before, enum standing after, usec_t now);
/* The kernel had the server with SHARE of its full weight. */
void ramp_adopt(struct balance *balance, uint32_t server, uint32_t share);
/* After a reload: restarts that the checks saw before are no news. */
void ramp_sync(struct balance *balance, uint32_t server);
/* For a server without slow_start any more: neither ramped nor cold. */
void ramp_forget(struct server_state *state);
void ramp_decide(struct balance *balance, uint32_t vs, usec_t now);

/* fastest.c: weights by response time. */
void fastest_decide(struct balance *balance, uint32_t vs, usec_t now);

/* saturation.c: less weight for a server without free connection slots. */
void saturation_sync(struct balance *balance, uint32_t server);
void saturation_decide(struct balance *balance, uint32_t vs, usec_t now);

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

/* build.c: whether no check has judged the server yet. */
bool build_is_unjudged(const struct server_state *state);
/* build.c: a share of the file's weights in the kernel's unit. */
uint32_t build_weight(const struct conf_virtual_server *vs, uint32_t weight);
/* build.c: the place and weight of each server, and the table. */
void build_service(struct balance *balance, uint32_t vs, usec_t now,
		   struct table *wanted);

/* name.c: a configuration's names, by kernel service and address. */
struct name {
	uint32_t vs;
	uint32_t server; /* TABLE_NO_REF: the service itself */
	const struct service_key *key;
	const struct endpoint *addr; /* NULL: the service itself */
};
struct name_index {
	struct index index;
	struct name *names;
	uint32_t used;
};
/* ADDR NULL: the service itself; likewise below. */
uint32_t name_hash(const struct service_key *key, const struct endpoint *addr);
/* CONF must outlive the index. */
void name_index_init(struct name_index *ix, const struct conf *conf);
void name_index_free(struct name_index *ix);
/* A position in IX->names, or INDEX_END. */
uint32_t name_find(const struct name_index *ix, const struct service_key *key,
		   const struct endpoint *addr);

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

/* actual.c: the kernel's entries by service and address. */
struct actual_index {
	struct index index;
	const struct table *actual;
	uint32_t *service_of; /* by position in actual->dests */
};
void actual_index_init(struct actual_index *ix, const struct table *actual);
void actual_index_free(struct actual_index *ix);
const struct table_dest *actual_find(const struct actual_index *ix,
				     const struct service_key *key,
				     const struct endpoint *addr,
				     const struct conf_forward *forward);

/* headroom.c: whether any check of SERVER can report its connections. */
bool server_may_saturate(const struct conf *conf, uint32_t server);
/* headroom.c: facts with SERVER's room for connections; NULL: not known. */
const struct facts *headroom_facts(const struct balance *balance,
				   uint32_t server);
void headroom_decide(struct balance *balance, uint32_t vs, usec_t now);

/* threshold.c: the kernel's upper thresholds. */
void threshold_decide(struct balance *balance, uint32_t vs);

/* notice.c */
void balance_add_notice(struct balance *balance, enum balance_notice_kind kind,
			uint32_t vs, uint32_t server);

/* override.c: the operator's overrides. */
bool override_takes_out(const struct server_state *state);
/* SERVER's place by the override; returns false if no override decides. */
bool override_placement(struct balance *balance, uint32_t server, usec_t now,
			enum placement *placement);
/* Whether a new count of connections may end a drain. */
bool override_note(const struct server_state *state);

/* leaving.c: servers that the file does not name any more. */
void leaving_inherit(struct balance *balance, const struct balance *old,
		     usec_t now);
/* At the start: DEST is in a service of VS, and the file does not name it. */
void leaving_adopt(struct balance *balance, uint32_t vs,
		   const struct service_key *key, const struct table_dest *dest,
		   usec_t now);
/* Whether the server at ADDR was leaving until now, so is in the table. */
bool leaving_was(const struct balance *old, const struct name_index *ix,
		 const struct conf_virtual_server *vs,
		 const struct endpoint *addr);
/* Remove leaving servers that have no connections or whose time is over. */
void leaving_decide(struct balance *balance, usec_t now);

/* balance.c */
/* Decide again at WHEN at the latest. */
void balance_wake_at(struct balance *balance, usec_t when);
void balance_add_event(struct balance *balance, enum balance_event_kind kind,
		       uint32_t vs, uint32_t server, uint8_t before,
		       uint8_t after);

#endif
