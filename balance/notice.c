/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Warnings to the operator without a change of any server's state. */
#include <stdio.h>

#include "balance/balance_internal.h"

static void notice_pool(const struct balance *balance, uint32_t vs, char *out,
			size_t size)
{
	struct balance_headroom view;
	char text[ENDPOINT_TEXT_MAX];

	balance_view_headroom(balance, vs, &view);
	if (view.servers == 0) {
		snprintf(out, size, "max_connections is not known any more");
		return;
	}
	snprintf(
		out, size,
		"the pool survives %d of %u servers (%d at the highest use seen), "
		"%u are wanted; if %u fail, %s needs %llu of its %u connections",
		view.survives < 0 ? 0 : view.survives, view.servers,
		view.survives_peak < 0 ? 0 : view.survives_peak, view.target,
		view.target,
		endpoint_format(&balance->conf->servers[view.worst].addr, text),
		(unsigned long long)view.worst_need, view.worst_max);
}

static void notice_server(const struct balance *balance, uint32_t vs,
			  uint32_t server, char *out, size_t size)
{
	const struct facts *facts = headroom_facts(balance, server);
	char text[ENDPOINT_TEXT_MAX];

	endpoint_format(&balance->conf->servers[server].addr, text);
	if (!facts)
		snprintf(out, size, "%s: max_connections is not known any more",
			 text);
	else
		snprintf(out, size,
			 "%s uses %u of its %u connections (high %u%%)", text,
			 facts->threads_connected, facts->max_connections,
			 balance->conf->virtual_servers[vs].headroom.high);
}

/* A longer list would cut off the way out. */
#define NOTICE_NAMES 3

enum notice_which { NOTICE_ALL, NOTICE_SERVING, NOTICE_SPARE };

static bool notice_lists(const struct balance *balance, uint32_t server,
			 enum notice_which which)
{
	bool serves = balance->servers[server].choice.serves;

	return source_is_one(balance, server) &&
	       (which == NOTICE_ALL || serves == (which == NOTICE_SERVING));
}

/* The names of sources; LAST stands before the last one of a whole list. */
static void notice_names(const struct balance *balance, uint32_t vs,
			 enum notice_which which, const char *last,
			 struct text *line)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	char text[ENDPOINT_TEXT_MAX];
	uint32_t i, all = 0, said = 0;

	balance_for_each_server (conf, i)
		all += notice_lists(balance, i, which);
	balance_for_each_server (conf, i) {
		if (said == NOTICE_NAMES || !notice_lists(balance, i, which))
			continue;
		text_add(line, "%s%s",
			 said == 0	 ? "" :
			 said + 1 == all ? last :
					   ", ",
			 endpoint_format(&balance->conf->servers[i].addr,
					 text));
		said++;
	}
	if (all == 0)
		text_add(line, "nobody");
	else if (all > said)
		text_add(line, " and %u more", all - said);
}

static void notice_writers(const struct balance *balance, uint32_t vs,
			   struct text *line)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	uint32_t all = balance->services[vs].sources;

	if (all == 0) {
		text_add(line, "%s: no source any more", conf->name);
		return;
	}
	if (all <= conf->writers) {
		text_add(line, "%s: %u sources again, %u wanted", conf->name,
			 all, conf->writers);
		return;
	}
	text_add(line, "%s: %u sources, %u wanted: ", conf->name, all,
		 conf->writers);
	notice_names(balance, vs, NOTICE_SERVING, ", ", line);
	text_add(line, " serves, spare and without connections: ");
	notice_names(balance, vs, NOTICE_SPARE, ", ", line);
	text_add(line, "; make the spare ones read-only, or 'evenkeel "
		       "failback SERVER' lets a spare one serve instead");
}

static void notice_sources(const struct balance *balance, uint32_t vs,
			   char *out, size_t size)
{
	const struct conf_virtual_server *conf =
		&balance->conf->virtual_servers[vs];
	struct text line = text_in(out, size);
	uint32_t all = balance->services[vs].sources;

	if (conf->writers) {
		notice_writers(balance, vs, &line);
		return;
	}
	if (all < 2) {
		text_add(&line, "%s: %s", conf->name,
			 all ? "one source again" : "no source any more");
		return;
	}
	text_add(&line, "%s: %u sources, ", conf->name, all);
	notice_names(balance, vs, NOTICE_ALL, " and ", &line);
	text_add(&line, ": all of them are writable, and writes may go to "
			"each; make all but one read-only, or disable them");
}

const char *balance_notice_text(const struct balance *balance,
				const struct balance_notice *notice, char *out,
				size_t size)
{
	switch (notice->kind) {
	case NOTICE_POOL_TIGHT:
	case NOTICE_POOL_ROOMY:
		notice_pool(balance, notice->vs, out, size);
		break;
	case NOTICE_SERVER_TIGHT:
	case NOTICE_SERVER_ROOMY:
		notice_server(balance, notice->vs, notice->server, out, size);
		break;
	case NOTICE_SOURCES_MANY:
	case NOTICE_SOURCES_ONE:
		notice_sources(balance, notice->vs, out, size);
		break;
	case NOTICE_PAUSE_OVER:
		snprintf(out, size,
			 "%s: the time of the pause is over, the checks decide "
			 "again",
			 balance->conf->virtual_servers[notice->vs].name);
		break;
	}
	return out;
}
