/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/netfilter/sets.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/netfilter/firewall.h"
#include "daemon/netfilter/firewall_news.h"
#include "lib/history.h"
#include "lib/log.h"
#include "conf/vrrp_conf.h"

/*
 * Time between audits: a set removed by somebody else may be missing so long.
 */
#define SETS_AUDIT USEC_PER_SEC
/* An audit may cost one percent of the time, as far as that goes. */
#define SETS_AUDIT_SHARE 100
#define SETS_AUDIT_MAX (5 * USEC_PER_SEC)
/* Delay after a notification that rules changed: more changes may follow. */
#define SETS_SOON (50 * USEC_PER_MSEC)
#define SETS_LINE_MAX 128

static const uint16_t families[] = { AF_INET, AF_INET6 };

struct sets {
	struct loop *loop;
	struct history *history;
	struct sets_names names;
	char file[256]; /* the list of our sets and of the hook */
	struct addrset_kernel *kernel; /* NULL until it is needed */
	struct firewall *firewall; /* NULL: not needed so far */
	char hook[ADDRSET_NAME_MAX]; /* where the kernel may have our jump */
	char next_hook[ADDRSET_NAME_MAX]; /* "": no rules are wanted */
	enum firewall_state state; /* as CHANGED was told */
	bool drop; /* unwanted sets, once no rule refers to them */
	struct addrsets wanted;
	struct addrsets written; /* by us; may hold unwanted sets too */
	struct loop_timer audit;
	usec_t audit_at; /* when the timer fires */
	usec_t audited; /* the end of the last audit */
	struct firewall_news *news; /* NULL: not heard */
	void (*changed)(void *arg);
	void *changed_arg;
	bool failing; /* the last trouble was told */
	uint64_t followed; /* sets_fingerprint() of the last input */
	bool loaded; /* the list of an earlier daemon was read */
};

static void sets_audit(struct loop_timer *timer);

static void sets_audit_at(struct sets *sets, usec_t when)
{
	sets->audit_at = when;
	loop_timer_set(&sets->audit, when);
}

struct sets *sets_new(struct loop *loop, const char *file, const char *suffix,
		      struct history *history)
{
	struct sets *sets = xcalloc(1, sizeof(*sets));

	sets->loop = loop;
	sets->history = history;
	snprintf(sets->file, sizeof(sets->file), "%s", file);
	sets_make_names(&sets->names, suffix);
	loop_timer_init(loop, &sets->audit, sets_audit);
	return sets;
}

void sets_free(struct sets *sets)
{
	if (!sets)
		return;
	loop_timer_clear(&sets->audit);
	firewall_news_free(sets->news);
	addrset_kernel_free(sets->kernel);
	firewall_free(sets->firewall);
	addrsets_free(&sets->wanted);
	addrsets_free(&sets->written);
	free(sets);
}

/* "hook NAME", then "set FAMILY KIND NAME", one a line. */
static void sets_save(const struct sets *sets)
{
	FILE *file;
	size_t i;
	int error = 0;

	if (!sets->firewall && sets->written.nr == 0) {
		if (unlink(sets->file) < 0 && errno != ENOENT)
			log_warning("sets", "%s: %s", sets->file,
				    strerror(errno));
		return;
	}
	file = fopen(sets->file, "we");
	if (file) {
		if (sets->firewall)
			fprintf(file, "hook %s\n", sets->hook);
		for (i = 0; i < sets->written.nr; i++)
			fprintf(file, "set %s %s %s\n",
				sets->written.sets[i].family == AF_INET6 ?
					"inet6" :
					"inet",
				sets->written.sets[i].ports ? "hash:ip,port" :
							      "hash:ip",
				sets->written.sets[i].name);
		error = ferror(file);
	}
	if (!file || fclose(file) != 0 || error)
		log_warning("sets",
			    "%s cannot be written (%s): what is in the kernel "
			    "would be left there if this daemon were killed",
			    sets->file, strerror(errno));
}

static void sets_rules_done(void *arg, bool rewritten);

static void sets_hook(struct sets *sets, const char *hook)
{
	snprintf(sets->hook, sizeof(sets->hook), "%s", hook);
	snprintf(sets->next_hook, sizeof(sets->next_hook), "%s", hook);
	sets->firewall = firewall_new(sets->loop, sets->names.chain, hook,
				      sets_rules_done, sets);
}

