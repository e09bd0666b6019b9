/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/migrate/migrate.h"
#include "lib/util.h"

static const struct {
	const char *word, *heading;
} migrate_kinds[MIGRATE_KINDS] = {
	[MIGRATE_REFUSED] = { "refused", "The file does not load" },
	[MIGRATE_DIFFERS] = { "differs", "Different from keepalived" },
	[MIGRATE_STRICT] = { "strict", "The same with keepalived_compat, and "
				       "refused without it" },
	[MIGRATE_QUIET] = { "quiet", "Not acted on, and not missed" },
};

/* A step of the change of daemons: a command for a root shell, and its sense. */
struct migrate_step {
	const char *command, *why;
};

#define MIGRATE_STEPS_MAX 10

/* The steps on each balancer. */
static size_t migrate_steps(const struct migration *migration,
			    struct migrate_step *steps)
{
	size_t nr = 0;

	steps[nr++] = (struct migrate_step){
		"evenkeeld -t --keepalived-compat -f /etc/keepalived/keepalived.conf",
		"programs, users and files of this host are looked for; each warning is read"
	};
	steps[nr++] = (struct migrate_step){
		"install -m 600 /etc/keepalived/keepalived.conf /etc/evenkeel/evenkeel.conf",
		"keepalived_compat goes into its global_defs, or the lines named above are mended"
	};
	steps[nr++] = (struct migrate_step){
		"evenkeeld --dry-run",
		"the kernel's table would not be changed: '0 changes'"
	};
	steps[nr++] =
		(struct migrate_step){ "systemctl mask --runtime keepalived",
				       "nothing starts it again meanwhile" };
	steps[nr++] = (struct migrate_step){
		"systemctl kill -s STOP keepalived; systemctl kill -s KILL keepalived",
		"killed it leaves the table and the addresses; an orderly stop empties the table, and connections are lost, as does a process that sees another die: so all are stopped first"
	};
	steps[nr++] =
		(struct migrate_step){ "systemctl enable --now evenkeel",
				       "what is there is taken over as it is" };
	steps[nr++] = (struct migrate_step){
		"evenkeel status && evenkeel plan",
		"every server is checked and nothing differs"
	};
	steps[nr++] = (struct migrate_step){
		"systemctl unmask --runtime keepalived; systemctl disable keepalived",
		"it does not come back with the next boot; until then the way back is to start it"
	};
	return nr;
}

static const char *migrate_order_of_balancers(const struct migration *migration)
{
	if (!migration->vrrp)
		return "on this balancer; no instance of VRRP is in the file";
	if (migration->sync)
		return "first on the balancer that does not have the address, then on the other: its address moves when keepalived is killed, and lvs_sync_daemon has carried the connections over";
	return "first on the balancer that does not have the address, then on the other: its address moves when keepalived is killed. The file has no lvs_sync_daemon, without which the other balancer does not know the connections: add it on both before";
}

/* Differences that stand on no line, without keepalived_compat. */
static const char *const migrate_everywhere[] = {
	"a server gets no connections before its first good check; keepalived puts one without 'alpha' in at once",
	"a stop leaves the kernel's table as it is; keepalived empties it ('lvs_flush_on_stop' does it here)",
	"a changed check of a server keeps the server's state at a reload; keepalived puts it back in until the next failure",
};

/* The user of the proposed checks, and its password's place. */
static const char *const migrate_user[] = {
	"CREATE USER evenkeel@'192.0.2.%' IDENTIFIED BY 'a long random word'; -- the balancers' addresses",
	"GRANT REPLICA MONITOR, CONNECTION ADMIN ON *.* TO evenkeel@'192.0.2.%'; -- MySQL: REPLICATION CLIENT, CONNECTION_ADMIN",
	"(umask 077; echo \"a long random word\" > /etc/evenkeel/check.password)",
};

static void migrate_print_notes(const struct migration *migration,
				enum migrate_kind kind)
{
	const struct migrate_note *note;
	bool first = true;
	size_t i;

	for (i = 0; i < migration->nr_notes; i++) {
		note = &migration->notes[i];
		if (note->kind != kind)
			continue;
		if (first)
			printf("%s:\n", migrate_kinds[kind].heading);
		first = false;
		if (note->file)
			printf("  %s:%u: ", note->file, note->line);
		else
			printf("  ");
		printf("%s%s%s%s%s\n", note->text, note->way_out[0] ? " (" : "",
		       note->way_out, note->way_out[0] ? ")" : "",
		       note->strict ? "; without keepalived_compat refused" :
				      "");
	}
	if (!first)
		putchar('\n');
}

static void migrate_print_block(const char *block)
{
	const char *line, *end;

	for (line = block; *line; line = end + 1) {
		end = strchr(line, '\n');
		printf("    %.*s\n", (int)(end - line), line);
	}
}

