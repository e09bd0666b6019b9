/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of confine/. */
#ifndef EVENKEEL_CONFINE_CONFINE_INTERNAL_H
#define EVENKEEL_CONFINE_CONFINE_INTERNAL_H

#include <stddef.h>

#include "confine/confine.h"

extern const struct confine *const confine_roles[]; /* NULL ends */

/*
 * The sanitizers' own calls and files: confine_sanitizers.c in a build with them,
 * else confine_plain.c, which allows nothing more.
 */
extern const struct confine confine_extra;
/* A folder that may be written to, for their reports; NULL: none. */
const char *confine_extra_folder(char *out, size_t size);

/*
 * The choice behind confine_lacks_filter(): ARCH is one of libseccomp's
 * (SCMP_ARCH_X86_64), ERROR the kernel's errno for a filter at address 0. Pure.
 */
const char *confine_why_unfiltered(uint32_t arch, int error);

/* Restrict the files that this process sees. Returns 0 or -errno. */
int confine_files(const struct confine *confine);

#endif
