/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lib/ipc.h"

#include <errno.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/bfd_ipc.h"
#include "lib/log.h"
#include "lib/mail_ipc.h"
#include "lib/peer_ipc.h"
#include "lib/verdict.h"
#include "lib/vrrp_ipc.h"
#include "lib/web_ipc.h"

/* A body's shape: a head of fixed size, then whole elements up to a limit. */
static const struct {
	size_t head;
	size_t element;
	size_t most;
} ipc_shapes[IPC_TYPES] = {
	[IPC_CONF] = { sizeof(struct ipc_conf), 0, 0 },
	[IPC_SECRET] = { sizeof(struct ipc_secret), 0, 0 },
	[IPC_PROBE_NOW] = { sizeof(struct ipc_probe_now), 0, 0 },
	[IPC_SOCKET_ASK] = { sizeof(struct ipc_socket_ask), 0, 0 },
	[IPC_SOCKET] = { sizeof(struct ipc_socket), 0, 0 },
	[IPC_IDENTITY] = { sizeof(struct ipc_identity), 0, 0 },
	[IPC_TRUST] = { sizeof(struct ipc_trust), 0, 0 },
	[IPC_NUMBER] = { sizeof(struct ipc_number), 0, 0 },
	[IPC_PAYLOAD_ASK] = { sizeof(struct ipc_payload_ask), 0, 0 },
	[IPC_PAYLOAD] = { sizeof(struct ipc_payload), 0, 0 },
	[IPC_EVICT] = { sizeof(struct ipc_evict), 0, 0 },
	[IPC_LOG_LEVEL] = { sizeof(struct ipc_log_level), 0, 0 },
	[IPC_PING] = { sizeof(struct ipc_ping), 0, 0 },
	[IPC_PONG] = { sizeof(struct ipc_ping), 0, 0 },
	[IPC_SCRIPT_END] = { sizeof(struct ipc_script_end), 0, 0 },
	[IPC_SCRIPT_RUN] = { sizeof(struct ipc_script_run), 0, 0 },
	[IPC_SCRIPT_STOP] = { sizeof(struct ipc_script_stop), 0, 0 },
	[IPC_READY] = { sizeof(struct ipc_ready), 0, 0 },
	[IPC_VERDICTS] = { sizeof(struct ipc_verdicts), sizeof(struct verdict),
			   IPC_VERDICTS_MAX },
	[IPC_VRRP_TRACK] = { 0, sizeof(struct ipc_vrrp_track),
			     IPC_VRRP_TRACKS_MAX },
	[IPC_VRRP_KEY] = { sizeof(struct ipc_vrrp_key), 0, 0 },
	[IPC_VRRP_ASK] = { sizeof(struct ipc_vrrp_ask), 0, 0 },
	[IPC_VRRP_STATE] = { sizeof(struct ipc_vrrp_state), 0, 0 },
	[IPC_VRRP_YIELD] = { sizeof(struct ipc_vrrp_yield),
			     sizeof(struct ipc_vrrp_behind),
			     IPC_VRRP_YIELDS_MAX },
	[IPC_PEER_CONF] = { 0, sizeof(struct ipc_peer_conf),
			    PEER_CHANNELS_MAX },
	[IPC_PEER_HEARD] = { sizeof(struct ipc_peer_heard), 0, 0 },
	[IPC_PEER_PAGE] = { sizeof(struct ipc_peer_page), 0, 0 },
	[IPC_PEER_SETTLED] = { sizeof(struct ipc_peer_settled), 0, 0 },
	[IPC_RECORD_OPEN] = { sizeof(struct ipc_record_open), 0, 0 },
	[IPC_RECORD_BYTES] = { sizeof(struct ipc_record_bytes), 1,
			       IPC_RECORD_BYTES_MAX },
	[IPC_RECORD_BLOB] = { sizeof(struct ipc_record_blob), 0, 0 },
	[IPC_RECORD_STATE] = { sizeof(struct ipc_record_state), 0, 0 },
	[IPC_PEER_WORDS] = { 0, sizeof(struct ipc_peer_word),
			     IPC_PEER_WORDS_MAX },
	[IPC_WEB_CONF] = { sizeof(struct ipc_web_conf), 0, 0 },
	[IPC_WEB_ASK] = { sizeof(struct ipc_web_ask), 0, 0 },
	[IPC_WEB_ANSWER] = { sizeof(struct ipc_web_answer), 0, 0 },
	[IPC_BFD_CONF] = { sizeof(struct ipc_bfd_conf),
			   sizeof(struct ipc_bfd_session), IPC_BFD_PAGE },
	[IPC_BFD_STATE] = { sizeof(struct ipc_bfd_state), 0, 0 },
	[IPC_MAIL_CONF] = { sizeof(struct ipc_mail_conf), 0, 0 },
	[IPC_MAIL_LETTER] = { sizeof(struct ipc_mail_letter), 0, 0 },
	[IPC_MAIL_DONE] = { sizeof(struct ipc_mail_done), 0, 0 },
};

