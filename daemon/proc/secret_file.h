/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that hold a password or a key. Main reads them for its children, which
 * have no rights on the disk.
 */
#ifndef EVENKEEL_DAEMON_PROC_SECRET_FILE_H
#define EVENKEEL_DAEMON_PROC_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "conf/vrrp_conf.h"
#include "lib/ipc.h"
#include "lib/vrrp_ipc.h"

/*
 * Returns whether there is a PATH (NULL: none). With READ_IT the file is read and
 * forgotten: its disk answers then, and it is in memory. That is for a process of its
 * own, which waits in place of main when a disk does not answer.
 */
bool secret_file_look(const char *path, bool read_it);

/*
 * The same for all the files that main reads for the checker (passwords, the block
 * SSL), for the peer process (keys) and for the vrrp process (keys of auth_hmac).
 */
bool secret_file_look_checker(const struct conf *conf, bool read_them);
bool secret_file_look_peer(const struct conf *conf, bool read_them);
bool secret_file_look_vrrp(const struct vrrp_conf *conf, bool read_them);

/*
 * The content of a check's password_file, for IPC_SECRET: the first line,
 * without its end. Returns 0; -ENOENT if the check has none; -EACCES if others
 * may read the file; or another -errno, which has been logged.
 */
int secret_file_read(const struct conf *conf, uint32_t check,
		     struct ipc_secret *secret);

/*
 * All of PATH, at most SIZE bytes, into OUT. PRIVATE: the file must not be open to
 * others, as above. Returns its length; -EFBIG if it is longer, -ENODATA if it is
 * empty; or another -errno. All have been logged.
 */
int secret_file_read_all(const char *path, bool private, char *out,
			 size_t size);

/*
 * The first line of PATH as a key, up to SIZE bytes, into OUT. Returns its
 * length; or -errno as above, which has been logged.
 */
int secret_file_read_key(const char *path, uint8_t *out, size_t size);

/*
 * The first line of CONF's file as a key of auth_hmac, as vrrp_conf_key_read()
 * understands it, into KEY; its instance is left 0. A mistake in it has
 * been logged, without its text, and the key has the length 0.
 */
void secret_file_read_vrrp_key(const struct vrrp_conf_key *conf,
			       struct ipc_vrrp_key *key);

#endif
