/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/vrrp_proc.h"
#include "conf/vrrp_conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/sealed.h"
#include "daemon/proc/process.h"
#include "daemon/proc/secret_file.h"
#include "lib/carry.h"
#include "lib/hmac.h"
#include "lib/log.h"
#include "vrrp/fsm.h"

struct vrrp_proc_state {
	struct ipc_vrrp_state last;
	bool known;
	bool fresh; /* heard since the last question */
	uint8_t behind; /* vrrp_proc_yield() */
};

struct vrrp_proc_value {
	int32_t value;
	bool known;
};

struct vrrp_proc {
	struct loop *loop;
	const struct config *config;
	const struct vrrp_conf *conf; /* config's */
	struct vrrp_proc_events events;
	struct process *process;
	struct vrrp_proc_state *states; /* one for each instance */
	struct vrrp_proc_value *values; /* one for each tracker */
	uint32_t generation; /* of the configuration last sent */
	uint32_t yield_serial; /* of the last IPC_VRRP_YIELD */
	uint32_t nr_behind; /* of STATES */
	uint8_t keys[HMAC_LENGTH]; /* sum of the keys of files, as last sent */
	struct loop_timer told; /* the question's end */
	bool asked;
	bool allowed;
	bool ready;
	bool stopped;
};

static void vrrp_proc_send_key(struct vrrp_proc *child,
			       const struct ipc_vrrp_key *key)
{
	int error = process_send(child->process, IPC_VRRP_KEY,
				 child->generation, key, sizeof(*key), -1);

	if (error < 0)
		log_error("vrrp", "does not take key %u of %s: %s", key->id,
			  child->conf->instances[key->instance].name,
			  strerror(-error));
}

static void vrrp_proc_send_values(struct vrrp_proc *child)
{
	struct ipc_vrrp_track tracks[IPC_VRRP_TRACKS_MAX];
	uint32_t i, count = 0;
	int error = 0;

	for (i = 0; i < child->conf->nr_trackers && error == 0; i++) {
		if (child->values[i].known)
			tracks[count++] = (struct ipc_vrrp_track){
				i, child->values[i].value
			};
		if (count == 0 || (count < IPC_VRRP_TRACKS_MAX &&
				   i + 1 < child->conf->nr_trackers))
			continue;
		error = process_send(child->process, IPC_VRRP_TRACK,
				     child->generation, tracks,
				     count * sizeof(tracks[0]), -1);
		count = 0;
	}
	if (error < 0)
		log_error("vrrp", "does not take the values of trackers: %s",
			  strerror(-error));
}

/*
 * Read the keys of auth_hmac that files hold, to SUM, and with SEND to the process.
 * A file that cannot be read has been complained of, and its key is left out.
 */
static void vrrp_proc_read_keys(struct vrrp_proc *child, bool send,
				uint8_t sum[HMAC_LENGTH])
{
	const struct vrrp_conf_hmac *hmac;
	uint8_t before[HMAC_LENGTH];
	struct ipc_vrrp_key key;
	uint32_t i, k;

	memset(sum, 0, HMAC_LENGTH);
	for (i = 0; i < child->conf->nr_instances; i++) {
		hmac = &child->conf->instances[i].hmac;
		for (k = 0; k < hmac->nr_keys; k++) {
			if (!hmac->keys[k].file)
				continue;
			secret_file_read_vrrp_key(&hmac->keys[k], &key);
			key.instance = i;
			memcpy(before, sum, sizeof(before));
			hmac_sha256(before, sizeof(before), &key, sizeof(key),
				    sum);
			if (send && key.length > 0)
				vrrp_proc_send_key(child, &key);
			explicit_bzero(&key, sizeof(key));
		}
	}
}

struct vrrp_proc_yields {
	struct ipc_vrrp_yield head;
	struct ipc_vrrp_behind behind[IPC_VRRP_YIELDS_MAX];
};

static int vrrp_proc_send_yields(struct vrrp_proc *child, bool leave)
{
	struct vrrp_proc_yields yields = { .head = { ++child->yield_serial,
						     leave } };
	uint32_t i, count = 0;
	int error;

	for (i = 0;
	     i < child->conf->nr_instances && count < IPC_VRRP_YIELDS_MAX; i++)
		if (child->states[i].behind > 0)
			yields.behind[count++] = (struct ipc_vrrp_behind){
				i, child->states[i].behind
			};
	error = process_send(
		child->process, IPC_VRRP_YIELD, child->generation, &yields,
		sizeof(yields.head) + count * sizeof(yields.behind[0]), -1);
	if (error < 0) {
		/* The reports of the child still answer the message before. */
		child->yield_serial--;
		log_error("vrrp", "does not take the operator's switchover: %s",
			  strerror(-error));
	}
	return error;
}

