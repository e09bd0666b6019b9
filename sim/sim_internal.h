/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Declarations that the simulator's files share. */
#ifndef EVENKEEL_SIM_SIM_INTERNAL_H
#define EVENKEEL_SIM_SIM_INTERNAL_H

#include "sim/sim.h"

#define SIM_ALL UINT32_MAX
#define SIM_START (1000 * USEC_PER_SEC) /* the clock at second 0 */
#define SIM_STEP (20 * USEC_PER_MSEC)

enum sim_verb {
	SIM_STOP, /* refuses; its connections are lost */
	SIM_BEGIN, /* runs again, as a new and cold process */
	SIM_HANG, /* accepts and says nothing */
	SIM_RESUME,
	SIM_LAG, /* NUMBER seconds behind, from now on */
	SIM_LAG_RISES, /* by a second a second */
	SIM_LAG_FALLS, /* by NUMBER seconds a second, down to 0 */
	SIM_SOURCE_LOST,
	SIM_SOURCE_BACK,
	SIM_ROLE, /* read_only is not as expected */
	SIM_FINE, /* the end of lag, role and lost source */
	SIM_MISCONFIGURED, /* the check's password is wrong */
	SIM_DRAIN, /* by the operator, and so below */
	SIM_READY,
	SIM_DISABLE,
	SIM_DEMAND, /* NUMBER, as a share of the capacity when warm */
	SIM_VERBS,
};

struct sim_order {
	usec_t at; /* from the start */
	enum sim_verb verb;
	uint32_t server; /* SIM_ALL: every one */
	double number;
	uint32_t line;
};

struct sim_script {
	struct conf *conf;
	char title[128];
	uint32_t servers;
	uint32_t cores;
	uint32_t max_connections;
	double service; /* s a query takes on a warm server */
	double cold; /* times as long on a cold one */
	double warm; /* queries that warm it */
	double demand;
	bool held; /* pooled connections; else one for each query */
	double life; /* s, of a held connection on average */
	uint32_t clients; /* held connections, all together */
	usec_t until;
	struct sim_order *orders;
	size_t nr_orders, room_orders;
};

struct sim_server {
	bool up, hung, source_lost, role, misconfigured;
	uint32_t weight;
	uint32_t limit; /* the kernel's upper threshold; 0: none */
	uint32_t connections;
	uint32_t running;
	int64_t credit; /* of the round robin */
	double warmed; /* queries that it served since its start */
	double lag, lag_rate;
	usec_t booted;
	usec_t probe_at;
	double running_sum; /* over the steps of this second */
	double running_mean;
};

struct sim {
	const struct sim_script *script;
	const struct sim_watcher *watcher;
	struct balance *balance;
	struct table wanted;
	struct sim_server servers[SIM_SERVERS_MAX];
	usec_t now;
	size_t next_order;
	uint64_t seed;
	double demand; /* queries a second */
	uint32_t reconnect; /* held connections without a server */
	uint32_t waiting; /* queries without a connection */
	uint64_t failed;
	uint32_t steps; /* in this second */
	bool decide;
};

#define SIM_BLOCK_MAX 4096

/* A scenario while it is read. */
struct sim_reader {
	struct sim_script *script;
	char pool[SIM_BLOCK_MAX], server[SIM_BLOCK_MAX], check[SIM_BLOCK_MAX];
	char *block; /* the open block, or NULL */
	uint32_t line;
	char *error; /* SIM_ERROR_MAX bytes */
	bool failed;
};

/* scenario.c: report an error; the first one stays. */
void sim_reader_fail(struct sim_reader *reader, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void sim_reader_lines(struct sim_reader *reader, const char *text);

/* random.c: reproducible. */
double sim_uniform(uint64_t *seed); /* [0, 1) */
uint32_t sim_poisson(uint64_t *seed, double mean);

/* load.c: the servers and their clients, one step further. */
void sim_load_init(struct sim *sim);
void sim_load_step(struct sim *sim);
/* A server is gone: its connections and queries are lost. */
void sim_load_drop(struct sim *sim, uint32_t server);
double sim_load_warmth(const struct sim *sim, uint32_t server);

/* schedule.c: IPVS's choice for one connection; SIM_ALL: there is none. */
uint32_t sim_schedule(struct sim *sim);

/* sim_probe.c: the probes that are due. */
void sim_probe_step(struct sim *sim);

/* order.c: the scenario's orders that are due. */
void sim_order_step(struct sim *sim);

#endif
