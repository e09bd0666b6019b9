/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/ctl_command.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/client.h"
#include "ctl/ctl_switchover.h"
#include "ctl/drill.h"
#include "ctl/filter.h"
#include "ctl/metrics_run.h"
#include "ctl/operate.h"
#include "ctl/print.h"
#include "ctl/top.h"
#include "lib/util.h"

/* How often a follower asks for news. */
#define COMMAND_FOLLOW_MS 500
/* Seconds that the doctor waits for the daemon; it may stand still. */
#define COMMAND_DOCTOR_PATIENCE 3

int command_show(struct ctl *ctl, struct json_object *answer,
		 int (*print)(const struct output *output,
			      struct json_object *answer))
{
	const char *error;

	if (!answer)
		return 1;
	error = json_object_get_string(json_object_object_get(answer, "error"));
	if (ctl->json) {
		puts(json_object_to_json_string_ext(
			answer, JSON_C_TO_STRING_PRETTY |
					JSON_C_TO_STRING_NOSLASHESCAPE));
		return error ? 1 : 0;
	}
	if (error) {
		fprintf(stderr, "evenkeel: %s\n", error);
		return 1;
	}
	return print(&ctl->output, answer);
}

static int command_ask(struct ctl *ctl, const struct command *command)
{
	struct json_object *answer = client_ask(ctl->socket, command->word);
	int status = command_show(ctl, answer, command->print);

	json_object_put(answer);
	return status;
}

static struct filter command_filter(const struct ctl *ctl)
{
	return (struct filter){
		.virtual_server = ctl->virtual_server,
		.server = ctl->nr_args > 0 ? ctl->args[0] : NULL,
	};
}

static int command_status(struct ctl *ctl, const struct command *command)
{
	struct json_object *answer = client_ask(ctl->socket, "status");
	struct filter filter = command_filter(ctl);
	bool filtered = filter.virtual_server || filter.server;
	int status;

	if (answer && filtered && !json_object_object_get(answer, "error") &&
	    filter_status(&filter, answer) == 0) {
		fputs("evenkeel: the configuration has no such server; "
		      "'evenkeel status' lists them\n",
		      stderr);
		json_object_put(answer);
		return 1;
	}
	status = command_show(ctl, answer, command->print);
	json_object_put(answer);
	return status;
}

/* The number of the last event in ANSWER, or AFTER if there is none. */
static long long events_last(struct json_object *answer, long long after)
{
	struct json_object *list = json_object_object_get(answer, "events");
	size_t count = list ? json_object_array_length(list) : 0;

	if (count == 0)
		return after;
	return json_object_get_int64(json_object_object_get(
		json_object_array_get_idx(list, count - 1), "number"));
}

/* The events of another time are in the recording, if there is one. */
static int command_events_at(struct ctl *ctl)
{
	struct json_object *answer = client_ask(ctl->socket, "status");
	const char *words[7] = { "replay", "--events", "--at", ctl->at };
	struct json_object *daemon, *recorder, *file;
	int count = 4, status = 1;

	if (!answer)
		return 1;
	if (json_object_object_get_ex(answer, "daemon", &daemon) &&
	    json_object_object_get_ex(daemon, "recorder", &recorder) &&
	    json_object_object_get_ex(recorder, "file", &file)) {
		if (ctl->json)
			words[count++] = "--json";
		words[count] = json_object_get_string(file);
		status = command_play((char **)(uintptr_t)words);
	} else {
		fputs("evenkeel: nothing is recorded: the configuration has no "
		      "'recorder'; of an older recording, ask 'evenkeel replay "
		      "--events --at TIME FILE'\n",
		      stderr);
	}
	json_object_put(answer);
	return status;
}

