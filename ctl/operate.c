/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/operate.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ctl/client.h"
#include "ctl/fields.h"
#include "ctl/print.h"
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

		printf("%s of %s: %s%s\n",
		       json_object_get_string(
			       json_object_object_get(one, "address")),
		       json_object_get_string(
			       json_object_object_get(one, "virtual_server")),
		       json_object_get_string(
			       json_object_object_get(answer, "word")),
		       json_object_get_boolean(
			       json_object_object_get(one, "paused")) ?
			       "; the pool is paused, and it counts when that "
			       "is over" :
			       "");
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

/* The longest rest of `linger`, and the sum of the connections. */
static long long operate_director_left(struct json_object *answer,
				       double *lingers)
{
	struct json_object *list = field(answer, "groups"), *one;
	long long active = 0;
	double rest;
	size_t i;

	*lingers = 0;
	for (i = 0; list && i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		active += field_number(one, "active");
		rest = json_object_get_double(field(one, "lingers_s"));
		if (rest > *lingers)
			*lingers = rest;
	}
	return active;
}

/* Until it is idle, or not drained any more; returns the exit status. */
static int operate_director_wait(struct ctl *ctl)
{
	const struct timespec pause = { .tv_nsec = OPERATE_POLL_MS * 1000000L };
	long long active, told = -1;
	struct json_object *answer;
	bool idle, drained;
	double lingers;

	for (;;) {
		answer = client_ask(ctl->socket, "announce");
		if (!answer)
			return 1;
		idle = print_announce_is_idle(answer);
		drained = field_flag(answer, "drained");
		active = operate_director_left(answer, &lingers);
		json_object_put(answer);
		if (!drained) {
			fputs("evenkeel: this balancer is not to be drained "
			      "any more\n",
			      stderr);
			return 1;
		}
		if (idle) {
			if (!ctl->json)
				puts("drained: no connection is left, this "
				     "balancer may be switched off");
			return 0;
		}
		if (!ctl->json && active != told)
			printf("draining: %lld connections left, forwarding "
			       "for %.0f s more at least\n",
			       active, lingers);
		fflush(stdout);
		told = active;
		nanosleep(&pause, NULL);
	}
}

static int operate_director(struct ctl *ctl, const char *word)
{
	struct json_object *answer;
	char request[32];
	int status, kept;

	snprintf(request, sizeof(request), "%s --director", word);
	answer = client_ask(ctl->socket, request);
	status = command_show(ctl, answer, print_announce);
	kept = operate_kept(answer);
	json_object_put(answer);
	if (status == 0 && ctl->wait)
		status = operate_director_wait(ctl);
	return status != 0 ? status : kept;
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
	if (ctl->director && ctl->nr_args == 0)
		return operate_director(ctl, command->word);
	if (ctl->director || ctl->nr_args == 0) {
		fprintf(stderr,
			"usage: evenkeel %s SERVER\n"
			"       evenkeel %s --director, for this balancer\n",
			command->word, command->word);
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

#define OPERATE_PAUSE 3600.0 /* s; a forgotten pause ends */
#define OPERATE_PAUSE_MAX (7 * 24 * 3600.0)

/* Of several other balancers, those that do not hear it now. */
static void operate_print_peers(struct json_object *answer)
{
	struct json_object *list = field(answer, "peers_not_heard");
	size_t i, count = list ? json_object_array_length(list) : 0;

	if (count == 0) {
		printf("on the %lld other balancers too\n",
		       field_number(answer, "peers"));
		return;
	}
	printf("on %lld of %lld other balancers too; not heard, and told when "
	       "they are back:",
	       field_number(answer, "peers") - (long long)count,
	       field_number(answer, "peers"));
	for (i = 0; i < count; i++)
		printf(" %s", json_object_get_string(
				      json_object_array_get_idx(list, i)));
	putchar('\n');
}

/* Whether the other balancers will do the same. */
static void operate_print_peer(struct json_object *answer)
{
	struct json_object *hears = field(answer, "peer_hears");

	if (!hears)
		puts("on this balancer only: there is no operator_peer");
	else if (field_number(answer, "peers") > 1)
		operate_print_peers(answer);
	else if (json_object_get_boolean(hears))
		puts("on the other balancer too");
	else
		puts("the other balancer is not heard: it learns of it when it "
		     "is back");
}

static int operate_print_pause(const struct output *output,
			       struct json_object *answer)
{
	struct json_object *list = field(answer, "pools"), *one;
	char left[32];
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		one = json_object_array_get_idx(list, i);
		if (!field_flag(one, "paused"))
			printf("%s: the checks decide\n",
			       field_text(one, "name"));
		else if (!field_flag(one, "pause_keeps_table"))
			printf("%s: paused, but there is no table to keep: the "
			       "checks decide\n",
			       field_text(one, "name"));
		else
			printf("%s: paused for %s: its table stays as it is, "
			       "the checks go on\n",
			       field_text(one, "name"),
			       field_age(one, "pause_left_s", left,
					 sizeof(left)));
	}
	operate_print_peer(answer);
	return 0;
}

static int operate_ask_pause(struct ctl *ctl, const char *request)
{
	struct json_object *answer = client_ask(ctl->socket, request);
	int status = command_show(ctl, answer, operate_print_pause);
	int kept = operate_kept(answer);

	json_object_put(answer);
	return status != 0 ? status : kept;
}

int operate_pause(struct ctl *ctl, const struct command *command)
{
	double length = OPERATE_PAUSE;
	char request[400], *end = NULL;

	if (ctl->how_long)
		length = strtod(ctl->how_long, &end);
	/* The comparison is false for NaN. */
	if ((end && (end == ctl->how_long || *end)) ||
	    !(length >= 1 && length <= OPERATE_PAUSE_MAX)) {
		fprintf(stderr,
			"evenkeel: --for=%s: from 1 to %.0f seconds are "
			"possible\n",
			ctl->how_long, OPERATE_PAUSE_MAX);
		return 2;
	}
	snprintf(request, sizeof(request), "pause %.0f%s%s", length * 1000,
		 ctl->nr_args ? " " : "", ctl->nr_args ? ctl->args[0] : "");
	return operate_ask_pause(ctl, request);
}

int operate_resume(struct ctl *ctl, const struct command *command)
{
	char request[400];

	snprintf(request, sizeof(request), "resume%s%s",
		 ctl->nr_args ? " " : "", ctl->nr_args ? ctl->args[0] : "");
	return operate_ask_pause(ctl, request);
}
