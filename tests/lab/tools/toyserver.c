// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * toyserver MODE PORT [MODE PORT]... - servers that are ill, for scenarios and
 * measurements: one process, one event loop, any number of connections.
 *
 *	accept	takes connections and whatever comes, never says a word
 *	close	closes at once
 *	reset	the same, with a RST
 *	garbage	says something that is not MySQL's protocol, then closes
 *	endless	says garbage for as long as somebody reads it
 *	dribble	says a proper greeting, one byte a second
 *	name	well: answers each line with $TOY_NAME and the end of a line
 *
 * It listens on every address of its namespace, IPv4 and IPv6, and prints
 * "ready" once it does. SIGUSR1 prints, for each port, how many connections it
 * took; so does the end by SIGTERM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_LISTENERS 64
#define MAX_FDS 65536
#define DRIBBLE_MS 1000

enum mode {
	MODE_ACCEPT,
	MODE_CLOSE,
	MODE_RESET,
	MODE_GARBAGE,
	MODE_ENDLESS,
	MODE_DRIBBLE,
	MODE_NAME,
	MODES,
};

static const char *const mode_names[MODES] = {
	[MODE_ACCEPT] = "accept",   [MODE_CLOSE] = "close",
	[MODE_RESET] = "reset",	    [MODE_GARBAGE] = "garbage",
	[MODE_ENDLESS] = "endless", [MODE_DRIBBLE] = "dribble",
	[MODE_NAME] = "name",
};

struct listener {
	enum mode mode;
	unsigned port;
	int fd;
	unsigned long taken;
};

static struct listener listeners[MAX_LISTENERS];
static unsigned nr_listeners;
/* By descriptor of a connection: whose it is, and what was said of a greeting. */
static struct listener *owner[MAX_FDS];
static unsigned said[MAX_FDS];
static int highest; /* descriptor of a dribbler */
static int epoll;

/* A greeting as MariaDB 10.11 sends it, salt and all. */
static const unsigned char greeting[] =
	"\x4a\x00\x00\x00\x0a"
	"10.11.6-MariaDB\0"
	"\x01\x00\x00\x00"
	"abcdefgh\0"
	"\xfe\xf7\x08\x02\x00\xff\x81\x15\0\0\0\0\0\0\x0d\0\0\0"
	"ijklmnopqrst\0"
	"mysql_native_password";

/* Several kinds of nonsense, in turn: text, a packet that claims 16 MB, an old
 * protocol version, a packet out of sequence, an error packet cut off. */
static const struct {
	const char *bytes;
	size_t length;
} nonsense[] = {
	{ "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", 47 },
	{ "\xff\xff\xff\x00\x0a", 5 },
	{ "\x05\x00\x00\x00\x09\x01\x02\x03\x04", 9 },
	{ "\x03\x00\x00\x7f\x0a\x35\x00", 7 },
	{ "\x20\x00\x00\x00\xff\x10\x04Too", 10 },
	{ "\x00\x00\x00\x00", 4 },
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void watch(int fd, unsigned events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll_ctl");
}

static void hang_up(int fd)
{
	owner[fd] = NULL;
	close(fd);
}

static void reset(int fd)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	hang_up(fd);
}

/* Returns false if nobody listens any more. */
static int say(int fd, const void *bytes, size_t length)
{
	ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);

	return sent >= 0 || errno == EAGAIN;
}

static void greet(struct listener *listener, int fd)
{
	unsigned turn =
		listener->taken % (sizeof(nonsense) / sizeof(*nonsense));

	switch (listener->mode) {
	case MODE_CLOSE:
		hang_up(fd);
		return;
	case MODE_RESET:
		reset(fd);
		return;
	case MODE_GARBAGE:
		say(fd, nonsense[turn].bytes, nonsense[turn].length);
		hang_up(fd);
		return;
	case MODE_ENDLESS:
		watch(fd, EPOLLIN | EPOLLOUT);
		return;
	case MODE_DRIBBLE:
		said[fd] = 0;
		if (fd > highest)
			highest = fd;
		watch(fd, EPOLLIN);
		return;
	case MODE_NAME:
	case MODE_ACCEPT:
	case MODES:
		watch(fd, EPOLLIN);
	}
}

static void take(struct listener *listener)
{
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (fd >= MAX_FDS) {
			close(fd);
			continue;
		}
		listener->taken++;
		owner[fd] = listener;
		greet(listener, fd);
	}
}

