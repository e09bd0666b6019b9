/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/operator/state.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "balance/balance.h"
#include "daemon/operator/override_store.h"
#include "daemon/operator/operator.h"
#include "daemon/operator/overrides.h"
#include "daemon/operator/word_index.h"
#include "lib/log.h"

#define STATE_VERSION 1
#define STATE_SIZE_MAX (16 * 1024 * 1024)

static struct json_object *
state_of_server(const struct conf *conf, uint32_t server,
		const struct balance_server_view *view, int64_t said)
{
	struct json_object *obj = json_object_new_object();
	const struct conf_server *cs = &conf->servers[server];
	char addr[ENDPOINT_TEXT_MAX];

	json_object_object_add(
		obj, "virtual_server",
		json_object_new_string(conf->virtual_servers[cs->vs].name));
	json_object_object_add(
		obj, "server",
		json_object_new_string(endpoint_format(&cs->addr, addr)));
	json_object_object_add(
		obj, "word",
		json_object_new_string(operator_word(view->override)));
	if (view->override == OVERRIDE_WEIGHT)
		json_object_object_add(
			obj, "weight",
			json_object_new_int64(view->override_weight));
	if (said)
		json_object_object_add(obj, "said_us",
				       json_object_new_int64(said));
	return obj;
}

static void state_add_seat(struct json_object *list, const char *virtual_server,
			   const struct endpoint *server, int64_t term,
			   bool fell)
{
	struct json_object *obj = json_object_new_object();
	char addr[ENDPOINT_TEXT_MAX];

	json_object_object_add(obj, "virtual_server",
			       json_object_new_string(virtual_server));
	json_object_object_add(
		obj, "server",
		json_object_new_string(endpoint_format(server, addr)));
	if (term)
		json_object_object_add(obj, "term",
				       json_object_new_int64(term));
	if (fell)
		json_object_object_add(obj, "fell",
				       json_object_new_boolean(true));
	json_object_array_add(list, obj);
}

/* A word on the pool of WORD's server, to look for it. */
static struct ipc_peer_word state_pool_of(const struct ipc_peer_word *word)
{
	struct ipc_peer_word pool = { .kind = PEER_KIND_PAUSE,
				      .server.addr.family = AF_INET };

	memcpy(pool.virtual_server, word->virtual_server,
	       sizeof(pool.virtual_server));
	return pool;
}

/* Of servers that the file has no more, as long as it has their pool. */
static void state_collect_left_seats(struct json_object *list,
				     const struct conf *conf,
				     const struct override_store *store)
{
	const struct ipc_peer_word *word;
	struct word_index index = { 0 };
	struct index_walk walk;
	struct ipc_peer_word pool;
	uint32_t vs;
	size_t i;

	word_index_make(&index, conf);
	for (i = 0; (word = override_store_at(store, i)); i++) {
		if (word->kind != PEER_KIND_SEAT)
			continue;
		walk = (struct index_walk){ 0 };
		if (word_index_server(&index, word, &walk) != INDEX_END)
			continue;
		walk = (struct index_walk){ 0 };
		pool = state_pool_of(word);
		vs = word_index_pool(&index, &pool, &walk);
		if (vs != INDEX_END)
			state_add_seat(list, conf->virtual_servers[vs].name,
				       &word->server, word->said, false);
	}
	word_index_free(&index);
}

/* The terms of writers' seats; a list of its own, which older versions skip. */
static struct json_object *
state_collect_seats(const struct balance *balance,
		    const struct override_store *store)
{
	const struct conf *conf = balance_conf(balance);
	struct json_object *list = json_object_new_array();
	struct balance_server_view view;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		const struct conf_server *cs = &conf->servers[i];

		balance_view_server(balance, i, &view);
		if (view.term > 0 || view.fell)
			state_add_seat(list, conf->virtual_servers[cs->vs].name,
				       &cs->addr, view.term, view.fell);
	}
	if (override_store_at(store, 0))
		state_collect_left_seats(list, conf, store);
	return list;
}