static void migrate_print_proposals(const struct migration *migration)
{
	const struct migrate_proposal *one;
	size_t i;

	if (migration->nr_proposals == 0)
		return;
	puts("Checks that MYSQL_CHECK does by itself, with a reason for each verdict:");
	for (i = 0; i < migration->nr_proposals; i++) {
		one = &migration->proposals[i];
		printf("  %s%s: %s; put in its place\n", one->places,
		       one->nr > 8 ? " and more" : "", one->why);
		migrate_print_block(one->block);
	}
	puts("  with its user on the servers, and the password on both balancers");
	for (i = 0; i < ARRAY_SIZE(migrate_user); i++)
		printf("    %s\n", migrate_user[i]);
	putchar('\n');
}

void migrate_print(const struct migration *migration)
{
	struct migrate_step steps[MIGRATE_STEPS_MAX];
	size_t i, nr = migrate_steps(migration, steps);
	int kind;

	for (kind = 0; kind < MIGRATE_KINDS; kind++)
		migrate_print_notes(migration, (enum migrate_kind)kind);
	puts("Different everywhere, unless keepalived_compat is on:");
	for (i = 0; i < ARRAY_SIZE(migrate_everywhere); i++)
		printf("  %s\n", migrate_everywhere[i]);
	putchar('\n');
	migrate_print_proposals(migration);
	printf("The change of daemons, %s:\n",
	       migrate_order_of_balancers(migration));
	for (i = 0; i < nr; i++)
		printf("  %zu. %s\n     %s\n", i + 1, steps[i].command,
		       steps[i].why);
}

static struct json_object *migrate_json_notes(const struct migration *migration)
{
	struct json_object *list = json_object_new_array(), *obj;
	const struct migrate_note *note;
	size_t i;

	for (i = 0; i < migration->nr_notes; i++) {
		note = &migration->notes[i];
		obj = json_object_new_object();
		json_object_object_add(
			obj, "kind",
			json_object_new_string(migrate_kinds[note->kind].word));
		json_object_object_add(
			obj, "file",
			note->file ? json_object_new_string(note->file) : NULL);
		json_object_object_add(obj, "line",
				       json_object_new_int64(note->line));
		json_object_object_add(obj, "column",
				       json_object_new_int64(note->column));
		json_object_object_add(obj, "text",
				       json_object_new_string(note->text));
		json_object_object_add(obj, "way_out",
				       json_object_new_string(note->way_out));
		json_object_object_add(obj, "strict",
				       json_object_new_boolean(note->strict));
		json_object_array_add(list, obj);
	}
	return list;
}

static struct json_object *migrate_json_texts(const char *const *texts,
					      size_t nr)
{
	struct json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < nr; i++)
		json_object_array_add(list, json_object_new_string(texts[i]));
	return list;
}

static struct json_object *
migrate_json_proposals(const struct migration *migration)
{
	struct json_object *list = json_object_new_array(), *obj;
	const struct migrate_proposal *one;
	size_t i;

	for (i = 0; i < migration->nr_proposals; i++) {
		one = &migration->proposals[i];
		obj = json_object_new_object();
		json_object_object_add(obj, "places",
				       json_object_new_string(one->places));
		json_object_object_add(obj, "checks",
				       json_object_new_int64(one->nr));
		json_object_object_add(obj, "why",
				       json_object_new_string(one->why));
		json_object_object_add(obj, "block",
				       json_object_new_string(one->block));
		json_object_array_add(list, obj);
	}
	return list;
}

static struct json_object *migrate_json_steps(const struct migration *migration)
{
	struct json_object *list = json_object_new_array(), *obj;
	struct migrate_step steps[MIGRATE_STEPS_MAX];
	size_t i, nr = migrate_steps(migration, steps);

	for (i = 0; i < nr; i++) {
		obj = json_object_new_object();
		json_object_object_add(
			obj, "command",
			json_object_new_string(steps[i].command));
		json_object_object_add(obj, "why",
				       json_object_new_string(steps[i].why));
		json_object_array_add(list, obj);
	}
	return list;
}

void migrate_print_json(const struct migration *migration, int status)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "file",
			       json_object_new_string(migration->path));
	json_object_object_add(obj, "loads",
			       json_object_new_boolean(status !=
						       MIGRATE_EXIT_REFUSED));
	json_object_object_add(obj, "notes", migrate_json_notes(migration));
	json_object_object_add(
		obj, "everywhere",
		migrate_json_texts(migrate_everywhere,
				   ARRAY_SIZE(migrate_everywhere)));
	json_object_object_add(obj, "proposals",
			       migrate_json_proposals(migration));
	json_object_object_add(obj, "user",
			       migrate_json_texts(migrate_user,
						  ARRAY_SIZE(migrate_user)));
	json_object_object_add(
		obj, "order",
		json_object_new_string(migrate_order_of_balancers(migration)));
	json_object_object_add(obj, "steps", migrate_json_steps(migration));
	puts(json_object_to_json_string_ext(
		obj, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}
