/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/netfilter/firewall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/proc/run_command.h"
#include "lib/log.h"

/* For one command; others may hold iptables' lock for a moment. */
#define FIREWALL_LIMIT (2 * USEC_PER_SEC)
/* For all of them together, when they are waited for at the daemon's end. */
#define FIREWALL_END (2 * USEC_PER_SEC)
#define FIREWALL_LOCK "1"
/* Bytes kept of a listing, and of an error message. */
#define FIREWALL_LISTING (64 * 1024)
/*
 * A chain may have been hooked more than once, by a restored copy of the rules.
 */
#define FIREWALL_HOOKS_MAX 16
#define FIREWALL_NAME_MAX 32
/* iptables' exit status when somebody else holds its lock. */
#define FIREWALL_BUSY 4
/* Audits without a try after the tool hung. */
#define FIREWALL_REST_MIN 4
#define FIREWALL_REST_MAX 32
/* Failures in a row that are taken for more than a held lock. */
#define FIREWALL_FAILURES 2

enum firewall_family {
	FIREWALL_V4,
	FIREWALL_V6,
	FIREWALL_FAMILIES,
};

static const char *const tools[] = {
	[FIREWALL_V4] = "iptables",
	[FIREWALL_V6] = "ip6tables",
};

/* A task is a row of commands. */
enum firewall_task {
	FIREWALL_NONE,
	FIREWALL_REMOVE, /* delete (until it fails), flush, drop */
	FIREWALL_WRITE, /* check, restore, list */
	FIREWALL_AUDIT, /* list, check */
};

enum firewall_step {
	FIREWALL_CHECK, /* whether the jump is there */
	FIREWALL_RESTORE,
	FIREWALL_LIST,
	FIREWALL_DELETE, /* one jump */
	FIREWALL_FLUSH, /* our chain */
	FIREWALL_DROP, /* our chain, which nothing refers to any more */
};

struct rules {
	char *text; /* the wanted rules, without the jump; NULL: none */
	char *listing; /* as listed by the tool; NULL: may be missing */
	int told; /* the last error that was logged */
	unsigned failures; /* to write them, in a row */
	unsigned rest; /* audits without a try, since the tool hung */
	unsigned rests; /* the number of the last rest */
	/* The tasks that wait, in their order. */
	bool remove, write, audit;
	bool tell; /* the end of what was asked for is worth a line */
};

struct firewall {
	char chain[FIREWALL_NAME_MAX];
	char hook[FIREWALL_NAME_MAX];
	char next_hook[FIREWALL_NAME_MAX]; /* once nothing is in the other */
	struct rules rules[FIREWALL_FAMILIES];
	struct command_job command;
	/* The task under way. */
	enum firewall_task task;
	enum firewall_family family;
	enum firewall_step step;
	bool hooked;
	bool restores; /* it is an audit's, or a second try */
	unsigned deleted;
	struct loop_task turn; /* something is to be done */
	bool rewritten; /* since the last done() */
	void (*done)(void *arg, bool rewritten);
	void *arg;
	char output[FIREWALL_LISTING];
};

static void firewall_command_ended(struct command_job *command, int result);
static void firewall_turn(struct loop_task *task);

struct firewall *firewall_new(struct loop *loop, const char *chain,
			      const char *hook,
			      void (*done)(void *arg, bool rewritten),
			      void *arg)
{
	struct firewall *firewall = xcalloc(1, sizeof(*firewall));

	snprintf(firewall->chain, sizeof(firewall->chain), "%s", chain);
	snprintf(firewall->hook, sizeof(firewall->hook), "%s", hook);
	snprintf(firewall->next_hook, sizeof(firewall->next_hook), "%s", hook);
	command_init(&firewall->command, loop, firewall_command_ended);
	loop_task_init(loop, &firewall->turn, firewall_turn);
	firewall->done = done;
	firewall->arg = arg;
	return firewall;
}

static void firewall_rules_forget(struct rules *rules)
{
	free(rules->text);
	free(rules->listing);
	rules->text = NULL;
	rules->listing = NULL;
}

static void firewall_rules_doubt(struct rules *rules)
{
	free(rules->listing);
	rules->listing = NULL;
}

