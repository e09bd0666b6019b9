/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A request to the kernel over rtnetlink, with the kernel's own answer. */
#ifndef EVENKEEL_LIB_NETLINK_REQUEST_H
#define EVENKEEL_LIB_NETLINK_REQUEST_H

struct nl_msg;
struct nl_sock;

/*
 * Send MSG, which is freed, and take the answer. Returns 0 or -errno as the kernel
 * gives it (libnl's own numbers have fewer values); -ENOMEM also if MSG is NULL,
 * -EIO if there is no answer.
 */
int netlink_request(struct nl_sock *sock, struct nl_msg *msg);

#endif
