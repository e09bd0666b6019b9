/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/answer.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "balance/balance.h"
#include "daemon/advice.h"
#include "daemon/configuration.h"
#include "daemon/director.h"
#include "lib/history.h"
#include "daemon/kernel.h"
#include "daemon/operator/operator.h"
#include "daemon/options.h"
#include "daemon/control/show.h"
#include "daemon/tell.h"

/* Most events in one answer; a client that wants more asks again. */
#define ANSWER_EVENTS_MAX 200

#define ANSWER_NO_SERVER \
	"the configuration has no such server; 'evenkeel status' lists them"

static struct json_object *answer_error(const char *text)
{
	struct json_object *obj = json_object_new_object();

	show_text(obj, "error", text);
	return obj;
}

static struct json_object *answer_status(struct show *show, char *args)
{
	if (!director_options(show->director)->only_vrrp)
		show->actual = kernel_read(director_kernel(show->director),
					   director_wanted(show->director));
	return show_status(show);
}

static struct json_object *answer_plan(struct show *show, char *args)
{
	struct table *wanted = director_wanted(show->director);
	const struct ipvs_plan *plan =
		kernel_plan(director_kernel(show->director), wanted);
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	char text[IPVS_CHANGE_TEXT_MAX], why[512];
	size_t i;

	show_flag(obj, "reached", plan != NULL);
	for (i = 0; plan && i < plan->nr; i++) {
		struct json_object *one = json_object_new_object();

		tell_change(show->conf, show->balance, &plan->changes[i],
			    show->now, why, sizeof(why));
		show_text(one, "change",
			  ipvs_change_format(&plan->changes[i], text,
					     sizeof(text)));
		show_text(one, "reason", why);
		json_object_array_add(list, one);
	}
	json_object_object_add(obj, "changes", list);
	return obj;
}

static struct json_object *answer_reload(struct show *show, char *args)
{
	struct json_object *obj = json_object_new_object();
	int error = director_reload(show->director);

	show_flag(obj, "reloaded", error == 0);
	if (error < 0)
		show_text(obj, "error",
			  "the file is refused, the old configuration stays; "
			  "'evenkeeld -t' shows the mistakes");
	return obj;
}

static struct json_object *answer_server(const struct show *show,
					 uint32_t server)
{
	const struct conf_server *conf = &show->conf->servers[server];
	struct json_object *obj = json_object_new_object();
	struct balance_server_view view;
	char addr[ENDPOINT_TEXT_MAX];

	balance_view_server(show->balance, server, &view);
	show_text(obj, "virtual_server",
		  show->conf->virtual_servers[conf->vs].name);
	show_text(obj, "address", endpoint_format(&conf->addr, addr));
	show_flag(obj, "drained", view.drained);
	json_object_object_add(
		obj, "active",
		view.counted ? json_object_new_int64(view.active) : NULL);
	return obj;
}

/* ARGS is the whole line: its first word is the operator's. */
static struct json_object *answer_operator(struct show *show, char *args)
{
	struct json_object *obj, *list;
	struct operator_request request;
	uint32_t i;
	int error;

	if (operator_parse(args, &request) < 0)
		return answer_error(
			"that is not understood: drain SERVER, ready "
			"SERVER, disable SERVER, weight N SERVER");
	if (director_operate(show->director, &request) == 0)
		return answer_error(ANSWER_NO_SERVER);
	obj = json_object_new_object();
	list = json_object_new_array();
	show_text(obj, "word", operator_word(request.kind));
	for (i = 0; i < show->conf->nr_servers; i++)
		if (operator_means(show->conf, &request, i))
			json_object_array_add(list, answer_server(show, i));
	json_object_object_add(obj, "servers", list);
	error = director_kept(show->director);
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
static struct json_object *answer_explain(struct show *show, char *args)
{
	struct json_object *list = json_object_new_array();
	struct operator_request request = { 0 };
	struct json_object *obj, *one, *chain;
	uint32_t i;

