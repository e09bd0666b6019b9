/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration in main: the parsed file, and its text sealed in memfds, from
 * which the children parse the very same configuration.
 */
#ifndef EVENKEEL_DAEMON_CONFIGURATION_H
#define EVENKEEL_DAEMON_CONFIGURATION_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/ipc.h"

struct options;

struct config {
	struct conf *conf;
	/*
	 * The text, read-only for the children: without auth_pass for the
	 * checker, without the checks' passwords for the vrrp process.
	 */
	int checks_memfd;
	int vrrp_memfd;
	struct ipc_conf message; /* sent along with a memfd */
	uint32_t generation;
};

/*
 * Read, parse and seal the file. Messages go to SAY (conf_report_print or
 * conf_report_log). On success *CONFIG is the caller's, for config_free().
 * *STATUS is keepalived's exit status for the messages. Returns 0 or -errno.
 */
int config_load(const struct options *options, uint32_t generation,
		void (*say)(struct conf_report *, const struct conf_message *),
		struct config **config, int *status);
void config_free(struct config *config); /* NULL is allowed */

/*
 * The content of a check's password_file, for IPC_SECRET: the first line,
 * without its end. Returns 0; -ENOENT if the check has none; -EACCES if others
 * may read the file; or another -errno, which has been logged.
 */
int config_read_secret(const struct conf *conf, uint32_t check,
		       struct ipc_secret *secret);

/*
 * The first line of PATH as a key, up to SIZE bytes, into OUT. Returns its
 * length; or -errno as above, which has been logged.
 */
int config_read_key(const char *path, uint8_t *out, size_t size);

#endif
