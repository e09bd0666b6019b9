/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The simulator: the daemon's own decision (balance/), driven by servers,
 * clients and probes that exist as numbers only. Text in, callbacks out; no
 * I/O, no clock. A scenario and a seed always give the same run.
 *
 * The model: servers with some cores share them among the queries that run; a
 * query takes `service` on a warm server, up to `cold` times that on a cold one,
 * which is warm after `warm` queries; work is exponential. Queries come as a
 * Poisson stream over the clients' connections, which are either held in pools
 * (an idle one is taken at random) or opened for one query each. A connection
 * goes where the scheduler sends it by the weights of the last decision. Not in
 * the model: the network, the clients' patience, IPVS's inactive entries.
 */
#ifndef EVENKEEL_SIM_SIM_H
#define EVENKEEL_SIM_SIM_H

#include "balance/balance.h"

#define SIM_SERVERS_MAX 256
#define SIM_ERROR_MAX 256

struct sim; /* one run */
struct sim_script; /* a parsed scenario; immutable */

/*
 * Read a scenario (the language is in evenkeel-scenario(5)). On success *SCRIPT
 * is the caller's, for sim_script_free(). Returns 0, or -EINVAL with a sentence
 * in ERROR (SIM_ERROR_MAX bytes) that names the line.
 */
int sim_script_parse(const char *text, struct sim_script **script, char *error);
void sim_script_free(struct sim_script *script); /* NULL is allowed */
uint32_t sim_script_servers(const struct sim_script *script);
const char *sim_script_title(const struct sim_script *script); /* never NULL */
usec_t sim_script_until(const struct sim_script *script);

/* Callbacks of a run; any of them may be NULL. */
struct sim_watcher {
	/* At an order, or a change of standing or level. */
	void (*event)(void *arg, usec_t at, const char *text);
	/* After each second. */
	void (*second)(void *arg, const struct sim *sim);
	/* After each decision. */
	void (*decision)(void *arg, const struct sim *sim,
			 const struct table *wanted);
	void *arg;
};

/* A server as of now. */
struct sim_sample {
	bool up; /* accepts connections (a hung one does) */
	bool serves; /* by the decision */
	uint32_t weight; /* in the wanted table; 0 also if it is not in */
	uint32_t connections;
	double running; /* queries, average of the last second */
	double warmth; /* 0 cold to 1 warm */
};

/* Run SCRIPT to its end in virtual time, calling WATCHER; SEED repeats a run. */
void sim_run(const struct sim_script *script, uint64_t seed,
	     const struct sim_watcher *watcher);

/* For the watcher, during sim_run() only. */
void sim_sample(const struct sim *sim, uint32_t server,
		struct sim_sample *sample);
uint64_t sim_failed(const struct sim *sim); /* connects and queries, so far */

#endif
