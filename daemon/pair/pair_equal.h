/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether two configurations say the same about VRRP: then a reload is not sent
 * to the vrrp process.
 */
#ifndef EVENKEEL_DAEMON_PAIR_PAIR_EQUAL_H
#define EVENKEEL_DAEMON_PAIR_PAIR_EQUAL_H

#include <stdbool.h>

#include "conf/vrrp_conf.h"

/*
 * Every member of every instance, group and tracker, in the order of the file.
 * An irrelevant difference may be reported; a relevant one is never missed.
 */
bool pair_equal(const struct vrrp_conf *a, const struct vrrp_conf *b);

#endif
