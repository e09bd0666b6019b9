/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/control/control_rights.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>

#include "conf/conf.h"
#include "lib/log.h"

static void control_rights_missing(const char *kind, const char *name)
{
	log_error(
		"control",
		"control_socket: there is no %s %s; correct the name, or make "
		"the %s and reload",
		kind, name, kind);
}

static uid_t control_rights_user(const char *name)
{
	const struct passwd *pw = name ? getpwnam(name) : NULL;

	if (name && !pw)
		control_rights_missing("user", name);
	return pw ? pw->pw_uid : CONTROL_NO_UID;
}

static gid_t control_rights_group(const char *name)
{
	const struct group *gr = name ? getgrnam(name) : NULL;

	if (name && !gr)
		control_rights_missing("group", name);
	return gr ? gr->gr_gid : CONTROL_NO_GID;
}

void control_rights_find(struct control_rights *rights,
			 const struct conf_global *global)
{
	rights->user = control_rights_user(global->control_user);
	rights->group = control_rights_group(global->control_group);
	rights->reader = control_rights_user(global->control_read_user);
	rights->readers = control_rights_group(global->control_read_group);
}

static bool control_rights_has(const gid_t *groups, size_t count, gid_t group)
{
	size_t i;

	for (i = 0; group != CONTROL_NO_GID && i < count; i++)
		if (groups[i] == group)
			return true;
	return false;
}

enum control_right control_rights_of(const struct control_rights *rights,
				     uid_t uid, const gid_t *groups,
				     size_t count)
{
	if (uid == 0)
		return CONTROL_CHANGE;
	if (uid == CONTROL_NO_UID)
		return CONTROL_NOTHING;
	if (uid == rights->user ||
	    control_rights_has(groups, count, rights->group))
		return CONTROL_CHANGE;
	if (uid == rights->reader ||
	    control_rights_has(groups, count, rights->readers))
		return CONTROL_ASK;
	return CONTROL_NOTHING;
}

/* Root comes in anyway, and needs neither owner nor group. */
static bool control_rights_fits(uid_t *owner, uid_t id)
{
	if (id == (uid_t)-1 || id == 0 || id == *owner)
		return true;
	if (*owner != (uid_t)-1 && *owner != 0)
		return false;
	*owner = id;
	return true;
}

void control_rights_access(const struct control_rights *rights,
			   struct control_access *access)
{
	bool fits = true;

	access->uid = rights->user;
	access->gid = rights->group;
	fits &= control_rights_fits(&access->uid, rights->reader);
	if (access->gid == CONTROL_NO_GID)
		access->gid = rights->readers;
	else if (rights->readers != CONTROL_NO_GID)
		fits &= rights->readers == access->gid;
	access->mode = access->gid == CONTROL_NO_GID ? 0600 : 0660;
	if (!fits)
		access->mode = 0666;
}
