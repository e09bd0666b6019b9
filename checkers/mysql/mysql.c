/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MYSQL_CHECK, from the checker's side: a real login and a real query, done by
 * a helper process, because the client library blocks (under TLS even its
 * asynchronous calls do). See mysql_pool.h for the helpers, mysql_session.c for
 * the conversation with the server, mysql_classify.c for the meaning of the
 * server's errors.
 *
 * The time limit is enforced twice. The helper's watchdog ends the probe at the
 * deadline, in any stage, and the helper reports the findings. A helper that
 * does not answer a moment later is killed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/check.h"
#include "checkers/check_path.h"
#include "checkers/mysql/mysql_courier.h"
#include "checkers/mysql/mysql_evictor.h"
#include "checkers/mysql/mysql_pool.h"
#include "checkers/probe.h"
#include "lib/log.h"
#include "lib/loop.h"

/* How long a probe may wait for a helper; a loaded host forks slowly. */
#define MYSQL_WAIT (3 * USEC_PER_SEC)
/* From the deadline until a silent helper is killed. A helper answers at the
 * deadline by itself, unless it stands still or the host has no time for it. */
#define MYSQL_GRACE (500 * USEC_PER_MSEC)

/* In the number of a session: the clients' way. */
#define MYSQL_CLIENT (UINT64_C(1) << 63)

struct mysql_state {
	struct mysql_job job;
	struct check *check;
	uint64_t session; /* with probe_path client: of the server's own address */
	bool client; /* the way of the last probe */
	uint32_t renewed; /* of check->path, when a socket was lent */
	uint32_t rounds; /* on the session that is open; 0: none is */
	bool evict; /* main wants the sessions of clients to end */
	bool again; /* and said so while a probe was running */
	char *spare; /* users of kill_spare, one a line; NULL: none */
	struct mysql_courier *courier; /* for payload; NULL: never asked for */
	struct mysql_evictor *evictor; /* NULL: never needed */
};

/* An order that does not fit will not fit in later rounds either. */
static void mysql_add_order(struct mysql_state *state,
			    struct mysql_request *request)
{
	state->again = false;
	if (mysql_request_evict(request, state->spare) == 0)
		return;
	state->evict = false;
	log_error("mysql",
		  "on_leave kill: no session is ended, since kill_spare, "
		  "query and other strings of the check are longer than %d "
		  "bytes together; name fewer users",
		  MYSQL_REQUEST_TEXT);
}

/*
 * The clients' way, with a socket for the next login unless the helper has one.
 * Returns 0, or -E2BIG: the strings are too long.
 */
static int mysql_go_as_client(struct mysql_state *state,
			      struct mysql_request *request)
{
	struct check *check = state->check;
	int error = mysql_request_service(request, &check->conf->service.addr);

	if (error < 0 ||
	    (state->job.lent && state->renewed == check->path.renewed))
		return error;
	state->renewed = check->path.renewed;
	state->job.socket = check_take_socket(check);
	return 0;
}

static bool mysql_begin(struct mysql_job *job, struct mysql_request *request)
{
	struct mysql_state *state = container_of(job, struct mysql_state, job);
	struct check *check = state->check;
	struct probe_result result;
	int error;

	/* The time that it waited for a helper is not the server's. */
	check_restart_clock(check);
	error = mysql_request_fill(request, check->conf, check_secret(check));
	if (error == 0 && check_is_client(check))
		error = mysql_go_as_client(state, request);
	if (error < 0) {
		probe_result_fill(&result, PROBE_MISCONFIGURED, 0);
		snprintf(result.text, sizeof(result.text),
			 "query and other strings are longer than %d bytes",
			 MYSQL_REQUEST_TEXT);
		check_finish(check, &result);
		return false;
	}
	request->deadline = check->started + check->conf->timeout;
	request->fresh = state->rounds == 0 ||
			 state->rounds >= check->conf->mysql->fresh_login;
	if (state->evict && !mysql_evictor_is_busy(state->evictor))
		mysql_add_order(state, request);
	if (request->fresh)
		state->rounds = 0;
	return true;
}

static void mysql_done(struct mysql_job *job, const struct probe_result *result,
		       bool session_open)
{
	struct mysql_state *state = container_of(job, struct mysql_state, job);
	struct probe_result whole = *result;

	state->rounds = session_open ? state->rounds + 1 : 0;
	(void)mysql_evictor_take(state->evictor, &whole.facts);
	if (whole.facts.have & FACT_EVICTED)
		state->evict = false;
	check_finish(state->check, &whole);
	if (!state->evict || !state->again ||
	    mysql_evictor_is_busy(state->evictor))
		return;
	state->again = false;
	check_run_now(state->check);
}