static void sets_load_line(struct sets *sets, const char *line)
{
	char name[ADDRSET_NAME_MAX], family[8], kind[16];

	if (sscanf(line, "hook %31s", name) == 1) {
		if (!sets->firewall)
			sets_hook(sets, name);
	} else if (sscanf(line, "set %7s %15s %31s", family, kind, name) == 3 &&
		   !addrsets_find(&sets->written, name)) {
		addrsets_add(&sets->written, name,
			     strcmp(family, "inet6") == 0 ? AF_INET6 : AF_INET,
			     strcmp(kind, "hash:ip,port") == 0);
	}
}

/* Reads the list of sets that an earlier daemon left. */
static void sets_load(struct sets *sets)
{
	char line[SETS_LINE_MAX];
	FILE *file;

	if (sets->loaded)
		return;
	sets->loaded = true;
	file = fopen(sets->file, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file))
		sets_load_line(sets, line);
	fclose(file);
}

static void sets_trouble(struct sets *sets, const char *name, const char *why)
{
	if (!sets->failing)
		log_error("sets",
			  "the set %s cannot be written: %s; tried again "
			  "every second",
			  name, why);
	sets->failing = true;
}

static bool sets_open(struct sets *sets)
{
	int error;

	if (sets->kernel)
		return true;
	error = addrset_kernel_open(&sets->kernel);
	if (error == 0)
		return true;
	sets_trouble(sets, "list", strerror(-error));
	return false;
}

static void sets_copy_set(struct addrset *to, const struct addrset *from)
{
	size_t i;

	addrset_clear(to);
	to->family = from->family;
	to->ports = from->ports;
	for (i = 0; i < from->nr; i++)
		addrset_add(to, &from->members[i].ep,
			    from->members[i].protocol);
}

/* True if SET is in the kernel now. */
static bool sets_write_one(struct sets *sets, const struct addrset *set)
{
	struct addrset *written = addrsets_find(&sets->written, set->name);
	bool new = written == NULL;

	if (addrset_kernel_write(sets->kernel, set) < 0) {
		sets_trouble(sets, set->name, addrset_kernel_why(sets->kernel));
		return false;
	}
	if (new)
		written = addrsets_add(&sets->written, set->name, set->family,
				       set->ports);
	sets_copy_set(written, set);
	log_info("sets", "%s has %zu members", set->name, set->nr);
	return true;
}

/*
 * Write wanted sets that differ from the written ones; true if all are there.
 */
static bool sets_write(struct sets *sets, bool all)
{
	struct addrset *written;
	bool fine = true, new;
	size_t i, before = sets->written.nr;

	for (i = 0; i < sets->wanted.nr; i++) {
		const struct addrset *set = &sets->wanted.sets[i];

		written = addrsets_find(&sets->written, set->name);
		if (written && !all && addrset_equal(written, set))
			continue;
		if (!sets_open(sets))
			return false;
		fine = sets_write_one(sets, set) && fine;
	}
	new = sets->written.nr != before;
	if (fine && sets->failing && sets->wanted.nr > 0) {
		log_notice("sets", "all sets are written again");
		sets->failing = false;
	}
	if (new)
		sets_save(sets);
	return fine;
}

/* Removes a set; with EMPTY, a set that a foreign rule refers to is emptied. */
static void sets_drop_one(struct sets *sets, const char *name, bool empty)
{
	int error;

	if (!sets_open(sets))
		return;
	error = addrset_kernel_remove(sets->kernel, name);
	if (error == -EBUSY && empty) {
		log_notice("sets",
			   "the set %s is emptied and stays: a rule refers to "
			   "it",
			   name);
		error = addrset_kernel_flush(sets->kernel, name);
	}
	if (error == -EIO)
		log_warning("sets", "the set %s cannot be removed: %s", name,
			    addrset_kernel_why(sets->kernel));
}

/* Remove written sets that are not wanted. */
static void sets_drop(struct sets *sets)
{
	struct addrsets kept = { 0 };
	struct addrset *to;
	size_t i;

	sets->drop = false;
	for (i = 0; i < sets->written.nr; i++) {
		const struct addrset *set = &sets->written.sets[i];

		if (!addrsets_find(&sets->wanted, set->name)) {
			sets_drop_one(sets, set->name, true);
			continue;
		}
		to = addrsets_add(&kept, set->name, set->family, set->ports);
		sets_copy_set(to, set);
	}
	if (kept.nr != sets->written.nr) {
		addrsets_swap(&kept, &sets->written);
		sets_save(sets);
	}
	addrsets_free(&kept);
}

