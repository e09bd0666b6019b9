/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's table, kept equal to the wanted one.
 *
 * The kernel's table is remembered as a model: the last read, with every change
 * applied since. A decision is compared with the model, so that an ordinary
 * change costs only the requests it needs. The model is checked against the
 * kernel every few seconds, and thrown away whenever an answer of the kernel
 * shows it wrong.
 *
 * Ownership: we own the services that the file names or named before. The run
 * directory holds a list of them, so that a service that vanished from the
 * configuration while the daemon was stopped is removed. Foreign services are
 * never touched.
 */
#ifndef EVENKEEL_DAEMON_KERNEL_H
#define EVENKEEL_DAEMON_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "ipvs/backend.h"
#include "lib/table.h"
#include "lib/util.h"

struct history;
struct kernel;

/*
 * For a change's log line: why it is made, into OUT. Returns false for a
 * routine change, which is logged at level info.
 */
typedef bool kernel_reason(void *arg, const struct ipvs_change *change,
			   char *out, size_t size);

struct kernel_counters {
	uint64_t changes; /* carried out */
	uint64_t failures;
	uint64_t repairs; /* differences that somebody else had made */
	uint64_t audits;
	usec_t last_audit; /* when the kernel was last seen equal; 0: never */
	usec_t audit_cost; /* of the last one */
};

/* OWNED_PATH: the file with the owned services. */
struct kernel *kernel_new(const char *owned_path, kernel_reason *reason,
			  void *arg);
/*
 * As kernel_new(), but OWNED_PATH is only read: for plans that are not carried
 * out.
 */
struct kernel *kernel_new_reader(const char *owned_path, kernel_reason *reason,
				 void *arg);
/* Keep every change in HISTORY too, which must outlive the kernel. */
void kernel_keep_history(struct kernel *kernel, struct history *history);
void kernel_free(struct kernel *kernel); /* leaves the kernel's table as it is */

/*
 * Connect to the kernel. Returns 0 or -errno, which has been logged with the
 * remedy (once for each different error). A repeated call is harmless.
 */
int kernel_open(struct kernel *kernel);
/* Use BACKEND from now on, which becomes the kernel's: for tests with a fake. */
void kernel_use(struct kernel *kernel, struct ipvs_backend *backend);
bool kernel_is_open(const struct kernel *kernel);
struct ipvs_backend *kernel_backend(struct kernel *kernel);

/*
 * Read the table as it is, for adoption: services in WANTED and those we own.
 * The result belongs to the kernel and is good until the next call. NULL if the
 * kernel cannot be read.
 */
const struct table *kernel_read(struct kernel *kernel,
				const struct table *wanted);
/*
 * The same of the services of NR KEYS alone, for answers and metrics: main is held for
 * a few servers, not for all. WANTED is in order.
 */
const struct table *kernel_read_some(struct kernel *kernel,
				     const struct service_key *keys, size_t nr,
				     const struct table *wanted);
/* Whether the kernel's table can be read: it is asked now. */
bool kernel_is_reached(struct kernel *kernel);

/*
 * Make the kernel equal to WANTED (sorted here). Returns 0; -EAGAIN if a change
 * failed and should be tried again after a while (failures have been logged,
 * once); or -errno if the kernel cannot be reached.
 */
int kernel_apply(struct kernel *kernel, struct table *wanted);

/*
 * Compare the kernel itself with WANTED and repair the differences. Changes
 * that the kernel has refused are left to the next kernel_apply(), and hold up
 * no repair. Returns as kernel_apply(). NOW is for the counters.
 */
int kernel_audit(struct kernel *kernel, struct table *wanted, usec_t now,
		 usec_t (*clock)(void));

/* The services that are ours, sorted; good until the next call. */
const struct ipvs_keys *kernel_owned(const struct kernel *kernel);
/* Whether the kernel's table, as last known, has the service KEY with a server. */
bool kernel_has(const struct kernel *kernel, const struct service_key *key);
/*
 * By which -errno the kernel refused to make the service KEY at the last try; 0: it
 * did not, or was not asked.
 */
int kernel_refused(const struct kernel *kernel, const struct service_key *key);

/* Whether a change was newly refused since the last call. */
bool kernel_take_news(struct kernel *kernel);

/*
 * The last audit's table, with the kernel's counts of connections; NULL if there
 * is none. Good until the next call of any other function.
 */
const struct table *kernel_last_audit(const struct kernel *kernel);
/* Drop the last audit; a large table is freed until the next one. */
void kernel_forget_audit(struct kernel *kernel);

/* Plan the changes to WANTED, but carry out none. KERNEL owns the plan. */
const struct ipvs_plan *kernel_plan(struct kernel *kernel,
				    struct table *wanted);

/* Remove our services. Returns 0 or -errno. */
int kernel_remove_ours(struct kernel *kernel);

/* Remove everything, foreign services too (lvs_flush). */
int kernel_flush(struct kernel *kernel);

/* Since the daemon's start; the counters belong to KERNEL. */
const struct kernel_counters *kernel_counters(const struct kernel *kernel);

struct conf_global;
/* Set the lvs_timeouts of GLOBAL, if there are any; a failure is logged. */
void kernel_set_timeouts(struct kernel *kernel,
			 const struct conf_global *global);

#endif
