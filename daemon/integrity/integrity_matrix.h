/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The matrix of `integrity { }`: for each server of a pool, how payload came back by
 * each way, here and on the other balancer; and the part to blame if it came back
 * changed. Pure: `now` is an input, nothing is sent here.
 *
 * A row is a server, with a cell for each way: to its own address, and through the
 * service address. Of each cell the last three payloads count: `confirm` bad ones
 * of them make it corrupt, and it stays so until INTEGRITY_CLEAN_RUN came back well
 * in a row, for rare changes let many payloads pass. After a bad one the same way is
 * asked twice more, and from then on the largest size is sent to every server of the
 * pool, so that a change by chance is met again soon.
 *
 * The part to blame, with R the servers that were measured here:
 *
 *	some of R corrupt, others clean		each corrupt server, or its link:
 *						the rest of the way is in order
 *	all of R, and there also, all		nobody: both share the fault
 *	all of R, there clean			this balancer
 *	all of R, there not known		untold: two servers do not break
 *						at the same time by chance
 *	the only one of R, and there too	that server
 *
 * Where every server's bytes are changed, one server is the first to be confirmed, by
 * chance. So "others clean" is a matter of numbers: the others must have had so many
 * bytes since the first change that they had met several at the rate of the corrupt
 * ones. Till then nobody is to blame. In the same way this balancer is to blame only
 * when some more changes came here and the other one is clean still.
 *
 * A server is left out of the choice only where the server is to blame. Where the
 * balancer is, leaving servers out would empty the pool and mend nothing.
 *
 * A row has another finding: the server that answers through the service address
 * names itself otherwise than the one at its own address. Then its payload says
 * nothing about this server and is not counted.
 */
#ifndef EVENKEEL_DAEMON_INTEGRITY_INTEGRITY_MATRIX_H
#define EVENKEEL_DAEMON_INTEGRITY_INTEGRITY_MATRIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/payload.h"
#include "lib/util.h"

#define INTEGRITY_CLEAN_RUN 10
#define INTEGRITY_TEXT_MAX 200

enum integrity_way {
	INTEGRITY_DIRECT, /* to the server's own address */
	INTEGRITY_CLIENT, /* through the service address, as clients */
	INTEGRITY_WAYS,
};

enum integrity_state {
	INTEGRITY_UNMEASURED, /* fewer than three payloads, or long ago */
	INTEGRITY_CLEAN,
	INTEGRITY_SUSPECT, /* a bad one of three, not confirmed */
	INTEGRITY_CORRUPT,
	INTEGRITY_STATES,
};

enum integrity_blame {
	INTEGRITY_NOBODY,
	INTEGRITY_SERVER, /* that server, or its link */
	INTEGRITY_LIAR, /* that server: its digest is not of its echo */
	INTEGRITY_STRANGER, /* another server answers at the service address */
	INTEGRITY_BALANCER, /* this balancer */
	INTEGRITY_SHARED, /* both balancers see it, at all servers */
	INTEGRITY_UNTOLD, /* all servers here, and nothing is known of there */
	INTEGRITY_BLAMES,
};

struct integrity_cell {
	bool exists; /* there is such a way */
	uint8_t last; /* of three payloads, a bit each that was bad */
	uint8_t nr_last; /* of these, up to three */
	uint32_t clean_run; /* since the last bad one */
	uint32_t clean_beside; /* of these, since the pool's first bad one */
	bool corrupt; /* confirmed, and not yet INTEGRITY_CLEAN_RUN since */
	uint64_t probes, bytes, bad; /* that were compared */
	uint64_t missed; /* that came to nothing */
	usec_t first, when; /* of the comparisons; 0: there was none */
	char trouble[INTEGRITY_TEXT_MAX]; /* why the last came to nothing; or "" */
	char server[PAYLOAD_SERVER_MAX]; /* that answered last; "": none */
};

struct integrity_mismatch {
	usec_t when; /* 0: there was none */
	enum integrity_way way;
	struct payload_found found;
};