static const struct service_key *sets_list_keys(const struct sets_input *input,
						size_t *nr)
{
	const struct conf *conf = input->conf;
	struct service_key *keys;
	size_t room = input->table ? input->table->nr_services : 0, n = 0;
	uint32_t i, k;

	for (i = 0; !input->table && i < conf->nr_virtual_servers; i++)
		room += conf->virtual_servers[i].nr_keys;
	keys = xcalloc(room + 1, sizeof(*keys));
	/* Services that the file does not name are for the checks' own packets. */
	for (i = 0; input->table && i < input->table->nr_services; i++)
		if (input->table->services[i].ref != TABLE_NO_REF)
			keys[n++] = input->table->services[i].key;
	for (i = 0; !input->table && i < conf->nr_virtual_servers; i++)
		for (k = 0; k < conf->virtual_servers[i].nr_keys; k++)
			keys[n++] = conf->virtual_servers[i].keys[k];
	*nr = n;
	return keys;
}

static void sets_free_firewall(struct sets *sets)
{
	firewall_free(sets->firewall);
	firewall_news_free(sets->news);
	sets->firewall = NULL;
	sets->news = NULL;
	sets->state = FIREWALL_READY;
	sets_save(sets);
}

/*
 * The kernel says that rules changed, by us or others: audit, but at most once
 * in SETS_AUDIT. A program that changes rules all day long, as container
 * managers do, must not keep main busy.
 */
static void sets_rules_changed(void *arg)
{
	struct sets *sets = arg;
	usec_t when = loop_now(sets->loop) + SETS_SOON;

	if (sets->audited > 0 && when < sets->audited + SETS_AUDIT)
		when = sets->audited + SETS_AUDIT;
	if (!sets->firewall || (sets->audit.set && sets->audit_at <= when))
		return;
	log_debug("sets", "the kernel tells of changed rules: looking soon");
	sets_audit_at(sets, when);
}

/* Called after the sets are written, since the rules refer to sets. */
static void sets_protect(struct sets *sets, const struct sets_input *input,
			 bool any)
{
	const char *hook = input->conf->global.sets.chain;
	const struct service_key *keys;
	struct firewall_plan plan = { .chain = sets->names.chain };
	size_t i;

	hook = hook ? hook : "INPUT";
	if (!any) {
		if (sets->firewall && sets->next_hook[0])
			firewall_remove(sets->firewall);
		sets->next_hook[0] = '\0';
		return;
	}
	if (!sets->firewall) {
		sets_hook(sets, hook);
		sets_save(sets);
	} else if (strcmp(hook, sets->next_hook) != 0) {
		snprintf(sets->next_hook, sizeof(sets->next_hook), "%s", hook);
		firewall_move(sets->firewall, hook);
	}
	if (!sets->news)
		sets->news =
			firewall_news_new(sets->loop, sets_rules_changed, sets);
	keys = sets_list_keys(input, &plan.nr_keys);
	plan.keys = keys;
	for (i = 0; i < ARRAY_SIZE(families); i++) {
		plan.family = families[i];
		plan.accept = sets->names.accept[i];
		plan.drop = sets_protects(input, families[i]) ?
				    sets->names.drop[i] :
				    NULL;
		firewall_set(sets->firewall, &plan);
	}
	free((void *)(uintptr_t)keys);
	sets->state = firewall_state(sets->firewall);
}

static void sets_update(struct sets *sets, const struct sets_input *input)
{
	const struct conf_sets *names = &input->conf->global.sets;
	struct addrsets wanted = { 0 };
	bool any = sets_protects(input, AF_INET) ||
		   sets_protects(input, AF_INET6);
	bool known = (!names->lvs || !input->lvs || input->table) &&
		     (!names->held4 || !input->vrrp || input->held);

	sets_load(sets);
	sets_wanted(input, &sets->names, &wanted);
	addrsets_swap(&wanted, &sets->wanted);
	addrsets_free(&wanted);
	if (!sets_write(sets, false))
		sets_audit_at(sets, loop_now(sets->loop) + SETS_AUDIT);
	sets_protect(sets, input, any);
	sets->drop = known;
	if (known && !(sets->firewall && firewall_is_busy(sets->firewall)))
		sets_drop(sets);
	if ((sets->wanted.nr > 0 || any) && !sets->audit.set)
		sets_audit_at(sets, loop_now(sets->loop) + SETS_AUDIT);
}

/* No sets are configured and none are left over. */
static bool sets_idle(const struct sets *sets, const struct sets_input *input)
{
	const struct conf_sets *names = &input->conf->global.sets;

	return sets->loaded && !sets->firewall && sets->written.nr == 0 &&
	       sets->wanted.nr == 0 && !names->held4 && !names->lvs &&
	       !sets_protects(input, AF_INET) &&
	       !sets_protects(input, AF_INET6);
}

void sets_follow(struct sets *sets, const struct sets_input *input)
{
	uint64_t print;

	if (sets_idle(sets, input))
		return;
	/* Most decisions change a weight, or nothing at all. */
	print = sets_fingerprint(input);
	if (!sets->loaded || print != sets->followed)
		sets_update(sets, input);
	sets->followed = print;
}

