/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/answer.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "balance/balance.h"
#include "conf/vrrp_conf.h"
#include "daemon/control/show.h"
#include "daemon/control/view.h"
#include "daemon/operator/operator.h"
#include "daemon/operator/overrides.h"
#include "daemon/pair/vrrp_proc.h"
#include "ipvs/plan.h"
#include "lib/history.h"

/* Most events in one answer; a client that wants more asks again. */
#define ANSWER_EVENTS_MAX 200

/* Of a text that the disk is waited for. */
#define ANSWER_PENDING "pending"
#define ANSWER_NO_SERVER \
	"the configuration has no such server; 'evenkeel status' lists them"

#define ANSWER_READ_ONLY                                                        \
	"you may ask, but not change: do it as root, or be the user or in the " \
	"group of 'control_socket PATH USER GROUP' in the configuration"

/* A request that is being answered. */
struct answer {
	const struct control_ops *ops;
	void *arg;
	struct view view;
};

struct json_object *answer_error(const char *text)
{
	struct json_object *obj = json_object_new_object();

	show_text(obj, "error", text);
	return obj;
}

static struct json_object *answer_integrity(struct answer *answer, char *args)
{
	return show_integrity(&answer->view);
}

static struct json_object *answer_plan(struct answer *answer, char *args)
{
	const struct ipvs_plan *plan = answer->view.plan;
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char text[IPVS_CHANGE_TEXT_MAX], why[512];
	size_t i;

	show_flag(obj, "reached", plan != NULL);
	for (i = 0; plan && i < plan->nr; i++) {
		struct json_object *one = json_object_new_object();

		answer->ops->reason(answer->arg, &plan->changes[i], why,
				    sizeof(why));
		show_text(one, "change",
			  ipvs_change_format(&plan->changes[i], text,
					     sizeof(text)));
		show_text(one, "reason", why);
		json_object_array_add(list, one);
	}
	json_object_object_add(obj, "changes", list);
	return obj;
}

/* Why the last words would be lost by a restart; ERROR as overrides_kept(). */
static void answer_not_kept(struct json_object *obj, int error)
{
	const char *why = NULL;

	if (error == -EINPROGRESS)
		why = ANSWER_PENDING;
	else if (error == -ETIMEDOUT)
		why = "the disk does not answer";
	else if (error < 0)
		why = strerror(-error);
	show_text(obj, "not_kept", why);
}

static void answer_reloaded(struct json_object *obj, int error)
{
	const char *why = "the file is refused, the old configuration stays; "
			  "'evenkeeld -t' shows the mistakes";

	if (error == -EINPROGRESS)
		why = ANSWER_PENDING;
	else if (error == -ETIMEDOUT)
		why = "the file's disk does not answer, the old configuration "
		      "stays; it is read as soon as the disk answers";
	else if (error == -EINTR)
		why = "the process that tries the file was killed each time, the "
		      "old configuration stays; see the log";
	show_flag(obj, "reloaded", error == 0);
	if (error < 0)
		show_text(obj, "error", why);
}

static struct json_object *answer_reload(struct answer *answer, char *args)
{
	struct json_object *obj = json_object_new_object();

	answer_reloaded(obj, answer->ops->reload(answer->arg));
	return obj;
}

static bool answer_is_pending(struct json_object *obj, const char *key)
{
	const char *text =
		json_object_get_string(json_object_object_get(obj, key));

	return text && strcmp(text, ANSWER_PENDING) == 0;
}

bool answer_settle(const struct control_ops *ops, void *arg,
		   struct json_object *answer)
{
	/* Keys are not looked for when they are added. */
	if (answer_is_pending(answer, "not_kept")) {
		json_object_object_del(answer, "not_kept");
		answer_not_kept(answer, ops->kept(arg));
	}
	if (answer_is_pending(answer, "error")) {
		json_object_object_del(answer, "reloaded");
		json_object_object_del(answer, "error");
		answer_reloaded(answer, ops->reloaded(arg));
	}
	return !answer_is_pending(answer, "not_kept") &&
	       !answer_is_pending(answer, "error");
}

static struct json_object *answer_server(const struct view *core,
					 uint32_t server)
{
	const struct conf_server *conf = &core->conf->servers[server];
	struct json_object *obj = json_object_new_object();
	struct balance_server_view view;
	struct balance_vs_view pool;
	char addr[ENDPOINT_TEXT_MAX];

	balance_view_server(core->balance, server, &view);
	show_text(obj, "virtual_server",
		  core->conf->virtual_servers[conf->vs].name);
	show_text(obj, "address", endpoint_format(&conf->addr, addr));
	show_flag(obj, "drained", view.drained);
	balance_view_vs(core->balance, conf->vs, &pool);
	show_flag(obj, "paused", pool.keeps);
	json_object_object_add(
		obj, "active",
		view.counted ? json_object_new_int64(view.active) : NULL);
	return obj;
}