void firewall_free(struct firewall *firewall)
{
	size_t i;

	if (!firewall)
		return;
	command_stop(&firewall->command);
	loop_task_clear(&firewall->turn);
	for (i = 0; i < FIREWALL_FAMILIES; i++)
		firewall_rules_forget(&firewall->rules[i]);
	free(firewall);
}

/* The tool's words for a step; TEXT is iptables-restore's input. */
struct firewall_words {
	char name[FIREWALL_NAME_MAX];
	char words[6][FIREWALL_NAME_MAX];
	char *argv[8];
	char *text; /* the caller's to free */
};

/* The wanted rules, and the jump to our chain if that is missing. */
static char *firewall_input(const struct firewall *firewall)
{
	const char *rules = firewall->rules[firewall->family].text;
	const char *end = strstr(rules, "COMMIT\n");
	bool hooked = firewall->hooked;
	char *text;

	if (asprintf(&text, "%.*s%s%s%s%s%sCOMMIT\n", (int)(end - rules), rules,
		     hooked ? "" : "-I ", hooked ? "" : firewall->hook,
		     hooked ? "" : " 1 -j ", hooked ? "" : firewall->chain,
		     hooked ? "" : "\n") < 0)
		fatal("firewall", "out of memory");
	return text;
}

/* "iptables -w 1 OPTION CHAIN", and "-j TO" where there is one. */
static void firewall_spell(const struct firewall *firewall,
			   struct firewall_words *out)
{
	static const char *const options[] = {
		[FIREWALL_CHECK] = "-C",  [FIREWALL_LIST] = "-S",
		[FIREWALL_DELETE] = "-D", [FIREWALL_FLUSH] = "-F",
		[FIREWALL_DROP] = "-X",
	};
	enum firewall_step step = firewall->step;
	bool jump = step == FIREWALL_CHECK || step == FIREWALL_DELETE;
	const char *words[] = { "-w",
				FIREWALL_LOCK,
				options[step],
				jump ? firewall->hook : firewall->chain,
				jump ? "-j" : NULL,
				firewall->chain };
	size_t i, nr = 0;

	memset(out, 0, sizeof(*out));
	snprintf(out->name, sizeof(out->name), "%s%s", tools[firewall->family],
		 step == FIREWALL_RESTORE ? "-restore" : "");
	if (step == FIREWALL_RESTORE) {
		words[2] = "--noflush";
		words[3] = NULL;
		out->text = firewall_input(firewall);
	}
	out->argv[nr++] = out->name;
	for (i = 0; i < ARRAY_SIZE(words) && words[i]; i++) {
		snprintf(out->words[i], sizeof(out->words[i]), "%s", words[i]);
		out->argv[nr++] = out->words[i];
	}
}

/* Whether the tool cannot be run at all, so that another try is of no use. */
static bool firewall_is_missing(int error)
{
	return error == -ENOENT || error == -EACCES || error == -ENOEXEC;
}

/* Logs an error once for each kind; a status above 0 is the tool's refusal. */
static void firewall_trouble(struct firewall *firewall, int error)
{
	struct rules *rules = &firewall->rules[firewall->family];
	const char *tool = tools[firewall->family];
	char *said = firewall->output;

	said[strcspn(said, "\n")] = '\0';
	if (error > 0)
		error = -EIO;
	rules->failures = firewall_is_missing(error) ? FIREWALL_FAILURES :
						       rules->failures + 1;
	if (rules->told == error)
		return;
	rules->told = error;
	if (error == -ENOENT)
		log_error("firewall",
			  "no_accept: there is no %s on this host; until it is "
			  "installed, the instances that need it are in FAULT",
			  tool);
	else
		log_error("firewall",
			  "no_accept: %s fails (%s); while it does, the "
			  "instances that need it are in FAULT; tried again "
			  "every few seconds",
			  tool, said[0] ? said : strerror(-error));
}

/* After a hang the tool is left alone for a while, twice as long each time. */
static void firewall_rest(struct rules *rules, bool hung)
{
	if (!hung)
		rules->rests = 0;
	else if (rules->rests == 0)
		rules->rests = FIREWALL_REST_MIN;
	else if (rules->rests < FIREWALL_REST_MAX)
		rules->rests *= 2;
	rules->rest = rules->rests;
}

