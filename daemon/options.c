/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "config.h"

#define OPTIONS_CONF "/etc/evenkeel/evenkeel.conf"
#define OPTIONS_KEEPALIVED_CONF "/etc/keepalived/keepalived.conf"

enum option_long {
	OPTION_COMPAT = 256,
	OPTION_RUN_DIR,
	OPTION_DRY_RUN,
	OPTION_PROBE,
	OPTION_DOCTOR,
	OPTION_MIGRATE,
	OPTION_CHILD,
	OPTION_CHILD_USER,
	OPTION_CHILD_LEVEL,
	OPTION_CHILD_TITLE,
	OPTION_CHILD_SCHEDULING,
};

static const char option_letters[] = "f:t::nlDS:dPCi:p:c:r:b:IhvgGRBV";

static const struct option option_words[] = {
	{ "use-file", required_argument, NULL, 'f' },
	{ "config-test", optional_argument, NULL, 't' },
	{ "dont-fork", no_argument, NULL, 'n' },
	{ "log-console", no_argument, NULL, 'l' },
	{ "log-detail", no_argument, NULL, 'D' },
	{ "log-facility", required_argument, NULL, 'S' },
	{ "dump-conf", no_argument, NULL, 'd' },
	{ "vrrp", no_argument, NULL, 'P' },
	{ "check", no_argument, NULL, 'C' },
	{ "config-id", required_argument, NULL, 'i' },
	{ "pid", required_argument, NULL, 'p' },
	{ "checkers_pid", required_argument, NULL, 'c' },
	{ "vrrp_pid", required_argument, NULL, 'r' },
	{ "bfd_pid", required_argument, NULL, 'b' },
	{ "dont-release-ipvs", no_argument, NULL, 'I' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ "keepalived-compat", no_argument, NULL, OPTION_COMPAT },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "dry-run", no_argument, NULL, OPTION_DRY_RUN },
	{ "probe", no_argument, NULL, OPTION_PROBE },
	{ "doctor", optional_argument, NULL, OPTION_DOCTOR },
	{ "migrate", optional_argument, NULL, OPTION_MIGRATE },
	{ "child", required_argument, NULL, OPTION_CHILD },
	{ "child-user", required_argument, NULL, OPTION_CHILD_USER },
	{ "child-level", required_argument, NULL, OPTION_CHILD_LEVEL },
	{ "child-title", required_argument, NULL, OPTION_CHILD_TITLE },
	{ "child-scheduling", required_argument, NULL,
	  OPTION_CHILD_SCHEDULING },
	{ NULL, 0, NULL, 0 },
};

static const char options_help[] =
	"Usage: evenkeeld [OPTION]...\n"
	"Keeps the kernel's IPVS tables equal to what the health checks say.\n"
	"\n"
	"  -f, --use-file=FILE      the configuration (default " OPTIONS_CONF
	",\n"
	"                           else " OPTIONS_KEEPALIVED_CONF ")\n"
	"  -t, --config-test[=FILE] check the configuration and exit: 0 fine, perhaps with\n"
	"                           advice; 4 an error; 5 a warning\n"
	"  -d, --dump-conf          with -t: print the configuration as understood\n"
	"      --probe              with -t: do every check once, print what was found\n"
	"      --doctor[=json]      look at this host, the wire and the servers, see evenkeel(8)\n"
	"      --migrate[=json]     what will differ from keepalived, see evenkeel(8)\n"
	"      --dry-run            print what would be changed in the kernel, change nothing\n"
	"  -n, --dont-fork          stay in the foreground\n"
	"  -l, --log-console        log to standard error instead of syslog\n"
	"  -D, --log-detail         log more; twice: everything\n"
	"  -S, --log-facility=N     syslog facility LOG_LOCALN, 0 to 7\n"
	"  -C, --check              health checks only, no VRRP\n"
	"  -P, --vrrp               VRRP only: no health checks, no IPVS\n"
	"  -i, --config-id=ID       keep the lines marked @ID (default: the host's short name)\n"
	"  -p, --pid=FILE           the daemon's pid file\n"
	"  -c, --checkers_pid=FILE  accepted for keepalived's sake: the children need none\n"
	"  -r, --vrrp_pid=FILE      likewise\n"
	"  -I, --dont-release-ipvs  never remove our services from the kernel at the end\n"
	"      --keepalived-compat  follow keepalived in all, see evenkeel.conf(5)\n"
	"      --run-dir=DIR        socket, pid and state files (default " OPTIONS_RUN_DIR
	")\n"
	"  -v, --version            print the version\n"
	"  -h, --help               print this\n";

