/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision: each server's share of the next connections.
 *
 * The room is a function from the configuration, the verdicts so far and the
 * time to the wanted IPVS table. The decision does no I/O, reads no clock and
 * has no globals; its memory is `struct balance`. The daemon feeds the decision
 * and carries it out; the simulator and the tests do the same.
 *
 *	verdict -> health of the check (health.c: rise and fall)
 *			soft failures (soft.c: lag, role; thresholds to and fro)
 *	health of its checks -> standing of the server (standing.c)
 *	standings of the pool -> serving servers (arbiter.c: one snapshot, one
 *			authority; correlate.c: many failures at once are one event;
 *			writers.c: never more than `writers`, and the same ones;
 *			failback.c: no return of a failed one without a word)
 *	serving servers -> quorum, sorry server (quorum.c)
 *	values its checks learned (stats.c) -> factors of a server's weight: slow
 *			start (ramp.c), response time (fastest.c), 1040 (saturation.c);
 *			limits of its connections (cold.c, threshold.c)
 *	all of it -> the wanted table (build.c) and its reasons (reason.c)
 *
 * The whole table is decided anew each time and never patched. So a start, a
 * reload, a verdict and a repair take the same path.
 *
 * A server must prove itself before it serves: a server whose first check has
 * not ended is UNKNOWN and not put in. Exceptions: a server without checks; a
 * server that was serving in the kernel when the daemon started
 * (balance_adopt()) or before a reload (balance_inherit()); keepalived_compat,
 * since keepalived puts servers in before their first check.
 */
#ifndef EVENKEEL_BALANCE_BALANCE_H
#define EVENKEEL_BALANCE_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/table.h"
#include "lib/verdict.h"

struct balance;

/* The combined result of the checks of one server. */
enum standing {
	STANDING_UNKNOWN, /* the first check has not ended */
	STANDING_UP,
	STANDING_HELD, /* answers, but the check is misconfigured: not proven */
	STANDING_DRAIN, /* the server itself asked for weight 0 */
	STANDING_DOWN,
	STANDING_SOFT, /* serves, but worse than it should: lag, role */
	/* In views and events only: up, and held back (writers.c, failback.c). */
	STANDING_SPARE,
	STANDINGS,
};

/* The word for STANDING in logs and answers; never NULL. */
const char *standing_name(enum standing standing);

/* The condition of a virtual server. */
enum level {
	LEVEL_NORMAL,
	LEVEL_STARTING, /* no server serves yet, and not every one is known */
	LEVEL_UNPROVEN, /* none is up; servers that answer are used (held) */
	LEVEL_SORRY, /* the quorum is lost, the sorry server is in */
	LEVEL_NOTHING, /* nothing serves */
	LEVEL_HOLDING, /* soft-failed servers are kept to make up min_serving */
	LEVEL_UPSTREAM, /* a correlated failure: no server is ejected */
	LEVEL_LAST_RESORT, /* all are down; the last serving servers stay in */
	LEVELS,
};

/* The word for LEVEL in logs and answers; never NULL. */
const char *level_name(enum level level);

/*
 * CONF must outlive the balance. Every server starts UNKNOWN (or up, see above).
 */
struct balance *balance_new(const struct conf *conf, usec_t now);
void balance_free(struct balance *balance); /* NULL is allowed */
const struct conf *balance_conf(const struct balance *balance);

/*
 * At the daemon's start: continue from ACTUAL, the kernel's table as the
 * previous daemon left it. A server found with a weight above 0 is presumed up,
 * a server with weight 0 is kept at 0, until checks prove otherwise. ACTUAL
 * need not be sorted. A virtual server without entries in ACTUAL starts as a
 * new one. Call balance_override() first: a server with OVERRIDE_DRAIN that is
 * not in ACTUAL counts as drained.
 */
void balance_adopt(struct balance *balance, const struct table *actual,
		   usec_t now);

/*
 * At a reload: take over the state of OLD. Unchanged checks keep their health
 * and last verdict. A server that is in both files (same virtual server, same
 * address) keeps its state even if its checks were edited: a down server stays
 * down until a new check succeeds, an up server stays up until a new check
 * fails.
 *
 * A server that is not in the new file drains: it stays in WANTED with weight 0
 * and REF_LEAVING until its connections are gone (balance_note_connections()) or
 * its drain_timeout is over. Not under keepalived_compat.
 */
