/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/configuration.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/options.h"
#include "daemon/outside_names.h"
#include "daemon/proc/owners.h"
#include "lib/log.h"

/* The file as conf_read() gives it, with the options that were used for it. */
struct configuration_file {
	struct conf_options how;
	char *text;
	size_t length;
};

static void configuration_forget(struct configuration_file *file)
{
	if (file->text) /* it may hold passwords */
		explicit_bzero(file->text, file->length);
	free(file->text);
}

/* Into FILE, for configuration_forget() in any case, and *CONF. Returns 0 or -errno. */
static int configuration_read(const struct options *options,
			      void (*say)(struct conf_report *,
					  const struct conf_message *),
			      struct configuration_file *file,
			      struct conf **conf, int *status)
{
	bool keepaliveds = options_is_keepalived_file(options);
	struct conf_report report = { .say = say };
	int error;

	*conf = NULL;
	*file = (struct configuration_file){
		.how = { .config_id = options->config_id,
			 .compat = options->compat || keepaliveds },
	};
	error = conf_read(options_config_file(options), &file->how, &file->text,
			  &file->length, &report);
	if (error == 0 && keepaliveds && !options->compat)
		conf_report_add(
			&report, CONF_NOTE, NULL, 0,
			"%s is keepalived's file, and is read as by --keepalived-compat; a copy at /etc/evenkeel/evenkeel.conf is read strictly",
			options_config_file(options));
	if (error == 0)
		error = conf_parse(file->text, file->length, &file->how, conf,
				   &report);
	if (error == 0) {
		outside_check(*conf, &report);
		error = owners_check(*conf, &report);
	}
	*status = conf_exit_status(error, &report);
	if (error < 0) {
		conf_free(*conf);
		*conf = NULL;
	}
	return error;
}

int config_try(const struct options *options,
	       void (*say)(struct conf_report *, const struct conf_message *),
	       struct conf **conf, int *status)
{
	struct configuration_file file;
	int error = configuration_read(options, say, &file, conf, status);

	configuration_forget(&file);
	return error;
}

int config_load(const struct options *options, const struct config *before,
		void (*say)(struct conf_report *, const struct conf_message *),
		struct config **config, int *status)
{
	struct configuration_file file;
	struct conf *conf;
	int error = configuration_read(options, say, &file, &conf, status);

	if (error == 0) {
		struct config_text sealed = { .options = &file.how,
					      .text = file.text,
					      .length = file.length };

		error = config_new(conf, &sealed,
				   before ? before->generation + 1 : 1, before,
				   config);
		if (error < 0) {
			log_error(
				"conf",
				"cannot keep the configuration's text in memory: %s",
				strerror(-error));
			conf_free(conf);
		}
	}
	configuration_forget(&file);
	return error;
}
