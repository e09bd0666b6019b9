/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/pair/pair_tell.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "daemon/pair/fifo.h"
#include "daemon/pair/notify.h"

#define LINE_MAX_BYTES 512

static const char *const news_words[] = {
	[PAIR_MASTER] = "MASTER",
	[PAIR_BACKUP] = "BACKUP",
	[PAIR_FAULT] = "FAULT",
	[PAIR_STOP] = "STOP",
	[PAIR_DELETED] = "DELETED",
	[PAIR_MASTER_PRIORITY] = "MASTER_PRIORITY",
	[PAIR_BACKUP_PRIORITY] = "BACKUP_PRIORITY",
	[PAIR_MASTER_RX_LOWER_PRI] = "MASTER_RX_LOWER_PRI",
};

const char *pair_word(enum pair_word word)
{
	return news_words[word];
}

const char *pair_line(const struct pair_news *news, char *out, size_t size)
{
	snprintf(out, size, "%s \"%s\" %s %u\n",
		 news->group ? "GROUP" : "INSTANCE", news->name,
		 news_words[news->word], news->priority);
	return out;
}

/* The script for this word alone; "notify" is run besides. */
static const struct conf_script *
pair_tell_own_script(const struct pair_news *news)
{
	switch (news->word) {
	case PAIR_MASTER:
		return news->scripts->master;
	case PAIR_BACKUP:
		return news->scripts->backup;
	case PAIR_FAULT:
		return news->scripts->fault;
	case PAIR_STOP:
		return news->scripts->stop;
	case PAIR_DELETED:
		return news->scripts->deleted;
	case PAIR_MASTER_RX_LOWER_PRI:
		return news->scripts->master_rx_lower_pri;
	case PAIR_MASTER_PRIORITY:
	case PAIR_BACKUP_PRIORITY:
	case PAIR_WORDS:
		break;
	}
	return NULL;
}

static void pair_tell_run_scripts(const struct pair_voice *voice,
				  const struct pair_news *news)
{
	char priority[16];
	const char *extra[] = { news->group ? "GROUP" : "INSTANCE", news->name,
				news_words[news->word], priority, NULL };

	if (!news->scripts)
		return;
	snprintf(priority, sizeof(priority), "%u", news->priority);
	notify_run(voice->notify, pair_tell_own_script(news), voice->global);
	notify_run_with(voice->notify, news->scripts->any, extra,
			voice->global);
}

void pair_tell(const struct pair_voice *voice, const struct pair_news *news)
{
	char line[LINE_MAX_BYTES];

	pair_line(news, line, sizeof(line));
	fifo_write(voice->all, line);
	fifo_write(voice->vrrp, line);
	pair_tell_run_scripts(voice, news);
}

static const char *pair_tell_protocol_word(uint16_t protocol)
{
	switch (protocol) {
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	}
	return "tcp";
}

static void pair_tell_format_endpoint(const struct endpoint *endpoint,
				      uint16_t protocol, char *out, size_t size)
{
	char addr[ADDR_TEXT_MAX];

	snprintf(out, size, "[%s]:%s:%u", addr_format(&endpoint->addr, addr),
		 pair_tell_protocol_word(protocol), endpoint->port);
}

/* The number of a virtual server among those of the same group. */
static unsigned pair_tell_group_ordinal(const struct conf *conf, uint32_t vs)
{
	unsigned ordinal = 0;
	uint32_t i;

	for (i = 0; i < vs; i++)
		if (strcmp(conf->virtual_servers[i].name,
			   conf->virtual_servers[vs].name) == 0)
			ordinal++;
	return ordinal;
}

static void pair_tell_format_vs(const struct conf *conf, uint32_t index,
				char *out, size_t size)
{
	const struct conf_virtual_server *vs = &conf->virtual_servers[index];
	const struct service_key *key = &vs->keys[0];

	if (strncmp(vs->name, "group ", 6) == 0)
		snprintf(out, size, "[%s]:%u", vs->name + 6,
			 pair_tell_group_ordinal(conf, index));
	else if (key->fwmark)
		snprintf(out, size, "FWM %u", key->fwmark);
	else
		pair_tell_format_endpoint(&key->vip, key->protocol, out, size);
}

const char *pair_lvs_line(const struct conf *conf,
			  const struct balance_event *event, char *out,
			  size_t size)
{
	const struct conf_virtual_server *vs =
		&conf->virtual_servers[event->vs];
	char vs_text[160], rs_text[160];
	bool up = event->kind == EVENT_SERVER_UP ||
		  event->kind == EVENT_QUORUM_UP;
	bool spare = event->kind == EVENT_SERVER_SPARE;

	pair_tell_format_vs(conf, event->vs, vs_text, sizeof(vs_text));
	switch (event->kind) {
	case EVENT_QUORUM_UP:
	case EVENT_QUORUM_DOWN:
		snprintf(out, size, "VS %s %s\n", vs_text, up ? "UP" : "DOWN");
		return out;
	case EVENT_SERVER_UP:
	case EVENT_SERVER_DOWN:
	case EVENT_SERVER_SPARE:
		if (event->server >= conf->nr_servers)
			return NULL;
		pair_tell_format_endpoint(&conf->servers[event->server].addr,
					  vs->keys[0].protocol, rs_text,
					  sizeof(rs_text));
		snprintf(out, size, "RS %s %s %s\n", rs_text, vs_text,
			 spare ? "SPARE" :
			 up    ? "UP" :
				 "DOWN");
		return out;
	case EVENT_SERVER_OTHER:
	case EVENT_LEVEL:
		break;
	}
	return NULL;
}

void pair_tell_lvs(const struct pair_voice *voice, const struct conf *conf,
		   const struct balance_event *event)
{
	char line[LINE_MAX_BYTES];

	if (!voice->all && !voice->lvs)
		return;
	if (!pair_lvs_line(conf, event, line, sizeof(line)))
		return;
	fifo_write(voice->all, line);
	fifo_write(voice->lvs, line);
}
