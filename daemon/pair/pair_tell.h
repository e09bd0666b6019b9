/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Notifications of a change in the pair: scripts with keepalived's four extra
 * arguments, and lines for pipes with the same content. Lines for pools and
 * servers are here too, so that one reader can read all lines.
 */
#ifndef EVENKEEL_DAEMON_PAIR_PAIR_TELL_H
#define EVENKEEL_DAEMON_PAIR_PAIR_TELL_H

#include <stddef.h>
#include <stdint.h>

#include "balance/balance.h"
#include "conf/conf.h"
#include "conf/pair_conf.h"

struct fifo;
struct notify;

/* keepalived's words, in the order of news_words[]. */
enum pair_word {
	PAIR_MASTER,
	PAIR_BACKUP,
	PAIR_FAULT,
	PAIR_STOP,
	PAIR_DELETED,
	PAIR_MASTER_PRIORITY, /* the state is the same, the priority is not */
	PAIR_BACKUP_PRIORITY,
	PAIR_MASTER_RX_LOWER_PRI, /* a peer of lower priority is master too */
	PAIR_WORDS,
};

struct pair_news {
	bool group; /* else an instance */
	const char *name;
	enum pair_word word;
	unsigned priority; /* effective; 0 for a group */
	const struct pair_notify *scripts; /* NULL: none */
};

struct pair_voice {
	struct notify *notify;
	const struct conf_global *global;
	struct fifo *all; /* each may be NULL */
	struct fifo *vrrp;
	struct fifo *lvs;
};

const char *pair_word(enum pair_word word);

/* Run the scripts, write the lines. */
void pair_tell(const struct pair_voice *voice, const struct pair_news *news);
/* The lines of an event of the decision; most have none. */
void pair_tell_lvs(const struct pair_voice *voice, const struct conf *conf,
		   const struct balance_event *event);

/* Pure: the line, with its newline, for NEWS; at most SIZE bytes with the NUL. */
const char *pair_line(const struct pair_news *news, char *out, size_t size);
/* The line for EVENT; NULL if EVENT has none. */
const char *pair_lvs_line(const struct conf *conf,
			  const struct balance_event *event, char *out,
			  size_t size);

#endif
