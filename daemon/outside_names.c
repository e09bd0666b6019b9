/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/outside_names.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/proc/privs.h"
#include "daemon/proc/script_exec.h"

struct outside {
	const struct conf *conf;
	struct conf_report *report;
	const struct conf_outside *at;
};

static void outside_say(const struct outside *self, enum conf_severity severity,
			const char *what, const char *then)
{
	const struct conf_outside *at = self->at;

	conf_report_add(self->report, severity, self->conf->files[at->pos.file],
			at->pos.line, "%s '%s': %s%s%s", at->keyword, at->name,
			what, then ? "; " : "", then ? then : "");
}

static void outside_warn(const struct outside *self, const char *what,
			 const char *then)
{
	outside_say(self, CONF_WARNING, what, then);
}

/* A path that is hidden from an ordinary user's -t may well exist. */
static void outside_missing(const struct outside *self, int error,
			    const char *then)
{
	if (error == EACCES && geteuid() != 0)
		outside_say(self, CONF_NOTE,
			    "it is hidden from this user, root can see it",
			    NULL);
	else
		outside_warn(self, strerror(error), then);
}

bool outside_may(const struct stat *st, uid_t uid, gid_t gid, unsigned mask)
{
	unsigned bits = st->st_mode & S_IRWXO;

	if (uid == st->st_uid)
		bits = (st->st_mode & S_IRWXU) >> 6;
	else if (gid == st->st_gid)
		bits = (st->st_mode & S_IRWXG) >> 3;
	return (bits & mask) == mask;
}

/*
 * The user and group that run a script, as in script_exec.c; false if there is
 * no such user or group.
 */
static bool outside_runner(const struct outside *self, const struct passwd **pw,
			   gid_t *gid)
{
	const struct conf_global *global = &self->conf->global;
	const struct conf_outside *at = self->at;
	const char *user = at->user ? at->user : global->script_user;
	const char *group = at->user ? at->group : global->script_group;
	const struct group *gr;
	unsigned long number;
	char text[128], *end;

	if (!user)
		user = privs_script_user();
	*pw = getpwnam(user ? user : "root");
	if (!*pw) {
		snprintf(text, sizeof(text), "there is no user '%.80s'",
			 user ? user : "root");
		outside_warn(self, text, "it cannot be run");
		return false;
	}
	*gid = (*pw)->pw_gid;
	if (!user || !group)
		return true;
	gr = getgrnam(group);
	number = strtoul(group, &end, 10);
	if (gr || (end > group && !*end)) {
		*gid = gr ? gr->gr_gid : (gid_t)number;
		return true;
	}
	snprintf(text, sizeof(text), "there is no group '%.80s'", group);
	outside_warn(self, text, "it cannot be run");
	return false;
}

/*
 * Can UID search the folders down to PATH? Our process must be able to as well,
 * so call stat() on PATH itself first.
 */
static bool outside_way_is_open(const char *path, uid_t uid, gid_t gid)
{
	char part[PATH_MAX];
	const char *slash;
	struct stat st;

	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		if (snprintf(part, sizeof(part), "%.*s",
			     (int)(slash - path) + 1,
			     path) >= (int)sizeof(part))
			return false;
		if (stat(part, &st) == 0 && !outside_may(&st, uid, gid, 01))
			return false;
	}
	return true;
}

static void outside_script(const struct outside *self)
{
	char found[PATH_MAX], text[160];
	const struct passwd *pw;
	const char *path;
	struct stat st;
	gid_t gid;

	if (!outside_runner(self, &pw, &gid))
		return;
	path = script_find(self->at->name, found, sizeof(found));
	if (!path || stat(path, &st) < 0) {
		outside_missing(self, path ? errno : ENOENT,
				"it cannot be run");
		return;
	}
	if (!S_ISREG(st.st_mode)) {
		outside_warn(self, "it is no file", "it cannot be run");
		return;
	}
	if (!outside_may(&st, pw->pw_uid, gid, 01) ||
	    !outside_way_is_open(path, pw->pw_uid, gid)) {
		snprintf(text, sizeof(text), "user '%.80s' may not run it",
			 pw->pw_name);
		outside_warn(self, text, "it cannot be run");
		return;
	}
	if (self->conf->global.script_security && pw->pw_uid == 0 &&
	    !script_is_safe(path))
		outside_warn(
			self,
			"others than root can change it (enable_script_security)",
			"it is not run as root");
}

