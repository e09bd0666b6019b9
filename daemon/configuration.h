/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the disk to main: the configuration's file, parsed, checked and sealed.
 */
#ifndef EVENKEEL_DAEMON_CONFIGURATION_H
#define EVENKEEL_DAEMON_CONFIGURATION_H

#include <stdint.h>

#include "conf/sealed.h"

struct options;

/*
 * Read, parse and check the file, and no more. Messages go to SAY (conf_report_print
 * or conf_report_log). On success *CONF is the caller's, for conf_free(). *STATUS is
 * keepalived's exit status for the messages. Returns 0 or -errno.
 */
int config_try(const struct options *options,
	       void (*say)(struct conf_report *, const struct conf_message *),
	       struct conf **conf, int *status);

/*
 * The same, and seal the parts that have changed against BEFORE, the configuration in
 * force (NULL: there is none). On success *CONFIG is the caller's, for config_free().
 */
int config_load(const struct options *options, const struct config *before,
		void (*say)(struct conf_report *, const struct conf_message *),
		struct config **config, int *status);

#endif