static int vrrp_proc_send_conf(void *arg)
{
	struct vrrp_proc *child = arg;
	const struct config *config = child->config;
	const struct config_part *part = &config->parts[CONF_PART_VRRP];
	int error;

	if (!child->allowed)
		return 0;
	child->ready = false;
	child->generation = config->generation;
	vrrp_proc_read_keys(child, true, child->keys);
	error = process_send(child->process, IPC_CONF, config->generation,
			     &part->message, sizeof(part->message),
			     part->memfd);
	if (error == 0)
		vrrp_proc_send_values(child);
	if (error == 0)
		error = vrrp_proc_send_yields(child, false);
	return error;
}

static void vrrp_proc_set_behind(struct vrrp_proc *child,
				 struct vrrp_proc_state *state,
				 uint8_t priority)
{
	child->nr_behind -= state->behind > 0;
	state->behind = priority;
	child->nr_behind += state->behind > 0;
}

static bool vrrp_proc_all_fresh(const struct vrrp_proc *child)
{
	uint32_t i;

	for (i = 0; i < child->conf->nr_instances; i++)
		if (!child->states[i].fresh)
			return false;
	return true;
}

/*
 * The question is over. The owner is told of it by the loop, not from within a
 * message or a reload.
 */
static void vrrp_proc_answered(struct vrrp_proc *child)
{
	if (child->asked)
		loop_timer_set(&child->told, loop_now(child->loop));
}

static void vrrp_proc_told(struct loop_timer *timer)
{
	struct vrrp_proc *child = container_of(timer, struct vrrp_proc, told);

	child->asked = false;
	child->events.told(child->events.arg);
}

static void vrrp_proc_take_state(void *arg, const struct ipc_message *msg)
{
	struct vrrp_proc *child = arg;
	const struct ipc_vrrp_state *state = (const void *)msg->body;
	struct vrrp_proc_state *own, before;

	if (msg->header.generation != child->generation ||
	    state->instance >= child->conf->nr_instances)
		return;
	own = &child->states[state->instance];
	before = *own;
	own->last = *state;
	own->known = true;
	own->fresh = true;
	if (vrrp_proc_all_fresh(child))
		vrrp_proc_answered(child);
	/* A report that crossed our last message says nothing of it. */
	if (state->serial == child->yield_serial)
		vrrp_proc_set_behind(child, own, state->behind);
	child->events.state(child->events.arg, state->instance, &before.last,
			    before.known);
}

static void vrrp_proc_take_ready(void *arg, const struct ipc_message *msg)
{
	struct vrrp_proc *child = arg;

	if (msg->header.generation != child->generation)
		return;
	child->ready = true;
	log_info("vrrp", "runs %u instances", child->conf->nr_instances);
}

static void vrrp_proc_ended(void *arg, const char *why)
{
	struct vrrp_proc *child = arg;

	child->ready = false;
	vrrp_proc_answered(child);
	if (child->stopped)
		log_info("vrrp", "%s", why);
	else
		log_error("vrrp",
			  "%s; the addresses stay as they are until it is back",
			  why);
	child->events.ended(child->events.arg, child->stopped);
}

static const struct ipc_handler vrrp_proc_messages[] = {
	{ IPC_VRRP_STATE, vrrp_proc_take_state },
	{ IPC_READY, vrrp_proc_take_ready },
	{ IPC_NONE, NULL },
};

static bool vrrp_proc_look(void *arg, bool read)
{
	const struct vrrp_proc *child = arg;

	return secret_file_look_vrrp(child->conf, read);
}

/*
 * The patience is not longer than a peer takes to miss the adverts: the address
 * is on both boxes then, until this process is replaced. A peer that says so over
 * the operator channel shortens it, see vrrp_proc_doubt().
 */
static const struct process_role vrrp_proc_role = {
	.name = "vrrp",
	.patience = 5,
	.messages = vrrp_proc_messages,
	.send_conf = vrrp_proc_send_conf,
	.look = vrrp_proc_look,
	.ended = vrrp_proc_ended,
};

struct vrrp_proc *vrrp_proc_new(struct loop *loop, struct history *history,
				const struct vrrp_proc_events *events)
{
	struct vrrp_proc *child = xcalloc(1, sizeof(*child));

	child->loop = loop;
	child->events = *events;
	child->process = process_new(loop, &vrrp_proc_role, history, child);
	loop_timer_init(loop, &child->told, vrrp_proc_told);
	return child;
}

void vrrp_proc_free(struct vrrp_proc *child)
{
	if (!child)
		return;
	loop_timer_clear(&child->told);
	process_free(child->process);
	free(child->states);
	free(child->values);
	free(child);
}

/* Carry the states of instances over by name. */
static void vrrp_proc_carry_states(struct vrrp_proc *child,
				   const struct vrrp_conf *conf)
{
	struct vrrp_proc_state *states =
		xcalloc(conf->nr_instances + 1, sizeof(*states));
	static const struct vrrp_conf none;
	const struct vrrp_conf *old = child->conf ? child->conf : &none;
	uint32_t *places = carry_find(
		(struct carry_list){ conf->instances, conf->nr_instances,
				     sizeof(*conf->instances) },
		(struct carry_list){ old->instances, old->nr_instances,
				     sizeof(*old->instances) },
		&carry_by_name);
	uint32_t i;

	child->nr_behind = 0;
	for (i = 0; i < conf->nr_instances; i++) {
		if (places[i] != INDEX_END)
			states[i] = child->states[places[i]];
		states[i].last.instance = i;
		child->nr_behind += states[i].behind > 0;
	}
	free(places);
	free(child->states);
	child->states = states;
}