/* A server. All zero but CELLS[].exists and RANDOM, before its first use. */
struct integrity_row {
	struct integrity_cell cells[INTEGRITY_WAYS];
	struct integrity_mismatch mismatch; /* the last */
	uint8_t lies; /* of the bad ones among the last three: a bit each */
	uint8_t strangers; /* of the last three on the clients' way, the same */
	bool stranger; /* confirmed, until none of the last three was one */
	enum integrity_blame blame; /* by integrity_judge() */
	bool blamed; /* it was INTEGRITY_SERVER at the judgement before */
	bool alarm; /* some server of the pool is suspect: send the largest */
	uint64_t tried,
		hits; /* since then: bytes, and payloads that were bad */
	enum integrity_state there; /* by the other balancer's report */
	usec_t next; /* no payload before */
	enum integrity_way turn; /* the next one's, if it exists */
	uint64_t random;
	uint64_t ticket; /* of the payload under way; 0: there is none */
	enum integrity_way asked; /* its way, or the last one's */
	uint8_t again; /* so many more go that way */
	usec_t deadline; /* its answer is given up then */
};

/* The pool of one virtual server. */
struct integrity_pool {
	enum integrity_blame blame; /* of the pool; of a server: in its row */
	usec_t since; /* of the blame; 0: from the start */
	/* By integrity_only_forwarded(), while the pool has a blame of its own. */
	bool only_forwarded;
	bool doubted; /* it was found to be this balancer at the last judgement */
	uint64_t doubted_from; /* bad payloads when it first was */
	bool stepped; /* the addresses were left to the other one for it */
	usec_t again; /* they are not tried to be before */
};

/* The names of ways, states and blames, as the JSON of control has them. */
const char *integrity_way_name(enum integrity_way way);
const char *integrity_state_name(enum integrity_state state);
const char *integrity_blame_name(enum integrity_blame blame);
/* "on the way to the server" and so on, of an enum payload_state. */
const char *integrity_half_name(unsigned state);

/*
 * A payload of ROW is about to be sent: choose its way and its size, and set
 * row->next by the rate. Returns the size, bytes.
 */
uint32_t integrity_send(struct integrity_row *row,
			const struct conf_integrity *conf, usec_t now);

/* The payload of row->asked came back; FOUND is sanitized. */
void integrity_take(struct integrity_row *row,
		    const struct conf_integrity *conf,
		    const struct payload_found *found, usec_t now);
/* The payload came to nothing, for the reason WHY: no failure of the way. */
void integrity_miss(struct integrity_row *row, const char *why);

/* The way's state; after a long time without a payload it is not measured. */
enum integrity_state integrity_cell_state(const struct integrity_cell *cell,
					  const struct conf_integrity *conf,
					  usec_t now);
/* The worst of the ways that are measured. */
enum integrity_state integrity_row_state(const struct integrity_row *row,
					 const struct conf_integrity *conf,
					 usec_t now);
/* For the other balancer: clean only if each way that exists is. */
enum integrity_state integrity_row_report(const struct integrity_row *row,
					  const struct conf_integrity *conf,
					  usec_t now);

/*
 * Judge the NR servers of a pool, each into its blame, and the pool: _NOBODY if
 * only servers are to blame, or nobody.
 */
enum integrity_blame integrity_judge(struct integrity_row *rows, size_t nr,
				     const struct conf_integrity *conf,
				     usec_t now);

/*
 * The blame of POOL by what integrity_judge() FOUND of its NR servers:
 * INTEGRITY_BALANCER is INTEGRITY_UNTOLD until more bad payloads have come.
 */
enum integrity_blame integrity_settle(struct integrity_pool *pool,
				      const struct integrity_row *rows,
				      size_t nr, enum integrity_blame found);

/*
 * Whether the NR servers of a pool are corrupt on the clients' way alone, while
 * enough went to their own addresses unchanged meanwhile: then the forwarding changes
 * bytes (IPVS, an offload), and not the memory or the link of the balancer, which
 * both ways share.
 */
bool integrity_only_forwarded(const struct integrity_row *rows, size_t nr,
			      const struct conf_integrity *conf, usec_t now);

/*
 * Why ROW's server is soft-failed, into OUT (of INTEGRITY_TEXT_MAX bytes): SERVICE
 * is the clients' address, for people. Only for blames of a server.
 */
void integrity_explain(const struct integrity_row *row,
		       const struct conf_integrity *conf, const char *service,
		       usec_t now, char *out);

#endif