/* The last word on each pool, "resume" too, for the same reason as "ready". */
static struct json_object *
state_collect_pauses(const struct conf *conf,
		     const struct override_store *store)
{
	struct json_object *list = json_object_new_array(), *obj;
	const struct ipc_peer_word *word;
	struct ipc_peer_word like;
	uint32_t vs;

	for (vs = 0; vs < conf->nr_virtual_servers; vs++) {
		override_store_pause(conf, vs, 0, &like);
		word = override_store_find(store, &like);
		if (!word)
			continue;
		obj = json_object_new_object();
		json_object_object_add(
			obj, "virtual_server",
			json_object_new_string(conf->virtual_servers[vs].name));
		json_object_object_add(obj, "for_ms",
				       json_object_new_int64(word->weight));
		json_object_object_add(obj, "said_us",
				       json_object_new_int64(word->said));
		json_object_array_add(list, obj);
	}
	return list;
}

/*
 * The time of the last word on a server; 0: none, or from before times were
 * kept.
 */
static int64_t state_said(const struct conf *conf, uint32_t server,
			  const struct override_store *store)
{
	struct ipc_peer_word like;
	const struct ipc_peer_word *word;

	override_store_word(conf, server, OVERRIDE_NONE, 0, &like);
	word = override_store_find(store, &like);
	return word ? word->said : 0;
}

static struct json_object *state_collect(const struct balance *balance,
					 const struct override_store *store)
{
	const struct conf *conf = balance_conf(balance);
	struct json_object *obj = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct balance_server_view view;
	bool any = override_store_at(store, 0) != NULL;
	int64_t said = 0;
	uint32_t i;

	for (i = 0; i < conf->nr_servers; i++) {
		balance_view_server(balance, i, &view);
		if (any)
			said = state_said(conf, i, store);
		/*
		 * "ready" is written too: it beats an older word of the peer.
		 */
		if (view.override != OVERRIDE_NONE || said)
			json_object_array_add(
				list, state_of_server(conf, i, &view, said));
	}
	json_object_object_add(obj, "version",
			       json_object_new_int(STATE_VERSION));
	json_object_object_add(obj, "overrides", list);
	json_object_object_add(obj, "seats",
			       state_collect_seats(balance, store));
	json_object_object_add(obj, "pauses",
			       state_collect_pauses(conf, store));
	return obj;
}

char *state_format(const struct balance *balance,
		   const struct override_store *store)
{
	struct json_object *obj = state_collect(balance, store);
	char *text = xstrdup(
		json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY));

	json_object_put(obj);
	return text;
}

/* Returns the whole file (the caller frees it), or NULL with errno set. */
static char *state_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *text = NULL;
	struct stat st;
	ssize_t got;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size < STATE_SIZE_MAX) {
		text = xcalloc(1, (size_t)st.st_size + 1);
		got = read(fd, text, (size_t)st.st_size);
		if (got != st.st_size) {
			free(text);
			text = NULL;
			errno = EIO;
		}
	} else {
		errno = EFBIG;
	}
	close(fd);
	return text;
}

static const char *state_text(struct json_object *obj, const char *key)
{
	struct json_object *value = json_object_object_get(obj, key);

	return json_object_is_type(value, json_type_string) ?
		       json_object_get_string(value) :
		       NULL;
}

/* The words of a file, while it is read. */
struct state_target {
	struct balance *balance;
	struct override_store *store;
	struct word_index index; /* of the balance's configuration */
	usec_t now;
};

/*
 * The next server that REQUEST means, which names one with its pool and port.
 */
static uint32_t state_next(struct state_target *target,
			   const struct operator_request *request,
			   struct index_walk *walk)
{
	const struct conf *conf = balance_conf(target->balance);
	struct ipc_peer_word like = { .server = request->addr };
	uint32_t i;

	snprintf(like.virtual_server, sizeof(like.virtual_server), "%s",
		 request->virtual_server);
	/* A word's name of a pool may be cut, and the file's is not. */
	do
		i = word_index_server(&target->index, &like, walk);
	while (i != INDEX_END && !operator_means(conf, request, i));
	return i;
}

