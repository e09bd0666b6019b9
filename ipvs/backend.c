/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading a table, above the primitives of a backend.
 *
 * The kernel goes through its hash table bucket by bucket, a buffer full at a
 * time, and finds its place again by counting. A deletion in between shifts the
 * count, so that entries which were there all the time are missed, and no flag
 * tells (net/netfilter/ipvs/ip_vs_ctl.c, ip_vs_genl_dump_services(); the kernel
 * keeps no sequence number). So presence in a dump is a fact and absence is a
 * rumour, which ipvs_confirm_absent() settles before anyone acts on it.
 */
#include "ipvs/backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs/request.h"

void ipvs_close(struct ipvs_backend *backend)
{
	if (!backend)
		return;
	table_free(&backend->scratch[0]);
	table_free(&backend->scratch[1]);
	backend->ops->close(backend);
}

int ipvs_flush(struct ipvs_backend *backend)
{
	return backend->ops->flush(backend);
}

int ipvs_get_info(struct ipvs_backend *backend, struct ipvs_info *info)
{
	return backend->ops->get_info(backend, info);
}

int ipvs_get_sync(struct ipvs_backend *backend,
		  struct ipvs_sync list[IPVS_SYNC_ROLES])
{
	return backend->ops->get_sync(backend, list);
}

int ipvs_start_sync(struct ipvs_backend *backend, const struct ipvs_sync *sync)
{
	return backend->ops->start_sync(backend, sync);
}

int ipvs_stop_sync(struct ipvs_backend *backend, enum ipvs_sync_role role)
{
	return backend->ops->stop_sync(backend, role);
}

int ipvs_get_timeouts(struct ipvs_backend *backend,
		      struct ipvs_timeouts *timeouts)
{
	return backend->ops->get_timeouts(backend, timeouts);
}

int ipvs_set_timeouts(struct ipvs_backend *backend,
		      const struct ipvs_timeouts *timeouts)
{
	return backend->ops->set_timeouts(backend, timeouts);
}

/* The servers of KEY as KNOWN has them, if it is one of those; false: it is not. */
static bool backend_copy_known(const struct ipvs_known *known,
			       const struct service_key *key,
			       struct table *table)
{
	const struct table_service *svc;
	size_t i;

	if (!known || !ipvs_keys_has(&known->keys, key))
		return false;
	svc = ipvs_find_service(known->table, key);
	if (!svc || svc->nr_dests == 0)
		return false;
	for (i = 0; i < svc->nr_dests; i++)
		*table_add_dest(table) =
			known->table->dests[svc->first_dest + i];
	return true;
}

int ipvs_dump(struct ipvs_backend *backend, const struct ipvs_keys *only,
	      const struct ipvs_known *known, struct table *table)
{
	struct table *services = &backend->scratch[0];
	int err;
	size_t i;

	table_clear(table);
	table_clear(services);
	err = backend->ops->dump_services(backend, services);
	if (err < 0)
		return err;
	if (ipvs_sort_table(services, NULL) < 0)
		ipvs_drop_duplicates(services);
	for (i = 0; i < services->nr_services; i++) {
		const struct table_service *svc = &services->services[i];

		ipvs_append_service(table, svc);
		if ((only && !ipvs_keys_has(only, &svc->key)) ||
		    backend_copy_known(known, &svc->key, table))
			continue;
		err = backend->ops->dump_dests(backend, &svc->key, table);
		if (err < 0) {
			table_clear(table);
			return err;
		}
	}
	if (ipvs_sort_table(table, NULL) < 0)
		ipvs_drop_duplicates(table);
	return 0;
}

int ipvs_read_service(struct ipvs_backend *backend,
		      const struct service_key *key, struct table *table)
{
	size_t services = table->nr_services;
	size_t dests = table->nr_dests;
	int err;

	err = backend->ops->get_service(backend, key, table);
	if (err == 0)
		err = backend->ops->dump_dests(backend, key, table);
	if (err < 0) {
		table->nr_services = services;
		table->nr_dests = dests;
	}
	return err;
}

static bool backend_lacks_dest(const struct table *desired,
			       const struct table_service *svc,
			       const struct table *actual,
			       const struct table_service *old_svc)
{
	struct ipvs_dests dest = ipvs_dests(desired, svc);
	struct ipvs_dests old = ipvs_dests(actual, old_svc);

	while (dest.at < dest.end) {
		int order = ipvs_dests_cmp(old, dest);

		if (order > 0)
			return true;
		if (order == 0)
			dest.at++;
		old.at++;
	}
	return false;
}