_Static_assert(sizeof(struct ipc_header) + sizeof(struct ipc_verdicts) +
			       IPC_VERDICTS_MAX * sizeof(struct verdict) <=
		       IPC_MESSAGE_MAX,
	       "a full message of verdicts must fit");
_Static_assert(sizeof(struct ipc_header) +
			       IPC_PEER_WORDS_MAX *
				       sizeof(struct ipc_peer_word) <=
		       IPC_MESSAGE_MAX,
	       "a full message of words must fit");
_Static_assert(sizeof(struct ipc_header) + sizeof(struct ipc_bfd_conf) +
			       IPC_BFD_PAGE * sizeof(struct ipc_bfd_session) <=
		       IPC_MESSAGE_MAX,
	       "a full message of sessions must fit");

int ipc_pair(int fds[2])
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, fds) < 0)
		return -errno;
	return 0;
}

static void ipc_attach_fd(struct msghdr *msg, char *control, size_t size,
			  int fd)
{
	struct cmsghdr *cmsg;

	memset(control, 0, size);
	msg->msg_control = control;
	msg->msg_controllen = size;
	cmsg = CMSG_FIRSTHDR(msg);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
}

int ipc_send(int sock, enum ipc_type type, uint32_t generation,
	     const void *body, size_t length, int fd)
{
	struct ipc_header header = { .type = type, .generation = generation };
	struct iovec iov[2] = {
		{ .iov_base = &header, .iov_len = sizeof(header) },
		{ .iov_base = (void *)(uintptr_t)body, .iov_len = length },
	};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	if (fd >= 0)
		ipc_attach_fd(&msg, control, sizeof(control), fd);
	while (sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		if (errno != EINTR)
			return errno == ECONNRESET ? -EPIPE : -errno;
	}
	return 0;
}

bool ipc_unread(int sock)
{
	int bytes = 0;

	return ioctl(sock, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

void ipc_answer(int sock, const struct ipc_message *ping)
{
	(void)ipc_send(sock, IPC_PONG, ping->header.generation, ping->body,
		       sizeof(struct ipc_ping), -1);
}

/* Take the first descriptor that came along; close any that nobody asked for. */
static int ipc_take_fd(struct msghdr *msg)
{
	struct cmsghdr *cmsg;
	int taken = -1;
	size_t count, i;
	int fd;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int),
			       sizeof(fd));
			if (taken < 0)
				taken = fd;
			else
				close(fd);
		}
	}
	return taken;
}

bool ipc_message_check(const struct ipc_message *msg)
{
	const struct ipc_verdicts *verdicts = (const void *)msg->body;
	size_t type = msg->header.type;
	size_t rest;

	if (type == IPC_NONE || type >= IPC_TYPES ||
	    msg->length < ipc_shapes[type].head)
		return false;
	rest = msg->length - ipc_shapes[type].head;
	if (ipc_shapes[type].element == 0)
		return rest == 0;
	if (rest % ipc_shapes[type].element != 0 ||
	    rest / ipc_shapes[type].element > ipc_shapes[type].most)
		return false;
	return type != IPC_VERDICTS ||
	       verdicts->count == rest / sizeof(struct verdict);
}

int ipc_recv(int sock, struct ipc_message *msg)
{
	struct iovec iov[2] = {
		{ .iov_base = &msg->header, .iov_len = sizeof(msg->header) },
		{ .iov_base = msg->body, .iov_len = sizeof(msg->body) },
	};
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))];
	struct msghdr head = {
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t got;

	do {
		got = recvmsg(sock, &head, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ECONNRESET ? 0 : -errno;
	msg->fd = ipc_take_fd(&head);
	if (got == 0 && msg->fd < 0)
		return 0;
	msg->length = (size_t)got - sizeof(msg->header);
	if ((size_t)got >= sizeof(msg->header) &&
	    !(head.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) &&
	    ipc_message_check(msg))
		return 1;
	if (msg->fd >= 0)
		close(msg->fd);
	msg->fd = -1;
	return -EBADMSG;
}

bool ipc_dispatch(const struct ipc_handler *handlers, void *arg,
		  const struct ipc_message *msg)
{
	for (; handlers->type != IPC_NONE; handlers++) {
		if (msg->header.type != handlers->type)
			continue;
		handlers->handle(arg, msg);
		return true;
	}
	return false;
}

void ipc_obey_log_level(const struct ipc_message *msg)
{
	const struct ipc_log_level *level = (const void *)msg->body;

	if (level->level <= LOG_LEVEL_DEBUG)
		log_set_level((enum log_level)level->level);
}
