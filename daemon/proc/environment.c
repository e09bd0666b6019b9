/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/proc/environment.h"

#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

/* Whether VARIABLE, "NAME=VALUE", sets the language or the time zone. */
static bool environment_is_local(const char *variable)
{
	static const char *const names[] = { "TZ=", "LANG=", "LANGUAGE=",
					     "LC_" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

static bool environment_is_sanitizers(const char *variable)
{
	const char *end = strchr(variable, '=');
	static const char name[] = "SAN_OPTIONS";
	size_t length = end ? (size_t)(end - variable) : 0;

	return length > strlen(name) &&
	       memcmp(end - strlen(name), name, strlen(name)) == 0;
}

void environment_of_child(char *out[ENVIRONMENT_MAX])
{
	static char path[] = "PATH=" ENVIRONMENT_PATH;
	size_t count = 0, i;

	out[count++] = path;
	for (i = 0; environ[i] && count < ENVIRONMENT_MAX - 1; i++)
		if (environment_is_local(environ[i]) ||
		    environment_is_sanitizers(environ[i]))
			out[count++] = environ[i];
	out[count] = NULL;
}

void environment_become_script(void)
{
	static char *kept[ENVIRONMENT_MAX];
	const struct passwd *pw = getpwuid(geteuid());
	size_t count = 0, i;

	for (i = 0; environ[i] && count < ENVIRONMENT_MAX - 1; i++)
		if (environment_is_local(environ[i]))
			kept[count++] = environ[i];
	kept[count] = NULL;
	environ = kept; /* setenv() makes a copy of the list when it adds */
	setenv("PATH", ENVIRONMENT_PATH, 1);
	setenv("SHELL", "/bin/sh", 1);
	setenv("HOME", pw && pw->pw_dir ? pw->pw_dir : "/", 1);
	if (!pw)
		return;
	setenv("USER", pw->pw_name, 1);
	setenv("LOGNAME", pw->pw_name, 1);
}
