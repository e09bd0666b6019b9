/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of iptables, as iptables-save(8) prints them, in the form that
 * ruleset.h judges. nft prints most extensions of iptables without their
 * meaning, and does not see iptables-legacy at all. Pure.
 */
#ifndef EVENKEEL_DAEMON_DOCTOR_IPTABLES_H
#define EVENKEEL_DAEMON_DOCTOR_IPTABLES_H

struct json_object;

/*
 * Add the rules of SAVED to LIST, an array of nft's objects. FAMILY is "ip" or
 * "ip6"; TOOL, for people and for commands, is "iptables" or the like.
 */
void iptables_add(struct json_object *list, const char *saved,
		  const char *family, const char *tool);

#endif