/*
 * Whether UID can read the file, which exists. An ordinary user's -t does not
 * know the daemon's user, and takes it for readable.
 */
static bool outside_readable(const struct outside *self, const struct stat *st,
			     uid_t uid, gid_t gid)
{
	return geteuid() != 0 ||
	       (outside_may(st, uid, gid, 04) &&
		outside_way_is_open(self->at->name, uid, gid));
}

/* Main gave up root's capabilities to bypass file permissions. */
static void outside_secret(const struct outside *self)
{
	struct stat st;

	if (stat(self->at->name, &st) < 0)
		outside_missing(self, errno, NULL);
	else if (!S_ISREG(st.st_mode))
		outside_warn(self, "it is no regular file", "it is not used");
	else if (st.st_mode & (S_IRWXO | S_IWGRP))
		outside_warn(self, "it can be read or written by others",
			     "it is not used before a 'chmod 600'");
	else if (!outside_readable(self, &st, 0, 0))
		outside_warn(self, "it is not root's",
			     "it cannot be read before a 'chown root'");
	else if (st.st_size == 0)
		outside_warn(self, "it is empty", NULL);
}

/* The checker's processes read the file themselves. */
static void outside_file(const struct outside *self)
{
	const char *user = self->conf->global.checker_user;
	struct stat st;
	uid_t uid;
	gid_t gid;

	if (stat(self->at->name, &st) < 0)
		outside_missing(self, errno, NULL);
	else if (!S_ISREG(st.st_mode))
		outside_warn(self, "it is no regular file", NULL);
	else if (privs_find(user, &uid, &gid) == 0 &&
		 !outside_readable(self, &st, uid, gid))
		outside_warn(self, "the user of the checks may not read it",
			     "see 'checker_user'");
}

/* Main reads the file, as the root without capabilities that it is. */
static void outside_certificate(const struct outside *self)
{
	struct stat st;

	if (stat(self->at->name, &st) < 0)
		outside_missing(self, errno, NULL);
	else if (!S_ISREG(st.st_mode))
		outside_warn(self, "it is no regular file", "it is not used");
	else if (!outside_readable(self, &st, 0, 0))
		outside_warn(self, "it is not root's, nor everybody's to read",
			     "it is not used");
	else if (st.st_size == 0)
		outside_warn(self, "it is empty", NULL);
}

static void outside_number(const struct outside *self)
{
	struct stat st;

	if (stat(self->at->name, &st) < 0)
		outside_missing(
			self, errno,
			"it counts as 0; 'init_file' makes one at the start");
	else if (!S_ISREG(st.st_mode))
		outside_warn(self, "it is no regular file", "it counts as 0");
	else if (!outside_readable(self, &st, 0, 0))
		outside_warn(self, "it is not root's, nor everybody's to read",
			     "it counts as 0");
}

static void outside_user(const struct outside *self)
{
	if (!getpwnam(self->at->name))
		outside_warn(self, "there is no such user", NULL);
}

static void outside_group(const struct outside *self)
{
	const char *name = self->at->name;

	/* As elsewhere, a number is a group that needs no name. */
	if (!getgrnam(name) && name[strspn(name, "0123456789")])
		outside_warn(self, "there is no such group", NULL);
}

static void outside_one(const struct outside *self)
{
	switch (self->at->kind) {
	case CONF_OUTSIDE_SCRIPT:
		outside_script(self);
		break;
	case CONF_OUTSIDE_SECRET:
		outside_secret(self);
		break;
	case CONF_OUTSIDE_FILE:
		outside_file(self);
		break;
	case CONF_OUTSIDE_CERTIFICATE:
		outside_certificate(self);
		break;
	case CONF_OUTSIDE_NUMBER:
		outside_number(self);
		break;
	case CONF_OUTSIDE_USER:
		outside_user(self);
		break;
	case CONF_OUTSIDE_GROUP:
		outside_group(self);
		break;
	}
}

void outside_check(const struct conf *conf, struct conf_report *report)
{
	struct outside self = { .conf = conf, .report = report };
	uint32_t i;

	for (i = 0; i < conf->nr_outside; i++) {
		self.at = &conf->outside[i];
		outside_one(&self);
	}
}
