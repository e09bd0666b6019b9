/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/netfilter/firewall.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/proc/run_command.h"
#include "lib/log.h"

/* Main waits for the tool; others may hold iptables' lock for a moment. */
#define FIREWALL_LIMIT (2 * USEC_PER_SEC)
#define FIREWALL_LOCK "1"
/* Bytes kept of a listing, and of an error message. */
#define FIREWALL_LISTING (64 * 1024)
/* A chain may have been hooked more than once, by a restored copy of the rules. */
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

struct rules {
	char *text; /* the wanted rules, without the jump; NULL: none */
	char *listing; /* as listed by the tool; NULL: may be missing */
	int told; /* the last error that was logged */
	unsigned failures; /* to write them, in a row */
	unsigned rest; /* audits without a try, since the tool hung */
	unsigned rests; /* the number of the last rest */
};

struct firewall {
	char chain[FIREWALL_NAME_MAX];
	char hook[FIREWALL_NAME_MAX];
	struct rules rules[FIREWALL_FAMILIES];
	bool hung; /* the tool did not end in time, in the present task */
	char output[FIREWALL_LISTING];
};

struct firewall *firewall_new(const char *chain, const char *hook)
{
	struct firewall *firewall = xcalloc(1, sizeof(*firewall));

	snprintf(firewall->chain, sizeof(firewall->chain), "%s", chain);
	snprintf(firewall->hook, sizeof(firewall->hook), "%s", hook);
	return firewall;
}

static void firewall_rules_forget(struct rules *rules)
{
	free(rules->text);
	free(rules->listing);
	rules->text = NULL;
	rules->listing = NULL;
}

void firewall_free(struct firewall *firewall)
{
	size_t i;

	if (!firewall)
		return;
	for (i = 0; i < FIREWALL_FAMILIES; i++)
		firewall_rules_forget(&firewall->rules[i]);
	free(firewall);
}

/* If the tool hangs, main waits for it once in a task, not at each step. */
static int firewall_run(struct firewall *firewall, const char *name,
			char *const *argv, const char *text)
{
	int status = -ETIMEDOUT;

	firewall->output[0] = '\0';
	if (!firewall->hung)
		status = command_run(name, argv, text, firewall->output,
				     sizeof(firewall->output), FIREWALL_LIMIT);
	firewall->hung = status == -ETIMEDOUT;
	return status;
}

/* After a hang the tool is left alone for a while, twice as long each time. */
static void firewall_rest(struct firewall *firewall, size_t family)
{
	struct rules *rules = &firewall->rules[family];

	if (!firewall->hung)
		rules->rests = 0;
	else if (rules->rests == 0)
		rules->rests = FIREWALL_REST_MIN;
	else if (rules->rests < FIREWALL_REST_MAX)
		rules->rests *= 2;
	rules->rest = rules->rests;
	firewall->hung = false;
}

/*
 * Runs "iptables -w 1" with an option such as "-C", CHAIN and, if any, "-j TO".
 */
static int firewall_tool(struct firewall *firewall, size_t family,
			 const char *what, const char *chain, const char *to)
{
	char words[][FIREWALL_NAME_MAX] = { "",	  "-w", FIREWALL_LOCK, "", "",
					    "-j", "" };
	char *argv[ARRAY_SIZE(words) + 1] = { NULL };
	size_t i;

	snprintf(words[0], sizeof(words[0]), "%s", tools[family]);
	snprintf(words[3], sizeof(words[3]), "%s", what);
	snprintf(words[4], sizeof(words[4]), "%s", chain);
	snprintf(words[6], sizeof(words[6]), "%s", to ? to : "");
	for (i = 0; i < (to ? 7 : 5); i++)
		argv[i] = words[i];
	return firewall_run(firewall, tools[family], argv, NULL);
}

static bool firewall_is_hooked(struct firewall *firewall, size_t family)
{
	return firewall_tool(firewall, family, "-C", firewall->hook,
			     firewall->chain) == 0;
}

static int firewall_restore(struct firewall *firewall, size_t family,
			    const char *text)
{
	char name[FIREWALL_NAME_MAX], wait[] = "-w", lock[] = FIREWALL_LOCK,
				      keep[] = "--noflush";
	char *argv[] = { name, wait, lock, keep, NULL };

	snprintf(name, sizeof(name), "%s-restore", tools[family]);
	return firewall_run(firewall, name, argv, text);
}

/* Whether the tool cannot be run at all, so that another try is of no use. */
static bool firewall_is_missing(int error)
{
	return error == -ENOENT || error == -EACCES || error == -ENOEXEC;
}

