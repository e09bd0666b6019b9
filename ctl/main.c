/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evenkeel: asks the daemon and shows what it says. It decides nothing and
 * knows nothing of its own; `--json` is the daemon's answer as it is.
 */
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "ctl/client.h"
#include "ctl/print.h"
#include "lib/util.h"

#define CTL_RUN_DIR "/run/evenkeel"

struct command {
	const char *word;
	const char *help;
	int (*print)(const struct output *output, struct json_object *answer);
};

static const struct command commands[] = {
	{ "status", "services and servers: state, weight, connections, why",
	  print_status },
	{ "plan", "what differs between the kernel's table and the wanted one",
	  print_plan },
	{ "reload", "let the daemon read its configuration again",
	  print_reload },
};

struct ctl_options {
	const char *run_dir;
	const char *socket;
	bool json;
};

static void ctl_help(FILE *out)
{
	size_t i;

	fputs("Usage: evenkeel [OPTION]... COMMAND\n\n", out);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i].word,
			commands[i].help);
	fputs("\n  -j, --json         print the answer as JSON\n"
	      "      --run-dir=DIR  the daemon's run directory (default " CTL_RUN_DIR
	      ")\n"
	      "      --socket=PATH  its control socket, if it is elsewhere\n"
	      "  -v, --version      print the version\n"
	      "  -h, --help         print this\n",
	      out);
}

static int ctl_options(struct ctl_options *options, int argc, char **argv)
{
	enum { CTL_RUN = 256, CTL_SOCKET };
	static const struct option words[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "run-dir", required_argument, NULL, CTL_RUN },
		{ "socket", required_argument, NULL, CTL_SOCKET },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int letter;

	options->run_dir = CTL_RUN_DIR;
	while ((letter = getopt_long(argc, argv, "jvh", words, NULL)) != -1) {
		if (letter == 'j')
			options->json = true;
		else if (letter == CTL_RUN)
			options->run_dir = optarg;
		else if (letter == CTL_SOCKET)
			options->socket = optarg;
		else if (letter == 'v')
			return puts("evenkeel " PACKAGE_VERSION) < 0;
		else if (letter == 'h')
			return ctl_help(stdout), 0;
		else
			return ctl_help(stderr), 2;
	}
	return -1;
}

static const struct command *ctl_find(const char *word)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].word, word) == 0)
			return &commands[i];
	return NULL;
}

static int ctl_run(const struct ctl_options *options,
		   const struct command *command)
{
	struct output output;
	struct json_object *answer;
	const char *error;
	char path[256];
	int status;

	snprintf(path, sizeof(path), "%s/control.sock", options->run_dir);
	answer = client_ask(options->socket ? options->socket : path,
			    command->word);
	if (!answer)
		return 1;
	output_init(&output);
	error = json_object_get_string(json_object_object_get(answer, "error"));
	if (options->json) {
		puts(json_object_to_json_string_ext(
			answer, JSON_C_TO_STRING_PRETTY |
					JSON_C_TO_STRING_NOSLASHESCAPE));
		status = error ? 1 : 0;
	} else if (error) {
		fprintf(stderr, "evenkeel: %s\n", error);
		status = 1;
	} else {
		status = command->print(&output, answer);
	}
	json_object_put(answer);
	return status;
}

int main(int argc, char **argv)
{
	struct ctl_options options = { 0 };
	const struct command *command;
	int status = ctl_options(&options, argc, argv);

	if (status >= 0)
		return status;
	command = optind < argc ? ctl_find(argv[optind]) : &commands[0];
	if (!command || optind + 1 < argc) {
		fprintf(stderr, "evenkeel: '%s' is not a command\n\n",
			argv[command ? optind + 1 : optind]);
		ctl_help(stderr);
		return 2;
	}
	return ctl_run(&options, command);
}
