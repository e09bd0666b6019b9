/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a member of a cluster may serve: Galera by its wsrep_* variables,
 * group replication by the state of the member and by how many others it
 * reaches. Pure.
 *
 * The kind of server shows in the variables and the status that every probe
 * reads; only a member of a group is asked one more question.
 */
#ifndef EVENKEEL_CHECKERS_MYSQL_MYSQL_CLUSTER_H
#define EVENKEEL_CHECKERS_MYSQL_MYSQL_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "lib/verdict.h"

/* Names for the lists in SHOW GLOBAL STATUS and SHOW GLOBAL VARIABLES. */
#define MYSQL_CLUSTER_STATUS                          \
	"'wsrep_ready','wsrep_connected',"            \
	"'wsrep_local_state','wsrep_cluster_status'," \
	"'wsrep_local_state_comment'"
#define MYSQL_CLUSTER_VARIABLES        \
	"'wsrep_on','wsrep_provider'," \
	"'pxc_maint_mode',"            \
	"'group_replication_group_name'"
/* The answer: a row as struct mysql_member has it; no row if the server is in no
 * group. */
#define MYSQL_CLUSTER_MEMBERS \
	" FROM performance_schema.replication_group_members"
#define MYSQL_CLUSTER_MEMBER                                         \
	"SELECT MEMBER_STATE,"                                       \
	" (SELECT COUNT(*)" MYSQL_CLUSTER_MEMBERS "),"               \
	" (SELECT COUNT(*)" MYSQL_CLUSTER_MEMBERS                    \
	" WHERE MEMBER_STATE = 'UNREACHABLE')" MYSQL_CLUSTER_MEMBERS \
	" WHERE MEMBER_ID = @@server_uuid"

#define MYSQL_CLUSTER_WORD 40

/* An empty string is a variable that the server does not have. */
struct mysql_cluster_says {
	char wsrep_on[MYSQL_CLUSTER_WORD];
	char wsrep_provider[MYSQL_CLUSTER_WORD];
	char wsrep_ready[MYSQL_CLUSTER_WORD];
	char wsrep_connected[MYSQL_CLUSTER_WORD];
	char wsrep_state[MYSQL_CLUSTER_WORD];
	char wsrep_comment[MYSQL_CLUSTER_WORD];
	char wsrep_cluster[MYSQL_CLUSTER_WORD];
	char pxc_maint_mode[MYSQL_CLUSTER_WORD];
	char group_name[MYSQL_CLUSTER_WORD];
};

/* A server as a member of its group; an empty state: the server is in none. */
struct mysql_member {
	char state[MYSQL_CLUSTER_WORD];
	unsigned members, unreachable; /* of the group, itself included */
};

/* Take a variable; others than these are skipped. */
void mysql_cluster_take(struct mysql_cluster_says *says, const char *name,
			const char *value);

/* Whether the server is in a Galera cluster, or in a group, given the file's
 * setting (CONF). */
bool mysql_cluster_is_galera(const struct mysql_cluster_says *says,
			     enum mysql_cluster conf);
bool mysql_cluster_is_group(const struct mysql_cluster_says *says,
			    enum mysql_cluster conf);

/* PROBE_OK or PROBE_NOT_READY; TEXT is then filled with why. */
enum outcome mysql_cluster_judge_galera(const struct mysql_cluster_says *says,
					char *text, size_t size);
/* A member that is ONLINE but does not reach more than half of its group, itself
 * counted, neither learns what the others commit nor can commit: its reads are
 * old and its writes hang (MySQL manual, "Network Partitioning"). */
enum outcome mysql_cluster_judge_member(const struct mysql_member *member,
					char *text, size_t size);

#endif
