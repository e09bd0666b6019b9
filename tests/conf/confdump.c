/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a configuration as the daemon does and prints what came of it, for the
 * golden tests: the configuration on standard output, complaints on standard
 * error. The exit status is that of "evenkeeld -t".
 *
 *   confdump [-k] [-q] [-i ID] FILE
 *
 * -k: as with --keepalived-compat; -q: do not print the configuration.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/conf.h"

int main(int argc, char **argv)
{
	struct conf_report report = { .say = conf_report_print };
	struct conf_options options = { 0 };
	struct conf *conf = NULL;
	bool quiet = false;
	char *text = NULL;
	size_t length;
	int c, result;

	while ((c = getopt(argc, argv, "ki:q")) != -1) {
		switch (c) {
		case 'k':
			options.compat = true;
			break;
		case 'i':
			options.config_id = optarg;
			break;
		case 'q':
			quiet = true;
			break;
		default:
			return 64;
		}
	}
	if (optind + 1 != argc)
		return 64;
	result = conf_read(argv[optind], &options, &text, &length, &report);
	if (result == 0)
		result = conf_parse(text, length, &options, &conf, &report);
	if (conf && !quiet)
		conf_print(conf, stdout);
	conf_free(conf);
	free(text);
	return conf_exit_status(result, &report);
}