/* Returns false if a younger word is known already. */
static bool state_note_time(struct state_target *target,
			    const struct operator_request *request,
			    int64_t said)
{
	const struct conf *conf = balance_conf(target->balance);
	struct index_walk walk = { 0 };
	struct ipc_peer_word word;
	bool younger = true;
	uint32_t i;

	while (said > 0 &&
	       (i = state_next(target, request, &walk)) != INDEX_END) {
		override_store_word(conf, i, request->kind, request->weight,
				    &word);
		word.said = said;
		younger = override_store_put(target->store, &word,
					     override_store_clock()) &&
			  younger;
	}
	return younger;
}

static void state_override(struct state_target *target,
			   const struct operator_request *request)
{
	struct index_walk walk = { 0 };
	bool any = false;
	uint32_t i;

	while ((i = state_next(target, request, &walk)) != INDEX_END) {
		balance_override(target->balance, i, request->kind,
				 request->weight, target->now);
		any = true;
	}
	if (!any && request->kind != OVERRIDE_NONE)
		log_notice(
			"operator",
			"'%s %s' is not in the configuration any more: forgotten",
			operator_word(request->kind), request->server);
}

/* Applies an entry; an entry for a server no longer configured is ignored. */
static bool state_apply_one(struct state_target *target,
			    struct json_object *obj)
{
	const char *virtual_server = state_text(obj, "virtual_server");
	const char *server = state_text(obj, "server");
	const char *word = state_text(obj, "word");
	struct json_object *weight = json_object_object_get(obj, "weight");
	struct operator_request request = { 0 };

	if (!virtual_server || !server || !word ||
	    operator_kind(word, &request.kind) < 0)
		return false;
	operator_name_server(&request, server);
	request.virtual_server = virtual_server;
	if (json_object_get_int64(weight) < 0 ||
	    json_object_get_int64(weight) > INT32_MAX)
		return false;
	request.weight = (uint32_t)json_object_get_int64(weight);
	if (state_note_time(target, &request,
			    json_object_get_int64(
				    json_object_object_get(obj, "said_us"))))
		state_override(target, &request);
	return true;
}

/* The words of operators in the same file are worth more than one term. */
static bool state_pass_over_seat(const struct operator_request *request,
				 int64_t term)
{
	log_warning("operator",
		    "the state file gives %s of %s the impossible term %lld: "
		    "passed over, the next writer gets a new one",
		    request->server, request->virtual_server, (long long)term);
	return true;
}

/* The server is not in the file now; it may come back, and its pool may be there. */
static void state_apply_left_seat(struct state_target *target,
				  const struct operator_request *request,
				  int64_t term)
{
	struct ipc_peer_word word = { .kind = PEER_KIND_SEAT,
				      .server = request->addr,
				      .said = term },
			     pool;
	struct index_walk walk;
	uint32_t vs;

	snprintf(word.virtual_server, sizeof(word.virtual_server), "%s",
		 request->virtual_server);
	pool = state_pool_of(&word);
	word_index_for_each_pool (&target->index, &pool, &walk, vs) {
		override_store_put(target->store, &word,
				   override_store_clock());
		balance_seat_left(target->balance, vs, term);
	}
}

static void state_apply_term(struct state_target *target,
			     const struct operator_request *request,
			     int64_t term)
{
	const struct conf *conf = balance_conf(target->balance);
	struct index_walk walk = { 0 };
	struct ipc_peer_word word;
	bool any = false;
	uint32_t i;

	while ((i = state_next(target, request, &walk)) != INDEX_END) {
		override_store_seat(conf, i, term, &word);
		override_store_put(target->store, &word,
				   override_store_clock());
		balance_seat(target->balance, i, term);
		any = true;
	}
	if (!any)
		state_apply_left_seat(target, request, term);
}

static bool state_apply_seat(struct state_target *target,
			     struct json_object *obj)
{
	const char *server = state_text(obj, "server");
	struct operator_request request = { 0 };
	struct json_object *term = json_object_object_get(obj, "term");
	bool fell =
		json_object_get_boolean(json_object_object_get(obj, "fell"));
	struct ipc_peer_word word = { .said = json_object_get_int64(term) };
	struct index_walk walk = { 0 };
	uint32_t i;

