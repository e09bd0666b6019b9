/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * toyserver MODE ADDRESS PORT [COUNT] - a server that misbehaves, on COUNT
 * successive ports:
 *
 *	silent		accepts and says nothing
 *	dribble		a MySQL greeting, one byte a second
 *	stall		a whole greeting, then nothing
 *	tlsstall	a greeting that offers TLS, then nothing
 *	garbage		bytes of no protocol
 *	huge		a packet header that promises 16 MB, then bytes for ever
 *	http		an HTTP answer
 *	close		closes at once
 *	rst		resets at once
 *	halfclose	a whole greeting, then closes
 *	full		does not accept: its queue is full
 *
 * It prints "ready" when it listens, and ends with SIGTERM.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOY_FDS_MAX 4096

/* Protocol 10, version 5.7.99-toy, a challenge, native password. */
static const unsigned char greeting[] = "\x4e\0\0\0\x0a"
					"5.7.99-toy\0"
					"\x01\0\0\0"
					"abcdefgh\0"
					"\xff\xf7\x21\x02\0\xff\x81\x15"
					"\0\0\0\0\0\0\0\0\0\0"
					"ijklmnopqrst\0"
					"mysql_native_password";

/* The packet's length is all but its head. */
#define GREETING_SIZE (sizeof(greeting))

struct conn {
	size_t sent;
};

struct mode {
	const char *name;
	/* Returns false when the connection is to be closed. */
	bool (*accepted)(int fd, struct conn *conn);
	bool (*tick)(int fd, struct conn *conn); /* NULL, or once a second */
	bool (*writable)(int fd, struct conn *conn); /* NULL, or all the time */
};

static bool put(int fd, const void *data, size_t size)
{
	return send(fd, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 ||
	       errno == EAGAIN;
}

static bool silent(int fd, struct conn *conn)
{
	return true;
}

static bool dribble(int fd, struct conn *conn)
{
	if (conn->sent == GREETING_SIZE)
		return true;
	return put(fd, greeting + conn->sent++, 1);
}

static bool stall(int fd, struct conn *conn)
{
	return put(fd, greeting, GREETING_SIZE);
}

/* The capability for TLS is bit 3 of the byte at this place. */
#define GREETING_TLS 30

static bool tlsstall(int fd, struct conn *conn)
{
	unsigned char copy[GREETING_SIZE];

	memcpy(copy, greeting, sizeof(copy));
	copy[GREETING_TLS] |= 8;
	return put(fd, copy, sizeof(copy));
}

static bool halfclose(int fd, struct conn *conn)
{
	char buf[512];

	put(fd, greeting, GREETING_SIZE);
	/* With the client's answer unread, closing would be a reset. */
	return recv(fd, buf, sizeof(buf), 0) < 0;
}

static bool garbage(int fd, struct conn *conn)
{
	unsigned char bytes[64];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + 11);
	return put(fd, bytes, sizeof(bytes));
}

static bool huge(int fd, struct conn *conn)
{
	return put(fd, "\xff\xff\xff\0\x0a", 5);
}

static bool flood(int fd, struct conn *conn)
{
	static const char bytes[65536];

	return put(fd, bytes, sizeof(bytes));
}

static bool http(int fd, struct conn *conn)
{
	static const char text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

	put(fd, text, sizeof(text) - 1);
	return true;
}

static bool closed(int fd, struct conn *conn)
{
	return false;
}

static bool reset(int fd, struct conn *conn)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	return false;
}

static const struct mode modes[] = {
	{ "silent", silent, NULL, NULL },
	{ "dribble", dribble, dribble, NULL },
	{ "stall", stall, NULL, NULL },
	{ "garbage", garbage, NULL, NULL },
	{ "huge", huge, NULL, flood },
	{ "http", http, NULL, NULL },
	{ "close", closed, NULL, NULL },
	{ "rst", reset, NULL, NULL },
	{ "halfclose", halfclose, NULL, NULL },
	{ "tlsstall", tlsstall, NULL, NULL },
	{ "full", NULL, NULL, NULL },
};

static struct pollfd fds[TOY_FDS_MAX];
static struct conn conns[TOY_FDS_MAX];
static nfds_t used;
static nfds_t listeners;

static void add(int fd, short events)
{
	if (used == TOY_FDS_MAX) {
		close(fd);
		return;
	}
	fds[used] = (struct pollfd){ .fd = fd, .events = events };
	conns[used] = (struct conn){ 0 };
	used++;
}

static void drop(nfds_t i)
{
	close(fds[i].fd);
	used--;
	fds[i] = fds[used];
	conns[i] = conns[used];
}

static int die(const char *what)
{
	perror(what);
	exit(EXIT_FAILURE);
}

/* A queue of one, filled by ourselves: later SYNs are not answered. */
static void fill_queue(const struct sockaddr *to, socklen_t size)
{
	int i, fd;

	for (i = 0; i < 3; i++) {
		fd = socket(to->sa_family,
			    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0 ||
		    (connect(fd, to, size) < 0 && errno != EINPROGRESS))
			die("connect");
	}
}

static void listen_on(const char *address, int port, const struct mode *mode)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_port = htons((uint16_t)port) };
	bool v6 = strchr(address, ':');
	const struct sockaddr *to = v6 ? (void *)&in6 : (void *)&in;
	socklen_t size = v6 ? sizeof(in6) : sizeof(in);
	int fd = socket(to->sa_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	if (inet_pton(to->sa_family, address,
		      v6 ? (void *)&in6.sin6_addr : (void *)&in.sin_addr) != 1)
		die(address);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, to, size) < 0 || listen(fd, mode->accepted ? 512 : 0) < 0)
		die("listen");
	if (mode->accepted)
		add(fd, POLLIN);
	else
		fill_queue(to, size);
}

static void take(const struct mode *mode, nfds_t listener)
{
	int fd = accept4(fds[listener].fd, NULL, NULL, SOCK_CLOEXEC);
	int one = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &one, sizeof(one));
	add(fd, mode->writable ? POLLIN | POLLOUT : POLLIN);
	if (!mode->accepted(fd, &conns[used - 1]))
		drop(used - 1);
}

/* What the client says is read and forgotten. Returns false at its end. */
static bool forget(int fd)
{
	char buf[4096];
	ssize_t got = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

	return got > 0 || (got < 0 && errno == EAGAIN);
}

static void turn(const struct mode *mode, bool tick)
{
	nfds_t i;

	for (i = used; i-- > listeners;) {
		if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR) &&
		     !forget(fds[i].fd)) ||
		    (fds[i].revents & POLLOUT &&
		     !mode->writable(fds[i].fd, &conns[i])) ||
		    (tick && mode->tick && !mode->tick(fds[i].fd, &conns[i])))
			drop(i);
	}
	for (i = 0; i < listeners; i++) {
		if (fds[i].revents)
			take(mode, i);
	}
}

int main(int argc, char **argv)
{
	const struct mode *mode = NULL;
	size_t i;
	int port, count;

	if (argc < 4)
		return EXIT_FAILURE;
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		if (strcmp(modes[i].name, argv[1]) == 0)
			mode = &modes[i];
	}
	if (!mode)
		die(argv[1]);
	port = (int)strtol(argv[3], NULL, 10);
	count = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 1;
	while (count-- > 0)
		listen_on(argv[2], port++, mode);
	listeners = used;
	printf("ready\n");
	fflush(stdout);
	alarm(600);
	for (;;) {
		int got = poll(fds, used, 1000);

		if (got < 0 && errno != EINTR)
			die("poll");
		turn(mode, got == 0);
	}
}
