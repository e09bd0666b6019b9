/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The users of the control socket: some may ask, some may also change. Users
 * and groups are numbers here, looked up when the configuration is read: a name
 * service that hangs must not hold main when somebody connects. Pure, except
 * for control_rights_find().
 */
#ifndef EVENKEEL_DAEMON_CONTROL_CONTROL_RIGHTS_H
#define EVENKEEL_DAEMON_CONTROL_CONTROL_RIGHTS_H

#include <stddef.h>
#include <sys/types.h>

#define CONTROL_NO_UID ((uid_t)-1)
#define CONTROL_NO_GID ((gid_t)-1)

struct conf_global;

enum control_right {
	CONTROL_NOTHING,
	CONTROL_ASK,
	CONTROL_CHANGE, /* and ask */
};

/* Root may change as well; unset: CONTROL_NO_UID, CONTROL_NO_GID. */
struct control_rights {
	uid_t user; /* may change */
	gid_t group; /* the same */
	uid_t reader; /* may ask */
	gid_t readers; /* the same */
};

/* The file's owner and mode under which all of them can connect. */
struct control_access {
	uid_t uid;
	gid_t gid;
	mode_t mode;
};

/* By the names of GLOBAL; a name that nobody has is logged and left out. */
void control_rights_find(struct control_rights *rights,
			 const struct conf_global *global);

/* The right of user UID, a member of COUNT GROUPS. */
enum control_right control_rights_of(const struct control_rights *rights,
				     uid_t uid, const gid_t *groups,
				     size_t count);

/*
 * A file has one owner and one group. If more have to come in, everybody may
 * connect, and strangers are sent away by control_rights_of().
 */
void control_rights_access(const struct control_rights *rights,
			   struct control_access *access);

#endif
