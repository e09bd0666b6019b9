/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/options.h"
#include "daemon/outside_names.h"
#include "daemon/proc/owners.h"
#include "lib/log.h"

int config_load(const struct options *options, const struct config *before,
		void (*say)(struct conf_report *, const struct conf_message *),
		struct config **config, int *status)
{
	bool keepaliveds = options_is_keepalived_file(options);
	struct conf_options how = { .config_id = options->config_id,
				    .compat = options->compat || keepaliveds };
	struct conf_report report = { .say = say };
	struct config_text sealed = { .options = &how };
	struct conf *conf = NULL;
	char *text = NULL;
	size_t length = 0;
	int error;

	error = conf_read(options_config_file(options), &how, &text, &length,
			  &report);
	if (error == 0 && keepaliveds && !options->compat)
		conf_report_add(
			&report, CONF_NOTE, NULL, 0,
			"%s is keepalived's file, and is read as by --keepalived-compat; a copy at /etc/evenkeel/evenkeel.conf is read strictly",
			options_config_file(options));
	if (error == 0)
		error = conf_parse(text, length, &how, &conf, &report);
	if (error == 0) {
		outside_check(conf, &report);
		error = owners_check(conf, &report);
	}
	*status = conf_exit_status(error, &report);
	if (error < 0) {
		conf_free(conf);
		goto out;
	}
	sealed.text = text;
	sealed.length = length;
	error = config_new(conf, &sealed, before ? before->generation + 1 : 1,
			   before, config);
	if (error < 0) {
		log_error("conf",
			  "cannot keep the configuration's text in memory: %s",
			  strerror(-error));
		conf_free(conf);
	}
out:
	if (text)
		explicit_bzero(text, length); /* it may hold passwords */
	free(text);
	return error;
}
