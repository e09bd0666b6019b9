/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtual server as a whole: the kernel services it stands for, its
 * scheduler and persistence, its quorum against its servers.
 */
#include <stdio.h>
#include <string.h>

#include "conf/lvs/draft.h"

static bool settle_key_same(const struct conf_ctx *ctx, uint32_t index,
			    const void *key)
{
	return service_key_cmp(&ctx->draft->keys[index], key) == 0;
}

/* KEY is taken already, as number INDEX. */
static void settle_say_twice(struct conf_ctx *ctx, struct vs_draft *draft,
			     const struct service_key *key, uint32_t index)
{
	char text[SERVICE_TEXT_MAX];

	service_key_format(key, text);
	if (index >= ctx->draft->nr_keys - draft->vs.nr_keys)
		conf_say(ctx, CLASS_ODD, draft->node, 2,
			 "%s is in the group more than once", text);
	else
		conf_say(ctx, CLASS_FAULT, draft->node, 1,
			 "there is a virtual_server for %s already", text);
}

/* Take KEY for this virtual server, unless another one has it already. */
static void settle_key(struct conf_ctx *ctx, struct vs_draft *draft,
		       struct service_key key)
{
	struct conf_draft *all = ctx->draft;
	char text[ADDR_TEXT_MAX];
	uint32_t hash, index;
	const char *why;

	why = key.fwmark ? NULL : conf_addr_absurd(&key.vip.addr);
	if (why) {
		conf_say(ctx, CLASS_FAULT, draft->node, 1,
			 "%s cannot be a service's address: %s",
			 addr_format(&key.vip.addr, text), why);
		return;
	}
	if (key.fwmark == 0)
		key.protocol = draft->protocol;
	else if (key.family == 0)
		key.family = draft->family;
	hash = conf_hash(&key, sizeof(key));
	index = conf_index_find(ctx, &all->key_set, hash, settle_key_same,
				&key);
	if (index != UINT32_MAX) {
		settle_say_twice(ctx, draft, &key, index);
		return;
	}
	all->keys = array_grow(all->keys, all->nr_keys, &all->room_keys,
			       sizeof(key));
	index_put(&all->key_set, hash, (uint32_t)all->nr_keys);
	all->keys[all->nr_keys++] = key;
	draft->families |= key.family == AF_INET6 ? 2 : 1;
	draft->vs.nr_keys++;
}

static void settle_keys(struct conf_ctx *ctx, struct vs_draft *draft)
{
	size_t first = ctx->draft->nr_keys, i;
	struct service_key key;

	if (draft->group) {
		for (i = 0; i < draft->group->nr_keys; i++)
			settle_key(ctx, draft, draft->group->keys[i]);
	} else {
		memset(&key, 0, sizeof(key));
		key.vip = draft->addr;
		key.fwmark = draft->fwmark;
		key.family = draft->addr.addr.family;
		settle_key(ctx, draft, key);
	}
	if (draft->vs.nr_keys)
		draft->vs.keys = arena_copy(ctx->arena,
					    ctx->draft->keys + first,
					    draft->vs.nr_keys, sizeof(key));
	else
		draft->broken = true;
}

/* The services of a virtual server that is left out are free for others. */
static void settle_forget_keys(struct conf_ctx *ctx,
			       const struct vs_draft *draft)
{
	struct conf_draft *all = ctx->draft;
	size_t i;

	/* Keys without a family are never looked up. */
	for (i = all->nr_keys - draft->vs.nr_keys; i < all->nr_keys; i++)
		all->keys[i].family = AF_UNSPEC;
}

static bool settle_has_address(const struct vs_draft *draft)
{
	size_t i;

	if (!draft->group)
		return draft->fwmark == 0;
	for (i = 0; i < draft->group->nr_keys; i++) {
		if (draft->group->keys[i].fwmark == 0)
			return true;
	}
	return false;
}

static void settle_protocol(struct conf_ctx *ctx, struct vs_draft *draft)
{
	bool needed = settle_has_address(draft);

	if (!needed && draft->protocol)
		conf_say(ctx, CLASS_WARNING, draft->node, 0,
			 "a mark is for all protocols; 'protocol' is ignored");
	if (needed && !draft->protocol) {
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"the virtual_server needs a 'protocol': TCP, UDP or SCTP (keepalived would take UDP)");
		draft->protocol = IPPROTO_UDP;
	}
}

static void settle_slow_start(struct vs_draft *draft)
{
	if (!draft->slow_start)
		draft->slow_start = &conf_slow_start_off;
	draft->vs.weights_move |= draft->slow_start->time > 0;
}

