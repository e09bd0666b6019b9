/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENKEEL_LIB_OTHERS_H
#define EVENKEEL_LIB_OTHERS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether somebody besides root and ourselves can change the way to PATH's
 * file: the folders and symbolic links as written, and with FILE_TOO the file
 * itself. A folder with the sticky bit may be written to by all. WHICH (of SIZE
 * bytes, or NULL) gets the first part of the way that others can change. A part
 * that cannot be looked at counts as safe.
 */
bool others_can_change(const char *path, bool file_too, char *which,
		       size_t size);

#endif
