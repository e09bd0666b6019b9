/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `integrity { }`: payload is sent to each server and compared with its echo, so that
 * a balancer, a link or a server that changes bytes is found by the pool itself and
 * not by its clients. MySQL's protocol has no checksum without TLS, and one of TCP
 * does not help against a forwarder: a balancer whose network card joins segments
 * (GRO) sends them on with a fresh checksum over the memory as it is by then.
 *
 * The parts. Main decides when to send, to which server, by which way and how many
 * bytes, and draws the conclusions. Main reads no byte from the network. For the
 * clients' way it makes a marked socket (probe_paths.h) and hands it to the checker
 * with the request. There a helper, an unprivileged process of its own, logs in as
 * the server's MYSQL_CHECK does, makes the bytes from a seed, sends them, and compares
 * the server's digest and echo with them (checkers/mysql/mysql_payload.h). The
 * findings come to main in one fixed struct (lib/payload.h) and are checked again.
 *
 * The two ways. One goes to the server's own address, one through the service
 * address and IPVS, by the pool's own method. Changes on both ways are made by the
 * server or on the wire; changes on the second alone are made by the forwarding. Each
 * balancer measures for itself; its findings in short go to the other one over the
 * operators' channel. From both, the matrix (integrity/integrity_matrix.h) finds the
 * part to blame.
 *
 * The consequences. A server to blame is soft-failed: the verdicts of its check that
 * all is well become PROBE_CORRUPT on their way to the decision, so min_serving and
 * the other rules for soft failures hold. A balancer through which alone everything
 * is changed says so, and with `step_down on` leaves its addresses to the other one,
 * once. A payload that comes to nothing (the server is down, a takeover cuts the
 * connection) is no finding at all.
 *
 * The load. A server has one payload under way at a time, and no more bytes a
 * second than `rate`; all servers together have INTEGRITY_AT_A_TIME. Nothing goes to
 * a server that is down, cold (slow start) or saturated.
 */
#ifndef EVENKEEL_DAEMON_INTEGRITY_H
#define EVENKEEL_DAEMON_INTEGRITY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/integrity/integrity_matrix.h"
#include "lib/loop.h"
#include "lib/verdict.h"

/* Payloads under way at the most, to all servers together. */
#define INTEGRITY_AT_A_TIME 4

struct balance;
struct balance_server_view;
struct checker_proc;
struct history;
struct fitness_item;
struct integrity;
struct overrides;
struct probe_paths;

struct integrity_needs {
	struct loop *loop;
	struct history *history;
	struct checker_proc *checker;
	struct probe_paths *paths;
	const struct overrides *overrides; /* has the channels to others */
	/*
	 * Leave the addresses to the other balancer. False: there are none here,
	 * or the other one is not fit, which has been logged.
	 */
	bool (*step_down)(void *arg);
	void *arg;
};

/* The members of NEEDS must outlive the result. */
struct integrity *integrity_new(const struct integrity_needs *needs);
void integrity_free(struct integrity *integrity); /* NULL is allowed */

/*
 * From now on measure the pools of CONF, whose servers are as BALANCE has them;
 * both must live until the next call. The row of a server that stays in a pool with
 * the same `integrity` is kept.
 */
void integrity_configure(struct integrity *integrity, const struct conf *conf,
			 const struct balance *balance);

/*
 * Whether a server takes a payload now without harm to its clients: none that
 * is down, drained, cold or saturated, or not judged yet by each of its checks.
 */
bool integrity_may_take(const struct balance_server_view *view);

/* Change VERDICT, if it says that all is well with a server that is to blame. */
void integrity_judge_verdict(const struct integrity *integrity,
			     struct verdict *verdict);

/*
 * This balancer's part of its report for the others: an item for each measured
 * server into ITEMS, which has room for one for each server of CONF. Returns their
 * number.
 */
size_t integrity_name_items(const struct conf *conf,
			    struct fitness_item *items);
/* The figures of the same items, as they are now. */
void integrity_fill_items(const struct integrity *integrity,
			  struct fitness_item *items);

/* Of all servers and virtual servers of the configuration, by index. */
const struct integrity_row *integrity_rows(const struct integrity *integrity);
const struct integrity_pool *integrity_pools(const struct integrity *integrity);

#endif
