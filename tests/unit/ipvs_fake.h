/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backend in memory that answers as the kernel does, errors included, for
 * tests. Wrong requests that the kernel accepts are accepted here
 * too.
 */
#ifndef EVENKEEL_TESTS_UNIT_IPVS_FAKE_H
#define EVENKEEL_TESTS_UNIT_IPVS_FAKE_H

#include "ipvs/backend.h"
#include "ipvs/request.h"

/* Ways to disturb it and to watch; each may be NULL. */
struct ipvs_fake_hooks {
	/*
	 * Before a request is carried out. Returns 0 to go on, or the -errno
	 * that the request shall fail with. The hook may change the table, as
	 * another program would, through ipvs_fake_submit().
	 */
	int (*before)(void *arg, const struct ipvs_request *request);
	void (*after)(void *arg, const struct ipvs_request *request);
	/* Whether a dump shall miss a service (DEST is NULL) or a server. */
	bool (*hide)(void *arg, const struct service_key *key,
		     const struct table_dest *dest);
	void *arg;
};

/*
 * A fake that holds a copy of INITIAL (NULL: empty), which need not be in order.
 * The caller owns it, for ipvs_close().
 */
struct ipvs_backend *ipvs_fake_new(const struct table *initial);

void ipvs_fake_set_hooks(struct ipvs_backend *backend,
			 const struct ipvs_fake_hooks *hooks);

/* Submit a request past the hooks; returns the request's result. */
int ipvs_fake_submit(struct ipvs_backend *backend, enum ipvs_op op,
		     const struct table_service *service,
		     const struct table_dest *dest);

/* A copy of the whole table, in order, past the hooks. */
void ipvs_fake_snapshot(struct ipvs_backend *backend, struct table *table);

#endif