static int options_mistake(const char *what, const char *value)
{
	fprintf(stderr, "evenkeeld: %s%s%s; try 'evenkeeld --help'\n", what,
		value ? " " : "", value ? value : "");
	return 1;
}

static int options_facility(struct options *options, const char *value)
{
	if (value[0] < '0' || value[0] > '7' || value[1] != '\0')
		return options_mistake("-S takes a number from 0 to 7, not",
				       value);
	options->log_facility = LOG_LOCAL0 + ((value[0] - '0') << 3);
	return -1;
}

static int options_doctor(struct options *options, const char *value)
{
	options->doctor = true;
	options->json = value && strcmp(value, "json") == 0;
	if (value && !options->json)
		return options_mistake("--doctor takes json, not", value);
	return -1;
}

static int options_migrate(struct options *options, const char *value)
{
	options->migrate = true;
	options->json = value && strcmp(value, "json") == 0;
	if (value && !options->json)
		return options_mistake("--migrate takes json, not", value);
	return -1;
}

/* The options that only main uses, when it starts a child. */
static int options_child(struct options *options, int letter, const char *value)
{
	if (letter == OPTION_CHILD_USER) {
		options->child_user = value;
	} else if (letter == OPTION_CHILD_TITLE) {
		options->child_title = value;
	} else if (letter == OPTION_CHILD_SCHEDULING) {
		if (!scheduling_parse(&options->child_scheduling, value))
			return options_mistake("no scheduling:", value);
	} else if (letter == OPTION_CHILD_LEVEL) {
		options->log_level = (enum log_level)strtol(value, NULL, 10);
	} else if (strcmp(value, "checker") == 0) {
		options->role = ROLE_CHECKER;
	} else if (strcmp(value, "vrrp") == 0) {
		options->role = ROLE_VRRP;
	} else if (strcmp(value, "peer") == 0) {
		options->role = ROLE_PEER;
	} else if (strcmp(value, "web") == 0) {
		options->role = ROLE_WEB;
	} else if (strcmp(value, "recorder") == 0) {
		options->role = ROLE_RECORDER;
	} else if (strcmp(value, "mail") == 0) {
		options->role = ROLE_MAIL;
	} else if (strcmp(value, "bfd") == 0) {
		options->role = ROLE_BFD;
	} else if (strcmp(value, "arp") == 0) {
		options->role = ROLE_ARP;
	} else {
		return options_mistake("unknown child", value);
	}
	return -1;
}

/* Handle a letter that only sets a flag. Returns false for any other letter. */
static bool options_flag(struct options *options, int letter)
{
	switch (letter) {
	case 'n':
		options->foreground = true;
		return true;
	case 'l':
		options->log_console = true;
		return true;
	case 'D':
		if (options->log_level < LOG_LEVEL_DEBUG)
			options->log_level++;
		return true;
	case 'd':
		options->dump_conf = true;
		return true;
	case 'P':
		options->only_vrrp = true;
		return true;
	case 'C':
		options->only_checks = true;
		return true;
	case 'I':
		options->keep_ipvs = true;
		return true;
	case OPTION_COMPAT:
		options->compat = true;
		return true;
	case OPTION_DRY_RUN:
		options->dry_run = true;
		return true;
	case OPTION_PROBE:
		options->probe = true;
		return true;
	}
	return strchr("gGRBV", letter) != NULL;
}

