/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A verdict: the result of one probe of one server. The checker writes it, main
 * reads it, the decision is made from it. The verdict crosses a process border,
 * so it is one fixed struct without pointers.
 */
#ifndef EVENKEEL_LIB_VERDICT_H
#define EVENKEEL_LIB_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/util.h"

/*
 * The meaning of an outcome for the server, from the classification in the
 * manual. The decision knows classes only, never single outcomes.
 */
enum outcome_class {
	OUTCOME_UNKNOWN, /* nothing was learned: no probe ended yet, or ours failed */
	OUTCOME_GOOD,
	OUTCOME_HARD, /* the server does not serve: refused, hung, not ready */
	OUTCOME_SOFT, /* it serves, but worse than it should: lag, role */
	OUTCOME_SATURATED, /* it runs, and has no slot left: less share, no change of state */
	OUTCOME_HOLD, /* the check, not the server, is at fault: the last state stays */
	OUTCOME_DRAIN, /* the server asks to be left alone: weight 0, connections kept */
	OUTCOME_CLASSES,
};

enum outcome {
	PROBE_NONE, /* no probe has ended */
	/* any probe */
	PROBE_OK,
	PROBE_REFUSED,
	PROBE_UNREACHABLE, /* no route, host or network unreachable */
	PROBE_TIMEOUT, /* the deadline passed before the connection was made */
	PROBE_HUNG, /* connected, then no (full) answer before the deadline */
	PROBE_CLOSED, /* the server closed or reset the connection */
	PROBE_GARBAGE, /* the answer is not of the protocol */
	PROBE_LOCAL_FAULT, /* our side: no descriptor, no memory, no helper, no port */
	/* MySQL */
	PROBE_SQL_ERROR, /* the query failed for a reason of the server */
	PROBE_SQL_UNEXPECTED, /* the query's answer is not the expected one */
	PROBE_NOT_READY, /* 1047, Galera not synced, group member not ONLINE */
	PROBE_SATURATED, /* 1040 and its kin: too many connections */
	PROBE_BLOCKED, /* 1129: the server blocks the checker's host */
	PROBE_MISCONFIGURED, /* 1045, 1227, 1142, 1064, TLS names: our file is wrong */
	PROBE_LAGGING,
	PROBE_SOURCE_LOST, /* not connected to its source, applying well */
	PROBE_NOT_REPLICA, /* no replication where the file expects it */
	PROBE_REPLICATION_BROKEN, /* a thread of it stopped, and not for its source */
	PROBE_ROLE, /* read_only is not as expected */
	/* HTTP and scripts */
	PROBE_STATUS, /* a status code, digest or body that is not accepted */
	PROBE_DRAIN, /* a drain_code */
	PROBE_SCRIPT, /* the script said no */
	PROBE_CLIENT_PATH, /* well at its own address, and not at the clients' */
	PROBE_FILE, /* the number in the file takes the server out */
	PROBE_NEIGHBOR, /* the BFD session is not up */
	PROBE_CORRUPT, /* bytes arrive other than they were sent */
	PROBE_OTHER_SERVER, /* the clients' way leads to another server */
	PROBE_UNTRUSTED, /* a certificate that the file does not allow */
	PROBE_OUTCOMES,
};

/* The table that says it all about an outcome; index by enum outcome. */
struct outcome_info {
	const char *name; /* short, for JSON and columns: "refused" */
	const char *text; /* for a sentence: "connection refused" */
	enum outcome_class class;
};

/* Never NULL: an outcome out of range is described as PROBE_NONE. */
const struct outcome_info *outcome_info(unsigned outcome);

/*
 * The facts of the server, besides good or bad, that a MySQL probe learned. A
 * field counts only if its bit is in HAVE: a NULL or a missing privilege is
 * never a number.
 */
enum fact {
	FACT_LAG = 1 << 0,
	FACT_READ_ONLY = 1 << 1,
	FACT_IS_REPLICA = 1 << 2,
	FACT_THREADS_RUNNING = 1 << 3,
	FACT_THREADS_CONNECTED = 1 << 4,
	FACT_MAX_CONNECTIONS = 1 << 5,
	FACT_MAX_USED = 1 << 6,
	FACT_WAIT_TIMEOUT = 1 << 7,
	FACT_UPTIME = 1 << 8,
	FACT_WEIGHT = 1 << 9, /* misc_dynamic, FILE_CHECK */
	FACT_HTTP_STATUS = 1 << 10,
	FACT_EXIT_STATUS = 1 << 11,
	FACT_CHANNELS = 1 << 12,
	FACT_EVICTED = 1 << 13, /* sessions of clients were ended, as asked */
};

struct facts {
	uint32_t have; /* enum fact bits */
	uint32_t threads_running;
	uint32_t threads_connected;
	uint32_t max_connections;
	uint32_t max_used;
	uint32_t wait_timeout; /* s */
	/* With conf_traits.adds_weight a difference, as an int32_t. */
	uint32_t weight;
	uint16_t http_status;
	uint8_t exit_status;
	uint8_t read_only;
	usec_t lag;
	usec_t uptime;
	uint8_t is_replica;
	uint8_t channels; /* of replication; 255: or more */
	uint16_t evict_errno; /* why not all; 0: all were */
	uint32_t evicted;
};

#define VERDICT_TEXT_MAX 200

struct verdict {
	uint32_t check; /* index of the check in the configuration */
	uint16_t outcome; /* enum outcome */
	uint16_t server_errno; /* MySQL's error number, or 0 */
	usec_t when; /* the probe's end */
	uint32_t duration; /* us, from the probe's start */
	uint32_t failures; /* probes in a row that were not good, this one included */
	struct facts facts;
	/* Printable ASCII, ended by NUL; for a person; no secrets. */
	char text[VERDICT_TEXT_MAX];
};

/* In the text of PROBE_CLIENT_PATH, if the fault is this host's own. */
#define VERDICT_DROPPED_HERE "a firewall rule on this balancer drops"

/* Make a received verdict safe to use: ranges, the text's end and its bytes. */
void verdict_sanitize(struct verdict *verdict);

#endif
