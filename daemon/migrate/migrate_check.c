/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of MySQL that go round about: a script that calls a client, and a
 * helper on port 9200 (clustercheck, mysqlchk) that calls one for each HTTP or
 * TCP probe. Both are told by the configuration, scripts also by their text.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/migrate/migrate.h"
#include "lib/util.h"

/* Helpers are started by xinetd on the first, those for writers on the next. */
#define SHIM_PORT 9200
#define SHIM_PORT_LAST 9202
/* A script that is longer is none of a few lines. */
#define SHIM_SCRIPT_MAX 65536

static bool migrate_has(const char *text, const char *const *words, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (strcasestr(text, words[i]))
			return true;
	}
	return false;
}

bool migrate_asks_mysql(const char *text, bool *replica)
{
	static const char *const clients[] = { "mysql",	  "mariadb",
					       "galera",  "wsrep",
					       "percona", "clustercheck",
					       "pxc_" };
	static const char *const replication[] = { "slave", "replica",
						   "seconds_behind" };

	*replica = migrate_has(text, replication, ARRAY_SIZE(replication));
	return migrate_has(text, clients, ARRAY_SIZE(clients));
}

/* The text of the program at PATH, if it is a script; the caller's to free. */
static char *migrate_read_script(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = NULL;
	struct stat st;
	ssize_t len;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		text = xcalloc(1, SHIM_SCRIPT_MAX);
		len = read(fd, text, SHIM_SCRIPT_MAX - 1);
		if (len < 2 || memcmp(text, "#!", 2) != 0) {
			free(text);
			text = NULL;
		}
	}
	close(fd);
	return text;
}

/* A MYSQL_CHECK in the making. */
struct shim {
	const struct conf_check *check;
	bool replica; /* the script looks at replication */
	char why[400];
};

/* The last script that was looked into: most servers have the same one. */
struct shim_script {
	const char *program;
	bool asks, replica;
};

static void migrate_look_into(struct shim_script *last, const char *program)
{
	char *text;

	if (last->program && strcmp(last->program, program) == 0)
		return;
	text = migrate_read_script(program);
	*last = (struct shim_script){ .program = program };
	if (text)
		last->asks = migrate_asks_mysql(text, &last->replica);
	free(text);
}

/* The program's name alone: its arguments may hold a password. */
static bool migrate_is_script(struct shim *shim, struct shim_script *last)
{
	const struct conf_script *script = shim->check->traits.script;
	bool asks;

	if (!script || !script->argv || !script->argv[0])
		return false;
	asks = migrate_asks_mysql(script->command, &shim->replica);
	migrate_look_into(last, script->argv[0]);
	asks |= last->asks;
	shim->replica |= last->asks && last->replica;
	if (asks)
		snprintf(
			shim->why, sizeof(shim->why),
			"'%.200s' is started for each probe and asks the server as a client",
			script->argv[0]);
	return asks;
}

static bool migrate_is_port(struct shim *shim, const struct conf_server *server)
{
	const struct conf_check *check = shim->check;

	/* A service on this very port is no helper for another one. */
	if (check->traits.script || check->traits.times_server ||
	    check->dst.port < SHIM_PORT || check->dst.port > SHIM_PORT_LAST ||
	    server->addr.port == check->dst.port)
		return false;
	snprintf(
		shim->why, sizeof(shim->why),
		"%s on port %u asks a helper beside the server, such as clustercheck or mysqlchk",
		check_kind_name(check->kind), check->dst.port);
	return true;
}

static char *migrate_block(const struct shim *shim,
			   const struct conf_server *server)
{
	char *text;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	fputs("MYSQL_CHECK {\n"
	      "\tusername evenkeel\n"
	      "\tpassword_file /etc/evenkeel/check.password\n",
	      out);
	if (server->addr.port == 0)
		fputs("\tconnect_port 3306\n", out);
	fprintf(out, "\ttimeout %g\n",
		(double)shim->check->timeout / USEC_PER_SEC);
	if (shim->replica)
		fputs("\trole replica\n"
		      "\tmax_lag 10 # seconds; as many as your script allows\n",
		      out);
	fputs("}\n", out);
	fclose(out);
	return text;
}

/* The proposal with the same reason and block, or a new one. */
static struct migrate_proposal *migrate_proposal(struct migration *migration,
						 const char *why, char *block)
{
	struct migrate_proposal *one;
	size_t i;

	for (i = 0; i < migration->nr_proposals; i++) {
		one = &migration->proposals[i];
		if (strcmp(one->why, why) == 0 &&
		    strcmp(one->block, block) == 0) {
			free(block);
			return one;
		}
	}
	migration->proposals =
		array_grow(migration->proposals, migration->nr_proposals,
			   &migration->room_proposals, sizeof(*one));
	one = &migration->proposals[migration->nr_proposals++];
	*one = (struct migrate_proposal){ .why = xstrdup(why),
					  .block = block,
					  .places = xstrdup("") };
	return one;
}

/* More places than these are only counted. */
#define SHIM_PLACES_MAX 8

static void migrate_add_place(struct migrate_proposal *one,
			      const struct conf *conf,
			      const struct conf_check *check)
{
	const char *file = check->pos.file < conf->nr_files ?
				   conf->files[check->pos.file] :
				   "?";
	char *longer;

	if (one->nr++ >= SHIM_PLACES_MAX)
		return;
	if (asprintf(&longer, "%s%s%s:%u", one->places,
		     one->places[0] ? ", " : "", file, check->pos.line) < 0)
		return;
	free(one->places);
	one->places = longer;
}

void migrate_propose(struct migration *migration, const struct conf *conf)
{
	bool *seen = xcalloc(conf->nr_checks + 1, sizeof(*seen));
	struct shim_script last = { 0 };
	const struct conf_server *server;
	struct migrate_proposal *one;
	uint32_t i, n, check;

	for (i = 0; i < conf->nr_servers; i++) {
		server = &conf->servers[i];
		for (n = 0; n < server->nr_uses; n++) {
			struct shim shim = { 0 };

			check = server->uses[n].check;
			if (seen[check])
				continue;
			seen[check] = true;
			shim.check = &conf->checks[check];
			if (!migrate_is_port(&shim, server) &&
			    !migrate_is_script(&shim, &last))
				continue;
			one = migrate_proposal(migration, shim.why,
					       migrate_block(&shim, server));
			migrate_add_place(one, conf, shim.check);
		}
	}
	free(seen);
}
