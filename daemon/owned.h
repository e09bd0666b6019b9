/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our services, kept in a small text file, one a line: "TCP 192.0.2.1:3306".
 * The file lies in the run directory, which a boot clears just as it clears the
 * kernel's table. A line that cannot be read is left out with a warning in the
 * log: its service then counts as foreign, and stays.
 */
#ifndef EVENKEEL_DAEMON_OWNED_H
#define EVENKEEL_DAEMON_OWNED_H

#include "ipvs/sort.h"

/*
 * Add the services in PATH to KEYS; a missing file has none. Returns 0 or
 * -errno.
 */
int owned_load(const char *path, struct ipvs_keys *keys);
/* Write KEYS to PATH atomically. Returns 0 or -errno. */
int owned_save(const char *path, const struct ipvs_keys *keys);
/* The inverse of service_key_format(). Returns 0 or -EINVAL. */
int owned_parse_key(const char *text, struct service_key *key);

#endif
