/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files of the block SSL, read by main for the checker, which has no rights on
 * the disk. The key must be readable by root alone.
 */
#ifndef EVENKEEL_DAEMON_PROC_IDENTITY_H
#define EVENKEEL_DAEMON_PROC_IDENTITY_H

#include <stddef.h>

#include "conf/conf.h"
#include "lib/ipc.h"

struct identity {
	struct ipc_identity message;
	char *text; /* the parts of the message, one behind the other */
	size_t length;
};

/*
 * Read the files that SSL names into IDENTITY, for identity_clear(). Returns false
 * if it names none. A file that cannot be used is logged, and MESSAGE.ERROR.
 */
bool identity_read(const struct conf_identity *ssl, struct identity *identity);

/* A memfd with the text, which the caller closes; or -errno. */
int identity_memfd(const struct identity *identity);

/* Wipe and free the content. */
void identity_clear(struct identity *identity);

#endif
