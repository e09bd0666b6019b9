/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/sync.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/history.h"
#include "daemon/proc/sysctl.h"
#include "lib/log.h"
#include "conf/pair_conf.h"

struct sync_thread {
	bool ours; /* started or taken over by us */
	bool running; /* as seen last */
	uint16_t started; /* with this maxlen */
	int told; /* the -errno that was logged last; 0: none */
};

struct sync {
	struct history *history;
	struct sync_thread threads[IPVS_SYNC_ROLES];
	int told; /* likewise, of asking the kernel */
	int tuning_told;
	bool warned; /* of values that are not tuned */
};

/*
 * The sysctls that decide whether a takeover loses connections, and safe
 * values.
 */
static const struct {
	const char *name;
	const char *value;
} sync_tuning[] = {
	/* A connection is synced at its first packet, not at its third. */
	{ "sync_threshold", "0 0" },
	/*
	 * A lasting connection is synced again this often (s), so it stays
	 * known.
	 */
	{ "sync_refresh_period", "10" },
	/* A sync message is sent three times: multicast may lose one. */
	{ "sync_retries", "2" },
	/* With 1, a box that receives, as both boxes do, would not balance. */
	{ "backup_only", "0" },
};

struct sync *sync_new(struct history *history)
{
	struct sync *sync = xcalloc(1, sizeof(*sync));

	sync->history = history;
	return sync;
}

void sync_free(struct sync *sync)
{
	free(sync);
}

static const char *sync_role_name(enum ipvs_sync_role role)
{
	return role == IPVS_SYNC_MASTER ? "sender" : "receiver";
}

bool sync_same(const struct ipvs_sync *actual, const struct ipvs_sync *wanted,
	       uint16_t started)
{
	if (wanted->maxlen != started && wanted->maxlen != actual->maxlen)
		return false;
	return strcmp(actual->ifname, wanted->ifname) == 0 &&
	       actual->id == wanted->id && actual->port == wanted->port &&
	       actual->ttl == wanted->ttl &&
	       addr_cmp(&actual->group, &wanted->group) == 0;
}

static struct ipvs_sync sync_wanted(const struct pair_sync *conf,
				    enum ipvs_sync_role role)
{
	struct ipvs_sync wanted = { .role = role,
				    .id = conf->id,
				    .ttl = conf->ttl,
				    .maxlen = conf->maxlen,
				    .port = conf->port,
				    .group = conf->group };

	snprintf(wanted.ifname, sizeof(wanted.ifname), "%s", conf->ifname);
	return wanted;
}

static void sync_start(struct sync *sync, struct ipvs_backend *backend,
		       const struct ipvs_sync *wanted)
{
	struct sync_thread *thread = &sync->threads[wanted->role - 1];
	int error = ipvs_start_sync(backend, wanted);

	thread->running = error == 0;
	if (error < 0) {
		if (thread->told != error)
			log_error("sync",
				  "the %s cannot be started on %s: %s; it is "
				  "tried again",
				  sync_role_name(wanted->role), wanted->ifname,
				  strerror(-error));
		thread->told = error;
		return;
	}
	thread->told = 0;
	thread->ours = true;
	thread->started = wanted->maxlen;
	log_notice("sync", "the %s runs on %s with id %u",
		   sync_role_name(wanted->role), wanted->ifname, wanted->id);
	history_add(sync->history, "connection sync: the %s runs on %s",
		    sync_role_name(wanted->role), wanted->ifname);
}

static void sync_stop(struct sync *sync, struct ipvs_backend *backend,
		      enum ipvs_sync_role role, const char *why)
{
	int error = ipvs_stop_sync(backend, role);

	sync->threads[role - 1].ours = false;
	sync->threads[role - 1].running = false;
	if (error < 0 && error != -ESRCH)
		log_error("sync", "the %s cannot be stopped: %s",
			  sync_role_name(role), strerror(-error));
	else
		log_notice("sync", "the %s is stopped: %s",
			   sync_role_name(role), why);
}

static const struct ipvs_sync *sync_find_role(const struct ipvs_sync *list,
					      int nr, enum ipvs_sync_role role)
{
	int i;

	for (i = 0; i < nr; i++)
		if (list[i].role == role)
			return &list[i];
	return NULL;
}