/* Logs an error once for each kind; a status above 0 is the tool's refusal. */
static int firewall_trouble(struct firewall *firewall, size_t family, int error)
{
	struct rules *rules = &firewall->rules[family];
	char *said = firewall->output;

	said[strcspn(said, "\n")] = '\0';
	if (error > 0)
		error = -EIO;
	rules->failures = firewall_is_missing(error) ? FIREWALL_FAILURES :
						       rules->failures + 1;
	if (rules->told == error)
		return error;
	rules->told = error;
	if (error == -ENOENT)
		log_error("firewall",
			  "no_accept: there is no %s on this host; until it is "
			  "installed, the instances that need it are in FAULT",
			  tools[family]);
	else
		log_error("firewall",
			  "no_accept: %s fails (%s); while it does, the "
			  "instances that need it are in FAULT; tried again "
			  "every few seconds",
			  tools[family], said[0] ? said : strerror(-error));
	return error;
}

/* Writes rules->text, and the jump to our chain if that is missing. */
static int firewall_write(struct firewall *firewall, size_t family)
{
	struct rules *rules = &firewall->rules[family];
	bool hooked = firewall_is_hooked(firewall, family);
	const char *end = strstr(rules->text, "COMMIT\n");
	char *text;
	int status;

	free(rules->listing);
	rules->listing = NULL;
	if (asprintf(&text, "%.*s%s%s%s%s%sCOMMIT\n", (int)(end - rules->text),
		     rules->text, hooked ? "" : "-I ",
		     hooked ? "" : firewall->hook, hooked ? "" : " 1 -j ",
		     hooked ? "" : firewall->chain, hooked ? "" : "\n") < 0)
		fatal("firewall", "out of memory");
	status = firewall_restore(firewall, family, text);
	free(text);
	if (status == 0)
		status = firewall_tool(firewall, family, "-S", firewall->chain,
				       NULL);
	if (status != 0)
		return firewall_trouble(firewall, family, status);
	rules->listing = strdup(firewall->output);
	if (!rules->listing)
		fatal("firewall", "out of memory");
	if (rules->told)
		log_notice("firewall", "no_accept: %s works again",
			   tools[family]);
	rules->told = 0;
	rules->failures = 0;
	return 0;
}

static void firewall_take_out(struct firewall *firewall, size_t family)
{
	int i;

	for (i = 0; i < FIREWALL_HOOKS_MAX; i++) {
		if (firewall_tool(firewall, family, "-D", firewall->hook,
				  firewall->chain) != 0)
			break;
	}
	/* Without our chain both of these fail, which is fine. */
	(void)firewall_tool(firewall, family, "-F", firewall->chain, NULL);
	(void)firewall_tool(firewall, family, "-X", firewall->chain, NULL);
	firewall_rest(firewall, family);
	firewall_rules_forget(&firewall->rules[family]);
	firewall->rules[family].told = 0;
	firewall->rules[family].failures = 0;
}

int firewall_set(struct firewall *firewall, const struct firewall_plan *plan)
{
	size_t family = plan->family == AF_INET6 ? FIREWALL_V6 : FIREWALL_V4;
	struct rules *rules = &firewall->rules[family];
	char *text;
	int error;

	if (!plan->drop) {
		if (!rules->text)
			return 0;
		firewall_take_out(firewall, family);
		log_notice("firewall", "no_accept: the rules are gone (%s)",
			   tools[family]);
		return 0;
	}
	text = firewall_text(plan);
	if (rules->text && strcmp(rules->text, text) == 0) {
		free(text);
		return rules->listing ? 0 : -EIO; /* the audit tries again */
	}
	free(rules->text);
	rules->text = text;
	if (rules->rest > 0) {
		free(rules->listing);
		rules->listing = NULL;
		return -ETIMEDOUT;
	}
	error = firewall_write(firewall, family);
	firewall_rest(firewall, family);
	if (error == 0)
		log_notice("firewall",
			   "no_accept: what is not served is dropped (%s, "
			   "chain %s)",
			   tools[family], firewall->chain);
	return error;
}

static bool firewall_audit_family(struct firewall *firewall, size_t family)
{
	struct rules *rules = &firewall->rules[family];
	int status;

	if (!rules->text)
		return false;
	if (!rules->listing)
		return firewall_write(firewall, family) == 0;
	status = firewall_tool(firewall, family, "-S", firewall->chain, NULL);
	if (status == 0 && strcmp(firewall->output, rules->listing) == 0 &&
	    firewall_is_hooked(firewall, family))
		return false;
	if (status == FIREWALL_BUSY)
		return false;
	if (status < 0) {
		firewall_trouble(firewall, family, status);
		return false;
	}
	log_warning("firewall",
		    "no_accept: somebody changed our rules (%s), writing them "
		    "anew",
		    tools[family]);
	return firewall_write(firewall, family) == 0;
}

bool firewall_audit(struct firewall *firewall)
{
	bool changed = false;
	size_t i;

	for (i = 0; i < FIREWALL_FAMILIES; i++) {
		if (firewall->rules[i].rest > 0) {
			firewall->rules[i].rest--;
			continue;
		}
		changed = firewall_audit_family(firewall, i) || changed;
		firewall_rest(firewall, i);
	}
	return changed;
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
	size_t i;

	for (i = 0; i < FIREWALL_FAMILIES; i++)
		firewall_take_out(firewall, i);
}