static void settle_scheduler(struct conf_ctx *ctx, struct vs_draft *draft)
{
	static const struct conf_sched fallback = { .word = "wlc",
						    .kernel = "wlc" };
	struct conf_virtual_server *vs = &draft->vs;

	if (!draft->sched) {
		conf_say(ctx, CLASS_WARNING, draft->node, 0,
			 "the virtual_server has no 'lvs_sched'; wlc is taken");
		draft->sched = &fallback;
	}
	if (draft->flag_node &&
	    strcmp(draft->flag_sched, draft->sched->kernel) != 0) {
		conf_say(
			ctx, CLASS_FAULT, draft->flag_node, 0,
			"this is a flag of the scheduler '%s', but 'lvs_sched' is '%s'",
			draft->flag_sched, draft->sched->word);
		draft->sched_flags &=
			~(uint32_t)(SERVICE_SCHED1 | SERVICE_SCHED2);
	}
	snprintf(vs->scheduler, sizeof(vs->scheduler), "%s",
		 draft->sched->kernel);
	vs->sched_word = draft->sched->word;
	vs->flags = draft->sched_flags | draft->sched->flags;
	vs->forward = draft->method.forward;
	vs->fastest = draft->sched->fastest;
	vs->weights_move = vs->fastest;
	if (draft->fastest && !vs->fastest)
		conf_say(
			ctx, CLASS_WARNING, draft->fastest, 0,
			"'fastest_response' needs 'lvs_sched fastest' and is ignored");
	if (!draft->method.set)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"the virtual_server has no 'lvs_method'; NAT is taken");
}

static void settle_persistence(struct conf_ctx *ctx, struct vs_draft *draft)
{
	struct conf_virtual_server *vs = &draft->vs;
	bool no_port = draft->group ?
			       draft->group->has_port_0 :
			       draft->fwmark == 0 && draft->addr.port == 0;
	uint32_t most = draft->families & 1 ? 32 : 128;

	if (draft->granularity > most) {
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"'persistence_granularity %u' is longer than an address",
			draft->granularity);
		draft->granularity = 0;
	}
	if (draft->granularity && !vs->persistence)
		vs->persistence = 360;
	if (no_port && !vs->persistence) {
		conf_say(
			ctx, draft->group ? CLASS_WARNING : CLASS_FAULT,
			draft->node, 1,
			"without a port all ports are served, which needs a 'persistence_timeout'; "
			"360 is taken");
		vs->persistence = 360;
	}
	if (vs->persistence)
		vs->flags |= SERVICE_PERSISTENT;
	if ((vs->flags & SERVICE_ONEPACKET) && draft->protocol != IPPROTO_UDP &&
	    settle_has_address(draft)) {
		conf_say(ctx, CLASS_WARNING,
			 conf_line_of(ctx, draft->node, "ops"), 0,
			 "'ops' is for UDP and is ignored");
		vs->flags &= ~(uint32_t)SERVICE_ONEPACKET;
	}
	/* keepalived programs a group's services without a granularity. */
	if (draft->granularity && draft->group)
		conf_say(ctx, CLASS_WARNING,
			 conf_line_of(ctx, draft->node,
				      "persistence_granularity"),
			 0,
			 "'persistence_granularity' has no effect on a group");
	if (draft->group)
		draft->granularity = 0;
	vs->group_prefix_set = draft->granularity != 0;
	vs->prefix = draft->granularity	 ? draft->granularity :
		     draft->families & 1 ? 32 :
					   128;
	if (vs->pe_name[0] && !(draft->protocol == IPPROTO_UDP))
		conf_say(ctx, CLASS_WARNING,
			 conf_line_of(ctx, draft->node, "persistence_engine"),
			 0, "'persistence_engine sip' is for UDP");
}

static void settle_sorry(struct conf_ctx *ctx, struct vs_draft *draft)
{
	struct sorry_draft *sorry = &draft->sorry;
	struct conf_sorry *out = &draft->vs.sorry;
	uint32_t family = sorry->addr.addr.family == AF_INET6 ? 2 : 1;

	if (!sorry->node) {
		if (sorry->inhibit || sorry->method.set)
			conf_say(
				ctx, CLASS_WARNING,
				conf_line_of(ctx, draft->node,
					     "sorry_server_inhibit"),
				0,
				"there are words about a sorry server, but no 'sorry_server'");
		return;
	}
	out->forward = sorry->method.set ? sorry->method.forward :
					   draft->method.forward;
	if (out->forward.method != FORWARD_TUN && (draft->families & ~family)) {
		conf_say(
			ctx, CLASS_FAULT, sorry->node, 1,
			"a sorry_server of another address family needs the method TUN");
		memset(out, 0, sizeof(*out));
		return;
	}
	out->addr = sorry->addr;
	out->inhibit = sorry->inhibit;
	/* keepalived leaves NAT's port 0: the kernel then keeps the client's. */
	if (out->forward.method != FORWARD_NAT)
		conf_fix_port(ctx, draft, &out->forward, &out->addr,
			      sorry->node);
	conf_sane_server(ctx, draft, &out->addr, &out->forward, sorry->node);
}