static void sync_one(struct sync *sync, struct ipvs_backend *backend,
		     const struct ipvs_sync *wanted,
		     const struct ipvs_sync *actual)
{
	struct sync_thread *thread = &sync->threads[wanted->role - 1];

	if (actual && sync_same(actual, wanted, thread->started)) {
		if (!thread->ours)
			log_info("sync", "the %s runs already",
				 sync_role_name(wanted->role));
		thread->ours = true;
		thread->running = true;
		return;
	}
	if (actual)
		sync_stop(sync, backend, wanted->role,
			  "its settings are not those of the file");
	else if (thread->running)
		log_warning("sync", "the %s was stopped by somebody else",
			    sync_role_name(wanted->role));
	sync_start(sync, backend, wanted);
}

static void sync_tune(struct sync *sync)
{
	char value[64];
	size_t i;
	int error = 0;

	for (i = 0; i < ARRAY_SIZE(sync_tuning) && error == 0; i++) {
		error = sysctl_read(sync_tuning[i].name, value, sizeof(value));
		if (error < 0 || strcmp(value, sync_tuning[i].value) == 0)
			continue;
		error = sysctl_write(sync_tuning[i].name, sync_tuning[i].value);
		if (error == 0)
			log_notice("sync", "%s: \"%s\" -> \"%s\"",
				   sync_tuning[i].name, value,
				   sync_tuning[i].value);
	}
	if (error < 0 && sync->tuning_told != error)
		log_error("sync", "lvs_sync_tuning: %s cannot be set: %s",
			  sync_tuning[i - 1].name, strerror(-error));
	sync->tuning_told = error;
}

static void sync_warn(struct sync *sync)
{
	char value[64], text[256] = "";
	size_t i, used = 0;

	if (sync->warned)
		return;
	for (i = 0; i < ARRAY_SIZE(sync_tuning); i++) {
		if (sysctl_read(sync_tuning[i].name, value, sizeof(value)) <
			    0 ||
		    strcmp(value, sync_tuning[i].value) == 0)
			continue;
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s%s is \"%s\" (\"%s\")",
					 used ? ", " : "", sync_tuning[i].name,
					 value, sync_tuning[i].value);
	}
	if (used)
		log_warning("sync",
			    "sessions that only logged in or stay idle do not "
			    "survive a takeover: %s; lvs_sync_tuning on sets "
			    "the values in brackets",
			    text);
	sync->warned = true;
}

static void sync_unwanted(struct sync *sync, struct ipvs_backend *backend)
{
	int role;

	for (role = 1; role <= IPVS_SYNC_ROLES; role++)
		if (sync->threads[role - 1].ours)
			sync_stop(sync, backend, (enum ipvs_sync_role)role,
				  "the file has no lvs_sync_daemon any more");
	sync->warned = false;
}

void sync_reconcile(struct sync *sync, struct ipvs_backend *backend,
		    const struct conf *conf)
{
	const struct pair_sync *want = &conf->pair->sync;
	struct ipvs_sync list[IPVS_SYNC_ROLES], wanted;
	int role, nr;

	if (!want->ifname) {
		sync_unwanted(sync, backend);
		return;
	}
	nr = ipvs_get_sync(backend, list);
	if (nr < 0) {
		if (sync->told != nr)
			log_error(
				"sync",
				"the kernel does not list its sync daemons: %s",
				strerror(-nr));
		sync->told = nr;
		return;
	}
	sync->told = 0;
	/* Before the threads: some values are read when the first one starts. */
	if (conf->global.lvs_sync_tuning)
		sync_tune(sync);
	else
		sync_warn(sync);
	for (role = 1; role <= IPVS_SYNC_ROLES; role++) {
		wanted = sync_wanted(want, (enum ipvs_sync_role)role);
		sync_one(sync, backend, &wanted,
			 sync_find_role(list, nr, wanted.role));
	}
}

void sync_release(struct sync *sync, struct ipvs_backend *backend)
{
	int role;

	for (role = 1; role <= IPVS_SYNC_ROLES; role++)
		if (sync->threads[role - 1].ours)
			sync_stop(sync, backend, (enum ipvs_sync_role)role,
				  "the daemon ends, and the table goes too");
}

void sync_get(const struct sync *sync, struct sync_view *view)
{
	view->sends = sync->threads[IPVS_SYNC_MASTER - 1].running;
	view->receives = sync->threads[IPVS_SYNC_BACKUP - 1].running;
}
