/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/complete.h"

#include <getopt.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/client.h"
#include "ctl/ctl_command.h"
#include "ctl/ctl_options.h"
#include "ctl/fields.h"
#include "ctl/metrics.h"
#include "ctl/top_rows.h"
#include "lib/util.h"

/* Nobody waits longer for a completion. */
#define COMPLETE_PATIENCE_S 2

struct complete {
	FILE *out;
	const char *word; /* the beginning of the word */
	const char *before; /* printed before each: "--scope=" */
	const struct ctl *ctl;
	struct json_object *(*status)(const struct ctl *ctl);
};

static void complete_offer(const struct complete *complete, const char *text)
{
	if (strncmp(text, complete->word, strlen(complete->word)) == 0)
		fprintf(complete->out, "%s%s\n", complete->before, text);
}

/* The addresses of a virtual server's real servers; a shell drops doubles. */
static void complete_servers(const struct complete *complete,
			     struct json_object *vs)
{
	struct json_object *list = field(vs, "servers");
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++)
		complete_offer(complete,
			       field_text(json_object_array_get_idx(list, i),
					  "address"));
}

/* Names that only the daemon knows: of virtual servers, or of servers. */
static void complete_names(const struct complete *complete, bool servers)
{
	struct json_object *answer = complete->status(complete->ctl);
	struct json_object *list = field(answer, "virtual_servers"), *vs;
	size_t i;

	for (i = 0; list && i < json_object_array_length(list); i++) {
		vs = json_object_array_get_idx(list, i);
		if (servers)
			complete_servers(complete, vs);
		else
			complete_offer(complete, field_text(vs, "name"));
	}
	json_object_put(answer);
}

static void complete_value(const struct complete *complete,
			   const struct ctl_option *option)
{
	const struct top_view *view;
	const char *scope;
	unsigned i;

	if (strcmp(option->value, "S") == 0)
		for (i = 0; (scope = metrics_scope_at(i)); i++)
			complete_offer(complete, scope);
	else if (strcmp(option->value, "W") == 0)
		for (i = 0; (view = top_view_at(i)); i++)
			complete_offer(complete, view->word);
	else if (strcmp(option->value, "V") == 0)
		complete_names(complete, false);
	else if (strcmp(option->value, "F") == 0 ||
		 strcmp(option->value, "DIR") == 0 ||
		 strcmp(option->value, "PATH") == 0)
		fprintf(complete->out, "%s\n", COMPLETE_FILES);
}

static void complete_options(const struct complete *complete,
			     const struct command *command)
{
	const struct ctl_option *one;
	char text[64];
	unsigned i;

	for (i = 0; (one = ctl_option_at(i)); i++) {
		if (command && !ctl_option_suits(one, command->word))
			continue;
		snprintf(text, sizeof(text), "--%s%s", one->word,
			 one->value ? "=" : "");
		complete_offer(complete, text);
	}
}

/* The option whose value is the word behind WORD: "--scope", "-u". */
static const struct ctl_option *complete_option_of(const char *word)
{
	const struct ctl_option *one;
	unsigned i;

	for (i = 0; (one = ctl_option_at(i)); i++) {
		if (!one->value || word[0] != '-')
			continue;
		if (word[1] == '-' && strcmp(word + 2, one->word) == 0)
			return one;
		if (one->letter && word[1] == one->letter && !word[2])
			return one;
	}
	return NULL;
}

/* The value of "--scope=da". Returns false if the word is none. */
static bool complete_assigned(struct complete *complete)
{
	const char *equals = strchr(complete->word, '=');
	const struct ctl_option *option;
	char *name;

	if (strncmp(complete->word, "--", 2) != 0 || !equals)
		return false;
	name = xstrdup(complete->word);
	name[equals - complete->word] = '\0';
	option = complete_option_of(name);
	name[equals - complete->word] = '=';
	name[equals - complete->word + 1] = '\0';
	complete->before = name;
	complete->word = equals + 1;
	if (option)
		complete_value(complete, option);
	free(name);
	return true;
}

static void complete_commands(const struct complete *complete)
{
	const struct command *command;
	unsigned i;

	for (i = 0; (command = command_at(i)); i++)
		complete_offer(complete, command->word);
}

/* The argument number INDEX, as COMMAND's row calls it. */
static void complete_argument(const struct complete *complete,
			      const struct command *command, int index)
{
	char *copy = xstrdup(command->args), *rest = copy, *word, *one;

	while ((word = strsep(&rest, " ")) && index-- > 0)
		;
	if (word &&
	    (strcmp(word, "SERVER") == 0 || strcmp(word, "[SERVER]") == 0))
		complete_names(complete, true);
	else if (word && strcmp(word, "[POOL]") == 0)
		complete_names(complete, false);
	else if (word && strcmp(word, "FILE") == 0)
		fprintf(complete->out, "%s\n", COMPLETE_FILES);
	else if (word && strchr(word, '|'))
		while ((one = strsep(&word, "|")))
			complete_offer(complete, one);
	free(copy);
}

void complete_print(char **words, int nr,
		    struct json_object *(*status)(const struct ctl *ctl),
		    FILE *out)
{
	struct ctl ctl = { .run_dir = CTL_RUN_DIR };
	struct complete complete = { .out = out,
				     .word = words[nr - 1],
				     .before = "",
				     .ctl = &ctl,
				     .status = status };
	const struct ctl_option *option = complete_option_of(words[nr - 2]);
	const struct command *command = NULL;
	int nr_args;

	/* An option that is wrong, or without its value yet, is no matter. */
	opterr = 0;
	optind = 0;
	ctl_options_parse(&ctl, nr - 1, words);
	nr_args = nr - 1 - optind;
	if (nr_args > 0)
		command = command_find(words[optind]);
	if (option)
		complete_value(&complete, option);
	else if (complete_assigned(&complete))
		return;
	else if (complete.word[0] == '-')
		complete_options(&complete, command);
	else if (nr_args == 0)
		complete_commands(&complete);
	else if (command)
		complete_argument(&complete, command, nr_args - 1);
}

static struct json_object *complete_ask(const struct ctl *ctl)
{
	return client_ask(ctl->socket, "status");
}

int complete_run(char **words, int nr)
{
	if (nr < 2)
		return 2;
	alarm(COMPLETE_PATIENCE_S);
	complete_print(words, nr, complete_ask, stdout);
	return 0;
}
