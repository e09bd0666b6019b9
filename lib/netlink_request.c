/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/netlink_request.h"

#include <errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

static int netlink_request_error(struct sockaddr_nl *from,
				 struct nlmsgerr *error, void *arg)
{
	*(int *)arg = error->error;
	return NL_STOP;
}

static int netlink_request_ack(struct nl_msg *msg, void *arg)
{
	*(int *)arg = 0;
	return NL_STOP;
}

int netlink_request(struct nl_sock *sock, struct nl_msg *msg)
{
	struct nl_cb *cb;
	int result = -EIO;

	if (!msg)
		return -ENOMEM;
	cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!cb) {
		nlmsg_free(msg);
		return -ENOMEM;
	}
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, netlink_request_ack, &result);
	nl_cb_err(cb, NL_CB_CUSTOM, netlink_request_error, &result);
	if (nl_send_auto(sock, msg) >= 0)
		(void)nl_recvmsgs(sock, cb);
	nl_cb_put(cb);
	nlmsg_free(msg);
	return result;
}