static void firewall_end(struct firewall *firewall, int result)
{
	struct rules *rules = &firewall->rules[firewall->family];

	firewall->task = FIREWALL_NONE;
	firewall_rest(rules, result == -ETIMEDOUT);
	/* The audits try again. */
	if (rules->rest > 0)
		rules->write = rules->audit = false;
}

/*
 * The rules are as wanted: a row of failures, and what was told of it, is over.
 */
static void firewall_succeed(struct firewall *firewall)
{
	struct rules *rules = &firewall->rules[firewall->family];

	if (rules->told)
		log_notice("firewall", "no_accept: %s works again",
			   tools[firewall->family]);
	rules->told = 0;
	rules->failures = 0;
}

static void firewall_removed(struct firewall *firewall, int result)
{
	struct rules *rules = &firewall->rules[firewall->family];
	const char *tool = tools[firewall->family];

	rules->told = 0;
	rules->failures = 0;
	if (rules->tell && !rules->text && result >= 0)
		log_notice("firewall", "no_accept: the rules are gone (%s)",
			   tool);
	else if (rules->tell && !rules->text)
		log_warning("firewall",
			    "no_accept: %s fails (%s), so the rules of chain "
			    "%s may still be there; look with: %s -S",
			    tool, strerror(-result), firewall->chain, tool);
	rules->tell = rules->tell && rules->text;
	firewall_end(firewall, result);
}

static void firewall_written(struct firewall *firewall)
{
	struct rules *rules = &firewall->rules[firewall->family];
	const char *tool = tools[firewall->family];

	/* If others are wanted since it began, they are written next. */
	if (rules->text && !rules->write) {
		rules->listing = strdup(firewall->output);
		if (!rules->listing)
			fatal("firewall", "out of memory");
	}
	firewall_succeed(firewall);
	if (rules->tell && rules->listing) {
		log_notice("firewall",
			   "no_accept: what is not served is dropped (%s, "
			   "chain %s)",
			   tool, firewall->chain);
		rules->tell = false;
	}
	firewall->rewritten = firewall->rewritten || firewall->restores;
	firewall_end(firewall, 0);
}

/* The steps of FIREWALL_WRITE; a jump that cannot be looked for is missing. */
static void firewall_go_on_writing(struct firewall *firewall, int result)
{
	if (firewall->step == FIREWALL_CHECK && result >= 0) {
		firewall->hooked = result == 0;
		firewall->step = FIREWALL_RESTORE;
		/* They shall go, since it began. */
		if (!firewall->rules[firewall->family].text)
			firewall_end(firewall, 0);
	} else if (firewall->step == FIREWALL_RESTORE && result == 0) {
		firewall->step = FIREWALL_LIST;
	} else if (result == 0) {
		firewall_written(firewall);
	} else {
		firewall_trouble(firewall, result);
		firewall_end(firewall, result);
	}
}

static void firewall_begin_writing(struct firewall *firewall, bool restores)
{
	firewall_rules_doubt(&firewall->rules[firewall->family]);
	firewall->task = FIREWALL_WRITE;
	firewall->step = FIREWALL_CHECK;
	firewall->restores = restores;
}

/*
 * The rules were in place when somebody looked last, and a tool that hangs, is killed
 * or cannot be started for want of a process takes none away. So this is no failure
 * to write them: the address would move to a balancer that may have the same trouble.
 * A host without the tool is another matter: rules that go there never come back.
 */
static void firewall_look_failed(struct firewall *firewall, int error)
{
	struct rules *rules = &firewall->rules[firewall->family];

	if (rules->told == error)
		return;
	rules->told = error;
	log_warning("firewall",
		    "no_accept: %s fails (%s); until it works again, nobody "
		    "sees whether the rules of chain %s are still there",
		    tools[firewall->family], strerror(-error), firewall->chain);
}