/* Answers come in pieces; without -f, the end is a piece without an event. */
static int command_events(struct ctl *ctl, const struct command *command)
{
	const struct timespec pause = { .tv_nsec =
						COMMAND_FOLLOW_MS * 1000000L };
	struct filter filter = command_filter(ctl);
	long long after = 0, last;
	struct json_object *answer;
	unsigned left;
	char request[64];
	int status;

	if (ctl->at)
		return command_events_at(ctl);
	for (;;) {
		snprintf(request, sizeof(request), "events %lld", after);
		answer = client_ask(ctl->socket, request);
		last = answer ? events_last(answer, after) : after;
		left = answer ? filter_events(&filter, answer) : 0;
		status = 0;
		if (!answer || left > 0 || (ctl->json && after == 0))
			status = command_show(ctl, answer, command->print);
		json_object_put(answer);
		if (status != 0 || (last == after && !ctl->follow))
			return status;
		fflush(stdout);
		if (last == after)
			nanosleep(&pause, NULL);
		after = last;
	}
}

static int command_explain(struct ctl *ctl, const struct command *command)
{
	struct json_object *answer;
	char request[400];
	int status;

	snprintf(request, sizeof(request), "explain %s%s%s", ctl->args[0],
		 ctl->virtual_server ? " " : "",
		 ctl->virtual_server ? ctl->virtual_server : "");
	answer = client_ask(ctl->socket, request);
	status = command_show(ctl, answer, command->print);
	json_object_put(answer);
	return status;
}

/*
 * Run the daemon's program, the one beside us or the installed one, with ARGV;
 * argv[0] is set here. Returns only if there is no such program.
 */
static int command_daemon(char **argv, const char *word)
{
	char beside[512];
	ssize_t len = readlink("/proc/self/exe", beside, sizeof(beside) - 1);
	char *slash;

	argv[0] = (char *)(uintptr_t) "evenkeeld";
	if (len > 0) {
		beside[len] = '\0';
		slash = strrchr(beside, '/');
		snprintf(slash + 1,
			 sizeof(beside) - (size_t)(slash + 1 - beside),
			 "evenkeeld");
		execv(beside, argv);
	}
	execv(SBINDIR "/evenkeeld", argv);
	fprintf(stderr, "evenkeel: %s: %s; %s needs the daemon's program\n",
		SBINDIR "/evenkeeld", strerror(errno), word);
	return 1;
}

bool command_is_played(const char *word)
{
	return strcmp(word, "simulate") == 0 || strcmp(word, "replay") == 0;
}

int command_play(char **words)
{
	char option[16], **argv;
	size_t count;
	int status;

	for (count = 0; words[count]; count++)
		;
	argv = xcalloc(count + 2, sizeof(*argv));
	memcpy(argv + 1, words, count * sizeof(*argv));
	snprintf(option, sizeof(option), "--%s", words[0]);
	argv[1] = option;
	status = command_daemon(argv, words[0]);
	free(argv);
	return status;
}

/* Reached if options stand before the word; those options are ignored. */
static int command_play_late(struct ctl *ctl, const struct command *command)
{
	return command_play(ctl->args - 1);
}

/*
 * The file is FILE, else that of the daemon that runs, else the daemon's
 * default.
 */
static int command_doctor(struct ctl *ctl, const struct command *command)
{
	char why[512], doctor[] = "--doctor", json[] = "--doctor=json";
	char word_dir[] = "--run-dir", word_file[] = "-f", dir[256], file[4096];
	char *argv[8] = { NULL };
	struct json_object *answer = NULL, *daemon = NULL, *name;
	int nr = 1;

	snprintf(dir, sizeof(dir), "%s", ctl->run_dir);
	argv[nr++] = ctl->json ? json : doctor;
	argv[nr++] = word_dir;
	argv[nr++] = dir;
	file[0] = '\0';
	if (ctl->nr_args > 0)
		snprintf(file, sizeof(file), "%s", ctl->args[0]);
	else
		answer = client_try(ctl->socket, "status",
				    COMMAND_DOCTOR_PATIENCE, why, sizeof(why));
	json_object_object_get_ex(answer, "daemon", &daemon);
	if (json_object_object_get_ex(daemon, "config_file", &name))
		snprintf(file, sizeof(file), "%s",
			 json_object_get_string(name));
	json_object_put(answer);
	if (file[0]) {
		argv[nr++] = word_file;
		argv[nr++] = file;
	}
	return command_daemon(argv, command->word);
}