/* "drain --director" and "ready --director": this balancer as a whole. */
static struct json_object *answer_director(struct answer *answer, bool drain)
{
	int error = answer->ops->drain_director(answer->arg, drain);
	struct json_object *obj;

	if (error == -ENOENT)
		return answer_error(
			"the configuration has no announce_group: there is "
			"nothing to withdraw. A balancer of a pair gives its "
			"addresses up when the daemon stops");
	answer->ops->view(answer->arg, 0, &answer->view);
	obj = show_announce(&answer->view);
	answer_not_kept(obj, error);
	return obj;
}

/* WORD is done with the servers of REQUEST; ERROR: it would not survive. */
static struct json_object *
answer_operated(const struct view *core, const struct operator_request *request,
		const char *word, int error)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	show_text(obj, "word", word);
	for (i = 0; i < core->conf->nr_servers; i++)
		if (operator_means(core->conf, request, i))
			json_object_array_add(list, answer_server(core, i));
	json_object_object_add(obj, "servers", list);
	answer_not_kept(obj, error);
	return obj;
}

/* ARGS is the whole line: its first word is the operator's. */
static struct json_object *answer_operator(struct answer *answer, char *args)
{
	struct operator_request request;
	int error;

	if (strcmp(args, "drain --director") == 0 ||
	    strcmp(args, "ready --director") == 0)
		return answer_director(answer, args[0] == 'd');
	if (operator_parse(args, &request) < 0)
		return answer_error(
			"that is not understood: drain SERVER, ready "
			"SERVER, disable SERVER, weight N SERVER");
	if (answer->ops->operate(answer->arg, &request, &error) == 0)
		return answer_error(ANSWER_NO_SERVER);
	return answer_operated(&answer->view, &request,
			       operator_word(request.kind), error);
}

/* "failback SERVER [VIRTUAL_SERVER]" */
static struct json_object *answer_failback(struct answer *answer, char *args)
{
	struct operator_request request = { 0 };
	unsigned meant = 0;
	int error;

	operator_name_server(&request, args ? strsep(&args, " ") : "");
	request.virtual_server = args && *args ? args : NULL;
	if (answer->ops->failback(answer->arg, &request, &meant, &error) == 0)
		return answer_error(
			meant == 0 ? ANSWER_NO_SERVER :
				     "nothing holds this server back: its "
				     "virtual server has neither 'writers' nor "
				     "'failback manual'");
	return answer_operated(&answer->view, &request, "failback", error);
}

static struct json_object *answer_pool(const struct view *core, uint32_t vs)
{
	struct json_object *obj = json_object_new_object();

	show_text(obj, "name", core->conf->virtual_servers[vs].name);
	show_pause(core, vs, obj);
	return obj;
}

/*
 * Whether all other balancers hear of it now; null: there are none. The addresses
 * of those that do not.
 */
static void answer_who_hears(const struct view *core, struct json_object *obj)
{
	struct json_object *list = json_object_new_array();
	char text[ENDPOINT_TEXT_MAX];
	uint32_t i;

	for (i = 0; i < core->nr_peers; i++) {
		const struct peer_proc_view *peer = &core->peers[i].channel;

		if (peer->process.running && peer->heard > 0 && !peer->silent)
			continue;
		json_object_array_add(
			list, json_object_new_string(
				      endpoint_format(&peer->peer, text)));
	}
	json_object_object_add(
		obj, "peer_hears",
		core->nr_peers ? json_object_new_boolean(
					 json_object_array_length(list) == 0) :
				 NULL);
	json_object_object_add(obj, "peers",
			       json_object_new_int64((int64_t)core->nr_peers));
	json_object_object_add(obj, "peers_not_heard", list);
}

/* For POOL (NULL: all) a pause of LENGTH. */
static struct json_object *answer_pause_pools(struct answer *answer,
					      const char *pool, usec_t length)
{
	const struct view *core = &answer->view;
	struct json_object *obj, *list;
	uint32_t vs;
	int error;

	if (answer->ops->pause(answer->arg, pool, length, &error) == 0)
		return answer_error(
			"the configuration has no such virtual server; "
			"'evenkeel status' lists them");
	obj = json_object_new_object();
	list = json_object_new_array();
	show_text(obj, "word", length > 0 ? "pause" : "resume");
	for (vs = 0; vs < core->conf->nr_virtual_servers; vs++)
		if (!pool ||
		    strcmp(core->conf->virtual_servers[vs].name, pool) == 0)
			json_object_array_add(list, answer_pool(core, vs));
	json_object_object_add(obj, "pools", list);
	answer_who_hears(core, obj);
	answer_not_kept(obj, error);
	return obj;
}

