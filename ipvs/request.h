/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions that a backend has to bring. Only the files of this room
 * include this; others use backend.h.
 */
#ifndef EVENKEEL_IPVS_REQUEST_H
#define EVENKEEL_IPVS_REQUEST_H

#include "ipvs/backend.h"

/* A command to the table, and its answer. */
struct ipvs_request {
	enum ipvs_op op;
	const struct table_service *service;
	const struct table_dest *dest; /* NULL with *_SERVICE */
	/*
	 * 0, -errno as the kernel said, or -ENOBUFS if its answer was lost: then
	 * the command may have been carried out or not.
	 */
	int result;
	char text[80]; /* the kernel's own words about an error, or "" */
};

/* How many requests travel together; see netlink.c for the reason. */
#define IPVS_BATCH_MAX 64

/* The functions return 0 or -errno. */
struct ipvs_backend_ops {
	/* Append all services to TABLE, without servers. */
	int (*dump_services)(struct ipvs_backend *backend, struct table *table);
	/* Append the servers of KEY to TABLE's last service; none if it is unknown. */
	int (*dump_dests)(struct ipvs_backend *backend,
			  const struct service_key *key, struct table *table);
	/* Append one service without servers, or return -ESRCH. */
	int (*get_service)(struct ipvs_backend *backend,
			   const struct service_key *key, struct table *table);
	/*
	 * Carry out up to IPVS_BATCH_MAX requests in order and fill in their
	 * results. An error is returned only if the kernel could not be asked.
	 */
	int (*submit)(struct ipvs_backend *backend,
		      struct ipvs_request *requests, size_t nr);
	int (*flush)(struct ipvs_backend *backend);
	int (*get_info)(struct ipvs_backend *backend, struct ipvs_info *info);
	int (*get_timeouts)(struct ipvs_backend *backend,
			    struct ipvs_timeouts *timeouts);
	int (*set_timeouts)(struct ipvs_backend *backend,
			    const struct ipvs_timeouts *timeouts);
	/* Sync threads: one request and its answer; see backend.h. */
	int (*get_sync)(struct ipvs_backend *backend,
			struct ipvs_sync list[IPVS_SYNC_ROLES]);
	int (*start_sync)(struct ipvs_backend *backend,
			  const struct ipvs_sync *sync);
	int (*stop_sync)(struct ipvs_backend *backend,
			 enum ipvs_sync_role role);
	void (*close)(struct ipvs_backend *backend);
};

/* The head of every backend's own struct. */
struct ipvs_backend {
	const struct ipvs_backend_ops *ops;
	struct table scratch[2]; /* memory that one read leaves to the next */
};

/*
 * The kernel's table, if the family is there: 0 with *BACKEND the caller's,
 * -ENOENT, or -errno. Any command may still be refused with -EPERM.
 */
int ipvs_netlink_new(struct ipvs_backend **backend);

#endif
