/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For a process that loads this before its libraries: no filter of system calls is
 * put in force, and nothing is wiped. So their cost can be measured with a program
 * that has no switch for it.
 */
#include <stddef.h>

int unconfined_load(void *context) __asm__("seccomp_load");
void unconfined_wipe(void *bytes, size_t size) __asm__("explicit_bzero");
void unconfined_wipe_checked(void *bytes, size_t size,
			     size_t room) __asm__("__explicit_bzero_chk");

int unconfined_load(void *context)
{
	(void)context;
	return 0;
}

void unconfined_wipe(void *bytes, size_t size)
{
	(void)bytes;
	(void)size;
}

void unconfined_wipe_checked(void *bytes, size_t size, size_t room)
{
	(void)bytes;
	(void)size;
	(void)room;
}