/* Returns false if nobody listens any more. */
static int tell_name(int fd, const char *lines, size_t length)
{
	static const char *name;
	char text[64];
	int size;

	if (!name)
		name = getenv("TOY_NAME") ? getenv("TOY_NAME") : "0";
	size = snprintf(text, sizeof(text), "%s\n", name);
	for (; length > 0; lines++, length--)
		if (*lines == '\n' && !say(fd, text, (size_t)size))
			return 0;
	return 1;
}

static void serve(int fd, unsigned events)
{
	static char noise[4096];
	char buffer[4096];
	ssize_t got;

	memset(noise, 'G', sizeof(noise));
	if (events & EPOLLOUT && !say(fd, noise, sizeof(noise))) {
		hang_up(fd);
		return;
	}
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
	if (got == 0 || (got < 0 && errno != EAGAIN) ||
	    (got > 0 && owner[fd]->mode == MODE_NAME &&
	     !tell_name(fd, buffer, (size_t)got)))
		hang_up(fd);
}

static void dribble(void)
{
	int fd;

	for (fd = 0; fd <= highest; fd++) {
		if (!owner[fd] || owner[fd]->mode != MODE_DRIBBLE)
			continue;
		if (said[fd] < sizeof(greeting) &&
		    !say(fd, greeting + said[fd]++, 1))
			hang_up(fd);
	}
}

static void report(void)
{
	unsigned i;

	for (i = 0; i < nr_listeners; i++)
		printf("%s %u %lu\n", mode_names[listeners[i].mode],
		       listeners[i].port, listeners[i].taken);
	fflush(stdout);
}

static void add_listener(const char *mode, const char *port)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6 };
	struct listener *listener = &listeners[nr_listeners];
	int yes = 1, no = 0;
	unsigned i;

	for (i = 0; i < MODES && strcmp(mode, mode_names[i]) != 0; i++)
		;
	if (i == MODES || nr_listeners == MAX_LISTENERS) {
		fprintf(stderr, "toyserver: no mode %s, or too many\n", mode);
		exit(2);
	}
	listener->mode = (enum mode)i;
	listener->port = (unsigned)atoi(port);
	sa.sin6_port = htons((uint16_t)listener->port);
	listener->fd =
		socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener->fd < 0)
		die("socket");
	setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	setsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
	if (bind(listener->fd, (void *)&sa, sizeof(sa)) < 0 ||
	    listen(listener->fd, 4096) < 0)
		die("listen");
	watch(listener->fd, EPOLLIN);
	nr_listeners++;
}

static struct listener *find_listener(int fd)
{
	unsigned i;

	for (i = 0; i < nr_listeners; i++)
		if (listeners[i].fd == fd)
			return &listeners[i];
	return NULL;
}

static int open_signals(void)
{
	sigset_t signals;
	int fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGUSR1);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	fd = signalfd(-1, &signals, SFD_CLOEXEC);
	if (fd < 0)
		die("signalfd");
	watch(fd, EPOLLIN);
	return fd;
}

static void handle_signal(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	report();
	if (info.ssi_signo != SIGUSR1)
		exit(0);
}

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int has_dribblers(void)
{
	unsigned i;

	for (i = 0; i < nr_listeners; i++)
		if (listeners[i].mode == MODE_DRIBBLE)
			return 1;
	return 0;
}

static void run(int signals)
{
	struct epoll_event events[256];
	long next = now_ms() + DRIBBLE_MS, wait = -1;
	int dribblers = has_dribblers(), i, n;

	for (;;) {
		if (dribblers) {
			wait = next - now_ms();
			if (wait <= 0) {
				dribble();
				next += DRIBBLE_MS;
				wait = 0;
			}
		}
		n = epoll_wait(epoll, events, 256, (int)wait);
		for (i = 0; i < n; i++) {
			int fd = events[i].data.fd;
			struct listener *listener = find_listener(fd);

			if (fd == signals)
				handle_signal(fd);
			else if (listener)
				take(listener);
			else if (owner[fd])
				serve(fd, events[i].events);
		}
	}
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	int signals, i;

	if (argc < 3 || argc % 2 == 0) {
		fputs("usage: toyserver MODE PORT [MODE PORT]...\n", stderr);
		return 2;
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		die("epoll_create1");
	signals = open_signals();
	for (i = 1; i < argc; i += 2)
		add_listener(argv[i], argv[i + 1]);
	puts("ready");
	fflush(stdout);
	run(signals);
}
