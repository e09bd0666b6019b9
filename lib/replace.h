/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENKEEL_LIB_REPLACE_H
#define EVENKEEL_LIB_REPLACE_H

#include <stddef.h>

/*
 * PATH gets LENGTH of BYTES as its whole content, in such a way that a full disk
 * or a loss of power leaves either the old file or the new one. It is readable
 * for its owner only. Returns 0 or -errno; nothing else is left in the folder.
 */
int replace_file(const char *path, const void *bytes, size_t length);

#endif