static void firewall_go_on_looking(struct firewall *firewall, int result)
{
	struct rules *rules = &firewall->rules[firewall->family];
	bool listed = firewall->step == FIREWALL_LIST;

	if (result < 0) {
		if (rules->listing && !firewall_is_missing(result))
			firewall_look_failed(firewall, result);
		else
			firewall_trouble(firewall, result);
		firewall_end(firewall, result);
	} else if (result == FIREWALL_BUSY || !rules->listing) {
		/* Nobody can tell; others are wanted. */
		firewall_end(firewall, 0);
	} else if (!listed && result == 0) {
		firewall_succeed(firewall);
		firewall_end(firewall, 0);
	} else if (listed && result == 0 &&
		   strcmp(firewall->output, rules->listing) == 0) {
		firewall->step = FIREWALL_CHECK;
	} else {
		log_warning("firewall",
			    "no_accept: somebody changed our rules (%s), "
			    "writing them anew",
			    tools[firewall->family]);
		firewall_begin_writing(firewall, true);
	}
}

/* Without our chain the last two fail, which is fine. */
static void firewall_go_on_removing(struct firewall *firewall, int result)
{
	if (result == -ETIMEDOUT || firewall->step == FIREWALL_DROP)
		firewall_removed(firewall, result);
	else if (firewall->step == FIREWALL_FLUSH)
		firewall->step = FIREWALL_DROP;
	else if (result != 0 || ++firewall->deleted >= FIREWALL_HOOKS_MAX)
		firewall->step = FIREWALL_FLUSH;
}

static void firewall_go_on(struct firewall *firewall, int result)
{
	switch (firewall->task) {
	case FIREWALL_NONE:
		break;
	case FIREWALL_REMOVE:
		firewall_go_on_removing(firewall, result);
		break;
	case FIREWALL_WRITE:
		firewall_go_on_writing(firewall, result);
		break;
	case FIREWALL_AUDIT:
		firewall_go_on_looking(firewall, result);
		break;
	}
}

static bool firewall_begin(struct firewall *firewall, enum firewall_task task)
{
	struct rules *rules = &firewall->rules[firewall->family];
	bool *wanted = task == FIREWALL_REMOVE ? &rules->remove :
		       task == FIREWALL_WRITE  ? &rules->write :
						 &rules->audit;

	if (!*wanted)
		return false;
	*wanted = false;
	if (task != FIREWALL_REMOVE && !rules->text)
		return false;
	firewall->task = task;
	firewall->deleted = 0;
	firewall->step = task == FIREWALL_REMOVE ? FIREWALL_DELETE :
						   FIREWALL_LIST;
	if (task == FIREWALL_WRITE)
		firewall_begin_writing(firewall, false);
	else if (task == FIREWALL_AUDIT && !rules->listing)
		firewall_begin_writing(firewall, true);
	return true;
}

/* The next task of any family. The jump moves once it is nowhere. */
static bool firewall_pick(struct firewall *firewall)
{
	static const enum firewall_task order[] = { FIREWALL_REMOVE,
						    FIREWALL_WRITE,
						    FIREWALL_AUDIT };
	size_t i, f;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		for (f = 0; f < FIREWALL_FAMILIES; f++) {
			firewall->family = (enum firewall_family)f;
			if (firewall_begin(firewall, order[i]))
				return true;
		}
		if (order[i] == FIREWALL_REMOVE)
			memcpy(firewall->hook, firewall->next_hook,
			       sizeof(firewall->hook));
	}
	return false;
}

/* Starts the command of the present step. Returns 0 or -errno. */
static int firewall_start(struct firewall *firewall)
{
	struct firewall_words words;
	int error;

	firewall_spell(firewall, &words);
	firewall->output[0] = '\0';
	error = command_start(&firewall->command, words.name, words.argv,
			      words.text, FIREWALL_LIMIT);
	free(words.text);
	return error;
}

bool firewall_is_busy(const struct firewall *firewall)
{
	size_t f;

	for (f = 0; f < FIREWALL_FAMILIES; f++)
		if (firewall->rules[f].remove || firewall->rules[f].write ||
		    firewall->rules[f].audit)
			return true;
	return firewall->task != FIREWALL_NONE;
}

/* Until a command runs, or nothing is left to do. */
static void firewall_go(struct firewall *firewall)
{
	bool rewritten;
	int error;

	while (firewall->task != FIREWALL_NONE || firewall_pick(firewall)) {
		error = firewall_start(firewall);
		if (error == 0)
			return;
		firewall_go_on(firewall, error);
	}
	rewritten = firewall->rewritten;
	firewall->rewritten = false;
	/* The owner may free the firewall from done(). */
	firewall->done(firewall->arg, rewritten);
}

