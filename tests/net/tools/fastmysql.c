/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fastmysql PORT FILE - thousands of healthy MySQL servers in one process, for what
 * measures the asker: it listens on every address, lets everybody in, and has one
 * answer each for the state, the variables and any other query. A real server that
 * stands for thousands would itself get slower with each session, since its status
 * is a sum over all of them.
 *
 * FILE has the counts, renewed ten times a second: "LOGINS VARIABLES", the logins
 * and how often the variables were asked for.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define FD_MAX 65536
#define PACKET_MAX 4096
#define COM_QUIT 1
#define COM_QUERY 3
#define COLUMN_STRING 0xfd

static struct {
	unsigned char in[PACKET_MAX];
	size_t have;
	int open; /* it has logged in */
} * sessions[FD_MAX];

static unsigned long logins, variables;
static const char *counts;

static unsigned char out[PACKET_MAX];
static size_t used;
static unsigned char sequence;

static void put(const void *bytes, size_t length)
{
	if (used + length > sizeof(out))
		abort();
	memcpy(out + used, bytes, length);
	used += length;
}

static void packet(const void *bytes, size_t length)
{
	const unsigned char head[4] = { (unsigned char)length,
					(unsigned char)(length >> 8), 0,
					sequence++ };

	put(head, 4);
	put(bytes, length);
}

static void put_ok(void)
{
	packet("\0\0\0\2\0\0\0", 7);
}

static void put_eof(void)
{
	packet("\xfe\0\0\2\0", 5);
}

/* A length and the text, as the protocol has them. */
static size_t put_text(unsigned char *to, const char *text)
{
	size_t length = strlen(text);

	to[0] = (unsigned char)length;
	while (*text)
		*++to = (unsigned char)*text++;
	return length + 1;
}

static void put_column(const char *name)
{
	static const unsigned char tail[] = {
		0x0c, 33, 0, 255, 0, 0, 0, COLUMN_STRING, 0, 0, 0, 0, 0
	};
	unsigned char text[128];
	size_t length = put_text(text, "def");

	length += put_text(text + length, "");
	length += put_text(text + length, "");
	length += put_text(text + length, "");
	length += put_text(text + length, name);
	length += put_text(text + length, name);
	memcpy(text + length, tail, sizeof(tail));
	packet(text, length + sizeof(tail));
}

static void put_row(const char *first, const char *second)
{
	unsigned char text[128];
	size_t length = put_text(text, first);

	if (second)
		length += put_text(text + length, second);
	packet(text, length);
}

static void answer_pairs(const char *const (*rows)[2])
{
	packet("\2", 1);
	put_column("Variable_name");
	put_column("Value");
	put_eof();
	for (; (*rows)[0]; rows++)
		put_row((*rows)[0], (*rows)[1]);
	put_eof();
}

static void answer(const unsigned char *text, size_t length)
{
	static const char *const status[][2] = { { "Threads_connected", "3" },
						 { "Threads_running", "1" },
						 { NULL, NULL } };
	static const char *const known[][2] = { { "max_connections", "151" },
						{ "read_only", "OFF" },
						{ "wait_timeout", "28800" },
						{ NULL, NULL } };

	if (length >= 18 && memcmp(text, "SHOW GLOBAL STATUS", 18) == 0) {
		answer_pairs(status);
	} else if (length >= 21 &&
		   memcmp(text, "SHOW GLOBAL VARIABLES", 21) == 0) {
		variables++;
		answer_pairs(known);
	} else if (length >= 6 && memcmp(text, "SELECT", 6) == 0) {
		packet("\1", 1);
		put_column("1");
		put_eof();
		put_row("1", NULL);
		put_eof();
	} else {
		put_ok();
	}
}

static void session_close(int fd)
{
	free(sessions[fd]);
	sessions[fd] = NULL;
	close(fd);
}

/* Returns whether the session goes on. */
static int session_packet(int fd, const unsigned char *text, size_t length)
{
	used = 0;
	sequence = (unsigned char)(text[-1] + 1);
	if (!sessions[fd]->open) {
		sessions[fd]->open = 1;
		logins++;
		put_ok();
	} else if (length == 0 || text[0] == COM_QUIT) {
		return 0;
	} else if (text[0] == COM_QUERY) {
		answer(text + 1, length - 1);
	} else {
		put_ok();
	}
	return send(fd, out, used, MSG_NOSIGNAL) == (ssize_t)used;
}

static void session_read(int fd)
{
	unsigned char *in = sessions[fd]->in;
	size_t *have = &sessions[fd]->have;
	ssize_t got = recv(fd, in + *have, PACKET_MAX - *have, 0);

	if (got <= 0) {
		session_close(fd);
		return;
	}
	*have += (size_t)got;
	while (*have >= 4) {
		size_t length = (size_t)in[0] | (size_t)in[1] << 8;

		if (*have < length + 4)
			return;
		if (!session_packet(fd, in + 4, length)) {
			session_close(fd);
			return;
		}
		*have -= length + 4;
		memmove(in, in + length + 4, *have);
	}
}

static void greet(int listener, int epoll)
{
	static const char text[] = "\x0a"
				   "5.5.5-10.11.6-MariaDB\0"
				   "\1\0\0\0"
				   "12345678\0"
				   "\x0f\xa2\x21\2\0\x18\0\x15"
				   "\0\0\0\0\0\0\0\0\0\0"
				   "abcdefghijkl\0"
				   "mysql_native_password";
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };
	int yes = 1;

	if (fd < 0)
		return;
	/* As servers do: the second of two answers does not wait for an ACK. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	if (fd >= FD_MAX || !(sessions[fd] = calloc(1, sizeof(**sessions)))) {
		close(fd);
		return;
	}
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	used = 0;
	sequence = 0;
	packet(text, sizeof(text));
	if (send(fd, out, used, MSG_NOSIGNAL) < 0)
		session_close(fd);
}

static void write_counts(int timer)
{
	uint64_t times;
	FILE *file;

	if (read(timer, &times, sizeof(times)) < 0)
		return;
	file = fopen(counts, "r+");
	if (!file)
		return;
	fprintf(file, "%lu %lu\n", logins, variables);
	fclose(file);
}

static int timer_new(void)
{
	const struct itimerspec tenth = { { 0, 100000000 }, { 0, 100000000 } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	timerfd_settime(fd, 0, &tenth, NULL);
	return fd;
}

static int listener_new(const char *port)
{
	struct sockaddr_in any = { .sin_family = AF_INET,
				   .sin_port = htons(
					   (uint16_t)strtoul(port, NULL, 10)) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 ||
	    listen(fd, 4096) < 0) {
		perror("fastmysql");
		exit(EXIT_FAILURE);
	}
	return fd;
}

static void watch(int epoll, int fd)
{
	struct epoll_event event = { .events = EPOLLIN, .data.fd = fd };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char *argv[])
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), listener, timer, count, i;
	struct epoll_event events[64];

	if (argc != 3)
		return EXIT_FAILURE;
	counts = argv[2];
	listener = listener_new(argv[1]);
	timer = timer_new();
	watch(epoll, listener);
	watch(epoll, timer);
	for (;;) {
		count = epoll_wait(epoll, events, 64, -1);
		if (count < 0 && errno != EINTR)
			return EXIT_FAILURE;
		for (i = 0; i < count; i++) {
			if (events[i].data.fd == listener)
				greet(listener, epoll);
			else if (events[i].data.fd == timer)
				write_counts(timer);
			else
				session_read(events[i].data.fd);
		}
	}
}
