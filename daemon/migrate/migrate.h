/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * evenkeeld --migrate, which `evenkeel config migrate` runs: the differences to
 * keepalived that a file will meet, line by line, the checks that are
 * better done by MYSQL_CHECK, and the steps of a change of daemons that loses
 * no connection. The file is read and parsed twice, as keepalived does and by
 * evenkeel's own rules; nothing is changed and no server is asked.
 *
 *	file -> conf_parse() twice -> struct migration -> print
 */
#ifndef EVENKEEL_DAEMON_MIGRATE_MIGRATE_H
#define EVENKEEL_DAEMON_MIGRATE_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

/* The effect of a line's difference. */
enum migrate_kind {
	MIGRATE_REFUSED, /* the file loads in no mode */
	MIGRATE_DIFFERS, /* behaves otherwise than with keepalived */
	MIGRATE_STRICT, /* the same with keepalived_compat, refused without it */
	MIGRATE_QUIET, /* not acted on, and no effect is missed */
	MIGRATE_KINDS,
};

/* Something to know of a line. The strings are the note's own. */
struct migrate_note {
	enum migrate_kind kind;
	char *file; /* NULL: no place */
	uint32_t line, column;
	char *text;
	const char *way_out; /* "" if TEXT has it */
	bool strict; /* refused without keepalived_compat */
};

/* A MYSQL_CHECK in the place of a check that goes round about. */
struct migrate_proposal {
	char *places; /* "FILE:LINE, FILE:LINE" of the checks */
	uint32_t nr; /* how many */
	char *why;
	char *block; /* lines of the file */
};

struct migration {
	const char *path;
	struct migrate_note *notes; /* in the order of the file */
	size_t nr_notes, room_notes;
	struct migrate_proposal *proposals;
	size_t nr_proposals, room_proposals;
	bool vrrp; /* instances: there is another balancer */
	bool sync; /* lvs_sync_daemon */
};

/* The exit status: nothing to know; differences; a file that does not load. */
enum { MIGRATE_EXIT_SAME, MIGRATE_EXIT_DIFFERS, MIGRATE_EXIT_REFUSED };

/*
 * Print to stdout what the file PATH needs, for people or as JSON; CONFIG_ID is
 * that of evenkeeld(8), or NULL. Returns an enum MIGRATE_EXIT_*.
 */
int migrate_run(const char *path, const char *config_id, bool json);

/*
 * Fill MIGRATION, all zero, from TEXT of LENGTH, as conf_read() gave it. The
 * result is for migrate_free(). Returns the exit status.
 */
int migrate_text(struct migration *migration, const char *text, size_t length);
void migrate_free(struct migration *migration);

/* migrate_check.c: add the proposals for CONF's checks. */
void migrate_propose(struct migration *migration, const struct conf *conf);
/*
 * Whether TEXT, a script or a command, asks a MySQL server, and whether it
 * looks at replication.
 */
bool migrate_asks_mysql(const char *text, bool *replica);

/* migrate_print.c: to stdout, for people; as JSON, with the exit status. */
void migrate_print(const struct migration *migration);
void migrate_print_json(const struct migration *migration, int status);

#endif
