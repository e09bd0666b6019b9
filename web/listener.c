/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "web/listener.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/log.h"

/* Bytes for the request and the head of the answer of one connection. */
#define LISTENER_BUFFER 6144
/* Connections of one burst, which are accepted before one can be sent away. */
#define LISTENER_SLACK 64
#define LISTENER_BACKLOG 128
#define LISTENER_RETRY (5 * USEC_PER_SEC)
#define LISTENER_SWEEP USEC_PER_SEC

enum listener_phase {
	LISTENER_IS_ASKING,
	LISTENER_IS_IDLE,
	LISTENER_IS_ANSWERED,
	LISTENER_PHASES
};

static const usec_t listener_limits[] = {
	[LISTENER_IS_ASKING] = LISTENER_ASKING,
	[LISTENER_IS_IDLE] = LISTENER_IDLE,
	[LISTENER_IS_ANSWERED] = LISTENER_ANSWERING,
};

/* A connection. */
struct listener_seat {
	TAILQ_ENTRY(listener_seat) entry;
	struct listener *listener;
	int fd;
	enum listener_phase phase;
	usec_t since; /* in this phase */
	bool ended; /* was shut down here */
};

struct listener {
	struct loop *loop;
	const struct listener_service *service;
	void *arg;
	struct endpoint at;
	struct MHD_Daemon *daemon; /* NULL: does not listen */
	struct loop_io io;
	struct loop_timer timer; /* libmicrohttpd's */
	struct loop_task resumed;
	struct loop_timer sweep;
	struct loop_timer retry;
	int told; /* the error that is in the log */
	TAILQ_HEAD(, listener_seat) seats; /* the oldest first */
	unsigned nr_seats;
};

/*
 * libmicrohttpd closes a connection of which no more can be read, with its next
 * look at it.
 */
static void listener_send_away(struct listener_seat *seat)
{
	if (!seat->ended)
		shutdown(seat->fd, SHUT_RDWR);
	seat->ended = true;
}

/*
 * The phase of most connections; of two, the one that loses less. A
 * crowd in one phase never takes the seats of honest clients in another.
 */
static enum listener_phase listener_crowd(const struct listener *listener)
{
	unsigned counts[LISTENER_PHASES] = { 0 }, i, most = 0;
	const struct listener_seat *seat;

	TAILQ_FOREACH (seat, &listener->seats, entry)
		counts[seat->phase] += !seat->ended;
	for (i = 1; i < LISTENER_PHASES; i++)
		if (counts[i] > counts[most])
			most = i;
	return (enum listener_phase)most;
}

/* Send away the connection of the crowd that is in its phase for longest. */
static void listener_make_room(struct listener *listener)
{
	enum listener_phase crowd = listener_crowd(listener);
	struct listener_seat *seat, *worst = NULL;

	TAILQ_FOREACH (seat, &listener->seats, entry)
		if (!seat->ended && seat->phase == crowd &&
		    (!worst || seat->since < worst->since))
			worst = seat;
	if (worst)
		listener_send_away(worst);
}

static void listener_arrives(struct listener *listener,
			     struct MHD_Connection *connection, void **context)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct listener_seat *seat = xcalloc(1, sizeof(*seat));

	seat->listener = listener;
	seat->fd = info->connect_fd;
	seat->since = loop_now(listener->loop);
	if (listener->nr_seats >= LISTENER_SEATS)
		listener_make_room(listener);
	TAILQ_INSERT_TAIL(&listener->seats, seat, entry);
	listener->nr_seats++;
	*context = seat;
	if (!listener->sweep.set)
		loop_timer_set(&listener->sweep, seat->since + LISTENER_SWEEP);
}

static void listener_connection(void *arg, struct MHD_Connection *connection,
				void **context,
				enum MHD_ConnectionNotificationCode code)
{
	struct listener *listener = arg;
	struct listener_seat *seat = *context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		listener_arrives(listener, connection, context);
		return;
	}
	TAILQ_REMOVE(&listener->seats, seat, entry);
	listener->nr_seats--;
	free(seat);
	*context = NULL;
}

static struct listener_seat *listener_seat(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info->socket_context;
}

static void listener_phase(struct listener_seat *seat,
			   enum listener_phase phase)
{
	seat->phase = phase;
	seat->since = loop_now(seat->listener->loop);
}

void listener_asked(struct MHD_Connection *connection)
{
	listener_phase(listener_seat(connection), LISTENER_IS_ANSWERED);
}

static void listener_ended(void *arg, struct MHD_Connection *connection,
			   void **context, enum MHD_RequestTerminationCode code)
{
	struct listener *listener = arg;

	listener_phase(listener_seat(connection), LISTENER_IS_IDLE);
	listener->service->ended(listener->arg, connection, context, code);
}

static enum MHD_Result listener_handle(void *arg,
				       struct MHD_Connection *connection,
				       const char *url, const char *method,
				       const char *version, const char *upload,
				       size_t *size, void **context)
{
	struct listener *listener = arg;

	return listener->service->handle(listener->arg, connection, url, method,
					 version, upload, size, context);
}

static void listener_run(struct listener *listener)
{
	MHD_UNSIGNED_LONG_LONG wait;
	usec_t now = loop_now(listener->loop);

	MHD_run(listener->daemon);
	if (MHD_get_timeout(listener->daemon, &wait) != MHD_YES)
		loop_timer_clear(&listener->timer);
	else
		loop_timer_set(&listener->timer,
			       now + (usec_t)wait * USEC_PER_MSEC);
}

static void listener_ready(struct loop_io *io, unsigned what)
{
	listener_run(container_of(io, struct listener, io));
}

