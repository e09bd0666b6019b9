/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of FILE_CHECK, watched by main because the checker reads none. Each
 * file is watched once, whatever the number of checks. The number that was read
 * goes to the checker, for each check of the file: when it changes, and all of
 * them after the checker got a configuration.
 */
#ifndef EVENKEEL_DAEMON_CHECK_FILES_H
#define EVENKEEL_DAEMON_CHECK_FILES_H

#include "lib/ipc.h"

struct check_files;
struct conf;
struct loop;

/* Takes the news about one check to the checker. */
typedef void check_files_tell(void *arg, const struct ipc_number *news);

struct check_files *check_files_new(struct loop *loop, check_files_tell *tell,
				    void *arg);
void check_files_free(struct check_files *files); /* NULL is allowed */

/*
 * Watch the files of CONF, which must live until the next call; TELL is called
 * for changes from now on, with the checks' numbers in CONF. A file that was
 * watched before goes on. init_file makes a file that is new here, unless an
 * instance of VRRP tracks it as well, whose tracker makes it.
 */
void check_files_configure(struct check_files *files, const struct conf *conf);

/* Tell all that is known. */
void check_files_tell_all(const struct check_files *files);

#endif