static void settle_name(struct conf_ctx *ctx, struct vs_draft *draft)
{
	const struct conf_word *name;
	char text[ENDPOINT_TEXT_MAX + 16];

	if (draft->group) {
		name = conf_word(ctx, draft->node, 2);
		draft->vs.name =
			arena_alloc(ctx->arena, name->len + sizeof("group "));
		sprintf((char *)(uintptr_t)draft->vs.name, "group %.*s",
			(int)name->len, name->text);
		return;
	}
	if (draft->fwmark)
		snprintf(text, sizeof(text), "fwmark %u", draft->fwmark);
	else
		endpoint_format(&draft->addr, text);
	draft->vs.name = arena_strdup(ctx->arena, text);
}

void conf_settle_virtual_server(struct conf_ctx *ctx, struct vs_draft *draft,
				uint16_t family)
{
	if (draft->settled)
		return;
	draft->settled = true;
	if (draft->broken)
		return;
	if (draft->family && addr_is_set(&draft->addr.addr) &&
	    draft->family != draft->addr.addr.family)
		conf_say(
			ctx, CLASS_FAULT, draft->node, 1,
			"'ip_family' is not that of the address, and is ignored");
	if (draft->family == 0)
		draft->family = family == AF_UNSPEC ? AF_INET : family;
	settle_protocol(ctx, draft);
	settle_keys(ctx, draft);
	settle_name(ctx, draft);
	settle_scheduler(ctx, draft);
	settle_slow_start(draft);
	settle_persistence(ctx, draft);
	settle_sorry(ctx, draft);
}

/* A quorum above the sum of the weights could never be reached. */
static void settle_quorum(struct conf_ctx *ctx, struct vs_draft *draft)
{
	struct conf_virtual_server *vs = &draft->vs;
	uint64_t most = draft->weights ? draft->weights : 1;

	if (vs->quorum > most) {
		conf_say(
			ctx, CLASS_WARNING,
			conf_line_of(ctx, draft->node, "quorum"), 0,
			"'quorum %u' is more than all weights together; it is lowered to %u",
			vs->quorum, (uint32_t)most);
		vs->quorum = (uint32_t)most;
	}
	if (vs->hysteresis >= vs->quorum && vs->hysteresis > 0) {
		conf_say(
			ctx, CLASS_WARNING,
			conf_line_of(ctx, draft->node, "hysteresis"), 0,
			"'hysteresis %u' is not below the quorum; it is lowered to %u",
			vs->hysteresis, vs->quorum - 1);
		vs->hysteresis = vs->quorum - 1;
	}
}

static void settle_weights(struct conf_ctx *ctx, struct vs_draft *draft)
{
	struct conf_virtual_server *vs = &draft->vs;
	struct conf_server *servers = ctx->draft->servers + vs->first_server;
	uint32_t most, i;

	if (vs->base_weight == 0)
		vs->base_weight = vs->weights_move ? 100 : 1;
	if (vs->base_weight == 1)
		return;
	most = INT32_MAX / vs->base_weight;
	for (i = 0; i < vs->nr_servers; i++) {
		if (servers[i].weight <= most)
			continue;
		conf_say(ctx, CLASS_WARNING, draft->node, 0,
			 "with 'base_weight %u' a weight can be %u at most",
			 vs->base_weight, most);
		servers[i].weight = most;
	}
}

/* An old connection writes as well as a new one: writers never keep any. */
static void settle_on_leave(struct conf_ctx *ctx, struct vs_draft *draft)
{
	struct conf_virtual_server *vs = &draft->vs;
	const struct conf_server *servers =
		ctx->draft->servers + vs->first_server;
	uint32_t i;

	if (vs->writers && vs->on_leave == LEAVE_KEEP)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"'on_leave keep' does not go with 'writers', where two servers would be written to; 'cut' is taken");
	if (vs->writers && vs->on_leave < LEAVE_CUT)
		vs->on_leave = LEAVE_CUT;
	for (i = 0; vs->on_leave >= LEAVE_CUT && i < vs->nr_servers; i++) {
		if (!servers[i].inhibit)
			continue;
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"'inhibit_on_failure' keeps the connections of a server that failed, and 'on_leave cut' ends them; 'on_leave' counts");
		break;
	}
	if (vs->kill_spare && vs->on_leave != LEAVE_KILL)
		conf_say(ctx, CLASS_WARNING, draft->node, 0,
			 "'kill_spare' has no effect without 'on_leave kill'");
	if (vs->on_leave == LEAVE_KILL && draft->nr_unended)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"'on_leave kill' ends the sessions in a server by a check that logs in, and a server here has none: for it 'cut' is done");
	if (vs->on_leave == LEAVE_KEEP && vs->persistence)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"with 'persistence_timeout', 'on_leave keep' sends clients that a failed server knows to it again, unless net.ipv4.vs.expire_quiescent_template is 1");
}

