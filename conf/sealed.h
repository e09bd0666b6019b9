/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A configuration on its way to the children. Main keeps the parsed file; a
 * child gets a text in a sealed memfd with IPC_CONF and parses from it the very
 * same configuration. Both sides are here, so that every child checks what it
 * gets in the same way.
 *
 * A file has a part for each child: the checks for the checker, VRRP for the
 * vrrp process. Most reloads change neither; a new weight is main's alone. So
 * main compares the part of the new configuration with that of the one before,
 * as both are parsed:
 *
 * - A part that differs is sealed anew, without the other part's secrets, and
 *   is SINCE this generation. The child gets the whole text and answers under
 *   the new generation.
 * - A part that is equal keeps the memfd and the SINCE of the configuration
 *   before. The child gets nothing, parses nothing, and its answers stay valid:
 *   equal parts have equal indices. A child that is started later gets the old
 *   memfd, which says the same about its part as the new file does.
 *
 * Equality is transitive, so comparing neighbours is enough for a row of any
 * length: whoever has seen the part of generation SINCE has seen the present
 * one. It has to be exact for everything that the child reads; what the child
 * never reads (places in the file, numbers of users of a check) does not count.
 */
#ifndef EVENKEEL_CONF_SEALED_H
#define EVENKEEL_CONF_SEALED_H

#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "lib/ipc.h"

/* The part of the text that a child parses; see struct conf_options. */
enum conf_part {
	CONF_PART_CHECKS, /* blanked of auth_pass and keys */
	CONF_PART_VRRP, /* blanked of the checks' passwords */
	CONF_PARTS,
};

struct config_part {
	int memfd; /* read-only for the child */
	struct ipc_conf message; /* sent along with the memfd */
	uint32_t since; /* the generation that brought the part as it is */
};

struct config {
	struct conf *conf;
	struct config_part parts[CONF_PARTS];
	uint32_t generation;
};

/* The file's text, as conf_read() gave it and conf_parse() understood it. */
struct config_text {
	const char *text;
	size_t length;
	const struct conf_options *options;
};

/*
 * Seal the changed parts of TEXT, from which CONF was parsed, against BEFORE, the
 * configuration in force, read under the same options (NULL: seal all). BEFORE
 * stays the caller's and may be freed before the result. On success *CONFIG is the caller's, for
 * config_free(), and owns CONF. Returns 0 or -errno; CONF is the caller's then.
 */
int config_new(struct conf *conf, const struct config_text *text,
	       uint32_t generation, const struct config *before,
	       struct config **config);
void config_free(struct config *config); /* NULL is allowed */

/* Whether a child that has PART of BEFORE (NULL: none yet) has CONFIG's too. */
bool config_keeps(const struct config *before, const struct config *config,
		  enum conf_part part);

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