	request.virtual_server = state_text(obj, "virtual_server");
	if (!request.virtual_server || !server)
		return false;
	operator_name_server(&request, server);
	if ((term || !fell) &&
	    (word.said <= 0 ||
	     override_store_is_future(&word, override_store_clock())))
		return state_pass_over_seat(&request, word.said);
	if (term)
		state_apply_term(target, &request, word.said);
	while (fell && (i = state_next(target, &request, &walk)) != INDEX_END)
		balance_fell(target->balance, i);
	return true;
}

static bool state_apply_pause(struct state_target *target,
			      struct json_object *obj)
{
	const struct conf *conf = balance_conf(target->balance);
	const char *name = state_text(obj, "virtual_server");
	int64_t ms =
		json_object_get_int64(json_object_object_get(obj, "for_ms"));
	int64_t said =
		json_object_get_int64(json_object_object_get(obj, "said_us"));
	struct ipc_peer_word word = { 0 }, like;
	struct index_walk walk;
	uint32_t vs;

	if (!name)
		return false;
	snprintf(word.virtual_server, sizeof(word.virtual_server), "%s", name);
	like = state_pool_of(&word);
	word_index_for_each_pool (&target->index, &like, &walk, vs) {
		if (strcmp(conf->virtual_servers[vs].name, name) != 0)
			continue;
		override_store_pause(conf, vs, (uint32_t)ms, &word);
		word.said = said;
		if (said <= 0 || ms < 0 ||
		    ms > OVERRIDES_PAUSE_MAX / USEC_PER_MSEC ||
		    override_store_is_future(&word, override_store_clock())) {
			log_warning("operator",
				    "the state file has an impossible pause of "
				    "%s: passed over; say it again if it is "
				    "still wanted",
				    name);
			continue;
		}
		if (override_store_put(target->store, &word,
				       override_store_clock()) ||
		    override_store_find(target->store, &word)->said == said)
			balance_pause(target->balance, vs,
				      target->now +
					      override_store_left(
						      &word,
						      override_store_clock()),
				      target->now);
	}
	return true;
}

static bool state_apply(struct state_target *target, const char *text)
{
	struct json_object *obj = json_tokener_parse(text);
	struct json_object *list = NULL;
	bool fine = json_object_object_get_ex(obj, "overrides", &list) &&
		    json_object_is_type(list, json_type_array);
	size_t i;

	for (i = 0; fine && i < json_object_array_length(list); i++)
		fine = state_apply_one(target,
				       json_object_array_get_idx(list, i));
	/* Files of older versions have none. */
	if (fine && json_object_object_get_ex(obj, "seats", &list) &&
	    json_object_is_type(list, json_type_array))
		for (i = 0; fine && i < json_object_array_length(list); i++)
			fine = state_apply_seat(
				target, json_object_array_get_idx(list, i));
	if (fine && json_object_object_get_ex(obj, "pauses", &list) &&
	    json_object_is_type(list, json_type_array))
		for (i = 0; fine && i < json_object_array_length(list); i++)
			fine = state_apply_pause(
				target, json_object_array_get_idx(list, i));
	json_object_put(obj);
	return fine;
}

static int state_set_aside(const char *path)
{
	char aside[512];

	snprintf(aside, sizeof(aside), "%s.damaged", path);
	if (rename(path, aside) < 0)
		log_error("operator", "the state file %s is damaged: %s", path,
			  strerror(errno));
	else
		log_error(
			"operator",
			"the state file %s is damaged; it is kept as %s. Look "
			"there for servers that were drained or disabled, and say it again",
			path, aside);
	return -EBADMSG;
}

int state_load(const char *path, struct balance *balance,
	       struct override_store *store, usec_t now)
{
	struct state_target target = { balance, store, .now = now };
	char *text = state_read(path);
	bool fine;

	if (!text && errno == ENOENT)
		return 0;
	if (!text) {
		log_error("operator", "the state file %s cannot be read: %s",
			  path, strerror(errno));
		return state_set_aside(path);
	}
	word_index_make(&target.index, balance_conf(balance));
	fine = state_apply(&target, text);
	word_index_free(&target.index);
	free(text);
	return fine ? 0 : state_set_aside(path);
}
