/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/operate.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/client.h"
#include "lib/addr.h"

#define OPERATE_POLL_MS 500
#define OPERATE_BAR 30
#define OPERATE_NOT_KEPT 4 /* exit status */

static int operate_print(const struct output *output,
			 struct json_object *answer)
{
	struct json_object *list = json_object_object_get(answer, "servers");
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		printf("%s of %s: %s\n",
		       json_object_get_string(
			       json_object_object_get(one, "address")),
		       json_object_get_string(
			       json_object_object_get(one, "virtual_server")),
		       json_object_get_string(
			       json_object_object_get(answer, "word")));
	}
	return 0;
}

/* Warns that a command is in force, but not in the daemon's state file. */
static int operate_kept(struct json_object *answer)
{
	const char *why = json_object_get_string(
		json_object_object_get(answer, "not_kept"));

	if (!why)
		return 0;
	fprintf(stderr,
		"evenkeel: it is in force, but cannot be written to the state "
		"file (%s): a restart of the daemon would forget it\n",
		why);
	return OPERATE_NOT_KEPT;
}

/* Whether the argument names SERVER, and --virtual (if given) names VS. */
static bool operate_means(const struct ctl *ctl, struct json_object *vs,
			  struct json_object *server)
{
	const char *name =
		json_object_get_string(json_object_object_get(vs, "name"));
	struct endpoint meant, is;

	if (ctl->virtual_server && strcmp(name, ctl->virtual_server) != 0)
		return false;
	if (endpoint_parse(&meant, ctl->args[0]) < 0 ||
	    endpoint_parse(&is, json_object_get_string(json_object_object_get(
					server, "address"))) < 0)
		return false;
	return addr_cmp(&meant.addr, &is.addr) == 0 &&
	       (meant.port == 0 || meant.port == is.port);
}

struct operate_count {
	unsigned servers;
	unsigned draining; /* those still to be drained */
	unsigned drained;
	long long active, cut;
};

static bool operate_says_drain(struct json_object *server)
{
	const char *word = json_object_get_string(
		json_object_object_get(server, "operator"));

	return word && strcmp(word, "drain") == 0;
}

static struct operate_count operate_count(const struct ctl *ctl,
					  struct json_object *status)
{
	struct json_object *list =
		json_object_object_get(status, "virtual_servers");
	struct operate_count count = { 0 };
	size_t v, s;

	for (v = 0; list && v < json_object_array_length(list); v++) {
		struct json_object *vs = json_object_array_get_idx(list, v);
		struct json_object *servers =
			json_object_object_get(vs, "servers");

		for (s = 0; s < json_object_array_length(servers); s++) {
			struct json_object *one =
				json_object_array_get_idx(servers, s);

			if (!operate_means(ctl, vs, one))
				continue;
			count.active += json_object_get_int64(
				json_object_object_get(one, "active"));
			count.cut += json_object_get_int64(
				json_object_object_get(one, "drain_cut"));
			count.servers++;
			count.draining += operate_says_drain(one);
			count.drained +=
				json_object_get_boolean(json_object_object_get(
					one, "drained")) != 0;
		}
	}
	return count;
}

/* "draining [#######.......] 12 of 50 connections left, 34 s" */
static void operate_progress(const struct output *output, long long left,
			     long long most, long long seconds)
{
	int done = most > 0 ? (int)((most - left) * OPERATE_BAR / most) :
			      OPERATE_BAR;
	char bar[OPERATE_BAR + 1];

	if (done < 0)
		done = 0;
	memset(bar, '.', OPERATE_BAR);
	memset(bar, '#', (size_t)done);
	bar[OPERATE_BAR] = '\0';
	printf("%sdraining [%s] %lld of %lld connections left, %lld s%s",
	       output->width ? "\r" : "", bar, left, most, seconds,
	       output->width ? "\033[K" : "\n");
	fflush(stdout);
}

/* How a wait ended; returns the exit status. */
static int operate_ended(const struct ctl *ctl,
			 const struct operate_count *count, long long seconds)
{
	const char *newline = ctl->output.width && !ctl->json ? "\n" : "";

	if (count->servers == 0 || count->draining < count->servers) {
		fprintf(stderr, "%sevenkeel: %s\n", newline,
			count->servers ?
				"it is not to be drained any more" :
				"the configuration does not name it any more");
		return 1;
	}
	if (count->cut > 0) {
		fprintf(stderr,
			"%sevenkeel: drain_timeout is over after %lld s: %lld connections were left\n",
			newline, seconds, count->cut);
		return 3;
	}
	if (!ctl->json)
		printf("%sdrained after %lld s\n", newline, seconds);
	return 0;
}

static int operate_wait(struct ctl *ctl)
{
	const struct timespec pause = { .tv_nsec = OPERATE_POLL_MS * 1000000L };
	long long most = 0, told = -1;
	time_t start = time(NULL);
	struct operate_count count;
	struct json_object *status;

	for (;;) {
		status = client_ask(ctl->socket, "status");
		if (!status)
			return 1;
		count = operate_count(ctl, status);
		json_object_put(status);
		if (count.active > most)
			most = count.active;
		/* Without a terminal, a line for each change is enough. */
		if (!ctl->json && (ctl->output.width || count.active != told))
			operate_progress(&ctl->output, count.active, most,
					 (long long)(time(NULL) - start));
		told = count.active;
		if (count.draining < count.servers ||
		    count.drained == count.servers)
			return operate_ended(ctl, &count,
					     (long long)(time(NULL) - start));
		nanosleep(&pause, NULL);
	}
}

int operate_run(struct ctl *ctl, const struct command *command)
{
	struct json_object *answer;
	char request[400];
	int status, kept;

	if (ctl->wait && strcmp(command->word, "drain") != 0) {
		fputs("evenkeel: --wait is for drain\n", stderr);
		return 2;
	}
	snprintf(request, sizeof(request), "%s %s%s%s%s%s", command->word,
		 ctl->nr_args > 1 ? ctl->args[1] : "",
		 ctl->nr_args > 1 ? " " : "", ctl->args[0],
		 ctl->virtual_server ? " " : "",
		 ctl->virtual_server ? ctl->virtual_server : "");
	answer = client_ask(ctl->socket, request);
	status = command_show(ctl, answer, operate_print);
	kept = operate_kept(answer);
	json_object_put(answer);
	if (status == 0 && ctl->wait)
		status = operate_wait(ctl);
	return status != 0 ? status : kept;
}