	request.server = args ? strsep(&args, " ") : "";
	request.virtual_server = args && *args ? args : NULL;
	director_wanted(show->director); /* a decision as of now */
	for (i = 0; i < show->conf->nr_servers; i++) {
		if (!operator_means(show->conf, &request, i))
			continue;
		one = answer_server(show, i);
		chain = json_object_new_array();
		balance_explain(show->balance, i, show->now, answer_link,
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
static struct json_object *answer_events(struct show *show, char *args)
{
	const struct history *history = director_history(show->director);
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint64_t after = args ? strtoull(args, NULL, 10) : 0;
	const struct history_event *event;
	unsigned count;

	for (count = 0; count < ANSWER_EVENTS_MAX; count++) {
		event = history_next(history, after);
		if (!event)
			break;
		json_object_array_add(list, answer_event(event));
		after = event->number;
	}
	json_object_object_add(obj, "events", list);
	return obj;
}

static struct json_object *answer_headroom_of(const struct show *show,
					      uint32_t vs)
{
	struct json_object *obj = json_object_new_object();
	struct balance_headroom view;
	char addr[ENDPOINT_TEXT_MAX];

	balance_view_headroom(show->balance, vs, &view);
	show_text(obj, "name", show->conf->virtual_servers[vs].name);
	show_number(obj, "servers", view.servers);
	show_number(obj, "servers_unknown", view.unknown);
	show_number(obj, "target", view.target);
	show_number(obj, "survives", view.survives);
	show_number(obj, "survives_peak", view.survives_peak);
	show_number(obj, "connections", (int64_t)view.used);
	show_number(obj, "connections_peak", (int64_t)view.peak);
	show_number(obj, "connections_room", (int64_t)view.room);
	show_text(obj, "worst_server",
		  view.worst < show->conf->nr_servers ?
			  endpoint_format(&show->conf->servers[view.worst].addr,
					  addr) :
			  NULL);
	show_number(obj, "worst_needs", (int64_t)view.worst_need);
	show_number(obj, "worst_max", view.worst_max);
	return obj;
}

/* Advice on the kernel's settings. */
static struct json_object *answer_advice(const struct show *show)
{
	const struct advice *advice = director_advice(show->director);
	struct json_object *list = json_object_new_array();
	unsigned i;

	for (i = 0; i < ADVICES; i++)
		if (advice_get(advice, (enum advice_kind)i))
			json_object_array_add(
				list, json_object_new_string(advice_get(
					      advice, (enum advice_kind)i)));
	return list;
}

static struct json_object *answer_headroom(struct show *show, char *args)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < show->conf->nr_virtual_servers; i++)
		json_object_array_add(list, answer_headroom_of(show, i));
	json_object_object_add(obj, "virtual_servers", list);
	json_object_object_add(obj, "advice", answer_advice(show));
	return obj;
}

static struct json_object *answer_vrrp(struct show *show, char *args)
{
	return show_pair(show);
}

static const struct {
	const char *word;
	bool whole; /* the function gets the line, not only the arguments */
	struct json_object *(*answer)(struct show *show, char *args);
} answer_requests[] = {
	{ "status", false, answer_status },
	{ "plan", false, answer_plan },
	{ "reload", false, answer_reload },
	{ "events", false, answer_events },
	{ "explain", false, answer_explain },
	{ "headroom", false, answer_headroom },
	{ "vrrp", false, answer_vrrp },
	{ "drain", true, answer_operator },
	{ "ready", true, answer_operator },
	{ "disable", true, answer_operator },
	{ "weight", true, answer_operator },
};

struct json_object *answer_request(struct director *director, char *request)
{
	struct show show = {
		.director = director,
		.conf = director_config(director)->conf,
		.balance = director_balance(director),
		.now = loop_now(director_loop(director)),
	};
	size_t len = strcspn(request, " ");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(answer_requests); i++) {
		if (strlen(answer_requests[i].word) != len ||
		    memcmp(request, answer_requests[i].word, len) != 0)
			continue;
		if (!answer_requests[i].whole)
			request = request[len] ? request + len + 1 : NULL;
		return answer_requests[i].answer(&show, request);
	}
	return answer_error(
		"the daemon does not know this request; is it older "
		"than evenkeel?");
}