/* "pause MS [VIRTUAL_SERVER]" */
static struct json_object *answer_pause(struct answer *answer, char *args)
{
	char *number = args ? strsep(&args, " ") : NULL, *end = NULL;
	long long ms = number ? strtoll(number, &end, 10) : 0;

	if (!number || *end || ms < 1 ||
	    ms > OVERRIDES_PAUSE_MAX / USEC_PER_MSEC)
		return answer_error("a pause takes from 1 ms to 7 days");
	return answer_pause_pools(answer, args && *args ? args : NULL,
				  ms * USEC_PER_MSEC);
}

/* "resume [VIRTUAL_SERVER]" */
static struct json_object *answer_resume(struct answer *answer, char *args)
{
	return answer_pause_pools(answer, args && *args ? args : NULL, 0);
}

/* The instances that move, and a note on the other balancer. */
static struct json_object *answer_switchover(struct answer *answer, char *args)
{
	const struct view *core = &answer->view;
	struct json_object *obj, *list;
	struct fitness fitness;
	uint32_t i;

	answer->ops->switchover(answer->arg, &fitness);
	if (fitness.refused[0])
		return answer_error(fitness.refused);
	obj = json_object_new_object();
	list = json_object_new_array();
	for (i = 0; i < core->conf->vrrp->nr_instances; i++)
		if (vrrp_proc_behind(core->vrrp, i) > 0)
			json_object_array_add(
				list,
				json_object_new_string(
					core->conf->vrrp->instances[i].name));
	show_text(obj, "word", "switchover");
	json_object_object_add(obj, "instances", list);
	show_text(obj, "note", fitness.note[0] ? fitness.note : NULL);
	return obj;
}

static void answer_link(void *arg, const char *step, const char *text)
{
	struct json_object *obj = json_object_new_object();

	show_text(obj, "step", step);
	show_text(obj, "text", text);
	json_object_array_add(arg, obj);
}

/* "explain SERVER [VIRTUAL_SERVER]": the chain from verdicts to weight. */
static struct json_object *answer_explain(struct answer *answer, char *args)
{
	const struct view *core = &answer->view;
	struct json_object *list = json_object_new_array();
	struct operator_request request = { 0 };
	struct json_object *obj, *one, *chain;
	uint32_t i;

	operator_name_server(&request, args ? strsep(&args, " ") : "");
	request.virtual_server = args && *args ? args : NULL;
	for (i = 0; i < core->conf->nr_servers; i++) {
		if (!operator_means(core->conf, &request, i))
			continue;
		one = answer_server(core, i);
		chain = json_object_new_array();
		balance_explain(core->balance, i, core->now, answer_link,
				chain);
		json_object_object_add(one, "chain", chain);
		json_object_array_add(list, one);
	}
	if (json_object_array_length(list) == 0) {
		json_object_put(list);
		return answer_error(ANSWER_NO_SERVER);
	}
	obj = json_object_new_object();
	json_object_object_add(obj, "servers", list);
	return obj;
}

static struct json_object *answer_event(const struct history_event *event)
{
	struct json_object *obj = json_object_new_object();
	char stamp[64];
	struct tm tm;
	size_t len;

	localtime_r(&event->when.tv_sec, &tm);
	len = strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	len += (size_t)snprintf(stamp + len, sizeof(stamp) - len, ".%03ld",
				event->when.tv_nsec / 1000000);
	strftime(stamp + len, sizeof(stamp) - len, "%z", &tm);
	show_number(obj, "number", (int64_t)event->number);
	show_text(obj, "time", stamp);
	show_text(obj, "text", event->text);
	return obj;
}

/* The event before the wanted ones. */
static uint64_t answer_after(const struct history *history, const char *args)
{
	uint64_t last = history_last(history);

	if (!args || strcmp(args, "last") != 0)
		return args ? strtoull(args, NULL, 10) : 0;
	return last > ANSWER_EVENTS_MAX ? last - ANSWER_EVENTS_MAX : 0;
}

/*
 * "events NUMBER": the events after that one; "events last": as many of the
 * newest as an answer has. Oldest first.
 */
