/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef EVENKEEL_LIB_REPLACE_H
#define EVENKEEL_LIB_REPLACE_H

/*
 * The last step of writing a file whole: TEMP, which is complete and synced,
 * becomes PATH in the same folder, in such a way that a loss of power leaves
 * either the old or the new one. Returns 0 or -errno; TEMP is gone or PATH is as
 * it was.
 */
int replace_file(const char *temp, const char *path);

#endif
