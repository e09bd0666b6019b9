/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A new configuration. A check that is in the old one too (by content, see
 * conf_check_equal(), and with the same password) lives on: its schedule, its
 * running probe, its count of failures, its MySQL session and its unsent
 * verdict stay; only its index changes. The others end without a word, and new
 * ones begin. The reload is done in one step, so there is no moment in between.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "checkers/check.h"
#include "checkers/check_path.h"
#include "checkers/checker_process.h"
#include "lib/index.h"
#include "lib/log.h"
#include "lib/util.h"

/* More passwords than any configuration has files, in the order of its checks. */
#define SECRETS_MAX 65536

void secrets_clear(struct secrets *secrets)
{
	if (secrets->list)
		explicit_bzero(secrets->list,
			       secrets->used * sizeof(*secrets->list));
	free(secrets->list);
	*secrets = (struct secrets){ 0 };
}

/* As array_grow(), but the old place is wiped. */
static void checker_reload_secrets_grow(struct secrets *secrets)
{
	size_t room = secrets->room ? secrets->room * 2 : 8;
	struct ipc_secret *list;

	if (secrets->used < secrets->room)
		return;
	list = xcalloc(room, sizeof(*list));
	if (secrets->list) {
		memcpy(list, secrets->list, secrets->used * sizeof(*list));
		explicit_bzero(secrets->list,
			       secrets->used * sizeof(*secrets->list));
	}
	free(secrets->list);
	secrets->list = list;
	secrets->room = room;
}

void checker_add_secret(struct checker *checker, uint32_t generation,
			const struct ipc_secret *secret)
{
	struct secrets *secrets = &checker->secrets;

	if (secret->length >= sizeof(secret->text)) {
		log_warning("check", "a password of %u bytes is too long",
			    secret->length);
		return;
	}
	if (secrets->generation != generation)
		secrets_clear(secrets);
	if (secrets->used == SECRETS_MAX) {
		log_warning("check", "the password of check %u is one too many",
			    secret->check);
		return;
	}
	secrets->generation = generation;
	checker_reload_secrets_grow(secrets);
	secrets->list[secrets->used] = *secret;
	secrets->list[secrets->used].text[secret->length] = '\0';
	secrets->used++;
}

/* Spread the waiting passwords over an array by check. */
static const char **
checker_reload_secrets_by_check(const struct secrets *secrets,
				uint32_t generation, const struct conf *conf)
{
	const char **by_check = xcalloc(conf->nr_checks, sizeof(*by_check));
	const struct ipc_secret *secret;
	uint32_t check;
	size_t i;

	if (secrets->generation != generation)
		return by_check;
	for (i = 0; i < secrets->used; i++) {
		secret = &secrets->list[i];
		for (check = secret->check;
		     check <= secret->last && check < conf->nr_checks; check++)
			if (conf->checks[check].traits.secret_file)
				by_check[check] = secret->text;
	}
	return by_check;
}

/* A search among the old checks, in the order of the new ones. */
struct reload_search {
	struct checker *checker;
	uint32_t next; /* behind the last one found: most edits keep the order */
	struct index index; /* of those that were left when the order failed */
	bool indexed;
};

/* Take the old check at I if it is the same as CONF, else NULL. */
static struct check *reload_take(struct reload_search *search, uint32_t i,
				 const struct conf_check *conf,
				 const char *secret)
{
	struct check *check = search->checker->checks[i];

	if (!check || !conf_check_equal(check->conf, conf) ||
	    !str_equal(check->secret, secret))
		return NULL;
	search->checker->checks[i] = NULL;
	search->next = i + 1;
	return check;
}

static void reload_index(struct reload_search *search)
{
	const struct checker *checker = search->checker;
	uint32_t i;

	for (i = 0; i < checker->nr_checks; i++) {
		if (checker->checks[i])
			index_put(&search->index,
				  conf_check_hash(checker->checks[i]->conf), i);
	}
	search->indexed = true;
}

