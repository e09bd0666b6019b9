/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The certificate and the key of the block SSL, as main read them (daemon/proc/
 * identity.h). Probes that run hold what they began with, so a new configuration
 * takes nothing away from them; the last one to leave wipes it.
 */
#ifndef EVENKEEL_CHECKERS_TLS_IDENTITY_H
#define EVENKEEL_CHECKERS_TLS_IDENTITY_H

#include <stddef.h>

#include "conf/conf.h"
#include "lib/index.h"
#include "lib/ipc.h"

/*
 * Files of authorities, by their names. A message is about a check of a
 * configuration that has not come yet, so names are known when it has.
 */
struct tls_trusts {
	struct tls_trust {
		struct checker_identity *files; /* its CA part */
		const char *path; /* the configuration's; NULL: not known yet */
		uint32_t check;
	} * list;
	size_t nr, room;
	struct index by_path;
};

struct checker_identity {
	unsigned users;
	int error; /* an errno: main could not read a file; there is no text */
	size_t lengths[IPC_IDENTITY_PARTS]; /* 0: there is no such part */
	char *parts[IPC_IDENTITY_PARTS]; /* in TEXT */
	size_t length;
	char text[];
};

/*
 * From MSG, an IPC_IDENTITY, whose descriptor stays the caller's; the caller is
 * its first user. A message whose text is not what it says becomes an error.
 */
struct checker_identity *tls_identity_take(const struct ipc_message *msg);
struct checker_identity *tls_identity_hold(struct checker_identity *identity);
void tls_identity_leave(struct checker_identity *identity); /* NULL is allowed */

/* Take MSG, an IPC_TRUST, whose descriptor stays the caller's. */
void tls_trusts_take(struct tls_trusts *trusts, const struct ipc_message *msg);
/* CONF has come, and lives longer than TRUSTS. */
void tls_trusts_name(struct tls_trusts *trusts, const struct conf *conf);
/* The authorities of PATH, for as long as the caller holds them; or NULL. */
struct checker_identity *tls_trusts_find(const struct tls_trusts *trusts,
					 const char *path);
/* Leave all; TRUSTS is empty then. */
void tls_trusts_clear(struct tls_trusts *trusts);

#endif
