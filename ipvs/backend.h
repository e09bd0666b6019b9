/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A backend is a place that holds an IPVS table: the kernel, reached over
 * generic netlink, or a model of it in memory for tests and dry runs. A backend
 * brings the few primitives of struct ipvs_backend_ops; reading with
 * confirmation and carrying out plans are written once, on top of them, so that
 * tests with the model run the very code that the kernel gets.
 *
 * Called from main only, from one thread. Calls block, for as long as the
 * kernel works: it answers before the sending call returns.
 */
#ifndef EVENKEEL_IPVS_BACKEND_H
#define EVENKEEL_IPVS_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipvs/plan.h"
#include "ipvs/sort.h"
#include "lib/table.h"

struct ipvs_backend;

#define IPVS_TEXT_MAX 256

struct ipvs_info {
	uint32_t version; /* 0x010201 is 1.2.1 */
	uint32_t conn_tab_size; /* buckets of the connection table */
};

/* Seconds; when setting, 0 leaves a value as it is. */
struct ipvs_timeouts {
	uint32_t tcp;
	uint32_t tcp_fin;
	uint32_t udp;
};

/* A change of a plan that did not succeed. */
struct ipvs_failure {
	size_t change; /* index into plan->changes */
	int error; /* -errno */
	char text[96]; /* the kernel's own words, or ours if we refuse; often "" */
};

/* An all-zero report is empty; one report may be used many times. */
struct ipvs_report {
	size_t done; /* changes that the table has now */
	size_t already; /* of these: found to be so already */
	size_t skipped; /* servers of a service that is not there */
	/*
	 * Put off: removals, so that a family keeps a service; and servers of
	 * an exclusive service while another one could not be taken out.
	 */
	size_t held;
	size_t unknown; /* the kernel's answer was lost */
	size_t requests; /* sent, repeats included */
	/*
	 * The table was not as the plan took it to be: read it again and make a
	 * new plan now. Failures alone do not set it; they want a back-off.
	 */
	bool reread;
	struct ipvs_failure *failures; /* in the order of the changes */
	size_t nr_failures;
	size_t room_failures;
};

void ipvs_report_free(struct ipvs_report *report); /* frees the content */

/*
 * Open the kernel's table of this network namespace. Loads the ip_vs module if
 * it is missing. On success *BACKEND is the caller's, for ipvs_close(). Returns
 * 0, or -errno with advice in TEXT (IPVS_TEXT_MAX bytes): -EPERM, -ENOENT (no
 * module), or a system call's error.
 */
int ipvs_netlink_open(struct ipvs_backend **backend, char *text);
void ipvs_close(struct ipvs_backend *backend); /* NULL is allowed */

/* Services whose servers are taken to be as they were known to be. */
struct ipvs_known {
	struct ipvs_keys keys; /* sorted */
	const struct table *table; /* in order; never the target */
};

/*
 * Read the table into TABLE (whose former content is forgotten), in order. With
 * ONLY (sorted), servers are read for services in that set alone: all services
 * are in TABLE, but foreign ones without servers, and a thousand of them cost
 * nothing. The servers of services in KNOWN (NULL: of none) are copied from its
 * table, if they are there, and not asked for. Returns 0 or -errno; then TABLE is
 * empty.
 *
 * An entry in TABLE was in the kernel. An entry missing there may be in the
 * kernel all the same: a dump that is interrupted by other requests skips
 * entries without notice.
 */
int ipvs_dump(struct ipvs_backend *backend, const struct ipvs_keys *only,
	      const struct ipvs_known *known, struct table *table);

/*
 * Look again for the entries of DESIRED and the services in OURS (sorted; NULL:
 * the empty set) that are missing in ACTUAL; the tables are in order. Entries
 * found are added to ACTUAL. A service is asked for by name, a server by a
 * second dump of its service. Returns how many entries were found after all, or
 * -errno.
 */
int ipvs_confirm_absent(struct ipvs_backend *backend,
			const struct ipvs_keys *ours,
			const struct table *desired, struct table *actual);

/*
 * ipvs_dump() and ipvs_confirm_absent(): a table that a plan may be based on.
 * OURS should be the services in DESIRED and the services that may have to be
 * removed.
 */
int ipvs_read(struct ipvs_backend *backend, const struct ipvs_keys *ours,
	      const struct table *desired, const struct ipvs_known *known,
	      struct table *actual);

/*
 * The services of NR KEYS alone, as ipvs_read() would have them: what DESIRED (in
 * order) has of them and a dump has not is looked for again. A service that is
 * not there is left out. Returns 0, or -errno with an empty ACTUAL.
 */
int ipvs_read_some(struct ipvs_backend *backend, const struct service_key *keys,
		   size_t nr, const struct table *desired,
		   struct table *actual);

/*
 * Append one service with its servers to TABLE. Returns 0, -ESRCH if there is
 * no such service, or -errno; TABLE is as before unless 0.
 */
int ipvs_read_service(struct ipvs_backend *backend,
		      const struct service_key *key, struct table *table);

/*
 * Carry out PLAN. A change that fails stops no other, with two exceptions: the
 * servers of a service that could not be made are skipped, and a service is not
 * removed if, by failures before, it is its address family's last although the
 * plan meant to keep one. An addition of an existing entry becomes an edit, an
 * edit of a missing server an addition, and removing a missing entry succeeds.
 *
 * REPORT (its former content is forgotten) has the counts and the failures.
 * Returns 0 if the kernel was reached, even if it refused; -errno if it was
 * not.
 */
int ipvs_apply(struct ipvs_backend *backend, struct ipvs_plan *plan,
	       struct ipvs_report *report);

/* Remove every service in the namespace, foreign ones too. */
int ipvs_flush(struct ipvs_backend *backend);
int ipvs_get_info(struct ipvs_backend *backend, struct ipvs_info *info);
int ipvs_get_timeouts(struct ipvs_backend *backend,
		      struct ipvs_timeouts *timeouts);
int ipvs_set_timeouts(struct ipvs_backend *backend,
		      const struct ipvs_timeouts *timeouts);

/*
 * The role of a thread of the kernel's connection sync: one sends, one
 * receives. A network namespace has one thread of each role at the most.
 */
enum ipvs_sync_role {
	IPVS_SYNC_MASTER = 1, /* sends; the kernel's numbers */
	IPVS_SYNC_BACKUP = 2, /* receives */
};

#define IPVS_SYNC_ROLES 2

struct ipvs_sync {
	enum ipvs_sync_role role;
	char ifname[16];
	uint8_t id;
	uint8_t ttl;
	uint16_t maxlen; /* bytes; 0: the kernel's choice */
	uint16_t port;
	struct addr group;
};

/* Fill LIST with the running threads. Returns how many, or -errno. */
int ipvs_get_sync(struct ipvs_backend *backend,
		  struct ipvs_sync list[IPVS_SYNC_ROLES]);
/* Returns 0; -EEXIST if one of this role runs; -ENODEV, or another -errno. */
int ipvs_start_sync(struct ipvs_backend *backend, const struct ipvs_sync *sync);
/* Returns 0; -ESRCH if none runs; or another -errno. */
int ipvs_stop_sync(struct ipvs_backend *backend, enum ipvs_sync_role role);

/*
 * The reason why CHANGE failed with ERROR (-errno), for a person, with advice
 * where there is one. EXTRA is the failure's text. Returns OUT (IPVS_TEXT_MAX
 * bytes).
 */
const char *ipvs_error_text(const struct ipvs_change *change, int error,
			    const char *extra, char *out);

#endif
