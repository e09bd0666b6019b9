/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/answer.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "balance/balance.h"
#include "daemon/control/show.h"
#include "daemon/control/view.h"
#include "daemon/operator/operator.h"
#include "ipvs/plan.h"
#include "lib/history.h"

/* Most events in one answer; a client that wants more asks again. */
#define ANSWER_EVENTS_MAX 200

#define ANSWER_NO_SERVER \
	"the configuration has no such server; 'evenkeel status' lists them"

/* A request that is being answered. */
struct answer {
	const struct control_ops *ops;
	void *arg;
	struct view view;
};

static struct json_object *answer_error(const char *text)
{
	struct json_object *obj = json_object_new_object();

	show_text(obj, "error", text);
	return obj;
}

static struct json_object *answer_status(struct answer *answer, char *args)
{
	return show_status(&answer->view);
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

static struct json_object *answer_reload(struct answer *answer, char *args)
{
	struct json_object *obj = json_object_new_object();
	int error = answer->ops->reload(answer->arg);

	show_flag(obj, "reloaded", error == 0);
	if (error < 0)
		show_text(obj, "error",
			  "the file is refused, the old configuration stays; "
			  "'evenkeeld -t' shows the mistakes");
	return obj;
}

static struct json_object *answer_server(const struct view *core,
					 uint32_t server)
{
	const struct conf_server *conf = &core->conf->servers[server];
	struct json_object *obj = json_object_new_object();
	struct balance_server_view view;
	char addr[ENDPOINT_TEXT_MAX];

	balance_view_server(core->balance, server, &view);
	show_text(obj, "virtual_server",
		  core->conf->virtual_servers[conf->vs].name);
	show_text(obj, "address", endpoint_format(&conf->addr, addr));
	show_flag(obj, "drained", view.drained);
	json_object_object_add(
		obj, "active",
		view.counted ? json_object_new_int64(view.active) : NULL);
	return obj;
}

/* ARGS is the whole line: its first word is the operator's. */
static struct json_object *answer_operator(struct answer *answer, char *args)
{
	const struct view *core = &answer->view;
	struct json_object *obj, *list;
	struct operator_request request;
	uint32_t i;
	int error;

	if (operator_parse(args, &request) < 0)
		return answer_error(
			"that is not understood: drain SERVER, ready "
			"SERVER, disable SERVER, weight N SERVER");
	if (answer->ops->operate(answer->arg, &request, &error) == 0)
		return answer_error(ANSWER_NO_SERVER);
	obj = json_object_new_object();
	list = json_object_new_array();
	show_text(obj, "word", operator_word(request.kind));
	for (i = 0; i < core->conf->nr_servers; i++)
		if (operator_means(core->conf, &request, i))
			json_object_array_add(list, answer_server(core, i));
	json_object_object_add(obj, "servers", list);
	show_text(obj, "not_kept", error < 0 ? strerror(-error) : NULL);
	return obj;
}

/* "failback SERVER [VIRTUAL_SERVER]" */
static struct json_object *answer_failback(struct answer *answer, char *args)
{
	const struct view *core = &answer->view;
	struct operator_request request = { 0 };
	struct json_object *obj, *list;
	unsigned meant = 0;
	uint32_t i;
	int error;

	operator_name_server(&request, args ? strsep(&args, " ") : "");
	request.virtual_server = args && *args ? args : NULL;
	if (answer->ops->failback(answer->arg, &request, &meant, &error) == 0)
		return answer_error(
			meant == 0 ? ANSWER_NO_SERVER :
				     "nothing holds this server back: its "
				     "virtual server has no 'writers'");
	obj = json_object_new_object();
	list = json_object_new_array();
	show_text(obj, "word", "failback");
	for (i = 0; i < core->conf->nr_servers; i++)
		if (operator_means(core->conf, &request, i))
			json_object_array_add(list, answer_server(core, i));
	json_object_object_add(obj, "servers", list);
	show_text(obj, "not_kept", error < 0 ? strerror(-error) : NULL);
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

/* "events NUMBER": the events after that one, oldest first. */
static struct json_object *answer_events(struct answer *answer, char *args)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint64_t after = args ? strtoull(args, NULL, 10) : 0;
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

static const struct {
	const char *word;
	bool whole; /* the function gets the line, not only the arguments */
	unsigned parts; /* of the view, enum view_part */
	struct json_object *(*answer)(struct answer *answer, char *args);
} answer_requests[] = {
	{ "status", false, VIEW_TABLE, answer_status },
	{ "plan", false, VIEW_PLAN, answer_plan },
	{ "reload", false, 0, answer_reload },
	{ "events", false, 0, answer_events },
	{ "explain", false, VIEW_DECISION, answer_explain },
	{ "headroom", false, 0, answer_headroom },
	{ "vrrp", false, VIEW_VRRP, answer_vrrp },
	{ "drain", true, 0, answer_operator },
	{ "ready", true, 0, answer_operator },
	{ "disable", true, 0, answer_operator },
	{ "weight", true, 0, answer_operator },
	{ "failback", false, 0, answer_failback },
};

struct json_object *answer_request(const struct control_ops *ops, void *arg,
				   char *request)
{
	struct answer answer = { .ops = ops, .arg = arg };
	size_t len = strcspn(request, " ");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(answer_requests); i++) {
		if (strlen(answer_requests[i].word) != len ||
		    memcmp(request, answer_requests[i].word, len) != 0)
			continue;
		if (!answer_requests[i].whole)
			request = request[len] ? request + len + 1 : NULL;
		ops->view(arg, answer_requests[i].parts, &answer.view);
		return answer_requests[i].answer(&answer, request);
	}
	return answer_error(
		"the daemon does not know this request; is it older "
		"than evenkeel?");
}