/* Take the old check that is the same as CONF, or NULL. */
static struct check *reload_find(struct reload_search *search,
				 const struct conf_check *conf,
				 const char *secret)
{
	struct check *check = NULL;
	struct index_walk walk;
	uint32_t i;

	if (search->next < search->checker->nr_checks)
		check = reload_take(search, search->next, conf, secret);
	if (check)
		return check;
	if (!search->indexed)
		reload_index(search);
	index_for_each (&search->index, conf_check_hash(conf), &walk, i) {
		check = reload_take(search, i, conf, secret);
		if (check)
			break;
	}
	return check;
}

static void reload_warn_not_run(const struct conf *conf)
{
	uint32_t count[CHECK_KINDS] = { 0 };
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		if (!probe_type(conf->checks[i].kind))
			count[conf->checks[i].kind]++;
	}
	for (i = 0; i < CHECK_KINDS; i++) {
		if (count[i])
			log_warning("check", "%u %s will not be run", count[i],
				    check_kind_name((enum check_kind)i));
	}
}

/* The checks for CONF, by index: old ones that live on, and NULL for new ones. */
static struct check **reload_keep(struct checker *checker,
				  const struct conf *conf, const char **secrets)
{
	struct check **checks =
		xcalloc(conf->nr_checks, sizeof(struct check *));
	struct reload_search search = { .checker = checker };
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		checks[i] = reload_find(&search, &conf->checks[i], secrets[i]);
		if (!checks[i])
			continue;
		check_path_reset(checks[i]);
		checks[i]->conf = &conf->checks[i];
		checks[i]->index = i;
		outbox_renumber(&checker->outbox, &checks[i]->outbox, i);
	}
	index_free(&search.index);
	return checks;
}

/* The new ones; returns how many there were. */
static uint32_t reload_add(struct checker *checker, struct check **checks,
			   const struct conf *conf, const char **secrets)
{
	uint32_t added = 0;
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++) {
		if (checks[i])
			continue;
		checks[i] = check_new(checker, &conf->checks[i], i, secrets[i]);
		added++;
	}
	return added;
}

/* The identity of another configuration is of no use. */
static void reload_identity(struct checker *checker, uint32_t generation)
{
	bool fits = checker->next_generation == generation;

	tls_identity_leave(checker->identity);
	checker->identity = fits ? checker->next_identity : NULL;
	if (!fits)
		tls_identity_leave(checker->next_identity);
	checker->next_identity = NULL;
}

/* CONF becomes the checker's own. */
static void reload_trusts(struct checker *checker, const struct conf *conf,
			  uint32_t generation)
{
	tls_trusts_clear(&checker->trusts);
	if (checker->next_trusts_generation == generation) {
		tls_trusts_name(&checker->next_trusts, conf);
		checker->trusts = checker->next_trusts;
		memset(&checker->next_trusts, 0, sizeof(checker->next_trusts));
	} else {
		tls_trusts_clear(&checker->next_trusts);
	}
}

void checker_apply(struct checker *checker, struct conf *conf,
		   uint32_t generation)
{
	const char **secrets = checker_reload_secrets_by_check(
		&checker->secrets, generation, conf);
	struct check **checks = reload_keep(checker, conf, secrets);
	uint32_t added, i;

	reload_identity(checker, generation);
	reload_trusts(checker, conf, generation);
	for (i = 0; i < checker->nr_checks; i++) {
		if (checker->checks[i])
			check_free(checker->checks[i]);
	}
	added = reload_add(checker, checks, conf, secrets);
	log_info("check", "%u checks, %u of them new", conf->nr_checks, added);
	reload_warn_not_run(conf);
	free(secrets);
	secrets_clear(&checker->secrets);
	free(checker->checks);
	conf_free(checker->conf);
	checker->checks = checks;
	checker->nr_checks = conf->nr_checks;
	checker->conf = conf;
	checker->generation = generation;
	outbox_ready(&checker->outbox, conf->nr_checks);
	checker->promise = 0;
	checker_schedule_flush(checker);
}
