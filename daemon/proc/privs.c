/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/privs.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/util.h"

/* Keep CAP in a set if HAS has it: a container may hold less than we like. */
static void privs_keep(const bool *has, unsigned cap, capng_type_t what)
{
	if (has[cap])
		capng_update(CAPNG_ADD, what, cap);
}

int privs_limit_main(bool visits)
{
	static const unsigned own[] = { CAP_NET_ADMIN,	 CAP_SETUID,
					CAP_SETGID,	 CAP_KILL,
					CAP_CHOWN,	 CAP_SETPCAP,
					CAP_SYS_RESOURCE };
	static const unsigned children[] = { CAP_NET_RAW, CAP_SYS_NICE,
					     CAP_IPC_LOCK };
	bool permitted[CAP_LAST_CAP + 1], bounding[CAP_LAST_CAP + 1];
	unsigned cap;
	size_t i;

	if (geteuid() != 0)
		return 0;
	for (cap = 0; cap <= CAP_LAST_CAP; cap++) {
		permitted[cap] = capng_have_capability(CAPNG_PERMITTED, cap);
		bounding[cap] = capng_have_capability(CAPNG_BOUNDING_SET, cap);
	}
	capng_clear(CAPNG_SELECT_BOTH);
	for (i = 0; i < ARRAY_SIZE(own); i++) {
		privs_keep(permitted, own[i],
			   CAPNG_EFFECTIVE | CAPNG_PERMITTED);
		privs_keep(bounding, own[i], CAPNG_BOUNDING_SET);
	}
	if (visits)
		privs_keep(permitted, CAP_SYS_ADMIN,
			   CAPNG_EFFECTIVE | CAPNG_PERMITTED);
	/*
	 * Under no_new_privs (systemd's unit says so) a program that we start
	 * gets no capability beyond our permitted set.
	 */
	for (i = 0; i < ARRAY_SIZE(children); i++) {
		privs_keep(permitted, children[i], CAPNG_PERMITTED);
		privs_keep(bounding, children[i], CAPNG_BOUNDING_SET);
	}
	return capng_apply(CAPNG_SELECT_BOTH) == 0 ? 0 : -EPERM;
}

int privs_limit_vrrp(void)
{
	static const unsigned vrrp[] = { CAP_NET_ADMIN, CAP_NET_RAW,
					 CAP_SYS_NICE, CAP_IPC_LOCK };
	bool permitted[ARRAY_SIZE(vrrp)];
	size_t i;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (geteuid() != 0)
		return 0;
	for (i = 0; i < ARRAY_SIZE(vrrp); i++)
		permitted[i] = capng_have_capability(CAPNG_PERMITTED, vrrp[i]);
	capng_clear(CAPNG_SELECT_BOTH);
	for (i = 0; i < ARRAY_SIZE(vrrp); i++)
		if (permitted[i])
			capng_update(CAPNG_ADD,
				     CAPNG_EFFECTIVE | CAPNG_PERMITTED,
				     vrrp[i]);
	return capng_apply(CAPNG_SELECT_BOTH) == 0 ? 0 : -EPERM;
}

int privs_limit_recorder(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (geteuid() != 0)
		return 0;
	capng_clear(CAPNG_SELECT_BOTH);
	return capng_apply(CAPNG_SELECT_BOTH) == 0 ? 0 : -EPERM;
}

#define PRIVS_FILES 65536

void privs_raise_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	if (limit.rlim_max < PRIVS_FILES)
		limit.rlim_max = PRIVS_FILES;
	limit.rlim_cur = limit.rlim_max;
	/* Refused without CAP_SYS_RESOURCE: then the limit stays, and is kept. */
	setrlimit(RLIMIT_NOFILE, &limit);
}

static const struct passwd *privs_find_user(const char *user)
{
	const struct passwd *pw;

	if (user)
		return getpwnam(user);
	pw = getpwnam("evenkeel");
	return pw ? pw : getpwnam("nobody");
}

int privs_find(const char *user, uid_t *uid, gid_t *gid)
{
	const struct passwd *pw = privs_find_user(user);

	if (!pw)
		return -ENOENT;
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return 0;
}

int privs_become(const char *user)
{
	const struct passwd *pw;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (geteuid() != 0)
		return 0;
	errno = 0;
	pw = privs_find_user(user);
	if (!pw)
		return errno ? -errno : -ENOENT;
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_change_id((int)pw->pw_uid, (int)pw->pw_gid,
			    CAPNG_DROP_SUPP_GRP | CAPNG_CLEAR_BOUNDING) < 0)
		return -EPERM;
	return 0;
}

const char *privs_script_user(void)
{
	return getpwnam("keepalived_script") ? "keepalived_script" : NULL;
}

static int privs_find_group(const char *group, gid_t *gid)
{
	const struct group *gr;
	char *end;
	unsigned long number;

	gr = getgrnam(group);
	if (gr) {
		*gid = gr->gr_gid;
		return 0;
	}
	number = strtoul(group, &end, 10);
	if (end == group || *end)
		return -ENOENT;
	*gid = (gid_t)number;
	return 0;
}

/*
 * Main's bounding set holds capabilities for other children; a script must not
 * have them. A root script would also gain them at exec, and at a gain the
 * kernel clears PDEATHSIG.
 */
static int privs_bound_script(void)
{
	unsigned cap;

	if (capng_get_caps_process() < 0)
		return -EPERM;
	for (cap = 0; cap <= CAP_LAST_CAP; cap++) {
		if (!capng_have_capability(CAPNG_PERMITTED, cap))
			capng_update(CAPNG_DROP, CAPNG_BOUNDING_SET, cap);
	}
	return capng_apply(CAPNG_SELECT_BOUNDS) == 0 ? 0 : -EPERM;
}

int privs_become_script(const char *user, const char *group, bool others)
{
	const struct passwd *pw;
	gid_t gid;
	int error;

	if (geteuid() != 0)
		return 0;
	error = privs_bound_script();
	if (error < 0)
		return error;
	if (!user)
		user = privs_script_user();
	if (!user)
		return 0;
	pw = getpwnam(user);
	if (!pw)
		return -ENOENT;
	gid = pw->pw_gid;
	if (group) {
		error = privs_find_group(group, &gid);
		if (error < 0)
			return error;
	}
	if ((others ? initgroups(user, gid) : setgroups(0, NULL)) < 0 ||
	    setresgid(gid, gid, gid) < 0 ||
	    setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0)
		return -errno;
	return 0;
}