void vrrp_proc_configure(struct vrrp_proc *child, const struct config *config)
{
	const struct vrrp_conf *conf = config->conf->vrrp;
	bool same = config_keeps(child->config, config, CONF_PART_VRRP);
	uint8_t keys[HMAC_LENGTH];

	vrrp_proc_answered(child);
	vrrp_proc_carry_states(child, conf);
	free(child->values);
	child->values = xcalloc(conf->nr_trackers + 1, sizeof(*child->values));
	child->config = config;
	child->conf = conf;
	/* A file can have another key without a word in the configuration. */
	vrrp_proc_read_keys(child, false, keys);
	same = same && hmac_equal(keys, child->keys);
	if (process_wanted(child->process) ?
		    !same :
		    conf->nr_instances + conf->nr_addresses + conf->nr_routes +
				    conf->nr_rules >
			    0)
		process_configure(child->process, NULL);
}

void vrrp_proc_allow(struct vrrp_proc *child)
{
	if (child->allowed)
		return;
	child->allowed = true;
	if (process_running(child->process))
		process_configure(child->process, NULL);
}

void vrrp_proc_track(struct vrrp_proc *child, uint32_t tracker, int32_t value)
{
	struct ipc_vrrp_track track = { tracker, value };
	int error = 0;

	if (tracker >= child->conf->nr_trackers)
		return;
	child->values[tracker] = (struct vrrp_proc_value){ value, true };
	if (child->allowed && process_running(child->process))
		error = process_send(child->process, IPC_VRRP_TRACK,
				     child->generation, &track, sizeof(track),
				     -1);
	if (error < 0)
		log_error("vrrp", "does not take the value of %s: %s",
			  child->conf->trackers[tracker].name,
			  strerror(-error));
}

void vrrp_proc_yield(struct vrrp_proc *child, uint32_t instance,
		     uint8_t priority)
{
	if (instance < child->conf->nr_instances)
		vrrp_proc_set_behind(child, &child->states[instance], priority);
}

uint32_t vrrp_proc_count_behind(const struct vrrp_proc *child)
{
	return child->nr_behind;
}

uint8_t vrrp_proc_behind(const struct vrrp_proc *child, uint32_t instance)
{
	return child->states[instance].behind;
}

/*
 * Servers that are Active have not left, and a restart must not make them
 * leave.
 */
static void vrrp_proc_take_back(struct vrrp_proc *child)
{
	struct vrrp_proc_state *state;
	uint32_t i;

	for (i = 0; i < child->conf->nr_instances; i++) {
		state = &child->states[i];
		if (state->known && state->last.state == VRRP_ACTIVE)
			vrrp_proc_set_behind(child, state, 0);
	}
}

int vrrp_proc_tell_yields(struct vrrp_proc *child)
{
	int error = 0;

	if (child->nr_behind > IPC_VRRP_YIELDS_MAX)
		error = -E2BIG;
	else if (child->allowed && process_running(child->process))
		error = vrrp_proc_send_yields(child, true);
	if (error < 0)
		vrrp_proc_take_back(child);
	return error;
}

bool vrrp_proc_ask(struct vrrp_proc *child, usec_t limit)
{
	struct ipc_vrrp_ask ask = { 0 };
	struct process_view view;
	uint32_t i;

	process_get(child->process, &view);
	if (!child->ready || !view.answering || child->conf->nr_instances == 0)
		return false;
	for (i = 0; i < child->conf->nr_instances; i++)
		child->states[i].fresh = false;
	if (process_send(child->process, IPC_VRRP_ASK, child->generation, &ask,
			 sizeof(ask), -1) < 0)
		return child->asked;
	if (!child->asked)
		loop_timer_set(&child->told, loop_now(child->loop) + limit);
	child->asked = true;
	return true;
}

void vrrp_proc_doubt(struct vrrp_proc *child)
{
	process_doubt(child->process, "another balancer has its addresses");
}

bool vrrp_proc_stop(struct vrrp_proc *child, usec_t limit)
{
	child->stopped = true;
	process_stop(child->process, limit);
	return process_running(child->process);
}

const struct ipc_vrrp_state *vrrp_proc_state(const struct vrrp_proc *child,
					     uint32_t instance)
{
	return child->states[instance].known ? &child->states[instance].last :
					       NULL;
}

void vrrp_proc_get(const struct vrrp_proc *child, struct vrrp_proc_view *view)
{
	view->wanted = process_wanted(child->process);
	view->allowed = child->allowed;
	view->ready = child->ready;
	process_get(child->process, &view->process);
}