/* The daemon's program has the language. */
static int command_config(struct ctl *ctl, const struct command *command)
{
	char migrate[] = "--migrate", json[] = "--migrate=json";
	char test[] = "-t", dump[] = "-d", word_file[] = "-f";
	char *argv[6] = { NULL };
	int nr = 1;

	if (strcmp(ctl->args[0], "migrate") == 0) {
		argv[nr++] = ctl->json ? json : migrate;
	} else if (strcmp(ctl->args[0], "print") == 0 && !ctl->json) {
		argv[nr++] = test;
		argv[nr++] = dump;
	} else {
		fputs("usage: evenkeel config print FILE\n"
		      "       evenkeel config migrate FILE [--json]\n",
		      stderr);
		return 2;
	}
	argv[nr++] = word_file;
	argv[nr++] = ctl->args[1];
	return command_daemon(argv, command->word);
}

static const struct command commands[] = {
	{ "status", "[SERVER]",
	  "services and servers: state, weight, connections, why", 0, 1,
	  command_status, print_status },
	{ "top", "[SERVER]", "the same as a live view, the worst first", 0, 1,
	  top_run, NULL },
	{ "plan", "",
	  "what differs between the kernel's table and the wanted one", 0, 0,
	  command_ask, print_plan },
	{ "headroom", "", "how many servers may fail before the rest is full",
	  0, 0, command_ask, print_headroom },
	{ "events", "[SERVER]", "what changed lately, and why; -f goes on", 0,
	  1, command_events, print_events },
	{ "explain", "SERVER", "from its checks to its weight, step by step", 1,
	  1, command_explain, print_explain },
	{ "vrrp", "", "the pair: who is master, since when and why", 0, 0,
	  command_ask, print_vrrp },
	{ "announce", "", "the addresses that this balancer announces, and why",
	  0, 0, command_ask, print_announce },
	{ "integrity", "", "payload sent and compared: what arrives changed", 0,
	  0, command_ask, print_integrity },
	{ "metrics", "", "all figures in Prometheus' text format", 0, 0,
	  metrics_run, NULL },
	{ "drain", "[SERVER]", "no new connections; out when the last one ends",
	  0, 1, operate_run, NULL },
	{ "disable", "SERVER", "out of the table at once", 1, 1, operate_run,
	  NULL },
	{ "ready", "[SERVER]", "take drain, disable or weight back", 0, 1,
	  operate_run, NULL },
	{ "failback", "SERVER",
	  "let a server serve again in the place of another", 1, 1, operate_run,
	  NULL },
	{ "pause", "[POOL]", "the table stays as it is, on both balancers", 0,
	  1, operate_pause, NULL },
	{ "resume", "[POOL]", "take a pause back", 0, 1, operate_resume, NULL },
	{ "switchover", "",
	  "let the other balancer take the addresses over, if it is fit", 0, 0,
	  switchover_run, NULL },
	{ "weight", "SERVER N", "another weight than the file's", 2, 2,
	  operate_run, NULL },
	{ "drill", "ADDR PORT",
	  "a stopwatch for a fail-over: who answers, when", 2, 2, drill_run,
	  NULL },
	{ "doctor", "[FILE]",
	  "what this host, the wire and the servers lack, and how to mend it",
	  0, 1, command_doctor, NULL },
	{ "config", "print|migrate FILE",
	  "a file as it is understood; what a file of keepalived's needs", 2, 2,
	  command_config, NULL },
	{ "simulate", "FILE",
	  "play a scenario with the same decision, and plot it", 1, 9,
	  command_play_late, NULL },
	{ "replay", "FILE",
	  "play a recording again, perhaps with another configuration", 1, 9,
	  command_play_late, NULL },
	{ "reload", "", "let the daemon read its configuration again", 0, 0,
	  command_ask, print_reload },
};

const struct command *command_find(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
	return NULL;
}

const struct command *command_at(unsigned index)
{
	return index < ARRAY_SIZE(commands) ? &commands[index] : NULL;
}
