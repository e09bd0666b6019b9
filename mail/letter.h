/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A letter as the text of an Internet message (RFC 5322, MIME). Names of the
 * configuration may hold any byte, so nothing of a letter can end a line of the
 * header: control characters become blanks, and a subject that is not plain
 * ASCII is an encoded word (RFC 2047). Plain subjects stay as they are, since
 * people filter on them.
 */
#ifndef EVENKEEL_MAIL_LETTER_H
#define EVENKEEL_MAIL_LETTER_H

#include <stddef.h>

struct ipc_mail_conf;
struct ipc_mail_letter;

/*
 * The message, with CR LF at the ends of its lines, for the caller to free; its
 * length in *LENGTH. The texts of CONF and LETTER are ended by NUL.
 */
char *letter_write(const struct ipc_mail_conf *conf,
		   const struct ipc_mail_letter *letter, size_t *length);

#endif