static int options_one(struct options *options, int letter, char *value)
{
	switch (letter) {
	case 'f':
		options->config_file = value;
		return -1;
	case 't':
		options->check = true;
		if (value)
			options->config_file = value;
		return -1;
	case 'S':
		return options_facility(options, value);
	case OPTION_DOCTOR:
		return options_doctor(options, value);
	case OPTION_MIGRATE:
		return options_migrate(options, value);
	case 'i':
		options->config_id = value;
		return -1;
	case 'p':
		options->pid_file = value;
		return -1;
	case 'c':
	case 'r':
	case 'b':
		return -1;
	case OPTION_RUN_DIR:
		options->run_dir = value;
		return -1;
	case 'h':
		fputs(options_help, stdout);
		return 0;
	case 'v':
		puts("evenkeeld " PACKAGE_VERSION);
		return 0;
	case '?':
		return options_mistake("that is not an option", NULL);
	}
	if (letter >= OPTION_CHILD && letter <= OPTION_CHILD_SCHEDULING)
		return options_child(options, letter, value);
	return -1;
}

int options_parse(struct options *options, int argc, char **argv)
{
	int letter, status;

	memset(options, 0, sizeof(*options));
	options->run_dir = OPTIONS_RUN_DIR;
	options->log_level = LOG_LEVEL_NOTICE;
	options->log_facility = LOG_DAEMON;
	if (gethostname(options->host_id, sizeof(options->host_id) - 1) == 0)
		options->host_id[strcspn(options->host_id, ".")] = '\0';
	options->config_id = options->host_id;
	while ((letter = getopt_long(argc, argv, option_letters, option_words,
				     NULL)) != -1) {
		if (letter != '?' && options_flag(options, letter))
			continue;
		status = options_one(options, letter, optarg);
		if (status >= 0)
			return status;
	}
	/* keepalived also takes "-t FILE" with a blank. */
	if (optind < argc && options->check && !options->config_file)
		options->config_file = argv[optind++];
	if (optind < argc)
		return options_mistake("unexpected argument", argv[optind]);
	if (options->only_vrrp && options->only_checks)
		return options_mistake("-P and -C leave nothing to do", NULL);
	if (options->probe && !options->check)
		return options_mistake("--probe goes with -t", NULL);
	return -1;
}

const char *options_config_file(const struct options *options)
{
	if (options->config_file)
		return options->config_file;
	if (access(OPTIONS_CONF, F_OK) < 0 &&
	    access(OPTIONS_KEEPALIVED_CONF, F_OK) == 0)
		return OPTIONS_KEEPALIVED_CONF;
	return OPTIONS_CONF;
}

bool options_is_keepalived_file(const struct options *options)
{
	char *path = realpath(options_config_file(options), NULL);
	bool same = path && strcmp(path, OPTIONS_KEEPALIVED_CONF) == 0;

	free(path);
	return same || strcmp(options_config_file(options),
			      OPTIONS_KEEPALIVED_CONF) == 0;
}

void options_use_instance(struct options *options, const char *name)
{
	if (!name)
		return;
	snprintf(options->instance_dir, sizeof(options->instance_dir), "%s/%s",
		 options->run_dir, name);
	options->run_dir = options->instance_dir;
}

const char *options_run_path(const struct options *options, const char *name,
			     char *out, unsigned size)
{
	snprintf(out, size, "%s/%s", options->run_dir, name);
	return out;
}

void options_suffix(const struct options *options, char out[8])
{
	const char *dir = options->run_dir;
	uint32_t hash = 2166136261u;

	out[0] = '\0';
	if (strcmp(dir, OPTIONS_RUN_DIR) == 0)
		return;
	for (; *dir; dir++)
		hash = (hash ^ (uint8_t)*dir) * 16777619u;
	snprintf(out, 8, "-%06x", hash & 0xffffff);
}