static struct json_object *answer_events(struct answer *answer, char *args)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint64_t after = answer_after(answer->view.history, args);
	const struct history_event *event;
	unsigned count;

	for (count = 0; count < ANSWER_EVENTS_MAX; count++) {
		event = history_next(answer->view.history, after);
		if (!event)
			break;
		json_object_array_add(list, answer_event(event));
		after = event->number;
	}
	json_object_object_add(obj, "events", list);
	return obj;
}

static struct json_object *answer_headroom_of(const struct view *core,
					      uint32_t vs)
{
	struct json_object *obj = json_object_new_object();
	struct balance_headroom view;
	char addr[ENDPOINT_TEXT_MAX];

	balance_view_headroom(core->balance, vs, &view);
	show_text(obj, "name", core->conf->virtual_servers[vs].name);
	show_number(obj, "servers", view.servers);
	show_number(obj, "servers_unknown", view.unknown);
	show_number(obj, "target", view.target);
	show_number(obj, "survives", view.survives);
	show_number(obj, "survives_peak", view.survives_peak);
	show_number(obj, "connections", (int64_t)view.used);
	show_number(obj, "connections_peak", (int64_t)view.peak);
	show_number(obj, "connections_room", (int64_t)view.room);
	show_text(obj, "worst_server",
		  view.worst < core->conf->nr_servers ?
			  endpoint_format(&core->conf->servers[view.worst].addr,
					  addr) :
			  NULL);
	show_number(obj, "worst_needs", (int64_t)view.worst_need);
	show_number(obj, "worst_max", view.worst_max);
	return obj;
}

/* Advice on the kernel's settings. */
static struct json_object *answer_advice(const struct view *core)
{
	struct json_object *list = json_object_new_array();
	unsigned i;

	for (i = 0; i < core->nr_advice; i++)
		json_object_array_add(list,
				      json_object_new_string(core->advice[i]));
	return list;
}

static struct json_object *answer_headroom(struct answer *answer, char *args)
{
	const struct view *core = &answer->view;
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < core->conf->nr_virtual_servers; i++)
		json_object_array_add(list, answer_headroom_of(core, i));
	json_object_object_add(obj, "virtual_servers", list);
	json_object_object_add(obj, "advice", answer_advice(&answer->view));
	return obj;
}

static struct json_object *answer_vrrp(struct answer *answer, char *args)
{
	return show_pair(&answer->view);
}

static struct json_object *answer_announce(struct answer *answer, char *args)
{
	return show_announce(&answer->view);
}

static const struct {
	const char *word;
	bool changes; /* refused without the right to change */
	bool whole; /* the function gets the line, not only the arguments */
	unsigned parts; /* of the view, enum view_part */
	struct json_object *(*answer)(struct answer *answer, char *args);
} answer_requests[] = {
	{ "plan", false, false, VIEW_PLAN, answer_plan },
	{ "reload", true, false, 0, answer_reload },
	{ "events", false, false, 0, answer_events },
	{ "explain", false, false, VIEW_DECISION, answer_explain },
	{ "headroom", false, false, 0, answer_headroom },
	{ "vrrp", false, false, VIEW_VRRP, answer_vrrp },
	{ "announce", false, false, 0, answer_announce },
	{ "integrity", false, false, 0, answer_integrity },
	{ "drain", true, true, 0, answer_operator },
	{ "ready", true, true, 0, answer_operator },
	{ "disable", true, true, 0, answer_operator },
	{ "weight", true, true, 0, answer_operator },
	{ "failback", true, false, 0, answer_failback },
	{ "pause", true, false, 0, answer_pause },
	{ "resume", true, false, 0, answer_resume },
	{ "switchover", true, false, VIEW_DECISION, answer_switchover },
};

bool answer_asks(const char *request)
{
	size_t len = strcspn(request, " ");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(answer_requests); i++)
		if (strlen(answer_requests[i].word) == len &&
		    memcmp(request, answer_requests[i].word, len) == 0)
			return answer_requests[i].parts & VIEW_VRRP;
	return false;
}

struct json_object *answer_request(const struct control_ops *ops, void *arg,
				   char *request, bool may_change)
{
	struct answer answer = { .ops = ops, .arg = arg };
	size_t len = strcspn(request, " ");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(answer_requests); i++) {
		if (strlen(answer_requests[i].word) != len ||
		    memcmp(request, answer_requests[i].word, len) != 0)
			continue;
		if (answer_requests[i].changes && !may_change)
			return answer_error(ANSWER_READ_ONLY);
		if (!answer_requests[i].whole)
			request = request[len] ? request + len + 1 : NULL;
		ops->view(arg, answer_requests[i].parts, &answer.view);
		return answer_requests[i].answer(&answer, request);
	}
	return answer_error(
		"the daemon does not know this request; is it older "
		"than evenkeel?");
}
