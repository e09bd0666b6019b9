/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages between main and the mail process, as fixed structs. Main writes
 * letters and keeps them; the mail process is given one at a time, and says how
 * that went.
 */
#ifndef EVENKEEL_LIB_MAIL_IPC_H
#define EVENKEEL_LIB_MAIL_IPC_H

#include <stdint.h>

#define IPC_MAIL_TO_MAX 40
#define IPC_MAIL_NAME_MAX 256 /* of an address or a host, with the NUL */
#define IPC_MAIL_SUBJECT_MAX 512 /* with the NUL, likewise the next ones */
#define IPC_MAIL_BODY_MAX 2048
#define IPC_MAIL_WHY_MAX 256

/* IPC_MAIL_CONF, main to mail. All texts are ended by NUL, and single lines. */
struct ipc_mail_conf {
	char server[IPC_MAIL_NAME_MAX]; /* name or address */
	char helo[IPC_MAIL_NAME_MAX];
	char from[IPC_MAIL_NAME_MAX];
	int64_t timeout; /* us, of a connection */
	uint32_t port;
	uint32_t nr_to;
	char to[IPC_MAIL_TO_MAX][IPC_MAIL_NAME_MAX];
};

/* IPC_MAIL_LETTER, main to mail: send this one now. */
struct ipc_mail_letter {
	uint64_t number; /* comes back with the outcome */
	int64_t written; /* by the wall clock, us since 1970 */
	char subject[IPC_MAIL_SUBJECT_MAX];
	char body[IPC_MAIL_BODY_MAX]; /* lines */
};

enum ipc_mail_how {
	IPC_MAIL_SENT,
	IPC_MAIL_LATER, /* it may go well another time */
	IPC_MAIL_NEVER, /* the server does not want it */
};

/* IPC_MAIL_DONE, mail to main. */
struct ipc_mail_done {
	uint64_t number;
	uint32_t how; /* enum ipc_mail_how */
	uint32_t refused; /* addresses that did not get a letter that was sent */
	char why[IPC_MAIL_WHY_MAX]; /* for people, ended by NUL */
};

#endif