static void listener_expired(struct loop_timer *timer)
{
	listener_run(container_of(timer, struct listener, timer));
}

static void listener_go_on(struct loop_task *task)
{
	listener_run(container_of(task, struct listener, resumed));
}

/* Run by somebody else's loop, libmicrohttpd does not wake itself. */
void listener_resume(struct MHD_Connection *connection)
{
	struct listener *listener = listener_seat(connection)->listener;

	MHD_resume_connection(connection);
	loop_task_want(&listener->resumed);
}

static void listener_sweep(struct loop_timer *timer)
{
	struct listener *listener = container_of(timer, struct listener, sweep);
	usec_t now = loop_now(listener->loop);
	struct listener_seat *seat;

	TAILQ_FOREACH (seat, &listener->seats, entry)
		if (now - seat->since >= listener_limits[seat->phase])
			listener_send_away(seat);
	if (!TAILQ_EMPTY(&listener->seats))
		loop_timer_set(timer, now + LISTENER_SWEEP);
}

/*
 * A service address of a pair is at one host at a time, so listening at an
 * address that is not here yet is allowed. Returns the descriptor or -errno.
 */
static int listener_socket(const struct endpoint *at)
{
	struct sockaddr_storage ss;
	socklen_t length = endpoint_to_sockaddr(at, &ss);
	int fd, error = 0, on = 1;

	fd = socket(at->addr.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    (at->addr.family == AF_INET6 &&
	     (setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0 ||
	      setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof(on)) <
		      0)) ||
	    (at->addr.family == AF_INET &&
	     setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof(on)) < 0) ||
	    bind(fd, (struct sockaddr *)&ss, length) < 0 ||
	    listen(fd, LISTENER_BACKLOG) < 0)
		error = -errno;
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/* libmicrohttpd owns FD after success. Returns 0 or -errno. */
static int listener_start(struct listener *listener, int fd)
{
	const union MHD_DaemonInfo *info;

	listener->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
		listener_handle, listener, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT,
		(unsigned)(LISTENER_SEATS + LISTENER_SLACK),
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)LISTENER_BUFFER,
		MHD_OPTION_CONNECTION_MEMORY_INCREMENT, (size_t)1024,
		MHD_OPTION_NOTIFY_COMPLETED, listener_ended, listener,
		MHD_OPTION_NOTIFY_CONNECTION, listener_connection, listener,
		MHD_OPTION_END);
	if (!listener->daemon)
		return -ENOMEM;
	info = MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	return loop_io_start(listener->loop, &listener->io, info->epoll_fd,
			     LOOP_READ, listener_ready);
}

static void listener_close(struct listener *listener)
{
	loop_timer_clear(&listener->retry);
	loop_timer_clear(&listener->sweep);
	loop_timer_clear(&listener->timer);
	loop_io_stop(&listener->io);
	if (!listener->daemon)
		return;
	listener->service->closing(listener->arg);
	MHD_run(listener->daemon); /* suspended connections go on, and end */
	loop_task_clear(&listener->resumed);
	MHD_stop_daemon(listener->daemon);
	listener->daemon = NULL;
}

/* An error is told once, not at each try. */
static void listener_tell(struct listener *listener, int error)
{
	const char *keyword = listener->service->keyword;
	char text[ENDPOINT_TEXT_MAX];

	endpoint_format(&listener->at, text);
	if (error == listener->told)
		return;
	listener->told = error;
	if (error == 0)
		log_notice("web", "%s: listening at %s", keyword, text);
	else if (error == -EACCES)
		log_error("web",
			  "%s: this process has no right to ports below 1024 "
			  "(%s); choose a higher one, or put a proxy before it",
			  keyword, text);
	else
		log_error("web", "%s: cannot listen at %s: %s; tried again",
			  keyword, text, strerror(-error));
}

static void listener_open(struct listener *listener)
{
	int fd = listener_socket(&listener->at);
	int error = fd < 0 ? fd : listener_start(listener, fd);

	if (error < 0) {
		if (fd >= 0 && !listener->daemon)
			close(fd);
		listener_close(listener);
		loop_timer_set(&listener->retry,
			       loop_now(listener->loop) + LISTENER_RETRY);
	}
	listener_tell(listener, error);
}

static void listener_retry(struct loop_timer *timer)
{
	listener_open(container_of(timer, struct listener, retry));
}

struct listener *listener_new(struct loop *loop,
			      const struct listener_service *service, void *arg)
{
	struct listener *listener = xcalloc(1, sizeof(*listener));

	listener->loop = loop;
	listener->service = service;
	listener->arg = arg;
	TAILQ_INIT(&listener->seats);
	loop_timer_init(loop, &listener->timer, listener_expired);
	loop_task_init(loop, &listener->resumed, listener_go_on);
	loop_timer_init(loop, &listener->sweep, listener_sweep);
	loop_timer_init(loop, &listener->retry, listener_retry);
	return listener;
}

void listener_free(struct listener *listener)
{
	if (!listener)
		return;
	listener_close(listener);
	free(listener);
}

void listener_leave(struct listener *listener, const struct endpoint *at)
{
	if (endpoint_cmp(&listener->at, at) == 0)
		return;
	listener_close(listener);
	listener->at = (struct endpoint){ .addr.family = AF_UNSPEC };
}

void listener_configure(struct listener *listener, const struct endpoint *at)
{
	if (endpoint_cmp(&listener->at, at) == 0)
		return;
	listener_leave(listener, at);
	listener->at = *at;
	listener->told = 1; /* no error yet, and no success */
	if (addr_is_set(&at->addr))
		listener_open(listener);
}
