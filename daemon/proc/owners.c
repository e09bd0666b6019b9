/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/owners.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "lib/others.h"

static int owners_of_files(const struct conf *conf, struct conf_report *report)
{
	bool strict = conf->global.script_security;
	char which[PATH_MAX];
	int error = 0;
	uint32_t i;

	for (i = 0; i < conf->nr_files; i++) {
		if (!others_can_change(conf->files[i], true, which,
				       sizeof(which)))
			continue;
		conf_report_add(report, strict ? CONF_ERROR : CONF_WARNING,
				conf->files[i], 1,
				"%s can be changed by others than root: they "
				"say what runs as root here%s",
				which,
				strict ? " (enable_script_security)" : "");
		if (strict)
			error = -EACCES;
	}
	return error;
}

static bool owners_has_password(const struct conf *conf)
{
	uint32_t i;

	for (i = 0; i < conf->nr_checks; i++)
		if (conf->checks[i].traits.holds_secret)
			return true;
	return conf->global.ssl.password;
}

/* The file that holds the password is not known any more: check all files. */
static void owners_of_passwords(const struct conf *conf,
				struct conf_report *report)
{
	struct stat st;
	uint32_t i;

	if (!owners_has_password(conf))
		return;
	for (i = 0; i < conf->nr_files; i++)
		if (stat(conf->files[i], &st) == 0 && (st.st_mode & S_IROTH))
			conf_report_add(report, CONF_NOTE, conf->files[i], 1,
					"others can read it, and there is a "
					"'password' in the configuration; "
					"password_file keeps it apart");
}

int owners_check(const struct conf *conf, struct conf_report *report)
{
	owners_of_passwords(conf, report);
	return owners_of_files(conf, report);
}