static int backend_read_again(struct ipvs_backend *backend,
			      const struct service_key *key,
			      struct table *again)
{
	int err = ipvs_read_service(backend, key, again);

	return err == -ESRCH ? 0 : err;
}

/* Read SVC of DESIRED again if ACTUAL does not have it, or not fully. */
static int backend_read_missing(struct ipvs_backend *backend,
				const struct table *desired,
				const struct table_service *svc,
				const struct table *actual, struct table *again)
{
	const struct table_service *old_svc =
		ipvs_find_service(actual, &svc->key);

	if (old_svc && !backend_lacks_dest(desired, svc, actual, old_svc))
		return 0;
	return backend_read_again(backend, &svc->key, again);
}

/* Read again every service that DESIRED has and ACTUAL has not, or not fully. */
static int backend_read_wanted(struct ipvs_backend *backend,
			       const struct table *desired,
			       const struct table *actual, struct table *again)
{
	size_t i;
	int err = 0;

	for (i = 0; i < desired->nr_services && err == 0; i++)
		err = backend_read_missing(
			backend, desired, &desired->services[i], actual, again);
	return err;
}

/* Read again the services that are ours, not wanted any more, and not seen. */
static int backend_read_unwanted(struct ipvs_backend *backend,
				 const struct ipvs_keys *ours,
				 const struct table *desired,
				 const struct table *actual,
				 struct table *again)
{
	size_t i;

	for (i = 0; ours && i < ours->nr; i++) {
		int err;

		if (ipvs_find_service(actual, &ours->keys[i]) ||
		    ipvs_find_service(desired, &ours->keys[i]))
			continue;
		err = backend_read_again(backend, &ours->keys[i], again);
		if (err < 0)
			return err;
	}
	return 0;
}

static size_t backend_count_entries(const struct table *table)
{
	size_t i, count = table->nr_services;

	for (i = 0; i < table->nr_services; i++)
		count += table->services[i].nr_dests;
	return count;
}

/* Add to ACTUAL what AGAIN, in any order, has besides. */
static void backend_join(struct ipvs_backend *backend, struct table *actual,
			 struct table *again)
{
	struct table *joined = &backend->scratch[1];
	struct table swap;

	if (ipvs_sort_table(again, NULL) < 0)
		ipvs_drop_duplicates(again);
	ipvs_join_tables(joined, actual, again);
	swap = *actual;
	*actual = *joined;
	*joined = swap;
}

int ipvs_confirm_absent(struct ipvs_backend *backend,
			const struct ipvs_keys *ours,
			const struct table *desired, struct table *actual)
{
	struct table *again = &backend->scratch[0];
	size_t before;
	int err;

	table_clear(again);
	err = backend_read_wanted(backend, desired, actual, again);
	if (err == 0)
		err = backend_read_unwanted(backend, ours, desired, actual,
					    again);
	if (err < 0)
		return err;
	if (again->nr_services == 0)
		return 0;
	before = backend_count_entries(actual);
	backend_join(backend, actual, again);
	return (int)(backend_count_entries(actual) - before);
}

int ipvs_read_some(struct ipvs_backend *backend, const struct service_key *keys,
		   size_t nr, const struct table *desired, struct table *actual)
{
	struct table *again = &backend->scratch[0];
	const struct table_service *svc;
	int err = 0;
	size_t i;

	table_clear(actual);
	for (i = 0; i < nr && err == 0; i++)
		err = backend_read_again(backend, &keys[i], actual);
	if (ipvs_sort_table(actual, NULL) < 0)
		ipvs_drop_duplicates(actual);
	table_clear(again);
	for (i = 0; i < nr && err == 0; i++) {
		svc = ipvs_find_service(desired, &keys[i]);
		if (svc)
			err = backend_read_missing(backend, desired, svc,
						   actual, again);
	}
	if (err == 0 && again->nr_services > 0)
		backend_join(backend, actual, again);
	if (err < 0)
		table_clear(actual);
	return err;
}

int ipvs_read(struct ipvs_backend *backend, const struct ipvs_keys *ours,
	      const struct table *desired, const struct ipvs_known *known,
	      struct table *actual)
{
	int err;

	err = ipvs_dump(backend, ours, known, actual);
	if (err < 0)
		return err;
	err = ipvs_confirm_absent(backend, ours, desired, actual);
	if (err < 0) {
		table_clear(actual);
		return err;
	}
	return 0;
}