static uint64_t mysql_new_session(void)
{
	static uint64_t sessions;

	return ++sessions;
}

/* Beside the probe that is under way, which may last until its deadline. */
static void mysql_evict_beside(struct check *check)
{
	struct mysql_state *state = check->state;

	if (!state->evictor)
		state->evictor = mysql_evictor_new(check, check_shared(check),
						   mysql_new_session());
	mysql_evictor_send(state->evictor, state->spare);
}

/* At once, and with each probe until one has come to its end. */
static void mysql_evict_clients(struct check *check,
				const struct ipc_evict *order)
{
	struct mysql_state *state = check->state;

	state->evict = order->wanted;
	free(state->spare);
	state->spare = xstrdup(order->spare);
	state->again = state->evict && check->started > 0;
	if (state->again)
		mysql_evict_beside(check);
	else if (state->evict)
		check_run_now(check);
	else if (state->evictor)
		mysql_evictor_stop(state->evictor);
}

/* The two ways are two sessions, of which one is kept. */
static void mysql_choose_session(struct mysql_state *state)
{
	bool client = check_is_client(state->check);

	if (state->client != client)
		state->rounds = 0;
	state->client = client;
	state->job.session = state->session | (client ? MYSQL_CLIENT : 0);
}

static int mysql_start(struct check *check)
{
	struct mysql_state *state = check->state;

	mysql_choose_session(state);

	state->job.login =
		mysql_request_login(check->conf, check_secret(check));
	mysql_pool_submit(check_shared(check), &state->job);
	if (state->job.waiting)
		check_wait_until(check, check->started + MYSQL_WAIT);
	return 0;
}

static void mysql_cancel(struct check *check)
{
	struct mysql_state *state = check->state;

	state->rounds = 0;
	mysql_pool_withdraw(check_shared(check), &state->job);
}

static void mysql_expire(struct check *check, struct probe_result *result)
{
	struct mysql_state *state = check->state;
	const char *text = "its helper did not come back in time";

	if (state->job.waiting) {
		probe_result_fill(result, PROBE_LOCAL_FAULT, 0);
		text = mysql_pool_trouble(check_shared(check));
	} else {
		probe_result_fill(result, PROBE_HUNG, 0);
	}
	snprintf(result->text, sizeof(result->text), "%s", text);
	mysql_cancel(check);
}

static void mysql_send_payload(struct check *check,
			       const struct ipc_payload_ask *ask, int fd)
{
	struct mysql_state *state = check->state;

	if (!state->courier)
		state->courier = mysql_courier_new(check, check_shared(check),
						   mysql_new_session());
	mysql_courier_send(state->courier, ask, fd);
}

static void mysql_attach(struct check *check)
{
	struct mysql_state *state = xcalloc(1, sizeof(*state));
	const struct conf_check *conf = check->conf;
	char where[ENDPOINT_TEXT_MAX];

	state->check = check;
	state->session = state->job.session = mysql_new_session();
	state->job.begin = mysql_begin;
	state->job.done = mysql_done;
	check->state = state;
	mysql_pool_join(check_shared(check));
	if (conf->bind_if || conf->fwmark || conf->bind.port)
		log_warning("mysql",
			    "MYSQL_CHECK of %s: bind_if, bind_port and fwmark "
			    "have no effect, the client library cannot do it",
			    endpoint_format(&conf->dst, where));
}

static void mysql_detach(struct check *check)
{
	struct mysql_state *state = check->state;

	mysql_courier_free(state->courier);
	mysql_evictor_free(state->evictor);
	mysql_pool_forget(check_shared(check), &state->job);
	mysql_pool_leave(check_shared(check));
	free(state->spare);
	free(state);
}

static void *mysql_open(const struct probe_means *means)
{
	return mysql_pool_new(means->loop, means->zygote, means->helpers_max);
}

static void mysql_close(void *shared)
{
	mysql_pool_free(shared);
}

const struct probe_type probe_mysql = {
	.name = "mysql",
	.grace = MYSQL_GRACE,
	.sockets = 1,
	.start = mysql_start,
	.cancel = mysql_cancel,
	.expire = mysql_expire,
	.attach = mysql_attach,
	.detach = mysql_detach,
	.open = mysql_open,
	.close = mysql_close,
	.evict = mysql_evict_clients,
	.payload = mysql_send_payload,
};
