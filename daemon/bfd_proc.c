/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/bfd_proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bfd/bfd_packet.h"
#include "conf/bfd_conf.h"
#include "conf/sealed.h"
#include "daemon/control/view.h"
#include "lib/carry.h"
#include "lib/log.h"

struct bfd_proc_state {
	bool known;
	usec_t since; /* it is up, or down */
	struct ipc_bfd_state last;
};

struct bfd_proc {
	struct loop *loop;
	struct history *history;
	bfd_proc_said *said;
	void *arg;
	const struct config *config;
	const struct bfd_conf *conf; /* config's; NULL: none yet */
	struct process *process; /* NULL: the file has no bfd_instance */
	struct bfd_proc_state *states; /* one for each instance */
	struct view_neighbor *views; /* likewise */
	struct index by_name;
	uint32_t generation; /* of the sessions last sent */
};

static void bfd_proc_explain(const struct ipc_bfd_state *state, char *out,
			     size_t size)
{
	if (state->up)
		snprintf(out, size, "the BFD session is up");
	else if (state->remote_state == BFD_ADMIN_DOWN)
		snprintf(out, size,
			 "the neighbour is administratively down in BFD");
	else if (state->diag == BFD_DIAG_EXPIRED)
		snprintf(out, size,
			 "no BFD packet came within the detection time");
	else if (state->diag == BFD_DIAG_NEIGHBOR_DOWN)
		snprintf(out, size, "the neighbour took the BFD session down");
	else
		snprintf(out, size, "the BFD session did not come up");
}

static void bfd_proc_fill(const struct bfd_proc *proc, uint32_t index,
			  struct bfd_proc_view *view)
{
	const struct bfd_proc_state *state = &proc->states[index];

	view->name = proc->conf->instances[index].name;
	view->up = state->last.up;
	bfd_proc_explain(&state->last, view->why, sizeof(view->why));
}

bool bfd_proc_get(const struct bfd_proc *proc, const char *name,
		  struct bfd_proc_view *view)
{
	struct index_walk walk;
	uint32_t i;

	index_for_each (&proc->by_name, hash_text(name), &walk, i) {
		if (strcmp(proc->conf->instances[i].name, name) != 0)
			continue;
		if (proc->states[i].known)
			bfd_proc_fill(proc, i, view);
		return proc->states[i].known;
	}
	return false;
}

static void bfd_proc_say(const struct bfd_proc *proc, uint32_t index)
{
	struct bfd_proc_view view;

	bfd_proc_fill(proc, index, &view);
	proc->said(proc->arg, &view);
}

void bfd_proc_repeat(const struct bfd_proc *proc)
{
	uint32_t i;

	for (i = 0; proc->conf && i < proc->conf->nr_instances; i++)
		if (proc->states[i].known)
			bfd_proc_say(proc, i);
}

static void bfd_proc_take_state(void *arg, const struct ipc_message *msg)
{
	const struct ipc_bfd_state *state = (const void *)msg->body;
	struct bfd_proc *proc = arg;
	struct bfd_proc_view before, view;
	struct bfd_proc_state *own;
	bool known;

	/* Another configuration has other indices. */
	if (msg->header.generation != proc->generation ||
	    state->session >= proc->conf->nr_instances)
		return;
	own = &proc->states[state->session];
	known = own->known;
	bfd_proc_fill(proc, state->session, &before);
	if (!known || (own->last.up != 0) != (state->up != 0))
		own->since = loop_now(proc->loop);
	own->known = true;
	own->last = *state;
	own->last.up = state->up != 0;
	bfd_proc_fill(proc, state->session, &view);
	if (known && before.up == view.up && strcmp(before.why, view.why) == 0)
		return;
	log_notice("bfd", "%s is %s: %s", view.name, view.up ? "up" : "down",
		   view.why);
	bfd_proc_say(proc, state->session);
}

void bfd_proc_show(const struct bfd_proc *proc, struct view *view)
{
	uint32_t i;

	if (!proc->process)
		return;
	process_get(proc->process, &view->bfd);
	for (i = 0; i < proc->conf->nr_instances; i++) {
		const struct bfd_proc_state *state = &proc->states[i];
		struct view_neighbor *one = &proc->views[i];

		*one = (struct view_neighbor){ .known = state->known,
					       .up = state->last.up,
					       .since = state->since };
		if (state->known)
			bfd_proc_explain(&state->last, one->why,
					 sizeof(one->why));
	}
	view->neighbors = proc->views;
}

