/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ipvs/link.h"

#include <errno.h>
#include <linux/netlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "lib/util.h"

/*
 * The kernel fills up to 32 KiB of a dump into one datagram once it has seen a
 * reader with room for it; a part that does not fit is cut off and lost.
 */
#define IN_SIZE (64 * 1024)
#define SOCKET_BUFFER (8 * 1024 * 1024)

/* The kernel answers before send() returns, so waiting at all is a fault. */
#define ANSWER_LIMIT 10 /* s */

static void link_set_option(int fd, int level, int name, int value)
{
	/* The options improve matters only; nothing depends on them. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void link_set_options(int fd)
{
	struct timeval limit = { .tv_sec = ANSWER_LIMIT };

	/* libnl has set 32 KiB. FORCE needs CAP_NET_ADMIN, and we have it. */
	link_set_option(fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
	link_set_option(fd, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
	link_set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, SOCKET_BUFFER);
	link_set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, SOCKET_BUFFER);
	link_set_option(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
	link_set_option(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
}

int ipvs_link_open(struct ipvs_link *link)
{
	memset(link, 0, sizeof(*link));
	link->fd = -1;
	link->sock = nl_socket_alloc();
	if (!link->sock)
		return -ENOMEM;
	errno = 0;
	if (genl_connect(link->sock) < 0) {
		int err = errno ? -errno : -EIO;

		ipvs_link_close(link);
		return err;
	}
	link->fd = nl_socket_get_fd(link->sock);
	link->in = xcalloc(1, IN_SIZE);
	link->seq = (uint32_t)nl_socket_get_local_port(link->sock);
	link_set_options(link->fd);
	return 0;
}

void ipvs_link_close(struct ipvs_link *link)
{
	nl_socket_free(link->sock);
	free(link->in);
	memset(link, 0, sizeof(*link));
	link->fd = -1;
}

int ipvs_link_resolve(struct ipvs_link *link, const char *name)
{
	int family = genl_ctrl_resolve(link->sock, name);
	int changed = family != link->family;

	/* libnl leaves its own requests' answers behind if it gives up early. */
	link->stale = true;
	if (family == -NLE_OBJ_NOTFOUND)
		return -ENOENT;
	if (family < 0)
		return family == -NLE_PERM ? -EPERM : -EIO;
	link->family = (uint16_t)family;
	return changed;
}

uint32_t ipvs_link_next(struct ipvs_link *link)
{
	return ++link->seq;
}

static ssize_t link_receive(struct ipvs_link *link, int flags,
			    struct msghdr *header)
{
	ssize_t got;

	do {
		got = recvmsg(link->fd, header, flags);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static void link_forget_stale(struct ipvs_link *link)
{
	struct iovec iov = { link->in, IN_SIZE };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t got;

	/* An overrun is reported once, in place of a message. */
	do {
		got = link_receive(link, MSG_DONTWAIT, &header);
	} while (got >= 0 || got == -ENOBUFS);
	link->stale = false;
}

int ipvs_link_send(struct ipvs_link *link, const void *data, size_t length)
{
	ssize_t sent;

	if (link->stale)
		link_forget_stale(link);
	do {
		sent = send(link->fd, data, length, 0);
	} while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return -errno;
	return (size_t)sent == length ? 0 : -EMSGSIZE;
}

/* NLMSG_DATA() would take the const away. */
static const void *link_payload(const struct nlmsghdr *message)
{
	return (const char *)message + NLMSG_HDRLEN;
}

/* The kernel's words in the attributes after an error; "" if there are none. */
static void link_copy_error_text(const struct nlmsghdr *message, char *text,
				 size_t size)
{
	const struct nlmsgerr *error = link_payload(message);
	size_t offset = sizeof(*error);
	struct nlattr *attr;
	int length;

	text[0] = '\0';
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(message->nlmsg_flags & NLM_F_CAPPED) &&
	    error->msg.nlmsg_len > NLMSG_HDRLEN)
		offset += NLMSG_ALIGN((size_t)error->msg.nlmsg_len -
				      NLMSG_HDRLEN);
	if (offset >= NLMSG_PAYLOAD(message, 0))
		return;
	length = (int)(NLMSG_PAYLOAD(message, 0) - offset);
	attr = nla_find(
		(const struct nlattr *)(const void *)((const char *)error +
						      offset),
		length, NLMSGERR_ATTR_MSG);
	if (attr)
		text_copy_printable(text, size, nla_data(attr),
				    (size_t)nla_len(attr));
}

static void link_take_verdict(struct ipvs_exchange *exchange,
			      const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = link_payload(message);
	char text[96];

	if (message->nlmsg_len < NLMSG_LENGTH(sizeof(*error))) {
		exchange->result = -EBADMSG;
		return;
	}
	if (exchange->verdict) {
		link_copy_error_text(message, text, sizeof(text));
		exchange->verdict(exchange, message->nlmsg_seq, error->error,
				  text);
	} else if (error->error < 0) {
		exchange->result = error->error;
	}
}

/* A dump's own end carries its own error. */
static void link_take_end(struct ipvs_exchange *exchange,
			  const struct nlmsghdr *message)
{
	int error = 0;

	if (message->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
		memcpy(&error, link_payload(message), sizeof(error));
	if (error < 0 && exchange->result == 0)
		exchange->result = error;
}

/* Returns true if this answers the last request. */
static bool link_take_message(struct ipvs_exchange *exchange,
			      struct nlmsghdr *message)
{
	uint32_t last = exchange->last - exchange->first;
	uint32_t seq = message->nlmsg_seq - exchange->first;
	int err;

	if (seq > last)
		return false;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		exchange->interrupted = true;
	if (message->nlmsg_type == NLMSG_ERROR) {
		link_take_verdict(exchange, message);
		return seq == last;
	}
	if (message->nlmsg_type == NLMSG_DONE) {
		link_take_end(exchange, message);
		return seq == last;
	}
	if (message->nlmsg_type < NLMSG_MIN_TYPE)
		return false;
	if (exchange->reply) {
		/* After a fault go on reading, or the dump would stay open. */
		err = exchange->reply(exchange, message);
		if (err < 0 && exchange->result == 0)
			exchange->result = err;
	}
	return seq == last && !(message->nlmsg_flags & NLM_F_MULTI);
}

bool ipvs_link_sort(struct ipvs_exchange *exchange, void *data, size_t length)
{
	struct nlmsghdr *message = data;
	int left = (int)length;
	bool done = false;

	while (nlmsg_ok(message, left)) {
		if (link_take_message(exchange, message))
			done = true;
		message = nlmsg_next(message, &left);
	}
	return done;
}

int ipvs_link_collect(struct ipvs_link *link, struct ipvs_exchange *exchange)
{
	bool done = false;

	while (!done) {
		struct sockaddr_nl from = { 0 };
		struct iovec iov = { link->in, IN_SIZE };
		struct msghdr header = { .msg_name = &from,
					 .msg_namelen = sizeof(from),
					 .msg_iov = &iov,
					 .msg_iovlen = 1 };
		ssize_t got = link_receive(link, 0, &header);

		if (got < 0) {
			link->stale = true;
			return got == -EAGAIN ? -ETIMEDOUT : (int)got;
		}
		/* Anyone may send to a netlink socket; the kernel is port 0. */
		if (header.msg_namelen < sizeof(from) || from.nl_pid != 0)
			continue;
		if (header.msg_flags & MSG_TRUNC) {
			link->stale = true;
			return -EMSGSIZE;
		}
		done = ipvs_link_sort(exchange, link->in, (size_t)got);
	}
	return exchange->result;
}