/* Whether the kernel has SET as it was written. */
static bool sets_is_there(struct sets *sets, const struct addrset *set)
{
	struct addrset actual = { .family = set->family, .ports = set->ports };
	bool there;

	snprintf(actual.name, sizeof(actual.name), "%s", set->name);
	there = addrset_kernel_read(sets->kernel, &actual) == 0 &&
		addrset_equal(&actual, set);
	addrset_clear(&actual);
	return there;
}

static void sets_repair(struct sets *sets)
{
	size_t i;

	for (i = 0; i < sets->wanted.nr; i++) {
		const struct addrset *set = &sets->wanted.sets[i];

		if (sets_is_there(sets, set))
			continue;
		if (addrsets_find(&sets->written, set->name) && !sets->failing)
			log_warning("sets",
				    "somebody changed the set %s, writing it "
				    "anew",
				    set->name);
		(void)sets_write_one(sets, set);
	}
}

bool sets_guarded(const struct sets *sets, bool *known)
{
	enum firewall_state state = FIREWALL_READY;

	if (sets->firewall)
		state = firewall_state(sets->firewall);
	*known = state != FIREWALL_TRYING;
	return state == FIREWALL_READY;
}

void sets_watch(struct sets *sets, void (*changed)(void *arg), void *arg)
{
	sets->changed = changed;
	sets->changed_arg = arg;
}

/* The audit that began when the timer fired is over; the next one may come. */
static void sets_audited(struct sets *sets)
{
	usec_t wait = (sets->audited - sets->audit_at) * SETS_AUDIT_SHARE;
	if (wait < SETS_AUDIT)
		wait = SETS_AUDIT;
	if (wait > SETS_AUDIT_MAX)
		wait = SETS_AUDIT_MAX;
	if (sets->wanted.nr > 0 || sets->firewall)
		sets_audit_at(sets, sets->audited + wait);
}

/*
 * The tool has nothing more to do. Restored rules, or rules that fail for good,
 * move addresses.
 */
static void sets_rules_done(void *arg, bool rewritten)
{
	struct sets *sets = arg;
	enum firewall_state state = firewall_state(sets->firewall);

	if (rewritten)
		history_add(sets->history, "the rules of no_accept were "
					   "written anew");
	if (sets->next_hook[0] == '\0')
		sets_free_firewall(sets);
	else if (strcmp(sets->hook, sets->next_hook) != 0) {
		snprintf(sets->hook, sizeof(sets->hook), "%s", sets->next_hook);
		sets_save(sets);
	}
	if (sets->drop)
		sets_drop(sets);
	sets->audited = loop_now_exact(sets->loop);
	if (!sets->audit.set)
		sets_audited(sets);
	if (state != sets->state && sets->changed)
		sets->changed(sets->changed_arg);
	sets->state = sets->firewall ? state : FIREWALL_READY;
}

static void sets_audit(struct loop_timer *timer)
{
	struct sets *sets = container_of(timer, struct sets, audit);

	sets->audit_at = loop_now_exact(sets->loop);
	if (sets->wanted.nr > 0 && sets_open(sets)) {
		sets_repair(sets);
		if (sets->failing)
			sets_write(sets, false);
	}
	sets->audited = loop_now_exact(sets->loop);
	if (sets->firewall)
		firewall_audit(sets->firewall);
	else
		sets_audited(sets);
}

/* A published set of services or servers. */
static bool sets_is_lvs(const struct sets *sets, const struct conf_sets *conf,
			const char *name)
{
	size_t length = conf->lvs ? strlen(conf->lvs) : 0, i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		if (strcmp(name, sets->names.drop[i]) == 0 ||
		    strcmp(name, sets->names.accept[i]) == 0)
			return false;
	}
	return conf->lvs && strncmp(name, conf->lvs, length) == 0 &&
	       (name[length] == '-' || strncmp(name + length, "6-", 2) == 0);
}

void sets_remove(struct sets *sets, const struct conf_sets *conf,
		 bool keep_table)
{
	const char *name;
	size_t i;

	loop_timer_clear(&sets->audit);
	if (sets->firewall) {
		firewall_remove_now(sets->firewall);
		sets_free_firewall(sets);
	}
	for (i = 0; i < sets->written.nr; i++) {
		name = sets->written.sets[i].name;
		sets_drop_one(sets, name,
			      !keep_table || !sets_is_lvs(sets, conf, name));
	}
	addrsets_free(&sets->written);
	addrsets_free(&sets->wanted);
	sets_save(sets);
}
