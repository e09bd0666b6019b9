/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration on its way to the children. Main keeps the parsed file and
 * its text, sealed in memfds; a child gets a memfd with IPC_CONF and parses
 * from it the very same configuration. Both sides are here, so that every child
 * checks what it gets in the same way.
 */
#ifndef EVENKEEL_CONF_SEALED_H
#define EVENKEEL_CONF_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/ipc.h"

struct config {
	struct conf *conf;
	/*
	 * The text, read-only for the children: without auth_pass for the
	 * checker, without the checks' passwords for the vrrp process.
	 */
	int checks_memfd;
	int vrrp_memfd;
	struct ipc_conf message; /* sent along with a memfd */
	uint32_t generation;
};

/*
 * Seal TEXT, from which CONF was parsed under OPTIONS. On success *CONFIG is
 * the caller's, for config_free(), and owns CONF. Returns 0 or -errno; CONF is
 * the caller's then.
 */
int config_new(struct conf *conf, const char *text, size_t length,
	       const struct conf_options *options, uint32_t generation,
	       struct config **config);
void config_free(struct config *config); /* NULL is allowed */

/* The part of the text that the child parses; see struct conf_options. */
enum conf_part {
	CONF_PART_CHECKS,
	CONF_PART_VRRP,
};

/*
 * In a child: the configuration that MSG, an IPC_CONF, brings. The message's
 * descriptor stays the caller's. On success *CONF is the caller's, for
 * conf_free(). Returns 0; -EBADMSG if the message itself is malformed, or if
 * its text can still be changed by others; -E2BIG if it is over the limit;
 * -EINVAL if the text is refused; or another -errno.
 */
int conf_from_message(const struct ipc_message *msg, enum conf_part part,
		      struct conf **conf);

#endif
