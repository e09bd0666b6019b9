/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SMTP_CHECK: the conversation, RFC 5321. A greeting with 220, HELO answered
 * with 250, QUIT answered with anything. Pure; the memory of a talk is fixed,
 * and so is how much a server may say.
 */
#ifndef EVENKEEL_CHECKERS_SMTP_TALK_H
#define EVENKEEL_CHECKERS_SMTP_TALK_H

#include <stddef.h>
#include <stdint.h>

#include "checkers/probe.h"

/* RFC 5321, 4.5.3.1.5: a line of a reply, its end included. */
#define SMTP_LINE_MAX 512
/* All lines of one reply. */
#define SMTP_REPLY_MAX 8192
#define SMTP_COMMAND_MAX 320

enum smtp_does {
	SMTP_READS, /* it waits for more */
	SMTP_SAYS, /* the next command is to be sent: smtp_talk_say() */
	SMTP_ENDS, /* the result is there */
};

/* All zero at its beginning. */
struct smtp_talk {
	unsigned stage; /* the reply that is waited for */
	size_t said; /* bytes of that reply */
	size_t used;
	char line[SMTP_LINE_MAX];
};

/* Take the server's words. RESULT is filled if the talk ends. */
enum smtp_does smtp_talk_take(struct smtp_talk *talk, const char *bytes,
			      size_t length, struct probe_result *result);

/* Write the command into ROOM, of SMTP_COMMAND_MAX; returns its length. */
size_t smtp_talk_say(const struct smtp_talk *talk, const struct conf_smtp *conf,
		     char *room);

/* Fill RESULT: the server has closed, or the time is up. */
void smtp_talk_closed(const struct smtp_talk *talk,
		      struct probe_result *result);
void smtp_talk_expired(const struct smtp_talk *talk,
		       struct probe_result *result);

#endif
