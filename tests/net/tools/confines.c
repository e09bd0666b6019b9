/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints the lists of system calls, for tests: a process a line. */
#include <stdio.h>
#include <stdlib.h>

#include "confine/confine_internal.h"

static void print(const char *name, const char *const *groups)
{
	printf("%s:", name);
	for (; groups && *groups; groups++)
		printf(" %s", *groups);
	putchar('\n');
}

int main(void)
{
	const struct confine *const *role;

	for (role = confine_roles; *role; role++)
		print((*role)->name, (*role)->calls);
	print("sanitizers", confine_extra.calls);
	return EXIT_SUCCESS;
}
