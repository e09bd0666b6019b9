/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_cluster.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/util.h"

/* A node in sync. A donor (2) serves old data or none while it gives. */
#define GALERA_SYNCED "4"

static const struct {
	const char *name;
	size_t offset;
} cluster_words[] = {
#define WORD(member) offsetof(struct mysql_cluster_says, member)
	{ "wsrep_on", WORD(wsrep_on) },
	{ "wsrep_provider", WORD(wsrep_provider) },
	{ "wsrep_ready", WORD(wsrep_ready) },
	{ "wsrep_connected", WORD(wsrep_connected) },
	{ "wsrep_local_state", WORD(wsrep_state) },
	{ "wsrep_local_state_comment", WORD(wsrep_comment) },
	{ "wsrep_cluster_status", WORD(wsrep_cluster) },
	{ "pxc_maint_mode", WORD(pxc_maint_mode) },
	{ "group_replication_group_name", WORD(group_name) },
#undef WORD
};

void mysql_cluster_take(struct mysql_cluster_says *says, const char *name,
			const char *value)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cluster_words); i++) {
		if (strcasecmp(name, cluster_words[i].name) == 0) {
			text_copy_printable(
				(char *)says + cluster_words[i].offset,
				MYSQL_CLUSTER_WORD, value, strlen(value));
			return;
		}
	}
}

static bool cluster_word_is(const char *word, const char *what)
{
	return strcasecmp(word, what) == 0;
}

/* Every MariaDB has the variables; a node of Galera has a provider too. */
bool mysql_cluster_is_galera(const struct mysql_cluster_says *says,
			     enum mysql_cluster conf)
{
	if (conf != MYSQL_CLUSTER_AUTO)
		return conf == MYSQL_CLUSTER_GALERA;
	return says->wsrep_provider[0] &&
	       !cluster_word_is(says->wsrep_provider, "none") &&
	       !cluster_word_is(says->wsrep_on, "OFF") &&
	       !cluster_word_is(says->wsrep_on, "0");
}

bool mysql_cluster_is_group(const struct mysql_cluster_says *says,
			    enum mysql_cluster conf)
{
	if (conf != MYSQL_CLUSTER_AUTO)
		return conf == MYSQL_CLUSTER_GROUP;
	return says->group_name[0];
}

enum outcome mysql_cluster_judge_galera(const struct mysql_cluster_says *says,
					char *text, size_t size)
{
	if (!says->wsrep_state[0] || cluster_word_is(says->wsrep_on, "OFF"))
		snprintf(text, size, "no Galera runs in this server");
	else if (!cluster_word_is(says->wsrep_cluster, "Primary"))
		snprintf(text, size, "wsrep_cluster_status is %s, not Primary",
			 says->wsrep_cluster);
	else if (says->wsrep_connected[0] &&
		 !cluster_word_is(says->wsrep_connected, "ON"))
		snprintf(text, size, "wsrep_connected is %s",
			 says->wsrep_connected);
	else if (!cluster_word_is(says->wsrep_state, GALERA_SYNCED))
		snprintf(text, size, "wsrep_local_state is %s (%s), not Synced",
			 says->wsrep_state, says->wsrep_comment);
	else if (!cluster_word_is(says->wsrep_ready, "ON"))
		snprintf(text, size, "wsrep_ready is %s", says->wsrep_ready);
	else if (says->pxc_maint_mode[0] &&
		 !cluster_word_is(says->pxc_maint_mode, "DISABLED"))
		snprintf(text, size, "pxc_maint_mode is %s",
			 says->pxc_maint_mode);
	else
		return PROBE_OK;
	return PROBE_NOT_READY;
}

enum outcome mysql_cluster_judge_member(const struct mysql_member *member,
					char *text, size_t size)
{
	if (!member->state[0])
		snprintf(text, size, "the server is in no replication group");
	else if (!cluster_word_is(member->state, "ONLINE"))
		snprintf(text, size, "the group member is %s, not ONLINE",
			 member->state);
	else if (member->unreachable &&
		 2ULL * member->unreachable >= member->members)
		snprintf(
			text, size,
			"the group has no majority here: %u of %u members are UNREACHABLE",
			member->unreachable, member->members);
	else
		return PROBE_OK;
	return PROBE_NOT_READY;
}
