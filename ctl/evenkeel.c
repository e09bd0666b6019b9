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
#include "ctl/complete.h"
#include "ctl/ctl_command.h"
#include "ctl/ctl_options.h"

static void ctl_help(FILE *out)
{
	const struct command *command;
	unsigned i;

	fputs("Usage: evenkeel [OPTION]... COMMAND [ARGUMENT]...\n\n", out);
	for (i = 0; (command = command_at(i)); i++)
		fprintf(out, "  %-8s %-9s %s\n", command->word, command->args,
			command->help);
	fputc('\n', out);
	ctl_options_help(out);
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
	struct ctl ctl = { .run_dir = CTL_RUN_DIR };
	const char *word = "status";

	if (argc > 1 && strcmp(argv[1], "--complete") == 0)
		return complete_run(argv + 2, argc - 2);
	/* "simulate" and "replay" have options of their own. */
	if (argc > 1 && command_is_played(argv[1]))
		return command_play(argv + 1);
	if (ctl_options_parse(&ctl, argc, argv) < 0) {
		ctl_help(stderr);
		return 2;
	}
	if (ctl.version) {
		puts("evenkeel " PACKAGE_VERSION);
		return 0;
	}
	if (ctl.help) {
		ctl_help(stdout);
		return 0;
	}
	output_init(&ctl.output);
	if (optind < argc)
		word = argv[optind++];
	ctl.args = argv + optind;
	ctl.nr_args = argc - optind;
	return ctl_run(&ctl, word);
}