void balance_inherit(struct balance *balance, const struct balance *old,
		     usec_t now);

/*
 * Take in one probe's result. VERDICT must be sanitized; a verdict for a check
 * that does not exist is ignored. Returns whether the decision may have
 * changed.
 */
bool balance_verdict(struct balance *balance, const struct verdict *verdict,
		     usec_t now);

/*
 * Decide. WANTED is cleared and filled, services and servers in the order of
 * the file, each `ref` the index in CONF (a sorry server: REF_SORRY). Allocates
 * nothing once WANTED has grown to its size.
 */
void balance_decide(struct balance *balance, usec_t now, struct table *wanted);

/*
 * When balance_decide() is to be called again even if no verdict comes: a point
 * in time, or 0 for never. Good until the next call of any other function.
 */
usec_t balance_next_wake(const struct balance *balance);

#define REF_SORRY (UINT32_MAX - 1)
/* A server that the file does not name any more: see balance_inherit(). */
#define REF_LEAVING (UINT32_MAX - 2)
#define REF_LOWEST REF_LEAVING /* every ref from here on is no server of CONF */

/*
 * The operator's override of a server. Overrides take precedence over checks
 * and status files and last until withdrawn; a reload keeps them.
 */
enum balance_override_kind {
	OVERRIDE_NONE, /* "ready": the checks decide */
	OVERRIDE_DRAIN, /* weight 0 until its connections are gone, then out */
	OVERRIDE_DISABLE, /* out at once */
	OVERRIDE_WEIGHT, /* another weight, in the file's unit; checks decide the rest */
};

/* WEIGHT counts for OVERRIDE_WEIGHT only. A SERVER out of range is ignored. */
void balance_override(struct balance *balance, uint32_t server,
		      enum balance_override_kind kind, uint32_t weight,
		      usec_t now);

/*
 * Writers, see writers.c. SERVER has the seat of TERM, by the state file or by
 * the other balancer; a term that is not younger than the known one is ignored.
 */
void balance_seat(struct balance *balance, uint32_t server, int64_t term);
/* How many terms this balance has given; it grows with each. */
uint64_t balance_terms_given(const struct balance *balance);
/*
 * By the state file, too: SERVER failed while it served, and no term says so yet,
 * since nobody serves in its place (failback.c).
 */
void balance_fell(struct balance *balance, uint32_t server);
/* How often that began or ended for a server; it grows each time. */
uint64_t balance_falls(const struct balance *balance);
/* The state file knows a server of virtual server VS that the file has no more: it
 * had the seat of TERM. */
void balance_seat_left(struct balance *balance, uint32_t vs, int64_t term);
/*
 * The operator wants SERVER to serve, in the place of another if its pool has
 * too few seats. Returns false, and changes nothing, if its pool has no
 * `writers` and no `failback manual`.
 */
bool balance_failback(struct balance *balance, uint32_t server);
/*
 * Whether the sessions that clients have in SERVER are to end, since it left its
 * pool and the pool says `on_leave kill`. A verdict with FACT_EVICTED ends it.
 */
bool balance_evicts(const struct balance *balance, uint32_t server);
/*
 * The operator's pause, see pause.c: the table of VS stays as it is until UNTIL.
 * A time that is over takes the pause back.
 */
void balance_pause(struct balance *balance, uint32_t vs, usec_t until,
		   usec_t now);
/*
 * RESERVE: this balancer has no clients, since another one has the addresses.
 * Its seats then follow the other's terms. False at first.
 */
void balance_reserve(struct balance *balance, bool reserve);

/*
 * Take in the kernel's connection counts, for drains and thresholds: ACTUAL is
 * a dump (and need not be sorted). Returns whether the decision may have
 * changed.
 */
bool balance_note_connections(struct balance *balance,
			      const struct table *actual);

/*
 * Everything that a decision is made from comes in by one of these, and nothing
 * else does: a listener that keeps them can have the very same decisions made
 * again on another day (see record/recording.h). A function that takes in more
 * gets a kind here and says its input first of all, see balance_tell().
 */
