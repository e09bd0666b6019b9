/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/ctl_options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "ctl/ctl_command.h"
#include "lib/util.h"

#define OPTION_AT(member) offsetof(struct ctl, member)
/* Numbers of options without a letter; others have theirs. */
#define OPTION_FIRST 256

static const struct ctl_option ctl_options[] = {
	{ "json", 'j', NULL, OPTION_AT(json), NULL,
	  "print the answer as JSON" },
	{ "follow", 'f', NULL, OPTION_AT(follow), "events",
	  "with events: go on with new ones" },
	{ "at", 0, "TIME", OPTION_AT(at), "events",
	  "with events: around that time, from the recording" },
	{ "virtual", 0, "V", OPTION_AT(virtual_server),
	  "status top events explain drain disable ready failback weight",
	  "only that virtual server, or its server" },
	{ "openmetrics", 0, NULL, OPTION_AT(openmetrics), "metrics",
	  "with metrics: OpenMetrics 1.0" },
	{ "scope", 0, "S", OPTION_AT(scope), "metrics",
	  "with metrics: daemon, pool, server, check, vrrp or announce" },
	{ "wait", 0, NULL, OPTION_AT(wait), "drain",
	  "with drain: until no connection is left" },
	{ "director", 0, NULL, OPTION_AT(director), "drain ready",
	  "with drain and ready: this whole balancer" },
	{ "once", 0, NULL, OPTION_AT(once), "top", "with top: a single frame" },
	{ "view", 0, "W", OPTION_AT(view), "top",
	  "with top: servers, pools, rates, checks, events or pair" },
	{ "interval", 0, "T", OPTION_AT(interval), "top",
	  "with top: seconds between frames (default 2)" },
	{ "for", 0, "T", OPTION_AT(how_long), "drill pause",
	  "with drill and pause: end after T seconds (pause: default 3600)" },
	{ "max-gap", 0, "T", OPTION_AT(drill.max_gap), "drill",
	  "with drill: fail if T seconds pass without an answer" },
	{ "rate", 0, "N", OPTION_AT(drill.rate), "drill",
	  "with drill: attempts a second (default 10)" },
	{ "timeout", 0, "T", OPTION_AT(drill.timeout), "drill",
	  "with drill: seconds that an attempt may take (default 2)" },
	{ "user", 'u', "U", OPTION_AT(drill.user), "drill",
	  "with drill: log in as U" },
	{ "password", 'p', NULL, OPTION_AT(drill.ask_password), "drill",
	  "with drill: ask for the password" },
	{ "password-file", 0, "F", OPTION_AT(drill.password_file), "drill",
	  "with drill: the password is F's first line" },
	{ "defaults-file", 0, "F", OPTION_AT(drill.defaults_file), "drill",
	  "with drill: an option file of MySQL's, instead of the usual" },
	{ "run-dir", 0, "DIR", OPTION_AT(run_dir), NULL,
	  "the daemon's run directory (default " CTL_RUN_DIR ")" },
	{ "socket", 0, "PATH", OPTION_AT(socket), NULL,
	  "its control socket, if it is elsewhere" },
	{ "version", 'v', NULL, OPTION_AT(version), NULL, "print the version" },
	{ "help", 'h', NULL, OPTION_AT(help), NULL, "print this" },
};

#define OPTIONS ARRAY_SIZE(ctl_options)

const struct ctl_option *ctl_option_at(unsigned index)
{
	return index < OPTIONS ? &ctl_options[index] : NULL;
}

bool ctl_option_suits(const struct ctl_option *option, const char *word)
{
	size_t length = strlen(word);
	const char *at = option->commands;

	if (!at)
		return true;
	for (; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (strncmp(at, word, length) == 0 &&
		    (at[length] == ' ' || at[length] == '\0'))
			return true;
	}
	return false;
}

static void ctl_options_getopt(struct option *words, char *letters)
{
	size_t i;

	for (i = 0; i < OPTIONS; i++) {
		const struct ctl_option *one = &ctl_options[i];

		words[i] = (struct option){
			.name = one->word,
			.has_arg = one->value ? required_argument : no_argument,
			.val = one->letter ? one->letter :
					     OPTION_FIRST + (int)i,
		};
		if (!one->letter)
			continue;
		*letters++ = one->letter;
		if (one->value)
			*letters++ = ':';
	}
	*letters = '\0';
}

static void ctl_options_set(struct ctl *ctl, int number)
{
	size_t i;
	void *at;

	for (i = 0; i < OPTIONS; i++)
		if (number == ctl_options[i].letter ||
		    number == OPTION_FIRST + (int)i)
			break;
	at = (char *)ctl + ctl_options[i].member;
	if (ctl_options[i].value)
		*(const char **)at = optarg;
	else
		*(bool *)at = true;
}

int ctl_options_parse(struct ctl *ctl, int argc, char **argv)
{
	struct option words[OPTIONS + 1] = { 0 };
	char letters[2 * OPTIONS + 1];
	int number, status = 0;

	ctl_options_getopt(words, letters);
	while ((number = getopt_long(argc, argv, letters, words, NULL)) != -1) {
		if (number == '?')
			status = -EINVAL;
		else
			ctl_options_set(ctl, number);
	}
	if (!ctl->socket) {
		snprintf(ctl->path, sizeof(ctl->path), "%s/control.sock",
			 ctl->run_dir);
		ctl->socket = ctl->path;
	}
	return status;
}

void ctl_options_help(FILE *out)
{
	const struct ctl_option *one;
	char text[40];

	for (one = ctl_options; one < ctl_options + OPTIONS; one++) {
		snprintf(text, sizeof(text), "--%s%s%s", one->word,
			 one->value ? "=" : "", one->value ? one->value : "");
		if (one->letter)
			fprintf(out, "  -%c, %-18s %s\n", one->letter, text,
				one->help);
		else
			fprintf(out, "      %-18s %s\n", text, one->help);
	}
}
