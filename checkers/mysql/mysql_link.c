/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "checkers/mysql/mysql_link.h"

#include <stdlib.h>
#include <unistd.h>

#include "checkers/mysql/mysql_lib.h"
#include "lib/util.h"

struct mysql_link *mysql_link_new(MYSQL *mysql)
{
	struct mysql_link *link = xcalloc(1, sizeof(*link));

	link->mysql = mysql;
	return link;
}

void mysql_link_free(struct mysql_link *link)
{
	if (!link)
		return;
	if (link->mysql)
		mysql_close(link->mysql);
	else
		mysql_wire_quit(&link->wire);
	free(link->version);
	free(link);
}

void mysql_link_let_go(struct mysql_link *link, int sock)
{
	if (!link->mysql || sock < 0 || !mysql_lib_can_let_go(link->mysql))
		return;
	link->id = mysql_thread_id(link->mysql);
	link->version = xstrdup(mysql_get_server_info(link->mysql));
	/* The library's goodbye must not reach the server. */
	close(mysql_lib_socket(link->mysql));
	mysql_close(link->mysql);
	link->mysql = NULL;
	mysql_wire_init(&link->wire, sock);
}

unsigned mysql_link_errno(const struct mysql_link *link)
{
	return link->mysql ? mysql_errno(link->mysql) : link->wire.error;
}

const char *mysql_link_error(const struct mysql_link *link)
{
	return link->mysql ? mysql_error(link->mysql) : link->wire.text;
}

const char *mysql_link_version(const struct mysql_link *link)
{
	return link->mysql ? mysql_get_server_info(link->mysql) : link->version;
}

unsigned long mysql_link_id(const struct mysql_link *link)
{
	return link->mysql ? mysql_thread_id(link->mysql) : link->id;
}

void mysql_link_ahead(struct mysql_link *link, const char *const *sql,
		      unsigned count)
{
	if (!link->mysql)
		mysql_wire_send(&link->wire, sql, count);
}