enum balance_input_kind {
	INPUT_ADOPT, /* table: the kernel's */
	INPUT_VERDICT,
	INPUT_OVERRIDE, /* server, override, weight */
	INPUT_SEAT, /* server, term */
	INPUT_FAILBACK, /* server */
	INPUT_RESERVE, /* reserve */
	INPUT_CONNECTIONS, /* table: the kernel's */
	INPUT_DECIDE, /* a decision begins */
	INPUT_DECIDED, /* no input, but the decision's end; table: wanted */
	INPUT_PAUSE, /* vs, until */
	INPUT_FELL, /* server */
	INPUT_SEAT_LEFT, /* vs, term */
	INPUTS,
};

struct balance_input {
	enum balance_input_kind kind;
	usec_t now; /* 0: a kind without a time of its own */
	const struct verdict *verdict;
	const struct table *table;
	uint32_t server;
	uint32_t vs;
	enum balance_override_kind override;
	uint32_t weight;
	bool reserve;
	int64_t term;
	usec_t until;
};

/*
 * From now on HEARD gets each input before it takes effect (NULL: no more). The
 * pointers in INPUT are good during the call; HEARD must not call the balance.
 */
void balance_listen(struct balance *balance,
		    void (*heard)(void *arg, const struct balance_input *input),
		    void *arg);
/* Give INPUT to the function that it came from; WANTED is for INPUT_DECIDE. */
void balance_take(struct balance *balance, const struct balance_input *input,
		  struct table *wanted);

/*
 * The whole memory of BALANCE, added to OUT, for a record that begins in the
 * middle (see snapshot.c). Events and notices that nobody took are not in it.
 */
struct pack;
struct unpack;
void balance_save(const struct balance *balance, struct pack *out);
/*
 * Fill BALANCE, which is new and of the same configuration. Returns 0, or
 * -EINVAL if IN does not fit; BALANCE is of no use then but to be freed.
 */
int balance_restore(struct balance *balance, struct unpack *in);

/* Events since the last decision, for the log and the notify scripts. */
enum balance_event_kind {
	/* The server serves; a writer may have ceased to since the last one. */
	EVENT_SERVER_UP,
	EVENT_SERVER_DOWN, /* repeated only after an UP or SPARE */
	EVENT_SERVER_SPARE, /* a writer too many; only after an UP or DOWN */
	EVENT_SERVER_OTHER, /* any other change of standing */
	EVENT_QUORUM_UP,
	EVENT_QUORUM_DOWN,
	EVENT_LEVEL, /* of the virtual server, without a change of quorum */
};

struct balance_event {
	enum balance_event_kind kind;
	uint32_t vs;
	uint32_t server; /* index in conf.servers, or TABLE_NO_REF */
	uint8_t before, after; /* enum standing or enum level */
};

/* Take the next event, oldest first. Returns false if there is none. */
bool balance_next_event(struct balance *balance, struct balance_event *event);

/* Warnings, and their ends, without a change of any server's state. */
enum balance_notice_kind {
	NOTICE_POOL_TIGHT, /* the loss of `survive` servers would be too much */
	NOTICE_POOL_ROOMY,
	NOTICE_SERVER_TIGHT, /* a server is above `high` of its max_connections */
	NOTICE_SERVER_ROOMY,
	NOTICE_SOURCES_MANY, /* more servers are writable than should: an error */
	NOTICE_SOURCES_ONE,
	NOTICE_PAUSE_OVER, /* by itself */
};

struct balance_notice {
	enum balance_notice_kind kind;
	uint32_t vs;
	uint32_t server; /* index in conf.servers, or TABLE_NO_REF */
};

/* Take the next notice, oldest first. Returns false if there is none. */
bool balance_next_notice(struct balance *balance,
			 struct balance_notice *notice);
/* NOTICE as text, as of now; at most SIZE bytes with the NUL. Returns OUT. */
const char *balance_notice_text(const struct balance *balance,
				const struct balance_notice *notice, char *out,
				size_t size);

/* Views for display: one check, one server, one virtual server. */
struct balance_check_view {
	uint8_t state; /* enum health_state */
	bool proven; /* at least one verdict has come (else presumed or unknown) */
	bool stale; /* no verdict for much longer than the check's interval */
	uint32_t failures; /* in a row */
	uint16_t outcome; /* of the last probe */
	uint16_t server_errno;
	uint32_t duration; /* us */
	usec_t when; /* of the last verdict; 0: none */
	const char *text; /* of the last verdict, never NULL */
};

