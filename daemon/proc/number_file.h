/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file with a number in it, watched for track_file: by instances of VRRP
 * (daemon/pair/tracker_file.c) and by FILE_CHECK (daemon/check_files.c).
 *
 * The folder is watched, not the file, so that a file renamed into place is seen.
 * Besides, the file is read every few seconds, for the sake of network file
 * systems, of a folder that is made later, and of events that inotify lost. A
 * file that is gone, cannot be read or holds no number counts as 0.
 *
 * Main has given up the right to read everything: the file must be readable for
 * its owner's or everybody's sake by root without capabilities.
 */
#ifndef EVENKEEL_DAEMON_PROC_NUMBER_FILE_H
#define EVENKEEL_DAEMON_PROC_NUMBER_FILE_H

#include <stddef.h>
#include <stdint.h>

struct loop;
struct number_file;
struct pair_file;

/* VALUE as it is now, changed or not; WHY it is 0 for a fault, else "". */
typedef void number_file_seen(void *arg, int32_t value, const char *why);

/*
 * Watch the file PATH (copied), until number_file_leave(). SEEN is called after each
 * look. The first is made before this function returns, and may wait for the disk;
 * the others are made beside the loop, and SEEN is not called while the disk stands.
 * Never NULL: without inotify the file is only looked at now and then, which is
 * logged.
 */
struct number_file *number_file_watch(struct loop *loop, const char *path,
				      number_file_seen *seen, void *arg);
void number_file_leave(struct number_file *file); /* NULL is allowed */

/* init_file: make CONF's file; one that exists stays, unless CONF overwrites. */
void number_file_make(const struct pair_file *conf);

/*
 * The number in a file's first LENGTH bytes: an optional sign and digits, after
 * blanks; text behind the number is ignored. Without a number the value is 0, and
 * *WHY says so (else it is ""); a number beyond 32 bits becomes the nearest that
 * fits.
 */
int32_t number_file_parse(const char *text, size_t length, const char **why);

#endif