static void firewall_command_ended(struct command_job *command, int result)
{
	struct firewall *firewall =
		container_of(command, struct firewall, command);

	command_output(command, firewall->output, sizeof(firewall->output));
	firewall_go_on(firewall, result);
	firewall_go(firewall);
}

/* At the end of the turn: nothing is reported into a call of the owner's. */
static void firewall_turn(struct loop_task *task)
{
	struct firewall *firewall = container_of(task, struct firewall, turn);

	if (firewall->task == FIREWALL_NONE)
		firewall_go(firewall);
}

void firewall_set(struct firewall *firewall, const struct firewall_plan *plan)
{
	struct rules *rules =
		&firewall->rules[plan->family == AF_INET6 ? FIREWALL_V6 :
							    FIREWALL_V4];
	char *text;

	if (!plan->drop && !rules->text)
		return;
	text = plan->drop ? firewall_text(plan) : NULL;
	if (text && rules->text && strcmp(rules->text, text) == 0) {
		free(text);
		return;
	}
	firewall_rules_forget(rules);
	rules->text = text;
	rules->tell = true;
	rules->remove = rules->remove || !text;
	/* A tool that hung is left alone; the audit tries again. */
	rules->write = text && rules->rest == 0;
	loop_task_want(&firewall->turn);
}

void firewall_move(struct firewall *firewall, const char *hook)
{
	size_t f;

	snprintf(firewall->next_hook, sizeof(firewall->next_hook), "%s", hook);
	for (f = 0; f < FIREWALL_FAMILIES; f++) {
		struct rules *rules = &firewall->rules[f];

		firewall_rules_doubt(rules);
		rules->remove = true;
		rules->write = rules->text && rules->rest == 0;
		rules->tell = rules->text != NULL;
	}
	loop_task_want(&firewall->turn);
}

void firewall_audit(struct firewall *firewall)
{
	size_t f;

	for (f = 0; f < FIREWALL_FAMILIES; f++) {
		if (firewall->rules[f].rest > 0)
			firewall->rules[f].rest--;
		else
			firewall->rules[f].audit = true;
	}
	loop_task_want(&firewall->turn);
}

enum firewall_state firewall_state(const struct firewall *firewall)
{
	enum firewall_state state = FIREWALL_READY;
	size_t i;

	for (i = 0; i < FIREWALL_FAMILIES; i++) {
		const struct rules *rules = &firewall->rules[i];

		if (rules->failures >= FIREWALL_FAILURES)
			return FIREWALL_FAILED;
		if (rules->text && !rules->listing)
			state = FIREWALL_TRYING;
	}
	return state;
}

void firewall_remove(struct firewall *firewall)
{
	size_t f;

	for (f = 0; f < FIREWALL_FAMILIES; f++) {
		struct rules *rules = &firewall->rules[f];

		rules->tell = rules->text != NULL;
		rules->remove = true;
		rules->write = rules->audit = false;
		firewall_rules_forget(rules);
	}
	loop_task_want(&firewall->turn);
}

static void firewall_finish_removing(struct firewall *firewall, usec_t end)
{
	struct loop *loop = firewall->command.loop;
	struct firewall_words words;
	usec_t now;
	int result;

	firewall_begin(firewall, FIREWALL_REMOVE);
	while (firewall->task != FIREWALL_NONE) {
		firewall_spell(firewall, &words);
		now = loop_now_exact(loop);
		result = now >= end ? -ETIMEDOUT :
				      command_run(words.name, words.argv, NULL,
						  firewall->output,
						  sizeof(firewall->output),
						  end - now);
		firewall_go_on(firewall, result);
	}
}

void firewall_remove_now(struct firewall *firewall)
{
	usec_t end = loop_now_exact(firewall->command.loop) + FIREWALL_END;
	size_t f;

	command_stop(&firewall->command);
	firewall->task = FIREWALL_NONE;
	firewall_remove(firewall);
	loop_task_clear(&firewall->turn);
	for (f = 0; f < FIREWALL_FAMILIES; f++) {
		firewall->family = (enum firewall_family)f;
		firewall_finish_removing(firewall, end);
	}
}
