/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evenkeel: asks the daemon and shows the answer. The program decides nothing
 * and knows nothing of its own; `--json` is the daemon's answer as it is.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "ctl/ctl_command.h"
#include "lib/util.h"

#define CTL_RUN_DIR "/run/evenkeel"

static void ctl_help(FILE *out)
{
	const struct command *command;
	unsigned i;

	fputs("Usage: evenkeel [OPTION]... COMMAND [ARGUMENT]...\n\n", out);
	for (i = 0; (command = command_at(i)); i++)
		fprintf(out, "  %-8s %-9s %s\n", command->word, command->args,
			command->help);
	fputs("\n  -j, --json         print the answer as JSON\n"
	      "  -f, --follow       with events: go on with new ones\n"
	      "      --virtual=V    only the server of that virtual server\n"
	      "      --openmetrics  with metrics: OpenMetrics 1.0\n"
	      "      --scope=S      with metrics: daemon, pool, server, check or vrrp\n"
	      "      --wait         with drain: until no connection is left\n"
	      "      --run-dir=DIR  the daemon's run directory (default " CTL_RUN_DIR
	      ")\n"
	      "      --socket=PATH  its control socket, if it is elsewhere\n"
	      "  -v, --version      print the version\n"
	      "  -h, --help         print this\n",
	      out);
}

enum ctl_long {
	CTL_OPENMETRICS = 256,
	CTL_RUN,
	CTL_SCOPE,
	CTL_SOCKET,
	CTL_VIRTUAL,
	CTL_WAIT,
};

static const struct option ctl_words[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "follow", no_argument, NULL, 'f' },
	{ "openmetrics", no_argument, NULL, CTL_OPENMETRICS },
	{ "scope", required_argument, NULL, CTL_SCOPE },
	{ "virtual", required_argument, NULL, CTL_VIRTUAL },
	{ "wait", no_argument, NULL, CTL_WAIT },
	{ "run-dir", required_argument, NULL, CTL_RUN },
	{ "socket", required_argument, NULL, CTL_SOCKET },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* Returns -1 to go on, else the status to exit with. */
static int ctl_option(struct ctl *ctl, int letter, const char **run_dir)
{
	switch (letter) {
	case 'j':
		ctl->json = true;
		return -1;
	case 'f':
		ctl->follow = true;
		return -1;
	case CTL_OPENMETRICS:
		ctl->openmetrics = true;
		return -1;
	case CTL_SCOPE:
		ctl->scope = optarg;
		return -1;
	case CTL_VIRTUAL:
		ctl->virtual_server = optarg;
		return -1;
	case CTL_WAIT:
		ctl->wait = true;
		return -1;
	case CTL_RUN:
		*run_dir = optarg;
		return -1;
	case CTL_SOCKET:
		ctl->socket = optarg;
		return -1;
	case 'v':
		puts("evenkeel " PACKAGE_VERSION);
		return 0;
	case 'h':
		ctl_help(stdout);
		return 0;
	}
	ctl_help(stderr);
	return 2;
}

static int ctl_run(struct ctl *ctl, const char *word)
{
	const struct command *command = command_find(word);

	if (!command) {
		fprintf(stderr, "evenkeel: '%s' is not a command\n\n", word);
		ctl_help(stderr);
		return 2;
	}
	if (ctl->nr_args < command->min_args ||
	    ctl->nr_args > command->max_args) {
		fprintf(stderr, "usage: evenkeel %s %s\n", command->word,
			command->args);
		return 2;
	}
	return command->run(ctl, command);
}

int main(int argc, char **argv)
{
	const char *run_dir = CTL_RUN_DIR, *word = "status";
	struct ctl ctl = { 0 };
	char path[256];
	int letter, status;

	/* "simulate" has options of its own. */
	if (argc > 1 && strcmp(argv[1], "simulate") == 0)
		return command_simulate(argv + 1);
	while ((letter = getopt_long(argc, argv, "jfvh", ctl_words, NULL)) !=
	       -1) {
		status = ctl_option(&ctl, letter, &run_dir);
		if (status >= 0)
			return status;
	}
	snprintf(path, sizeof(path), "%s/control.sock", run_dir);
	if (!ctl.socket)
		ctl.socket = path;
	output_init(&ctl.output);
	if (optind < argc)
		word = argv[optind++];
	ctl.args = argv + optind;
	ctl.nr_args = argc - optind;
	return ctl_run(&ctl, word);
}
