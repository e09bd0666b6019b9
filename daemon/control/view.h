/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The core as control sees it: a view of the state, filled by the core for each
 * request, and the few things that a request can make the core do. The answers
 * are made from the view alone; control calls nothing of the core but the
 * functions of struct control_ops.
 */
#ifndef EVENKEEL_DAEMON_CONTROL_VIEW_H
#define EVENKEEL_DAEMON_CONTROL_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "announce/announcing.h"
#include "daemon/operator/fitness.h"
#include "daemon/operator/peer_proc.h"
#include "daemon/pair/sync.h"
#include "lib/util.h"

#define VIEW_ADVICE_MAX 8

struct balance;
struct conf;
struct probe_times;
struct history;
struct ipvs_change;
struct ipvs_plan;
struct operator_request;
struct vrrp_proc;
struct mail_proc;
struct table;
struct tallies;
struct trackers;
struct integrity_pool;
struct integrity_row;

/* The parts of a view that cost time: filled only if they are asked for. */
enum view_part {
	VIEW_DECISION = 1, /* the balance has decided as of now */
	/* The decision, and whether the kernel can be read: not with -P. */
	VIEW_REACHED = 2,
	VIEW_PLAN = 4, /* the decision and the kernel's table, compared */
	/* The counters of the vrrp process, which was asked first: control_ops.ask. */
	VIEW_VRRP = 8,
};

struct view_checker {
	struct process_view process;
	bool ready; /* uses the present configuration */
	uint64_t verdicts;
};

struct view_recorder {
	const char *file; /* NULL: nothing is recorded */
	bool writing;
	uint64_t lost; /* inputs */
	uint64_t size; /* of the present file, bytes */
};

/* The file of the configuration, as it was read last. */
struct view_file {
	usec_t read; /* when */
	bool refused; /* and the configuration of before stays in force */
};

struct view_kernel {
	uint64_t changes, failures, repairs;
	usec_t last_audit; /* 0: never */
	uint32_t tcp_timeout; /* s; 0: unknown */
};

/* Another balancer, by its own report. */
struct other_view {
	const struct ipc_peer_page *page; /* its head; NULL: none ever came */
	usec_t when; /* when it came */
	bool reports; /* and that is not too long ago */
	bool clocks_apart; /* it speaks, but nothing it says is taken */
	bool same_pools, same_version;
	int64_t ahead; /* its clock of ours, us */
	const struct fitness_item *own; /* of this balancer, in its order */
	size_t nr_own;
	const struct peer_reports *all; /* where the other one's are found */
};

/* The words of another balancer about a group. */
struct view_announce_other {
	struct endpoint at;
	bool heard; /* lately */
	bool known; /* it has the group */
	enum peer_announce_state state; /* if it is known */
};

/* A group of struct conf, by its name. */
struct view_announce {
	const struct announcing *state;
	const char *trouble; /* with the kernel; NULL: none */
	usec_t lingers; /* forwarding is still needed for so long */
	uint64_t active; /* connections of its virtual servers */
	bool counted; /* ACTIVE is known of all servers */
	bool held; /* the kernel may still have an address that is to go */
	bool good; /* its virtual servers are as it asks */
	bool channel, silent; /* to others; one of them is not heard */
	uint32_t others; /* that announce, with pools that work */
	const struct view_announce_other *told; /* by each other one */
	uint32_t nr_told;
};

/* Whether any other balancer is heard, so that OTHERS is known. */
static inline bool view_announce_is_heard(const struct view_announce *view)
{
	uint32_t i;

	for (i = 0; i < view->nr_told; i++)
		if (view->told[i].heard)
			return true;
	return false;
}

/* The neighbour of a bfd_instance. */
struct view_neighbor {
	bool known; /* false: nothing is known of it yet */
	bool up;
	usec_t since; /* when that became known; 0: never */
	char why[96]; /* for people */
};

static inline const char *view_neighbor_state(const struct view_neighbor *view)
{
	return !view->known ? "unknown" : view->up ? "up" : "down";
}

/* The channel to another balancer, and the report that comes by it. */
struct view_peer {
	struct peer_proc_view channel;
	struct other_view report;
};

/* Pointers are the core's, and good until the next turn of the loop. */
struct view {
	usec_t now;
	usec_t started;
	bool only_vrrp;
	const char *config_file;
	struct view_file file;
	const struct probe_times *probe_times; /* of CONF */
	const struct tallies *tallies; /* likewise */
	uint32_t generation;
	const struct conf *conf;
	const struct balance *balance;
	const struct history *history;
	bool reached; /* the kernel can be read */
	const struct ipvs_plan *plan; /* NULL: the kernel cannot be read */
	struct view_kernel kernel;
	struct view_checker checker;
	struct view_recorder recorder;
	const struct vrrp_proc *vrrp;
	const struct trackers *trackers;
	const struct mail_proc *mail;
	struct sync_view sync;
	struct process_view bfd;
	/* An array with an element for each bfd_instance of CONF, or NULL. */
	const struct view_neighbor *neighbors;
	struct view_peer peers[PEER_CHANNELS_MAX]; /* in the order of the file */
	uint32_t nr_peers;
	const struct view_announce *announces; /* one for each group of CONF */
	const struct integrity_row *integrity_rows; /* by server */
	const struct integrity_pool *integrity_pools; /* by virtual server */
	bool drained; /* this balancer, by the operator */
	const char *advice[VIEW_ADVICE_MAX]; /* on the kernel's settings */
	unsigned nr_advice;
};

/* The core's functions; ARG is control_new()'s. */
struct control_ops {
	/* Fill VIEW; PARTS are enum view_part. */
	void (*view)(void *arg, unsigned parts, struct view *view);
	/*
	 * The kernel's services of virtual server VS as they are now, in order:
	 * the core's, good until the next turn of the loop or the next call. NULL:
	 * the kernel cannot be read.
	 */
	const struct table *(*read)(void *arg, uint32_t vs);
	/*
	 * Have the vrrp process asked for its counters, before a view with
	 * VIEW_VRRP. Returns true if the owner will be told when it has them;
	 * false: there is nobody to wait for.
	 */
	bool (*ask)(void *arg);
	/* Why CHANGE of the view's plan is wanted, into OUT. */
	void (*reason)(void *arg, const struct ipvs_change *change, char *out,
		       size_t size);
	/* Read the file again. Returns as core_reloaded(). */
	int (*reload)(void *arg);
	int (*reloaded)(void *arg);
	/* As overrides_kept(). */
	int (*kept)(void *arg);
	/*
	 * Carry out REQUEST. Returns the number of servers that it means; *KEPT
	 * as overrides_kept().
	 */
	unsigned (*operate)(void *arg, const struct operator_request *request,
			    int *kept);
	/*
	 * Pause the virtual servers of that name (NULL: all), or resume them with
	 * a LENGTH of 0; the number of these.
	 */
	unsigned (*pause)(void *arg, const char *pool, usec_t length,
			  int *kept);
	/* Let the other balancer take over, if it is fit; FITNESS says. */
	void (*switchover)(void *arg, struct fitness *fitness);
	/* The same, for failback: how many of the *MEANT servers can. */
	unsigned (*failback)(void *arg, const struct operator_request *request,
			     unsigned *meant, int *kept);
	/* As announcer_drain(). */
	int (*drain_director)(void *arg, bool drain);
};

#endif
