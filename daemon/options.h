/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of evenkeeld: keepalived's letters where they exist. The
 * manual page evenkeeld(8) lists every one; a test compares them.
 */
#ifndef EVENKEEL_DAEMON_OPTIONS_H
#define EVENKEEL_DAEMON_OPTIONS_H

#include <stdbool.h>

#include "lib/log.h"
#include "lib/scheduling.h"

/* The default of --run-dir. */
#define OPTIONS_RUN_DIR "/run/evenkeel"

enum role {
	ROLE_MAIN,
	ROLE_CHECKER, /* a child: started by main with --child checker */
	ROLE_VRRP, /* likewise: --child vrrp */
	ROLE_PEER, /* likewise: --child peer */
	ROLE_WEB, /* likewise: --child web */
	ROLE_RECORDER, /* likewise: --child recorder */
	ROLE_MAIL, /* likewise: --child mail */
	ROLE_BFD, /* likewise: --child bfd */
	ROLE_ARP, /* a child of the doctor's: --child arp */
};

struct options {
	enum role role;
	const char
		*config_file; /* NULL: the default, see options_config_file() */
	const char *run_dir;
	char instance_dir[192]; /* RUN_DIR, with the word instance */
	const char *config_id; /* -i; NULL: the host's short name */
	const char *pid_file; /* NULL: in run_dir */
	bool foreground; /* -n */
	bool log_console; /* -l */
	enum log_level log_level;
	int log_facility;
	bool check; /* -t */
	bool probe; /* with -t: ask the servers too */
	bool dump_conf; /* -d: print the configuration as understood */
	bool only_vrrp; /* -P */
	bool only_checks; /* -C */
	bool compat;
	bool dry_run;
	bool doctor;
	bool migrate;
	bool json; /* with doctor and migrate */
	bool keep_ipvs; /* -I: never remove our services at the end */
	const char *child_user; /* of a child: the user to become */
	const char *child_title; /* of a child; NULL: the usual one */
	struct scheduling child_scheduling;
	char host_id[64];
};

/*
 * Parse the command line. Returns -1 to go on, else the status to exit with
 * (after --help, --version, or a mistake, which has been reported).
 */
int options_parse(struct options *options, int argc, char **argv);

/*
 * The configuration file: -f, else /etc/evenkeel/evenkeel.conf, else (if that
 * does not exist) /etc/keepalived/keepalived.conf.
 */
const char *options_config_file(const struct options *options);
/* Whether that is keepalived's own file, by whatever path. */
bool options_is_keepalived_file(const struct options *options);

/* PATH inside the run directory, into OUT of SIZE bytes; returns OUT. */
/* Use the folder NAME in the run directory in its place; NULL: nothing. */
void options_use_instance(struct options *options, const char *name);
const char *options_run_path(const struct options *options, const char *name,
			     char *out, unsigned size);

/*
 * A suffix for names in the kernel, into OUT: several daemons on one host differ
 * by their run directories. Empty for the default one.
 */
void options_suffix(const struct options *options, char out[8]);

#endif