struct balance_server_view {
	usec_t since; /* of the standing */
	usec_t override_since;
	int64_t term; /* with `writers` or `failback manual`; 0: none */
	bool fell; /* it served and failed, and its term does not say so yet */
	enum standing standing; /* STANDING_SPARE if it is held back */
	uint32_t weight; /* in the wanted table */
	/* The factor of its weight, in millionths. */
	uint32_t ramp; /* slow start */
	uint32_t latency_factor; /* response time */
	uint32_t saturation; /* too many connections */
	/* The part of max_connections that a cold pool lets in; the same. */
	uint32_t let_in;
	enum balance_override_kind override; /* the operator's word */
	uint32_t override_weight; /* with OVERRIDE_WEIGHT */
	uint32_t drain_cut; /* connections that were left when its time was over */
	uint32_t active, inactive; /* connections, as the kernel counts them */
	bool counted; /* ACTIVE and INACTIVE are known */
	bool wanted; /* whether it is in the wanted table */
	bool serves; /* the arbiter's choice, before the sorry server */
	bool judged; /* each of its checks has had a verdict: nothing is presumed */
	bool drained; /* the operator's drain is through */
	/* The weight moves: a script's, or a share of the file's. */
	bool moves;
};

struct balance_vs_view {
	enum level level;
	bool quorum; /* reached */
	uint32_t up; /* servers that are up */
	uint32_t serving; /* servers with a weight above 0 */
	uint64_t up_weight; /* of servers able to serve, in the file's unit */
	uint32_t soft; /* servers that are soft-failed */
	uint32_t kept; /* soft-failed, but serving to make up min_serving */
	uint32_t backups; /* backup servers that serve */
	uint32_t need; /* min_serving, as a number of servers */
	bool frozen; /* a correlated failure is going on */
	uint32_t sources; /* with `role source`: servers that showed that role */
	uint32_t writers; /* with `writers`: servers that may serve; 0: all */
	uint32_t spares; /* servers that could serve, and are held back */
	usec_t paused_until; /* the operator's pause; 0: none */
	bool keeps; /* with it: there is a table that stays as it is */
};

/* Room for connections: see headroom.c. */
struct balance_headroom {
	uint32_t servers; /* serving, max_connections known */
	uint32_t unknown; /* serving, max_connections not known */
	uint32_t target; /* failed servers to be survived, by the file */
	int32_t survives; /* failures survived by the use now; -1: not even 0 */
	int32_t survives_peak; /* the same, by the highest use ever seen */
	uint64_t used, peak, room; /* connections, all servers together */
	uint32_t worst; /* first to be full if `target` fail; TABLE_NO_REF */
	uint64_t worst_need; /* connections of `worst` then */
	uint32_t worst_max; /* max_connections of `worst` */
};

/* Fill VIEW for virtual server VS, from the newest facts of its servers. */
void balance_view_headroom(const struct balance *balance, uint32_t vs,
			   struct balance_headroom *view);
/* The facts of all checks of SERVER, merged; `have` tells the known ones. */
void balance_view_facts(const struct balance *balance, uint32_t server,
			struct facts *facts);

/*
 * Fill VIEW for one check, server or virtual server, by its index in the
 * configuration. Texts in VIEW belong to BALANCE, until the next verdict.
 */
void balance_view_check(const struct balance *balance, uint32_t check,
			usec_t now, struct balance_check_view *view);
void balance_view_server(const struct balance *balance, uint32_t server,
			 struct balance_server_view *view);
void balance_view_vs(const struct balance *balance, uint32_t vs,
		     struct balance_vs_view *view);

/*
 * Why the server is where it is, as one line of words and numbers, for a log
 * line: at most SIZE bytes with the NUL, always ended. SERVER may be REF_SORRY
 * (then VS decides). Returns OUT.
 */
const char *balance_reason(const struct balance *balance, uint32_t vs,
			   uint32_t server, usec_t now, char *out, size_t size);

/*
 * The whole chain from verdicts to weight, as of the last decision: EMIT is
 * called for each link in order, STEP naming it ("check", "standing",
 * "operator", "pool", "weight", "result"; a server with several checks has
 * several of that name). The strings are good during the call only.
 */
void balance_explain(const struct balance *balance, uint32_t server, usec_t now,
		     void (*emit)(void *arg, const char *step,
				  const char *text),
		     void *arg);

/* How many checks have gone stale (see balance_check_view). */
uint32_t balance_stale_checks(const struct balance *balance, usec_t now);

#endif
