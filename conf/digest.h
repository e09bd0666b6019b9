/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digests, by which two balancers find out whether their files say the same of
 * the virtual servers. Every word in force counts, inherited or not, but for a
 * host's own: the address that a check connects from (bindto, bind_port, bind_if).
 * The order of the virtual servers does not count. A secret is not in it, only
 * that there is one. A version with other words or defaults has other digests.
 */
#ifndef EVENKEEL_CONF_DIGEST_H
#define EVENKEEL_CONF_DIGEST_H

#include <stdint.h>

struct conf;
struct conf_announce_group;

/*
 * The digest of all virtual servers. Into POOLS, which has a place for each, a
 * digest of its identity, name and services, which is the same in each version.
 */
uint64_t conf_digest(const struct conf *conf, uint64_t *pools);

/* Of a name. */
uint64_t conf_digest_text(const char *text);

/* Of a group's name and addresses, in any order. */
uint64_t conf_digest_announce(const struct conf_announce_group *group);

#endif