static void bfd_proc_session(const struct bfd_conf_instance *conf,
			     struct ipc_bfd_session *session)
{
	*session = (struct ipc_bfd_session){
		.neighbor = conf->neighbor,
		.source = conf->source,
		.min_rx = conf->min_rx,
		.min_tx = conf->min_tx,
		.idle_tx = conf->idle_tx,
		.multiplier = (uint8_t)conf->multiplier,
		.ttl = (uint8_t)conf->ttl,
		.passive = conf->passive,
		.multihop = conf->multihop,
	};
	if (conf->max_hops < conf->ttl)
		session->ttl_least = (uint8_t)(conf->ttl - conf->max_hops);
}

static int bfd_proc_send_conf(void *arg)
{
	struct {
		struct ipc_bfd_conf head;
		struct ipc_bfd_session sessions[IPC_BFD_PAGE];
	} page;
	struct bfd_proc *proc = arg;
	const struct bfd_conf *conf = proc->conf;
	uint32_t first, nr, i;
	int error = 0;

	_Static_assert(offsetof(__typeof__(page), sessions) ==
			       sizeof(struct ipc_bfd_conf),
		       "the sessions follow the head at once");
	proc->generation = proc->config->generation;
	for (first = 0; first < conf->nr_instances && error == 0; first += nr) {
		nr = conf->nr_instances - first;
		if (nr > IPC_BFD_PAGE)
			nr = IPC_BFD_PAGE;
		page.head = (struct ipc_bfd_conf){ first, conf->nr_instances };
		for (i = 0; i < nr; i++)
			bfd_proc_session(&conf->instances[first + i],
					 &page.sessions[i]);
		error = process_send(
			proc->process, IPC_BFD_CONF, proc->generation, &page,
			sizeof(page.head) + nr * sizeof(page.sessions[0]), -1);
	}
	return error;
}

static void bfd_proc_ended(void *arg, const char *why)
{
	(void)arg;
	log_error("bfd",
		  "%s; what is known of the neighbours holds until it is back",
		  why);
}

static const struct ipc_handler bfd_proc_messages[] = {
	{ IPC_BFD_STATE, bfd_proc_take_state },
	{ IPC_NONE, NULL },
};

static const struct process_role bfd_proc_role = {
	.name = "bfd",
	.patience = 5,
	.messages = bfd_proc_messages,
	.send_conf = bfd_proc_send_conf,
	.ended = bfd_proc_ended,
};

struct bfd_proc *bfd_proc_new(struct loop *loop, struct history *history,
			      bfd_proc_said *said, void *arg)
{
	struct bfd_proc *proc = xcalloc(1, sizeof(*proc));

	proc->loop = loop;
	proc->history = history;
	proc->said = said;
	proc->arg = arg;
	return proc;
}

void bfd_proc_free(struct bfd_proc *proc)
{
	if (!proc)
		return;
	/* The process tells the neighbours, and ends by itself. */
	if (proc->process)
		process_leave(proc->process);
	index_free(&proc->by_name);
	free(proc->states);
	free(proc->views);
	free(proc);
}

/* Carry the states over by name. */
static void bfd_proc_carry(struct bfd_proc *proc, const struct bfd_conf *conf)
{
	static const struct bfd_conf none;
	const struct bfd_conf *old = proc->conf ? proc->conf : &none;
	struct bfd_proc_state *states =
		xcalloc((size_t)conf->nr_instances + 1, sizeof(*states));
	uint32_t *places = carry_find(
		(struct carry_list){ conf->instances, conf->nr_instances,
				     sizeof(*conf->instances) },
		(struct carry_list){ old->instances, old->nr_instances,
				     sizeof(*old->instances) },
		&carry_by_name);
	uint32_t i;

	index_free(&proc->by_name);
	proc->by_name = (struct index){ 0 };
	for (i = 0; i < conf->nr_instances; i++) {
		if (places[i] != INDEX_END)
			states[i] = proc->states[places[i]];
		index_put(&proc->by_name, hash_text(conf->instances[i].name),
			  i);
	}
	free(places);
	free(proc->states);
	proc->states = states;
	free(proc->views);
	proc->views =
		xcalloc((size_t)conf->nr_instances + 1, sizeof(*proc->views));
}

void bfd_proc_configure(struct bfd_proc *proc, const struct config *config)
{
	bfd_proc_carry(proc, config->conf->bfd);
	proc->config = config;
	proc->conf = config->conf->bfd;
	if (proc->conf->nr_instances == 0) {
		if (proc->process)
			process_leave(proc->process);
		proc->process = NULL;
		return;
	}
	if (!proc->process)
		proc->process = process_new(proc->loop, &bfd_proc_role,
					    proc->history, proc);
	process_set_style(proc->process, &config->conf->global.bfd_process);
	process_configure(proc->process, config->conf->global.checker_user);
}