static void settle_cold_pool(struct conf_ctx *ctx, struct vs_draft *draft)
{
	if (draft->vs.cold_pool_limit == 0 || draft->vs.nr_servers == 0)
		return;
	if (!draft->starts_slowly)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"'cold_pool_limit' does nothing without 'slow_start', in whose time it rises");
	else if (!draft->counts)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"'cold_pool_limit' does nothing without a check that counts connections (evenkeel.conf(5), cold_pool_limit)");
}

/* global_defs are bound before virtual servers, wherever they stand. */
static bool settle_compat(const struct conf_ctx *ctx)
{
	return ctx->compat || ctx->conf->global.compat;
}

/* Each change of a weight, and of the set of servers, moves clients of others. */
static void settle_steady_moves(struct conf_ctx *ctx,
				const struct vs_draft *draft)
{
	if (draft->starts_slowly)
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"'slow_start' moves weights, and with 'lvs_sched %s' each move gives clients of all servers another one; leave one of the two out",
			draft->sched->word);
	if (draft->reports)
		conf_say(
			ctx, CLASS_FAULT, draft->node, 0,
			"'misc_dynamic' moves weights, and with 'lvs_sched %s' each move gives clients of all servers another one; leave one of the two out",
			draft->sched->word);
}

/*
 * The kernel makes its table of places from the last weight above 0 of each
 * server, so one that is at 0 keeps its place, and the fallback has its clients
 * meanwhile. keepalived takes it out unless told.
 */
static void settle_steady(struct conf_ctx *ctx, struct vs_draft *draft)
{
	struct conf_virtual_server *vs = &draft->vs;
	struct conf_server *servers = ctx->draft->servers + vs->first_server;
	uint32_t i;

	if (!draft->sched->steady)
		return;
	if (!(vs->flags & SERVICE_SCHED2))
		conf_say(
			ctx, CLASS_ODD, draft->node, 0,
			"without 'mh-port' all connections of one client go to one server, and a few clients load the servers unevenly");
	if (!(vs->flags & SERVICE_SCHED1))
		conf_say(
			ctx, CLASS_ODD, draft->node, 0,
			"without 'mh-fallback' a server that fails leaves the table, which gives some clients of the others another server");
	settle_steady_moves(ctx, draft);
	vs->steady = (vs->flags & SERVICE_SCHED1) && !settle_compat(ctx);
	if (vs->steady && vs->on_leave >= LEAVE_CUT)
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"'on_leave' takes a server that failed out of the table, which with 'lvs_sched %s' gives some clients of the others another server",
			draft->sched->word);
	for (i = 0;
	     vs->steady && vs->on_leave < LEAVE_CUT && i < vs->nr_servers; i++)
		servers[i].inhibit = true;
}

void conf_finish_virtual_server(struct conf_ctx *ctx, struct vs_draft *draft)
{
	struct conf_draft *all = ctx->draft;

	conf_settle_virtual_server(ctx, draft, AF_UNSPEC);
	if (draft->broken)
		return;
	draft->vs.alpha = draft->timing.alpha;
	draft->vs.nr_servers =
		(uint32_t)all->nr_servers - draft->vs.first_server;
	if (draft->vs.nr_servers == 0 && settle_compat(ctx)) {
		conf_say(
			ctx, CLASS_WARNING, draft->node, 0,
			"the virtual_server has no real_server and is left out");
		settle_forget_keys(ctx, draft);
		return;
	}
	if (!draft->has_servers)
		conf_say(ctx, CLASS_WARNING, draft->node, 0,
			 "the virtual_server has no real_server");
	conf_sane_checks(ctx, draft);
	conf_sane_client(ctx, draft);
	conf_sane_integrity(ctx, draft);
	settle_quorum(ctx, draft);
	settle_weights(ctx, draft);
	settle_on_leave(ctx, draft);
	settle_steady(ctx, draft);
	settle_cold_pool(ctx, draft);
	conf_check_announce(ctx, draft);
	all->vss = array_grow(all->vss, all->nr_vss, &all->room_vss,
			      sizeof(draft->vs));
	all->vss[all->nr_vss++] = draft->vs;
}
